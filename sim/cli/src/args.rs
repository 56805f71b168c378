//! What can be typed: the flags, their help, and nothing about whether what was typed makes sense.
//!
//! Every other module works on validated settings made from these.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use rcsim_gc::barrier::Schedule;

use crate::check::Shard;
use crate::version;

const EXAMPLES: &str = "\
Examples:
  rcsim run --arch arm64 workloads/quickstart.toml
      one reflective call on rcsim's own assembly of Go's machinery, newest epoch
  rcsim run --arch all --epoch all workloads
      every workload below a folder, on every architecture, in every epoch
  rcsim run --image ./program workloads/quickstart.toml
      the same call through the machinery inside a real Go program
  rcsim check workloads/quickstart.toml
      everywhere, against what it expects; with the folder, the whole regression suite
  rcsim disasm --arch wasm runtime.call64
      the code of one function
  rcsim list archs
      what there is

Exit codes: 0 all as expected, 1 a finding or a failed expectation, 2 usage or bad input, 3 something that rcsim does not
support, 101 a bug in rcsim.";

const RUN_EXAMPLES: &str = "\
Examples:
  rcsim run --arch arm64 workloads/quickstart.toml
  rcsim run --arch amd64,arm64 --epoch go1.19,go1.27 workloads/abi
  rcsim run --format json --out results workloads
  rcsim run --image ./program workloads/quickstart.toml
  rcsim run --core zen4,skylake --repeat 50 workloads/quickstart.toml
      what the call costs on two cores
  rcsim run --core zen4 --trace call.pftrace workloads/quickstart.toml
      when each of its instructions goes through the core, for ui.perfetto.dev";

const CHECK_EXAMPLES: &str = "\
Examples:
  rcsim check workloads
      every workload on every architecture in every epoch
  rcsim check --junit junit.xml --sarif findings.sarif workloads
      the same, with reports for CI
  rcsim check --shard 2/5 --fail-fast workloads
  rcsim check --filter 'abi/call- arm64' workloads
  rcsim check --image ./program workloads/abi
      the machinery of a real Go program
  rcsim check --core zen4 --baseline cycles.json --bless workloads/abi
  rcsim check --baseline cycles.json workloads/abi
      cycles beside those that were written down

An interrupt stops after the runs that are under way; what is done is reported, and the exit code is 130.";

const SWEEP_EXAMPLES: &str = "\
Examples:
  rcsim sweep sweeps/frames.toml --out frames.jsonl
  rcsim sweep sweeps/frames.toml --point 18
      one of its points, in full
  rcsim schema sweep
      what such a file may say

While a sweep runs, `FILE.partial` has what is done. After an interrupt or a kill the same command goes on from there; the
results are the same, byte for byte, as if nothing had happened. Findings are results, not failures.";

const LISTING_EXAMPLES: &str = "\
Examples (`disasm` and `lift` take the same):
  rcsim disasm --arch arm64 --epoch go1.19 runtime.call64
  rcsim lift --image ./program reflect.makeFuncStub
  rcsim disasm --image ./program
      without a function: the names of all";

const MUTATE_EXAMPLES: &str = "\
Examples:
  rcsim mutate --arch arm64 --epoch go1.27 workloads/abi
  rcsim mutate --arch all --limit 500 --seed 7 workloads/abi
  rcsim mutate --arch amd64 --only runtime.call64+0x17 --full workloads/abi

A mutant is found when a workload does not end as it expects, or the checker finds something. It is equivalent when it is
shown that no workload can tell. Exit code 1 when one is missed.";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  rcsim explain RC0101
  rcsim explain RC0101 my-workloads";

const PLOT_EXAMPLES: &str = "\
Examples:
  rcsim run --arch all --epoch all --format json workloads > results.json
  rcsim plot results.json -o plots
  rcsim plot results.json -o plots --only size,copying --format svg";

const REPORT_EXAMPLES: &str = "\
Examples:
  rcsim run --timeline --arch all --format json workloads/quickstart.toml > results.json
  rcsim report results.json -o report.html
      one page that needs no network: verdicts, findings, plots, a matrix, and a time line of each run that has one";

const DIFF_EXAMPLES: &str = "\
Examples:
  rcsim run --core zen4 --epoch go1.19 --out before workloads/quickstart.toml
  rcsim run --core zen4 --epoch go1.27 --out after workloads/quickstart.toml
  rcsim diff before after

