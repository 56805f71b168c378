//! What the checker looked at and what it found: findings by epoch and by architecture, as tables whose cells are shaded.

use std::collections::BTreeSet;

use super::axis;
use super::chart::{self, WIDTH};
use super::palette::{self, FAINT, GRID, INK};
use super::samples::{Sample, epochs};
use super::scene::{Anchor, Colour, Scene};
use super::{Figure, Missing, Rule, file_name};

const ROW_HEIGHT: f64 = 27.0;
const SIZE: f64 = 15.0;
const COLUMN_WIDTH: f64 = 104.0;
/// Text on shaded cells, which are the same in the dark.
const ON_LIGHT: Colour = Colour(0x10, 0x10, 0x10);
const ON_DARK: Colour = Colour(0xfe, 0xfe, 0xfe);
const TOP: f64 = 112.0;
const NAMES_WIDTH: f64 = 360.0;
/// Letters of a rule's title that fit beside the cells.
const TITLE_LETTERS: usize = 40;

/// The pictures. `rules` are those that the checker knows: those that nothing shows count, too.
///
/// # Errors
/// When no GC point was examined.
pub fn figures(samples: &[Sample], rules: &[Rule]) -> Result<Vec<Figure>, Missing> {
    if samples.iter().all(|sample| sample.gc_points == 0) {
        return Err(Missing::Points);
    }
    let epochs = epochs(samples.iter().map(|sample| sample.epoch.as_str()));
    let archs: BTreeSet<&str> = samples.iter().map(|sample| sample.arch.as_str()).collect();
    let archs: Vec<&str> = archs.into_iter().collect();
    Ok(vec![
        table(samples, rules, "epoch", &epochs, |sample| &sample.epoch),
        table(samples, rules, "architecture", &archs, |sample| &sample.arch),
    ])
}

/// One row: what it counts, and the count in each column.
struct Line {
    name: String,
    counts: Vec<u64>,
}

fn table(samples: &[Sample], rules: &[Rule], by: &str, columns: &[&str], of: fn(&Sample) -> &str) -> Figure {
    let in_column = |column: &str, count: &dyn Fn(&Sample) -> u64| {
        samples.iter().filter(|sample| of(sample) == column).map(count).sum::<u64>()
    };
    let line = |name: String, count: &dyn Fn(&Sample) -> u64| Line {
        name,
        counts: columns.iter().map(|column| in_column(column, count)).collect(),
    };
    let heads = [
        line("runs".to_owned(), &|_| 1),
        line("GC points examined".to_owned(), &|sample| u64::from(sample.gc_points)),
    ];
    let found: Vec<Line> = rules
        .iter()
        .map(|rule| line(named(rule), &|sample| u64::from(sample.found.contains(&rule.code))))
        .collect();
    let shown = found.iter().filter(|line| line.counts.iter().any(|count| *count > 0)).count();
    let title = format!("What the checker looked at and found, by {by}");
    let subtitle = format!("runs with each finding; {shown} of {} kinds of findings appear", found.len());
    let height = TOP + ROW_HEIGHT * (found.len() + heads.len()) as f64 + 40.0;
    let mut scene = chart::titled(height as u32, &title, &subtitle);
    let width = (NAMES_WIDTH + COLUMN_WIDTH * columns.len() as f64 + 20.0).max(f64::from(WIDTH));
    scene.width = width as u32;
    let grid = Grid { left: NAMES_WIDTH, width: (width - 20.0 - NAMES_WIDTH) / columns.len() as f64 };
    for (n, column) in columns.iter().enumerate() {
        scene.text((grid.middle(n), TOP - 18.0), *column, SIZE, INK, Anchor::Middle);
    }
    let most = found.iter().flat_map(|line| &line.counts).copied().max().unwrap_or(0).max(1);
    for (n, line) in heads.iter().enumerate() {
        grid.row(&mut scene, n, line, None);
    }
    for (n, line) in found.iter().enumerate() {
        grid.row(&mut scene, heads.len() + n, line, Some(most));
    }
    let said = found.iter().filter(|line| line.counts.iter().any(|count| *count > 0));
    let said = said.map(|line| format!("{} in {} runs", line.name, line.counts.iter().sum::<u64>()));
    let about = format!("{title}: {}", said.collect::<Vec<_>>().join(", "));
    Figure { name: file_name(&["coverage", "by", by]), title, about, unit: None, scene }
}

fn named(rule: &Rule) -> String {
    let short = rule.title.split([':', '(', ',']).next().unwrap_or_default().trim();
    let cut: String = short.chars().take(TITLE_LETTERS).collect();
    match cut.rsplit_once(' ') {
        Some((words, _)) if cut.len() < short.len() => format!("{}  {words} …", rule.code),
        _ => format!("{}  {cut}", rule.code),
    }
}

/// Where cells are.
struct Grid {
    left: f64,
    width: f64,
}

impl Grid {
    fn middle(&self, column: usize) -> f64 {
        self.left + self.width * (column as f64 + 0.5)
    }

    /// Draws a row; cells are shaded by the logarithm of their count where `most` tells the greatest.
    fn row(&self, scene: &mut Scene, n: usize, line: &Line, most: Option<u64>) {
        let top = TOP + ROW_HEIGHT * n as f64;
        let middle = top + ROW_HEIGHT / 2.0;
        scene.text((20.0, middle), line.name.clone(), SIZE, INK, Anchor::Start);
        scene.line((20.0, top), (self.left + self.width * line.counts.len() as f64, top), GRID, 1.0);
        for (column, count) in line.counts.iter().enumerate() {
            let Some(most) = most else {
                scene.text(
                    (self.middle(column), middle),
                    axis::number(*count as f64),
                    SIZE,
                    INK,
                    Anchor::Middle,
                );
                continue;
            };
            if *count == 0 {
                scene.text((self.middle(column), middle), "·", SIZE, FAINT, Anchor::Middle);
                continue;
            }
            let share = 0.15 + 0.85 * (*count as f64).ln_1p() / (most as f64).ln_1p();
            let left = self.left + self.width * column as f64;
            scene.rectangle(
                (left + 1.0, top + 1.0),
                (left + self.width - 1.0, top + ROW_HEIGHT - 1.0),
                palette::shade(share),
            );
            // Dark text would not show on the darker shades.
            let ink = if share > 0.85 { ON_DARK } else { ON_LIGHT };
            scene.text((self.middle(column), middle), axis::number(*count as f64), SIZE, ink, Anchor::Middle);
        }
    }
}
