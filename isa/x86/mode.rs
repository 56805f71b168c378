//! What tells the machines of the family apart.

/// A machine of the family as Go uses it: which instructions there are, how large a pointer is, and how large the word
/// that a call pushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// 64 or 32: the processor's mode, and so the size of a whole integer register.
    pub bits: u32,
    /// Bytes of a pointer.
    pub pointer_bytes: u8,
}

impl Mode {
    /// 64-bit instructions and pointers: amd64.
    pub const LONG: Self = Self { bits: 64, pointer_bytes: 8 };
    /// 32-bit instructions and pointers: 386.
    pub const PROTECTED: Self = Self { bits: 32, pointer_bytes: 4 };
    /// 64-bit instructions on pointers of 32 bits, with return addresses of 64: amd64p32.
    pub const LONG_SMALL: Self = Self { bits: 64, pointer_bytes: 4 };

    /// Bytes of a return address, and of whatever else is pushed.
    pub const fn push_bytes(self) -> u8 {
        (self.bits / 8) as u8
    }

    /// Whether pointers fill a register of 64 bits.
    pub const fn has_wide_pointers(self) -> bool {
        self.pointer_bytes == 8
    }

    /// Where the value at the bottom of an argument list is: pointers from `word` on.
    pub const fn word(self, index: i32) -> i32 {
        index * self.pointer_bytes as i32
    }
}
