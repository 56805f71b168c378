//! Values with members, and calls: the larger half of reading values in Go syntax.

use super::model::{Content, SliceValue, Value};
use super::parse::{Parsed, ValueParser};
use super::scalars;
use crate::gotype::{Basic, Field, GoType, TsNode, TypeId, children};

/// The longest slice that is made, in elements; what is more is an error like any other value too large.
const MAX_ELEMENTS: u64 = super::MAX_LEAVES;

impl<'a> ValueParser<'a> {
    pub(super) fn structure(&mut self, node: TsNode<'a>, id: TypeId, fields: &[Field]) -> Parsed<Value> {
        let Value::Struct(mut values) = self.zero(node, id)? else { return self.mismatch(node, id) };
        let elements = children(node);
        let keyed = elements.iter().filter(|element| element.kind() == "keyed_element").count();
        if keyed != 0 && keyed != elements.len() {
            return self.fail(node, "mixture of elements with and without a field name", "");
        }
        if keyed == 0 && !elements.is_empty() && elements.len() != fields.len() {
            let label = format!("the struct has {} fields", fields.len());
            return self.fail(node, format!("{} values for the fields", elements.len()), label);
        }
        let mut given = vec![false; fields.len()];
        for (position, element) in elements.into_iter().enumerate() {
            let (index, value) = self.field_of(element, position, fields)?;
            if std::mem::replace(&mut given[index], true) {
                return self.fail(element, format!("field `{}` is given twice", fields[index].name), "");
            }
            values[index] = self.value(value, fields[index].ty)?;
        }
        Ok(Value::Struct(values))
    }

    /// Which field an element is for, and its value's node.
    fn field_of(
        &self,
        element: TsNode<'a>,
        position: usize,
        fields: &[Field],
    ) -> Parsed<(usize, TsNode<'a>)> {
        let (Some(key), Some(value)) =
            (element.child_by_field_name("key"), element.child_by_field_name("value"))
        else {
            return Ok((position, element));
        };
        let name = self.syntax.text(key);
        match fields.iter().position(|field| field.name == name && !field.is_blank()) {
            Some(index) => Ok((index, value)),
            None => self.fail(key, format!("the struct has no field `{name}`"), ""),
        }
    }

    /// Elements with their indices: `a, b` or `3: a`.
    pub(super) fn indexed(&mut self, node: TsNode<'a>, elem: TypeId) -> Parsed<Vec<(usize, Value)>> {
        let mut found: Vec<(usize, Value)> = Vec::new();
        let mut next = 0;
        for element in children(node) {
            let (mut index, mut value) = (next, element);
            if let Some(key) = element.child_by_field_name("key") {
                index = self.element_count(key)?;
                value = element.child_by_field_name("value").unwrap_or(element);
            }
            next = index + 1;
            found.push((index, self.value(value, elem)?));
        }
        Ok(found)
    }

    /// A number of elements, or an index.
    fn element_count(&self, node: TsNode<'a>) -> Parsed<usize> {
        let node = if node.kind() == "literal_element" { node.named_child(0).unwrap_or(node) } else { node };
        let number = scalars::integer(self, node)?;
        match usize::try_from(number) {
            Ok(count) if (count as u64) <= MAX_ELEMENTS => Ok(count),
            _ => self.fail(node, "not a usable number of elements", format!("must be 0 to {MAX_ELEMENTS}")),
        }
    }

    /// A slice of zero values.
    pub(super) fn blank_slice(
        &mut self,
        node: TsNode<'a>,
        elem: TypeId,
        len: u64,
        cap: u64,
    ) -> Parsed<Value> {
        let mut values = Vec::new();
        for _ in 0..cap {
            values.push(self.zero(node, elem)?);
            self.charge(node, 1)?;
        }
        let object = self.heap.add(elem, Content::Array(values));
        Ok(Value::Slice(Some(SliceValue { object, len, cap })))
    }

    pub(super) fn map(&mut self, node: TsNode<'a>, id: TypeId, key: TypeId, value: TypeId) -> Parsed<Value> {
        let mut entries: Vec<(Value, Value)> = Vec::new();
        for element in children(node) {
            let (Some(left), Some(right)) =
                (element.child_by_field_name("key"), element.child_by_field_name("value"))
            else {
                return self.fail(element, "an element of a map needs a key", "write key: value");
            };
            let left_value = self.value(left, key)?;
            if entries.iter().any(|(known, _)| *known == left_value) {
                return self.fail(left, "the key is there twice", "");
            }
            entries.push((left_value, self.value(right, value)?));
        }
        Ok(Value::Map(Some(self.heap.add(id, Content::Map(entries)))))
    }

    pub(super) fn function(&mut self, node: TsNode<'a>, id: TypeId) -> Parsed<Value> {
        let written = self.space.resolve_signature(self.syntax, node)?;
        if self.space.types().underlying(id) != written {
            return self.mismatch(node, id);
        }
        let empty = node.child_by_field_name("body").is_some_and(|body| children(body).is_empty());
        if !empty {
            return self.fail(node, "a function value has an empty body here", "it returns zero values");
        }
        Ok(Value::Func(Some(self.heap.add(id, Content::Func))))
    }

