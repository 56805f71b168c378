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
use rcsim_uop::{Epoch, Isa, Port};
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
    let request = Request {
        workload,
        port,
        epoch,
        code,
        features: &[],
        move_stacks: false,
        deviations: &[],
        fixes: &[],
    };
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
