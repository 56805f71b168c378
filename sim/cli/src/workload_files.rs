//! From paths on the command line to workloads.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcsim_diag::{Diagnostic, Diagnostics, Source};
use rcsim_workloads::defects::{self, Defects};
use rcsim_workloads::{Workload, check_defect_names, check_deviations, check_names};

use crate::files;
use crate::selection::{arch_names, deviation_names, epoch_names};

/// The longest workload file that is read, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// A workload and where it came from.
pub struct WorkloadFile {
    /// The path, as it was named or found.
    pub path: String,
    /// Whether the command line names the file itself rather than a folder above it.
    pub named: bool,
    /// What it says.
    pub workload: Workload,
    /// The known defects of its folder.
    pub defects: Arc<Defects>,
}

/// Reads every workload that the paths lead to: files in the order given, those in folders sorted by path.
///
/// # Errors
/// Every mistake in every file, and paths that lead to nothing.
pub fn read_all(paths: &[PathBuf]) -> Result<Vec<WorkloadFile>, Diagnostics> {
    let mut errors = Diagnostics::new();
    let mut all = Vec::new();
    let mut lists = DefectLists::default();
    for path in paths {
        let named = !path.is_dir();
        let found = if named { Ok(vec![path.clone()]) } else { search(path) };
        for file in errors.absorb(found).unwrap_or_default() {
            let defects = errors.absorb(lists.of(&file)).unwrap_or_default();
            all.extend(errors.absorb(read(&file, named, defects)));
        }
    }
    errors.into_result(all)
}

fn read(path: &Path, named: bool, defects: Arc<Defects>) -> Result<WorkloadFile, Diagnostics> {
    let source = text(path)?;
    let workload = Workload::parse(&source)?;
    check_names(&workload, &arch_names(), &epoch_names())?;
    check_deviations(&workload, &deviation_names())?;
    Ok(WorkloadFile { path: source.name().to_owned(), named, workload, defects })
}

fn text(path: &Path) -> Result<Arc<Source>, Diagnostics> {
    let bytes = files::read(path, MAX_BYTES)?;
    let name = path.display().to_string();
    let text = String::from_utf8(bytes).map_err(|error| not_text(&name, error.utf8_error().valid_up_to()))?;
    Ok(Source::new(name, text))
}

/// The lists of known defects, each read once.
#[derive(Default)]
struct DefectLists {
    by_folder: BTreeMap<PathBuf, Arc<Defects>>,
}

impl DefectLists {
    /// The list nearest to a file: in its folder, or in one above.
    fn of(&mut self, file: &Path) -> Result<Arc<Defects>, Diagnostics> {
        let whole = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let Some(folder) = whole.ancestors().skip(1).find(|folder| folder.join(defects::FILE_NAME).is_file())
        else {
            return Ok(Arc::default());
        };
        if let Some(known) = self.by_folder.get(folder) {
            return Ok(Arc::clone(known));
        }
        let list = Arc::new(Self::read(&folder.join(defects::FILE_NAME))?);
        self.by_folder.insert(folder.to_owned(), Arc::clone(&list));
        Ok(list)
    }

    fn read(path: &Path) -> Result<Defects, Diagnostics> {
        let list = Defects::parse(&text(path)?)?;
        check_defect_names(&list, &arch_names(), &epoch_names())?;
        Ok(list)
    }
}

fn not_text(name: &str, offset: usize) -> Diagnostics {
    Diagnostic::input("a workload must be UTF-8 text")
        .with_place(format!("{name}, byte {offset}"))
        .with_help("a workload is a TOML file; programs are given with --image")
        .into()
}

/// Manifests of cargo and lists of defects are no workloads, though they stand beside some.
fn is_workload(path: &Path) -> bool {
    let other = |name: &OsStr| name == "Cargo.toml" || name == defects::FILE_NAME;
    path.extension().is_some_and(|extension| extension == "toml") && !path.file_name().is_some_and(other)
}

/// All `*.toml` below a folder, sorted. Links to folders are not followed, so the search ends.
fn search(folder: &Path) -> Result<Vec<PathBuf>, Diagnostics> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        let unreadable = |error| files::unreadable(&next, &error);
        for entry in fs::read_dir(&next).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let path = entry.path();
            if entry.file_type().map_err(unreadable)?.is_dir() {
                left.push(path);
            } else if is_workload(&path) {
                found.push(path);
            }
        }
    }
    if found.is_empty() {
        let message = format!("no workload in {}", folder.display());
        return Err(Diagnostic::input(message).with_help("workloads are files named *.toml").into());
    }
    found.sort();
    Ok(found)
}