What differs in epoch, image or core is compared too, where it is clear what belongs together.";

const BENCH_EXAMPLES: &str = "\
Examples:
  rcsim bench --arch all
  rcsim bench --arch arm64 --no-peers --format json
  rcsim bench --image ./program
      also how fast the code of a real program is lifted, and to how many micro-ops

Absolute rates move from machine to machine; compare the ratios, which are of one run.";

/// Executes Go's reflectcall machinery, its real machine code, and checks what comes out.
#[derive(Debug, Parser)]
#[command(name = "rcsim", version, long_version = version::long(), after_help = EXAMPLES, max_term_width = 120)]
pub struct Args {
    /// When to colour messages; `auto` means on a terminal unless NO_COLOR is set
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub color: When,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run workloads and check their results
    #[command(after_help = RUN_EXAMPLES)]
    Run(RunArgs),
    /// Check every workload against its expectations, everywhere: the regression suite for CI
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Run a matrix of architectures, epochs, frame sizes, signatures and GC policies; goes on where it was interrupted
    #[command(after_help = SWEEP_EXAMPLES)]
    Sweep(SweepArgs),
    /// List the code of a function
    #[command(after_help = LISTING_EXAMPLES)]
    Disasm(ListingArgs),
    /// List the code of a function with the micro-ops that rcsim makes of it
    #[command(after_help = LISTING_EXAMPLES)]
    Lift(ListingArgs),
    /// Tell what is in a Go program
    Image(ImageArgs),
    /// List architectures, epochs, cores, findings, known bugs, deviations or CPU features
    List(ListArgs),
    /// Measure rcsim's own speed beside the emulators that are installed
    #[command(after_help = BENCH_EXAMPLES)]
    Bench(BenchArgs),
    /// Change the machinery in every small way and see whether the workloads notice
    #[command(after_help = MUTATE_EXAMPLES)]
    Mutate(MutateArgs),
    /// Tell what a finding means and what shows it; without a code, list all
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
    /// Draw results as SVG and PNG
    #[command(after_help = PLOT_EXAMPLES)]
    Plot(PlotArgs),
    /// Write results as one HTML page
    #[command(after_help = REPORT_EXAMPLES)]
    Report(ReportArgs),
    /// Compare the cycles of two results, phase by phase
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(DiffArgs),
    /// Write a completion script for a shell
    Completions(CompletionsArgs),
    /// Write the JSON Schema of a format, for editors and for programs that read results
    Schema(SchemaArgs),
    /// Write a man page
    Man(ManArgs),
}

/// `rcsim plot`
#[derive(Debug, ClapArgs)]
pub struct PlotArgs {
    /// What `rcsim run --format json` or `rcsim sweep` wrote; several files count as one
    #[arg(required = true, value_name = "RESULTS", value_hint = ValueHint::FilePath)]
    pub results: Vec<PathBuf>,
    /// The folder for the pictures
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,
    /// Draw these only; what the results lack for one of them is an error then [default: all that the results allow]
    #[arg(long, value_enum, value_name = "PLOT", value_delimiter = ',')]
    pub only: Vec<PlotName>,
    /// Draw what is counted in this unit only [default: all that the results have]
    #[arg(long, value_enum, value_name = "UNIT")]
    pub unit: Option<UnitName>,
    /// Kinds of files
    #[arg(long, value_enum, value_delimiter = ',', value_name = "KIND", default_value = "svg,png")]
    pub format: Vec<PictureFormat>,
}

/// `rcsim report`
#[derive(Debug, ClapArgs)]
pub struct ReportArgs {
    /// What `rcsim run --format json` or `rcsim sweep` wrote; several files count as one
    #[arg(required = true, value_name = "RESULTS", value_hint = ValueHint::FilePath)]
    pub results: Vec<PathBuf>,
    /// The page
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,
}

/// Plots that can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlotName {
    /// Cost against the size of the frame
    Size,
    /// What each phase costs, by architecture
    Phases,
    /// What each epoch's change costs
    Epochs,
    /// Who copies byte by byte
    Copying,
    /// What the checker looked at and found
    Coverage,
}

