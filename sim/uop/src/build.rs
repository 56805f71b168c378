//! Building a block: the interface that lifts write to, and the driver that calls them.

use crate::accesses;
use crate::block::{self, Block, InsnMark};
use crate::edit::{Edits, Lifted};
use crate::effects::{self, FlagUse};
use crate::flags::FlagOp;
use crate::isa::{CodeView, Isa, LiftError};
use crate::op::{Edge, Op, Shift, Stop, Width};
use crate::reg::{Reg, SINK, ZERO};
use crate::verify;

/// Most instructions in one block; bounds the time between two looks at the step limit.
pub const MAX_INSNS: usize = 64;
/// Most micro-ops in one block.
pub const MAX_OPS: usize = 1024;

/// Collects the micro-ops of a block.
#[derive(Debug)]
pub struct BlockBuilder {
    pc: u64,
    ops: Vec<Op>,
    insns: Vec<InsnMark>,
    exits: Vec<u64>,
    temps: std::ops::Range<u8>,
    next_temp: u8,
    ended: bool,
}

impl BlockBuilder {
    /// An empty block at `pc` whose lifts may use the given slots as temporaries.
    #[must_use]
    pub fn new(pc: u64, temps: std::ops::Range<u8>) -> Self {
        let next_temp = temps.start;
        Self { pc, ops: Vec::new(), insns: Vec::new(), exits: Vec::new(), temps, next_temp, ended: false }
    }

    /// Announce the instruction at `pc`; its micro-ops follow. Temporaries of the instruction before may be reused,
    /// so the lift of a branch with a delay slot announces both first and takes its temporaries afterwards, or uses
    /// [`BlockBuilder::insn_keeping_temps`].
    pub fn insn(&mut self, pc: u64, len: u8) {
        self.long_insn(pc, u16::from(len));
    }

    /// Announce an instruction that may be longer than 255 bytes, as a jump table within code is.
    pub fn long_insn(&mut self, pc: u64, len: u16) {
        self.next_temp = self.temps.start;
        self.insns.push(InsnMark { pc, len, first_op: self.ops.len() as u16 });
    }

    /// Announce an instruction while temporaries of the one before stay in use.
    pub fn insn_keeping_temps(&mut self, pc: u64, len: u8) {
        self.insns.push(InsnMark { pc, len: u16::from(len), first_op: self.ops.len() as u16 });
    }

    /// A fresh temporary slot.
    ///
    /// # Panics
    /// When the instruction has used up all: a mistake in the lift or in the architecture's register file.
    pub fn temp(&mut self) -> Reg {
        self.temps(1)
    }

    /// The first of `words` fresh consecutive temporary slots.
    ///
    /// # Panics
    /// As [`BlockBuilder::temp`].
    pub fn temps(&mut self, words: u8) -> Reg {
        assert!(self.next_temp + words <= self.temps.end, "out of temporaries at {:#x}", self.pc);
        let first = Reg(self.next_temp);
        self.next_temp += words;
        first
    }

    /// Append a micro-op.
    pub fn emit(&mut self, op: Op) {
        debug_assert!(!self.ended, "micro-op after the end of the block");
        self.ops.push(op);
    }

    /// Number of micro-ops so far; for working out the counts of skips.
    #[must_use]
    pub fn position(&self) -> usize {
        self.ops.len()
    }

    /// Set the count of the skip at `position` so that it goes on after everything emitted since.
    ///
    /// # Panics
    /// When there is no skip at `position` or the distance exceeds 255: a mistake in the lift.
    pub fn land(&mut self, position: usize) {
        let distance =
            u8::try_from(self.ops.len() - position - 1).expect("a skip stays within one instruction");
        match &mut self.ops[position] {
            Op::SkipIfZero { count, .. } | Op::SkipIfNonZero { count, .. } | Op::SkipUnless { count, .. } => {
                *count = distance;
            }
            other => panic!("no skip at {position}: {other:?}"),
        }
    }

    /// End the block with a transferring micro-op and its exits.
    pub fn end(&mut self, op: Op, exits: &[u64]) {
        self.emit(op);
        self.exits.extend_from_slice(exits);
        self.ended = true;
    }

    /// End the block with a jump to `target`.
    pub fn goto(&mut self, edge: Edge, target: u64) {
        self.end(Op::Goto { edge }, &[target]);
    }

    /// End the block with a jump to the address in `addr`.
    pub fn goto_reg(&mut self, edge: Edge, addr: Reg) {
        self.end(Op::GotoReg { edge, addr }, &[]);
    }

    /// End the block by stopping the guest; it would resume at `resume`.
    pub fn stop(&mut self, why: Stop, code: u32, resume: u64) {
        self.end(Op::Stop { why, code }, &[resume]);
    }

