//! Dispatch of the vector and floating-point instructions. The VEX form of an instruction has the meaning of the SSE form
//! with a destination of its own, so both names lead to the same function.

use iced_x86::Mnemonic as M;
use rcsim_uop::fp::FpAlu;
use rcsim_uop::fp::FpFormat::{F32, F64};
use rcsim_uop::op::{Lane, VecAlu, VecShift};

use super::context::{Lift, Lifted};
use super::sse_fp::FmaOrder;
use super::{sse_fp, sse_helper, sse_int, sse_move};
use crate::x86::helpers::HelperId;
use crate::x86::helpers::aes::AesRound;
use crate::x86::helpers::lanes::{LaneOp, LaneShift};
use crate::x86::helpers::sha::ShaOp;

/// Lift the instruction if it belongs here.
pub fn dispatch(l: &mut Lift<'_>) -> Option<Lifted> {
    moving(l).or_else(|| scalar(l)).or_else(|| fused(l)).or_else(|| lanes(l)).or_else(|| shifts(l)).or_else(|| pieces(l)).or_else(|| helped(l))
}

fn moving(l: &mut Lift<'_>) -> Option<Lifted> {
    Some(match l.insn.mnemonic() {
        M::Movups | M::Movupd | M::Movdqu | M::Lddqu => sse_move::whole(l, false),
        M::Vmovups | M::Vmovupd | M::Vmovdqu | M::Vlddqu => sse_move::whole(l, false),
        M::Movaps | M::Movapd | M::Movdqa | M::Movntps | M::Movntpd | M::Movntdq => sse_move::whole(l, true),
        M::Vmovaps | M::Vmovapd | M::Vmovdqa | M::Vmovntps | M::Vmovntpd | M::Vmovntdq => {
            sse_move::whole(l, true)
        }
        M::Movd | M::Movq | M::Vmovd | M::Vmovq => sse_move::low_bits(l),
        M::Movss | M::Vmovss => sse_move::scalar(l, 4),
        M::Movsd | M::Vmovsd => sse_move::scalar(l, 8),
        M::Movlps | M::Movlpd | M::Vmovlps | M::Vmovlpd => sse_move::half(l, 0),
        M::Movhps | M::Movhpd | M::Vmovhps | M::Vmovhpd => sse_move::half(l, 1),
        M::Movhlps | M::Vmovhlps => sse_move::cross_half(l, 1, 0),
        M::Movlhps | M::Vmovlhps => sse_move::cross_half(l, 0, 1),
        M::Movddup | M::Vmovddup => sse_move::duplicate_low(l),
        M::Vzeroupper => sse_move::zero_registers(l, 2),
        M::Vzeroall => sse_move::zero_registers(l, 0),
        M::Vpbroadcastb => sse_move::broadcast(l, Lane::B8),
        M::Vpbroadcastw => sse_move::broadcast(l, Lane::B16),
        M::Vpbroadcastd | M::Vbroadcastss => sse_move::broadcast(l, Lane::B32),
        M::Vpbroadcastq | M::Vbroadcastsd => sse_move::broadcast(l, Lane::B64),
        _ => return None,
    })
}

