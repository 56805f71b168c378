//! What can be wrong with an image: one closed type, with the place and the remedy.
//!
//! Owns: the classes of failure that a caller must tell apart. Knows nothing of how they are shown: a front end renders
//! [`ImageError::place`], the [`std::fmt::Display`] text and [`ImageError::remedy`] as it likes.

use super::memory::Addr;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// A part of an image, as its format calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The ELF file header.
    ElfHeader,
    /// The ELF program headers and the segments that they describe.
    ProgramHeaders,
    /// The ELF section headers.
    SectionHeaders,
    /// The ELF symbol table and its strings.
    SymbolTable,
    /// The ELF dynamic section and its relocations.
    DynamicRelocations,
    /// A section of a wasm module.
    WasmModule,
    /// Go's build information (`.go.buildinfo`).
    BuildInfo,
    /// Header and function index of Go's function table (`.gopclntab`).
    FunctionTable,
    /// One function's record in the function table.
    FunctionRecord,
    /// A table that maps PCs to values (SP delta, line, PCDATA).
    PcValueTable,
    /// The linker's `runtime.moduledata` record.
    ModuleData,
    /// A function's argument or local pointer maps.
    StackMaps,
    /// A function's stack object records.
    StackObjects,
    /// A function's inlining tree.
    InlineTree,
    /// A pointer mask or the program that produces one.
    PointerMask,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::ElfHeader => "ELF header",
            Part::ProgramHeaders => "ELF program headers",
            Part::SectionHeaders => "ELF section headers",
            Part::SymbolTable => "ELF symbol table",
            Part::DynamicRelocations => "dynamic relocations",
            Part::WasmModule => "wasm module",
            Part::BuildInfo => "Go build information",
            Part::FunctionTable => "Go function table (pclntab)",
            Part::FunctionRecord => "function record of the Go function table",
            Part::PcValueTable => "PC-value table",
            Part::ModuleData => "runtime.moduledata",
            Part::StackMaps => "stack pointer maps",
            Part::StackObjects => "stack object records",
            Part::InlineTree => "inlining tree",
            Part::PointerMask => "pointer mask",
        })
    }
}

/// Where in the image something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Byte offset in the file.
    File(u64),
    /// Address in the image's memory.
    Memory(Addr),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File(offset) => write!(f, "file offset {offset:#x}"),
            Place::Memory(address) => write!(f, "address {address}"),
        }
    }
}

/// A format that this loader recognises only in order to say that it is not the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignFormat {
    /// The file has no bytes.
    Empty,
    /// A Mach-O file (macOS).
    MachO,
    /// A PE file (Windows).
    Pe,
    /// A script (`#!`).
    Script,
    /// An `ar` archive, such as a compiled Go package.
    Archive,
    /// An ELF relocatable object, not linked.
    ElfObject,
    /// An ELF core dump.
    ElfCore,
    /// An ELF file of a class, data encoding, version or type that the ELF specification does not define.
    ElfUndefined,
    /// A WebAssembly component or a version other than 1.
    WasmOther,
    /// None of the above.
    Unknown,
}

impl fmt::Display for ForeignFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ForeignFormat::Empty => "an empty file",
            ForeignFormat::MachO => "a Mach-O file",
            ForeignFormat::Pe => "a PE (Windows) file",
            ForeignFormat::Script => "a script",
            ForeignFormat::Archive => "an ar archive",
            ForeignFormat::ElfObject => "an ELF object file that is not linked",
            ForeignFormat::ElfCore => "an ELF core dump",
            ForeignFormat::ElfUndefined => "an ELF file of an undefined class, encoding, version or type",
            ForeignFormat::WasmOther => "a WebAssembly component or a version other than 1",
            ForeignFormat::Unknown => "neither ELF nor WebAssembly",
        })
    }
}

/// Something that is valid but that this loader does not handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// An ELF executable for another operating system: its `EI_OSABI`.
    OperatingSystem(u8),
    /// A position-independent executable without base-relative relocations for its Go tables.
    PieWithoutRelativeRelocations,
    /// A wasm module with more than one memory, or with a memory of 64-bit addresses.
    WasmMemory,
    /// A wasm data segment whose place is not a constant.
    WasmDynamicData,
    /// A pointer mask of more words than [`super::MASK_LIMIT_WORDS`].
    PointerMaskSize,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gap::OperatingSystem(abi) => {
                write!(f, "an executable for an operating system other than linux (EI_OSABI {abi})")
            }
            Gap::PieWithoutRelativeRelocations => f.write_str(
                "a position-independent executable without base-relative relocations for its Go tables",
            ),
            Gap::WasmMemory => f.write_str("a wasm module with several memories or a 64-bit memory"),
            Gap::WasmDynamicData => f.write_str("a wasm data segment at an address that is not constant"),
            Gap::PointerMaskSize => f.write_str("a pointer mask of this size"),
        }
    }
}

