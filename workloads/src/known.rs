//! Names that only the caller knows: architectures and epochs.

use rcsim_diag::{Diagnostic, Diagnostics, Located, nearest};

use crate::defects::Defects;
use crate::patch::Change;
use crate::workload::Workload;

/// Reports every architecture and epoch of a workload that is not in the lists.
///
/// # Errors
/// One diagnostic for each unknown name, with its place.
pub fn check_names(workload: &Workload, archs: &[&str], epochs: &[&str]) -> Result<(), Diagnostics> {
    let (findings, patches) = (&workload.expect.findings, &workload.patches);
    let breaks = &workload.expect.breaks_off;
    let arch_lists = findings.iter().map(|finding| &finding.archs).chain([&workload.archs]);
    let arch_lists = arch_lists.chain(breaks.iter().map(|one| &one.archs));
    let arch_lists = arch_lists.chain(patches.iter().map(|patch| &patch.archs));
    let epoch_lists = findings.iter().map(|finding| &finding.epochs).chain([&workload.epochs]);
    let epoch_lists = epoch_lists.chain(breaks.iter().map(|one| &one.epochs));
    let epoch_lists = epoch_lists.chain(patches.iter().map(|patch| &patch.epochs));
    let unknown_archs = unknown(arch_lists, archs, unknown_arch);
    let unknown_epochs = unknown(epoch_lists, epochs, unknown_epoch);
    let errors: Diagnostics = unknown_archs.into_iter().chain(unknown_epochs).collect();
    errors.into_result(())
}

/// Reports every architecture and epoch of a list of defects that is not in the lists.
///
/// # Errors
/// One diagnostic for each unknown name, with its place.
pub fn check_defect_names(defects: &Defects, archs: &[&str], epochs: &[&str]) -> Result<(), Diagnostics> {
    let findings = || defects.list().iter().map(|defect| &defect.finding);
    let unknown_archs = unknown(findings().map(|finding| &finding.archs), archs, unknown_arch);
    let unknown_epochs = unknown(findings().map(|finding| &finding.epochs), epochs, unknown_epoch);
    let errors: Diagnostics = unknown_archs.into_iter().chain(unknown_epochs).collect();
    errors.into_result(())
}

/// Reports every deviation of a workload's patches that is not in the list.
///
/// # Errors
/// One diagnostic for each unknown name, with its place.
pub fn check_deviations(workload: &Workload, known: &[&str]) -> Result<(), Diagnostics> {
    let names = workload.patches.iter().filter_map(|patch| match &patch.change {
        Change::Deviation(name) | Change::Fix(name) => Some(name),
        Change::Code(_) | Change::Frame(_) | Change::SkipStep(_) => None,
    });
    let unknown = names.filter(|name| !known.contains(&name.value.as_str()));
    let errors: Diagnostics = unknown.map(|name| unknown_deviation(name, known)).collect();
    errors.into_result(())
}

fn unknown_deviation(name: &Located<String>, known: &[&str]) -> Diagnostic {
    let error = Diagnostic::input(format!("unknown deviation `{}`", name.value))
        .with_primary(&name.span, "the services do not deviate in this way");
    match nearest(&name.value, known.iter().copied()) {
        Some(near) => error.with_help(format!("did you mean `{near}`?")),
        None => error.with_help("`rcsim list deviations` shows all"),
    }
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
