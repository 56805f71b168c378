//! Keys of TOML tables: every mistake with its place, what was expected, and a remedy.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::{Diagnostic, Diagnostics, Located, Source, Span, nearest};

/// A value of the file.
pub type TomlValue<'t> = Spanned<DeValue<'t>>;

/// Where errors go, and the text that they point into.
pub struct Reader<'s> {
    /// The text.
    pub source: &'s Arc<Source>,
    /// The mistakes so far.
    pub errors: Diagnostics,
}

impl<'s> Reader<'s> {
    /// A reader of this text, no mistakes yet.
    #[must_use]
    pub fn new(source: &'s Arc<Source>) -> Self {
        Self { source, errors: Diagnostics::new() }
    }

    /// A place in the text.
    pub fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.source, range)
    }

    /// The place of a value.
    pub fn span_of(&self, value: &TomlValue<'_>) -> Span {
        self.span(value.span())
    }

    /// Reports an error at a place; the `None` is for the caller to return.
    pub fn fail<T>(
        &mut self,
        span: &Span,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Option<T> {
        self.errors.push(Diagnostic::input(message).with_primary(span, label));
        None
    }

    /// Reports every key that is not in `known`.
    pub fn check_keys(&mut self, table: &DeTable<'_>, known: &[&str], what: &str) {
        let mut unknown: Vec<_> =
            table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())).collect();
        unknown.sort_by_key(|key| key.span().start);
        for key in unknown {
            let name = key.get_ref();
            let error = Diagnostic::input(format!("unknown key `{name}`"))
                .with_primary(&self.span(key.span()), format!("not a key of {what}"));
            let help = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the keys are {}", quoted(known)),
            };
            self.errors.push(error.with_help(help));
        }
    }

    /// Reports a missing key.
    pub fn missing<T>(&mut self, key: &str, what: &str, help: &str) -> Option<T> {
        let start = self.span(0..0);
        let error = Diagnostic::input(format!("missing key `{key}`"))
            .with_primary(&start, format!("{what} needs it"))
            .with_help(help.to_owned());
        self.errors.push(error);
        None
    }

    /// Reports a key that means nothing here.
    pub fn unwanted(&mut self, table: &DeTable<'_>, key: &str, why: &str) {
        let found = table.keys().find(|known| known.get_ref() == key).map(Spanned::span);
        if let Some(range) = found {
            let span = self.span(range);
            let _: Option<()> = self.fail(&span, format!("`{key}` has no meaning here"), why);
        }
    }

    /// Reports a value of the wrong kind.
    pub fn wrong_type<T>(&mut self, key: &str, value: &TomlValue<'_>, expected: &str) -> Option<T> {
        let label = format!("this is {}", kind(value.get_ref()));
        self.fail(&self.span_of(value), format!("`{key}` must be {expected}"), label)
    }

    /// The string at a key; `None` when there is none, or none that is a string (reported).
    pub fn string(&mut self, table: &DeTable<'_>, key: &str) -> Option<Located<String>> {
        let value = table.get(key)?;
        self.as_string(key, value)
    }

    /// A value that must be a string.
    pub fn as_string(&mut self, key: &str, value: &TomlValue<'_>) -> Option<Located<String>> {
        match value.get_ref().as_str() {
            Some(text) => Some(Located::new(text.to_owned(), self.span_of(value))),
            None => self.wrong_type(key, value, "a string"),
        }
    }

    /// The number at a key.
    pub fn unsigned(&mut self, table: &DeTable<'_>, key: &str) -> Option<Located<u64>> {
        let value = table.get(key)?;
        self.as_unsigned(key, value)
    }

    /// A value that must be a number from 0 to 2^64-1.
    pub fn as_unsigned(&mut self, key: &str, value: &TomlValue<'_>) -> Option<Located<u64>> {
        let Some(integer) = value.get_ref().as_integer() else {
            return self.wrong_type(key, value, "an integer");
        };
        match u64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) => Some(Located::new(number, self.span_of(value))),
            Err(_) => {
                self.fail(&self.span_of(value), format!("`{key}` is out of range"), "must be 0 to 2^64-1")
            }
        }
    }

    /// The truth value at a key.
    pub fn boolean(&mut self, table: &DeTable<'_>, key: &str) -> Option<bool> {
        let value = table.get(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => self.wrong_type(key, value, "true or false"),
        }
    }

    /// The list at a key.
    pub fn list<'t, 'v>(&mut self, table: &'t DeTable<'v>, key: &str) -> Option<&'t [TomlValue<'v>]> {
        let value = table.get(key)?;
        match value.get_ref().as_array() {
            Some(list) => Some(list),
            None => self.wrong_type(key, value, "a list"),
        }
    }

    /// The list of strings at a key.
    pub fn strings(&mut self, table: &DeTable<'_>, key: &str) -> Option<Vec<Located<String>>> {
        let list = self.list(table, key)?;
        let mut strings = Vec::new();
        for value in list {
            match value.get_ref().as_str() {
                Some(text) => strings.push(Located::new(text.to_owned(), self.span_of(value))),
                None => {
                    let label = format!("this is {}", kind(value.get_ref()));
                    let span = self.span_of(value);
                    let _: Option<()> = self.fail(&span, format!("`{key}` must be a list of strings"), label);
                }
            }
        }
        Some(strings)
    }

    /// The table at a key.
    pub fn table<'t, 'v>(&mut self, table: &'t DeTable<'v>, key: &str) -> Option<&'t DeTable<'v>> {
        let value = table.get(key)?;
        self.as_table(key, value)
    }

    /// A value that must be a table.
    pub fn as_table<'t, 'v>(&mut self, key: &str, value: &'t TomlValue<'v>) -> Option<&'t DeTable<'v>> {
        match value.get_ref().as_table() {
            Some(table) => Some(table),
            None => self.wrong_type(key, value, "a table"),
        }
    }

    /// A string that must be one of a closed set of words.
    pub fn word<T: Copy>(&mut self, key: &str, text: &Located<String>, words: &[(&str, T)]) -> Option<T> {
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text.value) {
            return Some(*meaning);
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let error = Diagnostic::input(format!("`{key}` cannot be `{}`", text.value))
            .with_primary(&text.span, format!("must be one of {}", quoted(&known)));
        self.errors.push(suggest(error, &text.value, &known));
        None
    }
}

/// Adds `did you mean`, when a word is near.
pub fn suggest(error: Diagnostic, word: &str, known: &[&str]) -> Diagnostic {
    match nearest(word, known.iter().copied()) {
        Some(near) => error.with_help(format!("did you mean `{near}`?")),
        None => error,
    }
}

/// `` `a`, `b`, `c` ``
pub fn quoted(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

/// What a TOML value is, for errors.
pub fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
