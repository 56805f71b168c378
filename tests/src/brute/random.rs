//! Random runs: a random function, in a random epoch of a port, with or without a random deviation.

use rcsim_go::deviation::Deviation;
use rcsim_go::run::{CodeChoice, Request};
use rcsim_uop::{Epoch, Port};
use rcsim_workloads::random::workload;

use super::{Tally, compare};
use crate::proof::is_built_in;

/// Kinds of random runs: with and without a deviation.
pub const COUNT_OF_KINDS: u64 = 2;

/// Compare run number `number` of a seed. Every other run has a deviation.
///
/// # Errors
/// What was run, and the first difference.
///
/// # Panics
/// When a random workload cannot be read: a mistake of the generator.
pub fn random(seed: u64, number: u64) -> Result<Tally, String> {
    let workload = workload(seed, number).unwrap_or_else(|errors| panic!("{errors}"));
    let mut choices = Choices(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let all: Vec<(&'static dyn Port, Epoch)> = built_in().collect();
    let (port, epoch) = all[choices.below(all.len())];
    let deviation = Deviation::ALL[choices.below(Deviation::ALL.len())];
    let deviations = if number.is_multiple_of(COUNT_OF_KINDS) { &[][..] } else { &[deviation][..] };
    let code = CodeChoice::BuiltIn;
    let request = Request { deviations, ..Request::new(&workload, port, epoch, code) };
    let names: Vec<&str> = deviations.iter().map(|deviation| deviation.name()).collect();
    compare(&request)
        .map_err(|what| format!("{}, {}, {epoch}, {names:?}: {what}", workload.name.value, port.goarch()))
}

fn built_in() -> impl Iterator<Item = (&'static dyn Port, Epoch)> {
    let ports = rcsim_isa::ports().into_iter();
    ports
        .flat_map(|port| Epoch::ALL.into_iter().map(move |epoch| (port, epoch)))
        .filter(|(port, epoch)| is_built_in(*port, *epoch))
}

/// A xorshift generator: the same everywhere.
struct Choices(u64);

impl Choices {
    fn below(&mut self, count: usize) -> usize {
        self.0 |= 1;
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % count
    }
}
