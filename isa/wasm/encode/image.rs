//! Functions put together as a module, laid out as Go's linker does: type 0 is that of Go functions, own function `i` has
//! table index `0x1000 + i`, the globals are Go's registers.

use std::collections::BTreeMap;

use rcsim_uop::Epoch;
use rcsim_uop::port::{BuiltinFunction, BuiltinImage, Externs, FrameMaps, PointerMap, Relocation};

use super::bytes::{self, Code};
use super::convention::Convention;
use super::lower::{Item, Lowered, lower};
use super::source::Function;
use crate::wasm::go_pc;
use crate::wasm::module::{EXTERNS_SECTION, FIRST_FUNCTION};

const I32: u8 = 0x7f;
const I64: u8 = 0x7e;
const FUNCTION_TYPE: u8 = 0x60;
/// Type of Go functions: the block to go on at, where it is a parameter; whether to unwind.
const GO_TYPE: u32 = 0;
/// Type of `runtime.wasmMove`: three `i32`, no result.
const MOVE_TYPE: u32 = 1;
/// Module that imports of a built-in module name.
const IMPORT_MODULE: &str = "rcsim";

/// A function with what Go knows about its frame.
#[derive(Clone, Debug)]
pub struct Described {
    /// The function.
    pub function: Function,
    /// How its frame is scanned.
    pub maps: FrameMaps,
    /// Argument words that are pointers.
    pub args: PointerMap,
}

/// Assemble a module.
pub fn image(functions: &[Described], epoch: Epoch, base: u64, externs: &mut dyn Externs) -> BuiltinImage {
    let lowered: Vec<Lowered> = functions.iter().map(|described| lower(&described.function, epoch)).collect();
    let numbers = Numbers::new(functions, &lowered);
    let bodies: Vec<Body> =
        lowered.iter().enumerate().map(|(index, lowered)| body(index as u32, lowered, &numbers)).collect();
    let mut out = b"\0asm\x01\0\0\0".to_vec();
    let convention = Convention::of(epoch);
    section(&mut out, 1, &types(convention));
    section(&mut out, 2, &imports(&numbers));
    section(&mut out, 3, &function_types(functions));
    section(&mut out, 4, &table(functions.len()));
    section(&mut out, 5, &[1, 0, 1]);
    section(&mut out, 6, &globals(convention));
    section(&mut out, 9, &elements(&numbers, functions.len()));
    let (code, starts) = code_section(&bodies);
    section(&mut out, 10, &code);
    let code_offset = (out.len() - code.len()) as u32;
    custom(&mut out, "name", &names(functions, &numbers));
    custom(&mut out, EXTERNS_SECTION, &addresses(&numbers, externs));
    let functions = functions.iter().zip(&bodies).zip(&starts);
    let functions = functions.map(|((described, body), start)| builtin(described, body, *start)).collect();
    BuiltinImage { base, bytes: out, code_offset, functions }
}

/// Function indices: what is not in the image is imported.
struct Numbers {
    imports: Vec<String>,
    index: BTreeMap<String, u32>,
}

impl Numbers {
    fn new(functions: &[Described], lowered: &[Lowered]) -> Self {
        let own: Vec<&str> = functions.iter().map(|described| described.function.name.as_str()).collect();
        let mut imports: Vec<String> = Vec::new();
        for item in lowered.iter().flat_map(|lowered| &lowered.items) {
            if let Item::Call(name) = item
                && !own.contains(&name.as_str())
                && !imports.contains(name)
            {
                imports.push(name.clone());
            }
        }
        let all = imports.iter().map(String::as_str).chain(own);
        let index = all.enumerate().map(|(index, name)| (name.to_owned(), index as u32)).collect();
        Self { imports, index }
    }
}

/// A function's body: declarations of locals, then operators.
struct Body {
    bytes: Vec<u8>,
    /// Offset of the first operator.
    entry: u32,
    /// Offset of each operator from the first one.
    offsets: Vec<u32>,
    relocations: Vec<Relocation>,
    sp_deltas: Vec<(u32, i32)>,
}

fn body(index: u32, lowered: &Lowered, numbers: &Numbers) -> Body {
    let mut out = Vec::new();
    bytes::unsigned(&mut out, lowered.locals.len() as u64);
    for (count, kind) in &lowered.locals {
        bytes::unsigned(&mut out, u64::from(*count));
        out.push(*kind);
    }
    let entry = out.len() as u32;
    let mut body = Body { bytes: out, entry, offsets: Vec::new(), relocations: Vec::new(), sp_deltas: Vec::new() };
    let mut depth = 0;
    for item in &lowered.items {
        body.item(index, item, &mut depth, numbers);
    }
    for (item, delta) in &lowered.sp_deltas {
        // A change after the last operator changes nothing.
        if let Some(offset) = body.offsets.get(*item) {
            body.sp_deltas.retain(|(earlier, _)| earlier != offset);
            body.sp_deltas.push((*offset, *delta));
        }
    }
    body
}

