//! What Go's assembler adds to a routine: the stack check, the frame, the way back, and access to arguments.
//!
//! A frame holds, from its bottom: the saved link register, the locals and outgoing arguments. The caller's frame pointer,
//! where one is kept, lies just below the frame, at -8(SP). The arguments of the caller start 8 bytes above the frame: one word is left for
//! the link register of the caller's own frame.

use rcsim_uop::port::{BuildError, PointerMap};

use super::assembler::Assembler;
use crate::arm64::encode::{Arm64, Asm, Cc, FP, LR, SP, X, ZR, bitmask_field, fits_add, fits_scaled};
use crate::assembly::Label;
use crate::routine::{Finished, Head, Sheet};

/// The register that the assembler takes for itself.
const TMP: X = X(27);
/// The current goroutine.
const G: X = X(28);
/// Offset of `stackguard0` in `runtime.g`.
const G_STACKGUARD: u32 = 16;
/// Offset of `_panic` in `runtime.g`.
const G_PANIC: u32 = 32;
/// Offset of `argp` in `runtime._panic`.
const PANIC_ARGP: u32 = 0;
/// Bytes below the stack guard that a small frame may use without a finer check (`StackSmall`).
const STACK_SMALL: u32 = 128;
/// Frames above this are checked against wrapping around (`StackBig`).
const STACK_BIG: u32 = 4096;
/// `-StackPreempt`: the guard's value when the goroutine is asked to stop is -1314.
const STACK_PREEMPT: u32 = 1314;
/// The largest frame that one updating store or load can make or leave.
const MAX_UPDATE: u32 = 0xf0;
/// The word that every frame keeps for the link register, and the one above it that the caller keeps.
const LINK_BYTES: u32 = 8;

/// How a constant is added to the stack pointer.
enum Steps {
    /// It fits an addition.
    One,
    /// Its lower and its upper 12 bits in turn.
    Two,
    /// In a register of its own.
    Constant,
}