fn scalar(l: &mut Lift<'_>) -> Option<Lifted> {
    Some(match l.insn.mnemonic() {
        M::Addss | M::Vaddss => sse_fp::arithmetic(l, FpAlu::Add, F32),
        M::Addsd | M::Vaddsd => sse_fp::arithmetic(l, FpAlu::Add, F64),
        M::Subss | M::Vsubss => sse_fp::arithmetic(l, FpAlu::Sub, F32),
        M::Subsd | M::Vsubsd => sse_fp::arithmetic(l, FpAlu::Sub, F64),
        M::Mulss | M::Vmulss => sse_fp::arithmetic(l, FpAlu::Mul, F32),
        M::Mulsd | M::Vmulsd => sse_fp::arithmetic(l, FpAlu::Mul, F64),
        M::Divss | M::Vdivss => sse_fp::arithmetic(l, FpAlu::Div, F32),
        M::Divsd | M::Vdivsd => sse_fp::arithmetic(l, FpAlu::Div, F64),
        M::Minss | M::Vminss => sse_fp::arithmetic(l, FpAlu::MinSecond, F32),
        M::Minsd | M::Vminsd => sse_fp::arithmetic(l, FpAlu::MinSecond, F64),
        M::Maxss | M::Vmaxss => sse_fp::arithmetic(l, FpAlu::MaxSecond, F32),
        M::Maxsd | M::Vmaxsd => sse_fp::arithmetic(l, FpAlu::MaxSecond, F64),
        M::Sqrtss | M::Vsqrtss => sse_fp::sqrt(l, F32),
        M::Sqrtsd | M::Vsqrtsd => sse_fp::sqrt(l, F64),
        M::Roundss | M::Vroundss => sse_fp::round(l, F32),
        M::Roundsd | M::Vroundsd => sse_fp::round(l, F64),
        M::Ucomiss | M::Comiss | M::Vucomiss | M::Vcomiss => sse_fp::compare(l, F32),
        M::Ucomisd | M::Comisd | M::Vucomisd | M::Vcomisd => sse_fp::compare(l, F64),
        M::Cmpss | M::Vcmpss => sse_fp::compare_to_mask(l, F32),
        M::Cmpsd | M::Vcmpsd => sse_fp::compare_to_mask(l, F64),
        M::Cvtsi2ss | M::Vcvtsi2ss => sse_fp::from_int(l, F32),
        M::Cvtsi2sd | M::Vcvtsi2sd => sse_fp::from_int(l, F64),
        M::Cvtss2si | M::Vcvtss2si => sse_fp::to_int(l, F32, false),
        M::Cvtsd2si | M::Vcvtsd2si => sse_fp::to_int(l, F64, false),
        M::Cvttss2si | M::Vcvttss2si => sse_fp::to_int(l, F32, true),
        M::Cvttsd2si | M::Vcvttsd2si => sse_fp::to_int(l, F64, true),
        M::Cvtss2sd | M::Vcvtss2sd => sse_fp::convert(l, F32, F64),
        M::Cvtsd2ss | M::Vcvtsd2ss => sse_fp::convert(l, F64, F32),
        _ => return None,
    })
}

fn fused(l: &mut Lift<'_>) -> Option<Lifted> {
    use FmaOrder::{O132, O213, O231};
    Some(match l.insn.mnemonic() {
        M::Vfmadd132ss => sse_fp::fused(l, O132, F32, false, false),
        M::Vfmadd213ss => sse_fp::fused(l, O213, F32, false, false),
        M::Vfmadd231ss => sse_fp::fused(l, O231, F32, false, false),
        M::Vfmadd132sd => sse_fp::fused(l, O132, F64, false, false),
        M::Vfmadd213sd => sse_fp::fused(l, O213, F64, false, false),
        M::Vfmadd231sd => sse_fp::fused(l, O231, F64, false, false),
        M::Vfmsub231sd => sse_fp::fused(l, O231, F64, false, true),
        M::Vfnmadd231sd => sse_fp::fused(l, O231, F64, true, false),
        M::Vfnmsub231sd => sse_fp::fused(l, O231, F64, true, true),
        _ => return None,
    })
}

