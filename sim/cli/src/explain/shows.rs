//! What shows a finding: workloads that expect it, deviations that they switch on, and one of them run.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rcsim_diag::{Code, Colour, Diagnostics};
use rcsim_workloads::ExpectedFinding;
use rcsim_workloads::patch::Change;

use crate::args::RunArgs;
use crate::run::{Settings, execute, lay_out};
use crate::workload_files::{self, WorkloadFile};

/// Where workloads are looked for when none are named.
const DEFAULT_FOLDER: &str = "workloads";

/// Workloads that are named, at most.
const MAX_NAMED: usize = 12;

/// The workloads below these paths; without any, those of the folder that the project keeps them in, where there is one.
/// Those below a folder `bugs` come first: a finding is what they are about.
///
/// # Errors
/// Every mistake in them.
pub fn workloads(paths: &[PathBuf]) -> Result<Vec<WorkloadFile>, Diagnostics> {
    let default = Path::new(DEFAULT_FOLDER);
    let mut found = match paths {
        [] if default.is_dir() => workload_files::read_all(&[default.to_owned()])?,
        [] => Vec::new(),
        _ => workload_files::read_all(paths)?,
    };
    found.sort_by_key(|file| !Path::new(&file.path).components().any(|part| part.as_os_str() == "bugs"));
    Ok(found)
}

/// Workloads that expect a finding.
pub struct Shows<'w> {
    code: Code,
    searched: usize,
    files: Vec<(&'w WorkloadFile, &'w ExpectedFinding)>,
}

impl<'w> Shows<'w> {
    /// Those of `workloads` that expect findings with this code.
    pub fn of(code: Code, workloads: &'w [WorkloadFile]) -> Self {
        let expected = |file: &'w WorkloadFile| {
            let findings = file.workload.expect.findings.iter();
            findings.filter(|finding| finding.code.value == code).map(move |finding| (file, finding))
        };
        Self { code, searched: workloads.len(), files: workloads.iter().flat_map(expected).collect() }
    }

    /// All of it in words.
    pub fn text(&self, colour: Colour) -> String {
        if self.searched == 0 {
            return "\nName workloads after the code to see which of them show it.\n".to_owned();
        }
        let mut out = format!("\nWorkloads that expect it ({} searched)\n", self.searched);
        for (file, finding) in self.files.iter().take(MAX_NAMED) {
            let _ = writeln!(out, "  {}{}", file.path, scope(finding));
        }
        match self.files.len() {
            0 => out += "  none\n",
            all if all > MAX_NAMED => {
                let _ = writeln!(out, "  and {} more", all - MAX_NAMED);
            }
            _ => {}
        }
        let deviations = self.deviations();
        if !deviations.is_empty() {
            let _ = writeln!(out, "\nDeviations that they switch on or off\n  {}", deviations.join("\n  "));
        }
        out + &self.example(colour)
    }

    fn deviations(&self) -> Vec<String> {
        let patches = self.files.iter().flat_map(|(file, _)| &file.workload.patches);
        let names = patches.filter_map(|patch| match &patch.change {
            Change::Deviation(name) | Change::Fix(name) => Some(name.value.clone()),
            Change::Code(_) | Change::Frame(_) | Change::SkipStep(_) => None,
        });
        names.collect::<BTreeSet<String>>().into_iter().collect()
    }

    /// The finding as the first workload that has it shows it.
    fn example(&self, colour: Colour) -> String {
        self.files.iter().find_map(|(file, finding)| self.run(file, finding, colour)).unwrap_or_default()
    }

    fn run(&self, file: &WorkloadFile, finding: &ExpectedFinding, colour: Colour) -> Option<String> {
        let names = |list: &Option<Vec<rcsim_diag::Located<String>>>| -> Vec<String> {
            let list = list.as_deref();
            list.map_or_else(
                || vec!["all".to_owned()],
                |names| names.iter().map(|name| name.value.clone()).collect(),
            )
        };
        let folder = Path::new(&file.path).to_owned();
        let args = RunArgs {
            workloads: vec![folder],
            archs: names(&finding.archs),
            epochs: names(&finding.epochs),
            ..RunArgs::default()
        };
        let settings = Settings::new(args).ok()?;
        let matrix = lay_out(&settings).ok()?;
        let of_this = |diagnostic: &&rcsim_diag::Diagnostic| diagnostic.code() == Some(self.code);
        matrix.runs.iter().find_map(|combination| {
            let done = execute(combination, &settings);
            let found: Diagnostics = done.diagnostics.iter().find(of_this)?.clone().into();
            Some(format!("\nAn example\n{}", found.render(colour)))
        })
    }
}

/// Where a finding is expected, in brackets; nothing when everywhere.
fn scope(finding: &ExpectedFinding) -> String {
    let lists = [&finding.epochs, &finding.archs];
    let names = lists.into_iter().flatten().flatten().map(|name| name.value.as_str());
    let names: Vec<&str> = names.collect();
    if names.is_empty() { String::new() } else { format!("  ({})", names.join(", ")) }
}
