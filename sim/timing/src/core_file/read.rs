//! A whole core file.

use std::sync::Arc;

use rcsim_diag::table::Reader;
use rcsim_diag::{Diagnostic, Diagnostics, Source, Span};
use toml::de::DeTable;

use super::keys::{self, Key, names};
use super::numbers::Numbers;
use super::{
    Branches, CacheLevel, Core, FrontEnd, Fusion, Kind, MemorySystem, OpCache, StringCost, StringCosts,
    TrustCounts, Window, ops,
};

/// The longest core file, in bytes.
const MAX_FILE_BYTES: usize = 1 << 18;

/// Reads a core.
pub fn core(source: &Arc<Source>) -> Result<Core, Diagnostics> {
    if source.text().len() > MAX_FILE_BYTES {
        let error = Diagnostic::input(format!("the core file is longer than {MAX_FILE_BYTES} bytes"));
        return Err(error.with_place(source.name()).into());
    }
    let document = DeTable::parse(source.text()).map_err(|error| {
        let span = Span::new(source, error.span().unwrap_or(0..0));
        Diagnostics::from(
            Diagnostic::input("the core file is not TOML").with_primary(&span, error.message().trim()),
        )
    })?;
    let mut reader = Reader::new(source);
    let core = whole(&mut reader, document.get_ref());
    match core {
        Some(core) => reader.errors.into_result(core),
        None if reader.errors.has_errors() => Err(reader.errors),
        None => {
            Err(Diagnostic::bug("a core file was refused without a reason").with_place(source.name()).into())
        }
    }
}

fn whole(reader: &mut Reader<'_>, root: &DeTable<'_>) -> Option<Core> {
    reader.check_keys(root, &keys::KEYS, "a core");
    let kind = word(reader, root, "kind", &keys::KINDS)?;
    let sources = sources(reader, root)?;
    let names = sources.iter().map(|(name, _)| name.clone()).collect();
    let mut numbers = Numbers { sources: names, counts: TrustCounts::default() };
    let name = text(reader, root, "name");
    let summary = text(reader, root, "summary");
    let archs = strings(reader, root, "archs");
    let ports = ops::ports(reader, root, kind);
    let costs = ports.as_ref().and_then(|ports| ops::costs(reader, root, ports, kind, &mut numbers));
    let core = match kind {
        Kind::CostModel => cost_model(reader, root, &mut numbers),
        Kind::OutOfOrder | Kind::InOrder => processor(reader, root, kind, &mut numbers),
    };
    let (parts, costs) = (core?, costs?);
    Some(Core {
        name: name?,
        summary: summary?,
        archs: archs?,
        kind,
        llvm: reader.string(root, "llvm").map(|text| text.value),
        llvm_triple: reader.string(root, "llvm-triple").map(|text| text.value),
        host: reader.strings(root, "host").unwrap_or_default().into_iter().map(|text| text.value).collect(),
        sources,
        trust: numbers.counts,
        ports: ports?,
        costs: costs.classes,
        helpers: costs.helpers,
        fusion: parts.fusion,
        load_op_fusion: parts.load_op_fusion,
        per_instruction: parts.per_instruction,
        front_end: parts.front_end,
        window: parts.window,
        branches: parts.branches,
        memory: parts.memory,
        strings: parts.strings,
    })
}

/// What depends on the kind of core.
struct Parts {
    fusion: Fusion,
    load_op_fusion: bool,
    per_instruction: u32,
    front_end: FrontEnd,
    window: Window,
    branches: Branches,
    memory: MemorySystem,
    strings: Option<StringCosts>,
}

fn cost_model(reader: &mut Reader<'_>, root: &DeTable<'_>, numbers: &mut Numbers) -> Option<Parts> {
    for key in keys::OF_PIPELINES {
        reader.unwanted(root, key, "a cost model has no pipeline");
    }
    let table = section(reader, root, "cost", &names(&keys::COST))?;
    let [per_instruction] = all(reader, table, "cost", keys::COST, numbers)?;
    Some(Parts {
        fusion: Fusion::None,
        load_op_fusion: false,
        per_instruction,
        front_end: FrontEnd::default(),
        window: Window::default(),
        branches: Branches::default(),
        memory: MemorySystem::default(),
        strings: None,
    })
}

fn processor(
    reader: &mut Reader<'_>,
    root: &DeTable<'_>,
    kind: Kind,
    numbers: &mut Numbers,
) -> Option<Parts> {
    reader.unwanted(root, "cost", "only a cost model has costs per instruction");
    let fusion = word(reader, root, "fusion", &keys::FUSIONS);
    let load_op_fusion = reader.boolean(root, "load-op-fusion").unwrap_or(false);
    let front_end = front_end(reader, root, numbers);
    let window = window(reader, root, kind, numbers);
    let branches = branches(reader, root, numbers);
    let memory = memory(reader, root, numbers);
    let strings = match root.contains_key("string") {
        true => Some(strings_section(reader, root, numbers)?),
        false => None,
    };
    Some(Parts {
        fusion: fusion?,
        load_op_fusion,
        per_instruction: 0,
        front_end: front_end?,
        window: window?,
        branches: branches?,
        memory: memory?,
        strings,
    })
}

