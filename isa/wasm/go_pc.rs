//! Go PCs: how Go numbers places in code.
//!
//! A Go PC is `number << 16 | block`. The number counts the module's own functions from [`FIRST_FUNCTION`]; the block is a
//! count that Go's assembler raises wherever one of its tables needs an entry: after each call, after the frame is made,
//! at the edges of inlined code. A `br_table` at the start of a function leads from a block to the place to resume at.
//! The file does not say where each block begins; those labels, and return addresses stored before calls, tell most of it.

use wasmparser::{BinaryReader, Operator, OperatorsReader};

use super::isa::WasmIsa;
use super::module::{Callee, FIRST_FUNCTION, Function};
use super::plan::{Flow, Plan, Target};

/// Bits of a Go PC that say which block.
pub const BLOCK_BITS: u32 = 16;
const BLOCK_MASK: u64 = (1 << BLOCK_BITS) - 1;

/// Go PC of the entry of own function `index`.
#[must_use]
pub const fn entry(index: u32) -> u64 {
    ((FIRST_FUNCTION + index) as u64) << BLOCK_BITS
}

/// The Go PC of an operator's address: exact in its function, and in its block as far as the code tells.
#[must_use]
pub fn of(isa: &WasmIsa, pc: u64) -> Option<u64> {
    let index = isa.function_at(pc)?;
    let function = &isa.module().functions[index as usize];
    let offset = (pc - isa.space().base) as u32;
    let resumed = resume_points(isa.plan(function).ok()?).map_or(0, |labels| last_label(labels, offset));
    Some(entry(index) + resumed.max(last_block(isa, function, entry(index), offset)))
}

/// The address that a Go PC stands for: the entry for block 0, else where the function resumes.
#[must_use]
pub fn address(isa: &WasmIsa, go_pc: u64) -> Option<u64> {
    let index = u32::try_from(go_pc >> BLOCK_BITS).ok()?.checked_sub(FIRST_FUNCTION)?;
    let function = isa.module().functions.get(index as usize)?;
    let block = (go_pc & BLOCK_MASK) as usize;
    let labels = resume_points(isa.plan(function).ok()?);
    // Past the last label is the default.
    let resume = labels.and_then(|labels| labels.get(block).or(labels.last()));
    match resume {
        // Until the first place to resume at, the function starts anew.
        Some(resume) if Some(resume) != labels.and_then(<[Target]>::first) => Some(isa.space().file(resume.offset)),
        _ => Some(isa.entry(Callee::Own(index))),
    }
}

/// Where each block of a function resumes: the labels of the `br_table` at its start. The assembler makes the last
/// block the default.
fn resume_points(plan: &Plan) -> Option<&[Target]> {
    for step in &plan.steps {
        match &step.flow {
            Flow::Next => {}
            Flow::Table(targets) => return Some(targets),
            Flow::Branch(_) | Flow::Leave => return None,
        }
    }
    None
}

/// The first block of those that resume at the last place at or before `offset`.
fn last_label(labels: &[Target], offset: u32) -> u64 {
    let Some(last) = labels.iter().map(|label| label.offset).filter(|place| *place <= offset).max() else { return 0 };
    labels.iter().position(|label| label.offset == last).unwrap_or(0) as u64
}

/// The last block that calls and the frame show to begin at or before `offset`.
fn last_block(isa: &WasmIsa, function: &Function, entry: u64, offset: u32) -> u64 {
    let bytes = &isa.module().file[function.entry as usize..offset.max(function.entry) as usize];
    let mut reader = OperatorsReader::new(BinaryReader::new(bytes, 0));
    let mut blocks = Blocks::new(entry, isa.module().stack_pointer_global());
    while let Ok(op) = reader.read() {
        blocks.see(&op);
    }
    blocks.current
}

/// Follows the blocks of a function operator by operator.
struct Blocks {
    entry: u64,
    /// The global that is the stack pointer. Where functions keep a copy of it, that is local 1.
    sp: u32,
    current: u64,
    /// A constant that may be a return address, until it is stored.
    pushed: Option<u64>,
    /// The block stored as return address, until its call comes.
    stored: Option<u64>,
    /// The frame is made by the first subtraction from the stack pointer that is not a call's.
    frame: Frame,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    None,
    /// Something has just been subtracted.
    Subtracted,
    /// It has just become the stack pointer: a frame, unless a return address follows.
    Lowered,
    Made,
}

impl Blocks {
    const fn new(entry: u64, sp: u32) -> Self {
        Self { entry, sp, current: 0, pushed: None, stored: None, frame: Frame::None }
    }

    fn see(&mut self, op: &Operator<'_>) {
        let pushed = self.pushed.take();
        match *op {
            Operator::I64Const { value } if value as u64 & !BLOCK_MASK == self.entry => {
                self.pushed = Some(value as u64 & BLOCK_MASK);
            }
            Operator::I64Store { memarg } if memarg.offset == 0 && pushed.is_some() => {
                self.stored = pushed;
                // What lowered the stack pointer just before was the call.
                if self.frame == Frame::Lowered {
                    self.frame = Frame::None;
                }
            }
            Operator::Call { .. } | Operator::CallIndirect { .. } if self.stored.is_some() => {
                self.current = self.current.max(self.stored.take().unwrap_or(0));
            }
            _ => self.follow_frame(op),
        }
    }

    fn follow_frame(&mut self, op: &Operator<'_>) {
        self.frame = match (self.frame, op) {
            (Frame::Made, _) => Frame::Made,
            (_, Operator::I32Sub) => Frame::Subtracted,
            (Frame::Subtracted, Operator::LocalTee { local_index: 1 }) => Frame::Subtracted,
            (Frame::Subtracted, Operator::GlobalSet { global_index }) if *global_index == self.sp => Frame::Lowered,
            // The stack pointer as base of whatever is stored next.
            (Frame::Lowered, Operator::LocalGet { local_index: 1 }) => Frame::Lowered,
            (Frame::Lowered, Operator::GlobalGet { global_index }) if *global_index == self.sp => Frame::Lowered,
            (Frame::Lowered, _) => {
                self.current = self.current.max(1);
                Frame::Made
            }
            _ => Frame::None,
        };
    }
}
