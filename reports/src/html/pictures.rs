//! Plots within the page.

use std::fmt::Write as _;

use super::{Page, escape};
use crate::plot::{Figure, Plot, RenderError, svg};

pub fn write(page: &Page<'_>, out: &mut String) -> Result<(), RenderError> {
    out.push_str("<section aria-labelledby=\"plots\">\n<h2 id=\"plots\" tabindex=\"-1\">Plots</h2>\n");
    for (plot, figures) in &page.figures {
        let _ = writeln!(out, "<h3>{}</h3>", heading(*plot));
        // The newest epoch, or the first architecture, is on view in the first unit; the others open at a click.
        let first_unit = |figure: &Figure| figure.unit == figures[0].unit;
        let newest = figures.iter().rposition(|figure| first_unit(figure) && figure.title.contains(" go"));
        let on_view = newest.unwrap_or(0);
        for (n, figure) in figures.iter().enumerate() {
            picture(figure, n == on_view, out)?;
        }
    }
    for (plot, missing) in &page.missing {
        let heading = heading(*plot);
        let (why, command) = (escape(&missing.to_string()), escape(missing.command()));
        let _ =
            writeln!(out, "<p>{heading}: not drawn. The results have {why}; run <code>{command}</code>.</p>");
    }
    out.push_str("</section>\n");
    Ok(())
}

const fn heading(plot: Plot) -> &'static str {
    match plot {
        Plot::Size => "Cost by frame size",
        Plot::Phases => "Phases of a call",
        Plot::Epochs => "What each epoch's change costs",
        Plot::Copying => "Who copies byte by byte",
        Plot::Coverage => "What the checker looked at and found",
    }
}

fn picture(figure: &Figure, open: bool, out: &mut String) -> Result<(), RenderError> {
    let drawing = svg(&figure.scene)?;
    let named = format!("<svg role=\"img\" aria-label=\"{}\" ", escape(&figure.about));
    let drawing = drawing.replacen("<svg ", &named, 1);
    let open = if open { " open" } else { "" };
    let title = escape(&figure.title);
    let _ = write!(
        out,
        "<details{open}>\n<summary>{title}</summary>\n<figure>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\">\n\
         {drawing}</div>\n</figure>\n</details>\n",
    );
    Ok(())
}
