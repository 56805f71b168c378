//! The terminal form, in the manner of rustc.
//!
//! Source excerpts are drawn by `annotate-snippets`; the rest (history, whose, help, replay) has columns of its own and is
//! drawn here. Everything that came from the user's input is stripped of control characters first.

use std::fmt::Write as _;
use std::sync::Arc;

use annotate_snippets::renderer::{DEFAULT_LINE_NUM_STYLE, DEFAULT_NOTE_STYLE};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Label, ListingLine, Note, Severity};
use crate::source::Source;

/// Whether the text carries terminal colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Plain text.
    Never,
    /// ANSI escapes.
    Always,
}

/// The width at which excerpts are cut. Fixed, so that the same input gives the same bytes everywhere.
const WIDTH_COLUMNS: usize = 140;

impl Diagnostic {
    /// The text for a terminal; ends with a newline.
    pub fn render(&self, colour: Colour) -> String {
        let mut out = self.head(colour);
        out.push('\n');
        if let Some(place) = &self.place {
            let _ = writeln!(out, "  {} {}", paint(colour, Paint::Frame, "-->"), clean(place));
        }
        out.push_str(&listing(&self.listing, colour));
        out.push_str(&history(&self.notes, colour));
        out.push_str(&self.remarks(colour));
        out
    }

    /// Title and source excerpts.
    fn head(&self, colour: Colour) -> String {
        let level = level(self.severity);
        let mut title = level.primary_title(clean(&self.message));
        if let Some(code) = self.code {
            title = title.id(code.to_string());
        }
        let mut group = Group::with_title(title);
        for (source, labels) in by_source(&self.labels) {
            let marks = labels.into_iter().map(annotation);
            group = group.element(Snippet::source(source.text()).path(source.name()).annotations(marks));
        }
        let renderer = match colour {
            Colour::Never => Renderer::plain(),
            Colour::Always => Renderer::styled(),
        };
        renderer.term_width(WIDTH_COLUMNS).render(&[group])
    }

    fn remarks(&self, colour: Colour) -> String {
        let line = self.code_line.iter();
        let line = line.map(|line| ("source", format!("{}:{}", line.file, line.line)));
        let whose = self.whose.iter().map(|whose| ("whose", whose.to_string()));
        let help = self.help.iter().map(|help| ("help", help.clone()));
        let replay = self.replay.iter().map(|replay| ("replay", replay.clone()));
        let mut out = String::new();
        for (word, text) in line.chain(whose).chain(help).chain(replay) {
            let sign = paint(colour, Paint::Frame, "=");
            let _ = writeln!(out, "  {sign} {}: {}", paint(colour, Paint::Note, word), clean(&text));
        }
        out
    }
}

fn level<'a>(severity: Severity) -> Level<'a> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

/// Labels grouped by source, sources in the order of their first label, primary labels' sources first.
fn by_source(labels: &[Label]) -> Vec<(&Arc<Source>, Vec<&Label>)> {
    let mut groups: Vec<(&Arc<Source>, Vec<&Label>)> = Vec::new();
    let primary = labels.iter().filter(|label| label.primary);
    for label in primary.chain(labels.iter().filter(|label| !label.primary)) {
        let source = label.span.source();
        match groups.iter_mut().find(|(known, _)| Arc::ptr_eq(known, source)) {
            Some((_, group)) => group.push(label),
            None => groups.push((source, vec![label])),
        }
    }
    groups
}

fn annotation(label: &Label) -> Annotation<'_> {
    let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
    let mark = kind.span(label.span.range());
    if label.text.is_empty() { mark } else { mark.label(clean(&label.text)) }
}

fn listing(lines: &[ListingLine], colour: Colour) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let bar = paint(colour, Paint::Frame, "|");
    let width = lines.iter().map(|line| clean(&line.text).chars().count()).max().unwrap_or(0);
    let mut out = format!("   {bar}\n");
    for line in lines {
        let text = format!("{:width$}    {}", clean(&line.text), clean(&line.remark));
        let _ = writeln!(out, "   {bar}  {}", text.trim_end());
    }
    let _ = writeln!(out, "   {bar}");
    out
}

fn history(notes: &[Note], colour: Colour) -> String {
    let timed = notes.iter().filter(|note| note.at.is_some());
    let width = timed.map(|note| clean(&note.text).chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for note in notes {
        let text = clean(&note.text);
        let line = match &note.at {
            Some(at) => format!("{text:width$}    {}", clean(at)),
            None => text,
        };
        let _ = writeln!(out, "{}: {}", paint(colour, Paint::Note, "note"), line.trim_end());
    }
    out
}

#[derive(Clone, Copy)]
enum Paint {
    Frame,
    Note,
}

fn paint(colour: Colour, paint: Paint, text: &str) -> String {
    let style = match (colour, paint) {
        (Colour::Never, _) => return text.to_owned(),
        (Colour::Always, Paint::Frame) => DEFAULT_LINE_NUM_STYLE,
        (Colour::Always, Paint::Note) => DEFAULT_NOTE_STYLE,
    };
    format!("{style}{text}{style:#}")
}

/// Control characters (escape sequences above all) become `?`, so that a hostile file cannot drive the terminal.
fn clean(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '?' } else { letter }).collect()
}
