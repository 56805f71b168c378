//! A list of known defects.

use std::sync::Arc;

use rcsim_diag::table::{Reader, TomlValue};
use rcsim_diag::{Diagnostic, Diagnostics, Source};
use toml::de::DeTable;

use super::expect;
use super::patch::boolean;
use super::read::toml_error;
use super::words::CALLS;
use crate::defects::{Defects, KnownDefect};

/// The longest list, in bytes.
const MAX_FILE_BYTES: usize = 1 << 20;

/// Reads a list.
pub(crate) fn read(source: &Arc<Source>) -> Result<Defects, Diagnostics> {
    if source.text().len() > MAX_FILE_BYTES {
        let error = Diagnostic::input(format!("the list of defects is longer than {MAX_FILE_BYTES} bytes"));
        return Err(error.with_place(source.name()).into());
    }
    let document =
        DeTable::parse(source.text()).map_err(|error| toml_error(source, "list of defects", &error))?;
    let mut reader = Reader::new(source);
    let root = document.get_ref();
    reader.check_keys(root, &["defect"], "a list of defects");
    let mut list = Vec::new();
    for item in reader.list(root, "defect").unwrap_or(&[]) {
        list.extend(defect(&mut reader, item));
    }
    reader.errors.into_result(Defects::new(list))
}

fn defect(reader: &mut Reader<'_>, item: &TomlValue<'_>) -> Option<KnownDefect> {
    let span = reader.span_of(item);
    let table = reader.as_table("defect", item)?;
    reader.check_keys(table, &["code", "epochs", "archs", "calls", "breaks-off", "why"], "a defect");
    let calls = reader.strings(table, "calls");
    for call in calls.iter().flatten() {
        reader.word("calls", call, &CALLS)?;
    }
    let Some(why) = reader.string(table, "why") else {
        return reader.fail(&span, "a defect needs a `why`", "say what it is, and where it was fixed");
    };
    let finding = expect::finding_in(reader, table, &span)?;
    if finding.epochs.is_none() {
        return reader.fail(&span, "a defect needs `epochs`", "name those that have it");
    }
    let breaks_off = boolean(reader, table, "breaks-off").unwrap_or(false);
    Some(KnownDefect { finding, calls, breaks_off, why: why.value })
}
