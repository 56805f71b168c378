//! Real Go programs: what an ELF executable or a wasm module of Go holds that is needed to run and unwind its code.
//!
//! Owns: reading the file, and the one model of it, [`Image`]. It takes what Go 1.18 to 1.27 link for linux on every
//! architecture (32 and 64 bit, both byte orders, position independent or not, stripped or not, linked by Go or by the system's
//! linker) and for wasm (`js` and `wasip1`). It must not know instructions, registers, or any architecture by name: it hands out
//! the [`ElfIdentity`], and each architecture says which is its own. It runs nothing and knows no workload.
//!
//! Start reading at [`Image::parse`], which goes through the parts in order:
//!
//! | file | idea |
//! |---|---|
//! | `bytes.rs`, `memory.rs` | bounded reads; segments, addresses ([`Addr`]) and program counters ([`Pc`]) |
//! | `elf.rs`, `relocations.rs`, `symbols.rs`, `wasm.rs` | the containers, in their own terms |
//! | `buildinfo.rs`, `version.rs` | which Go built it |
//! | `pclntab.rs`, `moduledata.rs`, `text.rs` | Go's function table, the linker's record, text offsets |
//! | `function.rs` | one function; then `pcvalue.rs`, `funcdata.rs`, `inline.rs`, `gcprog.rs` decode what hangs on it |
//! | `error.rs` | what can be wrong, where, and what to do about it |
//!
//! Parsing reads headers only. Functions, symbols and tables are decoded when asked for, each with its own error, so damage in
//! one does not hide the others. Nothing is allocated that the length of the file does not bound.

mod buildinfo;
mod bytes;
mod elf;
mod error;
mod funcdata;
mod function;
mod gcprog;
mod inline;
mod memory;
mod moduledata;
mod pclntab;
mod pcvalue;
mod relocations;
mod symbols;
mod text;
mod version;
mod wasm;

pub use bytes::{ByteOrder, WordSize};
pub use elf::{ElfClass, ElfIdentity, ElfPlacement, Section};
pub use error::{ForeignFormat, Gap, ImageError, Part, Place};
pub use funcdata::{FuncData, PcData, StackMaps, StackObject};
pub use function::{ArgsSize, Function, FunctionFlags, FunctionIndex, FunctionKind};
pub use gcprog::{MASK_LIMIT_WORDS, PointerMask};
pub use inline::{SourceFrame, SourceLine};
pub use memory::{Addr, Memory, Pc, Permissions, Segment};
pub use moduledata::{AddrRange, ModuleData, TextSection};
pub use pcvalue::{PcRun, PcRuns, PcValues};
pub use relocations::Relocation;
pub use symbols::{Abi, Symbol, SymbolKind};
pub use version::{GoRelease, GoVersion, SUPPORTED_MINORS};
pub use wasm::{
    FuncType, ValType, WasmElements, WasmFunction, WasmFunctionIndex, WasmGlobal, WasmImport, WasmModule,
};

use buildinfo::BuildInfo;
use elf::ElfFile;
use pclntab::{Found, FunctionTable};
use relocations::Relocations;
use std::path::Path;
use std::sync::OnceLock;
use symbols::{SymbolSource, SymbolTable};
use text::TextUnit;

/// The largest page size that Go's linker aligns segments to.
pub const BASE_ALIGNMENT_BYTES: u64 = 64 << 10;

/// Choices of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageOptions {
    /// Where a position-independent executable is placed: added to every address of its file. A multiple of
    /// [`BASE_ALIGNMENT_BYTES`], because code computes addresses by pages. Others stay where they are.
    pub base: u64,
}

impl Default for ImageOptions {
    /// 1 GiB: clear of the zero page and inside a 32-bit address space.
    fn default() -> ImageOptions {
        ImageOptions { base: 0x4000_0000 }
    }
}

