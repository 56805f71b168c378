//! What a machine instruction means, one folder per instruction-set family.
//!
//! Owns: decoding, lifting to micro-ops, encoding, Go's calling convention and Go's hand-written trampolines, for every
//! architecture. Must not know: the interpreter, memory, the world of Go, garbage collection, timing. The folders are
//! found by the build script; each has a `mod.rs` with `ports()`, its list of ports. Read `ADDING.md` first.

pub mod assembly;
pub mod routine;

use rcsim_uop::Port;

include!(concat!(env!("OUT_DIR"), "/families.rs"));

/// Every port, sorted by name.
#[must_use]
pub fn ports() -> Vec<&'static dyn Port> {
    let mut ports = all();
    ports.sort_by_key(|port| port.goarch());
    ports
}

/// The port that Go calls `goarch`.
#[must_use]
pub fn port(goarch: &str) -> Option<&'static dyn Port> {
    ports().into_iter().find(|port| port.goarch() == goarch)
}

/// A core as its file describes it; the cycle model reads the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoreFile {
    /// Path from the project's folder.
    pub path: &'static str,
    /// The text.
    pub text: &'static str,
}

/// Every core file that is built in, by path.
#[must_use]
pub fn core_files() -> Vec<CoreFile> {
    CORES.iter().map(|(path, text)| CoreFile { path, text }).collect()
}
