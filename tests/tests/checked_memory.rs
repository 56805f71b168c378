//! Memory of a long run under the checker grows with the garbage of the run, which is never given back, and with nothing else.
//! Here a short sample; the example `checked_memory` makes a hundred million steps.

use rcsim_tests::long_run::{LongRun, long_run, peak_bytes};
use rcsim_tests::oracle::require;

/// What an object that is garbage may take, in bytes: its memory, its tags, its records. It has two words.
const PER_OBJECT: u64 = 2048;
/// What else may differ between two runs: room that vectors keep, pages of the allocator.
const SLACK: u64 = 8 << 20;
/// After so many rounds the history that barriers are judged by is as long as it may become.
const ROUNDS: u64 = 120_000;
/// As many objects more, at least.
const MORE: u64 = 40_000;

#[test]
fn memory_grows_with_garbage_only() {
    let port = rcsim_isa::ports()[0];
    let run = |rounds| {
        let run: LongRun = require(long_run(port, rounds));
        assert_eq!((run.findings.as_slice(), run.passed), (&[][..], true), "{rounds} rounds");
        (run.objects as u64, run.instructions, peak_bytes())
    };
    let (few, many) = (run(ROUNDS), run(ROUNDS + MORE));
    let (objects, grown) = (many.0 - few.0, many.2 - few.2);
    println!("{objects} more objects in {} more instructions: {grown} bytes more", many.1 - few.1);
    assert!(objects >= MORE, "the program allocates {objects} objects");
    assert!(grown < objects * PER_OBJECT + SLACK, "{objects} objects take {grown} bytes");
}
