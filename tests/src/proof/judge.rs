//! One run of rcsim on a real program's code, and what is wrong with it.

use rcsim_go::failure::Failure;
use rcsim_go::places::Arrangement;
use rcsim_go::run::{CalleeUsed, CodeChoice, End, Report, Request, RunError, run_arranged};
use rcsim_uop::Epoch;
use rcsim_workloads::{Call, ExpectedText, Workload};

use super::GoProgram;

/// What became of a run.
pub struct Judgement {
    name: String,
    make_func: bool,
    compiled_caller: bool,
    outcome: Result<Report, RunError>,
}

/// The run of a workload on the program's own code.
///
/// # Panics
/// When the toolchain has no epoch: toolchains are named as epochs are.
pub(super) fn request<'a>(program: &'a GoProgram, workload: &'a Workload) -> Request<'a> {
    let epoch = Epoch::by_name(program.toolchain().release()).expect("toolchains are named as epochs are");
    Request::new(workload, program.port(), epoch, CodeChoice::File(program.file()))
}

/// Runs a workload on the program's own code.
pub fn judge(program: &GoProgram, workload: &Workload) -> Judgement {
    judge_arranged(program, workload, Arrangement::default())
}

/// Runs a workload on the program's own code, with heap and stacks on these sides of each other.
pub fn judge_arranged(program: &GoProgram, workload: &Workload, arrangement: Arrangement) -> Judgement {
    Judgement {
        name: workload.name.value.clone(),
        // Calls whose callee is not compiled code.
        make_func: matches!(workload.call, Call::MakeFunc | Call::Runtime(_)) || workload.returned.is_some(),
        compiled_caller: matches!(workload.call, Call::MakeFunc | Call::MethodValue(_)),
        outcome: run_arranged(&request(program, workload), arrangement),
    }
}

impl Judgement {
    /// The report, if the run could start.
    pub fn report(&self) -> Option<&Report> {
        self.outcome.as_ref().ok()
    }

    /// What is wrong when `line` is right: another end, or code that should have run and did not.
    pub fn difference(&self, line: &str) -> Option<String> {
        let report = match &self.outcome {
            Ok(report) => report,
            Err(error) => return Some(format!("does not start: {error:?}")),
        };
        let ours = format!("{}\t{}", self.name, end_line(&report.end));
        if ours != line {
            return Some(format!("rcsim and Go differ\n  rcsim: {ours}\n     Go: {line}"));
        }
        if !report.passed {
            return Some(format!("the workload expects otherwise: {}", report.expected));
        }
        self.other_code(report)
    }

    /// Code of the program that was to run and did not.
    fn other_code(&self, report: &Report) -> Option<String> {
        if !self.make_func && !matches!(report.callee, CalleeUsed::Image(_)) {
            return Some("the compiled callee was not called".to_owned());
        }
        if self.compiled_caller && !matches!(report.caller, CalleeUsed::Image(_)) {
            return Some("the compiled caller did not call".to_owned());
        }
        None
    }
}

/// The line of an end, as the Go program prints it.
fn end_line(end: &End) -> String {
    match end {
        End::Returned(text) => text.clone(),
        End::Failed(Failure::Panic { text }) => ExpectedText::Panic(text.clone()).line(),
        End::Failed(failure) => format!("failed: {failure}"),
    }
}
