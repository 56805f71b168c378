//! What Go's assembler adds to a routine: the stack check, the frame, the way back, and access to arguments.
//!
//! A frame holds, from its bottom: the saved link register, the locals and outgoing arguments. The caller's arguments start
//! 8 bytes above the frame: one word is left for the link register of the caller's own frame.

use rcsim_uop::port::{BuildError, PointerMap};

use super::assembler::Assembler;
use crate::assembly::Label;
use crate::routine::{Finished, Head, Sheet};
use crate::s390x::encode::{Asm, Cc, LINK, NONE, R, SP, Z, fits_long_displacement};

/// The register that the assembler takes for itself.
const TMP: R = R(10);
/// The current goroutine.
const G: R = R(13);
/// Where the link register stays while the stack grows.
const KEPT_LINK: R = R(5);
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
/// The word that every frame keeps for the link register, and the one above it that the caller keeps.
pub const LINK_BYTES: u32 = 8;

/// A routine being described.
#[derive(Debug)]
pub struct Routine {
    /// Its own instructions are appended here.
    pub asm: Asm,
    sheet: Sheet,
    assembler: Assembler,
    start: Label,
    grow: Label,
}

impl Routine {
    /// Begin a routine: its prologue.
    pub fn new(assembler: Assembler, head: Head, args: PointerMap) -> Self {
        let mut asm = Asm::default();
        let (start, grow) = (asm.here(), asm.label());
        let mut routine = Self { asm, sheet: Sheet::new(head, args), assembler, start, grow };
        routine.prologue();
        routine
    }

    /// Give it another name: trampolines differ in a number.
    #[must_use]
    pub fn named(mut self, name: String) -> Self {
        self.sheet.rename(name);
        self
    }

    /// The code, assembled: the growth of the stack stands at its end.
    ///
    /// # Errors
    /// When something could not be encoded.
    pub fn finish(mut self) -> Result<Finished<Z>, BuildError> {
        if self.sheet.head.splits_stack {
            self.asm.bind(self.grow);
            self.asm.lgr(KEPT_LINK, LINK);
            self.asm.brasl("runtime.morestack_noctxt");
            self.asm.brc(Cc::Always, self.start);
        }
        self.sheet.finish(self.asm)
    }

