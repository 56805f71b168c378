//! `reflectcall`, the trampolines `callN` with frames of fixed sizes, and `callRet`.
//!
//! Prototypes of `reflectcall` and every `callN`:
//!
//! | epoch | parameters |
//! |---|---|
//! | 2014-before | `fn, arg unsafe.Pointer, n, retoffset uint32` |
//! | 2014-df027ac to 2018 | `typ, fn, arg unsafe.Pointer, n, retoffset uint32` |
//! | since 2020 | `stackArgsType, fn, stackArgs unsafe.Pointer, stackArgsSize, stackRetOffset, frameSize uint32, regArgs *abi.RegArgs` |
//!
//! Until 2018 the arguments in memory are the whole frame, so that their size picks the trampoline.
//!
//! Arguments, and the words of what is passed on, have the size of a pointer.
//!
//! What they call, and with which arguments, each a word from the stack pointer up:
//!
//! | epoch | called | arguments |
//! |---|---|---|
//! | 2014-before | nothing | the trampoline copies the results back itself |
//! | 2014-df027ac | `runtime.callwritebarrier`, by the trampoline after it has copied them | type, memory of the arguments, their size, offset of the results |
//! | 2016, 2018 | `runtime.reflectcallmove`, by `callRet` | type, where to, where from, bytes |
//! | since 2020 | the same | and the register arguments |

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::{Routine, Target};
use super::frame::{Frame, with_frame};
use super::spill::{BLOCK, spill_name, unspill_name};
use crate::x86::encode::{Assembler, At, Condition, Gpr};

/// Frame sizes of the trampolines of an epoch. On amd64 none had 16 bytes from 2014-df027ac on, which are too few for the
/// arguments of `callwritebarrier`, four words; 2020 brought it back.
pub fn sizes(target: Target) -> impl Iterator<Item = u32> {
    let epoch = target.epoch;
    let has_16 = !target.mode.has_wide_pointers() || epoch == Epoch::Y2014Before || epoch >= Epoch::Y2020;
    (if has_16 { 4 } else { 5 }..=30).map(|log2| 1 << log2)
}

/// Offsets of the arguments from the first one, of those that have moved.
#[derive(Clone, Copy)]
struct Args {
    function: i32,
    stack_args: i32,
    stack_args_size: i32,
    results_offset: i32,
    /// What picks the trampoline.
    frame_size: i32,
    /// All of them in bytes.
    bytes: u32,
}

/// Where the type is, since there is one.
const TYPE: i32 = 0;
/// Where the register arguments are on amd64, since there are any.
const REG_ARGS: i32 = 40;

impl Args {
    fn of(target: Target) -> Self {
        let first = if target.epoch > Epoch::Y2014Before { target.word(1) } else { 0 };
        let stack_args = first + target.word(1);
        let size = stack_args + target.word(1);
        let (frame_size, bytes) = if target.epoch.has_reg_args() {
            // Three numbers of 32 bits, and the register arguments' address at the next multiple of a word.
            let word = target.word(1);
            (size + 8, (size + 12 + word - 1) / word * word + word)
        } else {
            (size, size + 8)
        };
        Self {
            function: first,
            stack_args,
            stack_args_size: size,
            results_offset: size + 4,
            frame_size,
            bytes: bytes as u32,
        }
    }

    /// Which words are pointers, as the Go prototype of `reflectcall` says.
    fn pointers(target: Target) -> PointerMap {
        let args = Self::of(target);
        let words = args.bytes as i32 / target.word(1);
        let has_block = target.epoch.has_reg_args();
        let is_pointer = |word: i32| target.word(word) < args.stack_args_size || has_block && word + 1 == words;
        PointerMap { words: (0..words).map(is_pointer).collect() }
    }

    /// The same of every `callN`. Their prototypes were forgotten when the type became the first parameter, so that the
    /// third pointer counted as a number until Go 1.8 (a73d68e75e): a defect of that epoch.
    fn trampoline_pointers(target: Target) -> PointerMap {
        let mut map = Self::pointers(target);
        if target.epoch == Epoch::Y2014 {
            map.words[2] = false;
        }
        map
    }
}

fn call_name(bytes: u32) -> String {
    format!("runtime.call{bytes}")
}

/// What `reflect` calls: a jump to `reflectcall`, before the linker could give one function two names (Go 1.12).
pub fn reflect_call(target: Target) -> Routine {
    let mut a = Assembler::new(target.mode);
    a.jmp_symbol("runtime.reflectcall");
    Routine {
        name: "reflect.call".into(),
        code: a,
        frame_bytes: 0,
        args_bytes: 0,
        splits_stack: false,
        maps: FrameMaps::Prototype,
        args: PointerMap::default(),
    }
}

/// Jump to the trampoline with the smallest frame that is large enough.
pub fn reflectcall(target: Target) -> Routine {
    let args = Args::of(target);
    let mut a = Assembler::new(target.mode);
    // Without a frame, only the return address is between the stack pointer and the arguments.
    let return_address = i32::from(target.mode.push_bytes());
    a.load32(Gpr::CX, At(Gpr::SP, return_address + args.frame_size));
    for bytes in sizes(target) {
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
        args_bytes: args.bytes,
        splits_stack: false,
        maps: FrameMaps::Prototype,
        args: Args::pointers(target),
    }
}

fn jump_through_ax(a: &mut Assembler, symbol: &str) {
    if a.mode().has_wide_pointers() {
        a.lea_symbol(Gpr::AX, symbol);
    } else {
        a.mov_symbol(Gpr::AX, symbol);
    }
    a.jmp_reg(Gpr::AX);
}

