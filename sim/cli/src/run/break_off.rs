//! Runs that break off: how and where one did, and whether its workload expects it.
//!
//! A workload whose defect ends every call says so under `breaks-off`, so that the end itself is what is compared.

use rcsim_diag::{Class, Diagnostic, Severity};
use rcsim_go::failure::{Failure, Limit};
use rcsim_go::run::End;
use rcsim_workloads::{BreakKind, ExpectedBreak};

use super::execute::Place;

/// How a run broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrokeOff<'r> {
    kind: BreakKind,
    /// A function with the offset of an instruction, or a step; nothing when the run has no end.
    at: &'r str,
}

impl<'r> BrokeOff<'r> {
    /// Nothing when the call came back, panicked, or could not be followed by rcsim itself.
    pub fn of(end: &'r End) -> Option<Self> {
        let End::Failed(failure) = end else { return None };
        let (kind, at) = match failure {
            Failure::Trap { place, .. } => (BreakKind::Trap, place.as_str()),
            Failure::Service { action, .. } => (BreakKind::Service, action.as_str()),
            Failure::Unbalanced { function, .. } => (BreakKind::Unbalanced, function.as_str()),
            Failure::CannotUnwind { function, .. } => (BreakKind::Unwind, function.as_str()),
            Failure::Limit(Limit::Steps(_)) => (BreakKind::Endless, ""),
            Failure::Panic { .. }
            | Failure::WrongReceiver { .. }
            | Failure::Limit(Limit::Depth(_) | Limit::Stack(_) | Limit::Heap(_))
            | Failure::Unsupported { .. } => return None,
        };
        Some(Self { kind, at })
    }

    /// Whether it is what was expected. A place without an offset means the whole function, one without a step the whole
    /// service.
    pub fn is(self, expected: &ExpectedBreak) -> bool {
        let within = |rest: &str| rest.is_empty() || rest.starts_with("+0x") || rest.starts_with(": ");
        let is_there = |at: &str| self.at.strip_prefix(at).is_some_and(within);
        self.kind == expected.kind.value && expected.at.as_ref().is_none_or(|at| is_there(&at.value))
    }

    fn words(self) -> String {
        words(self.kind, (!self.at.is_empty()).then_some(self.at))
    }
}

/// What is said when a run does not break off as it should.
pub fn missed(expected: &ExpectedBreak, end: &End, place: &Place) -> Diagnostic {
    let message = "the run does not break off as expected";
    let error = Diagnostic::new(Severity::Error, Class::Finding, message);
    let at = expected.at.as_ref().map(|at| at.value.as_str());
    let found = match (BrokeOff::of(end), end) {
        (Some(broke_off), _) => broke_off.words(),
        (None, End::Returned(_)) => "the call returns".to_owned(),
        (None, End::Failed(failure)) => failure.to_string(),
    };
    error
        .with_primary(&expected.kind.span, "expected here")
        .with_note(format!("expected: {}", words(expected.kind.value, at)))
        .with_note(format!("found:    {found}"))
        .with_replay(&*place.replay)
}

fn words(kind: BreakKind, at: Option<&str>) -> String {
    match at {
        Some(at) => format!("{}, in {at}", kind.words()),
        None => kind.words().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use rcsim_diag::{Located, Source, Span};
    use rcsim_go::failure::{Failure, Limit};
    use rcsim_go::run::End;
    use rcsim_workloads::{BreakKind, ExpectedBreak};

    use super::BrokeOff;

    fn expected(kind: BreakKind, at: Option<&str>) -> ExpectedBreak {
        let span = || Span::new(&Source::new("w.toml", ""), 0..0);
        let at = at.map(|at| Located::new(at.to_owned(), span()));
        ExpectedBreak { kind: Located::new(kind, span()), at, epochs: None, archs: None }
    }

    fn unbalanced(function: &str) -> End {
        End::Failed(Failure::Unbalanced { function: function.to_owned(), before: 8, after: 16 })
    }

    #[test]
    fn a_place_is_a_whole_function_or_one_instruction() {
        let is = |found: &str, at: &str| {
            let end = unbalanced(found);
            let broke_off = BrokeOff::of(&end).expect("it breaks off");
            broke_off.is(&expected(BreakKind::Unbalanced, Some(at)))
        };
        assert!(is("runtime.call16+0x4", "runtime.call16+0x4"));
        assert!(is("runtime.call16+0x4", "runtime.call16"));
        assert!(!is("runtime.call16+0x40", "runtime.call16+0x4"));
        assert!(!is("runtime.call16384+0x4", "runtime.call16"));
        assert!(is("reflect.callReflect: make a value", "reflect.callReflect"));
    }

    #[test]
    fn the_kind_is_compared() {
        let end = unbalanced("f");
        let broke_off = BrokeOff::of(&end).expect("it breaks off");
        assert!(!broke_off.is(&expected(BreakKind::Trap, Some("f"))));
        let endless = End::Failed(Failure::Limit(Limit::Steps(9)));
        assert!(BrokeOff::of(&endless).is_some_and(|one| one.is(&expected(BreakKind::Endless, None))));
        assert_eq!(BrokeOff::of(&End::Returned(String::new())), None);
    }
}
