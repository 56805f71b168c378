//! The instruction set as a whole: the door through which the core sees this folder's lifts.

use rcsim_uop::fp::{FpRules, IntRule, NanRule};
use rcsim_uop::isa::{CodeView, DebugReg, Disasm, HelperDecl};
use rcsim_uop::{BlockBuilder, Isa, LiftError, RegFile};

use super::decode::{self, Gap};
use super::features::Features;
use super::{helpers, lift, regs};

/// A64 with the chosen CPU features.
pub struct A64 {
    regs: RegFile,
    features: Features,
}

impl A64 {
    /// The instruction set of a CPU with these features.
    #[must_use]
    pub fn new(features: Features) -> Self {
        Self { regs: regs::file(), features }
    }
}

impl Isa for A64 {
    fn regs(&self) -> &RegFile {
        &self.regs
    }

    fn lift(&self, code: &dyn CodeView, pc: u64, out: &mut BlockBuilder) -> Result<(), LiftError> {
        let insn = decode::decode(code, pc)?;
        lift::lift(insn, self.features, out).map_err(|gap| LiftError::Unsupported {
            pc,
            bytes: insn.bytes(),
            text: insn.text(),
            feature: match gap {
                Gap::Feature(name) => Some(name),
                Gap::Opcode | Gap::Shape => None,
            },
        })
    }

    fn disasm(&self, code: &dyn CodeView, pc: u64) -> Result<Disasm, LiftError> {
        decode::disasm(code, pc)
    }

    fn helpers(&self) -> &'static [HelperDecl] {
        helpers::ALL
    }

    // Arm ARM A1.5: FPCR.DN is zero in Go programs, so NaN operands propagate, signalling ones first.
    fn fp_rules(&self) -> FpRules {
        FpRules { nan: NanRule::SignallingFirst, default_nan_negative: false, to_int: IntRule::SaturateNanZero }
    }

    fn debug_registers(&self) -> Vec<DebugReg> {
        regs::debug_registers()
    }
}
