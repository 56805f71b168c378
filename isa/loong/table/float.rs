//! Floating point.

use rcsim_uop::fp::FpFormat::{F32, F64};
use rcsim_uop::fp::{FpAlu, FpFormat, FpRound};
use rcsim_uop::op::Width;

use super::{FloatMove, Format as F, Meaning as M, Row, base, row};
use crate::loong::features::Extension;

const fn multiply_add(format: FpFormat, subtract: bool, negate: bool) -> M {
    M::MulAdd { format, subtract, negate }
}

const fn estimate(name: &'static str, bits: u32) -> Row {
    row(name, bits, F::F2, M::NotModelled, Extension::Frecipe)
}

/// Arithmetic, comparison, selection.
pub const ARITHMETIC: &[Row] = &[
    base("fadd.s", 0x0100_8000, F::F3, M::FloatAlu(FpAlu::Add, F32)),
    base("fadd.d", 0x0101_0000, F::F3, M::FloatAlu(FpAlu::Add, F64)),
    base("fsub.s", 0x0102_8000, F::F3, M::FloatAlu(FpAlu::Sub, F32)),
    base("fsub.d", 0x0103_0000, F::F3, M::FloatAlu(FpAlu::Sub, F64)),
    base("fmul.s", 0x0104_8000, F::F3, M::FloatAlu(FpAlu::Mul, F32)),
    base("fmul.d", 0x0105_0000, F::F3, M::FloatAlu(FpAlu::Mul, F64)),
    base("fdiv.s", 0x0106_8000, F::F3, M::FloatAlu(FpAlu::Div, F32)),
    base("fdiv.d", 0x0107_0000, F::F3, M::FloatAlu(FpAlu::Div, F64)),
    base("fmax.s", 0x0108_8000, F::F3, M::FloatAlu(FpAlu::MaxNum, F32)),
    base("fmax.d", 0x0109_0000, F::F3, M::FloatAlu(FpAlu::MaxNum, F64)),
    base("fmin.s", 0x010a_8000, F::F3, M::FloatAlu(FpAlu::MinNum, F32)),
    base("fmin.d", 0x010b_0000, F::F3, M::FloatAlu(FpAlu::MinNum, F64)),
    base("fmaxa.s", 0x010c_8000, F::F3, M::NotModelled),
    base("fmaxa.d", 0x010d_0000, F::F3, M::NotModelled),
    base("fmina.s", 0x010e_8000, F::F3, M::NotModelled),
    base("fmina.d", 0x010f_0000, F::F3, M::NotModelled),
    base("fscaleb.s", 0x0110_8000, F::F3, M::NotModelled),
    base("fscaleb.d", 0x0111_0000, F::F3, M::NotModelled),
    base("fcopysign.s", 0x0112_8000, F::F3, M::FloatAlu(FpAlu::CopySign, F32)),
    base("fcopysign.d", 0x0113_0000, F::F3, M::FloatAlu(FpAlu::CopySign, F64)),
    base("fabs.s", 0x0114_0400, F::F2, M::Absolute(F32)),
    base("fabs.d", 0x0114_0800, F::F2, M::Absolute(F64)),
    base("fneg.s", 0x0114_1400, F::F2, M::Negate(F32)),
    base("fneg.d", 0x0114_1800, F::F2, M::Negate(F64)),
    base("flogb.s", 0x0114_2400, F::F2, M::NotModelled),
    base("flogb.d", 0x0114_2800, F::F2, M::NotModelled),
    base("fclass.s", 0x0114_3400, F::F2, M::Class(F32)),
    base("fclass.d", 0x0114_3800, F::F2, M::Class(F64)),
    base("fsqrt.s", 0x0114_4400, F::F2, M::SquareRoot(F32)),
    base("fsqrt.d", 0x0114_4800, F::F2, M::SquareRoot(F64)),
    base("frecip.s", 0x0114_5400, F::F2, M::Reciprocal(F32)),
    base("frecip.d", 0x0114_5800, F::F2, M::Reciprocal(F64)),
    base("frsqrt.s", 0x0114_6400, F::F2, M::NotModelled),
    base("frsqrt.d", 0x0114_6800, F::F2, M::NotModelled),
    estimate("frecipe.s", 0x0114_7400),
    estimate("frecipe.d", 0x0114_7800),
    estimate("frsqrte.s", 0x0114_8400),
    estimate("frsqrte.d", 0x0114_8800),
    base("fmov.s", 0x0114_9400, F::F2, M::FloatCopy(F32)),
    base("fmov.d", 0x0114_9800, F::F2, M::FloatCopy(F64)),
    base("fmadd.s", 0x0810_0000, F::F4, multiply_add(F32, false, false)),
    base("fmadd.d", 0x0820_0000, F::F4, multiply_add(F64, false, false)),
    base("fmsub.s", 0x0850_0000, F::F4, multiply_add(F32, true, false)),
    base("fmsub.d", 0x0860_0000, F::F4, multiply_add(F64, true, false)),
    base("fnmadd.s", 0x0890_0000, F::F4, multiply_add(F32, false, true)),
    base("fnmadd.d", 0x08a0_0000, F::F4, multiply_add(F64, false, true)),
    base("fnmsub.s", 0x08d0_0000, F::F4, multiply_add(F32, true, true)),
    base("fnmsub.d", 0x08e0_0000, F::F4, multiply_add(F64, true, true)),
    // The condition is part of the name: see `text.rs`.
    base("fcmp", 0x0c10_0000, F::FloatCompare, M::FloatCompare(F32)),
    base("fcmp", 0x0c20_0000, F::FloatCompare, M::FloatCompare(F64)),
    base("fsel", 0x0d00_0000, F::FloatSelect, M::FloatSelect),
];

