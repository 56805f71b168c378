//! CPU features that can be switched. Linux tells a program of them in its auxiliary vector.

use rcsim_uop::port::{Feature, SetupError};

/// Which features the guest's CPU has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// Integer division.
    pub idiva: bool,
    /// Fused multiply-add, in the fourth version of the floating-point unit.
    pub vfpv4: bool,
}

/// The switchable features, named as Go's `internal/cpu` names its fields.
pub const LIST: &[Feature] = &[
    Feature { name: "idiva", baseline: false, summary: "integer division (UDIV, SDIV)" },
    Feature { name: "vfpv4", baseline: false, summary: "fused multiply-add (VFPv4)" },
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
                "idiva" => features.idiva = true,
                "vfpv4" => features.vfpv4 = true,
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
            assert_ne!(Features::with(&[feature.name]), Ok(Features::default()), "{}", feature.name);
        }
        assert_eq!(Features::with(&["neon9"]), Err(SetupError::UnknownFeature("neon9".into())));
    }
}
