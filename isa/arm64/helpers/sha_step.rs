//! The arithmetic of the SHA instructions, on words.

/// A word of SHA-1 and SHA-256.
pub type Word = u32;
/// A word of SHA-512.
pub type Double = u64;

/// Which step: the immediate of the helpers.
pub const SHA1C: u32 = 0;
/// Parity rounds.
pub const SHA1P: u32 = 1;
/// Majority rounds.
pub const SHA1M: u32 = 2;
/// Fixed rotation.
pub const SHA1H: u32 = 3;
/// Schedule, first part.
pub const SHA1SU0: u32 = 4;
/// Schedule, second part.
pub const SHA1SU1: u32 = 5;
/// Rounds, first half of the state.
pub const SHA256H: u32 = 6;
/// Rounds, second half of the state.
pub const SHA256H2: u32 = 7;
/// Schedule, first part.
pub const SHA256SU0: u32 = 8;
/// Schedule, second part.
pub const SHA256SU1: u32 = 9;
/// Two rounds, first part.
pub const SHA512H: u32 = 10;
/// Two rounds, second part.
pub const SHA512H2: u32 = 11;
/// Schedule, first part.
pub const SHA512SU0: u32 = 12;
/// Schedule, second part.
pub const SHA512SU1: u32 = 13;

/// `y` where `x` has ones, `z` where it has zeros.
pub fn choose(x: Word, y: Word, z: Word) -> Word {
    (y ^ z) & x ^ z
}

/// Exclusive or of all three.
pub fn parity(x: Word, y: Word, z: Word) -> Word {
    x ^ y ^ z
}

/// What at least two have.
pub fn majority(x: Word, y: Word, z: Word) -> Word {
    x & y | (x | y) & z
}

/// Four rounds of SHA-1 on `x` (a, b, c, d) and `y` (e).
pub fn sha1_rounds(mut x: [Word; 4], mut y: Word, w: [Word; 4], f: fn(Word, Word, Word) -> Word) -> [Word; 4] {
    for word in w {
        let next = y.wrapping_add(x[0].rotate_left(5)).wrapping_add(f(x[1], x[2], x[3])).wrapping_add(word);
        y = x[3];
        x = [next, x[0], x[1].rotate_left(30), x[2]];
    }
    x
}

/// SHA1SU0.
pub fn sha1_schedule_0(d: [Word; 4], n: [Word; 4], m: [Word; 4]) -> [Word; 4] {
    let middle = [d[2], d[3], n[0], n[1]];
    std::array::from_fn(|i| middle[i] ^ d[i] ^ m[i])
}

/// SHA1SU1.
pub fn sha1_schedule_1(d: [Word; 4], n: [Word; 4]) -> [Word; 4] {
    let t = [d[0] ^ n[1], d[1] ^ n[2], d[2] ^ n[3], d[3]];
    let mut result = t.map(|word| word.rotate_left(1));
    result[3] ^= t[0].rotate_left(2);
    result
}

/// Four rounds of SHA-256 on both halves of the state.
pub fn sha256_rounds(mut x: [Word; 4], mut y: [Word; 4], w: [Word; 4]) -> ([Word; 4], [Word; 4]) {
    let big_0 = |v: Word| v.rotate_right(2) ^ v.rotate_right(13) ^ v.rotate_right(22);
    let big_1 = |v: Word| v.rotate_right(6) ^ v.rotate_right(11) ^ v.rotate_right(25);
    for word in w {
        let t = y[3].wrapping_add(big_1(y[0])).wrapping_add(choose(y[0], y[1], y[2])).wrapping_add(word);
        let carried = t.wrapping_add(x[3]);
        let first = t.wrapping_add(big_0(x[0])).wrapping_add(majority(x[0], x[1], x[2]));
        x = [first, x[0], x[1], x[2]];
        y = [carried, y[0], y[1], y[2]];
    }
    (x, y)
}

/// SHA256SU0.
pub fn sha256_schedule_0(d: [Word; 4], n: [Word; 4]) -> [Word; 4] {
    let next = [d[1], d[2], d[3], n[0]];
    std::array::from_fn(|i| {
        let v = next[i];
        d[i].wrapping_add(v.rotate_right(7) ^ v.rotate_right(18) ^ v >> 3)
    })
}

/// SHA256SU1: the last two words build on the first two.
pub fn sha256_schedule_1(d: [Word; 4], n: [Word; 4], m: [Word; 4]) -> [Word; 4] {
    let small = |v: Word| v.rotate_right(17) ^ v.rotate_right(19) ^ v >> 10;
    let middle = [n[1], n[2], n[3], m[0]];
    let word = |i: usize, v: Word| small(v).wrapping_add(d[i]).wrapping_add(middle[i]);
    let (first, second) = (word(0, m[2]), word(1, m[3]));
    [first, second, word(2, first), word(3, second)]
}

/// SHA512H.
pub fn sha512_rounds_1(w: [Double; 2], x: [Double; 2], y: [Double; 2]) -> [Double; 2] {
    let big = |v: Double| v.rotate_right(14) ^ v.rotate_right(18) ^ v.rotate_right(41);
    let high = (y[1] & x[0] ^ !y[1] & x[1]).wrapping_add(big(y[1])).wrapping_add(w[1]);
    let t = high.wrapping_add(y[0]);
    let low = (t & y[1] ^ !t & x[0]).wrapping_add(big(t)).wrapping_add(w[0]);
    [low, high]
}

/// SHA512H2.
pub fn sha512_rounds_2(w: [Double; 2], x: [Double; 2], y: [Double; 2]) -> [Double; 2] {
    let big = |v: Double| v.rotate_right(28) ^ v.rotate_right(34) ^ v.rotate_right(39);
    let most = |a: Double, b: Double, c: Double| a & b ^ a & c ^ b & c;
    let high = most(x[0], y[1], y[0]).wrapping_add(big(y[0])).wrapping_add(w[1]);
    let low = most(high, y[0], y[1]).wrapping_add(big(high)).wrapping_add(w[0]);
    [low, high]
}

/// SHA512SU0.
pub fn sha512_schedule_0(w: [Double; 2], x: [Double; 2]) -> [Double; 2] {
    let small = |v: Double| v.rotate_right(1) ^ v.rotate_right(8) ^ v >> 7;
    [w[0].wrapping_add(small(w[1])), w[1].wrapping_add(small(x[0]))]
}

/// SHA512SU1.
pub fn sha512_schedule_1(w: [Double; 2], x: [Double; 2], y: [Double; 2]) -> [Double; 2] {
    let small = |v: Double| v.rotate_right(19) ^ v.rotate_right(61) ^ v >> 6;
    std::array::from_fn(|i| w[i].wrapping_add(small(x[i])).wrapping_add(y[i]))
}
