//! Names that only the caller knows: architectures and epochs.

use rcsim_diag::{Diagnostic, Diagnostics, Located, nearest};

use crate::workload::Workload;

/// Reports every architecture and epoch of a workload that is not in the lists.
///
/// # Errors
/// One diagnostic for each unknown name, with its place.
pub fn check_names(workload: &Workload, archs: &[&str], epochs: &[&str]) -> Result<(), Diagnostics> {
    let findings = &workload.expect.findings;
    let arch_lists = findings.iter().map(|finding| &finding.archs).chain([&workload.archs]);
    let epoch_lists = findings.iter().map(|finding| &finding.epochs).chain([&workload.epochs]);
    let unknown_archs = unknown(arch_lists, archs, unknown_arch);
    let unknown_epochs = unknown(epoch_lists, epochs, unknown_epoch);
    let errors: Diagnostics = unknown_archs.into_iter().chain(unknown_epochs).collect();
    errors.into_result(())
}

fn unknown<'w>(
    lists: impl Iterator<Item = &'w Option<Vec<Located<String>>>>,
    known: &[&str],
    report: fn(&Located<String>, &[&str]) -> Diagnostic,
) -> Vec<Diagnostic> {
    let names = lists.flatten().flatten();
    names.filter(|name| !known.contains(&name.value.as_str())).map(|name| report(name, known)).collect()
}

/// An architecture that is not in the list of known ones.
pub fn unknown_arch(name: &Located<String>, known: &[&str]) -> Diagnostic {
    unknown_name("architecture", "archs", name, known)
}

/// An epoch that is not in the list of known ones.
pub fn unknown_epoch(name: &Located<String>, known: &[&str]) -> Diagnostic {
    unknown_name("epoch", "epochs", name, known)
}

fn unknown_name(what: &str, list: &str, name: &Located<String>, known: &[&str]) -> Diagnostic {
    let error = Diagnostic::input(format!("unknown {what} `{}`", name.value))
        .with_primary(&name.span, format!("known are {}", known.join(", ")));
    match nearest(&name.value, known.iter().copied()) {
        Some(near) => error.with_help(format!("did you mean `{near}`?")),
        None => error.with_help(format!("`rcsim list {list}` says more")),
    }
}
