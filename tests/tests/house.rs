//! The rules of the house: which crate may see which, and what no source file may contain.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rcsim_tests::oracle::workspace_root;
use serde_json::Value;

/// Each crate of the workspace with all others of the workspace that it may depend on, whatever the kind of dependency.
const ARROWS: [(&str, &[&str]); 11] = [
    ("rcsim-uop", &[]),
    ("rcsim-diag", &[]),
    ("rcsim-isa", &["rcsim-uop"]),
    ("rcsim-machine", &["rcsim-uop"]),
    ("rcsim-timing", &["rcsim-uop", "rcsim-machine", "rcsim-diag"]),
    ("rcsim-gc", &["rcsim-uop", "rcsim-machine", "rcsim-diag"]),
    ("rcsim-go", &["rcsim-uop", "rcsim-machine", "rcsim-diag", "rcsim-workloads"]),
    ("rcsim-workloads", &["rcsim-diag"]),
    ("rcsim-reports", &[]),
    ("rcsim", &CLI_SEES),
    ("rcsim-tests", &TESTS_SEE),
];
const CLI_SEES: [&str; 9] = [
    "rcsim-uop",
    "rcsim-diag",
    "rcsim-isa",
    "rcsim-machine",
    "rcsim-timing",
    "rcsim-gc",
    "rcsim-go",
    "rcsim-workloads",
    "rcsim-reports",
];
const TESTS_SEE: [&str; 10] = {
    let [a, b, c, d, e, f, g, h, i] = CLI_SEES;
    [a, b, c, d, e, f, g, h, i, "rcsim"]
};

/// All GOARCH names that Go's own list has ever had for the ports in question.
const GOARCH_NAMES: [&str; 15] = [
    "amd64", "amd64p32", "386", "arm64", "arm", "ppc64le", "ppc64", "s390x", "mips", "mipsle", "mips64",
    "mips64le", "riscv64", "loong64", "wasm",
];

const LINES_OF_A_FILE: usize = 700;

/// The dependencies of each crate within the workspace, as cargo sees them.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(workspace_root())
        .output()
        .expect("cargo runs this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("metadata has packages");
    let name = |value: &Value| value["name"].as_str().expect("everything has a name").to_owned();
    let crates: Vec<String> = packages.iter().map(name).collect();
    packages
        .iter()
        .map(|package| {
            let all = package["dependencies"].as_array().expect("a package has dependencies");
            (name(package), all.iter().map(name).filter(|other| crates.contains(other)).collect())
        })
        .collect()
}

/// What the arrows forbid among `dependencies`.
fn wrong_arrows(dependencies: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, others) in dependencies {
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| known == name) else {
            wrong.push(format!("{name} has no place in the list of arrows"));
            continue;
        };
        let forbidden = others.iter().filter(|other| !allowed.contains(&other.as_str()));
        wrong.extend(forbidden.map(|other| format!("{name} must not see {other}")));
    }
    wrong
}

#[test]
fn arrows_run_one_way() {
    let wrong = wrong_arrows(&dependencies());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn forbidden_arrow_and_unknown_crate_are_noticed() {
    let mut dependencies = dependencies();
    dependencies.insert("rcsim-gc".to_owned(), vec!["rcsim-machine".to_owned(), "rcsim-timing".to_owned()]);
    dependencies.insert("rcsim-newcomer".to_owned(), Vec::new());
    let wrong = wrong_arrows(&dependencies);
    assert_eq!(
        wrong,
        ["rcsim-gc must not see rcsim-timing", "rcsim-newcomer has no place in the list of arrows"]
    );
}

#[test]
fn list_of_arrows_has_no_cycle() {
    // Each crate, and all that it sees, taken away in turn: whatever cannot be taken is part of a cycle.
    let mut left: Vec<_> = ARROWS.to_vec();
    while !left.is_empty() {
        let names: Vec<&str> = left.iter().map(|(name, _)| *name).collect();
        let before = left.len();
        left.retain(|(_, sees)| sees.iter().any(|other| names.contains(other)));
        assert!(left.len() < before, "a cycle among {names:?}");
    }
}

/// A text file of the project, by its path from the root.
struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    fn is_under(&self, folder: &str) -> bool {
        self.path.starts_with(folder)
    }

    fn has_extension(&self, extensions: &[&str]) -> bool {
        self.path
            .extension()
            .and_then(|extension| extension.to_str())
            .is_some_and(|own| extensions.contains(&own))
    }

    fn is_test_code(&self) -> bool {
        self.is_under("tests")
            || self.path.components().any(|part| part.as_os_str() == "tests")
            || self.path.file_name().is_some_and(|name| name == "tests.rs")
    }

    /// Lines with numbers, up to the unit tests at the end of a Rust file, comments left out.
    fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = self.text.find("#[cfg(test)]\nmod tests {").unwrap_or(self.text.len());
        let numbered = self.text[..end].lines().enumerate().map(|(index, line)| (index + 1, line));
        numbered.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    fn at(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path.display())
    }
}

