//! The register file of ppc64, and how a debugger names it.
//!
//! Each general register is one slot. Each of the 64 vector-scalar registers is two, the less significant doubleword
//! first; the floating-point registers are the upper halves of the first 32 of them, the vector registers are the last
//! 32 (Power ISA 2.07, book I, 7.2.1). Each field of the condition register is a slot of its own, holding four bits: less,
//! greater, equal, summary overflow or unordered, from bit 3 down. So are the carry and overflow bits of XER.

use rcsim_uop::Reg;
use rcsim_uop::isa::{DebugReg, DebugSource};
use rcsim_uop::reg::{RegClass, RegFile, RegInfo};

const R0: u8 = 2;
const VS0: u8 = 34;
const CR0: u8 = 164;
/// Link register.
pub const LR: Reg = Reg(162);
/// Count register.
pub const CTR: Reg = Reg(163);
/// XER's carry.
pub const CA: Reg = Reg(172);
/// XER's overflow. Only moves to XER set it: arithmetic that would is not lifted.
pub const OV: Reg = Reg(173);
/// Floating-point status and control: only its control bits are kept, no operation sets status.
pub const FPSCR: Reg = Reg(174);
/// Which vector registers are in use: a mark that software keeps.
pub const VRSAVE: Reg = Reg(175);
/// The time base. Time does not exist here; each read counts one tick.
pub const TB: Reg = Reg(176);
const FIRST_TEMP: u8 = 180;
const TEMPS: u8 = 48;

/// General register `n`, 0 to 31.
#[must_use]
pub const fn r(n: u8) -> Reg {
    assert!(n <= 31);
    Reg(R0 + n)
}

/// The low doubleword of vector-scalar register `n`, 0 to 63.
#[must_use]
pub const fn vs(n: u8) -> Reg {
    assert!(n <= 63);
    Reg(VS0 + 2 * n)
}

/// The low doubleword of vector register `n`, 0 to 31.
#[must_use]
pub const fn v(n: u8) -> Reg {
    vs(32 + n)
}

/// Floating-point register `n`, 0 to 31.
#[must_use]
pub const fn f(n: u8) -> Reg {
    vs(n).plus(1)
}

/// Field `n` of the condition register, 0 to 7.
#[must_use]
pub const fn cr(n: u8) -> Reg {
    assert!(n <= 7);
    Reg(CR0 + n)
}

/// The stack pointer.
pub const SP: Reg = r(1);
/// The current goroutine.
pub const G: Reg = r(30);
/// Closure context.
pub const CONTEXT: Reg = r(11);

/// The file.
#[must_use]
pub fn file() -> RegFile {
    let one = |name: String, reg, class| RegInfo { name, reg, words: 1, class };
    let status = |name: &str, reg| one(name.to_owned(), reg, RegClass::Status);
    let mut named: Vec<RegInfo> = (0..32).map(|n| one(format!("r{n}"), r(n), RegClass::Int)).collect();
    named.push(one("lr".into(), LR, RegClass::Int));
    named.push(one("ctr".into(), CTR, RegClass::Int));
    named.extend((0..64).map(|n| RegInfo { name: format!("vs{n}"), reg: vs(n), words: 2, class: RegClass::Vector }));
    named.extend((0..8).map(|n| status(&format!("cr{n}"), cr(n))));
    named.extend([status("ca", CA), status("ov", OV), status("fpscr", FPSCR), status("vrsave", VRSAVE)]);
    named.push(one("tb".into(), TB, RegClass::Hidden));
    RegFile::new(named, FIRST_TEMP..FIRST_TEMP + TEMPS)
}

/// The condition register: field 0 in its top four bits.
const CR_FIELDS: &[(Reg, u8, u8)] = &[
    (cr(0), 28, 4),
    (cr(1), 24, 4),
    (cr(2), 20, 4),
    (cr(3), 16, 4),
    (cr(4), 12, 4),
    (cr(5), 8, 4),
    (cr(6), 4, 4),
    (cr(7), 0, 4),
];
/// XER: overflow and carry (Power ISA 2.07, book I, 3.2.2).
const XER_FIELDS: &[(Reg, u8, u8)] = &[(OV, 30, 1), (CA, 29, 1)];
const XER_MASK: u128 = 0x6000_0000;

/// The registers as gdb's `org.gnu.gdb.power` features name them.
///
/// `msr` is not modelled, of `fpscr` only what software wrote: neither is compared.
#[must_use]
pub fn debug_registers() -> Vec<DebugReg> {
    let word = u128::from(u64::MAX);
    let slots = |name: String, reg, words, mask| DebugReg { name, source: DebugSource::Slots(reg, words), mask };
    let fields = |name: &str, fields, mask| DebugReg { name: name.into(), source: DebugSource::Fields(fields), mask };
    let mut regs: Vec<DebugReg> = (0..32).map(|n| slots(format!("r{n}"), r(n), 1, word)).collect();
    regs.push(DebugReg { name: "pc".into(), source: DebugSource::Pc, mask: word });
    regs.push(fields("cr", CR_FIELDS, 0xffff_ffff));
    regs.push(slots("lr".into(), LR, 1, word));
    regs.push(slots("ctr".into(), CTR, 1, word));
    regs.push(fields("xer", XER_FIELDS, XER_MASK));
    regs.extend((0..32).map(|n| slots(format!("f{n}"), f(n), 1, word)));
    regs.push(slots("fpscr".into(), FPSCR, 1, 0));
    regs.extend((0..32).map(|n| slots(format!("vr{n}"), v(n), 2, u128::MAX)));
    regs.extend((0..32).map(|n| slots(format!("vs{n}h"), vs(n), 1, word)));
    regs.push(slots("vrsave".into(), VRSAVE, 1, 0));
    regs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_that_the_debugger_sees_belongs_to_a_register() {
        let file = file();
        for reg in debug_registers() {
            let slots = match reg.source {
                DebugSource::Slots(first, words) => (0..words).map(|word| first.plus(word)).collect(),
                DebugSource::Fields(fields) => fields.iter().map(|(reg, ..)| *reg).collect(),
                DebugSource::Pc | DebugSource::Flags(_) => Vec::new(),
            };
            assert!(slots.into_iter().all(|slot| file.contains(slot)), "{}", reg.name);
        }
    }

    #[test]
    fn floating_point_registers_are_the_upper_halves_of_the_first_vector_scalar_registers() {
        assert_eq!(f(3), vs(3).plus(1));
        assert_eq!(v(0), vs(32));
        assert_eq!(vs(63).plus(1).0 + 1, LR.0);
    }
}
