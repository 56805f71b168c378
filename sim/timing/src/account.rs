//! Where the cycles went: causes, by phase and by instruction.

/// Why time passed without an operation being finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Cause {
    /// The core was as wide as it is.
    Base,
    /// Instructions did not arrive: fetch, decode, taken branches, the instruction cache.
    FrontEnd,
    /// A branch had been mispredicted.
    Branch,
    /// Operands were not known yet.
    Chain,
    /// No port was free.
    Port,
    /// The window was full.
    Window,
    /// The store queue was full, or could not serve a load.
    Stores,
    /// The second-level cache had to be asked.
    L2,
    /// The third-level cache had to be asked.
    L3,
    /// Memory had to be asked.
    Memory,
    /// An address had to be translated.
    Tlb,
    /// A microcode sequence ran.
    Microcode,
}

impl Cause {
    /// All, in the order of reports.
    pub const ALL: [Self; 12] = [
        Self::Base,
        Self::FrontEnd,
        Self::Branch,
        Self::Chain,
        Self::Port,
        Self::Window,
        Self::Stores,
        Self::L2,
        Self::L3,
        Self::Memory,
        Self::Tlb,
        Self::Microcode,
    ];

    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::FrontEnd => "front end",
            Self::Branch => "branch",
            Self::Chain => "dependency chain",
            Self::Port => "port",
            Self::Window => "window",
            Self::Stores => "store queue",
            Self::L2 => "L2",
            Self::L3 => "L3",
            Self::Memory => "memory",
            Self::Tlb => "TLB",
            Self::Microcode => "microcode",
        }
    }
}

/// Number of causes.
pub const CAUSES: usize = Cause::ALL.len();
/// Tags that a stream may be divided by, at most.
pub const TAGS: usize = 16;

/// Cycles by cause. They sum up to all that passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stack([u64; CAUSES]);

impl Stack {
    /// Cycles of a cause.
    #[must_use]
    pub const fn of(&self, cause: Cause) -> u64 {
        self.0[cause as usize]
    }

    /// All cycles.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// What came to be since an earlier count.
    pub(crate) fn since(&self, before: &Self) -> Self {
        Self(std::array::from_fn(|cause| self.0[cause] - before.0[cause]))
    }

    /// The same again, so many times.
    pub(crate) fn add_times(&mut self, other: &Self, times: u64) {
        for (cycles, more) in self.0.iter_mut().zip(other.0) {
            *cycles += times * more;
        }
    }

    #[inline]
    pub(crate) const fn add(&mut self, cause: Cause, cycles: u64) {
        self.0[cause as usize] += cycles;
    }
}

/// What one tag of the stream cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TagCount {
    /// Instructions.
    pub instructions: u64,
    /// Operations of the core.
    pub operations: u64,
    /// Cycles by cause.
    pub stack: Stack,
}

/// What one instruction cost, all its executions together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InsnCount {
    /// Address.
    pub pc: u64,
    /// The tag under which it ran last.
    pub tag: u8,
    /// Executions.
    pub executions: u64,
    /// Cycles that passed until it was done, after everything before it was.
    pub cycles: u64,
    /// Cycles that it contributes to the critical chain.
    pub critical: u64,
}
