//! Loads, stores, atomics, ordering.

use rcsim_uop::fp::FpFormat::{F32, F64};
use rcsim_uop::op::{Access, Rmw};

use super::{Format as F, Meaning as M, Row, base, row};
use crate::loong::features::Extension;

const UB: Access = Access::little(0);
const UH: Access = Access::little(1);
const UW: Access = Access::little(2);
const B: Access = UB.signed();
const H: Access = UH.signed();
const W: Access = UW.signed();
const D: Access = Access::little(3);

/// What has no ordering.
pub const PLAIN: &[Row] = &[
    base("ld.b", 0x2800_0000, F::Signed12, M::Load(B)),
    base("ld.h", 0x2840_0000, F::Signed12, M::Load(H)),
    base("ld.w", 0x2880_0000, F::Signed12, M::Load(W)),
    base("ld.d", 0x28c0_0000, F::Signed12, M::Load(D)),
    base("st.b", 0x2900_0000, F::Signed12, M::Store(UB)),
    base("st.h", 0x2940_0000, F::Signed12, M::Store(UH)),
    base("st.w", 0x2980_0000, F::Signed12, M::Store(UW)),
    base("st.d", 0x29c0_0000, F::Signed12, M::Store(D)),
    base("ld.bu", 0x2a00_0000, F::Signed12, M::Load(UB)),
    base("ld.hu", 0x2a40_0000, F::Signed12, M::Load(UH)),
    base("ld.wu", 0x2a80_0000, F::Signed12, M::Load(UW)),
    base("preld", 0x2ac0_0000, F::Preload, M::Preload),
    base("preldx", 0x382c_0000, F::PreloadIndexed, M::Preload),
    base("fld.s", 0x2b00_0000, F::FloatSigned12, M::FloatLoad(F32)),
    base("fst.s", 0x2b40_0000, F::FloatSigned12, M::FloatStore(F32)),
    base("fld.d", 0x2b80_0000, F::FloatSigned12, M::FloatLoad(F64)),
    base("fst.d", 0x2bc0_0000, F::FloatSigned12, M::FloatStore(F64)),
    base("ldptr.w", 0x2400_0000, F::Signed14, M::LoadWords(W)),
    base("stptr.w", 0x2500_0000, F::Signed14, M::StoreWords(UW)),
    base("ldptr.d", 0x2600_0000, F::Signed14, M::LoadWords(D)),
    base("stptr.d", 0x2700_0000, F::Signed14, M::StoreWords(D)),
    base("ldx.b", 0x3800_0000, F::R3, M::LoadIndexed(B)),
    base("ldx.h", 0x3804_0000, F::R3, M::LoadIndexed(H)),
    base("ldx.w", 0x3808_0000, F::R3, M::LoadIndexed(W)),
    base("ldx.d", 0x380c_0000, F::R3, M::LoadIndexed(D)),
    base("stx.b", 0x3810_0000, F::R3, M::StoreIndexed(UB)),
    base("stx.h", 0x3814_0000, F::R3, M::StoreIndexed(UH)),
    base("stx.w", 0x3818_0000, F::R3, M::StoreIndexed(UW)),
    base("stx.d", 0x381c_0000, F::R3, M::StoreIndexed(D)),
    base("ldx.bu", 0x3820_0000, F::R3, M::LoadIndexed(UB)),
    base("ldx.hu", 0x3824_0000, F::R3, M::LoadIndexed(UH)),
    base("ldx.wu", 0x3828_0000, F::R3, M::LoadIndexed(UW)),
    base("fldx.s", 0x3830_0000, F::FloatIndexed, M::FloatLoadIndexed(F32)),
    base("fldx.d", 0x3834_0000, F::FloatIndexed, M::FloatLoadIndexed(F64)),
    base("fstx.s", 0x3838_0000, F::FloatIndexed, M::FloatStoreIndexed(F32)),
    base("fstx.d", 0x383c_0000, F::FloatIndexed, M::FloatStoreIndexed(F64)),
    base("ldgt.b", 0x3878_0000, F::R3, M::NotModelled),
    base("ldgt.h", 0x3878_8000, F::R3, M::NotModelled),
    base("ldgt.w", 0x3879_0000, F::R3, M::NotModelled),
    base("ldgt.d", 0x3879_8000, F::R3, M::NotModelled),
    base("ldle.b", 0x387a_0000, F::R3, M::NotModelled),
    base("ldle.h", 0x387a_8000, F::R3, M::NotModelled),
    base("ldle.w", 0x387b_0000, F::R3, M::NotModelled),
    base("ldle.d", 0x387b_8000, F::R3, M::NotModelled),
    base("stgt.b", 0x387c_0000, F::R3, M::NotModelled),
    base("stgt.h", 0x387c_8000, F::R3, M::NotModelled),
    base("stgt.w", 0x387d_0000, F::R3, M::NotModelled),
    base("stgt.d", 0x387d_8000, F::R3, M::NotModelled),
    base("stle.b", 0x387e_0000, F::R3, M::NotModelled),
    base("stle.h", 0x387e_8000, F::R3, M::NotModelled),
    base("stle.w", 0x387f_0000, F::R3, M::NotModelled),
    base("stle.d", 0x387f_8000, F::R3, M::NotModelled),
];

