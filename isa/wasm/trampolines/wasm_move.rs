//! `wasmMove`: copy words upwards, as Go did before it used `memory.copy`.

use super::leaf;
use crate::wasm::encode::source::{Function, Line, Load, Plain, Reg, Store};

/// Go's symbol name.
pub const NAME: &str = "runtime.wasmMove";

/// Parameters: destination, source, number of words, which is not 0.
pub fn wasm_move() -> Function {
    let (dst, src, words) = (Reg::R(0), Reg::R(1), Reg::R(2));
    let mut function = Function { raw_params: Some(3), ..leaf(NAME) };
    function.extend([Line::Loop]);
    function.extend([Line::Get(dst), Line::Get(src), Line::Load(Load::Word, 0), Line::Store(Store::Word, 0)]);
    function.extend([Line::Get(words), Line::I32(1), Line::Plain(Plain::I32Sub), Line::Tee(words)]);
    function.extend([Line::Plain(Plain::I32Eqz), Line::If, Line::Plain(Plain::Return), Line::End]);
    for pointer in [dst, src] {
        function.extend([Line::Get(pointer), Line::I32(8), Line::Plain(Plain::I32Add), Line::Set(pointer)]);
    }
    function.extend([Line::Br(0), Line::End, Line::Plain(Plain::Unreachable)]);
    function
}
