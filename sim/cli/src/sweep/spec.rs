//! What a file of a sweep says: a list for each axis of the matrix.

use std::path::Path;
use std::sync::Arc;

use rcsim_diag::{Diagnostic, Diagnostics, Located, Source, Span};
use rcsim_uop::Epoch;
use rcsim_workloads::{Barrier, Gc, Points, unknown_arch, unknown_epoch};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::files;
use crate::selection::{ALL, Arch, arch_names, epoch_names};

/// The longest file of a sweep that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;
/// The largest frame that a sweep asks for, in bytes: a run of a larger one would take minutes.
const MAX_FRAME_BYTES: u32 = 1 << 20;
/// The most calls on one core.
const MAX_REPEAT: u32 = 10_000;
/// Both halves of a frame are whole words of every port.
const FRAME_STEP: u32 = 16;

/// A sweep: a matrix of runs. Each list is one axis; every combination is one point, as far as there is such a thing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "rcsim sweep")]
pub struct Spec {
    /// What the sweep is about
    pub name: String,
    /// Architectures, as `rcsim list archs` names them, or "all"
    #[serde(default = "all")]
    #[schemars(with = "Vec<String>")]
    pub archs: Vec<Spanned<String>>,
    /// Epochs, as `rcsim list epochs` names them, or "all"
    #[serde(default = "all")]
    #[schemars(with = "Vec<String>")]
    pub epochs: Vec<Spanned<String>>,
    /// Cores on which cycles are counted: names of `rcsim list cores`, or "all", or paths of core files
    #[serde(default)]
    pub cores: Vec<String>,
    /// How often a call is made on a core: the first is cold, the last warm; 10 by default
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = MAX_REPEAT))]
    pub repeat: u32,
    /// CPU features that the guest has beyond the baseline of its port
    #[serde(default)]
    pub cpu_features: Vec<String>,
    /// Sizes of frames, in bytes, multiples of 16: for each a bare `reflectcall` whose second half is results
    #[serde(default)]
    #[schemars(with = "Vec<FrameBytes>")]
    pub frame_bytes: Vec<Spanned<u32>>,
    /// Function types that are called with generated arguments and return them
    #[serde(default)]
    pub signatures: Vec<Signature>,
    /// How the functions of `signatures` are called; by default through `reflect.Value.Call`
    #[serde(default = "value_call")]
    pub calls: Vec<CallWord>,
    /// Workload files, and folders of such, by paths relative to this file
    #[serde(default)]
    pub workloads: Vec<String>,
    /// GC policies; by default that of each workload, which is where Go may stop and with the epoch's barrier
    #[serde(default)]
    pub gc: Vec<Policy>,
}

/// Size of a frame in bytes
#[derive(JsonSchema)]
#[schemars(extend("multipleOf" = FRAME_STEP, "maximum" = MAX_FRAME_BYTES))]
struct FrameBytes(#[expect(dead_code, reason = "it describes numbers that are read as such")] u32);

/// A function type.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Signature {
    /// The function type in Go
    pub func: String,
    /// Declarations of the types in it, in Go
    #[serde(default)]
    pub types: String,
    /// What the called function does: a word that workloads have for `callee`
    #[serde(default = "return_args")]
    pub callee: String,
}

/// How a function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CallWord {
    /// By `reflect.Value.Call`
    ValueCall,
    /// Compiled code calls a function made by `reflect.MakeFunc`
    MakeFunc,
}

impl CallWord {
    /// The word in a workload.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ValueCall => "value-call",
            Self::MakeFunc => "make-func",
        }
    }
}

/// What the collector does during a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Policy {
    /// The write barrier in force
    #[serde(default)]
    pub barrier: BarrierWord,
    /// Where the collector may stop the goroutine
    #[serde(default)]
    pub points: PointsWord,
    /// Whether the goroutine's stack moves at each of those
    #[serde(default)]
    pub move_stacks: bool,
}

/// A write barrier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BarrierWord {
    /// That of the epoch
    #[default]
    Epoch,
    /// None
    None,
    /// Dijkstra's, as until Go 1.7
    Dijkstra,
    /// The hybrid one, as since Go 1.8
    Hybrid,
}

/// Where the collector may stop the goroutine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PointsWord {
    /// Where Go may stop
    #[default]
    Go,
    /// At each step
    Every,
    /// Nowhere
    None,
}