/// Units that can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UnitName {
    /// Guest instructions
    Instructions,
    /// Cycles of modelled cores, when the call is warm
    Cycles,
    /// Cycles of modelled cores for the first call
    ColdCycles,
    /// Cycles of cost models, such as those of wasm, which are no processors
    ModelCycles,
}

/// Kinds of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PictureFormat {
    /// Vector graphics
    Svg,
    /// Pixels
    Png,
}

/// `rcsim mutate`
#[derive(Debug, ClapArgs)]
pub struct MutateArgs {
    /// Workload files; folders are searched for *.toml other than Cargo.toml
    #[arg(required = true, value_name = "WORKLOAD", value_hint = ValueHint::AnyPath)]
    pub workloads: Vec<PathBuf>,
    /// Architectures, or `all` [default: this machine's, where rcsim has it, else all]
    #[arg(long = "arch", value_name = "ARCH", value_delimiter = ',')]
    pub archs: Vec<String>,
    /// Epochs, or `all` [default: the newest that each workload and architecture has]
    #[arg(long = "epoch", value_name = "EPOCH", value_delimiter = ',')]
    pub epochs: Vec<String>,
    /// Which mutants --limit takes
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Run at most so many mutants of each architecture and epoch, chosen by --seed
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Run only mutants whose line contains this text
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,
    /// A text file with a line for each mutant that is known to be missed; then only others fail, and lines that are wrong
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub survivors: Option<PathBuf>,
    /// Run only mutants that --survivors lists: are they still missed?
    #[arg(long, requires = "survivors")]
    pub listed: bool,
    /// Threads to run on [default: as many as the machine has]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Print the line of every mutant, not only of those that are missed
    #[arg(long)]
    pub full: bool,
}

/// `rcsim diff`
#[derive(Debug, ClapArgs)]
pub struct DiffArgs {
    /// The first result: a file that `rcsim run --format json` wrote, or the folder of its --out
    #[arg(value_name = "A", value_hint = ValueHint::AnyPath)]
    pub a: PathBuf,
    /// The second
    #[arg(value_name = "B", value_hint = ValueHint::AnyPath)]
    pub b: PathBuf,
    /// Compare the first calls, with nothing in caches and predictors, instead of the last
    #[arg(long)]
    pub cold: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// `rcsim explain`
#[derive(Debug, ClapArgs)]
pub struct ExplainArgs {
    /// The finding, such as RC0101
    pub code: Option<String>,
    /// Workloads among which to look for some that show it [default: the folder `workloads`, where there is one]
    #[arg(value_name = "WORKLOAD", value_hint = ValueHint::AnyPath)]
    pub workloads: Vec<PathBuf>,
}

/// `rcsim run`
#[derive(Debug, Default, ClapArgs)]
pub struct RunArgs {
    /// Workload files; folders are searched for *.toml other than Cargo.toml
    #[arg(required = true, value_name = "WORKLOAD", value_hint = ValueHint::AnyPath)]
    pub workloads: Vec<PathBuf>,
    /// Architectures, or `all` [default: this machine's, where rcsim has it, else all]
    #[arg(long = "arch", value_name = "ARCH", value_delimiter = ',')]
    pub archs: Vec<String>,
    /// Epochs, or `all` [default: the newest that the workload and the architecture have]
    #[arg(long = "epoch", value_name = "EPOCH", value_delimiter = ',')]
    pub epochs: Vec<String>,
    /// Run the machinery of this Go program instead of the built-in one; may be given several times
    #[arg(long = "image", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub images: Vec<PathBuf>,
    /// CPU features that the guest has beyond the baseline of its port; see `rcsim list features`
    #[arg(long = "cpu-feature", value_name = "FEATURE", value_delimiter = ',')]
    pub cpu_features: Vec<String>,
    /// Count cycles on these cores of `rcsim list cores`, on `all` of them, or on the core that a file of your own describes; without
    /// --arch a core that is named runs the architecture that it lists first
    #[arg(long = "core", value_name = "CORE|FILE", value_delimiter = ',', conflicts_with_all = ["gc_at", "move_stacks"])]
    pub cores: Vec<String>,
    /// How often a call is made on a core: the first is cold, the last warm
    #[arg(long, value_name = "N", requires = "cores", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub repeat: u32,
    /// Really collect at this GC point, counted from 0: what the scan does not reach is freed and overwritten
    #[arg(long, value_name = "POINT")]
    pub gc_at: Option<u32>,
    /// Really move the goroutine's stack at this GC point, counted from 0
    #[arg(long, value_name = "POINT", conflicts_with = "gc_at")]
    pub move_at: Option<u32>,
    /// Really mark beside the program, from one GC point to another, and free what is not found
    ///
    /// `3-4-7:5,6@120`: marking begins at point 3, the roots are scanned at point 4, marking ends at point 7; object #5 is
    /// scanned as soon as it is found, #6 after 120 heap events, all others when marking ends.
    #[arg(long, value_name = "SCHEDULE", conflicts_with_all = ["gc_at", "move_at"])]
    pub mark: Option<Schedule>,
    /// Really move the goroutine's stack at every point where Go may
    #[arg(long, conflicts_with_all = ["gc_at", "move_at", "mark"])]
    pub move_stacks: bool,
    /// Also record every instruction, step and GC point of each run in the JSON document: `rcsim report` draws it
    #[arg(long, conflicts_with_all = ["gc_at", "move_at", "mark", "move_stacks"])]
    pub timeline: bool,
    /// Also write what happens in the last of the repeated calls to this file, for a viewer of pipelines or of time lines
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "cores")]
    pub trace: Option<PathBuf>,
    /// The format of --trace [default: by the ending: .kanata or .log, .pftrace or .perfetto-trace, .json]
    #[arg(long, value_enum, value_name = "FORMAT", requires = "trace")]
    pub trace_format: Option<TraceFormat>,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Print the whole report of every run, also where a line would do
    #[arg(long)]
    pub full: bool,
    /// Also write report.json and report.txt into this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
}

