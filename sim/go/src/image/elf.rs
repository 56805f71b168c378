//! The ELF container: file header, program headers, section headers.
//!
//! Owns: the layout of ELF files (System V gABI, chapters 4 and 5; the values are in the fields' names). Knows nothing of Go
//! and of no machine: `e_machine` is handed out as a fact, and each architecture says which [`ElfIdentity`] is its own.
//! Read here instead of with a library so that each error can name its file offset.

use super::bytes::{ByteOrder, Reader, WordSize, until_nul};
use super::error::{ForeignFormat, Gap, ImageError, Part, Place};
use super::memory::{Addr, Permissions, SegmentSpan};

/// `EI_CLASS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ElfClass {
    /// `ELFCLASS32`.
    Elf32,
    /// `ELFCLASS64`.
    Elf64,
}

/// The facts of an ELF header by which an architecture knows its own images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ElfIdentity {
    /// `e_machine`.
    pub machine: u16,
    /// `EI_CLASS`.
    pub class: ElfClass,
    /// `EI_DATA`.
    pub data: ByteOrder,
    /// `e_flags`.
    pub flags: u32,
}

/// How an ELF executable is placed in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElfPlacement {
    /// `ET_EXEC`: at the addresses of the file.
    Fixed,
    /// `ET_DYN`: moved up by a base that the loader chose.
    PositionIndependent {
        /// The base, in bytes.
        base: u64,
    },
}

/// A section header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// `sh_name`.
    pub name: String,
    /// `sh_type`.
    pub kind: u32,
    /// `sh_addr` as in the file, without the base of a position-independent image.
    pub address: Addr,
    /// `sh_offset`.
    pub file_offset: u64,
    /// `sh_size`.
    pub size_bytes: u64,
    /// `sh_link`.
    pub link: u32,
}

pub(super) const SHT_SYMTAB: u32 = 2;
const SHT_NOBITS: u32 = 8;
const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const HEADER_BYTES_MAX: u64 = 64;

/// What the headers say; everything else is read through it.
#[derive(Debug)]
pub(super) struct ElfFile {
    pub identity: ElfIdentity,
    pub position_independent: bool,
    pub entry: u64,
    pub segments: Vec<SegmentSpan>,
    /// Address and size of the dynamic section.
    pub dynamic: Option<(Addr, u64)>,
    pub sections: Vec<Section>,
}

/// Whether `file` claims to be ELF.
pub(super) fn is_elf(file: &[u8]) -> bool {
    file.starts_with(b"\x7fELF")
}

impl ElfClass {
    /// Width of an address.
    pub fn word_size(self) -> WordSize {
        match self {
            ElfClass::Elf32 => WordSize::Four,
            ElfClass::Elf64 => WordSize::Eight,
        }
    }
}

/// The file read as one class and byte order.
struct Headers<'a> {
    file: &'a [u8],
    reader: Reader<'a>,
    class: ElfClass,
}

/// Place of a header table: `e_phoff`, `e_phentsize`, `e_phnum` and their section counterparts.
struct Table {
    offset: u64,
    entry_bytes: u64,
    count: u64,
}

impl ElfFile {
    pub fn parse(file: &[u8]) -> Result<ElfFile, ImageError> {
        let headers = Headers::identify(file)?;
        let position_independent = headers.file_type()?;
        let segments = headers.program_headers()?;
        Ok(ElfFile {
            identity: headers.identity(),
            position_independent,
            entry: headers.word(24),
            segments: segments.load,
            dynamic: segments.dynamic,
            sections: headers.sections()?,
        })
    }

    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }
}

