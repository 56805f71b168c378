//! Size, alignment, field offsets and pointer bitmap of a type, as Go's compiler lays it out.
//!
//! Owns: the rules that are the same for every port, given word size and alignment limit. Must not know: architectures,
//! registers, frames. The rules are those of Go's `cmd/compile/internal/types` (`CalcSize`, `PtrDataSize`): fields in order,
//! each at its alignment; a trailing field of size zero gets one byte of padding, so that its address stays inside; pointer
//! data end with the last pointer word.

use crate::gotype::{Basic, Field, GoType, TypeId, Types};

/// What a port decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayoutRules {
    /// Size and alignment of a pointer, in bytes: 4 or 8. (`amd64p32`: 4.)
    pub word_bytes: u64,
    /// The largest alignment, in bytes: that of int64, uint64 and float64. 8, but 4 on 386, arm, mips and mipsle.
    pub max_align: u64,
}

impl LayoutRules {
    /// A 64-bit port.
    pub const WORD64: Self = Self { word_bytes: 8, max_align: 8 };
    /// A 32-bit port that aligns int64 to 4.
    pub const WORD32: Self = Self { word_bytes: 4, max_align: 4 };
}

/// The largest type that is laid out, in bytes: a frame of 4 GiB cannot be passed, since its size is a uint32.
pub const MAX_SIZE_BYTES: u64 = u32::MAX as u64;

/// The longest pointer bitmap that is made, in words.
pub const MAX_POINTER_WORDS: u64 = 1 << 24;

/// A type cannot be laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayoutError {
    /// The type is 4 GiB or larger.
    TooLarge(TypeId),
    /// The type has more than [`MAX_POINTER_WORDS`] words up to its last pointer, and its pointers were asked for.
    TooManyPointers(TypeId),
}

/// What the first word of an interface (its type or method table) is in a pointer map.
///
/// Go has both: the compiler's maps (type descriptors, stack maps) leave the word out, since what it points to is never
/// collected (`cmd/compile/internal/typebits`); the maps that reflect makes for a call frame count it (`addTypeBits`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TypeWords {
    /// Not a pointer: maps made by the compiler.
    Scalars,
    /// A pointer: maps made by reflect.
    Pointers,
}

/// Where a type's bytes are and which of its words are pointers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Size in bytes, trailing padding included.
    pub size: u64,
    /// Alignment in bytes.
    pub align: u64,
    /// Bytes up to and including the last pointer word; 0 without pointers. A multiple of the word size.
    pub ptrdata: u64,
    /// Byte offset of each field of a struct; empty for any other type.
    pub field_offsets: Vec<u64>,
}

impl Layout {
    fn plain(size: u64, align: u64) -> Self {
        Self { size, align, ptrdata: 0, field_offsets: Vec::new() }
    }
}

/// The first offset at or after `offset` that is a multiple of `align`, a power of two.
pub fn align_up(offset: u64, align: u64) -> u64 {
    offset.saturating_add(align - 1) & !(align - 1)
}

/// The layouts of all types of one arena by one set of rules, computed once.
///
/// The table is what keeps nested empty structs from costing time exponential in their depth.
#[derive(Debug, Clone)]
pub struct Layouts<'a> {
    types: &'a Types,
    rules: LayoutRules,
    table: Vec<Option<Result<Layout, LayoutError>>>,
}

impl<'a> Layouts<'a> {
    /// Layouts of the types in `types` by `rules`.
    pub fn new(types: &'a Types, rules: LayoutRules) -> Self {
        let mut layouts = Self { types, rules, table: vec![None; types.len()] };
        for id in types.ids() {
            // A type that is too large keeps its error in the table.
            let _ = layouts.fill(id);
        }
        layouts
    }

    fn fill(&mut self, id: TypeId) -> Result<Layout, LayoutError> {
        if let Some(known) = &self.table[id.index()] {
            return known.clone();
        }
        let result = self.compute(id);
        self.table[id.index()] = Some(result.clone());
        result
    }

    /// The rules in force.
    pub fn rules(&self) -> LayoutRules {
        self.rules
    }

