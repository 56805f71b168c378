//! `call16` to `call1073741824`: the frame that the called function finds its arguments in.

use rcsim_uop::Epoch;

use super::reflectcall::{FN, args_bytes};
use super::{leaf, wrappers_adjust_panic};
use crate::wasm::encode::source::{Function, Line, Load, Plain, Reg};

/// Where the arguments of `reflectcall` stand: type of the arguments,
const STACK_ARGS_TYPE: u32 = 0;
/// the arguments,
const STACK_ARGS: u32 = 16;
/// their size in bytes,
const STACK_ARGS_SIZE: u32 = 24;
/// and the offset of the results among them.
const STACK_RET_OFFSET: u32 = 28;

/// Whether arguments are copied word by word in a loop: until Go used bulk memory operators.
pub fn copies_by_loop(epoch: Epoch) -> bool {
    epoch < Epoch::Go127
}

/// The name of the `callN` with a frame of `size` bytes.
pub fn name(size: u32) -> &'static str {
    match size {
        16 => "runtime.call16",
        32 => "runtime.call32",
        64 => "runtime.call64",
        128 => "runtime.call128",
        256 => "runtime.call256",
        512 => "runtime.call512",
        1024 => "runtime.call1024",
        2048 => "runtime.call2048",
        4096 => "runtime.call4096",
        8192 => "runtime.call8192",
        16384 => "runtime.call16384",
        32768 => "runtime.call32768",
        65536 => "runtime.call65536",
        131072 => "runtime.call131072",
        262144 => "runtime.call262144",
        524288 => "runtime.call524288",
        1048576 => "runtime.call1048576",
        2097152 => "runtime.call2097152",
        4194304 => "runtime.call4194304",
        8388608 => "runtime.call8388608",
        16777216 => "runtime.call16777216",
        33554432 => "runtime.call33554432",
        67108864 => "runtime.call67108864",
        134217728 => "runtime.call134217728",
        268435456 => "runtime.call268435456",
        536870912 => "runtime.call536870912",
        1073741824 => "runtime.call1073741824",
        _ => unreachable!("no callN for {size} bytes"),
    }
}

/// The `callN` with a frame of `size` bytes.
pub fn call_n(epoch: Epoch, size: u32) -> Function {
    let mut function = Function {
        frame_bytes: size,
        args_bytes: args_bytes(epoch),
        splits_stack: true,
        adjusts_panic: wrappers_adjust_panic(epoch),
        ..leaf(name(size))
    };
    copy_arguments(&mut function, epoch);
    call_function(&mut function);
    give_results(&mut function);
    function
}

/// Nothing is copied when there are no argument bytes.
fn copy_arguments(function: &mut Function, epoch: Epoch) {
    let size = Reg::R(0);
    function.load_arg(Load::Half, STACK_ARGS_SIZE);
    function.extend([
        Line::Set(size),
        Line::Get(size),
        Line::Plain(Plain::I64Eqz),
        Line::Plain(Plain::I32Eqz),
        Line::If,
        Line::Get(Reg::Sp),
    ]);
    function.load_arg(Load::Word, STACK_ARGS);
    function.extend([Line::Plain(Plain::I32WrapI64)]);
    // The load takes in the offset of the results, in the upper half; cutting to 32 bits drops it again.
    function.load_arg(Load::Word, STACK_ARGS_SIZE);
    if copies_by_loop(epoch) {
        // In words. The offset of the results is a multiple of 8, so the shift brings none of its bits down.
        function.extend([Line::I64(3), Line::Plain(Plain::I64ShrU), Line::Plain(Plain::I32WrapI64)]);
        function.extend([Line::RawCall(super::wasm_move::NAME)]);
    } else {
        function.extend([Line::Plain(Plain::I32WrapI64), Line::MemoryCopy]);
    }
    function.extend([Line::End]);
}

fn call_function(function: &mut Function) {
    function.load_arg(Load::Word, FN);
    function.extend([
        Line::Set(Reg::Ctxt),
        Line::Get(Reg::Ctxt),
        Line::Plain(Plain::I32WrapI64),
        Line::Load(Load::Word, 0),
        Line::CallPointer,
    ]);
}

/// To `callRet`, in globals: type, destination, source, bytes of the results.
fn give_results(function: &mut Function) {
    let offset = Reg::R(0);
    function.load_arg(Load::Half, STACK_RET_OFFSET);
    function.extend([Line::Set(offset)]);
    function.load_arg(Load::Word, STACK_ARGS_TYPE);
    function.extend([Line::Set(Reg::Ret(0))]);
    function.load_arg(Load::Word, STACK_ARGS);
    function.extend([Line::Get(offset), Line::Plain(Plain::I64Add), Line::Set(Reg::Ret(1))]);
    function.extend([
        Line::Get(Reg::Sp),
        Line::Plain(Plain::I64ExtendI32U),
        Line::Get(offset),
        Line::Plain(Plain::I64Add),
        Line::Set(Reg::Ret(2)),
    ]);
    function.load_arg(Load::Half, STACK_ARGS_SIZE);
    function.extend([Line::Get(offset), Line::Plain(Plain::I64Sub), Line::Set(Reg::Ret(3))]);
    function.extend([Line::Call(super::call_ret::NAME), Line::Ret]);
}
