//! What the interpreter tells a shadow of each micro-op that writes a register: how the result came about, and of what.

use rcsim_machine::shadow::Derive::{self, Add, And, Or, Other, Part, Sub};
use rcsim_machine::{CodeCache, Cpu, Limits, Memory, NoObserver, Perms, Shadow, run};
use rcsim_uop::build::BlockBuilder;
use rcsim_uop::flags::{Cond, FlagOp};
use rcsim_uop::fp::{FpAlu, FpFormat, FpRound, FpRules, FpUnary, IntRule, NanRule};
use rcsim_uop::isa::{CodeView, Disasm, Isa, LiftError};
use rcsim_uop::op::{
    Access, Divide, DivideRule, Lane, Logic, Mem, MulHigh, Op, Pred, Rmw, Scale, Shift, Stop, Unary, VecAlu,
    VecShift, Width, Writeback,
};
use rcsim_uop::reg::{Reg, RegClass, RegFile, RegInfo};

const CODE: u64 = 0x1000;
const DATA: u64 = 0x10_0000;
/// Registers whose tags are their own numbers.
const A: Reg = Reg(2);
const B: Reg = Reg(3);
const C: Reg = Reg(4);
const DST: Reg = Reg(5);
const W: Width = Width::W64;
/// The tag of what is made here.
const MADE: u8 = 99;
/// The tag of what is in memory.
const STORED: u8 = 50;

/// One instruction, and the end.
struct Single(RegFile, Op);

impl Isa for Single {
    fn regs(&self) -> &RegFile {
        &self.0
    }

    fn lift(&self, _code: &dyn CodeView, pc: u64, out: &mut BlockBuilder) -> Result<(), LiftError> {
        out.insn(pc, 4);
        if pc == CODE {
            out.emit(self.1);
        } else {
            out.end(Op::Stop { why: Stop::Syscall, code: 0 }, &[pc + 4]);
        }
        Ok(())
    }

    fn disasm(&self, _code: &dyn CodeView, _pc: u64) -> Result<Disasm, LiftError> {
        Ok(Disasm { len: 4, text: "single".into() })
    }

    fn fp_rules(&self) -> FpRules {
        FpRules { nan: NanRule::Default, default_nan_negative: false, to_int: IntRule::SaturateNanZero }
    }
}

/// Writes down what it is told.
#[derive(Default)]
struct Told(Vec<(Derive, u8, u8)>);

impl Shadow for Told {
    type Tag = u8;
    type Word = u8;
    const ACTIVE: bool = true;

    fn constant(&mut self, _value: u64) -> u8 {
        0
    }

    fn derive(&mut self, how: Derive, a: u8, b: u8, _result: u64) -> u8 {
        self.0.push((how, a, b));
        MADE
    }

    fn load(&mut self, _: u64, _: Access, words: &[u8], _: usize, _: u64) -> u8 {
        words[0]
    }

    fn store(&mut self, _: u64, _: Access, words: &mut [u8], _: usize, tag: u8, _: u64) {
        words.fill(tag);
    }

    fn begin_insn(&mut self, _pc: u64, _step: u64) {}
}

/// What the shadow was told, the tag of the result, and of the word in memory.
fn told(op: Op) -> (Vec<(Derive, u8, u8)>, u8, u8) {
    let named = ["a", "b", "c", "dst"].iter().zip(2..);
    let info = |(name, slot): (&&str, u8)| RegInfo {
        name: (*name).into(),
        reg: Reg(slot),
        words: 1,
        class: RegClass::Int,
    };
    let isa = Single(RegFile::new(named.map(|(name, slot)| info((name, slot))).collect(), 100..110), op);
    let mut mem: Memory<Told> = Memory::new(8, 1 << 24);
    mem.map(CODE, 0x1000, Perms::CODE);
    mem.map(DATA - 0x1000, 0x2000, Perms::DATA);
    for at in [DATA, DATA + 8] {
        mem.store(at, Access::little(3), 1).unwrap();
    }
    mem.scatter_words(DATA, &[STORED; 2]);
    let (mut cpu, mut shadow): (Cpu<Told>, Told) = (Cpu::at(CODE), Told::default());
    for reg in [A, B, C] {
        cpu.set(reg, DATA, reg.0);
    }
    run(&mut cpu, &mut mem, &mut CodeCache::new(), &isa, &mut shadow, &mut NoObserver, Limits::NONE);
    (shadow.0, cpu.tag(DST), mem.word(DATA))
}

