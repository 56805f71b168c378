//! Go text inside a TOML string: the decoded text, and for each byte of it the place in the file.
//!
//! Owns: how TOML strings write their content (quotes, escapes, line continuations; TOML 1.1 "String"). Must not know: Go.

use std::ops::Range;
use std::sync::Arc;

use rcsim_diag::{Source, Span};

/// A piece of text that the user wrote inside a TOML string.
#[derive(Debug, Clone)]
pub struct Snippet {
    text: String,
    source: Arc<Source>,
    whole: Range<usize>,
    /// Ascending pairs of (offset in `text`, offset in the file): between two of them both advance alike.
    runs: Vec<(usize, usize)>,
}

impl Snippet {
    /// The snippet in the TOML string token at `token` of `source`, which TOML decodes as `text`.
    pub fn in_toml(source: &Arc<Source>, token: Range<usize>, text: &str) -> Self {
        let span = Span::new(source, token);
        let runs = Decoder::run(span.text());
        let exact = runs.as_ref().filter(|decoded| decoded.text == text);
        let runs = match exact {
            Some(decoded) => decoded.runs.iter().map(|(at, raw)| (*at, raw + span.range().start)).collect(),
            // Never seen; a place that covers the whole string is then still true.
            None => Vec::new(),
        };
        Self { text: text.to_owned(), source: Arc::clone(source), whole: span.range(), runs }
    }

    /// The text of the file at `token`, as it stands there.
    pub fn verbatim(source: &Arc<Source>, token: Range<usize>) -> Self {
        let span = Span::new(source, token);
        let (text, whole) = (span.text().to_owned(), span.range());
        Self { text, source: Arc::clone(source), runs: vec![(0, whole.start)], whole }
    }

    /// A text that is a source of its own, such as an argument of the command line.
    pub fn alone(name: &str, text: &str) -> Self {
        let source = Source::new(name, text);
        Self { text: text.to_owned(), whole: 0..text.len(), source, runs: vec![(0, 0)] }
    }

    /// The decoded text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place of the whole string.
    pub fn whole(&self) -> Span {
        Span::new(&self.source, self.whole.clone())
    }

    /// The place in the file of a byte range of the decoded text. An empty range covers one character where it can.
    pub fn span(&self, range: Range<usize>) -> Span {
        let start = self.file_offset(range.start);
        let end = self.file_offset(range.end.max(range.start + 1));
        match (start, end) {
            (Some(start), Some(end)) => Span::new(&self.source, start..end),
            _ => self.whole(),
        }
    }

    fn file_offset(&self, at: usize) -> Option<usize> {
        let at = at.min(self.text.len());
        let (start, raw) = self.runs.iter().rev().find(|(start, _)| *start <= at)?;
        Some((raw + at - start).min(self.whole.end))
    }
}

/// What a TOML string token means, with the offsets of its parts inside the token.
struct Decoder<'a> {
    raw: &'a str,
    at: usize,
    text: String,
    runs: Vec<(usize, usize)>,
}

impl<'a> Decoder<'a> {
    fn run(token: &'a str) -> Option<Self> {
        let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quotes| token.starts_with(quotes))?;
        let inner = token.strip_prefix(quotes)?.strip_suffix(quotes)?;
        let trimmed = if quotes.len() == 3 { without_first_newline(inner) } else { inner };
        let at = quotes.len() + inner.len() - trimmed.len();
        let raw = &token[..token.len() - quotes.len()];
        let mut decoder = Self { raw, at, text: String::new(), runs: vec![(0, at)] };
        let escapes = quotes.starts_with('"');
        while let Some(letter) = decoder.raw[decoder.at..].chars().next() {
            if escapes && letter == '\\' {
                decoder.escape()?;
            } else {
                decoder.text.push(letter);
                decoder.at += letter.len_utf8();
            }
        }
        Some(decoder)
    }

    fn escape(&mut self) -> Option<()> {
        let rest = &self.raw[self.at + 1..];
        let letter = rest.chars().next()?;
        // The characters of an escape all belong to the one that it stands for.
        self.runs.push((self.text.len(), self.at));
        self.at += 1 + letter.len_utf8();
        match letter {
            'u' => self.hexadecimal(4)?,
            'U' => self.hexadecimal(8)?,
            'x' => self.hexadecimal(2)?,
            'b' => self.text.push('\u{8}'),
            't' => self.text.push('\t'),
            'n' => self.text.push('\n'),
            'f' => self.text.push('\u{c}'),
            'r' => self.text.push('\r'),
            'e' => self.text.push('\u{1b}'),
            '"' | '\\' => self.text.push(letter),
            ' ' | '\t' | '\r' | '\n' => {
                let rest = &self.raw[self.at..];
                self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            }
            _ => return None,
        }
        self.runs.push((self.text.len(), self.at));
        Some(())
    }

    fn hexadecimal(&mut self, digits: usize) -> Option<()> {
        let number = u32::from_str_radix(self.raw.get(self.at..self.at + digits)?, 16).ok()?;
        self.text.push(char::from_u32(number)?);
        self.at += digits;
        Some(())
    }
}

fn without_first_newline(text: &str) -> &str {
    text.strip_prefix("\r\n").or_else(|| text.strip_prefix('\n')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::Snippet;
    use rcsim_diag::Source;

    /// The file text that the decoded word `word` of the string token in `file` points at.
    fn place(file: &str, decoded: &str, word: &str) -> String {
        let source = Source::new("w.toml", file);
        let token = file.find(['"', '\'']).expect("a string")..file.trim_end().len();
        let snippet = Snippet::in_toml(&source, token, decoded);
        let at = decoded.find(word).expect("the word");
        snippet.span(at..at + word.len()).text().to_owned()
    }

    #[test]
    fn words_are_found_again_in_every_kind_of_string() {
        assert_eq!(place("a = \"x int\"", "x int", "int"), "int");
        assert_eq!(place("a = 'x int'", "x int", "int"), "int");
        assert_eq!(place("a = \"\"\"\nx\nint\n\"\"\"", "x\nint\n", "int"), "int");
        assert_eq!(place("a = \"\\tx\\u0020int\"", "\tx int", "int"), "int");
        assert_eq!(place("a = \"\"\"x \\\n   int\"\"\"", "x int", "int"), "int");
    }

    #[test]
    fn an_escaped_character_is_covered_whole() {
        assert_eq!(place("a = \"x\\u00e9y\"", "xéy", "é"), "\\u00e9");
    }

    #[test]
    fn text_that_does_not_decode_as_said_still_has_its_string_as_place() {
        assert_eq!(place("a = \"abc\"", "other", "other"), "\"abc\"");
    }
}
