//! Which function called which: from the blocks that ran.

use rcsim_go::code::Code;
use rcsim_reports::trace::Span;
use rcsim_uop::op::Edge;

use super::Cycles;
use super::visits::Visit;

/// Functions that have been entered and not left: which, and the span of each.
struct Stack<'a> {
    code: &'a Code,
    open: Vec<(Option<usize>, usize)>,
    spans: Vec<Span>,
}

/// The spans of functions.
pub fn calls(code: &Code, visits: &[Visit], cycles: &Cycles) -> Vec<Span> {
    let mut stack = Stack { code, open: Vec::new(), spans: Vec::new() };
    let mut left = None;
    for visit in visits {
        left = match visit {
            Visit::Host => None,
            Visit::Guest { step, pc, edge } => {
                let Some(now) = cycles.after(*step) else { break };
                stack.enter(left, *pc, now);
                Some(*edge)
            }
        };
    }
    let end = cycles.retired.last().map_or(cycles.began, |last| last.1);
    stack.close_to(0, end);
    stack.spans
}

impl Stack<'_> {
    /// Control comes to `pc`, in the way that it left what came before; from the host when nothing is known.
    fn enter(&mut self, left: Option<Edge>, pc: u64, now: u64) {
        let function = self.code.index_at(pc);
        match left {
            Some(Edge::Call) => self.push(function, pc, now),
            Some(Edge::Return) => {
                self.close_to(self.open.len().saturating_sub(1), now);
                self.go_back(function, pc, now);
            }
            Some(Edge::Jump) if self.top() != Some(function) => {
                self.close_to(self.open.len().saturating_sub(1), now);
                self.push(function, pc, now);
            }
            Some(Edge::Jump) => {}
            None => self.go_back(function, pc, now),
        }
    }

    fn top(&self) -> Option<Option<usize>> {
        self.open.last().map(|(function, _)| *function)
    }

    /// To a function that has been entered already, else into it.
    fn go_back(&mut self, function: Option<usize>, pc: u64, now: u64) {
        match self.open.iter().rposition(|(open, _)| *open == function) {
            Some(at) => self.close_to(at + 1, now),
            None => self.push(function, pc, now),
        }
    }

    fn push(&mut self, function: Option<usize>, pc: u64, now: u64) {
        let name = match function {
            Some(index) => self.code.functions()[index].name.clone(),
            None => self.code.place(pc),
        };
        self.open.push((function, self.spans.len()));
        self.spans.push(Span { name, depth: self.open.len() - 1, start: now, end: now });
    }

    /// Leave all but so many.
    fn close_to(&mut self, depth: usize, now: u64) {
        while self.open.len() > depth
            && let Some((_, span)) = self.open.pop()
        {
            self.spans[span].end = now;
        }
    }
}
