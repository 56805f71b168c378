//! The findings that this version looks for.

use rcsim_diag::Code;
use rcsim_gc::Rule;

/// Every rule that is in force, by code.
pub const LOOKED_FOR: &[Rule] = &[
    Rule::MissingBarrier,
    Rule::LateBarrier,
    Rule::MisplacedBarrier,
    Rule::WrongBarrierRange,
    Rule::HiddenPointer,
    Rule::StaleRoot,
    Rule::MissedStackPointer,
    Rule::WrongPointerMap,
    Rule::PastTheEnd,
    Rule::FalseRetention,
    Rule::WrongValue,
    Rule::OutsideFrame,
    Rule::Clobbered,
    Rule::WrongKind,
    Rule::Misaligned,
    Rule::CannotUnwind,
    Rule::NosplitBudget,
];

/// The stable code of a rule's findings.
#[must_use]
pub const fn code(rule: Rule) -> Code {
    Code::new(rule.number())
}

/// Whether findings with this code can appear.
#[must_use]
pub fn is_looked_for(wanted: Code) -> bool {
    LOOKED_FOR.iter().any(|rule| code(*rule) == wanted)
}
