//! A core as data: what a core file says, and how it is read.
//!
//! A core file is TOML. Every number carries a source and how far it is to be trusted; `isa/ADDING.md` says how one is
//! written. Reading is strict: an unknown key, a class without a cost, a port that does not exist are reported with their
//! place. Start reading at [`Core::parse`]; `keys.rs` has the keys, `read.rs` reads the sections, `numbers.rs` single numbers,
//! `ops.rs` the costs of classes; `schema.rs` describes all of it for editors.

mod keys;
mod numbers;
mod ops;
mod read;
pub mod schema;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rcsim_diag::{Diagnostics, Source};

use crate::class::OpClass;

/// How far a number is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// Somebody measured it, and said how.
    Measured,
    /// The vendor states it.
    Vendor,
    /// Nobody states it: taken from a similar core, or chosen so that measurements of whole calls come out.
    Guess,
}

impl Trust {
    /// All, best first.
    pub const ALL: [Self; 3] = [Self::Measured, Self::Vendor, Self::Guess];

    /// Its word in core files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Vendor => "vendor",
            Self::Guess => "guess",
        }
    }
}

/// How many numbers of a core file are of each level of trust.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrustCounts([u32; Trust::ALL.len()]);

impl TrustCounts {
    /// Numbers of this level.
    #[must_use]
    pub const fn of(&self, trust: Trust) -> u32 {
        self.0[trust as usize]
    }

    pub(crate) const fn add(&mut self, trust: Trust, numbers: u32) {
        self.0[trust as usize] += numbers;
    }
}

/// How instructions flow through a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Operations start when their operands are there.
    OutOfOrder,
    /// Operations start in program order.
    InOrder,
    /// No processor: each instruction costs so much, one after the other (an interpreter, a simple compiler's code).
    CostModel,
}

impl Kind {
    /// Its word in core files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OutOfOrder => "out-of-order",
            Self::InOrder => "in-order",
            Self::CostModel => "cost-model",
        }
    }
}

/// What one class costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpCost {
    /// Ports that can perform it, a bit each; none when it needs no port (it is done at renaming, or elsewhere).
    pub ports: u32,
    /// Cycles from start to result.
    pub latency: u16,
    /// Cycles for which its port takes nothing else.
    pub busy: u16,
    /// Places in the window that it takes.
    pub slots: u8,
    /// In order, cycles after its start that its operands are needed, where [`Window::late_operands`] does not hold.
    pub late: Option<u8>,
    /// Bytes of memory that a helper moves in a cycle, once it has started; 0 where that takes no time of its own.
    pub bytes: u16,
}

/// Which instructions a core makes one of before they enter the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fusion {
    /// None.
    None,
    /// A comparison and the conditional branch after it.
    Compare,
    /// Any simple arithmetic or logic that sets flags, and the conditional branch after it.
    Alu,
}

/// Instruction fetch and decode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrontEnd {
    /// Bytes fetched in a cycle.
    pub fetch_bytes: u32,
    /// Operations decoded in a cycle.
    pub decode: u32,
    /// Operations that wait between decode and dispatch.
    pub queue: u32,
    /// Cycles that a taken branch leaves unused.
    pub taken_bubble: u32,
    /// The cache of decoded operations, where there is one.
    pub op_cache: Option<OpCache>,
}

/// A cache of decoded operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpCache {
    /// Operations delivered in a cycle.
    pub width: u32,
    /// Sets.
    pub sets: u32,
    /// Ways.
    pub ways: u32,
    /// Bytes of code that one entry covers.
    pub window_bytes: u32,
    /// Cycles lost when delivery changes between it and the decoders.
    pub switch: u32,
}

/// Everything between rename and retirement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Operations dispatched in a cycle.
    pub dispatch: u32,
    /// Operations retired in a cycle.
    pub retire: u32,
    /// Operations in flight.
    pub reorder: u32,
    /// Operations waiting for operands or a port.
    pub scheduler: u32,
    /// Loads in flight.
    pub loads: u32,
    /// Stores that have not reached the cache.
    pub stores: u32,
    /// Cycles after the start of integer arithmetic that its operands are needed: in-order pipelines generate addresses
    /// first and compute later.
    pub late_operands: u32,
    /// Cycles after the start of a store that its data is needed, in order.
    pub late_data: u32,
}

/// Branch prediction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Branches {
    /// Cycles from the end of a mispredicted branch to the dispatch of the right path.
    pub mispredict: u32,
    /// Cycles lost when a direct branch is not in the target buffer.
    pub btb_miss: u32,
    /// Entries of the target buffer.
    pub btb_entries: u32,
    /// Entries of the return stack.
    pub return_stack: u32,
    /// Base-2 logarithm of the counters without history.
    pub base_bits: u32,
    /// Tables with history, 0 for a predictor without.
    pub history_tables: u32,
    /// Base-2 logarithm of the entries of each.
    pub history_bits: u32,
}

/// One level of cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheLevel {
    /// Size in KiB.
    pub kib: u32,
    /// Ways.
    pub ways: u32,
    /// Load-to-use cycles of an integer load that hits here.
    pub latency: u32,
    /// Cycles between two lines delivered to the level above.
    pub interval: u32,
}

