//! Delay slots: the instruction behind a branch runs before control leaves.
//!
//! A branch and its slot are lifted together. What the branch looks at is looked at before the slot's instruction runs,
//! and what it links is linked before.

use rcsim_uop::BlockBuilder;

use super::{Cx, sort};
use crate::mips::decode::{self, Gap, INSN_BYTES, Insn, Lifted};
use crate::mips::regs::temporaries;

/// Lift a branch: `before` emits what comes before the slot's instruction and is told whether there is one that does
/// anything; `after` ends the block with what it returned.
pub fn around<T>(
    cx: &mut Cx<'_>,
    before: impl FnOnce(&mut BlockBuilder, bool) -> T,
    after: impl FnOnce(&mut BlockBuilder, T),
) -> Lifted {
    let slot = fetch(cx)?;
    let busy = slot.word != 0;
    if busy {
        try_out(cx, slot)?;
    }
    let held = before(cx.begin(), busy);
    if busy {
        run(cx, slot).expect("it has just been lifted on trial");
    } else {
        cx.out.insn_keeping_temps(slot.pc, INSN_BYTES as u8);
    }
    after(cx.out, held);
    Ok(())
}

/// The instruction in the slot. What a branch in a slot does is not defined.
fn fetch(cx: &Cx<'_>) -> Lifted<Insn> {
    if cx.in_slot {
        return Err(Gap::Opcode);
    }
    decode::fetch(cx.code, cx.insn.next(), cx.mode).map_err(|_| Gap::NoDelaySlot)
}

/// Nothing may be announced when the slot's instruction cannot be lifted, or ends the block itself.
fn try_out(cx: &Cx<'_>, slot: Insn) -> Lifted {
    let mut out = BlockBuilder::new(slot.pc, temporaries());
    let trial = &mut Cx { code: cx.code, insn: slot, mode: cx.mode, in_slot: true, out: &mut out };
    match sort(trial) {
        Ok(()) if !out.is_ended() => Ok(()),
        Err(Gap::Feature(name)) => Err(Gap::Feature(name)),
        Ok(()) | Err(_) => Err(Gap::DelaySlot),
    }
}

fn run(cx: &mut Cx<'_>, slot: Insn) -> Lifted {
    sort(&mut Cx { code: cx.code, insn: slot, mode: cx.mode, in_slot: true, out: cx.out })
}
