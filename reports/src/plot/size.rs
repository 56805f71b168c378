//! Cost against the size of the frame: one picture for each epoch, with a line for each architecture or core, and one for each
//! architecture or core, with a line for each epoch.

use std::collections::{BTreeMap, BTreeSet};

use super::axis::{self, Scale};
use super::chart::{self, Frame, Key};
use super::samples::{Row, Unit, epochs, labels};
use super::{Figure, Missing, file_name, palette};

/// Cost by size, sizes ascending.
type Curve = BTreeMap<u64, u64>;

/// The pictures.
///
/// # Errors
/// When fewer than two sizes were run anywhere.
pub fn figures(rows: &[Row<'_>], unit: Unit) -> Result<Vec<Figure>, Missing> {
    let sized: Vec<&Row<'_>> =
        rows.iter().filter(|row| row.call == "reflectcall" && row.frame_bytes > 0).collect();
    let curve = |label: &str, epoch: &str| curve(&sized, label, epoch);
    let (labels, epochs) = (labels(rows), epochs(rows.iter().map(|row| row.epoch)));
    let mut figures = Vec::new();
    for epoch in &epochs {
        let lines = labels.iter().map(|label| (label.clone(), curve(label, epoch)));
        figures.extend(picture(unit, epoch, unit.of(), lines.collect()));
    }
    for label in labels.iter().filter(|_| epochs.len() > 1) {
        let lines = epochs.iter().map(|epoch| ((*epoch).to_owned(), curve(label, epoch)));
        figures.extend(picture(unit, label, "epoch", lines.collect()));
    }
    if figures.is_empty() { Err(Missing::Sizes) } else { Ok(figures) }
}

fn curve(rows: &[&Row<'_>], label: &str, epoch: &str) -> Curve {
    let own = rows.iter().filter(|row| row.label == label && row.epoch == epoch);
    let mut all: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for row in own {
        all.entry(row.frame_bytes).or_default().push(row.total());
    }
    all.into_iter().map(|(size, costs)| (size, median(costs))).collect()
}

/// The lower of the two in the middle, where their number is even.
fn median(mut costs: Vec<u64>) -> u64 {
    costs.sort_unstable();
    costs.get((costs.len().max(1) - 1) / 2).copied().unwrap_or(0)
}

fn picture(unit: Unit, of: &str, what: &str, lines: Vec<(String, Curve)>) -> Option<Figure> {
    // The looks are numbered before lines without data go, so that a name looks the same in every picture.
    let lines: Vec<_> = lines.into_iter().enumerate().filter(|(_, (_, curve))| curve.len() > 1).collect();
    let all = || lines.iter().flat_map(|(_, (_, curve))| curve.iter());
    let (least, most) = (all().map(|(_, cost)| *cost).min()?, all().map(|(_, cost)| *cost).max()?);
    let sizes: BTreeSet<u64> = all().map(|(size, _)| *size).collect();
    let (first, last) = (*sizes.first()?, *sizes.last()?);
    let across = Scale::log(2.0, first as f64, last as f64);
    let up = Scale::fitting(least.max(1) as f64, most as f64);
    let counted = unit.name();
    let (frame, height) = Frame::beside(lines.iter().map(|(_, (name, _))| name.as_str()));
    let title = format!("Cost of reflectcall by frame size, {of}, in {counted}");
    let subtitle =
        format!("{counted} of one call; {}; the median where several workloads have one size", scales(up));
    let mut scene = chart::titled(height, &title, &subtitle);
    chart::vertical(&mut scene, &frame, up, &format!("{counted} per call"), axis::number);
    chart::horizontal(&mut scene, &frame, across, "size of the frame in bytes", axis::bytes);
    chart::outline(&mut scene, &frame);
    let mut entries = Vec::new();
    for (n, (name, curve)) in &lines {
        let look = palette::look(*n);
        let at = |(size, cost): (&u64, &u64)| frame.at(across.place(*size as f64), up.place(*cost as f64));
        let points: Vec<_> = curve.iter().map(at).collect();
        scene.path(points.clone(), look.colour, 2.0, look.stroke);
        // Later symbols are smaller, so that those below them show where lines coincide.
        let radius = 4.2 + 0.25 * (lines.len() - 1 - entries.len()) as f64;
        for point in points {
            scene.symbol(point, look.symbol, radius, look.colour);
        }
        entries.push((name.clone(), look));
    }
    chart::legend(&mut scene, &frame, what, Key::Line, &entries);
    let name = file_name(&[unit.word(), "by size", of]);
    let about = format!("{title}: lines for {}", list(&lines));
    Some(Figure { name, title, about, unit: Some(unit), scene })
}

const fn scales(up: Scale) -> &'static str {
    if up.is_log() { "both axes logarithmic" } else { "horizontal axis logarithmic" }
}

fn list(lines: &[(usize, (String, Curve))]) -> String {
    let ends = lines.iter().filter_map(|(_, (name, curve))| {
        let ((_, first), (size, last)) = (curve.first_key_value()?, curve.last_key_value()?);
        Some(format!("{name} ({first} to {last} at {size} bytes)"))
    });
    ends.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_one_of_the_values() {
        assert_eq!(
            [median(vec![3]), median(vec![9, 1]), median(vec![5, 1, 9]), median(vec![])],
            [3, 1, 5, 0]
        );
    }
}
