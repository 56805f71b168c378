//! A module as the lift needs it: types, imports, functions, the table, globals.
//!
//! Read from the file once, without copying code. Data segments are the loader's business. Must not know Go, apart
//! from the numbering of table entries that [`Module::is_go`] recognises.

use std::sync::{Arc, OnceLock};

use rcsim_uop::port::SetupError;
use rcsim_uop::reg::Reg;
use wasmparser::{
    BinaryReaderError, ConstExpr, Element, ElementItems, ElementKind, FuncType, KnownCustom, Name, Operator, Parser,
    Payload, TypeRef, ValType,
};

use super::address::MAX_TYPES;
use super::plan::{Plan, PlanError};
use super::regs::{self, MAX_GLOBALS};

/// First table index that Go's linker gives to a function; the ones below stay empty (`funcValueOffset` in
/// `cmd/link/internal/wasm`).
pub const FIRST_FUNCTION: u32 = 0x1000;
/// Most entries of a table that a module may fill.
const MAX_TABLE: u64 = 1 << 20;
/// Custom section in which a built-in module states where its imports really live: one little-endian address each.
pub const EXTERNS_SECTION: &str = "rcsim.externs";

/// A function type, counted and numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Number of parameters.
    pub params: u8,
    /// Number of results, 0 or 1.
    pub results: u8,
    /// Equal for equal types: the first index of this type in the module.
    pub kind: u32,
}

/// An imported function.
#[derive(Clone, Debug)]
pub struct Import {
    /// The module that it is imported from.
    pub module: String,
    /// Its name there.
    pub name: String,
    /// Its type.
    pub signature: Signature,
    /// Address that stands in for it, in a built-in module.
    pub service: Option<u64>,
}

/// A function of the module itself.
#[derive(Debug)]
pub struct Function {
    /// Its type.
    pub signature: Signature,
    /// Offsets in the file of its body: local declarations, operators.
    pub body: std::ops::Range<u32>,
    /// Offset in the file of its first operator: its entry.
    pub entry: u32,
    /// Number of parameters and declared locals; larger than the window when the function is unsupported.
    pub locals: u32,
    /// Heights and branch targets, found when first asked for.
    pub plan: OnceLock<Result<Plan, PlanError>>,
}

/// What a call goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callee {
    /// Imported function of this index.
    Import(u32),
    /// Function of the module, by its index among them.
    Own(u32),
}

/// A parsed module.
#[derive(Debug)]
pub struct Module {
    /// The whole file.
    pub file: Arc<[u8]>,
    types: Vec<FuncType>,
    signatures: Vec<Option<Signature>>,
    /// Imported functions.
    pub imports: Vec<Import>,
    /// Own functions in the order of their bodies.
    pub functions: Vec<Function>,
    table: Vec<Option<u32>>,
    globals: Vec<u64>,
    /// Pages of linear memory that the module starts with.
    pub initial_pages: u64,
    names: Vec<(u32, String)>,
    declared: Vec<u32>,
    externs: Vec<u64>,
    block_in_global: bool,
}

fn broken(error: BinaryReaderError) -> SetupError {
    SetupError::Program(format!("broken WebAssembly module: {error}"))
}

fn refuse(what: impl Into<String>) -> SetupError {
    SetupError::Program(what.into())
}

impl Module {
    /// Parse a module.
    ///
    /// # Errors
    /// When it is no WebAssembly module, is cut off, or exceeds a limit.
    pub fn parse(file: &[u8]) -> Result<Self, SetupError> {
        if u32::try_from(file.len()).is_err() {
            return Err(refuse("WebAssembly module of 4 GiB or more"));
        }
        let mut module = Self {
            file: file.into(),
            types: Vec::new(),
            signatures: Vec::new(),
            imports: Vec::new(),
            functions: Vec::new(),
            table: Vec::new(),
            globals: Vec::new(),
            initial_pages: 0,
            names: Vec::new(),
            declared: Vec::new(),
            externs: Vec::new(),
            block_in_global: false,
        };
        for payload in Parser::new(0).parse_all(file) {
            module.section(payload.map_err(broken)?)?;
        }
        if module.declared.len() != module.functions.len() {
            return Err(refuse("broken WebAssembly module: functions without bodies"));
        }
        for (import, address) in module.imports.iter_mut().zip(&module.externs) {
            import.service = Some(*address);
        }
        let go_type = module.types.first();
        module.block_in_global = go_type.is_some_and(|kind| kind.params().is_empty()) && module.is_go();
        Ok(module)
    }