impl Body {
    fn item(&mut self, own: u32, item: &Item, depth: &mut u32, numbers: &Numbers) {
        let start = self.bytes.len() as u32 - self.entry;
        self.offsets.push(start);
        let (code, target) = match item {
            Item::Code(code) => (code.clone(), None),
            // The outermost block is the one to leave.
            Item::Unwind => (Code::BrIf(*depth - 1), None),
            Item::Call(name) => (Code::Call(numbers.index[name]), Some(name.clone())),
            Item::ReturnAddress(block) => {
                let go_pc = go_pc::entry(own) + u64::from(*block);
                (Code::I64Const(go_pc as i64), Some(format!("return address, block {block}")))
            }
        };
        match code {
            Code::Block | Code::Loop | Code::If => *depth += 1,
            Code::End => *depth = depth.saturating_sub(1),
            _ => {}
        }
        bytes::code(&mut self.bytes, &code);
        if let Some(target) = target {
            let offset = start + 1;
            let len = (self.bytes.len() as u32 - self.entry - offset) as u8;
            self.relocations.push(Relocation { offset, len, mask: vec![0xff; usize::from(len)], target });
        }
    }
}

fn builtin(described: &Described, body: &Body, start: u32) -> BuiltinFunction {
    let function = &described.function;
    BuiltinFunction {
        name: function.name.clone(),
        offset: start + body.entry,
        size: body.bytes.len() as u32 - body.entry,
        frame_bytes: function.frame_bytes,
        args_bytes: function.args_bytes,
        splits_stack: function.splits_stack,
        sp_deltas: body.sp_deltas.clone(),
        maps: described.maps,
        args: described.args.clone(),
        relocations: body.relocations.clone(),
    }
}

fn section(out: &mut Vec<u8>, id: u8, content: &[u8]) {
    out.push(id);
    bytes::unsigned(out, content.len() as u64);
    out.extend_from_slice(content);
}

fn custom(out: &mut Vec<u8>, name: &str, content: &[u8]) {
    let mut all = Vec::new();
    bytes::name(&mut all, name);
    all.extend_from_slice(content);
    section(out, 0, &all);
}

fn types(convention: Convention) -> Vec<u8> {
    let mut out = vec![2, FUNCTION_TYPE];
    match convention {
        Convention::Parameter => out.extend([1, I32]),
        Convention::Global => out.push(0),
    }
    out.extend([1, I32, FUNCTION_TYPE, 3, I32, I32, I32, 0]);
    out
}

fn imports(numbers: &Numbers) -> Vec<u8> {
    let mut out = Vec::new();
    bytes::unsigned(&mut out, numbers.imports.len() as u64);
    for name in &numbers.imports {
        bytes::name(&mut out, IMPORT_MODULE);
        bytes::name(&mut out, name);
        out.push(0);
        bytes::unsigned(&mut out, u64::from(GO_TYPE));
    }
    out
}

fn function_types(functions: &[Described]) -> Vec<u8> {
    let mut out = Vec::new();
    bytes::unsigned(&mut out, functions.len() as u64);
    for described in functions {
        let kind = if described.function.raw_params.is_some() { MOVE_TYPE } else { GO_TYPE };
        bytes::unsigned(&mut out, u64::from(kind));
    }
    out
}

fn table(functions: usize) -> Vec<u8> {
    let mut out = vec![1, 0x70, 0];
    bytes::unsigned(&mut out, u64::from(FIRST_FUNCTION) + functions as u64);
    out
}

/// PC_F and PC_B while they were globals; SP, CTXT, g, RET0 to RET3, PAUSE: all variable, all zero.
fn globals(convention: Convention) -> Vec<u8> {
    let mut kinds = vec![I32; convention.first_global() as usize];
    kinds.extend([I32, I64, I64, I64, I64, I64, I64, I32]);
    let mut out = vec![kinds.len() as u8];
    for kind in kinds {
        let constant = if kind == I32 { 0x41 } else { 0x42 };
        out.extend_from_slice(&[kind, 1, constant, 0, 0x0b]);
    }
    out
}

fn elements(numbers: &Numbers, functions: usize) -> Vec<u8> {
    let mut out = vec![1, 0, 0x41];
    bytes::signed(&mut out, i64::from(FIRST_FUNCTION));
    out.push(0x0b);
    bytes::unsigned(&mut out, functions as u64);
    for index in 0..functions {
        bytes::unsigned(&mut out, (numbers.imports.len() + index) as u64);
    }
    out
}

/// The section's content, and where each body starts in it.
fn code_section(bodies: &[Body]) -> (Vec<u8>, Vec<u32>) {
    let (mut out, mut starts) = (Vec::new(), Vec::new());
    bytes::unsigned(&mut out, bodies.len() as u64);
    for body in bodies {
        bytes::unsigned(&mut out, body.bytes.len() as u64);
        starts.push(out.len() as u32);
        out.extend_from_slice(&body.bytes);
    }
    (out, starts)
}

fn names(functions: &[Described], numbers: &Numbers) -> Vec<u8> {
    let mut map = Vec::new();
    bytes::unsigned(&mut map, functions.len() as u64);
    for (at, described) in functions.iter().enumerate() {
        bytes::unsigned(&mut map, (numbers.imports.len() + at) as u64);
        bytes::name(&mut map, &described.function.name);
    }
    let mut out = Vec::new();
    section(&mut out, 1, &map);
    out
}

fn addresses(numbers: &Numbers, externs: &mut dyn Externs) -> Vec<u8> {
    numbers.imports.iter().flat_map(|name| externs.address(name).to_le_bytes()).collect()
}
