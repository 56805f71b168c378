//! Where arguments and results of a call live: registers and stack, by the rules of each epoch.
//!
//! Owns: the assignment of Go values to argument registers and stack slots (Go's internal ABI specification,
//! `cmd/compile/abi-internal.md`; ABI0 is the same with no registers), both as the compiler does it and as
//! `reflect` of each epoch does it, and the shape of `internal/abi.RegArgs`. Must not know: memory, the interpreter, which
//! register a number means.
//!
//! A value is cut into *steps*, each a part that one register or one stretch of stack holds. A callee and its caller agree
//! when their steps agree; in some epochs `reflect` computed them wrongly, and that is kept.

mod regargs;
mod sequence;

use rcsim_workloads::gotype::TypeId;
use rcsim_workloads::layout::{LayoutError, Layouts, TypeWords, align_up};

use crate::deviation::{Deviation, Deviations};

pub use regargs::RegArgsLayout;
pub use sequence::{Place, Sequence, Step};

/// How many registers pass arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct RegCounts {
    /// Integer registers.
    pub ints: usize,
    /// Floating-point registers.
    pub floats: usize,
}

/// What differs between the assignment of the compiler and that of `reflect` in some epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbiRules {
    /// Whether registers taken for a value that then does not fit are given back (Go issue 44816).
    pub rolls_back: bool,
    /// Whether a value of size zero aligns the stack (Go issue 44377).
    pub aligns_zero_size: bool,
    /// Whether spill space is laid out value by value with alignment, rather than counted in registers (Go commit
    /// cda8ee095e).
    pub spills_by_type: bool,
    /// Whether the pointer map has two words for the receiver, as if it were an interface (Go issue 7748).
    pub maps_interface_receiver: bool,
}

impl AbiRules {
    /// The rules as specified, which the compiler follows.
    pub const SPECIFIED: Self = Self {
        rolls_back: true,
        aligns_zero_size: true,
        spills_by_type: true,
        maps_interface_receiver: false,
    };

    /// The rules that `reflect` follows.
    #[must_use]
    pub fn of_reflect(deviations: Deviations) -> Self {
        Self {
            rolls_back: !deviations.contains(Deviation::NoRollback),
            aligns_zero_size: !deviations.contains(Deviation::ZeroSizeArgAlignment),
            spills_by_type: !deviations.contains(Deviation::SpillByRegisterCount),
            maps_interface_receiver: deviations.contains(Deviation::InterfaceReceiverLayout),
        }
    }
}

/// Everything about one call of a function type.
#[derive(Clone, Debug)]
pub struct CallAbi {
    /// Where the receiver word is, for methods.
    pub receiver: Option<Vec<Step>>,
    /// Steps of each argument.
    pub args: Vec<Vec<Step>>,
    /// Stack offset of each argument, or where it would be.
    pub args_at: Vec<u64>,
    /// Stack offset of each result, or where it would be.
    pub results_at: Vec<u64>,
    /// Steps of each result. Stack offsets count from the start of the argument area.
    pub results: Vec<Vec<Step>>,
    /// Bytes of stack arguments.
    pub stack_args_bytes: u64,
    /// Offset of the stack results.
    pub ret_offset: u64,
    /// Bytes of stack arguments and results together: the size of the heap frame that `reflect` allocates.
    pub frame_bytes: u64,
    /// Bytes that the callee may spill register arguments to, above the stack results.
    pub spill_bytes: u64,
    /// Which words of the heap frame are pointers, as `reflect` sees it.
    pub frame_pointers: Vec<bool>,
    /// Integer argument registers that hold pointers.
    pub arg_pointers: Vec<usize>,
    /// Integer result registers that hold pointers.
    pub result_pointers: Vec<usize>,
}

/// Who calls whom, as the ABI sees it.
#[derive(Clone, Copy, Debug)]
pub struct CallShape<'a> {
    /// Whether a receiver word comes first.
    pub receiver: bool,
    /// Parameter types.
    pub params: &'a [TypeId],
    /// Result types.
    pub results: &'a [TypeId],
}

