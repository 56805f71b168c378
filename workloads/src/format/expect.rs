//! `[expect]`, `[gc]` and `[limits]`.

use rcsim_diag::{Code, Diagnostic, Located, Span};
use toml::de::DeTable;

use super::arguments;
use super::break_off;
use super::words::{BARRIERS, POINTS};
use crate::gotype::{TypeId, TypeSpace};
use crate::workload::{Barrier, Expect, ExpectedEnd, ExpectedFinding, Gc, Limits, Points};
use rcsim_diag::table::{Reader, TomlValue};

/// The keys of `[gc]`.
pub(crate) const GC_KEYS: [&str; 2] = ["barrier", "points"];
/// The keys of `[limits]`.
pub(crate) const LIMITS_KEYS: [&str; 1] = ["steps"];
/// The keys of `[expect]`.
pub(crate) const EXPECT_KEYS: [&str; 4] = ["results", "panic", "findings", "breaks-off"];
/// The keys of a finding under `[expect]`.
pub(crate) const FINDING_KEYS: [&str; 3] = ["code", "epochs", "archs"];

pub(super) fn gc(reader: &mut Reader<'_>, root: &DeTable<'_>) -> Gc {
    let mut gc = Gc { barrier: Barrier::Epoch, points: Points::Go };
    let Some(table) = reader.table(root, "gc") else { return gc };
    reader.check_keys(table, &GC_KEYS, "[gc]");
    if let Some(text) = reader.string(table, "barrier") {
        gc.barrier = reader.word("barrier", &text, &BARRIERS).unwrap_or(gc.barrier);
    }
    if let Some(text) = reader.string(table, "points") {
        gc.points = reader.word("points", &text, &POINTS).unwrap_or(gc.points);
    }
    gc
}

pub(super) fn limits(reader: &mut Reader<'_>, root: &DeTable<'_>) -> Limits {
    let Some(table) = reader.table(root, "limits") else { return Limits::default() };
    reader.check_keys(table, &LIMITS_KEYS, "[limits]");
    let steps = reader.unsigned(table, "steps");
    if let Some(zero) = steps.as_ref().filter(|steps| steps.value == 0) {
        let _: Option<()> = reader.fail(&zero.span, "`steps` must be at least 1", "");
    }
    Limits { steps: steps.map(|steps| steps.value) }
}

/// `results` is read only when the result types are known.
pub(super) fn expect(
    reader: &mut Reader<'_>,
    root: &DeTable<'_>,
    space: &mut TypeSpace,
    results: Option<&[TypeId]>,
) -> Expect {
    let mut expect = Expect { end: ExpectedEnd::ByCallee, findings: Vec::new(), breaks_off: Vec::new() };
    let Some(table) = reader.table(root, "expect") else { return expect };
    reader.check_keys(table, &EXPECT_KEYS, "[expect]");
    if let Some(text) = reader.string(table, "panic") {
        reader.unwanted(table, "results", "a call that panics has no results");
        expect.end = ExpectedEnd::Panic(text.value);
    } else if let Some(ids) = results {
        let values = arguments::read(reader, table, "results", "result", space, ids);
        expect.end = values.map_or(ExpectedEnd::ByCallee, |values| ExpectedEnd::Results(values.value));
    }
    for item in reader.list(table, "findings").unwrap_or(&[]) {
        expect.findings.extend(finding(reader, item));
    }
    expect.breaks_off = break_off::read(reader, table);
    expect
}

fn finding(reader: &mut Reader<'_>, item: &TomlValue<'_>) -> Option<ExpectedFinding> {
    let span = reader.span_of(item);
    let table = reader.as_table("findings", item)?;
    reader.check_keys(table, &FINDING_KEYS, "an expected finding");
    finding_in(reader, table, &span)
}

/// The keys that every finding has.
pub(super) fn finding_in(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    span: &Span,
) -> Option<ExpectedFinding> {
    if !table.contains_key("code") {
        return reader.fail(span, "an expected finding needs a `code`", "write code = \"RC0101\"");
    }
    let text = reader.string(table, "code")?;
    let code = match text.value.parse::<Code>() {
        Ok(code) => Located::new(code, text.span),
        Err(wrong) => {
            let error = Diagnostic::input(format!("`{}` is no finding code", text.value));
            reader.errors.push(error.with_primary(&text.span, wrong.to_string()));
            return None;
        }
    };
    let epochs = reader.strings(table, "epochs");
    let archs = reader.strings(table, "archs");
    Some(ExpectedFinding { code, epochs, archs })
}
