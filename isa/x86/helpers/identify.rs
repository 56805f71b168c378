//! CPUID.
//!
//! What it says: an x86 processor of no known maker with the features that are on, so that Go's run-time checks choose
//! the code that the features allow. Bits: Intel SDM volume 2A, CPUID.

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperDecl, HelperMemory, HelperOperand, HelperProvenance, HelperTrap};

use crate::x86::features::FeatureSet;
use crate::x86::regs::{RAX, RBX, RCX, RDX};

/// See [`super::HelperId::Cpuid`].
pub const CPUID: HelperDecl = HelperDecl {
    name: "cpuid",
    reads: &[HelperOperand::Fixed(RAX, 1), HelperOperand::Fixed(RCX, 1)],
    writes: &[
        HelperOperand::Fixed(RAX, 1),
        HelperOperand::Fixed(RBX, 1),
        HelperOperand::Fixed(RCX, 1),
        HelperOperand::Fixed(RDX, 1),
    ],
    memory: HelperMemory::None,
    provenance: HelperProvenance::Drops,
    body: cpuid,
};

/// Highest basic leaf and highest extended leaf that are answered.
const BASIC_LEAVES: u32 = 7;
const EXTENDED_LEAVES: u32 = 0x8000_0001;

/// The vendor, four letters a word: "rcsimrcsimrc", known to nobody, so that no vendor's quirks are assumed.
const VENDOR: [u32; 3] =
    [u32::from_le_bytes(*b"rcsi"), u32::from_le_bytes(*b"mrcs"), u32::from_le_bytes(*b"imrc")];

/// Features in ecx of leaf 1.
const LEAF_1_ECX: &[(&str, u32)] = &[
    ("sse3", 0),
    ("pclmulqdq", 1),
    ("ssse3", 9),
    ("fma", 12),
    ("sse41", 19),
    ("sse42", 20),
    ("movbe", 22),
    ("popcnt", 23),
    ("aes", 25),
    ("avx", 26),
    ("avx", 27), // OSXSAVE: the system saves the state
    ("avx", 28),
];
/// Features in ebx of leaf 7.
const LEAF_7_EBX: &[(&str, u32)] = &[("bmi1", 3), ("avx2", 5), ("bmi2", 8), ("erms", 9), ("adx", 19), ("sha", 29)];
/// What every guest has in edx of leaf 1: TSC, CX8, CMOV, FXSR, SSE, SSE2.
const LEAF_1_EDX: u32 = 1 << 4 | 1 << 8 | 1 << 15 | 1 << 24 | 1 << 25 | 1 << 26;

/// The four result registers of a leaf: eax, ebx, ecx, edx.
fn leaf(number: u32, features: FeatureSet) -> [u32; 4] {
    let bits = |table: &[(&str, u32)]| {
        table.iter().filter(|(name, _)| features.has(name)).fold(0, |word, (_, bit)| word | 1 << bit)
    };
    match number {
        0 => [BASIC_LEAVES, VENDOR[0], VENDOR[2], VENDOR[1]],
        1 => [0x0006_00f0, 0, bits(LEAF_1_ECX), LEAF_1_EDX],
        7 => [0, bits(LEAF_7_EBX), 0, 0],
        0x8000_0000 => [EXTENDED_LEAVES, 0, 0, 0],
        0x8000_0001 => [0, 0, bits(&[("lzcnt", 5)]), bits(&[("rdtscp", 27)]) | 1 << 11 | 1 << 29],
        _ => [0; 4],
    }
}

fn cpuid(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let number = guest.reg(RAX) as u32;
    let subleaf = guest.reg(RCX) as u32;
    let words = if number == 7 && subleaf != 0 { [0; 4] } else { leaf(number, FeatureSet::from_bits(args.imm)) };
    for (reg, word) in [RAX, RBX, RCX, RDX].into_iter().zip(words) {
        guest.set_reg(reg, u64::from(word));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x86::features::FEATURES;

    #[test]
    fn the_baseline_reports_sse2_and_nothing_later() {
        let [_, _, ecx, edx] = leaf(1, FeatureSet::default());
        assert_eq!((ecx, edx >> 26 & 1), (0, 1));
        assert_eq!(leaf(7, FeatureSet::default()), [0; 4]);
    }

    #[test]
    fn every_feature_shows_in_some_leaf() {
        let nothing = |number| leaf(number, FeatureSet::default());
        for feature in FEATURES {
            let set = FeatureSet::of(&[feature.name]).expect("it is in the table");
            assert!([1, 7, 0x8000_0001].iter().any(|number| leaf(*number, set) != nothing(*number)), "{}", feature.name);
        }
    }
}
