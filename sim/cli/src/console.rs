//! The two streams that the program writes to.
//!
//! Results go to standard output, diagnostics about the invocation to standard error. When whoever reads standard output
//! has gone, what is left to print is dropped without a word; the work goes on, because its verdict is the exit code. Where it
//! cannot be written for another reason, that is said once, and the work goes on to its other results.

use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};

use rcsim_diag::{Colour, Diagnostic, Diagnostics};

use crate::args::When;

/// Standard output and standard error.
pub struct Console {
    when: When,
    closed: bool,
}

impl Console {
    /// The streams of the process.
    pub fn new(when: When) -> Self {
        Self { when, closed: false }
    }

    /// The colours for what goes to standard output.
    pub fn out_colour(&self) -> Colour {
        self.colour(io::stdout().is_terminal())
    }

    /// The colours for what goes to standard error.
    fn err_colour(&self) -> Colour {
        self.colour(io::stderr().is_terminal())
    }

    fn colour(&self, terminal: bool) -> Colour {
        let forbidden = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        match self.when {
            When::Always => Colour::Always,
            When::Auto if terminal && !forbidden => Colour::Always,
            When::Auto | When::Never => Colour::Never,
        }
    }

    /// Writes to standard output at once. Once that has failed, nothing more is written.
    ///
    /// # Errors
    /// The first time that it cannot be written for another reason than that nobody reads it.
    pub fn print(&mut self, text: &str) -> Result<(), Diagnostics> {
        if self.closed {
            return Ok(());
        }
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            Err(error) => {
                self.closed = true;
                Err(cannot_write(&error))
            }
        }
    }

    /// Writes diagnostics to standard error. Where that is impossible there is nobody to tell.
    pub fn complain(&self, diagnostics: &Diagnostics) {
        let text = diagnostics.render(self.err_colour());
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

fn cannot_write(error: &io::Error) -> Diagnostics {
    Diagnostic::input(format!("cannot write to standard output: {error}"))
        .with_help("check where the output is redirected to")
        .into()
}
