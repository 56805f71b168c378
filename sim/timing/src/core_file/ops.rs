//! Ports, and what each class of operation costs on them.

use rcsim_diag::table::{Reader, TomlValue, quoted, suggest};
use rcsim_diag::{Diagnostic, Located};
use toml::de::DeTable;

use super::numbers::{Numbers, TRUST, in_range};
use super::{Kind, OpCost};
use crate::class::OpClass;

/// Ports of one core, at most: a bit each.
pub const MAX_PORTS: usize = 32;
/// The longest latency, in cycles.
const MAX_LATENCY: u32 = 10_000;

/// The keys of an `[[op]]`.
pub const KEYS: [&str; 10] =
    ["classes", "ports", "latency", "busy", "slots", "late", "bytes", "trust", "source", "helpers"];

/// Names of the ports.
pub fn ports(reader: &mut Reader<'_>, root: &DeTable<'_>, kind: Kind) -> Option<Vec<String>> {
    if kind == Kind::CostModel {
        reader.unwanted(root, "ports", "a cost model has no ports");
        return Some(Vec::new());
    }
    if !root.contains_key("ports") {
        return reader.missing("ports", "a core", "write ports = [\"p0\", \"p1\"]");
    }
    let names = reader.strings(root, "ports")?;
    if names.is_empty() || names.len() > MAX_PORTS {
        let span = reader.span_of(root.get("ports")?);
        let label = format!("must be 1 to {MAX_PORTS}");
        return reader.fail(&span, "a core without ports, or with too many", label);
    }
    Some(names.into_iter().map(|name| name.value).collect())
}

/// Costs of classes and helpers, as the file states them.
pub struct Costs {
    /// By class.
    pub classes: Vec<OpCost>,
    /// By name of the helper.
    pub helpers: Vec<(String, OpCost)>,
}

/// Reads all `[[op]]`, and reports classes that none covers.
pub fn costs(
    reader: &mut Reader<'_>,
    root: &DeTable<'_>,
    ports: &[String],
    kind: Kind,
    numbers: &mut Numbers,
) -> Option<Costs> {
    if !root.contains_key("op") {
        return reader.missing(
            "op",
            "a core",
            "write an [[op]] for the classes of operation that cost the same",
        );
    }
    let list = reader.list(root, "op")?;
    let mut classes: Vec<Option<OpCost>> = vec![None; OpClass::ALL.len()];
    let mut helpers = Vec::new();
    for entry in list {
        one(reader, entry, ports, kind, numbers, &mut classes, &mut helpers);
    }
    let uncovered: Vec<&str> = OpClass::ALL
        .iter()
        .filter(|class| classes[class.index()].is_none())
        .map(|class| class.name())
        .collect();
    if !uncovered.is_empty() && !reader.errors.has_errors() {
        let span = reader.span_of(root.get("op")?);
        let error = Diagnostic::input("classes of operation without a cost")
            .with_primary(&span, format!("no [[op]] has {}", quoted(&uncovered)));
        reader.errors.push(
            error.with_help("every class must have a cost; `rcsim list cores` names a core to start from"),
        );
        return None;
    }
    Some(Costs { classes: classes.into_iter().map(Option::unwrap_or_default).collect(), helpers })
}

fn one(
    reader: &mut Reader<'_>,
    entry: &TomlValue<'_>,
    ports: &[String],
    kind: Kind,
    numbers: &mut Numbers,
    classes: &mut [Option<OpCost>],
    helpers: &mut Vec<(String, OpCost)>,
) -> Option<()> {
    let table = reader.as_table("op", entry)?;
    reader.check_keys(table, &KEYS, "[[op]]");
    let cost = cost(reader, entry, table, ports, kind, numbers)?;
    for name in reader.strings(table, "helpers").unwrap_or_default() {
        helpers.push((name.value, cost));
    }
    if !table.contains_key("classes") {
        return table.contains_key("helpers").then_some(()).or_else(|| {
            let span = reader.span_of(entry);
            reader.fail(&span, "an [[op]] for nothing", "it needs `classes` or `helpers`")
        });
    }
    for name in reader.strings(table, "classes")? {
        let Some(class) = OpClass::named(&name.value) else {
            unknown_class(reader, &name);
            continue;
        };
        if classes[class.index()].replace(cost).is_some() {
            let _: Option<()> =
                reader.fail(&name.span, format!("`{}` has two costs", name.value), "named here again");
        }
    }
    Some(())
}

