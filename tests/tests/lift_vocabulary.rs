//! Every instruction of real Go programs that control flow reaches can be lifted, in few micro-ops.
//!
//! From the first instruction of each function, blocks are built and their exits followed, calls taken to return; so
//! constants between functions and behind jumps are never taken for code. What jump tables reach is missed.

use std::collections::{BTreeMap, BTreeSet};

use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};
use rcsim_tests::oracle::go::{Go, GoBuild, Toolchain};
use rcsim_tests::oracle::{require, workspace_root};
use rcsim_uop::isa::CodeView;
use rcsim_uop::op::{Edge, Op};
use rcsim_uop::port::{Container, Program as Loaded};
use rcsim_uop::{Block, Epoch, Isa, LiftError, Port, build, build_block};

/// Most micro-ops for an instruction on average: more, and the set of micro-ops is too thin.
const MAX_RATIO: f64 = 1.4;

/// More places without an instruction, and the decoder misses instructions. Go's start-up code has a few.
const MAX_CONSTANTS: u64 = 10;

/// The text of a program and its functions.
struct Text {
    start: u64,
    bytes: Vec<u8>,
    functions: Vec<(u64, u64)>,
}

impl Text {
    fn of(toolchain: Toolchain, goarch: &str) -> Self {
        let go = require(Go::find(toolchain));
        let sample = workspace_root().join("tests").join("go").join("sample");
        let path = require(go.build(&GoBuild::linux(goarch, sample)));
        let file = std::fs::read(path).expect("the program was just built");
        let elf = object::File::parse(&*file).expect("the toolchain makes ELF files");
        let section = elf.section_by_name(".text").expect("a program has code");
        let mut functions: Vec<(u64, u64)> = elf
            .symbols()
            .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.size() > 1)
            .map(|symbol| (symbol.address(), symbol.size()))
            .collect();
        functions.sort_unstable();
        let bytes = section.uncompressed_data().expect("code is not compressed").into_owned();
        Self { start: section.address(), bytes, functions }
    }
}

impl CodeView for Text {
    fn fetch(&self, pc: u64, out: &mut [u8]) -> usize {
        let from =
            pc.checked_sub(self.start).and_then(|at| self.bytes.get(at as usize..)).unwrap_or_default();
        let count = from.len().min(out.len());
        out[..count].copy_from_slice(&from[..count]);
        count
    }

    fn hook(&self, _pc: u64) -> Option<u32> {
        None
    }
}

/// What was found in a program.
#[derive(Default)]
struct Census {
    instructions: u64,
    micro_ops: u64,
    /// Places that hold no instruction: constants behind calls and stores that never return.
    constants: u64,
    /// The CPU features that a guest can have.
    offered: Vec<&'static str>,
    /// How often each operation could not be lifted, with one example.
    gaps: BTreeMap<String, (u64, String)>,
}

impl Census {
    fn of(isa: &dyn Isa, text: &Text, offered: Vec<&'static str>) -> Self {
        let mut census = Self { offered, ..Self::default() };
        for &(start, bytes) in &text.functions {
            census.function(isa, text, start, start + bytes);
        }
        census
    }

    fn function(&mut self, isa: &dyn Isa, text: &Text, start: u64, end: u64) {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![start];
        while let Some(pc) = waiting.pop() {
            if !(start..end).contains(&pc) || seen.contains(&pc) {
                continue;
            }
            match build_block(isa, text, pc, build::MAX_INSNS) {
                Ok(block) => {
                    self.block(&block, &mut seen);
                    waiting.extend(continuations(&block));
                }
                Err(gap) => waiting.extend(self.gap(isa, text, gap, &mut seen)),
            }
        }
    }

    fn block(&mut self, block: &Block, seen: &mut BTreeSet<u64>) {
        for (index, mark) in block.insns.iter().enumerate() {
            if seen.insert(mark.pc) {
                self.instructions += 1;
                self.micro_ops += block.ops_of(index).len() as u64;
            }
        }
    }

    /// Note what cannot be lifted and go on after it.
    fn gap(&mut self, isa: &dyn Isa, text: &Text, gap: LiftError, seen: &mut BTreeSet<u64>) -> Option<u64> {
        let pc = gap.pc();
        seen.insert(pc);
        if let LiftError::Undefined { .. } = gap {
            self.constants += 1;
            return None;
        }
        let disasm = isa.disasm(text, pc).ok();
        if let LiftError::Unsupported { feature: Some(feature), .. } = &gap
            && !self.offered.contains(feature)
        {
            // No guest has that feature, so no program gets there.
            return disasm.map(|d| pc + u64::from(d.len));
        }
        let operation =
            disasm.as_ref().map_or("(none)", |d| d.text.split(' ').next().unwrap_or("")).to_owned();
        let entry = self.gaps.entry(operation).or_insert((0, gap.to_string()));
        entry.0 += 1;
        disasm.map(|d| pc + u64::from(d.len))
    }
}

/// Where control may go on in the same function.
fn continuations(block: &Block) -> Vec<u64> {
    match block.ops.last() {
        Some(Op::Goto { edge: Edge::Call } | Op::GotoReg { edge: Edge::Call, .. }) => vec![block.end()],
        _ => block.exits.to_vec(),
    }
}

fn census(port: &dyn Port, toolchain: Toolchain) -> Census {
    let text = Text::of(toolchain, port.goarch());
    let features: Vec<&'static str> = port.features().iter().map(|feature| feature.name).collect();
    let isa = port.isa(&features, Loaded { base: 0, file: &[] }).expect("the listed features exist");
    Census::of(&*isa, &text, features)
}

#[test]
fn everything_that_is_reached_can_be_lifted_in_few_micro_ops() {
    let has_toolchain = |port: &&dyn Port| port.last_epoch() == Epoch::Go127;
    let is_elf = |port: &&dyn Port| matches!(port.container(), Container::Elf(_));
    let ports = rcsim_isa::ports().into_iter().filter(has_toolchain).filter(is_elf);
    let mut failures = String::new();
    for port in ports {
        for toolchain in Toolchain::ALL {
            let census = census(port, toolchain);
            let name = format!("{} {toolchain}", port.goarch());
            let ratio = census.micro_ops as f64 / census.instructions as f64;
            println!("{name}: {} instructions, {ratio:.3} micro-ops each", census.instructions);
            assert!(census.instructions > 50_000, "{name}: only {} instructions", census.instructions);
            assert!(
                census.constants <= MAX_CONSTANTS,
                "{name}: no instruction at {} places",
                census.constants
            );
            if ratio > MAX_RATIO {
                failures += &format!("{name}: {ratio:.3} micro-ops for an instruction\n");
            }
            for (operation, (count, example)) in &census.gaps {
                failures += &format!("{name}: {operation} {count} times, as in {example}\n");
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
}