    pub(super) fn call(&mut self, node: TsNode<'a>, id: TypeId) -> Parsed<Value> {
        let Some(function) = node.child_by_field_name("function") else { return self.mismatch(node, id) };
        let arguments = node.child_by_field_name("arguments").map(children).unwrap_or_default();
        match (self.syntax.text(function), arguments.as_slice()) {
            ("new", [ty]) => self.new_value(*ty, id),
            ("make", [ty, sizes @ ..]) => self.make(*ty, sizes, id),
            ("complex", [re, im]) => scalars::complex(self, node, id, *re, *im),
            ("math.Float32frombits", [bits]) => scalars::from_bits(self, *bits, id, Basic::Float32),
            ("math.Float64frombits", [bits]) => scalars::from_bits(self, *bits, id, Basic::Float64),
            ("unsafe.Pointer", [pointer]) => self.unsafe_pointer(node, *pointer, id),
            (_, [_]) => self.conversion(node, "function", "arguments", id),
            _ => self.fail(node, "not a value that can be written here", "calls are not evaluated"),
        }
    }

    /// The type of `new(T)`, `make(T)`, `complex(…)`, `T(x)`.
    pub(super) fn called_type(&mut self, node: TsNode<'a>) -> Parsed<Option<TypeId>> {
        let Some(function) = node.child_by_field_name("function") else { return Ok(None) };
        let first = node.child_by_field_name("arguments").and_then(|list| list.named_child(0));
        match self.syntax.text(function) {
            "new" => {
                let target = self.written_type(first)?;
                Ok(target.map(|target| self.space.types_mut().intern(GoType::Pointer(target))))
            }
            "make" => self.written_type(first),
            "complex" => Ok(Some(self.space.types_mut().basic(Basic::Complex128))),
            "math.Float32frombits" => Ok(Some(self.space.types_mut().basic(Basic::Float32))),
            "math.Float64frombits" => Ok(Some(self.space.types_mut().basic(Basic::Float64))),
            _ => self.written_type(Some(function)),
        }
    }

    /// `T(x)`
    pub(super) fn conversion(
        &mut self,
        node: TsNode<'a>,
        ty: &str,
        operand: &str,
        id: TypeId,
    ) -> Parsed<Value> {
        let (Some(type_node), Some(operand)) =
            (node.child_by_field_name(ty), node.child_by_field_name(operand))
        else {
            return self.mismatch(node, id);
        };
        let written = self.space.resolve_node(self.syntax, type_node)?;
        self.same_type(type_node, written, id)?;
        let operand = if operand.kind() == "argument_list" {
            operand.named_child(0).unwrap_or(operand)
        } else {
            operand
        };
        let target = self.space.types().underlying(id);
        match (self.space.types().get(target), operand.kind()) {
            // T(math.Float64frombits(…)) and the like: the operand has the underlying type.
            (GoType::Basic(_), "call_expression") => self.value(operand, target),
            _ => self.value(operand, id),
        }
    }

    fn new_value(&mut self, ty: TsNode<'a>, id: TypeId) -> Parsed<Value> {
        let target = self.space.resolve_node(self.syntax, ty)?;
        match *self.space.types().shape(id) {
            GoType::Pointer(wanted) if wanted == target => {
                let content = Content::Cell(self.zero(ty, target)?);
                Ok(Value::Pointer(Some(self.heap.add(target, content))))
            }
            _ => self.mismatch(ty, id),
        }
    }

    fn make(&mut self, ty: TsNode<'a>, sizes: &[TsNode<'a>], id: TypeId) -> Parsed<Value> {
        let written = self.space.resolve_node(self.syntax, ty)?;
        self.same_type(ty, written, id)?;
        match (self.space.types().shape(id).clone(), sizes) {
            (GoType::Slice(elem), [len, rest @ ..]) if rest.len() < 2 => {
                let len_value = self.element_count(*len)?;
                let cap = rest.first().map_or(Ok(len_value), |cap| self.element_count(*cap))?;
                if cap < len_value {
                    return self.fail(*len, "the length is larger than the capacity", "");
                }
                self.blank_slice(ty, elem, len_value as u64, cap as u64)
            }
            (GoType::Map { .. }, []) => Ok(Value::Map(Some(self.heap.add(id, Content::Map(Vec::new()))))),
            (GoType::Chan { .. }, []) => Ok(Value::Chan(Some(self.heap.add(id, Content::Chan)))),
            _ => self.fail(ty, "cannot make this", "slices with a length, maps and unbuffered channels only"),
        }
    }

    fn unsafe_pointer(&mut self, node: TsNode<'a>, pointer: TsNode<'a>, id: TypeId) -> Parsed<Value> {
        if *self.space.types().shape(id) != GoType::Basic(Basic::UnsafePointer) {
            return self.mismatch(node, id);
        }
        if pointer.kind() == "nil" {
            return Ok(Value::UnsafePointer(None));
        }
        let Some(ty) = self.pointer_type(pointer)? else {
            return self.fail(pointer, "not a pointer that can be written here", "write &T{…} or new(T)");
        };
        match self.value(pointer, ty)? {
            Value::Pointer(object) => Ok(Value::UnsafePointer(object)),
            _ => self.fail(pointer, "not a pointer that can be written here", "write &T{…} or new(T)"),
        }
    }

    fn pointer_type(&mut self, node: TsNode<'a>) -> Parsed<Option<TypeId>> {
        match node.kind() {
            "unary_expression" | "call_expression" => self.dynamic_type(node),
            _ => Ok(None),
        }
    }
}
