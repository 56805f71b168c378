//! Which slots are one register to a core.

use rcsim_uop::Isa;
use rcsim_uop::reg::{RegClass, SINK, SLOTS, ZERO};

/// The flags, as a register of the model. The slot takes results that nobody wants, so no micro-op reads it.
pub const FLAGS: u8 = SINK.0;

/// The registers of an instruction set as a core renames them.
#[derive(Clone, Debug)]
pub struct Registers {
    head: [u8; SLOTS],
    vector: [bool; SLOTS],
    temps: std::ops::Range<u8>,
}

impl Registers {
    /// Those of this instruction set.
    #[must_use]
    pub fn of(isa: &dyn Isa) -> Self {
        let file = isa.regs();
        let mut head = std::array::from_fn(|slot| slot as u8);
        let mut vector = [false; SLOTS];
        for info in file.named() {
            for word in 0..info.words {
                let slot = usize::from(info.reg.0 + word);
                (head[slot], vector[slot]) = (info.reg.0, info.class == RegClass::Vector);
            }
            if info.class == RegClass::Hidden {
                // What no instruction names has been there for long.
                head[info.reg.index()] = ZERO.0;
            }
        }
        Self { head, vector, temps: file.temps() }
    }

    /// The register that a slot is part of.
    #[must_use]
    pub const fn head(&self, slot: u8) -> u8 {
        self.head[slot as usize]
    }

    /// Whether a slot holds a part of a vector or floating-point register.
    #[must_use]
    pub const fn is_vector(&self, slot: u8) -> bool {
        self.vector[slot as usize]
    }

    /// Whether a slot holds a value that dies with its instruction.
    #[must_use]
    pub fn is_temp(&self, slot: u8) -> bool {
        self.temps.contains(&slot)
    }
}
