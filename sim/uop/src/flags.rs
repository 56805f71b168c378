//! The arithmetic flags of x86 and Arm, kept lazily.
//!
//! An instruction that sets flags records its operands; a condition is worked out when one is asked for. The packed
//! form ([`Packed`]) is the common currency: five bits, the same on every architecture. What differs between
//! architectures is only the sense of the carry after a subtraction: x86 sets it on a borrow, Arm clears it.

use crate::op::Width;

/// The flags as bits: C (0), Z (1), N (2), V (3), P (4).
pub type Packed = u64;
/// Carry.
pub const C: Packed = 1;
/// Zero.
pub const Z: Packed = 2;
/// Negative (sign).
pub const N: Packed = 4;
/// Overflow.
pub const V: Packed = 8;
/// Parity of the lowest byte of the result (x86 only).
pub const P: Packed = 16;

/// A condition over the flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Cond {
    /// Z set.
    Eq,
    /// Z clear.
    Ne,
    /// C set.
    Cs,
    /// C clear.
    Cc,
    /// N set.
    Mi,
    /// N clear.
    Pl,
    /// V set.
    Vs,
    /// V clear.
    Vc,
    /// C set and Z clear: unsigned higher on Arm.
    CsAndNe,
    /// C clear or Z set: unsigned lower or same on Arm.
    CcOrEq,
    /// C clear and Z clear: unsigned above on x86.
    CcAndNe,
    /// C set or Z set: unsigned below or equal on x86.
    CsOrEq,
    /// N equals V: signed greater or equal.
    Ge,
    /// N differs from V: signed less.
    Lt,
    /// Signed greater.
    Gt,
    /// Signed less or equal.
    Le,
    /// P set.
    Ps,
    /// P clear.
    Pc,
}

impl Cond {
    /// Whether the condition holds for packed flags.
    #[inline]
    #[must_use]
    pub fn holds(self, flags: Packed) -> bool {
        let (c, z) = (flags & C != 0, flags & Z != 0);
        let (n, v, p) = (flags & N != 0, flags & V != 0, flags & P != 0);
        match self {
            Self::Eq => z,
            Self::Ne => !z,
            Self::Cs => c,
            Self::Cc => !c,
            Self::Mi => n,
            Self::Pl => !n,
            Self::Vs => v,
            Self::Vc => !v,
            Self::CsAndNe => c && !z,
            Self::CcOrEq => !c || z,
            Self::CcAndNe => !c && !z,
            Self::CsOrEq => c || z,
            Self::Ge => n == v,
            Self::Lt => n != v,
            Self::Gt => !z && n == v,
            Self::Le => z || n != v,
            Self::Ps => p,
            Self::Pc => !p,
        }
    }

    /// The opposite condition.
    #[must_use]
    pub const fn inverted(self) -> Self {
        match self {
            Self::Eq => Self::Ne,
            Self::Ne => Self::Eq,
            Self::Cs => Self::Cc,
            Self::Cc => Self::Cs,
            Self::Mi => Self::Pl,
            Self::Pl => Self::Mi,
            Self::Vs => Self::Vc,
            Self::Vc => Self::Vs,
            Self::CsAndNe => Self::CcOrEq,
            Self::CcOrEq => Self::CsAndNe,
            Self::CcAndNe => Self::CsOrEq,
            Self::CsOrEq => Self::CcAndNe,
            Self::Ge => Self::Lt,
            Self::Lt => Self::Ge,
            Self::Gt => Self::Le,
            Self::Le => Self::Gt,
            Self::Ps => Self::Pc,
            Self::Pc => Self::Ps,
        }
    }
}

