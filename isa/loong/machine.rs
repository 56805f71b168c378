//! The instruction set as a whole: the door through which the core sees this folder's lifts.

use rcsim_uop::fp::{FpRules, IntRule, NanRule};
use rcsim_uop::isa::{CodeView, DebugReg, Disasm, HelperDecl};
use rcsim_uop::{BlockBuilder, Isa, LiftError, RegFile};

use super::decode::{self, INSN_BYTES, Insn};
use super::features::Features;
use super::text::text;
use super::{helpers, lift, regs};

/// LoongArch64 with the chosen CPU features.
pub struct La64 {
    regs: RegFile,
    features: Features,
}

/// Where a lift sends the guest that is about to do what only the value of a register tells is not modelled: no
/// instruction has such an address.
pub const BEYOND: u64 = 2;

impl La64 {
    /// The instruction set of a CPU with these features.
    #[must_use]
    pub fn new(features: Features) -> Self {
        Self { regs: regs::file(), features }
    }

    /// Between two instructions: either MOVGR2FCSR asks there for a rounding mode or a trap, or the guest has lost its way.
    fn beyond(code: &dyn CodeView, pc: u64) -> LiftError {
        const MOVGR2FCSR: u32 = 0x0114_c000;
        match decode::decode(code, pc.wrapping_sub(BEYOND)) {
            Ok(insn) if insn.word & 0xffff_fc1c == MOVGR2FCSR => unsupported(insn, Some("FCSR.RM")),
            _ => LiftError::Fetch { pc },
        }
    }
}

fn unsupported(insn: Insn, feature: Option<&'static str>) -> LiftError {
    LiftError::Unsupported { pc: insn.pc, bytes: insn.bytes(), text: text(&insn), feature }
}

impl Isa for La64 {
    fn regs(&self) -> &RegFile {
        &self.regs
    }

    fn lift(&self, code: &dyn CodeView, pc: u64, out: &mut BlockBuilder) -> Result<(), LiftError> {
        if pc % 4 == BEYOND {
            return Err(Self::beyond(code, pc));
        }
        let insn = decode::decode(code, pc)?;
        lift::lift(insn, self.features, out).map_err(|gap| unsupported(insn, gap.feature()))
    }

    fn disasm(&self, code: &dyn CodeView, pc: u64) -> Result<Disasm, LiftError> {
        let insn = decode::decode(code, pc)?;
        Ok(Disasm { len: u16::from(INSN_BYTES), text: text(&insn) })
    }

    fn helpers(&self) -> &'static [HelperDecl] {
        helpers::ALL
    }

    // Volume 1, 3.1.1.3: a signalling NaN first, then a quiet one, and with three operands the addend before the factors
    // (as QEMU has it, where the manual is silent). 3.2.3.2: a NaN converts to zero.
    fn fp_rules(&self) -> FpRules {
        FpRules {
            nan: NanRule::SignallingFirst,
            default_nan_negative: false,
            to_int: IntRule::SaturateNanZero,
        }
    }

    fn debug_registers(&self) -> Vec<DebugReg> {
        regs::debug_registers()
    }
}
