//! Routines that Linux provides to programs at the end of the address space ("kernel-provided user helpers" in its
//! documentation of Arm): what a program for processors before Armv7 calls for atomic updates, barriers and its thread
//! pointer.
//!
//! Each is lifted as if it were one instruction at its address. The flags are left as qemu leaves them: Linux tells of no
//! more than the carry.

use rcsim_uop::flags::C;
use rcsim_uop::op::{Access, Edge, Op, Pred, Width};
use rcsim_uop::BlockBuilder;

use super::regs::{LINK, TPIDRURO, r};

/// Where they stand.
const COMPARE_SWAP: u64 = 0xffff_0fc0;
const MEMORY_BARRIER: u64 = 0xffff_0fa0;
const GET_TLS: u64 = 0xffff_0fe0;

/// Lift the routine at `pc`; false when none is there.
pub fn lift(pc: u64, out: &mut BlockBuilder) -> bool {
    let body: fn(&mut BlockBuilder) = match pc {
        COMPARE_SWAP => compare_swap,
        MEMORY_BARRIER => |out| out.emit(Op::Fence),
        GET_TLS => |out| out.copy(r(0), TPIDRURO),
        _ => return false,
    };
    out.insn(pc, 4);
    body(out);
    out.goto_reg(Edge::Return, LINK);
    true
}

/// What the routine at `pc` is called in Linux's documentation.
pub const fn name(pc: u64) -> Option<&'static str> {
    match pc {
        COMPARE_SWAP => Some("__kuser_cmpxchg"),
        MEMORY_BARRIER => Some("__kuser_memory_barrier"),
        GET_TLS => Some("__kuser_get_tls"),
        _ => None,
    }
}

/// When memory at R2 holds R0, it becomes R1, R0 zero and the carry set; otherwise R0 is all ones and the carry clear.
fn compare_swap(out: &mut BlockBuilder) {
    let (expected, new, address) = (r(0), r(1), r(2));
    let (old, swapped, flags) = (out.temp(), out.temp(), out.temp());
    out.emit(Op::CompareSwap { acc: Access::little(2), dst: old, base: address, expected, new });
    out.emit(Op::SetCmp { pred: Pred::Eq, width: Width::W32, dst: swapped, a: old, b: expected });
    out.emit(Op::GetFlags { dst: flags });
    const _: () = assert!(C == 1, "the carry is the lowest of the packed flags");
    out.emit(Op::Deposit { dst: flags, base: flags, src: swapped, lsb: 0, len: 1 });
    out.emit(Op::SetFlags { src: flags });
    out.emit(Op::AddImm { width: Width::W32, dst: r(0), a: swapped, imm: -1 });
}
