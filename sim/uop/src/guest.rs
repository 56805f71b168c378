//! What a helper, a service or an architecture's calling code sees of a running guest.

use crate::op::Access;
use crate::reg::Reg;

/// A memory access that the guest may not make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemFault {
    /// First address that could not be accessed.
    pub addr: u64,
    /// Size of the whole access in bytes.
    pub bytes: u64,
    /// What was attempted.
    pub kind: AccessKind,
    /// Why it failed.
    pub cause: FaultCause,
}

/// What a memory access wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessKind {
    /// Read data.
    Read,
    /// Write data.
    Write,
    /// Fetch instructions.
    Execute,
}

/// Why a memory access failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultCause {
    /// Nothing is mapped there.
    Unmapped,
    /// The mapping forbids it.
    Protected,
    /// The address is not a multiple of the size and the instruction requires it.
    Misaligned,
    /// The guest would use more memory than it is allowed.
    Exhausted,
}

/// Registers and memory of one guest thread. Everything done through it is seen by the shadow.
pub trait Guest {
    /// Value of a slot.
    fn reg(&self, reg: Reg) -> u64;
    /// Set a slot; its provenance is lost. Use [`Guest::copy_reg`] to keep it.
    fn set_reg(&mut self, reg: Reg, value: u64);
    /// `dst = src`, provenance included.
    fn copy_reg(&mut self, dst: Reg, src: Reg);
    /// The flags, packed (see [`crate::flags`]).
    fn flags(&self) -> u64;
    /// Set the flags from packed bits.
    fn set_flags(&mut self, packed: u64);
    /// Read `acc.bytes()` bytes at `addr` as the access says.
    ///
    /// # Errors
    /// When the guest may not read there.
    fn load(&mut self, addr: u64, acc: Access) -> Result<u64, MemFault>;
    /// Write the low `acc.bytes()` bytes of `value` at `addr`; their provenance is lost.
    ///
    /// # Errors
    /// When the guest may not write there.
    fn store(&mut self, addr: u64, acc: Access, value: u64) -> Result<(), MemFault>;
    /// `reg = [addr]`, provenance included.
    ///
    /// # Errors
    /// When the guest may not read there.
    fn load_reg(&mut self, reg: Reg, addr: u64, acc: Access) -> Result<(), MemFault>;
    /// `[addr] = reg`, provenance included.
    ///
    /// # Errors
    /// When the guest may not write there.
    fn store_reg(&mut self, addr: u64, acc: Access, reg: Reg) -> Result<(), MemFault>;
    /// Copy `bytes` bytes as if through a buffer (the ranges may overlap), provenance included.
    ///
    /// # Errors
    /// When the guest may not read or write there; nothing is written then.
    fn copy_memory(&mut self, dst: u64, src: u64, bytes: u64) -> Result<(), MemFault>;
    /// Leave the wasm call frame entered last (see [`crate::Op::WindowPop`]) with `result`, and return the address to
    /// continue at; `None` when there is no such frame.
    fn pop_window(&mut self, result: u64) -> Option<u64>;
    /// Enter a wasm call frame as [`crate::Op::WindowPush`] does: save `count` slots from `first` together with
    /// `return_to` and the slot `result`, set the first slots to `args`, zero the others. False when too many frames
    /// are open.
    fn push_window(&mut self, first: Reg, count: u8, args: &[u64], result: Reg, return_to: u64) -> bool;
}
