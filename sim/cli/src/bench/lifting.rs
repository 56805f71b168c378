//! Lifting: instructions a second, and micro-ops for an instruction.

use std::sync::Arc;
use std::time::Duration;

use rcsim_go::code::Code;
use rcsim_go::places::Places;
use rcsim_machine::{Memory, NoShadow, Perms};
use rcsim_uop::build::{MAX_INSNS, build_block};
use rcsim_uop::port::{Container, Externs, Program};
use rcsim_uop::{Epoch, Isa, Port};

use super::clock;
use super::error::BenchError;
use super::measure::Contestant;
use crate::image_file::ImageFile;

const MEMORY_BYTES: u64 = 4 << 30;
const PAGE: u64 = rcsim_machine::memory::PAGE_BYTES;

/// What lifting some code gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifted {
    /// Instructions lifted.
    pub instructions: u64,
    /// Their micro-ops.
    pub micro_ops: u64,
    /// Instructions left out: code that no path reaches on WebAssembly, data in code, what is not modelled.
    pub failed: u64,
}

/// Code to lift.
pub struct Lifter {
    name: String,
    isa: Arc<dyn Isa>,
    mem: Memory<NoShadow>,
    /// Addresses of the first instruction of each function and behind its last.
    functions: Vec<(u64, u64)>,
}

/// Every symbol at a place of its own.
struct AnyPlace(&'static dyn Port, Vec<String>);

impl Externs for AnyPlace {
    fn address(&mut self, symbol: &str) -> u64 {
        let known = self.1.iter().position(|name| name == symbol);
        let number = known.unwrap_or_else(|| {
            self.1.push(symbol.to_owned());
            self.1.len() - 1
        });
        self.0.service_address(number as u32).expect("a port has room for its own image's symbols")
    }
}

impl Lifter {
    /// The built-in functions of the newest epoch.
    ///
    /// # Errors
    /// When they cannot be assembled.
    pub fn built_in(port: &'static dyn Port) -> Result<Self, BenchError> {
        let base = Places::of(port).code;
        let image =
            port.builtin(Epoch::Go127, base, &mut AnyPlace(port, Vec::new())).map_err(BenchError::Build)?;
        let mut mem = Memory::new(port.word().bytes, MEMORY_BYTES);
        map(&mut mem, base, &image.bytes, image.bytes.len() as u64, Perms::CODE)?;
        let program = Program { base, file: &image.bytes };
        let isa = port.isa(&[], program).map_err(BenchError::Setup)?;
        let code = Code::built_in(Epoch::Go127, image);
        Ok(Self { name: "built-in functions".into(), isa, mem, functions: functions(&code) })
    }

    /// The functions of a Go program.
    ///
    /// # Errors
    /// When the instruction set cannot be set up for it.
    pub fn program(file: ImageFile) -> Result<Self, BenchError> {
        let (port, bytes) = (file.port, &file.bytes);
        let places = Places::of(port);
        let mut mem = Memory::new(port.word().bytes, MEMORY_BYTES);
        if port.container() == Container::Wasm {
            map(&mut mem, places.code, bytes, bytes.len() as u64, Perms::CODE)?;
        } else {
            for segment in file.image.memory().segments().filter(|segment| segment.permissions.execute) {
                map(&mut mem, segment.address.0, segment.bytes, segment.size_bytes, Perms::CODE)?;
            }
        }
        let program = Program { base: places.code, file: bytes };
        let isa = port.isa(&[], program).map_err(BenchError::Setup)?;
        let code = Code::file(file.image, |go_pc| port.machine_pc(&*isa, go_pc));
        Ok(Self { name: format!("{} ({})", file.path, file.go), isa, mem, functions: functions(&code) })
    }

    /// Lift every function, block after block as they stand in memory. What cannot be lifted is stepped over where its
    /// length is known.
    pub fn lift(&self) -> Lifted {
        let mut lifted = Lifted::default();
        for (start, end) in &self.functions {
            let mut pc = *start;
            while pc < *end {
                match build_block(&*self.isa, &self.mem, pc, MAX_INSNS) {
                    Ok(block) if block.end() > pc => {
                        lifted.instructions += block.insns.len() as u64;
                        lifted.micro_ops += block.ops.len() as u64;
                        pc = block.end();
                    }
                    Ok(_) | Err(_) => {
                        lifted.failed += 1;
                        let Ok(insn) = self.isa.disasm(&self.mem, pc) else { break };
                        pc += u64::from(insn.len.max(1));
                    }
                }
            }
        }
        lifted
    }
}

fn functions(code: &Code) -> Vec<(u64, u64)> {
    code.functions().iter().map(|function| (function.entry, function.end)).collect()
}

fn map(
    mem: &mut Memory<NoShadow>,
    start: u64,
    bytes: &[u8],
    size: u64,
    perms: Perms,
) -> Result<(), BenchError> {
    let low = start & !(PAGE - 1);
    let high = (start + size.max(bytes.len() as u64)).next_multiple_of(PAGE);
    if high > low {
        mem.map(low, high - low, perms);
    }
    Ok(mem.load_image(start, bytes)?)
}

impl Contestant for Lifter {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn run(&mut self) -> Result<(u64, Duration), BenchError> {
        let (lifted, time) = clock::own(|| Ok::<_, BenchError>(self.lift()))?;
        Ok((lifted.instructions, time))
    }
}
