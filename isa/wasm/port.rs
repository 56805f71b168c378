//! How Go uses WebAssembly.
//!
//! Go keeps a stack of its own in linear memory, with everything it must find there again: arguments, results, return
//! addresses. A compiled function takes one WebAssembly parameter, the block to go on at, and returns 0, or 1 to unwind
//! WebAssembly's stack when goroutines switch. A return address is a *Go PC*: the function's number in the linker's count
//! and, in the low 16 bits, the block (source of facts: `cmd/internal/obj/wasm/wasmobj.go` and
//! `cmd/link/internal/wasm/asm.go` of Go 1.19 and 1.27).

use std::any::Any;
use std::sync::Arc;

use rcsim_uop::copy_loop::{CopyPlan, CopyProgram, EmulatorNames};
use rcsim_uop::guest::{AccessKind, FaultCause, Guest, MemFault};
use rcsim_uop::op::Access;
use rcsim_uop::port::{
    ArgRegisters, BuildError, BuiltinImage, Container, Convention, Externs, Link, Program, SetupError, WordFormat,
};
use rcsim_uop::{Epoch, Isa, Port};

use super::isa::WasmIsa;
use super::module::{Callee, FIRST_FUNCTION};
use super::regs::{CTXT, G, HOST_RESULT, SP, WINDOW};
use super::go_pc::BLOCK_BITS;
use super::{copy_loop, go_pc, trampolines};

/// How Go stores a return address.
const WORD: Access = Access::little(3);
/// A function that returns and does not unwind.
const RETURNED: u64 = 0;

/// GOARCH `wasm`.
pub struct Wasm;

/// The module's own instruction set, when it is one.
fn own(isa: &dyn Isa) -> Option<&WasmIsa> {
    let any: &dyn Any = isa;
    any.downcast_ref()
}

/// A call frame that should be there and is not; told as the return address that cannot be read.
fn no_frame(sp: u64) -> MemFault {
    MemFault { addr: sp, bytes: WORD.bytes(), kind: AccessKind::Read, cause: FaultCause::Unmapped }
}

fn add_to_sp(guest: &mut dyn Guest, bytes: u32) -> u64 {
    let sp = (guest.reg(SP) as u32).wrapping_add(bytes);
    guest.set_reg(SP, u64::from(sp));
    u64::from(sp)
}

impl Port for Wasm {
    fn goarch(&self) -> &'static str {
        "wasm"
    }

    fn summary(&self) -> &'static str {
        "WebAssembly 1.0 with bulk memory, sign extension and saturating conversions; no argument registers"
    }

    fn container(&self) -> Container {
        Container::Wasm
    }

    fn word(&self) -> WordFormat {
        WordFormat { bytes: 8, register_bytes: 8, max_align: 8, big_endian: false }
    }

    fn isa(&self, features: &[&str], program: Program<'_>) -> Result<Arc<dyn Isa>, SetupError> {
        match features.first() {
            Some(unknown) => Err(SetupError::UnknownFeature((*unknown).to_owned())),
            None => Ok(Arc::new(WasmIsa::new(program.base, program.file)?)),
        }
    }

    fn convention(&self) -> Convention {
        Convention { sp: SP, link: Link::Stack, context: CTXT, args_above_sp: 8, stack_align: 8, frame_pointer: None, link_at_growth: None }
    }

    fn arg_registers(&self, _: Epoch) -> ArgRegisters {
        ArgRegisters::none()
    }

    /// Go 1.11 of August 2018 brought the port.
    fn first_epoch(&self) -> Epoch {
        Epoch::Y2018
    }

    fn builtin(&self, epoch: Epoch, base: u64, externs: &mut dyn Externs) -> Result<BuiltinImage, BuildError> {
        if epoch < self.first_epoch() {
            return Err(BuildError::NoSuchEpoch { port: self.goarch(), epoch, first: self.first_epoch() });
        }
        Ok(trampolines::image(epoch, base, externs))
    }

    fn copy_loop(&self, plan: &CopyPlan) -> CopyProgram {
        copy_loop::program(plan)
    }

    fn emulators(&self) -> EmulatorNames {
        EmulatorNames::default()
    }

    /// `return_to` is stored as it is, so it must be a service's address, which Go's tables share.
    fn call(&self, guest: &mut dyn Guest, entry: u64, return_to: u64) -> Result<u64, MemFault> {
        let sp = add_to_sp(guest, 8u32.wrapping_neg());
        guest.store(sp, WORD, return_to)?;
        let from_the_start = 0;
        if guest.push_window(WINDOW, 1, &[from_the_start], HOST_RESULT, return_to) {
            Ok(entry)
        } else {
            Err(no_frame(sp))
        }
    }

    fn ret(&self, guest: &mut dyn Guest) -> Result<u64, MemFault> {
        let sp = guest.reg(SP);
        guest.load(sp, WORD)?;
        let to = guest.pop_window(RETURNED).ok_or_else(|| no_frame(sp))?;
        add_to_sp(guest, 8);
        Ok(to)
    }

    /// Go unwinds WebAssembly's stack here and enters the function anew through its scheduler; entering it anew at once
    /// comes to the same.
    fn ret_from_growth(&self, guest: &mut dyn Guest, isa: &dyn Isa) -> Result<u64, MemFault> {
        let sp = guest.reg(SP);
        let to = self.ret(guest)?;
        let isa = own(isa).ok_or_else(|| no_frame(sp))?;
        let function = isa.function_at(to).ok_or_else(|| no_frame(sp))?;
        guest.set_reg(WINDOW, 0);
        Ok(isa.entry(Callee::Own(function)))
    }

    fn set_g(&self, guest: &mut dyn Guest, g: u64, _: u64) -> Result<(), MemFault> {
        guest.set_reg(G, g);
        Ok(())
    }

    fn set_constants(&self, _: &mut dyn Guest) {}

    /// The table entries that Go leaves empty, so that a function value can hold a service: Go PC and address are equal.
    fn service_address(&self, number: u32) -> Option<u64> {
        let index = number.checked_add(1).filter(|index| *index < FIRST_FUNCTION)?;
        Some(u64::from(index) << BLOCK_BITS)
    }

    fn go_pc(&self, isa: &dyn Isa, pc: u64) -> Option<u64> {
        if is_service(pc) {
            return Some(pc);
        }
        go_pc::of(own(isa)?, pc)
    }

    fn machine_pc(&self, isa: &dyn Isa, go_pc: u64) -> Option<u64> {
        if is_service(go_pc) {
            return Some(go_pc);
        }
        go_pc::address(own(isa)?, go_pc)
    }
}

/// Whether an address is one of a service.
fn is_service(pc: u64) -> bool {
    let index = pc >> BLOCK_BITS;
    pc & ((1 << BLOCK_BITS) - 1) == 0 && (1..u64::from(FIRST_FUNCTION)).contains(&index)
}
