//! Operations overlap, and a track of a viewer cannot hold what overlaps: each goes to the first lane that is free.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::Op;

/// For each operation the number of its lane, from 0. Operations come in the order in which they are delivered.
pub fn lanes(ops: &[Op]) -> Vec<usize> {
    let mut free = BTreeSet::new();
    let mut taken: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    let mut count = 0;
    let lane = |op: &Op| {
        while let Some(Reverse((_, lane))) = taken.peek().filter(|next| next.0.0 <= op.delivered).copied() {
            taken.pop();
            free.insert(lane);
        }
        let lane = free.pop_first().unwrap_or_else(|| {
            count += 1;
            count - 1
        });
        taken.push(Reverse((op.end(), lane)));
        lane
    };
    ops.iter().map(lane).collect()
}
