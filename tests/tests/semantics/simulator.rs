//! rcsim as the one that executes a case.

use std::sync::Arc;

use rcsim_machine::{CodeCache, Cpu, Exit, Limits, Memory, NoObserver, NoShadow, Perms, TrapKind, run};
use rcsim_tests::probe::{Case, End, Outcome, SCRATCH, SCRATCH_BYTES, State, StateLayout};
use rcsim_uop::flags::LazyFlags;
use rcsim_uop::isa::{DebugReg, DebugSource};
use rcsim_uop::port::Program;
use rcsim_uop::{Isa, Port};

/// Signals of Linux.
const SIGILL: u64 = 4;
const SIGTRAP: u64 = 5;
const SIGFPE: u64 = 8;
const SIGSEGV: u64 = 11;

const PAGE: u64 = 4096;
/// More steps than any case takes.
const STEPS: u64 = 1000;
const END_OF_CODE: u32 = 1;

/// Bits of the flag names in a template, as packed flags.
fn packed_flag(name: &str) -> u64 {
    use rcsim_uop::flags::{C, N, P, V, Z};
    match name {
        "C" => C,
        "Z" => Z,
        "S" => N,
        "O" => V,
        "P" => P,
        other => panic!("{other} names no flag"),
    }
}

/// The machine with the features of a template.
pub struct Simulator {
    isa: Arc<dyn Isa>,
    registers: Vec<DebugReg>,
    cpu: Cpu<NoShadow>,
    memory: Memory<NoShadow>,
    exit: Exit,
}

impl Simulator {
    /// A machine of the port with these features on.
    pub fn new(port: &dyn Port, features: &[String]) -> Self {
        let features: Vec<&str> = features.iter().map(String::as_str).collect();
        let isa = port.isa(&features, Program { base: 0, file: &[] }).expect("the features exist");
        let registers = isa.debug_registers();
        let memory = Memory::new(port.word().bytes, 1 << 20);
        Self { isa, registers, cpu: Cpu::default(), memory, exit: Exit::StepLimit }
    }

    /// Execute a case with its code at `address`.
    pub fn run(&mut self, case: &Case, address: u64, layout: &StateLayout) {
        let end = address + case.code.len() as u64;
        self.memory = Memory::new(8, 1 << 20);
        self.memory.map(address & !(PAGE - 1), 2 * PAGE, Perms::CODE);
        self.memory.map(SCRATCH, SCRATCH_BYTES as u64, Perms::DATA);
        self.memory.load_image(address, &case.code).expect("just mapped");
        self.memory.load_image(SCRATCH, &case.memory[..]).expect("just mapped");
        self.memory.set_hook(end, END_OF_CODE);
        self.cpu = Cpu::at(address);
        for register in &self.registers {
            if let Ok(bytes) = case.state.get(layout, &register.name) {
                give(&mut self.cpu, register, number(bytes));
            }
        }
        let (isa, mut code) = (&*self.isa, CodeCache::new());
        let limits = Limits { until_step: STEPS };
        let (cpu, memory) = (&mut self.cpu, &mut self.memory);
        self.exit = run(cpu, memory, &mut code, isa, &mut NoShadow, &mut NoObserver, limits);
    }

    /// What differs from the outcome, if anything does.
    pub fn difference(
        &mut self,
        case: &Case,
        outcome: &Outcome,
        layout: &StateLayout,
        undefined: &[String],
    ) -> Option<String> {
        let end = match &outcome.end {
            End::Trapped { signal, .. } => {
                return (!signals_of(&self.exit).contains(signal))
                    .then(|| format!("{:?}, but signal {signal}", self.exit));
            }
            End::Finished(end) => end,
        };
        if self.exit != Exit::Hook(END_OF_CODE) {
            return Some(format!("{:?}, but it finished", self.exit));
        }
        let undefined = undefined.iter().map(|name| packed_flag(name)).sum();
        let register = self.registers.iter().find_map(|register| {
            let theirs = number(end.get(layout, &register.name).ok()?) & modelled(register, undefined);
            let ours = taken(&self.cpu, register) & modelled(register, undefined);
            (ours != theirs).then(|| format!("{} is {ours:#x}, should be {theirs:#x}", register.name))
        });
        let difference = register.or_else(|| self.different_memory(outcome))?;
        Some(format!("{difference}\n    from {}", start(&case.state, end, layout)))
    }

