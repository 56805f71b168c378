//! What each instruction means, as micro-ops.
//!
//! This file only sorts instructions to the file of their group. A lift first takes its operands apart, which may fail,
//! and then calls [`Cx::begin`]; from there on it cannot fail, so an unsupported instruction leaves nothing behind.

mod arith;
mod atomic;
mod bits;
mod branch;
mod condition;
mod crypto;
mod float;
mod logic;
mod memory;
mod multiply;
mod pair;
mod scalar_memory;
mod system;
mod structure;
mod vector;
mod vector_lanes;

use rcsim_uop::op::{Op, Width};
use rcsim_uop::reg::SINK;
use rcsim_uop::{BlockBuilder, Reg};
use yaxpeax_arm::armv8::a64::Opcode as O;

use super::decode::{Gap, INSN_BYTES, Insn, Lifted};
use super::features::Features;

/// One instruction on its way into a block.
pub struct Cx<'a> {
    insn: Insn,
    features: Features,
    out: &'a mut BlockBuilder,
}

impl Cx<'_> {
    /// Announce the instruction; nothing after this may fail.
    fn begin(&mut self) -> &mut BlockBuilder {
        self.out.insn(self.insn.pc, INSN_BYTES as u8);
        self.out
    }

    /// The instruction does nothing that can be seen here.
    fn nothing(&mut self) -> Lifted {
        self.begin();
        Ok(())
    }
}

/// `dst = src` as a register of this width holds it.
fn move_reg(out: &mut BlockBuilder, width: Width, dst: Reg, src: Reg) {
    match width {
        Width::W64 => out.copy(dst, src),
        _ if dst == SINK => {}
        _ => out.emit(Op::AndImm { width, dst, a: src, imm: u64::from(u32::MAX) }),
    }
}

