//! Source texts and places in them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A text that diagnostics can point into: usually a workload file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
}

impl Source {
    /// A source with the name that the user knows it by (a path as given on the command line).
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into() })
    }

    /// The name that the user knows the text by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset. An offset past the end counts as the end.
    pub fn line_column(&self, offset: usize) -> LineColumn {
        let before = &self.text[..self.floor(offset)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        LineColumn {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// The nearest character boundary at or before `offset`.
    fn floor(&self, offset: usize) -> usize {
        let mut at = offset.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

/// A place in a text, both counted from 1; the column counts characters, not bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for LineColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A byte range of a source. Always inside the text and on character boundaries.
#[derive(Clone, PartialEq, Eq)]
pub struct Span {
    source: Arc<Source>,
    start: usize,
    end: usize,
}

impl Span {
    /// The given byte range, moved inwards where it does not fit the text.
    pub fn new(source: &Arc<Source>, range: Range<usize>) -> Self {
        let start = source.floor(range.start);
        let end = source.floor(range.end).max(start);
        Self { source: Arc::clone(source), start, end }
    }

    /// The text that the span points into.
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The byte range.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// The characters that the span covers.
    pub fn text(&self) -> &str {
        &self.source.text[self.range()]
    }

    /// Line and column of the first character.
    pub fn start(&self) -> LineColumn {
        self.source.line_column(self.start)
    }
}

/// `file:line:column`
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.source.name, self.start())
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Span({self}..{})", self.source.line_column(self.end))
    }
}

/// A value together with the place where the user wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> Located<T> {
    /// A value and its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

#[cfg(test)]
mod tests {
    use super::{LineColumn, Source, Span};

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let source = Source::new("a.toml", "x = 1\nné = 2\n");
        assert_eq!(source.line_column(0), LineColumn { line: 1, column: 1 });
        assert_eq!(source.line_column(10), LineColumn { line: 2, column: 4 });
        assert_eq!(source.line_column(999), LineColumn { line: 3, column: 1 });
    }

    #[test]
    fn a_span_is_moved_onto_the_text() {
        let source = Source::new("a", "né");
        assert_eq!(Span::new(&source, 2..900).text(), "é");
        #[expect(clippy::reversed_empty_ranges, reason = "a reversed range is the case under test")]
        let reversed = Span::new(&source, 9..1);
        assert_eq!(reversed.text(), "");
    }
}
