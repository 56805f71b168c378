//! From a trampoline's text to operators, as Go's assembler does it (facts from `cmd/internal/obj/wasm/wasmobj.go` of Go
//! 1.19 and 1.27).
//!
//! A Go function looks like this: outermost a block whose end returns 1, to unwind; in it one block for each place to
//! resume at, and a `br_table` on the parameter that leaves as many of them as needed. A call stores a return address on
//! Go's stack, and unwinds when it gets 1 back. The assembler counts *blocks* (a new one after each call, and after the
//! frame is made); the return address names the block that follows.
//!
//! Until Go 1.12 the block was in a global ([`Convention::Global`]): what is outermost is a loop, to jump among blocks, and
//! each call says itself what to do when the stack unwinds (facts from the same file of Go 1.11).

use std::collections::{BTreeMap, BTreeSet};

use rcsim_uop::Epoch;

use super::bytes::Code;
use super::convention::Convention;
use super::source::{Function, Line, Load, Plain, RETURN_BYTES, Reg, Store};

/// Offset of `stackguard0` in a `g`.
const G_STACKGUARD0: u32 = 16;
/// Offset of `_panic` in a `g`.
const G_PANIC: u32 = 32;
/// Bytes below the stack guard that a small frame may use (`StackSmall`).
const SMALL_FRAME: u32 = 128;
/// Bits of a Go PC below the function's number.
const BLOCK_BITS: i32 = 16;
/// Called where the stack is too small.
pub const MORESTACK: &str = "runtime.morestack_noctxt";
/// Called on a nil function; it never comes back, and its return address is the call's own block.
const SIGPANIC: &str = "runtime.sigpanic";
/// Local that holds a copy of Go's stack pointer.
const LOCAL_SP: u32 = 1;
/// Locals of each type that every function declared while the block was a global.
const LOCALS_2018: u32 = 16;

/// An operator, before numbers of functions and of labels are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// As it stands.
    Code(Code),
    /// A call of a function by name.
    Call(String),
    /// The Go PC of a block of this function.
    ReturnAddress(u32),
    /// A branch to the end of the outermost block, when the stack unwinds.
    Unwind,
}

/// A function as operators.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// Groups of locals: number and type code.
    pub locals: Vec<(u32, u8)>,
    /// Its operators.
    pub items: Vec<Item>,
    /// How far the stack pointer is below its value at entry, from each operator on.
    pub sp_deltas: Vec<(usize, i32)>,
}

const I32: u8 = 0x7f;
const I64: u8 = 0x7e;
const F64: u8 = 0x7c;

/// Expand a function.
#[must_use]
pub fn lower(function: &Function, epoch: Epoch) -> Lowered {
    Lowering::new(function, epoch).run()
}

/// A line with the block that follows it in the assembler's count.
struct Counted {
    line: Line,
    next_block: u32,
    /// Whether it makes the frame.
    makes_frame: bool,
}

struct Lowering<'a> {
    function: &'a Function,
    epoch: Epoch,
    convention: Convention,
    locals: BTreeMap<Reg, u32>,
    items: Vec<Item>,
    sp_delta: i32,
    sp_deltas: Vec<(usize, i32)>,
}

impl<'a> Lowering<'a> {
    fn new(function: &'a Function, epoch: Epoch) -> Self {
        Self {
            function,
            epoch,
            convention: Convention::of(epoch),
            locals: BTreeMap::new(),
            items: Vec::new(),
            sp_delta: 0,
            sp_deltas: vec![(0, 0)],
        }
    }

    fn is_go(&self) -> bool {
        self.function.raw_params.is_none()
    }

    /// Whether the stack pointer is used through its copy in a local.
    fn copies_sp(&self) -> bool {
        self.is_go() && self.convention == Convention::Parameter
    }

    fn run(mut self) -> Lowered {
        let (lines, resume_labels) = count_blocks(self.with_prologue(), self.convention);
        self.number_locals(&lines);
        self.reload_sp();
        let resumes = lines.iter().filter(|counted| is_resumable(&counted.line)).count() as u32;
        let unwinds = self.function.splits_stack || lines.iter().any(|counted| can_unwind(&counted.line));
        self.open(unwinds, resumes, resume_labels);
        self.stack_check();
        self.body(&lines);
        self.close(unwinds, resumes);
        Lowered { locals: self.declarations(), items: self.items, sp_deltas: self.sp_deltas }
    }

