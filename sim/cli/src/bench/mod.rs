//! Bench.
pub mod clock;
pub mod copy;
pub mod error;
pub mod lifting;
pub mod measure;
pub mod peers;