/// A format of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TraceFormat {
    /// Kanata text, for the pipeline viewer Konata
    Konata,
    /// Track events, for ui.perfetto.dev
    Perfetto,
    /// JSON, for chrome://tracing and ui.perfetto.dev
    Chrome,
}

/// `rcsim check`
#[derive(Debug, Default, ClapArgs)]
pub struct CheckArgs {
    /// Workload files; folders are searched for *.toml other than Cargo.toml [default: the folder `workloads`]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,
    /// Architectures [default: all]
    #[arg(long = "arch", value_name = "ARCH", value_delimiter = ',')]
    pub archs: Vec<String>,
    /// Epochs [default: all]
    #[arg(long = "epoch", value_name = "EPOCH", value_delimiter = ',')]
    pub epochs: Vec<String>,
    /// Check the machinery of this Go program instead of the built-in one; may be given several times
    #[arg(long = "image", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub images: Vec<PathBuf>,
    /// CPU features that the guest has beyond the baseline of its port; see `rcsim list features`
    #[arg(long = "cpu-feature", value_name = "FEATURE", value_delimiter = ',')]
    pub cpu_features: Vec<String>,
    /// Count cycles on these cores, too, or on `all`; see `rcsim list cores`
    #[arg(long = "core", value_name = "CORE|FILE", value_delimiter = ',')]
    pub cores: Vec<String>,
    /// How often a call is made on a core: the last call counts
    #[arg(long, value_name = "N", requires = "cores", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub repeat: u32,
    /// Compare cycles with this file, on its cores; they fail when they are further from it than the tolerance it states
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub baseline: Option<PathBuf>,
    /// Write the cycles to the baseline instead of comparing them
    #[arg(long, requires_all = ["baseline", "cores"], conflicts_with_all = ["filters", "shard", "fail_fast"])]
    pub bless: bool,
    /// The tolerance that --bless writes into the baseline, in percent
    #[arg(long, value_name = "PERCENT", requires = "bless", default_value_t = 2, value_parser = clap::value_parser!(u32).range(..=1000))]
    pub tolerance: u32,
    /// Make only runs whose line `WORKLOAD  ARCH  EPOCH` has all words of this text in it; may be given several times
    #[arg(long = "filter", value_name = "TEXT")]
    pub filters: Vec<String>,
    /// Make only one share of the runs, such as 2/5: all shares together are the whole
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Stop at the first run that fails
    #[arg(long)]
    pub fail_fast: bool,
    /// Keep runs that passed in this file until all are made: after an interrupt or a kill the same command goes on from there
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub resume: Option<PathBuf>,
    /// Threads to run on [default: as many as the machine has]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Also write a JUnit report to this file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub junit: Option<PathBuf>,
    /// Also write findings as SARIF 2.1.0 to this file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub sarif: Option<PathBuf>,
}