/// An operation whose flags are recorded. `a` and `b` below are the operands, `r` the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FlagOp {
    /// The flags are given: `a` holds them packed.
    Packed,
    /// `r = a + b`.
    Add,
    /// `r = a - b`, C set on a borrow (x86).
    SubBorrow,
    /// `r = a - b`, C clear on a borrow (Arm).
    SubNoBorrow,
    /// `r = a & b`; C and V clear.
    And,
    /// `r = a & !b`; C and V clear.
    AndNot,
    /// `r = a | b`; C and V clear.
    Or,
    /// `r = a ^ b`; C and V clear.
    Xor,
    /// `r = a + b + C`.
    AddCarry,
    /// `r = a - b - C`, C set on a borrow (x86 SBB).
    SubCarryBorrow,
    /// `r = a + !b + C`, C clear on a borrow (Arm SBC).
    SubCarryNoBorrow,
    /// `r = a + 1` with C kept (x86 INC); `b` is not used.
    Inc,
    /// `r = a - 1` with C kept (x86 DEC); `b` is not used.
    Dec,
    /// `r = a << b`, C the last bit shifted out, all flags kept when the masked count is 0 (x86 SHL).
    Shl,
    /// `r = a >> b` logical, else as `Shl` (x86 SHR).
    Shr,
    /// `r = a >> b` arithmetic, else as `Shl` (x86 SAR).
    Sar,
    /// `r = a` rotated left by `b`; C and V only, all flags kept when the masked count is 0 (x86 ROL).
    Rol,
    /// `r = a` rotated right by `b`, else as `Rol` (x86 ROR).
    Ror,
    /// `r = a` rotated left by `b` through C, else as `Rol` (x86 RCL).
    Rcl,
    /// `r = a` rotated right by `b` through C, else as `Rol` (x86 RCR).
    Rcr,
    /// `r` = low half of the unsigned product; C and V set when the high half is not zero (x86 MUL).
    MulU,
    /// `r` = low half of the signed product; C and V set when the product does not fit (x86 IMUL).
    MulS,
    /// `r = a`: N and Z tell of it, C and V are kept (logical operations and products of 32-bit Arm); `b` is not used.
    Tested,
    /// `r = a`: N and Z tell of it, C is the lowest bit of `b`, V is kept (32-bit Arm, behind a shift of the second operand).
    TestedCarry,
}

impl FlagOp {
    /// Whether the operation reads the flags that were there before.
    #[must_use]
    pub const fn reads_flags(self) -> bool {
        matches!(
            self,
            Self::AddCarry
                | Self::SubCarryBorrow
                | Self::SubCarryNoBorrow
                | Self::Inc
                | Self::Dec
                | Self::Shl
                | Self::Shr
                | Self::Sar
                | Self::Rol
                | Self::Ror
                | Self::Rcl
                | Self::Rcr
                | Self::Tested
                | Self::TestedCarry
        )
    }
}

fn sign_bit(width: Width) -> u64 {
    1 << (width.bits() - 1)
}

fn nz(r: u64, width: Width) -> Packed {
    let r = width.zero_extend(r);
    let mut flags = if r == 0 { Z } else { 0 };
    if r & sign_bit(width) != 0 {
        flags |= N;
    }
    if (r as u8).count_ones().is_multiple_of(2) {
        flags |= P;
    }
    flags
}

fn add_with(a: u64, b: u64, carry_in: u64, width: Width) -> (u64, Packed) {
    let (a, b) = (width.zero_extend(a), width.zero_extend(b));
    let wide = u128::from(a) + u128::from(b) + u128::from(carry_in);
    let r = width.zero_extend(wide as u64);
    let mut flags = nz(r, width);
    if wide >> width.bits() != 0 {
        flags |= C;
    }
    if (a ^ r) & (b ^ r) & sign_bit(width) != 0 {
        flags |= V;
    }
    (r, flags)
}

/// `a - b - borrow` as `a + !b + (1 - borrow)`: the carry of that sum is the absence of a borrow.
fn sub_with(a: u64, b: u64, borrow_in: u64, width: Width) -> (u64, Packed) {
    add_with(a, !b, 1 - borrow_in, width)
}

fn shift(op: FlagOp, a: u64, b: u64, width: Width, old: Packed) -> (u64, Packed) {
    let bits = width.bits();
    let count = masked_count(b, width);
    if count == 0 {
        return (width.zero_extend(a), old);
    }
    let (r, carry) = match op {
        FlagOp::Shl => {
            let wide = u128::from(width.zero_extend(a)) << count;
            (wide as u64, (wide >> bits) & 1 != 0)
        }
        FlagOp::Shr => {
            let a = width.zero_extend(a);
            (a.checked_shr(count).unwrap_or(0), (a >> (count - 1)) & 1 != 0)
        }
        _ => {
            let a = width.sign_extend(a) as i64;
            ((a >> count.min(63)) as u64, (a >> (count - 1).min(63)) & 1 != 0)
        }
    };
    let mut flags = nz(r, width);
    if carry {
        flags |= C;
    }
    // Overflow is defined for a count of one only (Intel SDM, SAL/SAR/SHL/SHR). For the others we take the change of
    // the sign in the last single-bit shift, which is what emulators and most processors do.
    let overflow = match op {
        FlagOp::Shl => (width.zero_extend(r) & sign_bit(width) != 0) != carry,
        FlagOp::Shr => count == 1 && width.zero_extend(a) & sign_bit(width) != 0,
        _ => false,
    };
    if overflow {
        flags |= V;
    }
    (width.zero_extend(r), flags)
}

