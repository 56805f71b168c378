//! LDM and STM: any of the general registers, the lowest at the lowest address (A8.8.58, A8.8.199).

use rcsim_uop::op::{Access, Edge, Mem, Op, Width};
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use super::pair::{load_two, store_two};
use crate::arm::decode::{Gap, Lifted};
use crate::arm::regs::{PC, SP, r};

const WORD: Access = Access::little(2).aligned();

/// Registers and where they go.
struct Block {
    registers: Vec<u8>,
    base: Reg,
    /// Distance of the lowest from the base.
    start: i32,
    /// What the base moves by, when it does.
    moves: Option<i64>,
}

fn block(cx: &Cx<'_>) -> Lifted<Block> {
    let insn = cx.insn;
    let registers: Vec<u8> = (0..=PC).filter(|n| insn.bit(u32::from(*n))).collect();
    let other_mode = insn.bit(22);
    let base = cx.general(16)?;
    if other_mode || registers.is_empty() {
        return Err(Gap::Opcode);
    }
    let bytes = 4 * registers.len() as i32;
    let (up, before) = (insn.bit(23), insn.bit(24));
    let start = match (up, before) {
        (true, false) => 0,
        (true, true) => 4,
        (false, false) => 4 - bytes,
        (false, true) => -bytes,
    };
    let moves = insn.bit(21).then_some(i64::from(if up { bytes } else { -bytes }));
    Ok(Block { registers, base, start, moves })
}

/// LDM and STM.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let block = block(cx)?;
    if cx.insn.bit(20) { load(cx, &block) } else { store(cx, &block) }
}

fn load(cx: &mut Cx<'_>, block: &Block) -> Lifted {
    let leaves = block.registers.last() == Some(&PC);
    let own_base = block.registers.iter().any(|n| *n != PC && r(*n) == block.base);
    if own_base && block.moves.is_some() {
        return Err(Gap::Opcode);
    }
    if leaves {
        cx.begin_leaving();
    } else {
        cx.begin();
    }
    let base = if own_base { cx.out.temp() } else { block.base };
    cx.out.copy(base, block.base);
    let target = leaves.then(|| cx.out.temp());
    let register = |n: u8| target.filter(|_| n == PC).unwrap_or_else(|| r(n.min(14)));
    let registers: Vec<Reg> = block.registers.iter().map(|n| register(*n)).collect();
    for (at, two) in (block.start..).step_by(8).zip(registers.chunks(2)) {
        match *two {
            [first, second] => load_two(cx.out, first, second, base, at),
            _ => cx.out.emit(Op::Load { acc: WORD, dst: two[0], mem: Mem::at(base, at) }),
        }
    }
    move_base(cx.out, block);
    if let Some(target) = target {
        cx.leave(if block.base == SP { Edge::Return } else { Edge::Jump }, target);
    }
    Ok(())
}

fn store(cx: &mut Cx<'_>, block: &Block) -> Lifted {
    cx.begin();
    let registers: Vec<Reg> = block.registers.iter().map(|n| cx.read(*n)).collect();
    for (at, two) in (block.start..).step_by(8).zip(registers.chunks(2)) {
        match *two {
            [first, second] => store_two(cx.out, first, second, block.base, at),
            _ => cx.out.emit(Op::Store { acc: WORD, src: two[0], mem: Mem::at(block.base, at) }),
        }
    }
    move_base(cx.out, block);
    Ok(())
}

fn move_base(out: &mut BlockBuilder, block: &Block) {
    if let Some(imm) = block.moves {
        out.emit(Op::AddImm { width: Width::W32, dst: block.base, a: block.base, imm });
    }
}
