//! Checks that need every declaration: types that contain themselves, and comparable types.

use super::model::{Basic, GoType, TypeId, Types};

/// How deeply values may nest in values, over all declarations.
pub(super) const MAX_VALUE_DEPTH: usize = 200;

pub(super) enum ContainmentKind {
    /// The type contains itself.
    Cycle,
    /// The type is nested deeper than [`MAX_VALUE_DEPTH`].
    TooDeep,
}

/// A declared type without a size.
pub(super) struct Containment {
    pub kind: ContainmentKind,
    /// The declared type at which it shows.
    pub name: String,
    /// Declared types, each in the one before.
    pub path: Vec<String>,
}

/// The first declared type that contains itself by value, or nests too deeply.
pub(super) fn containment(types: &Types) -> Option<Containment> {
    let mut walk = Walk { types, finished: vec![false; types.len()], path: Vec::new() };
    let ids: Vec<TypeId> = types.declared().map(|(id, _)| types.type_of(id)).collect();
    ids.into_iter().find_map(|id| walk.visit(id))
}

struct Walk<'a> {
    types: &'a Types,
    finished: Vec<bool>,
    path: Vec<TypeId>,
}

impl Walk<'_> {
    fn visit(&mut self, id: TypeId) -> Option<Containment> {
        if self.finished[id.index()] {
            return None;
        }
        if let Some(start) = self.path.iter().position(|outer| *outer == id) {
            self.path.push(id);
            return Some(self.problem(ContainmentKind::Cycle, start));
        }
        if self.path.len() >= MAX_VALUE_DEPTH {
            return Some(self.problem(ContainmentKind::TooDeep, 0));
        }
        self.path.push(id);
        let problem = parts(self.types, id).into_iter().find_map(|part| self.visit(part));
        self.path.pop();
        self.finished[id.index()] = true;
        problem
    }

    fn problem(&self, kind: ContainmentKind, start: usize) -> Containment {
        let names = self.path[start..].iter().filter_map(|id| match self.types.get(*id) {
            GoType::Named(named) => Some(self.types.named(*named).name.clone()),
            _ => None,
        });
        let path: Vec<String> = names.collect();
        Containment { kind, name: path.first().cloned().unwrap_or_default(), path }
    }
}

/// The types of which a value of this type holds values.
fn parts(types: &Types, id: TypeId) -> Vec<TypeId> {
    match types.get(id) {
        GoType::Named(_) => {
            let underlying = types.underlying(id);
            if underlying == id { Vec::new() } else { vec![underlying] }
        }
        GoType::Array { elem, .. } => vec![*elem],
        GoType::Struct(fields) => fields.iter().map(|field| field.ty).collect(),
        GoType::Basic(_)
        | GoType::Pointer(_)
        | GoType::Slice(_)
        | GoType::Map { .. }
        | GoType::Chan { .. }
        | GoType::Func(_)
        | GoType::Interface(_) => Vec::new(),
    }
}

/// Whether Go can compare two values of the type with `==`.
pub(super) fn is_comparable(types: &Types, id: TypeId) -> bool {
    let mut seen = vec![false; types.len()];
    let mut waiting = vec![id];
    while let Some(next) = waiting.pop() {
        if std::mem::replace(&mut seen[next.index()], true) {
            continue;
        }
        match types.get(next) {
            GoType::Slice(_) | GoType::Map { .. } | GoType::Func(_) => return false,
            _ => waiting.extend(parts(types, next)),
        }
    }
    true
}

/// Whether a value of the type is one pointer word, which an interface then holds directly.
pub fn is_pointer_shaped(types: &Types, id: TypeId) -> bool {
    let mut id = id;
    // By-value nesting is bounded for a checked arena, so the loop ends.
    loop {
        match types.shape(id) {
            GoType::Pointer(_) | GoType::Map { .. } | GoType::Chan { .. } | GoType::Func(_) => return true,
            GoType::Basic(basic) => return *basic == Basic::UnsafePointer,
            GoType::Array { elem, len: 1 } => id = *elem,
            GoType::Struct(fields) => match fields.as_slice() {
                [only] => id = only.ty,
                _ => return false,
            },
            GoType::Array { .. } | GoType::Slice(_) | GoType::Interface(_) | GoType::Named(_) => {
                return false;
            }
        }
    }
}
