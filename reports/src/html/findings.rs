//! Findings and errors, as a terminal shows them.

use std::fmt::Write as _;

use super::{Page, class, escape, word};
use crate::records::{Diagnostic, Run, Verdict};
use crate::sweep::{Found, Line};

pub fn write(page: &Page<'_>, out: &mut String) {
    out.push_str(
        "<section aria-labelledby=\"findings\">\n<h2 id=\"findings\" tabindex=\"-1\">Findings</h2>\n",
    );
    let before = out.len();
    for (n, run) in page.runs.iter().enumerate().filter(|(_, run)| !run.diagnostics.is_empty()) {
        of_run(n, run).write(out);
    }
    for (n, line) in page.points.iter().enumerate().filter(|(_, line)| !line.found.is_empty()) {
        of_line(n, line).write(out);
    }
    if out.len() == before {
        out.push_str("<p>There is nothing to tell: no run has a finding or an error.</p>\n");
    }
    out.push_str("</section>\n");
}

/// What was found in one run.
struct Told {
    anchor: String,
    verdict: Verdict,
    place: String,
    texts: Vec<String>,
}

impl Told {
    fn write(&self, out: &mut String) {
        let (class, word) = (class(self.verdict), word(self.verdict));
        let count = match self.texts.len() {
            1 => "1 finding".to_owned(),
            count => format!("{count} findings"),
        };
        let _ = writeln!(
            out,
            "<details id=\"{anchor}\"{open}>\n<summary><span class=\"{class}\">{word}</span> {place}: {count}</summary>",
            anchor = self.anchor,
            open = if self.verdict == Verdict::Pass { "" } else { " open" },
            place = escape(&self.place),
        );
        for text in &self.texts {
            let _ = writeln!(out, "<pre tabindex=\"0\">{}</pre>", escape(text.trim_end()));
        }
        out.push_str("</details>\n");
    }
}

fn of_run(n: usize, run: &Run) -> Told {
    Told {
        anchor: format!("run-{n}"),
        verdict: run.verdict,
        place: format!("{}, {}, {}", run.workload.path, run.arch, run.epoch),
        texts: run.diagnostics.iter().map(|diagnostic| text(diagnostic, run)).collect(),
    }
}

fn of_line(n: usize, line: &Line) -> Told {
    let point = &line.point;
    Told {
        anchor: format!("point-{n}"),
        verdict: line.verdict,
        place: format!("point {}: {}, {}, {}", line.number, point.workload, point.arch, point.epoch),
        texts: line.found.iter().map(|found| in_short(found, &line.replay)).collect(),
    }
}

fn in_short(found: &Found, replay: &str) -> String {
    let mut out = title(found.code.as_deref(), &found.message);
    if !replay.is_empty() {
        let _ = writeln!(out, "  = replay: {replay}");
    }
    out
}

fn title(code: Option<&str>, message: &str) -> String {
    match code {
        Some(code) => format!("error[{code}]: {message}\n"),
        None => format!("error: {message}\n"),
    }
}

/// One diagnostic as a terminal shows it. Records of earlier versions do not have that text: then what they have.
fn text(diagnostic: &Diagnostic, run: &Run) -> String {
    let mut out = match diagnostic.text.is_empty() {
        true => in_words(diagnostic),
        false => diagnostic.text.clone(),
    };
    if diagnostic.class == "finding" && diagnostic.replay.is_none() {
        let _ = writeln!(out, "  = replay: {}", run.replay);
    }
    out
}

fn in_words(diagnostic: &Diagnostic) -> String {
    let mut out = title(diagnostic.code.as_deref(), &diagnostic.message);
    if let Some(place) = &diagnostic.place {
        let _ = writeln!(out, "  --> {place}");
    }
    for note in &diagnostic.notes {
        let _ = writeln!(out, "note: {note}");
    }
    if let Some(line) = &diagnostic.code_line {
        let _ = writeln!(out, "  = source: {}:{}", line.file, line.line);
    }
    if let Some(whose) = &diagnostic.whose {
        let _ = writeln!(out, "  = whose: {whose}");
    }
    for help in &diagnostic.help {
        let _ = writeln!(out, "  = help: {help}");
    }
    if let Some(replay) = &diagnostic.replay {
        let _ = writeln!(out, "  = replay: {replay}");
    }
    out
}
