//! Both Go toolchains build the sample program, and it prints the same everywhere.

use std::fs;
use std::process::Command;
use std::time::Duration;

use rcsim_tests::oracle::arch::ArchOracle;
use rcsim_tests::oracle::go::{Go, GoBuild, Toolchain};
use rcsim_tests::oracle::run::{Limits, build_and_run, emulated, run_command};
use rcsim_tests::oracle::{OracleError, oracles_dir, require, workspace_root};

const SAMPLE_OUTPUT: &str = "\
call true true 34 gogo 2.125
large 117 3
makefunc 42 left {1 2} 9 1.5
method {6 8} 13 {5 12}
method call {2.5 6}
and   |2
dog   |1
end   |1
fox   |1
lazy  |1
quick |1
the   |3
1.414214 0.36787944117144233 400921fb54442d18 \"tab\\t\"
";

fn sample() -> std::path::PathBuf {
    workspace_root().join("tests/go/sample")
}

fn assert_prints_sample(toolchain: Toolchain, build: &GoBuild) {
    let go = require(Go::find(toolchain));
    let output = require(build_and_run(&go, build, &[]));
    assert!(output.status.success(), "{}{}", output.stdout, output.stderr);
    assert_eq!(output.stdout, SAMPLE_OUTPUT, "{toolchain} {}", build.goarch);
}

#[test]
fn go1_19_arm64_program_runs() {
    assert_prints_sample(Toolchain::Go1_19, &GoBuild::linux("arm64", sample()));
}

#[test]
fn go1_27_arm64_program_runs() {
    assert_prints_sample(Toolchain::Go1_27, &GoBuild::linux("arm64", sample()));
}

#[test]
fn go1_19_amd64_program_runs() {
    assert_prints_sample(Toolchain::Go1_19, &GoBuild::linux("amd64", sample()));
}

#[test]
fn go1_27_amd64_program_runs() {
    assert_prints_sample(Toolchain::Go1_27, &GoBuild::linux("amd64", sample()));
}

#[test]
fn go1_19_wasm_module_runs_under_node() {
    assert_prints_sample(Toolchain::Go1_19, &GoBuild::js_wasm(sample()));
}

#[test]
fn go1_27_wasm_module_runs_under_node() {
    assert_prints_sample(Toolchain::Go1_27, &GoBuild::js_wasm(sample()));
}

#[test]
fn stripped_program_runs() {
    let build = GoBuild { strip: true, ..GoBuild::linux("arm64", sample()) };
    assert_prints_sample(Toolchain::Go1_27, &build);
}

/// Such a program asks for the system's dynamic loader, which exists for the machine's own architecture only.
#[test]
fn position_independent_program_is_built_for_both() {
    const ET_DYN: u8 = 3;
    let go = require(Go::find(Toolchain::Go1_27));
    for goarch in ["arm64", "amd64"] {
        let build = GoBuild { pie: true, ..GoBuild::linux(goarch, sample()) };
        let program = fs::read(require(go.build(&build))).expect("the program was built");
        assert_eq!(program[16], ET_DYN, "{goarch}");
        if require(ArchOracle::load(goarch)).is_native() {
            assert_prints_sample(Toolchain::Go1_27, &build);
        }
    }
}

#[test]
fn amd64_program_prints_the_same_under_the_emulator() {
    let go = require(Go::find(Toolchain::Go1_27));
    let program = require(go.build(&GoBuild::linux("amd64", sample())));
    let command = require(emulated(&require(ArchOracle::load("amd64")), &program));
    let output = require(run_command(command, "sample", Limits::default()));
    assert_eq!(output.stdout, SAMPLE_OUTPUT);
}

#[test]
fn same_inputs_are_built_once_and_other_flags_give_another_program() {
    let go = require(Go::find(Toolchain::Go1_27));
    let build = GoBuild::linux("arm64", sample());
    let first = require(go.build(&build));
    let built_at = fs::metadata(&first).and_then(|data| data.modified()).expect("the program was built");
    let second = require(go.build(&build));
    assert_eq!(first, second);
    assert_eq!(fs::metadata(&second).and_then(|data| data.modified()).expect("it is still there"), built_at);
    let unoptimised = GoBuild { gcflags: Some("-N -l".to_owned()), ..build };
    assert_ne!(require(go.build(&unoptimised)), first);
}

#[test]
fn compiler_error_is_shown() {
    let folder = oracles_dir().join("sources/broken");
    fs::create_dir_all(&folder).expect("target is writable");
    fs::write(folder.join("main.go"), "package main\n\nfunc main() { undefinedName() }\n")
        .expect("target is writable");
    let go = require(Go::find(Toolchain::Go1_19));
    let error = go.build(&GoBuild::linux("amd64", folder)).expect_err("it cannot compile").to_string();
    assert!(error.contains("main.go:3") && error.contains("undefinedName"), "{error}");
}

#[test]
fn missing_toolchain_names_the_installer() {
    let error =
        Go::in_places(Toolchain::Go1_27, vec!["nowhere".into()]).expect_err("nothing is there").to_string();
    assert!(error.contains("go1.27") && error.contains("tests/oracles/install.sh"), "{error}");
}

#[test]
fn missing_program_names_the_installer() {
    let error =
        run_command(Command::new("qemu-pdp11"), "qemu-pdp11", Limits::default()).expect_err("there is none");
    assert!(error.to_string().contains("qemu-pdp11; run tests/oracles/install.sh"), "{error}");
}

#[test]
fn toolchain_of_another_release_is_refused() {
    let old = require(Go::find(Toolchain::Go1_19)).goroot().to_path_buf();
    let error = Go::in_places(Toolchain::Go1_27, vec![old]).expect_err("it is Go 1.19");
    assert!(matches!(error, OracleError::WrongVersion { .. }), "{error}");
}

#[test]
fn program_without_end_is_stopped_at_the_limit() {
    let mut command = Command::new("sleep");
    command.arg("60");
    let limits = Limits { time: Duration::from_millis(50) };
    let error = run_command(command, "sleep", limits).expect_err("it runs for a minute");
    assert!(matches!(error, OracleError::TimedOut { .. }), "{error}");
}
