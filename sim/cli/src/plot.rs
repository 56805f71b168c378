//! `rcsim plot`: results as pictures.

use std::fmt::Write as _;

use rcsim_diag::{Diagnostic, Diagnostics};
use rcsim_reports::load::Results;
use rcsim_reports::plot::samples::{Sample, Unit};
use rcsim_reports::plot::{Figure, Missing, Plot, RenderError, png, svg};

use crate::args::{PictureFormat, PlotArgs, PlotName, UnitName};
use crate::console::Console;
use crate::exit::Exit;
use crate::{out_dir, results};

/// Draws results. Everything is drawn before anything is written.
///
/// # Errors
/// When results cannot be read, lack what a chosen plot needs, or pictures cannot be written.
pub fn command(args: &PlotArgs, console: &mut Console) -> Result<Exit, Diagnostics> {
    let results = results::read_all(&args.results)?;
    let samples: Vec<Sample> = results.iter().flat_map(Results::samples).collect();
    let only: Vec<Plot> = args.only.iter().copied().map(plot).collect();
    let units: Vec<Unit> = match args.unit {
        Some(UnitName::Instructions) => vec![Unit::Instructions],
        Some(UnitName::Cycles) => vec![Unit::Cycles],
        Some(UnitName::ColdCycles) => vec![Unit::ColdCycles],
        Some(UnitName::ModelCycles) => vec![Unit::ModelCycles],
        None => present(&samples),
    };
    let Drawn { figures, missing } = draw(&samples, &only, &units);
    let asked = !only.is_empty() || args.unit.is_some() || figures.is_empty();
    if asked && !missing.is_empty() {
        return Err(missing.iter().map(lacking).collect());
    }
    let files = render(&figures, &args.format).map_err(|error| Diagnostic::bug(error.to_string()))?;
    let list: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    out_dir::write(&args.out, &list)?;
    console.print(&said(&files, &missing, args))?;
    Ok(Exit::Clean)
}

const fn plot(name: PlotName) -> Plot {
    match name {
        PlotName::Size => Plot::Size,
        PlotName::Phases => Plot::Phases,
        PlotName::Epochs => Plot::Epochs,
        PlotName::Copying => Plot::Copying,
        PlotName::Coverage => Plot::Coverage,
    }
}

/// The units that results have; instructions where they have none, so that the error names them.
pub fn present(samples: &[Sample]) -> Vec<Unit> {
    let has = |unit: &Unit| samples.iter().any(|sample| sample.costs.iter().any(|cost| cost.unit == *unit));
    let units: Vec<Unit> = Unit::ALL.into_iter().filter(has).collect();
    if units.is_empty() { vec![Unit::Instructions] } else { units }
}

/// Pictures, and the plots that results do not allow.
pub struct Drawn {
    /// The pictures.
    pub figures: Vec<Figure>,
    /// The rest.
    pub missing: Vec<(Plot, Missing)>,
}

/// Draws the chosen plots, all when none is chosen.
pub fn draw(samples: &[Sample], only: &[Plot], units: &[Unit]) -> Drawn {
    let rules = results::rules();
    let mut drawn = Drawn { figures: Vec::new(), missing: Vec::new() };
    for plot in Plot::ALL.into_iter().filter(|plot| only.is_empty() || only.contains(plot)) {
        let units = if plot == Plot::Coverage { &units[..1] } else { units };
        for unit in units {
            match plot.figures(samples, &rules, *unit) {
                Ok(figures) => drawn.figures.extend(figures),
                Err(missing) => drawn.missing.push((plot, missing)),
            }
        }
    }
    drawn
}

fn lacking((plot, missing): &(Plot, Missing)) -> Diagnostic {
    Diagnostic::input(format!("the results lack what plot `{}` shows: {missing}", plot.word()))
        .with_help(format!("run `{}`", missing.command()))
}

fn render(figures: &[Figure], formats: &[PictureFormat]) -> Result<Vec<(String, Vec<u8>)>, RenderError> {
    let mut files = Vec::new();
    for figure in figures {
        if formats.contains(&PictureFormat::Svg) {
            files.push((format!("{}.svg", figure.name), svg(&figure.scene)?.into_bytes()));
        }
        if formats.contains(&PictureFormat::Png) {
            files.push((format!("{}.png", figure.name), png(&figure.scene)?));
        }
    }
    Ok(files)
}

fn said(files: &[(String, Vec<u8>)], missing: &[(Plot, Missing)], args: &PlotArgs) -> String {
    let mut out = String::new();
    for (name, _) in files {
        let _ = writeln!(out, "{}", args.out.join(name).display());
    }
    for (plot, missing) in missing {
        let _ = writeln!(out, "left out: {}: {missing}; run `{}`", plot.word(), missing.command());
    }
    out
}
