//! The instruction set as a whole: the door through which the core sees this folder's lifts.

use rcsim_uop::fp::{FpRules, IntRule, NanRule};
use rcsim_uop::isa::{CodeView, DebugReg, Disasm, HelperDecl};
use rcsim_uop::{BlockBuilder, Isa, LiftError, RegFile};

use super::decode::{self, Gap, Insn};
use super::text::text;
use super::{helpers, lift, regs};

/// The z/Architecture in 64-bit mode.
pub struct Z {
    regs: RegFile,
}

impl Z {
    /// The instruction set of a z13.
    #[must_use]
    pub fn new() -> Self {
        Self { regs: regs::file() }
    }
}

fn unsupported(insn: Insn, feature: Option<&'static str>) -> LiftError {
    LiftError::Unsupported { pc: insn.pc, bytes: insn.bytes(), text: text(insn), feature }
}

impl Isa for Z {
    fn regs(&self) -> &RegFile {
        &self.regs
    }

    fn lift(&self, code: &dyn CodeView, pc: u64, out: &mut BlockBuilder) -> Result<(), LiftError> {
        let insn = decode::fetch(code, pc)?;
        lift::lift(insn, code, out).map_err(|gap| match gap {
            Gap::Opcode => unsupported(insn, None),
            Gap::Feature(name) => unsupported(insn, Some(name)),
            Gap::Fetch(pc) => LiftError::Fetch { pc },
        })
    }

    fn disasm(&self, code: &dyn CodeView, pc: u64) -> Result<Disasm, LiftError> {
        let insn = decode::fetch(code, pc)?;
        Ok(Disasm { len: u16::from(insn.len), text: text(insn) })
    }

    fn helpers(&self) -> &'static [HelperDecl] {
        helpers::ALL
    }

    // Principles of Operation, "IEEE Exceptions": a signalling NaN comes out before a quiet one, the first operand before
    // the second and third; conversions saturate, and NaN gives the smallest integer.
    fn fp_rules(&self) -> FpRules {
        FpRules { nan: NanRule::SignallingInOrder, default_nan_negative: false, to_int: IntRule::SaturateNanMin }
    }

    fn debug_registers(&self) -> Vec<DebugReg> {
        regs::debug_registers()
    }
}