fn lanes(l: &mut Lift<'_>) -> Option<Lifted> {
    let (op, lane) = match l.insn.mnemonic() {
        M::Pxor | M::Xorps | M::Xorpd | M::Vpxor | M::Vxorps | M::Vxorpd => (VecAlu::Xor, Lane::B64),
        M::Pand | M::Andps | M::Andpd | M::Vpand | M::Vandps | M::Vandpd => (VecAlu::And, Lane::B64),
        M::Por | M::Orps | M::Orpd | M::Vpor | M::Vorps | M::Vorpd => (VecAlu::Or, Lane::B64),
        M::Pandn | M::Andnps | M::Andnpd | M::Vpandn | M::Vandnps | M::Vandnpd => {
            return Some(sse_int::and_not(l));
        }
        M::Paddb | M::Vpaddb => (VecAlu::Add, Lane::B8),
        M::Paddw | M::Vpaddw => (VecAlu::Add, Lane::B16),
        M::Paddd | M::Vpaddd => (VecAlu::Add, Lane::B32),
        M::Paddq | M::Vpaddq => (VecAlu::Add, Lane::B64),
        M::Psubb | M::Vpsubb => (VecAlu::Sub, Lane::B8),
        M::Psubw | M::Vpsubw => (VecAlu::Sub, Lane::B16),
        M::Psubd | M::Vpsubd => (VecAlu::Sub, Lane::B32),
        M::Psubq | M::Vpsubq => (VecAlu::Sub, Lane::B64),
        M::Pmullw | M::Vpmullw => (VecAlu::Mul, Lane::B16),
        M::Pmulld | M::Vpmulld => (VecAlu::Mul, Lane::B32),
        M::Pcmpeqb | M::Vpcmpeqb => (VecAlu::Eq, Lane::B8),
        M::Pcmpeqw | M::Vpcmpeqw => (VecAlu::Eq, Lane::B16),
        M::Pcmpeqd | M::Vpcmpeqd => (VecAlu::Eq, Lane::B32),
        M::Pcmpeqq | M::Vpcmpeqq => (VecAlu::Eq, Lane::B64),
        M::Pcmpgtb | M::Vpcmpgtb => (VecAlu::GtS, Lane::B8),
        M::Pcmpgtw | M::Vpcmpgtw => (VecAlu::GtS, Lane::B16),
        M::Pcmpgtd | M::Vpcmpgtd => (VecAlu::GtS, Lane::B32),
        M::Pcmpgtq | M::Vpcmpgtq => (VecAlu::GtS, Lane::B64),
        M::Pminub | M::Vpminub => (VecAlu::MinU, Lane::B8),
        M::Pminuw | M::Vpminuw => (VecAlu::MinU, Lane::B16),
        M::Pminud | M::Vpminud => (VecAlu::MinU, Lane::B32),
        M::Pmaxub | M::Vpmaxub => (VecAlu::MaxU, Lane::B8),
        M::Pmaxuw | M::Vpmaxuw => (VecAlu::MaxU, Lane::B16),
        M::Pmaxud | M::Vpmaxud => (VecAlu::MaxU, Lane::B32),
        M::Pminsb | M::Vpminsb => (VecAlu::MinS, Lane::B8),
        M::Pminsw | M::Vpminsw => (VecAlu::MinS, Lane::B16),
        M::Pminsd | M::Vpminsd => (VecAlu::MinS, Lane::B32),
        M::Pmaxsb | M::Vpmaxsb => (VecAlu::MaxS, Lane::B8),
        M::Pmaxsw | M::Vpmaxsw => (VecAlu::MaxS, Lane::B16),
        M::Pmaxsd | M::Vpmaxsd => (VecAlu::MaxS, Lane::B32),
        _ => return None,
    };
    Some(sse_int::lanes(l, op, lane))
}

fn shifts(l: &mut Lift<'_>) -> Option<Lifted> {
    let by_constant = l.immediate(l.insn.op_count().saturating_sub(1)).is_some();
    let (op, lane) = match l.insn.mnemonic() {
        M::Psllw | M::Vpsllw => (VecShift::Left, Lane::B16),
        M::Pslld | M::Vpslld => (VecShift::Left, Lane::B32),
        M::Psllq | M::Vpsllq => (VecShift::Left, Lane::B64),
        M::Psrlw | M::Vpsrlw => (VecShift::Right, Lane::B16),
        M::Psrld | M::Vpsrld => (VecShift::Right, Lane::B32),
        M::Psrlq | M::Vpsrlq => (VecShift::Right, Lane::B64),
        M::Psraw | M::Vpsraw => (VecShift::RightSigned, Lane::B16),
        M::Psrad | M::Vpsrad => (VecShift::RightSigned, Lane::B32),
        M::Pslldq | M::Vpslldq => (VecShift::BytesLeft, Lane::B8),
        M::Psrldq | M::Vpsrldq => (VecShift::BytesRight, Lane::B8),
        _ => return None,
    };
    Some(if by_constant {
        sse_int::shift_constant(l, op, lane)
    } else {
        let (left, signed) = (op == VecShift::Left, op == VecShift::RightSigned);
        sse_helper::shift_by_vector(l, LaneShift { left, signed, bits: lane.bits() })
    })
}

