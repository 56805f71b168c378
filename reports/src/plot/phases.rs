//! What each phase of a call costs: one picture for each epoch, with a bar for each architecture or core.

use super::bars::{Bars, typical, workloads};
use super::samples::{Row, Unit, epochs, labels};
use super::{Figure, Missing, file_name};

/// The pictures.
///
/// # Errors
/// When no workload that calls through `reflect.Value.Call` was run everywhere.
pub fn figures(rows: &[Row<'_>], unit: Unit) -> Result<Vec<Figure>, Missing> {
    let labels = labels(rows);
    let figures: Vec<Figure> = epochs(rows.iter().map(|row| row.epoch))
        .into_iter()
        .filter_map(|epoch| {
            let calls = |label: &String| {
                rows.iter().filter(|row| row.label == *label && row.epoch == epoch && row.call == "value-call").collect()
            };
            let (bars, of) = typical(labels.iter().map(|label| (label.clone(), calls(label))).collect());
            let runs = workloads(bars.first()?.rows.len());
            let counted = unit.name();
            let title = format!("Phases of a call of reflect.Value.Call, {epoch}, in {counted}");
            let subtitle = format!("{counted}, mean over {runs}{of} that ran on all; without the callee where rcsim is the callee");
            let name = file_name(&[unit.word(), "by phase", epoch]);
            let (up, across) = (format!("{counted} per call"), unit.of());
            Some(Bars { title, subtitle, up, across, name, unit, bars, differences: false }.draw())
        })
        .collect();
    if figures.is_empty() { Err(Missing::ValueCalls) } else { Ok(figures) }
}
