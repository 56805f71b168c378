//! From bytes to operands that a lift can use.
//!
//! The decoder is `yaxpeax-arm`; this file turns its operands into slots, widths and addresses, so that the lifts never
//! deal with register 31 meaning two things. Every accessor answers [`Gap::Shape`] when an operand is not what the lift
//! expected: an encoding of the instruction that nothing here models.

use rcsim_uop::isa::{CodeView, Disasm};
use rcsim_uop::op::{Mem, Scale, Shift, Width, Writeback};
use rcsim_uop::reg::{SINK, ZERO};
use rcsim_uop::{Cond, LiftError, Reg};
use yaxpeax_arch::{Decoder, U8Reader};
use yaxpeax_arm::armv8::a64::{InstDecoder, Opcode, Operand, SIMDSizeCode, ShiftStyle, SizeCode};

use super::regs::{self, SP};

/// Why an instruction is not lifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// The operation is not modelled.
    Opcode,
    /// The operation is modelled, but not with these operands.
    Shape,
    /// The instruction belongs to a CPU feature that is off.
    Feature(&'static str),
}

/// What a lift's preparation gives.
pub type Lifted<T = ()> = Result<T, Gap>;

/// One decoded instruction.
#[derive(Clone, Copy, Debug)]
pub struct Insn {
    /// Its address.
    pub pc: u64,
    /// Its four bytes as a number.
    pub word: u32,
    /// The operation.
    pub opcode: Opcode,
    /// Its operands as the decoder has them.
    pub operands: [Operand; 4],
}

/// Bytes of every instruction.
pub const INSN_BYTES: u64 = 4;

fn fetch(code: &dyn CodeView, pc: u64) -> Result<u32, LiftError> {
    let mut bytes = [0; 4];
    if code.fetch(pc, &mut bytes) < bytes.len() || !pc.is_multiple_of(INSN_BYTES) {
        return Err(LiftError::Fetch { pc });
    }
    Ok(u32::from_le_bytes(bytes))
}

/// Decode the instruction at `pc`.
///
/// # Errors
/// When nothing executable is there, or no instruction.
pub fn decode(code: &dyn CodeView, pc: u64) -> Result<Insn, LiftError> {
    let word = fetch(code, pc)?;
    let bytes = word.to_le_bytes();
    let decoded = InstDecoder::default()
        .decode(&mut U8Reader::new(&bytes))
        .map_err(|_| LiftError::Undefined { pc, bytes: bytes.to_vec() })?;
    let mut insn = Insn { pc, word, opcode: decoded.opcode, operands: decoded.operands };
    correct(&mut insn);
    Ok(insn)
}

/// Put right what `yaxpeax-arm` 0.5 gets wrong; each was found by comparison with a processor.
fn correct(insn: &mut Insn) {
    match (insn.opcode, insn.operands) {
        // Of the register of MSR it takes four bits.
        (Opcode::MSR, [Operand::SystemReg(_), Operand::Register(size, _), ..]) => {
            insn.operands[1] = Operand::Register(size, (insn.word & 0x1f) as u16);
        }
        // UXTX it calls LSL, which it is only with the stack pointer.
        (_, [_, _, Operand::RegShift(ShiftStyle::LSL, amount, SizeCode::X, n), _])
            if is_extended(insn.word) && !touches_sp(insn.word) =>
        {
            insn.operands[2] = Operand::RegShift(ShiftStyle::UXTX, amount, SizeCode::X, n);
        }
        // UXTW it calls LSL; a 32-bit register in 64-bit arithmetic is always extended.
        (
            _,
            [
                Operand::Register(SizeCode::X, _) | Operand::RegisterOrSP(SizeCode::X, _),
                _,
                Operand::RegShift(ShiftStyle::LSL, amount, SizeCode::W, n),
                _,
            ],
        ) => {
            insn.operands[2] = Operand::RegShift(ShiftStyle::UXTW, amount, SizeCode::W, n);
        }
        _ => {}
    }
}

