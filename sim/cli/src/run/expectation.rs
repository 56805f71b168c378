//! Whether a run ended as its workload expects, and what is said when it did not.

use std::collections::BTreeSet;

use rcsim_diag::{Class, Code, Diagnostic, Diagnostics, Severity, Whose};
use rcsim_gc::Rule;
use rcsim_go::failure::Failure;
use rcsim_go::run::{End, Report};
use rcsim_reports::records::Verdict;
use rcsim_workloads::{ExpectedBreak, ExpectedEnd, ExpectedFinding};

use super::break_off::{self, BrokeOff};
use super::execute::Place;
use super::failure;
use super::matrix::Combination;
use crate::findings;

/// The verdict on a run that took place, with what is to be said about it.
pub fn judge(
    combination: &Combination<'_>,
    report: &Report,
    found: Diagnostics,
    place: &Place,
) -> (Verdict, Diagnostics) {
    let workload = &combination.file.workload;
    let (arch, epoch) = (combination.port.goarch(), combination.epoch.name());
    let all = workload.expect.findings.iter();
    let expected: Vec<&ExpectedFinding> = all.filter(|finding| finding.applies(arch, epoch)).collect();
    let wanted: BTreeSet<Code> = expected.iter().map(|finding| finding.code.value).collect();
    let (defects, call) = (&combination.file.defects, workload.call.word());
    let known: BTreeSet<Code> = defects.codes(call, arch, epoch).chain(wanted.iter().copied()).collect();
    // What is known to be harmless does not explain that a run breaks off.
    let breaking: BTreeSet<Code> = defects.breaking(call, arch, epoch).collect();
    let explains = |code: &Code| !known.contains(code) || wanted.contains(code) || breaking.contains(code);
    let is_explained = found.iter().filter_map(Diagnostic::code).any(|code| explains(&code));
    let (end, as_expected) = match workload.expect.break_off(arch, epoch) {
        Some(expected) => broken_off(expected, combination, report, place),
        None => (end(combination, report, place).into_iter().collect(), None),
    };
    let mut diagnostics =
        if is_explained { with_end(end, found, report) } else { end.into_iter().chain(found).collect() };
    let found = diagnostics.iter().chain(&as_expected).filter_map(Diagnostic::code).collect();
    let only_expected = diagnostics.iter().all(|one| one.code().is_some_and(|code| known.contains(&code)));
    diagnostics.extend(expected.iter().filter_map(|finding| missed(finding, &found, place)));
    let gap = |one: &Diagnostic| one.class() != Class::Finding;
    let verdict = match () {
        () if diagnostics.iter().any(gap) => Verdict::Unusable,
        () if only_expected && wanted.is_subset(&found) => Verdict::Pass,
        () => Verdict::Fail,
    };
    diagnostics.extend(as_expected);
    (verdict, diagnostics)
}

/// What is wrong with the end of a run that should break off; and the end itself when nothing is.
fn broken_off(
    expected: &ExpectedBreak,
    combination: &Combination<'_>,
    report: &Report,
    place: &Place,
) -> (Diagnostics, Option<Diagnostic>) {
    let end = end(combination, report, place);
    let as_expected = BrokeOff::of(&report.end).is_some_and(|found| found.is(expected));
    // A trap may be a mistake of rcsim's own.
    if as_expected && end.as_ref().is_some_and(|end| end.class() == Class::Finding) {
        return (Diagnostics::new(), end);
    }
    (end.into_iter().chain([break_off::missed(expected, &report.end, place)]).collect(), None)
}

/// What was found, with how the run ended. A run that broke off after something was found did so because of that: it is told
/// with the last finding, not beside it.
fn with_end(end: Diagnostics, found: Diagnostics, report: &Report) -> Diagnostics {
    let broke_off = BrokeOff::of(&report.end).is_some();
    let mut end: Vec<Diagnostic> = end.into_iter().collect();
    let only = end.len() == 1;
    let mut found: Vec<Diagnostic> = found.into_iter().collect();
    match (end.pop(), found.pop()) {
        (Some(end), Some(last)) if only && broke_off && end.class() == Class::Finding => {
            found.push(last.with_note(format!("then the run broke off: {}", end.message())));
            found.into_iter().collect()
        }
        (last_end, last) => end.into_iter().chain(last_end).chain(found).chain(last).collect(),
    }
}

