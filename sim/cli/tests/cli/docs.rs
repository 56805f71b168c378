//! What README and map of the code say is true.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cases;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).expect("a page of the project")
}

/// What stands between backquotes, code blocks aside.
fn quoted(page: &str) -> Vec<&str> {
    let prose = page.split("```").step_by(2);
    prose.flat_map(|text| text.split('`').skip(1).step_by(2)).collect()
}

/// Whether a quoted text is meant as a path: it names a folder or file below one of the top folders.
fn is_path(text: &str) -> bool {
    let top = text.split('/').next().unwrap_or_default();
    ["docs", "isa", "sim", "workloads", "reports", "tests"].contains(&top) && !text.contains(' ')
}

#[test]
fn paths_exist() {
    for page in [
        "README.md",
        "sim/ARCHITECTURE.md",
        "sim/timing/CYCLES.md",
        "docs/adding.md",
        "docs/changed-assembly.md",
    ] {
        let text = read(page);
        let paths: Vec<&str> = quoted(&text).into_iter().filter(|quoted| is_path(quoted)).collect();
        assert!(paths.len() >= 2, "{page} names paths");
        for path in paths {
            assert!(Path::new(ROOT).join(path).exists(), "{page} names {path}");
        }
    }
}

#[test]
fn links_lead_somewhere() {
    let readme = read("README.md");
    let links: Vec<&str> = readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.len() >= 3);
    for link in links {
        assert!(Path::new(ROOT).join(link).exists(), "README.md links to {link}");
    }
}

#[test]
fn every_crate_is_on_the_map() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(ROOT)
        .output()
        .expect("cargo runs this test");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let map = read("sim/ARCHITECTURE.md");
    let packages = metadata["packages"].as_array().expect("metadata has packages");
    assert!(packages.len() > 5);
    for package in packages {
        let name = package["name"].as_str().expect("a package has a name");
        assert!(map.contains(&format!("| `{name}` |")), "sim/ARCHITECTURE.md does not name {name}");
    }
}

#[test]
fn subcommands_of_the_readme_exist() {
    let help = cases::rcsim(Path::new(ROOT)).arg("--help").output().expect("rcsim starts");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let readme = read("README.md");
    let blocks = readme.split("```").skip(1).step_by(2).flat_map(str::lines);
    let commands = blocks.filter_map(|line| line.strip_prefix("rcsim "));
    let words: Vec<&str> = commands.filter_map(|line| line.split(' ').next()).collect();
    assert!(words.len() >= 5);
    for word in words {
        assert!(help.contains(&format!("  {word} ")), "README.md uses `rcsim {word}`");
    }
}
