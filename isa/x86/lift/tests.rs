//! What the lift makes of single instructions; what they compute is compared with a processor elsewhere.

use rcsim_uop::display::op_text;
use rcsim_uop::op::Op;
use rcsim_uop::{Block, CodeView, Isa, LiftError, build_block};

use crate::x86::features::FeatureSet;
use crate::x86::isa::X86;

const START: u64 = 0x40_0000;

struct Code(Vec<u8>);

impl CodeView for Code {
    fn fetch(&self, pc: u64, out: &mut [u8]) -> usize {
        let from = self.0.get((pc - START) as usize..).unwrap_or_default();
        let count = from.len().min(out.len());
        out[..count].copy_from_slice(&from[..count]);
        count
    }

    fn hook(&self, _pc: u64) -> Option<u32> {
        None
    }
}

fn isa(features: &[&str]) -> X86 {
    X86::new(64, FeatureSet::of(features).expect("the features exist"))
}

fn block(bytes: &[u8]) -> Block {
    build_block(&isa(&[]), &Code(bytes.to_vec()), START, 64).expect("it lifts")
}

/// The micro-ops of the code, without the jump that ends a block for want of more code.
fn lifted(bytes: &[u8]) -> Vec<String> {
    let block = block(bytes);
    let ops = block.ops.iter().filter(|op| !matches!(op, Op::Goto { .. }));
    ops.map(|op| op_text(op, &isa(&[]))).collect()
}

fn refusal(bytes: &[u8]) -> LiftError {
    build_block(&isa(&[]), &Code(bytes.to_vec()), START, 64).expect_err("it is refused")
}

#[test]
fn a_register_xored_with_itself_depends_on_nothing() {
    // xor eax, eax; the flags of the following xor hide those of the first
    assert_eq!(
        lifted(&[0x31, 0xc0, 0x31, 0xdb])[0],
        "Xor { width: W32, dst: rax, a: zero, b: zero }"
    );
}

#[test]
fn a_comparison_whose_flags_are_overwritten_vanishes() {
    // cmp rax, rcx; cmp rax, rdx
    assert_eq!(lifted(&[0x48, 0x39, 0xc8, 0x48, 0x39, 0xd0]).len(), 1);
}

#[test]
fn a_shift_whose_flags_are_overwritten_is_a_plain_shift() {
    // shl rax, 3; add rax, rcx
    assert_eq!(
        lifted(&[0x48, 0xc1, 0xe0, 3, 0x48, 0x01, 0xc8])[0],
        "ShiftImm { op: Left, width: W64, dst: rax, a: rax, amount: 3 }"
    );
}

#[test]
fn a_no_op_has_no_micro_op_and_still_counts() {
    let block = block(&[0x90, 0x0f, 0x1f, 0x00]);
    assert_eq!((block.insns.len(), block.ops.len()), (2, 1));
}

#[test]
fn a_repeated_move_does_one_element_and_goes_back_to_itself() {
    // rep movsb
    let block = block(&[0xf3, 0xa4]);
    assert_eq!(*block.exits, [START + 2, START]);
}

#[test]
fn a_byte_register_keeps_the_rest_of_its_register() {
    // mov ah, cl
    assert_eq!(lifted(&[0x88, 0xcc])[1], "Deposit { dst: rax, base: rax, src: t0, lsb: 8, len: 8 }");
}

#[test]
fn a_thread_local_word_is_loaded_in_one_micro_op() {
    // mov r14, fs:[-8]
    let ops = lifted(&[0x64, 0x4c, 0x8b, 0x34, 0x25, 0xf8, 0xff, 0xff, 0xff]);
    assert_eq!(ops.len(), 1);
    assert!(ops[0].contains("base: fs_base") && ops[0].contains("disp: -8"), "{}", ops[0]);
}

#[test]
fn an_instruction_of_a_feature_that_is_off_is_refused_by_its_name() {
    // vpxor xmm0, xmm0, xmm0
    let LiftError::Unsupported { feature, .. } = refusal(&[0xc5, 0xf9, 0xef, 0xc0]) else {
        panic!("it is a known instruction")
    };
    assert_eq!(feature, Some("avx"));
}

#[test]
fn an_instruction_that_is_not_modelled_is_refused_with_its_text() {
    // fsin
    let error = refusal(&[0xd9, 0xfe]);
    assert_eq!(error.to_string(), "unsupported instruction at 0x400000: fsin (d9 fe)");
}

#[test]
fn bytes_that_are_no_instruction_are_undefined() {
    assert!(matches!(refusal(&[0x06; 16]), LiftError::Undefined { .. }));
}

#[test]
fn an_instruction_that_runs_off_the_code_faults_where_the_code_ends() {
    assert_eq!(refusal(&[0x48, 0x8b]), LiftError::Fetch { pc: START + 2 });
}

#[test]
fn no_bytes_make_the_lift_panic() {
    // SplitMix64; the seed is part of the test.
    let mut state = 0x6a09_e667_f3bc_c908_u64;
    let all = isa(&["avx", "avx2", "fma", "bmi1", "bmi2", "sse41", "sse42", "aes", "sha", "ssse3", "adx"]);
    for _ in 0..200_000 {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        // Half of them from the second opcode map.
        let mixed = if mixed & 0x8000 != 0 { mixed & !0xff | 0x0f } else { mixed };
        let bytes = [mixed.to_le_bytes(), (mixed ^ (mixed >> 27)).to_le_bytes()].concat();
        for isa in [&all, &X86::new(32, FeatureSet::default())] {
            if let Err(LiftError::Malformed { rule, .. }) =
                build_block(isa, &Code(bytes.clone()), START, 4)
            {
                panic!("{bytes:02x?}: {rule}");
            }
        }
    }
}

#[test]
fn the_isa_names_its_helpers() {
    let isa = isa(&[]);
    assert!(isa.helpers().iter().all(|helper| !helper.name.is_empty()));
}
