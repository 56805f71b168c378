//! How the result of an operation comes by its provenance.
//!
//! | how | one operand is a pointer | both are | one is undefined |
//! |---|---|---|---|
//! | `Add` | keeps it | drops | joins: undefined |
//! | `Sub` | keeps the first, drops the second | drops | joins |
//! | `And`, `Or` | keeps it | keeps it when they are of the same origin, else drops | joins |
//! | `Part` | keeps it as a part | the same, as a part | joins |
//! | `Other` | drops | drops | joins |
//!
//! *Drops* means that nothing is recorded of the result: it is a number, or its address must tell. A result of zero points to
//! nothing and is defined, whatever it was made of.

use rcsim_machine::shadow::Derive;

use super::Tag;

/// The tag of a result computed from two operands.
#[inline(always)]
pub(crate) fn derive(how: Derive, a: Tag, b: Tag, result: u64) -> Tag {
    if a.is_plain() && b.is_plain() {
        return Tag::UNRECORDED;
    }
    match how {
        // The usual case of each costs one comparison.
        Derive::Add | Derive::Sub | Derive::And if b.is_plain() && !a.is_undefined() => a,
        _ => derive_slowly(how, a, b, result),
    }
}

#[inline(never)]
fn derive_slowly(how: Derive, a: Tag, b: Tag, result: u64) -> Tag {
    if result == 0 {
        return Tag::UNRECORDED;
    }
    if a.is_undefined() || b.is_undefined() {
        return Tag::UNDEFINED;
    }
    match how {
        Derive::Add => only_one(a, b),
        Derive::Sub => {
            if b.is_number() {
                a
            } else {
                Tag::UNRECORDED
            }
        }
        Derive::And | Derive::Or => one_or_same(a, b),
        Derive::Part => one_or_same(a, b).part(),
        Derive::Other => Tag::UNRECORDED,
    }
}

fn only_one(a: Tag, b: Tag) -> Tag {
    match (a.is_number(), b.is_number()) {
        (false, true) => a,
        (true, false) => b,
        (true, true) | (false, false) => Tag::UNRECORDED,
    }
}

fn one_or_same(a: Tag, b: Tag) -> Tag {
    if !a.is_number() && a.origin() == b.origin() {
        return if a.is_part() { a } else { b };
    }
    only_one(a, b)
}

impl Tag {
    /// Whether nothing is recorded but perhaps a step.
    #[inline]
    const fn is_number(self) -> bool {
        self.class() == 0
    }
}

#[cfg(test)]
mod tests {
    use rcsim_machine::shadow::Derive;

    use super::derive;
    use crate::provenance::{Origin, Tag};

    const HOW: [Derive; 6] = [Derive::Add, Derive::Sub, Derive::And, Derive::Or, Derive::Part, Derive::Other];

    /// Every tag over two objects, two ages of the stack, parts, stored or not.
    fn domain() -> Vec<Tag> {
        let whole =
            [Tag::UNRECORDED, Tag::object(1), Tag::object(2), Tag::stack(0), Tag::stack(1), Tag::UNDEFINED];
        let parts = whole.iter().map(|tag| tag.part());
        let all: Vec<Tag> = whole.iter().copied().chain(parts).collect();
        all.iter().copied().chain(all.iter().map(|tag| tag.stored_at(9))).collect()
    }

    /// The table of the module's text, read literally.
    fn by_the_table(how: Derive, a: Origin, b: Origin) -> Origin {
        use Origin::{Undefined, Unrecorded};
        match (how, a, b) {
            (_, Undefined, _) | (_, _, Undefined) => Undefined,
            (Derive::Other, _, _) | (_, Unrecorded, Unrecorded) | (Derive::Sub, Unrecorded, _) => Unrecorded,
            (_, pointer, Unrecorded) | (_, Unrecorded, pointer) => pointer,
            (Derive::And | Derive::Or | Derive::Part, a, b) if a == b => a,
            (_, _, _) => Unrecorded,
        }
    }

    #[test]
    fn every_operation_on_every_pair_is_as_the_table_says() {
        let mut pairs = 0;
        for how in HOW {
            for a in domain() {
                for b in domain() {
                    let found = derive(how, a, b, 0x1234);
                    assert_eq!(
                        found.origin(),
                        by_the_table(how, a.origin(), b.origin()),
                        "{how:?} {a:?} {b:?}"
                    );
                    pairs += 1;
                }
            }
        }
        assert_eq!(pairs, 6 * 24 * 24);
    }

    #[test]
    fn parts_stay_parts_and_only_part_makes_them() {
        for how in HOW {
            for a in domain() {
                for b in domain() {
                    let found = derive(how, a, b, 0x1234);
                    let pointer = matches!(found.origin(), Origin::Object(_) | Origin::Stack(_));
                    let made_of_parts = how == Derive::Part || a.is_part() || b.is_part();
                    assert!(!found.is_part() || (pointer && made_of_parts), "{how:?} {a:?} {b:?}");
                    let from_a_part =
                        [a, b].iter().any(|tag| tag.is_part() && tag.origin() == found.origin());
                    if pointer && (how == Derive::Part || from_a_part) && a.origin() != b.origin() {
                        assert!(found.is_part(), "{how:?} {a:?} {b:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn zero_is_a_defined_number_where_operands_are_joined() {
        for how in [Derive::Or, Derive::Part, Derive::Other] {
            for a in domain() {
                for b in domain() {
                    assert_eq!(derive(how, a, b, 0).origin(), Origin::Unrecorded, "{how:?} {a:?} {b:?}");
                }
            }
        }
    }
}
