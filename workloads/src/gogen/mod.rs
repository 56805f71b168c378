//! The Go program that does the same as a set of workloads, for comparison with what the simulator computes.
//!
//! Owns: the program's text. It declares the types (with a prefix, so that workloads do not collide), the callees and
//! callers as functions of their own that keep their names in the binary, makes each call through reflect, and prints one
//! line a workload: name, tab, the canonical text of the results, numbered after the arguments. A bare `reflectcall` is
//! made by `Value.Call` of the function type that stands for its frame. Compiles with Go 1.17 and later. Must not know:
//! toolchains, images.
//!
//! `prelude.go` is the part that is the same in every program; `names.rs` says what things are called; `declare.rs` writes
//! types and callees; `call.rs` writes the calls.

mod call;
mod declare;
mod names;

use std::collections::BTreeMap;

use rcsim_diag::{Diagnostic, Diagnostics};

use crate::workload::Workload;
use names::Names;

pub use names::{callee_symbol, caller_symbol};

/// The Go source of a program (one file, package main) that runs the workloads in order, for a guest whose `int` has
/// `word_bytes` bytes.
///
/// # Errors
/// When two workloads have names that differ in punctuation only, or a workload's arguments cannot be made.
pub fn program(workloads: &[&Workload], word_bytes: u64) -> Result<String, Diagnostics> {
    check_names(workloads)?;
    let mut out = include_str!("prelude.go").to_owned();
    let mut main = String::from("\nfunc main() {\n");
    for workload in workloads {
        let names = Names::new(workload);
        out.push_str(&declare::declarations(workload, &names));
        out.push_str(&call::function(workload, &names, word_bytes)?);
        main.push_str(&format!("\t{}()\n", names.run()));
    }
    out.push_str(&main);
    out.push_str("}\n");
    Ok(out)
}

/// The Go source of a program with the same types, callees and callers that calls none of them: it holds the compiled code
/// of many workloads, and takes a fraction of the time to build.
///
/// # Errors
/// When two workloads have names that differ in punctuation only.
pub fn callees(workloads: &[&Workload]) -> Result<String, Diagnostics> {
    check_names(workloads)?;
    let mut out = include_str!("prelude.go").to_owned();
    let mut main = String::from("\nfunc main() {\n");
    for workload in workloads {
        let names = Names::new(workload);
        out.push_str(&declare::declarations(workload, &names));
        main.push_str(&declare::kept(workload, &names));
    }
    out.push_str(&main);
    // A method looked up by a name that only the run knows makes the linker keep every method, and its wrapper.
    out.push_str("\trcsimKeep(reflect.ValueOf(rcsimKept[0]).MethodByName(os.Args[0]))\n\trcsimKeep(reflect.MakeFunc)\n}\n");
    Ok(out)
}

fn check_names(workloads: &[&Workload]) -> Result<(), Diagnostics> {
    let mut known: BTreeMap<String, &Workload> = BTreeMap::new();
    let mut errors = Diagnostics::new();
    for workload in workloads {
        if workload.slug().is_empty() {
            let error =
                Diagnostic::input("the name of a workload needs a letter or a digit to become a Go name");
            errors.push(error.with_primary(&workload.name.span, ""));
        }
        let mut names = vec![workload.slug()];
        if workload.call.receiver().is_none() {
            names.push(callee_symbol(workload));
        }
        for name in names {
            if let Some(other) = known.insert(name.clone(), workload) {
                let error = Diagnostic::input(format!("two workloads become `{name}` in one Go program"))
                    .with_primary(&workload.name.span, "the second")
                    .with_secondary(&other.name.span, "the first")
                    .with_help("give them names (or symbols) that differ in letters or digits");
                errors.push(error);
            }
        }
    }
    errors.into_result(())
}
