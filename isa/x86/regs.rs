//! The register file: which slot holds which register, for 64-bit and 32-bit guests alike.
//!
//! A vector register takes four slots, the low two named `xmmN`, the high two `ymmNh`, so that AVX needs no second file.
//! Segment bases and the direction flag are slots too: no instruction names them, but loads and string moves read them.

use rcsim_uop::flags;
use rcsim_uop::isa::{DebugReg, DebugSource};
use rcsim_uop::reg::{FIRST_FREE, RegClass, RegInfo};
use rcsim_uop::{Reg, RegFile};

/// Names of the integer registers of a 64-bit guest, in the order of their encoding.
const NAMES_64: [&str; 16] = [
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
];
/// The same of a 32-bit guest.
const NAMES_32: [&str; 8] = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"];

/// Slots of one vector register.
const VECTOR_SLOTS: u8 = 4;
const FIRST_VECTOR: u8 = FIRST_FREE + 16;
const FIRST_HIDDEN: u8 = FIRST_VECTOR + 16 * VECTOR_SLOTS;
const FIRST_X87: u8 = FIRST_HIDDEN + 7;
const FIRST_TEMP: u8 = FIRST_X87 + X87_SLOTS;
const TEMPS: u8 = 32;

/// The integer register with this number in its encoding.
pub const fn gpr(number: u8) -> Reg {
    assert!(number < 16);
    Reg(FIRST_FREE + number)
}

/// The low slot of the vector register with this number.
pub const fn xmm(number: u8) -> Reg {
    assert!(number < 16);
    Reg(FIRST_VECTOR + number * VECTOR_SLOTS)
}

/// rax, eax.
pub const RAX: Reg = gpr(0);
/// rcx, ecx.
pub const RCX: Reg = gpr(1);
/// rdx, edx.
pub const RDX: Reg = gpr(2);
/// rbx, ebx.
pub const RBX: Reg = gpr(3);
/// rsp, esp.
pub const RSP: Reg = gpr(4);
/// rbp, ebp.
pub const RBP: Reg = gpr(5);
/// rsi, esi.
pub const RSI: Reg = gpr(6);
/// rdi, edi.
pub const RDI: Reg = gpr(7);
/// Base of the fs segment.
pub const FS_BASE: Reg = Reg(FIRST_HIDDEN);
/// Base of the gs segment.
pub const GS_BASE: Reg = Reg(FIRST_HIDDEN + 1);
/// Control and status of SSE.
pub const MXCSR: Reg = Reg(FIRST_HIDDEN + 2);
/// The direction flag: 0 when string operations go up, -2 when they go down, so that the step of an element of `1 << n`
/// bytes is `(DIRECTION << n) + (1 << n)`.
pub const DIRECTION: Reg = Reg(FIRST_HIDDEN + 3);
/// The time-stamp counter: how far it has been read.
pub const TSC: Reg = Reg(FIRST_HIDDEN + 4);

/// Base of the segment that the system gives to thread-local storage on 386: what a selector in gs makes of [`GS_BASE`].
pub const TLS_SEGMENT: Reg = Reg(FIRST_HIDDEN + 5);

/// The bits of eflags that a program can flip and that change nothing but what PUSHF gives back, in their places: ID (21),
/// whose flipping shows that there is CPUID.
pub const INERT_FLAGS: Reg = Reg(FIRST_HIDDEN + 6);

/// The x87 unit: significands of its eight registers by number, then the slots below.
pub const X87: Reg = Reg(FIRST_X87);
/// Exponents and signs of the eight registers.
pub const X87_RESTS: Reg = Reg(FIRST_X87 + 8);
/// The control word.
pub const X87_CONTROL: Reg = Reg(FIRST_X87 + 16);
/// The status word but for the number of the top register.
pub const X87_STATUS: Reg = Reg(FIRST_X87 + 17);
/// The number of the register on top of the stack.
pub const X87_TOP: Reg = Reg(FIRST_X87 + 18);
/// A bit for each register by number: whether it holds anything.
pub const X87_TAGS: Reg = Reg(FIRST_X87 + 19);
/// Slots of the unit.
pub const X87_SLOTS: u8 = 20;

/// Value of [`DIRECTION`] when string operations go down.
pub const DIRECTION_DOWN: u64 = -2_i64 as u64;

