//! Findings: what every rule reports, in one form.
//!
//! A rule says what went wrong, at which site, what led to it in time order, and at which GC point it can be replayed. It does
//! not format: addresses become instructions and function names where the code is known.

use rcsim_machine::shadow::FrameRule;

/// Kinds of findings. Each has a stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A pointer was stored without the barrier that the protocol wants.
    MissingBarrier,
    /// The barrier came after the store.
    LateBarrier,
    /// A barrier on memory that takes none.
    MisplacedBarrier,
    /// A barrier over the wrong range or with the wrong bitmap.
    WrongBarrierRange,
    /// A live object is reachable only through words that no scan reads.
    HiddenPointer,
    /// The scan reads as a pointer what is dead, undefined or no pointer.
    StaleRoot,
    /// A pointer into the stack is not adjusted when the stack moves.
    MissedStackPointer,
    /// A pointer map says other than the content.
    WrongPointerMap,
    /// A pointer past the end of its object retains the neighbour.
    PastTheEnd,
    /// Scratch memory keeps objects alive after the call.
    FalseRetention,
    /// An argument or result is in the wrong place or has the wrong value.
    WrongValue,
    /// Memory of a frame is accessed by code that does not own it.
    OutsideFrame,
    /// A register or slot that somebody still needs is overwritten.
    Clobbered,
    /// A reflected value has the wrong kind, flag or type descriptor.
    WrongKind,
    /// Stack, offset or access are not aligned as they must be.
    Misaligned,
    /// A frame cannot be unwound by its own tables.
    CannotUnwind,
    /// Functions that do not check the stack need more of it than is reserved.
    NosplitBudget,
}

impl Rule {
    /// All rules, by code.
    pub const ALL: [Self; 17] = [
        Self::MissingBarrier,
        Self::LateBarrier,
        Self::MisplacedBarrier,
        Self::WrongBarrierRange,
        Self::HiddenPointer,
        Self::StaleRoot,
        Self::MissedStackPointer,
        Self::WrongPointerMap,
        Self::PastTheEnd,
        Self::FalseRetention,
        Self::WrongValue,
        Self::OutsideFrame,
        Self::Clobbered,
        Self::WrongKind,
        Self::Misaligned,
        Self::CannotUnwind,
        Self::NosplitBudget,
    ];

    /// Number of the code: 101 is `RC0101`.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::MissingBarrier => 1,
            Self::LateBarrier => 2,
            Self::MisplacedBarrier => 3,
            Self::WrongBarrierRange => 4,
            Self::HiddenPointer => 101,
            Self::StaleRoot => 102,
            Self::MissedStackPointer => 103,
            Self::WrongPointerMap => 104,
            Self::PastTheEnd => 105,
            Self::FalseRetention => 106,
            Self::WrongValue => 201,
            Self::OutsideFrame => 202,
            Self::Clobbered => 203,
            Self::WrongKind => 204,
            Self::Misaligned => 205,
            Self::CannotUnwind => 206,
            Self::NosplitBudget => 207,
        }
    }

    /// What it means, in one line.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::MissingBarrier => "missing write barrier",
            Self::LateBarrier => "late write barrier: after the store, where the protocol wants it before",
            Self::MisplacedBarrier => "write barrier on memory that is no heap, or on undefined content",
            Self::WrongBarrierRange => "write barrier over the wrong range or with the wrong bitmap",
            Self::HiddenPointer => {
                "hidden pointer: a live object reachable only through unscanned words at a GC point (premature free)"
            }
            Self::StaleRoot => {
                "stale root: the scan reads as a pointer what is dead, undefined or no pointer"
            }
            Self::MissedStackPointer => "stack pointer missed by a stack move",
            Self::WrongPointerMap => "pointer map disagrees with the content",
            Self::PastTheEnd => "pointer past the end of its object retains the neighbour",
            Self::FalseRetention => "false retention: scratch memory keeps objects alive after the call",
            Self::WrongValue => "argument or result in the wrong place or with the wrong value",
            Self::OutsideFrame => "access outside the frame that owns the memory",
            Self::Clobbered => "register or slot clobbered that somebody else still needs",
            Self::WrongKind => "wrong kind, flag or type descriptor on a reflected value",
            Self::Misaligned => "misaligned stack, offset or access",
            Self::CannotUnwind => "frame cannot be unwound",
            Self::NosplitBudget => "nosplit budget exceeded",
        }
    }

    /// The rule with this number.
    #[must_use]
    pub fn by_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.number() == number)
    }
}

impl From<FrameRule> for Rule {
    fn from(rule: FrameRule) -> Self {
        match rule {
            FrameRule::WrongPlace => Self::WrongValue,
            FrameRule::OutsideFrame => Self::OutsideFrame,
            FrameRule::Clobbered => Self::Clobbered,
            FrameRule::WrongKind => Self::WrongKind,
            FrameRule::Misaligned => Self::Misaligned,
            FrameRule::CannotUnwind => Self::CannotUnwind,
            FrameRule::NosplitBudget => Self::NosplitBudget,
        }
    }
}

/// A moment of the run, and what was at work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// Address of the guest instruction, or `None` when a service is at work.
    pub pc: Option<u64>,
    /// The service's step, or what else tells the place in words.
    pub place: String,
    /// Guest instructions before it.
    pub step: u64,
}

/// A moment of the run as the checker keeps it: told in words where somebody asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Here<'a> {
    /// The guest instruction that began last.
    pub pc: u64,
    /// Guest instructions before it.
    pub step: u64,
    /// The service at work, or nothing.
    pub service: &'a str,
}

impl Here<'_> {
    /// The moment as a site.
    pub(crate) fn site(self) -> Site {
        let mut site = Site::default();
        self.note(&mut site);
        site
    }

    /// Make a site this moment.
    #[inline]
    pub(crate) fn note(self, site: &mut Site) {
        site.pc = self.service.is_empty().then_some(self.pc);
        site.step = self.step;
        // Where the guest is at work both are empty, and nobody compares them.
        let named = !(site.place.is_empty() && self.service.is_empty());
        if named && site.place != self.service {
            self.service.clone_into(&mut site.place);
        }
    }
}

/// Something that led to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub label: String,
    /// When and where.
    pub site: Site,
}

/// One violation of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// What went wrong, in one line.
    pub message: String,
    /// The guilty instruction or step.
    pub site: Site,
    /// What that does, in a few words beside it.
    pub remark: String,
    /// What led to it, in time order.
    pub events: Vec<Event>,
    /// Explanations.
    pub notes: Vec<String>,
    /// The GC point at which a collection makes it visible: for the replay.
    pub point: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::Rule;

    #[test]
    fn rules_are_listed_by_code_and_found_by_it() {
        assert!(Rule::ALL.is_sorted_by_key(|rule| rule.number()));
        for rule in Rule::ALL {
            assert_eq!(Rule::by_number(rule.number()), Some(rule));
        }
        assert_eq!(Rule::by_number(100), None);
    }
}
