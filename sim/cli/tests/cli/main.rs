//! The program `rcsim` as it is used: commands in, text and exit codes out.

mod bad_input;
mod browser;
mod cases;
mod check;
mod diff;
mod docs;
mod docs_run;
mod go_programs;
mod hard_places;
mod look;
mod mutate;
mod patches;
mod plot;
mod replays;
mod report;
mod run;
mod schemas;
mod sweep;
mod terminal;
mod toolchain;
mod trace;
