//! Names, lines, inlining and addresses against what the running program's own runtime says (see `tests/go/image/main.go`).

use crate::toolchain::{Build, Go, installed, output};
use rcsim_go::image::{Addr, Image, Pc};
use std::path::Path;
use std::process::Command;

/// How a program for this architecture is run here; `None` when what runs it is missing.
fn runner(go: &Go, goarch: &str, program: &Path) -> Option<Command> {
    let emulator = match goarch {
        "amd64" | "386" => return Some(Command::new(program)),
        "wasm" => "node".to_owned(),
        "arm64" => "qemu-aarch64".to_owned(),
        other => format!("qemu-{other}"),
    };
    if !installed(&emulator) {
        return None;
    }
    let mut command = Command::new(&emulator);
    if goarch == "wasm" {
        // Go's script of 1.19 wants to set `crypto` itself, which newer releases of node provide.
        command.args(["--stack-size=1000", "--no-experimental-global-webcrypto"]).arg(go.wasm_exec());
    }
    command.arg(program);
    Some(command)
}

struct Facts {
    pcs: Vec<Pc>,
    /// Function, file and line, innermost first.
    frames: Vec<(String, String, u32)>,
    /// Entry, name, file and line.
    functions: Vec<(Pc, String, String, u32)>,
    variables: Vec<(String, Addr)>,
}

fn hexadecimal(word: &str) -> u64 {
    u64::from_str_radix(word.trim_start_matches("0x"), 16).expect("a hexadecimal number")
}

fn facts(text: &str) -> Facts {
    let mut facts =
        Facts { pcs: Vec::new(), frames: Vec::new(), functions: Vec::new(), variables: Vec::new() };
    for line in text.lines() {
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            ["pc", pc] => facts.pcs.push(Pc(hexadecimal(pc))),
            ["frame", function, file, line] => {
                facts.frames.push((
                    (*function).to_owned(),
                    (*file).to_owned(),
                    line.parse().expect("a line"),
                ));
            }
            ["func", entry, name, file, line] => {
                let line = line.parse().expect("a line");
                facts.functions.push((Pc(hexadecimal(entry)), (*name).to_owned(), (*file).to_owned(), line));
            }
            ["word", name, address] => facts.variables.push(((*name).to_owned(), Addr(hexadecimal(address)))),
            _ => assert!(line.starts_with("end "), "not understood: {line}"),
        }
    }
    assert_eq!((facts.functions.len(), facts.variables.len()), (8, 2));
    facts
}

/// The source-level frames of the call stack: each PC is a return address, so its call is the instruction before.
fn innermost(image: &Image, pc: Pc) -> (String, String, u32) {
    let call = Pc(pc.0 - 1);
    let function = image.function_at(call).unwrap().expect("a function of the program");
    let frames = function.source_frames(call).unwrap();
    let position = frames[0].position.expect("a compiled function has lines");
    (frames[0].function.to_owned(), position.file.to_owned(), position.line)
}

fn compare(go: &Go, build: Build<'_>) {
    let program = go.build(build);
    let Some(mut command) = runner(go, build.goarch, &program) else { return };
    let (image, facts) = (Image::load(&program).unwrap(), facts(&output(&mut command)));
    let context = format!("{} {} {:?}", go.version(), build.goarch, build.flags);
    let ours: Vec<_> = facts.pcs.iter().map(|&pc| innermost(&image, pc)).collect();
    assert_eq!(ours, facts.frames, "{context}");

    // A PC in inlined code has the following frames too, down to the function that exists.
    let mut inlined = 0;
    for (index, pc) in facts.pcs.iter().enumerate() {
        let call = Pc(pc.0 - 1);
        let frames = image.function_at(call).unwrap().unwrap().source_frames(call).unwrap();
        let ours: Vec<_> =
            frames.iter().map(|frame| (frame.function, frame.position.unwrap().line)).collect();
        let theirs = &facts.frames[index..index + frames.len()];
        assert_eq!(
            ours,
            theirs.iter().map(|frame| (frame.0.as_str(), frame.2)).collect::<Vec<_>>(),
            "{context}"
        );
        assert!(!frames[frames.len() - 1].inlined);
        inlined += frames.iter().filter(|frame| frame.inlined).count();
    }
    assert!(inlined > 0, "{context}: main.middle is inlined by every release");

    for (entry, name, file, line) in &facts.functions {
        let function = image.function_at(*entry).unwrap().expect("a function of the program");
        assert_eq!((function.entry(), function.name()), (*entry, name.as_str()), "{context}");
        let position = function.source_line(*entry).unwrap().expect("a compiled function has lines");
        assert_eq!((position.file, position.line), (file.as_str(), *line), "{context}");
        let declared = function.start_line();
        assert!(
            declared.is_none_or(|declared| declared <= *line && declared + 2 > *line),
            "{context} {name}: {declared:?}"
        );
        assert_eq!(declared.is_some(), go.version().as_str() >= "go1.20", "{context}");
    }
    let module = image.module_data();
    assert!(
        module.bss.contains(facts.variables[0].1) && module.data.contains(facts.variables[1].1),
        "{context}"
    );
    for (name, address) in &facts.variables {
        assert_eq!(
            image.symbol_named(name).map(|symbol| symbol.address),
            image.has_symbols().then_some(*address)
        );
    }
    // `initial` holds the address of the second element of `zeroed`.
    let pointer = image.memory().word(facts.variables[1].1);
    assert_eq!(pointer, Some(facts.variables[0].1.0 + 4 * image.memory().word_size().bytes()), "{context}");
}

#[test]
fn the_running_program_agrees_on_amd64_in_every_release() {
    for go in Go::all() {
        compare(&go, Build::linux("amd64"));
        compare(&go, Build::linux("amd64").with(&["-ldflags=-s -w"]));
    }
}

#[test]
fn the_running_module_agrees_on_wasm_in_every_release() {
    for go in Go::all() {
        compare(&go, Build { goos: "js", ..Build::linux("wasm") });
        compare(&go, Build { goos: "js", ..Build::linux("wasm").with(&["-ldflags=-s -w"]) });
    }
}

#[test]
fn the_running_program_agrees_on_other_machines() {
    for go in Go::pair() {
        for goarch in ["arm64", "386", "s390x", "ppc64", "mips"] {
            compare(&go, Build::linux(goarch));
        }
    }
}
