//! What each rule means, for people who have just met a finding of it.

use crate::finding::Rule;

/// The text about a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What the rule says, and when it is broken.
    pub meaning: &'static str,
    /// What comes of it in a real program.
    pub why: &'static str,
    /// What usually mends it.
    pub remedy: &'static str,
}

impl Rule {
    /// What the rule means, why it matters, and what mends it.
    #[must_use]
    pub const fn explain(self) -> Explanation {
        match self {
            Self::MissingBarrier => MISSING_BARRIER,
            Self::LateBarrier => LATE_BARRIER,
            Self::MisplacedBarrier => MISPLACED_BARRIER,
            Self::WrongBarrierRange => WRONG_BARRIER_RANGE,
            Self::HiddenPointer => HIDDEN_POINTER,
            Self::StaleRoot => STALE_ROOT,
            Self::MissedStackPointer => MISSED_STACK_POINTER,
            Self::WrongPointerMap => WRONG_POINTER_MAP,
            Self::PastTheEnd => PAST_THE_END,
            Self::FalseRetention => FALSE_RETENTION,
            Self::WrongValue => WRONG_VALUE,
            Self::OutsideFrame => OUTSIDE_FRAME,
            Self::Clobbered => CLOBBERED,
            Self::WrongKind => WRONG_KIND,
            Self::Misaligned => MISALIGNED,
            Self::CannotUnwind => CANNOT_UNWIND,
            Self::NosplitBudget => NOSPLIT_BUDGET,
        }
    }
}

const MISSING_BARRIER: Explanation = Explanation {
    meaning: "While the collector marks, a store into a pointer slot of the heap must shade what the protocol in force says: the \
              new pointer until Go 1.7, the new and the overwritten one since Go 1.8. Here a slot was overwritten and nothing \
              was shaded for it.",
    why: "The collector may already have scanned the object that now holds the pointer. If no other reference is left it frees \
          an object that is in use, and the program reads memory that somebody else owns by then. It takes a collection at the \
          right moment, so tests rarely see it.",
    remedy: "Copy typed memory with the typed functions of the runtime (typedmemmove, typedmemclr), or run the bulk barrier over \
             the range.",
};

const LATE_BARRIER: Explanation = Explanation {
    meaning: "The barrier ran, but after the store that it belongs to, in a protocol that wants it before: the hybrid barrier \
              shades the pointer that is about to be overwritten, and after the store that is gone.",
    why: "The overwritten pointer may have been the last one that the collector could still have met. What it led to is freed \
          although a stack that has not been scanned yet may still use it.",
    remedy: "Run the bulk barrier first, reading the new pointers from the source, and move the memory afterwards.",
};

const MISPLACED_BARRIER: Explanation = Explanation {
    meaning: "A barrier ran on memory that takes none: on the stack, or on words that nothing had been stored to yet. The hybrid \
              barrier reads the old content of the slot and takes it for a pointer.",
    why: "Left-over bits are handed to the collector as a pointer. It crashes with `found bad pointer in Go heap`, or keeps an \
          object that is long dead.",
    remedy: "Stack slots are stored to without barriers. Clear a slot before the first store that has one.",
};

const WRONG_BARRIER_RANGE: Explanation = Explanation {
    meaning: "A bulk barrier covered other words than the store: past the end of the allocation, from another offset, or by the \
              bitmap of another type.",
    why: "Words of a neighbour are shaded, which keeps garbage, and words of the right object are not, which frees what is in \
          use; where the neighbour's words are no pointers the collector crashes.",
    remedy: "Give the barrier the same start and length as the store, and a type only where the destination begins one.",
};

const HIDDEN_POINTER: Explanation = Explanation {
    meaning: "At a point where the collector may stop the goroutine, an object was reachable only through words that no scan \
              reads: untyped memory, registers that a frame's map does not know, results that are not declared valid yet. It \
              was used later.",
    why: "A collection at that point frees the object, and its memory is given to somebody else before the use. The call \
          returns the right value nearly always, and garbage once in a long while.",
    remedy: "Keep a reference where the collector looks from before the point until after the last use: a typed slot, the typed \
             part of a register block, or KeepAlive of what holds it.",
};

const STALE_ROOT: Explanation = Explanation {
    meaning: "The scan of the stack reads a word as a pointer whose content is dead, was never stored, or is no pointer.",
    why: "Stale pointers keep garbage alive and can point into memory that was given to another size class; then, and for words \
          that never were pointers, the collector crashes.",
    remedy: "Store to the slot before it counts as a pointer, clear it when it ends to, or leave it out of the map until then.",
};

