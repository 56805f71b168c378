//! Other emulators, where they are installed.

use super::measure::Contestant;

mod elf;
mod llvm_mca;
mod node;
mod qemu;
mod unicorn;

pub use llvm_mca::LlvmMca;
pub use node::Node;
pub use qemu::QemuUser;
pub use unicorn::Unicorn;

/// A peer as it is found on this machine.
pub enum Peer {
    /// Ready to run.
    Present(Box<dyn Contestant>),
    /// Not to be had: its name, and why.
    Missing(String, String),
}

impl Peer {
    /// The peer `name`, when `found` is one.
    pub fn new<C: Contestant + 'static>(name: &str, found: Result<C, String>) -> Self {
        match found {
            Ok(contestant) => Self::Present(Box::new(contestant)),
            Err(why) => Self::Missing(name.to_owned(), why),
        }
    }
}
