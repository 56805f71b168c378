//! The table of known defects in `workloads/BUGS.md` says the truth: every file is in it, every file that it names is there,
//! what an epoch is said to contain is expected there, and what is said to need a port has none.
//!
//! That the files find what they expect, and nothing else, is what running them tests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use rcsim_diag::Source;
use rcsim_tests::oracle::workspace_root;
use rcsim_tests::proof::is_built_in;
use rcsim_uop::{Epoch, Port};
use rcsim_workloads::Workload;

/// What a row says instead of file names when there are none, and in how many words that is explained at least.
const NONE: &str = "none: ";
const NEEDS_PORT: &str = "needs a port to ";
/// Comment lines that the story of a bug takes at least; a twin has its bug to refer to.
const MIN_STORY_LINES: usize = 4;

fn folder() -> PathBuf {
    workspace_root().join("workloads").join("bugs")
}

fn readme() -> String {
    fs::read_to_string(workspace_root().join("workloads").join("BUGS.md"))
        .expect("the table of known defects")
}

/// The rows of the table whose head begins with these cells.
fn rows(text: &str, head: &[&str]) -> Vec<Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let table =
        text.lines().skip_while(|line| !cells(line).iter().map(String::as_str).eq(head.iter().copied()));
    table.skip(2).take_while(|line| line.starts_with('|')).map(cells).collect()
}

/// Each defect with what the table says of its files.
fn defects(text: &str) -> Vec<(String, String)> {
    let rows = rows(text, &["defect", "where to find it", "files"]);
    rows.into_iter().map(|cells| (cells[0].clone(), cells[2].clone())).collect()
}

fn names(cell: &str) -> Vec<String> {
    if cell.starts_with(NONE) { Vec::new() } else { cell.split(", ").map(str::to_owned).collect() }
}

/// A text without what is in brackets.
fn without_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    let outside = text.chars().filter(|letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    });
    outside.collect()
}

/// The files of the folder, by name without ending: text and workload.
fn files() -> BTreeMap<String, (String, Workload)> {
    let entries = fs::read_dir(folder()).expect("the folder of the bugs");
    let paths = entries.map(|entry| entry.expect("an entry of the folder").path());
    let workloads = paths.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let read = |path: PathBuf| {
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a workload is a text file");
        let workload = Workload::parse(&Source::new(name.clone(), text.clone()));
        (name, (text, workload.expect("the workloads of the project are right")))
    };
    workloads.map(read).collect()
}

/// Whether a run of the workload in the epoch expects a finding, or to break off, on some port that has it built in.
fn expects_something(workload: &Workload, epoch: Epoch) -> bool {
    let expects = |port: &'static dyn Port| {
        let (arch, epoch_name) = (port.goarch(), epoch.name());
        let mut findings = workload.expect.findings.iter();
        let shows = findings.any(|finding| finding.applies(arch, epoch_name))
            || workload.expect.break_off(arch, epoch_name).is_some();
        workload.applies(arch, epoch_name) && shows && is_built_in(port, epoch)
    };
    rcsim_isa::ports().into_iter().any(expects)
}

#[test]
fn files_and_rows_belong_together() {
    let (text, files) = (readme(), files());
    let defects = defects(&text);
    assert!(defects.len() > 40, "the table has {} rows only", defects.len());
    let unique: BTreeSet<&String> = defects.iter().map(|(defect, _)| defect).collect();
    assert_eq!(unique.len(), defects.len(), "a defect has two rows");
    let named: BTreeSet<String> = defects.iter().flat_map(|(_, cell)| names(cell)).collect();
    let there: BTreeSet<String> = files.keys().cloned().collect();
    let wrong: Vec<&String> = named.symmetric_difference(&there).collect();
    assert!(wrong.is_empty(), "in the table or in the folder, but not in both: {wrong:?}");
    for (defect, cell) in &defects {
        let mut shown = names(cell).into_iter().map(|name| &files[&name].1);
        let shows = |workload: &Workload| {
            !workload.expect.findings.is_empty() || !workload.expect.breaks_off.is_empty()
        };
        let told = cell.starts_with(NONE) || shown.any(shows);
        assert!(told, "{defect}: no file of it expects anything");
    }
}

#[test]
fn every_file_tells_its_story_and_names_its_twin() {
    for (name, (text, workload)) in files() {
        let story: Vec<&str> = text.lines().take_while(|line| line.starts_with('#')).collect();
        let title = workload.name.value.as_str();
        let shows = Epoch::ALL.into_iter().any(|epoch| expects_something(&workload, epoch));
        let lines = if shows { MIN_STORY_LINES } else { 1 };
        assert!(story.len() >= lines, "{name}: a story of {} lines", story.len());
        assert_eq!(shows, title.starts_with("bug: "), "{name}: `{title}`");
        let story = story.join(" ");
        let twin = ["fixed twin", "Silent:", "No release is free"].iter().any(|words| story.contains(words));
        assert!(twin || !shows, "{name}: what is the twin without the defect?");
    }
}

#[test]
fn what_needs_a_port_has_none() {
    for (defect, cell) in defects(&readme()) {
        let Some((_, port)) = cell.split_once(NEEDS_PORT) else { continue };
        let there = rcsim_isa::ports().into_iter().any(|known| known.goarch() == port);
        assert!(!there, "{defect} can be shown: there is a port to {port}");
    }
}

#[test]
fn epochs_show_what_they_are_said_to_contain() {
    let (text, files) = (readme(), files());
    let defects: BTreeMap<String, String> = defects(&text).into_iter().collect();
    let rows = rows(&text, &["epoch", "defects"]);
    let epochs: Vec<&str> = rows.iter().map(|cells| cells[0].as_str()).collect();
    assert_eq!(epochs, Epoch::ALL.map(Epoch::name));
    for (cells, epoch) in rows.iter().zip(Epoch::ALL) {
        for defect in without_brackets(&cells[1]).split(',').map(str::trim) {
            let cell = defects.get(defect).unwrap_or_else(|| panic!("{epoch}: no row for `{defect}`"));
            let shown = names(cell).iter().any(|name| expects_something(&files[name].1, epoch));
            assert!(shown, "{epoch}: no file expects {defect}");
        }
    }
}

#[test]
fn brackets_nest() {
    assert_eq!(without_brackets("a (b (c) d), e"), "a , e");
}
