//! CPU features that can be switched, and what the identification registers say about them.

use rcsim_uop::port::{Feature, SetupError};

/// Which features the guest's CPU has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// Large System Extensions: single-instruction atomics (Armv8.1).
    pub atomics: bool,
    /// AES instructions.
    pub aes: bool,
    /// Carry-less multiplication of 64-bit polynomials.
    pub pmull: bool,
    /// SHA-1 instructions.
    pub sha1: bool,
    /// SHA-256 instructions.
    pub sha2: bool,
    /// SHA-512 instructions.
    pub sha512: bool,
    /// SHA-3 instructions.
    pub sha3: bool,
    /// CRC-32 instructions.
    pub crc32: bool,
    /// The bit of the processor state that asks for timing independent of data.
    pub dit: bool,
}

/// The switchable features, named as Go's `internal/cpu` names its fields.
pub const LIST: &[Feature] = &[
    Feature { name: "atomics", baseline: false, summary: "single-instruction atomics (Armv8.1 LSE)" },
    Feature { name: "aes", baseline: false, summary: "AES rounds (FEAT_AES)" },
    Feature { name: "dit", baseline: false, summary: "data-independent timing (FEAT_DIT)" },
    Feature { name: "pmull", baseline: false, summary: "carry-less 64-bit products (FEAT_PMULL)" },
    Feature { name: "sha1", baseline: false, summary: "SHA-1 rounds (FEAT_SHA1)" },
    Feature { name: "sha2", baseline: false, summary: "SHA-256 rounds (FEAT_SHA256)" },
    Feature { name: "sha512", baseline: false, summary: "SHA-512 rounds (FEAT_SHA512)" },
    Feature { name: "sha3", baseline: false, summary: "SHA-3 steps (FEAT_SHA3)" },
    Feature { name: "crc32", baseline: false, summary: "CRC-32 steps (FEAT_CRC32)" },
];

impl Features {
    /// The baseline and the named features.
    ///
    /// # Errors
    /// When a name is unknown.
    pub fn with(names: &[&str]) -> Result<Self, SetupError> {
        let mut features = Self::default();
        for name in names {
            match *name {
                "atomics" => features.atomics = true,
                "aes" => features.aes = true,
                "dit" => features.dit = true,
                "pmull" => features.pmull = true,
                "sha1" => features.sha1 = true,
                "sha2" => features.sha2 = true,
                "sha512" => features.sha512 = true,
                "sha3" => features.sha3 = true,
                "crc32" => features.crc32 = true,
                unknown => return Err(SetupError::UnknownFeature(unknown.to_owned())),
            }
        }
        Ok(features)
    }

    /// `ID_AA64ISAR0_EL1`: AES in bits 4-7 (2 with PMULL), SHA1 8-11, SHA2 12-15 (2 with SHA-512), CRC32 16-19, atomics
    /// 20-23, SHA3 32-35 (Arm ARM D19.2.61).
    #[must_use]
    pub const fn isar0(self) -> u64 {
        (self.aes as u64) << 4
            | (self.pmull as u64) << 5
            | (self.sha1 as u64) << 8
            | (self.sha2 as u64) << 12
            | (self.sha512 as u64) << 13
            | (self.sha3 as u64) << 32
            | (self.crc32 as u64) << 16
            | (self.atomics as u64) << 21
    }
}

impl Features {
    /// `ID_AA64PFR0_EL1`: EL0 and EL1 in AArch64, floating point and vectors without half precision; DIT in bits 48-51.
    #[must_use]
    pub const fn pfr0(self) -> u64 {
        0x11 | (self.dit as u64) << 48
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_feature_can_be_switched_on_and_shows_in_an_identification_register() {
        for feature in LIST {
            let on = Features::with(&[feature.name]).expect("a listed feature exists");
            let off = Features::default();
            assert_ne!((on.isar0(), on.pfr0()), (off.isar0(), off.pfr0()), "{}", feature.name);
        }
    }

    #[test]
    fn an_unknown_feature_is_named_in_the_error() {
        assert_eq!(Features::with(&["sse9"]), Err(SetupError::UnknownFeature("sse9".into())));
    }
}
