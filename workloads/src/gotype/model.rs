//! The type model: an arena in which equal ids mean identical Go types.

use std::collections::HashMap;

/// A type of one [`Types`] arena. Two ids are equal exactly when Go calls the types identical.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(u32);

/// A named type of one [`Types`] arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamedId(u32);

/// The types without parts. `byte` is [`Basic::Uint8`], `rune` is [`Basic::Int32`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is called what Go calls it")]
pub enum Basic {
    Bool,
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uintptr,
    Float32,
    Float64,
    Complex64,
    Complex128,
    String,
    UnsafePointer,
}

impl Basic {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::Bool,
        Self::Int,
        Self::Int8,
        Self::Int16,
        Self::Int32,
        Self::Int64,
        Self::Uint,
        Self::Uint8,
        Self::Uint16,
        Self::Uint32,
        Self::Uint64,
        Self::Uintptr,
        Self::Float32,
        Self::Float64,
        Self::Complex64,
        Self::Complex128,
        Self::String,
        Self::UnsafePointer,
    ];

    /// The name in Go source.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Uint => "uint",
            Self::Uint8 => "uint8",
            Self::Uint16 => "uint16",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::Uintptr => "uintptr",
            Self::Float32 => "float32",
            Self::Float64 => "float64",
            Self::Complex64 => "complex64",
            Self::Complex128 => "complex128",
            Self::String => "string",
            Self::UnsafePointer => "unsafe.Pointer",
        }
    }
}

/// Which way a channel goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChanDir {
    /// `chan T`
    Both,
    /// `chan<- T`
    Send,
    /// `<-chan T`
    Receive,
}

/// Parameters and results of a function. Names are no part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Signature {
    /// Parameter types; the last one is the slice type when the function is variadic.
    pub params: Vec<TypeId>,
    /// Result types.
    pub results: Vec<TypeId>,
    /// Whether the last parameter was written `...T`.
    pub variadic: bool,
}

/// A field of a struct. Tags are not kept: they have no effect on a call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Field {
    /// The name; of an embedded field the name of its type; `_` for a blank field.
    pub name: String,
    /// The type.
    pub ty: TypeId,
    /// Whether it was written without a name.
    pub embedded: bool,
}

impl Field {
    /// Whether nothing can read the field: its value takes no part in a comparison.
    pub fn is_blank(&self) -> bool {
        self.name == "_"
    }
}

/// A method of an interface.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InterfaceMethod {
    /// The name.
    pub name: String,
    /// A [`GoType::Func`] without receiver.
    pub func: TypeId,
}

/// A Go type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum GoType {
    /// A type without parts.
    Basic(Basic),
    /// `*T`
    Pointer(TypeId),
    /// `[N]T`
    Array {
        /// T
        elem: TypeId,
        /// N
        len: u64,
    },
    /// `[]T`
    Slice(TypeId),
    /// `map[K]V`
    Map {
        /// K
        key: TypeId,
        /// V
        value: TypeId,
    },
    /// `chan T` and its directed forms.
    Chan {
        /// Which way.
        dir: ChanDir,
        /// T
        elem: TypeId,
    },
    /// `func(…) …`
    Func(Signature),
    /// `interface { … }`: every method, embedded ones included, in the order of names.
    Interface(Vec<InterfaceMethod>),
    /// `struct { … }`
    Struct(Vec<Field>),
    /// A declared type, or `error`.
    Named(NamedId),
}

/// A method declared on a named type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// The name.
    pub name: String,
    /// Whether the receiver is `*T`.
    pub pointer_receiver: bool,
    /// A [`GoType::Func`] without receiver.
    pub func: TypeId,
}

/// A named type and what is declared for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name without package.
    pub name: String,
    /// Whether Go predeclares it (`error`), so that it belongs to no package.
    pub predeclared: bool,
    underlying: Option<TypeId>,
    /// Methods in the order of declaration.
    pub methods: Vec<Method>,
}

/// The arena. Every type that a workload mentions lives in one, and so do the basic types and pointers to declared types.
#[derive(Debug, Clone)]
pub struct Types {
    types: Vec<GoType>,
    known: HashMap<GoType, TypeId>,
    named: Vec<Named>,
    error: TypeId,
}

impl Default for Types {
    fn default() -> Self {
        Self::new()
    }
}

