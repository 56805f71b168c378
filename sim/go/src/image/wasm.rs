//! The WebAssembly container: sections, function bodies, initial linear memory, names.
//!
//! Owns: what a module file says, in the module's own terms. Knows of Go only the two facts by which its linker ties PCs to
//! functions (`cmd/link/internal/wasm`): `PC = (0x1000 + index among the module's own functions) << 16 | resume point`.
//! Start reading at [`WasmModule`].

use super::bytes::{ByteOrder, WordSize, varint32};
use super::error::{ForeignFormat, Gap, ImageError, Part, Place};
use super::memory::{Addr, Memory, Pc, Permissions, SegmentSpan};
use std::ops::Range;
use wasmparser::{
    CompositeInnerType, Data, DataKind, ElementItems, ElementKind, ExternalKind, KnownCustom, Name, Operator,
    Parser, Payload, TypeRef,
};

pub use wasmparser::{FuncType, ValType};

/// What Go's linker adds to a function's index to form `PC_F`, so that PCs do not look like small addresses.
const PC_F_OFFSET: u64 = 0x1000;
const PAGE_BYTES: u64 = 64 << 10;

/// Index in the module's function index space: imports first, then the module's own functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WasmFunctionIndex(pub u32);

/// A function that the host provides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasmImport {
    /// Module name: `gojs`, `go` or `wasi_snapshot_preview1`.
    pub module: String,
    /// Name in that module.
    pub name: String,
    /// Index into the types.
    pub type_index: u32,
}

/// A function with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasmFunction {
    /// Index into the types.
    pub type_index: u32,
    /// The body in the file: its locals and its operators, without the size before them.
    pub body: Range<usize>,
}

/// A global variable: Go keeps its few registers there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WasmGlobal {
    /// The type of its value.
    pub value_type: ValType,
    /// Whether it can be set.
    pub mutable: bool,
    /// The constant that it starts with, as the bits of its type.
    pub initial_bits: u64,
}

/// A stretch of a table that the module fills with functions at its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasmElements {
    /// Index of the table.
    pub table: u32,
    /// First element to be set.
    pub offset: u32,
    /// The functions.
    pub functions: Vec<WasmFunctionIndex>,
}

/// A module as its file describes it.
pub struct WasmModule {
    file: Vec<u8>,
    types: Vec<FuncType>,
    imports: Vec<WasmImport>,
    function_types: Vec<u32>,
    functions: Vec<WasmFunction>,
    exports: Vec<(String, WasmFunctionIndex)>,
    globals: Vec<WasmGlobal>,
    tables: Vec<u64>,
    elements: Vec<WasmElements>,
    names: Vec<(u32, Range<usize>)>,
    toolchain: Option<String>,
    memory_pages: Option<u64>,
    data: Vec<(u32, Range<usize>)>,
}

/// Whether `file` claims to be WebAssembly.
pub(super) fn is_wasm(file: &[u8]) -> bool {
    file.starts_with(b"\0asm")
}

impl WasmModule {
    /// Reads a module and lays out its initial memory.
    pub(super) fn parse(file: Vec<u8>) -> Result<(WasmModule, Memory), ImageError> {
        check_sections(&file)?;
        let mut module = WasmModule::empty();
        for payload in Parser::new(0).parse_all(&file) {
            module.take(&file, payload.map_err(damaged)?)?;
        }
        if module.functions.len() != module.function_types.len() {
            return Err(wrong(0, "as many function bodies as declared functions"));
        }
        let memory = module.initial_memory(&file)?;
        module.file = file;
        Ok((module, memory))
    }

    fn empty() -> WasmModule {
        WasmModule {
            file: Vec::new(),
            types: Vec::new(),
            imports: Vec::new(),
            function_types: Vec::new(),
            functions: Vec::new(),
            exports: Vec::new(),
            globals: Vec::new(),
            tables: Vec::new(),
            elements: Vec::new(),
            names: Vec::new(),
            toolchain: None,
            memory_pages: None,
            data: Vec::new(),
        }
    }