/// Lift one instruction.
///
/// # Errors
/// When it cannot be lifted; nothing has been announced then.
pub fn lift(insn: Insn, features: Features, out: &mut BlockBuilder) -> Lifted {
    let cx = &mut Cx { insn, features, out };
    if insn.is_simd() {
        return simd(cx);
    }
    match insn.opcode {
        O::ADD => arith::add_sub(cx, arith::Kind::Add),
        O::ADDS => arith::add_sub(cx, arith::Kind::AddFlags),
        O::SUB => arith::add_sub(cx, arith::Kind::Sub),
        O::SUBS => arith::add_sub(cx, arith::Kind::SubFlags),
        O::ADC => arith::add_carry(cx),
        O::SBC => arith::sub_carry(cx),
        O::ADCS => arith::carry_flags(cx, rcsim_uop::FlagOp::AddCarry),
        O::SBCS => arith::carry_flags(cx, rcsim_uop::FlagOp::SubCarryNoBorrow),
        O::ADR | O::ADRP => arith::address(cx),
        O::AND => logic::logic(cx, logic::Kind::And),
        O::ANDS => logic::logic(cx, logic::Kind::AndFlags),
        O::ORR => logic::logic(cx, logic::Kind::Or),
        O::EOR => logic::logic(cx, logic::Kind::Xor),
        O::BIC => logic::logic(cx, logic::Kind::AndNot),
        O::BICS => logic::logic(cx, logic::Kind::AndNotFlags),
        O::ORN => logic::logic(cx, logic::Kind::OrNot),
        O::EON => logic::logic(cx, logic::Kind::Xnor),
        O::MOVZ | O::MOVN => logic::move_wide(cx),
        O::MOVK => logic::move_keep(cx),
        O::LSLV | O::LSRV | O::ASRV | O::RORV => bits::shift(cx),
        O::UBFM | O::SBFM => bits::extract_field(cx),
        O::BFM => bits::insert_field(cx),
        O::EXTR => bits::extract_pair(cx),
        O::CLZ | O::CLS | O::RBIT | O::REV | O::REV16 | O::REV32 => bits::unary(cx),
        O::MADD | O::MSUB => multiply::multiply_add(cx),
        O::SMADDL | O::SMSUBL | O::UMADDL | O::UMSUBL => multiply::widening(cx),
        O::SMULH | O::UMULH => multiply::high(cx),
        O::UDIV | O::SDIV => multiply::divide(cx),
        O::CRC32B | O::CRC32H | O::CRC32W | O::CRC32X => multiply::checksum(cx, false),
        O::CRC32CB | O::CRC32CH | O::CRC32CW | O::CRC32CX => multiply::checksum(cx, true),
        O::CSEL | O::CSINC | O::CSINV | O::CSNEG => condition::select(cx),
        O::CCMP | O::CCMN => condition::compare(cx),
        O::B | O::BL | O::BR | O::BLR | O::RET => branch::transfer(cx),
        O::Bcc(_) | O::CBZ | O::CBNZ | O::TBZ | O::TBNZ => branch::conditional(cx),
        O::SVC | O::BRK | O::UDF => branch::stop(cx),
        O::HINT | O::DMB(_) | O::DSB(_) | O::ISB | O::PRFM | O::CLREX => system::barrier(cx),
        O::MRS => system::read(cx),
        O::MSR => system::write(cx),
        O::SYS(_) => system::cache(cx),
        O::LDP | O::LDPSW | O::LDNP => pair::load(cx),
        O::STP | O::STNP => pair::store(cx),
        O::CAS(_) | O::CASB(_) | O::CASH(_) => atomic::compare_swap(cx),
        O::LDXR | O::LDXRB | O::LDXRH | O::LDAXR | O::LDAXRB | O::LDAXRH => atomic::load_exclusive(cx),
        O::STXR | O::STXRB | O::STXRH | O::STLXR | O::STLXRB | O::STLXRH => atomic::store_exclusive(cx),
        O::FMOV => float::move_to_general(cx),
        O::FCVTZS | O::FCVTZU | O::FCVTNS | O::FCVTNU | O::FCVTMS | O::FCVTMU | O::FCVTPS | O::FCVTPU
        | O::FCVTAS | O::FCVTAU => float::to_integer(cx),
        O::UMOV | O::SMOV => vector_lanes::to_general(cx),
        opcode => {
            if let Some(access) = memory::load_of(opcode) {
                memory::load(cx, access)
            } else if let Some(access) = memory::store_of(opcode) {
                memory::store(cx, access)
            } else if let Some((op, access)) = atomic::rmw_of(opcode) {
                atomic::rmw(cx, op, access)
            } else {
                Err(Gap::Opcode)
            }
        }
    }
}

/// Instructions whose first operand is a vector or floating-point register.
fn simd(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.opcode {
        O::LDR | O::LDUR => scalar_memory::load(cx),
        O::STR | O::STUR => scalar_memory::store(cx),
        O::LDP | O::LDNP => pair::load_simd(cx),
        O::STP | O::STNP => pair::store_simd(cx),
        O::FADD | O::FSUB | O::FMUL | O::FDIV | O::FMAX | O::FMIN | O::FMAXNM | O::FMINNM => float::binary(cx),
        O::FNMUL => float::negated_product(cx),
        O::FMADD | O::FMSUB | O::FNMADD | O::FNMSUB => float::multiply_add(cx),
        O::FABS | O::FNEG | O::FSQRT => float::unary(cx),
        O::FRINTN | O::FRINTP | O::FRINTM | O::FRINTZ | O::FRINTA | O::FRINTX | O::FRINTI => float::round(cx),
        O::FMOV => float::move_to_float(cx),
        O::FCMP | O::FCMPE => float::compare(cx),
        O::FCCMP | O::FCCMPE => float::conditional_compare(cx),
        O::FCSEL => float::select(cx),
        O::FCVT => float::convert(cx),
        O::SCVTF | O::UCVTF => float::from_integer(cx),
        O::LD1 => structure::load(cx),
        O::ST1 => structure::store(cx),
        O::LD1R | O::LD2R | O::LD3R | O::LD4R => structure::load_replicated(cx),
        O::DUP => vector_lanes::duplicate(cx),
        O::INS => vector_lanes::insert(cx),
        _ => vector::lift(cx),
    }
}
