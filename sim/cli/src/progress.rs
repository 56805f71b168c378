//! How far a long invocation has come: a bar on a terminal, and where asked for plain lines elsewhere. Always on standard error.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Short invocations say nothing.
const QUIET: Duration = Duration::from_secs(1);
/// Between two plain lines.
const BETWEEN_LINES: Duration = Duration::from_secs(10);
/// How often a bar is drawn, per second.
const DRAWN_PER_SECOND: u8 = 10;

/// Progress through a known number of things; may be told from several threads.
pub struct Progress {
    total: usize,
    /// Done by an earlier invocation.
    before: usize,
    done: AtomicUsize,
    failed: AtomicUsize,
    started: Instant,
    shown: Shown,
}

enum Shown {
    Nothing,
    Bar(ProgressBar),
    /// Plain lines: what is counted, and when the last line was written.
    Lines {
        what: &'static str,
        last: Mutex<Instant>,
    },
}

impl Progress {
    /// Progress that is shown on a terminal only.
    pub fn new(total: usize) -> Self {
        Self::with(total, 0, bar(total, 0).map_or(Shown::Nothing, Shown::Bar))
    }

    /// Progress that is shown as plain lines where there is no terminal, as logs of CI want it. `before` of the things were done
    /// by an earlier invocation.
    pub fn with_lines(total: usize, before: usize, what: &'static str) -> Self {
        let lines = || Shown::Lines { what, last: Mutex::new(Instant::now()) };
        Self::with(total, before, bar(total, before).map_or_else(lines, Shown::Bar))
    }

    fn with(total: usize, before: usize, shown: Shown) -> Self {
        let (done, failed) = (AtomicUsize::new(before), AtomicUsize::new(0));
        Self { total, before, done, failed, started: Instant::now(), shown }
    }

    /// Makes room for other output.
    pub fn clear(&self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.suspend(|| {});
        }
    }

    /// The end: nothing is shown any more.
    pub fn finish(&self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }

    /// One more is done.
    pub fn step(&self, passed: bool) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let failed = self.failed.fetch_add(usize::from(!passed), Ordering::Relaxed) + usize::from(!passed);
        match &self.shown {
            Shown::Nothing => {}
            Shown::Bar(bar) if self.started.elapsed() < QUIET => bar.set_position(done as u64),
            Shown::Bar(bar) => {
                if bar.is_hidden() {
                    bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(DRAWN_PER_SECOND));
                }
                if failed > 0 {
                    bar.set_message(format!(", {failed} failed"));
                }
                bar.set_position(done as u64);
            }
            Shown::Lines { what, last } => self.line(what, last, done, failed),
        }
    }

    fn line(&self, what: &str, last: &Mutex<Instant>, done: usize, failed: usize) {
        let Ok(mut last) = last.lock() else { return };
        if last.elapsed() < BETWEEN_LINES {
            return;
        }
        *last = Instant::now();
        // Where nobody reads standard error, there is nobody to tell.
        let left =
            left(self.started.elapsed(), done.saturating_sub(self.before), self.total.saturating_sub(done));
        let _ = writeln!(
            io::stderr(),
            "{done} of {} {what}, {failed} failed, {} s left",
            self.total,
            left.as_secs()
        );
    }
}

/// The time that is left if it goes on as until now: so long for those that this invocation did, so many to do.
fn left(elapsed: Duration, done: usize, to_do: usize) -> Duration {
    elapsed.mul_f64(to_do as f64 / done.max(1) as f64)
}

/// A bar, when standard error is a terminal that can move its cursor. It stays hidden at first.
fn bar(total: usize, before: usize) -> Option<ProgressBar> {
    let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    (io::stderr().is_terminal() && !dumb).then_some(())?;
    let style = ProgressStyle::with_template("{bar:32} {pos} of {len}{msg}, {eta} left").ok()?;
    let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::hidden());
    bar.set_style(style.progress_chars("=> "));
    bar.set_position(before as u64);
    bar.reset_eta();
    Some(bar)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::left;

    #[test]
    fn time_that_is_left_goes_by_what_this_invocation_did() {
        let ten = Duration::from_secs(10);
        assert_eq!(left(ten, 100, 300), Duration::from_secs(30));
        assert_eq!(left(ten, 400, 0), Duration::ZERO);
        assert_eq!(left(ten, 0, 3), Duration::from_secs(30), "nothing is done yet: there is no better guess");
    }
}
