//! Type declarations and method headers.

use std::collections::BTreeMap;
use std::sync::Arc;

use rcsim_diag::{Diagnostic, Diagnostics};

use super::check;
use super::members::Names;
use super::model::{GoType, Method, NamedId, TypeId, Types};
use super::resolve::{Pending, Resolver, State};
use super::space::{Alias, TypeSpace};
use super::syntax::{Syntax, TsNode, children, fields};

/// How many types one workload may declare.
const MAX_DECLARATIONS: usize = 1000;

/// Reads all declarations of a syntax tree.
pub(super) fn declare(syntax: &Syntax) -> Result<TypeSpace, Diagnostics> {
    let mut types = Types::new();
    let mut resolver = Resolver::new(&mut types, syntax, Arc::default());
    let methods = collect(&mut resolver);
    let specs = in_order(&resolver);
    for (name, node) in &specs {
        // What fails has been reported; the others are still worth their errors.
        let _ = resolver.complete(name, *node);
    }
    if !resolver.has_errors() {
        check_containment(&mut resolver, &specs);
    }
    for header in methods {
        let _ = method(&mut resolver, header);
    }
    resolver.check_map_keys();
    let names = std::mem::take(&mut resolver.names);
    let aliases = aliases(&resolver, &names);
    let errors = resolver.into_errors();
    errors.into_result(TypeSpace { types, names, aliases })
}

fn aliases(resolver: &Resolver<'_, '_>, names: &BTreeMap<String, TypeId>) -> Vec<Alias> {
    let pending = resolver.pending.iter().filter(|(_, pending)| pending.named.is_none());
    let found = pending.filter_map(|(name, _)| Some((name, names.get(name)?)));
    found.map(|(name, target)| Alias { name: name.clone(), target: *target }).collect()
}

/// Names and nodes in the order of the text.
fn in_order<'t>(resolver: &Resolver<'_, 't>) -> Vec<(String, TsNode<'t>)> {
    let mut specs: Vec<_> = resolver.pending.iter().map(|(name, one)| (name.clone(), one.node)).collect();
    specs.sort_by_key(|(_, node)| node.start_byte());
    specs
}

/// Enters every declared name; returns the method headers.
fn collect<'t>(resolver: &mut Resolver<'_, 't>) -> Vec<TsNode<'t>> {
    let mut methods = Vec::new();
    let mut names = Names::default();
    for item in children(resolver.syntax.root()) {
        match item.kind() {
            "type_declaration" => {
                for spec in children(item) {
                    let _ = enter(resolver, &mut names, spec);
                }
            }
            "method_declaration" => methods.push(item),
            _ => {
                let message = "only type declarations and method headers can be declared";
                let _: Option<()> = resolver.fail(item, message, "this is neither");
            }
        }
    }
    methods
}

fn enter<'t>(resolver: &mut Resolver<'_, 't>, names: &mut Names<'t>, spec: TsNode<'t>) -> Option<()> {
    if let Some(generic) = spec.child_by_field_name("type_parameters") {
        let error = Diagnostic::unsupported("generic types are not supported")
            .with_primary(&resolver.syntax.span(generic), "type parameters")
            .with_help("declare the type with its type arguments in place");
        resolver.report(error);
        return None;
    }
    let name_node = spec.child_by_field_name("name")?;
    let name = resolver.syntax.text(name_node).to_owned();
    if name == "_" {
        return resolver.fail(name_node, "a declared type needs a name", "");
    }
    if names.len() >= MAX_DECLARATIONS {
        let error = Diagnostic::unsupported(format!("more than {MAX_DECLARATIONS} declared types"));
        resolver.report(error.with_primary(&resolver.syntax.span(name_node), ""));
        return None;
    }
    resolver.unique(names, name_node, "type")?;
    let named = (spec.kind() == "type_spec").then(|| {
        let (named, id) = resolver.types.declare(&name);
        Arc::make_mut(&mut resolver.names).insert(name.clone(), id);
        named
    });
    resolver.pending.insert(name, Pending { named, node: spec, state: State::Waiting });
    Some(())
}