/// The result is derived in this way from these.
#[track_caller]
fn derives(op: Op, how: Derive, a: u8, b: u8) {
    let (told, tag, _) = told(op);
    assert_eq!((&told[..], tag), (&[(how, a, b)][..], MADE), "{op:?}");
}

/// Nothing is derived, and the result has this tag.
#[track_caller]
fn leaves(op: Op, tag: u8) {
    let (told, found, _) = told(op);
    assert_eq!((&told[..], found), (&[][..], tag), "{op:?}");
}

#[test]
fn arithmetic_keeps_what_it_offsets() {
    let (width, dst, a, b) = (W, DST, A, B);
    derives(Op::Add { width, dst, a, b }, Add, 2, 3);
    derives(Op::AddImm { width, dst, a, imm: 8 }, Add, 2, 0);
    let mem = Mem { base: A, index: B, scale: Scale::shift(0), disp: 8 };
    derives(Op::Lea { width, dst, mem }, Add, 2, 3);
    derives(Op::MulAdd { width, dst, a, b, c: C, subtract: false }, Add, 4, 0);
    derives(Op::Sub { width, dst, a, b }, Sub, 2, 3);
    derives(Op::SubShifted { width, dst, a, b, shift: Shift::Left, amount: 1 }, Sub, 2, 3);
}

#[test]
fn logic_keeps_what_it_masks_and_merges() {
    let (width, dst, a, b) = (W, DST, A, B);
    derives(Op::And { width, dst, a, b }, And, 2, 3);
    derives(Op::AndNot { width, dst, a, b }, And, 2, 3);
    derives(Op::AndImm { width, dst, a, imm: 8 }, And, 2, 0);
    derives(Op::Or { width, dst, a, b }, Or, 2, 3);
    derives(Op::Xor { width, dst, a, b }, Or, 2, 3);
    derives(Op::OrImm { width, dst, a, imm: 8 }, Or, 2, 0);
    derives(Op::XorImm { width, dst, a, imm: 8 }, Or, 2, 0);
}

#[test]
fn fields_are_parts() {
    let (width, dst, a, b) = (W, DST, A, B);
    derives(Op::Extract { width, dst, src: A, lsb: 8, len: 8, signed: false }, Part, 2, 0);
    derives(Op::Deposit { dst, base: A, src: B, lsb: 8, len: 8 }, Part, 2, 3);
    derives(Op::ShiftImm { op: Shift::Left, width, dst, a, amount: 8 }, Part, 2, 0);
    derives(Op::Shift { op: Shift::Left, width, dst, a, b }, Part, 2, 0);
    derives(Op::ShiftFar { op: Shift::Left, width, dst, a, b, count_bits: 7 }, Part, 2, 0);
    derives(Op::Unary { op: Unary::SwapBytes, width, dst, src: A }, Part, 2, 0);
}

#[test]
fn everything_else_drops() {
    let (width, dst, a, b) = (W, DST, A, B);
    derives(Op::Mul { width, dst, a, b }, Other, 2, 3);
    derives(Op::MulHigh { kind: MulHigh::Unsigned, width, dst, a, b }, Other, 2, 3);
    derives(Op::Logic { op: Logic::Nor, width, dst, a, b }, Other, 2, 3);
    derives(Op::Unary { op: Unary::LeadingZeros, width, dst, src: A }, Other, 2, 0);
}

#[test]
fn copies_and_choices_keep() {
    let dst = DST;
    leaves(Op::Copy { dst, src: A }, 2);
    leaves(Op::Const { dst, value: 8 }, 0);
    // What is chosen is kept, and nothing is known of the other.
    leaves(Op::Select { dst, test: C, a: A, b: B }, 2);
    leaves(Op::SelectCond { cond: Cond::Eq, dst, a: A, b: B }, 3);
}

