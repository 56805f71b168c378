//! What Go's assembler adds to a routine: the check for stack space, the frame with its saved frame pointer, the check of
//! wrappers for a panic in progress, and the way out.
//!
//! Since 2020 the bytes are those of a toolchain or of the release that followed the commit. For the epochs before, no
//! toolchain is at hand to compare with: what is done, in which order and with which registers follows the assemblers of
//! Go 1.4, 1.8 and 1.11 (`liblink/obj6.c`, `cmd/internal/obj/x86/obj6.go`), while encodings that those might have chosen
//! otherwise, as that of a symbol's address, are today's.

use rcsim_uop::Epoch;

use super::Target;
use crate::x86::encode::{Assembler, At, Condition, Gpr, Label};
use crate::x86::mode::Mode;

/// Offset of the stack guard in g, in words.
const STACK_GUARD: i32 = 2;
/// Offset of the innermost panic in g, in words.
const G_PANIC: i32 = 4;
/// Bytes below the guard that a function may use without a check.
const STACK_SMALL: i32 = 128;
/// Frames up to this size cannot underflow the stack pointer in the check.
const STACK_BIG: i32 = 4096;
/// What the guard is set to so that the next check stops the goroutine, as the check before 2021 compares it: the low 32
/// bits, sign-extended.
const STACK_PREEMPT: i32 = -1314;

/// Offsets of g from the thread pointer on Linux: until Go 1.4, when a second word followed, which had held m before; and
/// since. On amd64p32, which existed for NaCl only, it is where the thread pointer points.
pub const fn g_slots(mode: Mode) -> [i32; 2] {
    match mode {
        Mode::LONG_SMALL => [0, 0],
        _ => [mode.word(-2), mode.word(-1)],
    }
}

/// Load g: on amd64 from thread-local storage, on 386 through the thread pointer that stands there, because Linux may put
/// it anywhere, and on amd64p32 through the frame pointer's register, which NaCl gives to the thread pointer.
fn load_g(a: &mut Assembler, style: Style) {
    match a.mode() {
        Mode::PROTECTED => {
            a.load_thread_pointer(style.g);
            a.load_far(style.g, At(style.g, style.g_slot));
        }
        Mode::LONG_SMALL => a.load(style.g, At(Gpr::BP, style.g_slot)),
        _ => a.load_thread_local(style.g, style.g_slot),
    }
}

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
    pub fn args_at(self, target: Target) -> i32 {
        self.total(Style::of(target)) + i32::from(target.mode.push_bytes())
    }

    /// The frame with its saved frame pointer, where there is one.
    fn total(self, style: Style) -> i32 {
        self.bytes + if style.frame_pointer == FramePointer::None { 0 } else { SAVED_FRAME_POINTER }
    }
}

/// Bytes of a saved frame pointer, which only amd64 has.
const SAVED_FRAME_POINTER: i32 = 8;

/// Whether functions keep a frame pointer: on amd64 since Go 1.7.
pub fn keeps_frame_pointer(target: Target) -> bool {
    Style::of(target).frame_pointer != FramePointer::None
}

/// What becomes of the caller's frame pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FramePointer {
    /// Nothing: the register is one like any other.
    None,
    /// Stored at the top of the frame after the stack pointer has moved.
    Stored,
    /// Pushed before the stack pointer moves.
    Pushed,
}

/// Where code goes that runs rarely: the call for more stack, and what a wrapper does in a panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rare {
    /// Where it is written: the common case jumps over it.
    InPlace,
    /// Behind the function.
    Behind,
}

/// How a frame too large to be subtracted without a thought is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LargeCheck {
    /// Compare distances from the guard, which are positive; the guard stands this far from the end of the stack, parts
    /// for other systems aside.
    Distances(i32),
    /// Subtract, and look for an underflow.
    Underflow,
}

