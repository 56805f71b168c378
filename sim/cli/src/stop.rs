//! Stopping early: when a user interrupts, what is done is still reported.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rcsim_diag::{Diagnostic, Diagnostics};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Whether somebody asked to stop.
#[derive(Clone)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// From now on the first interrupt only sets the flag. A second one ends the process at once.
    ///
    /// # Errors
    /// When the system does not let signals be handled.
    pub fn on_signal() -> Result<Self, Diagnostics> {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal finds the flag unset, and sets it.
            flag::register_conditional_default(signal, Arc::clone(&asked))
                .and_then(|_| flag::register(signal, Arc::clone(&asked)))
                .map_err(|error| cannot(&error))?;
        }
        Ok(Self(asked))
    }

    /// Whether it was.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

fn cannot(error: &io::Error) -> Diagnostics {
    Diagnostic::input(format!("cannot handle interrupts: {error}"))
        .with_help("check the limits under which rcsim runs")
        .into()
}
