//! Values in Go syntax.
//!
//! What is understood: constants, conversions `T(x)`, composite literals, `&T{…}`, `new(T)`, `make(…)`, `nil`,
//! `complex(a, b)`, `math.Float32frombits(…)`, `math.Float64frombits(…)`, `unsafe.Pointer(&T{…})`, and a function literal
//! with an empty body, which stands for a function that returns zero values. Each `&`, `new`, `make` and slice literal is an
//! object of its own.

use rcsim_diag::{Diagnostic, Diagnostics};

use super::generate::MAX_LEAVES;
use super::model::{Content, Heap, InterfaceValue, Value, zero};
use super::scalars;
use crate::gotype::{Basic, GoType, Syntax, TsNode, TypeId, TypeSpace, reflect_text};
use crate::snippet::Snippet;

/// How deeply values may nest in the text.
const MAX_DEPTH: usize = 100;

/// Reads a value of a type; objects that it refers to are added to the heap.
///
/// # Errors
/// The first mistake in the text, with its place.
pub fn parse(
    space: &mut TypeSpace,
    text: &Snippet,
    id: TypeId,
    heap: &mut Heap,
) -> Result<Value, Diagnostics> {
    let syntax = Syntax::parse(text, "var _ = ", "the Go value")?;
    let Some(node) = lone_value(syntax.root()) else {
        let error =
            Diagnostic::input("expected one Go value").with_primary(&text.whole(), "this is something else");
        return Err(error.into());
    };
    let mut parser = ValueParser { space, syntax: &syntax, heap, left: MAX_LEAVES, depth: 0 };
    parser.value(node, id)
}

/// The value of `var _ = value`, when that is all there is.
fn lone_value(root: TsNode<'_>) -> Option<TsNode<'_>> {
    let declarations = crate::gotype::children(root);
    let [declaration] = declarations.as_slice() else { return None };
    let spec = declaration.named_child(0).filter(|node| node.kind() == "var_spec")?;
    let list = spec.child_by_field_name("value")?;
    let values = crate::gotype::children(list);
    match (values.as_slice(), spec.child_by_field_name("type")) {
        ([one], None) => Some(*one),
        _ => None,
    }
}

pub(super) type Parsed<T> = Result<T, Diagnostics>;

pub(super) struct ValueParser<'a> {
    pub space: &'a mut TypeSpace,
    pub syntax: &'a Syntax,
    pub heap: &'a mut Heap,
    left: u64,
    depth: usize,
}

impl<'a> ValueParser<'a> {
    pub fn fail<T>(
        &self,
        node: TsNode<'a>,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Parsed<T> {
        Err(Diagnostic::input(message).with_primary(&self.syntax.span(node), label).into())
    }

    pub fn mismatch<T>(&self, node: TsNode<'a>, id: TypeId) -> Parsed<T> {
        let text = reflect_text(self.space.types(), id);
        self.fail(node, format!("expected a value of type `{text}`"), "this is something else")
    }

    fn spend(&mut self, node: TsNode<'a>) -> Parsed<()> {
        self.charge(node, 1)
    }

