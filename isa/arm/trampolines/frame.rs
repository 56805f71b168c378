//! What Go's assembler adds to a routine: the stack check, the frame, the way back, and access to arguments.
//!
//! A frame holds, from its bottom: the saved link register, the locals and outgoing arguments. The arguments of the caller
//! start one word above the frame: it is left for the link register of the caller's own frame.

use rcsim_uop::port::{BuildError, PointerMap};

use super::assembler::Assembler;
use crate::arm::encode::{Arm, Asm, Cc, LINK, PC, R, SP, rotated, two_rotated};
use crate::assembly::Label;
use crate::routine::{Finished, Head, Sheet};

/// The register that the assembler takes for itself.
const TMP: R = R(11);
/// The current goroutine.
const G: R = R(10);
/// Registers of the stack check: the guard, the lowered stack pointer, a limit.
const GUARD: R = R(1);
const LOW: R = R(2);
const LIMIT: R = R(3);
/// The link register's value while the stack grows.
const LINK_AT_GROWTH: R = R(3);
/// Offset of `stackguard0` in `runtime.g`.
const G_STACKGUARD: i32 = 8;
/// Offset of `_panic` in `runtime.g`.
const G_PANIC: i32 = 16;
/// Offset of `argp` in `runtime._panic`.
const PANIC_ARGP: i32 = 0;
/// Bytes below the stack guard that a small frame may use without a finer check (`StackSmall`).
const STACK_SMALL: u32 = 128;
/// Frames above this are checked against wrapping around (`StackBig`).
const STACK_BIG: u32 = 4096;
/// `-StackPreempt`: the guard's value when the goroutine is asked to stop is -1314.
const STACK_PREEMPT: u32 = 1314;
/// The word that every frame keeps for the link register, and the one above it that the caller keeps.
const LINK_BYTES: u32 = 4;
/// The largest offset of a load or store.
const MAX_OFFSET: u32 = 0xfff;

/// A routine being described.
#[derive(Debug)]
pub struct Routine {
    /// Its own instructions are appended here.
    pub asm: Asm,
    sheet: Sheet,
    assembler: Assembler,
    start: Label,
    morestack: Label,
    panicking: Label,
    body: Label,
}

impl Routine {
    /// Begin a routine: its prologue.
    pub fn new(assembler: Assembler, head: Head, args: PointerMap) -> Self {
        let mut asm = Asm::default();
        let start = asm.here();
        let (morestack, panicking, body) = (asm.label(), asm.label(), asm.label());
        let sheet = Sheet::new(head, args);
        let mut routine = Self { asm, sheet, assembler, start, morestack, panicking, body };
        routine.prologue();
        routine
    }

    /// Give it another name: trampolines differ in a number.
    #[must_use]
    pub fn named(mut self, name: String) -> Self {
        self.sheet.rename(name);
        self
    }

    /// Bytes by which the prologue lowers the stack pointer: link register and locals.
    fn lowered(&self) -> u32 {
        self.sheet.head.frame_bytes.map_or(0, |bytes| bytes + LINK_BYTES)
    }

    /// Offset of argument byte `offset` from the stack pointer in the body.
    pub fn arg(&self, offset: u32) -> u32 {
        self.lowered() + LINK_BYTES + offset
    }

    fn sp_is_lower_by(&mut self, bytes: u32) {
        self.sheet.sp_is_lower_by(self.asm.position(), bytes as i32);
    }

    fn prologue(&mut self) {
        if self.sheet.head.frame_bytes.is_none() {
            return;
        }
        if self.sheet.head.splits_stack {
            self.check_stack();
        }
        self.make_frame();
        if self.checks_panic() {
            self.check_panic();
        }
        let body = self.body;
        self.asm.bind(body);
    }

    const fn checks_panic(&self) -> bool {
        self.sheet.head.wrapper && !matches!(self.assembler, Assembler::Go127)
    }

    /// Compare the stack pointer with the guard, more carefully the larger the frame.
    fn check_stack(&mut self) {
        let bytes = self.lowered();
        self.asm.ldr(GUARD, G, G_STACKGUARD);
        if bytes <= STACK_SMALL {
            self.asm.cmp(Cc::Always, SP, GUARD);
        } else if bytes <= STACK_BIG {
            self.sp_minus(bytes - STACK_SMALL);
            self.asm.cmp(Cc::Always, LOW, GUARD);
        } else if self.assembler <= Assembler::Go116 {
            self.compare_without_underflow(bytes);
        } else {
            self.compare_after_underflow(bytes);
        }
        if self.assembler == Assembler::Go14 {
            self.grow_in_line();
        } else {
            self.asm.b_if(Cc::Ls, self.morestack);
        }
    }

    /// `LOW = SP - bytes`, as an address.
    fn sp_minus(&mut self, bytes: u32) {
        if rotated(bytes).is_some() {
            self.asm.sub_imm(LOW, SP, bytes);
        } else {
            self.asm.ldr_value(Cc::Always, TMP, bytes.wrapping_neg());
            self.asm.add(Cc::Always, LOW, SP, TMP);
        }
    }

    /// Subtract, and compare when nothing was borrowed.
    fn compare_after_underflow(&mut self, bytes: u32) {
        let below = bytes - STACK_SMALL;
        if rotated(below).is_some() {
            self.asm.subs_imm(LOW, SP, below);
        } else {
            self.constant(Cc::Always, TMP, below);
            self.asm.subs(LOW, SP, TMP);
        }
        self.asm.cmp(Cc::Hs, LOW, GUARD);
    }

