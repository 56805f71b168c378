//! How Go uses s390x.

use std::sync::Arc;

use rcsim_uop::copy_loop::{CopyPlan, CopyProgram, EmulatorNames};
use rcsim_uop::guest::MemFault;
use rcsim_uop::op::Access;
use rcsim_uop::port::{
    ArgRegisters, BuildError, BuiltinImage, Container, Convention, ElfIdentity, Externs, Float32Form, Link, Program,
    SetupError, WordFormat,
};
use rcsim_uop::{Epoch, Guest, Isa, Port};

use super::machine::Z;
use super::{copy_loop, regs, trampolines};

/// `GOARCH=s390x`.
pub struct S390x;

/// The port.
pub static S390X: S390x = S390x;

/// `EM_S390`.
const ELF_MACHINE: u16 = 22;
/// The word at the bottom of every frame, for the link register.
const ARGS_ABOVE_SP: u8 = 8;
/// Distance of the goroutine's slot from the thread pointer: the last word of the program's thread-local block, which lies
/// below it (ELF ABI supplement of s390x).
const G_SLOT: u64 = 8;

impl Port for S390x {
    fn goarch(&self) -> &'static str {
        "s390x"
    }

    fn summary(&self) -> &'static str {
        "64-bit z/Architecture, big-endian"
    }

    fn container(&self) -> Container {
        Container::Elf(ElfIdentity { machine: ELF_MACHINE, class_bits: 64, big_endian: true })
    }

    fn word(&self) -> WordFormat {
        WordFormat { bytes: 8, register_bytes: 8, max_align: 8, big_endian: true }
    }

    fn isa(&self, features: &[&str], _program: Program<'_>) -> Result<Arc<dyn Isa>, SetupError> {
        match features.first() {
            Some(unknown) => Err(SetupError::UnknownFeature((*unknown).to_owned())),
            None => Ok(Arc::new(Z::new())),
        }
    }

    fn convention(&self) -> Convention {
        Convention {
            sp: regs::SP,
            link: Link::Register(regs::LINK),
            context: regs::CONTEXT,
            args_above_sp: ARGS_ABOVE_SP,
            // Go's frames are whole words, no more.
            stack_align: 8,
            frame_pointer: None,
            link_at_growth: Some(regs::r(5)),
        }
    }

    // src/internal/abi/abi_s390x.go of Go 1.27; Go 1.19 has no such file.
    fn arg_registers(&self, epoch: Epoch) -> ArgRegisters {
        if !trampolines::has_register_arguments(epoch) {
            return ArgRegisters::none();
        }
        ArgRegisters {
            ints: (2..=9).map(regs::r).collect(),
            floats: (0..=15).map(regs::f).collect(),
            float32: Float32Form::High,
        }
    }

    // The port entered Go's tree in 2016, for Go 1.7.
    fn first_epoch(&self) -> Epoch {
        Epoch::Y2016
    }

    fn builtin(&self, epoch: Epoch, base: u64, externs: &mut dyn Externs) -> Result<BuiltinImage, BuildError> {
        if epoch < self.first_epoch() {
            return Err(BuildError::NoSuchEpoch { port: self.goarch(), epoch, first: self.first_epoch() });
        }
        trampolines::image(epoch, base, externs)
    }

    fn nop(&self, len: u64) -> Option<Vec<u8>> {
        // Branches of two bytes that are never taken.
        len.is_multiple_of(2).then(|| [0x07, 0x00].repeat(len as usize / 2))
    }

    fn copy_loop(&self, plan: &CopyPlan) -> CopyProgram {
        copy_loop::program(plan)
    }

    fn emulators(&self) -> EmulatorNames {
        EmulatorNames { qemu_user: Some("s390x"), unicorn: Some(("ARCH_S390X", "MODE_BIG_ENDIAN")) }
    }

    fn call(&self, guest: &mut dyn Guest, entry: u64, return_to: u64) -> Result<u64, MemFault> {
        guest.set_reg(regs::LINK, return_to);
        Ok(entry)
    }

    fn ret(&self, guest: &mut dyn Guest) -> Result<u64, MemFault> {
        Ok(guest.reg(regs::LINK))
    }

    // The thread pointer is split over two access registers.
    fn set_g(&self, guest: &mut dyn Guest, g: u64, tls: u64) -> Result<(), MemFault> {
        guest.set_reg(regs::G, g);
        guest.set_reg(regs::access(0), tls >> 32);
        guest.set_reg(regs::access(1), tls & 0xffff_ffff);
        guest.store(tls.wrapping_sub(G_SLOT), Access::big(3), g)
    }

    /// Until Go 1.11, R0 was zero in Go's code.
    fn set_constants(&self, guest: &mut dyn Guest) {
        guest.set_reg(regs::r(0), 0);
    }
}