    fn with_prologue(&self) -> Vec<(Line, bool)> {
        let mut lines: Vec<(Line, bool)> = Vec::new();
        let frame = self.function.frame_bytes;
        if frame > 0 {
            lines.extend(move_sp(Plain::I32Sub, frame).map(|line| (line, false)));
            if let Some(last) = lines.last_mut() {
                last.1 = true;
            }
        }
        let panic = if self.function.adjusts_panic { adjust_panic(frame) } else { Vec::new() };
        lines.extend(panic.into_iter().map(|line| (line, false)));
        lines.extend(self.function.lines.iter().map(|line| (line.clone(), false)));
        lines
    }

    /// Parameters first, then Go's copy of the stack pointer, then the locals in use.
    fn number_locals(&mut self, lines: &[Counted]) {
        let used: BTreeSet<Reg> = lines.iter().filter_map(|counted| local_of(&counted.line)).collect();
        if self.convention == Convention::Global {
            self.locals.extend((0..LOCALS_2018).map(|n| (Reg::R(n as u8), n)));
        } else if self.is_go() {
            self.locals.insert(Reg::Block, 0);
            self.locals.extend(used.into_iter().zip(LOCAL_SP + 1..));
        } else {
            self.locals.extend(used.into_iter().zip(0..));
        }
    }

    fn declarations(&self) -> Vec<(u32, u8)> {
        if self.convention == Convention::Global {
            return vec![(LOCALS_2018, I64), (LOCALS_2018, F64)];
        }
        if !self.is_go() {
            return Vec::new();
        }
        let words = self.locals.keys().filter(|reg| matches!(reg, Reg::R(_))).count() as u32;
        let mut groups = vec![(1, I32)];
        if words > 0 {
            groups.push((words, I64));
        }
        groups
    }

    fn codes(&mut self, codes: impl IntoIterator<Item = Code>) {
        self.items.extend(codes.into_iter().map(Item::Code));
    }

    fn open(&mut self, unwinds: bool, resumes: u32, labels: Vec<u32>) {
        let block = match self.convention {
            Convention::Parameter => Code::LocalGet(0),
            Convention::Global => Code::GlobalGet(self.convention.block_global()),
        };
        match self.convention {
            Convention::Parameter if unwinds => self.codes([Code::Block]),
            Convention::Global if resumes > 0 => self.codes([Code::Loop]),
            _ => {}
        }
        if resumes > 0 {
            self.codes((0..=resumes).map(|_| Code::Block));
            self.codes([block, Code::BrTable(labels), Code::End]);
        }
    }

    fn close(&mut self, unwinds: bool, resumes: u32) {
        if self.convention == Convention::Global {
            if resumes > 0 {
                self.codes([Code::End, Code::Plain(Plain::Unreachable)]);
            }
            self.codes([Code::End]);
            return;
        }
        self.codes([Code::Plain(Plain::Unreachable)]);
        if unwinds {
            self.codes([Code::End, Code::I32Const(1)]);
        }
        self.codes([Code::End]);
    }

    /// Call for a larger stack when the stack pointer has come too near the guard. The function is then entered anew.
    fn stack_check(&mut self) {
        if !self.function.splits_stack {
            return;
        }
        self.lines([
            Line::Get(Reg::Sp),
            Line::Get(Reg::G),
            Line::Plain(Plain::I32WrapI64),
            Line::Load(Load::Int, G_STACKGUARD0),
        ]);
        let frame = self.function.frame_bytes;
        if frame > SMALL_FRAME {
            self.lines([Line::I32((frame - SMALL_FRAME) as i32), Line::Plain(Plain::I32Add)]);
        }
        self.lines([Line::Plain(Plain::I32LeU), Line::If]);
        self.call(Some(MORESTACK), 0);
        self.unwind();
        self.lines([Line::End]);
    }

    fn lines(&mut self, lines: impl IntoIterator<Item = Line>) {
        for line in lines {
            self.simple(&line, None);
        }
    }

    fn body(&mut self, lines: &[Counted]) {
        let mut at = 0;
        while at < lines.len() {
            let counted = &lines[at];
            let next = lines.get(at + 1).map(|counted| &counted.line);
            at += 1 + self.line(counted, next);
            if counted.makes_frame {
                self.set_sp_delta(self.function.frame_bytes as i32);
            }
        }
    }

    /// One line; returns how many of the following lines it has taken in.
    fn line(&mut self, counted: &Counted, next: Option<&Line>) -> usize {
        match &counted.line {
            Line::Call(name) => {
                self.call(Some(name), counted.next_block);
                self.unwind();
                self.codes([Code::End]);
            }
            Line::CallPointer => {
                self.call(None, counted.next_block);
                self.unwind();
                self.codes([Code::End]);
            }
            Line::CallNoResume(SIGPANIC) => {
                // Whoever looks at the stack wants the call itself, not what follows it.
                self.call(Some(SIGPANIC), counted.next_block - 1);
                self.unwind();
            }
            Line::CallNoResume(name) => {
                self.call(Some(name), counted.next_block);
                self.codes([Code::If, Code::Plain(Plain::Unreachable), Code::End]);
            }
            Line::Jump(name) => {
                self.go_call(name);
                self.codes([Code::Plain(Plain::Return)]);
            }
            Line::RawCall(name) => self.raw_call(name),
            Line::Ret => self.ret(),
            line => return self.simple(line, next),
        }
        0
    }

