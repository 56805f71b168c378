//! What each micro-op reads and writes, stated once.
//!
//! The verifier, the shadow's tests and the timing model's dependencies all come from here, so that none of them can
//! disagree with another about what an instruction touches.

use crate::isa::{HelperMemory, HelperOperand, Isa};
use crate::op::{Access, Mem, Op, Writeback};
use crate::reg::{Reg, SINK, ZERO};

/// A run of slots that a micro-op reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// First slot.
    pub reg: Reg,
    /// Number of slots.
    pub words: u8,
    /// Whether it is written (else read).
    pub write: bool,
}

/// How a micro-op uses the flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagUse {
    /// Not at all.
    None,
    /// Reads them.
    Reads,
    /// Replaces all of them.
    Writes,
    /// Reads them and replaces them.
    ReadsAndWrites,
}

/// A memory access of a micro-op, apart from helpers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemUse {
    /// Number of bytes.
    pub bytes: u64,
    /// Whether it reads.
    pub read: bool,
    /// Whether it writes.
    pub write: bool,
}

struct Visit<'a>(&'a mut dyn FnMut(Touch));

impl Visit<'_> {
    fn read(&mut self, reg: Reg) {
        self.reads(reg, 1);
    }

    fn reads(&mut self, reg: Reg, words: u8) {
        if reg != ZERO {
            (self.0)(Touch { reg, words, write: false });
        }
    }

    fn write(&mut self, reg: Reg) {
        self.writes(reg, 1);
    }

    fn writes(&mut self, reg: Reg, words: u8) {
        if reg != SINK {
            (self.0)(Touch { reg, words, write: true });
        }
    }

    fn mem(&mut self, mem: Mem) {
        self.read(mem.base);
        self.read(mem.index);
    }

    fn base(&mut self, base: Reg, update: Writeback) {
        self.read(base);
        if update != Writeback::None {
            self.write(base);
        }
    }
}

