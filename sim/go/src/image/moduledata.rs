//! The linker's `runtime.moduledata`: where text, data, types and tables begin and end.
//!
//! Owns: how the record is found and which word of it means what in which release. It is found by content: its first word is
//! the address of the function table, and the starts of that table's parts follow in known words. So no section names and no
//! symbols are needed. The magic number of the function table does not tell the layout, therefore the words are a table per
//! group of releases (`runtime/symtab.go`, type moduledata):
//!
//! | Go | differs from the row above by |
//! |---|---|
//! | 1.18, 1.19 | |
//! | 1.20 to 1.25 | `covctrs, ecovctrs` after `enoptrbss` |
//! | 1.26 | `epclntab` after `gofunc` |
//! | 1.27 | `typedesclen` before `etypes`; `itaboffset, itabsize` after it; no `typelinks, itablinks` |
//!
//! 1.19 and 1.21 to 1.27 were checked against binaries of each toolchain; 1.18 and 1.20 come from published source alone.

use super::error::{ImageError, Part};
use super::memory::{Addr, Memory};
use super::pclntab::{FunctionTable, TableShape};
use super::version::GoRelease;
use std::ops::RangeInclusive;

/// A half-open range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddrRange {
    /// First address.
    pub start: Addr,
    /// First address behind it.
    pub end: Addr,
}

impl AddrRange {
    /// Length in bytes; the loader has checked that the end is not before the start.
    pub fn size_bytes(&self) -> u64 {
        self.end.0 - self.start.0
    }

    /// Whether `address` lies inside.
    pub fn contains(&self, address: Addr) -> bool {
        self.start <= address && address < self.end
    }
}

/// A stretch of text that the external linker may have moved apart from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextSection {
    /// First offset in Go's one text numbering.
    pub start_offset: u64,
    /// First offset behind it.
    pub end_offset: u64,
    /// Where the stretch lies.
    pub address: u64,
}

/// What `runtime.moduledata` says. Ranges are of addresses in memory, in wasm of linear memory, except `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleData {
    /// Where the record itself lies.
    pub address: Addr,
    /// Entry of the first function (`minpc`) as a number; see [`super::Pc`].
    pub min_pc: u64,
    /// End of the last function (`maxpc`).
    pub max_pc: u64,
    /// `text`: what entry offsets count from.
    pub text: u64,
    /// `etext`.
    pub text_end: u64,
    /// Initialised variables without pointers.
    pub noptrdata: AddrRange,
    /// Initialised variables with pointers.
    pub data: AddrRange,
    /// Zeroed variables with pointers.
    pub bss: AddrRange,
    /// Zeroed variables without pointers.
    pub noptrbss: AddrRange,
    /// End of everything.
    pub end: Addr,
    /// Program for the pointer mask of `data`.
    pub gcdata: Addr,
    /// Program for the pointer mask of `bss`.
    pub gcbss: Addr,
    /// Type descriptors.
    pub types: AddrRange,
    /// What pointer masks of stack objects count from.
    pub rodata: Addr,
    /// What function data counts from (`go:func.*`).
    pub gofunc: Addr,
    /// Stretches of text; empty when there is only one.
    pub text_sections: Vec<TextSection>,
}

/// Index of each word that differs between releases; all before them is common.
struct Layout {
    minors: RangeInclusive<u16>,
    shape: TableShape,
    end: u64,
    types: u64,
    types_end: u64,
    rodata: u64,
    gofunc: u64,
    text_sections: u64,
}

#[rustfmt::skip]
const LAYOUTS: [Layout; 4] = [
    Layout { minors: 18..=19, shape: TableShape::Go118, end: 32, types: 35, types_end: 36, rodata: 37, gofunc: 38, text_sections: 39 },
    Layout { minors: 20..=25, shape: TableShape::Go120, end: 34, types: 37, types_end: 38, rodata: 39, gofunc: 40, text_sections: 41 },
    Layout { minors: 26..=26, shape: TableShape::Go120, end: 34, types: 37, types_end: 38, rodata: 39, gofunc: 40, text_sections: 42 },
    Layout { minors: 27..=27, shape: TableShape::Go120, end: 34, types: 37, types_end: 39, rodata: 42, gofunc: 43, text_sections: 45 },
];

/// Text is cut into sections of many megabytes, so more than this is no section map.
const TEXT_SECTIONS_MAX: u64 = 4096;

/// Finds and reads the record. `stated` is the minor release that the image states; without it every layout is tried.
pub(super) fn find(
    memory: &Memory,
    table: &FunctionTable,
    stated: Option<u16>,
) -> Result<(ModuleData, RangeInclusive<u16>), ImageError> {
    let mut candidate = None;
    for address in candidates(memory, table) {
        candidate = Some(address);
        let fits = |layout: &&Layout| {
            layout.shape == table.shape && stated.is_none_or(|minor| layout.minors.contains(&minor))
        };
        let mut readings = LAYOUTS.iter().filter(fits).filter_map(|layout| {
            let module = Record { memory, table, address }.read(layout)?;
            Some((module, layout.minors.clone()))
        });
        // Of several layouts that fit, the newest: the older reads words that only happen to be plausible.
        if let Some(found) = readings.by_ref().last() {
            return Ok(found);
        }
    }
    Err(match candidate {
        Some(address) => {
            ImageError::at(Part::ModuleData, address, "ranges in the order of the stated Go release")
        }
        None => {
            ImageError::at(Part::ModuleData, table.address, "a record that points to this function table")
        }
    })
}

