//! CPU features that can be switched.

use rcsim_uop::port::{Feature, SetupError};

/// Which features the guest's CPU has beyond the first LoongArch64 processors without vectors, the port's baseline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// Cyclic redundancy checks (CRC).
    pub crc32: bool,
    /// Atomic compare-and-swap (LAMCAS).
    pub lamcas: bool,
    /// Atomics on bytes and halfwords (`LAM_BH`).
    pub lam_bh: bool,
}

/// The extension that an instruction belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extension {
    /// LoongArch64 with floating point and word atomics.
    Base,
    /// CRC.
    Crc32,
    /// LAMCAS.
    Lamcas,
    /// `LAM_BH`.
    LamBh,
    /// Approximate reciprocals: recognised, not modelled.
    Frecipe,
    /// 128-bit vectors: recognised, not modelled.
    Lsx,
    /// 256-bit vectors: recognised, not modelled.
    Lasx,
}

/// The switchable features. Go uses vectors only where the kernel says that they are there, and this one never does.
pub const LIST: &[Feature] = &[
    Feature { name: "crc32", baseline: false, summary: "cyclic redundancy checks" },
    Feature { name: "lamcas", baseline: false, summary: "atomic compare-and-swap" },
    Feature { name: "lam_bh", baseline: false, summary: "atomics on bytes and halfwords" },
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
                "crc32" => features.crc32 = true,
                "lamcas" => features.lamcas = true,
                "lam_bh" => features.lam_bh = true,
                unknown => return Err(SetupError::UnknownFeature(unknown.to_owned())),
            }
        }
        Ok(features)
    }

    /// The feature that is off, or not modelled, and that an instruction of `extension` needs.
    #[must_use]
    pub const fn missing(self, extension: Extension) -> Option<&'static str> {
        let (has, name) = match extension {
            Extension::Base => return None,
            Extension::Crc32 => (self.crc32, "crc32"),
            Extension::Lamcas => (self.lamcas, "lamcas"),
            Extension::LamBh => (self.lam_bh, "lam_bh"),
            Extension::Frecipe => (false, "frecipe"),
            Extension::Lsx => (false, "lsx"),
            Extension::Lasx => (false, "lasx"),
        };
        if has { None } else { Some(name) }
    }

    /// Words 1 and 2 of the configuration that CPUCFG reports (volume 1, 2.2.10.5); all other words are zero.
    #[must_use]
    pub const fn configuration(self) -> [u32; 2] {
        const LA64: u32 = 2;
        const UNALIGNED: u32 = 1 << 20;
        const CRC: u32 = 1 << 25;
        const FLOATING_POINT: u32 = 0b111;
        const ATOMICS: u32 = 1 << 22;
        const LAM_BH: u32 = 1 << 27;
        const LAMCAS: u32 = 1 << 28;
        let first = LA64 | UNALIGNED | if self.crc32 { CRC } else { 0 };
        let narrow = if self.lam_bh { LAM_BH } else { 0 };
        let swap = if self.lamcas { LAMCAS } else { 0 };
        [first, FLOATING_POINT | ATOMICS | narrow | swap]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_feature_can_be_switched_on() {
        let all: Vec<&str> = LIST.iter().map(|feature| feature.name).collect();
        let features = Features::with(&all).expect("listed features exist");
        for extension in [Extension::Crc32, Extension::Lamcas, Extension::LamBh] {
            assert_eq!(features.missing(extension), None);
            let name = Features::default().missing(extension).expect("the baseline has none");
            assert!(all.contains(&name));
        }
        assert_ne!(features.configuration(), Features::default().configuration());
    }

    #[test]
    fn vectors_are_named_and_never_there() {
        let all: Vec<&str> = LIST.iter().map(|feature| feature.name).collect();
        let features = Features::with(&all).expect("listed features exist");
        assert_eq!(features.missing(Extension::Lsx), Some("lsx"));
        assert!(!all.contains(&"lsx"));
    }

    #[test]
    fn an_unknown_feature_is_named_in_the_error() {
        assert_eq!(Features::with(&["sse9"]), Err(SetupError::UnknownFeature("sse9".into())));
    }
}