    /// Push a return address on Go's stack and call; leaves the callee's result on the stack.
    fn call(&mut self, name: Option<&str>, return_block: u32) {
        let depth = self.sp_delta;
        self.lines(move_sp(Plain::I32Sub, RETURN_BYTES));
        self.set_sp_delta(depth + RETURN_BYTES as i32);
        self.lines([Line::Get(Reg::Sp)]);
        self.items.push(Item::ReturnAddress(return_block));
        self.lines([Line::Store(Store::Word, 0)]);
        match name {
            Some(name) => self.go_call(name),
            None => self.call_pointer(),
        }
        // The callee has popped the return address.
        let after_call = if self.copies_sp() { self.items.len() - 2 } else { self.items.len() };
        self.sp_delta = depth;
        self.sp_deltas.push((after_call, depth));
    }

    /// What follows a call: the stack unwinds when it has given 1.
    fn unwind(&mut self) {
        match self.convention {
            Convention::Parameter => self.items.push(Item::Unwind),
            Convention::Global => {
                self.codes([Code::If, Code::I32Const(1), Code::Plain(Plain::Return), Code::End]);
            }
        }
    }

    /// Say that a Go function is to start at its beginning.
    fn start_at_the_first_block(&mut self) {
        self.codes([Code::I32Const(0)]);
        if self.convention == Convention::Global {
            self.codes([Code::GlobalSet(self.convention.block_global())]);
        }
    }

    fn go_call(&mut self, name: &str) {
        self.start_at_the_first_block();
        self.raw_call(name);
    }

    fn raw_call(&mut self, name: &str) {
        self.items.push(Item::Call(name.to_owned()));
        self.reload_sp();
    }

    /// The Go PC is on the stack; its function number is the table index, above the block to start at.
    fn call_pointer(&mut self) {
        if self.convention == Convention::Global {
            self.start_at_the_first_block();
            self.lines([Line::Plain(Plain::I32WrapI64), Line::I32(BLOCK_BITS), Line::Plain(Plain::I32ShrU)]);
            self.codes([Code::CallIndirect]);
            return;
        }
        let number = if self.epoch >= Epoch::Go127 {
            [Line::I64(i64::from(BLOCK_BITS)), Line::Plain(Plain::I64ShrU), Line::Plain(Plain::I32WrapI64)]
        } else {
            [Line::Plain(Plain::I32WrapI64), Line::I32(BLOCK_BITS), Line::Plain(Plain::I32ShrU)]
        };
        self.lines(number);
        self.lines([Line::Set(Reg::Block), Line::I32(0), Line::Get(Reg::Block)]);
        self.codes([Code::CallIndirect]);
        self.reload_sp();
    }

    /// At the start, and after a call, during which the stack may have moved.
    fn reload_sp(&mut self) {
        if self.copies_sp() {
            self.codes([Code::GlobalGet(self.convention.first_global()), Code::LocalSet(LOCAL_SP)]);
        }
    }

    fn ret(&mut self) {
        let depth = self.sp_delta;
        if self.function.frame_bytes > 0 {
            self.lines(move_sp(Plain::I32Add, self.function.frame_bytes));
            self.set_sp_delta(0);
        }
        if self.convention == Convention::Global {
            // Whoever unwinds finds here where to go on.
            for (part, at) in [(Reg::PcF, 2), (Reg::PcB, 0)] {
                self.lines([Line::Get(Reg::Sp), Line::Load(Load::Short, at), Line::Set(part)]);
            }
        }
        self.lines(move_sp(Plain::I32Add, RETURN_BYTES));
        self.set_sp_delta(-(RETURN_BYTES as i32));
        self.lines([Line::I32(0), Line::Plain(Plain::Return)]);
        self.set_sp_delta(depth);
    }

    fn set_sp_delta(&mut self, delta: i32) {
        self.sp_delta = delta;
        self.sp_deltas.push((self.items.len(), delta));
    }

