//! What Go's assembler adds to a routine: the stack check, the frame, the way back, and access to arguments.
//!
//! A frame holds, from its bottom: the saved link register, the locals and outgoing arguments. The arguments of the
//! caller start 8 bytes above the frame: one word is left for the link register of the caller's own frame.

use rcsim_uop::port::{BuildError, PointerMap};

use super::assembler::Assembler;
use crate::assembly::Label;
use crate::loong::encode::{Asm, Loong, R, RA, SP, ZERO, fits12, split};
use crate::routine::{Finished, Head, Sheet};

/// The register that the assembler takes for itself.
const TMP: R = R(30);
/// The current goroutine.
const G: R = R(22);
/// Offset of `stackguard0` in `runtime.g`.
const G_STACKGUARD: i32 = 16;
/// Offset of `_panic` in `runtime.g`.
const G_PANIC: i32 = 32;
/// Offset of `argp` in `runtime._panic`.
const PANIC_ARGP: i32 = 0;
/// Bytes below the stack guard that a small frame may use without a finer check (`StackSmall`).
const STACK_SMALL: i32 = 128;
/// Frames above this are checked against wrapping around (`StackBig`).
const STACK_BIG: i32 = 4096;
/// The word that every frame keeps for the link register, and the one above it that the caller keeps.
const LINK_BYTES: i32 = 8;

/// Registers that the assembler's own code uses.
struct Scratch {
    guard: R,
    low: R,
    /// Where the link register's value stays while the stack grows.
    link_at_growth: R,
}

/// A routine being described.
#[derive(Debug)]
pub struct Routine {
    /// Its own instructions are appended here.
    pub asm: Asm,
    sheet: Sheet,
    assembler: Assembler,
    start: Label,
    more: Label,
}

