//! Mistakes in workloads, and the text that reports them.
//!
//! The cases stand in `errors/*.txt`: a line `=== title`, the workload, a line `---`, the report. With `RCSIM_BLESS=1` the
//! reports are written anew; read the difference before you commit it.

use std::path::Path;

use rcsim_diag::{Class, Colour, Diagnostics, Source};
use rcsim_workloads::{Workload, check_deviations, check_names};

const ARCHS: [&str; 3] = ["amd64", "arm64", "wasm"];
const EPOCHS: [&str; 2] = ["go1.19", "go1.27"];
const DEVIATIONS: [&str; 1] = ["no-rollback"];

struct Case {
    title: String,
    workload: String,
    report: String,
}

/// Lines that hold for a whole workload where a case is about something else.
const REST: &str = "#rest\n";

fn cases(text: &str) -> Vec<Case> {
    let parts = text.split("=== ").skip(1).map(|part| {
        let (title, rest) = part.split_once('\n').expect("a title line");
        let (workload, report) = rest.split_once("---\n").expect("a line ---");
        Case { title: title.into(), workload: workload.into(), report: report.trim_end().into() }
    });
    parts.collect()
}

fn outcome(workload: &str) -> Result<(), Diagnostics> {
    let whole = workload.replace(REST, "name = \"x\"\ncall = \"value-call\"\ncallee = \"drop-args\"\n");
    let workload = Workload::parse(&Source::new("w.toml", whole))?;
    check_names(&workload, &ARCHS, &EPOCHS)?;
    check_deviations(&workload, &DEVIATIONS)?;
    workload.expected(&workload.arguments(4)?).map(|_| ())
}

fn report(case: &Case) -> String {
    match outcome(&case.workload) {
        Ok(()) => "no error".to_owned(),
        Err(errors) => {
            assert_ne!(errors.class(), Some(Class::Bug), "{}", case.title);
            errors.render(Colour::Never).trim_end().to_owned()
        }
    }
}

fn check(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors").join(file);
    let text = std::fs::read_to_string(&path).expect("the file of cases");
    let cases = cases(&text);
    assert!(!cases.is_empty(), "no case in {file}");
    if std::env::var_os("RCSIM_BLESS").is_some() {
        let blessed: Vec<String> = cases
            .iter()
            .map(|case| format!("=== {}\n{}---\n{}\n\n", case.title, case.workload, report(case)))
            .collect();
        std::fs::write(&path, blessed.concat()).expect("a writable file of cases");
        return;
    }
    for case in &cases {
        let actual = report(case);
        assert_eq!(actual, case.report, "{file}: {}\n\n{actual}\n", case.title);
        assert_ne!(actual, "no error", "{file}: {}", case.title);
    }
}

#[test]
fn mistakes_in_toml_are_reported() {
    check("toml.txt");
}

#[test]
fn mistakes_in_types_are_reported() {
    check("types.txt");
}

#[test]
fn mistakes_in_calls_are_reported() {
    check("calls.txt");
}

#[test]
fn mistakes_in_values_are_reported() {
    check("values.txt");
}

#[test]
fn mistakes_in_patches_are_reported() {
    check("patches.txt");
}
