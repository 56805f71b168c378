//! What Go's assembler adds to a routine: the stack check, the frame, the way back, and access to arguments.
//!
//! A frame holds, from its bottom: the saved link register, the locals and outgoing arguments. The arguments of the
//! caller start one word above the frame: it is left for the link register of the caller's own frame.

use rcsim_uop::port::{BuildError, PointerMap};

use super::assembler::{Assembler, Generation};
use crate::assembly::Label;
use crate::mips::encode::{Asm, LINK, Mips, R, R0, SP};
use crate::routine::{Finished, Head, Sheet};

/// The register that the assembler takes for itself.
const TMP: R = R(23);
/// The current goroutine.
const G: R = R(30);
/// Registers of the stack check: the guard, the lowered stack pointer, the link register's value while the stack grows.
const GUARD: R = R(1);
const LOW: R = R(2);
const LINK_AT_GROWTH: R = R(3);
/// Offsets in `runtime.g`, in words.
const G_STACKGUARD: i32 = 2;
const G_PANIC: i32 = 4;
/// Offset of `argp` in `runtime._panic`.
const PANIC_ARGP: i32 = 0;
/// Bytes below the stack guard that a small frame may use without a finer check (`StackSmall`).
const STACK_SMALL: i32 = 128;
/// Frames above this are checked against wrapping around (`StackBig`).
const STACK_BIG: i32 = 4096;
/// `StackPreempt`: the guard's value when the goroutine is asked to stop.
const STACK_PREEMPT: i32 = -1314;
/// Accesses to the stack below this offset take one instruction.
const NEAR: i32 = 32766;

/// A constant as the assembler classes it, by what an instruction can hold of it.
enum Constant {
    /// A signed immediate.
    Signed,
    /// An unsigned immediate.
    Unsigned,
    /// An upper half alone.
    Upper,
    /// Both halves.
    Both,
}