    /// The file.
    pub fn file(&self) -> &[u8] {
        &self.file
    }

    /// The function types.
    pub fn types(&self) -> &[FuncType] {
        &self.types
    }

    /// The imported functions; they have the first indices.
    pub fn imports(&self) -> &[WasmImport] {
        &self.imports
    }

    /// The module's own functions; the first has index `imports().len()`.
    pub fn functions(&self) -> &[WasmFunction] {
        &self.functions
    }

    /// The exported functions.
    pub fn exports(&self) -> impl Iterator<Item = (&str, WasmFunctionIndex)> {
        self.exports.iter().map(|(name, index)| (name.as_str(), *index))
    }

    /// The globals.
    pub fn globals(&self) -> &[WasmGlobal] {
        &self.globals
    }

    /// Initial number of elements of each table.
    pub fn tables(&self) -> &[u64] {
        &self.tables
    }

    /// What the tables are filled with.
    pub fn elements(&self) -> &[WasmElements] {
        &self.elements
    }

    /// The body of one of the module's own functions; `None` for imports and beyond.
    pub fn function(&self, index: WasmFunctionIndex) -> Option<&WasmFunction> {
        self.functions.get((index.0 as usize).checked_sub(self.imports.len())?)
    }

    /// The bytes of a function's body: locals and operators.
    pub fn body(&self, function: &WasmFunction) -> &[u8] {
        &self.file[function.body.clone()]
    }

    /// The name that the name section gives; Go's linker replaces everything but letters, digits, `_` and `.` by `_`, and
    /// leaves the section out under `-s`.
    pub fn name(&self, index: WasmFunctionIndex) -> Option<&str> {
        let at = self.names.binary_search_by_key(&index.0, |(index, _)| *index).ok()?;
        std::str::from_utf8(&self.file[self.names[at].1.clone()]).ok()
    }

    /// The function that a PC belongs to.
    pub fn function_of_pc(&self, pc: Pc) -> Option<WasmFunctionIndex> {
        let own = u32::try_from((pc.0 >> 16).checked_sub(PC_F_OFFSET)?).ok()?;
        let index = own.checked_add(u32::try_from(self.imports.len()).ok()?)?;
        ((own as usize) < self.functions.len()).then_some(WasmFunctionIndex(index))
    }

    /// The PC of a function's entry; `None` for imports and beyond.
    pub fn pc_of_function(&self, index: WasmFunctionIndex) -> Option<Pc> {
        let own = (index.0 as usize).checked_sub(self.imports.len())?;
        (own < self.functions.len()).then(|| Pc((PC_F_OFFSET + own as u64) << 16))
    }

    /// The version of the Go toolchain that the producers section names.
    pub(super) fn toolchain(&self) -> Option<&str> {
        self.toolchain.as_deref()
    }

    fn take(&mut self, file: &[u8], payload: Payload<'_>) -> Result<(), ImageError> {
        match payload {
            Payload::TypeSection(reader) => {
                for group in reader {
                    self.types.extend(group.map_err(damaged)?.into_types().map(|sub| {
                        match sub.composite_type.inner {
                            CompositeInnerType::Func(signature) => signature,
                            _ => FuncType::new([], []),
                        }
                    }));
                }
            }
            Payload::ImportSection(reader) => self.take_imports(reader)?,
            Payload::FunctionSection(reader) => {
                for function_type in reader {
                    self.function_types.push(function_type.map_err(damaged)?);
                }
            }
            Payload::TableSection(reader) => {
                for table in reader {
                    self.tables.push(table.map_err(damaged)?.ty.initial);
                }
            }
            Payload::MemorySection(reader) => {
                for memory in reader {
                    let memory = memory.map_err(damaged)?;
                    if memory.memory64 || self.memory_pages.is_some() || memory.page_size_log2.is_some() {
                        return Err(ImageError::Unsupported(Gap::WasmMemory));
                    }
                    self.memory_pages = Some(memory.initial);
                }
            }
            Payload::GlobalSection(reader) => self.take_globals(reader)?,
            Payload::ExportSection(reader) => {
                for export in reader {
                    let export = export.map_err(damaged)?;
                    if export.kind == ExternalKind::Func {
                        self.exports.push((export.name.to_owned(), WasmFunctionIndex(export.index)));
                    }
                }
            }
            Payload::ElementSection(reader) => self.take_elements(reader)?,
            Payload::CodeSectionEntry(body) => {
                let Some(&type_index) = self.function_types.get(self.functions.len()) else {
                    return Err(wrong(body.range().start, "a body that a function declaration precedes"));
                };
                self.functions.push(WasmFunction { type_index, body: range(file, body.range())? });
            }
            Payload::DataSection(reader) => {
                for segment in reader {
                    self.take_data(file, segment.map_err(damaged)?)?;
                }
            }
            Payload::CustomSection(section) => self.take_custom(file, &section),
            // The rest is not written by Go's linker, or says nothing that is needed here.
            _ => {}
        }
        Ok(())
    }

