//! What must be known about a function before any of its operators can be lifted: the height of the operand stack at
//! each operator, and where each branch goes.
//!
//! Found in one pass over the function, the validation algorithm of the WebAssembly specification (appendix) reduced to
//! heights. Code that no path reaches has no height; its operators are marked dead.

use std::fmt;

use wasmparser::{
    BinaryReader, BinaryReaderError, BlockType, ContType, FrameKind, FuncType, ModuleArity, Operator, OperatorsReader,
    RefType, SubType,
};

use super::module::{Function, Module};
use super::regs::WINDOW_SLOTS;

/// Most labels of one `br_table`,
const MAX_LABELS: u32 = 1 << 16;
/// and of one whose targets want the carried value in different places: each takes micro-ops.
const MAX_UNEVEN_LABELS: usize = 128;

/// Where a branch goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// Offset in the file of the operator to continue at.
    pub offset: u32,
    /// Height of the operand stack there, without the value that the branch carries.
    pub height: u16,
    /// Values that the branch carries: 0 or 1.
    pub arity: u16,
}

/// Which way control goes at an operator, beyond the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Only on, or as the operator itself says.
    Next,
    /// To one other place: `br`, `br_if`, the false side of `if`, the jump over the other side at `else`.
    Branch(Target),
    /// To one of several, the last one by default: `br_table`.
    Table(Box<[Target]>),
    /// Out of the function: its last `end`.
    Leave,
}

/// One operator of a function.
#[derive(Clone, Debug)]
pub struct Step {
    /// Offset in the file.
    pub offset: u32,
    /// Height of the operand stack before it; `None` where no path leads.
    pub height: Option<u16>,
    /// Where control goes.
    pub flow: Flow,
}

/// The plan of a function.
#[derive(Debug)]
pub struct Plan {
    /// Its operators in order.
    pub steps: Box<[Step]>,
    /// Offset just after the last one.
    pub end: u32,
    /// Parameters and locals: the slots of the window below the operand stack.
    pub locals: u16,
    /// Most slots of the window that it uses.
    pub slots: u16,
}

impl Plan {
    /// The operator at an offset, and the offset of the next one.
    #[must_use]
    pub fn step(&self, offset: u32) -> Option<(&Step, u32)> {
        let at = self.steps.binary_search_by_key(&offset, |step| step.offset).ok()?;
        let next = self.steps.get(at + 1).map_or(self.end, |step| step.offset);
        Some((&self.steps[at], next))
    }

    /// The operators from an offset on.
    #[must_use]
    pub fn steps_before(&self, offset: u32) -> &[Step] {
        &self.steps[..self.steps.partition_point(|step| step.offset < offset)]
    }
}

/// Why a function has no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// It is not valid WebAssembly.
    Invalid {
        /// Offset in the file.
        offset: u32,
        /// What is wrong.
        what: String,
    },
    /// It uses something that rcsim does not model.
    Unsupported {
        /// Offset in the file.
        offset: u32,
        /// What it uses.
        what: String,
    },
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { what, .. } => write!(f, "invalid function: {what}"),
            Self::Unsupported { what, .. } => f.write_str(what),
        }
    }
}

/// Make the plan of a function.
///
/// # Errors
/// When the function is invalid or uses more than rcsim models.
pub fn plan(module: &Module, function: &Function) -> Result<Plan, PlanError> {
    if function.locals > u32::from(WINDOW_SLOTS) {
        let what = format!("{} locals; rcsim has {WINDOW_SLOTS} slots for locals and operands", function.locals);
        return Err(PlanError::Unsupported { offset: function.entry, what });
    }
    let bytes = &module.file[function.entry as usize..function.body.end as usize];
    let mut reader = OperatorsReader::new(BinaryReader::new(bytes, u64::from(function.entry)));
    let mut pass = Pass::new(module, function);
    while !pass.open.is_empty() {
        pass.offset = reader.original_position() as u32;
        let op = reader.read().map_err(|error| pass.malformed(&error))?;
        pass.operator(&op, reader.original_position() as u32)?;
    }
    if !reader.eof() {
        return Err(pass.invalid("operators after the end"));
    }
    Ok(pass.finish(function))
}

