//! The text of a type: as reflect prints it, and as Go source.

use super::model::{ChanDir, Field, GoType, InterfaceMethod, Named, Signature, TypeId, Types};

/// How declared names are written, and whether interfaces and structs have a space before the brace.
pub trait TypeNames {
    /// The text of a declared type's name.
    fn declared(&self, named: &Named) -> String;

    /// The text of an embedded field in a struct type.
    fn embedded(&self, types: &Types, field: &Field) -> String;

    /// The name of an embedded field in a composite literal.
    fn field_name(&self, types: &Types, field: &Field) -> String;
}

/// The names that reflect's `Type.String` prints: `main.T`.
struct ReflectNames;

impl TypeNames for ReflectNames {
    fn declared(&self, named: &Named) -> String {
        format!("main.{}", named.name)
    }

    fn embedded(&self, types: &Types, field: &Field) -> String {
        reflect_text(types, field.ty)
    }

    fn field_name(&self, _types: &Types, field: &Field) -> String {
        field.name.clone()
    }
}

/// The type as reflect's `Type.String` prints it in a program whose package is `main`.
pub fn reflect_text(types: &Types, id: TypeId) -> String {
    let mut out = String::new();
    Writer { types, names: &ReflectNames, reflect: true }.write(id, &mut out);
    out
}

/// The type as Go source.
pub fn go_text(types: &Types, id: TypeId, names: &dyn TypeNames) -> String {
    let mut out = String::new();
    Writer { types, names, reflect: false }.write(id, &mut out);
    out
}

struct Writer<'a> {
    types: &'a Types,
    names: &'a dyn TypeNames,
    reflect: bool,
}

impl Writer<'_> {
    fn write(&self, id: TypeId, out: &mut String) {
        match self.types.get(id) {
            GoType::Basic(basic) => out.push_str(basic.name()),
            GoType::Named(id) => {
                let named = self.types.named(*id);
                let text = if named.predeclared { named.name.clone() } else { self.names.declared(named) };
                out.push_str(&text);
            }
            GoType::Pointer(target) => self.prefixed("*", *target, out),
            GoType::Slice(elem) => self.prefixed("[]", *elem, out),
            GoType::Array { elem, len } => self.prefixed(&format!("[{len}]"), *elem, out),
            GoType::Map { key, value } => {
                self.prefixed("map[", *key, out);
                self.prefixed("]", *value, out);
            }
            GoType::Chan { dir, elem } => self.channel(*dir, *elem, out),
            GoType::Func(signature) => {
                out.push_str("func");
                self.signature(signature, out);
            }
            GoType::Interface(methods) => self.interface(methods, out),
            GoType::Struct(fields) => self.structure(fields, out),
        }
    }

    fn prefixed(&self, prefix: &str, id: TypeId, out: &mut String) {
        out.push_str(prefix);
        self.write(id, out);
    }

    fn channel(&self, dir: ChanDir, elem: TypeId, out: &mut String) {
        out.push_str(match dir {
            ChanDir::Both => "chan ",
            ChanDir::Send => "chan<- ",
            ChanDir::Receive => "<-chan ",
        });
        // `chan <-chan T` would read as `chan<- chan T`.
        let ambiguous = matches!(self.types.get(elem), GoType::Chan { dir: ChanDir::Receive, .. });
        if ambiguous && dir != ChanDir::Receive {
            self.prefixed("(", elem, out);
            out.push(')');
        } else {
            self.write(elem, out);
        }
    }

    fn signature(&self, signature: &Signature, out: &mut String) {
        out.push('(');
        for (index, param) in signature.params.iter().enumerate() {
            out.push_str(if index == 0 { "" } else { ", " });
            let last = index + 1 == signature.params.len();
            match self.types.get(*param) {
                GoType::Slice(elem) if last && signature.variadic => self.prefixed("...", *elem, out),
                _ => self.write(*param, out),
            }
        }
        out.push(')');
        match signature.results.as_slice() {
            [] => {}
            [one] => self.prefixed(" ", *one, out),
            many => {
                for (index, result) in many.iter().enumerate() {
                    self.prefixed(if index == 0 { " (" } else { ", " }, *result, out);
                }
                out.push(')');
            }
        }
    }

    fn interface(&self, methods: &[InterfaceMethod], out: &mut String) {
        out.push_str("interface {");
        for (index, method) in methods.iter().enumerate() {
            out.push_str(if index == 0 { " " } else { "; " });
            let unexported = !is_exported(&method.name);
            out.push_str(if self.reflect && unexported { "main." } else { "" });
            out.push_str(&method.name);
            if let Some(signature) = self.types.signature(method.func) {
                self.signature(signature, out);
            }
        }
        out.push_str(if methods.is_empty() { "}" } else { " }" });
    }

    fn structure(&self, fields: &[Field], out: &mut String) {
        out.push_str("struct {");
        for (index, field) in fields.iter().enumerate() {
            out.push_str(if index == 0 { " " } else { "; " });
            if field.embedded {
                out.push_str(&self.names.embedded(self.types, field));
            } else {
                out.push_str(&field.name);
                self.prefixed(" ", field.ty, out);
            }
        }
        out.push_str(if fields.is_empty() { "}" } else { " }" });
    }
}

/// Whether Go exports the name: its first letter is upper case.
pub(crate) fn is_exported(name: &str) -> bool {
    name.chars().next().is_some_and(char::is_uppercase)
}
