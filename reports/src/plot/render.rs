//! From a scene to a file: SVG text, or the bytes of a PNG.
//!
//! Both are drawn by `plotters`. Bitmaps are drawn larger and scaled down, which smooths every edge alike.

use std::sync::OnceLock;

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontStyle, FontTransform, IntoFont as _, RGBColor, register_font};

use super::palette::PAPER;
use super::scene::{Anchor, Colour, Point, Scene, Shape, Stroke};

/// The families that an SVG asks for: all have the same widths of letters as the embedded font.
const FAMILY: &str = "Liberation Sans, Arimo, Arial, Helvetica, sans-serif";
const FONT: &[u8] = include_bytes!("../../fonts/LiberationSans-Regular.ttf");

/// Pixels of a PNG for each unit of the scene, in quarters.
const PIXELS_IN_QUARTERS: u32 = 6;
/// How many times larger a bitmap is drawn than it becomes.
const OVERSAMPLING: u32 = 2;

/// By how much of its size a text must be lowered in a bitmap, whose letters the backend sets above the middle.
const SINK: f64 = 0.14;

/// Length of a piece of a dashed line, and of the gap after it.
const DASH: (f64, f64) = (7.0, 4.0);

/// A picture that could not be drawn. It stands for a defect of the drawing code: scenes hold nothing that can fail.
#[derive(Debug)]
pub struct RenderError(String);

impl std::fmt::Display for RenderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a picture cannot be drawn: {}", self.0)
    }
}

impl std::error::Error for RenderError {}

/// The scene as SVG, ending with a newline.
///
/// # Errors
/// When the backend fails.
pub fn svg(scene: &Scene) -> Result<String, RenderError> {
    let mut text = String::new();
    draw(scene, SVGBackend::with_string(&mut text, (scene.width, scene.height)), 1.0, 0.0)?;
    Ok(text.trim_end().to_owned() + "\n")
}

/// The scene as PNG.
///
/// # Errors
/// When the backend or the encoder fails.
pub fn png(scene: &Scene) -> Result<Vec<u8>, RenderError> {
    let size = |units: u32| units * PIXELS_IN_QUARTERS / 4;
    let (width, height) = (size(scene.width), size(scene.height));
    let large = (width * OVERSAMPLING, height * OVERSAMPLING);
    let mut pixels = vec![0; 3 * large.0 as usize * large.1 as usize];
    let scale = f64::from(PIXELS_IN_QUARTERS) / 4.0 * f64::from(OVERSAMPLING);
    draw(scene, BitMapBackend::with_buffer(&mut pixels, large), scale, SINK)?;
    encode(&scaled_down(&pixels, width as usize, height as usize), width, height)
        .map_err(|error| RenderError(error.to_string()))
}

/// The mean of each square of pixels.
fn scaled_down(pixels: &[u8], width: usize, height: usize) -> Vec<u8> {
    let factor = OVERSAMPLING as usize;
    let mut out = Vec::with_capacity(3 * width * height);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let rows =
                    (0..factor).map(|dy| 3 * ((y * factor + dy) * width * factor + x * factor) + channel);
                let sum: u32 =
                    rows.flat_map(|row| (0..factor).map(move |dx| u32::from(pixels[row + 3 * dx]))).sum();
                out.push((sum / (factor * factor) as u32) as u8);
            }
        }
    }
    out
}

fn encode(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(pixels)?;
    Ok(out)
}

fn draw<B: DrawingBackend>(scene: &Scene, backend: B, scale: f64, sink: f64) -> Result<(), RenderError> {
    embed_font()?;
    let failed = |error: DrawingAreaErrorKind<B::ErrorType>| RenderError(error.to_string());
    let area = backend.into_drawing_area();
    area.fill(&rgb(PAPER)).map_err(failed)?;
    for shape in &scene.shapes {
        draw_shape(&area, shape, scale, sink).map_err(failed)?;
    }
    area.present().map_err(failed)
}

