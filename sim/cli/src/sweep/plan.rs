//! The points of a sweep: what is run for each, in which order, and under which number.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcsim_diag::{Diagnostics, Source};
use rcsim_reports::records::Tool;
use rcsim_reports::sweep::{GcPolicy, Header, Point, SCHEMA, SCHEMA_VERSION};
use rcsim_timing::Core;
use rcsim_workloads::gotype::reflect_text;
use rcsim_workloads::{Barrier, Call, Points, Workload};
use sha2::{Digest, Sha256};

use super::spec::{CallWord, Policy, Signature, Sweep};
use crate::cores;
use crate::run::{Collector, Combination, Settings, lay_out};
use crate::selection::{self, ALL, Choice};
use crate::workload_files::{self, WorkloadFile};

/// One run to be, with its place in the matrix.
pub struct Planned<'m> {
    /// From 0.
    pub number: u32,
    /// The place.
    pub point: Point,
    /// The run.
    pub combination: Combination<'m>,
    /// How it is made.
    pub settings: &'m Settings,
}

/// All points in order.
pub struct Plan<'m> {
    /// What the results begin with.
    pub header: Header,
    /// The points.
    pub points: Vec<Planned<'m>>,
    /// Combinations that there are not.
    pub skipped: usize,
}

/// What is run under each GC policy.
///
/// # Errors
/// Every mistake in signatures and workloads.
pub fn matrices(sweep: &Sweep, path: &Path) -> Result<Vec<Settings>, Diagnostics> {
    selection::check_features(&sweep.spec.cpu_features, &sweep.ports)?;
    let policies: Vec<Option<Policy>> = match &sweep.spec.gc[..] {
        [] => vec![None],
        policies => policies.iter().copied().map(Some).collect(),
    };
    let cores = cores(sweep, path)?;
    let of_policy = |policy| {
        let settings = settings(sweep, policy, workloads(sweep, path)?);
        Ok(Settings { cores: cores.clone(), repeat: sweep.spec.repeat, ..settings })
    };
    policies.into_iter().map(of_policy).collect()
}

