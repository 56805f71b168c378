//! What Go's assembler adds to a routine: the check for stack space, the frame with its saved frame pointer, the check of
//! wrappers for a panic in progress, and the way out.

use rcsim_uop::Epoch;

use crate::x86::encode::{Assembler, At, Condition, Gpr, Label};

/// Offset of g in thread-local storage from the base of fs, on Linux.
const G_FROM_FS: i32 = -8;
/// Offset of the stack guard in g.
const STACK_GUARD: i32 = 16;
/// Offset of the innermost panic in g.
const G_PANIC: i32 = 32;
/// Bytes below the guard that a function may use without a check.
const STACK_SMALL: i32 = 128;
/// Frames up to this size cannot underflow the stack pointer in the check.
const STACK_BIG: i32 = 4096;
/// Bytes of the saved frame pointer, and of the return address.
const WORD: i32 = 8;

/// What a routine states about its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Bytes of locals and outgoing arguments.
    pub bytes: i32,
    /// Whether it checks for stack space.
    pub splits_stack: bool,
    /// Whether it is a wrapper: one whose frame a panic in progress may belong to.
    pub is_wrapper: bool,
}

/// How an epoch's assembler builds frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// The stack pointer is lowered once and the frame pointer stored at the top of the frame; wrappers look for a panic.
    Stored,
    /// The frame pointer is pushed; wrappers are like any function.
    Pushed,
}

impl Style {
    fn of(epoch: Epoch) -> Self {
        if epoch >= Epoch::Go127 { Self::Pushed } else { Self::Stored }
    }
}

/// Registers that the added code may use.
#[derive(Clone, Copy, Debug)]
struct Scratch {
    /// Where g is loaded.
    g: Gpr,
    /// The stack pointer after the frame, and the panic.
    first: Gpr,
    /// The frame's end.
    second: Gpr,
}

const SCRATCH: Scratch = Scratch { g: Gpr::R14, first: Gpr::R12, second: Gpr::R13 };

impl Frame {
    /// Bytes between the stack pointer in the body and the first argument.
    pub fn args_at(self) -> i32 {
        self.total() + WORD
    }

    /// The frame with its saved frame pointer.
    fn total(self) -> i32 {
        self.bytes + WORD
    }
}

/// Write a function with a frame around a body. The body returns through [`leave`].
pub fn with_frame(epoch: Epoch, frame: Frame, body: impl FnOnce(&mut Assembler)) -> Assembler {
    let mut a = Assembler::default();
    let start = a.label();
    a.place(start);
    let looks_for_panic = frame.is_wrapper && Style::of(epoch) == Style::Stored;
    if frame.splits_stack || looks_for_panic {
        a.load_thread_local(SCRATCH.g, G_FROM_FS);
    }
    let more = frame.splits_stack.then(|| check_stack(&mut a, frame));
    enter(&mut a, epoch, frame);
    let panicking = looks_for_panic.then(|| check_panic(&mut a));
    body(&mut a);
    leave(&mut a, epoch, frame);
    if let Some(more) = more {
        grow_stack(&mut a, more, start);
    }
    if let Some(panicking) = panicking {
        note_panic(&mut a, frame, panicking);
    }
    a
}

/// Compare the stack pointer after the frame with the guard.
fn check_stack(a: &mut Assembler, frame: Frame) -> Label {
    let more = a.label();
    let Scratch { g, first, .. } = SCRATCH;
    let beyond = frame.total() - STACK_SMALL;
    if beyond <= 0 {
        a.cmp_mem(Gpr::SP, At(g, STACK_GUARD));
    } else if frame.total() <= STACK_BIG {
        a.lea(first, At(Gpr::SP, -beyond));
        a.cmp_mem(first, At(g, STACK_GUARD));
    } else {
        a.mov(first, Gpr::SP);
        a.sub_imm(first, beyond);
        a.branch(Condition::BELOW, more);
        a.cmp_mem(first, At(g, STACK_GUARD));
    }
    a.branch(Condition::BELOW_OR_EQUAL, more);
    more
}

fn enter(a: &mut Assembler, epoch: Epoch, frame: Frame) {
    match Style::of(epoch) {
        Style::Stored => {
            a.adjust_sp(frame.total());
            a.store(At(Gpr::SP, frame.bytes), Gpr::BP);
            a.lea(Gpr::BP, At(Gpr::SP, frame.bytes));
        }
        Style::Pushed => {
            a.push(Gpr::BP);
            a.mov(Gpr::BP, Gpr::SP);
            a.adjust_sp(frame.bytes);
        }
    }
}

fn leave(a: &mut Assembler, epoch: Epoch, frame: Frame) {
    match Style::of(epoch) {
        Style::Stored => {
            a.load(Gpr::BP, At(Gpr::SP, frame.bytes));
            a.adjust_sp(-frame.total());
        }
        Style::Pushed => {
            a.adjust_sp(-frame.bytes);
            a.pop(Gpr::BP);
        }
    }
    a.ret();
}

fn grow_stack(a: &mut Assembler, more: Label, start: Label) {
    a.place(more);
    a.call("runtime.morestack_noctxt");
    a.jump(start);
}

/// Where the check for a panic goes out of line, and where it comes back.
struct PanicCheck {
    found: Label,
    resume: Label,
}

fn check_panic(a: &mut Assembler) -> PanicCheck {
    let check = PanicCheck { found: a.label(), resume: a.label() };
    a.load(SCRATCH.first, At(SCRATCH.g, G_PANIC));
    a.test(SCRATCH.first);
    a.branch(Condition::NOT_EQUAL, check.found);
    a.place(check.resume);
    check
}

/// When the panic's argument pointer is this wrapper's, it becomes that of the function it wraps.
fn note_panic(a: &mut Assembler, frame: Frame, check: PanicCheck) {
    let argument_pointer = At(SCRATCH.first, 0);
    a.set_sp_delta(frame.total());
    a.place(check.found);
    a.lea(SCRATCH.second, At(Gpr::SP, frame.args_at()));
    a.cmp_to_mem(argument_pointer, SCRATCH.second);
    a.branch(Condition::NOT_EQUAL, check.resume);
    a.store(argument_pointer, Gpr::SP);
    a.jump(check.resume);
}
