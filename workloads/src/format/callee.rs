//! `callee`: a word, or a list of actions.

use rcsim_diag::{Diagnostic, Located};
use toml::de::{DeTable, DeValue};

use crate::gotype::{Signature, TypeId, Types, reflect_text};
use crate::value::assignable;
use crate::workload::{Action, Callee, Frame, Outcome};
use rcsim_diag::table::{Reader, TomlValue, kind, quoted, suggest};

/// One entry of the list.
#[derive(Clone)]
enum Step {
    Action(Action),
    Outcome(Outcome),
}

/// The most bytes that one action may allocate or grow the stack by: more than any Go stack has.
const MAX_ACTION_BYTES: u64 = 1 << 30;

/// Actions that are a word.
pub(crate) const PLAIN: [&str; 6] =
    ["return-args", "drop-args", "panic", "call-back", "clobber-registers", "gc"];
/// Actions that are a table of one key.
pub(crate) const WITH_VALUE: [&str; 5] = ["store-to-heap", "allocate", "grow-stack", "return", "panic"];

pub(super) fn read(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Option<Located<Callee>> {
    let Some(value) = table.get("callee") else {
        return reader.missing("callee", "a workload", "write callee = \"return-args\"");
    };
    let span = reader.span_of(value);
    let entries = match value.get_ref() {
        DeValue::Array(list) => list.iter().collect(),
        _ => vec![value],
    };
    let before = reader.errors.len();
    let mut callee = Callee { actions: Vec::new(), outcome: Outcome::DropArgs };
    for (index, entry) in entries.iter().enumerate() {
        match step(reader, entry) {
            Some(Step::Action(action)) => callee.actions.push(action),
            Some(Step::Outcome(outcome)) if index + 1 == entries.len() => callee.outcome = outcome,
            Some(Step::Outcome(_)) => {
                let place = reader.span_of(entry);
                let message = "the callee has already ended when more is to be done";
                let _: Option<()> = reader.fail(&place, message, "must be the last action");
            }
            None => {}
        }
    }
    (reader.errors.len() == before).then(|| Located::new(callee, span))
}

fn step(reader: &mut Reader<'_>, value: &TomlValue<'_>) -> Option<Step> {
    match value.get_ref() {
        DeValue::String(word) => plain(reader, value, word),
        DeValue::Table(table) => with_value(reader, value, table),
        other => {
            let label = format!("this is {}", kind(other));
            reader.fail(&reader.span_of(value), "an action of `callee` must be a string or a table", label)
        }
    }
}

fn plain(reader: &mut Reader<'_>, value: &TomlValue<'_>, word: &str) -> Option<Step> {
    Some(match word {
        "return-args" => Step::Outcome(Outcome::ReturnArgs),
        "drop-args" => Step::Outcome(Outcome::DropArgs),
        "panic" => Step::Outcome(Outcome::Panic("callee".to_owned())),
        "call-back" => Step::Action(Action::CallBack),
        "clobber-registers" => Step::Action(Action::ClobberRegisters),
        "gc" => Step::Action(Action::Gc),
        _ if WITH_VALUE.contains(&word) => {
            let span = reader.span_of(value);
            let error = Diagnostic::input(format!("`{word}` needs a value"))
                .with_primary(&span, "")
                .with_help(format!("write {{ {word} = … }}"));
            reader.errors.push(error);
            return None;
        }
        _ => {
            let span = reader.span_of(value);
            let error = Diagnostic::input(format!("unknown action `{word}`"))
                .with_primary(&span, format!("must be one of {}", quoted(&PLAIN)));
            let known: Vec<&str> = PLAIN.iter().chain(&WITH_VALUE).copied().collect();
            reader.errors.push(suggest(error, word, &known));
            return None;
        }
    })
}

fn with_value(reader: &mut Reader<'_>, value: &TomlValue<'_>, table: &DeTable<'_>) -> Option<Step> {
    let span = reader.span_of(value);
    reader.check_keys(table, &WITH_VALUE, "an action");
    if table.len() != 1 {
        return reader.fail(&span, "an action is one key and its value", format!("this has {}", table.len()));
    }
    if let Some(text) = string_if_present(reader, table, "panic") {
        return text.map(|text| Step::Outcome(Outcome::Panic(text.value)));
    }
    if table.contains_key("return") {
        // The values are read when the types of the results are known.
        return Some(Step::Outcome(Outcome::Return));
    }
    if let Some(arg) = table.get("store-to-heap") {
        let arg = reader.as_unsigned("store-to-heap", arg)?;
        return Some(Step::Action(Action::StoreToHeap {
            arg: usize::try_from(arg.value).unwrap_or(usize::MAX),
        }));
    }
    if let Some(bytes) = table.get("allocate") {
        return Some(Step::Action(Action::Allocate { bytes: bytes_of(reader, "allocate", bytes)? }));
    }
    let bytes = table.get("grow-stack")?;
    Some(Step::Action(Action::GrowStack { bytes: bytes_of(reader, "grow-stack", bytes)? }))
}

fn bytes_of(reader: &mut Reader<'_>, key: &str, value: &TomlValue<'_>) -> Option<u64> {
    let bytes = reader.as_unsigned(key, value)?;
    if bytes.value > MAX_ACTION_BYTES {
        return reader.fail(
            &bytes.span,
            format!("`{key}` is out of range"),
            format!("at most {MAX_ACTION_BYTES} bytes"),
        );
    }
    Some(bytes.value)
}

/// The string at a key that may be absent; the inner value is absent when it is no string.
fn string_if_present(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    key: &str,
) -> Option<Option<Located<String>>> {
    table.contains_key(key).then(|| reader.string(table, key))
}

/// Reports actions that name an argument which is not there.
pub(super) fn check_actions(reader: &mut Reader<'_>, callee: &Located<Callee>, signature: &Signature) {
    for action in &callee.value.actions {
        if let Action::StoreToHeap { arg } = action
            && *arg >= signature.params.len()
        {
            let message = format!("`store-to-heap` names argument {arg}, which the function does not have");
            let label = format!("it has {}", count(signature.params.len(), "parameter"));
            let _: Option<()> = reader.fail(&callee.span, message, label);
        }
    }
}

/// Reports results of a bare frame that `return-args` cannot fill.
pub(super) fn check_frame(reader: &mut Reader<'_>, callee: &Located<Callee>, frame: Frame) {
    let result_bytes = frame.frame_bytes - frame.ret_offset;
    if callee.value.outcome == Outcome::ReturnArgs && result_bytes > frame.ret_offset {
        let label = format!("{result_bytes} bytes of results, {} of arguments", frame.ret_offset);
        let message = "`return-args` needs at least as many bytes of arguments as of results";
        let _: Option<()> = reader.fail(&callee.span, message, label);
    }
}

/// The table with the key `return`, when the callee ends with one.
pub(super) fn table_of_return<'t, 'v>(root: &'t DeTable<'v>) -> Option<&'t DeTable<'v>> {
    let last = match root.get("callee")?.get_ref() {
        DeValue::Array(list) => list.iter().last()?.get_ref(),
        one => one,
    };
    match last {
        DeValue::Table(table) if table.contains_key("return") => Some(table),
        _ => None,
    }
}

/// Reports results that `return-args` cannot give: a made function's values are converted, a compiled function's are not.
pub(super) fn check_return(
    reader: &mut Reader<'_>,
    callee: &Located<Callee>,
    types: &Types,
    signature: &Signature,
    converts: bool,
) {
    if callee.value.outcome != Outcome::ReturnArgs {
        return;
    }
    let text =
        |id: Option<&TypeId>| id.map_or("missing".to_owned(), |id| format!("`{}`", reflect_text(types, *id)));
    for (index, result) in signature.results.iter().enumerate() {
        let param = signature.params.get(index);
        let fits = |param: &TypeId| param == result || converts && assignable(types, *param, *result);
        if !param.is_some_and(fits) {
            let error = Diagnostic::input("`return-args` needs results of the arguments' types")
                .with_primary(
                    &callee.span,
                    format!("result {index} is {}, argument {index} is {}", text(Some(result)), text(param)),
                )
                .with_help("use \"drop-args\", or change `func`");
            reader.errors.push(error);
            return;
        }
    }
}

/// `no parameters`, `1 parameter`, `2 parameters`
pub(super) fn count(number: usize, what: &str) -> String {
    match number {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}