const fn update(name: &'static str, bits: u32, op: Rmw, access: Access) -> Row {
    base(name, bits, F::Atomic, M::Amo(op, access))
}

const fn narrow(name: &'static str, bits: u32, op: Rmw, access: Access) -> Row {
    row(name, bits, F::Atomic, M::Amo(op, access), Extension::LamBh)
}

const fn swap(name: &'static str, bits: u32, access: Access) -> Row {
    row(name, bits, F::Atomic, M::CompareSwap(access), Extension::Lamcas)
}

/// Atomics, reservations and barriers. `_db` means a full barrier around the access.
pub const ATOMIC: &[Row] = &[
    base("ll.w", 0x2000_0000, F::Signed14, M::LoadLinked(W)),
    base("sc.w", 0x2100_0000, F::Signed14, M::StoreConditional(UW)),
    base("ll.d", 0x2200_0000, F::Signed14, M::LoadLinked(D)),
    base("sc.d", 0x2300_0000, F::Signed14, M::StoreConditional(D)),
    update("amswap.w", 0x3860_0000, Rmw::Swap, W),
    update("amswap.d", 0x3860_8000, Rmw::Swap, D),
    update("amadd.w", 0x3861_0000, Rmw::Add, W),
    update("amadd.d", 0x3861_8000, Rmw::Add, D),
    update("amand.w", 0x3862_0000, Rmw::And, W),
    update("amand.d", 0x3862_8000, Rmw::And, D),
    update("amor.w", 0x3863_0000, Rmw::Or, W),
    update("amor.d", 0x3863_8000, Rmw::Or, D),
    update("amxor.w", 0x3864_0000, Rmw::Xor, W),
    update("amxor.d", 0x3864_8000, Rmw::Xor, D),
    update("ammax.w", 0x3865_0000, Rmw::MaxS, W),
    update("ammax.d", 0x3865_8000, Rmw::MaxS, D),
    update("ammin.w", 0x3866_0000, Rmw::MinS, W),
    update("ammin.d", 0x3866_8000, Rmw::MinS, D),
    update("ammax.wu", 0x3867_0000, Rmw::MaxU, W),
    update("ammax.du", 0x3867_8000, Rmw::MaxU, D),
    update("ammin.wu", 0x3868_0000, Rmw::MinU, W),
    update("ammin.du", 0x3868_8000, Rmw::MinU, D),
    update("amswap_db.w", 0x3869_0000, Rmw::Swap, W),
    update("amswap_db.d", 0x3869_8000, Rmw::Swap, D),
    update("amadd_db.w", 0x386a_0000, Rmw::Add, W),
    update("amadd_db.d", 0x386a_8000, Rmw::Add, D),
    update("amand_db.w", 0x386b_0000, Rmw::And, W),
    update("amand_db.d", 0x386b_8000, Rmw::And, D),
    update("amor_db.w", 0x386c_0000, Rmw::Or, W),
    update("amor_db.d", 0x386c_8000, Rmw::Or, D),
    update("amxor_db.w", 0x386d_0000, Rmw::Xor, W),
    update("amxor_db.d", 0x386d_8000, Rmw::Xor, D),
    update("ammax_db.w", 0x386e_0000, Rmw::MaxS, W),
    update("ammax_db.d", 0x386e_8000, Rmw::MaxS, D),
    update("ammin_db.w", 0x386f_0000, Rmw::MinS, W),
    update("ammin_db.d", 0x386f_8000, Rmw::MinS, D),
    update("ammax_db.wu", 0x3870_0000, Rmw::MaxU, W),
    update("ammax_db.du", 0x3870_8000, Rmw::MaxU, D),
    update("ammin_db.wu", 0x3871_0000, Rmw::MinU, W),
    update("ammin_db.du", 0x3871_8000, Rmw::MinU, D),
    swap("amcas.b", 0x3858_0000, B),
    swap("amcas.h", 0x3858_8000, H),
    swap("amcas.w", 0x3859_0000, W),
    swap("amcas.d", 0x3859_8000, D),
    swap("amcas_db.b", 0x385a_0000, B),
    swap("amcas_db.h", 0x385a_8000, H),
    swap("amcas_db.w", 0x385b_0000, W),
    swap("amcas_db.d", 0x385b_8000, D),
    narrow("amswap.b", 0x385c_0000, Rmw::Swap, B),
    narrow("amswap.h", 0x385c_8000, Rmw::Swap, H),
    narrow("amadd.b", 0x385d_0000, Rmw::Add, B),
    narrow("amadd.h", 0x385d_8000, Rmw::Add, H),
    narrow("amswap_db.b", 0x385e_0000, Rmw::Swap, B),
    narrow("amswap_db.h", 0x385e_8000, Rmw::Swap, H),
    narrow("amadd_db.b", 0x385f_0000, Rmw::Add, B),
    narrow("amadd_db.h", 0x385f_8000, Rmw::Add, H),
    base("dbar", 0x3872_0000, F::Code, M::Fence),
    base("ibar", 0x3872_8000, F::Code, M::Fence),
];
