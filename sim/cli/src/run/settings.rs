//! What to run, validated.

use std::path::PathBuf;
use std::sync::Arc;

use rcsim_diag::Diagnostics;
use rcsim_gc::barrier::Schedule;
use rcsim_timing::Core;
use rcsim_uop::Epoch;

use super::trace::Target;
use crate::args::{Format, RunArgs};
use crate::cores;
use crate::image_file::{self, ImageFile};
use crate::selection::{self, Arch, Choice};
use crate::workload_files::{self, WorkloadFile};

/// Everything that `rcsim run` was told.
#[derive(Default)]
pub struct Settings {
    /// The workloads in order.
    pub workloads: Vec<WorkloadFile>,
    /// The architectures that were chosen.
    pub archs: Choice<&'static str>,
    /// The ports that this means for built-in code.
    pub ports: Vec<Arch>,
    /// The epochs that were chosen.
    pub epochs: Choice<Epoch>,
    /// The programs; when there are none the built-in code runs.
    pub images: Vec<ImageFile>,
    /// CPU features beyond the baseline.
    pub cpu_features: Vec<String>,
    /// The cores that cycles are counted on.
    pub cores: Vec<Arc<Core>>,
    /// How often a call is made on each.
    pub repeat: u32,
    /// What the collector does at points.
    pub collector: Collector,
    /// Whether to record what happens, moment by moment.
    pub timeline: bool,
    /// Where to write what happens in the core.
    pub trace: Option<Target>,
    /// How to print.
    pub format: Format,
    /// Whether to print whole reports only.
    pub full: bool,
    /// Where to write results.
    pub out: Option<PathBuf>,
}

/// What the collector does at the points where it may stop the goroutine.
#[derive(Clone, Debug, Default)]
pub struct Collector {
    /// Really collect at this one; otherwise all of them are judged.
    pub collect_at: Option<u32>,
    /// Really move the stack at this one.
    pub move_at: Option<u32>,
    /// Really mark beside the program by this schedule.
    pub mark: Option<Schedule>,
    /// Really move the stack at each.
    pub move_stacks: bool,
}

impl Settings {
    /// Validates what was typed. Everything that is named is read here, before anything runs.
    ///
    /// # Errors
    /// All mistakes at once.
    pub fn new(args: RunArgs) -> Result<Self, Diagnostics> {
        let mut errors = Diagnostics::new();
        let cores = errors.absorb(cores::select(&args.cores)).unwrap_or_default();
        let arch_words = match &args.archs[..] {
            [] if args.images.is_empty() => cores::implied_archs(&args.cores, &cores),
            _ => args.archs,
        };
        let archs = errors.absorb(selection::archs(&arch_words)).unwrap_or(Choice::Default);
        let epochs = errors.absorb(selection::epochs(&args.epochs)).unwrap_or(Choice::Default);
        let opened = args.images.iter().map(|path| ImageFile::open(path));
        let images: Vec<ImageFile> = opened.filter_map(|image| errors.absorb(image)).collect();
        for image in &images {
            errors.absorb(image_file::check_against(image, &archs, &epochs));
        }
        let ports = match &args.images[..] {
            [] => selection::ports(&archs),
            _ => images.iter().map(|image| image.port).collect(),
        };
        let names: Vec<&str> = ports.iter().map(|port| port.goarch()).collect();
        // Who asks for all cores asks for those that fit.
        if !args.cores.iter().any(|core| core == selection::ALL) {
            errors.absorb(cores::check_archs(&cores, &names));
        }
        errors.absorb(selection::check_features(&args.cpu_features, &ports));
        let trace = args.trace.map(|path| Target::new(path, args.trace_format)).transpose();
        let trace = errors.absorb(trace).flatten();
        let workloads = errors.absorb(workload_files::read_all(&args.workloads)).unwrap_or_default();
        errors.into_result(Self {
            workloads,
            archs,
            ports,
            epochs,
            images,
            cpu_features: args.cpu_features,
            cores,
            repeat: args.repeat,
            collector: Collector {
                collect_at: args.gc_at,
                move_at: args.move_at,
                mark: args.mark,
                move_stacks: args.move_stacks,
            },
            timeline: args.timeline,
            trace,
            format: args.format,
            full: args.full,
            out: args.out,
        })
    }
}
