//! The instruction set as the rest of rcsim sees it.

use rcsim_uop::fp::{FpRules, IntRule, NanRule};
use rcsim_uop::isa::{DebugReg, Disasm, HelperDecl};
use rcsim_uop::{BlockBuilder, CodeView, Isa, LiftError, RegFile};

use super::features::FeatureSet;
use super::{decode, helpers, lift, regs};

/// x86 in one of its modes with some features on.
#[derive(Debug)]
pub struct X86 {
    bits: u32,
    features: FeatureSet,
    file: RegFile,
}

impl X86 {
    /// The instruction set of a guest of 64 or 32 bits.
    pub fn new(bits: u32, features: FeatureSet) -> Self {
        Self { bits, features, file: regs::file(bits) }
    }
}

impl Isa for X86 {
    fn regs(&self) -> &RegFile {
        &self.file
    }

    fn lift(&self, code: &dyn CodeView, pc: u64, out: &mut BlockBuilder) -> Result<(), LiftError> {
        let decoded = decode::decode(code, pc, self.bits)?;
        let unsupported = |feature| LiftError::Unsupported {
            pc,
            bytes: decoded.bytes().to_vec(),
            text: decode::disassemble(&decoded.insn).text,
            feature,
        };
        if let Some(feature) = self.features.missing_for(&decoded.insn) {
            return Err(unsupported(Some(feature)));
        }
        lift::lift(&decoded.insn, self.bits, self.features, out).map_err(|lift::Unmodelled| unsupported(None))
    }

    fn disasm(&self, code: &dyn CodeView, pc: u64) -> Result<Disasm, LiftError> {
        decode::decode(code, pc, self.bits).map(|decoded| decode::disassemble(&decoded.insn))
    }

    fn helpers(&self) -> &'static [HelperDecl] {
        &helpers::HELPERS
    }

    fn fp_rules(&self) -> FpRules {
        FpRules { nan: NanRule::FirstOperand, default_nan_negative: true, to_int: IntRule::Indefinite }
    }

    fn debug_registers(&self) -> Vec<DebugReg> {
        regs::debug_registers(self.bits)
    }
}