const MISSED_STACK_POINTER: Explanation = Explanation {
    meaning: "A word that points into the goroutine's stack stands where a move of the stack does not adjust it, and is used \
              after a point where the stack may move.",
    why: "When the stack grows or shrinks there, the word still points to the old stack, whose memory is somebody else's.",
    remedy: "Compute such addresses again after each call, or keep them where the frame's map calls them pointers.",
};

const WRONG_POINTER_MAP: Explanation = Explanation {
    meaning: "A pointer map says that a word is a pointer where the content is none, or the other way round.",
    why: "Of the two, the first crashes the collector and misleads stack moves, the second hides whatever the word points to.",
    remedy: "Derive the map from the type that the memory really has at that moment; mind receivers, padding and results.",
};

const PAST_THE_END: Explanation = Explanation {
    meaning: "A pointer one past the end of an object was kept where the collector reads it. It points to the object that comes \
              next in memory.",
    why: "The neighbour is kept, or marked although it is free: then the sweep finds more objects than were allocated and stops \
          the program.",
    remedy: "Do not compute the address of something of size zero at the end of an object.",
};

const FALSE_RETENTION: Explanation = Explanation {
    meaning: "After the call, scratch memory that outlives it still holds pointers of the call: a pooled frame, a register block.",
    why: "Objects are kept that nobody can reach, for as long as the scratch memory is not used again.",
    remedy: "Clear scratch memory, with barriers, before it goes back to its pool.",
};

const WRONG_VALUE: Explanation = Explanation {
    meaning: "The callee or the caller got another value than was passed: it was read from the wrong place, written to the wrong \
              place, or changed its form on the way.",
    why: "The program computes with it.",
    remedy: "Compare the places that both sides assign to the value: registers in order, stack offsets with their alignment, and \
             the end of a register slot in which a narrow value stands.",
};

const OUTSIDE_FRAME: Explanation = Explanation {
    meaning: "Code accessed memory of the stack that belongs to another frame and was not passed to it, or that belongs to none.",
    why: "What it reads is undefined; what it writes destroys a value that the owner still needs, often much later and far away.",
    remedy: "Check frame size and copy length against the arguments really passed, the saved return address included.",
};

const CLOBBERED: Explanation = Explanation {
    meaning: "A register or a stack slot was overwritten while whoever had put a value there still needed it.",
    why: "The value is lost. Which calls survive depends on what the overwriting code happens to leave there.",
    remedy: "Save it in a slot of the own frame that no callee owns; outgoing argument slots belong to the callee.",
};

const WRONG_KIND: Explanation = Explanation {
    meaning: "A reflected value carries the kind, the flags or the type descriptor of another type.",
    why: "Every later operation on the value treats its memory as that other type, and the collector scans it as such.",
    remedy: "Take kind and flags from the type of the value itself, not from the function or the interface around it.",
};

const MISALIGNED: Explanation = Explanation {
    meaning: "A stack pointer, an argument offset or an access is not aligned as the architecture and the convention demand.",
    why: "Some machines trap; on others caller and callee compute different offsets for what follows.",
    remedy: "Round sizes up to the alignment of what comes next, also for values of size zero.",
};

const CANNOT_UNWIND: Explanation = Explanation {
    meaning: "At a call edge the image's own tables do not lead from a frame to its caller, or the map of a stub's arguments \
              cannot be found from its frame.",
    why: "The collector, a stack move, a panic and every trace walk the stack this way: they crash, or scan the wrong words.",
    remedy: "Make the frame size of the tables that of the code at each instruction, and keep a stub's context where the runtime \
             looks for it until the stub returns.",
};

const NOSPLIT_BUDGET: Explanation = Explanation {
    meaning: "A chain of functions that do not check the stack needs more of it than is kept in reserve below the guard.",
    why: "The last of them writes below the stack, over whatever is there.",
    remedy: "Let one of the chain check the stack, or make its frames smaller.",
};

#[cfg(test)]
mod tests {
    use crate::finding::Rule;

    #[test]
    fn every_rule_has_a_text_of_its_own() {
        let mut meanings: Vec<&str> = Rule::ALL.iter().map(|rule| rule.explain().meaning).collect();
        meanings.sort_unstable();
        meanings.dedup();
        assert_eq!(meanings.len(), Rule::ALL.len());
        for rule in Rule::ALL {
            let text = rule.explain();
            for part in [text.meaning, text.why, text.remedy] {
                assert!(part.ends_with('.') && !part.contains("  "), "{part}");
            }
        }
    }
}