fn helped(l: &mut Lift<'_>) -> Option<Lifted> {
    let round = |inverse, last| AesRound { inverse, last };
    Some(match l.insn.mnemonic() {
        M::Pshufd | M::Vpshufd => sse_helper::one_source(l, HelperId::ShuffleAll32),
        M::Pshuflw | M::Vpshuflw => sse_helper::one_source(l, HelperId::ShuffleLow16),
        M::Pshufhw | M::Vpshufhw => sse_helper::one_source(l, HelperId::ShuffleHigh16),
        M::Shufps | M::Vshufps => sse_helper::two_sources(l, HelperId::ShuffleTwo32),
        M::Shufpd | M::Vshufpd => sse_helper::two_sources(l, HelperId::ShuffleTwo64),
        M::Palignr | M::Vpalignr => sse_helper::two_sources(l, HelperId::AlignBytes),
        M::Pclmulqdq | M::Vpclmulqdq => sse_helper::two_sources(l, HelperId::CarrylessMultiply),
        M::Aesenc | M::Vaesenc => sse_helper::aes(l, round(false, false)),
        M::Aesenclast | M::Vaesenclast => sse_helper::aes(l, round(false, true)),
        M::Aesdec | M::Vaesdec => sse_helper::aes(l, round(true, false)),
        M::Aesdeclast | M::Vaesdeclast => sse_helper::aes(l, round(true, true)),
        M::Aeskeygenassist | M::Vaeskeygenassist => sse_helper::one_source(l, HelperId::AesKey),
        M::Crc32 => sse_helper::crc32(l),
        M::Aesimc | M::Vaesimc => sse_helper::aes_unmix(l),
        M::Pcmpestri => sse_helper::compare_strings(l),
        M::Sha1rnds4 => sse_helper::sha1_rounds(l),
        M::Sha1nexte => sse_helper::sha(l, ShaOp::NextE),
        M::Sha1msg1 => sse_helper::sha(l, ShaOp::Message1),
        M::Sha1msg2 => sse_helper::sha(l, ShaOp::Message2),
        M::Sha256msg1 => sse_helper::sha(l, ShaOp::Message256First),
        M::Sha256msg2 => sse_helper::sha(l, ShaOp::Message256Second),
        M::Sha256rnds2 => sse_helper::sha256_rounds(l),
        _ => return lane_op(l.insn.mnemonic()).map(|op| sse_helper::lane_op(l, op)),
    })
}

fn lane_op(mnemonic: M) -> Option<LaneOp> {
    Some(match mnemonic {
        M::Pmuludq | M::Vpmuludq => LaneOp::Pmuludq,
        M::Pmuldq | M::Vpmuldq => LaneOp::Pmuldq,
        M::Pmulhw | M::Vpmulhw => LaneOp::Pmulhw,
        M::Pmulhuw | M::Vpmulhuw => LaneOp::Pmulhuw,
        M::Pmaddwd | M::Vpmaddwd => LaneOp::Pmaddwd,
        M::Pmaddubsw | M::Vpmaddubsw => LaneOp::Pmaddubsw,
        M::Packuswb | M::Vpackuswb => LaneOp::Packuswb,
        M::Packusdw | M::Vpackusdw => LaneOp::Packusdw,
        M::Packsswb | M::Vpacksswb => LaneOp::Packsswb,
        M::Packssdw | M::Vpackssdw => LaneOp::Packssdw,
        M::Paddusb | M::Vpaddusb => LaneOp::Paddusb,
        M::Paddusw | M::Vpaddusw => LaneOp::Paddusw,
        M::Psubusb | M::Vpsubusb => LaneOp::Psubusb,
        M::Psubusw | M::Vpsubusw => LaneOp::Psubusw,
        M::Pavgb | M::Vpavgb => LaneOp::Pavgb,
        M::Pavgw | M::Vpavgw => LaneOp::Pavgw,
        M::Psadbw | M::Vpsadbw => LaneOp::Psadbw,
        M::Phaddd | M::Vphaddd => LaneOp::Phaddd,
        _ => return None,
    })
}

