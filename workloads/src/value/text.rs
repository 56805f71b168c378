//! The canonical text of values: the same on the simulator's side and in a generated Go program.
//!
//! | type | text |
//! |---|---|
//! | bool, integers | `true`, `-5` |
//! | float32, float64 | their bits: `0x3f800000`, `0x3ff0000000000000`; a float32 NaN with its quiet bit set |
//! | complex | `(` real `,` imaginary `)` |
//! | string | quoted; bytes other than printable ASCII, `"` and `\` as `\xNN` |
//! | pointer | `nil`, `#1=&` content, later in the same section `#1`; `&` content without a number when the pointee has size 0 |
//! | slice | `nil`, `#1[2:4]{a b}` with length and capacity, later `#1[2:4]`; without a number when nothing is behind it |
//! | map | `nil`, `#1=map{k:v k:v}` in the order of the keys' texts without numbers, later `#1` |
//! | chan, func, unsafe.Pointer | `nil`, `#1=chan`, `#1=func`, `#1=unsafe`, later `#1` |
//! | interface | `nil`, type and content: `int64(5)`, `*main.T(#1=&{A:1})` |
//! | array | `[a b]` |
//! | struct | `{A:1 b:2}` without blank fields |
//!
//! Numbers count distinct objects in the order in which they are first met, over all sections of one printer: a caller
//! prints the arguments first, then the results, so that a result tells which argument's pointer came back. Content is
//! repeated once in each section. Content nested more than [`MAX_DEPTH`] references deep prints as `...`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::model::{Content, Heap, ObjectId, SliceValue, Value};
use crate::gotype::{GoType, TypeId, Types, reflect_text};
use crate::layout::{LayoutRules, Layouts};

/// How many references deep content is printed.
pub const MAX_DEPTH: u32 = 16;

/// Prints values, numbering the objects that it meets.
pub struct Printer<'a> {
    types: &'a Types,
    heap: &'a Heap,
    sizes: Layouts<'a>,
    numbers: BTreeMap<ObjectId, u32>,
    shown: BTreeSet<ObjectId>,
    numbered: bool,
}

impl<'a> Printer<'a> {
    /// A printer that has met no object.
    pub fn new(types: &'a Types, heap: &'a Heap) -> Self {
        // Only whether a size is zero matters, which is the same under all rules.
        let sizes = Layouts::new(types, LayoutRules::WORD64);
        Self { types, heap, sizes, numbers: BTreeMap::new(), shown: BTreeSet::new(), numbered: true }
    }

    /// The text of a list of values, one section: separated by one space. Values beyond the types are left out.
    pub fn section(&mut self, ids: &[TypeId], values: &[Value]) -> String {
        self.shown.clear();
        let mut out = String::new();
        for (index, (id, value)) in ids.iter().zip(values).enumerate() {
            out.push_str(if index == 0 { "" } else { " " });
            self.value(*id, value, 0, &mut out);
        }
        out
    }

    fn value(&mut self, id: TypeId, value: &Value, depth: u32, out: &mut String) {
        match value {
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Int(value) => push(out, format_args!("{value}")),
            Value::Uint(value) => push(out, format_args!("{value}")),
            Value::Float32(bits) => push(out, format_args!("0x{:08x}", quiet(*bits))),
            Value::Float64(bits) => push(out, format_args!("0x{bits:016x}")),
            Value::Complex64(re, im) => {
                push(out, format_args!("(0x{:08x},0x{:08x})", quiet(*re), quiet(*im)))
            }
            Value::Complex128(re, im) => push(out, format_args!("(0x{re:016x},0x{im:016x})")),
            Value::String(bytes) => quote(bytes, out),
            Value::Pointer(object) => self.pointer(id, *object, depth, out),
            Value::Slice(slice) => self.slice(*slice, depth, out),
            Value::Map(object) => self.map(*object, depth, out),
            Value::Chan(object) => self.opaque(*object, "chan", out),
            Value::Func(object) => self.opaque(*object, "func", out),
            Value::UnsafePointer(object) => self.opaque(*object, "unsafe", out),
            Value::Interface(None) => out.push_str("nil"),
            Value::Interface(Some(content)) => {
                push(out, format_args!("{}(", reflect_text(self.types, content.ty)));
                self.value(content.ty, &content.value, depth, out);
                out.push(')');
            }
            Value::Array(values) => self.array(id, values, depth, out),
            Value::Struct(values) => self.structure(id, values, depth, out),
            Value::Stray(word) => push(out, format_args!("?0x{word:x}")),
        }
    }

    fn array(&mut self, id: TypeId, values: &[Value], depth: u32, out: &mut String) {
        let elem = match self.types.shape(id) {
            GoType::Array { elem, .. } => *elem,
            _ => id,
        };
        out.push('[');
        self.list(elem, values, depth, out);
        out.push(']');
    }

    fn list(&mut self, elem: TypeId, values: &[Value], depth: u32, out: &mut String) {
        for (index, value) in values.iter().enumerate() {
            out.push_str(if index == 0 { "" } else { " " });
            self.value(elem, value, depth, out);
        }
    }

