//! What the checker costs: the copy loop under it, and points.

use std::time::Duration;

use rcsim_diag::Source;
use rcsim_gc::barrier::Protocol;
use rcsim_gc::{Checker, Mode};
use rcsim_go::run::{CodeChoice, Request, run_with};
use rcsim_machine::shadow::NewObject;
use rcsim_machine::{NoObserver, Shadow};
use rcsim_uop::{Epoch, Port};
use rcsim_workloads::Workload;

use super::clock;
use super::copy::{DATA, DESTINATION, Interpreter, SOURCE, WORDS};
use super::error::BenchError;
use super::measure::Contestant;

/// Calls in one turn.
const CALLS: u64 = 20;
/// Points of one call that its callee asks for.
const POINTS: usize = 1000;

/// The checker as `rcsim run` uses it.
pub fn checker(port: &dyn Port) -> Checker {
    let word = port.word();
    Checker::new(Mode::AllPoints, u64::from(word.bytes)).with_barriers(Protocol::Hybrid, word)
}

/// Two objects full of pointers, and the loop copies from one to the other: nothing costs the checker more.
pub fn within_the_heap(port: &'static dyn Port, rounds: u32) -> Result<Checked, BenchError> {
    let shadow = move || {
        let mut checker = checker(port);
        checker.heap(DATA.0, DATA.0 + DATA.1);
        add_object(port, &mut checker, SOURCE);
        add_object(port, &mut checker, DESTINATION);
        checker
    };
    Interpreter::shadowed("rcsim, checked: heap to heap", port, rounds, Box::new(shadow))
}

/// The loop copies from an object full of pointers to the stack, as the trampolines do.
pub fn to_the_stack(port: &'static dyn Port, rounds: u32) -> Result<Checked, BenchError> {
    let shadow = move || {
        let mut checker = checker(port);
        checker.heap(DATA.0, u64::from(DESTINATION));
        checker.stack(u64::from(DESTINATION), DATA.0 + DATA.1);
        add_object(port, &mut checker, SOURCE);
        checker
    };
    Interpreter::shadowed("rcsim, checked: heap to stack", port, rounds, Box::new(shadow))
}

/// The copy loop under the checker.
pub type Checked = Interpreter<NoObserver, Checker>;

fn add_object(port: &dyn Port, checker: &mut Checker, addr: u32) {
    let bytes = u64::from(WORDS) * 8;
    let pointers = vec![true; bytes as usize / usize::from(port.word().bytes)];
    let (addr, what, place) = (u64::from(addr), "words", "rcsim bench");
    checker.allocated(NewObject { addr, bytes, pointers: &pointers, what, place });
}

/// A call whose callee lets the collector stop it many times, and the same call without that.
pub struct Points {
    many: Workload,
    few: Workload,
    port: &'static dyn Port,
}

impl Points {
    /// Prepare the calls.
    ///
    /// # Errors
    /// When a workload cannot be read.
    pub fn new(port: &'static dyn Port) -> Result<Self, BenchError> {
        Ok(Self { many: stopping(POINTS)?, few: stopping(0)?, port })
    }

    /// Points of so many calls, and the time they take.
    fn calls(&self, workload: &Workload) -> Result<(u64, Duration), BenchError> {
        clock::own(|| (0..CALLS).try_fold(0, |points, _| Ok(points + self.call(workload)?)))
    }

    fn call(&self, workload: &Workload) -> Result<u64, BenchError> {
        let request = Request::new(workload, self.port, Epoch::Go127, CodeChoice::BuiltIn);
        let look = |world: &rcsim_go::world::World<'_, Checker>| world.core.shadow.points();
        let (_, points) =
            run_with(&request, checker(self.port), look).map_err(|error| BenchError::Run(Box::new(error)))?;
        Ok(u64::from(points))
    }
}

impl Contestant for Points {
    fn name(&self) -> String {
        "points".to_owned()
    }

    fn run(&mut self) -> Result<(u64, Duration), BenchError> {
        let (many, few) = (self.calls(&self.many)?, self.calls(&self.few)?);
        Ok((many.0 - few.0, many.1.saturating_sub(few.1)))
    }
}

/// A call whose callee lets the collector stop it so many times.
fn stopping(points: usize) -> Result<Workload, BenchError> {
    let stops = "\"gc\", ".repeat(points);
    let text = format!(
        "name = \"points\"\ncall = \"value-call\"\nfunc = \"func(p *int, s []string) *int\"\n\
         callee = [{stops}\"return-args\"]\n"
    );
    Workload::parse(&Source::new("rcsim bench", text)).map_err(BenchError::Workload)
}
