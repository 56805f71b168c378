//! The epochs: states of the reflectcall machinery in Go's history.

use std::fmt;

/// One state of the machinery in history, oldest first.
///
/// The five commits are Go's own (df027ac 2014, 79561a8 2016, e35a412 2018, e021531 2020, 28c5fed 2021); the last two
/// are releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Epoch {
    /// Go's tree just before commit df027ac: results are copied back without any barrier.
    Y2014Before,
    /// Commit df027ac: write barriers in reflect, `callwritebarrier` after the copy.
    Y2014,
    /// Commit 79561a8: the result copy moves from assembly into `reflectcallmove`.
    Y2016,
    /// Commit e35a412: typed clears of frames, no barriers on the caller's stack.
    Y2018,
    /// Commit e021531: `reflectcall` takes a `RegArgs`; amd64 passes arguments in registers.
    Y2020,
    /// Commit 28c5fed: `makeFuncStub` and `methodValueCall` spill and reload argument registers.
    Y2021,
    /// Release 1.19.
    Go119,
    /// Release 1.27.
    Go127,
}

impl Epoch {
    /// All epochs, oldest first.
    pub const ALL: [Self; 8] = [
        Self::Y2014Before,
        Self::Y2014,
        Self::Y2016,
        Self::Y2018,
        Self::Y2020,
        Self::Y2021,
        Self::Go119,
        Self::Go127,
    ];

    /// The name that users write.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Y2014Before => "2014-before",
            Self::Y2014 => "2014-df027ac",
            Self::Y2016 => "2016-79561a8",
            Self::Y2018 => "2018-e35a412",
            Self::Y2020 => "2020-e021531",
            Self::Y2021 => "2021-28c5fed",
            Self::Go119 => "go1.19",
            Self::Go127 => "go1.27",
        }
    }

    /// The epoch that users call `name`.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|epoch| epoch.name() == name)
    }

    /// One line that tells what this epoch changed.
    #[must_use]
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Y2014Before => "before write barriers in reflect",
            Self::Y2014 => "results copied by the trampoline, barriers run after the copy",
            Self::Y2016 => "results copied by reflectcallmove",
            Self::Y2018 => "typed clears of call frames, no barriers on the caller's stack",
            Self::Y2020 => "reflectcall takes a RegArgs; arguments in registers on amd64",
            Self::Y2021 => "makeFuncStub and methodValueCall spill argument registers",
            Self::Go119 => "release 1.19: arguments in registers on 64-bit ports with a register ABI",
            Self::Go127 => "release 1.27",
        }
    }

    /// Whether `reflectcall` of this epoch takes a register-argument block.
    #[must_use]
    pub fn has_reg_args(self) -> bool {
        self >= Self::Y2020
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
