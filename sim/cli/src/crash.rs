//! What is said when rcsim itself is wrong: a panic becomes a diagnostic that asks for a report.

use std::env;
use std::io::{self, Write};
use std::panic::{self, PanicHookInfo};

use rcsim_diag::{Colour, Diagnostic};

use crate::shell;

/// Makes panics speak as diagnostics. The process still ends with Rust's code for a panic, 101.
pub fn install() {
    panic::set_hook(Box::new(|info| {
        let text = describe(info).render(Colour::Never);
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }));
}

fn describe(info: &PanicHookInfo<'_>) -> Diagnostic {
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let message = text.unwrap_or("panic").lines().collect::<Vec<_>>().join("; ");
    let words: Vec<String> = env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let bug = Diagnostic::bug(format!("this is a bug in rcsim: {message}"));
    let bug = match info.location() {
        Some(location) => bug.with_place(location.to_string()),
        None => bug,
    };
    bug.with_help("please report it, with the workload and this message").with_replay(shell::line(&words))
}
