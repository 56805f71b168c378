//! `--resume`: runs that passed are kept in a journal until all are made, and are not made again after an interrupt or a kill.

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rcsim_diag::{Diagnostic, Diagnostics};
use rcsim_reports::check::{Header, Line, SCHEMA, SCHEMA_VERSION};
use rcsim_reports::records::{Run, Tool, Verdict};
use sha2::{Digest, Sha256};

use super::baseline::Cycles;
use crate::args::CheckArgs;
use crate::journal::{self, Journal};
use crate::run::{Combination, Done, Settings};

/// Which runs are over, and where those are written down that will be.
pub struct Resume {
    journal: Option<(PathBuf, Journal)>,
    /// By the number of the run.
    passed: Vec<Option<Run>>,
}

impl Resume {
    /// What was asked for: with `--resume` the journal is opened or begun.
    ///
    /// # Errors
    /// When it is of another check, is in use, or cannot be read or written.
    pub fn of(
        args: &CheckArgs,
        chosen: &[Combination<'_>],
        settings: &Settings,
        cycles: &Cycles,
    ) -> Result<Self, Diagnostics> {
        let mut passed = vec![None; chosen.len()];
        let Some(path) = &args.resume else { return Ok(Self { journal: None, passed }) };
        let header = Header {
            schema: SCHEMA.to_owned(),
            schema_version: SCHEMA_VERSION,
            tool: Tool { name: "rcsim".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            runs_sha256: fingerprint(chosen, settings, cycles)?,
            runs: u32::try_from(chosen.len()).expect("each run takes memory, more than a byte"),
        };
        let (journal, done) = Journal::open::<_, Line>(path.clone(), &header)?;
        for line in done {
            passed[line.number as usize] = Some(line.run);
        }
        Ok(Self { journal: Some((path.clone(), journal)), passed })
    }

    /// How many runs are over.
    pub fn count(&self) -> usize {
        self.passed.iter().flatten().count()
    }

    /// The run with this number, if it is over.
    pub fn known(&self, number: usize) -> Option<Done> {
        let record = self.passed[number].clone()?;
        Some(Done { record, diagnostics: Diagnostics::new() })
    }

    /// Writes down that a run is over.
    pub fn note(&self, number: usize, done: &Done) {
        if let Some((_, journal)) = &self.journal
            && done.record.verdict == Verdict::Pass
        {
            let number = u32::try_from(number).expect("as in the header");
            journal.append(&Line { number, run: done.record.clone() });
        }
    }

    /// Whether what is over can no longer be written down.
    pub fn is_broken(&self) -> bool {
        self.journal.as_ref().is_some_and(|(_, journal)| journal.is_broken())
    }

    /// The end for now. The journal goes when all runs are over.
    ///
    /// # Errors
    /// When something could not be written.
    pub fn close(self, all: bool) -> Result<(), Diagnostics> {
        let Some((path, journal)) = self.journal else { return Ok(()) };
        journal.close()?;
        if all { journal::remove(&path) } else { Ok(()) }
    }
}

/// SHA-256 over everything that results depend on, in hexadecimal. rcsim itself belongs to it: whoever works on it builds another one
/// under the same version.
fn fingerprint(
    chosen: &[Combination<'_>],
    settings: &Settings,
    cycles: &Cycles,
) -> Result<String, Diagnostics> {
    let mut digest = Sha256::new();
    let own = env::current_exe().map_err(|error| no_program(Path::new("rcsim"), &error))?;
    take_in(&own, &mut digest).map_err(|error| no_program(&own, &error))?;
    let Settings { cores, repeat, cpu_features, collector, .. } = settings;
    digest.update(format!("{cores:?}\n{repeat}\n{cpu_features:?}\n{collector:?}\n{cycles:?}\n"));
    for run in chosen {
        let image = run.image.map(|image| (&image.path, &image.sha256));
        let file = run.file;
        digest.update(format!("{}  {}  {}  {image:?}\n", file.path, run.port.goarch(), run.epoch));
        digest.update(format!("{}\n{:?}\n", file.workload.source.text(), file.defects.list()));
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn take_in(path: &Path, digest: &mut Sha256) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(()),
            length => digest.update(&piece[..length]),
        }
    }
}

fn no_program(path: &Path, error: &io::Error) -> Diagnostics {
    Diagnostic::input(format!("cannot read the running program {}: {error}", path.display()))
        .with_help("--resume compares it with the one that was interrupted; check without --resume")
        .into()
}
