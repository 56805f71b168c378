//! The instruction set as a whole: the door through which the core sees this folder's lifts.

use rcsim_uop::fp::{FpRules, IntRule, NanRule};
use rcsim_uop::isa::{CodeView, DebugReg, Disasm, HelperDecl};
use rcsim_uop::{BlockBuilder, Isa, LiftError, RegFile};

use super::decode::{self, Gap, INSN_BYTES};
use super::features::Features;
use super::text::text;
use super::{helpers, lift, regs};

/// The Power ISA in one byte order, with the chosen CPU features.
pub struct Power {
    regs: RegFile,
    big_endian: bool,
    features: Features,
}

impl Power {
    /// The instruction set of a CPU with these features.
    #[must_use]
    pub fn new(big_endian: bool, features: Features) -> Self {
        Self { regs: regs::file(), big_endian, features }
    }
}

/// Where a lift sends the guest that is about to do what only the value of a register tells is not modelled: no
/// instruction has such an address.
pub const BEYOND: u64 = 2;

/// What a guest asks for there: to set the summary overflow (MTXER) or another rounding mode (MTFSF).
fn beyond(code: &dyn CodeView, pc: u64, big_endian: bool) -> LiftError {
    const FLOATING_POINT: u32 = 63;
    match decode::fetch(code, pc & !3, big_endian) {
        Ok(insn) => LiftError::Unsupported {
            pc: insn.pc,
            bytes: insn.bytes(),
            text: text(insn),
            feature: Some(if insn.primary() == FLOATING_POINT { "FPSCR.RN" } else { "XER.SO" }),
        },
        Err(error) => error,
    }
}

impl Isa for Power {
    fn regs(&self) -> &RegFile {
        &self.regs
    }

    fn lift(&self, code: &dyn CodeView, pc: u64, out: &mut BlockBuilder) -> Result<(), LiftError> {
        if pc & 3 != 0 {
            return Err(beyond(code, pc, self.big_endian));
        }
        let insn = decode::fetch(code, pc, self.big_endian)?;
        lift::lift(insn, self.big_endian, self.features, out).map_err(|gap| LiftError::Unsupported {
            pc,
            bytes: insn.bytes(),
            text: text(insn),
            feature: match gap {
                Gap::Feature(name) => Some(name),
                Gap::Opcode => None,
            },
        })
    }

    fn disasm(&self, code: &dyn CodeView, pc: u64) -> Result<Disasm, LiftError> {
        let insn = decode::fetch(code, pc, self.big_endian)?;
        Ok(Disasm { len: INSN_BYTES as u16, text: text(insn) })
    }

    fn helpers(&self) -> &'static [HelperDecl] {
        helpers::ALL
    }

    // Power ISA 2.07, book I, 4.3.2 and 4.6.7: the first NaN among FRA, FRB, FRC comes out, made quiet; conversions
    // saturate, and NaN gives the smallest integer.
    fn fp_rules(&self) -> FpRules {
        FpRules { nan: NanRule::FirstThenAddend, default_nan_negative: false, to_int: IntRule::SaturateNanMin }
    }

    fn debug_registers(&self) -> Vec<DebugReg> {
        regs::debug_registers()
    }
}