/// A trampoline: copy the stack arguments in, call, and see that the results get back.
pub fn call_n(target: Target, bytes: u32) -> Routine {
    let frame = Frame { bytes: bytes as i32, splits_stack: true, is_wrapper: true, has_g: false };
    let args = Args::of(target);
    let arg = move |offset: i32| At(Gpr::SP, frame.args_at(target) + offset);
    let code = with_frame(target, frame, |a| {
        a.load(Gpr::SI, arg(args.stack_args));
        a.load32(Gpr::CX, arg(args.stack_args_size));
        a.mov(Gpr::DI, Gpr::SP);
        a.rep_movsb();
        call(a, target, args, arg);
        match target.epoch {
            Epoch::Y2014Before => copy_results(a, args, arg),
            Epoch::Y2014 => {
                copy_results(a, args, arg);
                call_write_barrier(a, args, arg);
            }
            _ => hand_over(a, target, args, arg),
        }
    });
    Routine {
        name: call_name(bytes),
        code,
        frame_bytes: bytes,
        args_bytes: args.bytes,
        splits_stack: true,
        maps: FrameMaps::Prototype,
        args: Args::trampoline_pointers(target),
    }
}

/// Call the function, in the manner of each machine.
fn call(a: &mut Assembler, target: Target, args: Args, arg: impl Fn(i32) -> At) {
    if target.has_reg_args() {
        return call_with_registers(a, target.epoch, args, arg);
    }
    a.load(Gpr::DX, arg(args.function));
    if target.mode.has_wide_pointers() {
        a.call_mem(Gpr::DX);
    } else {
        a.load(Gpr::AX, At(Gpr::DX, 0));
        a.call_reg(Gpr::AX);
    }
}

/// Load the argument registers, call, and store them again.
fn call_with_registers(a: &mut Assembler, epoch: Epoch, args: Args, arg: impl Fn(i32) -> At) {
    a.load(BLOCK, arg(REG_ARGS));
    a.call(unspill_name(epoch));
    a.load(Gpr::DX, arg(args.function));
    // Not through an argument register: those are loaded by now.
    a.load(Gpr::R12, At(Gpr::DX, 0));
    a.call_reg(Gpr::R12);
    a.load(BLOCK, arg(REG_ARGS));
    a.call(spill_name(epoch));
}

/// Copy the results back, without a thought of the collector.
fn copy_results(a: &mut Assembler, args: Args, arg: impl Fn(i32) -> At) {
    a.load(Gpr::DI, arg(args.stack_args));
    a.load32(Gpr::CX, arg(args.stack_args_size));
    a.load32(Gpr::BX, arg(args.results_offset));
    point_at_results(a);
    a.rep_movsb();
}

/// From the start of the arguments in both memories to the results, and from the size of all to that of the results.
fn point_at_results(a: &mut Assembler) {
    a.mov(Gpr::SI, Gpr::SP);
    a.add(Gpr::DI, Gpr::BX);
    a.add(Gpr::SI, Gpr::BX);
    a.sub(Gpr::CX, Gpr::BX);
}

/// Tell the collector what has been copied. The arguments overwrite the called function's results, which are no longer
/// needed: the frame has room for nothing else.
fn call_write_barrier(a: &mut Assembler, args: Args, arg: impl Fn(i32) -> At) {
    a.load(Gpr::DX, arg(TYPE));
    a.load(Gpr::DI, arg(args.stack_args));
    a.load32(Gpr::CX, arg(args.stack_args_size));
    a.load32(Gpr::BX, arg(args.results_offset));
    pass(a, &[Gpr::DX, Gpr::DI, Gpr::CX, Gpr::BX]);
    a.call("runtime.callwritebarrier");
}

/// Leave the results' place in both memories and their size where `callRet` expects them.
fn hand_over(a: &mut Assembler, target: Target, args: Args, arg: impl Fn(i32) -> At) {
    let load_type = |a: &mut Assembler| a.load(Gpr::DX, arg(TYPE));
    if target.has_reg_args() {
        a.load32(Gpr::CX, arg(args.stack_args_size));
        a.load32(Gpr::BX, arg(args.results_offset));
        a.load(Gpr::DI, arg(args.stack_args));
        load_type(a);
    } else {
        load_type(a);
        a.load(Gpr::DI, arg(args.stack_args));
        a.load32(Gpr::CX, arg(args.stack_args_size));
        a.load32(Gpr::BX, arg(args.results_offset));
    }
    point_at_results(a);
    a.call("callRet");
}

/// Store registers as the arguments of a call, from the stack pointer up.
fn pass(a: &mut Assembler, registers: &[Gpr]) {
    for (register, index) in registers.iter().zip(0..) {
        let offset = a.mode().word(index);
        a.store(At(Gpr::SP, offset), *register);
    }
}

/// Call `reflectcallmove` with what the trampoline left in registers; a function of its own so that it has room for the
/// arguments. Before 2016 there is none.
pub fn call_ret(target: Target) -> Routine {
    let mut passed = vec![Gpr::DX, Gpr::DI, Gpr::SI, Gpr::CX];
    if target.has_reg_args() {
        passed.push(BLOCK);
    }
    // Where registers pass nothing, there is no block of them.
    let no_block = (target.epoch.has_reg_args() && !target.has_reg_args()).then(|| target.word(4));
    let bytes = target.word(passed.len() as i32 + i32::from(no_block.is_some()));
    let frame = Frame { bytes, splits_stack: false, is_wrapper: false, has_g: false };
    let code = with_frame(target, frame, |a| {
        pass(a, &passed);
        if let Some(offset) = no_block {
            a.store_imm32(At(Gpr::SP, offset), 0);
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