/// How an epoch's assembler builds frames: what it does, and with which registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Style {
    frame_pointer: FramePointer,
    /// Offset of g from the thread pointer.
    g_slot: i32,
    /// Where the call for more stack stands.
    growth: Rare,
    /// Whether wrappers look for a panic in progress, and where what follows then stands; in Go 1.27 they are like any
    /// function.
    panic_check: Option<Rare>,
    large_check: LargeCheck,
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
        frame_pointer: FramePointer::Stored,
        g_slot: g_slots(Mode::LONG)[1],
        growth: Rare::Behind,
        panic_check: Some(Rare::Behind),
        large_check: LargeCheck::Distances(928),
        g: Gpr::CX,
        lowered: Gpr::AX,
        panic: Gpr::BX,
        frame_end: Gpr::DI,
    };

    /// Go 1.11, the release before the commit.
    const Y2018: Self = Self { large_check: LargeCheck::Distances(880), ..Self::Y2020 };

    /// Go 1.8, the release after the commit.
    const Y2016: Self =
        Self { panic_check: Some(Rare::InPlace), large_check: LargeCheck::Distances(720), ..Self::Y2018 };

    /// Go 1.4, the release of the same month.
    const Y2014: Self = Self {
        frame_pointer: FramePointer::None,
        g_slot: g_slots(Mode::LONG)[0],
        growth: Rare::InPlace,
        large_check: LargeCheck::Distances(512),
        ..Self::Y2016
    };

    /// Registers that pass no arguments. The assembler at the very commit of 2021 is taken to be that of the release
    /// that followed it, Go 1.17, which differs from Go 1.19 in nothing that shows here.
    const Y2021: Self = Self {
        large_check: LargeCheck::Underflow,
        g: Gpr::R14,
        lowered: Gpr::R12,
        panic: Gpr::R12,
        frame_end: Gpr::R13,
        ..Self::Y2020
    };

    const GO127: Self = Self { frame_pointer: FramePointer::Pushed, panic_check: None, ..Self::Y2021 };

    fn of(target: Target) -> Self {
        match target.mode {
            Mode::LONG => Self::of_amd64(target.epoch),
            _ => Self::with_small_pointers(target),
        }
    }

    /// The other machines never had a frame pointer, nor argument registers to keep clear of. The assembler is the same
    /// one, but for that of Go 1.4 on 386, which had the same done.
    fn with_small_pointers(target: Target) -> Self {
        let epoch = target.epoch;
        let like = Self::of_amd64(epoch.min(Epoch::Y2020));
        let [oldest, since] = g_slots(target.mode);
        Self {
            frame_pointer: FramePointer::None,
            g_slot: if epoch < Epoch::Y2016 { oldest } else { since },
            panic_check: like.panic_check.filter(|_| epoch < Epoch::Go127),
            large_check: Self::of_amd64(epoch).large_check,
            ..like
        }
    }

    fn of_amd64(epoch: Epoch) -> Self {
        match epoch {
            Epoch::Y2014Before | Epoch::Y2014 => Self::Y2014,
            Epoch::Y2016 => Self::Y2016,
            Epoch::Y2018 => Self::Y2018,
            Epoch::Y2020 => Self::Y2020,
            Epoch::Y2021 | Epoch::Go119 => Self::Y2021,
            Epoch::Go127 => Self::GO127,
        }
    }
}

/// Write a function with a frame around a body.
pub fn with_frame(target: Target, frame: Frame, body: impl FnOnce(&mut Assembler)) -> Assembler {
    let style = Style::of(target);
    let mut a = Assembler::new(target.mode);
    let start = a.label();
    a.place(start);
    let panic_check = style.panic_check.filter(|_| frame.is_wrapper);
    if (frame.splits_stack || panic_check.is_some()) && !frame.has_g {
        load_g(&mut a, style);
    }
    let more = frame.splits_stack.then(|| check_stack(&mut a, style, frame, start)).flatten();
    enter(&mut a, style, frame);
    let panicking = panic_check.and_then(|place| check_panic(&mut a, style, frame, place));
    body(&mut a);
    leave(&mut a, style, frame);
    if let Some(more) = more {
        a.place(more);
        grow_stack(&mut a, start);
    }
    if let Some(panicking) = panicking {
        note_panic_behind(&mut a, style, frame, panicking);
    }
    a
}

/// A word of g.
fn in_g(a: &Assembler, style: Style, word: i32) -> At {
    At(style.g, a.mode().word(word))
}

/// Compare the stack pointer after the frame with the guard. What is returned must be placed before the call for more
/// stack, unless that stands here.
fn check_stack(a: &mut Assembler, style: Style, frame: Frame, start: Label) -> Option<Label> {
    let more = a.label();
    let guard = in_g(a, style, STACK_GUARD);
    let beyond = frame.total(style) - STACK_SMALL;
    if beyond <= 0 {
        a.cmp_mem(Gpr::SP, guard);
    } else if frame.total(style) <= STACK_BIG {
        a.lea(style.lowered, At(Gpr::SP, -beyond));
        a.cmp_mem(style.lowered, guard);
    } else {
        check_large(a, style, beyond, more);
    }
    match style.growth {
        Rare::Behind => {
            a.branch(Condition::BELOW_OR_EQUAL, more);
            Some(more)
        }
        Rare::InPlace => {
            let enough = a.label();
            a.branch(Condition::ABOVE, enough);
            a.place(more);
            grow_stack(a, start);
            a.place(enough);
            None
        }
    }
}

