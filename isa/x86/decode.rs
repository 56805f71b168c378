//! From bytes to instructions: iced's decoder at one address.

use iced_x86::{Decoder, DecoderError, DecoderOptions, Formatter, GasFormatter, Instruction};
use rcsim_uop::isa::Disasm;
use rcsim_uop::{CodeView, LiftError};

/// Longest instruction of the architecture.
const MAX_LEN: usize = 15;

/// An instruction with the bytes that it was decoded from.
pub struct Decoded {
    /// The instruction.
    pub insn: Instruction,
    bytes: [u8; MAX_LEN],
}

impl Decoded {
    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.insn.len()]
    }
}

/// Decode the instruction at `pc`.
///
/// # Errors
/// When nothing executable is there, it runs off what is, or the bytes are no instruction.
pub fn decode(code: &dyn CodeView, pc: u64, bits: u32) -> Result<Decoded, LiftError> {
    let mut bytes = [0; MAX_LEN];
    let available = code.fetch(pc, &mut bytes).min(MAX_LEN);
    if available == 0 {
        return Err(LiftError::Fetch { pc });
    }
    let mut decoder = Decoder::with_ip(bits, &bytes[..available], pc, DecoderOptions::NONE);
    let insn = decoder.decode();
    match decoder.last_error() {
        DecoderError::None => Ok(Decoded { insn, bytes }),
        DecoderError::NoMoreBytes => Err(LiftError::Fetch { pc: pc.wrapping_add(available as u64) }),
        _ => Err(LiftError::Undefined { pc, bytes: bytes[..available].to_vec() }),
    }
}

/// The instruction as text, operands in the order of the GNU assembler.
pub fn disassemble(insn: &Instruction) -> Disasm {
    let mut text = String::new();
    GasFormatter::new().format(insn, &mut text);
    Disasm { len: insn.len() as u16, text }
}
