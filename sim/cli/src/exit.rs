//! Exit codes.

use std::process::ExitCode;

use rcsim_diag::Class;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Everything as expected.
    Clean = 0,
    /// A finding or a failed expectation.
    Failed = 1,
    /// Usage or bad input. The parser of the command line uses the same code.
    Input = 2,
    /// Something that rcsim does not support.
    Unsupported = 3,
    /// A bug in rcsim. A panic of Rust ends with the same code.
    Bug = 101,
    /// The user interrupted: not everything was done. Shells use this code for a program that SIGINT ended.
    Interrupted = 130,
}

impl Exit {
    /// The end that a kind of failure leads to; no failure is a clean end.
    pub fn of(class: Option<Class>) -> Self {
        match class {
            None => Self::Clean,
            Some(Class::Finding) => Self::Failed,
            Some(Class::Input) => Self::Input,
            Some(Class::Unsupported) => Self::Unsupported,
            Some(Class::Bug) => Self::Bug,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
