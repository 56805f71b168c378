//! Inlined calls: which function's source a PC really belongs to.
//!
//! Owns: the inlining tree (`runtime/symtab.go` in 1.18 and 1.19, `runtime/symtabinl.go` since 1.20, type inlinedCall). Both
//! shapes name the PC of the call site in the parent; the parent's own place in the tree is PCDATA at that PC.

use super::bytes::Reader;
use super::error::{ImageError, Part};
use super::funcdata::{FuncData, PcData};
use super::function::Function;
use super::memory::{Addr, Pc};
use super::pclntab::TableShape;

/// Source position of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceLine<'a> {
    /// File as the compiler recorded it.
    pub file: &'a str,
    /// Line, from 1.
    pub line: u32,
}

/// One source-level frame at a PC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceFrame<'a> {
    /// The function as written in the source.
    pub function: &'a str,
    /// Line of its declaration; not recorded before Go 1.20.
    pub start_line: Option<u32>,
    /// Position within it; `None` when the tables do not cover the PC.
    pub position: Option<SourceLine<'a>>,
    /// The PC by which `position` was found: the one asked for, then those of the call sites.
    pub pc: Pc,
    /// Whether the frame exists only in the source.
    pub inlined: bool,
}

/// Deeper trees do not come from Go's inliner; a damaged one may be a cycle.
const DEPTH_MAX: usize = 256;

struct InlinedCall<'a> {
    function: &'a str,
    start_line: Option<u32>,
    call_site: Pc,
}

/// The frames at `pc`, innermost first; the last is `function` itself.
pub(super) fn frames<'a>(function: &Function<'a>, pc: Pc) -> Result<Vec<SourceFrame<'a>>, ImageError> {
    let mut frames = Vec::new();
    let mut at = pc;
    while let Some(call) = inlined_call(function, at)? {
        let position = function.source_line(at)?;
        frames.push(SourceFrame {
            function: call.function,
            start_line: call.start_line,
            position,
            pc: at,
            inlined: true,
        });
        if frames.len() > DEPTH_MAX {
            return Err(ImageError::at(Part::InlineTree, function.record_address(), "a tree without cycles"));
        }
        at = call.call_site;
    }
    frames.push(SourceFrame {
        function: function.name(),
        start_line: function.start_line(),
        position: function.source_line(at)?,
        pc: at,
        inlined: false,
    });
    Ok(frames)
}

fn inlined_call<'a>(function: &Function<'a>, pc: Pc) -> Result<Option<InlinedCall<'a>>, ImageError> {
    let Some(tree) = function.funcdata(FuncData::InlTree) else { return Ok(None) };
    let Some(table) = function.pcdata(PcData::InlTreeIndex) else { return Ok(None) };
    match table.value_at(pc)? {
        Some(index @ 0..) => read(function, tree, index.cast_unsigned()).map(Some),
        Some(..=-1) | None => Ok(None),
    }
}

fn read<'a>(function: &Function<'a>, tree: Addr, index: u32) -> Result<InlinedCall<'a>, ImageError> {
    let wrong = |expected| ImageError::at(Part::InlineTree, tree, expected);
    // Bytes of an entry, places of the name, of the call site and of the start line.
    let (size, name, call_site, start_line) = match function.shape() {
        TableShape::Go118 => (20, 12, 16, None),
        TableShape::Go120 => (16, 4, 8, Some(12)),
    };
    let memory = function.memory();
    let entry =
        tree.checked_add(u64::from(index) * size).ok_or_else(|| wrong("an entry inside the segment"))?;
    let reader = Reader::new(memory.tail(entry), memory.byte_order());
    let field = |offset| reader.u32(offset).ok_or_else(|| wrong("an entry inside the segment"));
    let call_site = function.entry().0.checked_add(u64::from(field(call_site)?)).map(Pc);
    Ok(InlinedCall {
        function: function.name_at(field(name)?).ok_or_else(|| wrong("the name of a function"))?,
        start_line: start_line.map(field).transpose()?,
        call_site: call_site
            .filter(|&pc| function.contains(pc))
            .ok_or_else(|| wrong("a call site in the function"))?,
    })
}