#[test]
fn comparisons_make_numbers() {
    let (width, dst, a, b) = (W, DST, A, B);
    leaves(Op::SetCmp { pred: Pred::Eq, width, dst, a, b }, 0);
    leaves(Op::SetCmpImm { pred: Pred::Eq, width, dst, a, imm: 8 }, 0);
    leaves(Op::Compare3 { width, signed: false, dst, a, b, less: 1, equal: 2, greater: 3 }, 0);
}

#[test]
fn operations_that_set_flags_derive_like_those_that_do_not() {
    let (width, dst, a, b) = (W, DST, A, B);
    derives(Op::AddF { width, dst, a, b }, Add, 2, 3);
    derives(Op::AddFImm { width, dst, a, imm: 8 }, Add, 2, 0);
    derives(Op::SubF { width, borrow: true, dst, a, b }, Sub, 2, 3);
    // A constant less is a constant more.
    derives(Op::SubFImm { width, borrow: true, dst, a, imm: 8 }, Add, 2, 0);
    derives(Op::AluF { op: FlagOp::And, width, dst, a, b }, And, 2, 3);
    derives(Op::AluF { op: FlagOp::Xor, width, dst, a, b }, Or, 2, 3);
    derives(Op::AluFImm { op: FlagOp::Or, width, dst, a, imm: 8 }, Or, 2, 0);
}

#[test]
fn memory_keeps_tags_both_ways() {
    let acc = Access::little(3);
    leaves(Op::Load { acc, dst: DST, mem: Mem::at(A, 0) }, STORED);
    leaves(Op::LoadLinked { acc, dst: DST, base: A }, STORED);
    let update = Writeback::None;
    leaves(Op::LoadUpdate { acc, dst: DST, base: A, disp: 8, update, wrap: false }, STORED);
    let stored = |op| told(op).2;
    assert_eq!(stored(Op::Store { acc, src: B, mem: Mem::at(A, 0) }), 3);
    assert_eq!(stored(Op::StoreImm { acc, mem: Mem::at(A, 0), imm: 7 }), 0);
    assert_eq!(stored(Op::AtomicRmw { op: Rmw::Swap, acc, dst: DST, base: A, src: B }), 3);
    let atomic = Op::AtomicRmw { op: Rmw::Add, acc, dst: DST, base: A, src: B };
    assert_eq!(told(atomic), (vec![(Other, STORED, 3)], STORED, MADE));
}

#[test]
fn what_may_trap_derives_like_what_does_not() {
    let (width, dst, a, b) = (W, DST, A, B);
    derives(Op::AddTrap { width, dst, a, b }, Add, 2, 3);
    derives(Op::SubTrap { width, dst, a, b }, Sub, 2, 3);
    derives(Op::AddImmTrap { width, dst, a, imm: 8 }, Add, 2, 0);
    let rule = DivideRule::Zero;
    derives(Op::Divide { op: Divide::QuotientU, rule, width, dst, a, b }, Other, 2, 3);
}

#[test]
fn flags_are_numbers() {
    leaves(Op::GetFlags { dst: DST }, 0);
    leaves(Op::SetCond { cond: Cond::Eq, dst: DST }, 0);
}

#[test]
fn every_kind_of_store_keeps_the_tag() {
    let acc = Access::little(3);
    let (update, wrap) = (Writeback::None, false);
    let stored = |op| told(op).2;
    assert_eq!(stored(Op::StoreUpdate { acc, src: B, base: A, disp: 0, update, wrap }), 3);
    assert_eq!(stored(Op::StorePair { acc, src: B, src2: C, base: A, disp: 0, update }), 3);
    assert_eq!(stored(Op::StorePair { acc, src: B, src2: C, base: A, disp: -8, update }), 4);
    assert_eq!(stored(Op::VecStore { acc, words: 1, src: C, mem: Mem::at(A, 0) }), 4);
    // It writes below its base, and leaves what it points at.
    assert_eq!(stored(Op::PushConst { acc, base: A, value: 7, wrap }), STORED);
    leaves(Op::LoadPair { acc, dst: DST, dst2: C, base: A, disp: 0, update }, STORED);
    leaves(Op::VecLoad { acc, words: 1, dst: DST, mem: Mem::at(A, 0) }, STORED);
}

