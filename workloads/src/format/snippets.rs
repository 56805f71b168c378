//! Go text in the keys of a workload.

use rcsim_diag::table::Reader;
use toml::de::DeTable;

use crate::snippet::Snippet;

/// Reads strings that hold Go text.
pub(super) trait ReadSnippet {
    /// The Go text at a key.
    fn snippet(&mut self, table: &DeTable<'_>, key: &str) -> Option<Snippet>;
}

impl ReadSnippet for Reader<'_> {
    fn snippet(&mut self, table: &DeTable<'_>, key: &str) -> Option<Snippet> {
        let value = table.get(key)?;
        match value.get_ref().as_str() {
            Some(text) => Some(Snippet::in_toml(self.source, value.span(), text)),
            None => self.wrong_type(key, value, "a string with Go text"),
        }
    }
}
