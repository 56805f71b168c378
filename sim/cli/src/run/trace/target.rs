//! Where a trace goes, and in which format.

use std::path::{Path, PathBuf};

use rcsim_diag::{Diagnostic, Diagnostics};
use rcsim_reports::trace::{Trace, chrome, konata, perfetto};

use crate::args::TraceFormat;
use crate::out_dir;

/// A file for a trace.
pub struct Target {
    path: PathBuf,
    format: TraceFormat,
}

impl Target {
    /// A file in the format that is named, or in the one that its ending means.
    ///
    /// # Errors
    /// When neither says which.
    pub fn new(path: PathBuf, format: Option<TraceFormat>) -> Result<Self, Diagnostics> {
        let Some(format) = format.or_else(|| by_ending(&path)) else {
            let message = format!("the ending of {} does not tell the format of a trace", path.display());
            let help = "endings that do: .kanata and .log for Konata, .pftrace and .perfetto-trace for Perfetto, .json for \
                        Chrome; or name the format with --trace-format";
            return Err(Diagnostic::input(message).with_help(help).into());
        };
        Ok(Self { path, format })
    }

    /// Finds out whether it can be written.
    ///
    /// # Errors
    /// When it cannot.
    pub fn check(&self) -> Result<(), Diagnostics> {
        out_dir::check_file(&self.path)
    }

    /// Writes it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, trace: &Trace) -> Result<(), Diagnostics> {
        let bytes = match self.format {
            TraceFormat::Konata => konata(trace).into_bytes(),
            TraceFormat::Perfetto => perfetto(trace),
            TraceFormat::Chrome => chrome(trace).into_bytes(),
        };
        out_dir::write_bytes(&self.path, &bytes)
    }
}

fn by_ending(path: &Path) -> Option<TraceFormat> {
    match path.extension()?.to_str()? {
        "kanata" | "log" => Some(TraceFormat::Konata),
        "pftrace" | "perfetto-trace" => Some(TraceFormat::Perfetto),
        "json" => Some(TraceFormat::Chrome),
        _ => None,
    }
}
