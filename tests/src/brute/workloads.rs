//! Every run of the project's own workloads: those of `workloads/abi` and `workloads/bugs`, in every built-in epoch of every port
//! that they are for; and chosen ones under every deviation from correct code.

use rcsim_diag::Source;
use rcsim_go::deviation::Deviation;
use rcsim_go::run::{CodeChoice, Request};
use rcsim_uop::{Epoch, Port};
use rcsim_workloads::{Call, Workload};

use super::{Tally, compare};
use crate::oracle::workspace_root;
use crate::proof::{all_workloads, is_built_in};

/// One run, without its workload.
#[derive(Clone, Copy)]
struct Run {
    workload: usize,
    port: &'static dyn Port,
    epoch: Epoch,
    deviations: &'static [Deviation],
}

/// Runs, and their workloads.
pub struct Runs {
    workloads: Vec<Workload>,
    runs: Vec<Run>,
}

impl Runs {
    /// All workloads as they are.
    ///
    /// # Panics
    /// When a workload of the project cannot be read.
    #[must_use]
    pub fn of_workloads() -> Self {
        let mut workloads = all_workloads();
        workloads.extend(bugs());
        let runs = runs(&workloads).collect();
        Self { workloads, runs }
    }

    /// Workloads with many pointers, one of each kind of call, under every deviation.
    ///
    /// # Panics
    /// When a workload of the project cannot be read.
    #[must_use]
    pub fn of_deviations() -> Self {
        let workloads: Vec<Workload> = all_workloads().into_iter().filter(is_chosen).collect();
        let each = Deviation::ALL.chunks(1);
        let deviating = |run: Run| each.clone().map(move |deviations| Run { deviations, ..run });
        let runs = runs(&workloads).flat_map(deviating).collect();
        Self { workloads, runs }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.runs.len()
    }

    /// What is to be run, and a name for it.
    #[must_use]
    pub fn request(&self, n: usize) -> (String, Request<'_>) {
        let Run { workload, port, epoch, deviations } = self.runs[n];
        let workload = &self.workloads[workload];
        let names: Vec<&str> = deviations.iter().map(|deviation| deviation.name()).collect();
        let place = format!("{}, {}, {epoch} {}", workload.name.value, port.goarch(), names.join(" "));
        let (code, features) = (CodeChoice::BuiltIn, &[][..]);
        let request = Request { features, deviations, ..Request::new(workload, port, epoch, code) };
        (place, request)
    }

    /// Compare one.
    ///
    /// # Errors
    /// What was run, and the first difference.
    pub fn compare(&self, n: usize) -> Result<Tally, String> {
        let (place, request) = self.request(n);
        compare(&request).map_err(|what| format!("{}: {what}", place.trim_end()))
    }
}

/// The most that a workload may reserve to be compared.
const MAX_RESERVED_BYTES: u32 = 1 << 20;

fn runs(workloads: &[Workload]) -> impl Iterator<Item = Run> {
    let ports = rcsim_isa::ports().into_iter();
    let epochs = |port: &'static dyn Port| {
        Epoch::ALL.into_iter().filter(move |epoch| is_built_in(port, *epoch)).map(move |epoch| (port, epoch))
    };
    ports.flat_map(epochs).flat_map(|(port, epoch)| {
        let all = workloads.iter().enumerate();
        // Brute force overwrites all vacant memory at every point: what a larger stack leaves vacant tells nothing more.
        let small =
            |workload: &Workload| workload.reserve_bytes.is_none_or(|bytes| bytes <= MAX_RESERVED_BYTES);
        let of_both =
            all.filter(move |(_, workload)| workload.applies(port.goarch(), epoch.name()) && small(workload));
        of_both.map(move |(workload, _)| Run { workload, port, epoch, deviations: &[] })
    })
}

/// The workloads that state a bug.
fn bugs() -> Vec<Workload> {
    let folder = workspace_root().join("workloads").join("bugs");
    let entries = std::fs::read_dir(folder).expect("the folder of the bugs");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).expect("a workload");
        let source = Source::new(path.display().to_string(), text);
        Workload::parse(&source).expect("the workloads of the project are right")
    };
    paths.iter().map(read).collect()
}

/// Few workloads with many pointers, of each kind of call.
fn is_chosen(workload: &Workload) -> bool {
    let name = &workload.name.value;
    matches!(workload.call, Call::ValueCall | Call::MakeFunc | Call::MethodValue(_))
        && name.contains("pointers in registers and on the stack")
}
