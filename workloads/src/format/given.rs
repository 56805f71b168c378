//! `args` and `return`: values that may say their type, and whether they are addressable.
//!
//! An item is a value as `arguments.rs` reads it, or a table with `value`, `type` and `addressable`.

use rcsim_diag::Located;
use toml::de::DeTable;

use super::arguments::go_snippet;
use super::callee::count;
use super::snippets::ReadSnippet;
use crate::given::{Given, GivenValue};
use crate::gotype::{TypeId, TypeSpace, reflect_text};
use crate::value::{self, Heap, assignable};
use rcsim_diag::table::{Reader, TomlValue};

/// The keys of a value that says more.
pub(crate) const KEYS: [&str; 3] = ["value", "type", "addressable"];

/// Who hands the values over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Giver {
    /// `reflect` is given them: any assignable type will do.
    Reflect,
    /// `runtime.SetFinalizer`: any assignable type, but no variables.
    SetFinalizer,
    /// Compiled code: it has converted them.
    Compiled,
}

/// What a list is for, in words.
pub(super) struct Purpose<'a> {
    /// The key of the list.
    pub key: &'a str,
    /// What one of the values is to be: `parameter`, `result`.
    pub what: &'a str,
    /// Who hands them over.
    pub giver: Giver,
}

/// The values at a key, which must be as many as the types; their objects are added to those of `heap`.
pub(super) fn read(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    purpose: &Purpose<'_>,
    space: &mut TypeSpace,
    ids: &[TypeId],
    heap: Heap,
) -> Option<Located<Given>> {
    let span = reader.span_of(table.get(purpose.key)?);
    let list = reader.list(table, purpose.key)?;
    if list.len() != ids.len() {
        let label = format!("the function has {}", count(ids.len(), purpose.what));
        let message = format!("`{}` has {}", purpose.key, count(list.len(), "value"));
        return reader.fail(&span, message, label);
    }
    let before = reader.errors.len();
    let mut given = Given { heap, values: Vec::new() };
    for (item, id) in list.iter().zip(ids) {
        given.values.extend(one(reader, purpose, space, item, *id, &mut given.heap));
    }
    (reader.errors.len() == before).then(|| Located::new(given, span))
}

fn one(
    reader: &mut Reader<'_>,
    purpose: &Purpose<'_>,
    space: &mut TypeSpace,
    item: &TomlValue<'_>,
    id: TypeId,
    heap: &mut Heap,
) -> Option<GivenValue> {
    let Some(table) = item.get_ref().as_table().filter(|table| says_more(table)) else {
        let value = written(reader, purpose.key, space, item, id, heap)?;
        return Some(GivenValue { ty: id, addressable: false, value: Some(value) });
    };
    reader.check_keys(table, &KEYS, "a value");
    let ty = if table.contains_key("type") { of_type(reader, purpose, space, table, id)? } else { id };
    let addressable = if table.contains_key("addressable") {
        only_from(reader, purpose, &[Giver::Reflect], table, "addressable");
        reader.boolean(table, "addressable")?
    } else {
        false
    };
    let value = match table.get("value") {
        Some(text) => Some(written(reader, "value", space, text, ty, heap)?),
        None => None,
    };
    Some(GivenValue { ty, addressable, value })
}

/// Whether a table is meant as such a value, and not as a struct.
fn says_more(table: &DeTable<'_>) -> bool {
    table.is_empty() || KEYS.iter().any(|key| table.contains_key(*key))
}

fn written(
    reader: &mut Reader<'_>,
    key: &str,
    space: &mut TypeSpace,
    item: &TomlValue<'_>,
    id: TypeId,
    heap: &mut Heap,
) -> Option<value::Value> {
    let snippet = go_snippet(reader, key, item)?;
    let parsed = value::parse(space, &snippet, id, heap);
    reader.errors.absorb(parsed)
}

/// The type that the value says it has.
fn of_type(
    reader: &mut Reader<'_>,
    purpose: &Purpose<'_>,
    space: &mut TypeSpace,
    table: &DeTable<'_>,
    wanted: TypeId,
) -> Option<TypeId> {
    let snippet = reader.snippet(table, "type")?;
    let ty = reader.errors.absorb(space.parse_type(&snippet))?;
    if ty == wanted {
        return Some(ty);
    }
    only_from(reader, purpose, &[Giver::Reflect, Giver::SetFinalizer], table, "type");
    if !assignable(space.types(), ty, wanted) {
        let text = |id| reflect_text(space.types(), id);
        let message = format!("a value of type `{}` is not assignable to the {}", text(ty), purpose.what);
        return reader.fail(&snippet.whole(), message, format!("which is `{}`", text(wanted)));
    }
    Some(ty)
}

/// Reports a key that only means something where these hand over the value.
fn only_from(
    reader: &mut Reader<'_>,
    purpose: &Purpose<'_>,
    givers: &[Giver],
    table: &DeTable<'_>,
    key: &str,
) {
    let why = match purpose.giver {
        giver if givers.contains(&giver) => return,
        Giver::Reflect | Giver::Compiled => "compiled code passes this value, and has converted it",
        Giver::SetFinalizer => "the runtime passes the pointer to the object",
    };
    reader.unwanted(table, key, why);
}
