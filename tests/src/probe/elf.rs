//! A static executable without a linker: one section at a fixed address, and nothing to relocate.
//!
//! Class, byte order, machine and flags are taken from the object file, so that no architecture is named here.
//! Source of the layout: System V ABI, chapter 4 (object files) and 5 (program loading).

use super::{SCRATCH, SCRATCH_BYTES};
use crate::oracle::OracleError;

/// Address of the first byte of the text.
pub(super) const BASE: u64 = 0x1000_0000;
/// The text and the buffers behind it.
const PROGRAM_BYTES: u64 = 0x40_0000;
/// Where the text starts in the file.
const TEXT_OFFSET: u64 = 0x1_0000;
/// Segments are aligned for the largest page that a guest may have.
const ALIGN: u64 = 0x1_0000;

const ET_EXEC: u16 = 2;
const PT_LOAD: u32 = 1;
const EXECUTE: u32 = 1;
const READ_WRITE: u32 = 6;

/// An executable with `text` at [`BASE`], writable, and an empty page at [`SCRATCH`].
pub(super) fn executable(object: &[u8], text: &[u8]) -> Result<Vec<u8>, OracleError> {
    let mut file = Writer::like(object)?;
    let header_bytes = if file.wide { 64 } else { 52 };
    let segment_bytes = if file.wide { 56 } else { 32 };
    let flags_at = if file.wide { 48 } else { 36 };
    file.half(ET_EXEC);
    file.copy(object, 18, 2);
    file.word(1);
    file.address(BASE);
    file.address(u64::from(header_bytes));
    file.address(0);
    file.copy(object, flags_at, 4);
    for half in [header_bytes, segment_bytes, 2, 0, 0, 0] {
        file.half(half);
    }
    let text_bytes = text.len() as u64;
    file.segment(READ_WRITE | EXECUTE, [TEXT_OFFSET, BASE, text_bytes, PROGRAM_BYTES]);
    file.segment(READ_WRITE, [0, SCRATCH, 0, SCRATCH_BYTES as u64]);
    file.bytes.resize(TEXT_OFFSET as usize, 0);
    file.bytes.extend_from_slice(text);
    Ok(file.bytes)
}

struct Writer {
    bytes: Vec<u8>,
    wide: bool,
    big_endian: bool,
}

impl Writer {
    fn like(object: &[u8]) -> Result<Self, OracleError> {
        if object.len() < 52 || !object.starts_with(b"\x7fELF") {
            return Err(OracleError::protocol("the assembler wrote no ELF object"));
        }
        // The name of a relocation section appears in the object only when there is one.
        if object.windows(5).any(|window| window == b".rela" || window == b".rel.") {
            return Err(OracleError::protocol("the probe's assembly needs relocations"));
        }
        Ok(Self { bytes: object[..16].to_vec(), wide: object[4] == 2, big_endian: object[5] == 2 })
    }

    fn segment(&mut self, flags: u32, [offset, address, in_file, in_memory]: [u64; 4]) {
        self.word(PT_LOAD);
        // The flags moved for the sake of alignment when ELF grew to 64 bits.
        if self.wide {
            self.word(flags);
        }
        for value in [offset, address, address, in_file, in_memory] {
            self.address(value);
        }
        if !self.wide {
            self.word(flags);
        }
        self.address(ALIGN);
    }

    fn copy(&mut self, object: &[u8], at: usize, bytes: usize) {
        self.bytes.extend_from_slice(&object[at..at + bytes]);
    }

    fn half(&mut self, value: u16) {
        self.put(&value.to_le_bytes());
    }

    fn word(&mut self, value: u32) {
        self.put(&value.to_le_bytes());
    }

    /// An address or a size: 4 or 8 bytes by the class of the file.
    fn address(&mut self, value: u64) {
        let bytes = value.to_le_bytes();
        self.put(if self.wide { &bytes } else { &bytes[..4] });
    }

    fn put(&mut self, little: &[u8]) {
        if self.big_endian {
            self.bytes.extend(little.iter().rev());
        } else {
            self.bytes.extend_from_slice(little);
        }
    }
}
