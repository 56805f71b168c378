//! Vector operations of the micro-ops, on up to four 64-bit slots.
//!
//! Slot `i` holds bytes `8 i .. 8 i + 8` of the vector, least significant byte first, whatever the guest's byte order:
//! lane `n` is always the lane at bit `n × lane width` of the concatenated slots.

use rcsim_uop::op::{Lane, VecAlu, VecShift};

/// Most slots of a vector.
pub const MAX_WORDS: usize = 4;

/// A vector's slots; those beyond its size are zero.
pub type Vector = [u64; MAX_WORDS];

fn lanes(words: u8, lane: Lane) -> usize {
    usize::from(words) * 64 / lane.bits() as usize
}

/// Lane `n`, zero-extended.
#[must_use]
pub fn get(v: &Vector, lane: Lane, n: usize) -> u64 {
    let bits = lane.bits() as usize;
    let at = n * bits;
    (v[at / 64] >> (at % 64)) & mask(lane)
}

/// Set lane `n` to the low bits of `value`.
pub fn set(v: &mut Vector, lane: Lane, n: usize, value: u64) {
    let at = n * lane.bits() as usize;
    let field = mask(lane) << (at % 64);
    v[at / 64] = (v[at / 64] & !field) | ((value << (at % 64)) & field);
}

const fn mask(lane: Lane) -> u64 {
    u64::MAX >> (64 - lane.bits())
}

fn signed(lane: Lane, value: u64) -> i64 {
    let unused = 64 - lane.bits();
    ((value << unused) as i64) >> unused
}

/// A lane-wise operation.
#[must_use]
pub fn alu(op: VecAlu, lane: Lane, words: u8, a: &Vector, b: &Vector) -> Vector {
    let count = lanes(words, lane);
    let half = count / 2;
    let from = |v: &Vector, n| get(v, lane, n);
    match op {
        VecAlu::InterleaveLow => build(count, lane, |n| from(if n % 2 == 0 { a } else { b }, n / 2)),
        VecAlu::InterleaveHigh => build(count, lane, |n| from(if n % 2 == 0 { a } else { b }, half + n / 2)),
        VecAlu::Even => {
            build(count, lane, |n| if n < half { from(a, 2 * n) } else { from(b, 2 * (n - half)) })
        }
        VecAlu::Odd => {
            build(count, lane, |n| if n < half { from(a, 2 * n + 1) } else { from(b, 2 * (n - half) + 1) })
        }
        VecAlu::TransposeEven => build(count, lane, |n| from(if n % 2 == 0 { a } else { b }, n & !1)),
        VecAlu::TransposeOdd => build(count, lane, |n| from(if n % 2 == 0 { a } else { b }, n | 1)),
        VecAlu::AddPairs => build(count, lane, |n| {
            let (v, n) = if n < half { (a, n) } else { (b, n - half) };
            from(v, 2 * n).wrapping_add(from(v, 2 * n + 1))
        }),
        VecAlu::TableZero => build(count, Lane::B8, |n| {
            let index = get(b, Lane::B8, n) as usize;
            if index < count { get(a, Lane::B8, index) } else { 0 }
        }),
        VecAlu::TableX86 => build(count, Lane::B8, |n| {
            let index = get(b, Lane::B8, n) as usize;
            if index & 0x80 == 0 { get(a, Lane::B8, (n & !15) | (index & 15)) } else { 0 }
        }),
        _ => build(count, lane, |n| one(op, lane, from(a, n), from(b, n))),
    }
}

fn build(count: usize, lane: Lane, value: impl Fn(usize) -> u64) -> Vector {
    let mut result = [0; MAX_WORDS];
    for n in 0..count {
        set(&mut result, lane, n, value(n));
    }
    result
}

/// One lane of an operation that works on each lane alone.
fn one(op: VecAlu, lane: Lane, a: u64, b: u64) -> u64 {
    let (sa, sb) = (signed(lane, a), signed(lane, b));
    let all = |holds: bool| if holds { u64::MAX } else { 0 };
    match op {
        VecAlu::Add => a.wrapping_add(b),
        VecAlu::Sub => a.wrapping_sub(b),
        VecAlu::Mul => a.wrapping_mul(b),
        VecAlu::And => a & b,
        VecAlu::AndNot => a & !b,
        VecAlu::Or => a | b,
        VecAlu::OrNot => a | !b,
        VecAlu::Xor => a ^ b,
        VecAlu::Eq => all(a == b),
        VecAlu::GtS => all(sa > sb),
        VecAlu::GtU => all(a > b),
        VecAlu::GeS => all(sa >= sb),
        VecAlu::GeU => all(a >= b),
        VecAlu::MinU => a.min(b),
        VecAlu::MaxU => a.max(b),
        VecAlu::MinS => sa.min(sb) as u64,
        VecAlu::MaxS => sa.max(sb) as u64,
        VecAlu::ShiftU => by_register(lane, a as i128, b),
        VecAlu::ShiftS => by_register(lane, i128::from(sa), b),
        // The rearranging operations are handled by the caller, which sees all lanes.
        VecAlu::InterleaveLow
        | VecAlu::InterleaveHigh
        | VecAlu::Even
        | VecAlu::Odd
        | VecAlu::TransposeEven
        | VecAlu::TransposeOdd
        | VecAlu::AddPairs
        | VecAlu::TableZero
        | VecAlu::TableX86 => a,
    }
}

/// A shift by the signed low byte of a lane, right when negative.
fn by_register(lane: Lane, value: i128, count: u64) -> u64 {
    let count = i32::from(count as u8 as i8);
    let bits = lane.bits() as i32;
    if count >= bits {
        0
    } else if count >= 0 {
        (value << count) as u64
    } else {
        (value >> (-count).min(bits)) as u64
    }
}

/// A shift by a constant.
#[must_use]
pub fn shift(op: VecShift, lane: Lane, words: u8, a: &Vector, amount: u8) -> Vector {
    let bytes = usize::from(words) * 8;
    let shift = usize::from(amount);
    match op {
        VecShift::BytesLeft => {
            build(bytes, Lane::B8, |n| if n >= shift { get(a, Lane::B8, n - shift) } else { 0 })
        }
        VecShift::BytesRight => {
            build(bytes, Lane::B8, |n| if n + shift < bytes { get(a, Lane::B8, n + shift) } else { 0 })
        }
        _ => build(lanes(words, lane), lane, |n| shift_lane(op, lane, get(a, lane, n), u32::from(amount))),
    }
}

fn shift_lane(op: VecShift, lane: Lane, a: u64, amount: u32) -> u64 {
    let bits = lane.bits();
    match op {
        VecShift::Left if amount < bits => a << amount,
        VecShift::Right if amount < bits => a >> amount,
        VecShift::RightSigned => (signed(lane, a) >> amount.min(bits - 1)) as u64,
        _ => 0,
    }
}

/// Every lane = the low bits of `value`.
#[must_use]
pub fn splat(lane: Lane, words: u8, value: u64) -> Vector {
    build(lanes(words, lane), lane, |_| value)
}

/// The top bits of the lanes, lane 0 in bit 0.
#[must_use]
pub fn top_bits(lane: Lane, words: u8, a: &Vector) -> u64 {
    (0..lanes(words, lane)).fold(0, |bits, n| bits | (get(a, lane, n) >> (lane.bits() - 1)) << n)
}
