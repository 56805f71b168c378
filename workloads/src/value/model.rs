//! The value model.

use crate::gotype::{Basic, GoType, TypeId, Types};

/// An object of one [`Heap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(u32);

impl ObjectId {
    /// A dense index into the heap.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A Go value. Its type is known from where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `bool`
    Bool(bool),
    /// A signed integer of any size.
    Int(i64),
    /// An unsigned integer of any size, `uintptr` included.
    Uint(u64),
    /// The bits of a `float32`.
    Float32(u32),
    /// The bits of a `float64`.
    Float64(u64),
    /// The bits of the real and the imaginary part.
    Complex64(u32, u32),
    /// The bits of the real and the imaginary part.
    Complex128(u64, u64),
    /// The bytes of a string.
    String(Vec<u8>),
    /// A pointer to the start of an object, or nil.
    Pointer(Option<ObjectId>),
    /// A slice, or nil.
    Slice(Option<SliceValue>),
    /// A map, or nil.
    Map(Option<ObjectId>),
    /// A channel, or nil.
    Chan(Option<ObjectId>),
    /// A function value, or nil.
    Func(Option<ObjectId>),
    /// An `unsafe.Pointer` to the start of an object, or nil.
    UnsafePointer(Option<ObjectId>),
    /// An interface value, or nil.
    Interface(Option<Box<InterfaceValue>>),
    /// The elements of an array.
    Array(Vec<Self>),
    /// The fields of a struct, blank ones included.
    Struct(Vec<Self>),
    /// A pointer word that refers to no known object: what a defective call can leave. Never in an argument.
    Stray(u64),
}

/// A slice that is not nil. It starts at the start of its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SliceValue {
    /// The backing array, a [`Content::Array`].
    pub object: ObjectId,
    /// Length in elements.
    pub len: u64,
    /// Capacity in elements.
    pub cap: u64,
}

/// An interface value that is not nil.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceValue {
    /// The dynamic type; never an interface.
    pub ty: TypeId,
    /// The value of that type.
    pub value: Value,
}

/// What is in an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// One value of the object's type.
    Cell(Value),
    /// The backing array of a slice: values of the object's type, which is that of the elements.
    Array(Vec<Value>),
    /// Keys and values; the object's type is the map type.
    Map(Vec<(Value, Value)>),
    /// An open, empty, unbuffered channel; the object's type is the channel type.
    Chan,
    /// A function that returns zero values; the object's type is the function type.
    Func,
}

/// Something that pointers refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The type, in the sense of [`Content`].
    pub ty: TypeId,
    /// The content.
    pub content: Content,
}

/// The objects that some values refer to. An object refers only to objects before it, unless somebody changes it later.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heap {
    objects: Vec<Object>,
}

impl Heap {
    /// No objects.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an object.
    pub fn add(&mut self, ty: TypeId, content: Content) -> ObjectId {
        let id =
            ObjectId(u32::try_from(self.objects.len()).expect("values are limited to far fewer objects"));
        self.objects.push(Object { ty, content });
        id
    }

    /// An object.
    pub fn get(&self, id: ObjectId) -> &Object {
        &self.objects[id.index()]
    }

    /// An object, to be changed.
    pub fn get_mut(&mut self, id: ObjectId) -> &mut Object {
        &mut self.objects[id.index()]
    }

    /// All objects, in order.
    pub fn iter(&self) -> impl Iterator<Item = (ObjectId, &Object)> {
        self.objects.iter().enumerate().map(|(index, object)| (ObjectId(index as u32), object))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}

/// The zero value of a type; nothing when it has more than `max_leaves` parts.
pub fn zero(types: &Types, id: TypeId, max_leaves: u64) -> Option<Value> {
    let mut left = max_leaves;
    zero_within(types, id, &mut left)
}

fn zero_within(types: &Types, id: TypeId, left: &mut u64) -> Option<Value> {
    *left = left.checked_sub(1)?;
    Some(match types.shape(id) {
        GoType::Basic(basic) => zero_basic(*basic),
        GoType::Pointer(_) => Value::Pointer(None),
        GoType::Slice(_) => Value::Slice(None),
        GoType::Map { .. } => Value::Map(None),
        GoType::Chan { .. } => Value::Chan(None),
        GoType::Func(_) => Value::Func(None),
        GoType::Interface(_) | GoType::Named(_) => Value::Interface(None),
        GoType::Array { elem, len } => {
            let elements = (0..*len).map(|_| zero_within(types, *elem, left));
            Value::Array(elements.collect::<Option<_>>()?)
        }
        GoType::Struct(fields) => {
            let values = fields.iter().map(|field| zero_within(types, field.ty, left));
            Value::Struct(values.collect::<Option<_>>()?)
        }
    })
}

fn zero_basic(basic: Basic) -> Value {
    match basic {
        Basic::Bool => Value::Bool(false),
        Basic::Int | Basic::Int8 | Basic::Int16 | Basic::Int32 | Basic::Int64 => Value::Int(0),
        Basic::Uint | Basic::Uint8 | Basic::Uint16 | Basic::Uint32 | Basic::Uint64 | Basic::Uintptr => {
            Value::Uint(0)
        }
        Basic::Float32 => Value::Float32(0),
        Basic::Float64 => Value::Float64(0),
        Basic::Complex64 => Value::Complex64(0, 0),
        Basic::Complex128 => Value::Complex128(0, 0),
        Basic::String => Value::String(Vec::new()),
        Basic::UnsafePointer => Value::UnsafePointer(None),
    }
}
