//! The lift of one instruction: where its micro-ops are collected until it is certain that all of it can be modelled.

use std::ops::Range;

use iced_x86::Instruction;
use rcsim_uop::op::{Access, Edge, Mem, Op, Stop, Width};
use rcsim_uop::reg::{SINK, ZERO};
use rcsim_uop::{BlockBuilder, Reg};

use crate::x86::features::FeatureSet;
use crate::x86::helpers::HelperId;

/// The instruction, or this form of it, is not modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotModelled;

/// What a lift function returns.
pub type Lifted = Result<(), NotModelled>;

/// The lift of one instruction.
pub struct Lift<'a> {
    /// The instruction.
    pub insn: &'a Instruction,
    /// 64 or 32: the guest's mode.
    pub bits: u32,
    /// Features that are on.
    pub features: FeatureSet,
    ops: Vec<Op>,
    exits: Vec<u64>,
    ended: bool,
    temps: Range<u8>,
}

impl<'a> Lift<'a> {
    /// Nothing lifted yet; `temps` are the slots for temporaries.
    pub fn new(insn: &'a Instruction, bits: u32, features: FeatureSet, temps: Range<u8>) -> Self {
        Self { insn, bits, features, ops: Vec::with_capacity(8), exits: Vec::new(), ended: false, temps }
    }

    /// Announce the instruction to the block and hand over its micro-ops.
    pub fn commit(mut self, out: &mut BlockBuilder) {
        out.insn(self.insn.ip(), self.insn.len() as u8);
        let last = if self.ended { self.ops.pop() } else { None };
        for op in self.ops {
            out.emit(op);
        }
        if let Some(op) = last {
            out.end(op, &self.exits);
        }
    }

    /// A fresh temporary.
    pub fn temp(&mut self) -> Result<Reg, NotModelled> {
        self.temps.next().map(Reg).ok_or(NotModelled)
    }

    /// The first of `words` fresh consecutive temporaries.
    pub fn temps(&mut self, words: u8) -> Result<Reg, NotModelled> {
        let first = self.temp()?;
        for _ in 1..words {
            self.temp()?;
        }
        Ok(first)
    }

    /// Append a micro-op.
    pub fn emit(&mut self, op: Op) {
        debug_assert!(!self.ended, "micro-op after the end of the instruction");
        self.ops.push(op);
    }

    /// Number of micro-ops so far.
    pub fn position(&self) -> usize {
        self.ops.len()
    }

    /// Make the skip at `position` go on after everything emitted since.
    pub fn land(&mut self, position: usize) -> Lifted {
        let distance = u8::try_from(self.ops.len() - position - 1).map_err(|_| NotModelled)?;
        match &mut self.ops[position] {
            Op::SkipIfZero { count, .. } | Op::SkipIfNonZero { count, .. } | Op::SkipUnless { count, .. } => {
                *count = distance;
                Ok(())
            }
            _ => Err(NotModelled),
        }
    }

    /// End the block with a transferring micro-op.
    pub fn end(&mut self, op: Op, exits: &[u64]) {
        self.emit(op);
        self.exits.extend_from_slice(exits);
        self.ended = true;
    }

    /// End the block by stopping the guest; it resumes after this instruction.
    pub fn stop(&mut self, why: Stop, code: u32) {
        let next = self.insn.next_ip();
        self.end(Op::Stop { why, code }, &[next]);
    }

    /// End the block with a jump to a known address.
    pub fn goto(&mut self, edge: Edge, target: u64) {
        self.end(Op::Goto { edge }, &[target]);
    }

    /// `dst = value`.
    pub fn constant(&mut self, dst: Reg, value: u64) {
        self.emit(Op::Const { dst, value });
    }

    /// A temporary that holds `value`.
    pub fn constant_temp(&mut self, value: u64) -> Result<Reg, NotModelled> {
        if value == 0 {
            return Ok(ZERO);
        }
        let temp = self.temp()?;
        self.constant(temp, value);
        Ok(temp)
    }

    /// `dst = src`, unless they are the same.
    pub fn copy(&mut self, dst: Reg, src: Reg) {
        if dst != src && dst != SINK {
            self.emit(Op::Copy { dst, src });
        }
    }

    /// `dst` = the low bits of `src` that the width covers, zero-extended.
    pub fn zero_extend(&mut self, width: Width, dst: Reg, src: Reg) {
        match width {
            Width::W64 => self.copy(dst, src),
            _ => self.emit(Op::Extract {
                width: Width::W64,
                dst,
                src,
                lsb: 0,
                len: width.bits() as u8,
                signed: false,
            }),
        }
    }

    /// `dst = [mem]` with `bytes` bytes, zero-extended.
    pub fn load(&mut self, dst: Reg, mem: Mem, bytes: u32) {
        self.emit(Op::Load { acc: access(bytes), dst, mem });
    }

    /// `[mem]` = the low `bytes` bytes of `src`.
    pub fn store(&mut self, mem: Mem, src: Reg, bytes: u32) {
        self.emit(Op::Store { acc: access(bytes), src, mem });
    }

    /// Run a helper.
    pub fn helper(&mut self, id: HelperId, regs: [Reg; 4], imm: u32) {
        let [a, b, c, d] = regs;
        self.emit(Op::Helper { id: id as u16, a, b, c, d, imm });
    }

    /// The width of a whole integer register.
    pub fn word(&self) -> Width {
        if self.bits == 64 { Width::W64 } else { Width::W32 }
    }

    /// Bytes of a whole integer register.
    pub fn word_bytes(&self) -> u32 {
        self.bits / 8
    }
}

/// The access of 1, 2, 4 or 8 bytes.
pub const fn access(bytes: u32) -> Access {
    Access::little(bytes.trailing_zeros() as u8)
}

/// The width of 1, 2, 4 or 8 bytes.
pub const fn width(bytes: u32) -> Result<Width, NotModelled> {
    match bytes {
        1 => Ok(Width::W8),
        2 => Ok(Width::W16),
        4 => Ok(Width::W32),
        8 => Ok(Width::W64),
        _ => Err(NotModelled),
    }
}
