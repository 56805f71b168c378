//! The register file of arm64, and how a debugger names it.
//!
//! Each general register is one slot, each vector register two (low half first). Register 31 is the stack pointer or
//! the zero register, as the instruction says; `decode.rs` settles that. The flags are kept lazily by the machine and
//! appear here only as `cpsr`.

use rcsim_uop::flags;
use rcsim_uop::isa::{DebugReg, DebugSource};
use rcsim_uop::reg::{RegClass, RegFile, RegInfo};
use rcsim_uop::Reg;

const X0: u8 = 2;
const V0: u8 = 34;
/// Stack pointer.
pub const SP: Reg = Reg(33);
/// Floating-point control: rounding mode and trap enables. Only its reset value, zero, is modelled.
pub const FPCR: Reg = Reg(98);
/// Floating-point status: cumulative exception bits. Kept for reading back; operations do not set them.
pub const FPSR: Reg = Reg(99);
/// Software thread identifier, where Linux keeps the thread-local storage block.
pub const TPIDR_EL0: Reg = Reg(100);
/// The virtual counter. Time does not exist here; each read counts one tick.
pub const CNTVCT_EL0: Reg = Reg(101);
/// The processor state's DIT bit, at its place in the register of that name.
pub const DIT: Reg = Reg(102);
const FIRST_TEMP: u8 = 103;
const TEMPS: u8 = 40;

/// General register `n`, 0 to 30.
#[must_use]
pub const fn x(n: u8) -> Reg {
    assert!(n <= 30);
    Reg(X0 + n)
}

/// The low half of vector register `n`, 0 to 31.
#[must_use]
pub const fn v(n: u8) -> Reg {
    assert!(n <= 31);
    Reg(V0 + 2 * n)
}

/// Link register.
pub const LR: Reg = x(30);
/// The current goroutine.
pub const G: Reg = x(28);
/// Closure context.
pub const CONTEXT: Reg = x(26);

/// The file.
#[must_use]
pub fn file() -> RegFile {
    let one = |name: String, reg, class| RegInfo { name, reg, words: 1, class };
    let mut named: Vec<RegInfo> = (0..31).map(|n| one(format!("x{n}"), x(n), RegClass::Int)).collect();
    named.push(one("sp".into(), SP, RegClass::Int));
    named.extend((0..32).map(|n| RegInfo {
        name: format!("v{n}"),
        reg: v(n),
        words: 2,
        class: RegClass::Vector,
    }));
    named.push(one("fpcr".into(), FPCR, RegClass::Status));
    named.push(one("fpsr".into(), FPSR, RegClass::Status));
    named.push(one("tpidr_el0".into(), TPIDR_EL0, RegClass::Hidden));
    named.push(one("cntvct_el0".into(), CNTVCT_EL0, RegClass::Hidden));
    named.push(one("dit".into(), DIT, RegClass::Hidden));
    RegFile::new(named, FIRST_TEMP..FIRST_TEMP + TEMPS)
}

/// N, Z, C and V as bits 31 to 28 of `cpsr`.
const CPSR: &[(flags::Packed, u8)] = &[(flags::N, 31), (flags::Z, 30), (flags::C, 29), (flags::V, 28)];

/// The registers in the order of gdb's `org.gnu.gdb.aarch64.core` and `.fpu`.
///
/// Of `cpsr` the four condition flags are compared. `fpsr` is left out (mask 0): the cumulative exception bits are not
/// modelled.
#[must_use]
pub fn debug_registers() -> Vec<DebugReg> {
    let slots = |name: String, reg, words, mask| DebugReg { name, source: DebugSource::Slots(reg, words), mask };
    let word = u128::from(u64::MAX);
    let mut regs: Vec<DebugReg> = (0..31).map(|n| slots(format!("x{n}"), x(n), 1, word)).collect();
    regs.push(slots("sp".into(), SP, 1, word));
    regs.push(DebugReg { name: "pc".into(), source: DebugSource::Pc, mask: word });
    regs.push(DebugReg { name: "cpsr".into(), source: DebugSource::Flags(CPSR), mask: 0xf000_0000 });
    regs.extend((0..32).map(|n| slots(format!("v{n}"), v(n), 2, u128::MAX)));
    regs.push(slots("fpsr".into(), FPSR, 1, 0));
    regs.push(slots("fpcr".into(), FPCR, 1, 0xffff_ffff));
    regs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_register_of_the_debugger_stands_in_the_file() {
        let file = file();
        for reg in debug_registers() {
            if let DebugSource::Slots(first, words) = reg.source {
                let info = file.by_name(&reg.name).expect("the debugger's name is the file's name");
                assert_eq!((info.reg, info.words), (first, words));
            }
        }
    }

    #[test]
    fn vector_registers_do_not_overlap_what_surrounds_them() {
        assert_eq!(v(0).0, SP.0 + 1);
        assert_eq!(v(31).plus(1).0 + 1, FPCR.0);
    }
}
