//! The register file of riscv64, and how a debugger names it.
//!
//! Each integer and each floating-point register is one slot. Register `x0` is zero: it is read from the slot that is
//! always zero and written to the one that nobody reads. A single-precision value stands in the low half of its
//! floating-point register, the upper half all ones (manual 21.2, NaN boxing).

use rcsim_uop::isa::{DebugReg, DebugSource};
use rcsim_uop::reg::{RegClass, RegFile, RegInfo, SINK, ZERO};
use rcsim_uop::Reg;

const X1: u8 = 2;
const F0: u8 = 33;
/// What `time`, `cycle` and `instret` read. Time does not exist here; each read counts one tick.
pub const COUNTER: Reg = Reg(65);
const FIRST_TEMP: u8 = 66;
const TEMPS: u8 = 24;

/// Integer register `n` where it is read.
#[must_use]
pub const fn x(n: u8) -> Reg {
    assert!(n <= 31);
    if n == 0 { ZERO } else { Reg(X1 + n - 1) }
}

/// Integer register `n` where it is written.
#[must_use]
pub const fn x_out(n: u8) -> Reg {
    if n == 0 { SINK } else { x(n) }
}

/// Floating-point register `n`.
#[must_use]
pub const fn f(n: u8) -> Reg {
    assert!(n <= 31);
    Reg(F0 + n)
}

/// Link register.
pub const RA: Reg = x(1);
/// Stack pointer.
pub const SP: Reg = x(2);
/// Thread pointer.
pub const TP: Reg = x(4);
/// Where a prologue keeps its link register while the stack grows: the call is made with this one.
pub const GROWTH_LINK: Reg = x(5);
/// The current goroutine.
pub const G: Reg = x(27);

/// Names of the integer registers (psABI, register convention).
pub const INT_NAMES: [&str; 32] = [
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "s2",
    "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
];

/// Names of the floating-point registers.
pub const FLOAT_NAMES: [&str; 32] = [
    "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2", "fa3", "fa4", "fa5",
    "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
];

/// What gdb calls register `s0`: it is the frame pointer to it.
const GDB_FRAME_POINTER: (usize, &str) = (8, "fp");

/// The file.
#[must_use]
pub fn file() -> RegFile {
    let one = |name: &str, reg, class| RegInfo { name: name.to_owned(), reg, words: 1, class };
    let mut named: Vec<RegInfo> = (1..32).map(|n| one(INT_NAMES[n as usize], x(n), RegClass::Int)).collect();
    named.extend((0..32).map(|n| one(FLOAT_NAMES[n as usize], f(n), RegClass::Vector)));
    named.push(one("time", COUNTER, RegClass::Hidden));
    RegFile::new(named, FIRST_TEMP..FIRST_TEMP + TEMPS)
}

/// The registers in the order of gdb's `org.gnu.gdb.riscv.cpu` and `.fpu`.
///
/// The control and status registers are left out: rounding is always to nearest, and the cumulative exception bits are
/// not modelled.
#[must_use]
pub fn debug_registers() -> Vec<DebugReg> {
    let word = u128::from(u64::MAX);
    let slot = |name: &str, reg| DebugReg { name: name.to_owned(), source: DebugSource::Slots(reg, 1), mask: word };
    let mut regs: Vec<DebugReg> = (1..32_u8)
        .map(|n| match usize::from(n) {
            at if at == GDB_FRAME_POINTER.0 => slot(GDB_FRAME_POINTER.1, x(n)),
            at => slot(INT_NAMES[at], x(n)),
        })
        .collect();
    regs.push(DebugReg { name: "pc".into(), source: DebugSource::Pc, mask: word });
    regs.extend((0..32).map(|n| slot(FLOAT_NAMES[n as usize], f(n))));
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
    fn integer_and_floating_point_registers_do_not_overlap() {
        assert_eq!(x(31).0 + 1, f(0).0);
        assert_eq!(f(31).0 + 1, COUNTER.0);
    }

    #[test]
    fn zero_is_read_and_dropped() {
        assert_eq!((x(0), x_out(0)), (ZERO, SINK));
    }
}
