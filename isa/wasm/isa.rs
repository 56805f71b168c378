//! The instruction set of one module.

use rcsim_uop::build::BlockBuilder;
use rcsim_uop::fp::{FpRules, IntRule, NanRule};
use rcsim_uop::isa::{CodeView, Disasm, HelperDecl, Isa, LiftError};
use rcsim_uop::op::{Edge, Stop};
use rcsim_uop::port::SetupError;
use rcsim_uop::reg::RegFile;
use wasmparser::{BinaryReader, FrameKind, FrameStack, Operator};

use super::address::{MAX_BASE, Place, Space};
use super::module::{Callee, FIRST_FUNCTION, Function, Module};
use super::plan::{Plan, PlanError, plan};
use super::{disasm, helpers, lift, regs};

/// Code of the [`Stop::Syscall`] by which `memory.grow` asks for memory: the low byte is the slot that holds the number of
/// pages to add; it must be set to the old size, or to 2³² - 1 when the memory cannot grow, before going on.
pub const GROW_MEMORY: u32 = 0xffff_ff00;

/// What the operators of one module mean.
#[derive(Debug)]
pub struct WasmIsa {
    regs: RegFile,
    module: Module,
    space: Space,
}

/// An operator with its surroundings.
pub struct Decoded<'a> {
    /// The operator.
    pub op: Operator<'a>,
    /// Its function.
    pub function: &'a Function,
    /// The function's plan.
    pub plan: &'a Plan,
    /// The plan's entry for the operator.
    pub step: &'a super::plan::Step,
    /// Offset of the next operator.
    pub next: u32,
}

/// Accepts `else` wherever it stands: the plan has checked the nesting.
struct AnyFrame;

impl FrameStack for AnyFrame {
    fn current_frame(&self) -> Option<FrameKind> {
        Some(FrameKind::If)
    }
}

impl WasmIsa {
    /// The instruction set of the module in `file`, mapped at `base`.
    ///
    /// # Errors
    /// When the module is broken or the base too high.
    pub fn new(base: u64, file: &[u8]) -> Result<Self, SetupError> {
        if !(1 << 33..MAX_BASE).contains(&base) {
            // Linear memory with its largest offsets ends at 8 GiB.
            return Err(SetupError::Program(format!("WebAssembly module mapped at {base:#x}, not above 8 GiB")));
        }
        let module = Module::parse(file)?;
        let space = Space { base, len: file.len() as u32 };
        Ok(Self { regs: regs::file(), module, space })
    }

    /// The module.
    #[must_use]
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// The module's address space.
    #[must_use]
    pub fn space(&self) -> Space {
        self.space
    }

    /// Address of the first operator of what a call goes to.
    #[must_use]
    pub fn entry(&self, callee: Callee) -> u64 {
        match callee {
            Callee::Import(index) => self.space.import(index),
            Callee::Own(index) => self.space.file(self.module.functions[index as usize].entry),
        }
    }

    /// The own function at an address.
    #[must_use]
    pub fn function_at(&self, pc: u64) -> Option<u32> {
        match self.space.place(pc) {
            Place::File(offset) => self.module.function_at(offset),
            Place::Import(_) | Place::Entry { .. } | Place::Elsewhere => None,
        }
    }

    /// The plan of a function.
    ///
    /// # Errors
    /// When it is invalid or uses more than rcsim models.
    pub fn plan<'a>(&'a self, function: &'a Function) -> Result<&'a Plan, &'a PlanError> {
        function.plan.get_or_init(|| plan(&self.module, function)).as_ref()
    }

    /// The operator at an offset of the file.
    pub(super) fn decode(&self, pc: u64, offset: u32) -> Result<Decoded<'_>, LiftError> {
        let bytes_at = |len: usize| self.module.file.iter().skip(offset as usize).take(len).copied().collect();
        let undefined = || LiftError::Undefined { pc, bytes: bytes_at(8) };
        let index = self.module.function_at(offset).ok_or_else(undefined)?;
        let function = &self.module.functions[index as usize];
        let plan = self.plan(function).map_err(|error| match error {
            PlanError::Invalid { .. } => undefined(),
            PlanError::Unsupported { .. } => LiftError::Unsupported {
                pc,
                bytes: bytes_at(1),
                text: format!("{error} in {}", self.module.name(self.module.imports.len() as u32 + index)),
                feature: None,
            },
        })?;
        let (step, next) = plan.step(offset).ok_or_else(undefined)?;
        let bytes = &self.module.file[offset as usize..next as usize];
        let op = BinaryReader::new(bytes, u64::from(offset)).peek_operator(&AnyFrame).map_err(|_| undefined())?;
        Ok(Decoded { op, function, plan, step, next })
    }

    fn lift_import(&self, pc: u64, index: u32, out: &mut BlockBuilder) -> Result<(), LiftError> {
        let import = self.module.imports.get(index as usize).ok_or(LiftError::Fetch { pc })?;
        out.insn(pc, 0);
        match import.service {
            Some(address) => out.goto(Edge::Jump, address),
            None => out.stop(Stop::Syscall, index, pc),
        }
        Ok(())
    }

    /// A table entry called as a type: on to the function, or a trap.
    fn lift_entry(&self, pc: u64, kind: u32, index: u32, out: &mut BlockBuilder) {
        out.insn(pc, 0);
        let callee = self.module.table_entry(index).and_then(|function| self.module.callee(function));
        match callee {
            Some((callee, signature)) if signature.kind == kind => out.goto(Edge::Jump, self.entry(callee)),
            None if self.is_service(index) => out.goto(Edge::Jump, u64::from(index) << 16),
            _ => out.stop(Stop::Trap, index, pc),
        }
    }

    /// Go leaves the first table entries empty, so rcsim's own services have theirs there; see
    /// [`rcsim_uop::Port::service_address`].
    fn is_service(&self, index: u32) -> bool {
        (1..FIRST_FUNCTION).contains(&index) && self.module.is_go()
    }
}

impl Isa for WasmIsa {
    fn regs(&self) -> &RegFile {
        &self.regs
    }

    fn lift(&self, _: &dyn CodeView, pc: u64, out: &mut BlockBuilder) -> Result<(), LiftError> {
        match self.space.place(pc) {
            Place::File(offset) => lift::operator(self, pc, &self.decode(pc, offset)?, out),
            Place::Import(index) => self.lift_import(pc, index, out),
            Place::Entry { kind, index } => {
                self.lift_entry(pc, kind, index, out);
                Ok(())
            }
            Place::Elsewhere => Err(LiftError::Fetch { pc }),
        }
    }

    fn disasm(&self, _: &dyn CodeView, pc: u64) -> Result<Disasm, LiftError> {
        match self.space.place(pc) {
            Place::File(offset) => {
                let decoded = self.decode(pc, offset)?;
                let len = (decoded.next - offset) as u16;
                Ok(Disasm { len, text: disasm::text(&decoded.op, &self.module) })
            }
            Place::Import(index) if (index as usize) < self.module.imports.len() => {
                Ok(Disasm { len: 0, text: format!("import {}", self.module.name(index)) })
            }
            Place::Entry { index, .. } => Ok(Disasm { len: 0, text: format!("table entry {index}") }),
            Place::Import(_) | Place::Elsewhere => Err(LiftError::Fetch { pc }),
        }
    }

    fn helpers(&self) -> &'static [HelperDecl] {
        helpers::ALL
    }

    fn fp_rules(&self) -> FpRules {
        FpRules { nan: NanRule::Default, default_nan_negative: false, to_int: IntRule::SaturateNanZero }
    }
}
