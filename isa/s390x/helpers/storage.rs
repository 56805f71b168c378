//! Storage-to-storage instructions. They work byte by byte from the left, which shows where the operands overlap.
//!
//! The length less one is the immediate's low byte, with the low byte of the register in `c` put on it by OR: so EXRL
//! runs another instruction's length.

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperTrap};
use rcsim_uop::op::Access;

use super::{CC, get, set};

const BYTE: Access = Access::big(0);

/// What [`combine`] does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Combine {
    /// Exclusive or.
    Xor = 0x100,
    /// And.
    And = 0x200,
    /// Or.
    Or = 0x300,
}

fn operands(guest: &dyn Guest, args: HelperArgs) -> (u64, u64, u64) {
    let [a, b, length, _] = args.regs;
    let less_one = args.imm & 0xff | guest.reg(length) as u32 & 0xff;
    (guest.reg(a), guest.reg(b), u64::from(less_one) + 1)
}

/// MVC. Bytes that were written before they are read again repeat the start of the source.
pub fn copy(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let (mut to, from, mut left) = operands(guest, args);
    let distance = to.wrapping_sub(from);
    let piece = if distance == 0 { left } else { left.min(distance) };
    while left > 0 {
        let bytes = left.min(piece);
        guest.copy_memory(to, to.wrapping_sub(distance), bytes)?;
        to = to.wrapping_add(bytes);
        left -= bytes;
    }
    Ok(())
}

/// XC, NC and OC. The common use is to clear memory.
pub fn combine(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let (to, from, length) = operands(guest, args);
    if args.imm & !0xff == Combine::Xor as u32 && to == from {
        clear(guest, to, length)?;
        guest.set_reg(CC, 0);
        return Ok(());
    }
    let mut any = 0;
    for at in 0..length {
        let (a, b) = (guest.load(to.wrapping_add(at), BYTE)?, guest.load(from.wrapping_add(at), BYTE)?);
        let result = match args.imm & !0xff {
            x if x == Combine::Xor as u32 => a ^ b,
            x if x == Combine::And as u32 => a & b,
            _ => a | b,
        };
        guest.store(to.wrapping_add(at), BYTE, result)?;
        any |= result;
    }
    guest.set_reg(CC, u64::from(any != 0));
    Ok(())
}

/// Words at once where they are whole: a word is never half cleared to one who looks.
fn clear(guest: &mut dyn Guest, mut to: u64, mut left: u64) -> Result<(), HelperTrap> {
    while left > 0 {
        let log2 = if to & 7 == 0 && left >= 8 { 3 } else { 0 };
        guest.store(to, Access::big(log2), 0)?;
        to = to.wrapping_add(1 << log2);
        left -= 1 << log2;
    }
    Ok(())
}

/// CLC: the order of the first bytes that differ.
pub fn compare(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let (a, b, length) = operands(guest, args);
    let mut code = 0;
    for at in 0..length {
        let (x, y) = (guest.load(a.wrapping_add(at), BYTE)?, guest.load(b.wrapping_add(at), BYTE)?);
        if x != y {
            code = if x < y { 1 } else { 2 };
            break;
        }
    }
    guest.set_reg(CC, code);
    Ok(())
}

/// VLL: as many bytes as the low word of `b` says and one more, at most 16, from the left; the rest is zero.
pub fn load_length(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, highest, from, _] = args.regs;
    let (last, from) = ((guest.reg(highest) as u32).min(15), guest.reg(from));
    let mut value = 0_u128;
    for at in 0..=last {
        let byte = guest.load(from.wrapping_add(u64::from(at)), BYTE)?;
        value |= u128::from(byte) << (8 * (15 - at));
    }
    set(guest, dst, value);
    Ok(())
}

/// VSTL.
pub fn store_length(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [src, highest, to, _] = args.regs;
    let (last, to) = ((guest.reg(highest) as u32).min(15), guest.reg(to));
    let value = get(guest, src);
    for at in 0..=last {
        guest.store(to.wrapping_add(u64::from(at)), BYTE, (value >> (8 * (15 - at))) as u64 & 0xff)?;
    }
    Ok(())
}