impl<'a> Headers<'a> {
    /// Checks the identification and that the whole file header is there, so that header fields can be read freely.
    fn identify(file: &'a [u8]) -> Result<Headers<'a>, ImageError> {
        let undefined = ImageError::Foreign(ForeignFormat::ElfUndefined);
        let Some(ident) = file.get(..16) else { return Err(truncated(file, Part::ElfHeader, 16)) };
        let (class, header_bytes) = match ident[4] {
            1 => (ElfClass::Elf32, 52),
            2 => (ElfClass::Elf64, HEADER_BYTES_MAX),
            _ => return Err(undefined),
        };
        let order = match ident[5] {
            1 => ByteOrder::Little,
            2 => ByteOrder::Big,
            _ => return Err(undefined),
        };
        if ident[6] != 1 {
            return Err(undefined);
        }
        // 0 is System V, 3 is GNU/Linux; Go's linker writes 0 for linux and the system's own number elsewhere.
        if !matches!(ident[7], 0 | 3) {
            return Err(ImageError::Unsupported(Gap::OperatingSystem(ident[7])));
        }
        if (file.len() as u64) < header_bytes {
            return Err(truncated(file, Part::ElfHeader, header_bytes));
        }
        Ok(Headers { file, reader: Reader::new(file, order), class })
    }

    /// A word-sized field of the file header; `offset` as in a 64-bit header, all of whose words lie between 24 and 48.
    fn word(&self, offset64: u64) -> u64 {
        let offset = match self.class {
            ElfClass::Elf32 => 24 + (offset64 - 24) / 2,
            ElfClass::Elf64 => offset64,
        };
        self.reader.word(offset, self.class.word_size()).expect("identify checked the length of the header")
    }

    /// A 2-byte field of the file header behind its words, `offset` from the end of `e_flags`.
    fn half(&self, offset: u64) -> u64 {
        u64::from(
            self.reader
                .u16(self.flags_offset() + 4 + offset)
                .expect("identify checked the length of the header"),
        )
    }

    fn flags_offset(&self) -> u64 {
        match self.class {
            ElfClass::Elf32 => 36,
            ElfClass::Elf64 => 48,
        }
    }

    fn identity(&self) -> ElfIdentity {
        let expect = "identify checked the length of the header";
        ElfIdentity {
            machine: self.reader.u16(18).expect(expect),
            class: self.class,
            data: if self.file[5] == 1 { ByteOrder::Little } else { ByteOrder::Big },
            flags: self.reader.u32(self.flags_offset()).expect(expect),
        }
    }

    /// Whether the file is position independent; an error when it is no executable at all.
    fn file_type(&self) -> Result<bool, ImageError> {
        match self.reader.u16(16) {
            Some(1) => Err(ImageError::Foreign(ForeignFormat::ElfObject)),
            Some(2) => Ok(false),
            Some(3) => Ok(true),
            Some(4) => Err(ImageError::Foreign(ForeignFormat::ElfCore)),
            _ => Err(ImageError::Foreign(ForeignFormat::ElfUndefined)),
        }
    }

    /// Checks that a header table lies in the file and that its entries are large enough.
    fn check_table(&self, table: &Table, part: Part, least_bytes: u64) -> Result<(), ImageError> {
        if table.entry_bytes < least_bytes {
            return Err(ImageError::malformed(
                part,
                Place::File(0),
                "header entries of the size that the ELF class requires",
            ));
        }
        let end = table.entry_bytes.checked_mul(table.count).and_then(|size| table.offset.checked_add(size));
        self.check_end(part, table.offset, end)
    }

    fn check_end(&self, part: Part, offset: u64, end: Option<u64>) -> Result<(), ImageError> {
        let Some(end) = end else {
            return Err(ImageError::malformed(part, Place::File(offset), "an end inside the address space"));
        };
        if end > self.file.len() as u64 {
            return Err(truncated(self.file, part, end));
        }
        Ok(())
    }

    fn program_headers(&self) -> Result<Segments, ImageError> {
        let table = Table { offset: self.word(32), entry_bytes: self.half(2), count: self.half(4) };
        let least_bytes = if self.class == ElfClass::Elf32 { 32 } else { 56 };
        if table.count == 0 {
            return Err(ImageError::malformed(Part::ProgramHeaders, Place::File(0), "at least one segment"));
        }
        self.check_table(&table, Part::ProgramHeaders, least_bytes)?;
        let (mut segments, mut dynamic) = (Vec::new(), None);
        for index in 0..table.count {
            let header = self.program_header(table.offset + index * table.entry_bytes)?;
            match header.kind {
                PT_LOAD => segments.push(self.load_segment(&header)?),
                PT_DYNAMIC => dynamic = Some((Addr(header.address), header.file_bytes)),
                _ => {}
            }
        }
        check_disjoint(&segments)?;
        Ok(Segments { load: segments, dynamic })
    }

    fn program_header(&self, at: u64) -> Result<ProgramHeader, ImageError> {
        let fields = match self.class {
            ElfClass::Elf32 => self.program_header_at(at, [4, 8, 16, 20, 24]),
            ElfClass::Elf64 => self.program_header_at(at, [8, 16, 32, 40, 4]),
        };
        fields.ok_or_else(|| truncated(self.file, Part::ProgramHeaders, at.saturating_add(56)))
    }

    /// `fields`: places of `p_offset`, `p_vaddr`, `p_filesz`, `p_memsz`, `p_flags` in the entry at `at`.
    fn program_header_at(&self, at: u64, fields: [u64; 5]) -> Option<ProgramHeader> {
        let word = |field: u64| self.reader.word(at + field, self.class.word_size());
        Some(ProgramHeader {
            at,
            kind: self.reader.u32(at)?,
            offset: word(fields[0])?,
            address: word(fields[1])?,
            file_bytes: word(fields[2])?,
            memory_bytes: word(fields[3])?,
            flags: self.reader.u32(at + fields[4])?,
        })
    }

    fn load_segment(&self, header: &ProgramHeader) -> Result<SegmentSpan, ImageError> {
        let wrong = |expected| ImageError::malformed(Part::ProgramHeaders, Place::File(header.at), expected);
        let end = header.offset.checked_add(header.file_bytes);
        self.check_end(Part::ProgramHeaders, header.offset, end)?;
        if header.memory_bytes < header.file_bytes {
            return Err(wrong("a segment at least as large in memory as in the file"));
        }
        if header.address.checked_add(header.memory_bytes).is_none() {
            return Err(wrong("a segment that ends inside the address space"));
        }
        Ok(SegmentSpan {
            address: Addr(header.address),
            size_bytes: header.memory_bytes,
            // Both ends are at most the length of the file, which is a usize.
            backing: header.offset as usize..(header.offset + header.file_bytes) as usize,
            permissions: Permissions {
                read: header.flags & 4 != 0,
                write: header.flags & 2 != 0,
                execute: header.flags & 1 != 0,
            },
        })
    }

    /// All section headers; none when the file has been stripped of them, which a running program does not notice.
    fn sections(&self) -> Result<Vec<Section>, ImageError> {
        let table = Table { offset: self.word(40), entry_bytes: self.half(6), count: self.half(8) };
        if table.offset == 0 || table.count == 0 {
            return Ok(Vec::new());
        }
        let least_bytes = if self.class == ElfClass::Elf32 { 40 } else { 64 };
        self.check_table(&table, Part::SectionHeaders, least_bytes)?;
        let mut raw = Vec::with_capacity(table.count as usize);
        for index in 0..table.count {
            let at = table.offset + index * table.entry_bytes;
            let header =
                self.section_header(at).ok_or_else(|| truncated(self.file, Part::SectionHeaders, at + 64))?;
            if header.1.kind != SHT_NOBITS {
                let end = header.1.file_offset.checked_add(header.1.size_bytes);
                self.check_end(Part::SectionHeaders, at, end)?;
            }
            raw.push(header);
        }
        let names =
            raw.get(self.half(10) as usize).map(|(_, section)| (section.file_offset, section.size_bytes));
        let names = names.and_then(|(offset, len)| self.reader.slice(offset, len)).unwrap_or(&[]);
        Ok(raw
            .into_iter()
            .map(|(name, section)| Section { name: section_name(names, name), ..section })
            .collect())
    }

    fn section_header(&self, at: u64) -> Option<(u32, Section)> {
        let word_size = self.class.word_size();
        let word = |index: u64| self.reader.word(at + 8 + index * word_size.bytes(), word_size);
        let section = Section {
            name: String::new(),
            kind: self.reader.u32(at + 4)?,
            address: Addr(word(1)?),
            file_offset: word(2)?,
            size_bytes: word(3)?,
            link: self.reader.u32(at + 8 + 4 * word_size.bytes())?,
        };
        Some((self.reader.u32(at)?, section))
    }
}

/// The segments to be loaded, and address and size of the dynamic section.
struct Segments {
    load: Vec<SegmentSpan>,
    dynamic: Option<(Addr, u64)>,
}

struct ProgramHeader {
    at: u64,
    kind: u32,
    offset: u64,
    address: u64,
    file_bytes: u64,
    memory_bytes: u64,
    flags: u32,
}

/// Names longer than any real one are cut, so that many headers cannot share one huge name.
fn section_name(names: &[u8], offset: u32) -> String {
    const LONGEST: usize = 256;
    let tail = names.get(offset as usize..).unwrap_or(&[]);
    let name = until_nul(tail).unwrap_or(&[]);
    String::from_utf8_lossy(&name[..name.len().min(LONGEST)]).into_owned()
}

/// Segments must not overlap: an address would then have two contents.
fn check_disjoint(segments: &[SegmentSpan]) -> Result<(), ImageError> {
    let mut ranges: Vec<_> =
        segments.iter().map(|span| (span.address.0, span.address.0 + span.size_bytes)).collect();
    ranges.sort_unstable();
    match ranges.windows(2).find(|pair| pair[0].1 > pair[1].0) {
        Some(pair) => {
            Err(ImageError::at(Part::ProgramHeaders, Addr(pair[1].0), "segments that do not overlap"))
        }
        None => Ok(()),
    }
}

pub(super) fn truncated(file: &[u8], part: Part, needed_bytes: u64) -> ImageError {
    ImageError::Truncated { part, needed_bytes, file_bytes: file.len() as u64 }
}
