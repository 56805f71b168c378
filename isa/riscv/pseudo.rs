//! The names that assemblers give to instructions with special operands: `ret`, `mv`, `li`, `beqz` (manual, assembly
//! programmer's handbook, pseudo-instructions).

use super::decode::Insn;
use super::regs::{FLOAT_NAMES, INT_NAMES};
use super::table::{Alu, CsrAction, Meaning as M, Sign};
use rcsim_uop::op::{Pred, Width};

const ZERO: u8 = 0;
const RA: u8 = 1;
/// `fence` of everything against everything, and the hint that is a fence of nothing.
const FULL_FENCE: u32 = 0x0ff0_000f;
const PAUSE: u32 = 0x0100_000f;

fn int(n: u8) -> &'static str {
    INT_NAMES[usize::from(n)]
}

fn float(n: u8) -> &'static str {
    FLOAT_NAMES[usize::from(n)]
}

/// The text under another name; `None` when the instruction has none.
pub fn text(insn: &Insn, name: &str, meaning: M) -> Option<String> {
    let (rd, rs1, rs2) = (insn.rd_number(), insn.rs1_number(), insn.rs2_number());
    match meaning {
        M::AluImm(op, width) => immediate(insn, op, width),
        M::Alu(Alu::Sub, width) if rs1 == ZERO => {
            let word = if width == Width::W64 { "" } else { "w" };
            Some(format!("neg{word} {}, {}", int(rd), int(rs2)))
        }
        // The short move is an addition to zero, too.
        M::Alu(Alu::Add, Width::W64) if rs1 == ZERO && insn.len == 2 => Some(format!("mv {}, {}", int(rd), int(rs2))),
        M::CompareImm(Pred::LtU) if insn.imm() == 1 => Some(format!("seqz {}, {}", int(rd), int(rs1))),
        M::Compare(Pred::LtU) if rs1 == ZERO => Some(format!("snez {}, {}", int(rd), int(rs2))),
        M::Compare(Pred::LtS) if rs2 == ZERO => Some(format!("sltz {}, {}", int(rd), int(rs1))),
        M::Compare(Pred::LtS) if rs1 == ZERO => Some(format!("sgtz {}, {}", int(rd), int(rs2))),
        M::Branch(pred) => branch(insn, pred),
        M::Jal if rd == ZERO => Some(format!("j {:#x}", insn.jump_target())),
        M::Jal if rd == RA => Some(format!("jal {:#x}", insn.jump_target())),
        M::Jalr => jump_register(insn),
        M::FloatSign(sign, _) if rs1 == rs2 => {
            let (_, format) = name.split_once('.')?;
            let operation = match sign {
                Sign::Copy => "fmv",
                Sign::Negate => "fneg",
                Sign::Xor => "fabs",
            };
            Some(format!("{operation}.{format} {}, {}", float(rd), float(rs1)))
        }
        M::Fence if insn.word == FULL_FENCE => Some("fence".to_owned()),
        M::Fence if insn.word == PAUSE => Some("pause".to_owned()),
        M::Csr(CsrAction::Set) if rs1 == ZERO => counter(insn),
        _ => None,
    }
}

fn immediate(insn: &Insn, op: Alu, width: Width) -> Option<String> {
    let (rd, rs1, imm) = (int(insn.rd_number()), insn.rs1_number(), insn.imm());
    match (op, width) {
        (Alu::Add, Width::W64) if rs1 == ZERO && imm == 0 && insn.rd_number() == ZERO => Some("nop".to_owned()),
        (Alu::Add, Width::W64) if rs1 == ZERO => Some(format!("li {rd}, {}", super::decode::hex(imm))),
        (Alu::Add, Width::W64) if imm == 0 => Some(format!("mv {rd}, {}", int(rs1))),
        (Alu::Add, Width::S32) if imm == 0 => Some(format!("sext.w {rd}, {}", int(rs1))),
        (Alu::Xor, _) if imm == -1 => Some(format!("not {rd}, {}", int(rs1))),
        _ => None,
    }
}

fn branch(insn: &Insn, pred: Pred) -> Option<String> {
    let (rs1, rs2, target) = (insn.rs1_number(), insn.rs2_number(), insn.branch_target());
    let (name, register) = match (pred, rs1, rs2) {
        (Pred::Eq, _, ZERO) => ("beqz", rs1),
        (Pred::Ne, _, ZERO) => ("bnez", rs1),
        (Pred::GeS, ZERO, _) => ("blez", rs2),
        (Pred::GeS, _, ZERO) => ("bgez", rs1),
        (Pred::LtS, _, ZERO) => ("bltz", rs1),
        (Pred::LtS, ZERO, _) => ("bgtz", rs2),
        _ => return None,
    };
    Some(format!("{name} {}, {target:#x}", int(register)))
}

fn jump_register(insn: &Insn) -> Option<String> {
    let (rd, rs1, imm) = (insn.rd_number(), insn.rs1_number(), insn.imm());
    let place = if imm == 0 { int(rs1).to_owned() } else { format!("{}({})", super::decode::hex(imm), int(rs1)) };
    match rd {
        ZERO if rs1 == RA && imm == 0 => Some("ret".to_owned()),
        ZERO => Some(format!("jr {place}")),
        RA => Some(format!("jalr {place}")),
        _ if imm == 0 => Some(format!("jalr {}, {place}", int(rd))),
        _ => None,
    }
}

fn counter(insn: &Insn) -> Option<String> {
    let rd = int(insn.rd_number());
    match insn.csr() {
        0xc00 => Some(format!("rdcycle {rd}")),
        0xc01 => Some(format!("rdtime {rd}")),
        0xc02 => Some(format!("rdinstret {rd}")),
        _ => None,
    }
}
