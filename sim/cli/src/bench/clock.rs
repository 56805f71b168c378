//! Processor time: what the process itself has used, or its children that have ended. Time in which other programs ran
//! does not count.

use std::io;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};

fn used(who: UsageWho) -> io::Result<Duration> {
    let usage = getrusage(who)?;
    let micros = [usage.user_time(), usage.system_time()]
        .map(|time| time.tv_sec() as u64 * 1_000_000 + time.tv_usec() as u64);
    Ok(Duration::from_micros(micros[0] + micros[1]))
}

/// Processor time that `work` takes in this process.
///
/// # Errors
/// When the system does not tell, or as `work` fails.
pub fn own<T, E: From<io::Error>>(work: impl FnOnce() -> Result<T, E>) -> Result<(T, Duration), E> {
    between(UsageWho::RUSAGE_SELF, work)
}

/// Processor time of the child processes that `work` starts and waits for.
///
/// # Errors
/// When the system does not tell, or as `work` fails.
pub fn children<T, E: From<io::Error>>(work: impl FnOnce() -> Result<T, E>) -> Result<(T, Duration), E> {
    between(UsageWho::RUSAGE_CHILDREN, work)
}

fn between<T, E: From<io::Error>>(
    who: UsageWho,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<(T, Duration), E> {
    let before = used(who)?;
    let result = work()?;
    Ok((result, used(who)?.saturating_sub(before)))
}
