//! `makeFuncStub` and `methodValueCall`: the code halves of functions that reflect makes.
//!
//! They call `reflect.callReflect` and `reflect.callMethod` with these arguments, each a word from the stack pointer up:
//!
//! | epoch | arguments |
//! |---|---|
//! | until 2018 | context, address of the caller's arguments |
//! | 2020 | and address of the flag that results are valid, a local |
//! | since 2021 | and address of the register block, a local; null where registers pass nothing |

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::{Routine, Target};
use super::frame::{Frame, with_frame};
use super::spill::{BLOCK, spill_name, unspill_name};
use crate::x86::encode::{Assembler, At, Gpr};

/// The two locals where registers pass arguments, at offsets that the runtime knows: whether the results are valid, and
/// the register block.
const RET_VALID: At = At(Gpr::SP, 32);
const REG_ARGS: At = At(Gpr::SP, 40);
/// Outgoing argument words there.
const OUT: [At; 4] = [At(Gpr::SP, 0), At(Gpr::SP, 8), At(Gpr::SP, 16), At(Gpr::SP, 24)];
/// Bytes of the frame there: four words out, the flag's word, and a register block of 272 bytes.
const FRAME_BYTES: i32 = 312;

/// Both stubs of an epoch.
pub fn stubs(target: Target) -> [Routine; 2] {
    [stub(target, "reflect.makeFuncStub", "reflect.callReflect"), stub(target, "reflect.methodValueCall", "reflect.callMethod")]
}

/// Words that are passed on the stack.
fn passed_words(epoch: Epoch) -> i32 {
    match epoch {
        Epoch::Y2014Before | Epoch::Y2014 | Epoch::Y2016 | Epoch::Y2018 => 2,
        Epoch::Y2020 => 3,
        Epoch::Y2021 | Epoch::Go119 | Epoch::Go127 => 4,
    }
}

/// Since Go 1.12 the runtime asks whether results are valid, in a local above what is passed.
fn frame_bytes(target: Target) -> i32 {
    let passed = passed_words(target.epoch);
    match target.epoch {
        _ if passes_in_registers(target) => FRAME_BYTES,
        epoch if epoch < Epoch::Y2020 => target.word(passed),
        _ => target.word(passed + 1),
    }
}

/// Registers could pass arguments in 2020, but the stubs learned of them only in 2021.
fn passes_in_registers(target: Target) -> bool {
    target.has_reg_args() && target.epoch >= Epoch::Y2021
}

fn stub(target: Target, name: &str, callee: &str) -> Routine {
    let bytes = frame_bytes(target);
    // Written for ABIInternal in 2020, before that kept g in a register, and in 2021, when it did; for ABI0 since.
    let has_g = target.has_reg_args() && target.epoch == Epoch::Y2021;
    let frame = Frame { bytes, splits_stack: false, is_wrapper: true, has_g };
    let args = At(Gpr::SP, frame.args_at(target));
    let code = with_frame(target, frame, |a| {
        if passes_in_registers(target) {
            in_registers(a, target.epoch, args, callee);
        } else {
            on_the_stack(a, target, args, callee);
        }
    });
    Routine {
        name: name.into(),
        code,
        frame_bytes: bytes as u32,
        args_bytes: 0,
        splits_stack: false,
        maps: FrameMaps::Context,
        args: PointerMap::default(),
    }
}

/// Pass the context, the arguments' address and, where there are such, the flag's address and no register block.
fn on_the_stack(a: &mut Assembler, target: Target, args: At, callee: &str) {
    let out = |word: i32| At(Gpr::SP, target.word(word));
    let passed = passed_words(target.epoch);
    a.store(out(0), Gpr::DX);
    a.lea(Gpr::CX, args);
    a.store(out(1), Gpr::CX);
    if passed >= 3 {
        let ret_valid = out(passed);
        a.store_byte(ret_valid, 0);
        a.lea(Gpr::AX, ret_valid);
        a.store(out(2), Gpr::AX);
    }
    if passed >= 4 {
        a.store_imm32(out(3), 0);
    }
    a.call(callee);
}

/// Spill the registers, make their pointers visible, pass the block as well, and reload the registers.
fn in_registers(a: &mut Assembler, epoch: Epoch, args: At, callee: &str) {
    a.lea(BLOCK, REG_ARGS);
    a.call(spill_name(epoch));
    // Outside the argument area of moveMakeFuncArgPtrs, which may overwrite its own. The commit of 2021 kept the context
    // in that area only (a defect of that epoch).
    let saves_context = epoch > Epoch::Y2021;
    if saves_context {
        a.store(OUT[3], Gpr::DX);
    }
    a.store(OUT[0], Gpr::DX);
    a.store(OUT[1], BLOCK);
    a.call("reflect.moveMakeFuncArgPtrs");
    if saves_context {
        a.load(Gpr::DX, OUT[3]);
        a.store(OUT[0], Gpr::DX);
    }
    a.lea(Gpr::CX, args);
    a.store(OUT[1], Gpr::CX);
    a.store_byte(RET_VALID, 0);
    a.lea(Gpr::AX, RET_VALID);
    a.store(OUT[2], Gpr::AX);
    a.lea(Gpr::AX, REG_ARGS);
    a.store(OUT[3], Gpr::AX);
    a.call(callee);
    a.lea(BLOCK, REG_ARGS);
    a.call(unspill_name(epoch));
}
