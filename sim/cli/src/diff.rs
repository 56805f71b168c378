//! `rcsim diff`: two results beside each other, phase by phase.

use std::path::Path;

use rcsim_diag::{Diagnostic, Diagnostics};
use rcsim_reports::diff::{Which, compare};
use rcsim_reports::diff_text;
use rcsim_reports::records::Document;

use crate::args::{DiffArgs, Format};
use crate::console::Console;
use crate::exit::Exit;
use crate::files;

/// The largest result that is read, in bytes.
const MAX_BYTES: u64 = 1 << 30;

/// Compares and reports.
///
/// # Errors
/// When one of them cannot be read, or there is nothing to compare.
pub fn command(args: &DiffArgs, console: &mut Console) -> Result<Exit, Diagnostics> {
    let mut errors = Diagnostics::new();
    let a = errors.absorb(document(&args.a));
    let b = errors.absorb(document(&args.b));
    let (Some(a), Some(b)) = (a, b) else { return Err(errors) };
    let which = if args.cold { Which::Cold } else { Which::Warm };
    let comparison = compare(&a, &b, which);
    if comparison.pairs.is_empty() {
        let message = "no workload has cycles in both results".to_owned();
        let help = "write both with `rcsim run --core CORE --out FOLDER`, over workloads of the same paths";
        return Err(Diagnostic::input(message).with_help(help).into());
    }
    match args.format {
        Format::Text => console.print(&diff_text::comparison(&comparison, which))?,
        Format::Json => {
            let text = serde_json::to_string_pretty(&comparison).expect("records have string keys only");
            console.print(&(text + "\n"))?;
        }
    }
    Ok(Exit::Clean)
}

/// A result: a file, or the folder that `--out` named.
fn document(path: &Path) -> Result<Document, Diagnostics> {
    let inside = path.join("report.json");
    let path = if path.is_dir() { &inside } else { path };
    let bytes = files::read(path, MAX_BYTES)?;
    Document::from_json(&String::from_utf8_lossy(&bytes)).map_err(|error| {
        Diagnostic::input(format!("{} cannot be compared: {error}", path.display()))
            .with_help("name what `rcsim run --format json` printed, or the folder of its --out")
            .into()
    })
}
