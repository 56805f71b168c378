//! The condition register: operations on its bits, selection, moves to and from general registers.

use rcsim_uop::op::{Logic, Op, Width};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};

use super::branch::{self, condition_bit};
use super::Cx;
use crate::ppc64::decode::{Gap, Lifted};
use crate::ppc64::regs::cr;

const W: Width = Width::W64;

/// Primary opcode 19: sort by extended opcode.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.extended() {
        0 => move_field(cx),
        16 => branch::to_link(cx),
        528 => branch::to_counter(cx),
        150 => {
            // ISYNC.
            cx.emit([Op::Fence])
        }
        33 | 129 | 193 | 225 | 257 | 289 | 417 | 449 => bit_logic(cx),
        _ => Err(Gap::Opcode),
    }
}

/// MCRF.
fn move_field(cx: &mut Cx<'_>) -> Lifted {
    let (dst, src) = (cx.insn.bf(), cr((cx.insn.word >> 18 & 7) as u8));
    cx.begin().copy(dst, src);
    Ok(())
}

fn bit(out: &mut BlockBuilder, n: u8) -> Reg {
    let (src, lsb) = condition_bit(n);
    let dst = out.temp();
    out.emit(Op::Extract { width: W, dst, src, lsb, len: 1, signed: false });
    dst
}

/// CRAND, CROR, CRXOR, CRNAND, CRNOR, CREQV, CRANDC, CRORC.
fn bit_logic(cx: &mut Cx<'_>) -> Lifted {
    let (target, first, second) = (cx.insn.t(), cx.insn.a(), cx.insn.b());
    let extended = cx.insn.extended();
    let out = cx.begin();
    let (a, b, dst) = (bit(out, first), bit(out, second), out.temp());
    out.emit(match extended {
        257 => Op::And { width: W, dst, a, b },
        449 => Op::Or { width: W, dst, a, b },
        193 => Op::Xor { width: W, dst, a, b },
        129 => Op::AndNot { width: W, dst, a, b },
        225 => Op::Logic { op: Logic::Nand, width: W, dst, a, b },
        33 => Op::Logic { op: Logic::Nor, width: W, dst, a, b },
        289 => Op::Logic { op: Logic::Xnor, width: W, dst, a, b },
        _ => Op::Logic { op: Logic::OrNot, width: W, dst, a, b },
    });
    let (field, lsb) = condition_bit(target);
    out.emit(Op::Deposit { dst: field, base: field, src: dst, lsb, len: 1 });
    Ok(())
}

/// ISEL.
pub fn select(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, b, number) = (cx.insn.rt(), cx.insn.ra_or_zero(), cx.insn.rb(), cx.insn.c());
    let out = cx.begin();
    let test = bit(out, number);
    out.emit(Op::Select { dst, test, a, b });
    Ok(())
}

/// Where field `n` lies in the whole register.
const fn field_at(n: u8) -> u8 {
    28 - 4 * n
}

/// The fields that the mask FXM names.
fn fields(cx: &Cx<'_>) -> impl Iterator<Item = u8> + use<> {
    let mask = cx.insn.word >> 12 & 0xff;
    (0..8).filter(move |n| mask >> (7 - n) & 1 != 0)
}

/// MFCR and MFOCRF: all fields, or one, the rest zero.
pub fn read(cx: &mut Cx<'_>) -> Lifted {
    let dst = cx.insn.rt();
    let one_field = cx.insn.word >> 20 & 1 != 0;
    let named: Vec<u8> = if one_field { fields(cx).collect() } else { (0..8).collect() };
    if named.is_empty() {
        return Err(Gap::Opcode);
    }
    let out = cx.begin();
    let mut so_far = ZERO;
    for n in named {
        out.emit(Op::Deposit { dst, base: so_far, src: cr(n), lsb: field_at(n), len: 4 });
        so_far = dst;
    }
    Ok(())
}

/// MTCRF and MTOCRF.
pub fn write(cx: &mut Cx<'_>) -> Lifted {
    let src = cx.insn.rt();
    let named: Vec<u8> = fields(cx).collect();
    let out = cx.begin();
    for n in named {
        out.emit(Op::Extract { width: W, dst: cr(n), src, lsb: field_at(n), len: 4, signed: false });
    }
    Ok(())
}
