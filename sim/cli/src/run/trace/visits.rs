//! The blocks that ran, and how control left each.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use rcsim_go::follow::Follower;
use rcsim_go::phases::Phase;
use rcsim_machine::RetiredBlock;
use rcsim_timing::Model;
use rcsim_uop::op::{Edge, Op};
use rcsim_uop::{Block, Isa};

/// Blocks that are noted, at most: every operation that is noted has room in one of its own.
const MOST_VISITS: usize = super::MOST_OPERATIONS;

/// A block that ran, or the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    /// A block of guest code.
    Guest {
        /// Guest instructions before it.
        step: u64,
        /// Its address.
        pc: u64,
        /// How control left it.
        edge: Edge,
    },
    /// A service.
    Host,
}

/// Lets a model follow, and notes which blocks come.
pub struct Visitor {
    model: Rc<RefCell<Model>>,
    visits: Rc<RefCell<Vec<Visit>>>,
    steps: u64,
}

impl Visitor {
    /// One that has seen nothing.
    pub fn new(model: Rc<RefCell<Model>>) -> Self {
        Self { model, visits: Rc::default(), steps: 0 }
    }

    /// What it will have seen.
    pub fn visits(&self) -> Rc<RefCell<Vec<Visit>>> {
        Rc::clone(&self.visits)
    }
}

impl Follower for Visitor {
    fn begin(&mut self, isa: &Arc<dyn Isa>) {
        self.model.borrow_mut().begin(isa);
    }

    fn retired(&mut self, phase: Phase, run: &RetiredBlock<'_>) {
        self.model.borrow_mut().retired(phase as u8, run);
        let mut visits = self.visits.borrow_mut();
        if visits.len() < MOST_VISITS {
            let whole = run.insns == run.block.insns.len();
            visits.push(match run.insns {
                0 => Visit::Host,
                _ if whole => Visit::Guest { step: self.steps, pc: run.block.pc, edge: edge(run.block) },
                _ => Visit::Guest { step: self.steps, pc: run.block.pc, edge: Edge::Jump },
            });
        }
        self.steps += run.insns as u64;
    }
}

fn edge(block: &Block) -> Edge {
    match block.ops.last() {
        Some(Op::Goto { edge } | Op::GotoReg { edge, .. }) => *edge,
        _ => Edge::Jump,
    }
}