/// The slots that a lift may use for temporaries.
pub const fn temps() -> std::ops::Range<u8> {
    FIRST_TEMP..FIRST_TEMP + TEMPS
}

/// The register file of a guest of this many bits.
pub fn file(bits: u32) -> RegFile {
    let mut named = Vec::new();
    let mut add = |name: String, reg: Reg, words: u8, class: RegClass| {
        named.push(RegInfo { name, reg, words, class });
    };
    for (number, name) in int_names(bits).iter().enumerate() {
        add((*name).into(), gpr(number as u8), 1, RegClass::Int);
    }
    for number in 0..vector_count(bits) {
        add(format!("xmm{number}"), xmm(number), 2, RegClass::Vector);
        add(format!("ymm{number}h"), xmm(number).plus(2), 2, RegClass::Vector);
    }
    add("fs_base".into(), FS_BASE, 1, RegClass::Hidden);
    add("gs_base".into(), GS_BASE, 1, RegClass::Hidden);
    add("mxcsr".into(), MXCSR, 1, RegClass::Status);
    add("direction".into(), DIRECTION, 1, RegClass::Status);
    add("tsc".into(), TSC, 1, RegClass::Hidden);
    add("tls_segment".into(), TLS_SEGMENT, 1, RegClass::Hidden);
    add("inert_flags".into(), INERT_FLAGS, 1, RegClass::Status);
    for number in 0..8 {
        add(format!("x87_{number}"), X87.plus(number), 1, RegClass::Vector);
        add(format!("x87_{number}_rest"), X87_RESTS.plus(number), 1, RegClass::Hidden);
    }
    let words = [("x87_control", X87_CONTROL), ("x87_status", X87_STATUS), ("x87_top", X87_TOP), ("x87_tags", X87_TAGS)];
    for (name, reg) in words {
        add(name.into(), reg, 1, RegClass::Status);
    }
    RegFile::new(named, temps())
}

fn int_names(bits: u32) -> &'static [&'static str] {
    if bits == 64 { &NAMES_64 } else { &NAMES_32 }
}

const fn vector_count(bits: u32) -> u8 {
    if bits == 64 { 16 } else { 8 }
}

/// Where the modelled flags stand in eflags. AF is not modelled: no Go code reads it.
pub const EFLAGS: &[(u64, u8)] = &[(flags::C, 0), (flags::P, 2), (flags::Z, 6), (flags::N, 7), (flags::V, 11)];

/// The registers as gdb names them.
pub fn debug_registers(bits: u32) -> Vec<DebugReg> {
    let mut all = Vec::new();
    let mut add = |name: String, source: DebugSource, mask: u128| all.push(DebugReg { name, source, mask });
    let word_mask = if bits == 64 { u128::from(u64::MAX) } else { u128::from(u32::MAX) };
    for (number, name) in int_names(bits).iter().enumerate() {
        add((*name).into(), DebugSource::Slots(gpr(number as u8), 1), word_mask);
    }
    add(if bits == 64 { "rip" } else { "eip" }.into(), DebugSource::Pc, word_mask);
    let modelled = EFLAGS.iter().map(|(_, bit)| 1_u128 << bit).sum();
    add("eflags".into(), DebugSource::Flags(EFLAGS), modelled);
    add("fs_base".into(), DebugSource::Slots(FS_BASE, 1), word_mask);
    add("gs_base".into(), DebugSource::Slots(GS_BASE, 1), word_mask);
    if bits == 32 {
        // Only 32-bit code of Go uses the x87 unit.
        add("fctrl".into(), DebugSource::Slots(X87_CONTROL, 1), u128::from(u16::MAX));
    }
    for number in 0..vector_count(bits) {
        add(format!("xmm{number}"), DebugSource::Slots(xmm(number), 2), u128::MAX);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_have_no_overlaps() {
        assert_eq!(file(64).by_name("r15").map(|info| info.reg), Some(gpr(15)));
        assert_eq!(file(32).by_name("edi").map(|info| info.reg), Some(RDI));
        assert!(file(32).by_name("r8").is_none());
    }

    #[test]
    fn every_register_that_gdb_sees_is_in_the_file() {
        for bits in [32, 64] {
            let file = file(bits);
            for reg in debug_registers(bits) {
                if let DebugSource::Slots(first, words) = reg.source {
                    assert!((0..words).all(|word| file.contains(first.plus(word))), "{}", reg.name);
                }
            }
        }
    }
}