/// What is particular to an ELF image.
#[derive(Debug)]
pub struct ElfImage {
    identity: ElfIdentity,
    placement: ElfPlacement,
    sections: Vec<Section>,
    unapplied: Vec<Relocation>,
    symbols: SymbolSource,
}

/// The kind of file that an image came from.
pub enum Container {
    /// An ELF executable.
    Elf(ElfImage),
    /// A wasm module.
    Wasm(WasmModule),
}

/// A Go program as its file describes it. All addresses are final: the base of a position-independent one is in them.
pub struct Image {
    container: Container,
    memory: Memory,
    release: GoRelease,
    table: FunctionTable,
    module: ModuleData,
    text_unit: TextUnit,
    entry: Option<Pc>,
    symbols: OnceLock<SymbolTable>,
    by_name: OnceLock<Vec<FunctionIndex>>,
    wrapper_id: OnceLock<Option<u8>>,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image of {} with {} functions", self.release, self.table.function_count)
    }
}

impl ElfImage {
    /// The facts by which an architecture knows its own images.
    pub fn identity(&self) -> ElfIdentity {
        self.identity
    }

    /// Whether the image was moved, and by how much.
    pub fn placement(&self) -> ElfPlacement {
        self.placement
    }

    /// The section headers; empty when they were stripped.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Dynamic relocations that need more than the base: symbols of shared libraries, thread-local storage, code to run.
    pub fn unapplied_relocations(&self) -> &[Relocation] {
        &self.unapplied
    }

    fn base(&self) -> u64 {
        match self.placement {
            ElfPlacement::Fixed => 0,
            ElfPlacement::PositionIndependent { base } => base,
        }
    }
}

impl Image {
    /// Reads and parses a file, with the default options.
    ///
    /// # Errors
    /// [`ImageError::Unreadable`], and those of [`Image::parse`].
    pub fn load(path: &Path) -> Result<Image, ImageError> {
        let file =
            std::fs::read(path).map_err(|cause| ImageError::Unreadable { path: path.to_owned(), cause })?;
        Image::parse(file, ImageOptions::default())
    }

    /// Parses the bytes of a file.
    ///
    /// # Errors
    /// Any [`ImageError`] but [`ImageError::Unreadable`]: the class says whose fault it is, [`ImageError::place`] where it is.
    pub fn parse(file: impl Into<Vec<u8>>, options: ImageOptions) -> Result<Image, ImageError> {
        let file = file.into();
        if elf::is_elf(&file) {
            Image::parse_elf(file, options)
        } else if wasm::is_wasm(&file) {
            Image::parse_wasm(file)
        } else {
            Err(ImageError::Foreign(foreign_format(&file)))
        }
    }

    fn parse_elf(file: Vec<u8>, options: ImageOptions) -> Result<Image, ImageError> {
        let elf = ElfFile::parse(&file)?;
        if !options.base.is_multiple_of(BASE_ALIGNMENT_BYTES) {
            let expected = "a base that is a multiple of 64 KiB";
            return Err(ImageError::malformed(
                Part::ProgramHeaders,
                Place::Memory(Addr(options.base)),
                expected,
            ));
        }
        let word = elf.identity.class.word_size();
        let mut memory = Memory::new(file, elf.segments.clone(), elf.identity.data, word);
        let hint = elf.section(".go.buildinfo").map(|section| section.address);
        let stated = supported(buildinfo::find(&memory, hint))?;
        let hints = [".gopclntab", ".data.rel.ro.gopclntab"];
        let hints: Vec<Addr> =
            hints.iter().filter_map(|name| elf.section(name)).map(|section| section.address).collect();
        let mut table = found(pclntab::find(&memory, &hints)?)?;
        let relocations = Relocations::read(&elf, &memory)?;
        let (placement, unapplied, entry) = if elf.position_independent {
            let unapplied = relocations.apply(&mut memory, table.address, options.base)?;
            table.rebase(options.base);
            let placement = ElfPlacement::PositionIndependent { base: options.base };
            (placement, unapplied, elf.entry.wrapping_add(options.base))
        } else {
            (ElfPlacement::Fixed, relocations.unapplied(), elf.entry)
        };
        let container = Container::Elf(ElfImage {
            identity: elf.identity,
            placement,
            symbols: SymbolSource::find(&elf)?,
            sections: elf.sections,
            unapplied,
        });
        Image::assemble(container, memory, table, stated, Some(Pc(entry)))
    }

