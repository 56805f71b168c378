//! Where things of a module stand in the guest's address space.
//!
//! The module file is mapped at a base; an operator's address is the base plus its offset in the file. What has no
//! bytes gets addresses far beyond the file: imported functions, so that hooks can stand there, and the pairs of a
//! called type and a table index, which `call_indirect` jumps through.

/// Distance from the base to the first import.
const IMPORTS: u64 = 1 << 40;
/// Bytes from one import to the next.
const IMPORT_STRIDE: u64 = 16;
/// Distance from the base to the table entries.
const ENTRIES: u64 = 1 << 44;
/// Bits of a table index.
const INDEX_BITS: u32 = 32;
/// Most types of a module, so that an entry's address stays below the end of the space.
pub const MAX_TYPES: usize = 1 << 10;
/// Largest base: the address space of a process.
pub const MAX_BASE: u64 = 1 << 47;

/// What stands at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Offset in the module file.
    File(u32),
    /// Imported function of this index.
    Import(u32),
    /// A table entry called as a type.
    Entry {
        /// Canonical number of the type.
        kind: u32,
        /// Index in the table.
        index: u32,
    },
    /// Nothing of the module.
    Elsewhere,
}

/// The module's address space.
#[derive(Clone, Copy, Debug)]
pub struct Space {
    /// Where the file is mapped.
    pub base: u64,
    /// Size of the file in bytes.
    pub len: u32,
}

impl Space {
    /// Address of the byte at `offset` of the file.
    #[must_use]
    pub const fn file(self, offset: u32) -> u64 {
        self.base + offset as u64
    }

    /// Address of an imported function.
    #[must_use]
    pub const fn import(self, index: u32) -> u64 {
        self.base + IMPORTS + index as u64 * IMPORT_STRIDE
    }

    /// Address of table index 0 called as type `kind`; the others follow byte by byte.
    #[must_use]
    pub const fn entries(self, kind: u32) -> u64 {
        self.base + ENTRIES + ((kind as u64) << INDEX_BITS)
    }

    /// What stands at `pc`.
    #[must_use]
    pub const fn place(self, pc: u64) -> Place {
        let Some(distance) = pc.checked_sub(self.base) else { return Place::Elsewhere };
        if distance < self.len as u64 {
            return Place::File(distance as u32);
        }
        if distance >= ENTRIES && distance < ENTRIES + ((MAX_TYPES as u64) << INDEX_BITS) {
            let entry = distance - ENTRIES;
            return Place::Entry { kind: (entry >> INDEX_BITS) as u32, index: entry as u32 };
        }
        if distance >= IMPORTS && distance < IMPORTS + (IMPORT_STRIDE << INDEX_BITS) && distance % IMPORT_STRIDE == 0 {
            return Place::Import(((distance - IMPORTS) / IMPORT_STRIDE) as u32);
        }
        Place::Elsewhere
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Space};

    const SPACE: Space = Space { base: 0x1_2345_0000_0000, len: 100 };

    #[test]
    fn every_kind_of_address_is_recognised() {
        assert_eq!(SPACE.place(SPACE.file(99)), Place::File(99));
        assert_eq!(SPACE.place(SPACE.import(7)), Place::Import(7));
        assert_eq!(SPACE.place(SPACE.entries(3) + 0x1005), Place::Entry { kind: 3, index: 0x1005 });
    }

    #[test]
    fn what_is_not_the_modules_is_elsewhere() {
        for pc in [0, SPACE.base - 1, SPACE.base + 100, SPACE.import(7) + 1, u64::MAX] {
            assert_eq!(SPACE.place(pc), Place::Elsewhere, "{pc:#x}");
        }
    }
}