/// Every text file of the project outside of what is built.
fn sources() -> Vec<Source> {
    let root = workspace_root();
    let mut found = Vec::new();
    collect(&root, &root, &mut found);
    assert!(found.len() > 20, "the project has files");
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<Source>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder of the project")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        let relative = path.strip_prefix(root).expect("below the root").to_path_buf();
        let is_foreign = relative == Path::new("target") || relative == Path::new(".git");
        if path.is_dir() && !is_foreign {
            collect(root, &path, found);
        } else if let (false, Ok(text)) = (is_foreign, fs::read_to_string(&path)) {
            found.push(Source { path: relative, text });
        }
    }
}

fn assert_none(found: &[String]) {
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The quoted GOARCH names in a file's code.
fn quoted_arch_names(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in source.code_lines() {
        for name in GOARCH_NAMES {
            if line.contains(&format!("\"{name}\"")) {
                found.push(source.at(number, &format!("names {name}, which belongs under isa/")));
            }
        }
    }
    found
}

#[test]
fn architectures_are_named_under_isa_only() {
    let outside = sources()
        .into_iter()
        .filter(|source| source.has_extension(&["rs"]) && !source.is_under("isa") && !source.is_test_code());
    let found: Vec<String> = outside.flat_map(|source| quoted_arch_names(&source)).collect();
    assert_none(&found);
}

#[test]
fn quoted_arch_name_is_noticed_in_code_and_not_in_comments() {
    let text = "// \"arm64\"\nmatch arch {\n    \"arm64\" => 1,\n}\n#[cfg(test)]\nmod tests {\n    let arch = \"amd64\";\n}\n"
        .to_owned();
    let source = Source { path: "sim/go/src/lib.rs".into(), text };
    assert_eq!(quoted_arch_names(&source), ["sim/go/src/lib.rs:3: names arm64, which belongs under isa/"]);
}

#[test]
fn files_are_short() {
    let long = |source: &Source| {
        let lines = source.text.lines().count();
        (lines > LINES_OF_A_FILE).then(|| source.at(lines, "too long: split it along its ideas"))
    };
    let code = sources().into_iter().filter(|source| source.has_extension(&["rs", "go", "sh", "s", "py"]));
    assert_none(&code.filter_map(|source| long(&source)).collect::<Vec<_>>());
}

/// Lines of `extensions` that contain one of `patterns`.
fn lines_with(extensions: &[&str], patterns: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| source.has_extension(extensions)) {
        for (index, line) in source.text.lines().enumerate() {
            if let Some(pattern) = patterns.iter().find(|pattern| line.contains(pattern.as_str())) {
                found.push(source.at(index + 1, &format!("contains {pattern}")));
            }
        }
    }
    found
}

#[test]
fn nothing_is_half_done_and_no_test_is_ignored() {
    // Written in two pieces, so that this file does not contain them.
    let patterns = [["tod", "o!("], ["unimplement", "ed!("], ["#[igno", "re"]].map(|parts| parts.concat());
    assert_none(&lines_with(&["rs"], &patterns));
}

#[test]
fn no_path_of_one_machine_is_written_down() {
    let folders = ["home", "root", "Users", "tmp", "work"];
    let patterns = folders.map(|folder| format!("/{folder}/"));
    let found = lines_with(&["rs", "toml", "sh", "go", "s", "md", "cjs", "py"], &patterns);
    assert_none(&found);
}