    fn different_memory(&mut self, outcome: &Outcome) -> Option<String> {
        let mut ours = [0; SCRATCH_BYTES];
        self.memory.read_bytes(SCRATCH, &mut ours).expect("it is mapped");
        let at = (0..SCRATCH_BYTES).find(|at| ours[*at] != outcome.memory[*at])?;
        Some(format!("memory at {at:#x} is {:#x}, should be {:#x}", ours[at], outcome.memory[at]))
    }
}

/// The signals that Linux may send.
const fn signals_of(exit: &Exit) -> &'static [u64] {
    let Exit::Trap(trap) = exit else { return &[] };
    match trap.kind {
        TrapKind::Memory(_) => &[SIGSEGV],
        TrapKind::Divide => &[SIGFPE],
        TrapKind::Undefined => &[SIGILL],
        TrapKind::Breakpoint => &[SIGTRAP],
        // Linux tells an instruction that traps on a condition from one that overflows.
        TrapKind::Arithmetic => &[SIGTRAP, SIGFPE],
        TrapKind::WindowOverflow | TrapKind::WindowUnderflow | TrapKind::Lift(_) => &[],
    }
}

/// Non-zero registers of the state that the case started from.
fn start(state: &State, _end: &State, layout: &StateLayout) -> String {
    let shown = layout.registers().filter_map(|(name, _)| {
        let value = number(state.get(layout, name).ok()?);
        Some(format!("{name}={value:#x}"))
    });
    shown.collect::<Vec<_>>().join(" ")
}

fn number(bytes: &[u8]) -> u128 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u128::from(*byte))
}

/// The bits of a register that are compared.
fn modelled(register: &DebugReg, undefined: u64) -> u128 {
    let DebugSource::Flags(map) = &register.source else { return register.mask };
    let undefined = map.iter().filter(|(flag, _)| flag & undefined != 0).map(|(_, bit)| 1_u128 << bit);
    register.mask & !undefined.sum::<u128>()
}

fn give(cpu: &mut Cpu<NoShadow>, register: &DebugReg, value: u128) {
    match &register.source {
        DebugSource::Pc => {}
        DebugSource::Slots(first, words) => {
            for word in 0..*words {
                cpu.set(first.plus(word), (value >> (64 * word)) as u64, ());
            }
        }
        DebugSource::Flags(map) => {
            let set = map.iter().filter(|(_, bit)| value >> bit & 1 != 0);
            cpu.flags = LazyFlags::packed(set.fold(0, |packed, (flag, _)| packed | flag));
        }
        DebugSource::Fields(fields) => {
            for (slot, lsb, len) in *fields {
                cpu.set(*slot, (value >> lsb) as u64 & ((1 << len) - 1), ());
            }
        }
    }
}

fn taken(cpu: &Cpu<NoShadow>, register: &DebugReg) -> u128 {
    match &register.source {
        DebugSource::Pc => u128::from(cpu.pc),
        DebugSource::Slots(first, words) => {
            (0..*words).fold(0, |value, word| value | u128::from(cpu.reg(first.plus(word))) << (64 * word))
        }
        DebugSource::Flags(map) => {
            let packed = cpu.flags.pack();
            map.iter().filter(|(flag, _)| packed & flag != 0).fold(0, |value, (_, bit)| value | 1 << bit)
        }
        DebugSource::Fields(fields) => {
            fields.iter().fold(0, |value, (slot, lsb, _)| value | u128::from(cpu.reg(*slot)) << lsb)
        }
    }
}