    fn parse_wasm(file: Vec<u8>) -> Result<Image, ImageError> {
        let (module, memory) = WasmModule::parse(file)?;
        let stated = module.toolchain().and_then(GoVersion::parse);
        let stated = supported(stated.map_or(BuildInfo::Absent, BuildInfo::Version))?;
        let table = found(pclntab::find(&memory, &[])?)?;
        let start = module.exports().find(|(name, _)| matches!(*name, "run" | "_start"));
        let entry = start.and_then(|(_, index)| module.pc_of_function(index));
        Image::assemble(Container::Wasm(module), memory, table, stated, entry)
    }

    fn assemble(
        container: Container,
        memory: Memory,
        table: FunctionTable,
        stated: Option<GoVersion>,
        entry: Option<Pc>,
    ) -> Result<Image, ImageError> {
        let (module, fitting) = moduledata::find(&memory, &table, stated.as_ref().map(GoVersion::minor))?;
        let release = moduledata::release(stated, fitting);
        let text_unit = match &container {
            Container::Wasm(_) if release.minor() >= FIRST_MINOR_WITH_WASM_FUNCTION_OFFSETS => {
                TextUnit::WasmFunction
            }
            Container::Wasm(_) => TextUnit::WasmPc,
            Container::Elf(_) => TextUnit::Bytes,
        };
        Ok(Image {
            container,
            memory,
            release,
            table,
            module,
            text_unit,
            entry,
            symbols: OnceLock::new(),
            by_name: OnceLock::new(),
            wrapper_id: OnceLock::new(),
        })
    }

    /// The kind of file, with what is particular to it.
    pub fn container(&self) -> &Container {
        &self.container
    }

    /// The facts by which an architecture knows its own images; `None` for wasm.
    pub fn elf_identity(&self) -> Option<ElfIdentity> {
        match &self.container {
            Container::Elf(elf) => Some(elf.identity),
            Container::Wasm(_) => None,
        }
    }

    /// The wasm module, if it is one.
    pub fn wasm(&self) -> Option<&WasmModule> {
        match &self.container {
            Container::Elf(_) => None,
            Container::Wasm(module) => Some(module),
        }
    }

    /// Which Go built it.
    pub fn go_release(&self) -> &GoRelease {
        &self.release
    }

    /// Segments and their initial content, relocations applied.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// What the linker recorded in `runtime.moduledata`.
    pub fn module_data(&self) -> &ModuleData {
        &self.module
    }

    /// Where the program starts: `e_entry`; in wasm the function exported as `run` (js) or `_start` (wasip1).
    pub fn entry(&self) -> Option<Pc> {
        self.entry
    }

    /// Smallest instruction size, the unit of PC-value tables, in bytes.
    pub fn pc_quantum(&self) -> u32 {
        self.table.pc_quantum
    }

    /// How many functions there are.
    pub fn function_count(&self) -> u32 {
        self.table.function_count
    }