/// Number of places that x86 shifts and rotates by: five bits of the count, six for 64-bit operands.
fn masked_count(count: u64, width: Width) -> u32 {
    count as u32 & if width.bits() == 64 { 63 } else { 31 }
}

/// Rotation within the operand. Overflow is defined for a count of one only; the rule for one is used for all.
fn rotate(left: bool, a: u64, b: u64, width: Width, old: Packed) -> (u64, Packed) {
    let (a, bits) = (width.zero_extend(a), width.bits());
    let count = masked_count(b, width);
    if count == 0 {
        return (a, old);
    }
    let by = if left { count % bits } else { (bits - count % bits) % bits };
    let wide = u128::from(a) << by;
    let r = width.zero_extend(wide as u64 | (wide >> bits) as u64);
    let top = r & sign_bit(width) != 0;
    let (carry, other) = if left { (r & 1 != 0, top) } else { (top, r & (sign_bit(width) >> 1) != 0) };
    (r, carry_and_overflow(old, carry, carry != other))
}

/// Rotation through the carry: the operand and C form a ring of one bit more. Overflow tells that the sign changed.
fn rotate_through_carry(left: bool, a: u64, b: u64, width: Width, old: Packed) -> (u64, Packed) {
    let (a, bits) = (width.zero_extend(a), width.bits());
    let count = masked_count(b, width) % (bits + 1);
    if count == 0 {
        return (a, old);
    }
    let ring_bits = bits + 1;
    let ring = u128::from(a) | u128::from(old & C) << bits;
    let by = if left { count } else { ring_bits - count };
    // The ring has at most 65 bits and `by` at most 64, so the left shift may lose bits: they are those of `high`.
    let high = ring >> (ring_bits - by);
    let low = (ring << by) & ((1 << ring_bits) - 1);
    let rotated = high | low;
    let r = width.zero_extend(rotated as u64);
    (r, carry_and_overflow(old, rotated >> bits & 1 != 0, (r ^ a) & sign_bit(width) != 0))
}

fn carry_and_overflow(old: Packed, carry: bool, overflow: bool) -> Packed {
    let kept = old & !(C | V);
    kept | if carry { C } else { 0 } | if overflow { V } else { 0 }
}

/// The low half of a product. Z, N and P, undefined on hardware, follow the low half.
fn multiply(signed: bool, a: u64, b: u64, width: Width) -> (u64, Packed) {
    let (r, fits) = if signed {
        let wide = i128::from(width.sign_extend(a) as i64) * i128::from(width.sign_extend(b) as i64);
        let r = wide as u64;
        (r, i128::from(width.sign_extend(r) as i64) == wide)
    } else {
        let wide = u128::from(width.zero_extend(a)) * u128::from(width.zero_extend(b));
        (wide as u64, wide >> width.bits() == 0)
    };
    (width.zero_extend(r), carry_and_overflow(nz(r, width), !fits, !fits))
}

/// Result (zero-extended to 64 bits) and packed flags of an operation, given the flags before it.
#[must_use]
pub fn evaluate(op: FlagOp, a: u64, b: u64, width: Width, old: Packed) -> (u64, Packed) {
    let logic = |r: u64| (width.zero_extend(r), nz(r, width));
    match op {
        FlagOp::Packed => (a, a),
        FlagOp::Add => add_with(a, b, 0, width),
        FlagOp::AddCarry => add_with(a, b, old & C, width),
        FlagOp::SubNoBorrow => sub_with(a, b, 0, width),
        FlagOp::SubBorrow => {
            let (r, flags) = sub_with(a, b, 0, width);
            (r, flags ^ C)
        }
        FlagOp::SubCarryNoBorrow => add_with(a, !b, old & C, width),
        FlagOp::SubCarryBorrow => {
            let (r, flags) = sub_with(a, b, old & C, width);
            (r, flags ^ C)
        }
        FlagOp::And => logic(a & b),
        FlagOp::AndNot => logic(a & !b),
        FlagOp::Or => logic(a | b),
        FlagOp::Xor => logic(a ^ b),
        FlagOp::Inc => {
            let (r, flags) = add_with(a, 1, 0, width);
            (r, (flags & !C) | (old & C))
        }
        FlagOp::Dec => {
            let (r, flags) = sub_with(a, 1, 0, width);
            (r, (flags & !C) | (old & C))
        }
        FlagOp::Shl | FlagOp::Shr | FlagOp::Sar => shift(op, a, b, width, old),
        FlagOp::Rol => rotate(true, a, b, width, old),
        FlagOp::Ror => rotate(false, a, b, width, old),
        FlagOp::Rcl => rotate_through_carry(true, a, b, width, old),
        FlagOp::Rcr => rotate_through_carry(false, a, b, width, old),
        FlagOp::MulU => multiply(false, a, b, width),
        FlagOp::MulS => multiply(true, a, b, width),
        FlagOp::Tested => (width.zero_extend(a), nz(a, width) | old & (C | V)),
        FlagOp::TestedCarry => (width.zero_extend(a), nz(a, width) | b & C | old & V),
    }
}

