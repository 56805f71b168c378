//! Bytes of vectors. The manual numbers them from the most significant.

use rcsim_uop::isa::{HelperArgs, HelperTrap};
use rcsim_uop::{Guest, Reg};

fn bytes(guest: &dyn Guest, reg: Reg) -> [u8; 16] {
    let value = u128::from(guest.reg(reg.plus(1))) << 64 | u128::from(guest.reg(reg));
    value.to_be_bytes()
}

fn put(guest: &mut dyn Guest, reg: Reg, bytes: [u8; 16]) {
    let value = u128::from_be_bytes(bytes);
    guest.set_reg(reg, value as u64);
    guest.set_reg(reg.plus(1), (value >> 64) as u64);
}

fn pair(guest: &dyn Guest, a: Reg, b: Reg) -> [u8; 32] {
    let (a, b) = (bytes(guest, a), bytes(guest, b));
    std::array::from_fn(|n| if n < 16 { a[n] } else { b[n - 16] })
}

/// VPERM: each byte of `d` names, by its low five bits, one of the 32 bytes of `b` and `c`.
pub fn permute(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, a, b, names] = args.regs;
    let (source, names) = (pair(guest, a, b), bytes(guest, names));
    put(guest, dst, names.map(|name| source[usize::from(name & 31)]));
    Ok(())
}

/// VSLDOI.
pub fn shift_bytes(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, a, b, _] = args.regs;
    let (source, from) = (pair(guest, a, b), (args.imm & 15) as usize);
    put(guest, dst, std::array::from_fn(|n| source[from + n]));
    Ok(())
}

/// LVSL and LVSR.
pub fn shift_pattern(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, address, ..] = args.regs;
    let by = (guest.reg(address) & 15) as u8;
    let first = if args.imm == 1 { by } else { 16 - by };
    put(guest, dst, std::array::from_fn(|n| first + n as u8));
    Ok(())
}

/// VBPERMQ: each byte of `c` names a bit of `b`, counted from the most significant; past the last there are zeros. The
/// sixteen bits end the upper doubleword.
pub fn permute_bits(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, source, names, _] = args.regs;
    let (source, names) = (u128::from_be_bytes(bytes(guest, source)), bytes(guest, names));
    let named = |name: u8| if name < 128 { (source >> (127 - name) & 1) as u64 } else { 0 };
    let bits = names.into_iter().fold(0, |bits, name| bits << 1 | named(name));
    guest.set_reg(dst, 0);
    guest.set_reg(dst.plus(1), bits);
    Ok(())
}
