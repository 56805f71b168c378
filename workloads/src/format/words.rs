//! The closed sets of words that keys take.

use crate::workload::{Barrier, BreakKind, Points, RuntimeCaller, StackLeft};

/// The values of `call`, told apart before what belongs to them is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CallWord {
    ValueCall,
    MakeFunc,
    MethodValue,
    MethodCall,
    Runtime(RuntimeCaller),
    Reflectcall,
}

pub(super) const CALLS: [(&str, CallWord); 8] = [
    ("value-call", CallWord::ValueCall),
    ("make-func", CallWord::MakeFunc),
    ("method-value", CallWord::MethodValue),
    ("method-call", CallWord::MethodCall),
    ("finalizer", CallWord::Runtime(RuntimeCaller::Finalizer)),
    ("defer", CallWord::Runtime(RuntimeCaller::Defer)),
    ("cgo-callback", CallWord::Runtime(RuntimeCaller::CgoCallback)),
    ("reflectcall", CallWord::Reflectcall),
];

pub(super) const BARRIERS: [(&str, Barrier); 4] = [
    ("epoch", Barrier::Epoch),
    ("none", Barrier::None),
    ("dijkstra", Barrier::Dijkstra),
    ("hybrid", Barrier::Hybrid),
];

pub(super) const POINTS: [(&str, Points); 3] =
    [("go", Points::Go), ("every", Points::Every), ("none", Points::None)];

pub(super) const STACK_LEFT: [(&str, StackLeft); 2] =
    [("too-little", StackLeft::TooLittle), ("just-enough", StackLeft::JustEnough)];

pub(super) const BREAKS: [(&str, BreakKind); 5] = [
    (BreakKind::Trap.word(), BreakKind::Trap),
    (BreakKind::Service.word(), BreakKind::Service),
    (BreakKind::Unbalanced.word(), BreakKind::Unbalanced),
    (BreakKind::Unwind.word(), BreakKind::Unwind),
    (BreakKind::Endless.word(), BreakKind::Endless),
];
