//! Bench.
pub mod clock;
pub mod copy;
pub mod error;
pub mod measure;
pub mod peers;
