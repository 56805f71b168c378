//! The loop that speed is measured on, as a program for Linux.

use rcsim_uop::copy_loop::{CopyPlan, CopyProgram};

/// Instructions before the first round, around a round, and for a word.
const BEFORE: u64 = 1;
const PER_ROUND: u64 = 5;
const PER_WORD: u64 = 6;

/// `mov rax, [rsi]; mov [rdi], rax; add rsi, 8; add rdi, 8; dec rcx; jnz -19`.
const COPY: [u8; 19] = [
    0x48, 0x8b, 0x06, 0x48, 0x89, 0x07, 0x48, 0x83, 0xc6, 0x08, 0x48, 0x83, 0xc7, 0x08, 0x48, 0xff, 0xc9,
    0x75, 0xed,
];
/// `dec r8; jnz`, the distance to be filled in.
const NEXT_ROUND: [u8; 4] = [0x49, 0xff, 0xc8, 0x75];
/// `mov eax, 60; xor edi, edi; syscall`: exit with status 0.
const EXIT: [u8; 9] = [0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05];

/// Opcodes of `mov r32, imm32`.
const MOV_R8D: &[u8] = &[0x41, 0xb8];
const MOV_ESI: &[u8] = &[0xbe];
const MOV_EDI: &[u8] = &[0xbf];
const MOV_ECX: &[u8] = &[0xb9];

/// The program. Moving 32 bits clears the upper half of a register.
pub fn program(plan: &CopyPlan) -> CopyProgram {
    let mut bytes = Vec::new();
    let mov = |bytes: &mut Vec<u8>, opcode: &[u8], value: u32| {
        bytes.extend_from_slice(opcode);
        bytes.extend_from_slice(&value.to_le_bytes());
    };
    mov(&mut bytes, MOV_R8D, plan.rounds);
    let round = bytes.len();
    mov(&mut bytes, MOV_ESI, plan.source);
    mov(&mut bytes, MOV_EDI, plan.destination);
    mov(&mut bytes, MOV_ECX, u32::from(plan.words));
    bytes.extend_from_slice(&COPY);
    bytes.extend_from_slice(&NEXT_ROUND);
    let behind = bytes.len() + 1;
    bytes.push((behind - round).wrapping_neg() as u8);
    let end = bytes.len() as u32;
    bytes.extend_from_slice(&EXIT);
    CopyProgram { bytes, entry: 0, end, instructions: plan.instructions(BEFORE, PER_ROUND, PER_WORD) }
}