/// Call `f` for every run of slots that the micro-op touches. Reads come before writes.
pub fn touches(op: &Op, isa: &dyn Isa, f: &mut dyn FnMut(Touch)) {
    let mut v = Visit(f);
    match *op {
        Op::Const { dst, .. } | Op::GetFlags { dst } | Op::SetCond { dst, .. } => v.write(dst),
        Op::Copy { dst, src }
        | Op::Extract { dst, src, .. }
        | Op::Unary { dst, src, .. }
        | Op::FpUnary { dst, src, .. }
        | Op::FpToInt { dst, src, .. }
        | Op::IntToFp { dst, src, .. }
        | Op::FpConvert { dst, src, .. } => {
            v.read(src);
            v.write(dst);
        }
        Op::Deposit { dst, base, src, .. } => {
            v.read(base);
            v.read(src);
            v.write(dst);
        }
        Op::Add { dst, a, b, .. }
        | Op::Sub { dst, a, b, .. }
        | Op::And { dst, a, b, .. }
        | Op::Or { dst, a, b, .. }
        | Op::Xor { dst, a, b, .. }
        | Op::AndNot { dst, a, b, .. }
        | Op::Logic { dst, a, b, .. }
        | Op::AddTrap { dst, a, b, .. }
        | Op::SubTrap { dst, a, b, .. }
        | Op::SubShifted { dst, a, b, .. }
        | Op::Shift { dst, a, b, .. }
        | Op::ShiftFar { dst, a, b, .. }
        | Op::Mul { dst, a, b, .. }
        | Op::MulHigh { dst, a, b, .. }
        | Op::Divide { dst, a, b, .. }
        | Op::SetCmp { dst, a, b, .. }
        | Op::Compare3 { dst, a, b, .. }
        | Op::AddF { dst, a, b, .. }
        | Op::SubF { dst, a, b, .. }
        | Op::AluF { dst, a, b, .. }
        | Op::SelectCond { dst, a, b, .. }
        | Op::FpAlu { dst, a, b, .. }
        | Op::FpCompare { dst, a, b, .. } => {
            v.read(a);
            v.read(b);
            v.write(dst);
        }
        Op::AddImm { dst, a, .. }
        | Op::AddImmTrap { dst, a, .. }
        | Op::AndImm { dst, a, .. }
        | Op::OrImm { dst, a, .. }
        | Op::XorImm { dst, a, .. }
        | Op::ShiftImm { dst, a, .. }
        | Op::SetCmpImm { dst, a, .. }
        | Op::AddFImm { dst, a, .. }
        | Op::SubFImm { dst, a, .. }
        | Op::AluFImm { dst, a, .. } => {
            v.read(a);
            v.write(dst);
        }
        Op::Lea { dst, mem, .. } => {
            v.mem(mem);
            v.write(dst);
        }
        Op::MulAdd { dst, a, b, c, .. } | Op::FpMulAdd { dst, a, b, c, .. } => {
            v.read(a);
            v.read(b);
            v.read(c);
            v.write(dst);
        }
        Op::Select { dst, test, a, b } => {
            v.read(test);
            v.read(a);
            v.read(b);
            v.write(dst);
        }
        Op::CondAluF { a, b, .. } | Op::BranchCmp { a, b, .. } => {
            v.read(a);
            v.read(b);
        }
        Op::SetFlags { src } => v.read(src),
        Op::Load { dst, mem, .. } => {
            v.mem(mem);
            v.write(dst);
        }
        Op::Store { src, mem, .. } => {
            v.mem(mem);
            v.read(src);
        }
        Op::StoreImm { mem, .. } => v.mem(mem),
        Op::LoadUpdate { dst, base, update, .. } => {
            v.base(base, update);
            v.write(dst);
        }
        Op::StoreUpdate { src, base, update, .. } => {
            v.read(src);
            v.base(base, update);
        }
        Op::LoadPair { dst, dst2, base, update, .. } => {
            v.base(base, update);
            v.write(dst);
            v.write(dst2);
        }
        Op::StorePair { src, src2, base, update, .. } => {
            v.read(src);
            v.read(src2);
            v.base(base, update);
        }
        Op::PushConst { base, .. } => v.base(base, Writeback::Pre),
        Op::AtomicRmw { dst, base, src, .. } => {
            v.read(base);
            v.read(src);
            v.write(dst);
        }
        Op::CompareSwap { dst, base, expected, new, .. } => {
            v.read(base);
            v.read(expected);
            v.read(new);
            v.write(dst);
        }
        Op::LoadLinked { dst, base, .. } => {
            v.read(base);
            v.write(dst);
        }
        Op::StoreConditional { status, base, src, .. } => {
            v.read(base);
            v.read(src);
            v.write(status);
        }
        Op::VecLoad { words, dst, mem, .. } => {
            v.mem(mem);
            v.writes(dst, words);
        }
        Op::VecStore { words, src, mem, .. } => {
            v.mem(mem);
            v.reads(src, words);
        }
        Op::VecCopy { words, dst, src } => {
            v.reads(src, words);
            v.writes(dst, words);
        }
        Op::VecZero { words, dst } => v.writes(dst, words),
        Op::VecAlu { words, dst, a, b, .. } => {
            v.reads(a, words);
            v.reads(b, words);
            v.writes(dst, words);
        }
        Op::VecShift { words, dst, a, .. } => {
            v.reads(a, words);
            v.writes(dst, words);
        }
        Op::VecSplat { words, dst, src, .. } => {
            v.read(src);
            v.writes(dst, words);
        }
        Op::VecTopBits { words, dst, src, .. } => {
            v.reads(src, words);
            v.write(dst);
        }
        Op::SkipIfZero { test, .. } | Op::SkipIfNonZero { test, .. } => v.read(test),
        Op::GotoReg { addr, .. } => v.read(addr),
        Op::BranchCmpImm { a, .. } | Op::BranchBit { a, .. } => v.read(a),
        Op::Switch { index } => v.read(index),
        Op::WindowPush { first, count, args_first, args, .. } => {
            v.reads(args_first, args);
            v.reads(first, count);
            v.writes(first, count);
        }
        Op::WindowPop { src } => v.read(src),
        Op::Fence | Op::SkipUnless { .. } | Op::Goto { .. } | Op::BranchCond { .. } | Op::Stop { .. } => {}
        Op::Helper { a, b, c, d, .. } => helper_touches(op, [a, b, c, d], isa, &mut v),
    }
}

fn helper_touches(op: &Op, args: [Reg; 4], isa: &dyn Isa, v: &mut Visit<'_>) {
    let Some(decl) = isa.helper(op) else { return };
    for operand in decl.reads {
        match *operand {
            HelperOperand::Arg(n, words) => v.reads(args[usize::from(n)], words),
            HelperOperand::Fixed(reg, words) => v.reads(reg, words),
            HelperOperand::Flags => {}
        }
    }
    for operand in decl.writes {
        match *operand {
            HelperOperand::Arg(n, words) => v.writes(args[usize::from(n)], words),
            HelperOperand::Fixed(reg, words) => v.writes(reg, words),
            HelperOperand::Flags => {}
        }
    }
}

