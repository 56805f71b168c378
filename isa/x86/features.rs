//! The CPU features that can be switched, and what each turns on.
//!
//! The baseline is what GOAMD64=v1 promises: SSE2 and nothing more, so that Go's own run-time checks take the portable
//! paths. An instruction of a feature that is off is refused with the feature's name; CPUID reports what is on.

use iced_x86::{CpuidFeature, Instruction};
use rcsim_uop::port::{Feature, SetupError};

const fn optional(name: &'static str, summary: &'static str) -> Feature {
    Feature { name, baseline: false, summary }
}

/// The features in the order of their bits in [`FeatureSet`].
pub const FEATURES: &[Feature] = &[
    optional("sse3", "SSE3"),
    optional("ssse3", "SSSE3: byte shuffles"),
    optional("sse41", "SSE4.1: rounding, inserts and extracts"),
    optional("sse42", "SSE4.2: CRC32"),
    optional("popcnt", "POPCNT"),
    optional("aes", "AES rounds"),
    optional("pclmulqdq", "carry-less multiplication"),
    optional("avx", "AVX: 256-bit moves and floating point, three operands"),
    optional("avx2", "AVX2: 256-bit integers"),
    optional("fma", "fused multiply and add"),
    optional("bmi1", "BMI1: ANDN, BLSR, TZCNT"),
    optional("bmi2", "BMI2: shifts without flags, MULX, RORX"),
    optional("adx", "ADX: ADCX, ADOX"),
    optional("lzcnt", "LZCNT"),
    optional("movbe", "MOVBE"),
    optional("sha", "SHA-1 and SHA-256 rounds"),
    optional("erms", "fast REP MOVSB: only a hint to choose it"),
    optional("rdtscp", "RDTSCP"),
];

/// A set of features as bits, in the order of [`FEATURES`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeatureSet(u32);

impl FeatureSet {
    /// The set of the given names.
    ///
    /// # Errors
    /// When a name is unknown.
    pub fn of(names: &[&str]) -> Result<Self, SetupError> {
        names.iter().try_fold(Self::default(), |set, name| {
            let bit = bit_of(name).ok_or_else(|| SetupError::UnknownFeature((*name).into()))?;
            Ok(Self(set.0 | 1 << bit))
        })
    }

    /// Whether the feature called `name` is in the set.
    pub fn has(self, name: &str) -> bool {
        bit_of(name).is_some_and(|bit| self.0 & 1 << bit != 0)
    }

    /// The bits, for the helper of CPUID.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The set with these bits.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The feature that the instruction needs and the set lacks; for features that rcsim does not know, their name too.
    pub fn missing_for(self, insn: &Instruction) -> Option<&'static str> {
        insn.cpuid_features().iter().find_map(|feature| match need_of(*feature) {
            Need::Always => None,
            Need::Switch(name) => (!self.has(name)).then_some(name),
            Need::Unmodelled(name) => Some(name),
        })
    }
}

fn bit_of(name: &str) -> Option<usize> {
    FEATURES.iter().position(|feature| feature.name == name)
}

/// What an architectural feature asks of us.
enum Need {
    /// Part of the baseline, or harmless everywhere.
    Always,
    /// One of [`FEATURES`].
    Switch(&'static str),
    /// Not modelled.
    Unmodelled(&'static str),
}

fn need_of(feature: CpuidFeature) -> Need {
    match feature {
        CpuidFeature::INTEL8086
        | CpuidFeature::INTEL186
        | CpuidFeature::INTEL286
        | CpuidFeature::INTEL386
        | CpuidFeature::INTEL486
        | CpuidFeature::FPU
        | CpuidFeature::FPU287
        | CpuidFeature::FPU387
        | CpuidFeature::MMX
        | CpuidFeature::X64
        | CpuidFeature::CMOV
        | CpuidFeature::CPUID
        | CpuidFeature::CX8
        | CpuidFeature::FXSR
        | CpuidFeature::MULTIBYTENOP
        | CpuidFeature::PAUSE
        | CpuidFeature::PREFETCHW
        | CpuidFeature::CET_IBT
        | CpuidFeature::SSE
        | CpuidFeature::SSE2
        | CpuidFeature::SYSCALL
        | CpuidFeature::TSC
        | CpuidFeature::XSAVE => Need::Always,
        CpuidFeature::SSE3 => Need::Switch("sse3"),
        CpuidFeature::SSSE3 => Need::Switch("ssse3"),
        CpuidFeature::SSE4_1 => Need::Switch("sse41"),
        CpuidFeature::SSE4_2 => Need::Switch("sse42"),
        CpuidFeature::POPCNT => Need::Switch("popcnt"),
        CpuidFeature::AES => Need::Switch("aes"),
        CpuidFeature::PCLMULQDQ => Need::Switch("pclmulqdq"),
        CpuidFeature::AVX => Need::Switch("avx"),
        CpuidFeature::AVX2 => Need::Switch("avx2"),
        CpuidFeature::FMA => Need::Switch("fma"),
        CpuidFeature::BMI1 => Need::Switch("bmi1"),
        CpuidFeature::BMI2 => Need::Switch("bmi2"),
        CpuidFeature::ADX => Need::Switch("adx"),
        CpuidFeature::LZCNT => Need::Switch("lzcnt"),
        CpuidFeature::MOVBE => Need::Switch("movbe"),
        CpuidFeature::RDTSCP => Need::Switch("rdtscp"),
        CpuidFeature::AVX512F
        | CpuidFeature::AVX512VL
        | CpuidFeature::AVX512BW
        | CpuidFeature::AVX512DQ
        | CpuidFeature::AVX512_VBMI
        | CpuidFeature::AVX512_VBMI2
        | CpuidFeature::AVX512_BITALG
        | CpuidFeature::AVX512_VPOPCNTDQ => Need::Unmodelled("avx512"),
        CpuidFeature::GFNI => Need::Unmodelled("gfni"),
        CpuidFeature::VAES => Need::Unmodelled("vaes"),
        CpuidFeature::VPCLMULQDQ => Need::Unmodelled("vpclmulqdq"),
        CpuidFeature::SHA => Need::Switch("sha"),
        _ => Need::Unmodelled("another"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_baseline_has_nothing_optional() {
        assert!(FEATURES.iter().all(|feature| !feature.baseline));
        assert!(!FeatureSet::default().has("avx"));
    }

    #[test]
    fn a_named_feature_is_in_its_set_and_no_other() {
        let set = FeatureSet::of(&["avx", "popcnt"]).expect("both exist");
        let on: Vec<&str> = FEATURES.iter().map(|f| f.name).filter(|name| set.has(name)).collect();
        assert_eq!(on, ["popcnt", "avx"]);
    }

    #[test]
    fn an_unknown_name_is_refused() {
        assert_eq!(FeatureSet::of(&["mmx2"]), Err(SetupError::UnknownFeature("mmx2".into())));
    }
}
