//! How the trampolines copy arguments into their frame, and until 2014 results out of it.
//!
//! Byte by byte at first, by words later. The change came after the commit of 2016 and before that of 2020; it is taken to be
//! older than the commit of 2018.

use rcsim_uop::Epoch;

use super::assembler::Assembler;
use super::frame::Routine;
use crate::assembly::Label;
use crate::ppc64::encode::{Cc, R, R0, SP};

/// Where a copy starts, how much it moves, and to where.
#[derive(Clone, Copy)]
pub struct Copy {
    /// Start of what is copied.
    pub from: R,
    /// How many bytes.
    pub bytes: R,
    /// Where they go.
    pub to: R,
}

/// Copy the stack arguments into our frame; where they go there is found here.
pub fn arguments(routine: &mut Routine, epoch: Epoch, assembler: Assembler, copy: Copy) {
    routine.asm.mr(copy.to, SP);
    if epoch >= Epoch::Y2018 {
        return by_words(routine, assembler.outgoing(), copy);
    }
    let asm = &mut routine.asm;
    asm.addi(copy.to, copy.to, assembler.outgoing() - 1);
    asm.addi(copy.from, copy.from, -1);
    asm.add(copy.bytes, copy.bytes, copy.to);
    by_bytes(routine, assembler, copy, copy.to);
}

/// Copy results out of our frame, from the byte after `from` on.
pub fn results(routine: &mut Routine, assembler: Assembler, copy: Copy) {
    let asm = &mut routine.asm;
    asm.addi(copy.to, copy.to, -1);
    asm.add(copy.bytes, copy.bytes, copy.from);
    by_bytes(routine, assembler, copy, copy.from);
}

/// A byte at a time, until the pointer into our frame reaches what has become of the length: its end. Both pointers start
/// one byte early, for the updating accesses step before they move.
fn by_bytes(routine: &mut Routine, assembler: Assembler, Copy { from, bytes: end, to }: Copy, ours: R) {
    let value = R(6);
    let asm = &mut routine.asm;
    let test = asm.here();
    let done = asm.label();
    asm.cmpd(ours, end);
    asm.b_if(Cc::Eq, done);
    let again = asm.here();
    asm.lbzu(value, from, 1);
    asm.stbu(value, to, 1);
    if assembler.generation.turns_loops() {
        asm.cmpd(ours, end);
        asm.b_if(Cc::Ne, again);
    } else {
        asm.b(test);
    }
    asm.bind(done);
}

/// 8 bytes at a time, then the rest byte by byte. The updating accesses step before they move, so both pointers start one
/// step early.
fn by_words(routine: &mut Routine, out: i64, Copy { from, bytes, to }: Copy) {
    let asm = &mut routine.asm;
    let (few, rest, done) = (asm.label(), asm.label(), asm.label());
    asm.cmpdi(bytes, 8);
    asm.b_if(Cc::Lt, few);
    asm.addi(to, to, out - 8);
    asm.addi(from, from, -8);
    let again = asm.here();
    asm.ldu(R(7), from, 8);
    asm.stdu(R(7), to, 8);
    asm.addi(bytes, bytes, -8);
    asm.cmpdi(bytes, 8);
    asm.b_if(Cc::Ge, again);
    leave_when_none_left(routine, bytes, done);
    routine.asm.addi(from, from, 7);
    routine.asm.addi(to, to, 7);
    routine.asm.b(rest);
    routine.asm.bind(few);
    leave_when_none_left(routine, bytes, done);
    routine.asm.addi(to, to, out - 1);
    routine.asm.addi(from, from, -1);
    routine.asm.bind(rest);
    remaining_bytes(routine, from, bytes, to);
    routine.asm.bind(done);
}

fn leave_when_none_left(routine: &mut Routine, bytes: R, done: Label) {
    routine.asm.cmpd(R0, bytes);
    routine.asm.b_if(Cc::Eq, done);
}

/// The signed load of Go's assembler is a load and an extension.
fn remaining_bytes(routine: &mut Routine, from: R, bytes: R, to: R) {
    let value = R(6);
    let asm = &mut routine.asm;
    let again = asm.here();
    asm.lbzu(value, from, 1);
    asm.extsb(value, value);
    asm.stbu(value, to, 1);
    asm.addi(bytes, bytes, -1);
    asm.cmpd(R0, bytes);
    // Zero is compared with what is left, not the other way round, so the loop runs once however many bytes are left.
    // Argument areas are whole words; nothing ever gets here.
    asm.b_if(Cc::Gt, again);
}
