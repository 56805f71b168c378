//! `rcsim list`: what there is. All of it is asked of the parts that own it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rcsim_diag::Diagnostics;
use rcsim_go::deviation::Deviation;
use rcsim_uop::Epoch;

use crate::args::{ListArgs, Listed};
use crate::availability::{self, Availability};
use crate::console::Console;
use crate::cores;
use crate::exit::Exit;
use crate::{explain, findings};

/// Lists.
///
/// # Errors
/// When standard output cannot be written.
pub fn command(args: &ListArgs, console: &mut Console) -> Result<Exit, Diagnostics> {
    let text = match args.what {
        Listed::Archs => archs(),
        Listed::Epochs => epochs(),
        Listed::Cores => cores::list()?,
        Listed::Findings => list_of_findings(),
        Listed::Features => features(),
        Listed::Deviations => deviations(),
        Listed::Bugs => bugs(&args.workloads)?,
    };
    console.print(&text)?;
    Ok(Exit::Clean)
}

/// A table: for each architecture and epoch, whether its machinery is built in.
fn archs() -> String {
    let mut out = format!("{:<8}", "arch");
    for epoch in Epoch::ALL {
        let _ = write!(out, "  {:<12}", epoch.name());
    }
    let mut lines = vec![out.trim_end().to_owned()];
    for port in rcsim_isa::ports() {
        let mut line = format!("{:<8}", port.goarch());
        for epoch in Epoch::ALL {
            let state = match availability::of(port, epoch) {
                Availability::BuiltIn => "built in",
                Availability::Lacking(_) => "lacking",
                Availability::Never { .. } => "-",
            };
            let _ = write!(line, "  {state:<12}");
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.push(String::new());
    lines.extend(rcsim_isa::ports().iter().map(|port| format!("{:<8}  {}", port.goarch(), port.summary())));
    lines.join("\n") + "\n"
}

fn epochs() -> String {
    Epoch::ALL.iter().map(|epoch| format!("{:<12}  {}\n", epoch.name(), epoch.summary())).collect()
}

fn list_of_findings() -> String {
    findings::LOOKED_FOR.iter().map(|rule| format!("{}  {}\n", findings::code(*rule), rule.title())).collect()
}

fn features() -> String {
    let mut out = String::new();
    for port in rcsim_isa::ports() {
        for feature in port.features() {
            let state = if feature.baseline { "always on" } else { "off" };
            let _ =
                writeln!(out, "{:<8}  {:<12}  {state:<9}  {}", port.goarch(), feature.name, feature.summary);
        }
    }
    out
}

/// Each deviation with the epochs that contain it as history.
fn deviations() -> String {
    let mut out = String::new();
    for deviation in Deviation::ALL {
        let epochs = Epoch::ALL.into_iter().filter(|epoch| deviation.in_epoch(*epoch));
        let epochs: Vec<&str> = epochs.map(Epoch::name).collect();
        let history = if epochs.is_empty() { "in no epoch".to_owned() } else { epochs.join(", ") };
        let _ = writeln!(out, "{:<36}  {}; {history}", deviation.name(), deviation.sentence());
    }
    out
}

/// Workloads that show one bug each, those of folders called `bugs`: one line each, with the codes that they expect
/// and how they break off. Others may
/// expect findings as well, where an epoch breaks a rule in every call.
fn bugs(paths: &[PathBuf]) -> Result<String, Diagnostics> {
    let mut out = String::new();
    for file in explain::workloads(paths)? {
        let codes = file.workload.expect.findings.iter().map(|finding| finding.code.value.to_string());
        let ends = file.workload.expect.breaks_off.iter().map(|one| one.kind.value.word().to_owned());
        let codes: BTreeSet<String> = codes.chain(ends).collect();
        let shows_a_bug = Path::new(&file.path).parent().is_some_and(|folder| folder.ends_with("bugs"));
        if shows_a_bug && !codes.is_empty() {
            let codes: Vec<String> = codes.into_iter().collect();
            let _ = writeln!(out, "{:<16}  {}  {}", codes.join(","), file.path, file.workload.name.value);
        }
    }
    Ok(out)
}
