//! Lists of values whose types are known, as `expect.results`; `given.rs` reads those that say more.
//!
//! A string is Go text; integers, floats and booleans may be written as such.

use rcsim_diag::{Diagnostic, Located};
use toml::de::{DeTable, DeValue};

use super::callee::count;
use crate::gotype::{TypeId, TypeSpace};
use crate::snippet::Snippet;
use crate::value;
use crate::workload::Values;
use rcsim_diag::table::{Reader, TomlValue, kind};

/// The values at a key, which must be as many as the types. `what` is what one of them is called.
pub(super) fn read(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    key: &str,
    what: &str,
    space: &mut TypeSpace,
    ids: &[TypeId],
) -> Option<Located<Values>> {
    let span = reader.span_of(table.get(key)?);
    let list = reader.list(table, key)?;
    if list.len() != ids.len() {
        let label = format!("the function has {}", count(ids.len(), what));
        return reader.fail(&span, format!("`{key}` has {}", count(list.len(), "value")), label);
    }
    let before = reader.errors.len();
    let mut values = Values::default();
    for (item, id) in list.iter().zip(ids) {
        let snippet = go_snippet(reader, key, item);
        let parsed = snippet.map(|text| value::parse(space, &text, *id, &mut values.heap));
        if let Some(value) = parsed.and_then(|result| reader.errors.absorb(result)) {
            values.values.push(value);
        }
    }
    (reader.errors.len() == before).then(|| Located::new(values, span))
}

/// The Go text of an item; what TOML and Go write alike is taken as it stands in the file.
pub(super) fn go_snippet(reader: &mut Reader<'_>, key: &str, item: &TomlValue<'_>) -> Option<Snippet> {
    match item.get_ref() {
        DeValue::String(text) => Some(Snippet::in_toml(reader.source, item.span(), text)),
        DeValue::Integer(_) | DeValue::Boolean(_) => Some(Snippet::verbatim(reader.source, item.span())),
        DeValue::Float(float) if float.as_str().contains(['n', 'N']) => {
            let span = reader.span_of(item);
            let error = Diagnostic::input("infinities and NaN have no Go literal")
                .with_primary(&span, "")
                .with_help("write the bits: \"math.Float64frombits(0x7ff8000000000000)\"");
            reader.errors.push(error);
            None
        }
        DeValue::Float(_) => Some(Snippet::verbatim(reader.source, item.span())),
        other => {
            let span = reader.span_of(item);
            let error = Diagnostic::input(format!("a value of `{key}` must be Go text in a string"))
                .with_primary(&span, format!("this is {}", kind(other)))
                .with_help("write a struct as \"T{A: 1}\"");
            reader.errors.push(error);
            None
        }
    }
}
