//! Known defects of whole epochs.
//!
//! A defect of the machinery itself shows in every workload that gets there, whatever the workload is about. To state it in each
//! would bury what each is about; so a file `defects.toml` in the workload's folder, or the nearest folder above it, lists them.
//! Such a finding is reported as any other, but a run does not fail by it. The workload that is *about* the defect expects it
//! under `[expect]`, and fails without it.

use std::sync::Arc;

use rcsim_diag::{Code, Diagnostics, Located, Source};

use crate::format;
use crate::workload::ExpectedFinding;

/// The name of the file.
pub const FILE_NAME: &str = "defects.toml";

/// A defect that shows wherever something runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownDefect {
    /// What is found, and where.
    pub finding: ExpectedFinding,
    /// In which calls (words of the key `call`); nothing means all.
    pub calls: Option<Vec<Located<String>>>,
    /// Whether a run may break off by it: trap, never end. Such an end is no news, either.
    pub breaks_off: bool,
    /// What it is.
    pub why: String,
}

/// The known defects of a folder of workloads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Defects {
    list: Vec<KnownDefect>,
}

impl Defects {
    pub(crate) const fn new(list: Vec<KnownDefect>) -> Self {
        Self { list }
    }

    /// Reads a list.
    ///
    /// # Errors
    /// Every mistake in the text, with its place.
    pub fn parse(source: &Arc<Source>) -> Result<Self, Diagnostics> {
        format::read_defects(source)
    }

    /// The defects, in the order of the file.
    #[must_use]
    pub fn list(&self) -> &[KnownDefect] {
        &self.list
    }

    /// Codes that are no news in a run of such a call (the word of the key `call`).
    pub fn codes<'d>(&'d self, call: &str, arch: &str, epoch: &str) -> impl Iterator<Item = Code> + use<'d> {
        let codes: Vec<Code> = self.of(call, arch, epoch).map(|defect| defect.finding.code.value).collect();
        codes.into_iter()
    }

    /// Codes by which a run of such a call may break off.
    pub fn breaking<'d>(
        &'d self,
        call: &str,
        arch: &str,
        epoch: &str,
    ) -> impl Iterator<Item = Code> + use<'d> {
        let breaking = self.of(call, arch, epoch).filter(|defect| defect.breaks_off);
        let codes: Vec<Code> = breaking.map(|defect| defect.finding.code.value).collect();
        codes.into_iter()
    }

    fn of(&self, call: &str, arch: &str, epoch: &str) -> impl Iterator<Item = &KnownDefect> {
        self.list.iter().filter(move |defect| {
            let of_call = |calls: &Vec<Located<String>>| calls.iter().any(|word| word.value == call);
            defect.calls.as_ref().is_none_or(of_call) && defect.finding.applies(arch, epoch)
        })
    }
}
