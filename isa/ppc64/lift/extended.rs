//! Primary opcode 31: sorts by extended opcode (Power ISA 2.07, appendix F).

use rcsim_uop::op::{Logic, Shift, Unary, Width};

use super::{Cx, arith, atomic, bits, carry, compare, condition, logic, memory, shift, system, vector_memory};
use crate::ppc64::decode::{Gap, Lifted};

/// Sort by the ten bits of the extended opcode. Arithmetic that records overflow has the top one set: it is not lifted.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    if cx.insn.word >> 1 & 31 == 15 {
        return condition::select(cx);
    }
    if cx.insn.word >> 2 & 0x1ff == 413 {
        return shift::sradi(cx);
    }
    match cx.insn.extended() {
        0 => compare::registers(cx, true),
        32 => compare::registers(cx, false),
        4 | 68 => system::trap(cx),
        8 | 10 | 136 | 138 | 200 | 202 | 232 | 234 => carry::lift(cx),
        9 | 11 | 40 | 73 | 75 | 104 | 233 | 235 | 266 | 265 | 267 | 777 | 779 => arith::lift(cx),
        457 | 459 | 489 | 491 => arith::divide(cx),
        393 | 425 => arith::divide_extended(cx),
        28 | 60 | 284 | 412 | 124 | 316 | 444 | 476 => logic::lift(cx),
        19 => condition::read(cx),
        144 => condition::write(cx),
        24 => shift::far(cx, Shift::Left, Width::W32),
        27 => shift::far(cx, Shift::Left, Width::W64),
        536 => shift::far(cx, Shift::Right, Width::W32),
        539 => shift::far(cx, Shift::Right, Width::W64),
        792 => shift::far_signed(cx, Width::S32),
        794 => shift::far_signed(cx, Width::W64),
        824 => shift::srawi(cx),
        26 => bits::unary(cx, Unary::LeadingZeros, Width::W32),
        58 => bits::unary(cx, Unary::LeadingZeros, Width::W64),
        538 => bits::power9_unary(cx, Unary::TrailingZeros, Width::W32),
        570 => bits::power9_unary(cx, Unary::TrailingZeros, Width::W64),
        506 => bits::unary(cx, Unary::CountOnes, Width::W64),
        378 => bits::population_words(cx),
        508 => bits::compare_bytes(cx),
        922 => bits::sign_extend(cx, 16),
        954 => bits::sign_extend(cx, 8),
        986 => bits::sign_extend(cx, 32),
        339 => system::read_special(cx),
        371 => system::read_time(cx),
        467 => system::write_special(cx),
        598 => system::synchronize(cx),
        22 | 54 | 86 | 246 | 278 | 470 | 854 | 982 => cx.nothing(),
        1014 => memory::clear_block(cx),
        52 | 20 | 84 | 116 => atomic::load(cx),
        694 | 726 | 150 | 214 => atomic::store(cx),
        _ => beyond_arithmetic(cx),
    }
}

fn beyond_arithmetic(cx: &mut Cx<'_>) -> Lifted {
    if let Some(indexed) = memory::indexed_of(cx.insn.extended()) {
        return memory::indexed(cx, indexed);
    }
    vector_memory::indexed(cx).unwrap_or(Err(Gap::Opcode))
}

/// The rarer bitwise operations by extended opcode.
pub const fn logic_of(extended: u32) -> Option<Logic> {
    Some(match extended {
        124 => Logic::Nor,
        284 => Logic::Xnor,
        412 => Logic::OrNot,
        476 => Logic::Nand,
        _ => return None,
    })
}