impl Routine {
    /// Begin a routine: its prologue.
    pub fn new(assembler: Assembler, head: Head, args: PointerMap) -> Self {
        let mut asm = Asm::default();
        let (start, more) = (asm.here(), asm.label());
        let mut routine = Self { asm, sheet: Sheet::new(head, args), assembler, start, more };
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
    fn lowered(&self) -> i32 {
        self.sheet.head.frame_bytes.map_or(0, |bytes| bytes as i32 + LINK_BYTES)
    }

    /// Offset of argument byte `offset` from the stack pointer in the body.
    pub fn arg(&self, offset: i32) -> i32 {
        self.lowered() + LINK_BYTES + offset
    }

    fn sp_is_lower_by(&mut self, bytes: i32) {
        self.sheet.sp_is_lower_by(self.asm.position(), bytes);
    }

    const fn scratch(&self) -> Scratch {
        match self.assembler {
            Assembler::Go119 => Scratch { guard: R(19), low: R(4), link_at_growth: R(5) },
            Assembler::Go127 => Scratch { guard: R(20), low: R(24), link_at_growth: R(31) },
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
        if self.sheet.head.wrapper && self.assembler.is_first() {
            self.adjust_panic();
        }
    }

    /// Branch when `rj` is not zero.
    pub fn unless_zero(&mut self, rj: R, label: Label) {
        if self.assembler.is_first() {
            self.asm.bne(rj, ZERO, label);
        } else {
            self.asm.bnez(rj, label);
        }
    }

    /// Branch when `rj` is zero.
    pub fn if_zero(&mut self, rj: R, label: Label) {
        if self.assembler.is_first() {
            self.asm.beq(rj, ZERO, label);
        } else {
            self.asm.beqz(rj, label);
        }
    }

    /// Jump to a label.
    pub fn jump(&mut self, label: Label) {
        if self.assembler.is_first() {
            self.asm.beq(ZERO, ZERO, label);
        } else {
            self.asm.b(label);
        }
    }

    /// Compare the stack pointer with the guard, more carefully the larger the frame.
    fn check_stack(&mut self) {
        let Scratch { guard, low, .. } = self.scratch();
        let (bytes, more) = (self.lowered(), self.more);
        self.asm.ld(guard, G, G_STACKGUARD);
        if bytes <= STACK_SMALL {
            self.asm.sltu(guard, guard, SP);
        } else {
            if bytes > STACK_BIG {
                self.set_if_sp_below(low, bytes - STACK_SMALL);
                self.unless_zero(low, more);
            }
            self.add_constant(low, SP, STACK_SMALL - bytes);
            self.asm.sltu(guard, guard, low);
        }
        if self.assembler.is_first() {
            let done = self.asm.label();
            self.unless_zero(guard, done);
            self.grow();
            self.asm.bind(done);
        } else {
            self.if_zero(guard, more);
        }
    }

    fn set_if_sp_below(&mut self, rd: R, value: i32) {
        self.constant(TMP, value);
        self.asm.sltu(rd, SP, TMP);
    }

    /// Let the stack grow and start again.
    fn grow(&mut self) {
        let (link, more, start) = (self.scratch().link_at_growth, self.more, self.start);
        self.asm.bind(more);
        self.asm.mov(link, RA);
        self.asm.bl("runtime.morestack_noctxt");
        self.jump(start);
    }

    /// The link register is saved before the stack pointer moves, so that a signal in between finds a whole frame; the newer
    /// assembler saves it again, since a signal handler may run on this very stack.
    fn make_frame(&mut self) {
        let bytes = self.lowered();
        self.store(RA, -bytes);
        self.add_constant(SP, SP, -bytes);
        self.sp_is_lower_by(bytes);
        if !self.assembler.is_first() {
            self.asm.st(RA, SP, 0);
        }
    }

    /// A panic whose deferred call's arguments are ours now has them in our callee's frame.
    fn adjust_panic(&mut self) {
        let (panic, argp, ours) = (R(19), R(4), R(5));
        let lowered = self.lowered();
        let body = self.asm.label();
        self.asm.ld(panic, G, G_PANIC);
        self.if_zero(panic, body);
        self.asm.ld(argp, panic, PANIC_ARGP);
        self.add_constant(ours, SP, lowered + LINK_BYTES);
        self.asm.bne(argp, ours, body);
        self.asm.addi(argp, SP, LINK_BYTES);
        self.asm.st(argp, panic, PANIC_ARGP);
        self.asm.bind(body);
    }

    /// `rd = value`.
    pub fn constant(&mut self, rd: R, value: i32) {
        let (upper, lower) = (value >> 12, value as u32 & 0xfff);
        match value {
            0..=0xfff if self.assembler == Assembler::Go127 => self.asm.ori(rd, ZERO, lower),
            _ if fits12(value) => self.asm.addi(rd, ZERO, value),
            0..=0xfff => self.asm.ori(rd, ZERO, lower),
            _ => {
                self.asm.lu12i(rd, upper);
                if lower != 0 {
                    self.asm.ori(rd, rd, lower);
                }
            }
        }
    }

    /// `rd = rj + value`.
    pub fn add_constant(&mut self, rd: R, rj: R, value: i32) {
        if fits12(value) {
            self.asm.addi(rd, rj, value);
        } else {
            self.constant(TMP, value);
            self.asm.add(rd, rj, TMP);
        }
    }

    /// `rd = address of symbol`.
    pub fn address(&mut self, rd: R, target: &str) {
        if self.assembler.is_first() {
            self.asm.address_by_distance(rd, target);
        } else {
            self.asm.address_by_page(rd, target);
        }
    }

    /// A base and an offset from it that an access to `offset` from the stack pointer can take.
    fn reach(&mut self, offset: i32) -> (R, i32) {
        if fits12(offset) {
            return (SP, offset);
        }
        let (upper, lower) = split(offset);
        self.asm.lu12i(TMP, upper);
        self.asm.add(TMP, TMP, SP);
        (TMP, lower)
    }

    fn store(&mut self, rd: R, offset: i32) {
        let (base, offset) = self.reach(offset);
        self.asm.st(rd, base, offset);
    }

    /// Load 8 bytes at `offset` from the stack pointer.
    pub fn load(&mut self, rd: R, offset: i32) {
        let (base, offset) = self.reach(offset);
        self.asm.ld(rd, base, offset);
    }

    /// Load 4 bytes at `offset` from the stack pointer, zero-extended.
    pub fn load_w(&mut self, rd: R, offset: i32) {
        let (base, offset) = self.reach(offset);
        self.asm.ld_wu(rd, base, offset);
    }

    /// Return to the caller: the frame goes.
    pub fn ret(&mut self) {
        if self.sheet.head.frame_bytes.is_some() {
            self.asm.ld(RA, SP, 0);
            let bytes = self.lowered();
            self.add_constant(SP, SP, bytes);
            self.sp_is_lower_by(0);
        }
        self.asm.jirl(ZERO, RA);
    }

    /// End the routine: the path that is rarely taken.
    #[must_use]
    pub fn end(mut self) -> Self {
        if self.sheet.head.splits_stack && !self.assembler.is_first() {
            self.grow();
        }
        self
    }

    /// The code, assembled.
    ///
    /// # Errors
    /// When something could not be encoded.
    pub fn finish(self) -> Result<Finished<Loong>, BuildError> {
        self.sheet.finish(self.asm)
    }
}
