//! The instruction set as a whole: the door through which the core sees this folder's lifts.

use rcsim_uop::fp::{FpRules, IntRule, NanRule};
use rcsim_uop::isa::{CodeView, DebugReg, Disasm, HelperDecl};
use rcsim_uop::{BlockBuilder, Isa, LiftError, RegFile};

use super::decode::{self, Gap, INSN_BYTES, Insn};
use super::features::Features;
use super::text::text;
use super::{helpers, kernel, lift, regs};

/// A32 with a set of CPU features.
pub struct A32 {
    regs: RegFile,
    features: Features,
}

impl A32 {
    /// The instruction set with those features.
    #[must_use]
    pub fn new(features: Features) -> Self {
        Self { regs: regs::file(), features }
    }
}

fn unsupported(insn: Insn, gap: Gap) -> LiftError {
    let feature = match gap {
        Gap::Opcode => None,
        Gap::Feature(name) => Some(name),
    };
    LiftError::Unsupported { pc: insn.pc, bytes: insn.bytes(), text: text(insn), feature }
}

/// Where a lift sends the guest that is about to do what only the value of a register tells is not modelled: no
/// instruction has such an address.
pub const BEYOND: u64 = 2;

/// Between two instructions: either VMSR asks there for a mode that is not modelled, or the guest has lost its way.
fn beyond(code: &dyn CodeView, pc: u64) -> LiftError {
    const VMSR: u32 = 0xeee1_0a10;
    match decode::fetch(code, pc.wrapping_sub(BEYOND)) {
        Ok(insn) if insn.pc & 3 == 0 && insn.word & 0xffff_0fff == VMSR => {
            unsupported(insn, Gap::Feature("modes of FPSCR"))
        }
        Ok(_) => LiftError::Undefined { pc, bytes: Vec::new() },
        Err(error) => error,
    }
}

/// Addresses whose lowest bit is set are where Thumb code is, which Go never makes.
fn thumb(code: &dyn CodeView, pc: u64) -> LiftError {
    let mut bytes = [0; 2];
    if code.fetch(pc & !1, &mut bytes) < bytes.len() {
        return LiftError::Fetch { pc };
    }
    let text = format!(".hword {:#06x}", u16::from_le_bytes(bytes));
    LiftError::Unsupported { pc, bytes: bytes.to_vec(), text, feature: Some("thumb") }
}

impl Isa for A32 {
    fn regs(&self) -> &RegFile {
        &self.regs
    }

    fn lift(&self, code: &dyn CodeView, pc: u64, out: &mut BlockBuilder) -> Result<(), LiftError> {
        if kernel::lift(pc, out) {
            return Ok(());
        }
        if pc & 1 != 0 {
            return Err(thumb(code, pc));
        }
        if pc & 3 != 0 {
            return Err(beyond(code, pc));
        }
        let insn = decode::fetch(code, pc)?;
        lift::lift(insn, self.features, out).map_err(|gap| unsupported(insn, gap))
    }

    fn disasm(&self, code: &dyn CodeView, pc: u64) -> Result<Disasm, LiftError> {
        let text = match kernel::name(pc) {
            Some(name) => name.to_owned(),
            None => text(decode::fetch(code, pc)?),
        };
        Ok(Disasm { len: INSN_BYTES as u16, text })
    }

    fn helpers(&self) -> &'static [HelperDecl] {
        helpers::ALL
    }

    // A2.7.6: a signalling NaN first; conversions that do not fit give the nearest integer, NaNs zero.
    fn fp_rules(&self) -> FpRules {
        FpRules { nan: NanRule::SignallingFirst, default_nan_negative: false, to_int: IntRule::SaturateNanZero }
    }

    fn debug_registers(&self) -> Vec<DebugReg> {
        regs::debug_registers()
    }
}
