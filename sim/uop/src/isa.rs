//! What an architecture says about its instructions.

use std::any::Any;
use std::error::Error;
use std::fmt;

use crate::build::BlockBuilder;
use crate::fp::FpRules;
use crate::guest::{Guest, MemFault};
use crate::op::Op;
use crate::reg::{Reg, RegFile};

/// Guest code as the lift sees it.
pub trait CodeView {
    /// Copy bytes that the guest may execute from `pc` on into `out`; returns how many there are (fewer than asked
    /// for at the end of a mapping, 0 when nothing executable is there).
    fn fetch(&self, pc: u64, out: &mut [u8]) -> usize;
    /// The number of the hook at `pc`, if the host has put one there.
    fn hook(&self, pc: u64) -> Option<u32>;
}

/// Why an instruction could not be lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiftError {
    /// Nothing executable at this address.
    Fetch {
        /// The address.
        pc: u64,
    },
    /// Bytes that are no instruction of the architecture.
    Undefined {
        /// Address of the instruction.
        pc: u64,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// An instruction that rcsim does not model.
    Unsupported {
        /// Address of the instruction.
        pc: u64,
        /// Its bytes.
        bytes: Vec<u8>,
        /// Its disassembly.
        text: String,
        /// The CPU feature that it belongs to, when that is why.
        feature: Option<&'static str>,
    },
    /// The lift broke a rule of the micro-op language: a bug of rcsim.
    Malformed {
        /// Address of the instruction.
        pc: u64,
        /// The rule that it broke.
        rule: String,
    },
}

impl LiftError {
    /// Address of the instruction.
    #[must_use]
    pub const fn pc(&self) -> u64 {
        match self {
            Self::Fetch { pc }
            | Self::Undefined { pc, .. }
            | Self::Unsupported { pc, .. }
            | Self::Malformed { pc, .. } => *pc,
        }
    }
}

impl fmt::Display for LiftError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fetch { pc } => write!(f, "no executable memory at {pc:#x}"),
            Self::Undefined { pc, bytes } => write!(f, "no instruction at {pc:#x}: {}", hex(bytes)),
            Self::Unsupported { pc, bytes, text, feature } => {
                write!(f, "unsupported instruction at {pc:#x}: {text} ({})", hex(bytes))?;
                match feature {
                    Some(name) => write!(f, ", part of CPU feature {name}"),
                    None => Ok(()),
                }
            }
            Self::Malformed { pc, rule } => write!(f, "lift at {pc:#x} broke a rule: {rule}"),
        }
    }
}

impl Error for LiftError {}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

/// One disassembled instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disasm {
    /// Length in bytes.
    pub len: u16,
    /// Text in the vendor's syntax.
    pub text: String,
}

/// What one operand of a helper touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HelperOperand {
    /// So many slots from the register in the micro-op's field `a`, `b`, `c` or `d` (0 to 3).
    Arg(u8, u8),
    /// So many slots from a fixed register.
    Fixed(Reg, u8),
    /// The flags.
    Flags,
}

/// How a helper touches memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HelperMemory {
    /// Not at all.
    None,
    /// Reads only.
    Read,
    /// Writes, and may read.
    Write,
}

/// What happens to the provenance of what a helper reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HelperProvenance {
    /// What it writes is no pointer.
    Drops,
    /// Every register that it writes may be derived from any that it reads.
    Joins,
    /// It moves values only through the provenance-keeping calls of [`Guest`].
    Moves,
}

/// Why a helper stopped the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HelperTrap {
    /// A memory access failed.
    Memory(MemFault),
    /// A division by zero or its overflow.
    Divide,
    /// An arithmetic trap of another kind.
    Arithmetic,
}

impl From<MemFault> for HelperTrap {
    fn from(fault: MemFault) -> Self {
        Self::Memory(fault)
    }
}

/// The arguments that a helper micro-op carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HelperArgs {
    /// Registers `a` to `d`.
    pub regs: [Reg; 4],
    /// The immediate.
    pub imm: u32,
}

/// The body of a helper.
pub type HelperBody = fn(&mut dyn Guest, HelperArgs) -> Result<(), HelperTrap>;

/// An operation too odd for a micro-op of its own, with everything it touches declared.
pub struct HelperDecl {
    /// Name in listings.
    pub name: &'static str,
    /// What it reads.
    pub reads: &'static [HelperOperand],
    /// What it writes.
    pub writes: &'static [HelperOperand],
    /// How it touches memory.
    pub memory: HelperMemory,
    /// What becomes of provenance.
    pub provenance: HelperProvenance,
    /// What it does.
    pub body: HelperBody,
}

/// Where a debugger's view of a register comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DebugSource {
    /// So many slots from this one, least significant first.
    Slots(Reg, u8),
    /// The program counter.
    Pc,
    /// A status register made of the flags: pairs of (packed flag, bit in the register); other bits are not modelled.
    Flags(&'static [(u64, u8)]),
    /// A status register made of the low bits of slots: triples of (slot, lowest bit in the register, number of bits);
    /// other bits are not modelled.
    Fields(&'static [(Reg, u8, u8)]),
}

/// A register as the GNU debugger's protocol names it; lockstep with an emulator compares these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebugReg {
    /// Name in the target description.
    pub name: String,
    /// Where its value comes from.
    pub source: DebugSource,
    /// Bits that are compared; the others are not modelled.
    pub mask: u128,
}

/// What the instructions of an architecture mean.
///
/// It is `Any` so that a port can get its own instruction set back from the general one.
pub trait Isa: Any + Send + Sync {
    /// The register file.
    fn regs(&self) -> &RegFile;

    /// Lift the instruction at `pc`: announce it with [`BlockBuilder::insn`], then emit its micro-ops. An instruction
    /// that transfers control must end the block; for one with a delay slot, the lift emits both.
    ///
    /// # Errors
    /// When there is no instruction, or none that can be modelled; nothing must have been announced then.
    fn lift(&self, code: &dyn CodeView, pc: u64, out: &mut BlockBuilder) -> Result<(), LiftError>;

    /// Disassemble the instruction at `pc`. Knows more instructions than `lift`.
    ///
    /// # Errors
    /// When there is no instruction.
    fn disasm(&self, code: &dyn CodeView, pc: u64) -> Result<Disasm, LiftError>;

    /// The helpers that the lift uses; a micro-op names one by its index.
    fn helpers(&self) -> &'static [HelperDecl] {
        &[]
    }

    /// The architecture's floating-point choices.
    fn fp_rules(&self) -> FpRules;

    /// The registers as a debugger sees them; empty where no debugger protocol describes the architecture.
    fn debug_registers(&self) -> Vec<DebugReg> {
        Vec::new()
    }

    /// The registers that a micro-op touches beyond its own fields; only helpers do.
    fn helper(&self, op: &Op) -> Option<&'static HelperDecl> {
        match op {
            Op::Helper { id, .. } => self.helpers().get(usize::from(*id)),
            _ => None,
        }
    }
}
