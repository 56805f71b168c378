//! The verifier: every block passes it before it runs.
//!
//! A lift that names a slot outside its architecture's file, forgets to end a block, or reads a temporary that it never
//! set is caught here, at the first block, instead of showing as a wrong result later.

use crate::block::Block;
use crate::effects::{ends_block, exits_needed, touches};
use crate::fp::{FpRound, FpUnary};
use crate::isa::Isa;
use crate::op::Op;
use crate::reg::{FIRST_FREE, Reg, SINK, SLOTS, ZERO};

/// Check every rule of the language.
///
/// # Errors
/// The first rule that is broken, in words.
pub fn verify(block: &Block, isa: &dyn Isa) -> Result<(), String> {
    check_shape(block)?;
    check_exits(block)?;
    check_registers(block, isa)?;
    check_rounding(block)?;
    check_skips(block)
}

/// Arithmetic is computed rounded to nearest, ties to even, the only mode that Go programs use; another mode must not
/// pass silently.
fn check_rounding(block: &Block) -> Result<(), String> {
    let stray = block.ops.iter().position(|op| match op {
        Op::FpAlu { round, .. }
        | Op::FpMulAdd { round, .. }
        | Op::IntToFp { round, .. }
        | Op::FpConvert { round, .. }
        | Op::FpUnary { op: FpUnary::Sqrt, round, .. } => *round != FpRound::NearestEven,
        _ => false,
    });
    stray.map_or(Ok(()), |at| {
        Err(format!("micro-op {at} rounds in a mode that is not modelled: {:?}", block.ops[at]))
    })
}

fn check_shape(block: &Block) -> Result<(), String> {
    let Some(last) = block.ops.last() else { return Err("the block is empty".into()) };
    if !ends_block(last) {
        return Err(format!("the last micro-op does not transfer control: {last:?}"));
    }
    if let Some(at) = block.ops[..block.ops.len() - 1].iter().position(ends_block) {
        return Err(format!("micro-op {at} transfers control before the end: {:?}", block.ops[at]));
    }
    if block.insns.first().is_none_or(|mark| mark.first_op != 0) {
        return Err("the first instruction does not start at the first micro-op".into());
    }
    if !block.insns.is_sorted_by_key(|mark| mark.first_op) {
        return Err("the instructions are not in the order of their micro-ops".into());
    }
    if block.insns.iter().any(|mark| usize::from(mark.first_op) > block.ops.len()) {
        return Err("an instruction starts after the last micro-op".into());
    }
    Ok(())
}

fn check_exits(block: &Block) -> Result<(), String> {
    let last = block.ops.last().ok_or("the block is empty")?;
    let pushes = block.ops.iter().filter(|op| matches!(op, Op::WindowPush { .. })).count();
    let (least, most) = exits_needed(last);
    let (least, most) = if pushes > 0 { (least + 1, most.saturating_add(1)) } else { (least, most) };
    if pushes > 1 {
        return Err("more than one window is pushed in a block".into());
    }
    if block.exits.len() < least || block.exits.len() > most {
        return Err(format!("{} exits for {last:?}", block.exits.len()));
    }
    Ok(())
}

fn check_registers(block: &Block, isa: &dyn Isa) -> Result<(), String> {
    let file = isa.regs();
    let known = |slot: usize| slot < usize::from(FIRST_FREE) || file.contains(Reg(slot as u8));
    let temps = file.temps();
    let mut set = [false; SLOTS];
    for (at, op) in block.ops.iter().enumerate() {
        if matches!(op, Op::Helper { .. }) && isa.helper(op).is_none() {
            return Err(format!("micro-op {at} names a helper that does not exist: {op:?}"));
        }
        let mut wrong = None;
        touches(op, isa, &mut |touch| {
            for word in 0..touch.words {
                let Some(slot) = touch.reg.0.checked_add(word).map(usize::from) else {
                    wrong = Some("runs off the register file");
                    return;
                };
                if !known(slot) {
                    wrong = Some("uses a slot that the architecture does not have");
                } else if touch.write && slot == ZERO.index() {
                    wrong = Some("writes the zero slot");
                } else if !touch.write && slot == SINK.index() {
                    wrong = Some("reads the sink");
                } else if temps.contains(&(slot as u8)) {
                    if !touch.write && !set[slot] {
                        wrong = Some("reads a temporary that was never set");
                    }
                    set[slot] |= touch.write;
                }
            }
        });
        if let Some(wrong) = wrong {
            return Err(format!("micro-op {at} {wrong}: {op:?}"));
        }
    }
    Ok(())
}

fn check_skips(block: &Block) -> Result<(), String> {
    for (at, op) in block.ops.iter().enumerate() {
        let (Op::SkipIfZero { count, .. } | Op::SkipIfNonZero { count, .. } | Op::SkipUnless { count, .. }) =
            op
        else {
            continue;
        };
        let insn = block.insn_of(at);
        let end = block.insns.get(insn + 1).map_or(block.ops.len(), |next| usize::from(next.first_op));
        let landing = at + 1 + usize::from(*count);
        let past_the_block = landing >= block.ops.len();
        if landing > end || past_the_block {
            return Err(format!("micro-op {at} skips out of its instruction: {op:?}"));
        }
    }
    Ok(())
}
