//! How much of real Go programs' code can be lifted: every instruction that control reaches, one by one.
//!
//! From the first instruction of each function, blocks are built and their exits followed, calls taken to return; so
//! constants between functions and behind jumps are never taken for code. What only a computed jump reaches is not seen.
//! A guest here has every CPU feature that the port offers. Start reading at [`Coverage::of`].

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rcsim_go::code::Code;
use rcsim_go::image::{Image, ImageOptions, SymbolKind};
use rcsim_go::places::Places;
use rcsim_machine::{Memory, NoShadow, Perms, memory::PAGE_BYTES};
use rcsim_uop::op::{Edge, Op};
use rcsim_uop::port::{Container, Program};
use rcsim_uop::{Block, Isa, LiftError, Port, build, build_block};

use crate::oracle::go::{Go, GoBuild, Toolchain};
use crate::oracle::{require, workspace_root};

/// Room for every program that a toolchain makes of the sample.
const MAX_BYTES: u64 = 4 << 30;

/// How often an operation stands in a program, and where it first does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Occurrence {
    /// How often.
    pub times: u64,
    /// The function and the offset in it of the first.
    pub first: String,
}

/// What was found in a program.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Instructions that control reaches and that were lifted.
    pub lifted: u64,
    /// Their micro-ops.
    pub micro_ops: u64,
    /// Places that hold no instruction: constants behind calls and stores that never return.
    pub constants: Vec<String>,
    /// Operations of CPU features that no guest can have, by feature and name: a program asks for the feature, and goes
    /// another way.
    pub not_offered: BTreeMap<(&'static str, String), Occurrence>,
    /// Operations that are lifted, but refuse some values of their operand, by what such a value asks for and name.
    pub partial: BTreeMap<(&'static str, String), Occurrence>,
    /// Operations that a guest may reach and that could not be lifted.
    pub gaps: BTreeMap<String, Occurrence>,
}

/// A port's instruction set with every feature, and the code of a program to read with it.
struct Guest {
    isa: std::sync::Arc<dyn Isa>,
    memory: Memory<NoShadow>,
    code: Code,
    /// Where the code of functions ends by their symbols, which do not count what fills up to the next, by their entries.
    ends: BTreeMap<u64, u64>,
    offered: Vec<&'static str>,
}

impl Coverage {
    /// Looks at all functions of the sample program that a toolchain makes for a port.
    ///
    /// # Panics
    /// When the toolchain is missing, or makes what is no program of Go.
    #[must_use]
    pub fn of(port: &'static dyn Port, toolchain: Toolchain) -> Self {
        let guest = Guest::load(port, toolchain);
        let mut coverage = Self::default();
        for function in guest.code.functions() {
            let end = guest.ends.get(&function.entry).copied().unwrap_or(function.end);
            coverage.function(&guest, function.entry..end);
        }
        coverage
    }

    /// Instructions that control reaches if the guest has every feature, whether rcsim offers it or not.
    #[must_use]
    pub fn instructions(&self) -> u64 {
        let times = |found: &Occurrence| found.times;
        let gaps: u64 = self.gaps.values().map(times).sum();
        self.lifted + gaps + self.not_offered.values().map(times).sum::<u64>()
    }

    /// Instructions that control reaches in a guest.
    #[must_use]
    pub fn reached(&self) -> u64 {
        self.lifted + self.gaps.values().map(|found| found.times).sum::<u64>()
    }

    /// Micro-ops for an instruction.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.micro_ops as f64 / self.lifted.max(1) as f64
    }

    fn function(&mut self, guest: &Guest, range: Range<u64>) {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![range.start];
        while let Some(pc) = waiting.pop() {
            if !range.contains(&pc) || seen.contains(&pc) {
                continue;
            }
            match build_block(&*guest.isa, &guest.memory, pc, build::MAX_INSNS) {
                Ok(block) => {
                    self.block(&block, &mut seen);
                    waiting.extend(continuations(&block));
                }
                Err(gap) if seen.insert(gap.pc()) => waiting.extend(self.gap(guest, &gap)),
                Err(gap) => self.refused_value(guest, &gap),
            }
        }
    }

    fn block(&mut self, block: &Block, seen: &mut BTreeSet<u64>) {
        for (index, mark) in block.insns.iter().enumerate() {
            if seen.insert(mark.pc) {
                self.lifted += 1;
                self.micro_ops += block.ops_of(index).len() as u64;
            }
        }
    }

    /// Notes what cannot be lifted; where it goes on after it.
    fn gap(&mut self, guest: &Guest, gap: &LiftError) -> Option<u64> {
        let pc = gap.pc();
        let place = guest.code.place(pc);
        if let LiftError::Undefined { .. } = gap {
            self.constants.push(place);
            return None;
        }
        let (operation, next) = guest.operation(pc);
        let found = match gap {
            LiftError::Unsupported { feature: Some(feature), .. } if !guest.offered.contains(feature) => {
                self.not_offered.entry((feature, operation)).or_default()
            }
            _ => self.gaps.entry(operation).or_default(),
        };
        found.add(place);
        next
    }

    /// Notes where an instruction that was lifted sends those values that it refuses.
    fn refused_value(&mut self, guest: &Guest, gap: &LiftError) {
        let LiftError::Unsupported { feature: Some(feature), .. } = gap else { return };
        let (operation, _) = guest.operation(gap.pc());
        self.partial.entry((feature, operation)).or_default().add(guest.code.place(gap.pc()));
    }
}

