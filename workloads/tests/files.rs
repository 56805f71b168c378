//! Every workload file of the project reads.

use std::path::{Path, PathBuf};

use rcsim_diag::{Colour, Source};
use rcsim_workloads::Workload;
use rcsim_workloads::defects::{self, Defects};

/// Every workload file below this crate, in the order of names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder of the workloads");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a directory entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    files
}

#[test]
fn every_workload_file_reads_and_has_arguments_on_both_word_sizes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = files(&root.join("abi"));
    assert!(paths.len() > 100, "only {} workloads found", paths.len());
    paths.push(root.join("quickstart.toml"));
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let source = Source::new(path.display().to_string(), text);
        let read = Workload::parse(&source).and_then(|workload| {
            for word_bytes in [4, 8] {
                workload.expected(&workload.arguments(word_bytes)?)?;
            }
            Ok(())
        });
        if let Err(errors) = read {
            panic!("{}", errors.render(Colour::Never));
        }
    }
}

/// The keys, as the report of an unknown one lists them.
fn keys() -> Vec<String> {
    let errors = Workload::parse(&Source::new("w.toml", "zzzzzzzz = 1\n")).expect_err("an unknown key");
    let report = errors.render(Colour::Never);
    let line = report.lines().find(|line| line.contains("the keys are")).expect("a list of keys");
    line.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_list_of_known_defects_reads() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(defects::FILE_NAME);
    let text = std::fs::read_to_string(&path).expect("the list");
    let list = Defects::parse(&Source::new(defects::FILE_NAME, text)).expect("a list without mistakes");
    assert_eq!(list.codes("value-call", "riscv64", "2020-e021531").count(), 1);
    assert_eq!(list.codes("value-call", "amd64", "2021-28c5fed").count(), 0, "that defect is in the stubs");
    assert_eq!(list.breaking("value-call", "riscv64", "2020-e021531").count(), 1);
    assert_eq!(
        list.breaking("value-call", "arm64", "2018-e35a412").count(),
        0,
        "a declaration breaks nothing off"
    );
    assert_eq!(list.codes("make-func", "amd64", "2021-28c5fed").count(), 1);
}

#[test]
fn mistakes_in_a_list_of_defects_are_shown_where_they_are() {
    let message = |text: &str| {
        let errors = Defects::parse(&Source::new("defects.toml", text)).expect_err("a mistake");
        errors.render(Colour::Never)
    };
    assert!(message("defekt = []").contains("did you mean `defect`?"));
    let all = "code = 'RC0101'\nepochs = ['go1.19']\nwhy = 'x'\n";
    assert!(message(&format!("[[defect]]\n{all}calls = ['value-cal']")).contains("did you mean"));
    assert!(message("[[defect]]\ncode = 'RC0101'\nepochs = ['go1.19']").contains("needs a `why`"));
    assert!(message("[[defect]]\ncode = 'RC0101'\nwhy = 'x'").contains("needs `epochs`"));
}

#[test]
fn the_reference_has_every_key() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("README.md")).expect("the reference");
    let keys = keys();
    assert!(keys.len() > 10, "{keys:?}");
    for key in keys {
        let forms = [format!("`{key}`"), format!("`[{key}]`"), format!("`[[{key}]]`")];
        let found = forms.iter().any(|form| text.contains(form));
        assert!(found, "workloads/README.md lacks `{key}`");
    }
}