    /// `SP - guard + StackGuard > frame + StackGuard - StackSmall`, where neither side is ever negative. The guard of a
    /// goroutine that is asked to stop is no address and is looked for first.
    fn compare_without_underflow(&mut self, bytes: u32) {
        let stack_guard = self.assembler.stack_guard();
        if rotated(STACK_PREEMPT).is_some() {
            self.asm.cmn_imm(GUARD, STACK_PREEMPT);
        } else {
            self.asm.ldr_value(Cc::Always, TMP, STACK_PREEMPT.wrapping_neg());
            self.asm.cmp(Cc::Always, GUARD, TMP);
        }
        if rotated(stack_guard).is_some() {
            self.asm.add_imm(Cc::Ne, LOW, SP, stack_guard);
        } else {
            self.asm.ldr_value(Cc::Ne, TMP, stack_guard);
            self.asm.add(Cc::Ne, LOW, SP, TMP);
        }
        self.asm.sub(Cc::Ne, LOW, LOW, GUARD);
        self.asm.ldr_value(Cc::Ne, LIMIT, bytes + (stack_guard - STACK_SMALL));
        self.asm.cmp(Cc::Ne, LOW, LIMIT);
    }

    /// A constant in a register, when it is none that an operation holds.
    fn constant(&mut self, cc: Cc, d: R, value: u32) {
        match u16::try_from(value) {
            Ok(short) if self.assembler == Assembler::Go127 => self.asm.movw(cc, d, short),
            _ => self.asm.ldr_value(cc, d, value),
        }
    }

    fn grow_in_line(&mut self) {
        self.asm.mov(Cc::Ls, LINK_AT_GROWTH, LINK);
        // It comes back with the flags as they are.
        self.asm.bl(Cc::Ls, "runtime.morestack_noctxt");
        self.asm.b_if(Cc::Ls, self.start);
    }

    fn make_frame(&mut self) {
        let bytes = self.lowered();
        if bytes <= MAX_OFFSET {
            self.asm.str_pre(LINK, SP, -(bytes as i32));
        } else {
            self.asm.ldr_value(Cc::Always, TMP, bytes.wrapping_neg());
            self.asm.str_pre_indexed(LINK, SP, TMP);
        }
        self.sp_is_lower_by(bytes);
    }

    /// What follows when there is a panic stands behind the routine, since 2018.
    fn check_panic(&mut self) {
        let panic = R(1);
        self.asm.ldr(panic, G, G_PANIC);
        self.asm.cmp_imm(panic, 0);
        if self.assembler <= Assembler::Go18 {
            self.asm.b_if(Cc::Eq, self.body);
            self.note_panic();
        } else {
            self.asm.b_if(Cc::Ne, self.panicking);
        }
    }

    /// A panic whose deferred call's arguments are ours now has them in our callee's frame.
    fn note_panic(&mut self) {
        let (panic, argp, ours, bottom) = (R(1), R(2), R(3), R(4));
        self.asm.ldr(argp, panic, PANIC_ARGP);
        self.sp_plus(ours, self.lowered() + LINK_BYTES);
        self.asm.cmp(Cc::Always, ours, argp);
        self.asm.b_if(Cc::Ne, self.body);
        self.sp_plus(bottom, LINK_BYTES);
        self.asm.str(bottom, panic, PANIC_ARGP);
    }

    /// `rd = sp + bytes`.
    pub fn sp_plus(&mut self, d: R, bytes: u32) {
        match two_rotated(bytes) {
            _ if rotated(bytes).is_some() => self.asm.add_imm(Cc::Always, d, SP, bytes),
            Some((low, high)) => {
                self.asm.add_imm(Cc::Always, d, SP, low);
                self.asm.add_imm(Cc::Always, d, d, high);
            }
            None => self.asm.fail(format!("the address of {bytes} bytes above the stack pointer")),
        }
    }

    /// Load a word at `offset` from the stack pointer.
    pub fn load(&mut self, d: R, offset: u32) {
        if offset <= MAX_OFFSET {
            self.asm.ldr(d, SP, offset as i32);
        } else {
            self.asm.ldr_value(Cc::Always, TMP, offset);
            self.asm.ldr_indexed(d, SP, TMP);
        }
    }

    /// Return to the caller: the frame goes.
    pub fn ret(&mut self) {
        self.ret_if(Cc::Always);
    }

    /// Return when the condition holds.
    pub fn ret_if(&mut self, cc: Cc) {
        let bytes = self.lowered();
        if bytes <= MAX_OFFSET {
            self.asm.ldr_post_if(cc, PC, SP, bytes as i32);
        } else {
            self.asm.ldr_value(cc, TMP, bytes);
            self.asm.ldr_post_indexed(cc, PC, SP, TMP);
        }
    }

    /// End the routine: the paths that are rarely taken, and the pool.
    #[must_use]
    pub fn end(mut self) -> Self {
        let has_frame = self.sheet.head.frame_bytes.is_some();
        if has_frame && self.sheet.head.splits_stack && self.assembler > Assembler::Go14 {
            self.grow_stack();
        }
        if has_frame && self.checks_panic() && self.assembler > Assembler::Go18 {
            let (panicking, body) = (self.panicking, self.body);
            self.asm.bind(panicking);
            self.note_panic();
            self.asm.b(body);
        }
        self.asm.flush_pool();
        self
    }

    fn grow_stack(&mut self) {
        let morestack = self.morestack;
        self.asm.bind(morestack);
        self.sp_is_lower_by(0);
        self.asm.mov(Cc::Always, LINK_AT_GROWTH, LINK);
        self.asm.bl(Cc::Always, "runtime.morestack_noctxt");
        self.asm.b(self.start);
        let lowered = self.lowered();
        self.sp_is_lower_by(lowered);
    }

    /// The code, assembled.
    ///
    /// # Errors
    /// When something could not be encoded.
    pub fn finish(self) -> Result<Finished<Arm>, BuildError> {
        self.sheet.finish(self.asm)
    }
}
