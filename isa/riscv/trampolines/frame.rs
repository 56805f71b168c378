//! What Go's assembler adds to a routine: the stack check, the frame, the way back, and access to arguments.
//!
//! A frame holds, from its bottom: the saved link register, the locals and outgoing arguments. The arguments of the
//! caller start 8 bytes above the frame: one word is left for the link register of the caller's own frame.

use rcsim_uop::port::{BuildError, PointerMap};

use super::assembler::Assembler;
use crate::assembly::Label;
use crate::riscv::encode::{Asm, RA, Riscv, SP, X, ZERO, fits12, split};
use crate::routine::{Finished, Head, Sheet};

/// The register that the assembler takes for itself.
const TMP: X = X(31);
/// The current goroutine.
const G: X = X(27);
/// The link register of calls to `runtime.morestack`.
const GROWTH_LINK: X = X(5);
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
/// Distance of the guard from the end of the stack (`StackGuard`, Go 1.16).
const STACK_GUARD: i32 = 928;
/// `StackPreempt`: the guard's value when the goroutine is asked to stop.
const STACK_PREEMPT: i32 = -1314;
/// The word that every frame keeps for the link register, and the one above it that the caller keeps.
const LINK_BYTES: i32 = 8;

/// A routine being described.
#[derive(Debug)]
pub struct Routine {
    /// Its own instructions are appended here.
    pub asm: Asm,
    sheet: Sheet,
    assembler: Assembler,
    panicking: Label,
    body: Label,
}

