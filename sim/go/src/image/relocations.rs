//! Dynamic relocations of an ELF image: base-relative ones are applied, the others handed out.
//!
//! Owns: `DT_RELA`, `DT_REL`, `DT_JMPREL` and `DT_RELR` (gABI chapter 5). Which number means "base plus addend" differs between machines,
//! and this loader knows no machine. But Go's own tables tell: the first word of `runtime.moduledata` is the address of the
//! function table, so the type of the relocation without symbol that produces that address is the base-relative one.

use super::bytes::Reader;
use super::elf::{ElfClass, ElfFile};
use super::error::{Gap, ImageError, Part};
use super::memory::{Addr, Memory};

/// A dynamic relocation that was not applied, because it needs a symbol, a thread pointer or code to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// The place to be changed.
    pub address: Addr,
    /// The type, in the numbering of the image's machine.
    pub kind: u32,
    /// Index into the dynamic symbol table; 0 is none.
    pub symbol: u32,
    /// The addend; `None` when it is the present content of the place (`DT_REL`).
    pub addend: Option<i64>,
}

const DT_RELA: u64 = 7;
const DT_RELASZ: u64 = 8;
const DT_REL: u64 = 17;
const DT_RELSZ: u64 = 18;
const DT_PLTRELSZ: u64 = 2;
const DT_PLTREL: u64 = 20;
const DT_JMPREL: u64 = 23;
const DT_RELRSZ: u64 = 35;
const DT_RELR: u64 = 36;

/// Address and size of each relocation table.
#[derive(Default)]
struct Tables {
    rela: (u64, u64),
    rel: (u64, u64),
    relr: (u64, u64),
    /// Those of calls into shared libraries, and which of the two forms they have.
    calls: (u64, u64),
    calls_have_addends: bool,
}

/// Every dynamic relocation with a type, and the places of the packed (`DT_RELR`) ones, which are base-relative by definition.
pub(super) struct Relocations {
    typed: Vec<Relocation>,
    packed: Vec<Addr>,
}

impl Relocations {
    /// Reads the tables; `memory` must not be rebased yet.
    pub fn read(elf: &ElfFile, memory: &Memory) -> Result<Relocations, ImageError> {
        let Some((address, size)) = elf.dynamic else {
            return Ok(Relocations { typed: Vec::new(), packed: Vec::new() });
        };
        let tables = find_tables(memory, address, size)?;
        let mut typed = read_typed(elf.identity.class, memory, tables.rela, true)?;
        typed.extend(read_typed(elf.identity.class, memory, tables.rel, false)?);
        typed.extend(read_typed(elf.identity.class, memory, tables.calls, tables.calls_have_addends)?);
        Ok(Relocations { typed, packed: read_packed(memory, tables.relr)? })
    }

    /// Applies what depends on the base alone and moves the segments; returns what is left. `function_table` is the address of
    /// Go's function table before the move.
    pub fn apply(
        self,
        memory: &mut Memory,
        function_table: Addr,
        base: u64,
    ) -> Result<Vec<Relocation>, ImageError> {
        let relative = self.relative_kind(memory, function_table);
        if relative.is_none() && !self.packed.iter().any(|&at| memory.word(at) == Some(function_table.0)) {
            return Err(ImageError::Unsupported(Gap::PieWithoutRelativeRelocations));
        }
        let (mut left, mut values) = (Vec::new(), Vec::new());
        for relocation in self.typed {
            if relocation.symbol == 0 && Some(relocation.kind) == relative {
                values.push((relocation.address, target(memory, &relocation)?));
            } else {
                left.push(Relocation {
                    address: Addr(relocation.address.0.wrapping_add(base)),
                    ..relocation
                });
            }
        }
        for &address in &self.packed {
            values.push((address, memory.word(address).ok_or_else(|| outside(address))?));
        }
        for (address, value) in values {
            if !memory.set_word(address, value.wrapping_add(base)) {
                return Err(outside(address));
            }
        }
        if !memory.rebase(base) {
            return Err(ImageError::at(
                Part::ProgramHeaders,
                Addr(base),
                "a base at which the image fits the address space",
            ));
        }
        Ok(left)
    }

