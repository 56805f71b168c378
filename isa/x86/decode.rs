//! From bytes to instructions: iced's decoder at one address.

use iced_x86::{
    Decoder, DecoderError, DecoderOptions, Formatter, GasFormatter, Instruction, OpKind, Register,
};
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

/// The instruction as text in the syntax of the GNU assembler, sizes spelled out.
pub fn disassemble(insn: &Instruction) -> Disasm {
    let mut formatter = GasFormatter::new();
    let options = formatter.options_mut();
    options.set_gas_show_mnemonic_size_suffix(true);
    options.set_space_after_operand_separator(true);
    options.set_uppercase_hex(false);
    options.set_small_hex_numbers_in_decimal(false);
    options.set_branch_leading_zeros(false);
    options.set_rip_relative_addresses(true);
    options.set_signed_immediate_operands(has_signed_constant(insn));
    let mut text = String::new();
    formatter.format(insn, &mut text);
    let displacement = insn.memory_displacement64() as i64;
    if displacement < 0 && insn.memory_base() == Register::None && insn.memory_index() == Register::None {
        // An offset in a segment, as that of a thread-local word.
        let (unsigned, magnitude) = (displacement as u64, displacement.unsigned_abs());
        text = text.replace(&format!("0x{unsigned:x}"), &format!("-0x{magnitude:x}"));
    }
    Disasm { len: insn.len() as u16, text }
}

/// Whether the constant reads best with a sign: one that is sign-extended, a byte for a byte, or 64 bits.
fn has_signed_constant(insn: &Instruction) -> bool {
    insn.op_kinds().any(|kind| match kind {
        OpKind::Immediate64 | OpKind::Immediate8to16 | OpKind::Immediate8to32 | OpKind::Immediate8to64 | OpKind::Immediate32to64 => true,
        OpKind::Immediate8 => match insn.op0_kind() {
            OpKind::Memory => insn.memory_size().size() == 1,
            _ => insn.op0_register().size() == 1,
        },
        _ => false,
    })
}
