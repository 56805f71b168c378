//! Results as JUnit XML, which CI systems show as tests.
//!
//! The format has no standard of its own makers; what is written here follows the schema that the xUnit plugin of Jenkins
//! publishes (`junit-10.xsd`), which others accept as well. Times are left out: they would differ from run to run.

use std::fmt::Write as _;

use crate::records::{Diagnostic, Document, Run, Skipped, Verdict};
use crate::text;

/// The XML document: one test suite for each architecture and epoch, one test case for each run. Runs that were not begun are
/// given by name as `not_run`.
#[must_use]
pub fn document(document: &Document, not_run: &[Skipped]) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let summary = &document.summary;
    let tests = document.runs.len() + not_run.len();
    let _ = writeln!(
        out,
        "<testsuites name=\"rcsim\" tests=\"{tests}\" failures=\"{}\" errors=\"{}\">",
        summary.failed, summary.unusable
    );
    for suite in suites(document, not_run) {
        let runs: Vec<&Run> = document.runs.iter().filter(|run| suite_of(run) == suite).collect();
        let left: Vec<&Skipped> =
            not_run.iter().filter(|skipped| suite_of_skipped(skipped) == suite).collect();
        out += &test_suite(&suite, &runs, &left);
    }
    out + "</testsuites>\n"
}

/// The names of all suites, in the order in which they first appear.
fn suites(document: &Document, not_run: &[Skipped]) -> Vec<String> {
    let names = document.runs.iter().map(suite_of).chain(not_run.iter().map(suite_of_skipped));
    let mut suites: Vec<String> = Vec::new();
    for name in names {
        if !suites.contains(&name) {
            suites.push(name);
        }
    }
    suites
}

fn suite_of(run: &Run) -> String {
    format!("{} {}", run.arch, run.epoch)
}

fn suite_of_skipped(skipped: &Skipped) -> String {
    format!("{} {}", skipped.arch, skipped.epoch.as_deref().unwrap_or_default())
}

fn test_suite(name: &str, runs: &[&Run], not_run: &[&Skipped]) -> String {
    let count = |verdict| runs.iter().filter(|run| run.verdict == verdict).count();
    let mut out = format!(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n",
        escape(name),
        runs.len() + not_run.len(),
        count(Verdict::Fail),
        count(Verdict::Unusable),
        not_run.len()
    );
    for run in runs {
        out += &test_case(name, run);
    }
    for skipped in not_run {
        let path = escape(skipped.workload.as_deref().unwrap_or_default());
        let why = escape(&skipped.why);
        let class = escape(name);
        let _ = writeln!(
            out,
            "    <testcase name=\"{path}\" classname=\"{class}\"><skipped message=\"{why}\"/></testcase>"
        );
    }
    out + "  </testsuite>\n"
}

fn test_case(suite: &str, run: &Run) -> String {
    let head =
        format!("    <testcase name=\"{}\" classname=\"{}\"", escape(&run.workload.path), escape(suite));
    let element = match run.verdict {
        Verdict::Pass => return head + "/>\n",
        Verdict::Fail => "failure",
        Verdict::Unusable => "error",
    };
    let first = run.diagnostics.first();
    let message = first.map_or("not as expected", |diagnostic| diagnostic.message.as_str());
    let kind = first.map_or("finding", |diagnostic| diagnostic.code.as_deref().unwrap_or(&diagnostic.class));
    let body: String = run.diagnostics.iter().map(in_words).collect();
    format!(
        "{head}>\n      <{element} type=\"{}\" message=\"{}\">{}</{element}>\n    </testcase>\n",
        escape(kind),
        escape(message),
        escape(&format!("{}\n{body}replay: {}\n", text::line(run), run.replay))
    )
}

fn in_words(diagnostic: &Diagnostic) -> String {
    let Diagnostic { class, code, message, notes, whose, help, .. } = diagnostic;
    let mut out = format!("{}: {message}\n", code.as_deref().unwrap_or(class));
    for note in notes {
        let _ = writeln!(out, "  {note}");
    }
    if let Some(whose) = whose {
        let _ = writeln!(out, "  whose: {whose}");
    }
    for help in help {
        let _ = writeln!(out, "  help: {help}");
    }
    out
}

/// Text as it may stand in an attribute or an element. Characters that XML 1.0 cannot hold (section 2.2) become U+FFFD.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(letter),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(escape("a<b & \"c\">\u{1b}\n"), "a&lt;b &amp; &quot;c&quot;&gt;\u{fffd}\n");
    }
}