/// Every place whose words point to the function table as the record must, writable segments first, where the linker puts it.
fn candidates<'a>(memory: &'a Memory, table: &'a FunctionTable) -> impl Iterator<Item = Addr> + 'a {
    let of = move |writable: bool| {
        memory
            .segments()
            .filter(move |segment| segment.permissions.write == writable && !segment.permissions.execute)
    };
    of(true).chain(of(false)).flat_map(move |segment| {
        let word = table.word.bytes() as usize;
        let skew = (segment.address.0 as usize).wrapping_neg() % word;
        let needle = pattern(memory, table);
        (skew..segment.bytes.len().saturating_sub(word)).step_by(word).filter_map(move |at| {
            let address = Addr(segment.address.0 + at as u64);
            (segment.bytes[at..].starts_with(&needle[..word]) && points_to(memory, table, address))
                .then_some(address)
        })
    })
}

/// The address of the function table as the bytes of a word.
fn pattern(memory: &Memory, table: &FunctionTable) -> [u8; 8] {
    use super::bytes::{ByteOrder, WordSize};
    match (memory.byte_order(), table.word) {
        (ByteOrder::Little, _) => table.address.0.to_le_bytes(),
        (ByteOrder::Big, WordSize::Eight) => table.address.0.to_be_bytes(),
        (ByteOrder::Big, WordSize::Four) => (table.address.0 << 32).to_be_bytes(),
    }
}

/// Header, function names, compile units, files, PC values, records, index with one entry more than there are functions.
fn points_to(memory: &Memory, table: &FunctionTable, address: Addr) -> bool {
    let expected = [
        (0, table.address.0),
        (1, table.names.0),
        (4, table.compile_units.0),
        (7, table.files.0),
        (10, table.pc_values.0),
        (13, table.index.0),
        (16, table.index.0),
        (17, u64::from(table.function_count) + 1),
    ];
    let word = |index: u64| memory.word(address.checked_add(index * table.word.bytes())?);
    expected.iter().all(|&(index, value)| word(index) == Some(value))
}

struct Record<'a> {
    memory: &'a Memory,
    table: &'a FunctionTable,
    address: Addr,
}

impl Record<'_> {
    fn word(&self, index: u64) -> Option<u64> {
        self.memory.word(self.address.checked_add(index * self.table.word.bytes())?)
    }

    fn addr(&self, index: u64) -> Option<Addr> {
        self.word(index).map(Addr)
    }

    fn range(&self, start: u64, end: u64) -> Option<AddrRange> {
        let range = AddrRange { start: self.addr(start)?, end: self.addr(end)? };
        let inside = self.memory.contains(range.start) && self.memory.contains(range.end);
        (range.start <= range.end && inside).then_some(range)
    }

    /// An address that must be one of the image's.
    fn inside(&self, index: u64) -> Option<Addr> {
        self.addr(index).filter(|&address| self.memory.contains(address))
    }

    /// The record in one layout; `None` when its words contradict what the layout says they are.
    fn read(&self, layout: &Layout) -> Option<ModuleData> {
        let module = ModuleData {
            address: self.address,
            min_pc: self.word(20)?,
            max_pc: self.word(21)?,
            text: self.word(22)?,
            text_end: self.word(23)?,
            noptrdata: self.range(24, 25)?,
            data: self.range(26, 27)?,
            bss: self.range(28, 29)?,
            noptrbss: self.range(30, 31)?,
            end: self.inside(layout.end)?,
            gcdata: self.inside(layout.end + 1)?,
            gcbss: self.inside(layout.end + 2)?,
            types: self.range(layout.types, layout.types_end)?,
            rodata: self.inside(layout.rodata)?,
            gofunc: self.inside(layout.gofunc)?,
            text_sections: self.text_sections(layout.text_sections)?,
        };
        let ordered = module.min_pc <= module.max_pc
            && module.text <= module.text_end
            && module.noptrbss.end <= module.end;
        ordered.then_some(module)
    }

    fn text_sections(&self, slot: u64) -> Option<Vec<TextSection>> {
        let (start, len, capacity) = (self.addr(slot)?, self.word(slot + 1)?, self.word(slot + 2)?);
        if len != capacity || len > TEXT_SECTIONS_MAX || (len > 0 && !self.memory.contains(start)) {
            return None;
        }
        if len <= 1 {
            return Some(Vec::new());
        }
        let word = self.table.word.bytes();
        let field = |index: u64, part: u64| self.memory.word(start.checked_add((3 * index + part) * word)?);
        let section = |index| {
            Some(TextSection {
                start_offset: field(index, 0)?,
                end_offset: field(index, 1)?,
                address: field(index, 2)?,
            })
        };
        (0..len).map(section).collect()
    }
}

/// The release as the image states it, or the range that its record allows.
pub(super) fn release(stated: Option<super::GoVersion>, fitting: RangeInclusive<u16>) -> GoRelease {
    match stated {
        Some(version) => GoRelease::Stated(version),
        None => GoRelease::Shaped { oldest_minor: *fitting.start(), newest_minor: *fitting.end() },
    }
}
