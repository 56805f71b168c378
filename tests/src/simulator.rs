//! The simulator as the subject of comparisons with oracles: its machine, given registers and memory piece by piece.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use rcsim_machine::memory::PAGE_BYTES;
use rcsim_machine::{CodeCache, Cpu, Exit, Limits, Memory, NoShadow, Observer, Perms, Trap, TrapKind, run};
use rcsim_uop::flags::LazyFlags;
use rcsim_uop::guest::FaultCause;
use rcsim_uop::isa::{DebugReg, DebugSource};
use rcsim_uop::port::Program;
use rcsim_uop::{Isa, LiftError, Op, Port, build_block};

use crate::lockstep::{Outside, Stepped, Subject, Write};
use crate::oracle::arch::ArchOracle;

/// Most guest memory that a comparison may touch.
const MAX_BYTES: u64 = 1 << 30;
const DELAY_SLOT_BYTES: u64 = 4;
/// Most pages that one instruction can touch, code included; more, and it never ends.
const MAX_PAGES_A_STEP: usize = 16;
const ANYTHING: Perms = Perms { read: true, write: true, execute: true };

/// Notes what an instruction writes.
#[derive(Default)]
struct Writes(Vec<Write>);

impl Observer for Writes {
    const MEMORY: bool = true;

    fn memory(&mut self, address: u64, bytes: u64, write: bool) {
        if write {
            self.0.push(Write { address, bytes: bytes as usize });
        }
    }
}

/// Why an instruction was not executed.
#[derive(Debug)]
pub enum Refusal {
    /// The machine trapped.
    Trap(Trap),
    /// It stopped for another reason.
    Stopped(Exit),
    /// It asked for more memory than an instruction can.
    Runaway,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trap(trap) => trap.fmt(f),
            Self::Stopped(exit) => write!(f, "stopped: {exit:?}"),
            Self::Runaway => f.write_str("an instruction touches too many pages"),
        }
    }
}

/// A guest thread of the simulator that takes its memory from elsewhere, page by page, when it first touches it.
pub struct Simulator {
    isa: Arc<dyn Isa>,
    cpu: Cpu<NoShadow>,
    memory: Memory<NoShadow>,
    pages: Vec<u64>,
    code: CodeCache,
    registers: HashMap<String, DebugReg>,
    environment: Vec<String>,
    big_endian: bool,
    stores_for_qemu: bool,
    /// What was asked about instructions: programs do not change their code.
    known: HashMap<u64, Known>,
}

/// What kind of instruction an address has.
#[derive(Clone, Copy)]
struct Known {
    from_outside: bool,
    conditional_store: bool,
}

impl Simulator {
    /// A thread of this port with all its CPU features.
    pub fn new(port: &dyn Port, arch: &ArchOracle) -> Self {
        let features: Vec<&str> = port.features().iter().map(|feature| feature.name).collect();
        let isa = port.isa(&features, Program { base: 0, file: &[] }).expect("the listed features exist");
        let registers = isa.debug_registers().into_iter().map(|reg| (reg.name.clone(), reg)).collect();
        Self {
            isa,
            cpu: Cpu::default(),
            memory: Memory::new(port.word().bytes, MAX_BYTES),
            pages: Vec::new(),
            code: CodeCache::new(),
            registers,
            environment: arch.environment.clone(),
            big_endian: port.word().big_endian,
            stores_for_qemu: arch.loses_reservations,
            known: HashMap::new(),
        }
    }

    /// Map memory that it has from the start.
    fn map(&mut self, address: u64, bytes: &[u8]) {
        self.memory.map(address, (bytes.len() as u64).next_multiple_of(PAGE_BYTES), ANYTHING);
        self.memory.load_image(address, bytes).expect("it was just mapped");
    }

    /// Execute one instruction in memory that is mapped; what it wrote.
    ///
    /// # Errors
    /// Why it was not executed.
    fn execute(&mut self) -> Result<Vec<Write>, Exit> {
        let mut writes = Writes::default();
        let limits = Limits { until_step: self.cpu.steps + 1 };
        let exit = run(
            &mut self.cpu,
            &mut self.memory,
            &mut self.code,
            &*self.isa,
            &mut NoShadow,
            &mut writes,
            limits,
        );
        match exit {
            Exit::StepLimit => Ok(writes.0),
            exit => Err(exit),
        }
    }

    /// What kind of instruction the next one is; none while its page is missing.
    fn kind_of_next(&mut self) -> Option<Known> {
        let pc = self.cpu.pc;
        if let Some(known) = self.known.get(&pc) {
            return Some(*known);
        }
        let text = self.isa.disasm(&self.memory, pc).ok()?.text;
        let from_outside = self.environment.iter().any(|piece| text.contains(piece.as_str()));
        let block = build_block(&*self.isa, &self.memory, pc, 1);
        let is_store = |op: &Op| matches!(op, Op::StoreConditional { .. });
        let conditional_store = block.is_ok_and(|block| block.ops.iter().any(is_store));
        let known = Known { from_outside, conditional_store };
        self.known.insert(pc, known);
        Some(known)
    }

    /// Take a page from outside; false when there is none.
    fn take_page(&mut self, address: u64, outside: &mut dyn Outside) -> bool {
        let page = address & !(PAGE_BYTES - 1);
        let mut bytes = vec![0; PAGE_BYTES as usize];
        if self.pages.contains(&page) || outside.read(page, &mut bytes).is_err() {
            return false;
        }
        self.map(page, &bytes);
        self.pages.push(page);
        true
    }

