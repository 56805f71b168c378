//! CPU features that can be switched, and what the identification registers say about them.

use rcsim_uop::port::{Feature, SetupError};

/// Which features the guest's CPU has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// Large System Extensions: single-instruction atomics (Armv8.1).
    pub atomics: bool,
    /// AES instructions.
    pub aes: bool,
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
                "crc32" => features.crc32 = true,
                unknown => return Err(SetupError::UnknownFeature(unknown.to_owned())),
            }
        }
        Ok(features)
    }

    /// `ID_AA64ISAR0_EL1`: AES in bits 4-7, CRC32 16-19, atomics 20-23 (Arm ARM D19.2.61).
    #[must_use]
    pub const fn isar0(self) -> u64 {
        (self.aes as u64) << 4
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