#[test]
fn an_exchange_gives_what_was_there_and_leaves_what_is_new() {
    let acc = Access::little(3);
    // What memory holds is not what register C does: nothing is exchanged.
    let swap = |expected| Op::CompareSwap { acc, dst: DST, base: A, expected, new: B };
    assert_eq!(told(swap(C)), (vec![], STORED, STORED));
    // Nothing was linked before: it fails, and says so by a number.
    let fails = Op::StoreConditional { acc, status: DST, base: A, src: B };
    assert_eq!(told(fails), (vec![], 0, STORED));
}

#[test]
fn whole_words_of_vectors_keep_and_lanes_drop() {
    let (dst, words) = (DST, 1);
    leaves(Op::VecCopy { words, dst, src: B }, 3);
    leaves(Op::VecSplat { lane: Lane::B64, words, dst, src: B }, 3);
    leaves(Op::VecSplat { lane: Lane::B32, words, dst, src: B }, 0);
    leaves(Op::VecZero { words, dst }, 0);
    leaves(Op::VecAlu { op: VecAlu::Add, lane: Lane::B64, words, dst, a: A, b: B }, 0);
    leaves(Op::VecShift { op: VecShift::Left, lane: Lane::B64, words, dst, a: A, amount: 8 }, 0);
    leaves(Op::VecTopBits { lane: Lane::B8, words, dst, src: A }, 0);
    // Of two words the second is a whole word of the second operand: DST is behind C.
    let interleave = |op| Op::VecAlu { op, lane: Lane::B64, words: 2, dst: C, a: A, b: B };
    leaves(interleave(VecAlu::InterleaveLow), 3);
    leaves(interleave(VecAlu::InterleaveHigh), 4);
}

#[test]
fn floating_point_makes_numbers() {
    let (dst, a, b, format, round) = (DST, A, B, FpFormat::F64, FpRound::NearestEven);
    let (width, signed, src) = (W, true, A);
    leaves(Op::FpAlu { op: FpAlu::Add, format, round, dst, a, b }, 0);
    leaves(Op::FpUnary { op: FpUnary::Neg, format, round, dst, src }, 0);
    leaves(Op::FpMulAdd { format, round, dst, a, b, c: C, negate_product: false, negate_c: false }, 0);
    leaves(Op::FpCompare { format, dst, a, b, less: 1, equal: 2, greater: 3, unordered: 4 }, 0);
    leaves(Op::FpToInt { format, round, width, signed, dst, src }, 0);
    leaves(Op::IntToFp { format, round, width, signed, dst, src }, 0);
    leaves(Op::FpConvert { from: FpFormat::F64, to: FpFormat::F32, round, dst, src }, 0);
}

/// Micro-ops that write neither a register of the guest nor memory, but for the last three: helpers declare what they do, and
/// windows of registers are set aside and put back as a whole.
const NOT_HERE: [&str; 16] = [
    "CondAluF",
    "SetFlags",
    "Fence",
    "SkipIfZero",
    "SkipIfNonZero",
    "SkipUnless",
    "Goto",
    "GotoReg",
    "BranchCmp",
    "BranchCmpImm",
    "BranchCond",
    "BranchBit",
    "Switch",
    "Helper",
    "WindowPush",
    "WindowPop",
];

#[test]
fn no_micro_op_is_left_out() {
    let ops = include_str!("../../uop/src/op.rs");
    let body = ops.split_once("pub enum Op {").expect("the list of micro-ops").1;
    let body = body.split_once("\n}\n").expect("the end of the list").0;
    let is_name = |line: &&str| {
        line.starts_with("    ") && line[4..].starts_with(|first: char| first.is_ascii_uppercase())
    };
    let names: Vec<&str> = body
        .lines()
        .filter(is_name)
        .map(|line| {
            line.trim().split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default()
        })
        .collect();
    assert!(names.len() > 80, "{} micro-ops: {names:?}", names.len());
    let here = include_str!("derivations.rs");
    let missing = names.iter().filter(|name| !here.contains(&format!("Op::{name} {{")));
    let missing: Vec<&str> = missing.copied().filter(|name| !NOT_HERE.contains(name)).collect();
    assert!(missing.is_empty(), "not tried: {missing:?}");
    assert!(NOT_HERE.iter().all(|name| names.contains(name)));
}
