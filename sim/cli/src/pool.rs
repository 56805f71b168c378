//! Doing the same with many things on several threads.

use std::num::NonZero;
use std::thread;

use rayon::ThreadPoolBuilder;
use rayon::iter::{ParallelBridge, ParallelIterator};
use rcsim_diag::{Diagnostic, Diagnostics};

/// Does `work` with each item, beginning with them in order; nothing comes of those that `wanted` refuses when their turn comes. The
/// results are in the order of the items, whatever the number of threads.
///
/// # Errors
/// When the system does not let threads be started.
pub fn each<'i, I: Sync, O: Send>(
    items: &'i [I],
    threads: Option<u16>,
    wanted: impl Fn(usize) -> bool + Sync,
    work: impl Fn(usize, &'i I) -> O + Sync,
) -> Result<Vec<Option<O>>, Diagnostics> {
    let machine = || thread::available_parallelism().map_or(1, NonZero::get);
    let threads = threads.map_or_else(machine, usize::from).clamp(1, items.len().max(1));
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().map_err(|error| cannot(&error))?;
    let mut done: Vec<(usize, O)> = pool.install(|| {
        let taken = items.iter().enumerate().par_bridge();
        taken.filter_map(|(n, item)| wanted(n).then(|| (n, work(n, item)))).collect()
    });
    done.sort_by_key(|(n, _)| *n);
    let mut all: Vec<Option<O>> = items.iter().map(|_| None).collect();
    for (n, result) in done {
        all[n] = Some(result);
    }
    Ok(all)
}

fn cannot(error: &rayon::ThreadPoolBuildError) -> Diagnostics {
    Diagnostic::input(format!("cannot start threads: {error}"))
        .with_help("give fewer with --threads, or raise the limit of the system")
        .into()
}

#[cfg(test)]
mod tests {
    use super::each;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..200).collect();
        let doubled = each(&items, Some(4), |_| true, |_, item| item * 2).expect("threads");
        assert_eq!(doubled, items.iter().map(|item| Some(item * 2)).collect::<Vec<_>>());
        assert!(each(&[] as &[u64], None, |_| true, |_, item| *item).expect("threads").is_empty());
    }

    #[test]
    fn nothing_comes_of_what_is_not_wanted() {
        let done = each(&[1, 2, 3], Some(2), |n| n != 1, |_, item| *item).expect("threads");
        assert_eq!(done, [Some(1), None, Some(3)]);
    }
}
