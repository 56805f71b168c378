//! Deviations: the ways in which the Go-level code of some epoch, or of a mutated one, differs from correct code.
//!
//! Owns: their names, what each means, and which epochs contain it as history. Must not know: what the services do about
//! it. A service asks [`crate::world::World::deviates`] wherever history and correctness part; a difference that is no
//! defect (the shape of an argument list, a frame pool) is the epoch's own and is asked of the epoch.
//!
//! A workload may switch a deviation on in an epoch that is free of it, or one off that the epoch contains.

use std::ops::RangeInclusive;

use rcsim_uop::Epoch;
use rcsim_uop::epoch::Epoch::{Y2014Before, Y2016, Y2020, Y2021};

/// Declares the enum and its table: variant, name, epochs that contain it, sentence.
macro_rules! deviations {
    ($($variant:ident, $name:literal, $epochs:expr, $sentence:literal;)*) => {
        /// One way to differ from correct code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Deviation {
            $(#[doc = $sentence] $variant,)*
        }

        impl Deviation {
            /// All of them, as declared.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name that workloads write.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What is wrong, in one sentence.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)* }
            }

            fn epochs(self) -> Option<RangeInclusive<Epoch>> {
                match self { $(Self::$variant => $epochs,)* }
            }
        }
    };
}

deviations! {
    // Pointers that the collector does not see.
    AggregateArgNotInPtrs, "aggregate-arg-not-in-ptrs", Some(Y2020..=Y2021),
        "Value.call puts the pointers of an indirect argument into Ints only (Go issue 49363)";
    ReceiverOnlyInIntsCall, "receiver-only-in-ints-call", Some(Y2020..=Y2021),
        "Value.call puts a receiver into Ints only (Go issue 52800)";
    ReceiverOnlyInIntsCallMethod, "receiver-only-in-ints-callmethod", Some(Y2021..=Y2021),
        "callMethod puts the receiver into Ints only (Go issue 52800)";
    CallMethodReturnIsPtrMissing, "callmethod-return-is-ptr-missing", Some(Y2021..=Y2021),
        "callMethod does not say which result registers hold pointers (Go commit ef36e4fd0e)";
    CallMethodBlockNotKeptAlive, "callmethod-block-not-kept-alive", Some(Y2021..=Y2021),
        "nothing keeps the stub's register block alive to the end of callMethod (Go commit ef36e4fd0e)";

    // Write barriers.
    WbMissingInReflectCopies, "wb-missing-in-reflect-copies", Some(Y2014Before..=Y2014Before),
        "reflect copies values without barriers (Go commit df027ac)";
    BarrierAfterStore, "barrier-after-store", Some(Y2014Before..=Y2016),
        "typed moves and pointer stores run their barriers after the store, as was right before the hybrid barrier \
         (Go commit 8f81dfe8b4)";

    // Where arguments and results go.
    NoRollback, "no-rollback-on-regassign-failure", Some(Y2020..=Y2020),
        "reflect keeps the registers that it took for a value that then goes on the stack (Go issue 44816)";
    ZeroSizeArgAlignment, "zero-size-arg-alignment", Some(Y2020..=Y2020),
        "reflect does not align the stack for an argument of size zero (Go issue 44377)";
    SpillByRegisterCount, "spill-by-register-count", Some(Y2020..=Y2020),
        "reflect counts registers for the spill area instead of laying out types (Go commit cda8ee095e)";
}

impl Deviation {
    /// The deviation of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|deviation| deviation.name() == name)
    }

    /// Whether the epoch contains it as history.
    #[must_use]
    pub fn in_epoch(self, epoch: Epoch) -> bool {
        self.epochs().is_some_and(|epochs| epochs.contains(&epoch))
    }
}

/// A set of deviations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deviations(u128);

// Each deviation has its bit.
const _: () = assert!(Deviation::ALL.len() <= u128::BITS as usize);

impl Deviations {
    /// Those that an epoch contains.
    #[must_use]
    pub fn of_epoch(epoch: Epoch) -> Self {
        Deviation::ALL.iter().filter(|deviation| deviation.in_epoch(epoch)).copied().collect()
    }

    /// Those of an epoch, with some more, less those that are fixed.
    #[must_use]
    pub fn of(epoch: Epoch, more: &[Deviation], fixed: &[Deviation]) -> Self {
        let mut set = Self::of_epoch(epoch);
        set.extend(more.iter().copied());
        for deviation in fixed {
            set.0 &= !Self::bit(*deviation);
        }
        set
    }

    /// Whether it is among them.
    #[must_use]
    pub const fn contains(self, deviation: Deviation) -> bool {
        self.0 & Self::bit(deviation) != 0
    }

    /// The members, as declared.
    pub fn iter(self) -> impl Iterator<Item = Deviation> {
        Deviation::ALL.iter().copied().filter(move |deviation| self.contains(*deviation))
    }

    const fn bit(deviation: Deviation) -> u128 {
        1 << deviation as u32
    }
}

impl Extend<Deviation> for Deviations {
    fn extend<I: IntoIterator<Item = Deviation>>(&mut self, deviations: I) {
        for deviation in deviations {
            self.0 |= Self::bit(deviation);
        }
    }
}

impl FromIterator<Deviation> for Deviations {
    fn from_iter<I: IntoIterator<Item = Deviation>>(deviations: I) -> Self {
        let mut set = Self::default();
        set.extend(deviations);
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_by_its_own_name() {
        for deviation in Deviation::ALL {
            assert_eq!(Deviation::by_name(deviation.name()), Some(*deviation));
            let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(deviation.name().chars().all(kebab), "{}", deviation.name());
        }
        assert_eq!(Deviation::by_name("no-such-deviation"), None);
    }

    #[test]
    fn releases_contain_none_of_them() {
        for epoch in [Epoch::Go119, Epoch::Go127] {
            assert_eq!(Deviations::of_epoch(epoch).iter().next(), None, "{epoch}");
        }
    }

    #[test]
    fn one_is_switched_on_and_another_off() {
        let [on, off] = [Deviation::CallMethodReturnIsPtrMissing, Deviation::AggregateArgNotInPtrs];
        let set = Deviations::of(Y2021, &[], &[off]);
        assert!(!set.contains(off) && set.contains(on));
        let set = Deviations::of(Epoch::Go127, &[on], &[]);
        assert!(set.contains(on) && set.iter().count() == 1);
    }
}
