//! What the parts of a workload are called in the Go program.

use crate::gotype::{Field, GoType, Named, TypeNames, Types, go_text};
use crate::value::{ObjectId, implementer};
use crate::workload::{Receiver, Workload};

/// The linker's name of the function that a workload calls: `main.callee_` and the workload's slug, or its `symbol` when
/// that is a function of `main`; of a method value the method.
pub fn callee_symbol(workload: &Workload) -> String {
    let names = Names::new(workload);
    match workload.call.receiver() {
        Some(receiver) => format!("main.{}", names.method(receiver)),
        None => format!("main.{}", names.callee()),
    }
}

/// The linker's name of the compiled function that calls the made function or method value.
pub fn caller_symbol(workload: &Workload) -> String {
    format!("main.{}", Names::new(workload).caller())
}

/// Names in the Go program.
pub(super) struct Names<'a> {
    workload: &'a Workload,
    slug: String,
}

impl<'a> Names<'a> {
    pub fn new(workload: &'a Workload) -> Self {
        Self { workload, slug: workload.slug() }
    }

    /// What stands before the names of declared types. A slug has no two underscores in a row, so that two workloads never
    /// declare the same name.
    pub fn prefix(&self) -> String {
        format!("T_{}__", self.slug)
    }

    /// The callee: a function, or for `make-func` the function that the made function calls.
    pub fn callee(&self) -> String {
        let wanted = self.workload.symbol.as_ref().and_then(|symbol| symbol.value.strip_prefix("main."));
        match wanted.filter(|name| is_identifier(name)) {
            Some(name) => name.to_owned(),
            None => format!("callee_{}", self.slug),
        }
    }

    /// The method without its package: `T.M` or `(*T).M`. Of an interface it is the method of the type that the generated
    /// receiver holds.
    fn method(&self, receiver: &Receiver) -> String {
        let types = self.workload.space.types();
        let ty = match types.shape(receiver.ty) {
            GoType::Interface(methods) => implementer(types, methods).unwrap_or(receiver.ty),
            _ => receiver.ty,
        };
        let base = match types.get(ty) {
            GoType::Pointer(base) => *base,
            _ => ty,
        };
        let base_name = go_text(types, base, self);
        let declared = match types.get(base) {
            GoType::Named(named) => types.named(*named).methods.as_slice(),
            _ => &[],
        };
        let on_pointer =
            declared.iter().any(|method| method.name == receiver.method && method.pointer_receiver);
        match on_pointer {
            true => format!("(*{base_name}).{}", receiver.method),
            false => format!("{base_name}.{}", receiver.method),
        }
    }

    /// The variable that holds the function which makes the values that a made function returns.
    pub fn returned(&self) -> String {
        format!("returned_{}", self.slug)
    }

    pub fn caller(&self) -> String {
        format!("caller_{}", self.slug)
    }

    pub fn run(&self) -> String {
        format!("run_{}", self.slug)
    }

    /// The function that stands for a function object among the arguments.
    pub fn function(&self, object: ObjectId) -> String {
        format!("func_{}__{}", self.slug, object.index())
    }
}

impl TypeNames for Names<'_> {
    fn declared(&self, named: &Named) -> String {
        format!("{}{}", self.prefix(), named.name)
    }

    fn embedded(&self, types: &Types, field: &Field) -> String {
        let star = if matches!(types.get(field.ty), GoType::Pointer(_)) { "*" } else { "" };
        format!("{star}{}", self.field_name(types, field))
    }

    fn field_name(&self, _types: &Types, field: &Field) -> String {
        match self.workload.space.lookup(&field.name) {
            Some(_) => format!("{}{}", self.prefix(), field.name),
            None => field.name.clone(),
        }
    }
}

fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first == '_' || first.is_ascii_alphabetic())
        && letters.all(|letter| letter == '_' || letter.is_ascii_alphanumeric())
}
