//! `rcsim explain`: what a finding means, and what shows it.
//!
//! The text is the rule's own; which workloads show it is what workloads say that they expect; the example is made by running
//! one of them. `shows.rs` looks for them.

mod shows;

use std::fmt::Write as _;

use rcsim_diag::{Code, Diagnostic, Diagnostics, nearest};
use rcsim_gc::Rule;

use crate::args::ExplainArgs;
use crate::console::Console;
use crate::exit::Exit;
use crate::findings;
use shows::Shows;

pub use shows::workloads;

/// Columns of running text.
const WIDTH: usize = 100;

/// Explains a code, or lists them.
///
/// # Errors
/// When there is no such code, or the workloads cannot be read.
pub fn command(args: &ExplainArgs, console: &mut Console) -> Result<Exit, Diagnostics> {
    let Some(code) = &args.code else {
        console.print(&list())?;
        return Ok(Exit::Clean);
    };
    let rule = rule(code)?;
    let found = workloads(&args.workloads)?;
    let shows = Shows::of(findings::code(rule), &found);
    console.print(&text(rule, &shows, console))?;
    Ok(Exit::Clean)
}

fn list() -> String {
    Rule::ALL.iter().map(|rule| format!("{}  {}\n", findings::code(*rule), rule.title())).collect()
}

/// The rule with this code.
fn rule(text: &str) -> Result<Rule, Diagnostics> {
    let capitals = text.to_ascii_uppercase();
    let code = capitals.parse::<Code>().ok();
    if let Some(rule) = code.and_then(|code| Rule::by_number(code.number())) {
        return Ok(rule);
    }
    let known: Vec<String> = Rule::ALL.iter().map(|rule| findings::code(*rule).to_string()).collect();
    let error = Diagnostic::input(format!("no finding `{text}`")).with_place("command line");
    Err(match nearest(&capitals, known.iter().map(String::as_str)) {
        Some(near) => error.with_help(format!("did you mean `{near}`? `rcsim explain` lists all")),
        None => error.with_help("`rcsim explain` lists all, such as RC0101"),
    }
    .into())
}

fn text(rule: Rule, shows: &Shows<'_>, console: &Console) -> String {
    let explanation = rule.explain();
    let mut out = format!("{}  {}\n\n", findings::code(rule), rule.title());
    out += &wrapped(explanation.meaning);
    let _ = write!(out, "\nWhat comes of it\n{}", wrapped(explanation.why));
    let _ = write!(out, "\nWhat mends it\n{}", wrapped(explanation.remedy));
    if !findings::is_looked_for(findings::code(rule)) {
        out += "\nThis version does not look for it.\n";
    }
    out += &shows.text(console.out_colour());
    out
}

/// Running text, indented.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut column = WIDTH;
    for word in text.split_whitespace() {
        if column + 1 + word.len() > WIDTH {
            out.push_str(if out.is_empty() { " " } else { "\n " });
            column = 1;
        }
        out.push(' ');
        out.push_str(word);
        column += 1 + word.len();
    }
    out + "\n"
}

#[cfg(test)]
mod tests {
    use super::{WIDTH, rule, wrapped};

    #[test]
    fn a_code_may_be_typed_in_small_letters() {
        assert!(rule("rc0101").is_ok());
        assert!(rule("RC0199").is_err());
        assert!(rule("hidden").is_err());
    }

    #[test]
    fn text_is_indented_and_keeps_within_its_columns() {
        let text = wrapped(&"word ".repeat(80));
        assert!(text.lines().all(|line| line.starts_with("  word") && line.len() <= WIDTH));
        assert_eq!(text.split_whitespace().count(), 80);
    }
}
