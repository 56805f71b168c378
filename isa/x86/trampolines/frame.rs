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
/// Distance of the guard from the end of the stack in 2020, without the parts for other systems.
const STACK_GUARD_BYTES_2020: i32 = 928;
/// What the guard is set to so that the next check stops the goroutine, as the check before 2021 compares it: the low 32
/// bits, sign-extended.
const STACK_PREEMPT: i32 = -1314;
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
    /// Whether its callers keep g in its register (ABIInternal), or it must be loaded (ABI0).
    pub has_g: bool,
}

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

/// How an epoch's assembler builds frames: what it does, and with which registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Style {
    /// The frame pointer is pushed before the stack pointer moves, else stored at the top of the frame after.
    pushes_frame_pointer: bool,
    /// Wrappers look for a panic in progress; in Go 1.27 they are like any function.
    looks_for_panic: bool,
    /// Large frames test for underflow of the stack pointer, else the comparison is arranged so that nothing underflows.
    tests_underflow: bool,
    /// Where g is loaded.
    g: Gpr,
    /// The stack pointer after the frame, in the check.
    lowered: Gpr,
    /// The panic in progress.
    panic: Gpr,
    /// The frame's end, in the check for a panic.
    frame_end: Gpr,
}

impl Style {
    /// Before registers passed arguments, any register would do.
    const Y2020: Self = Self {
        pushes_frame_pointer: false,
        looks_for_panic: true,
        tests_underflow: false,
        g: Gpr::CX,
        lowered: Gpr::AX,
        panic: Gpr::BX,
        frame_end: Gpr::DI,
    };

    /// Registers that pass no arguments. The assembler at the very commit of 2021 is taken to be that of the release
    /// that followed it, Go 1.17, which differs from Go 1.19 in nothing that shows here.
    const Y2021: Self = Self {
        tests_underflow: true,
        g: Gpr::R14,
        lowered: Gpr::R12,
        panic: Gpr::R12,
        frame_end: Gpr::R13,
        ..Self::Y2020
    };

    const GO127: Self = Self { pushes_frame_pointer: true, looks_for_panic: false, ..Self::Y2021 };

    fn of(epoch: Epoch) -> Self {
        if epoch >= Epoch::Go127 {
            Self::GO127
        } else if epoch >= Epoch::Y2021 {
            Self::Y2021
        } else {
            Self::Y2020
        }
    }
}

/// Write a function with a frame around a body.
pub fn with_frame(epoch: Epoch, frame: Frame, body: impl FnOnce(&mut Assembler)) -> Assembler {
    let style = Style::of(epoch);
    let mut a = Assembler::default();
    let start = a.label();
    a.place(start);
    let looks_for_panic = frame.is_wrapper && style.looks_for_panic;
    if (frame.splits_stack || looks_for_panic) && !frame.has_g {
        a.load_thread_local(style.g, G_FROM_FS);
    }
    let more = frame.splits_stack.then(|| check_stack(&mut a, style, frame));
    enter(&mut a, style, frame);
    let panicking = looks_for_panic.then(|| check_panic(&mut a, style));
    body(&mut a);
    leave(&mut a, style, frame);
    if let Some(more) = more {
        grow_stack(&mut a, more, start);
    }
    if let Some(panicking) = panicking {
        note_panic(&mut a, style, frame, panicking);
    }
    a
}

/// Compare the stack pointer after the frame with the guard.
fn check_stack(a: &mut Assembler, style: Style, frame: Frame) -> Label {
    let more = a.label();
    let guard = At(style.g, STACK_GUARD);
    let beyond = frame.total() - STACK_SMALL;
    if beyond <= 0 {
        a.cmp_mem(Gpr::SP, guard);
    } else if frame.total() <= STACK_BIG {
        a.lea(style.lowered, At(Gpr::SP, -beyond));
        a.cmp_mem(style.lowered, guard);
    } else if style.tests_underflow {
        a.mov(style.lowered, Gpr::SP);
        a.sub_imm(style.lowered, beyond);
        a.branch(Condition::BELOW, more);
        a.cmp_mem(style.lowered, guard);
    } else {
        compare_without_underflow(a, style, beyond, more);
    }
    a.branch(Condition::BELOW_OR_EQUAL, more);
    more
}

/// Compare distances from the guard, which are positive, after ruling out the guard that asks for a stop.
fn compare_without_underflow(a: &mut Assembler, style: Style, beyond: i32, more: Label) {
    let guard = Gpr::SI;
    a.load(guard, At(style.g, STACK_GUARD));
    a.cmp_imm(guard, STACK_PREEMPT);
    a.branch(Condition::EQUAL, more);
    a.lea(style.lowered, At(Gpr::SP, STACK_GUARD_BYTES_2020));
    a.sub(style.lowered, guard);
    a.cmp_imm(style.lowered, beyond + STACK_GUARD_BYTES_2020);
}

fn enter(a: &mut Assembler, style: Style, frame: Frame) {
    if style.pushes_frame_pointer {
        a.push(Gpr::BP);
        a.mov(Gpr::BP, Gpr::SP);
        a.adjust_sp(frame.bytes);
    } else {
        a.adjust_sp(frame.total());
        a.store(At(Gpr::SP, frame.bytes), Gpr::BP);
        a.lea(Gpr::BP, At(Gpr::SP, frame.bytes));
    }
}

fn leave(a: &mut Assembler, style: Style, frame: Frame) {
    if style.pushes_frame_pointer {
        a.adjust_sp(-frame.bytes);
        a.pop(Gpr::BP);
    } else {
        a.load(Gpr::BP, At(Gpr::SP, frame.bytes));
        a.adjust_sp(-frame.total());
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

fn check_panic(a: &mut Assembler, style: Style) -> PanicCheck {
    let check = PanicCheck { found: a.label(), resume: a.label() };
    a.load(style.panic, At(style.g, G_PANIC));
    a.test(style.panic);
    a.branch(Condition::NOT_EQUAL, check.found);
    a.place(check.resume);
    check
}

/// When the panic's argument pointer is this wrapper's, it becomes that of the function it wraps.
fn note_panic(a: &mut Assembler, style: Style, frame: Frame, check: PanicCheck) {
    let argument_pointer = At(style.panic, 0);
    a.set_sp_delta(frame.total());
    a.place(check.found);
    a.lea(style.frame_end, At(Gpr::SP, frame.args_at()));
    a.cmp_to_mem(argument_pointer, style.frame_end);
    a.branch(Condition::NOT_EQUAL, check.resume);
    a.store(argument_pointer, Gpr::SP);
    a.jump(check.resume);
}
