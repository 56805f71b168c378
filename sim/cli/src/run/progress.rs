//! A line on the terminal that says how far a long invocation has come.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Short invocations say nothing.
const QUIET: Duration = Duration::from_secs(1);

/// Progress through a known number of runs.
pub struct Progress {
    total: usize,
    done: usize,
    started: Instant,
    terminal: bool,
    shown: bool,
}

impl Progress {
    /// Progress through `total` runs. Silent unless standard error is a terminal.
    pub fn new(total: usize) -> Self {
        let terminal = io::stderr().is_terminal();
        Self { total, done: 0, started: Instant::now(), terminal, shown: false }
    }

    /// Makes room for other output.
    pub fn clear(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
            self.shown = false;
        }
    }

    /// One more run is done.
    pub fn step(&mut self) {
        self.done += 1;
        if self.terminal && self.done < self.total && self.started.elapsed() > QUIET {
            let _ = write!(io::stderr(), "\r\x1b[K{} of {} runs", self.done, self.total);
            self.shown = true;
        }
    }
}
