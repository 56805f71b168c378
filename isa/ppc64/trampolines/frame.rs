//! What Go's assembler adds to a routine: the stack check, the frame, the way back, and access to arguments.
//!
//! A frame holds, from its bottom: the fixed part (saved link register and, since Go 1.6, two reserved words and the saved
//! table pointer), then outgoing arguments and locals. The caller's arguments start above the fixed part of the caller's
//! frame.

use rcsim_uop::port::{BuildError, PointerMap};

use super::assembler::{Assembler, Generation};
use crate::assembly::Label;
use crate::ppc64::encode::{Asm, Cc, Ppc64, R, R0, SP};
use crate::routine::{Finished, Head, Sheet};

/// The register that the assembler takes for itself.
const TMP: R = R(31);
/// What a large frame is made with: the link register's copy.
const FAR_LINK: R = R(29);
/// The current goroutine.
const G: R = R(30);
/// Offset of `stackguard0` in `runtime.g`.
const G_STACKGUARD: i64 = 16;
/// Offset of `_panic` in `runtime.g`.
const G_PANIC: i64 = 32;
/// Offset of `argp` in `runtime._panic`.
const PANIC_ARGP: i64 = 0;
/// Bytes below the stack guard that a small frame may use without a finer check (`StackSmall`).
const STACK_SMALL: u32 = 128;
/// Frames above this are checked against wrapping around (`StackBig`).
const STACK_BIG: u32 = 4096;
/// The guard's value when the goroutine is asked to stop (`StackPreempt`).
const STACK_PREEMPT: i64 = -1314;
/// The largest frame that one updating store makes.
const MAX_UPDATE: u32 = 32760;

/// A routine being described.
#[derive(Debug)]
pub struct Routine {
    /// Its own instructions are appended here.
    pub asm: Asm,
    sheet: Sheet,
    assembler: Assembler,
}

impl Routine {
    /// Begin a routine: its prologue.
    pub fn new(assembler: Assembler, head: Head, args: PointerMap) -> Self {
        let asm = Asm::in_order(assembler.big_endian);
        let mut routine = Self { asm, sheet: Sheet::new(head, args), assembler };
        routine.prologue();
        routine
    }

    /// Give it another name: trampolines differ in a number.
    #[must_use]
    pub fn named(mut self, name: String) -> Self {
        self.sheet.rename(name);
        self
    }

    /// The code, assembled.
    ///
    /// # Errors
    /// When something could not be encoded.
    pub fn finish(self) -> Result<Finished<Ppc64>, BuildError> {
        self.sheet.finish(self.asm)
    }

    /// Bytes of the fixed part of a frame.
    const fn fixed_frame(&self) -> u32 {
        self.assembler.generation.fixed_frame()
    }

    /// Bytes by which the prologue lowers the stack pointer.
    fn lowered(&self) -> u32 {
        self.sheet.head.frame_bytes.map_or(0, |bytes| bytes + self.fixed_frame())
    }

    /// Offset of argument byte `offset` from the stack pointer in the body.
    pub fn arg(&self, offset: u32) -> u32 {
        self.lowered() + self.fixed_frame() + offset
    }

    fn sp_is_lower_by(&mut self, bytes: u32) {
        self.sheet.sp_is_lower_by(self.asm.position(), bytes as i32);
    }

