//! The core file format as JSON Schema, for editors.
//!
//! Made of the tables that the reader itself reads by. The schema says what can be said of a key by itself and by the kind of
//! the core; that every class has one cost, and that ports and sources exist, only the reader checks.

use serde_json::{Map, Value, json};

use super::keys::{self, Key};
use super::numbers::MAX;
use super::{Kind, Trust, ops};
use crate::class::OpClass;

/// The schema of a core file.
#[must_use]
pub fn core() -> Value {
    let caches = keys::CACHES.map(|(name, _, about)| (name, about, section(&keys::CACHE)));
    let strings = keys::STRINGS.map(|(name, about)| (name, about, section(&keys::STRING)));
    let needed: Vec<&str> = keys::CACHES.iter().filter(|cache| cache.1).map(|cache| cache.0).collect();
    let mut schema = table(&[
        ("name", "Its name, as `--core` takes it", line()),
        ("summary", "One line about it", line()),
        ("archs", "Architectures that it executes, as Go calls them", list(text())),
        ("kind", "How instructions flow through it", words(keys::KINDS.map(|kind| kind.0))),
        ("llvm", "What llvm-mca calls it, where LLVM has a model of its own for it", text()),
        ("llvm-triple", "What LLVM calls its architecture, where that is another than its ports'", text()),
        ("host", "What /proc/cpuinfo calls it: vendor, family and models", list(text())),
        (
            "sources",
            "Where its numbers come from: short names, and what they stand for",
            json!({ "type": "object", "additionalProperties": text() }),
        ),
        (
            "ports",
            "Names of the ports that perform operations",
            json!({ "type": "array", "items": text(), "minItems": 1, "maxItems": ops::MAX_PORTS }),
        ),
        ("op", "What operations cost; every class has exactly one cost", list(op())),
        (
            "fusion",
            "Which instructions become one with a conditional branch",
            words(keys::FUSIONS.map(|fusion| fusion.0)),
        ),
        (
            "load-op-fusion",
            "Whether a load, and what computes with it, enter the window as one",
            json!({ "type": "boolean" }),
        ),
        ("front-end", "Fetch and decode", section(&keys::FRONT_END)),
        ("op-cache", "The cache of decoded operations, where there is one", section(&keys::OP_CACHE)),
        (
            "window",
            "Everything between rename and retirement",
            json!({ "anyOf": [section(&keys::WINDOW), section(&keys::WINDOW_IN_ORDER)] }),
        ),
        ("branch", "Branch prediction", section(&keys::BRANCH)),
        ("memory", "What is behind loads and stores", section(&keys::MEMORY)),
        ("cache", "The caches", required(table(&caches), &needed)),
        (
            "string",
            "Repeated string instructions, where the architecture has them",
            required(table(&strings), &keys::STRINGS.map(|kind| kind.0)),
        ),
        ("cost", "What an instruction of a cost model costs", section(&keys::COST)),
    ]);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("rcsim core");
    schema["required"] = json!(["name", "summary", "archs", "kind", "sources", "op"]);
    schema["allOf"] = json!([
        by_kind(Kind::CostModel, &["cost"], &[&keys::OF_PIPELINES[..], &["ports"]].concat(), None),
        by_kind(Kind::InOrder, &OF_PROCESSORS, &["cost"], Some(section(&keys::WINDOW_IN_ORDER))),
        by_kind(Kind::OutOfOrder, &OF_PROCESSORS, &["cost"], Some(section(&keys::WINDOW))),
    ]);
    schema
}

/// What every processor states.
const OF_PROCESSORS: [&str; 7] = ["ports", "fusion", "front-end", "window", "branch", "memory", "cache"];

/// What a kind of core must state, may not state, and how its window is described.
fn by_kind(kind: Kind, needed: &[&str], unwanted: &[&str], window: Option<Value>) -> Value {
    let mut properties: Map<String, Value> =
        unwanted.iter().map(|key| ((*key).to_owned(), json!(false))).collect();
    properties.extend(window.map(|window| ("window".to_owned(), window)));
    json!({
        "if": { "properties": { "kind": { "const": kind.name() } }, "required": ["kind"] },
        "then": { "required": needed, "properties": properties },
    })
}

/// A closed table: its keys with what they mean and what they hold.
fn table(keys: &[(&str, &str, Value)]) -> Value {
    let mut properties = Map::new();
    for (key, meaning, schema) in keys {
        let mut schema = schema.clone();
        schema["description"] = json!(meaning);
        properties.insert((*key).to_owned(), schema);
    }
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

fn required(mut table: Value, keys: &[&str]) -> Value {
    table["required"] = json!(keys);
    table
}

/// A table of numbers with their sources, all of which must be there.
fn section(keys: &[Key]) -> Value {
    let numbers: Vec<_> = keys.iter().map(|key| (key.name, key.about, number(key.least))).collect();
    let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
    required(table(&numbers), &names)
}

/// `[value, trust, source]`
fn number(least: u32) -> Value {
    json!({
        "type": "array",
        "prefixItems": [integer(least), trust(), text()],
        "items": false,
        "minItems": 3,
        "maxItems": 3,
    })
}

fn integer(least: u32) -> Value {
    json!({ "type": "integer", "minimum": least, "maximum": MAX })
}

fn trust() -> Value {
    words(Trust::ALL.map(Trust::name))
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn line() -> Value {
    json!({ "type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f]+$" })
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn words<const N: usize>(words: [&str; N]) -> Value {
    json!({ "enum": words.to_vec() })
}

/// One `[[op]]`.
fn op() -> Value {
    let classes: Vec<&str> = OpClass::ALL.iter().map(|class| class.name()).collect();
    let mut op = table(&[
        ("classes", "The classes of operation that cost this", list(json!({ "enum": classes }))),
        ("helpers", "Helpers that cost this instead of their class", list(text())),
        ("ports", "Ports that can perform it, with spaces between them; none when renaming does", text()),
        ("latency", "Cycles from start to result", integer(0)),
        ("busy", "Cycles for which its port takes nothing else; 1 when the key is left out", integer(1)),
        ("slots", "Places in the window that it takes; 1 when the key is left out", integer(0)),
        (
            "late",
            "In order, cycles after its start that its operands are needed; [window] has the usual ones",
            integer(0),
        ),
        ("bytes", "Bytes of memory that a helper moves in a cycle, once it has started", integer(0)),
        ("trust", "How far these numbers are to be trusted", trust()),
        ("source", "Where they come from: a key of [sources]", text()),
    ]);
    op["required"] = json!(["latency", "trust", "source"]);
    op["anyOf"] = json!([{ "required": ["classes"] }, { "required": ["helpers"] }]);
    op
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::{core, op};
    use crate::core_file::{keys, ops};

    fn keys_of(table: &Value) -> BTreeSet<&str> {
        table["properties"].as_object().expect("a table").keys().map(String::as_str).collect()
    }

    #[test]
    fn keys_are_those_that_the_reader_knows() {
        assert_eq!(keys_of(&core()), keys::KEYS.into_iter().collect());
        assert_eq!(keys_of(&op()), ops::KEYS.into_iter().collect());
    }
}