/// A construct whose `end` has not come yet.
struct Open {
    /// Height of the operand stack outside of it.
    height: u16,
    /// Values that it leaves: 0 or 1.
    results: u16,
    /// Values that a branch to it carries: none for a loop.
    label_arity: u16,
    /// Where a branch to it goes, once known: at once for a loop.
    start: Option<u32>,
    /// Branches that wait for its end: step, and place in the step's table.
    waiting: Vec<(usize, usize)>,
    /// The `if` whose false side is still open.
    pending_if: Option<usize>,
    /// Whether its start can be reached.
    live: bool,
}

struct Pass<'a> {
    module: &'a Module,
    steps: Vec<Step>,
    open: Vec<Open>,
    height: u16,
    live: bool,
    locals: u16,
    highest: u16,
    offset: u32,
}

impl<'a> Pass<'a> {
    fn new(module: &'a Module, function: &Function) -> Self {
        let results = u16::from(function.signature.results);
        let body = Open {
            height: 0,
            results,
            label_arity: results,
            start: None,
            waiting: Vec::new(),
            pending_if: None,
            live: true,
        };
        Self {
            module,
            steps: Vec::new(),
            open: vec![body],
            height: 0,
            live: true,
            locals: function.locals as u16,
            highest: 0,
            offset: function.entry,
        }
    }

    fn finish(self, function: &Function) -> Plan {
        Plan {
            steps: self.steps.into(),
            end: function.body.end,
            locals: self.locals,
            slots: self.locals + self.highest,
        }
    }

    fn invalid(&self, what: impl Into<String>) -> PlanError {
        PlanError::Invalid { offset: self.offset, what: what.into() }
    }

    fn unsupported(&self, what: impl Into<String>) -> PlanError {
        PlanError::Unsupported { offset: self.offset, what: what.into() }
    }

    fn malformed(&self, error: &BinaryReaderError) -> PlanError {
        self.invalid(error.message())
    }

    fn operator(&mut self, op: &Operator<'_>, next: u32) -> Result<(), PlanError> {
        self.steps.push(Step { offset: self.offset, height: self.live.then_some(self.height), flow: Flow::Next });
        match *op {
            Operator::Block { blockty } => self.enter(FrameKind::Block, blockty, next),
            Operator::Loop { blockty } => self.enter(FrameKind::Loop, blockty, next),
            Operator::If { blockty } => {
                self.pop(1)?;
                self.enter(FrameKind::If, blockty, next)
            }
            Operator::Else => self.other_side(next),
            Operator::End => self.leave(next),
            Operator::Br { relative_depth } => {
                self.branch(relative_depth)?;
                self.die();
                Ok(())
            }
            Operator::BrIf { relative_depth } => {
                self.pop(1)?;
                self.branch(relative_depth)
            }
            Operator::BrTable { ref targets } => self.branch_table(targets),
            Operator::Return => {
                self.pop(self.open.first().map_or(0, |body| body.results))?;
                self.die();
                Ok(())
            }
            Operator::Unreachable => {
                self.die();
                Ok(())
            }
            Operator::LocalGet { local_index: index }
            | Operator::LocalSet { local_index: index }
            | Operator::LocalTee { local_index: index }
                if index >= u32::from(self.locals) =>
            {
                Err(self.invalid(format!("no local {index}")))
            }
            Operator::GlobalGet { global_index: index } | Operator::GlobalSet { global_index: index }
                if index >= self.module.global_count() =>
            {
                Err(self.invalid(format!("no global {index}")))
            }
            Operator::Call { function_index } => {
                let Some((_, callee)) = self.module.callee(function_index) else {
                    return Err(self.invalid(format!("no function {function_index}")));
                };
                self.pop(u16::from(callee.params))?;
                self.push(u16::from(callee.results))
            }
            Operator::CallIndirect { type_index, .. } => {
                let Some(callee) = self.module.signature(type_index) else {
                    return Err(self.unsupported(format!("call through type {type_index}")));
                };
                self.pop(1 + u16::from(callee.params))?;
                self.push(u16::from(callee.results))
            }
            _ => self.plain(op),
        }
    }

