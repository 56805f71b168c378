//! Why an oracle could not answer.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

/// Why an oracle could not answer. None of these says anything about rcsim itself.
#[derive(Debug)]
pub enum OracleError {
    /// The program is not installed.
    Missing {
        /// The program or toolchain.
        what: String,
    },
    /// A program is there but not the one that was asked for.
    WrongVersion {
        /// Where it is.
        path: PathBuf,
        /// What it should be.
        wanted: String,
        /// What it says it is.
        found: String,
    },
    /// The operating system refused something.
    Io {
        /// What was attempted.
        doing: String,
        /// The refusal.
        source: io::Error,
    },
    /// A program ended with a failure.
    Failed {
        /// The program and what it was to do.
        what: String,
        /// How it ended.
        status: ExitStatus,
        /// What it said.
        output: String,
    },
    /// A program did not end in time and was killed.
    TimedOut {
        /// The program.
        what: String,
        /// The limit.
        limit: Duration,
    },
    /// The description of an architecture is missing or wrong.
    Description {
        /// The architecture, as Go names it.
        arch: String,
        /// What is wrong.
        problem: String,
    },
    /// The other end of a debug connection, or a probe, said something that its protocol does not allow.
    Protocol {
        /// What was said and what was expected.
        problem: String,
    },
    /// The guest ended while it was still being debugged.
    GuestEnded {
        /// How, in words.
        how: String,
    },
    /// The debugger of the guest knows no such register.
    NoSuchRegister {
        /// The name that was asked for.
        name: String,
    },
    /// The guest has no memory there, or no such access to it.
    GuestMemory {
        /// First address of the access.
        address: u64,
        /// Length of the access in bytes.
        bytes: usize,
    },
}

impl OracleError {
    /// Wraps an error of the operating system: `map_err(OracleError::io("open X"))`.
    pub fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }

    pub(crate) fn protocol(problem: impl Into<String>) -> Self {
        Self::Protocol { problem: problem.into() }
    }
}

impl fmt::Display for OracleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { what } => {
                write!(
                    f,
                    "oracle not installed: {what}; run tests/oracles/install.sh from the root of the project"
                )
            }
            Self::WrongVersion { path, wanted, found } => {
                write!(
                    f,
                    "{} is {found}, but {wanted} is wanted; run tests/oracles/install.sh",
                    path.display()
                )
            }
            Self::Io { doing, source } => write!(f, "cannot {doing}: {source}"),
            Self::Failed { what, status, output } => write!(f, "{what} failed ({status}):\n{output}"),
            Self::TimedOut { what, limit } => write!(f, "{what} did not end within {limit:?}"),
            Self::Description { arch, problem } => write!(f, "oracle description of {arch}: {problem}"),
            Self::Protocol { problem } => write!(f, "debug protocol: {problem}"),
            Self::GuestEnded { how } => write!(f, "the guest ended: {how}"),
            Self::NoSuchRegister { name } => write!(f, "the debugger knows no register {name}"),
            Self::GuestMemory { address, bytes } => {
                write!(f, "no guest memory of {bytes} bytes at {address:#x}")
            }
        }
    }
}

impl std::error::Error for OracleError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