/// Disassemble the instruction at `pc`; branch targets are absolute.
///
/// # Errors
/// As [`decode`].
pub fn disasm(code: &dyn CodeView, pc: u64) -> Result<Disasm, LiftError> {
    Ok(Disasm { len: INSN_BYTES as u16, text: decode(code, pc)?.text() })
}

/// Addition or subtraction of an extended register (Arm ARM C4.1.95).
const fn is_extended(word: u32) -> bool {
    word >> 21 & 0xff == 0b0101_1001
}

const fn touches_sp(word: u32) -> bool {
    word & 0x1f == 31 || word >> 5 & 0x1f == 31
}

/// A memory operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// No update of the base.
    Plain(Mem),
    /// `base` is updated by `disp`, before or after the access.
    Update(Reg, i32, Writeback),
    /// A constant address.
    Literal(u64),
}

/// A second operand of arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Second {
    /// A constant.
    Imm(u64),
    /// A register as it is.
    Plain(Reg),
    /// A register, shifted.
    Shifted(Shift, u8, Reg),
    /// The low bits of a register, extended and then shifted left: bits, signed, shift, register.
    Extended(u8, bool, u8, Reg),
}

impl Insn {
    /// Text with absolute branch targets, and moves of constants as the manual prefers them.
    #[must_use]
    pub fn text(&self) -> String {
        let (opcode, operands) = (self.opcode, self.operands);
        if let Some(text) = self.constant_text() {
            return text;
        }
        let mut text = yaxpeax_arm::armv8::a64::Instruction { opcode, operands }.to_string();
        if let Operand::RegShift(ShiftStyle::UXTX, 0, ..) = operands[2] {
            text += ", uxtx";
        }
        match self.operands.iter().find_map(|operand| self.pc_operand(operand)) {
            Some(target) => match text.find('$') {
                Some(at) => format!("{}{target:#x}", &text[..at]),
                None => text,
            },
            None => text,
        }
    }

    /// ORR of zero and a constant is MOV, unless MOVZ or MOVN could move the constant (Arm ARM C6.2.237).
    fn constant_text(&self) -> Option<String> {
        let (width, imm) = (self.width(0).ok()?, self.imm(self.operands.iter().position(is_constant)?).ok()?);
        let (register, zero) = (self.operands[0], self.operands[1]);
        match self.opcode {
            Opcode::ORR if self.src(1) == Ok(ZERO) && is_wide(width, imm) => {
                Some(format!("orr {register}, {zero}, #{imm:#x}"))
            }
            Opcode::MOVZ => Some(format!("mov {register}, #{}", signed_hex(width, imm))),
            Opcode::MOVN => Some(format!("mov {register}, #{}", signed_hex(width, !imm))),
            _ => None,
        }
    }

