//! From offsets in Go's text numbering to PCs and back.
//!
//! Owns: `runtime/symtab.go`, textAddr and textOff. ELF: an offset counts bytes from `text`, unless the external linker cut the
//! text in sections. Wasm: until Go 1.24 an offset is a PC minus `text`; since 1.25 it counts functions.

use super::memory::Pc;
use super::moduledata::ModuleData;

/// How an image counts text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextUnit {
    /// Offsets are differences of addresses of code.
    Bytes,
    /// Offsets are differences of wasm PCs.
    WasmPc,
    /// Offsets are numbers of wasm functions.
    WasmFunction,
}

impl TextUnit {
    /// The first PC of the function at `offset`.
    pub fn pc(self, module: &ModuleData, offset: u32) -> Option<Pc> {
        let offset = u64::from(offset);
        match self {
            TextUnit::WasmFunction => module.text.checked_add(offset << 16).map(Pc),
            TextUnit::WasmPc => module.text.checked_add(offset).map(Pc),
            TextUnit::Bytes => match section(module, offset) {
                Some((start_offset, address)) => address.checked_add(offset - start_offset).map(Pc),
                None => module.text.checked_add(offset).map(Pc),
            },
        }
    }

    /// The PC behind a function of `start..end`: sections may lie apart, so it is counted from the start.
    pub fn end_pc(self, module: &ModuleData, start: u32, end: u32) -> Option<Pc> {
        let length = u64::from(end.checked_sub(start)?);
        let length = match self {
            TextUnit::WasmFunction => length << 16,
            // The linker ends the last function by its bytes, which say nothing about resume points.
            TextUnit::WasmPc => length.next_multiple_of(1 << 16),
            TextUnit::Bytes => length,
        };
        self.pc(module, start)?.0.checked_add(length).map(Pc)
    }

    /// The offset of the function that holds `pc`, or of a byte in it.
    pub fn offset(self, module: &ModuleData, pc: Pc) -> Option<u32> {
        let from_text = pc.0.checked_sub(module.text);
        match self {
            TextUnit::WasmFunction => u32::try_from(from_text? >> 16).ok(),
            TextUnit::WasmPc => u32::try_from(from_text?).ok(),
            TextUnit::Bytes if module.text_sections.is_empty() => u32::try_from(from_text?).ok(),
            TextUnit::Bytes => module.text_sections.iter().find_map(|section| {
                let offset = pc.0.checked_sub(section.address)?;
                let inside = offset < section.end_offset.checked_sub(section.start_offset)?;
                u32::try_from(inside.then(|| section.start_offset + offset)?).ok()
            }),
        }
    }
}

/// Start offset and address of the section that holds `offset`; the end of the last section counts as inside.
fn section(module: &ModuleData, offset: u64) -> Option<(u64, u64)> {
    let last = module.text_sections.last()?;
    let holds = |section: &&super::TextSection| {
        section.start_offset <= offset
            && (offset < section.end_offset || (*section == last && offset == section.end_offset))
    };
    module.text_sections.iter().find(holds).map(|section| (section.start_offset, section.address))
}
