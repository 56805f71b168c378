//! Loads and stores of general registers.

use rcsim_uop::Reg;
use rcsim_uop::op::{Access, Mem, Op, Width, Writeback};

use super::Cx;
use crate::ppc64::decode::{Gap, Lifted};

/// A load or store by its opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    load: bool,
    log2: u8,
    signed: bool,
    update: bool,
    reversed: bool,
}

const fn load(log2: u8) -> Kind {
    Kind { load: true, log2, signed: false, update: false, reversed: false }
}

const fn store(log2: u8) -> Kind {
    Kind { load: false, ..load(log2) }
}

impl Kind {
    const fn signed(self) -> Self {
        Self { signed: true, ..self }
    }

    const fn update(self) -> Self {
        Self { update: true, ..self }
    }

    const fn reversed(self) -> Self {
        Self { reversed: true, ..self }
    }

    const fn access(self, cx: &Cx<'_>) -> Access {
        let plain = if self.reversed { cx.reversed(self.log2) } else { cx.access(self.log2) };
        if self.signed { plain.signed() } else { plain }
    }
}

/// The kind and displacement of a D- or DS-form access.
fn displaced_of(cx: &Cx<'_>) -> Lifted<(Kind, i32)> {
    let (primary, variant) = (cx.insn.primary(), cx.insn.word & 3);
    let kind = match (primary, variant) {
        (32, _) => load(2),
        (33, _) => load(2).update(),
        (34, _) => load(0),
        (35, _) => load(0).update(),
        (36, _) => store(2),
        (37, _) => store(2).update(),
        (38, _) => store(0),
        (39, _) => store(0).update(),
        (40, _) => load(1),
        (41, _) => load(1).update(),
        (42, _) => load(1).signed(),
        (43, _) => load(1).signed().update(),
        (44, _) => store(1),
        (45, _) => store(1).update(),
        (58, 0) => load(3),
        (58, 1) => load(3).update(),
        (58, 2) => load(2).signed(),
        (62, 0) => store(3),
        (62, 1) => store(3).update(),
        _ => return Err(Gap::Opcode),
    };
    let disp = if primary >= 58 { cx.insn.ds() } else { cx.insn.d() };
    Ok((kind, disp))
}

/// The D and DS forms.
pub fn displaced(cx: &mut Cx<'_>) -> Lifted {
    let (kind, disp) = displaced_of(cx)?;
    let (acc, reg) = (kind.access(cx), cx.insn.rt());
    if !kind.update {
        return cx.emit([access(kind, acc, reg, Mem::at(cx.insn.ra_or_zero(), disp))]);
    }
    let base = updated_base(cx, kind)?;
    let update = Writeback::Pre;
    cx.emit([if kind.load {
        Op::LoadUpdate { acc, dst: reg, base, disp, update, wrap: false }
    } else {
        Op::StoreUpdate { acc, src: reg, base, disp, update, wrap: false }
    }])
}

fn access(kind: Kind, acc: Access, reg: Reg, mem: Mem) -> Op {
    if kind.load { Op::Load { acc, dst: reg, mem } } else { Op::Store { acc, src: reg, mem } }
}

/// The base of an updating access: not register 0, and not what is loaded; such forms are invalid.
fn updated_base(cx: &Cx<'_>, kind: Kind) -> Lifted<Reg> {
    if cx.insn.a() == 0 || (kind.load && cx.insn.a() == cx.insn.t()) {
        return Err(Gap::Opcode);
    }
    Ok(cx.insn.ra())
}

/// The kind of an X-form access by its extended opcode.
pub const fn indexed_of(extended: u32) -> Option<Kind> {
    Some(match extended {
        87 => load(0),
        119 => load(0).update(),
        279 => load(1),
        311 => load(1).update(),
        343 => load(1).signed(),
        375 => load(1).signed().update(),
        23 => load(2),
        55 => load(2).update(),
        341 => load(2).signed(),
        373 => load(2).signed().update(),
        21 => load(3),
        53 => load(3).update(),
        790 => load(1).reversed(),
        534 => load(2).reversed(),
        532 => load(3).reversed(),
        215 => store(0),
        247 => store(0).update(),
        407 => store(1),
        439 => store(1).update(),
        151 => store(2),
        183 => store(2).update(),
        149 => store(3),
        181 => store(3).update(),
        918 => store(1).reversed(),
        662 => store(2).reversed(),
        660 => store(3).reversed(),
        _ => return None,
    })
}

/// The address of an X-form access.
pub const fn sum(cx: &Cx<'_>) -> Mem {
    Mem::indexed(cx.insn.ra_or_zero(), cx.insn.rb(), 0, 0)
}

/// The X form. The base is updated after the access, so that a trap leaves it as it was.
pub fn indexed(cx: &mut Cx<'_>, kind: Kind) -> Lifted {
    let (acc, reg, mem) = (kind.access(cx), cx.insn.rt(), sum(cx));
    if !kind.update {
        return cx.emit([access(kind, acc, reg, mem)]);
    }
    let base = updated_base(cx, kind)?;
    let out = cx.begin();
    let address = out.temp();
    out.emit(Op::Lea { width: Width::W64, dst: address, mem });
    out.emit(access(kind, acc, reg, Mem::at(address, 0)));
    out.copy(base, address);
    Ok(())
}

/// Bytes of a block of the data cache of POWER8 and POWER9.
const BLOCK_BYTES: u64 = 128;
/// Words that one micro-op stores.
const STORED_WORDS: u8 = 8;

/// DCBZ.
pub fn clear_block(cx: &mut Cx<'_>) -> Lifted {
    let (mem, acc) = (sum(cx), cx.access(3));
    let out = cx.begin();
    let (address, zeros) = (out.temp(), out.temps(STORED_WORDS));
    out.emit(Op::Lea { width: Width::W64, dst: address, mem });
    out.emit(Op::AndImm { width: Width::W64, dst: address, a: address, imm: !(BLOCK_BYTES - 1) });
    out.emit(Op::VecZero { words: STORED_WORDS, dst: zeros });
    for offset in (0..BLOCK_BYTES as i32).step_by(8 * usize::from(STORED_WORDS)) {
        out.emit(Op::VecStore { acc, words: STORED_WORDS, src: zeros, mem: Mem::at(address, offset) });
    }
    Ok(())
}
