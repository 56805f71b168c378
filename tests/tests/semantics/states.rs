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
        "xer" => Some((0x6000_0000, 0)),
        // Conditions, without the one that is the sign.
        "fcsr" => Some((0x7e80_0000, 0)),
        _ => None,
    }
}

/// Makes states.
pub struct States<'a> {
    /// The registers.
    pub layout: &'a StateLayout,
    /// Those that hold addresses in the page.
    pub pointers: &'a [String],
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