/// Makes the embedded font known; the first result counts for the whole process.
fn embed_font() -> Result<(), RenderError> {
    static KNOWN: OnceLock<bool> = OnceLock::new();
    let known = KNOWN.get_or_init(|| register_font(FAMILY, FontStyle::Normal, FONT).is_ok());
    if *known { Ok(()) } else { Err(RenderError("the embedded font cannot be read".to_owned())) }
}

const fn rgb(colour: Colour) -> RGBColor {
    RGBColor(colour.0, colour.1, colour.2)
}

fn draw_shape<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    shape: &Shape,
    scale: f64,
    sink: f64,
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    let at = |(x, y): Point| ((x * scale).round() as i32, (y * scale).round() as i32);
    match shape {
        Shape::Line { points, colour, width, stroke } => {
            let style = rgb(*colour).stroke_width((width * scale).round().max(1.0) as u32);
            let pieces = match stroke {
                Stroke::Solid => vec![points.clone()],
                Stroke::Dashed => dashes(points),
            };
            for piece in pieces {
                let piece: Vec<_> = piece.into_iter().map(at).collect();
                area.draw(&PathElement::new(piece, style))?;
            }
            Ok(())
        }
        Shape::Area { points, colour } => {
            let corners: Vec<_> = points.iter().copied().map(at).collect();
            area.draw(&Polygon::new(corners, rgb(*colour).filled()))
        }
        Shape::Disc { at: centre, radius, colour } => {
            area.draw(&Circle::new(at(*centre), (radius * scale).round() as i32, rgb(*colour).filled()))
        }
        Shape::Text { at: place, text, size, colour, anchor, upwards } => {
            let font = (FAMILY, size * scale).into_font();
            let font = if *upwards { font.transform(FontTransform::Rotate270) } else { font };
            let across = match anchor {
                Anchor::Start => HPos::Left,
                Anchor::Middle => HPos::Center,
                Anchor::End => HPos::Right,
            };
            let (x, y) = *place;
            let place = if *upwards { (x + sink * size, y) } else { (x, y + sink * size) };
            let style = font.color(&rgb(*colour)).pos(Pos::new(across, VPos::Center));
            area.draw(&Text::new(text.clone(), at(place), style))
        }
    }
}

/// A line cut into dashes.
fn dashes(points: &[Point]) -> Vec<Vec<Point>> {
    let mut pieces = Vec::new();
    let (mut drawn, mut left) = (true, DASH.0);
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let length = (x1 - x0).hypot(y1 - y0);
        let on = |along: f64| (x0 + (x1 - x0) * along / length, y0 + (y1 - y0) * along / length);
        let mut along = 0.0;
        while along < length {
            let end = (along + left).min(length);
            if drawn {
                pieces.push(vec![on(along), on(end)]);
            }
            left -= end - along;
            along = end;
            if left <= 0.0 {
                drawn = !drawn;
                left = if drawn { DASH.0 } else { DASH.1 };
            }
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::{dashes, png, svg};
    use crate::plot::palette::INK;
    use crate::plot::scene::{Anchor, Scene};

    fn scene() -> Scene {
        let mut scene = Scene::new(120, 40);
        scene.text((10.0, 20.0), "a < b & c", 12.0, INK, Anchor::Start);
        scene
    }

    #[test]
    fn text_is_escaped_in_svg_and_set_in_the_embedded_font_in_png() {
        let text = svg(&scene()).expect("it is drawn");
        assert!(text.contains("a &lt; b &amp; c") && text.contains("Liberation Sans, Arimo"), "{text}");
        let (with, without) = (png(&scene()), png(&Scene::new(120, 40)));
        let (with, without) = (with.expect("it is drawn"), without.expect("it is drawn"));
        assert!(with.starts_with(b"\x89PNG\r\n\x1a\n") && with != without);
    }

    #[test]
    fn dashes_cover_a_line_in_pieces() {
        let pieces = dashes(&[(0.0, 0.0), (20.0, 0.0), (22.0, 0.0)]);
        assert_eq!(pieces[0], [(0.0, 0.0), (7.0, 0.0)]);
        assert_eq!(pieces[1], [(11.0, 0.0), (18.0, 0.0)]);
        assert_eq!(pieces.len(), 2);
    }
}