    /// Function number `index`.
    ///
    /// # Errors
    /// When its record is damaged, or there is no such function.
    pub fn function(&self, index: FunctionIndex) -> Result<Function<'_>, ImageError> {
        Function::read(self, index)
    }

    /// All functions in order of address.
    pub fn functions(&self) -> impl Iterator<Item = Result<Function<'_>, ImageError>> {
        (0..self.table.function_count).map(|index| self.function(FunctionIndex(index)))
    }

    /// The function that holds `pc`; `None` outside Go's text.
    ///
    /// # Errors
    /// When its record is damaged.
    pub fn function_at(&self, pc: Pc) -> Result<Option<Function<'_>>, ImageError> {
        let Some(offset) = self.text_unit.offset(&self.module, pc) else { return Ok(None) };
        let (mut low, mut high) = (0, self.table.function_count);
        while low < high {
            let middle = low + (high - low) / 2;
            let starts_later =
                self.table.entry_offset(&self.memory, middle).is_none_or(|entry| entry > offset);
            (low, high) = if starts_later { (low, middle) } else { (middle + 1, high) };
        }
        let Some(index) = low.checked_sub(1) else { return Ok(None) };
        let function = self.function(FunctionIndex(index))?;
        Ok(function.contains(pc).then_some(function))
    }

    /// Every function with this name in the function table, in order of address: none, one, the two entries of a function
    /// under both ABIs, or the instances of a generic function (`[...]`).
    pub fn functions_named(&self, name: &str) -> Vec<Function<'_>> {
        let by_name = self.by_name();
        let name_of = |index: FunctionIndex| self.function(index).map_or("", |function| function.name());
        let first = by_name.partition_point(|&index| name_of(index) < name);
        let all = by_name[first..].iter().map_while(|&index| self.function(index).ok());
        all.take_while(|function| function.name() == name).collect()
    }

    /// Whether there is a symbol table.
    pub fn has_symbols(&self) -> bool {
        matches!(&self.container, Container::Elf(elf) if !elf.symbols.is_empty())
    }

    /// The symbols in order of address; none when the image was stripped, or is wasm (whose names are in [`WasmModule::name`]).
    pub fn symbols(&self) -> impl Iterator<Item = Symbol<'_>> {
        self.symbol_table().iter(self.memory.backing())
    }

    /// The symbols at exactly this address.
    pub fn symbols_at(&self, address: Addr) -> impl Iterator<Item = Symbol<'_>> {
        self.symbol_table().at(self.memory.backing(), address)
    }

    /// The symbol of this name, ABI ending included.
    pub fn symbol_named(&self, name: &str) -> Option<Symbol<'_>> {
        self.symbol_table().named(self.memory.backing(), name)
    }

    /// Which words of `data` hold pointers.
    ///
    /// # Errors
    /// When the program for it is damaged or the mask too long.
    pub fn data_pointers(&self) -> Result<PointerMask, ImageError> {
        self.module_mask(self.module.gcdata, self.module.data)
    }

    /// Which words of `bss` hold pointers.
    ///
    /// # Errors
    /// When the program for it is damaged or the mask too long.
    pub fn bss_pointers(&self) -> Result<PointerMask, ImageError> {
        self.module_mask(self.module.gcbss, self.module.bss)
    }

    fn module_mask(&self, program: Addr, range: AddrRange) -> Result<PointerMask, ImageError> {
        let words = range.size_bytes() / self.memory.word_size().bytes();
        gcprog::run(self.memory.tail(program), program, words)
    }

    fn symbol_table(&self) -> &SymbolTable {
        self.symbols.get_or_init(|| match &self.container {
            Container::Elf(elf) => elf.symbols.read(self.memory.backing(), elf.identity, elf.base()),
            Container::Wasm(_) => SymbolTable::default(),
        })
    }

    /// First PC of a function and first PC behind it.
    fn bounds(&self, index: FunctionIndex) -> Option<(Pc, Pc)> {
        if index.0 >= self.table.function_count {
            return None;
        }
        let start = self.table.entry_offset(&self.memory, index.0)?;
        let end = self.table.entry_offset(&self.memory, index.0 + 1)?;
        Some((self.text_unit.pc(&self.module, start)?, self.text_unit.end_pc(&self.module, start, end)?))
    }

    /// Functions with readable records, by name and then address.
    fn by_name(&self) -> &[FunctionIndex] {
        self.by_name.get_or_init(|| {
            let readable = self.functions().flatten();
            let mut named: Vec<(&str, FunctionIndex)> =
                readable.map(|function| (function.name(), function.index())).collect();
            named.sort_unstable();
            named.into_iter().map(|(_, index)| index).collect()
        })
    }

    /// The number of wrappers in this release. It moved when others were added; `runtime.deferreturn` always has it.
    fn wrapper_id(&self) -> Option<u8> {
        *self
            .wrapper_id
            .get_or_init(|| self.functions_named("runtime.deferreturn").first().map(Function::raw_id))
    }

    fn abi_of(&self, function: &Function<'_>) -> Abi {
        if self.has_symbols() { self.abi_by_symbols(function) } else { self.abi_by_siblings(function) }
    }

    /// The linker ends the name of one of two entries, so the other is known too.
    fn abi_by_symbols(&self, function: &Function<'_>) -> Abi {
        let own =
            self.symbols_at(Addr(function.entry().0)).find(|symbol| symbol.split_abi().0 == function.name());
        let Some(own) = own else { return Abi::Unstated };
        match own.split_abi() {
            (_, Some(abi)) => abi,
            (name, None) if self.symbol_named(&format!("{name}.abi0")).is_some() => Abi::Internal,
            (_, None) => Abi::Unstated,
        }
    }

    /// Of two entries with one name the compiler generated one to wrap the other. Assembly is written for ABI0, so what wraps
    /// it is ABIInternal; what wraps a Go function is ABI0.
    fn abi_by_siblings(&self, function: &Function<'_>) -> Abi {
        let siblings = self.functions_named(function.name());
        let [a, b] = siblings.as_slice() else { return Abi::Unstated };
        let other = if a.index() == function.index() { b } else { a };
        let (real, own_is_real) = match (function.is_generated(), other.is_generated()) {
            (true, false) => (other, false),
            (false, true) => (function, true),
            (true, true) | (false, false) => return Abi::Unstated,
        };
        if real.flags().assembly == own_is_real { Abi::Abi0 } else { Abi::Internal }
    }
}

