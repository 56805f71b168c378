//! Values as Go source.

use std::fmt::Write as _;

use super::model::{Content, Heap, InterfaceValue, Object, ObjectId, Value};
use crate::gotype::{GoType, TypeId, TypeNames, Types, go_text};

/// Writes values as Go expressions. Objects are variables `o0`, `o1`, … that [`GoLiterals::objects`] declares.
pub struct GoLiterals<'a> {
    types: &'a Types,
    heap: &'a Heap,
    names: &'a dyn TypeNames,
}

impl<'a> GoLiterals<'a> {
    /// Literals of values whose objects are in `heap`.
    pub fn new(types: &'a Types, heap: &'a Heap, names: &'a dyn TypeNames) -> Self {
        Self { types, heap, names }
    }

    fn ty(&self, id: TypeId) -> String {
        go_text(self.types, id, self.names)
    }

    /// Statements that make every object, each on a line. `func_name` gives the name of the function that stands for a
    /// function object.
    pub fn objects(&self, func_name: &dyn Fn(ObjectId) -> String) -> String {
        let mut out = String::new();
        for (id, object) in self.heap.iter() {
            let name = variable(id);
            let _ = writeln!(out, "{}", self.object(id, &name, object, func_name));
            let _ = writeln!(out, "_ = {name}");
        }
        out
    }

    fn object(
        &self,
        id: ObjectId,
        name: &str,
        object: &Object,
        func_name: &dyn Fn(ObjectId) -> String,
    ) -> String {
        let ty = self.ty(object.ty);
        match &object.content {
            Content::Cell(value) => {
                format!(
                    "var c{} {ty} = {}\n{name} := &c{}",
                    id.index(),
                    self.expression(object.ty, value),
                    id.index()
                )
            }
            Content::Array(values) => {
                let elements: Vec<String> =
                    values.iter().map(|value| self.expression(object.ty, value)).collect();
                format!(
                    "{name} := append(make([]{ty}, 0, {}), []{ty}{{{}}}...)",
                    values.len(),
                    elements.join(", ")
                )
            }
            Content::Map(entries) => {
                let GoType::Map { key, value } = self.types.shape(object.ty) else {
                    return format!("var {name} {ty}");
                };
                let entries = entries.iter().map(|(left, right)| {
                    format!("{}: {}", self.expression(*key, left), self.expression(*value, right))
                });
                format!("{name} := {ty}{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
            Content::Chan => format!("{name} := make({ty})"),
            Content::Func => format!("var {name} {ty} = {}", func_name(id)),
        }
    }

    /// A value as an expression of exactly its type.
    pub fn expression(&self, id: TypeId, value: &Value) -> String {
        let ty = self.ty(id);
        let object = |object: &Option<ObjectId>| object.map_or("nil".to_owned(), variable);
        match value {
            Value::Bool(value) => format!("({ty})({value})"),
            Value::Int(value) => format!("({ty})({value})"),
            Value::Uint(value) => format!("({ty})({value})"),
            Value::Float32(bits) => format!("({ty})({})", go_float32(*bits)),
            Value::Float64(bits) => format!("({ty})({})", go_float64(*bits)),
            Value::Complex64(re, im) => format!("({ty})(complex({}, {}))", go_float32(*re), go_float32(*im)),
            Value::Complex128(re, im) => format!("({ty})(complex({}, {}))", go_float64(*re), go_float64(*im)),
            Value::String(bytes) => format!("({ty})({})", go_string(bytes)),
            Value::Pointer(target) | Value::Map(target) | Value::Chan(target) | Value::Func(target) => {
                format!("({ty})({})", object(target))
            }
            Value::UnsafePointer(target) => format!("({ty})(unsafe.Pointer({}))", object(target)),
            Value::Slice(None) | Value::Interface(None) => format!("({ty})(nil)"),
            Value::Slice(Some(slice)) => {
                format!("({ty})({}[:{}:{}])", variable(slice.object), slice.len, slice.cap)
            }
            Value::Interface(Some(content)) => format!("({ty})({})", self.content(content)),
            Value::Array(values) => format!("{ty}{{{}}}", self.elements(id, values)),
            Value::Struct(values) => format!("{ty}{{{}}}", self.fields(id, values)),
            // Only a defective call leaves one; no argument has it.
            Value::Stray(word) => format!("({ty})(unsafe.Pointer(uintptr({word})))"),
        }
    }

    fn content(&self, content: &InterfaceValue) -> String {
        self.expression(content.ty, &content.value)
    }

    fn elements(&self, id: TypeId, values: &[Value]) -> String {
        let GoType::Array { elem, .. } = self.types.shape(id) else { return String::new() };
        let elements: Vec<String> = values.iter().map(|value| self.bare(*elem, value)).collect();
        elements.join(", ")
    }

    /// An element whose type Go knows from the context: numbers stand alone, so that long arrays stay readable.
    fn bare(&self, id: TypeId, value: &Value) -> String {
        match value {
            Value::Int(value) => value.to_string(),
            Value::Uint(value) => value.to_string(),
            _ => self.expression(id, value),
        }
    }

    fn fields(&self, id: TypeId, values: &[Value]) -> String {
        let GoType::Struct(fields) = self.types.shape(id) else { return String::new() };
        let visible = fields.iter().zip(values).filter(|(field, _)| !field.is_blank());
        let texts = visible.map(|(field, value)| {
            let name =
                if field.embedded { self.names.field_name(self.types, field) } else { field.name.clone() };
            format!("{name}: {}", self.expression(field.ty, value))
        });
        texts.collect::<Vec<_>>().join(", ")
    }
}

fn variable(id: ObjectId) -> String {
    format!("o{}", id.index())
}

/// A float32 constant by its bits, as Go source that needs the package `math`.
pub fn go_float32(bits: u32) -> String {
    format!("math.Float32frombits(0x{bits:08x})")
}

/// A float64 constant by its bits, as Go source that needs the package `math`.
pub fn go_float64(bits: u64) -> String {
    format!("math.Float64frombits(0x{bits:016x})")
}

/// A string literal of Go, in ASCII.
pub fn go_string(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => out.push(char::from(*byte)),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push('"');
    out
}
