//! The instruction set as a whole: the door through which the core sees this folder's lifts.

use rcsim_uop::fp::{FpRules, IntRule, NanRule};
use rcsim_uop::isa::{CodeView, DebugReg, Disasm, HelperDecl};
use rcsim_uop::{BlockBuilder, Isa, LiftError, RegFile};

use super::decode::{self, Gap, INSN_BYTES, Insn};
use super::mode::Mode;
use super::text::text;
use super::{helpers, lift, regs};

/// One machine of the family.
pub struct Mips {
    regs: RegFile,
    mode: Mode,
}

impl Mips {
    /// The instruction set in that mode.
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        Self { regs: regs::file(), mode }
    }

    fn unsupported(&self, insn: Insn, feature: Option<&'static str>) -> LiftError {
        LiftError::Unsupported { pc: insn.pc, bytes: insn.bytes(), text: text(insn, self.mode), feature }
    }

    /// Between two instructions: either CTC1 asks there for a rounding mode or a trap, or the guest has lost its way.
    fn beyond(&self, code: &dyn CodeView, pc: u64) -> LiftError {
        const CTC1: u32 = 0x44c0_0000;
        match decode::fetch(code, pc.wrapping_sub(BEYOND), self.mode) {
            Ok(insn) if insn.pc & 3 == 0 && insn.word & 0xffe0_07ff == CTC1 => {
                self.unsupported(insn, Some("FCSR.RM"))
            }
            Ok(_) => LiftError::Undefined { pc, bytes: Vec::new() },
            Err(error) => error,
        }
    }

    fn error(&self, code: &dyn CodeView, insn: Insn, gap: Gap) -> LiftError {
        match gap {
            Gap::Opcode => self.unsupported(insn, None),
            Gap::Feature(name) => self.unsupported(insn, Some(name)),
            Gap::NoDelaySlot => LiftError::Fetch { pc: insn.next() },
            Gap::DelaySlot => match decode::fetch(code, insn.next(), self.mode) {
                Ok(slot) => self.unsupported(slot, None),
                Err(error) => error,
            },
        }
    }
}

/// Where a lift sends the guest that is about to do what only the value of a register tells is not modelled: no
/// instruction has such an address.
pub const BEYOND: u64 = 2;

impl Isa for Mips {
    fn regs(&self) -> &RegFile {
        &self.regs
    }

    fn lift(&self, code: &dyn CodeView, pc: u64, out: &mut BlockBuilder) -> Result<(), LiftError> {
        if pc & 3 != 0 {
            return Err(self.beyond(code, pc));
        }
        let insn = decode::fetch(code, pc, self.mode)?;
        lift::lift(code, insn, self.mode, out).map_err(|gap| self.error(code, insn, gap))
    }

    fn disasm(&self, code: &dyn CodeView, pc: u64) -> Result<Disasm, LiftError> {
        let insn = decode::fetch(code, pc, self.mode)?;
        Ok(Disasm { len: INSN_BYTES as u16, text: text(insn, self.mode) })
    }

    fn helpers(&self) -> &'static [HelperDecl] {
        helpers::ALL
    }

    // Volume I-A, 6.3 of releases before 2008's IEEE 754: what marks a quiet NaN elsewhere marks a signalling one here, and
    // every NaN becomes the default NaN; conversions that do not fit, and NaNs, give the largest integer.
    fn fp_rules(&self) -> FpRules {
        FpRules { nan: NanRule::SignallingMarked, default_nan_negative: false, to_int: IntRule::Largest }
    }

    fn debug_registers(&self) -> Vec<DebugReg> {
        regs::debug_registers(self.mode)
    }
}
