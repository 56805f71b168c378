//! Types with members: structs, interfaces, signatures.

use std::collections::BTreeMap;

use super::model::{Basic, Field, GoType, InterfaceMethod, Signature, TypeId};
use super::resolve::Resolver;
use super::syntax::{TsNode, children, fields, has_token};

impl<'t> Resolver<'_, 't> {
    /// Parameters and results of a node with the fields `parameters` and `result`.
    pub(super) fn signature(&mut self, node: TsNode<'t>) -> Option<Signature> {
        if let Some(generic) = node.child_by_field_name("type_parameters") {
            return self.fail(generic, "a function type has no type parameters", "");
        }
        let (params, variadic) = self.parameters(node.child_by_field_name("parameters")?)?;
        let results = match node.child_by_field_name("result") {
            None => Vec::new(),
            Some(list) if list.kind() == "parameter_list" => self.results(list)?,
            Some(one) => vec![self.resolve(one)?],
        };
        Some(Signature { params, results, variadic })
    }

    fn results(&mut self, list: TsNode<'t>) -> Option<Vec<TypeId>> {
        let (results, variadic) = self.parameters(list)?;
        if variadic {
            return self.fail(list, "a result cannot be variadic", "`...` is for the last parameter");
        }
        Some(results)
    }

    /// The types of a parameter list, and whether the last one is variadic (then it is the slice type).
    fn parameters(&mut self, list: TsNode<'t>) -> Option<(Vec<TypeId>, bool)> {
        let entries = entries(list);
        let Some(entries) = entries else {
            return self.fail(list, "mixed named and unnamed parameters", "name all of them or none");
        };
        let mut names = Names::default();
        let mut types = Vec::new();
        let last = entries.len();
        let mut variadic = false;
        for (index, entry) in entries.into_iter().enumerate() {
            if let Some(name) = entry.name {
                self.unique(&mut names, name, "parameter")?;
            }
            let ty = self.resolve(entry.ty)?;
            if entry.variadic && index + 1 != last {
                return self.fail(entry.ty, "only the last parameter can be variadic", "");
            }
            variadic = entry.variadic;
            types.push(if variadic { self.types.intern(GoType::Slice(ty)) } else { ty });
        }
        Some((types, variadic))
    }

    /// Reports a name that was used before; `_` may be used often.
    pub(super) fn unique(&mut self, names: &mut Names<'t>, node: TsNode<'t>, what: &str) -> Option<()> {
        let name = self.syntax.text(node);
        if name == "_" {
            return Some(());
        }
        match names.insert(name.to_owned(), node) {
            None => Some(()),
            Some(_) => self.fail(node, format!("duplicate {what} `{name}`"), "declared before"),
        }
    }

    pub(super) fn structure(&mut self, node: TsNode<'t>) -> Option<TypeId> {
        let mut members = Vec::new();
        let mut names = Names::default();
        for declaration in children(node.named_child(0)?) {
            let named = fields(declaration, "name");
            if named.is_empty() {
                let field = self.embedded_field(declaration)?;
                let type_node = declaration.child_by_field_name("type")?;
                self.unique(&mut names, last_name(type_node), "field")?;
                members.push(field);
                continue;
            }
            let ty = self.part(declaration, "type")?;
            for name in named {
                self.unique(&mut names, name, "field")?;
                let name = self.syntax.text(name).to_owned();
                members.push(Field { name, ty, embedded: false });
            }
        }
        Some(self.types.intern(GoType::Struct(members)))
    }

    fn embedded_field(&mut self, declaration: TsNode<'t>) -> Option<Field> {
        let type_node = declaration.child_by_field_name("type")?;
        let base = self.resolve(type_node)?;
        self.known_content(base, type_node)?;
        let pointer = has_token(declaration, "*");
        match self.types.shape(base) {
            GoType::Pointer(_) | GoType::Basic(Basic::UnsafePointer) => {
                return self.fail(type_node, "an embedded field cannot be a pointer type", "name the field");
            }
            GoType::Interface(_) if pointer => {
                let message = "an embedded field cannot be a pointer to an interface";
                return self.fail(type_node, message, "name the field");
            }
            _ => {}
        }
        let ty = if pointer { self.types.intern(GoType::Pointer(base)) } else { base };
        let name = self.syntax.text(last_name(type_node)).to_owned();
        Some(Field { name, ty, embedded: true })
    }

    pub(super) fn interface(&mut self, node: TsNode<'t>) -> Option<TypeId> {
        let mut methods: BTreeMap<String, TypeId> = BTreeMap::new();
        let mut names = Names::default();
        for member in children(node) {
            if member.kind() == "method_elem" {
                let name_node = member.child_by_field_name("name")?;
                self.unique(&mut names, name_node, "method")?;
                let signature = self.signature(member)?;
                let func = self.types.intern(GoType::Func(signature));
                self.add_method(&mut methods, member, self.syntax.text(name_node).to_owned(), func)?;
            } else {
                for method in self.embedded_methods(member)? {
                    self.add_method(&mut methods, member, method.name, method.func)?;
                }
            }
        }
        let methods = methods.into_iter().map(|(name, func)| InterfaceMethod { name, func }).collect();
        Some(self.types.intern(GoType::Interface(methods)))
    }

    fn add_method(
        &mut self,
        methods: &mut BTreeMap<String, TypeId>,
        at: TsNode<'t>,
        name: String,
        func: TypeId,
    ) -> Option<()> {
        if name == "_" {
            return self.fail(at, "a method of an interface needs a name", "");
        }
        match methods.insert(name.clone(), func) {
            Some(other) if other != func => {
                self.fail(at, format!("duplicate method `{name}`"), "embedded with another signature")
            }
            _ => Some(()),
        }
    }

    fn embedded_methods(&mut self, member: TsNode<'t>) -> Option<Vec<InterfaceMethod>> {
        let parts = children(member);
        let [part] = parts.as_slice() else {
            return self.fail(member, "type sets are not supported", "a basic interface has methods only");
        };
        let embedded = self.resolve(*part)?;
        self.known_content(embedded, *part)?;
        match self.types.shape(embedded) {
            GoType::Interface(methods) => Some(methods.clone()),
            _ => self.fail(*part, "type sets are not supported", "only an interface can be embedded here"),
        }
    }
}

