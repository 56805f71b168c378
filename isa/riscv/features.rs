//! CPU features that can be switched.

use rcsim_uop::port::{Feature, SetupError};

/// Which features the guest's CPU has beyond RV64GC, the port's baseline (`GORISCV64=rva20u64`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// Address generation: shift-and-add (Zba).
    pub zba: bool,
    /// Basic bit manipulation (Zbb).
    pub zbb: bool,
    /// Single-bit instructions (Zbs).
    pub zbs: bool,
    /// Conditional zero (Zicond).
    pub zicond: bool,
}

/// The extension that an instruction belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extension {
    /// RV64GC and its control and status registers.
    Base,
    /// Zba.
    Zba,
    /// Zbb.
    Zbb,
    /// Zbs.
    Zbs,
    /// Zicond.
    Zicond,
}

/// Name of the vector extension, which is recognised and not modelled: Go's runtime uses it only where the CPU says
/// that it is there, and this one never does.
pub const VECTOR: &str = "v";

/// The switchable features.
pub const LIST: &[Feature] = &[
    Feature { name: "zba", baseline: false, summary: "shift-and-add (Zba)" },
    Feature { name: "zbb", baseline: false, summary: "bit counts, minimum and maximum, rotation (Zbb)" },
    Feature { name: "zbs", baseline: false, summary: "single-bit instructions (Zbs)" },
    Feature { name: "zicond", baseline: false, summary: "conditional zero (Zicond)" },
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
                "zba" => features.zba = true,
                "zbb" => features.zbb = true,
                "zbs" => features.zbs = true,
                "zicond" => features.zicond = true,
                unknown => return Err(SetupError::UnknownFeature(unknown.to_owned())),
            }
        }
        Ok(features)
    }

    /// The feature that must be switched on for an instruction of `extension`, if it is off.
    #[must_use]
    pub const fn missing(self, extension: Extension) -> Option<&'static str> {
        let (has, name) = match extension {
            Extension::Base => return None,
            Extension::Zba => (self.zba, "zba"),
            Extension::Zbb => (self.zbb, "zbb"),
            Extension::Zbs => (self.zbs, "zbs"),
            Extension::Zicond => (self.zicond, "zicond"),
        };
        if has { None } else { Some(name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_feature_can_be_switched_on() {
        let all: Vec<&str> = LIST.iter().map(|feature| feature.name).collect();
        let features = Features::with(&all).expect("listed features exist");
        for extension in [Extension::Zba, Extension::Zbb, Extension::Zbs, Extension::Zicond] {
            assert_eq!(features.missing(extension), None);
            let name = Features::default().missing(extension).expect("the baseline has none");
            assert!(all.contains(&name));
        }
    }

    #[test]
    fn an_unknown_feature_is_named_in_the_error() {
        assert_eq!(Features::with(&["sse9"]), Err(SetupError::UnknownFeature("sse9".into())));
    }
}