impl CallAbi {
    /// Assign the values of a call.
    ///
    /// # Errors
    /// When a type is too large to be laid out.
    pub fn assign(
        layouts: &Layouts<'_>,
        rules: AbiRules,
        regs: RegCounts,
        shape: CallShape<'_>,
    ) -> Result<Self, LayoutError> {
        let word = layouts.rules().word_bytes;
        let mut pointers = StackPointers::new(layouts);
        let mut spill = Spill::default();
        let mut input = Sequence::new(layouts, rules, regs, 0);
        let receiver = shape.receiver.then(|| input.add_receiver());
        if let Some(steps) = &receiver {
            match steps[0].place {
                Place::Stack(offset) => pointers.add_receiver(offset, rules.maps_interface_receiver),
                _ => spill.add_receiver(word),
            }
        }
        let (mut args, mut args_at) = (Vec::new(), Vec::new());
        for id in shape.params {
            let before = input.registers_used();
            let steps = input.add(*id)?;
            match steps.first().map(|step| step.place) {
                Some(Place::Stack(offset)) => pointers.add(offset, *id)?,
                _ => spill.add(rules, layouts, *id, before, input.registers_used())?,
            }
            args_at.push(stack_offset(&steps, input.stack_bytes()));
            args.push(steps);
        }
        let stack_args_bytes = input.stack_bytes();
        // To a word, or to what a value may need where that is more (Go commit ea7d801130).
        let ret_offset = align_up(stack_args_bytes, word.max(layouts.rules().max_align));
        let mut output = Sequence::new(layouts, rules, regs, ret_offset);
        let (mut results, mut results_at) = (Vec::new(), Vec::new());
        for id in shape.results {
            let steps = output.add(*id)?;
            if let Some(Place::Stack(offset)) = steps.first().map(|step| step.place) {
                pointers.add(offset, *id)?;
            }
            results_at.push(stack_offset(&steps, output.stack_bytes()));
            results.push(steps);
        }
        let frame_bytes = align_up(output.stack_bytes(), word);
        Ok(Self {
            arg_pointers: pointer_registers(receiver.iter().chain(&args)),
            result_pointers: pointer_registers(&results),
            receiver,
            args,
            args_at,
            results_at,
            results,
            stack_args_bytes,
            ret_offset,
            frame_bytes,
            spill_bytes: spill.bytes(word),
            frame_pointers: pointers.within(frame_bytes / word),
        })
    }

    /// Bytes that `reflectcall` must reserve: the frame and the spill area behind it.
    #[must_use]
    pub fn reserved_bytes(&self) -> u64 {
        self.frame_bytes + self.spill_bytes
    }
}

/// Where a value is on the stack, or would be: at the end of what is there.
fn stack_offset(steps: &[Step], end: u64) -> u64 {
    match steps.first().map(|step| step.place) {
        Some(Place::Stack(offset)) => offset,
        _ => end,
    }
}

/// Numbers of the integer registers that hold pointers.
fn pointer_registers<'a>(values: impl IntoIterator<Item = &'a Vec<Step>>) -> Vec<usize> {
    let steps = values.into_iter().flatten();
    steps
        .filter_map(|step| match step.place {
            Place::Int { reg, pointer: true } => Some(reg),
            _ => None,
        })
        .collect()
}

/// The pointer map of the frame's stack words.
struct StackPointers<'a> {
    layouts: &'a Layouts<'a>,
    bits: Vec<bool>,
    /// By how much the map is off, in bytes.
    shift: u64,
}

impl<'a> StackPointers<'a> {
    fn new(layouts: &'a Layouts<'a>) -> Self {
        Self { layouts, bits: Vec::new(), shift: 0 }
    }

    fn add_receiver(&mut self, offset: u64, as_interface: bool) {
        self.set(offset);
        if as_interface {
            self.shift = self.layouts.rules().word_bytes;
            self.set(offset);
        }
    }

    fn set(&mut self, offset: u64) {
        let offset = offset + self.shift;
        let word = (offset / self.layouts.rules().word_bytes) as usize;
        if self.bits.len() <= word {
            self.bits.resize(word + 1, false);
        }
        self.bits[word] = true;
    }

    /// The map of a frame of so many words.
    fn within(mut self, words: u64) -> Vec<bool> {
        self.bits.truncate(words as usize);
        self.bits
    }

    fn add(&mut self, offset: u64, id: TypeId) -> Result<(), LayoutError> {
        for at in self.layouts.pointer_offsets(id, TypeWords::Pointers)? {
            self.set(offset + at);
        }
        Ok(())
    }
}

/// Space for the callee to spill its register arguments to.
#[derive(Default)]
struct Spill {
    bytes: u64,
}

impl Spill {
    fn add_receiver(&mut self, word: u64) {
        self.bytes += word;
    }

    fn add(
        &mut self,
        rules: AbiRules,
        layouts: &Layouts<'_>,
        id: TypeId,
        before: RegCounts,
        after: RegCounts,
    ) -> Result<(), LayoutError> {
        let layout = layouts.layout(id)?;
        if rules.spills_by_type {
            self.bytes = align_up(self.bytes, layout.align) + layout.size;
        } else {
            let ints = (after.ints - before.ints) as u64 * layouts.rules().word_bytes;
            self.bytes += ints + (after.floats - before.floats) as u64 * 8;
        }
        Ok(())
    }

    fn bytes(&self, word: u64) -> u64 {
        align_up(self.bytes, word)
    }
}
