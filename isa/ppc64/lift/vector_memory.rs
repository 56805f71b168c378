//! Loads and stores of vector and vector-scalar registers, and moves between them and general registers.
//!
//! The more significant doubleword of a register is its second slot. `lvx` and its kin move the whole register in the
//! guest's byte order; `lxvd2x` and its kin move doublewords, the more significant one first, each in the guest's byte
//! order.

use rcsim_uop::Reg;
use rcsim_uop::op::{Mem, Op, Width};

use super::Cx;
use super::float_memory;
use super::memory::sum;
use crate::ppc64::decode::{Gap, Lifted};
use crate::ppc64::helpers;
use crate::ppc64::regs::{v, vs};

/// The register of an XX1 form: its sixth bit is the lowest of the word.
const fn target(cx: &Cx<'_>) -> u8 {
    cx.insn.t() | ((cx.insn.word & 1) as u8) << 5
}

/// The accesses among the extended opcodes of primary opcode 31; `None` for others.
pub fn indexed(cx: &mut Cx<'_>) -> Option<Lifted> {
    if let Some(kind) = float_memory::indexed_of(cx.insn.extended()) {
        return Some(float_memory::indexed(cx, kind));
    }
    Some(match cx.insn.extended() {
        103 | 359 => load_quadword(cx),
        231 | 487 => store_quadword(cx),
        6 => shift_pattern(cx, true),
        38 => shift_pattern(cx, false),
        844 => load_doublewords(cx),
        972 => store_doublewords(cx),
        588 => load_scalar(cx),
        716 => store_scalar(cx),
        51 => move_from(cx, true),
        307 => move_from(cx, false),
        179 => move_to(cx),
        115 => move_word_from(cx),
        211 => move_word_to(cx, true),
        243 => move_word_to(cx, false),
        435 => move_both_to(cx),
        876 => load_bytes(cx),
        1004 => store_bytes(cx),
        780 => load_words(cx),
        908 => store_words(cx),
        268 | 396 => whole_vector(cx),
        _ => return None,
    })
}

/// The two doublewords of a register as memory has them: first slot, second slot. The guest's byte order decides.
fn whole(big_endian: bool, reg: Reg) -> [Reg; 2] {
    if big_endian { [reg.plus(1), reg] } else { [reg, reg.plus(1)] }
}

/// Doublewords, the more significant one first.
fn in_turn(reg: Reg) -> [Reg; 2] {
    [reg.plus(1), reg]
}

fn beyond(mem: Mem) -> Mem {
    Mem { disp: mem.disp + 8, ..mem }
}

fn load(cx: &mut Cx<'_>, [first, second]: [Reg; 2], mem: Mem) -> Lifted {
    let acc = cx.access(3);
    cx.emit([Op::Load { acc, dst: first, mem }, Op::Load { acc, dst: second, mem: beyond(mem) }])
}

fn store(cx: &mut Cx<'_>, [first, second]: [Reg; 2], mem: Mem) -> Lifted {
    let acc = cx.access(3);
    cx.emit([Op::Store { acc, src: first, mem }, Op::Store { acc, src: second, mem: beyond(mem) }])
}

/// LXVD2X.
fn load_doublewords(cx: &mut Cx<'_>) -> Lifted {
    let (reg, mem) = (vs(target(cx)), sum(cx));
    load(cx, in_turn(reg), mem)
}

/// STXVD2X.
fn store_doublewords(cx: &mut Cx<'_>) -> Lifted {
    let (reg, mem) = (vs(target(cx)), sum(cx));
    store(cx, in_turn(reg), mem)
}

/// The address of LVX and STVX: its low four bits are ignored.
fn aligned(cx: &mut Cx<'_>) -> Mem {
    let mem = sum(cx);
    let out = cx.begin();
    let address = out.temp();
    out.emit(Op::Lea { width: Width::W64, dst: address, mem });
    out.emit(Op::AndImm { width: Width::W64, dst: address, a: address, imm: !15 });
    Mem::at(address, 0)
}