fn cores(sweep: &Sweep, path: &Path) -> Result<Vec<Arc<Core>>, Diagnostics> {
    if sweep.spec.cores.iter().any(|core| core == ALL) {
        let fits = |core: &Core| sweep.ports.iter().any(|port| cores::fits(core, port.goarch()));
        return Ok(cores::built_in()?.into_iter().filter(fits).map(Arc::new).collect());
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let beside = |word: &String| match word.ends_with(".toml") {
        true => folder.join(word).display().to_string(),
        false => word.clone(),
    };
    let chosen = cores::select(&sweep.spec.cores.iter().map(beside).collect::<Vec<_>>())?;
    let archs: Vec<&str> = sweep.ports.iter().map(|port| port.goarch()).collect();
    cores::check_archs(&chosen, &archs)?;
    Ok(chosen)
}

fn settings(sweep: &Sweep, policy: Option<Policy>, mut workloads: Vec<WorkloadFile>) -> Settings {
    if let Some(policy) = policy {
        for file in &mut workloads {
            file.workload.gc = policy.gc();
        }
    }
    Settings {
        workloads,
        // Nothing of a matrix is asked for by name: a combination that there is not is left out.
        archs: Choice::All,
        ports: sweep.ports.clone(),
        epochs: Choice::Named(sweep.epochs.clone()),
        cpu_features: sweep.spec.cpu_features.clone(),
        collector: Collector {
            move_stacks: policy.is_some_and(|policy| policy.move_stacks),
            ..Collector::default()
        },
        ..Settings::default()
    }
}

/// Everything that is called: bare frames, then signatures, then files.
fn workloads(sweep: &Sweep, path: &Path) -> Result<Vec<WorkloadFile>, Diagnostics> {
    let spec = &sweep.spec;
    let mut errors = Diagnostics::new();
    let frames = spec.frame_bytes.iter().map(|bytes| frame(*bytes.as_ref()));
    let mut made: Vec<WorkloadFile> = frames.filter_map(|made| errors.absorb(made)).collect();
    for (index, signature) in spec.signatures.iter().enumerate() {
        let calls = spec.calls.iter().map(|call| called(path, index, signature, *call));
        made.extend(calls.filter_map(|made| errors.absorb(made)));
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let files: Vec<PathBuf> = spec.workloads.iter().map(|file| folder.join(file)).collect();
    made.extend(errors.absorb(workload_files::read_all(&files)).unwrap_or_default());
    for file in &mut made {
        file.named = false;
    }
    errors.into_result(made)
}

fn frame(bytes: u32) -> Result<WorkloadFile, Diagnostics> {
    let name = format!("reflectcall, {bytes} bytes");
    // Copying byte by byte, both ways, takes a quarter of it. A trampoline that never ends must not hold up the others.
    let steps = 100_000 + 64 * u64::from(bytes);
    let text = format!(
        "name = \"{name}\"\ncall = \"reflectcall\"\nframe-bytes = {bytes}\nret-offset = {}\ncallee = \"return-args\"\n\
         [limits]\nsteps = {steps}\n",
        bytes / 2
    );
    made(&name, &name, &text)
}

/// `path` is where the sweep was read, for messages.
fn called(
    path: &Path,
    index: usize,
    signature: &Signature,
    call: CallWord,
) -> Result<WorkloadFile, Diagnostics> {
    let Signature { func, types, callee } = signature;
    let name = format!("{}, {func}", call.word());
    let mut text = String::new();
    let lines = [("name", name.as_str()), ("call", call.word()), ("func", func), ("callee", callee)];
    for (key, value) in lines.into_iter().chain((!types.is_empty()).then_some(("types", types.as_str()))) {
        let _ = writeln!(text, "{key} = {}", toml::Value::from(value));
    }
    made(&format!("{}, signature {}", path.display(), index + 1), &name, &text)
}

/// A workload that is in no file.
fn made(place: &str, name: &str, text: &str) -> Result<WorkloadFile, Diagnostics> {
    let workload = Workload::parse(&Source::new(place, text))?;
    Ok(WorkloadFile { path: name.to_owned(), named: false, workload, defects: Arc::default() })
}

impl<'m> Plan<'m> {
    /// Numbers all points.
    ///
    /// # Errors
    /// When there is none.
    pub fn lay_out(sweep: &Sweep, matrices: &'m [Settings]) -> Result<Self, Diagnostics> {
        let mut points = Vec::new();
        let mut skipped = 0;
        let mut digest = Sha256::new();
        for settings in matrices {
            digest.update(format!("{:?}\n{}\n", settings.cores, settings.repeat));
            let matrix = lay_out(settings)?;
            skipped += matrix.skipped.len();
            for combination in matrix.runs {
                let point = point(&combination, settings);
                let defects = combination.file.defects.list();
                let source = combination.file.workload.source.text();
                digest.update(format!("{point:?}\n{source}\n{defects:?}\n"));
                let number = u32::try_from(points.len()).expect("each point takes memory, more than a byte");
                points.push(Planned { number, point, combination, settings });
            }
        }
        let header = Header {
            schema: SCHEMA.to_owned(),
            schema_version: SCHEMA_VERSION,
            tool: Tool { name: "rcsim".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            name: sweep.spec.name.clone(),
            matrix_sha256: digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
            points: u32::try_from(points.len()).expect("as above"),
        };
        Ok(Self { header, points, skipped })
    }
}

fn point(combination: &Combination<'_>, settings: &Settings) -> Point {
    let workload = &combination.file.workload;
    let barrier = match workload.gc.barrier {
        Barrier::Epoch => "epoch",
        Barrier::None => "none",
        Barrier::Dijkstra => "dijkstra",
        Barrier::Hybrid => "hybrid",
    };
    let points = match workload.gc.points {
        Points::Go => "go",
        Points::Every => "every",
        Points::None => "none",
    };
    let frame_bytes = match &workload.call {
        Call::Reflectcall(frame) => Some(u64::from(frame.frame_bytes)),
        Call::ValueCall | Call::MakeFunc | Call::MethodValue(_) | Call::MethodCall(_) | Call::Runtime(_) => {
            None
        }
    };
    Point {
        arch: combination.port.goarch().to_owned(),
        epoch: combination.epoch.to_string(),
        workload: combination.file.path.clone(),
        call: workload.call.word().to_owned(),
        signature: reflect_text(workload.space.types(), workload.func),
        frame_bytes,
        gc: GcPolicy {
            barrier: barrier.to_owned(),
            points: points.to_owned(),
            move_stacks: settings.collector.move_stacks,
        },
        cpu_features: settings.cpu_features.clone(),
    }
}
