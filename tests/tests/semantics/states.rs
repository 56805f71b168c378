//! Random states to start from.

use rcsim_tests::oracle::require;
use rcsim_tests::probe::{SCRATCH, SCRATCH_BYTES, State, StateLayout};

use super::random::Random;

/// Registers whose bits are not all free: a mask of those that are, and the others' values.
fn restricted(name: &str) -> Option<(u64, u64)> {
    match name {
        "cpsr" => Some((0xf000_0000, 0)),
        "fpcr" | "fpsr" => Some((0, 0)),
        "eflags" => Some((0x8c5, 0)),
        "mxcsr" => Some((0, 0x1f80)),
        // The highest condition stands twice where the register is shown sign-extended.
        "fcsr" => Some((0x7e80_0000, 0)),
        "xer" => Some((0x6000_0000, 0)),
        _ => None,
    }
}

/// Whether a floating-point register holds a NaN of either size, or the upper half of one.
fn holds_nan(value: &[u8]) -> bool {
    let low = u32::from_le_bytes([value[0], value[1], value[2], value[3]]);
    match <[u8; 8]>::try_from(value) {
        Ok(whole) => f64::from_le_bytes(whole).is_nan() || f32::from_bits(low).is_nan(),
        Err(_) => f32::from_bits(low).is_nan() || low & 0x7ff0_0000 == 0x7ff0_0000,
    }
}

/// Makes states.
pub struct States<'a> {
    /// The registers.
    pub layout: &'a StateLayout,
    /// Those that hold addresses in the page.
    pub pointers: &'a [String],
    /// Registers whose names begin so hold no NaNs.
    pub without_nans: Option<&'a str>,
    /// Where chance comes from.
    pub random: &'a mut Random,
}

impl States<'_> {
    /// Registers with interesting values.
    pub fn state(&mut self) -> State {
        let mut state = self.layout.zero();
        let registers: Vec<(&str, usize)> = self.layout.registers().collect();
        for (name, bytes) in registers {
            let mut value: Vec<u8> =
                (0..bytes).step_by(8).flat_map(|_| self.random.value().to_le_bytes()).collect();
            value.truncate(bytes);
            if self.without_nans.is_some_and(|prefix| name.starts_with(prefix)) && holds_nan(&value) {
                // An exponent with a bit less is that of a large number.
                let top = value.len() - 1;
                value[top] &= !0x20;
                value[3] &= !0x20;
            }
            if let Some((free, fixed)) = restricted(name) {
                value = (self.random.next() & free | fixed).to_le_bytes()[..bytes].to_vec();
            }
            if self.pointers.iter().any(|pointer| pointer == name) {
                // In the middle half, so that displacements to either side stay in the page.
                let address = SCRATCH + 1024 + 64 * self.random.below(28);
                value = address.to_le_bytes()[..bytes].to_vec();
            }
            require(state.set(self.layout, name, &value));
        }
        state
    }

    /// A page with interesting values.
    pub fn memory(&mut self) -> Box<[u8; SCRATCH_BYTES]> {
        let mut memory = Box::new([0; SCRATCH_BYTES]);
        for chunk in memory.chunks_exact_mut(8) {
            chunk.copy_from_slice(&self.random.value().to_le_bytes());
        }
        memory
    }
}
