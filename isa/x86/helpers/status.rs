//! The flags register as a word.

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperDecl, HelperMemory, HelperOperand, HelperProvenance, HelperTrap};

use crate::x86::regs::{DIRECTION, DIRECTION_DOWN, EFLAGS, INERT_FLAGS};

/// Bit 1 is always set, and Linux runs user code with interrupts enabled (bit 9).
const ALWAYS_SET: u64 = 1 << 1 | 1 << 9;
const DIRECTION_BIT: u8 = 10;
/// ID. Of the other bits that POPF may write in user mode, TF and AC would trap later, NT only matters to IRET, and AF to
/// decimal arithmetic: no program of Go's has these.
const INERT: u64 = 1 << 21;

/// See [`super::HelperId::ReadFlags`].
pub const READ_FLAGS: HelperDecl = HelperDecl {
    name: "read_flags",
    reads: &[HelperOperand::Flags, HelperOperand::Fixed(DIRECTION, 1), HelperOperand::Fixed(INERT_FLAGS, 1)],
    writes: &[HelperOperand::Arg(0, 1)],
    memory: HelperMemory::None,
    provenance: HelperProvenance::Drops,
    body: read_flags,
};

/// See [`super::HelperId::WriteFlags`].
pub const WRITE_FLAGS: HelperDecl = HelperDecl {
    name: "write_flags",
    reads: &[HelperOperand::Arg(0, 1)],
    writes: &[HelperOperand::Flags, HelperOperand::Fixed(DIRECTION, 1), HelperOperand::Fixed(INERT_FLAGS, 1)],
    memory: HelperMemory::None,
    provenance: HelperProvenance::Drops,
    body: write_flags,
};

fn read_flags(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let packed = guest.flags();
    let set = EFLAGS.iter().filter(|(flag, _)| packed & flag != 0);
    let mut word = set.fold(ALWAYS_SET | guest.reg(INERT_FLAGS), |word, (_, bit)| word | 1 << bit);
    if guest.reg(DIRECTION) != 0 {
        word |= 1 << DIRECTION_BIT;
    }
    guest.set_reg(args.regs[0], word);
    Ok(())
}

fn write_flags(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let word = guest.reg(args.regs[0]);
    let set = EFLAGS.iter().filter(|(_, bit)| word >> bit & 1 != 0);
    guest.set_flags(set.fold(0, |packed, (flag, _)| packed | flag));
    let down = word >> DIRECTION_BIT & 1 != 0;
    guest.set_reg(DIRECTION, if down { DIRECTION_DOWN } else { 0 });
    guest.set_reg(INERT_FLAGS, word & INERT);
    Ok(())
}
