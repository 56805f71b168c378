//! What the comparison of single instructions consists of.

pub mod cases;
pub mod random;
pub mod simulator;
pub mod states;