/// An expected finding that did not come.
fn missed(expected: &ExpectedFinding, found: &BTreeSet<Code>, place: &Place) -> Option<Diagnostic> {
    let code = &expected.code;
    if found.contains(&code.value) {
        return None;
    }
    if !findings::is_looked_for(code.value) {
        let error =
            Diagnostic::unsupported(format!("this version of rcsim does not look for {}", code.value));
        let error = error.with_primary(&code.span, "so it cannot say whether it is there");
        return Some(error.with_help("`rcsim list findings` shows what it looks for"));
    }
    let message = format!("expected finding {} did not appear", code.value);
    let error = Diagnostic::new(Severity::Error, Class::Finding, message);
    let error = error.with_primary(&code.span, "expected here").with_replay(&*place.replay);
    Some(match place.is_replay() {
        true => error.with_note("a replay shows what comes of a finding, and looks for none itself"),
        false => error,
    })
}

/// What is wrong with how the run ended.
fn end(combination: &Combination<'_>, report: &Report, place: &Place) -> Option<Diagnostic> {
    if report.passed {
        return None;
    }
    let diagnostic = match &report.end {
        End::Returned(results) => wrong_results(combination, &report.expected, results),
        End::Failed(Failure::Panic { text }) => {
            let message = "the call panicked, and not as expected";
            let error = Diagnostic::new(Severity::Error, Class::Finding, message);
            error
                .with_note(format!("expected {}", shown(&report.expected)))
                .with_note(format!("found panic {text:?}"))
        }
        End::Failed(other) => failure::stopped(other),
    };
    let diagnostic = diagnostic.with_place(&*place.text);
    // A replay is worth its line where something was found, not where something is missing.
    let found = diagnostic.class() == Class::Finding;
    Some(if found { diagnostic.with_replay(&*place.replay) } else { diagnostic })
}

fn wrong_results(combination: &Combination<'_>, expected: &str, found: &str) -> Diagnostic {
    let finding = Diagnostic::finding(findings::code(Rule::WrongValue), Rule::WrongValue.title());
    let finding = finding.with_note(format!("expected {}", shown(expected)));
    let finding = finding.with_note(format!("found    {}", shown(found)));
    let finding = match difference(expected, found) {
        Some((at, rest)) => finding.with_note(format!("they differ from character {at} on: {rest}")),
        None => finding,
    };
    match combination.file.workload.expect.end {
        ExpectedEnd::ByCallee => finding.with_whose(Whose::Image(None)),
        ExpectedEnd::Results(_) | ExpectedEnd::Panic(_) => {
            finding.with_note("what is expected was written in the workload, under [expect]")
        }
    }
}

/// Where two texts part, counted from 1, and how each goes on there.
fn difference(expected: &str, found: &str) -> Option<(usize, String)> {
    const SHOWN: usize = 24;
    let same = expected.chars().zip(found.chars()).take_while(|(left, right)| left == right).count();
    let rest = |text: &str| text.chars().skip(same).take(SHOWN).collect::<String>();
    // A short text is its own best explanation.
    (same >= SHOWN).then(|| (same + 1, format!("{} beside {}", shown(&rest(expected)), shown(&rest(found)))))
}

fn shown(text: &str) -> &str {
    if text.is_empty() { "(nothing)" } else { text }
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn long_texts_are_shown_where_they_part() {
        let (left, right) = (format!("{}1 tail", "x".repeat(30)), format!("{}2", "x".repeat(30)));
        assert_eq!(difference(&left, &right), Some((31, "1 tail beside 2".to_owned())));
        assert_eq!(difference("1", "2"), None);
    }
}
