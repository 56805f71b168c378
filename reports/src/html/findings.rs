//! Findings and errors, worded as a terminal shows them.

use std::fmt::Write as _;

use super::{class, escape, word};
use crate::records::{Diagnostic, Run};

pub fn write(runs: &[&Run], out: &mut String) {
    out.push_str(
        "<section aria-labelledby=\"findings\">\n<h2 id=\"findings\" tabindex=\"-1\">Findings</h2>\n",
    );
    let told = runs.iter().enumerate().filter(|(_, run)| !run.diagnostics.is_empty());
    let mut any = false;
    for (n, run) in told {
        any = true;
        of_run(n, run, out);
    }
    if !any {
        out.push_str("<p>There is nothing to tell: no run has a finding or an error.</p>\n");
    }
    out.push_str("</section>\n");
}

fn of_run(n: usize, run: &Run, out: &mut String) {
    let (class, word) = (class(run.verdict), word(run.verdict));
    let count = match run.diagnostics.len() {
        1 => "1 finding".to_owned(),
        count => format!("{count} findings"),
    };
    let _ = write!(
        out,
        "<details id=\"run-{n}\"{open}>\n<summary><span class=\"{class}\">{word}</span> {path}, {arch}, {epoch}: {count}</summary>\n",
        open = if run.verdict == crate::records::Verdict::Pass { "" } else { " open" },
        path = escape(&run.workload.path),
        arch = escape(&run.arch),
        epoch = escape(&run.epoch),
    );
    for diagnostic in &run.diagnostics {
        let text = text(diagnostic, run);
        let _ = writeln!(out, "<pre tabindex=\"0\">{}</pre>", escape(text.trim_end()));
    }
    out.push_str("</details>\n");
}

/// One diagnostic as text.
fn text(diagnostic: &Diagnostic, run: &Run) -> String {
    let mut out = match &diagnostic.code {
        Some(code) => format!("error[{code}]: {}\n", diagnostic.message),
        None => format!("error: {}\n", diagnostic.message),
    };
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
    if diagnostic.class == "finding" {
        let _ = writeln!(out, "  = replay: {}", diagnostic.replay.as_ref().unwrap_or(&run.replay));
    }
    out
}
