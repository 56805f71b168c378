//! From what the simulator says about a run to the record of it.

use rcsim_diag::{Class, Colour, Diagnostic, Diagnostics, Span};
use rcsim_go::failure::Failure;
use rcsim_go::run::{CalleeUsed, End, Report};
use rcsim_reports::records;
use rcsim_workloads::gotype::reflect_text;
use rcsim_workloads::{Call, RuntimeCaller};

use super::execute::Place;
use super::found::Checked;
use super::matrix::Combination;

/// The record of a run.
pub fn run(
    combination: &Combination<'_>,
    cpu_features: &[String],
    place: &Place,
    verdict: records::Verdict,
    execution: Option<records::Execution>,
    diagnostics: &Diagnostics,
) -> records::Run {
    let workload = &combination.file.workload;
    records::Run {
        workload: records::Workload {
            path: combination.file.path.clone(),
            name: workload.name.value.clone(),
            call: workload.call.word().to_owned(),
            func: reflect_text(workload.space.types(), workload.func),
        },
        arch: combination.port.goarch().to_owned(),
        epoch: combination.epoch.to_string(),
        cpu_features: cpu_features.to_vec(),
        code: code(combination),
        verdict,
        execution,
        timeline: None,
        timing: Vec::new(),
        diagnostics: self::diagnostics(combination, diagnostics),
        replay: place.replay.clone(),
    }
}

/// What is written down about what was said.
pub fn diagnostics(combination: &Combination<'_>, all: &Diagnostics) -> Vec<records::Diagnostic> {
    let func = &combination.file.workload.func_span;
    all.iter().map(|one| diagnostic(one, func)).collect()
}

fn code(combination: &Combination<'_>) -> records::Code {
    match combination.image {
        None => records::Code::BuiltIn { epoch: combination.epoch.to_string() },
        Some(image) => records::Code::File {
            path: image.path.clone(),
            sha256: image.sha256.clone(),
            go: image.go.clone(),
        },
    }
}

/// What ran.
pub fn execution(call: &Call, report: &Report, checked: &Checked) -> records::Execution {
    let (frame_bytes, ret_offset_bytes, spill_bytes) = report.frame;
    let (instructions, micro_ops) = report.lifted;
    let phases = report.phases.iter().map(|(phase, count)| records::Phase {
        name: phase.name().to_owned(),
        instructions: count.instructions,
        bytes_read: count.bytes_read,
        bytes_written: count.bytes_written,
    });
    records::Execution {
        end: end(&report.end),
        expected: report.expected.clone(),
        trampolines: report.trampolines.clone(),
        frame: records::Frame { frame_bytes, ret_offset_bytes, spill_bytes },
        callee: match &report.callee {
            CalleeUsed::Service => records::Callee::Service,
            CalleeUsed::Image(symbol) => records::Callee::Image { symbol: symbol.clone() },
        },
        services: services(call, report),
        service_steps: report.service_steps,
        phases: phases.collect(),
        instructions: report.instructions,
        lifted: records::Lifted { instructions, micro_ops },
        stack_moves: report.stack_moves,
        objects: report.objects,
        gc_points: checked.points,
        gc_really: checked.really.clone(),
        steps_between: checked.steps.clone(),
    }
}

/// What rcsim performed itself: the function of `reflect` that the workload calls, and the services that the code called.
fn services(call: &Call, report: &Report) -> Vec<String> {
    let first = match call {
        Call::ValueCall | Call::MethodCall(_) => Some("reflect.Value.call"),
        Call::MakeFunc => Some("reflect.MakeFunc"),
        Call::MethodValue(_) => Some("reflect.makeMethodValue"),
        Call::Runtime(caller) => Some(match caller {
            RuntimeCaller::Finalizer => "runtime.runfinq",
            RuntimeCaller::Defer => "runtime.Goexit",
            RuntimeCaller::CgoCallback => "runtime.cgocallbackg1",
        }),
        Call::Reflectcall(_) => None,
    };
    let called = report.services.iter().map(|service| service.name());
    first.into_iter().chain(called).map(str::to_owned).collect()
}

fn end(end: &End) -> records::End {
    match end {
        End::Returned(results) => records::End::Returned { results: results.clone() },
        End::Failed(Failure::Panic { text }) => records::End::Panicked { text: text.clone() },
        End::Failed(failure) => records::End::Stopped { why: failure.to_string() },
    }
}

fn diagnostic(diagnostic: &Diagnostic, func: &Span) -> records::Diagnostic {
    let class = match diagnostic.class() {
        Class::Finding => "finding",
        Class::Input => "input",
        Class::Unsupported => "unsupported",
        Class::Bug => "bug",
    };
    let primary = diagnostic.labels().iter().find(|label| label.primary);
    let notes = diagnostic.notes().iter().map(|note| match &note.at {
        Some(at) => format!("{} ({at})", note.text),
        None => note.text.clone(),
    });
    records::Diagnostic {
        class: class.to_owned(),
        code: diagnostic.code().map(|code| code.to_string()),
        message: diagnostic.message().to_owned(),
        place: primary.map(|label| label.span.to_string()).or_else(|| diagnostic.place().map(str::to_owned)),
        notes: notes.collect(),
        whose: diagnostic.whose().map(ToString::to_string),
        help: diagnostic.help().to_vec(),
        text: diagnostic.render(Colour::Never),
        replay: diagnostic.replay().map(str::to_owned),
        location: Some(location(primary.map_or(func, |label| &label.span))),
        code_line: diagnostic.code_line().map(|line| records::Location {
            file: line.file.clone(),
            line: line.line as usize,
            column: None,
        }),
    }
}

fn location(span: &Span) -> records::Location {
    let start = span.start();
    let file = span.source().name().to_owned();
    records::Location { file, line: start.line, column: Some(start.column) }
}
