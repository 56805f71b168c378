//! Plots: pictures of what runs cost and of what the checker found.
//!
//! Owns: which pictures there are, what is in them, and how they become SVG and PNG. Must not know: the simulator, files.
//!
//! | file | idea |
//! |---|---|
//! | `samples.rs` | runs, reduced to what is drawn |
//! | `size.rs` | cost against the size of the frame |
//! | `phases.rs`, `history.rs` | bars of phases, by architecture and by epoch; drawn by `bars.rs` |
//! | `copying.rs` | what one more byte costs |
//! | `coverage.rs` | what the checker looked at and found |
//! | `chart.rs`, `axis.rs`, `palette.rs` | what charts share |
//! | `scene.rs`, `render.rs` | a picture as shapes, and its bytes |

pub mod axis;
mod bars;
mod chart;
mod copying;
mod coverage;
mod history;
pub mod palette;
mod phases;
mod render;
pub mod samples;
pub mod scene;
mod size;

pub use render::{RenderError, png, svg};
use samples::{Sample, Unit};
use scene::Scene;

/// One picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Its name: the file is called so, with an ending.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it shows, for those who do not see it.
    pub about: String,
    /// What it counts; nothing when it is about findings.
    pub unit: Option<Unit>,
    /// The picture.
    pub scene: Scene,
}

/// A rule of the checker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its code.
    pub code: String,
    /// What it means, in one line.
    pub title: String,
}

/// Which picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plot {
    /// Cost against the size of the frame.
    Size,
    /// Phases, by architecture.
    Phases,
    /// Phases, by epoch.
    Epochs,
    /// What one more byte costs.
    Copying,
    /// What the checker looked at and found.
    Coverage,
}

impl Plot {
    /// All plots.
    pub const ALL: [Self; 5] = [Self::Size, Self::Phases, Self::Epochs, Self::Copying, Self::Coverage];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Phases => "phases",
            Self::Epochs => "epochs",
            Self::Copying => "copying",
            Self::Coverage => "coverage",
        }
    }

    /// The pictures of this plot in one unit. Coverage is counted in none and comes with the first.
    ///
    /// # Errors
    /// When the runs do not have what it needs.
    pub fn figures(self, samples: &[Sample], rules: &[Rule], unit: Unit) -> Result<Vec<Figure>, Missing> {
        if self == Self::Coverage {
            return coverage::figures(samples, rules);
        }
        let rows = samples::rows(samples, unit);
        if rows.is_empty() {
            return Err(Missing::Costs(unit));
        }
        match self {
            Self::Size => size::figures(&rows, unit),
            Self::Phases => phases::figures(&rows, unit),
            Self::Epochs => history::figures(&rows, unit),
            Self::Copying => copying::figures(&rows, unit),
            Self::Coverage => coverage::figures(samples, rules),
        }
    }
}

/// What records lack for a plot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Runs that cost anything in this unit.
    Costs(Unit),
    /// Calls with frames of different sizes.
    Sizes,
    /// Calls through `reflect.Value.Call`, the same on each architecture.
    ValueCalls,
    /// More than one epoch of one architecture.
    Epochs,
    /// Runs whose GC points were examined.
    Points,
}

impl Missing {
    /// A command whose results have it.
    #[must_use]
    pub const fn command(self) -> &'static str {
        match self {
            Self::Costs(Unit::Cycles | Unit::ColdCycles) => {
                "rcsim run --core CORE --format json workloads/abi` with cores of `rcsim list cores"
            }
            Self::Costs(Unit::ModelCycles) => "rcsim run --arch wasm --core all --format json workloads/abi",
            Self::Costs(Unit::Instructions) | Self::ValueCalls | Self::Points => {
                "rcsim run --arch all --format json workloads"
            }
            Self::Sizes => "rcsim run --arch all --format json workloads/abi",
            Self::Epochs => "rcsim run --arch all --epoch all --format json workloads",
        }
    }
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Costs(unit) => write!(f, "no run that returned has a count of {}", unit.name()),
            Self::Sizes => write!(f, "no calls of reflectcall with frames of different sizes"),
            Self::ValueCalls => write!(f, "no call through reflect.Value.Call that every architecture made"),
            Self::Epochs => write!(f, "no architecture in more than one epoch"),
            Self::Points => write!(f, "no run whose GC points were examined"),
        }
    }
}

impl std::error::Error for Missing {}

/// A name of a file: words with hyphens between them.
fn file_name(words: &[&str]) -> String {
    let letter = |letter: char| {
        if letter.is_ascii_alphanumeric() || letter == '.' { letter.to_ascii_lowercase() } else { '-' }
    };
    let name: String = words.join(" ").chars().map(letter).collect();
    let parts: Vec<&str> = name.split('-').filter(|part| !part.is_empty()).collect();
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_of_files_hold_nothing_that_a_path_is_made_of() {
        assert_eq!(
            file_name(&["cycles", "by size", "golden-cove (amd64)"]),
            "cycles-by-size-golden-cove-amd64"
        );
        assert_eq!(file_name(&["x", "../a"]), "x-..-a");
    }
}