impl Constant {
    const fn class(value: i32) -> Self {
        match value {
            -0x8000..=0x7fff => Self::Signed,
            0x8000..=0xffff => Self::Unsigned,
            _ if value & 0xffff == 0 => Self::Upper,
            _ => Self::Both,
        }
    }
}

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
        let asm = Asm::for_machine(assembler.mode.wide, assembler.mode.big_endian);
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

    /// Bytes of a word.
    pub fn word(&self) -> i32 {
        self.assembler.word_bytes()
    }

    /// Bytes by which the prologue lowers the stack pointer: link register and locals.
    fn lowered(&self) -> i32 {
        self.sheet.head.frame_bytes.map_or(0, |bytes| bytes as i32 + self.word())
    }

    /// Offset of argument byte `offset` from the stack pointer in the body.
    pub fn arg(&self, offset: i32) -> i32 {
        self.lowered() + self.word() + offset
    }

    fn sp_is_lower_by(&mut self, bytes: i32) {
        self.sheet.sp_is_lower_by(self.asm.position(), bytes);
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

    /// Compare the stack pointer with the guard, more carefully the larger the frame, and grow the stack where it is too
    /// small.
    fn check_stack(&mut self) {
        let start = self.asm.here();
        let (more, done) = (self.asm.label(), self.asm.label());
        let bytes = self.lowered();
        let guard = G_STACKGUARD * self.word();
        self.asm.load(GUARD, G, guard);
        if bytes <= STACK_SMALL {
            self.asm.sltu(GUARD, GUARD, SP);
        } else if bytes > STACK_BIG && self.assembler.generation < Generation::Go117 {
            self.compare_without_underflow(more);
        } else {
            if bytes > STACK_BIG {
                self.set_if_below(LOW, SP, bytes - STACK_SMALL);
                self.asm.bne(LOW, R0, more);
            }
            self.add_constant(LOW, SP, STACK_SMALL - bytes);
            self.asm.sltu(GUARD, GUARD, LOW);
        }
        self.asm.bne(GUARD, R0, done);
        self.asm.bind(more);
        self.asm.mov(LINK_AT_GROWTH, LINK);
        self.asm.jal("runtime.morestack_noctxt");
        self.asm.b(start);
        self.asm.bind(done);
    }

    /// `SP - guard + StackGuard > frame + StackGuard - StackSmall`, where neither side is ever negative. The guard of a
    /// goroutine that is asked to stop is no address and is looked for first.
    fn compare_without_underflow(&mut self, more: Label) {
        let (bytes, stack_guard) = (self.lowered(), self.assembler.stack_guard());
        self.constant(LOW, STACK_PREEMPT);
        self.asm.beq(GUARD, LOW, more);
        self.add_constant(LOW, SP, stack_guard);
        self.asm.subu(LOW, LOW, GUARD);
        self.constant(GUARD, bytes + (stack_guard - STACK_SMALL));
        self.asm.sltu(GUARD, GUARD, LOW);
    }

    /// `rd = rs < value`, unsigned.
    fn set_if_below(&mut self, rd: R, rs: R, value: i32) {
        if matches!(Constant::class(value), Constant::Signed) {
            self.asm.sltiu(rd, rs, value);
        } else {
            self.constant(TMP, value);
            self.asm.sltu(rd, rs, TMP);
        }
    }

    /// The link register is saved before the stack pointer moves, so that a signal in between finds a whole frame; newer
    /// assemblers save it again, since a signal handler may run on this very stack.
    fn make_frame(&mut self) {
        let bytes = self.lowered();
        self.store(LINK, -bytes);
        self.add_constant(SP, SP, -bytes);
        self.sp_is_lower_by(bytes);
        if self.assembler.generation >= Generation::Go119 {
            self.asm.store(LINK, SP, 0);
        }
    }

    /// A panic whose deferred call's arguments are ours now has them in our callee's frame.
    fn adjust_panic(&mut self) {
        let (panic, argp, ours) = (R(1), R(2), R(3));
        let (word, lowered) = (self.word(), self.lowered());
        let body = self.asm.label();
        self.asm.load(panic, G, G_PANIC * word);
        self.asm.beq(panic, R0, body);
        self.asm.load(argp, panic, PANIC_ARGP);
        self.add_constant(ours, SP, lowered + word);
        self.asm.bne(argp, ours, body);
        self.add_constant(argp, SP, word);
        self.asm.store(argp, panic, PANIC_ARGP);
        self.asm.bind(body);
    }

    /// `rd = value`.
    pub fn constant(&mut self, rd: R, value: i32) {
        let (upper, lower) = (value as u32 >> 16, value as u32 & 0xffff);
        match Constant::class(value) {
            Constant::Signed => self.asm.addiu(rd, R0, value),
            Constant::Unsigned => self.asm.ori(rd, R0, lower),
            Constant::Upper => self.asm.lui(rd, upper),
            Constant::Both => {
                self.asm.lui(rd, upper);
                self.asm.ori(rd, rd, lower);
            }
        }
    }

    /// `rd = rs + value`: what the authors write as ADDV on 64-bit machines, which traps on overflow, and as ADDU on the
    /// others, which does not.
    pub fn add_constant(&mut self, rd: R, rs: R, value: i32) {
        if matches!(Constant::class(value), Constant::Signed) {
            if self.assembler.mode.wide { self.asm.addi(rd, rs, value) } else { self.asm.addiu(rd, rs, value) }
        } else {
            self.constant(TMP, value);
            self.add(rd, rs, TMP);
        }
    }

    /// `rd = rs + rt`: the same.
    pub fn add(&mut self, rd: R, rs: R, rt: R) {
        if self.assembler.mode.wide { self.asm.dadd(rd, rs, rt) } else { self.asm.addu(rd, rs, rt) }
    }

    /// A base and an offset from it that an access to `offset` from the stack pointer can take.
    fn reach(&mut self, offset: i32) -> (R, i32) {
        if (-NEAR..NEAR).contains(&offset) {
            return (SP, offset);
        }
        self.asm.lui(TMP, offset.wrapping_add(0x8000) as u32 >> 16);
        self.asm.addu(TMP, TMP, SP);
        (TMP, i32::from(offset as i16))
    }

    fn store(&mut self, rt: R, offset: i32) {
        let (base, offset) = self.reach(offset);
        self.asm.store(rt, base, offset);
    }

    /// Load a word at `offset` from the stack pointer.
    pub fn load(&mut self, rt: R, offset: i32) {
        let (base, offset) = self.reach(offset);
        self.asm.load(rt, base, offset);
    }

    /// Load 4 bytes at `offset` from the stack pointer, zero-extended.
    pub fn load_w(&mut self, rt: R, offset: i32) {
        let (base, offset) = self.reach(offset);
        self.asm.load_w(rt, base, offset);
    }

    /// Return to the caller: the frame goes.
    pub fn ret(&mut self) {
        let bytes = self.lowered();
        if bytes != 0 {
            self.asm.load(LINK, SP, 0);
            self.add_constant(SP, SP, bytes);
            self.sp_is_lower_by(0);
        }
        self.asm.jr(LINK);
        if bytes != 0 {
            // The tables have the frame again behind the jump, and so in its delay slot.
            self.sheet.sp_is_lower_by(self.asm.position() - 4, bytes);
        }
    }

    /// The code, assembled.
    ///
    /// # Errors
    /// When something could not be encoded.
    pub fn finish(self) -> Result<Finished<Mips>, BuildError> {
        self.sheet.finish(self.asm)
    }
}