/// LVX.
fn load_quadword(cx: &mut Cx<'_>) -> Lifted {
    let ([first, second], acc) = (whole(cx.big_endian, v(cx.insn.t())), cx.access(3));
    let mem = aligned(cx);
    cx.out.emit(Op::Load { acc, dst: first, mem });
    cx.out.emit(Op::Load { acc, dst: second, mem: beyond(mem) });
    Ok(())
}

/// STVX.
fn store_quadword(cx: &mut Cx<'_>) -> Lifted {
    let ([first, second], acc) = (whole(cx.big_endian, v(cx.insn.t())), cx.access(3));
    let mem = aligned(cx);
    cx.out.emit(Op::Store { acc, src: first, mem });
    cx.out.emit(Op::Store { acc, src: second, mem: beyond(mem) });
    Ok(())
}

/// LVSL and LVSR: the permutation that shifts by the address's low four bits.
fn shift_pattern(cx: &mut Cx<'_>, left: bool) -> Lifted {
    let (dst, mem) = (v(cx.insn.t()), sum(cx));
    let out = cx.begin();
    let address = out.temp();
    out.emit(Op::Lea { width: Width::W64, dst: address, mem });
    out.emit(helpers::vector(helpers::SHIFT_PATTERN, dst, address, address, address, u32::from(left)));
    Ok(())
}

/// LXSDX.
fn load_scalar(cx: &mut Cx<'_>) -> Lifted {
    let (reg, mem, acc) = (vs(target(cx)), sum(cx), cx.access(3));
    cx.emit([Op::Load { acc, dst: reg.plus(1), mem }, Op::Const { dst: reg, value: 0 }])
}

/// STXSDX.
fn store_scalar(cx: &mut Cx<'_>) -> Lifted {
    let (reg, mem, acc) = (vs(target(cx)), sum(cx), cx.access(3));
    cx.emit([Op::Store { acc, src: reg.plus(1), mem }])
}

/// MFVSRD and MFVSRLD (POWER9).
fn move_from(cx: &mut Cx<'_>, upper: bool) -> Lifted {
    if !upper {
        cx.power9()?;
    }
    let (reg, dst) = (vs(target(cx)), cx.insn.ra());
    cx.begin().copy(dst, if upper { reg.plus(1) } else { reg });
    Ok(())
}

/// MTVSRD. Like the moves of words below it leaves the other half of the register undefined: unchanged here.
fn move_to(cx: &mut Cx<'_>) -> Lifted {
    let (reg, src) = (vs(target(cx)), cx.insn.ra());
    cx.begin().copy(reg.plus(1), src);
    Ok(())
}

/// MFVSRWZ.
fn move_word_from(cx: &mut Cx<'_>) -> Lifted {
    let (reg, dst) = (vs(target(cx)), cx.insn.ra());
    cx.emit([Op::Extract { width: Width::W64, dst, src: reg.plus(1), lsb: 0, len: 32, signed: false }])
}

/// MTVSRWA and MTVSRWZ.
fn move_word_to(cx: &mut Cx<'_>, signed: bool) -> Lifted {
    let (reg, src) = (vs(target(cx)), cx.insn.ra());
    cx.emit([Op::Extract { width: Width::W64, dst: reg.plus(1), src, lsb: 0, len: 32, signed }])
}

/// MTVSRDD (POWER9).
fn move_both_to(cx: &mut Cx<'_>) -> Lifted {
    cx.power9()?;
    let (reg, a, b) = (vs(target(cx)), cx.insn.ra_or_zero(), cx.insn.rb());
    cx.emit([Op::Copy { dst: reg.plus(1), src: a }, Op::Copy { dst: reg, src: b }])
}