    /// The relocations of an image that stays where it is.
    pub fn unapplied(self) -> Vec<Relocation> {
        self.typed
    }

    fn relative_kind(&self, memory: &Memory, function_table: Addr) -> Option<u32> {
        let produces = |relocation: &&Relocation| {
            relocation.symbol == 0 && target(memory, relocation).is_ok_and(|value| value == function_table.0)
        };
        self.typed.iter().find(produces).map(|relocation| relocation.kind)
    }
}

/// What a base-relative relocation yields at base 0.
fn target(memory: &Memory, relocation: &Relocation) -> Result<u64, ImageError> {
    match relocation.addend {
        Some(addend) => Ok(addend.cast_unsigned()),
        None => memory.word(relocation.address).ok_or_else(|| outside(relocation.address)),
    }
}

fn outside(address: Addr) -> ImageError {
    ImageError::at(Part::DynamicRelocations, address, "a place inside the content of a segment")
}

fn find_tables(memory: &Memory, address: Addr, size: u64) -> Result<Tables, ImageError> {
    let word = memory.word_size().bytes();
    let entries = memory.slice(address, size).ok_or_else(|| outside(address))?;
    let reader = Reader::new(entries, memory.byte_order());
    let mut tables = Tables::default();
    for index in 0..size / (2 * word) {
        let field = |at: u64| reader.word(at, memory.word_size()).ok_or_else(|| outside(address));
        let (tag, value) = (field(index * 2 * word)?, field(index * 2 * word + word)?);
        match tag {
            0 => break,
            DT_RELA => tables.rela.0 = value,
            DT_RELASZ => tables.rela.1 = value,
            DT_REL => tables.rel.0 = value,
            DT_RELSZ => tables.rel.1 = value,
            DT_JMPREL => tables.calls.0 = value,
            DT_PLTRELSZ => tables.calls.1 = value,
            DT_PLTREL => tables.calls_have_addends = value == DT_RELA,
            DT_RELR => tables.relr.0 = value,
            DT_RELRSZ => tables.relr.1 = value,
            _ => {}
        }
    }
    Ok(tables)
}

fn read_typed(
    class: ElfClass,
    memory: &Memory,
    (address, size): (u64, u64),
    has_addend: bool,
) -> Result<Vec<Relocation>, ImageError> {
    let bytes = memory.slice(Addr(address), size).or((size == 0).then_some(&[][..]));
    let reader = Reader::new(bytes.ok_or_else(|| outside(Addr(address)))?, memory.byte_order());
    let word = memory.word_size().bytes();
    let entry = if has_addend { 3 * word } else { 2 * word };
    let parse = |at: u64| {
        let field = |index: u64| reader.word(at + index * word, memory.word_size());
        let (place, info) = (field(0)?, field(1)?);
        let addend = if has_addend { Some(sign_extend(class, field(2)?)) } else { None };
        let (symbol, kind) = match class {
            ElfClass::Elf32 => ((info >> 8) as u32, (info & 0xff) as u32),
            ElfClass::Elf64 => ((info >> 32) as u32, info as u32),
        };
        Some(Relocation { address: Addr(place), kind, symbol, addend })
    };
    (0..size / entry).map(|index| parse(index * entry).ok_or_else(|| outside(Addr(address)))).collect()
}

fn sign_extend(class: ElfClass, value: u64) -> i64 {
    match class {
        ElfClass::Elf32 => i64::from((value as u32).cast_signed()),
        ElfClass::Elf64 => value.cast_signed(),
    }
}