const fn to_int(name: &'static str, bits: u32, round: FpRound, width: Width, format: FpFormat) -> Row {
    base(name, bits, F::F2, M::ToInt { format, width, round })
}

const fn from_int(name: &'static str, bits: u32, width: Width, format: FpFormat) -> Row {
    base(name, bits, F::F2, M::FromInt { format, width })
}

const fn float_move(name: &'static str, bits: u32, format: F, which: FloatMove) -> Row {
    base(name, bits, format, M::FloatMove(which))
}

const W: Width = Width::S32;
/// The upper half of a register that gets a word is open (volume 1, 3.2.3.2); QEMU 7.2 clears it here and there.
const CLEARED: Width = Width::W32;
const L: Width = Width::W64;

/// Conversions and moves.
pub const CONVERSIONS: &[Row] = &[
    base("fcvt.s.d", 0x0119_1800, F::F2, M::ToSingle),
    base("fcvt.d.s", 0x0119_2400, F::F2, M::ToDouble),
    to_int("ftintrm.w.s", 0x011a_0400, FpRound::Down, W, F32),
    to_int("ftintrm.w.d", 0x011a_0800, FpRound::Down, W, F64),
    to_int("ftintrm.l.s", 0x011a_2400, FpRound::Down, L, F32),
    to_int("ftintrm.l.d", 0x011a_2800, FpRound::Down, L, F64),
    to_int("ftintrp.w.s", 0x011a_4400, FpRound::Up, W, F32),
    to_int("ftintrp.w.d", 0x011a_4800, FpRound::Up, W, F64),
    to_int("ftintrp.l.s", 0x011a_6400, FpRound::Up, L, F32),
    to_int("ftintrp.l.d", 0x011a_6800, FpRound::Up, L, F64),
    to_int("ftintrz.w.s", 0x011a_8400, FpRound::Zero, CLEARED, F32),
    to_int("ftintrz.w.d", 0x011a_8800, FpRound::Zero, W, F64),
    to_int("ftintrz.l.s", 0x011a_a400, FpRound::Zero, L, F32),
    to_int("ftintrz.l.d", 0x011a_a800, FpRound::Zero, L, F64),
    to_int("ftintrne.w.s", 0x011a_c400, FpRound::NearestEven, CLEARED, F32),
    to_int("ftintrne.w.d", 0x011a_c800, FpRound::NearestEven, W, F64),
    to_int("ftintrne.l.s", 0x011a_e400, FpRound::NearestEven, L, F32),
    to_int("ftintrne.l.d", 0x011a_e800, FpRound::NearestEven, L, F64),
    to_int("ftint.w.s", 0x011b_0400, FpRound::NearestEven, W, F32),
    to_int("ftint.w.d", 0x011b_0800, FpRound::NearestEven, W, F64),
    to_int("ftint.l.s", 0x011b_2400, FpRound::NearestEven, L, F32),
    to_int("ftint.l.d", 0x011b_2800, FpRound::NearestEven, L, F64),
    from_int("ffint.s.w", 0x011d_1000, W, F32),
    from_int("ffint.s.l", 0x011d_1800, L, F32),
    from_int("ffint.d.w", 0x011d_2000, W, F64),
    from_int("ffint.d.l", 0x011d_2800, L, F64),
    base("frint.s", 0x011e_4400, F::F2, M::RoundIntegral(F32)),
    base("frint.d", 0x011e_4800, F::F2, M::RoundIntegral(F64)),
    float_move("movgr2fr.w", 0x0114_a400, F::FloatFromInt, FloatMove::Gr2FrW),
    float_move("movgr2fr.d", 0x0114_a800, F::FloatFromInt, FloatMove::Gr2FrD),
    float_move("movgr2frh.w", 0x0114_ac00, F::FloatFromInt, FloatMove::Gr2FrhW),
    float_move("movfr2gr.s", 0x0114_b400, F::IntFromFloat, FloatMove::Fr2GrS),
    float_move("movfr2gr.d", 0x0114_b800, F::IntFromFloat, FloatMove::Fr2GrD),
    float_move("movfrh2gr.s", 0x0114_bc00, F::IntFromFloat, FloatMove::Frh2GrS),
    float_move("movgr2fcsr", 0x0114_c000, F::ControlFromInt, FloatMove::Gr2Fcsr),
    float_move("movfcsr2gr", 0x0114_c800, F::IntFromControl, FloatMove::Fcsr2Gr),
    float_move("movfr2cf", 0x0114_d000, F::FlagFromFloat, FloatMove::Fr2Cf),
    float_move("movcf2fr", 0x0114_d400, F::FloatFromFlag, FloatMove::Cf2Fr),
    float_move("movgr2cf", 0x0114_d800, F::FlagFromInt, FloatMove::Gr2Cf),
    float_move("movcf2gr", 0x0114_dc00, F::IntFromFlag, FloatMove::Cf2Gr),
];