    fn plain(&mut self, op: &Operator<'_>) -> Result<(), PlanError> {
        let Some((pops, pushes)) = op.operator_arity(&NoModule) else {
            // Only operators of proposals that Go does not use depend on more than themselves.
            return Err(self.unsupported(format!("operator {op:?}")));
        };
        self.pop(pops as u16)?;
        self.push(pushes as u16)
    }

    fn pop(&mut self, count: u16) -> Result<(), PlanError> {
        if !self.live {
            return Ok(());
        }
        let floor = self.open.last().map_or(0, |open| open.height);
        if self.height < floor + count {
            return Err(self.invalid("operand stack underflow"));
        }
        self.height -= count;
        Ok(())
    }

    fn push(&mut self, count: u16) -> Result<(), PlanError> {
        if !self.live {
            return Ok(());
        }
        self.height += count;
        self.highest = self.highest.max(self.height);
        if self.locals + self.height > WINDOW_SLOTS {
            return Err(self.unsupported(format!("more than {WINDOW_SLOTS} locals and operands")));
        }
        Ok(())
    }

    fn die(&mut self) {
        self.live = false;
    }

    fn block_results(&self, kind: BlockType) -> Result<u16, PlanError> {
        match kind {
            BlockType::Empty => Ok(0),
            BlockType::Type(_) => Ok(1),
            BlockType::FuncType(index) => match self.module.func_type(index) {
                Some(kind) if kind.params().is_empty() && kind.results().len() <= 1 => Ok(kind.results().len() as u16),
                Some(_) => Err(self.unsupported("block with parameters or several results")),
                None => Err(self.invalid(format!("no type {index}"))),
            },
        }
    }

    fn enter(&mut self, kind: FrameKind, blockty: BlockType, next: u32) -> Result<(), PlanError> {
        let results = self.block_results(blockty)?;
        let is_loop = kind == FrameKind::Loop;
        self.open.push(Open {
            height: self.height,
            results,
            label_arity: if is_loop { 0 } else { results },
            start: is_loop.then_some(next),
            waiting: Vec::new(),
            pending_if: (kind == FrameKind::If).then_some(self.steps.len() - 1),
            live: self.live,
        });
        Ok(())
    }

    fn other_side(&mut self, next: u32) -> Result<(), PlanError> {
        self.check_results()?;
        let step = self.steps.len() - 1;
        let Some(open) = self.open.last_mut() else { return Err(self.invalid("else outside of if")) };
        let Some(test) = open.pending_if.take() else { return Err(self.invalid("else outside of if")) };
        open.waiting.push((step, 0));
        let (height, live) = (open.height, open.live);
        let over = Target { offset: 0, height: height + open.results, arity: 0 };
        self.steps[test].flow = Flow::Branch(Target { offset: next, height, arity: 0 });
        self.steps[step].flow = Flow::Branch(over);
        (self.height, self.live) = (height, live);
        Ok(())
    }

    fn check_results(&self) -> Result<(), PlanError> {
        let Some(open) = self.open.last() else { return Err(self.invalid("end outside of a block")) };
        if self.live && self.height != open.height + open.results {
            return Err(self.invalid("operand stack of the wrong height at the end of a block"));
        }
        Ok(())
    }

