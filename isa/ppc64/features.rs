//! CPU features that can be switched.
//!
//! Go asks the operating system for them (the auxiliary vector), so no instruction reports them.

use rcsim_uop::port::{Feature, SetupError};

/// Which features the guest's CPU has beyond POWER8, the baseline of both ports on Linux.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// Power ISA 3.0.
    pub power9: bool,
}

/// The switchable features.
pub const LIST: &[Feature] =
    &[Feature { name: "power9", baseline: false, summary: "the instructions of POWER9 (Power ISA 3.0)" }];

impl Features {
    /// The baseline and the named features.
    ///
    /// # Errors
    /// When a name is unknown.
    pub fn with(names: &[&str]) -> Result<Self, SetupError> {
        let mut features = Self::default();
        for name in names {
            match *name {
                "power9" => features.power9 = true,
                unknown => return Err(SetupError::UnknownFeature(unknown.to_owned())),
            }
        }
        Ok(features)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_feature_can_be_switched_on() {
        for feature in LIST {
            let on = Features::with(&[feature.name]).expect("a listed feature exists");
            assert_ne!(on, Features::default(), "{}", feature.name);
        }
    }

    #[test]
    fn an_unknown_feature_is_named_in_the_error() {
        assert_eq!(Features::with(&["power5"]), Err(SetupError::UnknownFeature("power5".into())));
    }
}
