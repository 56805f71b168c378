//! What tells the four machines of the family apart.

use rcsim_uop::op::{Access, Width};

/// One of the four: registers of 32 or 64 bits, and a byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Whether general registers have 64 bits, and floating-point registers too (`Status.FR` is one, as Linux sets it for
    /// 64-bit programs). Otherwise two neighbouring floating-point registers hold a double.
    pub wide: bool,
    /// Whether the most significant byte comes first.
    pub big_endian: bool,
}

impl Mode {
    /// Bytes of a general register.
    pub const fn word_bytes(self) -> u8 {
        if self.wide { 8 } else { 4 }
    }

    /// The width of a whole general register.
    pub const fn full(self) -> Width {
        if self.wide { Width::W64 } else { Width::W32 }
    }

    /// The width of a 32-bit operation: its results are kept sign-extended in wider registers.
    pub const fn word(self) -> Width {
        if self.wide { Width::S32 } else { Width::W32 }
    }

    /// The access that moves `1 << log2` bytes, which must be aligned.
    pub const fn access(self, log2: u8) -> Access {
        let access = if self.big_endian { Access::big(log2) } else { Access::little(log2) };
        access.aligned()
    }
}