impl Routine {
    /// Begin a routine: its prologue.
    pub fn new(assembler: Assembler, head: Head, args: PointerMap) -> Self {
        let mut asm = Asm::shortening(assembler.shortens());
        let (panicking, body) = (asm.label(), asm.label());
        let mut routine = Self { asm, sheet: Sheet::new(head, args), assembler, panicking, body };
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

    fn prologue(&mut self) {
        if self.sheet.head.frame_bytes.is_none() {
            return;
        }
        if self.sheet.head.splits_stack {
            self.check_stack();
        }
        self.make_frame();
        if self.checks_panic() {
            let [panic, ..] = self.panic_scratch();
            self.asm.ld(panic, G, G_PANIC);
            self.asm.bne(panic, ZERO, self.panicking);
        }
        let body = self.body;
        self.asm.bind(body);
    }

    const fn checks_panic(&self) -> bool {
        self.sheet.head.wrapper && !matches!(self.assembler, Assembler::Go127)
    }

    /// Registers of the stack check: the guard, the lowered stack pointer.
    const fn check_scratch(&self) -> [X; 2] {
        if self.assembler.is_old() { [X(10), X(11)] } else { [X(6), X(7)] }
    }

    /// Registers of the check for a panic: the panic, its arguments, ours.
    const fn panic_scratch(&self) -> [X; 3] {
        if self.assembler.is_old() { [X(11), X(12), X(13)] } else { [X(5), X(6), X(7)] }
    }

    /// Compare the stack pointer with the guard, more carefully the larger the frame, and grow the stack where it is too
    /// small.
    fn check_stack(&mut self) {
        let start = self.asm.here();
        let (more, done) = (self.asm.label(), self.asm.label());
        let [guard, low] = self.check_scratch();
        let bytes = self.lowered();
        self.asm.ld(guard, G, G_STACKGUARD);
        if bytes <= STACK_SMALL {
            self.asm.bltu(guard, SP, done);
        } else if bytes > STACK_BIG && self.assembler == Assembler::Go116 {
            self.compare_without_underflow(more, done);
        } else {
            if bytes > STACK_BIG {
                self.constant(low, bytes - STACK_SMALL);
                self.asm.bltu(SP, low, more);
            }
            self.add_constant(low, SP, STACK_SMALL - bytes);
            self.asm.bltu(guard, low, done);
        }
        self.asm.bind(more);
        self.link(GROWTH_LINK, "runtime.morestack_noctxt");
        self.asm.j(start);
        self.asm.bind(done);
    }

    /// `SP - guard + STACK_GUARD > frame + STACK_GUARD - STACK_SMALL`, where neither side is ever negative. The guard of a
    /// goroutine that is asked to stop is no address and is looked for first.
    fn compare_without_underflow(&mut self, more: Label, done: Label) {
        let [guard, low] = self.check_scratch();
        let bytes = self.lowered();
        self.constant(low, STACK_PREEMPT);
        self.asm.beq(guard, low, more);
        self.asm.addi(low, SP, STACK_GUARD);
        self.asm.sub(low, low, guard);
        self.constant(guard, bytes + (STACK_GUARD - STACK_SMALL));
        self.asm.bltu(guard, low, done);
    }

    /// The link register is saved before the stack pointer moves, so that a signal in between finds a whole frame; newer
    /// assemblers save it again, since a signal handler may run on this very stack.
    fn make_frame(&mut self) {
        let bytes = self.lowered();
        self.store(RA, -bytes);
        self.move_sp(-bytes);
        self.sp_is_lower_by(bytes);
        if !self.assembler.is_old() {
            self.asm.sd(RA, SP, 0);
        }
    }

    /// Call a symbol, linking with `link`.
    pub fn link(&mut self, link: X, target: &str) {
        if self.assembler.is_old() {
            self.asm.call_far(link, TMP, target);
        } else {
            self.asm.jal(link, target);
        }
    }

    /// Call a symbol.
    pub fn call(&mut self, target: &str) {
        self.link(RA, target);
    }

    /// `rd = constant`.
    pub fn constant(&mut self, rd: X, value: i32) {
        let old = self.assembler.is_old();
        if fits12(value) {
            if old {
                self.asm.addiw(rd, ZERO, value);
            } else {
                self.asm.addi(rd, ZERO, value);
            }
            return;
        }
        let (high, low) = split(value);
        self.asm.lui(rd, high);
        if low != 0 || old {
            self.asm.addiw(rd, rd, low);
        }
    }

    /// Change the stack pointer. Older assemblers do it in two steps where that saves an instruction.
    fn move_sp(&mut self, bytes: i32) {
        let may_split = self.assembler.is_old();
        self.add(SP, SP, bytes, may_split);
    }

    /// `rd = rs + value`.
    pub fn add_constant(&mut self, rd: X, rs: X, value: i32) {
        self.add(rd, rs, value, true);
    }

    fn add(&mut self, rd: X, rs: X, value: i32, may_split: bool) {
        let half = value / 2;
        if fits12(value) {
            self.asm.addi(rd, rs, value);
        } else if may_split && fits_two(value) {
            self.asm.addi(rd, rs, half);
            self.asm.addi(rd, rd, value - half);
        } else {
            let (high, low) = split(value);
            self.asm.lui(TMP, high);
            if low != 0 || self.assembler.is_old() {
                self.asm.addiw(TMP, TMP, low);
            }
            self.asm.add(rd, rs, TMP);
        }
    }

    /// A base and an offset from it that an access to `offset` from the stack pointer can take.
    fn reach(&mut self, offset: i32) -> (X, i32) {
        if fits12(offset) {
            return (SP, offset);
        }
        let (high, low) = split(offset);
        self.asm.lui(TMP, high);
        self.asm.add(TMP, TMP, SP);
        (TMP, low)
    }

    fn store(&mut self, rs: X, offset: i32) {
        let (base, offset) = self.reach(offset);
        self.asm.sd(rs, base, offset);
    }

    /// Load 8 bytes at `offset` from the stack pointer.
    pub fn load(&mut self, rd: X, offset: i32) {
        let (base, offset) = self.reach(offset);
        self.asm.ld(rd, base, offset);
    }

    /// Load 4 bytes at `offset` from the stack pointer, zero-extended.
    pub fn load_w(&mut self, rd: X, offset: i32) {
        let (base, offset) = self.reach(offset);
        self.asm.lwu(rd, base, offset);
    }

    /// Return to the caller: the frame goes.
    pub fn ret(&mut self) {
        if self.sheet.head.frame_bytes.is_some() {
            self.asm.ld(RA, SP, 0);
            let bytes = self.lowered();
            self.move_sp(bytes);
            self.sp_is_lower_by(0);
        }
        self.asm.jalr(ZERO, RA);
    }

    /// End the routine: the paths that are rarely taken.
    #[must_use]
    pub fn end(mut self) -> Self {
        if self.checks_panic() && self.sheet.head.frame_bytes.is_some() {
            self.adjust_panic();
        }
        self
    }

    /// The code, assembled.
    ///
    /// # Errors
    /// When something could not be encoded.
    pub fn finish(self) -> Result<Finished<Riscv>, BuildError> {
        self.sheet.finish(self.asm)
    }

    /// A panic whose deferred call's arguments are ours now has them in our callee's frame.
    fn adjust_panic(&mut self) {
        let [panic, argp, ours] = self.panic_scratch();
        let (panicking, body) = (self.panicking, self.body);
        let lowered = self.lowered();
        self.asm.bind(panicking);
        self.sp_is_lower_by(lowered);
        self.asm.ld(argp, panic, PANIC_ARGP);
        self.add_constant(ours, SP, lowered + LINK_BYTES);
        self.asm.bne(argp, ours, body);
        self.asm.addi(argp, SP, LINK_BYTES);
        self.asm.sd(argp, panic, PANIC_ARGP);
        self.asm.j(body);
    }
}

/// Whether two additions of twelve bits make a constant.
const fn fits_two(value: i32) -> bool {
    value >= -4096 && value <= 4094
}
