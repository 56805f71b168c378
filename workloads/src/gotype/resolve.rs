//! From a syntax node to a type.
//!
//! Declarations are resolved on demand, since an alias, an embedded interface and `type A B` need the other type's content
//! and not just its name.

use std::collections::BTreeMap;
use std::sync::Arc;

use rcsim_diag::{Diagnostic, Diagnostics, Span, nearest};

use super::check;
use super::model::{Basic, ChanDir, GoType, NamedId, TypeId, Types};
use super::number;
use super::syntax::{Syntax, TsNode, has_token};

/// How deeply types may nest in the text, declarations that need each other included.
const MAX_DEPTH: usize = 100;

/// A declaration whose type may not be known yet.
pub(super) struct Pending<'t> {
    /// The declared type, nothing for an alias.
    pub named: Option<NamedId>,
    /// The `type_spec` or `type_alias`.
    pub node: TsNode<'t>,
    pub state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    InProgress,
    Done,
}

/// Turns syntax nodes into types. A method that returns nothing has reported an error.
pub(super) struct Resolver<'a, 't> {
    pub types: &'a mut Types,
    pub syntax: &'t Syntax,
    pub names: Arc<BTreeMap<String, TypeId>>,
    pub pending: BTreeMap<String, Pending<'t>>,
    errors: Diagnostics,
    map_keys: Vec<(TypeId, Span)>,
    depth: usize,
}

impl<'a, 't> Resolver<'a, 't> {
    pub fn new(types: &'a mut Types, syntax: &'t Syntax, names: Arc<BTreeMap<String, TypeId>>) -> Self {
        let (errors, map_keys) = (Diagnostics::new(), Vec::new());
        Self { types, syntax, names, pending: BTreeMap::new(), errors, map_keys, depth: 0 }
    }

    pub fn report(&mut self, error: Diagnostic) {
        self.errors.push(error);
    }

    pub fn into_errors(self) -> Diagnostics {
        self.errors
    }

    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Reports an error at a node; the `None` is for the caller to return.
    pub fn fail<T>(&mut self, node: TsNode<'t>, message: impl Into<String>, label: &str) -> Option<T> {
        let error = Diagnostic::input(message).with_primary(&self.syntax.span(node), label);
        self.report(error);
        None
    }

    fn unsupported<T>(&mut self, node: TsNode<'t>, message: &str, help: &str) -> Option<T> {
        let error = Diagnostic::unsupported(message).with_primary(&self.syntax.span(node), "");
        self.report(error.with_help(help));
        None
    }

    /// The type that a node denotes.
    pub fn resolve(&mut self, node: TsNode<'t>) -> Option<TypeId> {
        if self.depth >= MAX_DEPTH {
            let help = "split it into declared types";
            let message = format!("types nested more than {MAX_DEPTH} deep");
            return self.unsupported(node, &message, help);
        }
        self.depth += 1;
        let id = self.resolve_kind(node);
        self.depth -= 1;
        id
    }

    fn resolve_kind(&mut self, node: TsNode<'t>) -> Option<TypeId> {
        match node.kind() {
            "type_identifier" | "identifier" => self.name(node),
            "qualified_type" | "selector_expression" => self.qualified(node),
            "parenthesized_type" | "parenthesized_expression" => self.resolve(node.named_child(0)?),
            "pointer_type" => {
                let target = self.resolve(node.named_child(0)?)?;
                Some(self.types.intern(GoType::Pointer(target)))
            }
            "array_type" => self.array(node),
            "slice_type" => {
                let elem = self.part(node, "element")?;
                Some(self.types.intern(GoType::Slice(elem)))
            }
            "map_type" => self.map(node),
            "channel_type" => {
                let elem = self.part(node, "value")?;
                Some(self.types.intern(GoType::Chan { dir: direction(node), elem }))
            }
            "function_type" => {
                let signature = self.signature(node)?;
                Some(self.types.intern(GoType::Func(signature)))
            }
            "struct_type" => self.structure(node),
            "interface_type" => self.interface(node),
            "generic_type" => {
                let help = "write the type out with its type arguments in place";
                self.unsupported(node, "generic types are not supported", help)
            }
            "negated_type" => self.unsupported(node, "type sets are not supported", "use a basic interface"),
            _ => self.fail(node, "expected a Go type", "this is not one"),
        }
    }

    pub fn part(&mut self, node: TsNode<'t>, field: &str) -> Option<TypeId> {
        let part = node.child_by_field_name(field)?;
        self.resolve(part)
    }

    fn array(&mut self, node: TsNode<'t>) -> Option<TypeId> {
        let length = node.child_by_field_name("length")?;
        let len = match number::evaluate(self.syntax, length) {
            Err(why) => return self.fail(length, "invalid array length", &why),
            Ok(len) if len < 0 => return self.fail(length, "invalid array length", "negative"),
            Ok(len) => len,
        };
        let Some(len) = i64::try_from(len).ok().and_then(|len| u64::try_from(len).ok()) else {
            return self.fail(length, "invalid array length", "larger than an int");
        };
        let elem = self.part(node, "element")?;
        Some(self.types.intern(GoType::Array { elem, len }))
    }

