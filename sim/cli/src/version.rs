//! What `rcsim --version` says: what built it, and what it knows.

use std::sync::OnceLock;

use crate::selection::{arch_names, epoch_names};

/// Version, toolchain, architectures and epochs.
pub fn long() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        format!(
            "{}\ntoolchain      {} for {}\narchitectures  {}\nepochs         {}",
            env!("CARGO_PKG_VERSION"),
            env!("RCSIM_RUSTC"),
            env!("RCSIM_TARGET"),
            arch_names().join(" "),
            epoch_names().join(" ")
        )
    })
}