    fn structure(&mut self, id: TypeId, values: &[Value], depth: u32, out: &mut String) {
        let types = self.types;
        let GoType::Struct(fields) = types.shape(id) else { return };
        out.push('{');
        let visible = fields.iter().zip(values).filter(|(field, _)| !field.is_blank());
        for (index, (field, value)) in visible.enumerate() {
            push(out, format_args!("{}{}:", if index == 0 { "" } else { " " }, field.name));
            self.value(field.ty, value, depth, out);
        }
        out.push('}');
    }

    fn pointer(&mut self, id: TypeId, object: Option<ObjectId>, depth: u32, out: &mut String) {
        let Some(object) = object else { return out.push_str("nil") };
        let heap = self.heap;
        let target = match self.types.shape(id) {
            GoType::Pointer(target) => *target,
            _ => heap.get(object).ty,
        };
        if !self.is_empty(target) && !self.name(object, "=", out) {
            return;
        }
        out.push('&');
        match &heap.get(object).content {
            Content::Cell(_) if depth >= MAX_DEPTH => out.push_str("..."),
            Content::Cell(value) => self.value(target, value, depth + 1, out),
            Content::Array(_) | Content::Map(_) | Content::Chan | Content::Func => out.push('?'),
        }
    }

    fn slice(&mut self, slice: Option<SliceValue>, depth: u32, out: &mut String) {
        let Some(SliceValue { object, len, cap }) = slice else { return out.push_str("nil") };
        let heap = self.heap;
        let object_type = heap.get(object).ty;
        let first = cap == 0 || self.is_empty(object_type) || self.name(object, "", out);
        push(out, format_args!("[{len}:{cap}]"));
        if !first {
            return;
        }
        out.push('{');
        match &heap.get(object).content {
            Content::Array(_) if depth >= MAX_DEPTH => out.push_str("..."),
            Content::Array(values) => {
                let visible = usize::try_from(len).unwrap_or(usize::MAX).min(values.len());
                self.list(object_type, &values[..visible], depth + 1, out);
            }
            Content::Cell(_) | Content::Map(_) | Content::Chan | Content::Func => out.push('?'),
        }
        out.push('}');
    }

    fn map(&mut self, object: Option<ObjectId>, depth: u32, out: &mut String) {
        let Some(object) = object else { return out.push_str("nil") };
        if !self.name(object, "=", out) {
            return;
        }
        out.push_str("map{");
        let heap = self.heap;
        let target = heap.get(object);
        match (self.types.shape(target.ty), &target.content) {
            (_, Content::Map(_)) if depth >= MAX_DEPTH => out.push_str("..."),
            (GoType::Map { key, value }, Content::Map(entries)) => {
                for (index, (left, right)) in self.sorted(*key, entries).into_iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { " " });
                    self.value(*key, left, depth + 1, out);
                    out.push(':');
                    self.value(*value, right, depth + 1, out);
                }
            }
            _ => out.push('?'),
        }
        out.push('}');
    }

    fn sorted<'v>(&mut self, key: TypeId, entries: &'v [(Value, Value)]) -> Vec<&'v (Value, Value)> {
        let numbered = std::mem::replace(&mut self.numbered, false);
        let mut texts: Vec<(String, &(Value, Value))> = Vec::new();
        for entry in entries {
            let mut text = String::new();
            self.value(key, &entry.0, 0, &mut text);
            texts.push((text, entry));
        }
        self.numbered = numbered;
        texts.sort_by(|left, right| left.0.cmp(&right.0));
        texts.into_iter().map(|(_, entry)| entry).collect()
    }

    fn opaque(&mut self, object: Option<ObjectId>, word: &str, out: &mut String) {
        let Some(object) = object else { return out.push_str("nil") };
        if self.name(object, "=", out) {
            out.push_str(word);
        }
    }

    /// Writes an object's number; true when its content is to follow, after `link`.
    fn name(&mut self, object: ObjectId, link: &str, out: &mut String) -> bool {
        if !self.numbered {
            return true;
        }
        let next = self.numbers.len() as u32 + 1;
        let number = *self.numbers.entry(object).or_insert(next);
        push(out, format_args!("#{number}"));
        let first = self.shown.insert(object);
        out.push_str(if first { link } else { "" });
        first
    }

    fn is_empty(&self, id: TypeId) -> bool {
        self.sizes.layout(id).is_ok_and(|layout| layout.size == 0)
    }
}

/// Reading a float32 NaN through reflect turns it into a quiet one; so does this text.
fn quiet(bits: u32) -> u32 {
    if f32::from_bits(bits).is_nan() { bits | 0x0040_0000 } else { bits }
}

/// The canonical text of a string.
pub fn quoted(bytes: &[u8]) -> String {
    let mut out = String::new();
    quote(bytes, &mut out);
    out
}

fn quote(bytes: &[u8], out: &mut String) {
    out.push('"');
    for byte in bytes {
        match byte {
            b'"' | b'\\' => push(out, format_args!("\\x{byte:02x}")),
            b' '..=b'~' => out.push(char::from(*byte)),
            _ => push(out, format_args!("\\x{byte:02x}")),
        }
    }
    out.push('"');
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}
