//! What the built-in images of releases say about their frames is what Go's own tables say.
//!
//! For every ELF port and every toolchain, a real program is built, and each routine of the built-in image is compared with
//! the program's function of the same name: the distance of the stack pointer at each instruction, the size of the
//! arguments, and which of their words are pointers.

use std::collections::BTreeSet;

use rcsim_go::image::{ArgsSize, Function, Image, ImageOptions, Pc};
use rcsim_tests::oracle::go::{Go, GoBuild, Toolchain};
use rcsim_tests::oracle::{require, workspace_root};
use rcsim_uop::op::{Edge, Op};
use rcsim_uop::port::{BuiltinFunction, BuiltinImage, Container, Externs, FrameMaps, Program};
use rcsim_uop::{CodeView, Epoch, Isa, Port, build, build_block};

fn program(toolchain: Toolchain, goarch: &str) -> Image {
    let go = require(Go::find(toolchain));
    let sample = workspace_root().join("tests").join("go").join("sample");
    let path = require(go.build(&GoBuild::linux(goarch, sample)));
    let file = std::fs::read(path).expect("the program was just built");
    Image::parse(file, ImageOptions::default()).expect("the toolchain makes Go images")
}

/// Everything outside the image stands at one address; frames do not depend on it.
struct Somewhere;

impl Externs for Somewhere {
    fn address(&mut self, _symbol: &str) -> u64 {
        0x1_0000
    }
}

/// The code of a built-in image.
struct Code<'a>(&'a BuiltinImage);

impl CodeView for Code<'_> {
    fn fetch(&self, pc: u64, out: &mut [u8]) -> usize {
        let at = pc.checked_sub(self.0.base).and_then(|at| usize::try_from(at).ok());
        let bytes = at.and_then(|at| self.0.bytes.get(at..)).unwrap_or_default();
        let count = bytes.len().min(out.len());
        out[..count].copy_from_slice(&bytes[..count]);
        count
    }

    fn hook(&self, _pc: u64) -> Option<u32> {
        None
    }
}

/// Offsets of the instructions that control reaches; between them there may be constants.
fn reached(isa: &dyn Isa, image: &BuiltinImage, function: &BuiltinFunction) -> BTreeSet<u32> {
    let start = image.base + u64::from(function.offset);
    let end = start + u64::from(function.size);
    let mut offsets = BTreeSet::new();
    let mut waiting = vec![start];
    while let Some(pc) = waiting.pop() {
        if !(start..end).contains(&pc) || offsets.contains(&((pc - start) as u32)) {
            continue;
        }
        let block = build_block(isa, &Code(image), pc, build::MAX_INSNS).expect("the image is all lifted");
        offsets.extend(block.insns.iter().map(|mark| (mark.pc - start) as u32));
        match block.ops.last() {
            Some(Op::Goto { edge: Edge::Call } | Op::GotoReg { edge: Edge::Call, .. }) => {
                waiting.push(block.end())
            }
            _ => waiting.extend(block.exits.iter()),
        }
    }
    offsets
}

/// The function of that name that somebody wrote; the others of that name adapt between ABIs.
fn written<'a>(image: &'a Image, name: &str) -> Option<Function<'a>> {
    image.functions_named(name).into_iter().find(|function| !function.is_generated())
}

fn different_sp(ours: &BuiltinFunction, real: &Function<'_>, offsets: &BTreeSet<u32>) -> Option<String> {
    let table = real.sp_deltas();
    offsets.iter().copied().find_map(|offset| {
        let pc = Pc(real.entry().0 + u64::from(offset));
        let theirs = match &table {
            Some(table) => table.value_at(pc).expect("the table is whole").unwrap_or(0),
            None => 0,
        };
        let ours =
            ours.sp_deltas.iter().rev().find(|(from, _)| *from <= offset).map_or(0, |(_, delta)| *delta);
        (ours != theirs).then(|| format!("at +{offset:#x} the stack pointer is {ours} lower, in Go {theirs}"))
    })
}

fn different_args(ours: &BuiltinFunction, real: &Function<'_>) -> Option<String> {
    // The runtime asks the closure context for the arguments of such a function.
    let expected = match ours.maps {
        FrameMaps::Context => ArgsSize::Unknown,
        FrameMaps::Prototype | FrameMaps::None => ArgsSize::Bytes(ours.args_bytes),
    };
    let size = real.args_size();
    if size != expected {
        return Some(format!("arguments of {expected:?}, in Go {size:?}"));
    }
    if ours.maps != FrameMaps::Prototype || ours.args.words.is_empty() {
        return None;
    }
    let maps = real.args_pointer_maps().expect("the record is whole");
    let map = maps.and_then(|maps| maps.map(0)).expect("a function with pointer arguments has a map");
    let theirs: Vec<u64> = map.pointers().collect();
    let words = ours.args.words.iter().zip(0_u64..);
    let ours: Vec<u64> = words.filter(|(is_pointer, _)| **is_pointer).map(|(_, word)| word).collect();
    (ours != theirs).then(|| format!("pointers in argument words {ours:?}, in Go {theirs:?}"))
}

fn differences(port: &dyn Port, toolchain: Toolchain) -> (usize, Vec<String>) {
    let epoch = Epoch::by_name(toolchain.release()).expect("toolchains are named as epochs are");
    let image = program(toolchain, port.goarch());
    let builtin = port.builtin(epoch, 0x4_0000, &mut Somewhere).expect("the port has the epoch");
    let isa = port.isa(&[], Program { base: 0, file: &[] }).expect("the baseline exists");
    let different = |ours: &BuiltinFunction| {
        let real = written(&image, &ours.name)?;
        let offsets = reached(&*isa, &builtin, ours);
        different_sp(ours, &real, &offsets).or_else(|| different_args(ours, &real))
    };
    let found = builtin.functions.iter().filter_map(|ours| {
        let what = different(ours)?;
        Some(format!("{} {toolchain} {}: {what}", port.goarch(), ours.name))
    });
    let compared = builtin.functions.iter().filter(|ours| written(&image, &ours.name).is_some()).count();
    (compared, found.collect())
}

#[test]
fn are_those_of_the_toolchains() {
    let mut found = Vec::new();
    for port in rcsim_isa::ports().into_iter().filter(|port| matches!(port.container(), Container::Elf(_))) {
        for toolchain in Toolchain::ALL {
            let (compared, differences) = differences(port, toolchain);
            // reflectcall, 27 trampolines and two stubs at least.
            assert!(compared >= 30, "{} {toolchain}: only {compared} functions compared", port.goarch());
            found.extend(differences);
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
