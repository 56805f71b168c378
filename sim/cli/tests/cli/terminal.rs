//! What a person at a terminal sees: colours and progress. The terminal is one that `script` of util-linux, which every Debian has,
//! makes for a command.

use std::path::Path;
use std::process::Command;

use crate::cases;
use crate::check::root;

const WRONG: &str = "name = \"x\"\ncall = \"value-call\"\nfunc = \"func(int) int\"\nargs = [\"7\"]\n\
    callee = \"return-args\"\n[expect]\nresults = [\"8\"]\n";

/// What a terminal gets from a shell command in a folder, in which `$rcsim` is rcsim.
fn on_a_terminal(folder: &Path, command: &str) -> String {
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", command, "/dev/null"])
        .current_dir(folder)
        .env("rcsim", env!("CARGO_BIN_EXE_rcsim"))
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR")
        .output()
        .expect("`script` of Debian's bsdutils");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn is_coloured(text: &str) -> bool {
    text.contains("\u{1b}[1m") || text.contains("\u{1b}[3")
}

#[test]
fn colours_are_for_terminals_unless_somebody_says_otherwise() {
    let folder = cases::scratch("colours");
    std::fs::write(folder.join("w.toml"), WRONG).expect("a writable folder");
    std::fs::write(folder.join("bad.toml"), "name = 1\n").expect("a writable folder");
    let run = "$rcsim run --arch arm64 --epoch go1.27 w.toml";
    let cases = [
        (run.to_owned(), true),
        (format!("{run} --color never"), false),
        (format!("NO_COLOR=1 {run}"), false),
        // An empty value means nothing: <https://no-color.org>.
        (format!("NO_COLOR= {run}"), true),
        (format!("NO_COLOR=1 {run} --color always"), true),
        // Results in a pipe are plain though complaints would still go to the terminal.
        (format!("{run} | cat"), false),
        (format!("{run} --color always | cat"), true),
        ("$rcsim run bad.toml".to_owned(), true),
        ("$rcsim run bad.toml > results".to_owned(), true),
        ("NO_COLOR=1 $rcsim run bad.toml".to_owned(), false),
        ("$rcsim run bad.toml 2>&1 | cat".to_owned(), false),
    ];
    for (command, coloured) in cases {
        let text = on_a_terminal(&folder, &command);
        assert!(text.contains("w.toml") || text.contains("bad.toml"), "{command}: {text}");
        assert_eq!(is_coloured(&text), coloured, "{command}: {text:?}");
    }
}

/// A check that takes longer the larger `times` is.
fn long(times: usize) -> String {
    format!("check --threads 1 --epoch go1.27 --arch arm64,s390x{}", " workloads".repeat(times))
}

/// The texts of the bar, as they were drawn one over the other.
fn bars(text: &str) -> Vec<&str> {
    text.split('\r').filter(|piece| piece.contains(" of ") && piece.contains(" left")).collect()
}

#[test]
fn what_takes_longer_shows_a_bar_and_the_time_that_is_left_where_it_can_be_drawn() {
    // Longer and longer, until it takes long enough on this machine.
    let times = (0..8).map(|n| 1 << n);
    let shown = times.map(|times| (times, on_a_terminal(root(), &format!("$rcsim {}", long(times)))));
    let (times, text) = shown.into_iter().find(|(_, text)| bars(text).len() > 1).expect("a bar in the end");
    let counted = |bar: &str| {
        let words: Vec<&str> = bar.split_whitespace().collect();
        let of = words.iter().position(|word| *word == "of")?;
        Some((words[of - 1].parse::<u32>().ok()?, words[of + 1].trim_end_matches(',').parse::<u32>().ok()?))
    };
    let counts: Vec<(u32, u32)> = bars(&text).iter().filter_map(|bar| counted(bar)).collect();
    assert!(counts.len() > 1 && counts.is_sorted(), "{counts:?}");
    assert!(counts.iter().all(|(done, all)| done <= all && all == &counts[0].1), "{counts:?}");
    // It is gone in the end: the summary stands alone.
    let end = text.trim_end().lines().last().unwrap_or_default();
    assert!(end.contains(" passed") && !end.contains(" left"), "{end:?}");

    let long = long(2 * times);
    for command in [format!("TERM=dumb $rcsim {long}"), format!("$rcsim {long} 2>&1 | cat")] {
        let text = on_a_terminal(root(), &command);
        assert!(text.contains(" passed") && !text.contains('\u{1b}'), "{command}: {text:?}");
    }
}