impl Occurrence {
    fn add(&mut self, place: String) {
        if self.times == 0 {
            self.first = place;
        }
        self.times += 1;
    }
}

/// Where control may go on in the same function.
fn continuations(block: &Block) -> Vec<u64> {
    match block.ops.last() {
        Some(Op::Goto { edge: Edge::Call } | Op::GotoReg { edge: Edge::Call, .. }) => vec![block.end()],
        _ => block.exits.to_vec(),
    }
}

impl Guest {
    /// The name of the operation at an address, and the address behind it.
    fn operation(&self, pc: u64) -> (String, Option<u64>) {
        let Ok(disasm) = self.isa.disasm(&self.memory, pc) else { return ("(no text)".to_owned(), None) };
        let name = disasm.text.split(' ').next().unwrap_or_default().to_owned();
        (name, Some(pc + u64::from(disasm.len)))
    }

    fn load(port: &'static dyn Port, toolchain: Toolchain) -> Self {
        let file = sample(port, toolchain);
        let places = Places::of(port);
        let options = ImageOptions { base: places.file_base };
        let image = Image::parse(file.clone(), options).expect("the toolchain makes programs of Go");
        let offered: Vec<&'static str> = port.features().iter().map(|feature| feature.name).collect();
        let program = Program { base: places.code, file: &file };
        let isa = port.isa(&offered, program).expect("the listed features exist");
        let mut memory = Memory::new(port.word().bytes, MAX_BYTES);
        if let Container::Elf(_) = port.container() {
            for segment in image.memory().segments().filter(|segment| segment.permissions.execute) {
                map(&mut memory, segment.address.0, segment.bytes);
            }
        }
        let functions = image.symbols().filter(|symbol| symbol.kind == SymbolKind::Function);
        let ends = functions.map(|symbol| (symbol.address.0, symbol.address.0 + symbol.size_bytes)).collect();
        let code = Code::file(image, |go_pc| port.machine_pc(&*isa, go_pc));
        Self { isa, memory, code, ends, offered }
    }
}

fn sample(port: &dyn Port, toolchain: Toolchain) -> Vec<u8> {
    let go = require(Go::find(toolchain));
    let folder = workspace_root().join("tests").join("go").join("sample");
    let build = match port.container() {
        Container::Wasm => GoBuild::js_wasm(folder),
        Container::Elf(_) => GoBuild::linux(port.goarch(), folder),
    };
    std::fs::read(require(go.build(&build))).expect("the program was just built")
}

fn map(memory: &mut Memory<NoShadow>, address: u64, bytes: &[u8]) {
    let low = address & !(PAGE_BYTES - 1);
    let high = (address + bytes.len() as u64).next_multiple_of(PAGE_BYTES);
    memory.map(low, high - low, Perms::CODE);
    memory.load_image(address, bytes).expect("it was just mapped");
}