    /// The bytes in memory order.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.word.to_le_bytes().to_vec()
    }

    /// Address of the instruction after this one.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.pc + INSN_BYTES
    }

    /// Whether the first operand is a vector or floating-point register, which tells SIMD from integer forms of the
    /// same opcode.
    #[must_use]
    pub const fn is_simd(&self) -> bool {
        matches!(
            self.operands[0],
            Operand::SIMDRegister(..)
                | Operand::SIMDRegisterElements(..)
                | Operand::SIMDRegisterElementsLane(..)
                | Operand::SIMDRegisterGroup(..)
                | Operand::SIMDRegisterGroupLane(..)
        )
    }

    fn pc_operand(&self, operand: &Operand) -> Option<u64> {
        match *operand {
            // ADRP counts pages from the page of the instruction.
            Operand::PCOffset(offset) if self.opcode == Opcode::ADRP => {
                Some((self.pc & !0xfff).wrapping_add(offset as u64))
            }
            Operand::PCOffset(offset) => Some(self.pc.wrapping_add(offset as u64)),
            _ => None,
        }
    }

    /// The address that operand `i` names relative to the instruction.
    pub fn target(&self, i: usize) -> Lifted<u64> {
        self.pc_operand(&self.operands[i]).ok_or(Gap::Shape)
    }

    /// The slot of general register operand `i` when it is read.
    pub fn src(&self, i: usize) -> Lifted<Reg> {
        match self.operands[i] {
            Operand::Register(_, n) => Ok(gpr(n)),
            Operand::RegisterOrSP(_, n) => Ok(base(n)),
            _ => Err(Gap::Shape),
        }
    }

    /// The slot of general register operand `i` when it is written.
    pub fn dst(&self, i: usize) -> Lifted<Reg> {
        Ok(written(self.src(i)?))
    }

    /// The width of general register operand `i`.
    pub fn width(&self, i: usize) -> Lifted<Width> {
        match self.operands[i] {
            Operand::Register(size, _) | Operand::RegisterOrSP(size, _) => Ok(width_of(size)),
            _ => Err(Gap::Shape),
        }
    }

    /// The constant of operand `i`.
    pub fn imm(&self, i: usize) -> Lifted<u64> {
        match self.operands[i] {
            Operand::Immediate(value) => Ok(u64::from(value)),
            Operand::Imm64(value) => Ok(value),
            Operand::Imm16(value) => Ok(u64::from(value)),
            Operand::ImmShift(value, shift) => Ok(u64::from(value) << shift),
            _ => Err(Gap::Shape),
        }
    }

    /// A small constant of operand `i`: a bit number, a shift count, a lane.
    pub fn small(&self, i: usize) -> Lifted<u8> {
        u8::try_from(self.imm(i)?).map_err(|_| Gap::Shape)
    }

    /// The condition of operand `i`; `None` is always.
    pub fn cond(&self, i: usize) -> Lifted<Option<Cond>> {
        match self.operands[i] {
            Operand::ConditionCode(code) => Ok(condition(code)),
            _ => Err(Gap::Shape),
        }
    }

    /// The second operand of arithmetic, in operand `i`.
    pub fn second(&self, i: usize) -> Lifted<Second> {
        match self.operands[i] {
            Operand::RegShift(style, amount, _, n) => Ok(second(style, amount, gpr(n))),
            Operand::Register(_, n) => Ok(Second::Plain(gpr(n))),
            _ => Ok(Second::Imm(self.imm(i)?)),
        }
    }

    /// The memory operand `i`.
    pub fn address(&self, i: usize) -> Lifted<Address> {
        match self.operands[i] {
            Operand::RegPreIndex(n, disp, false) => Ok(Address::Plain(Mem::at(base(n), disp))),
            Operand::RegPreIndex(n, disp, true) => Ok(Address::Update(base(n), disp, Writeback::Pre)),
            Operand::RegPostIndex(n, disp) => Ok(Address::Update(base(n), disp, Writeback::Post)),
            Operand::RegRegOffset(n, m, _, style, amount) => {
                let scale = match style {
                    ShiftStyle::LSL | ShiftStyle::UXTX | ShiftStyle::SXTX => Scale::shift(amount),
                    ShiftStyle::UXTW => Scale::shift(amount).index_u32(),
                    ShiftStyle::SXTW => Scale::shift(amount).index_s32(),
                    _ => return Err(Gap::Shape),
                };
                Ok(Address::Plain(Mem { base: base(n), index: gpr(m), scale, disp: 0 }))
            }
            Operand::PCOffset(_) => Ok(Address::Literal(self.target(i)?)),
            _ => Err(Gap::Shape),
        }
    }

    /// The base register of memory operand `i`, which has neither displacement nor update.
    pub fn bare_base(&self, i: usize) -> Lifted<Reg> {
        match self.operands[i] {
            Operand::RegPreIndex(n, 0, false) => Ok(base(n)),
            _ => Err(Gap::Shape),
        }
    }

    /// The low slot of scalar floating-point operand `i` and its size.
    pub fn scalar(&self, i: usize) -> Lifted<(SIMDSizeCode, Reg)> {
        match self.operands[i] {
            Operand::SIMDRegister(size, n) => Ok((size, vector(n))),
            _ => Err(Gap::Shape),
        }
    }
}

