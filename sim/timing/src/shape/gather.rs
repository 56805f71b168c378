//! The operations of one instruction.

use rcsim_uop::effects::{self, FlagUse, Touch};
use rcsim_uop::op::Writeback;
use rcsim_uop::reg::{Reg, ZERO};
use rcsim_uop::{Block, FlagOp, Isa, Op};

use super::classify::{computes, transfers};
use super::{BranchKind, FLAGS, MemoryUse, Part, Registers};
use crate::class::OpClass;

/// The operations of an instruction that ends at `end` and consists of `ops`.
pub fn parts(ops: &[Op], end: u64, block: &Block, isa: &dyn Isa, registers: &Registers) -> Vec<Part> {
    let mut gather =
        Gather { isa, registers, parts: Vec::new(), main: None, conditions: Vec::new(), accesses: 0 };
    for op in ops {
        gather.op(op, block, end);
    }
    gather.finish()
}

/// What the instruction computes, so far.
struct Main {
    part: Part,
    /// Whether a field was put into a register: a narrow result, no shifted operand.
    deposits: bool,
    /// Whether an operand was shifted or extended first.
    shifts: bool,
    computes: bool,
}

struct Gather<'a> {
    isa: &'a dyn Isa,
    registers: &'a Registers,
    parts: Vec<Part>,
    main: Option<Main>,
    /// What decides whether the rest of the instruction happens.
    conditions: Vec<u8>,
    accesses: u8,
}

fn add(list: &mut Vec<u8>, slot: u8) {
    if slot != ZERO.0 && !list.contains(&slot) {
        list.push(slot);
    }
}

