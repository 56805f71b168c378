//! What a trampoline is written in.

/// A register of Go's assembler for WebAssembly: a global, or a local of the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reg {
    /// The block to go on at: the one parameter of a Go function.
    Block,
    /// The function to go on at: a global until Go 1.12.
    PcF,
    /// The block to go on at while it was a global, until Go 1.12.
    PcB,
    /// Go's stack pointer: a global, with a copy in a local of every Go function.
    Sp,
    /// The closure context.
    Ctxt,
    /// The current goroutine.
    G,
    /// Global `RET0` to `RET3`.
    Ret(u8),
    /// Local `R0` to `R15`, an `i64`; a parameter in functions that are not Go's.
    R(u8),
}

/// A load of 8 bytes into an `i64`, or of fewer bytes into an `i64` or `i32`, the rest zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// `i64.load`.
    Word,
    /// `i64.load32_u`.
    Half,
    /// `i32.load`.
    Int,
    /// `i32.load16_u`.
    Short,
}

/// A store of an `i64` or of its low part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// `i64.store`.
    Word,
    /// `i64.store8`.
    Byte,
}

/// An operator without immediates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as in the WebAssembly specification")]
#[repr(u8)]
pub enum Plain {
    Unreachable = 0x00,
    Return = 0x0f,
    I32Eqz = 0x45,
    I32LeU = 0x4d,
    I64Eqz = 0x50,
    I64Eq = 0x51,
    I64LeU = 0x58,
    I32Add = 0x6a,
    I32Sub = 0x6b,
    I32ShrU = 0x76,
    I64Add = 0x7c,
    I64Sub = 0x7d,
    I64ShrU = 0x88,
    I32WrapI64 = 0xa7,
    I64ExtendI32U = 0xad,
}

/// One line of a trampoline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// An operator without immediates.
    Plain(Plain),
    /// `i32.const`.
    I32(i32),
    /// `i64.const`.
    I64(i64),
    /// Push a register.
    Get(Reg),
    /// Pop into a register.
    Set(Reg),
    /// Copy the top of the stack into a register.
    Tee(Reg),
    /// Pop an address, push what it holds at an offset.
    Load(Load, u32),
    /// Pop a value and an address, store at an offset.
    Store(Store, u32),
    /// `memory.copy`.
    MemoryCopy,
    /// Begin a block that is repeated by branching to its start.
    Loop,
    /// Begin what is done when the top of the stack is not zero.
    If,
    /// End the innermost block.
    End,
    /// Branch to the `n`-th block around, 0 for the innermost.
    Br(u32),
    /// WebAssembly's own call, without anything of Go's convention.
    RawCall(&'static str),
    /// Go's call: it can be resumed after.
    Call(&'static str),
    /// Go's call of the function whose Go PC is on the stack.
    CallPointer,
    /// Go's call that must not unwind, or that never comes back.
    CallNoResume(&'static str),
    /// Go on in a function instead of the present one.
    Jump(&'static str),
    /// Go's return.
    Ret,
}

/// A function to be assembled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Go's symbol name.
    pub name: String,
    /// Bytes of the frame.
    pub frame_bytes: u32,
    /// Bytes of arguments and results.
    pub args_bytes: u32,
    /// Whether it checks the stack on entry.
    pub splits_stack: bool,
    /// Whether it is marked as a wrapper, which Go until 1.25 has adjust the running panic.
    pub adjusts_panic: bool,
    /// WebAssembly's own convention, for routines that are not called as Go functions: number of `i32` parameters,
    /// which `R(0)` and so on name; no result.
    pub raw_params: Option<u8>,
    /// Its text.
    pub lines: Vec<Line>,
}

/// Bytes of the return address between the frame and the arguments.
pub const RETURN_BYTES: u32 = 8;

impl Function {
    /// Offset from the stack pointer of the argument byte `at`.
    #[must_use]
    pub const fn arg(&self, at: u32) -> u32 {
        self.frame_bytes + RETURN_BYTES + at
    }

    /// Add operators.
    pub fn extend(&mut self, lines: impl IntoIterator<Item = Line>) {
        self.lines.extend(lines);
    }

    /// Push the argument word at byte `at`.
    pub fn load_arg(&mut self, load: Load, at: u32) {
        self.extend([Line::Get(Reg::Sp), Line::Load(load, self.arg(at))]);
    }

    /// Store a register in the frame.
    pub fn store_reg(&mut self, at: u32, reg: Reg) {
        self.extend([Line::Get(Reg::Sp), Line::Get(reg), Line::Store(Store::Word, at)]);
    }

    /// Store a constant in the frame.
    pub fn store_constant(&mut self, store: Store, at: u32, value: i64) {
        self.extend([Line::Get(Reg::Sp), Line::I64(value), Line::Store(store, at)]);
    }

    /// Store the address `offset` bytes above the stack pointer in the frame.
    pub fn store_address(&mut self, at: u32, offset: u32) {
        self.extend([Line::Get(Reg::Sp)]);
        self.extend(address(offset));
        self.extend([Line::Store(Store::Word, at)]);
    }
}

/// Push the 64-bit address `offset` bytes above the stack pointer.
#[must_use]
pub fn address(offset: u32) -> [Line; 4] {
    [Line::Get(Reg::Sp), Line::Plain(Plain::I64ExtendI32U), Line::I64(i64::from(offset)), Line::Plain(Plain::I64Add)]
}
