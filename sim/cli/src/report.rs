//! `rcsim report`: results as one HTML page.

use rcsim_diag::{Diagnostic, Diagnostics};
use rcsim_reports::html::Page;
use rcsim_reports::load::Results;
use rcsim_reports::plot::Plot;
use rcsim_reports::plot::samples::Sample;

use crate::args::ReportArgs;
use crate::console::Console;
use crate::exit::Exit;
use crate::{out_dir, plot, results};

/// Writes the page. Everything is made before anything is written.
///
/// # Errors
/// When results cannot be read, or the page cannot be written.
pub fn command(args: &ReportArgs, console: &mut Console) -> Result<Exit, Diagnostics> {
    let results = results::read_all(&args.results)?;
    let samples: Vec<Sample> = results.iter().flat_map(Results::samples).collect();
    let units = plot::present(&samples);
    let mut page = Page {
        version: env!("CARGO_PKG_VERSION"),
        runs: Vec::new(),
        points: Vec::new(),
        figures: Vec::new(),
        missing: Vec::new(),
    };
    for one in &results {
        match one {
            Results::Document(document) => page.runs.extend(&document.runs),
            Results::Sweep(sweep) => page.points.extend(&sweep.lines),
        }
    }
    for kind in Plot::ALL {
        let drawn = plot::draw(&samples, &[kind], &units);
        if !drawn.figures.is_empty() {
            page.figures.push((kind, drawn.figures));
        }
        page.missing.extend(drawn.missing);
    }
    let html = page.to_html().map_err(|error| Diagnostic::bug(error.to_string()))?;
    out_dir::write_file(&args.out, &html)?;
    console.print(&format!("{}\n", args.out.display()))?;
    Ok(Exit::Clean)
}
