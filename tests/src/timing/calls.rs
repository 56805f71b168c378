//! Whole reflective calls on a modelled core, through the code of a real program.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use rcsim_diag::Source;
use rcsim_go::follow::{Follower, Following};
use rcsim_go::mutation::Mutation;
use rcsim_go::phases::Phase;
use rcsim_go::run::{CodeChoice, Report, Request, run_followed};
use rcsim_machine::{NoShadow, RetiredBlock};
use rcsim_timing::{Core, Model, Outcome, Parts};
use rcsim_uop::{CodeView as _, Epoch, Isa, Port};
use rcsim_workloads::Workload;

struct Shared(Rc<RefCell<Model>>);

impl Follower for Shared {
    fn begin(&mut self, isa: &Arc<dyn Isa>) {
        self.0.borrow_mut().begin(isa);
    }

    fn retired(&mut self, phase: Phase, run: &RetiredBlock<'_>) {
        self.0.borrow_mut().retired(phase as u8, run);
    }
}

/// A workload from its text.
///
/// # Panics
/// When it is not one.
#[must_use]
pub fn workload(text: &str) -> Workload {
    Workload::parse(&Source::new("test", text))
        .unwrap_or_else(|errors| panic!("{}", errors.render(rcsim_diag::Colour::Never)))
}

/// Makes the call so many times on a core; the report and the cost of the last one.
///
/// # Panics
/// When it cannot start.
#[must_use]
pub fn repeated(
    workload: &Workload,
    port: &'static dyn Port,
    epoch: Epoch,
    code: CodeChoice<'_>,
    core: &Arc<Core>,
    calls: u32,
) -> (Report, Outcome) {
    let model = Rc::new(RefCell::new(Model::new(Arc::clone(core), Parts::ALL)));
    let request = request(workload, port, epoch, code);
    let mut last = None;
    for _ in 0..calls.max(1) {
        model.borrow_mut().restart();
        let following = Following::new(Box::new(Shared(Rc::clone(&model))));
        let run = run_followed(&request, &Mutation::default(), NoShadow, following, |_| {
            model.borrow_mut().outcome()
        });
        last = Some(run.unwrap_or_else(|error| panic!("the call starts: {error:?}")));
    }
    last.expect("one call was made")
}

fn request<'a>(
    workload: &'a Workload,
    port: &'static dyn Port,
    epoch: Epoch,
    code: CodeChoice<'a>,
) -> Request<'a> {
    Request::new(workload, port, epoch, code)
}

/// Addresses and lengths of instructions.
type Insns = Vec<(u64, u16)>;

struct Executed(Rc<RefCell<Insns>>);

impl Follower for Executed {
    fn begin(&mut self, _: &Arc<dyn Isa>) {}

    fn retired(&mut self, _: Phase, run: &RetiredBlock<'_>) {
        let mut insns = self.0.borrow_mut();
        for insn in &run.block.insns[..run.insns] {
            // A string instruction comes once for each element.
            if insns.last() != Some(&(insn.pc, insn.len)) {
                insns.push((insn.pc, insn.len));
            }
        }
    }
}

/// The machine code that a call executes, in order; a string instruction once.
///
/// # Panics
/// When the call cannot start.
#[must_use]
pub fn executed(workload: &Workload, port: &'static dyn Port, epoch: Epoch, code: CodeChoice<'_>) -> Vec<u8> {
    let insns = Rc::new(RefCell::new(Vec::new()));
    let following = Following::new(Box::new(Executed(Rc::clone(&insns))));
    let request = request(workload, port, epoch, code);
    let run = run_followed(&request, &Mutation::default(), NoShadow, following, |world| {
        let mut all = Vec::new();
        for (pc, len) in insns.borrow().iter() {
            let mut bytes = [0; 16];
            let got = world.core.mem.fetch(*pc, &mut bytes[..usize::from(*len)]);
            all.extend_from_slice(&bytes[..got]);
        }
        all
    });
    run.unwrap_or_else(|error| panic!("the call starts: {error:?}")).1
}
