//! Operations too odd for a micro-op of their own: status registers, whose flags stand in another order than a guest's.

use rcsim_uop::flags::{C, N, V, Z};
use rcsim_uop::isa::{HelperArgs, HelperDecl, HelperMemory, HelperOperand, HelperProvenance, HelperTrap};
use rcsim_uop::op::Op;
use rcsim_uop::reg::ZERO;
use rcsim_uop::{Guest, Reg};

/// `a` = the flags as a status register shows them.
const READ_FLAGS: u16 = 0;
/// The flags as the status register in `b` shows them.
const WRITE_FLAGS: u16 = 1;
/// `a` = the register in `c` with the packed flags of `b` put where a status register shows them.
const READ_PACKED: u16 = 2;
/// `a` = the packed flags of the status register in `b`.
const WRITE_PACKED: u16 = 3;

const fn pure(
    name: &'static str,
    reads: &'static [HelperOperand],
    writes: &'static [HelperOperand],
    body: rcsim_uop::isa::HelperBody,
) -> HelperDecl {
    HelperDecl { name, reads, writes, memory: HelperMemory::None, provenance: HelperProvenance::Drops, body }
}

/// All helpers, in the order of their numbers.
pub static ALL: &[HelperDecl] = &[
    pure("read-flags", &[HelperOperand::Flags], &[HelperOperand::Arg(0, 1)], read_flags),
    pure("write-flags", &[HelperOperand::Arg(1, 1)], &[HelperOperand::Flags], write_flags),
    pure(
        "show-flags",
        &[HelperOperand::Arg(1, 1), HelperOperand::Arg(2, 1)],
        &[HelperOperand::Arg(0, 1)],
        show_packed,
    ),
    pure("pack-flags", &[HelperOperand::Arg(1, 1)], &[HelperOperand::Arg(0, 1)], pack),
];

const fn op(id: u16, a: Reg, b: Reg, c: Reg) -> Op {
    Op::Helper { id, a, b, c, d: ZERO, imm: 0 }
}

/// `dst` = the flags as a status register shows them.
pub const fn read_flags_op(dst: Reg) -> Op {
    op(READ_FLAGS, dst, ZERO, ZERO)
}

/// The flags = those of a status register in `src`.
pub const fn write_flags_op(src: Reg) -> Op {
    op(WRITE_FLAGS, ZERO, src, ZERO)
}

/// `dst = rest` with packed flags put into their places.
pub const fn show_packed_op(dst: Reg, packed: Reg, rest: Reg) -> Op {
    op(READ_PACKED, dst, packed, rest)
}

/// `dst` = the flags of a status register in `src`, packed.
pub const fn pack_op(dst: Reg, src: Reg) -> Op {
    op(WRITE_PACKED, dst, src, ZERO)
}

/// Places of the flags in a status register (B1.3.3, and A2.5.3 for the floating-point one).
const PLACES: [(u64, u32); 4] = [(V, 28), (C, 29), (Z, 30), (N, 31)];

fn shown(packed: u64) -> u64 {
    PLACES.iter().filter(|(flag, _)| packed & flag != 0).fold(0, |sum, (_, bit)| sum | 1 << bit)
}

fn packed(status: u64) -> u64 {
    PLACES.iter().filter(|(_, bit)| status >> bit & 1 != 0).fold(0, |sum, (flag, _)| sum | flag)
}

fn read_flags(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let value = shown(guest.flags());
    guest.set_reg(args.regs[0], value);
    Ok(())
}

fn write_flags(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let value = packed(guest.reg(args.regs[1]));
    guest.set_flags(value);
    Ok(())
}

fn show_packed(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, flags, rest, _] = args.regs;
    let value = shown(guest.reg(flags)) | guest.reg(rest) & 0x0fff_ffff;
    guest.set_reg(dst, value);
    Ok(())
}

fn pack(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let value = packed(guest.reg(args.regs[1]));
    guest.set_reg(args.regs[0], value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_survive_a_status_register() {
        for flags in 0..16 {
            assert_eq!(packed(shown(flags)), flags);
        }
        assert_eq!(shown(N | C), 0xa000_0000);
    }
}