    /// Whether the block has its end.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// Number of instructions so far.
    #[must_use]
    pub fn insn_count(&self) -> usize {
        self.insns.len()
    }

    /// Append what an instruction does.
    fn append(&mut self, lifted: &Lifted) {
        self.next_temp = self.temps.end;
        let first_op = self.ops.len() as u16;
        let moved = |mark: &InsnMark| InsnMark { first_op: first_op + mark.first_op, ..*mark };
        self.insns.extend(lifted.insns.iter().map(moved));
        self.ops.extend_from_slice(&lifted.ops);
        self.exits.extend_from_slice(&lifted.exits);
        self.ended = lifted.ends_block();
    }

    /// What has been emitted, as the doing of one instruction.
    pub(crate) fn into_lifted(self) -> Lifted {
        Lifted { insns: self.insns, ops: self.ops, exits: self.exits }
    }

    /// `dst = value`.
    pub fn constant(&mut self, dst: Reg, value: u64) {
        self.emit(Op::Const { dst, value });
    }

    /// `dst = src`, or nothing when they are the same.
    pub fn copy(&mut self, dst: Reg, src: Reg) {
        if dst != src && dst != SINK {
            self.emit(Op::Copy { dst, src });
        }
    }

    /// `dst = a + imm`, as the simplest micro-op that does it.
    pub fn add_imm(&mut self, width: Width, dst: Reg, a: Reg, imm: i64) {
        match (a, imm, width) {
            (ZERO, _, _) => self.constant(dst, width.fit(imm as u64)),
            (_, 0, Width::W64) => self.copy(dst, a),
            _ => self.emit(Op::AddImm { width, dst, a, imm }),
        }
    }

    /// Finish: drop what is dead and verify.
    ///
    /// # Errors
    /// [`LiftError::Malformed`] when the lift broke a rule of the language.
    pub fn finish(mut self, isa: &dyn Isa) -> Result<Block, LiftError> {
        drop_dead_flags(&mut self.ops, isa);
        self.drop_unwanted();
        let places = block::places(&self.insns, self.ops.len());
        let first_access = accesses::before_each(&self.ops, &self.insns, isa);
        let (ops, insns, exits) = (self.ops.into(), self.insns.into(), self.exits.into());
        let block = Block { pc: self.pc, ops, insns, exits, places, first_access };
        verify::verify(&block, isa).map_err(|rule| LiftError::Malformed { pc: block.pc, rule })?;
        Ok(block)
    }
}

impl BlockBuilder {
    /// Remove operations whose only result goes nowhere: comparisons whose flags turned out dead.
    fn drop_unwanted(&mut self) {
        let skips =
            |op: &Op| matches!(op, Op::SkipIfZero { .. } | Op::SkipIfNonZero { .. } | Op::SkipUnless { .. });
        if self.ops.iter().any(skips) || !self.ops.iter().any(is_unwanted) {
            return;
        }
        let kept_before: Vec<u16> = self
            .ops
            .iter()
            .scan(0, |kept, op| {
                let before = *kept;
                *kept += u16::from(!is_unwanted(op));
                Some(before)
            })
            .collect();
        for mark in &mut self.insns {
            let end = self.ops.iter().filter(|op| !is_unwanted(op)).count() as u16;
            mark.first_op = kept_before.get(usize::from(mark.first_op)).copied().unwrap_or(end);
        }
        self.ops.retain(|op| !is_unwanted(op));
    }
}

/// Whether the micro-op computes a value that nobody gets.
fn is_unwanted(op: &Op) -> bool {
    match *op {
        Op::Add { dst, .. }
        | Op::Sub { dst, .. }
        | Op::And { dst, .. }
        | Op::Or { dst, .. }
        | Op::Xor { dst, .. }
        | Op::AndNot { dst, .. }
        | Op::AddImm { dst, .. }
        | Op::AndImm { dst, .. }
        | Op::OrImm { dst, .. }
        | Op::XorImm { dst, .. } => dst == SINK,
        _ => false,
    }
}

/// Replace operations whose flags are overwritten in the same block before anyone reads them by plain ones.
///
/// A guest trap between the two would show older flags than the hardware; nothing in Go's runtime looks at them then.
fn drop_dead_flags(ops: &mut [Op], isa: &dyn Isa) {
    let mut live = true;
    for at in (0..ops.len()).rev() {
        // Code that may be skipped overwrites nothing for certain.
        if let Op::SkipIfZero { .. } | Op::SkipIfNonZero { .. } | Op::SkipUnless { .. } = ops[at] {
            live = true;
        }
        match effects::flag_use(&ops[at], isa) {
            FlagUse::None => {}
            FlagUse::Reads => live = true,
            // Without its flags the operation reads none either; what was dead before it stays dead.
            FlagUse::ReadsAndWrites => match without_flags(&ops[at]) {
                Some(plain) if !live => ops[at] = plain,
                _ => live = true,
            },
            FlagUse::Writes => {
                if !live && let Some(plain) = without_flags(&ops[at]) {
                    ops[at] = plain;
                }
                live = false;
            }
        }
    }
}