    fn section(&mut self, payload: Payload<'_>) -> Result<(), SetupError> {
        match payload {
            Payload::TypeSection(reader) => {
                for kind in reader.into_iter_err_on_gc_types() {
                    self.add_type(kind.map_err(broken)?)?;
                }
            }
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    self.add_import(import.map_err(broken)?)?;
                }
            }
            Payload::FunctionSection(reader) => {
                self.declared = reader.into_iter().collect::<Result<_, _>>().map_err(broken)?;
            }
            Payload::MemorySection(reader) => {
                for memory in reader {
                    self.initial_pages = memory.map_err(broken)?.initial;
                }
            }
            Payload::GlobalSection(reader) => {
                for global in reader {
                    let value = constant(&global.map_err(broken)?.init_expr, &self.globals)?;
                    self.add_global(value)?;
                }
            }
            Payload::ElementSection(reader) => {
                for element in reader {
                    self.add_elements(element.map_err(broken)?)?;
                }
            }
            Payload::CodeSectionEntry(body) => self.add_body(&body)?,
            Payload::CustomSection(section) => self.custom(&section),
            _ => {}
        }
        Ok(())
    }

    fn add_type(&mut self, kind: FuncType) -> Result<(), SetupError> {
        if self.types.len() >= MAX_TYPES {
            return Err(refuse(format!("WebAssembly module with more than {MAX_TYPES} types")));
        }
        let first = self.types.iter().position(|other| *other == kind).unwrap_or(self.types.len());
        let (params, results) = (kind.params().len(), kind.results().len());
        let fits = params <= usize::from(u8::MAX) && results <= 1 && !uses_vectors(&kind);
        self.signatures.push(fits.then_some(Signature {
            params: params as u8,
            results: results as u8,
            kind: first as u32,
        }));
        self.types.push(kind);
        Ok(())
    }

    fn add_import(&mut self, import: wasmparser::Import<'_>) -> Result<(), SetupError> {
        let name = format!("{}.{}", import.module, import.name);
        match import.ty {
            TypeRef::Func(kind) => {
                let signature = self.usable(kind, &name)?;
                let (module, name) = (import.module.to_owned(), import.name.to_owned());
                self.imports.push(Import { module, name, signature, service: None });
                Ok(())
            }
            // Whoever runs the module gives an imported global its value.
            TypeRef::Global(_) => self.add_global(0),
            TypeRef::Memory(memory) => {
                self.initial_pages = memory.initial;
                Ok(())
            }
            TypeRef::Table(_) => Ok(()),
            _ => Err(refuse(format!("unsupported kind of WebAssembly import: {name}"))),
        }
    }

    fn usable(&self, kind: u32, whose: &str) -> Result<Signature, SetupError> {
        match self.signatures.get(kind as usize) {
            Some(Some(signature)) => Ok(*signature),
            Some(None) => Err(refuse(format!(
                "unsupported type of WebAssembly function {whose}: several results or vectors"
            ))),
            None => Err(refuse(format!("broken WebAssembly module: no type {kind}"))),
        }
    }

    fn add_global(&mut self, value: u64) -> Result<(), SetupError> {
        if self.globals.len() as u32 >= MAX_GLOBALS {
            return Err(refuse(format!("WebAssembly module with more than {MAX_GLOBALS} globals")));
        }
        self.globals.push(value);
        Ok(())
    }

    fn add_elements(&mut self, element: Element<'_>) -> Result<(), SetupError> {
        let ElementKind::Active { table_index, offset_expr } = &element.kind else { return Ok(()) };
        if table_index.unwrap_or(0) != 0 {
            return Err(refuse("unsupported WebAssembly module: more than one table"));
        }
        let start = constant(offset_expr, &self.globals)?;
        let items = function_items(element.items)?;
        let end = start.saturating_add(items.len() as u64);
        if end > MAX_TABLE {
            return Err(refuse(format!("WebAssembly table of more than {MAX_TABLE} entries")));
        }
        let (start, end) = (start as usize, end as usize);
        if self.table.len() < end {
            self.table.resize(end, None);
        }
        self.table[start..end].copy_from_slice(&items);
        Ok(())
    }

    fn add_body(&mut self, body: &wasmparser::FunctionBody<'_>) -> Result<(), SetupError> {
        let index = self.functions.len();
        let Some(kind) = self.declared.get(index) else {
            return Err(refuse("broken WebAssembly module: a body without a function"));
        };
        let signature = self.usable(*kind, &self.name(self.imports.len() as u32 + index as u32))?;
        let mut locals = u64::from(signature.params);
        for declared in body.get_locals_reader().map_err(broken)? {
            locals += u64::from(declared.map_err(broken)?.0);
        }
        let range = body.range();
        let entry = body.get_operators_reader().map_err(broken)?.original_position();
        self.functions.push(Function {
            signature,
            body: range.start as u32..range.end as u32,
            entry: entry as u32,
            locals: u32::try_from(locals).unwrap_or(u32::MAX),
            plan: OnceLock::new(),
        });
        Ok(())
    }

    /// Names and addresses of externs; a custom section that cannot be read does not make a module wrong.
    fn custom(&mut self, section: &wasmparser::CustomSectionReader<'_>) {
        if let KnownCustom::Name(names) = section.as_known() {
            for name in names.into_iter().flatten() {
                if let Name::Function(functions) = name {
                    self.names = functions.into_iter().flatten().map(|n| (n.index, n.name.to_owned())).collect();
                    self.names.sort();
                }
            }
        }
        if section.name() == EXTERNS_SECTION {
            let words = section.data().chunks_exact(8);
            self.externs = words.map(|word| word.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))).collect();
        }
    }

    /// The signature of type number `kind`, when there is one that rcsim can call.
    #[must_use]
    pub fn signature(&self, kind: u32) -> Option<Signature> {
        self.signatures.get(kind as usize).copied().flatten()
    }

    /// The type number `kind` as written.
    #[must_use]
    pub fn func_type(&self, kind: u32) -> Option<&FuncType> {
        self.types.get(kind as usize)
    }

    /// What function index `index` names, and its signature.
    #[must_use]
    pub fn callee(&self, index: u32) -> Option<(Callee, Signature)> {
        if let Some(import) = self.imports.get(index as usize) {
            return Some((Callee::Import(index), import.signature));
        }
        let own = index - self.imports.len() as u32;
        self.functions.get(own as usize).map(|function| (Callee::Own(own), function.signature))
    }

    /// The function index in a table entry.
    #[must_use]
    pub fn table_entry(&self, index: u32) -> Option<u32> {
        self.table.get(index as usize).copied().flatten()
    }

    /// Number of globals.
    #[must_use]
    pub fn global_count(&self) -> u32 {
        self.globals.len() as u32
    }

    /// The slot of a global that the module has.
    #[must_use]
    pub fn global_slot(&self, index: u32) -> Reg {
        let index = index as u8;
        match index.checked_sub(self.stack_pointer_global() as u8) {
            Some(role) => regs::global(role),
            None if index == 0 => regs::PC_F,
            None => regs::PC_B,
        }
    }

    /// The global that is Go's stack pointer. Until Go 1.12 functions took no parameter, and the place to go on at was in
    /// two globals before it.
    #[must_use]
    pub const fn stack_pointer_global(&self) -> u32 {
        if self.block_in_global { 2 } else { 0 }
    }

    /// Values that the globals start with; imported ones with 0.
    #[must_use]
    pub fn initial_globals(&self) -> &[u64] {
        &self.globals
    }

    /// Name of a function by its index in the module, imports first.
    #[must_use]
    pub fn name(&self, index: u32) -> String {
        if let Some(import) = self.imports.get(index as usize) {
            return import.name.clone();
        }
        match self.names.binary_search_by_key(&index, |(of, _)| *of) {
            Ok(at) => self.names[at].1.clone(),
            Err(_) => format!("function {index}"),
        }
    }

    /// The own function whose body contains an offset of the file.
    #[must_use]
    pub fn function_at(&self, offset: u32) -> Option<u32> {
        let after = self.functions.partition_point(|function| function.body.start <= offset);
        let index = after.checked_sub(1)?;
        self.functions[index].body.contains(&offset).then_some(index as u32)
    }

    /// Whether the table is laid out as Go's linker does it: own function `i` at index [`FIRST_FUNCTION`]` + i`.
    #[must_use]
    pub fn is_go(&self) -> bool {
        let first = FIRST_FUNCTION as usize;
        self.table.len() > first
            && self.table[..first].iter().all(Option::is_none)
            && self.table[first] == Some(self.imports.len() as u32)
    }
}

