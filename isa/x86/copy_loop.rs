//! The loop that speed is measured on, as a program for Linux.

use rcsim_uop::copy_loop::{CopyPlan, CopyProgram};

use super::mode::Mode;

/// Instructions before the first round and around a round.
const BEFORE: u64 = 1;
const PER_ROUND: u64 = 5;

/// The loop in the instructions of one mode: rsi reads, rdi writes, rcx counts words.
struct Loop {
    /// Opcode of moving 32 bits to the register that counts rounds, which clears its upper half.
    set_rounds: &'static [u8],
    /// Copy a word of eight bytes, step on, and again while there are more.
    copy: &'static [u8],
    /// Instructions of it.
    per_word: u64,
    /// Count down the rounds.
    count_down: &'static [u8],
    /// Exit with status 0.
    exit: &'static [u8],
}

const LONG: Loop = Loop {
    // mov r8d, imm32
    set_rounds: &[0x41, 0xb8],
    // mov rax, [rsi]; mov [rdi], rax; add rsi, 8; add rdi, 8; dec rcx; jnz -19
    copy: &[
        0x48, 0x8b, 0x06, 0x48, 0x89, 0x07, 0x48, 0x83, 0xc6, 0x08, 0x48, 0x83, 0xc7, 0x08, 0x48, 0xff, 0xc9, 0x75,
        0xed,
    ],
    per_word: 6,
    // dec r8
    count_down: &[0x49, 0xff, 0xc8],
    // mov eax, 60; xor edi, edi; syscall
    exit: &[0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05],
};

const PROTECTED: Loop = Loop {
    // mov ebp, imm32
    set_rounds: &[0xbd],
    // mov eax, [esi]; mov [edi], eax; mov eax, [esi+4]; mov [edi+4], eax; add esi, 8; add edi, 8; dec ecx; jnz -19
    copy: &[
        0x8b, 0x06, 0x89, 0x07, 0x8b, 0x46, 0x04, 0x89, 0x47, 0x04, 0x83, 0xc6, 0x08, 0x83, 0xc7, 0x08, 0x49, 0x75,
        0xed,
    ],
    per_word: 8,
    // dec ebp
    count_down: &[0x4d],
    // mov eax, 1; xor ebx, ebx; int 0x80
    exit: &[0xb8, 1, 0, 0, 0, 0x31, 0xdb, 0xcd, 0x80],
};

/// Opcodes of `mov r32, imm32`.
const MOV_ESI: &[u8] = &[0xbe];
const MOV_EDI: &[u8] = &[0xbf];
const MOV_ECX: &[u8] = &[0xb9];
/// `jnz` over a distance of one byte.
const JNZ: u8 = 0x75;

/// The program.
pub fn program(plan: &CopyPlan, mode: Mode) -> CopyProgram {
    let this = if mode.bits == 64 { LONG } else { PROTECTED };
    let mut bytes = Vec::new();
    let mov = |bytes: &mut Vec<u8>, opcode: &[u8], value: u32| {
        bytes.extend_from_slice(opcode);
        bytes.extend_from_slice(&value.to_le_bytes());
    };
    mov(&mut bytes, this.set_rounds, plan.rounds);
    let round = bytes.len();
    mov(&mut bytes, MOV_ESI, plan.source);
    mov(&mut bytes, MOV_EDI, plan.destination);
    mov(&mut bytes, MOV_ECX, u32::from(plan.words));
    bytes.extend_from_slice(this.copy);
    bytes.extend_from_slice(this.count_down);
    bytes.push(JNZ);
    let behind = bytes.len() + 1;
    bytes.push((behind - round).wrapping_neg() as u8);
    let end = bytes.len() as u32;
    bytes.extend_from_slice(this.exit);
    CopyProgram { bytes, entry: 0, end, instructions: plan.instructions(BEFORE, PER_ROUND, this.per_word) }
}
