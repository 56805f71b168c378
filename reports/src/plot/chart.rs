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
/// From the frame to the names in a legend.
const LEGEND_TEXT: f64 = 62.0;
const BOTTOM: f64 = 72.0;
const LEGEND_ROW: f64 = 24.0;
const LINE_HEIGHT: f64 = 16.0;
/// How wide a letter is on average, rounded up.
const LETTER_WIDTH: f64 = 8.0;

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

    /// The frame of a chart whose legend has these names: the names fit beside it, and it is as high as they are together.
    #[must_use]
    pub fn beside<'n>(names: impl Iterator<Item = &'n str>) -> (Self, u32) {
        let (count, letters) =
            names.fold((0, 0), |(count, longest), name| (count + 1, longest.max(name.chars().count())));
        let wide = (LEGEND_TEXT + letters as f64 * LETTER_WIDTH + 8.0).max(LEGEND_WIDTH);
        let height = (TOP + LEGEND_ROW * f64::from(count + 2)).max(f64::from(HEIGHT));
        let frame = Self { right: f64::from(WIDTH) - wide, ..Self::with_left(LEFT, height) };
        (frame, height as u32)
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
    title_below(scene, frame, title, 54.0);
}

/// Draws both axes over what grids left of them.
pub fn outline(scene: &mut Scene, frame: &Frame) {
    scene.line((frame.left, frame.top), (frame.left, frame.bottom), INK, 1.0);
    scene.line((frame.left, frame.bottom), (frame.right, frame.bottom), INK, 1.0);
}

/// How names stand below an axis: each on so many lines, and neighbours on so many levels, so that none touches another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names {
    lines: usize,
    levels: usize,
}

impl Names {
    /// The way for these names below a frame of usual width.
    #[must_use]
    pub fn of(names: &[String]) -> Self {
        let frame = Frame::usual();
        let own = (frame.right - frame.left) / names.len().max(1) as f64;
        let letters = names.iter().flat_map(|name| parts(name)).map(|part| part.chars().count()).max();
        let width = letters.unwrap_or(0) as f64 * LETTER_WIDTH + 6.0;
        let lines = names.iter().map(|name| parts(name).count()).max().unwrap_or(1);
        Self { lines, levels: (width / own).ceil().clamp(1.0, 4.0) as usize }
    }

    /// How much more room than usual they take, from top to bottom.
    #[must_use]
    pub fn extra(self) -> f64 {
        LINE_HEIGHT * (self.lines * self.levels).saturating_sub(2) as f64
    }
}

/// A core and its architecture stand below each other.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    let at = name.find(" (").unwrap_or(name.len());
    let (first, second) = name.split_at(at);
    [first, second.trim_start()].into_iter().filter(|part| !part.is_empty())
}

/// Draws a horizontal axis of names, each in the middle of an equal part.
pub fn names(scene: &mut Scene, frame: &Frame, names: &[String], title: &str) {
    let way = Names::of(names);
    for (n, name) in names.iter().enumerate() {
        let (x, y) = frame.at((n as f64 + 0.5) / names.len() as f64, 0.0);
        let level = (n % way.levels * way.lines) as f64;
        for (line, part) in parts(name).enumerate() {
            let y = y + LINE_HEIGHT * (1.0 + level + line as f64);
            scene.text((x, y), part, TEXT_SIZE, INK, Anchor::Middle);
        }
    }
    title_below(scene, frame, title, 54.0 + way.extra());
}

fn title_below(scene: &mut Scene, frame: &Frame, title: &str, below: f64) {
    let middle = (frame.left + frame.right) / 2.0;
    scene.text((middle, frame.bottom + below), title, TEXT_SIZE, INK, Anchor::Middle);
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
        scene.text((frame.right + LEGEND_TEXT, y), name, TEXT_SIZE, INK, Anchor::Start);
    }
}

/// A dashed upright line with a note at its upper end, to one side of it.
pub fn reference(scene: &mut Scene, frame: &Frame, across: f64, note: &str, side: Anchor) {
    let (x, _) = frame.at(across, 0.0);
    scene.path(vec![(x, frame.top - 14.0), (x, frame.bottom)], FAINT, 1.0, Stroke::Dashed);
    let beside = match side {
        Anchor::Start => x + 5.0,
        Anchor::Middle => x,
        Anchor::End => x - 5.0,
    };
    scene.text((beside, frame.top - 9.0), note, TEXT_SIZE - 1.0, FAINT, side);
}

/// A small text at a point, its middle there.
pub fn label(scene: &mut Scene, at: Point, text: &str) {
    scene.text(at, text, TEXT_SIZE, INK, Anchor::Middle);
}

#[cfg(test)]
mod tests {
    use super::{Frame, HEIGHT, Names, WIDTH};

    #[test]
    fn names_that_would_touch_stand_on_several_levels() {
        let names = |count: usize, name: &str| Names::of(&vec![name.to_owned(); count]);
        assert_eq!(names(4, "amd64"), Names { lines: 1, levels: 1 });
        assert_eq!(names(8, "2014-df027ac"), Names { lines: 1, levels: 2 });
        assert_eq!(names(6, "golden-cove (amd64)"), Names { lines: 2, levels: 1 });
        let many = names(13, "golden-cove (amd64)");
        assert_eq!(many, Names { lines: 2, levels: 2 });
        assert!(many.extra() > names(8, "2014-df027ac").extra());
    }

    #[test]
    fn legends_have_room() {
        let usual = Frame::beside(["amd64", "arm64"].into_iter());
        assert_eq!(usual, (Frame::usual(), HEIGHT));
        let (narrow, _) = Frame::beside(["a name of thirty-two letters (ha)"].into_iter());
        assert!(narrow.right + 32.0 * 8.0 < f64::from(WIDTH) && narrow.right > 500.0);
        let (low, height) = Frame::beside(["x"; 30].into_iter());
        assert!(height > 30 * 24 && low.bottom > usual.0.bottom);
    }
}
