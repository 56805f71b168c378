//! The cycle model on a recorded call: everything on, and nothing else in the time.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rcsim_diag::Source;
use rcsim_go::follow::Recording;
use rcsim_go::run::{CodeChoice, Request};
use rcsim_timing::{Core, Model, Parts};
use rcsim_uop::{Epoch, Port};
use rcsim_workloads::Workload;

use super::clock;
use super::error::BenchError;
use super::measure::Contestant;

/// The call that is followed.
const CALL: &str = r#"
name = "Value.Call of func(int, string, []byte) (string, int)"
call = "value-call"
func = "func(a int, b string, c []byte) (string, int)"
callee = "drop-args"
"#;
/// Guest instructions of a turn, about.
const INSTRUCTIONS: u64 = 1_000_000;

/// Makes the call on the built-in machinery of the newest epoch and records it.
///
/// # Errors
/// When it cannot start.
pub fn record(port: &'static dyn Port) -> Result<Recording, BenchError> {
    let workload = Workload::parse(&Source::new("rcsim bench", CALL)).map_err(BenchError::Workload)?;
    let request = Request::new(&workload, port, Epoch::Go127, CodeChoice::BuiltIn);
    Recording::of(&request).map_err(|error| BenchError::Run(Box::new(error)))
}

/// A model that follows the call again and again.
pub struct Modelled {
    stream: Rc<Recording>,
    core: Arc<Core>,
}

impl Modelled {
    /// This call on this core.
    pub fn new(stream: &Rc<Recording>, core: &Arc<Core>) -> Self {
        Self { stream: Rc::clone(stream), core: Arc::clone(core) }
    }
}

impl Contestant for Modelled {
    fn name(&self) -> String {
        format!("rcsim, {} ({})", self.core.name, self.core.kind.name())
    }

    fn run(&mut self) -> Result<(u64, Duration), BenchError> {
        let stream = &self.stream;
        let rounds = INSTRUCTIONS.div_ceil(stream.instructions.max(1));
        let mut model = Model::new(Arc::clone(&self.core), Parts::ALL);
        model.begin(&stream.isa);
        let follow = || {
            for _ in 0..rounds {
                stream.replay(|phase, run| model.retired(phase as u8, run));
            }
            Ok::<_, BenchError>(())
        };
        let ((), time) = clock::own(follow)?;
        Ok((rounds * stream.instructions, time))
    }
}
