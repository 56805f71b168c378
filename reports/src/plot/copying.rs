//! Who copies byte by byte: what one more byte of frame costs, for each architecture or core and epoch.

use super::axis::{self, Scale};
use super::chart::{self, Frame, Key};
use super::palette::{self, INK};
use super::samples::{Row, Unit, epochs, labels};
use super::scene::Anchor;
use super::{Figure, Missing, file_name};

/// Sizes closer to each other than this, in bytes, say little about what one byte costs.
const SPAN_BYTES: u64 = 256;
/// Anything cheaper is drawn here: the code hands the whole copy to one instruction.
const LEAST: f64 = 1.0 / 2048.0;
const ROW_HEIGHT: f64 = 84.0;

/// The picture.
///
/// # Errors
/// When nowhere two sizes were run that are far enough apart.
pub fn figures(rows: &[Row<'_>], unit: Unit) -> Result<Vec<Figure>, Missing> {
    let (labels, epochs) = (labels(rows), epochs(rows.iter().map(|row| row.epoch)));
    let mut points: Vec<(usize, usize, f64)> = Vec::new();
    for (l, label) in labels.iter().enumerate() {
        let per_byte = |epoch: &str| per_byte(rows, label, epoch);
        points.extend(epochs.iter().enumerate().filter_map(|(e, epoch)| Some((l, e, per_byte(epoch)?))));
    }
    let shown: Vec<usize> = (0..labels.len()).filter(|l| points.iter().any(|point| point.0 == *l)).collect();
    if shown.is_empty() {
        return Err(Missing::Sizes);
    }
    let longest = labels.iter().map(String::len).max().unwrap_or(0);
    let height = (shown.len() as f64 * ROW_HEIGHT + 170.0).max(380.0);
    let frame = Frame { top: 108.0, ..Frame::with_left(70.0 + 8.0 * longest as f64, height) };
    let most = points.iter().map(|point| point.2).fold(2.0, f64::max);
    let across = Scale::log(2.0, LEAST, most);
    let counted = unit.name();
    let title = format!("Who copies byte by byte, in {counted}");
    let subtitle = format!(
        "{counted} that one more byte of frame costs reflectcall: largest against smallest frame; logarithmic"
    );
    let mut scene = chart::titled(height as u32, &title, &subtitle);
    chart::horizontal(&mut scene, &frame, across, &format!("{counted} per byte of frame"), fraction);
    let references = [(1.0, "one for each byte", Anchor::Start), (0.125, "one for 8 bytes", Anchor::End)];
    for (value, note, side) in references {
        chart::reference(&mut scene, &frame, across.place(value), note, side);
    }
    for (row, l) in shown.iter().enumerate() {
        let (x, y) = frame.at(0.0, 1.0 - (row as f64 + 0.5) / shown.len() as f64);
        scene.text((x - 10.0, y), labels[*l].clone(), chart::TEXT_SIZE, INK, Anchor::End);
        let (x, y) = frame.at(0.0, 1.0 - (row as f64 + 1.0) / shown.len() as f64);
        scene.line((x, y), (frame.right, y), palette::GRID, 1.0);
        let own: Vec<_> = points.iter().filter(|point| point.0 == *l).collect();
        for (n, (_, epoch, cost)) in own.iter().enumerate() {
            let within = 0.08 + 0.84 * (n as f64 + 0.5) / own.len() as f64;
            let up = 1.0 - (row as f64 + within) / shown.len() as f64;
            let look = palette::look(*epoch);
            scene.symbol(frame.at(across.place(*cost), up), look.symbol, 4.5, look.colour);
        }
    }
    let entries: Vec<_> =
        epochs.iter().enumerate().map(|(n, epoch)| ((*epoch).to_owned(), palette::look(n))).collect();
    chart::legend(&mut scene, &frame, "epoch", Key::Symbol, &entries);
    let said = points
        .iter()
        .map(|(l, e, cost)| format!("{} in {}: {}", labels[*l], epochs[*e], axis::number(*cost)));
    let about = format!("{title}: {counted} per byte; {}", said.collect::<Vec<_>>().join(", "));
    let name = file_name(&[unit.word(), "per byte"]);
    Ok(vec![Figure { name, title, about, unit: Some(unit), scene }])
}

/// What one more byte costs; nothing when the sizes do not say.
fn per_byte(rows: &[Row<'_>], label: &str, epoch: &str) -> Option<f64> {
    let own = rows.iter().filter(|row| row.label == label && row.epoch == epoch && row.call == "reflectcall");
    let sized: Vec<(u64, u64)> = own.map(|row| (row.frame_bytes, row.total())).collect();
    let (small, large) = (sized.iter().min()?, sized.iter().max()?);
    let bytes = large.0.checked_sub(small.0).filter(|bytes| *bytes >= SPAN_BYTES)?;
    let cost = large.1 as f64 - small.1 as f64;
    Some((cost / bytes as f64).max(LEAST))
}

/// A power of two as people write it: `1/8`.
fn fraction(value: f64) -> String {
    match value {
        value if value >= 1.0 => axis::number(value),
        value if value <= LEAST => format!("≤ 1/{}", axis::number((1.0 / LEAST).round())),
        value => format!("1/{}", axis::number((1.0 / value).round())),
    }
}

#[cfg(test)]
mod tests {
    use super::{LEAST, fraction, per_byte};
    use crate::plot::samples::Row;

    #[test]
    fn one_byte_costs_the_difference_divided_by_the_sizes() {
        let phases = [16, 1016].map(|cost| [("copy in".to_owned(), cost)]);
        let row = |frame_bytes, phases| Row {
            label: "x".into(),
            epoch: "e",
            workload: "w",
            call: "reflectcall",
            frame_bytes,
            phases,
        };
        assert_eq!(per_byte(&[row(1000, &phases[1]), row(0, &phases[0])], "x", "e"), Some(1.0));
        assert_eq!(per_byte(&[row(20, &phases[1]), row(0, &phases[0])], "x", "e"), None);
        assert_eq!(per_byte(&[row(9000, &phases[0]), row(0, &phases[0])], "x", "e"), Some(LEAST));
    }

    #[test]
    fn small_values_are_written_as_fractions() {
        assert_eq!([fraction(2.0), fraction(0.125)], ["2", "1/8"]);
    }
}
