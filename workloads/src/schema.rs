//! The workload format as JSON Schema, for editors.
//!
//! Words come from the tables that the reader itself uses; a test holds the keys of each table to those that the reader knows.
//! The schema says what can be said of a key by itself; what keys mean for each other, and everything in Go, only the reader
//! checks.

use serde_json::{Map, Value, json};

use crate::format::known;

/// The schema of a workload file.
#[must_use]
pub fn workload() -> Value {
    let mut schema = object(&[
        ("name", "What the workload shows", text()),
        ("call", "How the function is called", words(&known::calls())),
        ("types", "Go: type declarations, aliases, and method headers without body", text()),
        ("func", "Go: the function type, without receiver", text()),
        ("receiver", "Go: the type on which a method value is made: T, *T or an interface", text()),
        ("method", "The exported method, declared for the receiver", text()),
        ("args", "The arguments, in Go; generated when the key is left out", list(value())),
        (
            "callee",
            "What the called function does: an action, or a list of which only the last may end the call",
            callee(),
        ),
        (
            "symbol",
            "A function of the image that is the callee when there is an image, such as main.callInt",
            text(),
        ),
        ("frame-bytes", "For `reflectcall`: size of the frame in bytes", unsigned()),
        ("ret-offset", "For `reflectcall`: where its results begin, in bytes", unsigned()),
        ("reserve-bytes", "Bytes of stack that reflectcall is told to reserve at least", unsigned()),
        (
            "stack-left",
            "Bytes between the stack pointer and the goroutine's guard whenever reflectcall begins",
            json!({"anyOf": [{"type": "integer", "minimum": 0, "multipleOf": 8}, words(&known::stack_left())]}),
        ),
        ("epochs", "Where the workload applies; everywhere when the key is left out", list(text())),
        ("archs", "Where the workload applies; everywhere when the key is left out", list(text())),
        ("gc", "What the collector does", gc()),
        ("expect", "What must come of the run", expect()),
        (
            "limits",
            "Limits of the run",
            object(&[("steps", "The most steps of a run", json!({"type": "integer", "minimum": 1}))]),
        ),
        ("patch", "Changes of the machinery before the run", list(patch())),
    ]);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("rcsim workload");
    schema["required"] = json!(["name", "call", "callee"]);
    schema
}

