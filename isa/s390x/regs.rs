//! The register file of s390x, and how a debugger names it.
//!
//! Each general register is one slot, each vector register two, the less significant doubleword first; the floating-point
//! registers are the upper halves of the first 16 of them (Principles of Operation, "Vector-Facility Registers"). The
//! condition code is a slot of its own that holds 0 to 3.

use rcsim_uop::Reg;
use rcsim_uop::isa::{DebugReg, DebugSource};
use rcsim_uop::reg::{RegClass, RegFile, RegInfo};

const R0: u8 = 2;
const A0: u8 = 20;
const V0: u8 = 36;
/// The condition code of the program status word.
pub const CC: Reg = Reg(18);
/// Floating-point control: no operation sets its status.
pub const FPC: Reg = Reg(19);
/// The clock. Time does not exist here; each read counts one tick.
pub const CLOCK: Reg = Reg(100);
const FIRST_TEMP: u8 = 104;
const TEMPS: u8 = 48;

/// General register `n`, 0 to 15.
#[must_use]
pub const fn r(n: u8) -> Reg {
    assert!(n <= 15);
    Reg(R0 + n)
}

/// Access register `n`, 0 to 15: 32 bits.
#[must_use]
pub const fn access(n: u8) -> Reg {
    assert!(n <= 15);
    Reg(A0 + n)
}

/// The low doubleword of vector register `n`, 0 to 31.
#[must_use]
pub const fn v(n: u8) -> Reg {
    assert!(n <= 31);
    Reg(V0 + 2 * n)
}

/// Floating-point register `n`, 0 to 15; of a vector register of any number, its high doubleword.
#[must_use]
pub const fn f(n: u8) -> Reg {
    v(n).plus(1)
}

/// The stack pointer.
pub const SP: Reg = r(15);
/// The link register.
pub const LINK: Reg = r(14);
/// The current goroutine.
pub const G: Reg = r(13);
/// Closure context.
pub const CONTEXT: Reg = r(12);

/// The file.
#[must_use]
pub fn file() -> RegFile {
    let one = |name: String, reg, class| RegInfo { name, reg, words: 1, class };
    let mut named: Vec<RegInfo> = (0..16).map(|n| one(format!("r{n}"), r(n), RegClass::Int)).collect();
    named.push(one("cc".into(), CC, RegClass::Status));
    named.push(one("fpc".into(), FPC, RegClass::Status));
    named.extend((0..16).map(|n| one(format!("a{n}"), access(n), RegClass::Hidden)));
    let vector = |n| RegInfo { name: format!("v{n}"), reg: v(n), words: 2, class: RegClass::Vector };
    named.extend((0..32).map(vector));
    named.push(one("clock".into(), CLOCK, RegClass::Hidden));
    RegFile::new(named, FIRST_TEMP..FIRST_TEMP + TEMPS)
}

/// The condition code in the program status word, bits 18 and 19 from the most significant.
const PSW_FIELDS: &[(Reg, u8, u8)] = &[(CC, 44, 2)];
const PSW_MASK: u128 = 3 << 44;

/// The registers as gdb's `org.gnu.gdb.s390` features name them.
///
/// Of the floating-point control register only what software wrote is known: it is not compared.
#[must_use]
pub fn debug_registers() -> Vec<DebugReg> {
    let word = u128::from(u64::MAX);
    let slots = |name: String, reg, words, mask| DebugReg { name, source: DebugSource::Slots(reg, words), mask };
    let mut regs = vec![
        DebugReg { name: "pswm".into(), source: DebugSource::Fields(PSW_FIELDS), mask: PSW_MASK },
        DebugReg { name: "pswa".into(), source: DebugSource::Pc, mask: word },
    ];
    regs.extend((0..16).map(|n| slots(format!("r{n}"), r(n), 1, word)));
    regs.extend((0..16).map(|n| slots(format!("acr{n}"), access(n), 1, 0xffff_ffff)));
    regs.push(slots("fpc".into(), FPC, 1, 0));
    regs.extend((0..16).map(|n| slots(format!("f{n}"), f(n), 1, word)));
    regs.extend((0..16).map(|n| slots(format!("v{n}l"), v(n), 1, word)));
    regs.extend((16..32).map(|n| slots(format!("v{n}"), v(n), 2, u128::MAX)));
    regs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_that_the_debugger_sees_belongs_to_a_register() {
        let file = file();
        for reg in debug_registers() {
            if let DebugSource::Slots(first, words) = reg.source {
                assert!((0..words).all(|word| file.contains(first.plus(word))), "{}", reg.name);
            }
        }
    }

    #[test]
    fn floating_point_registers_are_the_upper_halves_of_the_first_vector_registers() {
        assert_eq!(f(3), v(3).plus(1));
        assert_eq!(v(31).plus(2), CLOCK);
    }
}
