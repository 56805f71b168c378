//! `stack-left`: a number of bytes, or a word that stands for the number that the trampoline's stack check compares with.

use rcsim_diag::table::Reader;
use toml::de::DeTable;

use super::words::{CallWord, STACK_LEFT};
use crate::workload::StackLeft;

const KEY: &str = "stack-left";

/// The most that may be said to be left. Goroutines of 32-bit ports have 250,000,000 bytes at most.
const MAX_BYTES: u32 = 1 << 27;

/// What the key says, or that it is not there; absent when it is wrong.
pub(super) fn read(
    reader: &mut Reader<'_>,
    root: &DeTable<'_>,
    call: Option<CallWord>,
) -> Option<Option<StackLeft>> {
    let Some(value) = root.get(KEY) else { return Some(None) };
    if call == Some(CallWord::MakeFunc) {
        reader.unwanted(root, KEY, "the call of a made function does not go through `reflectcall`");
    }
    if value.get_ref().as_str().is_some() {
        let text = reader.as_string(KEY, value)?;
        return reader.word(KEY, &text, &STACK_LEFT).map(Some);
    }
    if value.get_ref().as_integer().is_none() {
        return reader.wrong_type(KEY, value, "an integer or a string");
    }
    let bytes = reader.as_unsigned(KEY, value)?;
    match u32::try_from(bytes.value).ok().filter(|left| *left <= MAX_BYTES && left.is_multiple_of(8)) {
        Some(left) => Some(Some(StackLeft::Bytes(left))),
        None => {
            reader.fail(&bytes.span, format!("`{KEY}` must be a multiple of 8, and at most {MAX_BYTES}"), "")
        }
    }
}