/// `DT_RELR`: an even word is a place; an odd word is a bitmap of the following 31 or 63 words.
fn read_packed(memory: &Memory, (address, size): (u64, u64)) -> Result<Vec<Addr>, ImageError> {
    let word = memory.word_size().bytes();
    let mut places = Vec::new();
    let mut next = 0u64;
    for index in 0..size / word {
        let at = Addr(address.wrapping_add(index * word));
        let value = memory.word(at).ok_or_else(|| outside(at))?;
        if value & 1 == 0 {
            places.push(Addr(value));
            next = value.wrapping_add(word);
            continue;
        }
        let bits = 8 * word - 1;
        places.extend(
            (0..bits)
                .filter(|bit| value >> (bit + 1) & 1 == 1)
                .map(|bit| Addr(next.wrapping_add(bit * word))),
        );
        next = next.wrapping_add(bits * word);
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::super::bytes::{ByteOrder, WordSize};
    use super::super::elf::{ElfClass, ElfFile, ElfIdentity};
    use super::super::memory::{Addr, Memory, Permissions, SegmentSpan};
    use super::Relocations;

    const TABLE: u64 = 0x1080;

    /// A big-endian image of 32-bit words at 0x1000 with its dynamic section at the start.
    fn image(words: &[u32]) -> (ElfFile, Memory) {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        let permissions = Permissions { read: true, write: true, execute: false };
        let span =
            SegmentSpan { address: Addr(0x1000), size_bytes: 0x100, backing: 0..bytes.len(), permissions };
        let identity = ElfIdentity { machine: 0, class: ElfClass::Elf32, data: ByteOrder::Big, flags: 0 };
        let elf = ElfFile {
            identity,
            position_independent: true,
            entry: 0,
            segments: vec![span.clone()],
            dynamic: Some((Addr(0x1000), 5 * 8)),
            sections: Vec::new(),
        };
        (elf, Memory::new(bytes, vec![span], ByteOrder::Big, WordSize::Four))
    }

    #[test]
    fn relocations_without_addends_add_the_base_to_what_is_there() {
        const DT_REL: u32 = 17;
        const DT_RELSZ: u32 = 18;
        // Dynamic section (5 entries), at 0x1028 two relocations of type 9, one of type 4 against symbol 3, then the places.
        let mut words = vec![DT_REL, 0x1028, DT_RELSZ, 24, 0, 0, 0, 0, 0, 0];
        words.extend([0x1040, 9, 0x1044, 9, 0x1048, 3 << 8 | 4, TABLE as u32, 0x1234, 0x5678]);
        let (elf, mut memory) = image(&words);
        let left =
            Relocations::read(&elf, &memory).unwrap().apply(&mut memory, Addr(TABLE), 0x10_0000).unwrap();
        let word = |address| memory.word(Addr(address));
        assert_eq!(
            [word(0x10_1040), word(0x10_1044), word(0x10_1048)],
            [Some(0x10_1080), Some(0x10_1234), Some(0x5678)]
        );
        assert_eq!(left.len(), 1);
        assert_eq!(
            (left[0].address, left[0].kind, left[0].symbol, left[0].addend),
            (Addr(0x10_1048), 4, 3, None)
        );
    }

    #[test]
    fn packed_relocations_are_a_place_and_a_bitmap_of_those_that_follow() {
        const DT_RELR: u32 = 36;
        const DT_RELRSZ: u32 = 35;
        let mut words = vec![DT_RELR, 0x1028, DT_RELRSZ, 8, 0, 0, 0, 0, 0, 0];
        // Place 0x1030, then of the words behind it the second (bit 2 of the bitmap word).
        words.extend([0x1030, 0b101, TABLE as u32, 7, 0x2000]);
        let (elf, mut memory) = image(&words);
        let left =
            Relocations::read(&elf, &memory).unwrap().apply(&mut memory, Addr(TABLE), 0x10_0000).unwrap();
        let words = [0x1030, 0x1034, 0x1038].map(|address| memory.word(Addr(address + 0x10_0000)));
        assert_eq!((words, left.len()), ([Some(0x10_1080), Some(7), Some(0x10_2000)], 0));
    }

    #[test]
    fn a_base_that_leaves_the_address_space_is_refused() {
        let mut words = vec![36, 0x1028, 35, 4, 0, 0, 0, 0, 0, 0];
        words.extend([0x102c, TABLE as u32]);
        let (elf, mut memory) = image(&words);
        assert!(
            Relocations::read(&elf, &memory).unwrap().apply(&mut memory, Addr(TABLE), 0xffff_ff00).is_err()
        );
    }
}
