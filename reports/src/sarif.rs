//! Findings as SARIF 2.1.0 (OASIS standard, "Static Analysis Results Interchange Format"), which code hosts show beside the
//! lines that they are about.
//!
//! Only runs that did not end as expected have results here: a finding that a workload expects is no news. A run that was
//! unusable is not a result but a notification about the invocation (section 3.20.21).

use serde::Serialize;
use serde_json::{Value, json};

use crate::records::{Diagnostic, Document, Location, Run, Verdict};

/// What a finding code means, for those who read it elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The code.
    pub code: String,
    /// Its title.
    pub title: String,
    /// What it means.
    pub meaning: String,
    /// What comes of it, and what usually mends it.
    pub help: String,
}

/// The rule of findings without a code: the call did not end as the workload expects.
const EXPECTATION: &str = "expectation";

/// Where the schema of the format is published.
const SCHEMA_URI: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The SARIF document, ending with a newline. `complete` says whether every run was made.
#[must_use]
pub fn document(document: &Document, rules: &[Rule], complete: bool) -> String {
    let rules = all_rules(rules);
    let concerned = || document.runs.iter().filter(|run| run.verdict != Verdict::Pass);
    let of_class = |finding: bool| {
        let all = concerned().flat_map(|run| run.diagnostics.iter().map(move |one| (run, one)));
        all.filter(move |(_, one)| (one.class == "finding") == finding)
    };
    let results: Vec<Value> = of_class(true).map(|(run, one)| result(run, one, &rules)).collect();
    let notifications: Vec<Value> = of_class(false).map(|(run, one)| notification(run, one)).collect();
    let mut text = serde_json::to_string_pretty(&json!({
        "$schema": SCHEMA_URI,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": document.tool.name,
                "version": document.tool.version,
                "rules": rules.iter().map(descriptor).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": complete && notifications.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    }))
    .expect("the document has string keys only");
    text.push('\n');
    text
}

fn all_rules(rules: &[Rule]) -> Vec<Rule> {
    let expectation = Rule {
        code: EXPECTATION.to_owned(),
        title: "failed expectation".to_owned(),
        meaning: "The call did not end as the workload expects, or an expected finding did not appear."
            .to_owned(),
        help: "Run the command after `replay` to see it again.".to_owned(),
    };
    rules.iter().cloned().chain([expectation]).collect()
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.code,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.meaning },
        "help": { "text": rule.help },
        "defaultConfiguration": { "level": "error" },
    })
}

fn result(run: &Run, diagnostic: &Diagnostic, rules: &[Rule]) -> Value {
    let id = diagnostic.code.as_deref().unwrap_or(EXPECTATION);
    let mut result = json!({
        "ruleId": id,
        "level": "error",
        "message": { "text": words(run, diagnostic) },
        "locations": locations(run, diagnostic),
        "partialFingerprints": { "rcsim/v1": format!("{id} {} {} {}", run.workload.path, run.arch, run.epoch) },
        "properties": Properties::of(run, diagnostic),
    });
    if let Some(index) = rules.iter().position(|rule| rule.code == id) {
        result["ruleIndex"] = json!(index);
    }
    result
}

fn notification(run: &Run, diagnostic: &Diagnostic) -> Value {
    json!({
        "level": "error",
        "message": { "text": words(run, diagnostic) },
        "locations": locations(run, diagnostic),
    })
}

/// What else is known of a result.
#[derive(Serialize)]
struct Properties<'r> {
    arch: &'r str,
    epoch: &'r str,
    replay: &'r str,
    whose: Option<&'r str>,
}

impl<'r> Properties<'r> {
    fn of(run: &'r Run, diagnostic: &'r Diagnostic) -> Self {
        let replay = diagnostic.replay.as_deref().unwrap_or(&run.replay);
        Self { arch: &run.arch, epoch: &run.epoch, replay, whose: diagnostic.whose.as_deref() }
    }
}

/// The message with its history: SARIF knows plain text only.
fn words(run: &Run, diagnostic: &Diagnostic) -> String {
    let mut text = format!("{} ({}, epoch {})", diagnostic.message, run.arch, run.epoch);
    for note in &diagnostic.notes {
        text.push_str("\n- ");
        text.push_str(note);
    }
    text
}

/// The place in Go's source where a program tells it, then that in the workload.
fn locations(run: &Run, diagnostic: &Diagnostic) -> Vec<Value> {
    let unknown = Location { file: run.workload.path.clone(), line: 1, column: None };
    let workload = diagnostic.location.as_ref().unwrap_or(&unknown);
    diagnostic.code_line.iter().chain([workload]).map(physical).collect()
}

fn physical(location: &Location) -> Value {
    let mut region = json!({ "startLine": location.line });
    if let Some(column) = location.column {
        region["startColumn"] = json!(column);
    }
    json!({ "physicalLocation": { "artifactLocation": { "uri": uri(&location.file) }, "region": region } })
}

/// A path as a URI reference (RFC 3986): what is not allowed there is escaped, and an absolute path is a file's.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut out = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/+@,=".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_becomes_a_uri() {
        assert_eq!(uri("./a b/c.toml"), "a%20b/c.toml");
        assert_eq!(uri("/usr/é.go"), "file:///usr/%C3%A9.go");
    }
}
