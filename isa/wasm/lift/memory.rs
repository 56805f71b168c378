//! Linear memory: the first 4 GiB of the guest's address space, little-endian, at any alignment.

use rcsim_uop::op::{Access, Mem, Op, Stop, Width};
use rcsim_uop::reg::{Reg, ZERO};
use wasmparser::{MemArg, MemArgTarget, Operator};

use super::{Action, Lift};
use crate::wasm::helpers::{COPY, FILL};
use crate::wasm::isa::GROW_MEMORY;
use crate::wasm::regs::MEMORY_PAGES;

const B1: Access = Access::little(0);
const B2: Access = Access::little(1);
const B4: Access = Access::little(2);
const B8: Access = Access::little(3);

pub fn action(op: &Operator<'_>) -> Option<Action> {
    loads(op).or_else(|| stores(op)).or_else(|| bulk(op))
}

fn loads(op: &Operator<'_>) -> Option<Action> {
    match *op {
        Operator::I32Load { memarg } | Operator::F32Load { memarg } | Operator::I64Load32U { memarg } => {
            load(memarg, B4, false)
        }
        Operator::I64Load { memarg } | Operator::F64Load { memarg } => load(memarg, B8, false),
        Operator::I32Load8U { memarg } | Operator::I64Load8U { memarg } => load(memarg, B1, false),
        Operator::I32Load16U { memarg } | Operator::I64Load16U { memarg } => load(memarg, B2, false),
        Operator::I64Load8S { memarg } => load(memarg, B1.signed(), false),
        Operator::I64Load16S { memarg } => load(memarg, B2.signed(), false),
        Operator::I64Load32S { memarg } => load(memarg, B4.signed(), false),
        Operator::I32Load8S { memarg } => load(memarg, B1.signed(), true),
        Operator::I32Load16S { memarg } => load(memarg, B2.signed(), true),
        _ => None,
    }
}

/// `narrow`: the load sign-extends to 64 bits, but an `i32` is kept zero-extended.
fn load(memarg: MemArg, acc: Access, narrow: bool) -> Option<Action> {
    let offset = offset(memarg)?;
    Some(Box::new(move |lift| {
        let dst = lift.top(1);
        let mem = place(lift, dst, offset);
        lift.emit(Op::Load { acc, dst, mem });
        if narrow {
            lift.emit(Op::AddImm { width: Width::W32, dst, a: dst, imm: 0 });
        }
    }))
}

fn stores(op: &Operator<'_>) -> Option<Action> {
    match *op {
        Operator::I32Store8 { memarg } | Operator::I64Store8 { memarg } => store(memarg, B1),
        Operator::I32Store16 { memarg } | Operator::I64Store16 { memarg } => store(memarg, B2),
        Operator::I32Store { memarg } | Operator::F32Store { memarg } | Operator::I64Store32 { memarg } => {
            store(memarg, B4)
        }
        Operator::I64Store { memarg } | Operator::F64Store { memarg } => store(memarg, B8),
        _ => None,
    }
}

fn store(memarg: MemArg, acc: Access) -> Option<Action> {
    let offset = offset(memarg)?;
    Some(Box::new(move |lift| {
        let (base, src) = (lift.top(2), lift.top(1));
        let mem = place(lift, base, offset);
        lift.emit(Op::Store { acc, src, mem });
    }))
}

/// The constant offset of an access to the one linear memory.
fn offset(memarg: MemArg) -> Option<u32> {
    match memarg.target {
        MemArgTarget::Memory(0) => u32::try_from(memarg.offset).ok(),
        MemArgTarget::Memory(_) | MemArgTarget::Array(_) => None,
    }
}

/// Base and offset are unsigned and their sum does not wrap: beyond 4 GiB nothing is mapped.
fn place(lift: &mut Lift<'_>, base: Reg, offset: u32) -> Mem {
    match i32::try_from(offset) {
        Ok(disp) => Mem::at(base, disp),
        Err(_) => {
            let sum = lift.out.temp();
            lift.emit(Op::AddImm { width: Width::W64, dst: sum, a: base, imm: i64::from(offset) });
            Mem::at(sum, 0)
        }
    }
}

fn bulk(op: &Operator<'_>) -> Option<Action> {
    match *op {
        Operator::MemoryCopy { dst_mem: 0, src_mem: 0 } => helper(COPY),
        Operator::MemoryFill { mem: 0 } => helper(FILL),
        Operator::MemorySize { mem: 0 } => Some(Box::new(|lift| {
            let dst = lift.top(0);
            lift.emit(Op::Copy { dst, src: MEMORY_PAGES });
        })),
        Operator::MemoryGrow { mem: 0 } => Some(Box::new(|lift| {
            let (slot, next) = (lift.top(1), lift.next());
            lift.out.stop(Stop::Syscall, GROW_MEMORY | u32::from(slot.0), next);
        })),
        _ => None,
    }
}

fn helper(id: u16) -> Option<Action> {
    Some(Box::new(move |lift| {
        let (a, b, c) = (lift.top(3), lift.top(2), lift.top(1));
        lift.emit(Op::Helper { id, a, b, c, d: ZERO, imm: 0 });
    }))
}
