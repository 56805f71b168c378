//! The state of one guest thread.

use rcsim_uop::flags::LazyFlags;
use rcsim_uop::reg::{Reg, SLOTS, ZERO};

use crate::shadow::Shadow;

/// Most nested wasm calls of one thread.
pub const MAX_WINDOWS: usize = 1 << 16;

/// A wasm caller's slots, saved while its callee runs.
#[derive(Clone)]
pub struct Window<S: Shadow> {
    /// First saved slot.
    pub first: Reg,
    /// The saved values with their tags.
    pub slots: Box<[(u64, S::Tag)]>,
    /// Slot that receives the callee's result.
    pub result: Reg,
    /// Where the caller goes on.
    pub return_to: u64,
}

/// Registers, flags and program counter of one guest thread.
#[derive(Clone)]
pub struct Cpu<S: Shadow> {
    /// Address of the next instruction.
    pub pc: u64,
    /// Instructions retired so far.
    pub steps: u64,
    /// The flags.
    pub flags: LazyFlags,
    /// Address and value of the load-linked that no store-conditional has used yet.
    pub linked: Option<(u64, u64)>,
    pub(crate) regs: [u64; SLOTS],
    pub(crate) tags: [S::Tag; SLOTS],
    pub(crate) windows: Vec<Window<S>>,
}

impl<S: Shadow> Default for Cpu<S> {
    fn default() -> Self {
        Self {
            pc: 0,
            steps: 0,
            flags: LazyFlags::default(),
            linked: None,
            regs: [0; SLOTS],
            tags: [S::Tag::default(); SLOTS],
            windows: Vec::new(),
        }
    }
}

impl<S: Shadow> Cpu<S> {
    /// A thread about to execute at `pc`, all registers zero.
    #[must_use]
    pub fn at(pc: u64) -> Self {
        Self { pc, ..Self::default() }
    }

    /// Value of a slot.
    #[inline(always)]
    #[must_use]
    pub fn reg(&self, reg: Reg) -> u64 {
        self.regs[reg.index()]
    }

    /// Tag of a slot.
    #[inline(always)]
    #[must_use]
    pub fn tag(&self, reg: Reg) -> S::Tag {
        self.tags[reg.index()]
    }

    /// Set a slot and its tag.
    ///
    /// # Panics
    /// In debug builds, when the slot is the zero slot.
    #[inline(always)]
    pub fn set(&mut self, reg: Reg, value: u64, tag: S::Tag) {
        debug_assert_ne!(reg, ZERO, "the zero slot is written");
        self.regs[reg.index()] = value;
        if S::ACTIVE {
            self.tags[reg.index()] = tag;
        }
    }

    /// Open wasm call frames, innermost last.
    #[must_use]
    pub fn windows(&self) -> &[Window<S>] {
        &self.windows
    }

    /// Save `count` slots from `first`, then set the first of them to `args` and the rest to zero. False when too many
    /// are saved already.
    pub fn push_window(
        &mut self,
        first: Reg,
        count: u8,
        args: &[(u64, S::Tag)],
        result: Reg,
        return_to: u64,
    ) -> bool {
        if self.windows.len() >= MAX_WINDOWS {
            return false;
        }
        let range = first.index()..first.index() + usize::from(count);
        let slots = range.clone().map(|slot| (self.regs[slot], self.tags[slot])).collect();
        self.windows.push(Window { first, slots, result, return_to });
        self.regs[range.clone()].fill(0);
        self.tags[range.clone()].fill(S::Tag::default());
        for (slot, (value, tag)) in range.zip(args) {
            self.regs[slot] = *value;
            self.tags[slot] = *tag;
        }
        true
    }

    /// Restore the slots saved last, deliver the callee's result, and tell where to go on.
    pub fn pop_window(&mut self, value: u64, tag: S::Tag) -> Option<u64> {
        let window = self.windows.pop()?;
        for (n, (value, tag)) in window.slots.iter().enumerate() {
            self.regs[window.first.index() + n] = *value;
            self.tags[window.first.index() + n] = *tag;
        }
        self.set(window.result, value, tag);
        Some(window.return_to)
    }
}