/// Go 1.25 changed the function index of wasm images (`cmd/link/internal/ld/pcln.go`, textOff).
const FIRST_MINOR_WITH_WASM_FUNCTION_OFFSETS: u16 = 25;

/// The stated version, if it is one that this loader knows.
fn supported(info: BuildInfo) -> Result<Option<GoVersion>, ImageError> {
    match info {
        BuildInfo::Absent => Ok(None),
        BuildInfo::Old => Err(ImageError::UnsupportedGoVersion { version: "Go 1.17 or older".to_owned() }),
        BuildInfo::Version(version) if SUPPORTED_MINORS.contains(&version.minor()) => Ok(Some(version)),
        BuildInfo::Version(version) => {
            Err(ImageError::UnsupportedGoVersion { version: version.text().to_owned() })
        }
    }
}

fn found(found: Found) -> Result<FunctionTable, ImageError> {
    match found {
        Found::Table(table) => Ok(table),
        Found::Old(which) => Err(ImageError::UnsupportedGoVersion { version: which.to_owned() }),
        Found::Nothing => Err(ImageError::NotGo),
    }
}

fn foreign_format(file: &[u8]) -> ForeignFormat {
    const MACH_O: [[u8; 4]; 5] = [
        [0xfe, 0xed, 0xfa, 0xce],
        [0xfe, 0xed, 0xfa, 0xcf],
        [0xce, 0xfa, 0xed, 0xfe],
        [0xcf, 0xfa, 0xed, 0xfe],
        [0xca, 0xfe, 0xba, 0xbe],
    ];
    match file {
        [] => ForeignFormat::Empty,
        [b'M', b'Z', ..] => ForeignFormat::Pe,
        [b'#', b'!', ..] => ForeignFormat::Script,
        _ if file.starts_with(b"!<arch>\n") => ForeignFormat::Archive,
        _ if MACH_O.iter().any(|magic| file.starts_with(magic)) => ForeignFormat::MachO,
        _ => ForeignFormat::Unknown,
    }
}