/// LXVB16X (POWER9): bytes in memory order, the most significant first.
fn load_bytes(cx: &mut Cx<'_>) -> Lifted {
    cx.power9()?;
    let ([first, second], mem) = (in_turn(vs(target(cx))), sum(cx));
    let acc = super::ordered(3, true);
    cx.emit([Op::Load { acc, dst: first, mem }, Op::Load { acc, dst: second, mem: beyond(mem) }])
}

/// STXVB16X (POWER9).
fn store_bytes(cx: &mut Cx<'_>) -> Lifted {
    cx.power9()?;
    let ([first, second], mem) = (in_turn(vs(target(cx))), sum(cx));
    let acc = super::ordered(3, true);
    cx.emit([Op::Store { acc, src: first, mem }, Op::Store { acc, src: second, mem: beyond(mem) }])
}

/// The places of four words, the most significant first: slot and lowest bit.
fn words(reg: Reg) -> [(Reg, u8); 4] {
    [(reg.plus(1), 32), (reg.plus(1), 0), (reg, 32), (reg, 0)]
}

/// LXVW4X: words, the most significant first, each in the guest's byte order.
fn load_words(cx: &mut Cx<'_>) -> Lifted {
    let (reg, mem, acc) = (vs(target(cx)), sum(cx), cx.access(2));
    let out = cx.begin();
    for (n, (slot, lsb)) in (0..).zip(words(reg)) {
        let word = out.temp();
        out.emit(Op::Load { acc, dst: word, mem: Mem { disp: 4 * n, ..mem } });
        out.emit(Op::Deposit { dst: slot, base: slot, src: word, lsb, len: 32 });
    }
    Ok(())
}

/// STXVW4X.
fn store_words(cx: &mut Cx<'_>) -> Lifted {
    let (reg, mem, acc) = (vs(target(cx)), sum(cx), cx.access(2));
    let out = cx.begin();
    for (n, (slot, lsb)) in (0..).zip(words(reg)) {
        let word = out.temp();
        out.emit(Op::Extract { width: Width::W64, dst: word, src: slot, lsb, len: 32, signed: false });
        out.emit(Op::Store { acc, src: word, mem: Mem { disp: 4 * n, ..mem } });
    }
    Ok(())
}

/// LXVX and STXVX (POWER9).
fn whole_vector(cx: &mut Cx<'_>) -> Lifted {
    cx.power9()?;
    let (halves, mem) = (whole(cx.big_endian, vs(target(cx))), sum(cx));
    if cx.insn.extended() == 268 { load(cx, halves, mem) } else { store(cx, halves, mem) }
}

/// Primary opcodes 57 and 61 (POWER9): LXSD, STXSD, and in the DQ form LXV and STXV.
pub fn displaced(cx: &mut Cx<'_>) -> Lifted {
    cx.power9()?;
    let (base, acc) = (cx.insn.ra_or_zero(), cx.access(3));
    let scalar = v(cx.insn.t());
    let near = Mem::at(base, cx.insn.ds());
    match (cx.insn.primary(), cx.insn.word & 3, cx.insn.word & 7) {
        (57, 2, _) => {
            cx.emit([Op::Load { acc, dst: scalar.plus(1), mem: near }, Op::Const { dst: scalar, value: 0 }])
        }
        (61, 2, _) => cx.emit([Op::Store { acc, src: scalar.plus(1), mem: near }]),
        (61, _, 1) => {
            let (halves, mem) = quadword(cx, base);
            load(cx, halves, mem)
        }
        (61, _, 5) => {
            let (halves, mem) = quadword(cx, base);
            store(cx, halves, mem)
        }
        _ => Err(Gap::Opcode),
    }
}

/// The DQ form: the register's sixth bit is bit 3, the displacement a multiple of 16.
fn quadword(cx: &Cx<'_>, base: Reg) -> ([Reg; 2], Mem) {
    let number = cx.insn.t() | ((cx.insn.word >> 3 & 1) as u8) << 5;
    (whole(cx.big_endian, vs(number)), Mem::at(base, cx.insn.d() & !15))
}
