//! Go versions as images state them, and which of them this loader knows.

use std::fmt;

/// The oldest and newest minor release of Go 1 whose tables are known here.
pub const SUPPORTED_MINORS: std::ops::RangeInclusive<u16> = 18..=27;

/// A Go release as the toolchain names itself, for example `go1.27.3` or `go1.21.0 X:boringcrypto`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoVersion {
    text: String,
    minor: u16,
}

impl GoVersion {
    /// Reads a version text. `devel go1.22-4f1a2b ...` counts as the release that it leads to. `None` when no `go1.N` is in it.
    pub fn parse(text: &str) -> Option<GoVersion> {
        let after = &text[text.find("go1.")? + "go1.".len()..];
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let minor = after[..digits].parse().ok()?;
        Some(GoVersion { text: text.to_owned(), minor })
    }

    /// The text as the image has it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The N of Go 1.N.
    pub fn minor(&self) -> u16 {
        self.minor
    }
}

impl fmt::Display for GoVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What is known about the toolchain that built an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoRelease {
    /// The image states it.
    Stated(GoVersion),
    /// The image states none that can be read; its tables have the shape of Go 1.N for these N.
    Shaped {
        /// Oldest N that fits.
        oldest_minor: u16,
        /// Newest N that fits.
        newest_minor: u16,
    },
}

impl GoRelease {
    /// The N of Go 1.N; the newest that fits when the image does not state it.
    pub fn minor(&self) -> u16 {
        match self {
            GoRelease::Stated(version) => version.minor,
            GoRelease::Shaped { newest_minor, .. } => *newest_minor,
        }
    }
}

impl fmt::Display for GoRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GoRelease::Stated(version) => version.fmt(f),
            GoRelease::Shaped { oldest_minor, newest_minor } => {
                write!(f, "go1.{oldest_minor} to go1.{newest_minor}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GoVersion;

    #[test]
    fn versions_are_read_as_toolchains_write_them() {
        for (text, minor) in [
            ("go1.27.3", 27),
            ("go1.18", 18),
            ("go1.21.0 X:boringcrypto", 21),
            ("devel go1.22-4f1a2b Mon Jan 1", 22),
            ("go1.20rc1", 20),
        ] {
            assert_eq!(GoVersion::parse(text).map(|version| version.minor()), Some(minor), "{text}");
        }
        assert_eq!(GoVersion::parse("go2.1"), None);
        assert_eq!(GoVersion::parse("go1."), None);
        assert_eq!(GoVersion::parse("go1.99999999"), None);
    }
}