/// `rcsim sweep`
#[derive(Debug, ClapArgs)]
pub struct SweepArgs {
    /// What to run: a TOML file
    #[arg(value_name = "SPEC", value_hint = ValueHint::FilePath)]
    pub spec: PathBuf,
    /// Where results go, as JSON lines
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath, required_unless_present = "point")]
    pub out: Option<PathBuf>,
    /// Run the point with this number only, and print everything about it as `rcsim run` does
    #[arg(long, value_name = "N", conflicts_with = "out")]
    pub point: Option<u32>,
    /// Threads to run on [default: as many as the machine has]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
}

/// How to print a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON document
    Json,
}

/// `rcsim disasm` and `rcsim lift`
#[derive(Debug, ClapArgs)]
pub struct ListingArgs {
    /// The function, as Go calls it, such as runtime.call64; without it, the names of all functions
    pub function: Option<String>,
    /// Architecture of the built-in image [default: this machine's]
    #[arg(long, value_name = "ARCH")]
    pub arch: Option<String>,
    /// Epoch of the built-in image [default: the newest]
    #[arg(long, value_name = "EPOCH")]
    pub epoch: Option<String>,
    /// List a function of this Go program instead of the built-in image
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub image: Option<PathBuf>,
    /// CPU features that the guest has beyond the baseline of its port
    #[arg(long = "cpu-feature", value_name = "FEATURE", value_delimiter = ',')]
    pub cpu_features: Vec<String>,
}

/// `rcsim image`
#[derive(Debug, ClapArgs)]
pub struct ImageArgs {
    /// A Go program: an ELF executable for linux or a wasm module
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

/// `rcsim list`
#[derive(Debug, ClapArgs)]
pub struct ListArgs {
    /// What to list
    #[arg(value_enum)]
    pub what: Listed,
    /// For `bugs`: where to look for workloads [default: the folder `workloads`, where there is one]
    #[arg(value_name = "WORKLOAD", value_hint = ValueHint::AnyPath)]
    pub workloads: Vec<PathBuf>,
}

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Listed {
    /// Architectures, and the epochs in which rcsim has their machinery
    Archs,
    /// Epochs of Go's history
    Epochs,
    /// Cores that cycles can be counted on, and how far their numbers are to be trusted
    Cores,
    /// Findings that this version reports
    Findings,
    /// CPU features that can be switched on
    Features,
    /// Workloads that expect a finding
    Bugs,
    /// Ways in which services can deviate from correct code
    Deviations,
}

/// `rcsim completions`
#[derive(Debug, ClapArgs)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// `rcsim schema`
#[derive(Debug, ClapArgs)]
pub struct SchemaArgs {
    /// The format
    #[arg(value_enum)]
    pub of: Described,
}

/// A format that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Described {
    /// Workload files
    Workload,
    /// Files of a sweep
    Sweep,
    /// Core files
    Core,
    /// What `rcsim run` and `rcsim check` write with `--format json`
    Results,
    /// One line of what `rcsim sweep` writes, behind the first
    SweepLine,
    /// The baseline of cycles of `rcsim check`
    Baseline,
}

/// `rcsim man`
#[derive(Debug, ClapArgs)]
pub struct ManArgs {
    /// The subcommand; without it, the page of rcsim itself
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
    /// Write all pages into this folder instead
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "command")]
    pub out: Option<PathBuf>,
}

/// `rcsim bench`
#[derive(Debug, ClapArgs)]
pub struct BenchArgs {
    /// Architectures, or `all` [default: this machine's, where rcsim has it, else all]
    #[arg(long = "arch", value_name = "ARCH", value_delimiter = ',')]
    pub archs: Vec<String>,
    /// Also lift the code of this Go program; may be given several times
    #[arg(long = "image", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub images: Vec<PathBuf>,
    /// Repetitions of each measurement, after one that does not count
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub repetitions: u16,
    /// Leave other emulators out
    #[arg(long)]
    pub no_peers: bool,
    /// How to print the figures
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}
