//! Operations too odd for a micro-op of their own: condition codes of sums, storage-to-storage instructions, long division,
//! searches.
//!
//! Each is declared with what it touches. Where a helper computes a value, it goes to the register in `a`; a condition code
//! that comes with something else always goes to its own slot.

mod code;
mod divide;
mod lanes;
mod storage;
mod string;
mod system;

use rcsim_uop::isa::{HelperBody, HelperDecl, HelperMemory, HelperOperand, HelperProvenance};
use rcsim_uop::op::Op;
use rcsim_uop::reg::ZERO;
use rcsim_uop::{Guest, Reg};

use super::regs::{self, CC};

pub use code::{Sum, conversion};
pub use divide::Dividend;
pub use lanes::LaneOp;
pub use storage::Combine;

/// `a` = condition code of a sum or difference of `b` and `c`; the immediate says which, see [`Sum`].
pub const SUM_CODE: u16 = 0;
/// `a` = condition code of `b` plus the signed immediate, 64 bits.
pub const SUM_CODE_IMM: u16 = 1;
/// `a` = condition code of `b` plus the signed immediate, 32 bits.
pub const SUM_CODE_IMM_32: u16 = 2;
/// `a` = condition code of a test of `b` under the mask in the immediate.
pub const TEST_CODE: u16 = 3;
/// `a` = condition code of the conversion of the floating-point number `b`, which is rounded to `c`, to an integer; the
/// immediate says which, see [`conversion`].
pub const CONVERT_CODE: u16 = 4;
/// MVC: bytes from `b` to `a`; see [`storage`].
pub const MOVE: u16 = 5;
/// XC, NC, OC.
pub const COMBINE: u16 = 6;
/// CLC.
pub const COMPARE: u16 = 7;
/// `a` and `b` = remainder and quotient of `a` followed by `b`, and `c`.
pub const DIVIDE: u16 = 8;
/// SRST: look in the bytes from `b` up to `a`.
pub const SEARCH: u16 = 9;
/// `a` = for each byte of `b`, its number of ones.
pub const COUNT_BYTES: u16 = 10;
/// STFLE: the facilities to `a`.
pub const FACILITIES: u16 = 11;
/// `a` = an operation on the lanes of `b` and `c`; the immediate says which, see [`lanes`].
pub const LANES: u16 = 12;
/// `a` = bytes of `b` and `c` that the bytes of `d` name.
pub const PERMUTE: u16 = 13;
/// `a` = lane `c` modulo their number of `b`; the immediate is the lane's size.
pub const LANE_OUT: u16 = 14;
/// Lane `c` modulo their number of `a` = `b`.
pub const LANE_IN: u16 = 15;
/// VLL and VSTL.
pub const LOAD_LENGTH: u16 = 16;
/// As many bytes as `b` says and one more, at most 16, from `a` to memory at `c`.
pub const STORE_LENGTH: u16 = 17;
/// `a` = bytes of ones where those of `b` and `c` are equal, and the condition code of VCEQ.
pub const EQUAL_CODE: u16 = 18;
/// VFEE: `a` = number of the first byte that is equal in `b` and `c`, and the condition code.
pub const FIND_EQUAL: u16 = 19;

const fn value(name: &'static str, reads: &'static [HelperOperand], body: HelperBody) -> HelperDecl {
    HelperDecl {
        name,
        reads,
        writes: &[HelperOperand::Arg(0, 1)],
        memory: HelperMemory::None,
        provenance: HelperProvenance::Drops,
        body,
    }
}

const fn vector(
    name: &'static str,
    reads: &'static [HelperOperand],
    writes: &'static [HelperOperand],
    body: HelperBody,
) -> HelperDecl {
    HelperDecl { name, reads, writes, memory: HelperMemory::None, provenance: HelperProvenance::Joins, body }
}

const fn memory(
    name: &'static str,
    reads: &'static [HelperOperand],
    writes: &'static [HelperOperand],
    memory: HelperMemory,
    body: HelperBody,
) -> HelperDecl {
    HelperDecl { name, reads, writes, memory, provenance: HelperProvenance::Moves, body }
}

const A: HelperOperand = HelperOperand::Arg(0, 1);
const B: HelperOperand = HelperOperand::Arg(1, 1);
const C: HelperOperand = HelperOperand::Arg(2, 1);
const VA: HelperOperand = HelperOperand::Arg(0, 2);
const VB: HelperOperand = HelperOperand::Arg(1, 2);
const VC: HelperOperand = HelperOperand::Arg(2, 2);
const VD: HelperOperand = HelperOperand::Arg(3, 2);
const CODE: HelperOperand = HelperOperand::Fixed(CC, 1);
const R0: HelperOperand = HelperOperand::Fixed(regs::r(0), 1);

/// All helpers, in the order of their numbers.
pub static ALL: &[HelperDecl] = &[
    value("cc_sum", &[B, C], code::sum),
    value("cc_sum_imm", &[B], code::sum_imm),
    value("cc_sum_imm32", &[B], code::sum_imm_32),
    value("cc_test", &[B], code::test),
    value("cc_convert", &[B, C], code::convert),
    memory("mvc", &[A, B, C], &[], HelperMemory::Write, storage::copy),
    memory("combine", &[A, B, C], &[CODE], HelperMemory::Write, storage::combine),
    memory("clc", &[A, B, C], &[CODE], HelperMemory::Read, storage::compare),
    HelperDecl {
        name: "divide",
        reads: &[A, B, C],
        writes: &[A, B],
        memory: HelperMemory::None,
        provenance: HelperProvenance::Drops,
        body: divide::divide,
    },
    memory("srst", &[A, B, R0], &[A, B, CODE], HelperMemory::Read, string::search),
    value("popcnt", &[B], code::count_bytes),
    memory("stfle", &[A, R0], &[R0, CODE], HelperMemory::Write, system::facilities),
    vector("lanes", &[VB, VC], &[VA], lanes::apply),
    vector("vperm", &[VB, VC, VD], &[VA], lanes::permute),
    vector("lane_out", &[VB, C], &[A], lanes::out),
    vector("lane_in", &[VA, B, C], &[VA], lanes::put),
    memory("vll", &[B, C], &[VA], HelperMemory::Read, storage::load_length),
    memory("vstl", &[VA, B, C], &[], HelperMemory::Write, storage::store_length),
    vector("vceqs", &[VB, VC], &[VA, CODE], lanes::equal_code),
    vector("vfee", &[VB, VC], &[VA, CODE], lanes::find_equal),
];

/// A helper with up to three registers.
pub const fn call(id: u16, a: Reg, b: Reg, c: Reg, imm: u32) -> Op {
    Op::Helper { id, a, b, c, d: ZERO, imm }
}

/// Sixteen bytes of a vector register.
fn get(guest: &dyn Guest, reg: Reg) -> u128 {
    u128::from(guest.reg(reg.plus(1))) << 64 | u128::from(guest.reg(reg))
}

fn set(guest: &mut dyn Guest, reg: Reg, value: u128) {
    guest.set_reg(reg, value as u64);
    guest.set_reg(reg.plus(1), (value >> 64) as u64);
}
