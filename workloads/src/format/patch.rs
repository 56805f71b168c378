//! `[[patch]]`.

use rcsim_diag::{Diagnostic, Located, Span};
use toml::de::{DeTable, DeValue};

use crate::patch::{Change, CodeChange, FrameChange, FrameFact, Patch, Where, With};
use rcsim_diag::table::{Reader, TomlValue, kind, quoted};

/// Keys that every patch may have.
pub(crate) const COMMON: [&str; 2] = ["archs", "epochs"];
/// Keys of which a patch has exactly one: they say what kind of patch it is.
pub(crate) const KINDS: [&str; 4] = ["symbol", "step", "deviation", "fix"];
/// Keys of which a patch of a symbol has exactly one: an instruction, or what the function says about its frame.
pub(crate) const OF_SYMBOL: [&str; 7] =
    ["instruction", "offset", "bytes", "frame-bytes", "args-bytes", "nosplit", "map"];

/// Keys that go with those: which instruction, what is put in place, which bit of a map.
#[cfg(test)]
pub(crate) const BESIDE: [&str; 4] = ["nth", "with", "bit", "value"];

/// The most bytes that a patch may write: longer than any instruction.
const MAX_BYTES: usize = 64;

/// Reads every patch.
pub(super) fn patches(reader: &mut Reader<'_>, root: &DeTable<'_>) -> Vec<Patch> {
    let mut patches = Vec::new();
    for item in reader.list(root, "patch").unwrap_or(&[]) {
        patches.extend(patch(reader, item));
    }
    patches
}

fn patch(reader: &mut Reader<'_>, item: &TomlValue<'_>) -> Option<Patch> {
    let table = reader.as_table("patch", item)?;
    let span = reader.span_of(item);
    let kind = one_of(reader, table, &span, "a patch", &KINDS)?;
    let change = match kind {
        "symbol" => of_symbol(reader, table, &span),
        "step" => step(reader, table, &span),
        "deviation" => named(reader, table, "deviation").map(Change::Deviation),
        _ => named(reader, table, "fix").map(Change::Fix),
    };
    let epochs = names(reader, table, "epochs");
    let archs = names(reader, table, "archs");
    Some(Patch { span, change: change?, epochs, archs })
}

/// The one key of `keys` that the table has.
fn one_of<'k>(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    span: &Span,
    what: &str,
    keys: &[&'k str],
) -> Option<&'k str> {
    let mut found = keys.iter().filter(|key| table.contains_key(**key));
    let Some(first) = found.next() else {
        let label = format!("needs one of {}", quoted(keys));
        return reader.fail(span, format!("{what} that says nothing"), label);
    };
    if let Some(second) = found.next() {
        let place = table.get(*second).map_or_else(|| span.clone(), |value| reader.span_of(value));
        let message = format!("`{first}` and `{second}` in the same patch");
        return reader.fail(&place, message, "write a patch of its own for each");
    }
    Some(first)
}

/// Reports keys that this kind of patch does not have.
fn only(reader: &mut Reader<'_>, table: &DeTable<'_>, keys: &[&str]) {
    let known: Vec<&str> = keys.iter().chain(&COMMON).copied().collect();
    reader.check_keys(table, &known, "this kind of patch");
}

fn named(reader: &mut Reader<'_>, table: &DeTable<'_>, key: &str) -> Option<Located<String>> {
    only(reader, table, &[key]);
    reader.string(table, key)
}

fn step(reader: &mut Reader<'_>, table: &DeTable<'_>, span: &Span) -> Option<Change> {
    only(reader, table, &["step", "with"]);
    let step = reader.string(table, "step")?;
    match with(reader, table, span)? {
        Located { value: With::Skip, .. } => Some(Change::SkipStep(step)),
        other => reader.fail(&other.span, "a step of a service can only be left out", "write \"skip\""),
    }
}

fn of_symbol(reader: &mut Reader<'_>, table: &DeTable<'_>, span: &Span) -> Option<Change> {
    let symbol = reader.string(table, "symbol")?;
    let key = one_of(reader, table, span, "a patch of a function", &OF_SYMBOL)?;
    let value = table.get(key)?;
    let place = reader.span_of(value);
    if matches!(key, "instruction" | "offset" | "bytes") {
        let at = Located::new(place_of(reader, table, key)?, place);
        let with = with(reader, table, span)?;
        return Some(Change::Code(CodeChange { symbol, at, with }));
    }
    let fact = match key {
        "map" => map_bit(reader, table, span),
        "nosplit" => {
            only(reader, table, &["symbol", "nosplit"]);
            boolean(reader, table, "nosplit").map(FrameFact::Nosplit)
        }
        _ => {
            only(reader, table, &["symbol", key]);
            let size = small(reader, table, key)?;
            Some(if key == "frame-bytes" { FrameFact::FrameBytes(size) } else { FrameFact::ArgsBytes(size) })
        }
    };
    let fact = Located::new(fact?, place);
    Some(Change::Frame(FrameChange { symbol, fact }))
}

