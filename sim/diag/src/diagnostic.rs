//! What a message to the user consists of.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::source::Span;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Probably not what was meant; the run goes on.
    Warning,
    /// The run failed, or has nothing to say.
    Error,
}

/// Which of the kinds of failure a diagnostic reports. The command line derives its exit code from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// A violation found in what was simulated, or an expectation that was not met.
    Finding,
    /// The user's input cannot be used.
    Input,
    /// The input is fine; rcsim cannot do this yet.
    Unsupported,
    /// rcsim itself is wrong.
    Bug,
}

/// A stable finding code, `RC0101`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u16);

impl Code {
    /// The code with this number, at most 9999.
    ///
    /// # Panics
    /// When the number has more than four digits; in a constant that is a compile error.
    pub const fn new(number: u16) -> Self {
        assert!(number <= 9999, "a finding code has four digits");
        Self(number)
    }

    /// The four digits as a number.
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RC{:04}", self.0)
    }
}

/// The text is not `RC` and four digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseCodeError;

impl fmt::Display for ParseCodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a finding code is `RC` and four digits, such as RC0101")
    }
}

impl std::error::Error for ParseCodeError {}

impl FromStr for Code {
    type Err = ParseCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix("RC").ok_or(ParseCodeError)?;
        if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ParseCodeError);
        }
        digits.parse().map(Self).map_err(|_| ParseCodeError)
    }
}

/// Whose defect it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whose {
    /// The simulated machinery; with what is known about it, such as `Go issue 49363`.
    Image(Option<String>),
    /// The workload file.
    Workload,
    /// rcsim lacks something.
    RcsimLacks,
    /// rcsim is wrong.
    Rcsim,
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(None) => f.write_str("image"),
            Self::Image(Some(known)) => write!(f, "image ({known})"),
            Self::Workload => f.write_str("workload"),
            Self::RcsimLacks => f.write_str("rcsim lacks this"),
            Self::Rcsim => f.write_str("rcsim itself"),
        }
    }
}

/// A place in a source and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is the matter there; may be empty.
    pub text: String,
    /// The one place that the message is about, as against places that explain it.
    pub primary: bool,
}

/// One line of a listing: a guest instruction or a step of a service, and what it does here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListingLine {
    /// Address and text of the instruction, or the name of the step.
    pub text: String,
    /// What the line does in this story.
    pub remark: String,
}

/// A line of the source that guest code was compiled from, as its compiler recorded it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeLine {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

/// One event that led to the message, in time order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// What happened.
    pub text: String,
    /// When and where: step and place. Rendered as a second column.
    pub at: Option<String>,
}

/// One message to the user. Text is lower case, without a full stop at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub(crate) severity: Severity,
    pub(crate) class: Class,
    pub(crate) code: Option<Code>,
    pub(crate) message: String,
    pub(crate) place: Option<String>,
    pub(crate) labels: Vec<Label>,
    pub(crate) listing: Vec<ListingLine>,
    pub(crate) notes: Vec<Note>,
    pub(crate) whose: Option<Whose>,
    pub(crate) help: Vec<String>,
    pub(crate) replay: Option<String>,
    pub(crate) code_line: Option<CodeLine>,
}

impl Diagnostic {
    /// A diagnostic with nothing but its message.
    pub fn new(severity: Severity, class: Class, message: impl Into<String>) -> Self {
        Self {
            severity,
            class,
            code: None,
            message: message.into(),
            place: None,
            labels: Vec::new(),
            listing: Vec::new(),
            notes: Vec::new(),
            whose: None,
            help: Vec::new(),
            replay: None,
            code_line: None,
        }
    }

    /// An error in what the user gave.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(Severity::Error, Class::Input, message)
    }

    /// A limitation of rcsim, named.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(Severity::Error, Class::Unsupported, message)
    }

    /// A finding.
    pub fn finding(code: Code, message: impl Into<String>) -> Self {
        let mut finding = Self::new(Severity::Error, Class::Finding, message);
        finding.code = Some(code);
        finding
    }

    /// A bug in rcsim that it noticed itself.
    pub fn bug(message: impl Into<String>) -> Self {
        Self::new(Severity::Error, Class::Bug, message).with_whose(Whose::Rcsim)
    }

    /// Adds the place that the message is about.
    pub fn with_primary(self, span: &Span, text: impl Into<String>) -> Self {
        self.with_label(span, text.into(), true)
    }

    /// Adds a place that explains the message.
    pub fn with_secondary(self, span: &Span, text: impl Into<String>) -> Self {
        self.with_label(span, text.into(), false)
    }

    fn with_label(mut self, span: &Span, text: String, primary: bool) -> Self {
        self.labels.push(Label { span: span.clone(), text, primary });
        self
    }

    /// Says where, when there is no source text to show: `FILE, arm64, epoch go1.27`.
    pub fn with_place(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Adds a line of listing.
    pub fn with_line(mut self, text: impl Into<String>, remark: impl Into<String>) -> Self {
        self.listing.push(ListingLine { text: text.into(), remark: remark.into() });
        self
    }

    /// Adds an explanation.
    pub fn with_note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(Note { text: text.into(), at: None });
        self
    }

    /// Adds an event, with when and where it happened.
    pub fn with_event(mut self, text: impl Into<String>, at: impl Into<String>) -> Self {
        self.notes.push(Note { text: text.into(), at: Some(at.into()) });
        self
    }

    /// Says whose defect it is.
    pub fn with_whose(mut self, whose: Whose) -> Self {
        self.whose = Some(whose);
        self
    }

    /// Adds a remedy.
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Sets the command that shows the same again.
    pub fn with_replay(mut self, command: impl Into<String>) -> Self {
        self.replay = Some(command.into());
        self
    }

    /// Names the line of source that the guilty instruction was compiled from.
    pub fn with_code_line(mut self, line: CodeLine) -> Self {
        self.code_line = Some(line);
        self
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// Which kind of failure it is.
    pub fn class(&self) -> Class {
        self.class
    }

    /// The finding code, when it is a finding.
    pub fn code(&self) -> Option<Code> {
        self.code
    }

    /// What went wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where, when there is no source text to show.
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// Whose defect it is.
    pub fn whose(&self) -> Option<&Whose> {
        self.whose.as_ref()
    }

    /// The line of source that the guilty instruction was compiled from, where that is known.
    pub fn code_line(&self) -> Option<&CodeLine> {
        self.code_line.as_ref()
    }

    /// The command that shows the same again.
    pub fn replay(&self) -> Option<&str> {
        self.replay.as_deref()
    }

    /// The labelled places.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// The events and explanations.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The remedies.
    pub fn help(&self) -> &[String] {
        &self.help
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn a_code_is_rc_and_four_digits() {
        assert_eq!("RC0101".parse(), Ok(Code::new(101)));
        assert_eq!(Code::new(101).to_string(), "RC0101");
        for wrong in ["RC101", "rc0101", "RC01011", "RC+101", ""] {
            assert!(wrong.parse::<Code>().is_err(), "{wrong} was accepted");
        }
    }
}
