//! What the collector's stack scan reads of a function: argument and local pointer maps, stack objects.
//!
//! Owns: the records that FUNCDATA points to (`runtime/symtab.go`, type stackmap; `runtime/stack.go`, type
//! stackObjectRecord). Sizes and offsets are in bytes, masks in words.

use super::bytes::Reader;
use super::error::{ImageError, Part};
use super::gcprog::{self, PointerMask};
use super::memory::{Addr, Memory};
use super::moduledata::ModuleData;

/// FUNCDATA tables (`internal/abi/symtab.go`); the numbers are the same in Go 1.18 to 1.27.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FuncData {
    /// Pointer maps of arguments and results.
    ArgsPointerMaps = 0,
    /// Pointer maps of locals.
    LocalsPointerMaps = 1,
    /// Records of objects on the stack whose address is taken.
    StackObjects = 2,
    /// Inlined calls.
    InlTree = 3,
    /// Open-coded defers.
    OpenCodedDeferInfo = 4,
    /// Layout of arguments for tracebacks.
    ArgInfo = 5,
    /// Liveness of arguments for tracebacks.
    ArgLiveInfo = 6,
    /// The function that a wrapper wraps.
    WrapInfo = 7,
}

/// PCDATA tables (`internal/abi/symtab.go`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum PcData {
    /// -1 where an asynchronous preemption may stop, -2 where not, -3 to -5 where it may after going back to a start.
    UnsafePoint = 0,
    /// Index into the pointer maps.
    StackMapIndex = 1,
    /// Index into the inlining tree.
    InlTreeIndex = 2,
    /// Index into the liveness of arguments.
    ArgLiveIndex = 3,
    /// What a failed bounds check compared (since Go 1.25).
    PanicBounds = 4,
}

/// A function's maps of one kind; [`PcData::StackMapIndex`] chooses one.
#[derive(Clone, Copy, Debug)]
pub struct StackMaps<'a> {
    count: u32,
    words: u32,
    bytes: &'a [u8],
}

impl<'a> StackMaps<'a> {
    pub(super) fn read(memory: &'a Memory, address: Addr) -> Result<StackMaps<'a>, ImageError> {
        let wrong = |expected| ImageError::at(Part::StackMaps, address, expected);
        let reader = Reader::new(memory.tail(address), memory.byte_order());
        let number = |offset| reader.i32(offset).and_then(|value| u32::try_from(value).ok());
        let (Some(count), Some(words)) = (number(0), number(4)) else {
            return Err(wrong("two numbers that are not negative"));
        };
        let size = u64::from(count) * u64::from(words.div_ceil(8));
        let bytes = reader.slice(8, size).ok_or_else(|| wrong("all maps inside the segment"))?;
        Ok(StackMaps { count, words, bytes })
    }

    /// How many maps there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// How many words each map describes.
    pub fn words(&self) -> u32 {
        self.words
    }

    /// Map number `index`.
    pub fn map(&self, index: u32) -> Option<PointerMask> {
        if index >= self.count {
            return None;
        }
        let width = self.words.div_ceil(8) as usize;
        PointerMask::from_bytes(&self.bytes[index as usize * width..], u64::from(self.words))
    }
}

/// An object in a frame that the scan follows only when something points to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackObject {
    /// Place in the frame: from the end of the locals (varp) when negative, from the start of the arguments (argp) otherwise.
    pub offset: i32,
    /// Size in bytes.
    pub size_bytes: u32,
    /// Its pointers.
    pub pointers: PointerMask,
}

/// Reads the records at `address`: a count in a word, then 16 bytes each.
pub(super) fn stack_objects(
    memory: &Memory,
    module: &ModuleData,
    address: Addr,
) -> Result<Vec<StackObject>, ImageError> {
    let wrong = |expected| ImageError::at(Part::StackObjects, address, expected);
    let word = memory.word_size().bytes();
    let count = memory.word(address).ok_or_else(|| wrong("a count"))?;
    let records = count.checked_mul(16).and_then(|size| memory.slice(address.checked_add(word)?, size));
    let records = records.ok_or_else(|| wrong("all records inside the segment"))?;
    let mut total_words = 0;
    records
        .chunks_exact(16)
        .map(|record| {
            let object = stack_object(memory, module, Reader::new(record, memory.byte_order()), address)?;
            // Records may share a mask, so many large ones could be claimed with few bytes.
            total_words += object.pointers.len_words();
            if total_words > gcprog::MASK_LIMIT_WORDS {
                Err(wrong("a frame of real size"))
            } else {
                Ok(object)
            }
        })
        .collect()
}

fn stack_object(
    memory: &Memory,
    module: &ModuleData,
    record: Reader<'_>,
    address: Addr,
) -> Result<StackObject, ImageError> {
    let wrong = |expected| ImageError::at(Part::StackObjects, address, expected);
    let number = |offset| record.i32(offset).ok_or_else(|| wrong("16 bytes"));
    let (offset, size, pointer_bytes) = (number(0)?, number(4)?, number(8)?);
    let size_bytes = u32::try_from(size).map_err(|_| wrong("a size that is not negative"))?;
    if pointer_bytes.unsigned_abs() > size_bytes {
        return Err(wrong("pointers inside the object"));
    }
    let mask =
        module.rodata.checked_add(u64::from(number(12)?.cast_unsigned())).ok_or_else(|| wrong("a mask"))?;
    let words = u64::from(pointer_bytes.unsigned_abs()) / memory.word_size().bytes();
    let pointers = if pointer_bytes < 0 {
        program_behind_length(memory, mask, words)?
    } else {
        PointerMask::from_bytes(memory.tail(mask), words).ok_or_else(|| wrong("a mask inside the segment"))?
    };
    Ok(StackObject { offset, size_bytes, pointers })
}

/// A type's program is preceded by its length in 4 bytes (until Go 1.23; later objects always have plain masks).
fn program_behind_length(memory: &Memory, address: Addr, words: u64) -> Result<PointerMask, ImageError> {
    let body = address.checked_add(4).map(|body| memory.tail(body)).unwrap_or(&[]);
    gcprog::run(body, address, words)
}