/// A closed table: its keys with what they mean and what they hold.
fn object(keys: &[(&str, &str, Value)]) -> Value {
    let mut properties = Map::new();
    for (key, meaning, schema) in keys {
        let mut schema = schema.clone();
        schema["description"] = json!(meaning);
        properties.insert((*key).to_owned(), schema);
    }
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn unsigned() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn words(words: &[&str]) -> Value {
    json!({ "enum": words })
}

/// A value in Go, bare or in a table that says more about it.
fn value() -> Value {
    let bare = json!({ "type": ["string", "number", "boolean"] });
    let table = object(&[
        ("value", "The value in Go; generated when the key is left out", bare.clone()),
        (
            "type",
            "Go: the type of the reflect.Value; that of the parameter or result when the key is left out",
            text(),
        ),
        ("addressable", "Whether it is the content of a variable", json!({ "type": "boolean" })),
    ]);
    json!({ "anyOf": [bare, table] })
}

fn callee() -> Value {
    let word = words(&known::ACTIONS);
    let mut table = object(&[
        ("store-to-heap", "Stores argument N into a fresh heap object", unsigned()),
        ("allocate", "Allocates so many bytes", unsigned()),
        ("grow-stack", "Uses so many bytes more of stack, and comes back", unsigned()),
        ("return", "Ends: result i is value i of the list, made by the function", list(value())),
        ("panic", "Ends: panics with this text", text()),
    ]);
    table["minProperties"] = json!(1);
    table["maxProperties"] = json!(1);
    let action = json!({ "anyOf": [word, table] });
    json!({ "anyOf": [word, table, { "type": "array", "items": action }] })
}

fn gc() -> Value {
    object(&[
        (
            "barrier",
            "The write barrier in force; that of the epoch when the key is left out",
            words(&known::barriers()),
        ),
        (
            "points",
            "Where the collector may stop the goroutine; where Go may when the key is left out",
            words(&known::points()),
        ),
    ])
}

fn expect() -> Value {
    let mut finding = object(&[
        (
            "code",
            "The finding, as `rcsim explain` lists them",
            json!({ "type": "string", "pattern": "^RC[0-9]{4}$" }),
        ),
        ("epochs", "In which epochs; in all when the key is left out", list(text())),
        ("archs", "On which architectures; on all when the key is left out", list(text())),
    ]);
    finding["required"] = json!(["code"]);
    object(&[
        ("results", "The results, in Go; what `callee` says when the key is left out", list(value())),
        ("panic", "The text of the panic that ends the call", text()),
        ("findings", "What the checker finds; nothing when the key is left out", list(finding)),
        ("breaks-off", "Where the run breaks off; nowhere when the key is left out", list(break_off())),
    ])
}

fn break_off() -> Value {
    let mut table = object(&[
        ("kind", "How it breaks off", words(&known::breaks())),
        (
            "at",
            "Where: a function, with or without the offset of the instruction in it, or the step of a service",
            text(),
        ),
        ("epochs", "In which epochs; in all when the key is left out", list(text())),
        ("archs", "On which architectures; on all when the key is left out", list(text())),
    ]);
    table["required"] = json!(["kind"]);
    table
}

fn patch() -> Value {
    let boolean = || json!({ "type": "boolean" });
    let mut table = object(&[
        ("symbol", "The function that is changed", text()),
        ("instruction", "The instruction with this disassembly", text()),
        ("offset", "The instruction so many bytes behind the function's first", unsigned()),
        ("bytes", "The instruction with this encoding, in hexadecimal", text()),
        ("nth", "Which of several equal ones, from 1", json!({ "type": "integer", "minimum": 1 })),
        ("with", "`nop`, `skip`, or bytes in hexadecimal", text()),
        ("frame-bytes", "The size of the frame that a built-in function's tables state", unsigned()),
        ("args-bytes", "The size of the arguments that a built-in function's tables state", unsigned()),
        ("nosplit", "Whether a built-in function is said to go without a stack check", boolean()),
        ("map", "The pointer map that is changed", words(&["args"])),
        ("bit", "The number of its word", unsigned()),
        ("value", "Whether that word counts as a pointer", boolean()),
        ("step", "The step of a service that is left out", text()),
        ("deviation", "The defect that the services get, as `rcsim list deviations` names it", text()),
        ("fix", "The defect of the epoch that the services lose", text()),
        ("epochs", "In which epochs; in all when the key is left out", list(text())),
        ("archs", "On which architectures; on all when the key is left out", list(text())),
    ]);
    let kinds = known::PATCH_KINDS.map(|key| json!({ "required": [key] }));
    table["oneOf"] = json!(kinds);
    table
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::{break_off, callee, expect, gc, patch, value, workload};
    use crate::format::known;

    fn keys(table: &Value) -> BTreeSet<&str> {
        table["properties"].as_object().expect("a table").keys().map(String::as_str).collect()
    }

    fn set<'k>(keys: impl IntoIterator<Item = &'k str>) -> BTreeSet<&'k str> {
        keys.into_iter().collect()
    }

    #[test]
    fn keys_are_those_that_the_reader_knows() {
        assert_eq!(keys(&workload()), set(known::KEYS));
        assert_eq!(keys(&gc()), set(known::GC_KEYS));
        assert_eq!(keys(&workload()["properties"]["limits"]), set(known::LIMITS_KEYS));
        assert_eq!(keys(&expect()), set(known::EXPECT_KEYS));
        let findings = &expect()["properties"]["findings"]["items"];
        assert_eq!(keys(findings), set(known::FINDING_KEYS));
        assert_eq!(keys(&break_off()), set(known::BREAK_KEYS));
        assert_eq!(keys(&value()["anyOf"][1]), set(known::VALUE_KEYS));
        assert_eq!(keys(&callee()["anyOf"][1]), set(known::ACTIONS_WITH_VALUE));
        assert_eq!(keys(&patch()), set(known::patch_keys()));
    }
}