    /// Bytes by which the prologue lowers the stack pointer.
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
        if self.sheet.head.wrapper && self.assembler < Assembler::Go127 {
            self.adjust_panic();
        }
    }

    /// The registers of the stack check.
    const fn scratch(&self) -> (R, R) {
        match self.assembler {
            Assembler::Go127 => (R(10), R(11)),
            _ => (R(3), R(4)),
        }
    }

    /// Compare the stack pointer with the guard, more carefully the larger the frame, and grow the stack when it is too
    /// low.
    fn check_stack(&mut self) {
        let (guard, low) = self.scratch();
        let (bytes, grow) = (self.lowered(), self.grow);
        self.asm.lg(guard, NONE, G, G_STACKGUARD);
        if bytes <= STACK_SMALL {
            self.asm.clgrj(Cc::Ge, guard, SP, grow);
            return;
        }
        let below = i64::from(bytes - STACK_SMALL);
        if bytes > STACK_BIG {
            if self.assembler < Assembler::Go119 {
                self.compare_distances(bytes);
                return;
            }
            // A stack pointer that is lower than the frame is large would wrap around.
            self.constant(low, below);
            self.asm.clgrj(Cc::Lt, SP, low, grow);
        }
        self.add(low, SP, -below);
        self.asm.clgrj(Cc::Ge, guard, low, grow);
    }

    /// Go 1.16 avoided the subtraction: it compared distances from the guard, unless that has its special value.
    fn compare_distances(&mut self, bytes: u32) {
        let ((guard, low), grow) = (self.scratch(), self.grow);
        let distance = self.assembler.stack_guard();
        self.asm.cghi(guard, STACK_PREEMPT);
        self.asm.brc(Cc::Eq, grow);
        self.add(low, SP, i64::from(distance));
        self.asm.sgr(low, guard);
        self.constant(TMP, i64::from(bytes) + i64::from(distance - STACK_SMALL));
        self.asm.clgrj(Cc::Ge, TMP, low, grow);
    }

    /// The link register is saved before the stack pointer moves, so that a signal between the two finds a whole frame.
    fn make_frame(&mut self) {
        let below = -i64::from(self.lowered());
        let (index, disp) = self.near(below);
        self.asm.stg(LINK, index, SP, disp);
        let (index, disp) = self.near(below);
        if index == NONE {
            self.asm.lay(SP, SP, NONE, disp);
        } else {
            self.asm.la(SP, SP, index, disp);
        }
        self.sp_is_lower_by(self.lowered());
        if self.assembler >= Assembler::Go119 {
            self.asm.stg(LINK, NONE, SP, 0);
        }
    }

    /// A panic whose deferred call's arguments are ours now has them in our callee's frame.
    fn adjust_panic(&mut self) {
        let (panic, argp, ours, bottom) = (R(3), R(4), R(5), R(6));
        let done = self.asm.label();
        self.asm.lg(panic, NONE, G, G_PANIC);
        self.asm.cghi(panic, 0);
        self.asm.brc(Cc::Eq, done);
        self.asm.lg(argp, NONE, panic, PANIC_ARGP);
        self.add(ours, SP, i64::from(self.lowered() + LINK_BYTES));
        self.asm.cgr(argp, ours);
        self.asm.brc(Cc::Ne, done);
        self.asm.aghik(bottom, SP, i64::from(LINK_BYTES));
        self.asm.stg(bottom, NONE, panic, PANIC_ARGP);
        self.asm.bind(done);
    }

    /// `r1 = value`, in the instruction that Go's assembler chooses.
    pub fn constant(&mut self, r1: R, value: i64) {
        let upper_alone = u16::try_from(value >> 16).ok().filter(|_| value & 0xffff == 0);
        match (i16::try_from(value), upper_alone) {
            (Ok(_), _) => self.asm.lghi(r1, value),
            (_, Some(upper)) => self.asm.llilh(r1, upper),
            _ => self.asm.lgfi(r1, value),
        }
    }

    /// `r1 = r2 + value`.
    pub fn add(&mut self, r1: R, r2: R, value: i64) {
        match (i16::try_from(value).is_ok(), r1 == r2) {
            (true, true) => self.asm.aghi(r1, value),
            (true, false) => self.asm.aghik(r1, r2, value),
            (false, true) => self.asm.agfi(r1, value),
            (false, false) => {
                self.asm.lgr(r1, r2);
                self.asm.agfi(r1, value);
            }
        }
    }

    /// An index and a displacement for an offset.
    fn near(&mut self, offset: i64) -> (R, i64) {
        if fits_long_displacement(offset) {
            return (NONE, offset);
        }
        self.asm.lgfi(TMP, offset);
        (TMP, 0)
    }

    /// Load 8 bytes at `offset` from the stack pointer.
    pub fn load(&mut self, r1: R, offset: u32) {
        let (index, disp) = self.near(i64::from(offset));
        self.asm.lg(r1, index, SP, disp);
    }

    /// Load 4 bytes at `offset` from the stack pointer, zero-extended.
    pub fn load_w(&mut self, r1: R, offset: u32) {
        let (index, disp) = self.near(i64::from(offset));
        self.asm.llgf(r1, index, SP, disp);
    }

    /// Return to the caller: the frame goes.
    pub fn ret(&mut self) {
        if self.sheet.head.frame_bytes.is_some() {
            self.asm.lg(LINK, NONE, SP, 0);
            self.add(SP, SP, i64::from(self.lowered()));
            self.sp_is_lower_by(0);
        }
        self.asm.br(LINK);
    }
}
