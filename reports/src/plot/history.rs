//! What each epoch's change costs: one picture for each architecture or core, with a bar for each epoch.

use super::bars::{Bars, typical, workloads};
use super::samples::{Row, Unit, epochs, labels};
use super::{Figure, Missing, file_name};

/// The pictures.
///
/// # Errors
/// When no architecture was run in two epochs.
pub fn figures(rows: &[Row<'_>], unit: Unit) -> Result<Vec<Figure>, Missing> {
    let epochs = epochs(rows.iter().map(|row| row.epoch));
    let figures: Vec<Figure> = labels(rows)
        .into_iter()
        .filter_map(|label| {
            let calls = |epoch: &str| {
                rows.iter()
                    .filter(|row| row.label == label && row.epoch == epoch && row.call == "value-call")
                    .collect()
            };
            let (bars, of) =
                typical(epochs.iter().map(|epoch| ((*epoch).to_owned(), calls(epoch))).collect());
            let runs = workloads(bars.get(1)?.rows.len());
            let counted = unit.name();
            let title = format!("What each epoch's change costs, {label}, in {counted}");
            let subtitle = format!(
                "{counted}, mean over {runs} (reflect.Value.Call){of} that ran in all; in brackets the change"
            );
            let name = file_name(&[unit.word(), "by epoch", &label]);
            let (up, across) = (format!("{counted} per call"), "epoch");
            Some(Bars { title, subtitle, up, across, name, unit, bars, differences: true }.draw())
        })
        .collect();
    if figures.is_empty() { Err(Missing::Epochs) } else { Ok(figures) }
}
