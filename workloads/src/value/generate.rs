//! Deterministic values of a type, each word unlike every other, so that a misplaced word shows.
//!
//! The value of a word is a mix (splitmix64) of a running number: no two words of one workload are likely to agree in any
//! byte. The same types in the same order give the same values on every host.

use super::model::{Content, Heap, InterfaceValue, SliceValue, Value};
use crate::gotype::{Basic, GoType, InterfaceMethod, NamedId, TypeId, Types};

/// The most parts that the values of one call may have together.
pub const MAX_LEAVES: u64 = 1 << 20;

/// How many pointers deep generated values go before they end in nil.
const MAX_REFERENCES: u32 = 3;

/// No value of the type can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GenerateError {
    /// The values have more than [`MAX_LEAVES`] parts.
    TooManyLeaves,
}

/// Values of the given types, for a guest whose `int` has `word_bytes` bytes.
///
/// The type of an interface's content is chosen among the types of the arena that have its methods; an interface that none
/// of them satisfies is nil.
///
/// # Errors
/// When the values get too many parts.
pub fn generate(
    types: &Types,
    ids: &[TypeId],
    word_bytes: u64,
    heap: &mut Heap,
) -> Result<Vec<Value>, GenerateError> {
    let choices = Choices::new(types);
    let generator =
        Generator { types, choices, word_bytes, heap, counter: 0, turn: 0, left: MAX_LEAVES, references: 0 };
    generator.all(ids)
}

/// Types for the contents of interfaces.
struct Choices {
    empty: Vec<TypeId>,
    pointee: TypeId,
}

impl Choices {
    fn new(types: &Types) -> Self {
        let [int64, string, pointee] =
            [Basic::Int64, Basic::String, Basic::Uint64].map(|basic| types.basic_id(basic));
        let pointer = types.pointer_to_uint64();
        // By turns: a boxed word, a pointer that the interface holds directly, a boxed value with a pointer in it.
        Self { empty: vec![int64, pointer, string], pointee }
    }
}

struct Generator<'a> {
    types: &'a Types,
    choices: Choices,
    word_bytes: u64,
    heap: &'a mut Heap,
    counter: u64,
    turn: usize,
    left: u64,
    references: u32,
}

impl Generator<'_> {
    fn all(mut self, ids: &[TypeId]) -> Result<Vec<Value>, GenerateError> {
        ids.iter().map(|id| self.value(*id)).collect()
    }

    /// The next word: all bytes of it differ from those of its neighbours as a rule.
    fn word(&mut self) -> u64 {
        self.counter += 1;
        let mut mixed = self.counter.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn value(&mut self, id: TypeId) -> Result<Value, GenerateError> {
        self.left = self.left.checked_sub(1).ok_or(GenerateError::TooManyLeaves)?;
        let types = self.types;
        Ok(match types.shape(id) {
            GoType::Basic(basic) => self.basic(*basic),
            GoType::Array { elem, len } => {
                Value::Array((0..*len).map(|_| self.value(*elem)).collect::<Result<_, _>>()?)
            }
            GoType::Struct(fields) => {
                let values = fields.iter().map(|field| self.value(field.ty)).collect::<Result<_, _>>()?;
                Value::Struct(values)
            }
            GoType::Interface(methods) => self.interface(methods)?,
            GoType::Chan { .. } => Value::Chan(Some(self.heap.add(id, Content::Chan))),
            GoType::Func(_) => Value::Func(Some(self.heap.add(id, Content::Func))),
            GoType::Pointer(target) => Value::Pointer(self.referenced(|this| {
                let content = Content::Cell(this.value(*target)?);
                Ok(this.heap.add(*target, content))
            })?),
            GoType::Slice(elem) => Value::Slice(self.referenced(|this| this.slice(*elem))?),
            GoType::Map { key, value } => Value::Map(self.referenced(|this| {
                let content = Content::Map(vec![(this.value(*key)?, this.value(*value)?)]);
                Ok(this.heap.add(id, content))
            })?),
            GoType::Named(_) => Value::Interface(None),
        })
    }

    /// One reference deeper, or nil when that is too deep.
    fn referenced<T>(
        &mut self,
        make: impl FnOnce(&mut Self) -> Result<T, GenerateError>,
    ) -> Result<Option<T>, GenerateError> {
        if self.references >= MAX_REFERENCES {
            return Ok(None);
        }
        self.references += 1;
        let made = make(self);
        self.references -= 1;
        made.map(Some)
    }

    /// Length and capacity differ, so that a swap of the two shows.
    fn slice(&mut self, elem: TypeId) -> Result<SliceValue, GenerateError> {
        let len = 2 + self.word() % 2;
        let cap = len + 1 + self.word() % 4;
        let mut elements = (0..len).map(|_| self.value(elem)).collect::<Result<Vec<_>, _>>()?;
        let spare = super::zero(self.types, elem, self.left).ok_or(GenerateError::TooManyLeaves)?;
        elements.resize(cap as usize, spare);
        Ok(SliceValue { object: self.heap.add(elem, Content::Array(elements)), len, cap })
    }

    fn interface(&mut self, methods: &[InterfaceMethod]) -> Result<Value, GenerateError> {
        let ty = if methods.is_empty() {
            self.turn += 1;
            Some(self.choices.empty[(self.turn - 1) % self.choices.empty.len()])
        } else {
            implementer(self.types, methods)
        };
        let Some(ty) = ty else { return Ok(Value::Interface(None)) };
        // A type that holds its own interface would otherwise go on for ever.
        let value = self.referenced(|this| this.value(ty))?;
        Ok(Value::Interface(value.map(|value| Box::new(InterfaceValue { ty, value }))))
    }

    fn basic(&mut self, basic: Basic) -> Value {
        let word = self.word();
        match basic {
            Basic::Bool => Value::Bool(word & 1 == 1),
            Basic::Int8 => Value::Int((word as i8).into()),
            Basic::Int16 => Value::Int((word as i16).into()),
            Basic::Int32 => Value::Int((word as i32).into()),
            Basic::Int64 => Value::Int(word as i64),
            Basic::Int if self.word_bytes == 4 => Value::Int((word as i32).into()),
            Basic::Int => Value::Int(word as i64),
            Basic::Uint8 => Value::Uint((word as u8).into()),
            Basic::Uint16 => Value::Uint((word as u16).into()),
            Basic::Uint32 => Value::Uint((word as u32).into()),
            Basic::Uint64 => Value::Uint(word),
            Basic::Uint | Basic::Uintptr if self.word_bytes == 4 => Value::Uint((word as u32).into()),
            Basic::Uint | Basic::Uintptr => Value::Uint(word),
            Basic::Float32 => Value::Float32(finite32(word)),
            Basic::Float64 => Value::Float64(finite64(word)),
            Basic::Complex64 => Value::Complex64(finite32(word), finite32(self.word())),
            Basic::Complex128 => Value::Complex128(finite64(word), finite64(self.word())),
            Basic::String => Value::String(letters(word)),
            Basic::UnsafePointer => {
                let pointee = self.choices.pointee;
                Value::UnsafePointer(Some(self.heap.add(pointee, Content::Cell(Value::Uint(word)))))
            }
        }
    }
}

