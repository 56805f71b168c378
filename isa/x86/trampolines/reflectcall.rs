//! `reflectcall`, the trampolines `callN` with frames of fixed sizes, and `callRet`.
//!
//! Prototype of `reflectcall` and every `callN` since 2020: `(stackArgsType, fn, stackArgs unsafe.Pointer, stackArgsSize,
//! stackRetOffset, frameSize uint32, regArgs *abi.RegArgs)`.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::Routine;
use super::frame::{Frame, with_frame};
use super::spill::{BLOCK, spill_name, unspill_name};
use crate::x86::encode::{Assembler, At, Condition, Gpr};

/// Frame sizes of the trampolines.
pub const SIZES: [u32; 27] = {
    let mut sizes = [16; 27];
    let mut index = 1;
    while index < sizes.len() {
        sizes[index] = sizes[index - 1] * 2;
        index += 1;
    }
    sizes
};

/// Offsets of the arguments from the first one.
mod arg {
    pub const TYPE: i32 = 0;
    pub const FN: i32 = 8;
    pub const STACK_ARGS: i32 = 16;
    pub const STACK_ARGS_SIZE: i32 = 24;
    pub const STACK_RET_OFFSET: i32 = 28;
    pub const FRAME_SIZE: i32 = 32;
    pub const REG_ARGS: i32 = 40;
    pub const BYTES: u32 = 48;
}

/// Which words of the arguments are pointers.
fn arg_pointers() -> PointerMap {
    PointerMap { words: vec![true, true, true, false, false, true] }
}

/// Bytes of the return address, which is all between the stack pointer and the arguments in a function without a frame.
const RETURN_ADDRESS: i32 = 8;

fn call_name(bytes: u32) -> String {
    format!("runtime.call{bytes}")
}

/// Jump to the trampoline with the smallest frame that is large enough.
pub fn reflectcall(_epoch: Epoch) -> Routine {
    let mut a = Assembler::default();
    a.load32(Gpr::CX, At(Gpr::SP, RETURN_ADDRESS + arg::FRAME_SIZE));
    for bytes in SIZES {
        let larger = a.label();
        a.cmp_imm(Gpr::CX, bytes as i32);
        a.branch(Condition::ABOVE, larger);
        jump_through_ax(&mut a, &call_name(bytes));
        a.place(larger);
    }
    jump_through_ax(&mut a, "runtime.badreflectcall");
    Routine {
        name: "runtime.reflectcall".into(),
        code: a,
        frame_bytes: 0,
        args_bytes: arg::BYTES,
        splits_stack: false,
        maps: FrameMaps::Prototype,
        args: arg_pointers(),
    }
}

fn jump_through_ax(a: &mut Assembler, symbol: &str) {
    a.lea_symbol(Gpr::AX, symbol);
    a.jmp_reg(Gpr::AX);
}

/// A trampoline: copy the stack arguments in, load the registers, call, and hand the results to `callRet`.
pub fn call_n(epoch: Epoch, bytes: u32) -> Routine {
    let frame = Frame { bytes: bytes as i32, splits_stack: true, is_wrapper: true, has_g: false };
    let arg = |offset: i32| At(Gpr::SP, frame.args_at() + offset);
    let code = with_frame(epoch, frame, |a| {
        a.load(Gpr::SI, arg(arg::STACK_ARGS));
        a.load32(Gpr::CX, arg(arg::STACK_ARGS_SIZE));
        a.mov(Gpr::DI, Gpr::SP);
        a.rep_movsb();
        a.load(BLOCK, arg(arg::REG_ARGS));
        a.call(unspill_name(epoch));
        a.load(Gpr::DX, arg(arg::FN));
        // Not through an argument register: those are loaded by now.
        a.load(Gpr::R12, At(Gpr::DX, 0));
        a.call_reg(Gpr::R12);
        a.load(BLOCK, arg(arg::REG_ARGS));
        a.call(spill_name(epoch));
        a.load32(Gpr::CX, arg(arg::STACK_ARGS_SIZE));
        a.load32(Gpr::BX, arg(arg::STACK_RET_OFFSET));
        a.load(Gpr::DI, arg(arg::STACK_ARGS));
        a.load(Gpr::DX, arg(arg::TYPE));
        a.mov(Gpr::SI, Gpr::SP);
        a.add(Gpr::DI, Gpr::BX);
        a.add(Gpr::SI, Gpr::BX);
        a.sub(Gpr::CX, Gpr::BX);
        a.call("callRet");
    });
    Routine {
        name: call_name(bytes),
        code,
        frame_bytes: bytes,
        args_bytes: arg::BYTES,
        splits_stack: true,
        maps: FrameMaps::Prototype,
        args: arg_pointers(),
    }
}

/// Call `reflectcallmove` with what the trampoline left in registers; a function of its own so that it has room for the
/// arguments.
pub fn call_ret(epoch: Epoch) -> Routine {
    let passed = [Gpr::DX, Gpr::DI, Gpr::SI, Gpr::CX, BLOCK];
    let bytes = 8 * passed.len() as i32;
    let frame = Frame { bytes, splits_stack: false, is_wrapper: false, has_g: false };
    let code = with_frame(epoch, frame, |a| {
        for (register, offset) in passed.into_iter().zip((0..).step_by(8)) {
            a.store(At(Gpr::SP, offset), register);
        }
        a.call("runtime.reflectcallmove");
    });
    Routine {
        name: "callRet".into(),
        code,
        frame_bytes: bytes as u32,
        args_bytes: 0,
        splits_stack: false,
        maps: FrameMaps::Prototype,
        args: PointerMap::default(),
    }
}
