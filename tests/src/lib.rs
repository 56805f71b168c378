//! The regression suite of rcsim: what its tests share.
//!
//! - [`oracle`] finds and drives the programs that rcsim is compared with: Go toolchains, qemu-user, node.
//! - [`brute`] runs the checker in one pass and by brute force, and compares.
//! - [`coverage`] counts what of real Go programs' code can be lifted.
//! - [`lockstep`] runs a subject beside qemu, one instruction at a time, and reports the first difference.
//! - [`long_run`] makes a run under the checker as long as wanted.
//! - [`probe`] runs single instructions on chosen states, thousands in a second.
//! - [`timing`] runs small programs on modelled cores.
//! - [`beside_qemu`] runs a real Go program in the simulator and in qemu, instruction by instruction, with [`simulator`] as the subject.
//! - [`proof`] runs workloads in a real Go program and in rcsim on that program's code, and compares.
//!
//! Nothing here knows an architecture: its facts come from `oracle/` in its folder under `isa/`. Only [`proof`], [`brute`], [`timing`],
//! [`long_run`], [`coverage`], [`beside_qemu`] and [`simulator`] depend on the simulator; for the others the tests connect the two.

pub mod beside_qemu;
pub mod brute;
pub mod coverage;
pub mod lockstep;
pub mod long_run;
pub mod oracle;
pub mod probe;
pub mod proof;
pub mod simulator;
pub mod timing;