/// A section that must be there, its keys checked.
fn section<'t, 'v>(
    reader: &mut Reader<'_>,
    root: &'t DeTable<'v>,
    name: &str,
    keys: &[&str],
) -> Option<&'t DeTable<'v>> {
    if !root.contains_key(name) {
        return reader.missing(name, "a core of this kind", &format!("write a section [{name}]"));
    }
    let table = reader.table(root, name)?;
    reader.check_keys(table, keys, &format!("[{name}]"));
    Some(table)
}

/// Reads the named numbers of a section in order. `None` when one is missing or wrong; all are reported.
fn all<const N: usize>(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    name: &str,
    keys: [Key; N],
    numbers: &mut Numbers,
) -> Option<[u32; N]> {
    let read = keys.map(|key| numbers.required(reader, table, name, key.name, key.least));
    let mut values = [0; N];
    for (value, read) in values.iter_mut().zip(read) {
        *value = read?;
    }
    Some(values)
}

fn front_end(reader: &mut Reader<'_>, root: &DeTable<'_>, numbers: &mut Numbers) -> Option<FrontEnd> {
    let table = section(reader, root, "front-end", &names(&keys::FRONT_END))?;
    let [fetch_bytes, decode, queue, taken_bubble] =
        all(reader, table, "front-end", keys::FRONT_END, numbers)?;
    let op_cache = match root.contains_key("op-cache") {
        true => Some(op_cache(reader, root, numbers)?),
        false => None,
    };
    Some(FrontEnd { fetch_bytes, decode, queue, taken_bubble, op_cache })
}

fn op_cache(reader: &mut Reader<'_>, root: &DeTable<'_>, numbers: &mut Numbers) -> Option<OpCache> {
    let table = section(reader, root, "op-cache", &names(&keys::OP_CACHE))?;
    let [width, sets, ways, window_bytes, switch] = all(reader, table, "op-cache", keys::OP_CACHE, numbers)?;
    Some(OpCache { width, sets, ways, window_bytes, switch })
}

fn window(reader: &mut Reader<'_>, root: &DeTable<'_>, kind: Kind, numbers: &mut Numbers) -> Option<Window> {
    if kind == Kind::InOrder {
        let table = section(reader, root, "window", &names(&keys::WINDOW_IN_ORDER))?;
        let [issue, stores, loads, late_operands, late_data] =
            all(reader, table, "window", keys::WINDOW_IN_ORDER, numbers)?;
        let (reorder, scheduler) = (1, 1);
        return Some(Window {
            dispatch: issue,
            retire: issue,
            reorder,
            scheduler,
            loads,
            stores,
            late_operands,
            late_data,
        });
    }
    let table = section(reader, root, "window", &names(&keys::WINDOW))?;
    let [dispatch, retire, reorder, scheduler, loads, stores] =
        all(reader, table, "window", keys::WINDOW, numbers)?;
    let (late_operands, late_data) = (0, 0);
    Some(Window { dispatch, retire, reorder, scheduler, loads, stores, late_operands, late_data })
}

fn branches(reader: &mut Reader<'_>, root: &DeTable<'_>, numbers: &mut Numbers) -> Option<Branches> {
    let table = section(reader, root, "branch", &names(&keys::BRANCH))?;
    let [mispredict, btb_miss, btb_entries, return_stack, base_bits, history_tables, history_bits] =
        all(reader, table, "branch", keys::BRANCH, numbers)?;
    Some(Branches {
        mispredict,
        btb_miss,
        btb_entries,
        return_stack,
        base_bits: base_bits.min(16),
        history_tables: history_tables.min(8),
        history_bits: history_bits.min(14),
    })
}