    fn take_imports(&mut self, reader: wasmparser::ImportSectionReader<'_>) -> Result<(), ImageError> {
        for import in reader.into_imports() {
            let import = import.map_err(damaged)?;
            match import.ty {
                TypeRef::Func(type_index) => self.imports.push(WasmImport {
                    module: import.module.to_owned(),
                    name: import.name.to_owned(),
                    type_index,
                }),
                TypeRef::Memory(_) => return Err(ImageError::Unsupported(Gap::WasmMemory)),
                _ => {}
            }
        }
        Ok(())
    }

    fn take_globals(&mut self, reader: wasmparser::GlobalSectionReader<'_>) -> Result<(), ImageError> {
        for global in reader {
            let global = global.map_err(damaged)?;
            let initial = global.init_expr.get_operators_reader().read().map_err(damaged)?;
            self.globals.push(WasmGlobal {
                value_type: global.ty.content_type,
                mutable: global.ty.mutable,
                initial_bits: constant_bits(&initial).unwrap_or(0),
            });
        }
        Ok(())
    }

    fn take_elements(&mut self, reader: wasmparser::ElementSectionReader<'_>) -> Result<(), ImageError> {
        for element in reader {
            let element = element.map_err(damaged)?;
            let (ElementKind::Active { table_index, offset_expr }, ElementItems::Functions(items)) =
                (element.kind, element.items)
            else {
                continue;
            };
            let offset = offset_expr.get_operators_reader().read().map_err(damaged)?;
            let mut functions = Vec::new();
            for index in items {
                functions.push(WasmFunctionIndex(index.map_err(damaged)?));
            }
            let offset = constant_bits(&offset)
                .ok_or_else(|| wrong(element.range.start, "a constant element offset"))?
                as u32;
            self.elements.push(WasmElements { table: table_index.unwrap_or(0), offset, functions });
        }
        Ok(())
    }

    fn take_data(&mut self, file: &[u8], segment: Data<'_>) -> Result<(), ImageError> {
        let DataKind::Active { memory_index: 0, offset_expr } = segment.kind else {
            return Err(ImageError::Unsupported(Gap::WasmDynamicData));
        };
        let Operator::I32Const { value } = offset_expr.get_operators_reader().read().map_err(damaged)? else {
            return Err(ImageError::Unsupported(Gap::WasmDynamicData));
        };
        let end = range(file, segment.range)?.end;
        self.data.push((value.cast_unsigned(), end - segment.data.len()..end));
        Ok(())
    }

    /// Custom sections never make a module invalid; one that cannot be read is as good as absent.
    fn take_custom(&mut self, file: &[u8], section: &wasmparser::CustomSectionReader<'_>) {
        match section.as_known() {
            KnownCustom::Producers(fields) => {
                let values = fields
                    .into_iter()
                    .flatten()
                    .filter(|field| field.name == "language")
                    .flat_map(|field| field.values);
                self.toolchain =
                    values.flatten().find(|value| value.name == "Go").map(|value| value.version.to_owned());
            }
            KnownCustom::Name(names) => {
                for subsection in names.into_iter().flatten() {
                    if let Name::Function(map) = subsection {
                        let start = file.as_ptr().addr();
                        self.names.extend(map.into_iter().flatten().map(|naming| {
                            let at = naming.name.as_ptr().addr() - start;
                            (naming.index, at..at + naming.name.len())
                        }));
                    }
                }
                self.names.sort_by_key(|(index, _)| *index);
            }
            _ => {}
        }
    }

