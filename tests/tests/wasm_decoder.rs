//! The decoding of WebAssembly against LLVM's: every distinct operator of real Go modules.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use rcsim_isa::wasm::WasmIsa;
use rcsim_machine::{Memory, NoShadow};
use rcsim_tests::oracle::go::{Go, GoBuild, Toolchain};
use rcsim_tests::oracle::run::{Limits, run_with_input};
use rcsim_tests::oracle::{require, workspace_root};
use rcsim_uop::Isa;

const BASE: u64 = 0x10_0000_0000;

/// An operator as both sides can tell it: its name and its integers.
#[derive(Debug, PartialEq)]
struct Told {
    name: String,
    numbers: Vec<i64>,
}

/// Distinct operators with their texts.
fn operators(toolchain: Toolchain) -> Vec<(Vec<u8>, String)> {
    let go = require(Go::find(toolchain));
    let program = require(go.build(&GoBuild::js_wasm(workspace_root().join("tests/go/sample"))));
    let isa = WasmIsa::new(BASE, &fs::read(program).expect("the program has been built")).expect("a module");
    let mem = Memory::<NoShadow>::new(8, 1 << 20);
    let mut distinct = BTreeSet::new();
    for function in &isa.module().functions {
        let plan = isa.plan(function).expect("Go's functions have plans");
        let ends = plan.steps.iter().skip(1).map(|step| step.offset).chain([plan.end]);
        for (step, end) in plan.steps.iter().zip(ends) {
            let bytes = isa.module().file[step.offset as usize..end as usize].to_vec();
            let text =
                isa.disasm(&mem, isa.space().file(step.offset)).expect("every operator has a text").text;
            distinct.insert((bytes, text));
        }
    }
    distinct.into_iter().collect()
}

/// One line of LLVM for each operator.
fn by_llvm(operators: &[(Vec<u8>, String)]) -> Vec<String> {
    let input: Vec<String> =
        operators.iter().flat_map(|(bytes, _)| bytes).map(|byte| format!("{byte:#04x}")).collect();
    let mut command = Command::new("llvm-mc-19");
    command.args(["--disassemble", "--triple=wasm32", "--mattr=+bulk-memory,+nontrapping-fptoint,+sign-ext"]);
    let output =
        require(run_with_input(command, "llvm-mc-19", input.join(" ").into_bytes(), Limits::default()));
    let code = output.stdout.lines().map(|line| line.split('#').next().unwrap_or("").trim());
    code.filter(|line| !line.is_empty() && !line.starts_with('.')).map(str::to_owned).collect()
}

/// Reads either text. Floats are left out: each side prints them its own way.
fn told(text: &str) -> Told {
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    // What stands in brackets after a call is a name.
    let rest = if name == "call" { rest.split('(').next().unwrap_or("") } else { rest };
    let is_float = matches!(name, "f32.const" | "f64.const");
    let words = rest.split(|c: char| !(c.is_ascii_digit() || c == '-'));
    let mut numbers: Vec<i64> = words.filter_map(|word| word.parse().ok()).collect();
    if is_float {
        numbers.clear();
    }
    // LLVM prints an offset of 0, and the memories that there is only one of.
    if name.contains(".load") || name.contains(".store") || name.starts_with("memory.") {
        numbers.retain(|number| *number != 0);
    }
    Told { name: own_name(name).to_owned(), numbers }
}

/// LLVM has one instruction for each type where WebAssembly has one operator for all.
fn own_name(name: &str) -> &str {
    match name.split_once('.') {
        Some((_, rest @ ("select" | "drop"))) => rest,
        _ => name,
    }
}

#[test]
fn every_distinct_operator_of_real_go_modules_is_what_llvm_says() {
    for toolchain in Toolchain::ALL {
        let operators = operators(toolchain);
        let lines = by_llvm(&operators);
        assert!(operators.len() > 5_000, "only {} distinct operators", operators.len());
        for ((bytes, ours), llvm) in operators.iter().zip(&lines) {
            assert_eq!(told(ours), told(llvm), "{toolchain}: {bytes:02x?}: {ours} against {llvm}");
        }
        assert_eq!(operators.len(), lines.len(), "{toolchain}: LLVM sees another number of operators");
        println!("{toolchain}: {} distinct operators", operators.len());
    }
}

#[test]
fn a_wrong_number_or_name_is_noticed() {
    assert_eq!(told("i64.load offset=8"), told("i64.load\t8"));
    assert_ne!(told("i64.load offset=8"), told("i64.load 16"));
    assert_ne!(told("i64.load8_s offset=8"), told("i64.load8_u 8"));
    assert_ne!(told("br_table 1 2 3"), told("br_table {1, 2}"));
}
