//! Operations too odd for a micro-op of their own: conditional traps, and accesses to the part of a word up to its end.
//!
//! Each is declared with what it touches.

use rcsim_uop::isa::{HelperArgs, HelperDecl, HelperMemory, HelperOperand, HelperProvenance, HelperTrap};
use rcsim_uop::op::{Access, Op, Width};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{Guest, Reg};

use super::mode::Mode;

/// A trap when `b` is not zero.
const TRAP_IF: u16 = 0;
/// `a` = `b` with some bytes replaced by those of memory at the address in `c`; the immediate is a [`Part`].
const LOAD_PART: u16 = 1;
/// Some bytes of memory at the address in `c` = those of `b`; the immediate is a [`Part`].
const STORE_PART: u16 = 2;

/// All helpers, in the order of their numbers.
pub static ALL: &[HelperDecl] = &[
    HelperDecl {
        name: "trap-if",
        reads: &[HelperOperand::Arg(1, 1)],
        writes: &[],
        memory: HelperMemory::None,
        provenance: HelperProvenance::Drops,
        body: trap_if,
    },
    HelperDecl {
        name: "load-part",
        reads: &[HelperOperand::Arg(1, 1), HelperOperand::Arg(2, 1)],
        writes: &[HelperOperand::Arg(0, 1)],
        memory: HelperMemory::Read,
        provenance: HelperProvenance::Drops,
        body: load_part,
    },
    HelperDecl {
        name: "store-part",
        reads: &[HelperOperand::Arg(1, 1), HelperOperand::Arg(2, 1)],
        writes: &[],
        memory: HelperMemory::Write,
        provenance: HelperProvenance::Drops,
        body: store_part,
    },
];

/// A trap when `test` is not zero.
pub const fn trap_unless_zero(test: Reg) -> Op {
    Op::Helper { id: TRAP_IF, a: ZERO, b: test, c: ZERO, d: ZERO, imm: 0 }
}

fn trap_if(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    if guest.reg(args.regs[1]) == 0 { Ok(()) } else { Err(HelperTrap::Arithmetic) }
}

/// Which part of a word LWL, LWR and their kin move: from the addressed byte to one end of the aligned word around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Whether the word has 8 bytes.
    pub double: bool,
    /// Whether it is the more significant part of the register (LWL), else the less significant one (LWR).
    pub left: bool,
    /// The machine.
    pub mode: Mode,
}

impl Part {
    const DOUBLE: u32 = 1;
    const LEFT: u32 = 2;
    const BIG: u32 = 4;
    const WIDE: u32 = 8;

    const fn imm(self) -> u32 {
        (if self.double { Self::DOUBLE } else { 0 })
            | (if self.left { Self::LEFT } else { 0 })
            | (if self.mode.big_endian { Self::BIG } else { 0 })
            | (if self.mode.wide { Self::WIDE } else { 0 })
    }

    const fn from_imm(imm: u32) -> Self {
        Self {
            double: imm & Self::DOUBLE != 0,
            left: imm & Self::LEFT != 0,
            mode: Mode { wide: imm & Self::WIDE != 0, big_endian: imm & Self::BIG != 0 },
        }
    }

    const fn word_bytes(self) -> u64 {
        if self.double { 8 } else { 4 }
    }

    /// The width of the word as it stands in its register.
    const fn width(self) -> Width {
        if self.double { Width::W64 } else { self.mode.word() }
    }

    /// Each byte that moves: its address, and the bit of the register where it begins.
    fn bytes(self, address: u64) -> impl Iterator<Item = (u64, u64)> {
        let (bytes, at) = (self.word_bytes(), address & (self.word_bytes() - 1));
        let word = address - at;
        // Left moves the most significant byte of the register to or from the addressed byte, and goes on towards less
        // significant ones until the word ends; right does the reverse.
        let towards_end = self.left == self.mode.big_endian;
        let count = if towards_end { bytes - at } else { at + 1 };
        (0..count).map(move |n| {
            let offset = if towards_end { at + n } else { at - n };
            let byte = if self.left { bytes - 1 - n } else { n };
            (word + offset, 8 * byte)
        })
    }
}

/// `dst = old` with a part replaced from memory.
pub const fn load_part_op(part: Part, dst: Reg, old: Reg, address: Reg) -> Op {
    Op::Helper { id: LOAD_PART, a: dst, b: old, c: address, d: ZERO, imm: part.imm() }
}

/// A part of `src` to memory.
pub const fn store_part_op(part: Part, src: Reg, address: Reg) -> Op {
    Op::Helper { id: STORE_PART, a: ZERO, b: src, c: address, d: ZERO, imm: part.imm() }
}

const BYTE: Access = Access::little(0);

fn load_part(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, old, address, _] = args.regs;
    let part = Part::from_imm(args.imm);
    let mut value = guest.reg(old);
    for (address, bit) in part.bytes(guest.reg(address)) {
        value = value & !(0xff << bit) | guest.load(address, BYTE)? << bit;
    }
    guest.set_reg(dst, part.width().fit(value));
    Ok(())
}

fn store_part(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [_, src, address, _] = args.regs;
    let value = guest.reg(src);
    for (address, bit) in Part::from_imm(args.imm).bytes(guest.reg(address)) {
        guest.store(address, BYTE, value >> bit)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(left: bool, big_endian: bool, address: u64) -> Vec<(u64, u64)> {
        Part { double: false, left, mode: Mode { wide: false, big_endian } }.bytes(address).collect()
    }

    #[test]
    fn left_fills_the_upper_bytes_from_the_addressed_one_down() {
        assert_eq!(moved(true, false, 0x101), [(0x101, 24), (0x100, 16)]);
        assert_eq!(moved(true, true, 0x101), [(0x101, 24), (0x102, 16), (0x103, 8)]);
    }

    #[test]
    fn right_fills_the_lower_bytes_from_the_addressed_one_up() {
        assert_eq!(moved(false, false, 0x101), [(0x101, 0), (0x102, 8), (0x103, 16)]);
        assert_eq!(moved(false, true, 0x101), [(0x101, 0), (0x100, 8)]);
    }

    #[test]
    fn a_part_survives_its_immediate() {
        let part = Part { double: true, left: false, mode: Mode { wide: true, big_endian: true } };
        assert_eq!(Part::from_imm(part.imm()), part);
    }
}