fn pieces(l: &mut Lift<'_>) -> Option<Lifted> {
    Some(match l.insn.mnemonic() {
        M::Punpcklbw | M::Vpunpcklbw => sse_int::halves(l, VecAlu::InterleaveLow, Lane::B8),
        M::Punpcklwd | M::Vpunpcklwd => sse_int::halves(l, VecAlu::InterleaveLow, Lane::B16),
        M::Punpckldq | M::Vpunpckldq | M::Unpcklps | M::Vunpcklps => {
            sse_int::halves(l, VecAlu::InterleaveLow, Lane::B32)
        }
        M::Punpcklqdq | M::Vpunpcklqdq | M::Unpcklpd | M::Vunpcklpd => {
            sse_int::halves(l, VecAlu::InterleaveLow, Lane::B64)
        }
        M::Punpckhbw | M::Vpunpckhbw => sse_int::halves(l, VecAlu::InterleaveHigh, Lane::B8),
        M::Punpckhwd | M::Vpunpckhwd => sse_int::halves(l, VecAlu::InterleaveHigh, Lane::B16),
        M::Punpckhdq | M::Vpunpckhdq | M::Unpckhps | M::Vunpckhps => {
            sse_int::halves(l, VecAlu::InterleaveHigh, Lane::B32)
        }
        M::Punpckhqdq | M::Vpunpckhqdq | M::Unpckhpd | M::Vunpckhpd => {
            sse_int::halves(l, VecAlu::InterleaveHigh, Lane::B64)
        }
        M::Pshufb | M::Vpshufb => sse_int::halves(l, VecAlu::TableX86, Lane::B8),
        M::Pmovmskb | M::Vpmovmskb => sse_int::top_bits(l, Lane::B8),
        M::Movmskps | M::Vmovmskps => sse_int::top_bits(l, Lane::B32),
        M::Movmskpd | M::Vmovmskpd => sse_int::top_bits(l, Lane::B64),
        M::Pinsrb | M::Vpinsrb => sse_int::insert(l, Lane::B8),
        M::Pinsrw | M::Vpinsrw => sse_int::insert(l, Lane::B16),
        M::Pinsrd | M::Vpinsrd => sse_int::insert(l, Lane::B32),
        M::Pinsrq | M::Vpinsrq => sse_int::insert(l, Lane::B64),
        M::Pextrb | M::Vpextrb => sse_int::extract(l, Lane::B8),
        M::Pextrw | M::Vpextrw => sse_int::extract(l, Lane::B16),
        M::Pextrd | M::Vpextrd => sse_int::extract(l, Lane::B32),
        M::Pextrq | M::Vpextrq => sse_int::extract(l, Lane::B64),
        M::Ptest | M::Vptest => sse_int::test(l),
        M::Vinserti128 | M::Vinsertf128 => sse_int::insert_half(l),
        M::Vbroadcasti128 | M::Vbroadcastf128 => sse_int::broadcast_half(l),
        M::Vextracti128 | M::Vextractf128 => sse_int::extract_half(l),
        M::Vperm2i128 | M::Vperm2f128 => sse_int::permute_halves(l),
        M::Pblendw | M::Vpblendw => sse_int::blend(l, Lane::B16),
        M::Vpblendd => sse_int::blend(l, Lane::B32),
        _ => return None,
    })
}