/// The flags as they were last recorded.
#[derive(Clone, Copy, Debug)]
pub struct LazyFlags {
    /// The operation that set them.
    pub op: FlagOp,
    /// Its width.
    pub width: Width,
    /// First operand, or the packed flags.
    pub a: u64,
    /// Second operand.
    pub b: u64,
}

impl Default for LazyFlags {
    fn default() -> Self {
        Self::packed(0)
    }
}

impl LazyFlags {
    /// Flags given as bits.
    #[inline]
    #[must_use]
    pub const fn packed(bits: Packed) -> Self {
        Self { op: FlagOp::Packed, width: Width::W64, a: bits, b: 0 }
    }

    /// The flags after an increment or decrement of `a`, which keep the carry of the flags before.
    #[inline]
    #[must_use]
    pub fn counted(&self, op: FlagOp, width: Width, a: u64) -> Self {
        debug_assert!(matches!(op, FlagOp::Inc | FlagOp::Dec), "{op:?} does not count");
        Self { op, width, a, b: u64::from(self.carry()) }
    }

    /// The flags as bits.
    #[must_use]
    pub fn pack(&self) -> Packed {
        // Of the operations that read older flags only those that count are ever recorded, with the carry beside them.
        let old = if matches!(self.op, FlagOp::Inc | FlagOp::Dec) { self.b } else { 0 };
        evaluate(self.op, self.a, self.b, self.width, old).1
    }

    /// The carry. The operations around loop counters are answered without packing.
    #[inline]
    #[must_use]
    pub fn carry(&self) -> bool {
        let (a, b) = (self.width.zero_extend(self.a), self.width.zero_extend(self.b));
        match self.op {
            FlagOp::Add => self.width.zero_extend(a.wrapping_add(b)) < a,
            FlagOp::SubBorrow => a < b,
            FlagOp::SubNoBorrow => a >= b,
            FlagOp::Inc | FlagOp::Dec => self.b != 0,
            FlagOp::And | FlagOp::AndNot | FlagOp::Or | FlagOp::Xor => false,
            _ => self.pack() & C != 0,
        }
    }

    /// Whether a condition holds. Comparisons, by far the most frequent, tests and counters are answered without packing.
    #[inline]
    #[must_use]
    pub fn test(&self, cond: Cond) -> bool {
        match self.op {
            FlagOp::SubBorrow | FlagOp::SubNoBorrow => self.test_difference(cond),
            FlagOp::Dec => self.test_zero(cond, self.a.wrapping_sub(1)),
            FlagOp::Inc => self.test_zero(cond, self.a.wrapping_add(1)),
            FlagOp::And => self.test_bits(cond),
            _ => self.test_packed(cond),
        }
    }

    #[inline(never)]
    fn test_packed(&self, cond: Cond) -> bool {
        cond.holds(self.pack())
    }

    /// Whether a condition holds for flags whose result is known.
    #[inline(always)]
    fn test_zero(&self, cond: Cond, result: u64) -> bool {
        match cond {
            Cond::Eq => self.width.zero_extend(result) == 0,
            Cond::Ne => self.width.zero_extend(result) != 0,
            _ => self.test_packed(cond),
        }
    }

    /// Whether a condition holds after a bitwise and, which clears carry and overflow.
    #[inline(always)]
    fn test_bits(&self, cond: Cond) -> bool {
        let result = self.a & self.b;
        match cond {
            Cond::Lt | Cond::Mi => self.signed(result) < 0,
            Cond::Ge | Cond::Pl => self.signed(result) >= 0,
            Cond::Gt => self.signed(result) > 0,
            Cond::Le => self.signed(result) <= 0,
            _ => self.test_zero(cond, result),
        }
    }