    /// A line that is one operator. A pop into a local that is pushed again at once becomes one operator.
    fn simple(&mut self, line: &Line, next: Option<&Line>) -> usize {
        let code = match *line {
            Line::Plain(plain) => Code::Plain(plain),
            Line::I32(value) => Code::I32Const(value),
            Line::I64(value) => Code::I64Const(value),
            Line::Load(load, offset) => Code::Load(load, offset),
            Line::Store(store, offset) => Code::Store(store, offset),
            Line::MemoryCopy => Code::MemoryCopy,
            Line::Loop => Code::Loop,
            Line::If => Code::If,
            Line::End => Code::End,
            Line::Br(depth) => Code::Br(depth),
            Line::Get(reg) => self.get(reg),
            Line::Tee(reg) => Code::LocalTee(self.locals[&reg]),
            Line::Set(reg) => return self.set(reg, next),
            Line::RawCall(_)
            | Line::Call(_)
            | Line::CallPointer
            | Line::CallNoResume(_)
            | Line::Jump(_)
            | Line::Ret => unreachable!("several operators"),
        };
        self.codes([code]);
        0
    }

    fn get(&self, reg: Reg) -> Code {
        match (reg, self.convention.global(reg)) {
            (Reg::Sp, _) if self.copies_sp() => Code::LocalGet(LOCAL_SP),
            (_, Some(index)) => Code::GlobalGet(index),
            (_, None) => Code::LocalGet(self.locals[&reg]),
        }
    }

    fn set(&mut self, reg: Reg, next: Option<&Line>) -> usize {
        let Some(index) = self.convention.global(reg) else {
            let again = next == Some(&Line::Get(reg));
            let local = self.locals[&reg];
            self.codes([if again { Code::LocalTee(local) } else { Code::LocalSet(local) }]);
            return usize::from(again);
        };
        if reg == Reg::Sp && self.copies_sp() {
            self.codes([Code::LocalTee(LOCAL_SP)]);
        }
        self.codes([Code::GlobalSet(index)]);
        0
    }
}

/// The declared local that a line uses.
fn local_of(line: &Line) -> Option<Reg> {
    match line {
        Line::Get(reg @ Reg::R(_)) | Line::Set(reg @ Reg::R(_)) | Line::Tee(reg @ Reg::R(_)) => Some(*reg),
        _ => None,
    }
}

fn is_resumable(line: &Line) -> bool {
    matches!(line, Line::Call(_) | Line::CallPointer)
}

fn can_unwind(line: &Line) -> bool {
    is_resumable(line) || *line == Line::CallNoResume(SIGPANIC)
}

fn move_sp(op: Plain, bytes: u32) -> [Line; 4] {
    [Line::Get(Reg::Sp), Line::I32(bytes as i32), Line::Plain(op), Line::Set(Reg::Sp)]
}

/// Until Go 1.25 a wrapper that runs for a deferred call in a panic makes the panic's argument pointer its own frame's, so
/// that `recover` works through it.
fn adjust_panic(frame: u32) -> Vec<Line> {
    let panic = Reg::R(0);
    vec![
        Line::Get(Reg::G),
        Line::Plain(Plain::I32WrapI64),
        Line::Load(Load::Word, G_PANIC),
        Line::Set(panic),
        Line::Get(panic),
        Line::Plain(Plain::I64Eqz),
        Line::Plain(Plain::I32Eqz),
        Line::If,
        Line::Get(Reg::Sp),
        Line::Plain(Plain::I64ExtendI32U),
        Line::I64(i64::from(frame + RETURN_BYTES)),
        Line::Plain(Plain::I64Add),
        Line::Get(panic),
        Line::Plain(Plain::I32WrapI64),
        Line::Load(Load::Word, 0),
        Line::Plain(Plain::I64Eq),
        Line::If,
        Line::Get(panic),
        Line::Plain(Plain::I32WrapI64),
        Line::Get(Reg::Sp),
        Line::Plain(Plain::I64ExtendI32U),
        Line::Store(Store::Word, 0),
        Line::End,
        Line::End,
    ]
}

/// Give each line its block, and each block the resume point to go back to: the last one that does not lie after it.
fn count_blocks(lines: Vec<(Line, bool)>, convention: Convention) -> (Vec<Counted>, Vec<u32>) {
    let (mut block, mut resumes, mut labels) = (0, 0, Vec::new());
    let mut counted = Vec::new();
    for (line, makes_frame) in lines {
        if is_resumable(&line) {
            labels.resize(block as usize + 1, resumes);
            resumes += 1;
            block += 1;
        } else if line == Line::CallNoResume(SIGPANIC) && convention == Convention::Parameter {
            block += 2;
        } else if makes_frame || matches!(line, Line::CallNoResume(_)) {
            block += 1;
        }
        counted.push(Counted { line, next_block: block, makes_frame });
    }
    labels.push(resumes);
    (counted, labels)
}