/// The first declared type that has the methods, or a pointer to it: what a generated interface value holds.
pub fn implementer(types: &Types, methods: &[InterfaceMethod]) -> Option<TypeId> {
    types.declared().find_map(|(named, _)| {
        let id = types.type_of(named);
        if has_methods(types, named, methods, false) {
            return Some(id);
        }
        // The arena knows a pointer to every declared type.
        let pointer = types.find(&GoType::Pointer(id));
        pointer.filter(|_| has_methods(types, named, methods, true))
    })
}

/// Whether the type (or a pointer to it) has all the methods. Promoted methods are not looked for.
fn has_methods(types: &Types, named: NamedId, wanted: &[InterfaceMethod], pointer: bool) -> bool {
    let declared = &types.named(named).methods;
    wanted.iter().all(|method| {
        let found = declared.iter().find(|known| known.name == method.name && known.func == method.func);
        found.is_some_and(|known| pointer || !known.pointer_receiver)
    })
}

/// Whether a type other than an interface has all the methods.
pub(super) fn implements(types: &Types, id: TypeId, wanted: &[InterfaceMethod]) -> bool {
    let (base, pointer) = match types.get(id) {
        GoType::Pointer(target) => (*target, true),
        _ => (id, false),
    };
    match types.get(base) {
        GoType::Named(named) => has_methods(types, *named, wanted, pointer),
        _ => wanted.is_empty(),
    }
}

/// A finite float32 of magnitude 2^-32 to 2^31 with random sign and mantissa: never NaN, whose bits a conversion changes.
fn finite32(word: u64) -> u32 {
    let sign_and_mantissa = (word as u32) & 0x807f_ffff;
    let exponent = 95 + ((word >> 40) as u32 & 0x3f);
    sign_and_mantissa | (exponent << 23)
}

/// A finite float64 of magnitude 2^-32 to 2^31, as [`finite32`].
fn finite64(word: u64) -> u64 {
    let sign_and_mantissa = word & 0x800f_ffff_ffff_ffff;
    let exponent = 991 + ((word >> 52) & 0x3f);
    sign_and_mantissa | (exponent << 52)
}

/// Four to seven letters.
fn letters(word: u64) -> Vec<u8> {
    let count = 4 + (word >> 60) % 4;
    (0..count).map(|at| b'a' + ((word >> (8 * at)) % 26) as u8).collect()
}
