//! Go's function table (`.gopclntab`): finding it, its header, its index of functions.
//!
//! Owns: the header and the places of its tables (`runtime/symtab.go`, type pcHeader; `internal/abi/symtab.go` for the magic
//! numbers). All offsets are relative to the header. A function's record is read by `function.rs`, what its tables mean by
//! `pcvalue.rs`, `funcdata.rs`, `inline.rs`.
//!
//! | Go | magic | function record | inlined call |
//! |---|---|---|---|
//! | 1.18, 1.19 | `0xfffffff0` | 40 bytes | 20 bytes |
//! | 1.20 to 1.27 | `0xfffffff1` | 44 bytes (start line added) | 16 bytes |

use super::bytes::{ByteOrder, WordSize};
use super::error::{ImageError, Part};
use super::memory::{Addr, Memory};

/// Which of the two shapes of the table an image has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TableShape {
    /// Go 1.18 and 1.19.
    Go118,
    /// Go 1.20 to 1.27.
    Go120,
}

impl TableShape {
    /// Bytes of the fixed part of a function's record.
    pub fn record_bytes(self) -> u64 {
        match self {
            TableShape::Go118 => 40,
            TableShape::Go120 => 44,
        }
    }
}

/// The header, with tables as addresses.
#[derive(Clone, Debug)]
pub(super) struct FunctionTable {
    pub address: Addr,
    pub shape: TableShape,
    pub word: WordSize,
    /// Smallest step of a PC in the PC-value tables, in bytes.
    pub pc_quantum: u32,
    pub function_count: u32,
    pub names: Addr,
    pub compile_units: Addr,
    pub files: Addr,
    pub pc_values: Addr,
    /// The index of functions; records are relative to it.
    pub index: Addr,
}

/// Result of looking for the table.
pub(super) enum Found {
    Table(FunctionTable),
    /// A table of an older Go: which.
    Old(&'static str),
    Nothing,
}

const LONGEST_NAME_BYTES: usize = 8 << 10;

/// Looks at the hints (sections by name) first, then through every segment.
pub(super) fn find(memory: &Memory, hints: &[Addr]) -> Result<Found, ImageError> {
    for &hint in hints {
        match recognise(memory.tail(hint), memory.byte_order()) {
            Magic::Table(..) => return FunctionTable::read(memory, hint).map(Found::Table),
            Magic::Old(which) => return Ok(Found::Old(which)),
            Magic::None => {}
        }
    }
    let mut old = None;
    for segment in memory.segments() {
        let skew = (segment.address.0 as usize).wrapping_neg() % 8;
        for at in (skew..segment.bytes.len().saturating_sub(7)).step_by(8) {
            match recognise(&segment.bytes[at..], memory.byte_order()) {
                // Eight matching bytes may be chance; offsets that fit each other are not.
                Magic::Table(..) => {
                    if let Ok(table) = FunctionTable::read(memory, Addr(segment.address.0 + at as u64)) {
                        return Ok(Found::Table(table));
                    }
                }
                Magic::Old(which) => old = Some(which),
                Magic::None => {}
            }
        }
    }
    Ok(old.map_or(Found::Nothing, Found::Old))
}

enum Magic {
    Table(TableShape, WordSize),
    Old(&'static str),
    None,
}

/// Magic number, two zeros, smallest instruction size, pointer size.
fn recognise(bytes: &[u8], order: ByteOrder) -> Magic {
    let &[a, b, c, d, 0, 0, 1 | 2 | 4, pointer_bytes @ (4 | 8), ..] = bytes else { return Magic::None };
    let magic = match order {
        ByteOrder::Little => u32::from_le_bytes([a, b, c, d]),
        ByteOrder::Big => u32::from_be_bytes([a, b, c, d]),
    };
    let word = if pointer_bytes == 4 { WordSize::Four } else { WordSize::Eight };
    match magic {
        0xffff_fff0 => Magic::Table(TableShape::Go118, word),
        0xffff_fff1 => Magic::Table(TableShape::Go120, word),
        0xffff_fffa => Magic::Old("Go 1.16 or 1.17"),
        0xffff_fffb => Magic::Old("Go 1.2 to 1.15"),
        _ => Magic::None,
    }
}

impl FunctionTable {
    fn read(memory: &Memory, address: Addr) -> Result<FunctionTable, ImageError> {
        let wrong = |expected| ImageError::at(Part::FunctionTable, address, expected);
        let header = memory.tail(address);
        let Magic::Table(shape, word) = recognise(header, memory.byte_order()) else {
            return Err(wrong("the magic number of Go 1.18 or newer"));
        };
        if word != memory.word_size() {
            return Err(wrong("the pointer size of the file's class"));
        }
        let field = |index: u64| {
            let at = address.checked_add(8 + index * word.bytes());
            at.and_then(|at| memory.word(at)).ok_or_else(|| wrong("a whole header"))
        };
        // Field 2 is textStart until 1.25 and unused since; runtime.moduledata has the same fact in every release.
        let table = |index: u64| {
            let offset = field(index)?;
            let inside = offset < header.len() as u64;
            inside.then(|| Addr(address.0 + offset)).ok_or_else(|| wrong("tables that follow the header"))
        };
        let found = FunctionTable {
            address,
            shape,
            word,
            pc_quantum: u32::from(header[6]),
            function_count: u32::try_from(field(0)?).map_err(|_| wrong("a number of functions"))?,
            names: table(3)?,
            compile_units: table(4)?,
            files: table(5)?,
            pc_values: table(6)?,
            index: table(7)?,
        };
        let index_bytes = 8 * u64::from(found.function_count) + 4;
        if found.function_count == 0 || memory.slice(found.index, index_bytes).is_none() {
            return Err(wrong("a function index that lies in the segment"));
        }
        Ok(found)
    }

