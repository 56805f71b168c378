//! Operators too odd for a micro-op: bulk memory and the conversions that trap.

use rcsim_uop::guest::{Guest, MemFault};
use rcsim_uop::isa::{HelperArgs, HelperDecl, HelperMemory, HelperOperand, HelperProvenance, HelperTrap};
use rcsim_uop::op::Access;

/// Bytes that one call moves, so that no copy asks the host for more memory than this.
const CHUNK_BYTES: u64 = 1 << 16;

/// Number of `memory.copy`.
pub const COPY: u16 = 0;
/// Number of `memory.fill`.
pub const FILL: u16 = 1;
/// Number of the check before a float is cut to an integer; the immediate is made by [`trunc_imm`].
pub const CHECK_TRUNC: u16 = 2;

/// All helpers, by number.
pub const ALL: &[HelperDecl] = &[
    HelperDecl {
        name: "memory.copy",
        reads: &[HelperOperand::Arg(0, 1), HelperOperand::Arg(1, 1), HelperOperand::Arg(2, 1)],
        writes: &[],
        memory: HelperMemory::Write,
        provenance: HelperProvenance::Moves,
        body: copy,
    },
    HelperDecl {
        name: "memory.fill",
        reads: &[HelperOperand::Arg(0, 1), HelperOperand::Arg(1, 1), HelperOperand::Arg(2, 1)],
        writes: &[],
        memory: HelperMemory::Write,
        provenance: HelperProvenance::Drops,
        body: fill,
    },
    HelperDecl {
        name: "check_trunc",
        reads: &[HelperOperand::Arg(0, 1)],
        writes: &[],
        memory: HelperMemory::None,
        provenance: HelperProvenance::Drops,
        body: check_trunc,
    },
];

const BYTE: Access = Access::little(0);

/// Trap as the specification says when a range does not lie in linear memory: even an empty one may not start beyond
/// the end, and nothing is written by an operation that traps.
fn check_range(guest: &mut dyn Guest, start: u64, bytes: u64) -> Result<(), MemFault> {
    match (start + bytes).checked_sub(1) {
        Some(last) => guest.load(last, BYTE).map(|_| ()),
        None => Ok(()),
    }
}

/// `a` = destination, `b` = source, `c` = bytes.
fn copy(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, src, bytes] = operands(guest, &args);
    check_range(guest, src, bytes)?;
    check_range(guest, dst, bytes)?;
    let mut done = 0;
    while done < bytes {
        let chunk = CHUNK_BYTES.min(bytes - done);
        // Away from the overlap: from the end when the destination lies above.
        let at = if dst <= src { done } else { bytes - done - chunk };
        guest.copy_memory(dst + at, src + at, chunk)?;
        done += chunk;
    }
    Ok(())
}

/// `a` = destination, `b` = byte, `c` = bytes.
fn fill(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, value, bytes] = operands(guest, &args);
    check_range(guest, dst, bytes)?;
    let pattern = (value & 0xff) * 0x0101_0101_0101_0101;
    let end = dst + bytes;
    let mut at = dst;
    while at < end {
        let log2 = if at % 8 == 0 && end - at >= 8 { 3 } else { 0 };
        guest.store(at, Access::little(log2), pattern)?;
        at += 1 << log2;
    }
    Ok(())
}

fn operands(guest: &dyn Guest, args: &HelperArgs) -> [u64; 3] {
    [0, 1, 2].map(|n| u64::from(guest.reg(args.regs[n]) as u32))
}

/// The immediate of [`CHECK_TRUNC`].
pub const fn trunc_imm(from_f64: bool, to_bits: u32, signed: bool) -> u32 {
    to_bits | (from_f64 as u32) << 8 | (signed as u32) << 9
}

/// Trap when the float in `a`, cut to an integer, is none of the type in the immediate.
fn check_trunc(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let bits = guest.reg(args.regs[0]);
    let (to_bits, from_f64, signed) = (args.imm & 0xff, args.imm & 0x100 != 0, args.imm & 0x200 != 0);
    let value = if from_f64 { f64::from_bits(bits) } else { f64::from(f32::from_bits(bits as u32)) }.trunc();
    // Powers of two are exact, so both bounds are.
    let (low, end) = match signed {
        true => (-(2f64.powi(to_bits as i32 - 1)), 2f64.powi(to_bits as i32 - 1)),
        false => (0.0, 2f64.powi(to_bits as i32)),
    };
    if value >= low && value < end { Ok(()) } else { Err(HelperTrap::Arithmetic) }
}
