//! Comparing many runs on all processors. What comes out does not depend on how many there are.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use super::Tally;

/// The sum of many comparisons, and what differs, in order.
#[derive(Debug, Default)]
pub struct Total {
    /// What was compared.
    pub tally: Tally,
    /// Number of the comparison, and the difference.
    pub wrong: Vec<(usize, String)>,
}

/// Make the comparisons with these numbers.
///
/// # Panics
/// When a comparison does.
#[must_use]
pub fn in_parallel(numbers: &[usize], compare: impl Fn(usize) -> Result<Tally, String> + Sync) -> Total {
    let next = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel();
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            let (send, next, compare) = (send.clone(), &next, &compare);
            scope.spawn(move || {
                while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // Nobody hangs up before all is sent.
                    let _ = send.send((*number, compare(*number)));
                }
            });
        }
    });
    drop(send);
    let mut total = Total::default();
    for (number, result) in receive {
        match result {
            Ok(tally) => total.tally += tally,
            Err(what) => total.wrong.push((number, what)),
        }
    }
    total.wrong.sort();
    total
}