impl Types {
    /// An arena that holds what Go predeclares.
    pub fn new() -> Self {
        let mut types =
            Self { types: Vec::new(), known: HashMap::new(), named: Vec::new(), error: TypeId(0) };
        let (named, error) = types.declare("error");
        types.error = error;
        for basic in Basic::ALL {
            types.basic(basic);
        }
        let pointee = types.basic(Basic::Uint64);
        types.intern(GoType::Pointer(pointee));
        types.named[named.index()].predeclared = true;
        let string = types.basic(Basic::String);
        let signature = Signature { results: vec![string], ..Signature::default() };
        let func = types.intern(GoType::Func(signature));
        let method = InterfaceMethod { name: "Error".to_owned(), func };
        let interface = types.intern(GoType::Interface(vec![method]));
        types.define(named, interface);
        types
    }

    /// The id of a type, the same for identical types.
    pub fn intern(&mut self, ty: GoType) -> TypeId {
        if let Some(id) = self.known.get(&ty) {
            return *id;
        }
        let index = u32::try_from(self.types.len()).expect("inputs are far too short for 2^32 types");
        let id = TypeId(index);
        self.types.push(ty.clone());
        self.known.insert(ty, id);
        id
    }

    /// A basic type.
    pub fn basic(&mut self, basic: Basic) -> TypeId {
        self.intern(GoType::Basic(basic))
    }

    /// The id of a basic type in an arena that is not to be changed.
    pub fn basic_id(&self, basic: Basic) -> TypeId {
        self.known[&GoType::Basic(basic)]
    }

    /// `*uint64`: what generated interface values hold when they are to hold a pointer.
    pub fn pointer_to_uint64(&self) -> TypeId {
        self.known[&GoType::Pointer(self.basic_id(Basic::Uint64))]
    }

    /// `error`
    pub fn error(&self) -> TypeId {
        self.error
    }

    /// A new named type, to be completed by [`Types::define`].
    pub(crate) fn declare(&mut self, name: &str) -> (NamedId, TypeId) {
        let index = u32::try_from(self.named.len()).expect("inputs are far too short for 2^32 types");
        let id = NamedId(index);
        let named =
            Named { name: name.to_owned(), predeclared: false, underlying: None, methods: Vec::new() };
        self.named.push(named);
        let ty = self.intern(GoType::Named(id));
        // Known from the start, so that values can be made without changing the arena.
        self.intern(GoType::Pointer(ty));
        (id, ty)
    }

    /// Gives a named type its underlying type.
    pub(crate) fn define(&mut self, id: NamedId, underlying: TypeId) {
        let underlying = self.underlying(underlying);
        self.named[id.index()].underlying = Some(underlying);
    }

    pub(crate) fn is_defined(&self, id: NamedId) -> bool {
        self.named[id.index()].underlying.is_some()
    }

    pub(crate) fn add_method(&mut self, id: NamedId, method: Method) {
        self.named[id.index()].methods.push(method);
    }

    /// The type as written: a named type stays [`GoType::Named`].
    pub fn get(&self, id: TypeId) -> &GoType {
        &self.types[id.index()]
    }

    /// The underlying type's id: never that of a [`GoType::Named`] (in an arena that a parser has returned).
    pub fn underlying(&self, id: TypeId) -> TypeId {
        match self.get(id) {
            GoType::Named(named) => self.named[named.index()].underlying.unwrap_or(id),
            _ => id,
        }
    }

    /// The underlying type: what decides size, layout and values.
    pub fn shape(&self, id: TypeId) -> &GoType {
        self.get(self.underlying(id))
    }

    /// A named type.
    pub fn named(&self, id: NamedId) -> &Named {
        &self.named[id.index()]
    }

    /// The declared types in the order of declaration, without what Go predeclares.
    pub fn declared(&self) -> impl Iterator<Item = (NamedId, &Named)> {
        let ids = (0u32..).map(NamedId);
        ids.zip(&self.named).filter(|(_, named)| !named.predeclared)
    }

    /// The type id of a named type.
    pub fn type_of(&self, id: NamedId) -> TypeId {
        self.known[&GoType::Named(id)]
    }

    /// The signature, when the type is a function.
    pub fn signature(&self, id: TypeId) -> Option<&Signature> {
        match self.shape(id) {
            GoType::Func(signature) => Some(signature),
            _ => None,
        }
    }

    /// The id of a type that somebody has already interned.
    pub fn find(&self, ty: &GoType) -> Option<TypeId> {
        self.known.get(ty).copied()
    }

    /// All types, in the order in which they were first mentioned.
    pub fn ids(&self) -> impl Iterator<Item = TypeId> + use<> {
        (0..self.types.len() as u32).map(TypeId)
    }

    /// How many types there are.
    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// Never: an arena holds at least `error`.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }
}

impl TypeId {
    /// A dense index, for tables beside the arena.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl NamedId {
    /// A dense index, for tables beside the arena.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}
