//! The instruction set as a whole: the door through which the core sees this folder's lifts.

use rcsim_uop::fp::{FpRules, IntRule, NanRule};
use rcsim_uop::isa::{CodeView, DebugReg, Disasm, HelperDecl};
use rcsim_uop::{BlockBuilder, Isa, LiftError, RegFile};

use super::decode;
use super::features::Features;
use super::{helpers, lift, regs};

/// RV64GC with the chosen CPU features.
pub struct Rv64 {
    regs: RegFile,
    features: Features,
}

impl Rv64 {
    /// The instruction set of a CPU with these features.
    #[must_use]
    pub fn new(features: Features) -> Self {
        Self { regs: regs::file(), features }
    }
}

impl Isa for Rv64 {
    fn regs(&self) -> &RegFile {
        &self.regs
    }

    fn lift(&self, code: &dyn CodeView, pc: u64, out: &mut BlockBuilder) -> Result<(), LiftError> {
        let insn = decode::decode(code, pc)?;
        lift::lift(insn, self.features, out).map_err(|gap| LiftError::Unsupported {
            pc,
            bytes: insn.bytes(),
            text: insn.text(),
            feature: gap.feature(),
        })
    }

    fn disasm(&self, code: &dyn CodeView, pc: u64) -> Result<Disasm, LiftError> {
        let insn = decode::decode(code, pc)?;
        Ok(Disasm { len: u16::from(insn.len), text: insn.text() })
    }

    fn helpers(&self) -> &'static [HelperDecl] {
        helpers::ALL
    }

    // Manual 21.3: every NaN result is the canonical one; 21.7: a NaN converts to the largest integer.
    fn fp_rules(&self) -> FpRules {
        FpRules { nan: NanRule::Boxed, default_nan_negative: false, to_int: IntRule::SaturateNanMax }
    }

    fn debug_registers(&self) -> Vec<DebugReg> {
        regs::debug_registers()
    }
}
