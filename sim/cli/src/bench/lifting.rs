//! Lifting: instructions a second, and micro-ops for an instruction.

use std::sync::Arc;
use std::time::Duration;

use rcsim_go::code::Code;
use rcsim_go::image::{Image, ImageOptions};
use rcsim_go::places::Places;
use rcsim_go::run::is_of_port;
use rcsim_machine::{Memory, NoShadow, Perms};
use rcsim_uop::build::{MAX_INSNS, build_block};
use rcsim_uop::port::{Container, Externs, Program};
use rcsim_uop::{Block, Epoch, Isa, Port};

use super::clock;
use super::error::BenchError;
use super::measure::Contestant;

const MEMORY_BYTES: u64 = 4 << 30;
const PAGE: u64 = rcsim_machine::memory::PAGE_BYTES;

/// What lifting some code gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifted {
    /// Instructions lifted.
    pub instructions: u64,
    /// Their micro-ops.
    pub micro_ops: u64,
    /// Places where lifting failed: data between functions, instructions that are not modelled.
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

    /// The functions of a file, with the port that it is of.
    ///
    /// # Errors
    /// When the file is no image of a port that there is.
    pub fn file(bytes: &[u8]) -> Result<(&'static dyn Port, Self), BenchError> {
        let parse = |base| Image::parse(bytes, ImageOptions { base }).map_err(BenchError::Image);
        let port = rcsim_isa::ports()
            .into_iter()
            .find_map(|port| match parse(Places::of(port).file_base) {
                Ok(image) => is_of_port(&image, port).then_some(Ok((port, image))),
                Err(error) => Some(Err(error)),
            })
            .ok_or(BenchError::ForeignImage)??;
        let (port, image) = port;
        let places = Places::of(port);
        let mut mem = Memory::new(port.word().bytes, MEMORY_BYTES);
        if port.container() == Container::Wasm {
            map(&mut mem, places.code, bytes, bytes.len() as u64, Perms::CODE)?;
        } else {
            for segment in image.memory().segments().filter(|segment| segment.permissions.execute) {
                map(&mut mem, segment.address.0, segment.bytes, segment.size_bytes, Perms::CODE)?;
            }
        }
        let program = Program { base: places.code, file: bytes };
        let isa = port.isa(&[], program).map_err(BenchError::Setup)?;
        let code = Code::file(image, |go_pc| port.machine_pc(&*isa, go_pc));
        Ok((port, Self { name: "image".into(), isa, mem, functions: functions(&code) }))
    }

    /// Lift every function, block after block as they stand in memory.
    pub fn lift(&self) -> Lifted {
        let mut lifted = Lifted::default();
        lifted.failed = self.each(|_, _, block| {
            lifted.instructions += block.insns.len() as u64;
            lifted.micro_ops += block.ops.len() as u64;
        });
        lifted
    }

    /// Show every block; tells how often lifting failed.
    pub fn each(&self, mut show: impl FnMut(&dyn Isa, &Memory<NoShadow>, &Block)) -> u64 {
        let mut failed = 0;
        for (start, end) in &self.functions {
            let mut pc = *start;
            while pc < *end {
                match build_block(&*self.isa, &self.mem, pc, MAX_INSNS) {
                    Ok(block) if block.end() > pc => {
                        show(&*self.isa, &self.mem, &block);
                        pc = block.end();
                    }
                    // What follows data cannot be told from data.
                    Ok(_) | Err(_) => {
                        failed += 1;
                        break;
                    }
                }
            }
        }
        failed
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