fn check_large(a: &mut Assembler, style: Style, beyond: i32, more: Label) {
    match style.large_check {
        LargeCheck::Underflow => {
            a.mov(style.lowered, Gpr::SP);
            a.sub_imm(style.lowered, beyond);
            a.branch(Condition::BELOW, more);
            let guard = in_g(a, style, STACK_GUARD);
            a.cmp_mem(style.lowered, guard);
        }
        LargeCheck::Distances(guard_bytes) => compare_distances(a, style, beyond, guard_bytes, more),
    }
}

/// Compare distances from the guard, after ruling out the guard that asks for a stop.
fn compare_distances(a: &mut Assembler, style: Style, beyond: i32, guard_bytes: i32, more: Label) {
    let guard = Gpr::SI;
    let stack_guard = in_g(a, style, STACK_GUARD);
    a.load(guard, stack_guard);
    a.cmp_imm(guard, STACK_PREEMPT);
    a.branch(Condition::EQUAL, more);
    a.lea(style.lowered, At(Gpr::SP, guard_bytes));
    a.sub(style.lowered, guard);
    a.cmp_imm(style.lowered, beyond + guard_bytes);
}

fn enter(a: &mut Assembler, style: Style, frame: Frame) {
    match style.frame_pointer {
        FramePointer::None => a.adjust_sp(frame.bytes),
        FramePointer::Stored => {
            a.adjust_sp(frame.total(style));
            a.store(At(Gpr::SP, frame.bytes), Gpr::BP);
            a.lea(Gpr::BP, At(Gpr::SP, frame.bytes));
        }
        FramePointer::Pushed => {
            a.push(Gpr::BP);
            a.mov(Gpr::BP, Gpr::SP);
            a.adjust_sp(frame.bytes);
        }
    }
}

fn leave(a: &mut Assembler, style: Style, frame: Frame) {
    match style.frame_pointer {
        FramePointer::None => a.adjust_sp(-frame.bytes),
        FramePointer::Stored => {
            a.load(Gpr::BP, At(Gpr::SP, frame.bytes));
            a.adjust_sp(-frame.total(style));
        }
        FramePointer::Pushed => {
            a.adjust_sp(-frame.bytes);
            a.pop(Gpr::BP);
        }
    }
    a.ret();
}

fn grow_stack(a: &mut Assembler, start: Label) {
    a.call("runtime.morestack_noctxt");
    a.jump(start);
}

/// Where the check for a panic goes out of line, and where it comes back.
struct PanicCheck {
    found: Label,
    resume: Label,
}

/// Look for a panic in progress. What is returned must be handled behind the function.
fn check_panic(a: &mut Assembler, style: Style, frame: Frame, place: Rare) -> Option<PanicCheck> {
    let resume = a.label();
    let innermost = in_g(a, style, G_PANIC);
    a.load(style.panic, innermost);
    a.test(style.panic);
    match place {
        Rare::InPlace => {
            a.branch(Condition::EQUAL, resume);
            note_panic(a, style, frame, resume);
            a.place(resume);
            None
        }
        Rare::Behind => {
            let found = a.label();
            a.branch(Condition::NOT_EQUAL, found);
            a.place(resume);
            Some(PanicCheck { found, resume })
        }
    }
}

fn note_panic_behind(a: &mut Assembler, style: Style, frame: Frame, check: PanicCheck) {
    a.set_sp_delta(frame.total(style));
    a.place(check.found);
    note_panic(a, style, frame, check.resume);
    a.jump(check.resume);
}

/// When the panic's argument pointer is this wrapper's, it becomes that of the function it wraps.
fn note_panic(a: &mut Assembler, style: Style, frame: Frame, otherwise: Label) {
    let argument_pointer = At(style.panic, 0);
    let return_address = i32::from(a.mode().push_bytes());
    a.lea(style.frame_end, At(Gpr::SP, frame.total(style) + return_address));
    a.cmp_to_mem(argument_pointer, style.frame_end);
    a.branch(Condition::NOT_EQUAL, otherwise);
    a.store(argument_pointer, Gpr::SP);
}
