//! One HTML page of results: no network, no framework, nothing but the file.
//!
//! Owns: what is on the page and how it behaves. Must not know: the simulator, files. The page can be read without its script;
//! the script sorts and filters the matrix and steps through time lines.
//!
//! | file | idea |
//! |---|---|
//! | `matrix.rs` | a table with a row for each run |
//! | `findings.rs` | what was found, as a terminal shows it |
//! | `pictures.rs` | plots within the page |
//! | `timelines.rs` | the data of time lines, and where they are stepped through |
//! | `escape.rs` | text that is safe in HTML |
//! | `style.css`, `matrix.js`, `timeline.js` | looks and behaviour |

mod escape;
mod findings;
mod matrix;
mod pictures;
mod timelines;

use std::fmt::Write as _;

use crate::plot::{Figure, Missing, Plot, RenderError};
use crate::records::{Run, Verdict};
use crate::sweep;

use escape::escape;

const STYLE: &str = include_str!("style.css");
const SCRIPTS: [&str; 2] = [include_str!("matrix.js"), include_str!("timeline.js")];

/// What is on the page.
#[derive(Clone, Debug)]
pub struct Page<'p> {
    /// Version of the program that writes it.
    pub version: &'p str,
    /// The runs.
    pub runs: Vec<&'p Run>,
    /// The points of sweeps.
    pub points: Vec<&'p sweep::Line>,
    /// Pictures, by plot.
    pub figures: Vec<(Plot, Vec<Figure>)>,
    /// Plots that the results do not allow.
    pub missing: Vec<(Plot, Missing)>,
}

/// How many ended how.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    passed: usize,
    failed: usize,
    unusable: usize,
}

impl Page<'_> {
    /// The page.
    ///
    /// # Errors
    /// When a picture cannot be drawn.
    pub fn to_html(&self) -> Result<String, RenderError> {
        let mut out = String::new();
        self.head(&mut out);
        self.summary(&mut out);
        matrix::write(self, &mut out);
        findings::write(self, &mut out);
        timelines::write(&self.runs, &mut out);
        pictures::write(self, &mut out)?;
        out.push_str("</main>\n");
        for script in SCRIPTS {
            let _ = write!(out, "<script>\n{script}</script>\n");
        }
        out.push_str("</body>\n</html>\n");
        Ok(out)
    }

    fn head(&self, out: &mut String) {
        // The policy holds the page to its word: it can fetch nothing.
        let policy =
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
        let _ = write!(
            out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"rcsim {version}\">\n\
             <link rel=\"icon\" href=\"data:,\">\n<title>rcsim report</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
            version = escape(self.version),
        );
    }

    fn counts(&self) -> Counts {
        let verdicts =
            self.runs.iter().map(|run| run.verdict).chain(self.points.iter().map(|line| line.verdict));
        let mut counts = Counts::default();
        for verdict in verdicts {
            match verdict {
                Verdict::Pass => counts.passed += 1,
                Verdict::Fail => counts.failed += 1,
                Verdict::Unusable => counts.unusable += 1,
            }
        }
        counts
    }

    fn summary(&self, out: &mut String) {
        let Counts { passed, failed, unusable } = self.counts();
        let total = passed + failed + unusable;
        let lines = self.runs.iter().filter(|run| run.timeline.is_some()).count();
        let _ = write!(
            out,
            "<a class=\"skip\" href=\"#matrix\">Skip to the matrix</a>\n<header>\n<h1>rcsim report</h1>\n\
             <ul class=\"verdicts\" id=\"verdicts\">\n\
             <li><strong>{total}</strong> runs</li>\n<li class=\"pass\"><strong>{passed}</strong> passed</li>\n\
             <li class=\"fail\"><strong>{failed}</strong> failed</li>\n<li class=\"void\"><strong>{unusable}</strong> void</li>\n\
             </ul>\n<nav aria-label=\"Parts of the page\">\n<a href=\"#matrix\">Matrix</a>\n<a href=\"#findings\">Findings</a>\n\
             <a href=\"#timelines\">Time lines ({lines})</a>\n<a href=\"#plots\">Plots</a>\n</nav>\n</header>\n<main>\n",
        );
    }
}

/// The word of a verdict.
const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "FAIL",
        Verdict::Unusable => "void",
    }
}

/// The class of a verdict in the style sheet.
const fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Unusable => "void",
    }
}