    /// Moves the table with its image.
    pub fn rebase(&mut self, base: u64) {
        let tables =
            [&mut self.names, &mut self.compile_units, &mut self.files, &mut self.pc_values, &mut self.index];
        for address in tables.into_iter().chain([&mut self.address]) {
            address.0 = address.0.wrapping_add(base);
        }
    }

    /// Offset of function `index`'s entry from the start of text; `index == function_count` gives the end of the last.
    pub fn entry_offset(&self, memory: &Memory, index: u32) -> Option<u32> {
        memory.u32(self.index.checked_add(8 * u64::from(index))?)
    }

    /// Where the record of function `index` lies.
    pub fn record(&self, memory: &Memory, index: u32) -> Option<Addr> {
        let offset = memory.u32(self.index.checked_add(8 * u64::from(index) + 4)?)?;
        self.index.checked_add(u64::from(offset))
    }

    /// A function's name; it ends in the table of names by construction of the linker.
    pub fn name<'a>(&self, memory: &'a Memory, offset: u32) -> Option<&'a str> {
        text(memory, self.names.checked_add(u64::from(offset))?)
    }

    /// A file's name, by the number that a function's file table gives; `unit` is the function's place among compile units.
    pub fn file<'a>(&self, memory: &'a Memory, unit: u32, number: u32) -> Option<&'a str> {
        let slot = 4 * (u64::from(unit) + u64::from(number));
        let offset = memory.u32(self.compile_units.checked_add(slot)?)?;
        (offset != u32::MAX).then_some(())?;
        text(memory, self.files.checked_add(u64::from(offset))?)
    }
}

/// Names longer than the longest that a compiler writes are not read, so that damage cannot make every name the whole table.
fn text(memory: &Memory, address: Addr) -> Option<&str> {
    let tail = memory.tail(address);
    let name = super::bytes::until_nul(&tail[..tail.len().min(LONGEST_NAME_BYTES)])?;
    std::str::from_utf8(name).ok()
}