/// How the micro-op uses the flags.
#[must_use]
pub fn flag_use(op: &Op, isa: &dyn Isa) -> FlagUse {
    match op {
        Op::AddF { .. } | Op::SubF { .. } | Op::AddFImm { .. } | Op::SubFImm { .. } | Op::SetFlags { .. } => {
            FlagUse::Writes
        }
        Op::AluF { op, .. } | Op::AluFImm { op, .. } if op.reads_flags() => FlagUse::ReadsAndWrites,
        Op::AluF { .. } | Op::AluFImm { .. } => FlagUse::Writes,
        Op::CondAluF { .. } => FlagUse::ReadsAndWrites,
        Op::GetFlags { .. }
        | Op::SetCond { .. }
        | Op::SelectCond { .. }
        | Op::SkipUnless { .. }
        | Op::BranchCond { .. } => FlagUse::Reads,
        // What runs at the next address may look at them.
        _ if ends_block(op) => FlagUse::Reads,
        Op::Helper { .. } => {
            let Some(decl) = isa.helper(op) else { return FlagUse::ReadsAndWrites };
            match (decl.reads.contains(&HelperOperand::Flags), decl.writes.contains(&HelperOperand::Flags)) {
                (false, false) => FlagUse::None,
                (true, false) => FlagUse::Reads,
                (false, true) => FlagUse::Writes,
                (true, true) => FlagUse::ReadsAndWrites,
            }
        }
        _ => FlagUse::None,
    }
}

/// The micro-op's memory access, if it makes one of a size known beforehand.
#[must_use]
pub fn mem_use(op: &Op) -> Option<MemUse> {
    let one = |acc: Access, read, write| Some(MemUse { bytes: acc.bytes(), read, write });
    match *op {
        Op::Load { acc, .. } | Op::LoadUpdate { acc, .. } | Op::LoadLinked { acc, .. } => {
            one(acc, true, false)
        }
        Op::Store { acc, .. }
        | Op::StoreImm { acc, .. }
        | Op::StoreUpdate { acc, .. }
        | Op::PushConst { acc, .. }
        | Op::StoreConditional { acc, .. } => one(acc, false, true),
        Op::LoadPair { acc, .. } => Some(MemUse { bytes: 2 * acc.bytes(), read: true, write: false }),
        Op::StorePair { acc, .. } => Some(MemUse { bytes: 2 * acc.bytes(), read: false, write: true }),
        Op::AtomicRmw { acc, .. } | Op::CompareSwap { acc, .. } => one(acc, true, true),
        Op::VecLoad { words, .. } => Some(MemUse { bytes: 8 * u64::from(words), read: true, write: false }),
        Op::VecStore { words, .. } => Some(MemUse { bytes: 8 * u64::from(words), read: false, write: true }),
        _ => None,
    }
}

/// Whether the micro-op may access memory at all.
#[must_use]
pub fn may_access_memory(op: &Op, isa: &dyn Isa) -> bool {
    mem_use(op).is_some() || isa.helper(op).is_some_and(|decl| decl.memory != HelperMemory::None)
}

/// Whether the micro-op transfers control and so ends its block.
#[must_use]
pub const fn ends_block(op: &Op) -> bool {
    matches!(
        op,
        Op::Goto { .. }
            | Op::GotoReg { .. }
            | Op::BranchCmp { .. }
            | Op::BranchCmpImm { .. }
            | Op::BranchCond { .. }
            | Op::BranchBit { .. }
            | Op::Switch { .. }
            | Op::Stop { .. }
            | Op::WindowPop { .. }
    )
}

/// How many exits the micro-op needs: exactly this many, or at least one for a switch.
#[must_use]
pub const fn exits_needed(op: &Op) -> (usize, usize) {
    match op {
        Op::Goto { .. } | Op::Stop { .. } => (1, 1),
        Op::BranchCmp { .. } | Op::BranchCmpImm { .. } | Op::BranchCond { .. } | Op::BranchBit { .. } => {
            (2, 2)
        }
        Op::Switch { .. } => (1, usize::MAX),
        _ => (0, 0),
    }
}
