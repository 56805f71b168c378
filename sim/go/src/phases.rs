//! What each phase of a reflective call costs: instructions and memory traffic.
//!
//! The meter is an observer. It knows which functions of the code play which role, and follows a call through them:
//! dispatch in `reflectcall`, copying in, loading registers, the callee, storing registers, copying out. Functions without
//! a role (`memmove`, say) belong to the phase that called them.

use rcsim_machine::Observer;
use rcsim_uop::Block;

use crate::code::Code;

/// A part of a reflective call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Guest code outside the machinery.
    Outside,
    /// `makeFuncStub` and `methodValueCall`: spilling registers on the way in, reloading them on the way out.
    Stub,
    /// `reflectcall` choosing a trampoline.
    Dispatch,
    /// The trampoline copying arguments to its stack frame.
    CopyIn,
    /// Loading argument registers from a `RegArgs`.
    LoadRegisters,
    /// The called function.
    Callee,
    /// Storing result registers to a `RegArgs`.
    StoreRegisters,
    /// Copying stack results back.
    CopyOut,
    /// Write barriers.
    Barriers,
}

impl Phase {
    /// All phases in the order of a call.
    pub const ALL: [Self; 9] = [
        Self::Stub,
        Self::Dispatch,
        Self::CopyIn,
        Self::LoadRegisters,
        Self::Callee,
        Self::StoreRegisters,
        Self::CopyOut,
        Self::Barriers,
        Self::Outside,
    ];

    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Outside => "outside",
            Self::Stub => "stub",
            Self::Dispatch => "dispatch",
            Self::CopyIn => "copy in",
            Self::LoadRegisters => "load registers",
            Self::Callee => "callee",
            Self::StoreRegisters => "store registers",
            Self::CopyOut => "copy out",
            Self::Barriers => "barriers",
        }
    }
}

/// What a function is to the machinery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Reflectcall,
    Trampoline,
    Unspill,
    Spill,
    CopyOut,
    Stub,
    StubHelper,
    Barrier,
}

fn role(name: &str) -> Option<Role> {
    let bare = name.strip_prefix("runtime.").or_else(|| name.strip_prefix("reflect.")).or_else(|| {
        // Static assembly functions have no package path in some releases.
        (!name.contains('.')).then_some(name)
    })?;
    match bare {
        "reflectcall" => Some(Role::Reflectcall),
        "unspillArgs" => Some(Role::Unspill),
        "spillArgs" => Some(Role::Spill),
        "callRet" | "reflectcallmove" => Some(Role::CopyOut),
        "makeFuncStub" | "methodValueCall" => Some(Role::Stub),
        "moveMakeFuncArgPtrs" => Some(Role::StubHelper),
        "bulkBarrierPreWrite" | "wbBufFlush" | "wbBufFlush1" | "callwritebarrier" => Some(Role::Barrier),
        _ if bare.starts_with("gcWriteBarrier") => Some(Role::Barrier),
        _ => bare
            .strip_prefix("call")
            .filter(|size| !size.is_empty() && size.bytes().all(|b| b.is_ascii_digit()))
            .map(|_| Role::Trampoline),
    }
}

/// Whether a function of this name is part of the machinery of reflective calls.
#[must_use]
pub fn is_machinery(name: &str) -> bool {
    role(name).is_some()
}

/// The trampoline sizes are those of functions named `callN`; the size of one, from its name.
#[must_use]
pub fn trampoline_size(name: &str) -> Option<u64> {
    if role(name) != Some(Role::Trampoline) {
        return None;
    }
    name.rsplit("call").next()?.parse().ok()
}

/// What was counted in a phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PhaseCount {
    /// Guest instructions.
    pub instructions: u64,
    /// Bytes that guest instructions read.
    pub bytes_read: u64,
    /// Bytes that guest instructions wrote.
    pub bytes_written: u64,
}

/// A reflective call in progress.
#[derive(Clone, Copy, Debug)]
struct Call {
    phase: Phase,
    /// Whether the callee has been entered.
    called: bool,
}

/// Counts by phase.
#[derive(Default)]
pub struct PhaseMeter {
    ranges: Vec<(u64, u64, Role)>,
    counts: [PhaseCount; Phase::ALL.len()],
    calls: Vec<Call>,
    current: Current,
    trampolines: Vec<u64>,
    pc_range: (u64, u64, Option<Role>),
}