/// Names used so far, and where.
pub(super) type Names<'t> = BTreeMap<String, TsNode<'t>>;

/// The name of a type: of `p.T` it is `T`.
fn last_name(node: TsNode<'_>) -> TsNode<'_> {
    node.child_by_field_name("name").unwrap_or(node)
}

/// One parameter.
struct Parameter<'t> {
    name: Option<TsNode<'t>>,
    ty: TsNode<'t>,
    variadic: bool,
}

/// The parameters of a list, each with its type; nothing when some have names and some have not.
///
/// `(a, b int)` may parse as a type `a` and a named `b int`. As in Go, if one entry has a name, then all have, and an entry
/// that is a lone identifier is a name for the type that follows.
fn entries<'t>(list: TsNode<'t>) -> Option<Vec<Parameter<'t>>> {
    let mut found: Vec<Parameter<'t>> = Vec::new();
    for declaration in children(list) {
        let ty = declaration.child_by_field_name("type")?;
        let variadic = declaration.kind() == "variadic_parameter_declaration";
        let names = fields(declaration, "name");
        if names.is_empty() {
            found.push(Parameter { name: None, ty, variadic });
        }
        found.extend(names.into_iter().map(|name| Parameter { name: Some(name), ty, variadic }));
    }
    if found.iter().all(|entry| entry.name.is_none()) {
        return Some(found);
    }
    let mut following: Option<(TsNode<'t>, bool)> = None;
    for entry in found.iter_mut().rev() {
        if entry.name.is_none() {
            let is_name = entry.ty.kind() == "type_identifier" && !entry.variadic;
            let (ty, variadic) = following.filter(|_| is_name)?;
            *entry = Parameter { name: Some(entry.ty), ty, variadic };
        }
        following = Some((entry.ty, entry.variadic));
    }
    Some(found)
}
