//! The state of the unit in its slots.

use rcsim_uop::{Guest, Reg};

use super::number::Number;
use super::round::Rounding;
use crate::x86::regs::{X87, X87_CONTROL, X87_RESTS, X87_STATUS, X87_TAGS, X87_TOP};

/// The control word at the start of a process: all exceptions masked, 64 bits, to nearest.
const CONTROL_AT_START: u64 = 0x37f;
/// Condition codes in the status word.
pub const C0: u64 = 1 << 8;
/// See [`C0`].
pub const C1: u64 = 1 << 9;
/// See [`C0`].
pub const C2: u64 = 1 << 10;
/// See [`C0`].
pub const C3: u64 = 1 << 14;

/// The unit of a guest.
pub struct Unit<'a>(pub &'a mut dyn Guest);

/// Bring the unit into its state at the start of a process.
pub fn start(guest: &mut dyn Guest) {
    Unit(guest).initialise();
}

impl Unit<'_> {
    /// FNINIT.
    pub fn initialise(&mut self) {
        self.0.set_reg(X87_CONTROL, CONTROL_AT_START);
        for reg in [X87_STATUS, X87_TOP, X87_TAGS] {
            self.0.set_reg(reg, 0);
        }
    }

    /// How results are rounded.
    pub fn rounding(&self) -> Rounding {
        Rounding::of(self.0.reg(X87_CONTROL))
    }

    /// The number of the register that stands so far below the top of the stack.
    fn register(&self, index: u8) -> u8 {
        (self.0.reg(X87_TOP) as u8).wrapping_add(index) & 7
    }

    /// A register of the stack; what is read from an empty one is indefinite.
    pub fn get(&self, index: u8) -> Number {
        let register = self.register(index);
        if self.0.reg(X87_TAGS) >> register & 1 == 0 {
            return Number::INDEFINITE;
        }
        Number::from_slots(self.0.reg(X87.plus(register)), self.0.reg(X87_RESTS.plus(register)))
    }

    /// Fill a register of the stack.
    pub fn set(&mut self, index: u8, value: Number) {
        let register = self.register(index);
        self.0.set_reg(X87.plus(register), value.significand);
        self.0.set_reg(X87_RESTS.plus(register), value.rest());
        let tags = self.0.reg(X87_TAGS);
        self.0.set_reg(X87_TAGS, tags | 1 << register);
    }

    /// Put a value on top. When there is no room, the indefinite takes its place.
    pub fn push(&mut self, value: Number) {
        self.turn(7);
        let is_full = self.0.reg(X87_TAGS) >> self.register(0) & 1 != 0;
        self.set(0, if is_full { Number::INDEFINITE } else { value });
    }

    /// Take the top away.
    pub fn pop(&mut self) {
        self.free(0);
        self.turn(1);
    }

    /// Mark a register as empty.
    pub fn free(&mut self, index: u8) {
        let tags = self.0.reg(X87_TAGS);
        self.0.set_reg(X87_TAGS, tags & !(1 << self.register(index)));
    }

    /// Move the top by so many registers.
    pub fn turn(&mut self, by: u8) {
        self.0.set_reg(X87_TOP, u64::from(self.register(by)));
    }

    /// The status word.
    pub fn status(&self) -> u64 {
        self.0.reg(X87_STATUS) | self.0.reg(X87_TOP) << 11
    }

    /// Replace the condition codes.
    pub fn set_codes(&mut self, codes: u64) {
        let status = self.0.reg(X87_STATUS);
        self.0.set_reg(X87_STATUS, status & !(C0 | C1 | C2 | C3) | codes);
    }

    /// An output of the operation.
    pub fn give(&mut self, to: Reg, value: u64) {
        self.0.set_reg(to, value);
    }
}