fn memory(reader: &mut Reader<'_>, root: &DeTable<'_>, numbers: &mut Numbers) -> Option<MemorySystem> {
    let table = section(reader, root, "memory", &names(&keys::MEMORY))?;
    let own = all(reader, table, "memory", keys::MEMORY, numbers);
    let caches = section(reader, root, "cache", &keys::CACHES.map(|cache| cache.0))?;
    let l1i = level(reader, caches, "l1i", numbers);
    let l1d = level(reader, caches, "l1d", numbers);
    let l2 = level(reader, caches, "l2", numbers);
    let l3 = match caches.contains_key("l3") {
        true => Some(level(reader, caches, "l3", numbers)?),
        false => None,
    };
    let [
        line_bytes,
        memory_latency,
        memory_interval,
        fill_buffers,
        prefetch_lines,
        dtlb_entries,
        l2_tlb_entries,
        l2_tlb,
        page_walk,
        forward,
        forward_failed,
        alias_4k,
        split_line,
        split_page,
        store_interval,
    ] = own?;
    if !line_bytes.is_power_of_two() {
        let span = reader.span_of(table.get("line-bytes")?);
        return reader.fail(&span, "`line-bytes` is no power of two", "lines are 32, 64 or 128 bytes");
    }
    Some(MemorySystem {
        line_bytes,
        l1i: l1i?,
        l1d: l1d?,
        l2: l2?,
        l3,
        memory_latency,
        memory_interval,
        fill_buffers,
        prefetch_lines: prefetch_lines.min(32),
        dtlb_entries,
        l2_tlb_entries,
        l2_tlb,
        page_walk,
        forward,
        forward_failed,
        alias_4k,
        split_line,
        split_page,
        store_interval,
    })
}

fn level(
    reader: &mut Reader<'_>,
    caches: &DeTable<'_>,
    name: &str,
    numbers: &mut Numbers,
) -> Option<CacheLevel> {
    let table = section(reader, caches, name, &names(&keys::CACHE))?;
    let [kib, ways, latency, interval] = all(reader, table, &format!("cache.{name}"), keys::CACHE, numbers)?;
    Some(CacheLevel { kib, ways: ways.min(64), latency, interval })
}

fn strings_section(
    reader: &mut Reader<'_>,
    root: &DeTable<'_>,
    numbers: &mut Numbers,
) -> Option<StringCosts> {
    let table = section(reader, root, "string", &keys::STRINGS.map(|kind| kind.0))?;
    let copy = string_cost(reader, table, "copy", numbers);
    let fill = string_cost(reader, table, "fill", numbers);
    let other = string_cost(reader, table, "other", numbers);
    Some(StringCosts { copy: copy?, fill: fill?, other: other? })
}

fn string_cost(
    reader: &mut Reader<'_>,
    root: &DeTable<'_>,
    name: &str,
    numbers: &mut Numbers,
) -> Option<StringCost> {
    let table = section(reader, root, name, &names(&keys::STRING))?;
    let [
        zero,
        startup,
        fast_from,
        fast_startup,
        element,
        bytes,
        lines_in_flight,
        align,
        misaligned,
        alias_distance,
        alias_startup,
        alias_bytes,
    ] = all(reader, table, &format!("string.{name}"), keys::STRING, numbers)?;
    Some(StringCost {
        zero,
        startup,
        fast_from,
        fast_startup,
        element,
        bytes,
        lines_in_flight,
        align,
        misaligned,
        alias_distance,
        alias_startup,
        alias_bytes,
    })
}

fn word<T: Copy>(reader: &mut Reader<'_>, root: &DeTable<'_>, key: &str, words: &[(&str, T)]) -> Option<T> {
    if !root.contains_key(key) {
        let known: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        return reader.missing(key, "a core", &format!("write {key} = {}", known.join(" or ")));
    }
    let text = reader.string(root, key)?;
    reader.word(key, &text, words)
}

fn text(reader: &mut Reader<'_>, root: &DeTable<'_>, key: &str) -> Option<String> {
    if !root.contains_key(key) {
        return reader.missing(key, "a core", &format!("write {key} = \"...\""));
    }
    let text = reader.string(root, key)?;
    if text.value.is_empty() || text.value.chars().any(char::is_control) {
        return reader.fail(
            &text.span,
            format!("`{key}` is empty or has control characters"),
            "write one line",
        );
    }
    Some(text.value)
}

fn strings(reader: &mut Reader<'_>, root: &DeTable<'_>, key: &str) -> Option<Vec<String>> {
    if !root.contains_key(key) {
        return reader.missing(key, "a core", &format!("write {key} = [\"...\"]"));
    }
    Some(reader.strings(root, key)?.into_iter().map(|text| text.value).collect())
}

/// Short names and descriptions of the sources, in the order of the file.
fn sources(reader: &mut Reader<'_>, root: &DeTable<'_>) -> Option<Vec<(String, String)>> {
    if !root.contains_key("sources") {
        return reader.missing("sources", "a core", "write [sources] with a line for each source of numbers");
    }
    let table = reader.table(root, "sources")?;
    let mut sources: Vec<(usize, String, String)> = Vec::new();
    for (name, value) in table {
        let description = reader.as_string(name.get_ref(), value)?;
        sources.push((name.span().start, name.get_ref().to_string(), description.value));
    }
    sources.sort();
    Some(sources.into_iter().map(|(_, name, description)| (name, description)).collect())
}