/// Loads, stores and what is behind them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemorySystem {
    /// Bytes of a line.
    pub line_bytes: u32,
    /// Instruction cache.
    pub l1i: CacheLevel,
    /// Data cache.
    pub l1d: CacheLevel,
    /// Second level.
    pub l2: CacheLevel,
    /// Third level, where there is one.
    pub l3: Option<CacheLevel>,
    /// Cycles of a load that no cache holds.
    pub memory_latency: u32,
    /// Cycles between two lines from memory.
    pub memory_interval: u32,
    /// Lines that the data cache waits for at the same time.
    pub fill_buffers: u32,
    /// Lines that a detected stream is fetched ahead; 0 without a prefetcher.
    pub prefetch_lines: u32,
    /// Entries of the first-level data TLB.
    pub dtlb_entries: u32,
    /// Entries of the second-level TLB.
    pub l2_tlb_entries: u32,
    /// Cycles of a hit in the second-level TLB.
    pub l2_tlb: u32,
    /// Cycles of a page walk.
    pub page_walk: u32,
    /// Cycles from a store's data to a load that takes it from the store queue.
    pub forward: u32,
    /// Cycles from a store's arrival in the cache to a load that the queue could not serve.
    pub forward_failed: u32,
    /// Cycles lost by a load whose address equals that of a store in flight modulo 4 KiB; 0 where that costs nothing.
    pub alias_4k: u32,
    /// Cycles lost by an access that crosses a line.
    pub split_line: u32,
    /// Cycles lost by an access that crosses a page.
    pub split_page: u32,
    /// Cycles between two stores that reach the cache.
    pub store_interval: u32,
}

/// The cost of a repeated string instruction, in cycles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StringCost {
    /// With a count of zero.
    pub zero: u32,
    /// Before the first byte.
    pub startup: u32,
    /// Bytes from which on the fast path is taken; below it, elements go one by one.
    pub fast_from: u32,
    /// Cycles of the fast path before its first byte, on top of `startup`.
    pub fast_startup: u32,
    /// Cycles an element below.
    pub element: u32,
    /// Bytes a cycle on the fast path with everything in the first-level cache.
    pub bytes: u32,
    /// Lines in flight when the source or destination is not in the first-level cache.
    pub lines_in_flight: u32,
    /// What the destination should be a multiple of for the fast path, in bytes.
    pub align: u32,
    /// Cycles lost when it is not.
    pub misaligned: u32,
    /// A destination less than so many bytes above the source, modulo 4 KiB, looks as if it overlapped; 0 where that
    /// costs nothing.
    pub alias_distance: u32,
    /// Cycles lost then.
    pub alias_startup: u32,
    /// Bytes a cycle then.
    pub alias_bytes: u32,
}

/// The costs of repeated string instructions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StringCosts {
    /// Copying.
    pub copy: StringCost,
    /// Filling.
    pub fill: StringCost,
    /// Anything else, an element at a time.
    pub other: StringCost,
}

/// A core.
#[derive(Clone, Debug, PartialEq)]
pub struct Core {
    /// Its name, as `--core` takes it.
    pub name: String,
    /// One line about it.
    pub summary: String,
    /// Architectures that it executes, as Go calls them.
    pub archs: Vec<String>,
    /// How instructions flow through it.
    pub kind: Kind,
    /// What LLVM calls it, where LLVM has a model of its own for it.
    pub llvm: Option<String>,
    /// What LLVM calls its architecture.
    pub llvm_triple: Option<String>,
    /// What the host calls it: processor vendor, family and models, as `/proc/cpuinfo` states them.
    pub host: Vec<String>,
    /// Where its numbers come from: short name and description.
    pub sources: Vec<(String, String)>,
    /// How many numbers are of which level of trust.
    pub trust: TrustCounts,
    /// Names of the ports in order.
    pub ports: Vec<String>,
    /// Cost of each class, by [`OpClass::index`].
    pub costs: Vec<OpCost>,
    /// Costs of helpers that differ from the class.
    pub helpers: Vec<(String, OpCost)>,
    /// What is fused with branches.
    pub fusion: Fusion,
    /// Whether a load, and what computes with it, enter the window as one.
    pub load_op_fusion: bool,
    /// Cycles of a cost model for each instruction, on top of its operations.
    pub per_instruction: u32,
    /// Fetch and decode.
    pub front_end: FrontEnd,
    /// The window.
    pub window: Window,
    /// Branch prediction.
    pub branches: Branches,
    /// Memory.
    pub memory: MemorySystem,
    /// String instructions, where the architecture has them.
    pub strings: Option<StringCosts>,
}

impl Core {
    /// Reads a core file.
    ///
    /// # Errors
    /// Every mistake, with its place and what would be right.
    pub fn parse(source: &Arc<Source>) -> Result<Self, Diagnostics> {
        read::core(source)
    }

    /// The cost of a class.
    #[must_use]
    pub fn cost(&self, class: OpClass) -> OpCost {
        self.costs[class.index()]
    }
}