    /// The registers of the assembler's own checks.
    const fn scratch(&self) -> [R; 4] {
        match self.assembler.generation {
            Generation::Go119 | Generation::Go127 => [R(22), R(23), R(24), R(25)],
            _ => [R(3), R(4), R(5), R(6)],
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
        if self.sheet.head.wrapper && self.assembler.generation < Generation::Go127 {
            self.adjust_panic();
        }
    }

    /// Compare the stack pointer with the guard, more carefully the larger the frame, and grow the stack when it is too
    /// low.
    fn check_stack(&mut self) {
        let start = self.asm.here();
        let (enough, grow) = (self.asm.label(), self.asm.label());
        let [guard, low, ..] = self.scratch();
        let bytes = self.lowered();
        self.asm.ld(guard, G, G_STACKGUARD);
        if bytes <= STACK_SMALL {
            self.asm.cmpld(guard, SP);
        } else if bytes > STACK_BIG && self.assembler.generation < Generation::Go119 {
            self.compare_distances(bytes, grow);
        } else {
            // Until Go 1.8 the bytes that small frames may use below the guard were not counted in.
            let allowed = if self.assembler.generation <= Generation::Go18 { 0 } else { STACK_SMALL };
            if bytes > STACK_BIG {
                self.check_wrapping(bytes - allowed, grow);
            }
            self.add_constant(low, -i64::from(bytes - allowed));
            self.asm.cmpld(guard, low);
        }
        self.asm.b_if(Cc::Lt, enough);
        self.asm.bind(grow);
        self.asm.mflr(R(5));
        self.asm.bl("runtime.morestack_noctxt");
        self.asm.b(start);
        self.asm.bind(enough);
    }

    /// A stack pointer that is lower than the frame is large would wrap around.
    fn check_wrapping(&mut self, below: u32, grow: Label) {
        let [_, low, ..] = self.scratch();
        if below <= 0xffff {
            self.asm.cmpldi(SP, below);
        } else {
            self.constant(low, i64::from(below));
            self.asm.cmpld(SP, low);
        }
        self.asm.b_if(Cc::Lt, grow);
    }

    /// Go 1.16 avoided the subtraction: it compared distances from the guard, unless that has its special value.
    fn compare_distances(&mut self, bytes: u32, grow: Label) {
        let [guard, low, ..] = self.scratch();
        let distance = self.assembler.generation.stack_guard();
        self.asm.cmpdi(guard, STACK_PREEMPT);
        self.asm.b_if(Cc::Eq, grow);
        self.asm.addi(low, SP, i64::from(distance));
        self.asm.sub(low, low, guard);
        self.constant(TMP, i64::from(bytes) + i64::from(distance - STACK_SMALL));
        self.asm.cmpld(TMP, low);
    }

    /// Save the link register at the bottom of the new frame.
    fn make_frame(&mut self) {
        let bytes = self.lowered();
        if bytes <= MAX_UPDATE {
            self.asm.mflr(TMP);
            self.asm.stdu(TMP, SP, -i64::from(bytes));
            self.sp_is_lower_by(bytes);
        } else {
            self.make_large_frame(-i64::from(bytes));
        }
    }

    /// Since October 2016 the link register is saved before the stack pointer moves, so that a signal between the two finds
    /// a whole frame (Go issue 17381).
    fn make_large_frame(&mut self, below: i64) {
        let generation = self.assembler.generation;
        if generation == Generation::Go14 {
            self.add_constant(SP, below);
            self.sp_is_lower_by(self.lowered());
            self.asm.mflr(TMP);
            self.asm.std(TMP, SP, 0);
            return;
        }
        self.asm.mflr(FAR_LINK);
        if generation == Generation::Go127 {
            self.constant(TMP, below);
            self.asm.stdux(FAR_LINK, SP, TMP);
        } else {
            let (upper, lower) = halves(below);
            self.asm.addis(TMP, SP, upper);
            self.asm.std(FAR_LINK, TMP, lower);
            self.add_constant(SP, below);
        }
        self.sp_is_lower_by(self.lowered());
    }

    /// A panic whose deferred call's arguments are ours now has them in our callee's frame.
    fn adjust_panic(&mut self) {
        let [panic, argp, ours, bottom] = self.scratch();
        let done = self.asm.label();
        self.asm.ld(panic, G, G_PANIC);
        self.asm.cmpd(R0, panic);
        self.asm.b_if(Cc::Eq, done);
        self.asm.ld(argp, panic, PANIC_ARGP);
        self.add_constant(ours, i64::from(self.arg(0)));
        self.asm.cmpd(argp, ours);
        self.asm.b_if(Cc::Ne, done);
        self.asm.addi(bottom, SP, i64::from(self.fixed_frame()));
        self.asm.std(bottom, panic, PANIC_ARGP);
        self.asm.bind(done);
    }

    /// `rt = value`, in the instructions that Go's assembler chooses.
    pub fn constant(&mut self, rt: R, value: i64) {
        let (upper, lower) = (value >> 16, value as u32 & 0xffff);
        let whole_upper = lower == 0 && self.assembler.generation == Generation::Go127;
        if i16::try_from(value).is_ok() {
            return self.asm.addi(rt, R0, value);
        }
        if upper == 0 && !self.assembler.generation.widens_constants() {
            return self.asm.ori(rt, R0, lower);
        }
        if value < 0 || whole_upper {
            self.asm.addis(rt, R0, upper);
        } else {
            self.asm.oris(rt, R0, upper as u32);
        }
        if lower != 0 {
            self.asm.ori(rt, rt, lower);
        }
    }

    /// `rt = sp + value`.
    pub fn add_constant(&mut self, rt: R, value: i64) {
        if i16::try_from(value).is_ok() {
            self.asm.addi(rt, SP, value);
        } else {
            self.far_constant(value);
            self.asm.add(rt, TMP, SP);
        }
    }

    /// A constant that is added: always in two halves when it has more than 16 bits.
    fn far_constant(&mut self, value: i64) {
        let (upper, lower) = (value >> 16, value as u32 & 0xffff);
        match upper {
            0 if !self.assembler.generation.widens_constants() => return self.asm.ori(TMP, R0, lower),
            ..0 => self.asm.addis(TMP, R0, upper),
            _ => self.asm.oris(TMP, R0, upper as u32),
        }
        self.asm.ori(TMP, TMP, lower);
    }

    /// `rt = address of symbol`.
    pub fn address(&mut self, rt: R, target: &str) {
        let upper = if self.assembler.generation <= Generation::Go116 { TMP } else { rt };
        self.asm.address(rt, upper, target);
    }

    /// Load 8 bytes at `offset` from the stack pointer.
    pub fn load(&mut self, rt: R, offset: u32) {
        let (base, disp) = self.near(rt, offset);
        self.asm.ld(rt, base, disp);
    }

    /// Load 4 bytes at `offset` from the stack pointer, zero-extended.
    pub fn load_w(&mut self, rt: R, offset: u32) {
        let (base, disp) = self.near(rt, offset);
        self.asm.lwz(rt, base, disp);
    }

    /// A base and a displacement that an access can hold.
    fn near(&mut self, rt: R, offset: u32) -> (R, i64) {
        if i16::try_from(offset).is_ok() {
            return (SP, i64::from(offset));
        }
        let base = if self.assembler.generation <= Generation::Go116 { TMP } else { rt };
        let (upper, lower) = halves(i64::from(offset));
        self.asm.addis(base, SP, upper);
        (base, lower)
    }

    /// Return to the caller: the frame goes.
    pub fn ret(&mut self) {
        if self.sheet.head.frame_bytes.is_some() {
            self.asm.ld(TMP, SP, 0);
            self.asm.mtlr(TMP);
            self.add_constant(SP, i64::from(self.lowered()));
            self.sp_is_lower_by(0);
        }
        self.asm.blr();
    }
}

/// An offset as two signed halves.
const fn halves(offset: i64) -> (i64, i64) {
    ((offset + 0x8000) >> 16, offset as i16 as i64)
}
