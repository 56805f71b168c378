//! The cycle model on a recorded call: everything on, and nothing else in the time.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rcsim_diag::Source;
use rcsim_go::follow::{Follower, Following};
use rcsim_go::mutation::Mutation;
use rcsim_go::phases::Phase;
use rcsim_go::run::{CodeChoice, Request, run_followed};
use rcsim_machine::{MemoryAccess, NoShadow, RetiredBlock};
use rcsim_timing::{Core, Model, Parts};
use rcsim_uop::{Block, CodeView as _, Epoch, Isa, Port};
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

/// A block that retired.
struct Retired {
    block: Block,
    insns: usize,
    accesses: Vec<MemoryAccess>,
    first_access: Vec<u32>,
    tag: u8,
}

/// The retired stream of a call.
pub struct Stream {
    isa: Arc<dyn Isa>,
    retired: Vec<Retired>,
    /// Its instructions.
    pub instructions: u64,
    /// Their machine code, in order.
    pub bytes: Vec<u8>,
}

struct Recorder(Rc<RefCell<Vec<Retired>>>);

impl Follower for Recorder {
    fn begin(&mut self, _: &Arc<dyn Isa>) {}

    fn retired(&mut self, phase: Phase, run: &RetiredBlock<'_>) {
        self.0.borrow_mut().push(Retired {
            block: run.block.clone(),
            insns: run.insns,
            accesses: run.accesses.to_vec(),
            first_access: run.first_access.to_vec(),
            tag: phase as u8,
        });
    }
}

impl Stream {
    /// Makes the call on the built-in machinery of the newest epoch and records it.
    ///
    /// # Errors
    /// When it cannot start.
    pub fn record(port: &'static dyn Port) -> Result<Self, BenchError> {
        let workload = Workload::parse(&Source::new("rcsim bench", CALL)).map_err(BenchError::Workload)?;
        let request = Request {
            workload: &workload,
            port,
            epoch: Epoch::Go127,
            code: CodeChoice::BuiltIn,
            features: &[],
            move_stacks: false,
            deviations: &[],
            fixes: &[],
        };
        let recording = Rc::new(RefCell::new(Vec::<Retired>::new()));
        let following = Following::new(Box::new(Recorder(Rc::clone(&recording))));
        let run = run_followed(&request, &Mutation::default(), NoShadow, following, |world| {
            let mut bytes = Vec::new();
            for retired in recording.borrow().iter() {
                for insn in &retired.block.insns[..retired.insns] {
                    let mut code = [0; 16];
                    let got = world.core.mem.fetch(insn.pc, &mut code[..usize::from(insn.len).min(16)]);
                    bytes.extend_from_slice(&code[..got]);
                }
            }
            (Arc::clone(&world.core.isa), bytes)
        });
        let (report, (isa, bytes)) = run.map_err(|error| BenchError::Run(Box::new(error)))?;
        let retired = recording.take();
        Ok(Self { isa, retired, instructions: report.instructions, bytes })
    }
}

/// A model that follows the call again and again.
pub struct Modelled {
    stream: Rc<Stream>,
    core: Arc<Core>,
}

impl Modelled {
    /// This call on this core.
    pub fn new(stream: &Rc<Stream>, core: &Arc<Core>) -> Self {
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
                for Retired { block, insns, accesses, first_access, tag } in &stream.retired {
                    model.retired(*tag, &RetiredBlock { block, insns: *insns, accesses, first_access });
                }
            }
            Ok::<_, BenchError>(())
        };
        let ((), time) = clock::own(follow)?;
        Ok((rounds * stream.instructions, time))
    }
}
