//! RC0104: a pointer map that disagrees with the content.
//!
//! Two things disagree beyond doubt. A word of the stack that its map calls a pointer holds a number below the first page: Go
//! stops with "invalid pointer found on stack" when it moves the stack. And a word of a heap object that its type calls a
//! number was stored as a pointer to a live object: the collector does not follow it. Stack words that hold pointers and are in
//! no map are no disagreement: a map names only what is used later. Nor is memory that was asked for without a type, or that
//! is behind the end of its type: whoever does so keeps what it puts there alive by other means, and where it does not,
//! something is lost, which is RC0101's to tell. The frame of a finalizer and the arguments of a deferred call are such.
//!
//! Arguments of code written by hand are another matter: their map is the declaration of the function, and holds as long as the
//! function runs. There a pointer that is declared a number disagrees, and so does a number that is declared a pointer.

use rcsim_machine::shadow::{Declared, GcPoint};

use super::{At, Reports};
use crate::finding::{Finding, Rule};
use crate::heap::{Located, ShadowHeap, ShadowObject};
use crate::provenance::{Origin, Tag};
use crate::scan::{Holder, Range, Suspect};

/// Most stores that are remembered between two points.
const MAX_CANDIDATES: usize = 256;

/// A root of the stack that holds a small number.
pub(crate) fn number(reports: &mut Reports, at: &At<'_>, suspect: &Suspect) {
    reports.report(at, suspect, || Finding {
        rule: Rule::WrongPointerMap,
        message: "pointer map disagrees with the content: a number where the map says pointer".to_owned(),
        site: at.site(),
        remark: format!("GC point {}: {} holds {}", at.number, at.holder(suspect.holder), suspect.value),
        events: Vec::new(),
        notes: at.stored(suspect.tag).into_iter().collect(),
        point: Some(at.number),
    });
}

/// An argument word of which the function's declaration says what it is.
pub(crate) fn declared(reports: &mut Reports, at: &At<'_>, declared: &Declared<Tag>, stack: Range) {
    let (value, tag) = (declared.root.value, declared.root.word);
    let Some(what) = disagreement(declared, at.heap.locate(value), stack) else { return };
    reports.report_at(at, declared.root.addr, value, || Finding {
        rule: Rule::WrongPointerMap,
        message: format!("pointer map disagrees with the content: {what}"),
        site: at.site(),
        remark: format!("GC point {}: {} holds {value:#x}", at.number, (at.point.name)(&declared.root)),
        events: Vec::new(),
        notes: std::iter::once(
            "the map is the function's declaration, and holds as long as it runs".to_owned(),
        )
        .chain(at.stored(tag))
        .collect(),
        point: Some(at.number),
    });
}

/// In what the content of a word belies its declaration.
fn disagreement(declared: &Declared<Tag>, located: Located, stack: Range) -> Option<&'static str> {
    let (value, tag) = (declared.root.value, declared.root.word);
    let of_heap = tag.is_of_heap() && !tag.is_part() && matches!(located, Located::In(_));
    let of_stack = matches!(tag.origin(), Origin::Stack(_)) && !tag.is_part() && stack.contains(value);
    let no_pointer = tag.origin() == Origin::Unrecorded && matches!(located, Located::Nowhere);
    match declared.pointer {
        true if value != 0 && !declared.address && no_pointer => {
            Some("a number where the declaration says pointer")
        }
        false if of_heap => Some("a pointer to a heap object where the declaration says number"),
        false if of_stack => Some("a pointer to the stack where the declaration says number"),
        _ => None,
    }
}

/// Pointers that were stored since the last point where a heap object has no pointer.
#[derive(Debug, Default)]
pub(crate) struct Candidates(Vec<u64>);

impl Candidates {
    /// A pointer into the heap was stored to a word of the heap.
    #[inline]
    pub(crate) fn stored(&mut self, object: &ShadowObject, addr: u64, word_bytes: u64) {
        if object.has_number_at(addr - object.addr, word_bytes) {
            self.note(addr);
        }
    }