fn place_of(reader: &mut Reader<'_>, table: &DeTable<'_>, key: &str) -> Option<Where> {
    if key == "offset" {
        only(reader, table, &["symbol", "offset", "with"]);
        return Some(Where::Offset(reader.unsigned(table, "offset")?.value));
    }
    only(reader, table, &["symbol", key, "nth", "with"]);
    let nth = match reader.unsigned(table, "nth") {
        Some(zero) if zero.value == 0 => return reader.fail(&zero.span, "`nth` counts from 1", ""),
        nth => nth.map(|nth| nth.value),
    };
    let text = reader.string(table, key)?;
    if key == "instruction" {
        return Some(Where::Text { text: text.value, nth });
    }
    let bytes = hexadecimal(reader, "bytes", &text)?;
    Some(Where::Bytes { bytes, nth })
}

fn with(reader: &mut Reader<'_>, table: &DeTable<'_>, span: &Span) -> Option<Located<With>> {
    if !table.contains_key("with") {
        let label = "needs `with`: \"nop\", \"skip\", or bytes as \"48 89 e7\"";
        return reader.fail(span, "a patch that puts nothing in place", label);
    }
    let text = reader.string(table, "with")?;
    let with = match text.value.as_str() {
        "nop" => With::Nop,
        "skip" => With::Skip,
        _ => With::Bytes(hexadecimal(reader, "with", &text)?),
    };
    Some(Located::new(with, text.span))
}

/// Bytes written as pairs of hexadecimal digits, with blanks between them or not.
fn hexadecimal(reader: &mut Reader<'_>, key: &str, text: &Located<String>) -> Option<Vec<u8>> {
    let digits: Vec<char> = text.value.chars().filter(|letter| !letter.is_whitespace()).collect();
    let nibbles: Option<Vec<u8>> =
        digits.iter().map(|digit| digit.to_digit(16).map(|value| value as u8)).collect();
    let whole = |nibbles: &Vec<u8>| !nibbles.is_empty() && nibbles.len().is_multiple_of(2);
    let Some(nibbles) = nibbles.filter(whole).filter(|nibbles| nibbles.len() <= 2 * MAX_BYTES) else {
        let words = if key == "with" { "`nop`, `skip` or " } else { "" };
        let label = format!("must be {words}1 to {MAX_BYTES} bytes as hexadecimal digits");
        return reader.fail(&text.span, format!("`{key}` cannot be `{}`", text.value), label);
    };
    Some(nibbles.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

fn map_bit(reader: &mut Reader<'_>, table: &DeTable<'_>, span: &Span) -> Option<FrameFact> {
    only(reader, table, &["symbol", "map", "bit", "value"]);
    let text = reader.string(table, "map")?;
    reader.word("map", &text, &[("args", ())])?;
    for key in ["bit", "value"] {
        if !table.contains_key(key) {
            let label = "needs `bit`, the number of the word, and `value`, whether it is a pointer";
            return reader.fail(span, format!("missing key `{key}`"), label);
        }
    }
    let bit = small(reader, table, "bit")?;
    Some(FrameFact::ArgIsPointer { bit, value: boolean(reader, table, "value")? })
}

fn small(reader: &mut Reader<'_>, table: &DeTable<'_>, key: &str) -> Option<u32> {
    const MOST: u32 = 1 << 30;
    let number = reader.unsigned(table, key)?;
    match u32::try_from(number.value).ok().filter(|value| *value <= MOST) {
        Some(value) => Some(value),
        None => reader.fail(&number.span, format!("`{key}` is out of range"), format!("must be 0 to {MOST}")),
    }
}

pub(super) fn boolean(reader: &mut Reader<'_>, table: &DeTable<'_>, key: &str) -> Option<bool> {
    let value = table.get(key)?;
    match value.get_ref() {
        DeValue::Boolean(value) => Some(*value),
        other => {
            let label = format!("this is {}", kind(other));
            reader.fail(&reader.span_of(value), format!("`{key}` must be true or false"), label)
        }
    }
}

fn names(reader: &mut Reader<'_>, table: &DeTable<'_>, key: &str) -> Option<Vec<Located<String>>> {
    let names = reader.strings(table, key)?;
    if names.is_empty() {
        let span = reader.span_of(table.get(key)?);
        let error = Diagnostic::input(format!("`{key}` is empty, so the patch would change nothing"));
        reader.errors.push(error.with_primary(&span, "leave the key out to mean all"));
        return None;
    }
    Some(names)
}