impl Gather<'_> {
    fn op(&mut self, op: &Op, block: &Block, end: u64) {
        match *op {
            Op::SkipIfZero { test, .. } | Op::SkipIfNonZero { test, .. } => {
                let slot = self.registers.head(test.0);
                add(&mut self.conditions, slot);
            }
            Op::SkipUnless { .. } => add(&mut self.conditions, FLAGS),
            _ if transfers(op, &block.exits, end).is_some() => self.control(op, block, end),
            _ if effects::ends_block(op) => {}
            Op::AtomicRmw { .. } | Op::CompareSwap { .. } => self.atomic(op),
            _ if effects::mem_use(op).is_some() => self.memory(op),
            _ => self.compute(op),
        }
    }

    /// What a micro-op reads and writes, flags included.
    fn touches(&self, op: &Op) -> (Vec<u8>, Vec<u8>) {
        let (mut reads, mut writes) = (self.conditions.clone(), Vec::new());
        effects::touches(op, self.isa, &mut |touch: Touch| {
            for word in 0..touch.words {
                let slot = self.registers.head(touch.reg.0 + word);
                add(if touch.write { &mut writes } else { &mut reads }, slot);
            }
        });
        let keeps_some = matches!(
            op,
            Op::AluF { op: FlagOp::Inc | FlagOp::Dec, .. }
                | Op::AluFImm { op: FlagOp::Inc | FlagOp::Dec, .. }
        );
        let flags = if effects::ends_block(op) { FlagUse::None } else { effects::flag_use(op, self.isa) };
        if matches!(op, Op::BranchCond { .. })
            || (matches!(flags, FlagUse::Reads | FlagUse::ReadsAndWrites) && !keeps_some)
        {
            add(&mut reads, FLAGS);
        }
        if matches!(flags, FlagUse::Writes | FlagUse::ReadsAndWrites) {
            add(&mut writes, FLAGS);
        }
        (reads, writes)
    }

    fn compute(&mut self, op: &Op) {
        let Some(class) = computes(op, self.registers) else { return };
        let (mut reads, writes) = self.touches(op);
        if class == OpClass::Zero {
            reads.clear();
        }
        let helper = self.isa.helper(op).map(|decl| decl.name);
        let shifts = matches!(op, Op::ShiftImm { .. } | Op::Extract { .. });
        let deposits = matches!(op, Op::Deposit { .. });
        let main = self.main.get_or_insert_with(|| Main {
            part: Part::new(OpClass::Nop),
            deposits: false,
            shifts: false,
            computes: false,
        });
        for slot in reads.into_iter().filter(|slot| !main.part.writes.contains(slot)) {
            add(&mut main.part.reads, slot);
        }
        for slot in writes {
            add(&mut main.part.writes, slot);
        }
        main.part.class = main.part.class.max(class);
        main.part.helper = main.part.helper.or(helper);
        main.deposits |= deposits;
        main.shifts |= shifts;
        main.computes |= !shifts && !deposits;
    }

    /// What has been computed is an operation of its own.
    fn flush(&mut self) {
        let Some(mut main) = self.main.take() else { return };
        let simple = main.part.class <= OpClass::AluShifted || main.part.class == OpClass::Shift;
        if main.shifts && main.computes && !main.deposits && simple {
            main.part.class = OpClass::AluShifted;
        } else if main.deposits && main.part.class == OpClass::Bitfield && main.computes {
            main.part.class = OpClass::Alu;
        }
        self.parts.push(main.part);
    }

    /// What has been computed for an address only is part of what uses it: its operands, or an operation of its own.
    fn operands(&mut self, slots: Vec<u8>) -> Vec<u8> {
        let Some(main) = &self.main else { return slots };
        if !slots.iter().any(|slot| main.part.writes.contains(slot)) {
            return slots;
        }
        let all_temps = main.part.writes.iter().all(|slot| self.registers.is_temp(*slot));
        if !all_temps || main.part.class > OpClass::AluShifted {
            self.flush();
            return slots;
        }
        let mut resolved = Vec::new();
        for slot in slots.iter().filter(|slot| !main.part.writes.contains(slot)).chain(&main.part.reads) {
            add(&mut resolved, *slot);
        }
        // Whatever else it computes must still be there: an address that two accesses share stays pending.
        resolved
    }

    fn memory(&mut self, op: &Op) {
        let Some(memory) = effects::mem_use(op) else { return };
        let (reads, writes) = self.touches(op);
        let (address, data) = self.split(op, reads);
        let count = memory_accesses(op);
        let first = self.accesses;
        self.accesses = self.accesses.saturating_add(count);
        let address = self.operands(address);
        let base = updated_base(op).map(|reg| self.registers.head(reg.0));
        let vector = |slots: &[u8]| slots.iter().any(|slot| self.registers.is_vector(*slot));
        let mut part = Part::new(OpClass::Nop);
        if memory.read {
            part.class = match op {
                _ if vector(&writes) || matches!(op, Op::VecLoad { .. }) => OpClass::LoadVector,
                Op::LoadPair { .. } => OpClass::LoadPair,
                _ => OpClass::Load,
            };
            part.memory = MemoryUse::Load { first, count };
            part.writes = writes.iter().copied().filter(|slot| Some(*slot) != base).collect();
        } else {
            if data.iter().any(|slot| self.main.as_ref().is_some_and(|main| main.part.writes.contains(slot)))
            {
                self.flush();
            }
            part.class = match op {
                _ if vector(&data) || matches!(op, Op::VecStore { .. }) => OpClass::StoreVectorData,
                Op::StorePair { .. } => OpClass::StorePairData,
                _ => OpClass::StoreData,
            };
            part.memory = MemoryUse::Store { first, count };
            part.writes = writes.iter().copied().filter(|slot| Some(*slot) != base).collect();
        }
        (part.reads, part.data) = (address, data);
        self.parts.push(part);
        if let Some(base) = base {
            let mut update = Part::new(OpClass::AddressUpdate);
            (update.reads, update.writes) = (vec![base], vec![base]);
            self.parts.push(update);
        }
    }

    /// What an access reads, as address and as data.
    fn split(&self, op: &Op, reads: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
        let stored: Vec<u8> = match *op {
            Op::Store { src, .. } | Op::StoreUpdate { src, .. } | Op::StoreConditional { src, .. } => {
                vec![self.registers.head(src.0)]
            }
            Op::StorePair { src, src2, .. } => vec![self.registers.head(src.0), self.registers.head(src2.0)],
            Op::VecStore { src, words, .. } => (0..words).map(|n| self.registers.head(src.0 + n)).collect(),
            _ => Vec::new(),
        };
        let mut data = Vec::new();
        for slot in stored {
            add(&mut data, slot);
        }
        // A register that is stored to the address it holds is both.
        let address_only = |slot: &u8| !data.contains(slot) || is_address(op, *slot, self.registers);
        (reads.into_iter().filter(address_only).collect(), data)
    }

    /// A load, an operation on what was loaded, and a store.
    fn atomic(&mut self, op: &Op) {
        let (reads, writes) = self.touches(op);
        self.flush();
        let first = self.accesses;
        self.accesses = self.accesses.saturating_add(2);
        let mut load = Part::new(OpClass::Load);
        (load.memory, load.reads, load.writes) =
            (MemoryUse::Load { first, count: 1 }, reads.clone(), writes.clone());
        let mut update = Part::new(OpClass::Atomic);
        update.reads = reads.clone();
        for slot in &writes {
            add(&mut update.reads, *slot);
        }
        update.writes = writes.clone();
        let mut store = Part::new(OpClass::StoreData);
        store.memory = MemoryUse::Store { first: first + 1, count: 1 };
        (store.reads, store.data) = (reads, writes);
        self.parts.extend([load, update, store]);
    }

    fn control(&mut self, op: &Op, block: &Block, end: u64) {
        let Some((class, kind)) = transfers(op, &block.exits, end) else { return };
        let (reads, mut writes) = self.touches(op);
        let is_call = matches!(kind, BranchKind::Call | BranchKind::CallIndirect);
        let reads = self.operands(reads);
        match self.main.take() {
            // The return address that a call leaves in a register, or what only the branch looks at.
            Some(main) if is_call && main.part.class <= OpClass::Alu => writes.extend(&main.part.writes),
            Some(main)
                if main.part.writes.iter().all(|slot| self.registers.is_temp(*slot))
                    && main.part.class <= OpClass::AluShifted => {}
            main => {
                self.main = main;
                self.flush();
            }
        }
        let mut part = Part::new(class);
        (part.reads, part.writes, part.branch) = (reads, writes, Some(kind));
        self.parts.push(part);
    }

    fn finish(mut self) -> Vec<Part> {
        let loads = |part: &&mut Part| matches!(part.memory, MemoryUse::Load { .. });
        if let Some(main) = &self.main {
            let leftover = main
                .part
                .writes
                .iter()
                .all(|slot| self.registers.is_temp(*slot) || self.registers.is_vector(*slot));
            let constant = matches!(main.part.class, OpClass::Constant | OpClass::Zero);
            let address = main.part.writes.iter().all(|slot| self.registers.is_temp(*slot));
            if let (true, Some(load)) = (constant && leftover, self.parts.iter_mut().rfind(loads)) {
                // A load that clears the rest of its register.
                for slot in &main.part.writes {
                    add(&mut load.writes, *slot);
                }
                self.main = None;
            } else if address && !self.parts.is_empty() && main.part.class <= OpClass::AluShifted {
                // An address that an access has used.
                self.main = None;
            }
        }
        self.flush();
        if self.parts.is_empty() {
            self.parts.push(Part::new(OpClass::Nop));
        }
        self.parts
    }
}

/// Accesses that the interpreter reports for a micro-op.
fn memory_accesses(op: &Op) -> u8 {
    match *op {
        Op::LoadPair { .. } | Op::StorePair { .. } => 2,
        Op::VecLoad { words, .. } | Op::VecStore { words, .. } => words,
        _ => 1,
    }
}

fn updated_base(op: &Op) -> Option<Reg> {
    match *op {
        Op::LoadUpdate { base, update, .. }
        | Op::StoreUpdate { base, update, .. }
        | Op::LoadPair { base, update, .. }
        | Op::StorePair { base, update, .. } => (update != Writeback::None).then_some(base),
        Op::PushConst { base, .. } => Some(base),
        _ => None,
    }
}

fn is_address(op: &Op, slot: u8, registers: &Registers) -> bool {
    let is = |reg: Reg| registers.head(reg.0) == slot;
    match *op {
        Op::Store { mem, .. } | Op::VecStore { mem, .. } => is(mem.base) || is(mem.index),
        Op::StoreUpdate { base, .. } | Op::StorePair { base, .. } | Op::StoreConditional { base, .. } => {
            is(base)
        }
        _ => true,
    }
}