    fn leave(&mut self, next: u32) -> Result<(), PlanError> {
        self.check_results()?;
        let Some(open) = self.open.pop() else { return Err(self.invalid("end outside of a block")) };
        let outermost = self.open.is_empty();
        // A branch to the outermost label is a return: the last `end` does it.
        let continuation = if outermost { self.offset } else { next };
        self.resolve(&open, continuation);
        self.height = open.height + open.results;
        self.live = open.live;
        self.highest = self.highest.max(self.height);
        if outermost && let Some(step) = self.steps.last_mut() {
            step.flow = Flow::Leave;
            step.height = Some(self.height);
        }
        Ok(())
    }

    fn resolve(&mut self, open: &Open, continuation: u32) {
        if let Some(test) = open.pending_if {
            self.steps[test].flow = Flow::Branch(Target { offset: continuation, height: open.height, arity: 0 });
        }
        for &(step, place) in &open.waiting {
            match &mut self.steps[step].flow {
                Flow::Branch(target) => target.offset = continuation,
                Flow::Table(targets) => targets[place].offset = continuation,
                Flow::Next | Flow::Leave => {}
            }
        }
    }

    /// The target of a label; when its place is not known yet, the step asks to be told.
    fn label(&mut self, depth: u32, place: usize) -> Result<Target, PlanError> {
        let step = self.steps.len() - 1;
        let at = (self.open.len() as u64).checked_sub(1 + u64::from(depth));
        let Some(open) = at.and_then(|at| self.open.get_mut(at as usize)) else {
            return Err(self.invalid(format!("no label {depth}")));
        };
        if open.start.is_none() {
            open.waiting.push((step, place));
        }
        Ok(Target { offset: open.start.unwrap_or(0), height: open.height, arity: open.label_arity })
    }

    fn branch(&mut self, depth: u32) -> Result<(), PlanError> {
        let target = self.label(depth, 0)?;
        self.carry(target)?;
        let step = self.steps.len() - 1;
        self.steps[step].flow = Flow::Branch(target);
        Ok(())
    }

    /// A branch leaves what it carries on the stack for the path that does not take it.
    fn carry(&mut self, target: Target) -> Result<(), PlanError> {
        let height = self.height;
        self.pop(target.arity)?;
        self.height = height;
        Ok(())
    }

    fn branch_table(&mut self, targets: &wasmparser::BrTable<'_>) -> Result<(), PlanError> {
        if targets.len() > MAX_LABELS {
            return Err(self.unsupported(format!("br_table with more than {MAX_LABELS} labels")));
        }
        self.pop(1)?;
        let mut all = Vec::new();
        for depth in targets.targets() {
            let depth = depth.map_err(|error| self.malformed(&error))?;
            all.push(self.label(depth, all.len())?);
        }
        let default = self.label(targets.default(), all.len())?;
        self.carry(default)?;
        if all.iter().any(|target| target.arity != default.arity) {
            return Err(self.invalid("br_table to labels of different types"));
        }
        let uneven = default.arity > 0 && all.iter().any(|target| target.height != default.height);
        if uneven && all.len() > MAX_UNEVEN_LABELS {
            return Err(self.unsupported("br_table with a value and many labels of different heights"));
        }
        all.push(default);
        let step = self.steps.len() - 1;
        self.steps[step].flow = Flow::Table(all.into());
        self.die();
        Ok(())
    }
}

/// The arity of operators that depend on nothing but themselves needs no module.
struct NoModule;

impl ModuleArity for NoModule {
    fn sub_type_at(&self, _: u32) -> Option<&SubType> {
        None
    }
    fn tag_type_arity(&self, _: u32) -> Option<(u32, u32)> {
        None
    }
    fn type_index_of_function(&self, _: u32) -> Option<u32> {
        None
    }
    fn func_type_of_cont_type(&self, _: &ContType) -> Option<&FuncType> {
        None
    }
    fn sub_type_of_ref_type(&self, _: &RefType) -> Option<&SubType> {
        None
    }
    fn control_stack_height(&self) -> u32 {
        0
    }
    fn label_block(&self, _: u32) -> Option<(BlockType, FrameKind)> {
        None
    }
}
