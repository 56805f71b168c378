//! Stacked bars of phases: beside each other, one for each name.

use std::collections::BTreeSet;

use super::Figure;
use super::axis::{self, Scale};
use super::chart::{self, Frame, HEIGHT, Key, Names};
use super::palette::{self, Look};
use super::samples::{Row, Unit, phases};

/// A chart of bars.
pub struct Bars<'a> {
    /// Its title.
    pub title: String,
    /// The line below.
    pub subtitle: String,
    /// The title of the vertical axis.
    pub up: String,
    /// The title of the horizontal axis.
    pub across: &'a str,
    /// Name of the file without ending.
    pub name: String,
    /// What is counted.
    pub unit: Unit,
    /// The bars.
    pub bars: Vec<Bar<'a>>,
    /// Whether each bar tells how it differs from the one before.
    pub differences: bool,
}

/// One bar: its name, and the runs whose mean it shows.
pub struct Bar<'a> {
    /// Below it.
    pub name: String,
    /// The runs.
    pub rows: Vec<&'a Row<'a>>,
}

impl Bar<'_> {
    /// The mean over all runs of what they cost in a phase.
    fn mean(&self, phase: &str) -> f64 {
        let cost = |row: &&Row<'_>| {
            row.phases.iter().filter(|(name, _)| name == phase).map(|(_, cost)| cost).sum::<u64>()
        };
        self.rows.iter().map(cost).sum::<u64>() as f64 / self.rows.len().max(1) as f64
    }
}

impl Bars<'_> {
    /// The picture.
    #[must_use]
    pub fn draw(&self) -> Figure {
        let all: Vec<&Row<'_>> = self.bars.iter().flat_map(|bar| bar.rows.iter().copied()).collect();
        let phases: Vec<(String, Look)> =
            phases(&all).into_iter().map(|(place, name)| (name, palette::look(place))).collect();
        let totals: Vec<f64> =
            self.bars.iter().map(|bar| phases.iter().map(|(name, _)| bar.mean(name)).sum()).collect();
        let up = Scale::linear(totals.iter().copied().fold(0.0, f64::max) * 1.04);
        let names: Vec<String> = self.bars.iter().map(|bar| bar.name.clone()).collect();
        let frame = Frame::usual();
        let height = HEIGHT + Names::of(&names).extra() as u32;
        let mut scene = chart::titled(height, &self.title, &self.subtitle);
        chart::vertical(&mut scene, &frame, up, &self.up, axis::number);
        chart::names(&mut scene, &frame, &names, self.across);
        let part = 1.0 / self.bars.len() as f64;
        for (n, bar) in self.bars.iter().enumerate() {
            let mut below = 0.0;
            for (phase, look) in &phases {
                let above = below + bar.mean(phase);
                let corner = |side: f64, value: f64| frame.at((n as f64 + side) * part, up.place(value));
                // Half a unit of paper stays between two phases.
                let ((left, low), (right, high)) = (corner(0.2, below), corner(0.8, above));
                if low - high > 1.0 {
                    scene.rectangle((left, high + 0.5), (right, low - 0.5), look.colour);
                }
                below = above;
            }
            let (x, y) = frame.at((n as f64 + 0.5) * part, up.place(totals[n]));
            chart::label(&mut scene, (x, y - 10.0), &self.label(&totals, n));
        }
        let shown: Vec<_> = phases.iter().rev().cloned().collect();
        chart::legend(&mut scene, &frame, "phase", Key::Fill, &shown);
        let means: Vec<_> =
            names.iter().zip(&totals).map(|(name, total)| format!("{name} {total:.1}")).collect();
        let about = format!("{}: stacked bars of phases; {}", self.title, means.join(", "));
        Figure { name: self.name.clone(), title: self.title.clone(), about, unit: Some(self.unit), scene }
    }

    fn label(&self, totals: &[f64], n: usize) -> String {
        let total = axis::number(totals[n].round());
        match n.checked_sub(1) {
            Some(before) if self.differences => {
                let difference = totals[n].round() - totals[before].round();
                let sign = if difference == 0.0 {
                    "±"
                } else if difference > 0.0 {
                    "+"
                } else {
                    "−"
                };
                format!("{total} ({sign}{})", axis::number(difference.abs()))
            }
            _ => total,
        }
    }
}

/// So many workloads, in words.
pub fn workloads(count: usize) -> String {
    if count == 1 { "1 workload".to_owned() } else { format!("{count} workloads") }
}

/// The largest frame of a call that is like most calls, in bytes.
pub const TYPICAL_BYTES: u64 = 256;

/// How calls with such frames are called.
const SMALL: &str = " with frames up to 256 bytes";

/// As [`comparable`], of calls with small frames where there are such: a single frame of 64 KiB hides what all others cost.
#[must_use]
pub fn typical<'a>(groups: Vec<(String, Vec<&'a Row<'a>>)>) -> (Vec<Bar<'a>>, &'static str) {
    let small = |rows: &[&'a Row<'a>]| -> Vec<&'a Row<'a>> {
        rows.iter().copied().filter(|row| row.frame_bytes <= TYPICAL_BYTES).collect()
    };
    let some = |bars: &[Bar<'a>]| bars.len() == groups.iter().filter(|(_, rows)| !rows.is_empty()).count();
    let bars = comparable(groups.iter().map(|(name, rows)| (name.clone(), small(rows))).collect());
    if some(&bars) && !bars.is_empty() { (bars, SMALL) } else { (comparable(groups), "") }
}

/// Of each group of rows, those whose workload is in all groups: only such can be compared.
#[must_use]
pub fn comparable<'a>(groups: Vec<(String, Vec<&'a Row<'a>>)>) -> Vec<Bar<'a>> {
    let groups: Vec<_> = groups.into_iter().filter(|(_, rows)| !rows.is_empty()).collect();
    let names = |rows: &[&'a Row<'a>]| rows.iter().map(|row| row.workload).collect::<BTreeSet<&str>>();
    let common =
        groups.iter().map(|(_, rows)| names(rows)).reduce(|one, other| &one & &other).unwrap_or_default();
    if common.is_empty() {
        return Vec::new();
    }
    let of_common =
        |rows: Vec<&'a Row<'a>>| rows.into_iter().filter(|row| common.contains(row.workload)).collect();
    groups.into_iter().map(|(name, rows)| Bar { name, rows: of_common(rows) }).collect()
}