/// Why an image cannot be loaded, or a table of it not be decoded.
#[derive(Debug)]
pub enum ImageError {
    /// The file cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The file ends before something that its headers announce.
    Truncated {
        /// What is cut off.
        part: Part,
        /// The file offset at which that part should end.
        needed_bytes: u64,
        /// The length of the file.
        file_bytes: u64,
    },
    /// The file is of another kind.
    Foreign(ForeignFormat),
    /// A well-formed executable or module that Go did not build.
    NotGo,
    /// Go built it, with a toolchain whose tables this loader does not know.
    UnsupportedGoVersion {
        /// The version as the image states it, or what its tables say about it.
        version: String,
    },
    /// Valid, but not handled here.
    Unsupported(Gap),
    /// The image contradicts itself or its format.
    Malformed {
        /// What is wrong.
        part: Part,
        /// Where.
        place: Place,
        /// What was expected there.
        expected: &'static str,
    },
}

impl ImageError {
    pub(super) fn malformed(part: Part, place: Place, expected: &'static str) -> ImageError {
        ImageError::Malformed { part, place, expected }
    }

    pub(super) fn at(part: Part, address: Addr, expected: &'static str) -> ImageError {
        ImageError::malformed(part, Place::Memory(address), expected)
    }

    /// Where in the image, if the error has a place.
    pub fn place(&self) -> Option<Place> {
        match self {
            ImageError::Malformed { place, .. } => Some(*place),
            ImageError::Truncated { file_bytes, .. } => Some(Place::File(*file_bytes)),
            ImageError::Unreadable { .. }
            | ImageError::Foreign(_)
            | ImageError::NotGo
            | ImageError::UnsupportedGoVersion { .. }
            | ImageError::Unsupported(_) => None,
        }
    }

    /// Whether this is a gap of the loader rather than a fault of the input.
    pub fn is_unsupported(&self) -> bool {
        matches!(self, ImageError::Unsupported(_) | ImageError::UnsupportedGoVersion { .. })
    }

    /// What the user can do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            ImageError::Unreadable { .. } => "check that the file exists and that you may read it",
            ImageError::Truncated { .. } => {
                "build or copy the file again; its length is not what its headers say"
            }
            ImageError::Foreign(ForeignFormat::MachO | ForeignFormat::Pe) => {
                "build with GOOS=linux, or with GOOS=js GOARCH=wasm"
            }
            ImageError::Foreign(ForeignFormat::Archive | ForeignFormat::ElfObject) => {
                "give the linked program that `go build` writes for a main package"
            }
            ImageError::Foreign(_) => "give a Go executable for linux, or a Go wasm module",
            ImageError::NotGo => "give a program that Go built and whose .gopclntab was not removed",
            ImageError::UnsupportedGoVersion { .. } => "build with Go 1.18 to 1.27",
            ImageError::Unsupported(Gap::OperatingSystem(_)) => "build with GOOS=linux",
            ImageError::Unsupported(Gap::PieWithoutRelativeRelocations) => "build with -buildmode=exe",
            ImageError::Unsupported(Gap::WasmMemory | Gap::WasmDynamicData) => {
                "give the module as the Go linker wrote it"
            }
            ImageError::Unsupported(Gap::PointerMaskSize) => "make the program's global variables smaller",
            ImageError::Malformed { .. } => "build the file again; it is damaged or was edited",
        }
    }
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImageError::Unreadable { path, cause } => write!(f, "cannot read {}: {cause}", path.display()),
            ImageError::Truncated { part, needed_bytes, file_bytes } => {
                write!(
                    f,
                    "truncated: the {part} need {needed_bytes} bytes of the file, which has {file_bytes}"
                )
            }
            ImageError::Foreign(found) => write!(f, "not a linux executable or wasm module, but {found}"),
            ImageError::NotGo => f.write_str("not built by Go: it has no Go function table"),
            ImageError::UnsupportedGoVersion { version } => {
                write!(f, "built by {version}, whose tables are not supported")
            }
            ImageError::Unsupported(gap) => write!(f, "not supported: {gap}"),
            ImageError::Malformed { part, place, expected } => {
                write!(f, "{part} at {place}: expected {expected}")
            }
        }
    }
}

impl std::error::Error for ImageError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ImageError::Unreadable { cause, .. } => Some(cause),
            ImageError::Truncated { .. }
            | ImageError::Foreign(_)
            | ImageError::NotGo
            | ImageError::UnsupportedGoVersion { .. }
            | ImageError::Unsupported(_)
            | ImageError::Malformed { .. } => None,
        }
    }
}