fn check_containment(resolver: &mut Resolver<'_, '_>, specs: &[(String, TsNode<'_>)]) {
    let Some(problem) = check::containment(resolver.types) else { return };
    let place = specs.iter().find(|(name, _)| *name == problem.name);
    let Some(node) = place.and_then(|(_, node)| node.child_by_field_name("name")) else { return };
    let span = resolver.syntax.span(node);
    let name = &problem.name;
    resolver.report(match problem.kind {
        check::ContainmentKind::Cycle => Diagnostic::input(format!("invalid recursive type `{name}`"))
            .with_primary(&span, "contains itself, so it has no size")
            .with_note(format!("the cycle is {}", problem.path.join(" in ")))
            .with_help("put a pointer in between"),
        check::ContainmentKind::TooDeep => Diagnostic::unsupported(format!(
            "types nested more than {} deep by value",
            check::MAX_VALUE_DEPTH
        ))
        .with_primary(&span, ""),
    });
}

/// A method header: `func (r T) Name(…) …`.
fn method<'t>(resolver: &mut Resolver<'_, 't>, header: TsNode<'t>) -> Option<()> {
    if let Some(body) = header.child_by_field_name("body") {
        let error = Diagnostic::input("a method has no body here")
            .with_primary(&resolver.syntax.span(body), "leave the body out")
            .with_help("what the method does is said by `callee`");
        resolver.report(error);
        return None;
    }
    let (named, pointer_receiver) = receiver(resolver, header)?;
    let name_node = header.child_by_field_name("name")?;
    let name = resolver.syntax.text(name_node).to_owned();
    if name == "_" {
        return resolver.fail(name_node, "a method needs a name", "");
    }
    check_new(resolver, named, name_node, &name)?;
    let signature = resolver.signature(header)?;
    let func = resolver.types.intern(GoType::Func(signature));
    resolver.types.add_method(named, Method { name, pointer_receiver, func });
    Some(())
}

fn check_new<'t>(resolver: &mut Resolver<'_, 't>, named: NamedId, at: TsNode<'t>, name: &str) -> Option<()> {
    let declared = resolver.types.named(named);
    if declared.methods.iter().any(|known| known.name == name) {
        return resolver.fail(at, format!("duplicate method `{name}`"), "declared before");
    }
    let shape = resolver.types.shape(resolver.types.type_of(named));
    let is_field = match shape {
        GoType::Struct(members) => members.iter().any(|field| field.name == name),
        _ => false,
    };
    if is_field {
        return resolver.fail(at, format!("field and method with the same name `{name}`"), "");
    }
    Some(())
}

/// The receiver's type, and whether it is a pointer to it.
fn receiver<'t>(resolver: &mut Resolver<'_, 't>, header: TsNode<'t>) -> Option<(NamedId, bool)> {
    let list = header.child_by_field_name("receiver")?;
    let declarations = children(list);
    let [declaration] = declarations.as_slice() else {
        return resolver.fail(list, "a method has one receiver", "");
    };
    if fields(*declaration, "name").len() > 1 {
        return resolver.fail(list, "a method has one receiver", "");
    }
    let node = declaration.child_by_field_name("type")?;
    let id = resolver.resolve(node)?;
    let (base, pointer) = match resolver.types.get(id) {
        GoType::Pointer(target) => (*target, true),
        _ => (id, false),
    };
    let named = match resolver.types.get(base) {
        GoType::Named(named) if !resolver.types.named(*named).predeclared => *named,
        _ => {
            return resolver.fail(
                node,
                "invalid receiver type",
                "must be a type declared here, or a pointer to it",
            );
        }
    };
    match resolver.types.shape(base) {
        GoType::Pointer(_) | GoType::Interface(_) => resolver.fail(
            node,
            "invalid receiver type",
            "pointers and interfaces have no methods of their own",
        ),
        _ => Some((named, pointer)),
    }
}
