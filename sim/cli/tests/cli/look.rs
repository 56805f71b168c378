//! Looking at code and at what there is.

use std::path::Path;

use crate::cases;

/// What a command prints; it must end well.
fn rcsim(arguments: &str) -> String {
    let output =
        cases::rcsim(Path::new(".")).args(arguments.split_whitespace()).output().expect("rcsim starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "rcsim {arguments}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn every_port_and_epoch_that_is_built_in_lists_every_function() {
    for port in rcsim_isa::ports() {
        let goarch = port.goarch();
        let epoch = port.last_epoch();
        let names = rcsim(&format!("disasm --arch {goarch} --epoch {epoch}"));
        let names: Vec<&str> =
            names.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1)).collect();
        assert!(
            names.contains(&"runtime.reflectcall") && names.contains(&"reflect.makeFuncStub"),
            "{names:?}"
        );
        for name in names {
            let disasm = rcsim(&format!("disasm --arch {goarch} --epoch {epoch} {name}"));
            assert!(disasm.lines().count() > 2, "{goarch} {name} has instructions");
            let first = disasm.lines().nth(2).unwrap_or_default();
            assert!(!first.contains("(data)"), "{disasm}");
        }
    }
}

#[test]
fn lift_shows_the_same_instructions_with_their_micro_ops() {
    for port in rcsim_isa::ports() {
        let function = format!("--arch {} --epoch {} runtime.call64", port.goarch(), port.last_epoch());
        let (disasm, lift) = (rcsim(&format!("disasm {function}")), rcsim(&format!("lift {function}")));
        let is_micro_op = |line: &&str| line.trim_start().starts_with("| ");
        assert!(lift.lines().filter(is_micro_op).count() > 10, "{lift}");
        // Code behind a CPU flag that the guest does not report may have none.
        let is_note = |line: &&str| line.trim_start().starts_with("; unsupported instruction");
        let rest: Vec<&str> = lift.lines().filter(|line| !is_micro_op(line) && !is_note(line)).collect();
        assert_eq!(rest, disasm.lines().collect::<Vec<_>>());
    }
}

#[test]
fn listing_reads_as_the_vendor_writes_it() {
    let listing = rcsim("lift --arch arm64 --epoch go1.27 runtime.spillArgs");
    let expected = "\
runtime.spillArgs  (frame 0 bytes, arguments 0 bytes)
built in, arm64, epoch go1.27
  0x19000000  80 06 00 a9                      stp x0, x1, [x20]
";
    assert!(listing.starts_with(expected), "{listing}");
}

#[test]
fn lists_are_those_of_their_owners() {
    let archs = rcsim("list archs");
    for port in rcsim_isa::ports() {
        assert!(archs.contains(port.summary()), "{archs}");
    }
    assert!(archs.lines().next().is_some_and(|head| head.starts_with("arch") && head.ends_with("go1.27")));
    assert!(rcsim("list epochs").contains("2020-e021531  reflectcall takes a RegArgs"));
    let findings = rcsim("list findings");
    assert!(findings.starts_with("RC0001  ") && findings.contains("\nRC0201  "), "{findings}");
    assert!(rcsim("list features").contains("amd64     avx2          off"));
}

#[test]
fn completions_know_the_flags() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = rcsim(&format!("completions {shell}"));
        assert!(script.contains("cpu-feature"), "{shell}");
    }
}

/// The folder of the project.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// What a command prints in the folder of the project.
fn at_root(arguments: &str) -> String {
    let output =
        cases::rcsim(Path::new(ROOT)).args(arguments.split_whitespace()).output().expect("rcsim starts");
    assert!(output.status.success(), "rcsim {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn every_finding_is_explained() {
    let all = rcsim("explain");
    let codes: Vec<&str> = all.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(codes.len(), 17);
    for code in codes {
        let text = rcsim(&format!("explain {code}"));
        assert!(text.starts_with(code) && text.contains("\nWhat comes of it\n"), "{text}");
        assert!(text.contains("Name workloads after the code"), "nothing was searched: {text}");
    }
}

#[test]
fn explanation_names_the_workloads_that_show_it_and_runs_one() {
    let text = at_root("explain rc0101");
    assert!(text.contains("\n  workloads/bugs/aggregate-arg-not-in-ptrs.toml  (2020-e021531, "), "{text}");
    assert!(
        text.contains("\nAn example\nerror[RC0101]: hidden pointer") && text.contains("= replay: "),
        "{text}"
    );
    let only = at_root("explain RC0101 workloads/quickstart.toml");
    assert!(only.contains("(1 searched)\n  workloads/quickstart.toml  ("), "{only}");
}

#[test]
fn deviations_are_listed_with_their_epochs() {
    let deviations = rcsim("list deviations");
    let line = deviations.lines().find(|line| line.starts_with("aggregate-arg-not-in-ptrs "));
    assert!(line.is_some_and(|line| line.ends_with("; 2020-e021531, 2021-28c5fed")), "{deviations}");
}

#[test]
fn bugs_are_the_workloads_that_expect_a_finding() {
    let bugs = at_root("list bugs");
    assert!(bugs.contains("workloads/bugs/aggregate-arg-not-in-ptrs.toml"), "{bugs}");
    assert!(!bugs.contains("reflectcall-64k"), "{bugs}");
}
