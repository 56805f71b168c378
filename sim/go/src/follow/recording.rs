//! The retired stream of a call, recorded to be followed again and again without the interpreter in between.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use rcsim_machine::{MemoryAccess, NoShadow, RetiredBlock};
use rcsim_uop::{Block, CodeView as _, Isa};

use super::{Follower, Following};
use crate::mutation::Mutation;
use crate::phases::Phase;
use crate::run::{Request, RunError, run_followed};

/// A block that retired.
struct Retired {
    phase: Phase,
    block: Block,
    insns: usize,
    accesses: Vec<MemoryAccess>,
    first_access: Vec<u32>,
}

struct Recorder(Rc<RefCell<Vec<Retired>>>);

impl Follower for Recorder {
    fn begin(&mut self, _: &Arc<dyn Isa>) {}

    fn retired(&mut self, phase: Phase, run: &RetiredBlock<'_>) {
        self.0.borrow_mut().push(Retired {
            phase,
            block: run.block.clone(),
            insns: run.insns,
            accesses: run.accesses.to_vec(),
            first_access: run.first_access.to_vec(),
        });
    }
}

/// A call that was made once.
pub struct Recording {
    /// The instruction set that it ran on.
    pub isa: Arc<dyn Isa>,
    /// Its instructions.
    pub instructions: u64,
    /// Their machine code, in the order in which they ran.
    pub code: Vec<u8>,
    retired: Vec<Retired>,
}

impl Recording {
    /// Makes the call and records it.
    ///
    /// # Errors
    /// When it cannot start, or breaks off.
    pub fn of(request: &Request<'_>) -> Result<Self, RunError> {
        let stream = Rc::new(RefCell::new(Vec::<Retired>::new()));
        let following = Following::new(Box::new(Recorder(Rc::clone(&stream))));
        let run = run_followed(request, &Mutation::default(), NoShadow, following, |world| {
            let mut code = Vec::new();
            for retired in stream.borrow().iter() {
                for insn in &retired.block.insns[..retired.insns] {
                    let mut bytes = [0; 16];
                    let got = world.core.mem.fetch(insn.pc, &mut bytes[..usize::from(insn.len).min(16)]);
                    code.extend_from_slice(&bytes[..got]);
                }
            }
            (Arc::clone(&world.core.isa), code)
        });
        let (report, (isa, code)) = run?;
        Ok(Self { isa, instructions: report.instructions, code, retired: stream.take() })
    }

    /// Shows every block again, in order, with the phase that it ran in.
    #[inline]
    pub fn replay(&self, mut each: impl FnMut(Phase, &RetiredBlock<'_>)) {
        for Retired { phase, block, insns, accesses, first_access } in &self.retired {
            each(*phase, &RetiredBlock { block, insns: *insns, accesses, first_access });
        }
    }
}