fn unknown_class(reader: &mut Reader<'_>, name: &Located<String>) {
    let known: Vec<&str> = OpClass::ALL.iter().map(|class| class.name()).collect();
    let error = Diagnostic::input(format!("unknown class of operation `{}`", name.value))
        .with_primary(&name.span, "not a class");
    let error = match rcsim_diag::nearest(&name.value, known.iter().copied()) {
        Some(_) => suggest(error, &name.value, &known),
        None => error.with_help(format!("the classes are {}", quoted(&known))),
    };
    reader.errors.push(error);
}

fn cost(
    reader: &mut Reader<'_>,
    entry: &TomlValue<'_>,
    table: &DeTable<'_>,
    ports: &[String],
    kind: Kind,
    numbers: &mut Numbers,
) -> Option<OpCost> {
    for key in ["latency", "trust", "source"] {
        if !table.contains_key(key) {
            let span = reader.span_of(entry);
            return reader.fail(
                &span,
                format!("an [[op]] without `{key}`"),
                "needs latency, trust and source",
            );
        }
    }
    let latency = reader.unsigned(table, "latency")?;
    let latency = in_range(reader, "latency", &latency, 0)?.min(MAX_LATENCY) as u16;
    let optional = |reader: &mut Reader<'_>, key: &str, least: u32, default: u32| match table.get(key) {
        None => Some(default),
        Some(value) => {
            let number = reader.as_unsigned(key, value)?;
            in_range(reader, key, &number, least)
        }
    };
    let busy = optional(reader, "busy", 1, 1)?.min(MAX_LATENCY) as u16;
    let slots = optional(reader, "slots", 0, 1)?.min(u32::from(u8::MAX)) as u8;
    let late = table.contains_key("late").then(|| optional(reader, "late", 0, 0));
    let late = late.map_or(Some(None), |late| late.map(|late| Some(late.min(u32::from(u8::MAX)) as u8)))?;
    let bytes = optional(reader, "bytes", 0, 0)?.min(u32::from(u16::MAX)) as u16;
    let trust = reader.string(table, "trust")?;
    let trust = reader.word("trust", &trust, &TRUST)?;
    let source = reader.string(table, "source")?;
    numbers.source(reader, &source)?;
    let stated =
        ["latency", "busy", "slots", "late", "bytes"].iter().filter(|key| table.contains_key(**key)).count();
    numbers.counts.add(trust, stated as u32);
    let ports = match (kind, table.get("ports")) {
        (Kind::CostModel, _) => {
            reader.unwanted(table, "ports", "a cost model has no ports");
            0
        }
        (_, None) => 0,
        (_, Some(_)) => port_mask(reader, table, ports)?,
    };
    Some(OpCost { ports, latency, busy, slots, late, bytes })
}

/// Ports by their names, with spaces between them.
fn port_mask(reader: &mut Reader<'_>, table: &DeTable<'_>, ports: &[String]) -> Option<u32> {
    let text = reader.string(table, "ports")?;
    let mut mask = 0;
    for word in text.value.split_whitespace() {
        match ports.iter().position(|port| port == word) {
            Some(port) => mask |= 1 << port,
            None => {
                let known: Vec<&str> = ports.iter().map(String::as_str).collect();
                let error = Diagnostic::input(format!("unknown port `{word}`"))
                    .with_primary(&text.span, format!("the ports are {}", quoted(&known)));
                reader.errors.push(suggest(error, word, &known));
                return None;
            }
        }
    }
    Some(mask)
}
