//! Time lines: their data as JSON within the page, and the frame in which the script steps through one.

use std::fmt::Write as _;

use serde::Serialize;

use super::escape::{escape, json};
use super::word;
use crate::records::Run;
use crate::timeline::Timeline;

/// What the script reads.
#[derive(Serialize)]
struct Data<'r> {
    title: String,
    findings: Vec<&'r str>,
    timeline: &'r Timeline,
}

const VIEWER: &str = include_str!("viewer.html");

pub fn write(runs: &[&Run], out: &mut String) {
    out.push_str(
        "<section aria-labelledby=\"timelines\">\n<h2 id=\"timelines\" tabindex=\"-1\">Time lines</h2>\n",
    );
    let recorded: Vec<(&&Run, &Timeline)> =
        runs.iter().filter_map(|run| Some((run, run.timeline.as_ref()?))).collect();
    if recorded.is_empty() {
        out.push_str("<p>No run has one. <code>rcsim run --timeline --format json</code> records them.</p>\n</section>\n");
        return;
    }
    out.push_str("<p class=\"tools\"><label>Run <select id=\"which\">\n");
    for (n, (run, _)) in recorded.iter().enumerate() {
        let _ = writeln!(out, "<option value=\"{n}\">{}</option>", escape(&title(run)));
    }
    out.push_str("</select></label></p>\n");
    out.push_str(VIEWER);
    let data: Vec<Data<'_>> = recorded
        .iter()
        .map(|(run, timeline)| Data {
            title: title(run),
            findings: run.diagnostics.iter().filter_map(|one| one.code.as_deref()).collect(),
            timeline,
        })
        .collect();
    let text = serde_json::to_string(&data).expect("the records have string keys only");
    let _ = write!(
        out,
        "<script type=\"application/json\" id=\"recorded\">{}</script>\n</section>\n",
        json(&text)
    );
}

fn title(run: &Run) -> String {
    format!("{} {}, {}, {}", word(run.verdict), run.workload.path, run.arch, run.epoch)
}
