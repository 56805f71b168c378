//! The flat register file: 256 slots of 64 bits.
//!
//! Every architectural register, and every temporary of a lift, is one slot or a run of consecutive slots (a 128-bit
//! vector register is two). A slot holds 64 bits; a 32-bit register of a 32-bit guest is kept zero-extended, a 32-bit
//! value of an architecture that keeps its words sign-extended (mips64, riscv64, loong64) is kept so.

use std::ops::Range;

/// Number of slots of the register file.
pub const SLOTS: usize = 256;

/// One slot of the register file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Reg(pub u8);

/// Always reads as zero. The verifier rejects a write to it.
pub const ZERO: Reg = Reg(0);
/// A slot to write a result into that nobody wants. The verifier rejects a read of it.
pub const SINK: Reg = Reg(1);
/// The first slot that an architecture may use.
pub const FIRST_FREE: u8 = 2;

impl Reg {
    /// The slot `words` after this one: the next part of a wide register.
    #[inline(always)]
    #[must_use]
    pub const fn plus(self, words: u8) -> Self {
        Self(self.0 + words)
    }

    /// The slot's index in the file.
    #[inline(always)]
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a register is used for; decides how listings group it and what lockstep compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegClass {
    /// An integer or address register.
    Int,
    /// A floating-point or vector register.
    Vector,
    /// A condition, status or control register.
    Status,
    /// State that the architecture has but no instruction names (a segment base, a link of a wasm window).
    Hidden,
}

/// One named register of an architecture.
#[derive(Clone, Debug)]
pub struct RegInfo {
    /// The vendor's name, lower case.
    pub name: String,
    /// First slot.
    pub reg: Reg,
    /// Number of consecutive slots.
    pub words: u8,
    /// What it is used for.
    pub class: RegClass,
}

/// How an architecture uses the register file.
#[derive(Clone, Debug)]
pub struct RegFile {
    named: Vec<RegInfo>,
    temps: Range<u8>,
    known: [bool; SLOTS],
}

impl RegFile {
    /// A file with the given named registers and the slots that a lift may use as temporaries.
    ///
    /// # Panics
    /// When registers overlap each other, the temporaries, or the two reserved slots: a mistake in the
    /// architecture's own table, found by the first test that touches it.
    #[must_use]
    pub fn new(named: Vec<RegInfo>, temps: Range<u8>) -> Self {
        let mut taken = [false; SLOTS];
        let mut take = |slot: u8, what: &str| {
            assert!(slot >= FIRST_FREE, "slot {slot} of {what} is reserved");
            assert!(!taken[slot as usize], "slot {slot} of {what} is taken twice");
            taken[slot as usize] = true;
        };
        for info in &named {
            for word in 0..info.words {
                take(info.reg.0 + word, &info.name);
            }
        }
        for slot in temps.clone() {
            take(slot, "a temporary");
        }
        Self { named, temps, known: taken }
    }

    /// The named registers in the architecture's own order.
    #[must_use]
    pub fn named(&self) -> &[RegInfo] {
        &self.named
    }

    /// The slots that a lift may use for values that die with the instruction.
    #[must_use]
    pub fn temps(&self) -> Range<u8> {
        self.temps.clone()
    }

    /// The register called `name`.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&RegInfo> {
        self.named.iter().find(|info| info.name == name)
    }

    /// The name of a slot: `x3`, `v2[1]` for the second slot of a wide register, `t0` for a temporary.
    #[must_use]
    pub fn name(&self, reg: Reg) -> String {
        match reg {
            ZERO => return "zero".into(),
            SINK => return "_".into(),
            _ => {}
        }
        if self.temps.contains(&reg.0) {
            return format!("t{}", reg.0 - self.temps.start);
        }
        let owner = self.named.iter().find(|i| (i.reg.0..i.reg.0 + i.words).contains(&reg.0));
        match owner {
            Some(info) if info.words == 1 => info.name.clone(),
            Some(info) => format!("{}[{}]", info.name, reg.0 - info.reg.0),
            None => format!("slot{}", reg.0),
        }
    }

    /// Whether the slot belongs to a named register or a temporary.
    #[must_use]
    pub fn contains(&self, reg: Reg) -> bool {
        self.known[reg.index()]
    }
}
