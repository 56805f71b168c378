//! Why a measurement failed.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitStatus;

use rcsim_diag::{Diagnostic, Diagnostics};
use rcsim_go::run::RunError;
use rcsim_machine::Exit;
use rcsim_uop::guest::MemFault;
use rcsim_uop::port::{BuildError, SetupError};

/// Why a measurement failed.
#[derive(Debug)]
pub enum BenchError {
    /// The system did not tell the time, start a program, or write a file.
    System(io::Error),
    /// A peer ended otherwise than it should.
    Peer {
        /// Its name.
        peer: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// What it said.
        stderr: String,
    },
    /// A peer printed what cannot be understood.
    PeerOutput {
        /// Its name.
        peer: &'static str,
        /// What it printed.
        stdout: String,
    },
    /// The guest ended otherwise than it should.
    Guest {
        /// What ran.
        what: String,
        /// How it ended.
        exit: Exit,
    },
    /// The guest executed another number of instructions than its program has.
    Count {
        /// What ran.
        what: String,
        /// Instructions of the program.
        expected: u64,
        /// Instructions executed.
        found: u64,
    },
    /// The guest's memory could not be filled.
    Memory(MemFault),
    /// An instruction set could not be set up.
    Setup(SetupError),
    /// A built-in image could not be assembled.
    Build(BuildError),
    /// A workload that comes with rcsim is wrong.
    Workload(Diagnostics),
    /// A reflective call could not start.
    Run(Box<RunError>),
    /// A reflective call ended otherwise than it should.
    Call {
        /// The workload.
        workload: String,
        /// How it ended.
        end: String,
    },
}

impl From<io::Error> for BenchError {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl From<MemFault> for BenchError {
    fn from(fault: MemFault) -> Self {
        Self::Memory(fault)
    }
}

impl fmt::Display for BenchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(error) => error.fmt(f),
            Self::Peer { peer, status, stderr } => write!(f, "{peer} ended with {status}: {}", stderr.trim()),
            Self::PeerOutput { peer, stdout } => write!(f, "{peer} printed no time but `{}`", stdout.trim()),
            Self::Guest { what, exit } => write!(f, "{what} ended in {exit:?}"),
            Self::Count { what, expected, found } => {
                write!(f, "{what} executed {found} instructions instead of {expected}")
            }
            Self::Memory(fault) => write!(f, "cannot fill guest memory: {fault:?}"),
            Self::Setup(error) => error.fmt(f),
            Self::Build(error) => error.fmt(f),
            Self::Workload(diagnostics) => f.write_str(&diagnostics.render(rcsim_diag::Colour::Never)),
            Self::Run(error) => write!(f, "cannot start a call: {error:?}"),
            Self::Call { workload, end } => write!(f, "`{workload}` ended in {end}"),
        }
    }
}

impl Error for BenchError {}

impl From<BenchError> for Diagnostics {
    fn from(error: BenchError) -> Self {
        let message = format!("cannot measure: {error}");
        match error {
            BenchError::System(_) | BenchError::Peer { .. } | BenchError::PeerOutput { .. } => {
                Diagnostic::input(message).with_help("leave the peer out with --no-peers").into()
            }
            _ => Diagnostic::bug(message).into(),
        }
    }
}
