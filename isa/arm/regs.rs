//! The register file, and how a debugger names it.
//!
//! Each general register is a slot of 32 bits, kept zero-extended; the program counter has none. Each double-precision
//! register is a slot; two single-precision registers are the halves of each of the first sixteen.

use rcsim_uop::Reg;
use rcsim_uop::flags;
use rcsim_uop::isa::{DebugReg, DebugSource};
use rcsim_uop::reg::{RegClass, RegFile, RegInfo};

const R0: u8 = 2;
const D0: u8 = 17;
/// The flags of the last floating-point comparison, packed.
pub const FP_FLAGS: Reg = Reg(49);
/// The rest of the floating-point status and control register: as software wrote it.
pub const FPSCR: Reg = Reg(50);
/// The user read-only thread register: where thread-local storage is.
pub const TPIDRURO: Reg = Reg(51);
/// The user read-write thread register.
pub const TPIDRURW: Reg = Reg(52);
const FIRST_TEMP: u8 = 60;
const TEMPS: u8 = 24;

/// Number of the program counter among general registers.
pub const PC: u8 = 15;

/// General register `n`, 0 to 14.
#[must_use]
pub const fn r(n: u8) -> Reg {
    assert!(n < PC);
    Reg(R0 + n)
}

/// Double-precision register `n`, 0 to 31.
#[must_use]
pub const fn d(n: u8) -> Reg {
    assert!(n < 32);
    Reg(D0 + n)
}

/// The current goroutine.
pub const G: Reg = r(10);
/// The stack pointer.
pub const SP: Reg = r(13);
/// The link register.
pub const LINK: Reg = r(14);
/// Closure context.
pub const CONTEXT: Reg = r(7);
/// Where a prologue keeps the link register while the stack grows.
pub const LINK_AT_GROWTH: Reg = r(3);

/// The slots that a lift may use for values that die with the instruction.
#[must_use]
pub const fn temporaries() -> std::ops::Range<u8> {
    FIRST_TEMP..FIRST_TEMP + TEMPS
}

fn name(n: u8) -> String {
    match n {
        13 => "sp".to_owned(),
        14 => "lr".to_owned(),
        _ => format!("r{n}"),
    }
}

/// The file.
#[must_use]
pub fn file() -> RegFile {
    let one = |name: String, reg, class| RegInfo { name, reg, words: 1, class };
    let mut named: Vec<RegInfo> = (0..PC).map(|n| one(name(n), r(n), RegClass::Int)).collect();
    named.extend((0..32).map(|n| one(format!("d{n}"), d(n), RegClass::Vector)));
    named.push(one("fpflags".into(), FP_FLAGS, RegClass::Status));
    named.push(one("fpscr".into(), FPSCR, RegClass::Status));
    named.push(one("tpidruro".into(), TPIDRURO, RegClass::Hidden));
    named.push(one("tpidrurw".into(), TPIDRURW, RegClass::Hidden));
    RegFile::new(named, temporaries())
}

/// Where the flags stand in the status register (B1.3.3).
pub const STATUS_FLAGS: &[(u64, u8)] = &[(flags::V, 28), (flags::C, 29), (flags::Z, 30), (flags::N, 31)];

/// The registers as gdb names them.
#[must_use]
pub fn debug_registers() -> Vec<DebugReg> {
    let word = u128::from(u32::MAX);
    let slot = |name: String, reg, mask| DebugReg { name, source: DebugSource::Slots(reg, 1), mask };
    let mut regs: Vec<DebugReg> = (0..PC).map(|n| slot(name(n), r(n), word)).collect();
    regs.push(DebugReg { name: "pc".into(), source: DebugSource::Pc, mask: word });
    regs.push(DebugReg { name: "cpsr".into(), source: DebugSource::Flags(STATUS_FLAGS), mask: 0xf000_0000 });
    regs.extend((0..32).map(|n| slot(format!("d{n}"), d(n), u128::from(u64::MAX))));
    regs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_register_has_a_slot_of_its_own() {
        let file = file();
        assert_eq!(file.by_name("sp").map(|info| info.reg), Some(SP));
        assert_eq!(file.by_name("d31").map(|info| info.reg), Some(d(31)));
    }

    #[test]
    fn debuggers_see_general_and_double_registers() {
        let names: Vec<String> = debug_registers().into_iter().map(|reg| reg.name).collect();
        for name in ["r0", "r12", "sp", "lr", "pc", "cpsr", "d0", "d31"] {
            assert!(names.iter().any(|known| known == name), "{name}");
        }
    }
}