    #[inline(always)]
    fn test_difference(&self, cond: Cond) -> bool {
        let (a, b) = (self.width.zero_extend(self.a), self.width.zero_extend(self.b));
        match (self.op, cond) {
            (_, Cond::Eq) => a == b,
            (_, Cond::Ne) => a != b,
            (FlagOp::SubBorrow, Cond::Cs) | (FlagOp::SubNoBorrow, Cond::Cc) => a < b,
            (FlagOp::SubBorrow, Cond::Cc) | (FlagOp::SubNoBorrow, Cond::Cs) => a >= b,
            (FlagOp::SubBorrow, Cond::CsOrEq) | (FlagOp::SubNoBorrow, Cond::CcOrEq) => a <= b,
            (FlagOp::SubBorrow, Cond::CcAndNe) | (FlagOp::SubNoBorrow, Cond::CsAndNe) => a > b,
            (_, Cond::Lt) => self.signed(a) < self.signed(b),
            (_, Cond::Ge) => self.signed(a) >= self.signed(b),
            (_, Cond::Gt) => self.signed(a) > self.signed(b),
            (_, Cond::Le) => self.signed(a) <= self.signed(b),
            _ => self.test_packed(cond),
        }
    }

    #[inline]
    fn signed(&self, value: u64) -> i64 {
        self.width.sign_extend(value) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONDS: [Cond; 18] = [
        Cond::Eq,
        Cond::Ne,
        Cond::Cs,
        Cond::Cc,
        Cond::Mi,
        Cond::Pl,
        Cond::Vs,
        Cond::Vc,
        Cond::CsAndNe,
        Cond::CcOrEq,
        Cond::CcAndNe,
        Cond::CsOrEq,
        Cond::Ge,
        Cond::Lt,
        Cond::Gt,
        Cond::Le,
        Cond::Ps,
        Cond::Pc,
    ];

    #[test]
    fn the_fast_answers_equal_the_packed_ones_for_all_bytes() {
        for op in [FlagOp::Add, FlagOp::SubBorrow, FlagOp::SubNoBorrow, FlagOp::And, FlagOp::Xor] {
            for a in 0..=255_u64 {
                for b in 0..=255_u64 {
                    let lazy = LazyFlags { op, width: Width::W8, a, b };
                    for cond in CONDS {
                        assert_eq!(lazy.test(cond), cond.holds(lazy.pack()), "{op:?} {a} {b} {cond:?}");
                    }
                    assert_eq!(lazy.carry(), lazy.pack() & C != 0, "{op:?} {a} {b}");
                }
            }
        }
    }

    #[test]
    fn a_test_keeps_overflow_and_the_carry_that_no_shift_gave() {
        for old in 0..16 {
            let (r, flags) = evaluate(FlagOp::Tested, 0x8000_0000, 0, Width::W32, old);
            assert_eq!((r, flags & (C | Z | N | V)), (0x8000_0000, N | old & (C | V)));
            for carry in [0, 1] {
                let (_, flags) = evaluate(FlagOp::TestedCarry, 0, carry, Width::W32, old);
                assert_eq!(flags & (C | Z | N | V), Z | carry | old & V);
            }
        }
    }

    #[test]
    fn counting_keeps_the_carry_whatever_set_it() {
        for before in [FlagOp::Add, FlagOp::SubBorrow, FlagOp::Xor, FlagOp::MulU] {
            for (op, step) in [(FlagOp::Inc, 1_u64), (FlagOp::Dec, 255)] {
                for a in 0..=255_u64 {
                    let old = LazyFlags { op: before, width: Width::W8, a: 200, b: a };
                    let lazy = old.counted(op, Width::W8, a);
                    assert_eq!(
                        lazy.pack(),
                        evaluate(op, a, 0, Width::W8, old.pack()).1,
                        "{before:?} {op:?} {a}"
                    );
                    assert_eq!(lazy.pack() & Z != 0, (a + step) & 0xff == 0);
                    let again = lazy.counted(FlagOp::Dec, Width::W8, 3);
                    assert_eq!(again.carry(), old.carry());
                    for cond in CONDS {
                        assert_eq!(
                            lazy.test(cond),
                            cond.holds(lazy.pack()),
                            "{before:?} {op:?} {a} {cond:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn subtraction_orders_its_operands_for_all_bytes() {
        for a in 0..=255_u64 {
            for b in 0..=255_u64 {
                let x86 = evaluate(FlagOp::SubBorrow, a, b, Width::W8, 0).1;
                let arm = evaluate(FlagOp::SubNoBorrow, a, b, Width::W8, 0).1;
                assert_eq!(x86 & C != 0, a < b);
                assert_eq!(arm & C != 0, a >= b);
                assert_eq!(Cond::Lt.holds(x86), (a as i8) < (b as i8));
                assert_eq!(Cond::Gt.holds(arm), (a as i8) > (b as i8));
            }
        }
    }

    #[test]
    fn carries_chain_like_wide_arithmetic() {
        for (a, b) in [(0xffff_u64, 1_u64), (0x1234, 0xfedc), (0, 0), (0x8000, 0x8000), (0x00ff, 0x0001)] {
            let (low, flags) = evaluate(FlagOp::Add, a & 0xff, b & 0xff, Width::W8, 0);
            let (high, _) = evaluate(FlagOp::AddCarry, a >> 8, b >> 8, Width::W8, flags);
            assert_eq!(high << 8 | low, (a + b) & 0xffff);
            let (low, flags) = evaluate(FlagOp::SubBorrow, a & 0xff, b & 0xff, Width::W8, 0);
            let (high, _) = evaluate(FlagOp::SubCarryBorrow, a >> 8, b >> 8, Width::W8, flags);
            assert_eq!(high << 8 | low, a.wrapping_sub(b) & 0xffff);
            let (low, flags) = evaluate(FlagOp::SubNoBorrow, a & 0xff, b & 0xff, Width::W8, 0);
            let (high, _) = evaluate(FlagOp::SubCarryNoBorrow, a >> 8, b >> 8, Width::W8, flags);
            assert_eq!(high << 8 | low, a.wrapping_sub(b) & 0xffff);
        }
    }

    #[test]
    fn rotations_of_bytes_equal_those_of_the_host_and_keep_z_n_p() {
        for a in 0..=255_u64 {
            for count in 0..64_u64 {
                let (left, flags) = evaluate(FlagOp::Rol, a, count, Width::W8, Z | N | P);
                assert_eq!(left, u64::from((a as u8).rotate_left(count as u32 & 31)));
                assert_eq!(flags & (Z | N | P), Z | N | P);
                let (right, _) = evaluate(FlagOp::Ror, a, count, Width::W8, 0);
                assert_eq!(right, u64::from((a as u8).rotate_right(count as u32 & 31)));
            }
        }
    }

    #[test]
    fn rotations_through_carry_are_single_steps_repeated() {
        for op in [FlagOp::Rcl, FlagOp::Rcr] {
            for a in [0_u64, 1, 0x80, 0x5a, 0xff] {
                for carry in [0, C] {
                    let (mut value, mut flags) = (a, carry);
                    for count in 1..=9_u64 {
                        (value, flags) = evaluate(op, value, 1, Width::W8, flags);
                        let (whole, all) = evaluate(op, a, count, Width::W8, carry);
                        if count < 9 {
                            assert_eq!((whole, all & C), (value, flags & C), "{op:?} {a} {count}");
                        } else {
                            assert_eq!((value, flags & C), (a, carry), "nine steps come round");
                        }
                    }
                }
            }
        }
        let (r, flags) = evaluate(FlagOp::Rcl, 1 << 63, 1, Width::W64, C);
        assert_eq!((r, flags & C), (1, C));
    }

    #[test]
    fn products_report_whether_they_fit_for_all_bytes() {
        for a in 0..=255_u64 {
            for b in 0..=255_u64 {
                let (low, flags) = evaluate(FlagOp::MulU, a, b, Width::W8, 0);
                assert_eq!((low, flags & C != 0), ((a * b) & 0xff, a * b > 0xff));
                let (low, flags) = evaluate(FlagOp::MulS, a, b, Width::W8, 0);
                let product = i32::from(a as i8) * i32::from(b as i8);
                assert_eq!((low, flags & V != 0), (product as u64 & 0xff, i8::try_from(product).is_err()));
            }
        }
    }

    #[test]
    fn every_condition_is_the_opposite_of_its_inverse() {
        for cond in CONDS {
            for flags in 0..32 {
                assert_ne!(cond.holds(flags), cond.inverted().holds(flags));
            }
            assert_eq!(cond.inverted().inverted(), cond);
        }
    }
}
