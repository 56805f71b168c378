//! The parts that charts share: titles, the frame with its axes, the legend.

use super::axis::Scale;
use super::palette::{FAINT, GRID, INK, Look};
use super::scene::{Anchor, Point, Scene, Stroke};

/// Width of a chart.
pub const WIDTH: u32 = 980;
/// Height of a chart whose height nothing else decides.
pub const HEIGHT: u32 = 560;

const TITLE_SIZE: f64 = 23.0;
/// Size of every other text. The backend counts it from the top to the bottom of a line: letters are a fifth smaller.
pub const TEXT_SIZE: f64 = 16.0;
const LEFT: f64 = 108.0;
const TOP: f64 = 84.0;
const LEGEND_WIDTH: f64 = 218.0;
const BOTTOM: f64 = 72.0;
const LEGEND_ROW: f64 = 24.0;

/// The rectangle in which data are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Its left end.
    pub left: f64,
    /// Its upper end.
    pub top: f64,
    /// Its right end.
    pub right: f64,
    /// Its lower end.
    pub bottom: f64,
}

impl Frame {
    /// The frame of a chart of usual size, with room for a legend.
    #[must_use]
    pub fn usual() -> Self {
        Self::with_left(LEFT, f64::from(HEIGHT))
    }

    /// A frame with this much room on its left, in a chart of this height.
    #[must_use]
    pub fn with_left(left: f64, height: f64) -> Self {
        Self { left, top: TOP, right: f64::from(WIDTH) - LEGEND_WIDTH, bottom: height - BOTTOM }
    }

    /// A point given as shares of width and height, from the lower left corner.
    #[must_use]
    pub fn at(&self, across: f64, up: f64) -> Point {
        (self.left + (self.right - self.left) * across, self.bottom - (self.bottom - self.top) * up)
    }
}

/// A scene with its titles.
#[must_use]
pub fn titled(height: u32, title: &str, subtitle: &str) -> Scene {
    let mut scene = Scene::new(WIDTH, height);
    scene.text((20.0, 28.0), title, TITLE_SIZE, INK, Anchor::Start);
    scene.text((20.0, 54.0), subtitle, TEXT_SIZE, FAINT, Anchor::Start);
    scene
}

/// Draws a vertical axis with its grid; `text` writes a marked value.
pub fn vertical(scene: &mut Scene, frame: &Frame, scale: Scale, title: &str, text: fn(f64) -> String) {
    for mark in scale.marks() {
        let (x, y) = frame.at(0.0, scale.place(mark));
        scene.line((x, y), (frame.right, y), GRID, 1.0);
        scene.text((x - 8.0, y), text(mark), TEXT_SIZE, INK, Anchor::End);
    }
    let middle = (frame.top + frame.bottom) / 2.0;
    scene.text_upwards((22.0, middle), title, TEXT_SIZE, INK);
    scene.line((frame.left, frame.top), (frame.left, frame.bottom), INK, 1.0);
}

/// Draws a horizontal axis with its grid.
pub fn horizontal(scene: &mut Scene, frame: &Frame, scale: Scale, title: &str, text: fn(f64) -> String) {
    for mark in scale.marks() {
        let (x, y) = frame.at(scale.place(mark), 0.0);
        scene.line((x, frame.top), (x, y), GRID, 1.0);
        scene.text((x, y + 16.0), text(mark), TEXT_SIZE, INK, Anchor::Middle);
    }
    horizontal_title(scene, frame, title);
}

/// Draws a horizontal axis of names, each in the middle of an equal part.
pub fn names(scene: &mut Scene, frame: &Frame, names: &[String], title: &str) {
    for (n, name) in names.iter().enumerate() {
        let (x, y) = frame.at((n as f64 + 0.5) / names.len() as f64, 0.0);
        // Names that would touch each other stand on two levels.
        let crowded = names.len() > 6 && n % 2 == 1;
        let y = y + if crowded { 32.0 } else { 16.0 };
        scene.text((x, y), name, TEXT_SIZE, INK, Anchor::Middle);
    }
    horizontal_title(scene, frame, title);
}

fn horizontal_title(scene: &mut Scene, frame: &Frame, title: &str) {
    let middle = (frame.left + frame.right) / 2.0;
    scene.text((middle, frame.bottom + 54.0), title, TEXT_SIZE, INK, Anchor::Middle);
    scene.line((frame.left, frame.bottom), (frame.right, frame.bottom), INK, 1.0);
}

/// How an entry of a legend is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// By a piece of a line with its symbol.
    Line,
    /// By the symbol.
    Symbol,
    /// By a filled rectangle.
    Fill,
}

/// Draws a legend to the right of the frame.
pub fn legend(scene: &mut Scene, frame: &Frame, title: &str, key: Key, entries: &[(String, Look)]) {
    let left = frame.right + 24.0;
    scene.text((left, frame.top + 4.0), title, TEXT_SIZE, FAINT, Anchor::Start);
    for (n, (name, look)) in entries.iter().enumerate() {
        let y = frame.top + 4.0 + LEGEND_ROW * (n as f64 + 1.0);
        match key {
            Key::Line => {
                scene.path(vec![(left, y), (left + 28.0, y)], look.colour, 2.0, look.stroke);
                scene.symbol((left + 14.0, y), look.symbol, 5.0, look.colour);
            }
            Key::Symbol => scene.symbol((left + 14.0, y), look.symbol, 5.5, look.colour),
            Key::Fill => scene.rectangle((left, y - 7.0), (left + 28.0, y + 7.0), look.colour),
        }
        scene.text((left + 38.0, y), name, TEXT_SIZE, INK, Anchor::Start);
    }
}

/// A dashed upright line with a note at its upper end.
pub fn reference(scene: &mut Scene, frame: &Frame, across: f64, note: &str) {
    let (x, _) = frame.at(across, 0.0);
    scene.path(vec![(x, frame.top), (x, frame.bottom)], FAINT, 1.0, Stroke::Dashed);
    scene.text((x, frame.top - 9.0), note, TEXT_SIZE - 1.0, FAINT, Anchor::Middle);
}

/// A small text at a point, its middle there.
pub fn label(scene: &mut Scene, at: Point, text: &str) {
    scene.text(at, text, TEXT_SIZE, INK, Anchor::Middle);
}
