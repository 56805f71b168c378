//! The loop that speed is measured on: six instructions that copy eight bytes, as a whole program.
//!
//! Each architecture states its machine code in its own folder, so that every emulator at hand can run the very same
//! instructions as the interpreter.

/// What the loop copies, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyPlan {
    /// Address of the first instruction.
    pub base: u64,
    /// First byte to read. Fits into 31 bits, so that every architecture can name it in few instructions.
    pub source: u32,
    /// First byte to write; see `source`.
    pub destination: u32,
    /// Words of eight bytes to copy in one round; at most 32767.
    pub words: u16,
    /// Rounds.
    pub rounds: u32,
}

/// The program: a loop over rounds, in it the copy loop, then the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyProgram {
    /// The bytes to map at the plan's base, executable: plain code that ends the process with status 0, or a whole
    /// WebAssembly module that exports the loop as `run`.
    pub bytes: Vec<u8>,
    /// Distance from the base to the first instruction.
    pub entry: u32,
    /// Distance from the base to the instruction after the last loop: where a measurement ends.
    pub end: u32,
    /// Instructions from the entry to the end.
    pub instructions: u64,
}

/// What other emulators call the architecture; `None` where one does not have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EmulatorNames {
    /// Ending of qemu's program for processes of Linux: `aarch64` for `qemu-aarch64`.
    pub qemu_user: Option<&'static str>,
    /// Names of Unicorn's constants for architecture and mode: `ARCH_ARM64` and `MODE_ARM`.
    pub unicorn: Option<(&'static str, &'static str)>,
}

impl CopyPlan {
    /// Instructions of a program with `per_word` instructions a word and `per_round` around them, and `before` before the
    /// first round.
    #[must_use]
    pub fn instructions(&self, before: u64, per_round: u64, per_word: u64) -> u64 {
        before + u64::from(self.rounds) * (per_round + per_word * u64::from(self.words))
    }
}
