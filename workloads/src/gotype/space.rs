//! A name space of Go types: the declarations of one workload, against which signatures and types are read.

use std::collections::BTreeMap;
use std::sync::Arc;

use rcsim_diag::{Diagnostic, Diagnostics};

use super::declare;
use super::model::{GoType, TypeId, Types};
use super::resolve::Resolver;
use super::syntax::{Syntax, TsNode};
use crate::snippet::Snippet;

/// `type A = T`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// A
    pub name: String,
    /// T
    pub target: TypeId,
}

/// The types that a workload declares, and every type that it mentions.
#[derive(Debug, Clone, Default)]
pub struct TypeSpace {
    pub(super) types: Types,
    pub(super) names: Arc<BTreeMap<String, TypeId>>,
    pub(super) aliases: Vec<Alias>,
}

impl TypeSpace {
    /// A space that holds only what Go predeclares.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads type declarations and method headers (`func (r T) M(…) …`, without a body).
    ///
    /// # Errors
    /// Every mistake in the text, with its place.
    pub fn declare(declarations: &Snippet) -> Result<Self, Diagnostics> {
        let syntax = Syntax::parse(declarations, "", "the type declarations")?;
        declare::declare(&syntax)
    }

    /// The arena.
    pub fn types(&self) -> &Types {
        &self.types
    }

    /// The arena, to intern further types (such as a pointer to one that exists).
    pub fn types_mut(&mut self) -> &mut Types {
        &mut self.types
    }

    /// The aliases, in the order of their names.
    pub fn aliases(&self) -> &[Alias] {
        &self.aliases
    }

    /// The declared type of this name.
    pub fn lookup(&self, name: &str) -> Option<TypeId> {
        self.names.get(name).copied()
    }

    /// Reads a function type: `func(a int, b ...string) (T, error)`.
    ///
    /// # Errors
    /// Every mistake in the text, with its place.
    pub fn parse_func(&mut self, text: &Snippet) -> Result<TypeId, Diagnostics> {
        let id = self.parse_type(text)?;
        match self.types.get(id) {
            GoType::Func(_) => Ok(id),
            _ => {
                let error = Diagnostic::input("expected a function type")
                    .with_primary(&text.whole(), "this is another type")
                    .with_help("write it as `func(int, string) error`");
                Err(error.into())
            }
        }
    }

    /// Reads a type.
    ///
    /// # Errors
    /// Every mistake in the text, with its place.
    pub fn parse_type(&mut self, text: &Snippet) -> Result<TypeId, Diagnostics> {
        let syntax = Syntax::parse(text, "type _ = ", "the Go type")?;
        let Some(node) = lone_type(syntax.root()) else {
            let error = Diagnostic::input("expected one Go type")
                .with_primary(&text.whole(), "this is something else");
            return Err(error.into());
        };
        self.resolve_node(&syntax, node)
    }

    /// Reads the type at a node of somebody else's tree.
    pub(crate) fn resolve_node<'t>(
        &mut self,
        syntax: &'t Syntax,
        node: TsNode<'t>,
    ) -> Result<TypeId, Diagnostics> {
        self.resolve_with(syntax, |resolver| resolver.resolve(node))
    }

    /// Reads the function type of a node with parameters and a result, such as a function literal.
    pub(crate) fn resolve_signature<'t>(
        &mut self,
        syntax: &'t Syntax,
        node: TsNode<'t>,
    ) -> Result<TypeId, Diagnostics> {
        self.resolve_with(syntax, |resolver| {
            let signature = resolver.signature(node)?;
            Some(resolver.types.intern(GoType::Func(signature)))
        })
    }

    fn resolve_with<'t>(
        &mut self,
        syntax: &'t Syntax,
        read: impl FnOnce(&mut Resolver<'_, 't>) -> Option<TypeId>,
    ) -> Result<TypeId, Diagnostics> {
        let mut resolver = Resolver::new(&mut self.types, syntax, Arc::clone(&self.names));
        let id = read(&mut resolver);
        resolver.check_map_keys();
        let errors = resolver.into_errors();
        match (errors.is_empty(), id) {
            (true, Some(id)) => Ok(id),
            (true, None) => Err(Diagnostic::bug("a type was refused without a reason").into()),
            (false, _) => Err(errors),
        }
    }
}

/// The type of `type _ = T`, when that is all there is.
fn lone_type(root: TsNode<'_>) -> Option<TsNode<'_>> {
    let declarations = super::syntax::children(root);
    let [declaration] = declarations.as_slice() else { return None };
    let alias = declaration.named_child(0).filter(|node| node.kind() == "type_alias")?;
    alias.child_by_field_name("type")
}