    /// The arena.
    pub fn types(&self) -> &'a Types {
        self.types
    }

    /// The layout of a type.
    ///
    /// # Errors
    /// When it is larger than [`MAX_SIZE_BYTES`].
    pub fn layout(&self, id: TypeId) -> Result<&Layout, LayoutError> {
        let known = self.table[id.index()].as_ref().expect("the table was filled for the whole arena");
        known.as_ref().map_err(|error| *error)
    }

    fn compute(&mut self, id: TypeId) -> Result<Layout, LayoutError> {
        let (types, word) = (self.types, self.rules.word_bytes);
        let layout = match types.shape(id) {
            GoType::Basic(basic) => self.basic(*basic),
            GoType::Pointer(_) | GoType::Map { .. } | GoType::Chan { .. } | GoType::Func(_) => {
                self.words(1, 1)
            }
            GoType::Slice(_) => self.words(3, 1),
            GoType::Interface(_) => self.words(2, 2),
            GoType::Array { elem, len } => self.array(id, *elem, *len)?,
            GoType::Struct(fields) => self.structure(id, fields)?,
            // `shape` looks through names; an arena that a parser returned has no name without a type.
            GoType::Named(_) => Layout::plain(word, word),
        };
        if layout.size > MAX_SIZE_BYTES { Err(LayoutError::TooLarge(id)) } else { Ok(layout) }
    }

    fn words(&self, count: u64, pointers: u64) -> Layout {
        let word = self.rules.word_bytes;
        Layout { size: count * word, align: word, ptrdata: pointers * word, field_offsets: Vec::new() }
    }

    fn basic(&self, basic: Basic) -> Layout {
        let (word, limit) = (self.rules.word_bytes, self.rules.max_align);
        match basic {
            Basic::Bool | Basic::Int8 | Basic::Uint8 => Layout::plain(1, 1),
            Basic::Int16 | Basic::Uint16 => Layout::plain(2, 2),
            Basic::Int32 | Basic::Uint32 | Basic::Float32 => Layout::plain(4, 4),
            Basic::Int64 | Basic::Uint64 | Basic::Float64 => Layout::plain(8, limit),
            Basic::Complex64 => Layout::plain(8, 4),
            Basic::Complex128 => Layout::plain(16, limit),
            Basic::Int | Basic::Uint | Basic::Uintptr => Layout::plain(word, word),
            Basic::String => self.words(2, 1),
            Basic::UnsafePointer => self.words(1, 1),
        }
    }

    fn array(&mut self, id: TypeId, elem: TypeId, len: u64) -> Result<Layout, LayoutError> {
        let elem = self.fill(elem)?;
        let size = elem.size.checked_mul(len).ok_or(LayoutError::TooLarge(id))?;
        let ptrdata = if elem.ptrdata == 0 || len == 0 { 0 } else { size - elem.size + elem.ptrdata };
        Ok(Layout { size, align: elem.align, ptrdata, field_offsets: Vec::new() })
    }

    fn structure(&mut self, id: TypeId, fields: &[Field]) -> Result<Layout, LayoutError> {
        let mut whole = Layout::plain(0, 1);
        let mut last_is_empty = false;
        for field in fields {
            let layout = self.fill(field.ty)?;
            let offset = align_up(whole.size, layout.align);
            whole.field_offsets.push(offset);
            whole.size = offset + layout.size;
            whole.align = whole.align.max(layout.align);
            last_is_empty = layout.size == 0;
            if layout.ptrdata > 0 {
                whole.ptrdata = offset + layout.ptrdata;
            }
            if whole.size > MAX_SIZE_BYTES {
                return Err(LayoutError::TooLarge(id));
            }
        }
        if last_is_empty && whole.size > 0 {
            whole.size += 1;
        }
        whole.size = align_up(whole.size, whole.align);
        Ok(whole)
    }

    /// The byte offsets of the pointer words of a type, ascending; the last one is `ptrdata` less a word.
    /// `first_words` says whether the type word of an interface is among them.
    ///
    /// # Errors
    /// As [`Layouts::layout`], and when there are more than [`MAX_POINTER_WORDS`].
    pub fn pointer_offsets(&self, id: TypeId, first_words: TypeWords) -> Result<Vec<u64>, LayoutError> {
        if self.layout(id)?.ptrdata / self.rules.word_bytes > MAX_POINTER_WORDS {
            return Err(LayoutError::TooManyPointers(id));
        }
        let mut offsets = Vec::new();
        self.collect_pointers(id, 0, first_words, &mut offsets)?;
        Ok(offsets)
    }

    /// One bit per word up to `ptrdata`: true where the word is a pointer.
    ///
    /// # Errors
    /// As [`Layouts::pointer_offsets`].
    pub fn pointer_bitmap(&self, id: TypeId, first_words: TypeWords) -> Result<Vec<bool>, LayoutError> {
        let word = self.rules.word_bytes;
        let offsets = self.pointer_offsets(id, first_words)?;
        let words = offsets.last().map_or(0, |last| last / word + 1);
        let mut bits = vec![false; words as usize];
        for offset in offsets {
            bits[(offset / word) as usize] = true;
        }
        Ok(bits)
    }

    fn collect_pointers(
        &self,
        id: TypeId,
        base: u64,
        first_words: TypeWords,
        out: &mut Vec<u64>,
    ) -> Result<(), LayoutError> {
        let layout = self.layout(id)?;
        if layout.ptrdata == 0 {
            return Ok(());
        }
        match self.types.shape(id) {
            GoType::Array { elem, len } => {
                let stride = self.layout(*elem)?.size;
                for index in 0..*len {
                    self.collect_pointers(*elem, base + index * stride, first_words, out)?;
                }
            }
            GoType::Struct(fields) => {
                for (field, offset) in fields.iter().zip(&layout.field_offsets) {
                    self.collect_pointers(field.ty, base + offset, first_words, out)?;
                }
            }
            GoType::Interface(_) => {
                if first_words == TypeWords::Pointers {
                    out.push(base);
                }
                out.push(base + self.rules.word_bytes);
            }
            GoType::Basic(_)
            | GoType::Pointer(_)
            | GoType::Slice(_)
            | GoType::Map { .. }
            | GoType::Chan { .. }
            | GoType::Func(_)
            | GoType::Named(_) => out.push(base),
        }
        Ok(())
    }
}
