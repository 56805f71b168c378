//! The register file of the family, and how a debugger names it.
//!
//! Each general register is one slot; register 0 is read from the slot that is always zero and written to the one that
//! nobody reads. Each floating-point register is a slot: of 64 bits on 64-bit machines, of 32 bits, kept zero-extended, on
//! the others, where an even register and the next one hold a double, its low half in the even one. Each condition bit
//! of the floating-point unit is a slot of its own.

use rcsim_uop::Reg;
use rcsim_uop::isa::{DebugReg, DebugSource};
use rcsim_uop::reg::{RegClass, RegFile, RegInfo, SINK, ZERO};

use super::mode::Mode;

const R1: u8 = 2;
const F0: u8 = 35;
const FCC0: u8 = 67;
/// High half of products, remainders.
pub const HI: Reg = Reg(33);
/// Low half of products, quotients.
pub const LO: Reg = Reg(34);
/// Floating-point control and status: only what software wrote is kept, no operation sets flags. The condition bits stand
/// in slots of their own.
pub const FCSR: Reg = Reg(75);
/// The thread pointer of user programs (`UserLocal`), which RDHWR reads.
pub const USER_LOCAL: Reg = Reg(76);
const FIRST_TEMP: u8 = 80;
const TEMPS: u8 = 24;

/// General register `n` where it is read.
#[must_use]
pub const fn r(n: u8) -> Reg {
    assert!(n <= 31);
    if n == 0 { ZERO } else { Reg(R1 + n - 1) }
}

/// General register `n` where it is written.
#[must_use]
pub const fn r_out(n: u8) -> Reg {
    if n == 0 { SINK } else { r(n) }
}

/// Floating-point register `n`.
#[must_use]
pub const fn f(n: u8) -> Reg {
    assert!(n <= 31);
    Reg(F0 + n)
}

/// Condition bit `n` of the floating-point unit, 0 to 7.
#[must_use]
pub const fn fcc(n: u8) -> Reg {
    assert!(n <= 7);
    Reg(FCC0 + n)
}

/// The stack pointer.
pub const SP: Reg = r(29);
/// The current goroutine.
pub const G: Reg = r(30);
/// Link register.
pub const LINK: Reg = r(31);
/// Closure context.
pub const CONTEXT: Reg = r(22);
/// Where a prologue keeps the link register while the stack grows.
pub const LINK_AT_GROWTH: Reg = r(3);
/// What 64-bit programs add to the lower half of an address: the upper half, which is zero.
pub const STATIC_BASE: Reg = r(28);

/// The slots that a lift may use for values that die with the instruction.
#[must_use]
pub const fn temporaries() -> std::ops::Range<u8> {
    FIRST_TEMP..FIRST_TEMP + TEMPS
}

/// The file.
#[must_use]
pub fn file() -> RegFile {
    let one = |name: String, reg, class| RegInfo { name, reg, words: 1, class };
    let mut named: Vec<RegInfo> = (1..32).map(|n| one(format!("r{n}"), r(n), RegClass::Int)).collect();
    named.push(one("hi".into(), HI, RegClass::Int));
    named.push(one("lo".into(), LO, RegClass::Int));
    named.extend((0..32).map(|n| one(format!("f{n}"), f(n), RegClass::Vector)));
    named.extend((0..8).map(|n| one(format!("fcc{n}"), fcc(n), RegClass::Status)));
    named.push(one("fcsr".into(), FCSR, RegClass::Status));
    named.push(one("userlocal".into(), USER_LOCAL, RegClass::Hidden));
    RegFile::new(named, temporaries())
}

/// The condition bits within FCSR: the first stands apart from the others.
const CONDITIONS: &[(Reg, u8, u8)] = &[
    (fcc(0), 23, 1),
    (fcc(1), 25, 1),
    (fcc(2), 26, 1),
    (fcc(3), 27, 1),
    (fcc(4), 28, 1),
    (fcc(5), 29, 1),
    (fcc(6), 30, 1),
    (fcc(7), 31, 1),
];
const CONDITION_MASK: u128 = 0xfe80_0000;
/// Debuggers of 64-bit machines show the register sign-extended.
const WIDE_CONDITIONS: &[(Reg, u8, u8)] = &[
    (fcc(0), 23, 1),
    (fcc(1), 25, 1),
    (fcc(2), 26, 1),
    (fcc(3), 27, 1),
    (fcc(4), 28, 1),
    (fcc(5), 29, 1),
    (fcc(6), 30, 1),
    (fcc(7), 31, 1),
    (fcc(7), 32, 1),
];
const WIDE_CONDITION_MASK: u128 = 0x1_fe80_0000;

/// Where a condition bit stands in FCSR.
#[must_use]
pub fn condition_bit(n: u8) -> u8 {
    CONDITIONS[usize::from(n)].1
}

/// The registers as gdb numbers them for this family.
#[must_use]
pub fn debug_registers(mode: Mode) -> Vec<DebugReg> {
    let word = if mode.wide { u128::from(u64::MAX) } else { u128::from(u32::MAX) };
    let slot = |name: String, reg| DebugReg { name, source: DebugSource::Slots(reg, 1), mask: word };
    let mut regs: Vec<DebugReg> = (1..32).map(|n| slot(format!("r{n}"), r(n))).collect();
    regs.push(slot("lo".into(), LO));
    regs.push(slot("hi".into(), HI));
    regs.push(DebugReg { name: "pc".into(), source: DebugSource::Pc, mask: word });
    regs.extend((0..32).map(|n| slot(format!("f{n}"), f(n))));
    let (conditions, mask) =
        if mode.wide { (WIDE_CONDITIONS, WIDE_CONDITION_MASK) } else { (CONDITIONS, CONDITION_MASK) };
    regs.push(DebugReg { name: "fcsr".into(), source: DebugSource::Fields(conditions), mask });
    regs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_that_the_debugger_sees_belongs_to_a_register() {
        let file = file();
        for reg in debug_registers(Mode { wide: true, big_endian: false }) {
            let slots = match reg.source {
                DebugSource::Slots(first, words) => (0..words).map(|word| first.plus(word)).collect(),
                DebugSource::Fields(fields) => fields.iter().map(|(reg, ..)| *reg).collect(),
                DebugSource::Pc | DebugSource::Flags(_) => Vec::new(),
            };
            assert!(slots.into_iter().all(|slot| file.contains(slot)), "{}", reg.name);
        }
    }

    #[test]
    fn the_first_condition_bit_stands_apart() {
        assert_eq!((0..8).map(condition_bit).collect::<Vec<_>>(), [23, 25, 26, 27, 28, 29, 30, 31]);
    }

    #[test]
    fn zero_is_read_and_dropped() {
        assert_eq!((r(0), r_out(0)), (ZERO, SINK));
    }
}
