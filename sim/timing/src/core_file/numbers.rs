//! Single numbers, each with a source and a level of trust: `[value, "trust", "source"]`.

use rcsim_diag::table::{Reader, TomlValue, kind, quoted, suggest};
use rcsim_diag::{Diagnostic, Located};
use toml::de::DeTable;

use super::{Trust, TrustCounts};

/// The largest number that a core file may state.
pub const MAX: u64 = 10_000_000;

/// The words for trust.
pub const TRUST: [(&str, Trust); 3] =
    [("measured", Trust::Measured), ("vendor", Trust::Vendor), ("guess", Trust::Guess)];

/// What is common to reading all numbers of a file.
pub struct Numbers {
    /// Short names of the sources.
    pub sources: Vec<String>,
    /// Numbers so far.
    pub counts: TrustCounts,
}

impl Numbers {
    /// The number at a key that must be there, from `least` on.
    pub fn required(
        &mut self,
        reader: &mut Reader<'_>,
        table: &DeTable<'_>,
        section: &str,
        key: &str,
        least: u32,
    ) -> Option<u32> {
        match table.get(key) {
            Some(value) => self.number(reader, key, value, least),
            None => {
                let help = format!("write {key} = [number, \"vendor\", \"source\"] in [{section}]");
                reader.missing(key, &format!("[{section}]"), &help)
            }
        }
    }

    fn number(
        &mut self,
        reader: &mut Reader<'_>,
        key: &str,
        value: &TomlValue<'_>,
        least: u32,
    ) -> Option<u32> {
        let span = reader.span_of(value);
        let Some([number, trust, source]) = value.get_ref().as_array().map(|list| &list[..]) else {
            let error = Diagnostic::input(format!("`{key}` must say where its number comes from"))
                .with_primary(&span, format!("this is {}", kind(value.get_ref())))
                .with_help(format!(
                    "write {key} = [number, trust, source], such as [4, \"vendor\", \"guide\"]"
                ));
            reader.errors.push(error);
            return None;
        };
        let number = reader.as_unsigned(key, number)?;
        let trust = reader.as_string(key, trust)?;
        let source = reader.as_string(key, source)?;
        let trust = reader.word("trust", &trust, &TRUST)?;
        self.source(reader, &source)?;
        self.counts.add(trust, 1);
        in_range(reader, key, &number, least)
    }

    /// A source that the file describes.
    pub fn source(&self, reader: &mut Reader<'_>, source: &Located<String>) -> Option<()> {
        if self.sources.contains(&source.value) {
            return Some(());
        }
        let known: Vec<&str> = self.sources.iter().map(String::as_str).collect();
        let error = Diagnostic::input(format!("unknown source `{}`", source.value))
            .with_primary(&source.span, format!("[sources] has {}", quoted(&known)));
        reader.errors.push(suggest(error, &source.value, &known));
        None
    }
}

/// A number of at least `least` and not absurd.
pub fn in_range(reader: &mut Reader<'_>, key: &str, number: &Located<u64>, least: u32) -> Option<u32> {
    match u32::try_from(number.value).ok().filter(|value| *value >= least && u64::from(*value) <= MAX) {
        Some(value) => Some(value),
        None => {
            reader.fail(&number.span, format!("`{key}` is out of range"), format!("must be {least} to {MAX}"))
        }
    }
}
