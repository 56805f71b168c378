//! `[[patch]]`: changes of the machinery that a workload states, so that a defect can be written down as text.
//!
//! Owns: what a patch says. Must not know: instruction sets, where code is, what services there are.

use rcsim_diag::{Located, Span};

use crate::workload::names_apply;

/// One change of the machinery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// Where it was written.
    pub span: Span,
    /// What changes.
    pub change: Change,
    /// `epochs`; nothing means all that the workload runs in.
    pub epochs: Option<Vec<Located<String>>>,
    /// `archs`; nothing means all.
    pub archs: Option<Vec<Located<String>>>,
}

impl Patch {
    /// Whether the patch is for this run.
    pub fn applies(&self, arch: &str, epoch: &str) -> bool {
        names_apply(&self.archs, arch) && names_apply(&self.epochs, epoch)
    }
}

/// What a patch changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// An instruction of a function.
    Code(CodeChange),
    /// What a function says about its frame.
    Frame(FrameChange),
    /// `step`: what a service does under this name is left out.
    SkipStep(Located<String>),
    /// `deviation`: the services deviate from the epoch's code in this way.
    Deviation(Located<String>),
    /// `fix`: the services do not have this defect of the epoch.
    Fix(Located<String>),
}

/// Another instruction in the place of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeChange {
    /// `symbol`: the function, as Go calls it.
    pub symbol: Located<String>,
    /// Which instruction.
    pub at: Located<Where>,
    /// `with`
    pub with: Located<With>,
}

/// Which instruction is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// `instruction`: the one with this disassembly; `nth`, from 1, tells several apart.
    Text {
        /// The disassembly, as `rcsim disasm` prints it.
        text: String,
        /// Which of several.
        nth: Option<u64>,
    },
    /// `bytes`: the one with this encoding.
    Bytes {
        /// The encoding.
        bytes: Vec<u8>,
        /// Which of several.
        nth: Option<u64>,
    },
    /// `offset`: the one that begins so many bytes behind the function's first.
    Offset(u64),
}

/// What comes into its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum With {
    /// Instructions that do nothing, of the same length.
    Nop,
    /// Nothing: the instruction stands there and has no effect.
    Skip,
    /// Other code of the same length.
    Bytes(Vec<u8>),
}

/// Another statement of a function about its frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameChange {
    /// `symbol`: the function.
    pub symbol: Located<String>,
    /// What it says.
    pub fact: Located<FrameFact>,
}

/// What a function says about its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameFact {
    /// `frame-bytes`: size of locals and outgoing arguments, for the tables only.
    FrameBytes(u32),
    /// `args-bytes`: size of arguments and results.
    ArgsBytes(u32),
    /// `nosplit`: whether it goes without a stack check.
    Nosplit(bool),
    /// `map = "args"`, `bit`, `value`: whether an argument word is a pointer.
    ArgIsPointer {
        /// Which word.
        bit: u32,
        /// Whether it is a pointer.
        value: bool,
    },
}
