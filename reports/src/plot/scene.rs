//! A picture as a list of shapes, in units of a CSS pixel. Whoever draws it knows nothing of what it shows.

/// A colour: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

/// A point; x grows to the right, y downwards.
pub type Point = (f64, f64);

/// Where a text is attached to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The point is at its left.
    Start,
    /// In its middle.
    Middle,
    /// At its right.
    End,
}

/// A symbol at a data point; series differ in these as well as in colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symbol {
    /// A filled circle.
    Circle,
    /// A filled square.
    Square,
    /// A filled triangle, point up.
    Triangle,
    /// A filled square on its corner.
    Diamond,
    /// A filled triangle, point down.
    Wedge,
    /// A cross of two diagonal strokes.
    Cross,
    /// A cross of an upright and a level stroke.
    Plus,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke {
    /// In one piece.
    Solid,
    /// In pieces.
    Dashed,
}

/// One shape.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A line through points.
    Line {
        /// The points.
        points: Vec<Point>,
        /// Its colour.
        colour: Colour,
        /// Its width.
        width: f64,
        /// How it is drawn.
        stroke: Stroke,
    },
    /// A filled polygon.
    Area {
        /// Its corners.
        points: Vec<Point>,
        /// Its colour.
        colour: Colour,
    },
    /// A filled circle.
    Disc {
        /// Its centre.
        at: Point,
        /// Its radius.
        radius: f64,
        /// Its colour.
        colour: Colour,
    },
    /// A line of text.
    Text {
        /// Where: the middle of its height.
        at: Point,
        /// What.
        text: String,
        /// Size of the font.
        size: f64,
        /// Its colour.
        colour: Colour,
        /// Where it is attached.
        anchor: Anchor,
        /// Whether it runs upwards.
        upwards: bool,
    },
}

/// A picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
    /// What is on it, from back to front.
    pub shapes: Vec<Shape>,
}

impl Scene {
    /// An empty picture.
    #[must_use]
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height, shapes: Vec::new() }
    }

    /// Adds a straight line.
    pub fn line(&mut self, from: Point, to: Point, colour: Colour, width: f64) {
        self.shapes.push(Shape::Line { points: vec![from, to], colour, width, stroke: Stroke::Solid });
    }

    /// Adds a line through points.
    pub fn path(&mut self, points: Vec<Point>, colour: Colour, width: f64, stroke: Stroke) {
        self.shapes.push(Shape::Line { points, colour, width, stroke });
    }

    /// Adds a filled rectangle between two corners.
    pub fn rectangle(&mut self, (left, top): Point, (right, bottom): Point, colour: Colour) {
        let points = vec![(left, top), (right, top), (right, bottom), (left, bottom)];
        self.shapes.push(Shape::Area { points, colour });
    }

    /// Adds a text that runs to the right.
    pub fn text(&mut self, at: Point, text: impl Into<String>, size: f64, colour: Colour, anchor: Anchor) {
        self.shapes.push(Shape::Text { at, text: text.into(), size, colour, anchor, upwards: false });
    }

    /// Adds a text that runs upwards, its middle at the point.
    pub fn text_upwards(&mut self, at: Point, text: impl Into<String>, size: f64, colour: Colour) {
        let anchor = Anchor::Middle;
        self.shapes.push(Shape::Text { at, text: text.into(), size, colour, anchor, upwards: true });
    }

    /// Adds a symbol.
    pub fn symbol(&mut self, (x, y): Point, symbol: Symbol, radius: f64, colour: Colour) {
        let area = |points: &[(f64, f64)]| Shape::Area {
            points: points.iter().map(|(dx, dy)| (x + dx * radius, y + dy * radius)).collect(),
            colour,
        };
        let mut stroke = |from: Point, to: Point| {
            let at = |(dx, dy): Point| (x + dx * radius, y + dy * radius);
            self.shapes.push(Shape::Line {
                points: vec![at(from), at(to)],
                colour,
                width: 2.0,
                stroke: Stroke::Solid,
            });
        };
        let shape = match symbol {
            Symbol::Circle => Shape::Disc { at: (x, y), radius, colour },
            Symbol::Square => area(&[(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)]),
            Symbol::Triangle => area(&[(0.0, -1.1), (1.1, 0.9), (-1.1, 0.9)]),
            Symbol::Diamond => area(&[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)]),
            Symbol::Wedge => area(&[(0.0, 1.1), (1.1, -0.9), (-1.1, -0.9)]),
            Symbol::Cross => {
                stroke((-0.9, -0.9), (0.9, 0.9));
                return stroke((-0.9, 0.9), (0.9, -0.9));
            }
            Symbol::Plus => {
                stroke((-1.1, 0.0), (1.1, 0.0));
                return stroke((0.0, -1.1), (0.0, 1.1));
            }
        };
        self.shapes.push(shape);
    }
}
