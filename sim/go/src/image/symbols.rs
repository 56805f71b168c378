//! Symbols of an ELF image, when it was not stripped of them.
//!
//! Owns: the ELF symbol table and the endings by which Go's linker keeps two entries of one function apart
//! (`cmd/link/internal/ld`, mangleABIName: the stack-argument entry gets `.abi0` when there is also a register-argument one,
//! and in shared links the latter gets `.abiinternal`).

use super::bytes::{Reader, until_nul};
use super::elf::{ElfClass, ElfFile, SHT_SYMTAB, Section};
use super::error::{ImageError, Part, Place};
use super::memory::Addr;
use std::ops::Range;

/// Which of Go's two calling conventions an entry follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Abi {
    /// ABI0: arguments and results on the stack.
    Abi0,
    /// ABIInternal: the compiler's convention (registers where the port has them).
    Internal,
    /// Nothing in the image says so. Usual for a function with one entry: nothing there needs to tell two apart.
    Unstated,
}

/// `STT_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SymbolKind {
    /// `STT_NOTYPE`.
    Unspecified,
    /// `STT_OBJECT`.
    Object,
    /// `STT_FUNC`.
    Function,
    /// `STT_TLS`.
    ThreadLocal,
    /// Sections, files and whatever a machine defines for itself.
    Other(u8),
}

/// A symbol with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbol<'a> {
    /// The name as in the file, ending included.
    pub name: &'a str,
    /// `st_value`, moved by the base of a position-independent image (thread-local ones are offsets and stay).
    pub address: Addr,
    /// `st_size`: for a function its code without padding.
    pub size_bytes: u64,
    /// What it names.
    pub kind: SymbolKind,
}

impl<'a> Symbol<'a> {
    /// The name without an ABI ending, and the ABI that the ending states.
    pub fn split_abi(&self) -> (&'a str, Option<Abi>) {
        if let Some(base) = self.name.strip_suffix(".abi0") {
            (base, Some(Abi::Abi0))
        } else if let Some(base) = self.name.strip_suffix(".abiinternal") {
            (base, Some(Abi::Internal))
        } else {
            (self.name, None)
        }
    }
}

/// Names longer than the longest that a compiler writes are dropped, so that many symbols cannot share one huge name.
const LONGEST_NAME_BYTES: usize = 8 << 10;

struct Entry {
    name: Range<usize>,
    address: Addr,
    size_bytes: u64,
    kind: SymbolKind,
}

/// All symbols, by address and by name.
#[derive(Default)]
pub(super) struct SymbolTable {
    entries: Vec<Entry>,
    by_name: Vec<u32>,
}

/// Where the symbols are; read when first asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct SymbolSource {
    symbols: Option<(Section, Section)>,
}

impl SymbolSource {
    pub fn find(elf: &ElfFile) -> Result<SymbolSource, ImageError> {
        let Some(symbols) = elf.sections.iter().find(|section| section.kind == SHT_SYMTAB) else {
            return Ok(SymbolSource::default());
        };
        let Some(strings) = elf.sections.get(symbols.link as usize) else {
            return Err(wrong(symbols, "a link to the section of its strings"));
        };
        Ok(SymbolSource { symbols: Some((symbols.clone(), strings.clone())) })
    }

    pub fn is_empty(&self) -> bool {
        self.symbols.is_none()
    }

    /// Reads the table of `file`. Symbols without a name or a readable one, and undefined ones, are left out.
    pub fn read(&self, file: &[u8], identity: super::ElfIdentity, base: u64) -> SymbolTable {
        let Some((symbols, strings)) = &self.symbols else {
            return SymbolTable::default();
        };
        let reader = Reader::new(file, identity.data);
        let entry_bytes = if identity.class == ElfClass::Elf32 { 16 } else { 24 };
        let mut entries: Vec<Entry> = (0..symbols.size_bytes / entry_bytes)
            .filter_map(|index| {
                read_entry(&reader, file, symbols.file_offset + index * entry_bytes, strings, identity.class)
            })
            .collect();
        for entry in &mut entries {
            if entry.kind != SymbolKind::ThreadLocal {
                entry.address = Addr(entry.address.0.wrapping_add(base));
            }
        }
        entries.sort_by_key(|entry| (entry.address, entry.name.start));
        let mut by_name: Vec<u32> = (0..entries.len() as u32).collect();
        by_name.sort_by(|&a, &b| {
            file[entries[a as usize].name.clone()]
                .cmp(&file[entries[b as usize].name.clone()])
                .then(a.cmp(&b))
        });
        SymbolTable { entries, by_name }
    }
}

impl SymbolTable {
    pub fn iter<'a>(&'a self, file: &'a [u8]) -> impl Iterator<Item = Symbol<'a>> {
        self.entries.iter().map(move |entry| entry.view(file))
    }

    pub fn at<'a>(&'a self, file: &'a [u8], address: Addr) -> impl Iterator<Item = Symbol<'a>> {
        let first = self.entries.partition_point(|entry| entry.address < address);
        self.entries[first..]
            .iter()
            .take_while(move |entry| entry.address == address)
            .map(move |entry| entry.view(file))
    }

    pub fn named<'a>(&'a self, file: &'a [u8], name: &str) -> Option<Symbol<'a>> {
        let text = |index: u32| &file[self.entries[index as usize].name.clone()];
        let first = self.by_name.partition_point(|&index| text(index) < name.as_bytes());
        let index = *self.by_name.get(first)?;
        (text(index) == name.as_bytes()).then(|| self.entries[index as usize].view(file))
    }
}

impl Entry {
    fn view<'a>(&self, file: &'a [u8]) -> Symbol<'a> {
        let name = std::str::from_utf8(&file[self.name.clone()]).expect("read_entry checked the name");
        Symbol { name, address: self.address, size_bytes: self.size_bytes, kind: self.kind }
    }
}

fn read_entry(
    reader: &Reader<'_>,
    file: &[u8],
    at: u64,
    strings: &Section,
    class: ElfClass,
) -> Option<Entry> {
    // Places of st_value, st_size, st_info, st_shndx.
    let (value, size, info, section) = match class {
        ElfClass::Elf32 => (4, 8, 12, 14),
        ElfClass::Elf64 => (8, 16, 4, 6),
    };
    if reader.u16(at + section)? == 0 {
        return None;
    }
    let name_offset = u64::from(reader.u32(at)?);
    let table = reader.slice(strings.file_offset, strings.size_bytes)?;
    let tail = table.get(name_offset as usize..)?;
    let name = until_nul(&tail[..tail.len().min(LONGEST_NAME_BYTES)])?;
    std::str::from_utf8(name).ok().filter(|name| !name.is_empty())?;
    let start = usize::try_from(strings.file_offset + name_offset).ok()?;
    debug_assert_eq!(&file[start..start + name.len()], name);
    Some(Entry {
        name: start..start + name.len(),
        address: Addr(reader.word(at + value, class.word_size())?),
        size_bytes: reader.word(at + size, class.word_size())?,
        kind: kind(reader.u8(at + info)? & 0xf),
    })
}

fn kind(number: u8) -> SymbolKind {
    match number {
        0 => SymbolKind::Unspecified,
        1 => SymbolKind::Object,
        2 => SymbolKind::Function,
        6 => SymbolKind::ThreadLocal,
        other => SymbolKind::Other(other),
    }
}

fn wrong(section: &Section, expected: &'static str) -> ImageError {
    ImageError::malformed(Part::SymbolTable, Place::File(section.file_offset), expected)
}
