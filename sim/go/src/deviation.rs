//! Deviations: the ways in which the Go-level code of some epoch, or of a mutated one, differs from correct code.
//!
//! Owns: their names, what each means, and which epochs contain it as history. Must not know: what the services do about
//! it. A service asks [`crate::world::World::deviates`] wherever history and correctness part; a difference that is no
//! defect (the shape of an argument list, a frame pool) is the epoch's own and is asked of the epoch.
//!
//! A workload may switch a deviation on in an epoch that is free of it, or one off that the epoch contains.

use std::ops::RangeInclusive;

use rcsim_uop::Epoch;
use rcsim_uop::epoch::Epoch::{Go127, Y2014, Y2014Before, Y2016, Y2018, Y2020, Y2021};

/// No epoch contains it: for mutants, and for defects from before the first epoch.
const NEVER: Option<RangeInclusive<Epoch>> = None;

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
    MakeFuncConvertedResultHidden, "makefunc-converted-result-hidden", Some(Y2020..=Go127),
        "callReflect converts one result after the other, and nothing it keeps refers to those that it has left";
    RetvalidMissing, "retvalid-missing", Some(Y2014Before..=Y2018),
        "callReflect and callMethod never say that their results are valid, so nobody scans them (Go issue 27695)";
    RetvalidBeforeCopy, "retvalid-before-copy", NEVER,
        "callReflect and callMethod say that their results are valid before they are there";
    RetvalidAfterClear, "retvalid-after-clear", NEVER,
        "callMethod says that its results are valid only after it has cleared its own copy";
    MakefuncimplDiesUnderStub, "makefuncimpl-dies-under-stub", Some(Y2016..=Y2016),
        "nothing keeps the context alive under its stub once it has been read (Go issue 18635)";
    ArgsHiddenAsUintptr, "args-hidden-as-uintptr", NEVER,
        "the heap frame is kept as a number (Go commit 0ab8f2d287)";
    ArgsAsBytes, "args-as-bytes", NEVER,
        "the heap frame is allocated as bytes without pointers (Go commit 90f9beca15)";
    CopyBackOfArguments, "copy-back-of-arguments", NEVER,
        "the whole frame is copied back after the call, arguments included (Go issue 7725)";
    InterfaceReceiverLayout, "interface-receiver-layout", NEVER,
        "the frame's pointer map has two words for the receiver, which takes one (Go issue 7748)";
    ArgumentsNotCleared, "arguments-not-cleared", Some(Y2014Before..=Y2014),
        "Value.call leaves the arguments in the frame that its results keep alive";

    // Pointers past the end of an object.
    CallMethodOobPtrs, "callmethod-oob-ptrs", Some(Y2014Before..=Y2016),
        "callMethod forms the addresses of arguments and results that do not exist (Go issue 19724)";
    ZeroSizeResultPtr, "zero-size-result-ptr", Some(Y2014Before..=Y2016),
        "a result of size zero points into the frame, or at its end (Go issue 21717)";
    UnsafeAddAudit, "unsafe-add-audit", Some(Y2014Before..=Y2016),
        "Value.call forms the address of an argument of size zero (Go issue 21733)";
    DeferArgsPastEnd, "defer-args-past-end", Some(Y2014Before..=Y2014),
        "the arguments of a deferred call that has none are said to be behind its record (in Go 1.6, no longer in Go 1.8)";

    // Write barriers.
    WbMissingInReflectCopies, "wb-missing-in-reflect-copies", Some(Y2014Before..=Y2014Before),
        "reflect copies values without barriers (Go commit df027ac)";
    BarrierAfterStore, "barrier-after-store", Some(Y2014Before..=Y2016),
        "typed moves and pointer stores run their barriers after the store, as was right before the hybrid barrier \
         (Go commit 8f81dfe8b4)";
    CallwritebarrierOverrun, "callwritebarrier-overrun", NEVER,
        "callwritebarrier runs over as many bytes as the whole frame has, from the results on (Go issue 10844)";
    ReflectcallmoveMemmoveFirst, "reflectcallmove-memmove-first", Some(Y2016..=Y2016),
        "reflectcallmove runs the barrier after the copy (Go commit 8f81dfe8b4)";
    ReflectcallmoveNoBarrier, "reflectcallmove-no-barrier", NEVER,
        "reflectcallmove copies without a barrier";
    ReflectcallmoveNewPointersFromDst, "reflectcallmove-new-pointers-from-dst", NEVER,
        "the barrier of reflectcallmove reads the new pointers from where the old ones still are";
    ReflectcallmoveBitmapOfSrc, "reflectcallmove-bitmap-of-src", NEVER,
        "the barrier of reflectcallmove looks up the pointer words of the source, which is the stack";
    UntypedClearWithoutResults, "untyped-clear-without-results", Some(Y2016..=Y2016),
        "Value.call clears the frame of a call without results without a barrier (Go issue 27695)";
    UntypedClearOfArguments, "untyped-clear-of-arguments", Some(Y2016..=Y2016),
        "Value.call clears the arguments in a frame that it keeps without a barrier (Go issue 27695)";
    UntypedClearInCallMethod, "untyped-clear-in-callmethod", Some(Y2016..=Y2016),
        "callMethod clears its frame without a barrier (Go issue 27695)";
    BarrierOnStackResultCopy, "barrier-on-stack-result-copy", Some(Y2014..=Y2016),
        "callMethod copies results to its caller's stack with a barrier (Go issue 27695)";
    MakefuncResultBarrier, "makefunc-result-barrier", Some(Y2014..=Y2018),
        "callReflect stores results on its caller's stack with a barrier (Go issue 30041)";

    AssignToScratchOnStack, "assignto-scratch-on-stack", NEVER,
        "callReflect lets a conversion store an interface with a barrier where nobody has written yet (Go issue 39541)";

    // What is left in slots that the collector scans.
    NilInterfaceHalfWritten, "nil-interface-half-written", Some(Y2021..=Go127),
        "callReflect stores the first word only of a nil interface that it converted, into a stack slot that nobody cleared";

    // Where arguments and results go.
    NoRollback, "no-rollback-on-regassign-failure", Some(Y2020..=Y2020),
        "reflect keeps the registers that it took for a value that then goes on the stack (Go issue 44816)";
    FirstArgumentAlignment, "first-argument-alignment", Some(Y2014Before..=Y2018),
        "callMethod takes the first argument to follow the receiver at once, whatever its alignment (Go issue 33628)";
    ZeroSizeArgAlignment, "zero-size-arg-alignment", Some(Y2020..=Y2020),
        "reflect does not align the stack for an argument of size zero (Go issue 44377)";
    SpillByRegisterCount, "spill-by-register-count", Some(Y2020..=Y2020),
        "reflect counts registers for the spill area instead of laying out types (Go commit cda8ee095e)";
    KindFromFuncType, "kind-from-func-type", Some(Y2020..=Y2020),
        "Value.call gives a pointer result from a register the kind of the function (Go commit 912c4e29d3)";
    SubwordBigendian, "subword-bigendian", NEVER,
        "reflect puts values smaller than a word at the start of their register's slot (Go commit f1d8ea1da3)";
    SpillArgsVsZeroRegcount, "spillargs-vs-zero-regcount", NEVER,
        "the register block has room for no register, while the trampolines spill all (Go commits c2358a1ae7, 8cfbf34dd9)";
    Float32InRegister, "float32-in-register", NEVER,
        "reflect copies a float32 into its register's slot as it is in memory (Go commit ea434450c2)";
    ReflectcallMarkedAbiInternal, "reflectcall-marked-abiinternal", NEVER,
        "reflectcall is called with its arguments in registers, as a function of Go code (Go commit d8306ee1f9)";
    StubCallsAbiInternalCallReflect, "stub-calls-abiinternal-callreflect", NEVER,
        "the stubs call the form of callReflect and callMethod that takes its arguments from registers (Go commit d446cb7cff)";
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

    /// Whether services of the epoch have the code that it is about, so that they can have it or not. The stubs before Go 1.12
    /// have no flag of valid results, for one: services that set it would not mend that.
    #[must_use]
    pub fn concerns(self, epoch: Epoch) -> bool {
        let epochs = match self {
            Self::AggregateArgNotInPtrs
            | Self::ReceiverOnlyInIntsCall
            | Self::RetvalidMissing
            | Self::RetvalidBeforeCopy
            | Self::RetvalidAfterClear
            | Self::NoRollback
            | Self::SpillByRegisterCount
            | Self::KindFromFuncType
            | Self::SubwordBigendian
            | Self::SpillArgsVsZeroRegcount
            | Self::Float32InRegister
            | Self::ReflectcallMarkedAbiInternal => Y2020..=Go127,
            Self::ReceiverOnlyInIntsCallMethod
            | Self::CallMethodReturnIsPtrMissing
            | Self::CallMethodBlockNotKeptAlive
            | Self::StubCallsAbiInternalCallReflect => Y2021..=Go127,
            Self::CallwritebarrierOverrun => Y2014..=Y2014,
            Self::FirstArgumentAlignment => Y2014Before..=Y2020,
            Self::ReflectcallmoveMemmoveFirst
            | Self::ReflectcallmoveNoBarrier
            | Self::ReflectcallmoveNewPointersFromDst
            | Self::ReflectcallmoveBitmapOfSrc
            | Self::UntypedClearWithoutResults
            | Self::UntypedClearOfArguments
            | Self::UntypedClearInCallMethod => Y2016..=Go127,
            _ => Y2014Before..=Go127,
        };
        epochs.contains(&epoch)
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
    fn releases_contain_what_is_open() {
        let of = |epoch| Deviations::of_epoch(epoch).iter().collect::<Vec<_>>();
        assert_eq!(of(Epoch::Go119), of(Go127));
        assert_eq!(of(Go127), [Deviation::MakeFuncConvertedResultHidden, Deviation::NilInterfaceHalfWritten]);
    }

    #[test]
    fn one_is_switched_on_and_another_off() {
        let [on, off] = [Deviation::CallMethodReturnIsPtrMissing, Deviation::AggregateArgNotInPtrs];
        let set = Deviations::of(Y2021, &[], &[off]);
        assert!(!set.contains(off) && set.contains(on));
        let open = Deviations::of_epoch(Go127).iter().count();
        let set = Deviations::of(Go127, &[on], &[]);
        assert!(set.contains(on) && set.iter().count() == open + 1);
    }
}