const fn is_constant(operand: &Operand) -> bool {
    matches!(operand, Operand::Immediate(_) | Operand::Imm64(_) | Operand::ImmShift(..))
}

/// Whether all 16-bit pieces but one are zeros, or all but one are ones.
fn is_wide(width: Width, value: u64) -> bool {
    let pieces = || (0..width.bits()).step_by(16).map(|at| (value >> at) as u16);
    let all_but_one = |filler: u16| pieces().filter(|piece| *piece != filler).count() <= 1;
    all_but_one(0) || all_but_one(0xffff)
}

fn signed_hex(width: Width, value: u64) -> String {
    let value = width.sign_extend(value) as i64;
    format!("{}{:#x}", if value < 0 { "-" } else { "" }, value.unsigned_abs())
}

const fn width_of(size: SizeCode) -> Width {
    match size {
        SizeCode::X => Width::W64,
        SizeCode::W => Width::W32,
    }
}

/// The slot of general register `n`, where 31 is zero.
#[must_use]
pub const fn gpr(n: u16) -> Reg {
    if n >= 31 { ZERO } else { regs::x(n as u8) }
}

/// The slot of general register `n`, where 31 is the stack pointer.
#[must_use]
pub const fn base(n: u16) -> Reg {
    if n >= 31 { SP } else { regs::x(n as u8) }
}

/// The low slot of vector register `n`.
#[must_use]
pub const fn vector(n: u16) -> Reg {
    regs::v((n & 31) as u8)
}

/// Where a result goes: nowhere when the register is zero.
#[must_use]
pub fn written(reg: Reg) -> Reg {
    if reg == ZERO { SINK } else { reg }
}

fn second(style: ShiftStyle, amount: u8, reg: Reg) -> Second {
    match style {
        ShiftStyle::LSL | ShiftStyle::UXTX | ShiftStyle::SXTX if amount == 0 => Second::Plain(reg),
        ShiftStyle::LSL | ShiftStyle::UXTX | ShiftStyle::SXTX => Second::Shifted(Shift::Left, amount, reg),
        ShiftStyle::LSR => Second::Shifted(Shift::Right, amount, reg),
        ShiftStyle::ASR => Second::Shifted(Shift::RightSigned, amount, reg),
        ShiftStyle::ROR => Second::Shifted(Shift::RotateRight, amount, reg),
        ShiftStyle::UXTB => Second::Extended(8, false, amount, reg),
        ShiftStyle::UXTH => Second::Extended(16, false, amount, reg),
        ShiftStyle::UXTW => Second::Extended(32, false, amount, reg),
        ShiftStyle::SXTB => Second::Extended(8, true, amount, reg),
        ShiftStyle::SXTH => Second::Extended(16, true, amount, reg),
        ShiftStyle::SXTW => Second::Extended(32, true, amount, reg),
    }
}

/// The condition with this code (Arm ARM C1.2.4); `None` is always.
#[must_use]
pub const fn condition(code: u8) -> Option<Cond> {
    Some(match code {
        0 => Cond::Eq,
        1 => Cond::Ne,
        2 => Cond::Cs,
        3 => Cond::Cc,
        4 => Cond::Mi,
        5 => Cond::Pl,
        6 => Cond::Vs,
        7 => Cond::Vc,
        8 => Cond::CsAndNe,
        9 => Cond::CcOrEq,
        10 => Cond::Ge,
        11 => Cond::Lt,
        12 => Cond::Gt,
        13 => Cond::Le,
        _ => return None,
    })
}