    fn map(&mut self, node: TsNode<'t>) -> Option<TypeId> {
        let key_node = node.child_by_field_name("key")?;
        let key = self.resolve(key_node)?;
        let value = self.part(node, "value")?;
        // Whether the key can be compared is known when every declaration is.
        self.map_keys.push((key, self.syntax.span(key_node)));
        Some(self.types.intern(GoType::Map { key, value }))
    }

    /// Reports the map keys that Go cannot compare. To be called when every declaration is resolved.
    pub fn check_map_keys(&mut self) {
        if self.has_errors() {
            return;
        }
        for (key, span) in std::mem::take(&mut self.map_keys) {
            if !check::is_comparable(self.types, key) {
                let error = Diagnostic::input("invalid map key type")
                    .with_primary(&span, "Go cannot compare values of this type");
                self.report(error);
            }
        }
    }

    fn qualified(&mut self, node: TsNode<'t>) -> Option<TypeId> {
        let text = self.syntax.text(node);
        if text == "unsafe.Pointer" {
            return Some(self.types.basic(Basic::UnsafePointer));
        }
        let message = format!("the imported type `{text}` is not supported");
        self.unsupported(node, &message, "declare a type of the same shape under `types`")
    }

    fn name(&mut self, node: TsNode<'t>) -> Option<TypeId> {
        let name = self.syntax.text(node);
        if let Some(id) = self.names.get(name) {
            return Some(*id);
        }
        if self.pending.contains_key(name) {
            return self.resolve_alias(name, node);
        }
        if let Some(id) = self.predeclared(name) {
            return Some(id);
        }
        if name == "comparable" {
            return self.fail(node, "`comparable` is a constraint, not a type", "");
        }
        let mut error = Diagnostic::input(format!("undefined type `{name}`"))
            .with_primary(&self.syntax.span(node), "not declared under `types`, nor by Go");
        let known = self.names.keys().chain(self.pending.keys()).map(String::as_str);
        if let Some(near) = nearest(name, known.chain(PREDECLARED.iter().copied())) {
            error = error.with_help(format!("did you mean `{near}`?"));
        }
        self.report(error);
        None
    }

    fn predeclared(&mut self, name: &str) -> Option<TypeId> {
        let basic = match name {
            "any" => return Some(self.types.intern(GoType::Interface(Vec::new()))),
            "error" => return Some(self.types.error()),
            "byte" => Basic::Uint8,
            "rune" => Basic::Int32,
            _ => Basic::ALL.into_iter().find(|basic| basic.name() == name)?,
        };
        Some(self.types.basic(basic))
    }

    fn resolve_alias(&mut self, name: &str, at: TsNode<'t>) -> Option<TypeId> {
        self.complete(name, at)?;
        self.names.get(name).copied()
    }

    /// Makes sure that what a declaration declares is known.
    pub fn complete(&mut self, name: &str, at: TsNode<'t>) -> Option<()> {
        let Some(pending) = self.pending.get_mut(name) else { return Some(()) };
        match pending.state {
            State::Done => return Some(()),
            State::InProgress => {
                return self.fail(
                    at,
                    format!("invalid recursive type `{name}`"),
                    "needs itself to be known first",
                );
            }
            State::Waiting => pending.state = State::InProgress,
        }
        let (node, named) = (pending.node, pending.named);
        let content = self.part(node, "type");
        let outcome = content.and_then(|content| self.settle(name, node, named, content));
        if let Some(pending) = self.pending.get_mut(name) {
            pending.state = State::Done;
        }
        outcome
    }

    fn settle(
        &mut self,
        name: &str,
        node: TsNode<'t>,
        named: Option<NamedId>,
        content: TypeId,
    ) -> Option<()> {
        match named {
            None => {
                Arc::make_mut(&mut self.names).insert(name.to_owned(), content);
            }
            Some(id) => {
                self.known_content(content, node)?;
                self.types.define(id, content);
            }
        }
        Some(())
    }

    /// Makes sure that a type's underlying type is known.
    pub fn known_content(&mut self, id: TypeId, at: TsNode<'t>) -> Option<()> {
        if let GoType::Named(named) = *self.types.get(id)
            && !self.types.is_defined(named)
        {
            let name = self.types.named(named).name.clone();
            self.complete(&name, at)?;
        }
        Some(())
    }
}

/// Names that Go predeclares, for suggestions.
const PREDECLARED: [&str; 21] = [
    "any",
    "bool",
    "byte",
    "complex64",
    "complex128",
    "error",
    "float32",
    "float64",
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "rune",
    "string",
    "uint",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "uintptr",
];

fn direction(node: TsNode<'_>) -> ChanDir {
    let receives = node.child(0).is_some_and(|first| first.kind() == "<-");
    match (receives, has_token(node, "<-")) {
        (true, _) => ChanDir::Receive,
        (false, true) => ChanDir::Send,
        (false, false) => ChanDir::Both,
    }
}
