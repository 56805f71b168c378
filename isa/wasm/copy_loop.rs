//! The loop that speed is measured on, as a module: one function without parameters, exported as `run`.
//!
//! A stack machine needs 17 operators for what takes six instructions elsewhere.

use rcsim_uop::copy_loop::{CopyPlan, CopyProgram};

use super::encode::bytes::{self, Code};
use super::encode::source::{Plain, Store};

/// Operators outside the rounds (the last `end` but one among them), around a round, and for a word.
const OUTSIDE: u64 = 4;
const PER_ROUND: u64 = 13;
const PER_WORD: u64 = 17;

/// Locals, all `i32`.
const LEFT: u32 = 0;
const SOURCE: u32 = 1;
const DESTINATION: u32 = 2;
const ROUNDS: u32 = 3;
const LOCALS: u8 = 4;

const I32: u8 = 0x7f;
/// `i64.load` at any offset 0, naturally aligned.
const LOAD_I64: [u8; 3] = [0x29, 3, 0];
const PAGE_BYTES: u64 = 1 << 16;

fn set(out: &mut Vec<u8>, local: u32, value: i32) {
    bytes::code(out, &Code::I32Const(value));
    bytes::code(out, &Code::LocalSet(local));
}

fn advance(out: &mut Vec<u8>, local: u32) {
    bytes::code(out, &Code::LocalGet(local));
    bytes::code(out, &Code::I32Const(8));
    bytes::code(out, &Code::Plain(Plain::I32Add));
    bytes::code(out, &Code::LocalSet(local));
}

/// Count down and go round again unless it is zero.
fn again(out: &mut Vec<u8>, local: u32) {
    bytes::code(out, &Code::LocalGet(local));
    bytes::code(out, &Code::I32Const(1));
    bytes::code(out, &Code::Plain(Plain::I32Sub));
    bytes::code(out, &Code::LocalTee(local));
    bytes::code(out, &Code::BrIf(0));
    bytes::code(out, &Code::End);
}

/// The function's operators, up to its last `end`.
fn operators(plan: &CopyPlan) -> Vec<u8> {
    let out = &mut Vec::new();
    set(out, ROUNDS, plan.rounds as i32);
    bytes::code(out, &Code::Loop);
    set(out, SOURCE, plan.source as i32);
    set(out, DESTINATION, plan.destination as i32);
    set(out, LEFT, i32::from(plan.words as i16));
    bytes::code(out, &Code::Loop);
    bytes::code(out, &Code::LocalGet(DESTINATION));
    bytes::code(out, &Code::LocalGet(SOURCE));
    out.extend_from_slice(&LOAD_I64);
    bytes::code(out, &Code::Store(Store::Word, 0));
    advance(out, SOURCE);
    advance(out, DESTINATION);
    again(out, LEFT);
    again(out, ROUNDS);
    std::mem::take(out)
}

fn section(out: &mut Vec<u8>, number: u8, content: &[u8]) {
    out.push(number);
    bytes::unsigned(out, content.len() as u64);
    out.extend_from_slice(content);
}

/// A memory that holds all that is copied.
fn memory(plan: &CopyPlan) -> Vec<u8> {
    let bytes = u64::from(plan.source.max(plan.destination)) + 8 * u64::from(plan.words);
    let mut out = vec![1, 0];
    bytes::unsigned(&mut out, bytes.div_ceil(PAGE_BYTES));
    out
}

/// The module.
pub fn program(plan: &CopyPlan) -> CopyProgram {
    let mut body = vec![1, LOCALS, I32];
    let before_operators = body.len();
    body.extend(operators(plan));
    let last = body.len();
    bytes::code(&mut body, &Code::End);
    let mut code = vec![1];
    bytes::unsigned(&mut code, body.len() as u64);
    code.extend_from_slice(&body);

    let mut out = b"\0asm\x01\0\0\0".to_vec();
    section(&mut out, 1, &[1, 0x60, 0, 0]);
    section(&mut out, 3, &[1, 0]);
    section(&mut out, 5, &memory(plan));
    section(&mut out, 7, b"\x01\x03run\x00\x00");
    section(&mut out, 10, &code);
    let start = out.len() - body.len();
    CopyProgram {
        bytes: out,
        entry: (start + before_operators) as u32,
        end: (start + last) as u32,
        instructions: plan.instructions(OUTSIDE, PER_ROUND, PER_WORD),
    }
}
