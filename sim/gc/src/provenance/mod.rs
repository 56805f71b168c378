//! Provenance and definedness: what is known of every register, temporary and memory word.
//!
//! A [`Tag`] is one machine word. It says from what the value was derived (a heap object, the stack, nothing that was
//! recorded), whether it is defined at all, and at which step it was stored. How operations combine tags is in `derive`, how
//! loads and stores move them in `memory`.
//!
//! A value whose provenance was not recorded is judged by its address alone. That is never wrong about which object an address
//! is in, because addresses are never used twice; what is lost is only from where it was reached.

mod derive;
mod memory;

pub(crate) use derive::derive;
pub(crate) use memory::{load, load_word, store, store_word};

/// From what a value was derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nothing was recorded: a number, or a pointer that its address must tell.
    Unrecorded,
    /// The heap object with this number.
    Object(u32),
    /// The stack, adjusted last when so many points had been examined.
    Stack(u32),
    /// Nothing was ever stored there by the frame that owns the memory.
    Undefined,
}

/// What is known of a value.
///
/// From the low end: two bits of origin, one that says the value is only a part of such a pointer or was put together from
/// parts, one spare, 28 bits of object number or count of points (for undefined words: which bytes are), 32 bits of the step of
/// the store.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Tag(u64);

impl std::fmt::Debug for Tag {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = if self.is_part() { " part" } else { "" };
        write!(out, "{:?}{part}", self.origin())
    }
}

const CLASS: u64 = 3;
const OBJECT: u64 = 1;
const STACK: u64 = 2;
const UNDEFINED: u64 = 3;
const PART: u64 = 4;
const ID_SHIFT: u32 = 4;
const ID_MAX: u32 = (1 << 28) - 1;
const STEP_SHIFT: u32 = 32;
/// The bits that say what a value is, without the step.
const WHAT: u64 = (1 << STEP_SHIFT) - 1;

impl Tag {
    /// Nothing is recorded.
    pub const UNRECORDED: Self = Self(0);
    /// All bytes are undefined.
    pub const UNDEFINED: Self = Self(UNDEFINED | 0xff << ID_SHIFT);

    /// A pointer into a heap object. Numbers beyond 2^28 are not recorded.
    #[inline]
    #[must_use]
    pub const fn object(number: u32) -> Self {
        if number > ID_MAX { Self::UNRECORDED } else { Self(OBJECT | (number as u64) << ID_SHIFT) }
    }

    /// A pointer into the stack as it is after so many points.
    #[inline]
    #[must_use]
    pub const fn stack(points: u32) -> Self {
        let points = if points > ID_MAX { ID_MAX } else { points };
        Self(STACK | (points as u64) << ID_SHIFT)
    }

    #[inline]
    const fn undefined_bytes(mask: u8) -> Self {
        Self(UNDEFINED | (mask as u64) << ID_SHIFT)
    }

    #[inline]
    const fn class(self) -> u64 {
        self.0 & CLASS
    }

    #[inline]
    const fn id(self) -> u32 {
        ((self.0 & WHAT) >> ID_SHIFT) as u32
    }

    /// From what the value was derived.
    #[inline]
    #[must_use]
    pub const fn origin(self) -> Origin {
        match self.class() {
            OBJECT => Origin::Object(self.id()),
            STACK => Origin::Stack(self.id()),
            UNDEFINED => Origin::Undefined,
            _ => Origin::Unrecorded,
        }
    }

    /// Whether it is a part of a pointer, or made of parts: then the value must be looked at.
    #[inline]
    #[must_use]
    pub const fn is_part(self) -> bool {
        self.0 & PART != 0
    }

    /// Whether the value, or a byte of it, is undefined.
    #[inline(always)]
    #[must_use]
    pub const fn is_undefined(self) -> bool {
        self.class() == UNDEFINED
    }

    /// Whether it was derived from a heap object.
    #[inline(always)]
    #[must_use]
    pub const fn is_of_heap(self) -> bool {
        self.class() == OBJECT
    }

    /// Whether it is a pointer into the stack that is older than `fresh`, the tag of one made now.
    #[inline(always)]
    #[must_use]
    pub const fn is_older_than(self, fresh: Self) -> bool {
        self.class() == STACK && (self.0 & WHAT & !PART) != fresh.0
    }

    /// The undefined bytes of a word, lowest address first.
    #[inline]
    const fn undefined_mask(self) -> u8 {
        if self.is_undefined() { self.id() as u8 } else { 0 }
    }

    #[inline]
    const fn part(self) -> Self {
        if self.class() == OBJECT || self.class() == STACK { Self(self.0 | PART) } else { self }
    }

    /// The same, stored at this step.
    #[inline(always)]
    const fn stored_at(self, step: u64) -> Self {
        Self(self.0 & WHAT | step << STEP_SHIFT)
    }

    /// The step at which the word was stored, given that it is not after `now`. Steps 2^32 apart look alike: the latest that
    /// is possible is told.
    #[inline]
    #[must_use]
    pub const fn step(self, now: u64) -> u64 {
        let low = self.0 >> STEP_SHIFT;
        let guess = now & !WHAT | low;
        if guess > now && guess > WHAT { guess - (1 << STEP_SHIFT) } else { guess }
    }

    /// Whether nothing is known, not even a step.
    #[inline]
    const fn is_plain(self) -> bool {
        self.0 & WHAT == 0
    }
}

#[cfg(test)]
mod tests {
    use super::{Origin, Tag};

    #[test]
    fn a_tag_gives_back_what_was_put_in() {
        assert_eq!(size_of::<Tag>(), 8);
        assert_eq!(Tag::object(7).origin(), Origin::Object(7));
        assert_eq!(Tag::stack(9).stored_at(1 << 33).origin(), Origin::Stack(9));
        assert_eq!(Tag::UNDEFINED.undefined_mask(), 0xff);
        assert_eq!(Tag::default().origin(), Origin::Unrecorded);
        assert_eq!(Tag::object(u32::MAX), Tag::UNRECORDED);
    }

    #[test]
    fn the_step_of_a_store_is_the_latest_possible() {
        for step in [0, 5, (1 << 32) - 1, (1 << 32) + 3, (5 << 32) + 1] {
            for later in [0, 1, 1000] {
                assert_eq!(Tag::object(1).stored_at(step).step(step + later), step, "{step} + {later}");
            }
        }
    }

    #[test]
    fn only_stack_pointers_age() {
        let fresh = Tag::stack(3);
        assert!(Tag::stack(2).is_older_than(fresh));
        assert!(!fresh.stored_at(77).is_older_than(fresh));
        assert!(Tag::stack(2).part().is_older_than(fresh));
        assert!(!fresh.part().is_older_than(fresh));
        assert!(!Tag::object(2).is_older_than(fresh));
        assert!(!Tag::UNDEFINED.is_older_than(fresh));
    }
}
