//! Frame sizes against what a disassembler shows that prologues do, for two machines that move SP in few ways.

use crate::toolchain::{Build, Go, installed, output};
use rcsim_go::image::{Image, Pc};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// What one instruction takes from SP, in bytes; `None` for one that does not move it by a constant.
type Taken = fn(mnemonic: &str, operands: &str) -> Option<u64>;

fn amd64(mnemonic: &str, operands: &str) -> Option<u64> {
    match mnemonic {
        "pushq" => Some(8),
        "subq" => operands.strip_prefix('$')?.strip_suffix(", %rsp").and_then(number),
        // The assembler prefers the shorter encoding of -128.
        "addq" => operands.strip_prefix("$-")?.strip_suffix(", %rsp").and_then(number),
        _ => None,
    }
}

fn arm64(mnemonic: &str, operands: &str) -> Option<u64> {
    match mnemonic {
        "str" => number(operands.strip_prefix("x30, [sp, #-")?.strip_suffix("]!")?),
        "sub" => number(operands.strip_prefix("sp, sp, #")?),
        _ => None,
    }
}

fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Bytes that each function takes, by its entry; a function that takes twice is left out, because it branches between the two.
fn frames(program: &Path, image: &Image, taken: Taken) -> BTreeMap<u64, u64> {
    let mut objdump = Command::new("llvm-objdump-19");
    let text = output(objdump.args(["-d", "--no-show-raw-insn", "--section=.text"]).arg(program));
    let mut found: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for line in text.lines() {
        let Some((address, code)) = line.split_once(':') else { continue };
        let Ok(address) = u64::from_str_radix(address.trim(), 16) else { continue };
        let (mnemonic, operands) = code.trim().split_once(char::is_whitespace).unwrap_or((code.trim(), ""));
        let Ok(Some(function)) = image.function_at(Pc(address)) else { continue };
        let takes = found.entry(function.entry().0).or_default();
        if !function.flags().assembly
            && let Some(bytes) = taken(mnemonic, operands.trim())
        {
            takes.push(bytes);
        }
    }
    let pushes_and_one = |takes: &Vec<u64>| takes.iter().filter(|&&bytes| bytes != 8).count() == 1;
    found
        .into_iter()
        .filter(|(_, takes)| pushes_and_one(takes))
        .map(|(entry, takes)| (entry, takes.iter().sum()))
        .collect()
}

fn compare(goarch: &str, taken: Taken) {
    if !installed("llvm-objdump-19") {
        return;
    }
    for go in Go::pair() {
        let program = go.build(Build::linux(goarch));
        let image = Image::load(&program).unwrap();
        let frames = frames(&program, &image, taken);
        assert!(frames.len() > 700, "{goarch} {}: only {} functions", go.version(), frames.len());
        for (entry, bytes) in frames {
            let function = image.function_at(Pc(entry)).unwrap().unwrap();
            assert_eq!(
                u64::from(function.frame_size_bytes().unwrap()),
                bytes,
                "{goarch} {} {function:?}",
                go.version()
            );
            let deltas = function.sp_deltas().expect("it has a frame");
            assert_eq!(
                deltas.value_at(Pc(entry)).unwrap(),
                Some(0),
                "nothing is taken before the first instruction"
            );
        }
    }
}

#[test]
fn frames_are_as_large_as_amd64_prologues_make_them() {
    compare("amd64", amd64);
}

#[test]
fn frames_are_as_large_as_arm64_prologues_make_them() {
    compare("arm64", arm64);
}