/// The phase that counts go to.
#[derive(Clone, Copy, Debug)]
struct Current(Phase);

impl Default for Current {
    fn default() -> Self {
        Self(Phase::Outside)
    }
}

impl PhaseMeter {
    /// A meter for this code.
    #[must_use]
    pub fn new(code: &Code) -> Self {
        let ranges = code.functions().iter();
        let ranges = ranges.filter_map(|f| role(&f.name).map(|role| (f.entry, f.end, role))).collect();
        Self { ranges, ..Self::default() }
    }

    /// A reflective call begins: the services say so.
    pub fn enter_call(&mut self) {
        self.calls.push(Call { phase: Phase::Dispatch, called: false });
    }

    /// The callee runs now, though it may be no guest code.
    pub fn enter_callee(&mut self) {
        if let Some(call) = self.calls.last_mut() {
            call.enter_callee();
        }
    }

    /// The reflective call begun last has returned.
    pub fn leave_call(&mut self) {
        self.calls.pop();
    }

    /// The phase of the block announced last.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.current.0
    }

    /// The counts, phase by phase.
    pub fn counts(&self) -> impl Iterator<Item = (Phase, PhaseCount)> + '_ {
        Phase::ALL.into_iter().map(|phase| (phase, self.counts[phase as usize]))
    }

    /// Entry addresses of the trampolines that ran, in order, each as often as it was entered.
    #[must_use]
    pub fn trampolines(&self) -> &[u64] {
        &self.trampolines
    }

    /// The role of the function at `pc`, with the stretch of addresses that has the same answer.
    fn role_at(&mut self, pc: u64) -> Option<Role> {
        let (start, end, role) = self.pc_range;
        if start <= pc && pc < end {
            return role;
        }
        let after = self.ranges.partition_point(|range| range.0 <= pc);
        let inside = after.checked_sub(1).map(|n| self.ranges[n]).filter(|range| pc < range.1);
        self.pc_range = match inside {
            Some((start, end, role)) => (start, end, Some(role)),
            None => {
                let start = after.checked_sub(1).map_or(0, |n| self.ranges[n].1);
                (start, self.ranges.get(after).map_or(u64::MAX, |range| range.0), None)
            }
        };
        self.pc_range.2
    }

    fn phase_of(&mut self, pc: u64) -> Phase {
        let role = self.role_at(pc);
        if role == Some(Role::Trampoline) && self.pc_range.0 == pc {
            self.trampolines.push(pc);
        }
        let Some(call) = self.calls.last_mut() else {
            return match role {
                Some(Role::Stub | Role::StubHelper | Role::Unspill | Role::Spill) => Phase::Stub,
                Some(Role::Barrier) => Phase::Barriers,
                _ => Phase::Outside,
            };
        };
        match role {
            Some(Role::Barrier) => return Phase::Barriers,
            Some(Role::Reflectcall) => call.phase = Phase::Dispatch,
            Some(Role::Trampoline) => {
                // A trampoline that found its stack too small begins anew: nothing was called yet.
                call.called &= self.pc_range.0 != pc;
                call.phase = if call.called { Phase::CopyOut } else { Phase::CopyIn };
            }
            Some(Role::Unspill) if !call.called => call.phase = Phase::LoadRegisters,
            Some(Role::Spill) if call.called => call.phase = Phase::StoreRegisters,
            Some(Role::CopyOut) => call.phase = Phase::CopyOut,
            Some(Role::Stub | Role::StubHelper | Role::Unspill | Role::Spill) => call.enter_callee(),
            None if matches!(call.phase, Phase::CopyIn | Phase::LoadRegisters) => call.enter_callee(),
            None => {}
        }
        call.phase
    }
}

impl Call {
    fn enter_callee(&mut self) {
        self.phase = Phase::Callee;
        self.called = true;
    }
}

impl Observer for PhaseMeter {
    const BLOCKS: bool = true;
    const MEMORY: bool = true;

    fn block(&mut self, block: &Block) {
        self.current = Current(self.phase_of(block.pc));
    }

    fn memory(&mut self, _addr: u64, bytes: u64, write: bool) {
        let count = &mut self.counts[self.current.0 as usize];
        if write {
            count.bytes_written += bytes;
        } else {
            count.bytes_read += bytes;
        }
    }

    fn retired(&mut self, _block: &Block, insns: usize) {
        self.counts[self.current.0 as usize].instructions += insns as u64;
    }
}