    /// Counts parts of the value that were not read from the text.
    pub fn charge(&mut self, node: TsNode<'a>, parts: u64) -> Parsed<()> {
        match self.left.checked_sub(parts) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => self.too_large(node),
        }
    }

    fn too_large<T>(&self, node: TsNode<'a>) -> Parsed<T> {
        let error = Diagnostic::unsupported(format!("values with more than {MAX_LEAVES} parts"));
        Err(error.with_primary(&self.syntax.span(node), "").into())
    }

    pub fn zero(&mut self, node: TsNode<'a>, id: TypeId) -> Parsed<Value> {
        match zero(self.space.types(), id, self.left) {
            Some(value) => Ok(value),
            None => self.too_large(node),
        }
    }

    /// The value of a type that a node denotes.
    pub fn value(&mut self, node: TsNode<'a>, id: TypeId) -> Parsed<Value> {
        if self.depth >= MAX_DEPTH {
            let error = Diagnostic::unsupported(format!("values nested more than {MAX_DEPTH} deep"));
            return Err(error.with_primary(&self.syntax.span(node), "").into());
        }
        self.depth += 1;
        let value = self.spend(node).and_then(|()| self.value_kind(node, id));
        self.depth -= 1;
        value
    }

    fn value_kind(&mut self, node: TsNode<'a>, id: TypeId) -> Parsed<Value> {
        if matches!(self.space.types().shape(id), GoType::Interface(_)) && node.kind() != "nil" {
            return self.interface(node, id);
        }
        match node.kind() {
            "parenthesized_expression" | "literal_element" => match node.named_child(0) {
                Some(inner) => self.value(inner, id),
                None => self.mismatch(node, id),
            },
            "nil" => self.nil(node, id),
            "composite_literal" => self.composite(node, id),
            "literal_value" => self.elided(node, id),
            "unary_expression" if self.operator(node) == "&" => self.address(node, id),
            "call_expression" => self.call(node, id),
            "type_conversion_expression" => self.conversion(node, "type", "operand", id),
            "func_literal" => self.function(node, id),
            _ => match self.space.types().shape(id) {
                GoType::Basic(basic) => scalars::scalar(self, node, id, *basic),
                _ => self.mismatch(node, id),
            },
        }
    }

    pub fn operator(&self, node: TsNode<'a>) -> &str {
        node.child_by_field_name("operator").map_or("", |operator| self.syntax.text(operator))
    }

    fn nil(&mut self, node: TsNode<'a>, id: TypeId) -> Parsed<Value> {
        match self.space.types().shape(id) {
            GoType::Array { .. } | GoType::Struct(_) => self.mismatch(node, id),
            GoType::Basic(basic) if *basic != Basic::UnsafePointer => self.mismatch(node, id),
            _ => self.zero(node, id),
        }
    }

    /// The operand of `&`.
    fn address(&mut self, node: TsNode<'a>, id: TypeId) -> Parsed<Value> {
        let GoType::Pointer(target) = *self.space.types().shape(id) else { return self.mismatch(node, id) };
        match node.child_by_field_name("operand") {
            Some(operand) if operand.kind() == "composite_literal" => self.pointer_to(operand, target),
            _ => self.fail(node, "`&` must stand before a composite literal", "write &T{…} or new(T)"),
        }
    }

    fn pointer_to(&mut self, node: TsNode<'a>, target: TypeId) -> Parsed<Value> {
        let content = Content::Cell(self.value(node, target)?);
        Ok(Value::Pointer(Some(self.heap.add(target, content))))
    }

    /// `{…}` without a type, as an element of another literal.
    fn elided(&mut self, node: TsNode<'a>, id: TypeId) -> Parsed<Value> {
        match *self.space.types().get(id) {
            GoType::Pointer(target) => self.pointer_to(node, target),
            _ => self.body(node, id),
        }
    }

    fn composite(&mut self, node: TsNode<'a>, id: TypeId) -> Parsed<Value> {
        let (Some(type_node), Some(body)) =
            (node.child_by_field_name("type"), node.child_by_field_name("body"))
        else {
            return self.mismatch(node, id);
        };
        if type_node.kind() == "implicit_length_array_type" {
            return self.fail(type_node, "`[...]` is not supported", "write the length");
        }
        let written = self.space.resolve_node(self.syntax, type_node)?;
        self.same_type(type_node, written, id)?;
        self.body(body, id)
    }

    pub fn same_type(&self, node: TsNode<'a>, written: TypeId, wanted: TypeId) -> Parsed<()> {
        if written == wanted { Ok(()) } else { self.mismatch(node, wanted) }
    }

    fn body(&mut self, node: TsNode<'a>, id: TypeId) -> Parsed<Value> {
        match self.space.types().shape(id).clone() {
            GoType::Struct(fields) => self.structure(node, id, &fields),
            GoType::Array { elem, len } => {
                let zero = self.zero(node, id)?;
                let Value::Array(mut values) = zero else { return self.mismatch(node, id) };
                for (index, element) in self.indexed(node, elem)? {
                    match values.get_mut(index) {
                        Some(slot) => *slot = element,
                        None => return self.fail(node, format!("more than {len} elements"), ""),
                    }
                }
                Ok(Value::Array(values))
            }
            GoType::Slice(elem) => {
                let elements = self.indexed(node, elem)?;
                let len = elements.iter().map(|(index, _)| index + 1).max().unwrap_or(0);
                let mut slice = self.blank_slice(node, elem, len as u64, len as u64)?;
                let Value::Slice(Some(whole)) = &mut slice else { return Ok(slice) };
                if let Content::Array(values) = &mut self.heap.get_mut(whole.object).content {
                    for (index, element) in elements {
                        values[index] = element;
                    }
                }
                Ok(slice)
            }
            GoType::Map { key, value } => self.map(node, id, key, value),
            _ => self.mismatch(node, id),
        }
    }

    pub fn implements(&self, ty: TypeId, interface: TypeId) -> bool {
        match self.space.types().shape(interface) {
            GoType::Interface(methods) => super::generate::implements(self.space.types(), ty, methods),
            _ => false,
        }
    }

    fn interface(&mut self, node: TsNode<'a>, id: TypeId) -> Parsed<Value> {
        let inner = match node.kind() {
            "parenthesized_expression" | "literal_element" => node.named_child(0),
            _ => None,
        };
        if let Some(inner) = inner {
            return self.value(inner, id);
        }
        let Some(ty) = self.dynamic_type(node)? else {
            let help = "say which type it holds: `T(1)`, `T{…}` or `&T{…}`";
            return self.fail(node, "the type of an interface's content is not clear", help);
        };
        if ty == id {
            // A conversion to the interface type itself: its operand tells.
            return match conversion_operand(node) {
                Some(operand) => self.value(operand, id),
                None => self.mismatch(node, id),
            };
        }
        if !self.implements(ty, id) {
            let text = reflect_text(self.space.types(), ty);
            return self.fail(node, format!("`{text}` lacks methods of the interface"), "");
        }
        let value = self.value(node, ty)?;
        Ok(Value::Interface(Some(Box::new(InterfaceValue { ty, value }))))
    }

    /// The type that an expression has by itself.
    pub fn dynamic_type(&mut self, node: TsNode<'a>) -> Parsed<Option<TypeId>> {
        let types = self.space.types_mut();
        let basic = match node.kind() {
            "int_literal" => Basic::Int,
            "rune_literal" => Basic::Int32,
            "float_literal" => Basic::Float64,
            "imaginary_literal" => Basic::Complex128,
            "true" | "false" => Basic::Bool,
            "interpreted_string_literal" | "raw_string_literal" => Basic::String,
            "unary_expression" => return self.dynamic_unary(node),
            "call_expression" => return self.called_type(node),
            "composite_literal" | "type_conversion_expression" => {
                return self.written_type(node.child_by_field_name("type"));
            }
            _ => return Ok(None),
        };
        Ok(Some(types.basic(basic)))
    }

    fn dynamic_unary(&mut self, node: TsNode<'a>) -> Parsed<Option<TypeId>> {
        let Some(operand) = node.child_by_field_name("operand") else { return Ok(None) };
        let inner = self.dynamic_type(operand)?;
        if self.operator(node) != "&" {
            return Ok(inner);
        }
        Ok(inner.map(|inner| self.space.types_mut().intern(GoType::Pointer(inner))))
    }

    pub fn written_type(&mut self, node: Option<TsNode<'a>>) -> Parsed<Option<TypeId>> {
        node.map(|node| self.space.resolve_node(self.syntax, node)).transpose()
    }
}

/// The operand of `T(x)`.
fn conversion_operand(node: TsNode<'_>) -> Option<TsNode<'_>> {
    match node.kind() {
        "call_expression" => node.child_by_field_name("arguments")?.named_child(0),
        _ => node.child_by_field_name("operand"),
    }
}
