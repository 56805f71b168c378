//! The keys of a core file, section by section: what the reader reads and the schema describes.

use super::{Fusion, Kind};

/// A key whose value is a number with its source.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// The least number that it may state.
    pub least: u32,
    /// What it means, with its unit.
    pub about: &'static str,
}

const fn key(name: &'static str, least: u32, about: &'static str) -> Key {
    Key { name, least, about }
}

/// A key of the file itself.
pub const KEYS: [&str; 20] = [
    "name",
    "summary",
    "archs",
    "kind",
    "llvm",
    "llvm-triple",
    "host",
    "sources",
    "ports",
    "op",
    "fusion",
    "load-op-fusion",
    "front-end",
    "op-cache",
    "window",
    "branch",
    "memory",
    "cache",
    "string",
    "cost",
];

/// Those that mean nothing for a cost model, other than `ports`.
pub const OF_PIPELINES: [&str; 9] =
    ["fusion", "load-op-fusion", "front-end", "op-cache", "window", "branch", "memory", "cache", "string"];

/// The words for `kind`.
pub const KINDS: [(&str, Kind); 3] =
    [("out-of-order", Kind::OutOfOrder), ("in-order", Kind::InOrder), ("cost-model", Kind::CostModel)];
/// The words for `fusion`.
pub const FUSIONS: [(&str, Fusion); 3] =
    [("none", Fusion::None), ("compare", Fusion::Compare), ("alu", Fusion::Alu)];

/// Of `[cost]`.
pub const COST: [Key; 1] =
    [key("instruction", 0, "Cycles of each instruction, on top of those of its operations")];

/// Of `[front-end]`.
pub const FRONT_END: [Key; 4] = [
    key("fetch-bytes", 1, "Bytes of code fetched in a cycle"),
    key("decode", 1, "Operations decoded in a cycle"),
    key("queue", 1, "Operations that wait between decode and dispatch"),
    key("taken-bubble", 0, "Cycles that a taken branch leaves unused"),
];

/// Of `[op-cache]`.
pub const OP_CACHE: [Key; 5] = [
    key("width", 1, "Operations delivered in a cycle"),
    key("sets", 1, "Sets"),
    key("ways", 1, "Ways"),
    key("window-bytes", 8, "Bytes of code that one entry covers"),
    key("switch", 0, "Cycles lost when delivery changes between it and the decoders"),
];

/// Of `[window]` of a core that executes in order.
pub const WINDOW_IN_ORDER: [Key; 5] = [
    key("issue", 1, "Operations issued in a cycle"),
    key("stores", 1, "Stores that have not reached the cache"),
    key("loads", 1, "Loads in flight"),
    key("late-operands", 0, "Cycles after its start that integer arithmetic needs its operands"),
    key("late-data", 0, "Cycles after its start that a store needs its data"),
];

/// Of `[window]` of a core that executes out of order.
pub const WINDOW: [Key; 6] = [
    key("dispatch", 1, "Operations dispatched in a cycle"),
    key("retire", 1, "Operations retired in a cycle"),
    key("reorder", 8, "Operations in flight"),
    key("scheduler", 4, "Operations that wait for operands or a port"),
    key("loads", 1, "Loads in flight"),
    key("stores", 1, "Stores that have not reached the cache"),
];

/// Of `[branch]`.
pub const BRANCH: [Key; 7] = [
    key("mispredict", 1, "Cycles from the end of a mispredicted branch to the dispatch of the right path"),
    key("btb-miss", 0, "Cycles lost when a direct branch is not in the target buffer"),
    key("btb-entries", 1, "Entries of the target buffer"),
    key("return-stack", 1, "Entries of the return stack"),
    key("base-bits", 1, "Base-2 logarithm of the counters without history"),
    key("history-tables", 0, "Tables with history; 0 for a predictor without"),
    key("history-bits", 1, "Base-2 logarithm of the entries of each"),
];

/// Of `[memory]`.
pub const MEMORY: [Key; 15] = [
    key("line-bytes", 16, "Bytes of a line: a power of two"),
    key("latency", 1, "Cycles of a load that no cache holds"),
    key("interval", 1, "Cycles between two lines from memory"),
    key("fill-buffers", 1, "Lines that the data cache waits for at the same time"),
    key("prefetch-lines", 0, "Lines that a detected stream is fetched ahead; 0 without a prefetcher"),
    key("dtlb-entries", 1, "Entries of the first-level data TLB"),
    key("l2-tlb-entries", 1, "Entries of the second-level TLB"),
    key("l2-tlb", 0, "Cycles of a hit in the second-level TLB"),
    key("page-walk", 0, "Cycles of a page walk"),
    key("forward", 1, "Cycles from a store's data to a load that takes it from the store queue"),
    key(
        "forward-failed",
        0,
        "Cycles from a store's arrival in the cache to a load that the queue could not serve",
    ),
    key(
        "alias-4k",
        0,
        "Cycles lost by a load whose address equals that of a store in flight modulo 4 KiB; 0 where that costs nothing",
    ),
    key("split-line", 0, "Cycles lost by an access that crosses a line"),
    key("split-page", 0, "Cycles lost by an access that crosses a page"),
    key("store-interval", 1, "Cycles between two stores that reach the cache"),
];

/// The caches: name, whether every processor has it, and what it is.
pub const CACHES: [(&str, bool, &str); 4] = [
    ("l1i", true, "Instruction cache"),
    ("l1d", true, "Data cache"),
    ("l2", true, "Second level"),
    ("l3", false, "Third level"),
];

/// Of one of the caches.
pub const CACHE: [Key; 4] = [
    key("kib", 1, "Size in KiB"),
    key("ways", 1, "Ways"),
    key("latency", 1, "Load-to-use cycles of an integer load that hits here"),
    key("interval", 1, "Cycles between two lines delivered to the level above"),
];

/// The kinds of repeated string instructions, and what they are.
pub const STRINGS: [(&str, &str); 3] =
    [("copy", "Copying"), ("fill", "Filling"), ("other", "Anything else, an element at a time")];

/// Of one of them.
pub const STRING: [Key; 12] = [
    key("zero", 1, "Cycles with a count of zero"),
    key("startup", 1, "Cycles before the first byte"),
    key("fast-from", 0, "Bytes from which on the fast path is taken; below it, elements go one by one"),
    key("fast-startup", 0, "Cycles of the fast path before its first byte, on top of `startup`"),
    key("element", 0, "Cycles an element below"),
    key("bytes", 1, "Bytes a cycle on the fast path with everything in the first-level cache"),
    key("lines-in-flight", 1, "Lines in flight when source or destination is not in the first-level cache"),
    key("align", 1, "What the destination should be a multiple of for the fast path, in bytes"),
    key("misaligned", 0, "Cycles lost when it is not"),
    key(
        "alias-distance",
        0,
        "A destination less than so many bytes above the source, modulo 4 KiB, looks as if it overlapped; 0 where that costs nothing",
    ),
    key("alias-startup", 0, "Cycles lost then"),
    key("alias-bytes", 1, "Bytes a cycle then"),
];

/// The names of some keys.
pub const fn names<const N: usize>(keys: &[Key; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut n = 0;
    while n < N {
        names[n] = keys[n].name;
        n += 1;
    }
    names
}
