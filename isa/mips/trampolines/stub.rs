//! `reflect.makeFuncStub` and `reflect.methodValueCall`: the code of functions that `reflect` makes.
//!
//! Both leave the closure context, the address of their caller's arguments, (from 2020 on) the address of a flag and (from
//! 2021 on) a nil pointer for argument registers for a Go function. The flag tells the collector whether the result words
//! of the argument area hold results yet.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::Routine;
use crate::mips::encode::{R, R0, SP};
use crate::routine::Head;

/// The closure context register.
const CONTEXT: R = R(22);
/// The register of the author's choice.
const SCRATCH: R = R(1);

/// `reflect.makeFuncStub`.
pub fn make_func_stub(epoch: Epoch, assembler: Assembler) -> Routine {
    let words = passed_words(epoch);
    stub(epoch, assembler, "reflect.makeFuncStub", "reflect.callReflect", words)
}

/// `reflect.methodValueCall`. When the words that the stubs pass became four, its frame on 64-bit machines was
/// forgotten: the flag lies above it, in the word that its caller keeps (fixed by Go's commit 41cf18eda7).
pub fn method_value_call(epoch: Epoch, assembler: Assembler) -> Routine {
    let forgotten = epoch == Epoch::Y2021 && assembler.mode.wide;
    let words = if forgotten { passed_words(Epoch::Y2020) } else { passed_words(epoch) };
    stub(epoch, assembler, "reflect.methodValueCall", "reflect.callMethod", words)
}

/// Words that a stub passes.
fn passed_words(epoch: Epoch) -> i32 {
    match epoch {
        _ if epoch >= Epoch::Y2021 => 4,
        Epoch::Y2020 => 3,
        _ => 2,
    }
}

/// A stub whose frame has room for so many words, and since 2020 for the flag.
fn stub(epoch: Epoch, assembler: Assembler, name: &'static str, target: &str, words: i32) -> Routine {
    let flag_words = i32::from(epoch >= Epoch::Y2020);
    let head = Head {
        name,
        frame_bytes: Some((assembler.word_bytes() * (words + flag_words)).unsigned_abs()),
        // The runtime finds the size of the arguments through the closure.
        args_bytes: 0,
        splits_stack: false,
        wrapper: true,
        maps: FrameMaps::Context,
    };
    let mut routine = Routine::new(assembler, head, PointerMap::default());
    let (word, args) = (routine.word(), routine.arg(0));
    routine.asm.store(CONTEXT, SP, word);
    routine.asm.addiu(SCRATCH, SP, args);
    routine.asm.store(SCRATCH, SP, 2 * word);
    if epoch >= Epoch::Y2020 {
        pass_flag(&mut routine, (passed_words(epoch) + 1) * word);
    }
    if epoch >= Epoch::Y2021 {
        routine.asm.store(R0, SP, 4 * word);
    }
    routine.asm.jal(target);
    routine.ret();
    routine
}

/// Clear the flag, which lies at `at`, and pass its address.
fn pass_flag(routine: &mut Routine, at: i32) {
    let word = routine.word();
    routine.asm.sb(R0, SP, at);
    routine.asm.addi(SCRATCH, SP, at);
    routine.asm.store(SCRATCH, SP, 3 * word);
}