    fn value(&self, reg: &DebugReg) -> u128 {
        match reg.source {
            DebugSource::Pc => u128::from(self.cpu.pc),
            DebugSource::Slots(first, words) => (0..words)
                .map(|word| u128::from(self.cpu.reg(first.plus(word))) << (64 * u32::from(word)))
                .sum(),
            DebugSource::Flags(bits) => {
                let packed = self.cpu.flags.pack();
                bits.iter().filter(|(flag, _)| packed & flag != 0).map(|(_, bit)| 1_u128 << bit).sum()
            }
            DebugSource::Fields(fields) => {
                fields.iter().map(|(slot, lsb, _)| u128::from(self.cpu.reg(*slot)) << lsb).sum()
            }
        }
    }
}

impl Simulator {
    /// The low bytes of a value as the debugger's protocol has them.
    fn in_guest_order(&self, value: u128, bytes: usize) -> Vec<u8> {
        let mut bytes = value.to_le_bytes()[..bytes].to_vec();
        if self.big_endian {
            bytes.reverse();
        }
        bytes
    }
}

/// The page that the machine lacks, when that is why it trapped.
fn missing_page(exit: &Exit) -> Option<u64> {
    match exit {
        Exit::Trap(Trap { kind: TrapKind::Memory(fault), .. }) if fault.cause == FaultCause::Unmapped => {
            Some(fault.addr)
        }
        Exit::Trap(Trap { kind: TrapKind::Lift(LiftError::Fetch { pc }), .. }) => Some(*pc),
        _ => None,
    }
}

impl Subject for Simulator {
    type Error = Refusal;

    fn step(&mut self, outside: &mut dyn Outside) -> Result<Stepped, Refusal> {
        let before = self.cpu.clone();
        for _ in 0..MAX_PAGES_A_STEP {
            let kind = self.kind_of_next();
            if kind.is_some_and(|kind| kind.from_outside) {
                return Ok(Stepped::Environment);
            }
            match self.execute() {
                Ok(writes) if self.stores_for_qemu && kind.is_some_and(|kind| kind.conditional_store) => {
                    return Ok(Stepped::ConditionalStore { writes });
                }
                Ok(writes) => {
                    return Ok(Stepped::Instruction { count: self.cpu.steps - before.steps, writes });
                }
                Err(Exit::Syscall(_)) => {
                    self.cpu = before;
                    return Ok(Stepped::Environment);
                }
                Err(exit) => {
                    self.cpu = before.clone();
                    let taken = missing_page(&exit).is_some_and(|page| self.take_page(page, outside));
                    match exit {
                        _ if taken => self.code.clear(),
                        Exit::Trap(trap) => return Err(Refusal::Trap(trap)),
                        exit => return Err(Refusal::Stopped(exit)),
                    }
                }
            }
        }
        Err(Refusal::Runaway)
    }

    fn read_register(&mut self, name: &str) -> Option<Vec<u8>> {
        let reg = self.registers.get(name).filter(|reg| reg.mask != 0)?;
        Some(self.in_guest_order(self.value(reg), debug_bytes(reg)))
    }

    fn modelled_bits(&mut self, name: &str) -> Option<Vec<u8>> {
        let reg = self.registers.get(name)?;
        Some(self.in_guest_order(reg.mask, debug_bytes(reg)))
    }

    fn write_register(&mut self, name: &str, value: &[u8]) {
        let Some(reg) = self.registers.get(name) else { return };
        let mut bytes = [0; 16];
        let len = value.len().min(16);
        bytes[..len].copy_from_slice(&value[..len]);
        if self.big_endian {
            bytes[..len].reverse();
        }
        let number = u128::from_le_bytes(bytes);
        match reg.source {
            DebugSource::Pc => self.cpu.pc = number as u64,
            DebugSource::Slots(first, words) => {
                for word in 0..words {
                    self.cpu.set(first.plus(word), (number >> (64 * u32::from(word))) as u64, ());
                }
            }
            DebugSource::Flags(bits) => {
                let packed =
                    bits.iter().filter(|(_, bit)| number >> bit & 1 != 0).map(|(flag, _)| flag).sum();
                self.cpu.flags = LazyFlags::packed(packed);
            }
            DebugSource::Fields(fields) => {
                for (slot, lsb, len) in fields {
                    self.cpu.set(*slot, (number >> lsb) as u64 & ((1 << len) - 1), ());
                }
            }
        }
    }

    fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), Refusal> {
        self.memory.read_bytes(address, into).map_err(|_| Refusal::Runaway)
    }

    fn is_second_of_two(&mut self, address: u64) -> bool {
        // Where branches have delay slots, all instructions are as long as those two.
        let Some(before) = address.checked_sub(DELAY_SLOT_BYTES) else { return false };
        let block = build_block(&*self.isa, &self.memory, before, 1);
        block.is_ok_and(|block| block.insns.len() == 2 && block.insns[1].pc == address)
    }

    fn forget_memory(&mut self) {
        for page in self.pages.drain(..) {
            self.memory.unmap(page, PAGE_BYTES);
        }
        self.code.clear();
    }
}

/// Bytes of a register in the debugger's protocol: those that its mask or its slots span.
fn debug_bytes(reg: &DebugReg) -> usize {
    match reg.source {
        DebugSource::Slots(_, 2) => 16,
        DebugSource::Flags(_) => 4,
        _ if reg.mask <= u128::from(u32::MAX) => 4,
        _ => 8,
    }
}