impl Policy {
    /// The same as a workload says it.
    pub const fn gc(self) -> Gc {
        let barrier = match self.barrier {
            BarrierWord::Epoch => Barrier::Epoch,
            BarrierWord::None => Barrier::None,
            BarrierWord::Dijkstra => Barrier::Dijkstra,
            BarrierWord::Hybrid => Barrier::Hybrid,
        };
        let points = match self.points {
            PointsWord::Go => Points::Go,
            PointsWord::Every => Points::Every,
            PointsWord::None => Points::None,
        };
        Gc { barrier, points }
    }
}

fn all() -> Vec<Spanned<String>> {
    vec![Spanned::new(0..0, ALL.to_owned())]
}

fn ten() -> u32 {
    10
}

fn value_call() -> Vec<CallWord> {
    vec![CallWord::ValueCall]
}

fn return_args() -> String {
    "return-args".to_owned()
}

/// A sweep as it was read: what it says, and with its names looked up.
pub struct Sweep {
    /// What it says.
    pub spec: Spec,
    /// The ports.
    pub ports: Vec<Arch>,
    /// The epochs, in order of history.
    pub epochs: Vec<Epoch>,
}

impl Spec {
    /// Reads a sweep.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn read(path: &Path) -> Result<Sweep, Diagnostics> {
        let name = path.display().to_string();
        let bytes = files::read(path, MAX_BYTES)?;
        let text = String::from_utf8(bytes).map_err(|_| {
            Diagnostics::from(Diagnostic::input("a sweep must be UTF-8 text").with_place(name.clone()))
        })?;
        let source = Source::new(name, text);
        let spec: Spec = toml::from_str(source.text()).map_err(|error| wrong(&source, &error))?;
        spec.look_up(&source)
    }

    fn look_up(self, source: &Arc<Source>) -> Result<Sweep, Diagnostics> {
        let mut errors = Diagnostics::new();
        let ports = names(&self.archs, source, &mut errors, rcsim_isa::ports, rcsim_isa::port, |word| {
            unknown_arch(word, &arch_names())
        });
        let every = || Epoch::ALL.to_vec();
        let epochs = names(&self.epochs, source, &mut errors, every, Epoch::by_name, |word| {
            unknown_epoch(word, &epoch_names())
        });
        for bytes in &self.frame_bytes {
            if !bytes.as_ref().is_multiple_of(FRAME_STEP) || *bytes.as_ref() > MAX_FRAME_BYTES {
                let label = format!("must be a multiple of {FRAME_STEP}, at most {MAX_FRAME_BYTES}");
                let error = Diagnostic::input("a frame cannot have this size");
                errors.push(error.with_primary(&Span::new(source, bytes.span()), label));
            }
        }
        if !(1..=MAX_REPEAT).contains(&self.repeat) {
            let message = format!("`repeat` must be from 1 to {MAX_REPEAT}");
            errors.push(Diagnostic::input(message).with_place(source.name()));
        }
        if self.frame_bytes.is_empty() && self.signatures.is_empty() && self.workloads.is_empty() {
            errors.push(
                Diagnostic::input("nothing is to be called")
                    .with_place(source.name())
                    .with_help("list some `frame-bytes`, `signatures` or `workloads`"),
            );
        }
        errors.into_result(Sweep { spec: self, ports, epochs })
    }
}

/// What a list of names means; each thing once, in the order in which there are such things.
fn names<T>(
    words: &[Spanned<String>],
    source: &Arc<Source>,
    errors: &mut Diagnostics,
    every: impl Fn() -> Vec<T>,
    find: impl Fn(&str) -> Option<T>,
    unknown: impl Fn(&Located<String>) -> Diagnostic,
) -> Vec<T>
where
    T: Named,
{
    let mut wanted = Vec::new();
    for word in words {
        let name = word.as_ref();
        if name != ALL && find(name).is_none() {
            errors.push(unknown(&Located::new(name.clone(), Span::new(source, word.span()))));
        }
        wanted.push(name.as_str());
    }
    every().into_iter().filter(|one| wanted.contains(&ALL) || wanted.contains(&one.name())).collect()
}

/// Something that a list can name.
trait Named {
    fn name(&self) -> &'static str;
}

impl Named for Arch {
    fn name(&self) -> &'static str {
        self.goarch()
    }
}

impl Named for Epoch {
    fn name(&self) -> &'static str {
        Epoch::name(*self)
    }
}

fn wrong(source: &Arc<Source>, error: &toml::de::Error) -> Diagnostics {
    let message = error.message().lines().next().unwrap_or_default().to_owned();
    let diagnostic = Diagnostic::input(message);
    let diagnostic = match error.span() {
        Some(range) => diagnostic.with_primary(&Span::new(source, range), ""),
        None => diagnostic.with_place(source.name()),
    };
    diagnostic.with_help("`rcsim schema sweep` prints what a sweep may say").into()
}
