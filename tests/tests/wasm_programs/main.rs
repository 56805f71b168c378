//! Whole Go programs on WebAssembly, from the first instruction of the runtime to the exit: scheduler, garbage
//! collector, stack growth and resumption included. What they print must be what node prints.

mod js;
mod program;
mod wasi;

use std::fs;
use std::path::PathBuf;

use rcsim_tests::oracle::go::{Go, GoBuild, Toolchain};
use rcsim_tests::oracle::run::{Output, build_and_run};
use rcsim_tests::oracle::{require, workspace_root};

use js::Js;
use program::{Host, Program};
use wasi::Wasi;

fn source(name: &str) -> PathBuf {
    workspace_root().join("tests/go").join(name)
}

/// Build a program and run it here.
fn here<H: Host>(toolchain: Toolchain, name: &str, goos: &str, mut host: H) -> Program {
    let go = require(Go::find(toolchain));
    let build = GoBuild { goos: goos.to_owned(), ..GoBuild::js_wasm(source(name)) };
    let file = fs::read(require(go.build(&build))).expect("the program has been built");
    let mut program = Program::load(&file);
    let code = program.run(&mut host);
    assert_eq!(code, 0, "{}", program.text(2));
    println!("{toolchain} {name} for {goos}: {} operators", program.cpu.steps);
    program
}

/// Run the same program under node.
fn node(toolchain: Toolchain, name: &str) -> Output {
    let go = require(Go::find(toolchain));
    let output = require(build_and_run(&go, &GoBuild::js_wasm(source(name)), &[]));
    assert!(output.status.success(), "{}", output.stderr);
    output
}

#[test]
fn the_sample_program_prints_what_node_prints() {
    let ours = here(Toolchain::Go1_27, "sample", "wasip1", Wasi::new(&[]));
    let nodes = node(Toolchain::Go1_27, "sample");
    assert!(nodes.stdout.contains("makefunc"), "{}", nodes.stdout);
    assert_eq!(ours.text(1), nodes.stdout);
}

#[test]
fn the_sample_program_prints_the_same_while_the_collector_runs_all_the_time() {
    let ours = here(Toolchain::Go1_27, "sample", "wasip1", Wasi::new(&["GOGC=1", "GODEBUG=gccheckmark=1"]));
    assert_eq!(ours.text(1), node(Toolchain::Go1_27, "sample").stdout);
}

#[test]
fn the_tour_of_go_1_27_prints_what_node_prints() {
    let ours = here(Toolchain::Go1_27, "tour", "js", Js);
    let nodes = node(Toolchain::Go1_27, "tour");
    assert!(nodes.stderr.contains("goroutines 2646700"), "{}", nodes.stderr);
    assert_eq!(ours.text(2), nodes.stderr);
}

#[test]
fn the_tour_of_go_1_19_prints_what_node_prints() {
    let ours = here(Toolchain::Go1_19, "tour", "js", Js);
    assert_eq!(ours.text(2), node(Toolchain::Go1_19, "tour").stderr);
}
