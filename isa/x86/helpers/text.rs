//! The string comparison of SSE4.2: PCMPESTRI (Intel SDM volume 2B, and volume 1 on the control byte).

use rcsim_uop::Guest;
use rcsim_uop::flags::{C, N, V, Z};
use rcsim_uop::isa::{HelperArgs, HelperDecl, HelperMemory, HelperOperand, HelperProvenance, HelperTrap};

use super::block::{get, lane};
use crate::x86::regs::{RAX, RCX, RDX};

/// See [`super::HelperId::CompareStrings`].
pub const COMPARE_STRINGS: HelperDecl = HelperDecl {
    name: "compare_strings",
    reads: &[
        HelperOperand::Arg(0, 2),
        HelperOperand::Arg(1, 2),
        HelperOperand::Fixed(RAX, 1),
        HelperOperand::Fixed(RDX, 1),
    ],
    writes: &[HelperOperand::Fixed(RCX, 1), HelperOperand::Flags],
    memory: HelperMemory::None,
    provenance: HelperProvenance::Drops,
    body: compare_strings,
};

/// What the control byte asks for.
struct Control(u32);

impl Control {
    /// Bits of an element.
    const fn bits(&self) -> u32 {
        if self.0 & 1 != 0 { 16 } else { 8 }
    }

    /// Elements in a vector.
    const fn count(&self) -> u32 {
        128 / self.bits()
    }

    /// An element as a number.
    fn element(&self, vector: u128, index: u32) -> i64 {
        let value = lane(vector, self.bits(), index);
        let unused = 64 - self.bits();
        if self.0 & 2 != 0 { (value << unused) as i64 >> unused } else { value as i64 }
    }
}

/// A vector and how many of its elements count.
struct Text {
    vector: u128,
    len: u32,
}

/// The bit of each position in `b`, before the polarity.
fn aggregate(control: &Control, a: &Text, b: &Text) -> u32 {
    let at = |text: &Text, index| control.element(text.vector, index);
    let count = control.count();
    let holds = |j: u32| match control.0 >> 2 & 3 {
        // Equal any: the element is one of the set.
        0 => j < b.len && (0..a.len).any(|i| at(a, i) == at(b, j)),
        // Ranges: the element lies between two neighbours.
        1 => j < b.len && (0..a.len / 2).any(|i| (at(a, 2 * i)..=at(a, 2 * i + 1)).contains(&at(b, j))),
        // Equal each: both ended here, or both have the same element.
        2 => if j < a.len && j < b.len { at(a, j) == at(b, j) } else { j >= a.len && j >= b.len },
        // Equal ordered: the text begins here, as far as this vector tells.
        _ => (0..a.len.min(count - j)).all(|i| j + i < b.len && at(a, i) == at(b, j + i)),
    };
    (0..count).filter(|j| holds(*j)).fold(0, |bits, j| bits | 1 << j)
}

/// The bits after the polarity: inverted, or inverted where the text lasts.
fn polarized(control: &Control, bits: u32, len: u32) -> u32 {
    let all = ((1_u64 << control.count()) - 1) as u32;
    match control.0 >> 4 & 3 {
        1 => bits ^ all,
        3 => bits ^ ((1_u64 << len) - 1) as u32,
        _ => bits,
    }
}

fn compare_strings(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let control = Control(args.imm & 0xff);
    // The lengths are 64 bits when the instruction is, and saturate.
    let wide = args.imm & 1 << 8 != 0;
    let length = |word: u64| {
        let length = if wide { word as i64 } else { i64::from(word as i32) };
        length.unsigned_abs().min(u64::from(control.count())) as u32
    };
    let a = Text { vector: get(guest, args.regs[0]), len: length(guest.reg(RAX)) };
    let b = Text { vector: get(guest, args.regs[1]), len: length(guest.reg(RDX)) };
    let bits = polarized(&control, aggregate(&control, &a, &b), b.len);
    let index = match bits {
        0 => control.count(),
        _ if control.0 & 1 << 6 != 0 => 31 - bits.leading_zeros(),
        _ => bits.trailing_zeros(),
    };
    guest.set_reg(RCX, u64::from(index));
    let flag = |on: bool, flag: u64| if on { flag } else { 0 };
    guest.set_flags(
        flag(bits != 0, C)
            | flag(b.len < control.count(), Z)
            | flag(a.len < control.count(), N)
            | flag(bits & 1 != 0, V),
    );
    Ok(())
}