/// The same result without recording flags; `None` where there is no such micro-op.
fn without_flags(op: &Op) -> Option<Op> {
    Some(match *op {
        Op::AddF { width, dst, a, b } => Op::Add { width, dst, a, b },
        Op::SubF { width, dst, a, b, .. } => Op::Sub { width, dst, a, b },
        Op::AddFImm { width, dst, a, imm } => Op::AddImm { width, dst, a, imm },
        Op::SubFImm { width, dst, a, imm, .. } => Op::AddImm { width, dst, a, imm: imm.wrapping_neg() },
        Op::AluF { op, width, dst, a, b } => match op {
            FlagOp::And => Op::And { width, dst, a, b },
            FlagOp::AndNot => Op::AndNot { width, dst, a, b },
            FlagOp::Or => Op::Or { width, dst, a, b },
            FlagOp::Xor => Op::Xor { width, dst, a, b },
            FlagOp::Inc => Op::AddImm { width, dst, a, imm: 1 },
            FlagOp::Dec => Op::AddImm { width, dst, a, imm: -1 },
            FlagOp::MulU | FlagOp::MulS => Op::Mul { width, dst, a, b },
            FlagOp::Tested | FlagOp::TestedCarry => Op::Or { width, dst, a, b: ZERO },
            _ => Op::Shift { op: plain_shift(op, width)?, width, dst, a, b },
        },
        Op::AluFImm { op, width, dst, a, imm } => match op {
            FlagOp::And => Op::AndImm { width, dst, a, imm: imm as u64 },
            FlagOp::Or => Op::OrImm { width, dst, a, imm: imm as u64 },
            FlagOp::Xor => Op::XorImm { width, dst, a, imm: imm as u64 },
            _ => {
                let amount = u8::try_from(imm).ok().filter(|amount| u32::from(*amount) < width.bits())?;
                Op::ShiftImm { op: plain_shift(op, width)?, width, dst, a, amount }
            }
        },
        _ => return None,
    })
}

/// The shift without flags, where its count is masked to the same bits.
fn plain_shift(op: FlagOp, width: Width) -> Option<Shift> {
    if width.bits() < 32 {
        return None;
    }
    match op {
        FlagOp::Shl => Some(Shift::Left),
        FlagOp::Shr => Some(Shift::Right),
        FlagOp::Sar => Some(Shift::RightSigned),
        FlagOp::Ror => Some(Shift::RotateRight),
        _ => None,
    }
}

/// Lift the block at `pc`, at most `max_insns` instructions of it.
///
/// A block ends at a control transfer, at a hook, at [`MAX_INSNS`], or before an instruction that cannot be lifted; the
/// error is reported when the guest gets there.
///
/// # Errors
/// When the very first instruction cannot be lifted.
pub fn build_block(
    isa: &dyn Isa,
    code: &dyn CodeView,
    pc: u64,
    max_insns: usize,
) -> Result<Block, LiftError> {
    build_edited_block(isa, code, &Edits::none(), pc, max_insns)
}

/// As [`build_block`], with some instructions edited.
///
/// # Errors
/// As [`build_block`]; also when an edit breaks a rule of the language.
pub fn build_edited_block(
    isa: &dyn Isa,
    code: &dyn CodeView,
    edits: &Edits,
    pc: u64,
    max_insns: usize,
) -> Result<Block, LiftError> {
    let mut out = BlockBuilder::new(pc, isa.regs().temps());
    if let Some(hook) = code.hook(pc) {
        out.insn(pc, 0);
        out.stop(Stop::Hook, hook, pc);
        return out.finish(isa);
    }
    let mut next = pc;
    loop {
        let lifted = match edits.at(next) {
            Some(edited) => {
                out.append(edited);
                Ok(())
            }
            None => isa.lift(code, next, &mut out),
        };
        match lifted {
            Ok(()) => {}
            Err(error) if out.insn_count() == 0 => return Err(error),
            Err(_) => {
                out.goto(Edge::Jump, next);
                break;
            }
        }
        if out.is_ended() {
            break;
        }
        next = out.insns.last().map_or(next, |mark| mark.pc + u64::from(mark.len));
        let full = out.insn_count() >= max_insns.min(MAX_INSNS) || out.position() >= MAX_OPS / 2;
        if full || code.hook(next).is_some() {
            out.goto(Edge::Jump, next);
            break;
        }
    }
    out.finish(isa)
}