/// Newer assemblers never move the stack pointer in two steps: a signal in between would find half a frame.
fn steps(assembler: Assembler, rd: X, bytes: u32) -> Steps {
    let one_piece = bytes <= 0xffff || bytes & 0xffff == 0;
    let may_split = rd != SP || assembler != Assembler::Go127;
    match bytes {
        _ if fits_add(bytes) => Steps::One,
        _ if bytes <= 0xff_ffff && !one_piece && may_split => Steps::Two,
        _ => Steps::Constant,
    }
}

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

    /// Bytes by which the prologue lowers the stack pointer: link register and locals, a multiple of 16.
    fn lowered(&self) -> u32 {
        self.sheet.head.frame_bytes.map_or(0, |bytes| (bytes + LINK_BYTES).next_multiple_of(16))
    }

    /// Offset of argument byte `offset` from the stack pointer in the body.
    pub fn arg(&self, offset: u32) -> u32 {
        self.lowered() + LINK_BYTES + offset
    }

    fn sp_is_lower_by(&mut self, bytes: u32) {
        self.sheet.sp_is_lower_by(self.asm.position(), bytes as i32);
    }

    /// Registers of the stack check: the guard, the stack pointer, a constant.
    const fn scratch(&self) -> (X, X, X) {
        match self.assembler {
            Assembler::Go18 | Assembler::Go111 | Assembler::Go116 => (X(1), X(2), X(3)),
            Assembler::Go119 | Assembler::Go127 => (X(16), X(17), X(20)),
        }
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

    /// What follows when there is a panic stands behind the routine, since 2018.
    fn check_panic(&mut self) {
        let (panic, ..) = self.scratch();
        self.asm.ldr(panic, G, G_PANIC);
        if self.assembler == Assembler::Go18 {
            self.asm.cmp(panic, ZR);
            self.asm.b_if(Cc::Eq, self.body);
            self.note_panic();
        } else {
            self.asm.cbnz(panic, self.panicking);
        }
    }

    /// Compare the stack pointer with the guard, more carefully the larger the frame.
    fn check_stack(&mut self) {
        let (guard, low, _) = self.scratch();
        let bytes = self.lowered();
        self.asm.ldr(guard, G, G_STACKGUARD);
        if bytes <= STACK_SMALL {
            self.compare_sp(guard, low);
        } else if bytes <= STACK_BIG {
            self.sp_minus(low, bytes - STACK_SMALL);
            self.asm.cmp(low, guard);
        } else {
            self.check_huge(guard, low, bytes);
        }
        self.asm.b_if(Cc::Ls, self.morestack);
    }

    fn compare_sp(&mut self, guard: X, low: X) {
        if self.assembler <= Assembler::Go116 {
            self.asm.add_imm(low, SP, 0);
            self.asm.cmp(low, guard);
        } else {
            self.asm.subs_extended(ZR, SP, guard);
        }
    }

    /// The lowered stack pointer may wrap around; Go 1.16 avoided the subtraction, later ones look at its carry.
    fn check_huge(&mut self, guard: X, low: X, bytes: u32) {
        if self.assembler <= Assembler::Go116 {
            let (.., limit) = self.scratch();
            let stack_guard = self.assembler.stack_guard();
            self.asm.adds_imm(ZR, guard, STACK_PREEMPT);
            self.asm.b_if(Cc::Eq, self.morestack);
            self.asm.add_imm(low, SP, stack_guard);
            self.asm.sub(low, low, guard);
            self.constant(limit, bytes + (stack_guard - STACK_SMALL));
            self.asm.cmp(low, limit);
            return;
        }
        let below = bytes - STACK_SMALL;
        if fits_add(below) {
            self.asm.subs_imm(low, SP, below);
        } else {
            self.wide(TMP, below);
            self.asm.subs_extended(low, SP, TMP);
        }
        self.asm.b_if(Cc::Lo, self.morestack);
        self.asm.cmp(low, guard);
    }

    fn make_frame(&mut self) {
        let bytes = self.lowered();
        if bytes <= MAX_UPDATE {
            self.asm.str_pre(LR, SP, -(bytes as i32));
            self.sp_is_lower_by(bytes);
        } else {
            self.make_large_frame(bytes);
        }
        if !self.assembler.keeps_frame_pointer() {
            return;
        }
        if bytes <= MAX_UPDATE || self.assembler == Assembler::Go116 {
            self.asm.stur(FP, SP, -8);
        }
        self.asm.sub_imm(FP, SP, 8);
    }

    /// Since 2018 the link register is saved before the stack pointer moves, so that a signal in between finds a whole
    /// frame.
    fn make_large_frame(&mut self, bytes: u32) {
        if self.assembler == Assembler::Go18 {
            self.sp_minus(SP, bytes - MAX_UPDATE);
            self.sp_is_lower_by(bytes - MAX_UPDATE);
            self.asm.str_pre(LR, SP, -(MAX_UPDATE as i32));
            self.sp_is_lower_by(bytes);
            return;
        }
        let bottom = if self.assembler == Assembler::Go111 { TMP } else { X(20) };
        self.sp_minus(bottom, bytes);
        if self.assembler >= Assembler::Go119 {
            self.asm.stp(FP, LR, bottom, -8);
        } else {
            self.asm.str(LR, bottom, 0);
        }
        self.asm.add_imm(SP, bottom, 0);
        self.sp_is_lower_by(bytes);
    }

    /// `rd = constant` as the assembler picks it for a move that the author wrote.
    pub fn constant(&mut self, rd: X, value: u32) {
        if fits_add(value) && bitmask_field(u64::from(value)).is_some() {
            self.asm.orr_imm(rd, ZR, u64::from(value));
        } else {
            self.wide(rd, value);
        }
    }

    /// `rd = constant` by 16-bit pieces.
    fn wide(&mut self, rd: X, value: u32) {
        let (low, high) = (value as u16, (value >> 16) as u16);
        match (low, high) {
            (_, 0) => self.asm.movz(rd, low, 0),
            (0, _) => self.asm.movz(rd, high, 1),
            _ => {
                self.asm.movz(rd, low, 0);
                self.asm.movk(rd, high, 1);
            }
        }
    }

    /// `rd = sp - bytes`.
    fn sp_minus(&mut self, rd: X, bytes: u32) {
        match steps(self.assembler, rd, bytes) {
            Steps::One => self.asm.sub_imm(rd, SP, bytes),
            Steps::Two => {
                self.asm.sub_imm(rd, SP, bytes & 0xfff);
                self.asm.sub_imm(rd, rd, bytes & !0xfff);
            }
            Steps::Constant => {
                self.wide(TMP, bytes);
                self.asm.sub_extended(rd, SP, TMP);
            }
        }
    }

    /// `rd = sp + bytes`.
    pub fn sp_plus(&mut self, rd: X, bytes: u32) {
        match steps(self.assembler, rd, bytes) {
            Steps::One => self.asm.add_imm(rd, SP, bytes),
            Steps::Two => {
                self.asm.add_imm(rd, SP, bytes & 0xfff);
                self.asm.add_imm(rd, rd, bytes & !0xfff);
            }
            Steps::Constant => {
                self.wide(TMP, bytes);
                self.asm.add_extended(rd, SP, TMP);
            }
        }
    }

    /// Load 8 bytes at `offset` from the stack pointer.
    pub fn load(&mut self, rt: X, offset: u32) {
        self.load_sized(rt, offset, 3);
    }

    /// Load 4 bytes at `offset` from the stack pointer, zero-extended.
    pub fn load_w(&mut self, rt: X, offset: u32) {
        self.load_sized(rt, offset, 2);
    }

    fn load_sized(&mut self, rt: X, offset: u32, log2: u32) {
        if fits_scaled(offset, log2) {
            self.load_at(rt, SP, offset, log2);
            return;
        }
        // Before the offset was split well, each one that did not fit also got a word in the pool.
        if self.assembler != Assembler::Go127 {
            self.asm.pool_word(offset);
        }
        match self.split(offset, log2) {
            Some((high, low)) => {
                self.asm.add_imm(TMP, SP, high);
                self.load_at(rt, TMP, low, log2);
            }
            None => {
                self.asm.ldr_w_pool(TMP, offset);
                if log2 == 3 {
                    self.asm.ldr_indexed(rt, SP, TMP);
                } else {
                    self.asm.ldr_w_indexed(rt, SP, TMP);
                }
            }
        }
    }

    fn load_at(&mut self, rt: X, base: X, offset: u32, log2: u32) {
        if log2 == 3 {
            self.asm.ldr(rt, base, offset);
        } else {
            self.asm.ldr_w(rt, base, offset);
        }
    }

    /// An offset as the sum of what an addition can hold and what the access can hold.
    fn split(&self, offset: u32, log2: u32) -> Option<(u32, u32)> {
        const MAX_ADD: u32 = 0xff_f000;
        let max_low = 0xfff << log2;
        let plain = offset & max_low;
        if self.assembler != Assembler::Go127 {
            return (offset - plain <= MAX_ADD).then_some((offset - plain, plain));
        }
        if offset - max_low <= 0xfff {
            return Some((offset - max_low, max_low));
        }
        let high = (offset - plain).min(MAX_ADD);
        (offset - high <= max_low).then_some((high, offset - high))
    }

    /// Return to the caller: the frame goes.
    pub fn ret(&mut self) {
        let bytes = self.lowered();
        if self.sheet.head.frame_bytes.is_some() {
            self.leave_frame(bytes);
            self.sp_is_lower_by(0);
        }
        self.asm.ret();
    }

    fn leave_frame(&mut self, bytes: u32) {
        let update = match self.assembler {
            Assembler::Go18 | Assembler::Go111 | Assembler::Go116 => bytes.min(MAX_UPDATE),
            Assembler::Go119 => 0,
            Assembler::Go127 if bytes <= MAX_UPDATE => bytes,
            Assembler::Go127 => 0,
        };
        if update > 0 {
            if self.assembler.keeps_frame_pointer() {
                self.asm.ldur(FP, SP, -8);
            }
            self.asm.ldr_post(LR, SP, update as i32);
            self.sp_is_lower_by(bytes - update);
        } else {
            self.asm.ldp(FP, LR, SP, -8);
        }
        if bytes > update {
            self.sp_plus(SP, bytes - update);
        }
    }

    /// End the routine: the paths that are rarely taken, and the pool.
    #[must_use]
    pub fn end(mut self) -> Self {
        if self.sheet.head.splits_stack && self.sheet.head.frame_bytes.is_some() {
            self.grow_stack();
        }
        if self.checks_panic() && self.sheet.head.frame_bytes.is_some() && self.assembler > Assembler::Go18 {
            self.adjust_panic();
        }
        if self.asm.has_pool() {
            self.flush_pool();
        }
        self
    }

    /// The code, assembled.
    ///
    /// # Errors
    /// When something could not be encoded.
    pub fn finish(self) -> Result<Finished<Arm64>, BuildError> {
        self.sheet.finish(self.asm)
    }

    fn grow_stack(&mut self) {
        let morestack = self.morestack;
        self.asm.bind(morestack);
        self.asm.mov(X(3), LR);
        self.asm.bl("runtime.morestack_noctxt");
        self.asm.b(self.start);
    }

    /// What is done in a panic, behind the routine.
    fn adjust_panic(&mut self) {
        let panicking = self.panicking;
        self.asm.bind(panicking);
        let lowered = self.lowered();
        self.sp_is_lower_by(lowered);
        self.note_panic();
        self.asm.b(self.body);
    }

    /// A panic whose deferred call's arguments are ours now has them in our callee's frame.
    fn note_panic(&mut self) {
        let (panic, argp, other) = self.scratch();
        let bottom = if self.assembler <= Assembler::Go116 { X(4) } else { other };
        self.asm.ldr(argp, panic, PANIC_ARGP);
        self.sp_plus(other, self.lowered() + LINK_BYTES);
        self.asm.cmp(other, argp);
        self.asm.b_if(Cc::Ne, self.body);
        self.asm.add_imm(bottom, SP, LINK_BYTES);
        self.asm.str(bottom, panic, PANIC_ARGP);
    }

    /// Older assemblers put a branch before the pool, to themselves when nothing follows.
    fn flush_pool(&mut self) {
        if self.assembler != Assembler::Go127 {
            let itself = self.asm.here();
            self.asm.b(itself);
        }
        self.asm.flush_pool();
    }
}