fn uses_vectors(kind: &FuncType) -> bool {
    kind.params().iter().chain(kind.results()).any(|value| *value == ValType::V128)
}

fn function_items(items: ElementItems<'_>) -> Result<Vec<Option<u32>>, SetupError> {
    match items {
        ElementItems::Functions(functions) => {
            functions.into_iter().map(|index| index.map(Some).map_err(broken)).collect()
        }
        ElementItems::Expressions(_, expressions) => {
            expressions.into_iter().map(|item| reference(&item.map_err(broken)?)).collect()
        }
    }
}

fn reference(item: &ConstExpr<'_>) -> Result<Option<u32>, SetupError> {
    match item.get_operators_reader().read().map_err(broken)? {
        Operator::RefFunc { function_index } => Ok(Some(function_index)),
        Operator::RefNull { .. } => Ok(None),
        other => Err(refuse(format!("unsupported WebAssembly table initialiser {other:?}"))),
    }
}

/// The value of a constant expression of one operator.
fn constant(expression: &ConstExpr<'_>, globals: &[u64]) -> Result<u64, SetupError> {
    let mut reader = expression.get_operators_reader();
    let value = match reader.read().map_err(broken)? {
        Operator::I32Const { value } => u64::from(value as u32),
        Operator::I64Const { value } => value as u64,
        Operator::F32Const { value } => u64::from(value.bits()),
        Operator::F64Const { value } => value.bits(),
        Operator::RefNull { .. } => 0,
        Operator::GlobalGet { global_index } => match globals.get(global_index as usize) {
            Some(value) => *value,
            None => return Err(refuse(format!("broken WebAssembly module: no global {global_index}"))),
        },
        other => return Err(refuse(format!("unsupported WebAssembly constant {other:?}"))),
    };
    match reader.read().map_err(broken)? {
        Operator::End => Ok(value),
        other => Err(refuse(format!("unsupported WebAssembly constant ending in {other:?}"))),
    }
}
