//! Random numbers with a printed seed.

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Random(pub u64);

/// Values at the edges of integers and of both floating-point formats.
const EDGES: [u64; 26] = [
    0,
    1,
    2,
    u64::MAX,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0x3ff0_0000_0000_0000, // 1.0
    0xbff8_0000_0000_0000, // -1.5
    0x7ff0_0000_0000_0000, // infinity
    0x7ff8_0000_0000_1234, // a quiet NaN
    0xfff4_0000_0000_5678, // a signalling NaN
    0x000f_ffff_ffff_ffff, // the largest subnormal
    0x43e0_0000_0000_0000, // 2 to the 63
    0x3f80_0000_3f80_0000, // 1.0 twice
    0xff80_0000_7f80_0000, // infinities
    0x7fc0_4321_7fa0_4321, // NaNs, quiet and signalling
    0x0070_0000_8000_0001, // subnormals
    0x4f00_0000_cf00_0000, // 2 to the 31, negated and not
];

impl Random {
    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// One of several.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }

    /// A value that is interesting to arithmetic: an edge, near one, small, a double near 1, or anything.
    pub fn value(&mut self) -> u64 {
        match self.below(6) {
            0 => *self.one_of(&EDGES),
            1 => self.one_of(&EDGES).wrapping_add(self.below(5)).wrapping_sub(2),
            2 => self.below(256),
            3 => (f64::from(self.next() as i32) / 1024.0).to_bits(),
            4 => {
                let half = |random: &mut Self| (f64::from(random.next() as i16) / 16.0) as f32;
                u64::from(half(self).to_bits()) << 32 | u64::from(half(self).to_bits())
            }
            _ => self.next(),
        }
    }
}
