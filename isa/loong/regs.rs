//! The register file of loong64, and how a debugger names it.
//!
//! Each general register is one slot; `r0` is read from the slot that is always zero and written to the one that nobody
//! reads. Each floating-point register is one slot; a single-precision value stands in its low half. What then stands in
//! the upper half the manual leaves open (volume 1, 3.1.1); here it is all ones, as in QEMU. Each condition flag of the
//! floating-point unit is a slot of its own that holds 0 or 1.

use rcsim_uop::Reg;
use rcsim_uop::isa::{DebugReg, DebugSource};
use rcsim_uop::reg::{RegClass, RegFile, RegInfo, SINK, ZERO};

const R1: u8 = 2;
const F0: u8 = 33;
const FCC0: u8 = 65;
/// Floating-point control and status (FCSR0): only what software wrote is kept, no operation sets flags.
pub const FCSR: Reg = Reg(73);
/// What RDTIME reads. Time does not exist here; each read counts one tick.
pub const COUNTER: Reg = Reg(74);
const FIRST_TEMP: u8 = 75;
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

/// Condition flag `n`, 0 to 7.
#[must_use]
pub const fn fcc(n: u8) -> Reg {
    assert!(n <= 7);
    Reg(FCC0 + n)
}

/// Link register.
pub const RA: Reg = r(1);
/// Thread pointer.
pub const TP: Reg = r(2);
/// Stack pointer.
pub const SP: Reg = r(3);
/// The current goroutine.
pub const G: Reg = r(22);
/// Closure context.
pub const CONTEXT: Reg = r(29);

/// Names of the general registers (psABI, register convention), as assemblers write them behind a dollar sign.
pub const INT_NAMES: [&str; 32] = [
    "zero", "ra", "tp", "sp", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3", "t4", "t5", "t6",
    "t7", "t8", "r21", "fp", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8",
];

/// Names of the floating-point registers.
pub const FLOAT_NAMES: [&str; 32] = [
    "fa0", "fa1", "fa2", "fa3", "fa4", "fa5", "fa6", "fa7", "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7",
    "ft8", "ft9", "ft10", "ft11", "ft12", "ft13", "ft14", "ft15", "fs0", "fs1", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7",
];

/// The file.
#[must_use]
pub fn file() -> RegFile {
    let one = |name: String, reg, class| RegInfo { name, reg, words: 1, class };
    let mut named: Vec<RegInfo> = (1..32).map(|n| one(INT_NAMES[n as usize].into(), r(n), RegClass::Int)).collect();
    named.extend((0..32).map(|n| one(FLOAT_NAMES[n as usize].into(), f(n), RegClass::Vector)));
    named.extend((0..8).map(|n| one(format!("fcc{n}"), fcc(n), RegClass::Status)));
    named.push(one("fcsr0".into(), FCSR, RegClass::Status));
    named.push(one("time".into(), COUNTER, RegClass::Hidden));
    RegFile::new(named, FIRST_TEMP..FIRST_TEMP + TEMPS)
}

/// The condition flags as a debugger shows them: a byte each, of one register.
const FLAGS: &[(Reg, u8, u8)] = &[
    (fcc(0), 0, 1),
    (fcc(1), 8, 1),
    (fcc(2), 16, 1),
    (fcc(3), 24, 1),
    (fcc(4), 32, 1),
    (fcc(5), 40, 1),
    (fcc(6), 48, 1),
    (fcc(7), 56, 1),
];
const FLAGS_MASK: u128 = 0x0101_0101_0101_0101;

/// The registers in the order of gdb's `org.gnu.gdb.loongarch.base` and `.fpu`; FCSR0 is left out, since the flags of
/// exceptions are not modelled.
#[must_use]
pub fn debug_registers() -> Vec<DebugReg> {
    let word = u128::from(u64::MAX);
    let slot = |name: String, reg| DebugReg { name, source: DebugSource::Slots(reg, 1), mask: word };
    let mut regs: Vec<DebugReg> = (1..32).map(|n| slot(format!("r{n}"), r(n))).collect();
    regs.push(DebugReg { name: "pc".into(), source: DebugSource::Pc, mask: word });
    regs.extend((0..32).map(|n| slot(format!("f{n}"), f(n))));
    regs.push(DebugReg { name: "fcc".into(), source: DebugSource::Fields(FLAGS), mask: FLAGS_MASK });
    regs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_register_of_the_debugger_stands_in_the_file() {
        let file = file();
        for reg in debug_registers() {
            if let DebugSource::Slots(slot, 1) = reg.source {
                assert!(file.named().iter().any(|info| info.reg == slot), "{}", reg.name);
            }
        }
    }

    #[test]
    fn kinds_of_registers_do_not_overlap() {
        assert_eq!(r(31).0 + 1, f(0).0);
        assert_eq!(f(31).0 + 1, fcc(0).0);
        assert_eq!(fcc(7).0 + 1, FCSR.0);
    }

    #[test]
    fn zero_is_read_and_dropped() {
        assert_eq!((r(0), r_out(0)), (ZERO, SINK));
    }
}
