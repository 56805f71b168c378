//! The retired stream of a call, to be followed again and again.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use rcsim_go::follow::{Follower, Following};
use rcsim_go::mutation::Mutation;
use rcsim_go::phases::Phase;
use rcsim_go::run::{CodeChoice, Request, run_followed};
use rcsim_machine::{MemoryAccess, NoShadow, RetiredBlock};
use rcsim_timing::Model;
use rcsim_uop::{Block, Epoch, Isa, Port};
use rcsim_workloads::Workload;

struct Retired {
    block: Block,
    insns: usize,
    accesses: Vec<MemoryAccess>,
    first_access: Vec<u32>,
    tag: u8,
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

/// A call that was made once.
pub struct Recording {
    /// Its instruction set.
    pub isa: Arc<dyn Isa>,
    /// Its instructions.
    pub instructions: u64,
    retired: Vec<Retired>,
}

impl Recording {
    /// Makes a call on the built-in machinery; nothing when this port or epoch cannot.
    #[must_use]
    pub fn of(workload: &Workload, port: &'static dyn Port, epoch: Epoch) -> Option<Self> {
        let request = Request {
            workload,
            port,
            epoch,
            code: CodeChoice::BuiltIn,
            features: &[],
            move_stacks: false,
            deviations: &[],
            fixes: &[],
        };
        let stream = Rc::new(RefCell::new(Vec::new()));
        let following = Following::new(Box::new(Recorder(Rc::clone(&stream))));
        let run = run_followed(&request, &Mutation::default(), NoShadow, following, |world| {
            Arc::clone(&world.core.isa)
        });
        let (report, isa) = run.ok()?;
        let retired = stream.take();
        Some(Self { isa, instructions: report.instructions, retired })
    }

    /// Lets a model follow it.
    pub fn follow(&self, model: &mut Model) {
        for Retired { block, insns, accesses, first_access, tag } in &self.retired {
            model.retired(*tag, &RetiredBlock { block, insns: *insns, accesses, first_access });
        }
    }
}