    fn note(&mut self, addr: u64) {
        if self.0.len() < MAX_CANDIDATES && !self.0.contains(&addr) {
            self.0.push(addr);
        }
    }

    /// Judge them at a point: a word that still holds the pointer, in an object that is alive, is a disagreement.
    pub(crate) fn judge(&mut self, reports: &mut Reports, at: &At<'_>) {
        for addr in self.0.drain(..) {
            if let Some((suspect, target)) = hidden_word(at.heap, at.point, addr) {
                hidden(reports, at, &suspect, target);
            }
        }
    }
}

fn hidden_word(heap: &ShadowHeap, point: &GcPoint<'_, Tag>, addr: u64) -> Option<(Suspect, usize)> {
    let Located::In(owner) = heap.locate(addr) else { return None };
    let (value, tag) = (point.word)(addr)?;
    let located = heap.locate(value);
    let Located::In(target) = located else { return None };
    let holder = Holder::Word(owner, addr - heap.object(owner).addr);
    let pointer = tag.is_of_heap() && heap.is_reached(owner);
    pointer.then_some((Suspect { holder, value, tag, located }, target))
}

fn hidden(reports: &mut Reports, at: &At<'_>, suspect: &Suspect, target: usize) {
    reports.report(at, suspect, || {
        let target = at.heap.object(target);
        let number = target.number;
        let alive = if at.heap.is_reached(number as usize - 1) { "something else" } else { "nothing else" };
        Finding {
            rule: Rule::WrongPointerMap,
            message: format!(
                "pointer map disagrees with the content: a pointer to #{number} where the map says number"
            ),
            site: at.site(),
            remark: format!("GC point {}: {} points to #{number}", at.number, at.holder(suspect.holder)),
            events: Vec::new(),
            notes: std::iter::once(format!("{alive} that the scan reads keeps #{number} alive"))
                .chain(at.stored(suspect.tag))
                .collect(),
            point: Some(at.number),
        }
    });
}

#[cfg(test)]
mod tests {
    use rcsim_machine::shadow::{Declared, Root, RootKind};

    use super::disagreement;
    use crate::heap::Located;
    use crate::provenance::Tag;
    use crate::scan::Range;

    const STACK: Range = Range { low: 0x8000, high: 0x9000 };

    fn judged(pointer: bool, value: u64, word: Tag, located: Located) -> bool {
        let root = Root { kind: RootKind::Stack, addr: 0x8100, value, word };
        let address = (0x4000..0x9000).contains(&value);
        disagreement(&Declared { root, pointer, address }, located, STACK).is_some()
    }

    #[test]
    fn a_pointer_that_is_declared_a_number_disagrees() {
        assert!(judged(false, 0x4008, Tag::object(1), Located::In(0)));
        assert!(judged(false, 0x8008, Tag::stack(2), Located::Nowhere));
        assert!(!judged(true, 0x4008, Tag::object(1), Located::In(0)));
        assert!(!judged(true, 0x8008, Tag::stack(2), Located::Nowhere));
    }

    #[test]
    fn a_number_that_looks_like_an_address_is_a_number() {
        assert!(!judged(false, 0x4008, Tag::UNRECORDED, Located::In(0)));
        assert!(!judged(false, 0x8008, Tag::UNRECORDED, Located::Nowhere));
    }

    #[test]
    fn a_number_that_is_declared_a_pointer_disagrees() {
        assert!(judged(true, 0x18_0000_0020, Tag::UNRECORDED, Located::Nowhere));
        assert!(!judged(true, 0, Tag::UNRECORDED, Located::Nowhere));
        assert!(!judged(true, 0x4100, Tag::UNRECORDED, Located::Nowhere), "an address of static memory");
        assert!(!judged(true, 0xa000, Tag::object(1), Located::Nowhere));
        assert!(!judged(true, 0xa000, Tag::UNRECORDED, Located::Behind(0)), "past the end: another rule's");
    }
}
