//! `makeFuncStub` and `methodValueCall`: the code halves of functions that reflect makes.
//!
//! They call `reflect.callReflect` and `reflect.callMethod` with these arguments, each a word from the stack pointer up:
//!
//! | epoch | arguments |
//! |---|---|
//! | until 2018 | context, address of the caller's arguments |
//! | 2020 | and address of the flag that results are valid, a local |
//! | since 2021 | and address of the register block, a local |

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::Routine;
use super::frame::{Frame, with_frame};
use super::spill::{BLOCK, spill_name, unspill_name};
use crate::x86::encode::{Assembler, At, Gpr};

/// The two locals, at offsets that the runtime knows: whether the results are valid, and the register block.
const RET_VALID: At = At(Gpr::SP, 32);
const REG_ARGS: At = At(Gpr::SP, 40);
/// Outgoing argument words.
const OUT: [At; 4] = [At(Gpr::SP, 0), At(Gpr::SP, 8), At(Gpr::SP, 16), At(Gpr::SP, 24)];
/// Bytes of the frame: four words out, the flag's word, and a register block of 272 bytes.
const FRAME_BYTES: i32 = 312;
/// Before registers passed arguments: three words out and the flag.
const FRAME_BYTES_2020: i32 = 32;
const RET_VALID_2020: At = At(Gpr::SP, 24);
/// Before the runtime asked whether results are valid (Go 1.12): two words out.
const FRAME_BYTES_2018: i32 = 16;

/// Both stubs of an epoch.
pub fn stubs(epoch: Epoch) -> [Routine; 2] {
    [stub(epoch, "reflect.makeFuncStub", "reflect.callReflect"), stub(epoch, "reflect.methodValueCall", "reflect.callMethod")]
}

fn stub(epoch: Epoch, name: &str, callee: &str) -> Routine {
    let bytes = match epoch {
        Epoch::Y2014Before | Epoch::Y2014 | Epoch::Y2016 | Epoch::Y2018 => FRAME_BYTES_2018,
        Epoch::Y2020 => FRAME_BYTES_2020,
        Epoch::Y2021 | Epoch::Go119 | Epoch::Go127 => FRAME_BYTES,
    };
    // Written for ABIInternal in 2020, before that kept g in a register, and in 2021, when it did; for ABI0 since.
    let has_g = epoch == Epoch::Y2021;
    let frame = Frame { bytes, splits_stack: false, is_wrapper: true, has_g };
    let args = At(Gpr::SP, frame.args_at(epoch));
    let code = with_frame(epoch, frame, |a| {
        if epoch >= Epoch::Y2021 { in_registers(a, epoch, args, callee) } else { on_the_stack(a, epoch, args, callee) }
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

/// Pass the context, the arguments' address and, where there is one, the flag's address.
fn on_the_stack(a: &mut Assembler, epoch: Epoch, args: At, callee: &str) {
    a.store(OUT[0], Gpr::DX);
    a.lea(Gpr::CX, args);
    a.store(OUT[1], Gpr::CX);
    if epoch >= Epoch::Y2020 {
        a.store_byte(RET_VALID_2020, 0);
        a.lea(Gpr::AX, RET_VALID_2020);
        a.store(OUT[2], Gpr::AX);
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
