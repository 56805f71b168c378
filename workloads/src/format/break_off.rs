//! `breaks-off` under `[expect]`: where a run stops that comes neither back nor to a panic.

use rcsim_diag::table::{Reader, TomlValue};
use rcsim_diag::{Located, Span};
use toml::de::DeTable;

use super::words::BREAKS;
use crate::workload::{BreakKind, ExpectedBreak};

/// The keys of one.
pub(crate) const BREAK_KEYS: [&str; 4] = ["kind", "at", "epochs", "archs"];

/// A list: epochs and architectures may break off in different ways.
pub(super) fn read(reader: &mut Reader<'_>, expect: &DeTable<'_>) -> Vec<ExpectedBreak> {
    let items = reader.list(expect, "breaks-off").unwrap_or(&[]);
    items.iter().filter_map(|item| one(reader, item)).collect()
}

fn one(reader: &mut Reader<'_>, item: &TomlValue<'_>) -> Option<ExpectedBreak> {
    let span = reader.span_of(item);
    let table = reader.as_table("breaks-off", item)?;
    reader.check_keys(table, &BREAK_KEYS, "a run that breaks off");
    if !table.contains_key("kind") {
        let words: Vec<&str> = BREAKS.iter().map(|(word, _)| *word).collect();
        let label = format!("say how: {}", words.join(", "));
        return reader.fail(&span, "a run that breaks off needs a `kind`", label);
    }
    let text = reader.string(table, "kind")?;
    let kind = Located::new(reader.word("kind", &text, &BREAKS)?, text.span);
    let at = place(reader, table, &kind, &span)?;
    let epochs = reader.strings(table, "epochs");
    let archs = reader.strings(table, "archs");
    Some(ExpectedBreak { kind, at, epochs, archs })
}

/// Where it breaks off; what does not end does so nowhere.
fn place(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    kind: &Located<BreakKind>,
    span: &Span,
) -> Option<Option<Located<String>>> {
    if kind.value == BreakKind::Endless {
        reader.unwanted(table, "at", "a run without end has no place where it ends");
        return Some(None);
    }
    if !table.contains_key("at") {
        let label = "say where: a function, with the offset of the instruction, or a step of a service";
        return reader.fail(span, "a run that breaks off needs a place, `at`", label);
    }
    let at = reader.string(table, "at")?;
    if at.value.trim().is_empty() {
        return reader.fail(&at.span, "an empty place", "write a function or a step of a service");
    }
    Some(Some(at))
}
