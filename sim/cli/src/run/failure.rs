//! Runs that could not start, and runs that stopped: whose fault it is, and what can be done.

use rcsim_diag::{Class, Diagnostic, Diagnostics, Severity, nearest};
use rcsim_gc::Rule;
use rcsim_go::failure::{Failure, Limit};
use rcsim_go::run::RunError;
use rcsim_machine::TrapKind;
use rcsim_uop::LiftError;
use rcsim_uop::port::{BuildError, SetupError};
use rcsim_workloads::Workload;
use rcsim_workloads::gotype::reflect_text;
use rcsim_workloads::layout::{LayoutError, MAX_POINTER_WORDS};

use super::execute::Place;
use super::matrix::Combination;
use crate::findings;
use crate::image_file::wrong_image;

/// A run that could not start.
pub fn not_started(combination: &Combination<'_>, error: RunError, place: &Place) -> Diagnostics {
    let workload = &combination.file.workload;
    let diagnostic = match error {
        RunError::Workload(diagnostics) => return diagnostics,
        RunError::Build(error) => build(&error).with_place(&*place.text),
        RunError::Image(error) => {
            let path = combination.image.map_or(place.text.as_str(), |image| &image.path);
            wrong_image(path, &error)
        }
        RunError::Setup(error) => setup(&error).with_place(&*place.text),
        RunError::Layout(error) => layout(workload, error),
        RunError::NoSymbol { symbol, similar } => no_symbol(combination, &symbol, &similar),
        RunError::World(failure) => stopped(&failure).with_place(&*place.text),
    };
    diagnostic.into()
}

fn build(error: &BuildError) -> Diagnostic {
    let diagnostic = match error {
        BuildError::NoSuchEpoch { .. } => Diagnostic::input(error.to_string()),
        BuildError::Assembly { .. } => Diagnostic::unsupported(error.to_string()),
    };
    diagnostic.with_help("`rcsim list archs` shows which epochs there are")
}

fn setup(error: &SetupError) -> Diagnostic {
    let help = match error {
        SetupError::UnknownFeature(_) => "`rcsim list features` shows what there is",
        SetupError::Program(_) => "build the file again; it is damaged or was edited",
    };
    Diagnostic::input(error.to_string()).with_help(help)
}

fn layout(workload: &Workload, error: LayoutError) -> Diagnostic {
    let name = |id| reflect_text(workload.space.types(), id);
    match error {
        LayoutError::TooLarge(id) => Diagnostic::input(format!("{} has 4 GiB or more", name(id)))
            .with_primary(&workload.func_span, "such a frame cannot be passed: its size is a uint32")
            .with_help("use smaller arrays, or pass a pointer"),
        LayoutError::TooManyPointers(id) => {
            let message = format!("{} has pointers beyond its first {MAX_POINTER_WORDS} words", name(id));
            Diagnostic::unsupported(message)
                .with_primary(&workload.func_span, "its pointer map would be too large")
                .with_help("use smaller arrays, or put the pointers first")
        }
    }
}

fn no_symbol(combination: &Combination<'_>, symbol: &str, similar: &[String]) -> Diagnostic {
    let path = combination.image.map_or("the built-in image", |image| &image.path);
    let error = Diagnostic::input(format!("unknown symbol `{symbol}`"));
    let error = match &combination.file.workload.symbol {
        Some(symbol) => error.with_primary(&symbol.span, format!("no function of {path}")),
        None => error.with_place(path),
    };
    let functions = combination.image.map(|image| image.image.functions().flatten());
    let near = nearest(symbol, functions.into_iter().flatten().map(|function| function.name()));
    match (near, similar) {
        (Some(near), _) => error.with_help(format!("did you mean `{near}`?")),
        (None, []) => error.with_help(format!("`rcsim disasm --image {path}` lists its functions")),
        (None, _) => error.with_help(format!("similar names: {}", similar.join(", "))),
    }
}

/// A run that ended other than by returning or panicking.
pub fn stopped(failure: &Failure) -> Diagnostic {
    let message = failure.to_string();
    let found = |message| Diagnostic::new(Severity::Error, Class::Finding, message);
    match failure {
        Failure::Trap { trap, text, .. } => {
            let diagnostic = match trap.kind {
                TrapKind::Lift(LiftError::Malformed { .. }) => Diagnostic::bug(message),
                _ => found(message),
            };
            let line = format!("{:#x}  {}", trap.pc, text.as_deref().unwrap_or("(no instruction)"));
            diagnostic.with_line(line, "stopped here")
        }
        Failure::CannotUnwind { .. } => Diagnostic::finding(findings::code(Rule::CannotUnwind), message),
        Failure::WrongReceiver { .. } => Diagnostic::finding(findings::code(Rule::WrongValue), message),
        Failure::Panic { .. } | Failure::Service { .. } | Failure::Unbalanced { .. } => found(message),
        Failure::Limit(limit) => limit_reached(*limit, message),
        Failure::Unsupported { what } => Diagnostic::unsupported(what.as_str())
            .with_help("rcsim does not have this yet; the call ran up to here"),
    }
}

fn limit_reached(limit: Limit, message: String) -> Diagnostic {
    match limit {
        Limit::Steps(_) => Diagnostic::new(Severity::Error, Class::Finding, message)
            .with_help("if the run is long rather than endless, set `steps` under [limits] in the workload"),
        Limit::Depth(_) => Diagnostic::input(message).with_help("let the callee call back less deeply"),
        Limit::Stack(_) => Diagnostic::input(message)
            .with_help("the callee recurses without end, or asks for more stack than Go allows"),
        Limit::Heap(_) => Diagnostic::input(message).with_help("let the callee allocate less"),
    }
}