    /// Copies the data segments to where they belong. Go's linker leaves out runs of zeros, so there are many, with small gaps.
    fn initial_memory(&self, file: &[u8]) -> Result<Memory, ImageError> {
        // A damaged offset must not make us allocate 4 GiB: what lies between segments is far smaller than the segments.
        let limit = 16 * (file.len() as u64) + (16 << 20);
        let pages = self.memory_pages.unwrap_or(0);
        let size_bytes = pages.checked_mul(PAGE_BYTES).filter(|&size| size <= 1 << 32);
        let size_bytes = size_bytes.ok_or(ImageError::Unsupported(Gap::WasmMemory))?;
        let extent =
            self.data.iter().map(|(at, bytes)| u64::from(*at) + bytes.len() as u64).max().unwrap_or(0);
        if extent > size_bytes || extent > limit {
            let at = self.data.first().map_or(0, |(_, bytes)| bytes.start as u64);
            return Err(wrong(at, "data segments inside the initial memory and close together"));
        }
        let mut content = vec![0; extent as usize];
        for (at, bytes) in &self.data {
            content[*at as usize..*at as usize + bytes.len()].copy_from_slice(&file[bytes.clone()]);
        }
        let permissions = Permissions { read: true, write: true, execute: false };
        let segment = SegmentSpan { address: Addr(0), size_bytes, backing: 0..content.len(), permissions };
        Ok(Memory::new(content, vec![segment], ByteOrder::Little, WordSize::Eight))
    }
}

fn constant_bits(operator: &Operator<'_>) -> Option<u64> {
    match operator {
        Operator::I32Const { value } => Some(u64::from(value.cast_unsigned())),
        Operator::I64Const { value } => Some(value.cast_unsigned()),
        Operator::F32Const { value } => Some(u64::from(value.bits())),
        Operator::F64Const { value } => Some(value.bits()),
        _ => None,
    }
}

/// Checks that every section ends inside the file, so that a file that was cut off is named as such.
fn check_sections(file: &[u8]) -> Result<(), ImageError> {
    let part = Part::WasmModule;
    if file.len() < 8 {
        return Err(ImageError::Truncated { part, needed_bytes: 8, file_bytes: file.len() as u64 });
    }
    if file[4..8] != [1, 0, 0, 0] {
        return Err(ImageError::Foreign(ForeignFormat::WasmOther));
    }
    let mut at = 8;
    while at < file.len() {
        let Some((size, width)) = varint32(&file[at + 1..]) else {
            if file.len() - at > 5 {
                return Err(wrong(at as u64, "the size of a section"));
            }
            return Err(ImageError::Truncated {
                part,
                needed_bytes: file.len() as u64 + 1,
                file_bytes: file.len() as u64,
            });
        };
        let end = at as u64 + 1 + width as u64 + u64::from(size);
        if end > file.len() as u64 {
            return Err(ImageError::Truncated { part, needed_bytes: end, file_bytes: file.len() as u64 });
        }
        at = end as usize;
    }
    Ok(())
}

fn range(file: &[u8], range: Range<u64>) -> Result<Range<usize>, ImageError> {
    let (start, end) = (range.start as usize, range.end as usize);
    if start <= end && end <= file.len() {
        Ok(start..end)
    } else {
        Err(wrong(range.start, "a range inside the file"))
    }
}

fn damaged(error: wasmparser::BinaryReaderError) -> ImageError {
    wrong(error.offset(), "a module that follows the WebAssembly specification")
}

fn wrong(offset: u64, expected: &'static str) -> ImageError {
    ImageError::malformed(Part::WasmModule, Place::File(offset), expected)
}
