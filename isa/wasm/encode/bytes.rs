//! Operators and numbers as bytes (WebAssembly core specification, chapter 5).

use super::source::{Load, Plain, Store};

/// Append an unsigned number.
pub fn unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Append a signed number.
pub fn signed(out: &mut Vec<u8>, mut value: i64) {
    loop {
        let byte = value as u8 & 0x7f;
        value >>= 7;
        let sign_is_clear = byte & 0x40 == 0;
        if (value == 0 && sign_is_clear) || (value == -1 && !sign_is_clear) {
            out.push(byte);
            return;
        }
        out.push(byte | 0x80);
    }
}

/// Append a name.
pub fn name(out: &mut Vec<u8>, text: &str) {
    unsigned(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// An operator with everything known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as in the WebAssembly specification")]
pub enum Code {
    Plain(Plain),
    I32Const(i32),
    I64Const(i64),
    LocalGet(u32),
    LocalSet(u32),
    LocalTee(u32),
    GlobalGet(u32),
    GlobalSet(u32),
    Load(Load, u32),
    Store(Store, u32),
    MemoryCopy,
    Block,
    Loop,
    If,
    End,
    Br(u32),
    BrIf(u32),
    BrTable(Vec<u32>),
    Call(u32),
    /// Through the table, as a Go function: type 0 of every Go module.
    CallIndirect,
}

const NO_RESULT: u8 = 0x40;

/// Append an operator.
pub fn code(out: &mut Vec<u8>, code: &Code) {
    match code {
        Code::Plain(plain) => out.push(*plain as u8),
        Code::I32Const(value) => with_signed(out, 0x41, i64::from(*value)),
        Code::I64Const(value) => with_signed(out, 0x42, *value),
        Code::LocalGet(index) => with_index(out, 0x20, *index),
        Code::LocalSet(index) => with_index(out, 0x21, *index),
        Code::LocalTee(index) => with_index(out, 0x22, *index),
        Code::GlobalGet(index) => with_index(out, 0x23, *index),
        Code::GlobalSet(index) => with_index(out, 0x24, *index),
        Code::Load(load, offset) => load_store(out, load_code(*load), *offset),
        Code::Store(store, offset) => load_store(out, store_code(*store), *offset),
        Code::MemoryCopy => out.extend_from_slice(&[0xfc, 10, 0, 0]),
        Code::Block => out.extend_from_slice(&[0x02, NO_RESULT]),
        Code::Loop => out.extend_from_slice(&[0x03, NO_RESULT]),
        Code::If => out.extend_from_slice(&[0x04, NO_RESULT]),
        Code::End => out.push(0x0b),
        Code::Br(depth) => with_index(out, 0x0c, *depth),
        Code::BrIf(depth) => with_index(out, 0x0d, *depth),
        Code::BrTable(labels) => br_table(out, labels),
        // Go's linker writes function indices as signed numbers; they read the same.
        Code::Call(index) => with_signed(out, 0x10, i64::from(*index)),
        Code::CallIndirect => out.extend_from_slice(&[0x11, 0, 0]),
    }
}

fn with_signed(out: &mut Vec<u8>, opcode: u8, value: i64) {
    out.push(opcode);
    signed(out, value);
}

fn with_index(out: &mut Vec<u8>, opcode: u8, index: u32) {
    out.push(opcode);
    unsigned(out, u64::from(index));
}

/// Opcode and natural alignment.
const fn load_code(load: Load) -> (u8, u8) {
    match load {
        Load::Int => (0x28, 2),
        Load::Word => (0x29, 3),
        Load::Half => (0x35, 2),
        Load::Short => (0x2f, 1),
    }
}

const fn store_code(store: Store) -> (u8, u8) {
    match store {
        Store::Word => (0x37, 3),
        Store::Byte => (0x3c, 0),
    }
}

fn load_store(out: &mut Vec<u8>, (opcode, align): (u8, u8), offset: u32) {
    out.extend_from_slice(&[opcode, align]);
    unsigned(out, u64::from(offset));
}

/// The last label is the default.
fn br_table(out: &mut Vec<u8>, labels: &[u32]) {
    out.push(0x0e);
    unsigned(out, labels.len().saturating_sub(1) as u64);
    for label in labels {
        unsigned(out, u64::from(*label));
    }
}

#[cfg(test)]
mod tests {
    use super::{signed, unsigned};

    #[test]
    fn numbers_are_as_short_as_the_specification_allows() {
        let encode = |f: fn(&mut Vec<u8>, i64), value| {
            let mut out = Vec::new();
            f(&mut out, value);
            out
        };
        assert_eq!(encode(signed, -1), [0x7f]);
        assert_eq!(encode(signed, 63), [0x3f]);
        assert_eq!(encode(signed, 64), [0xc0, 0]);
        assert_eq!(encode(signed, -128), [0x80, 0x7f]);
        assert_eq!(encode(|out, value| unsigned(out, value as u64), 624_485), [0xe5, 0x8e, 0x26]);
    }
}
