//! How Go uses arm64.

use std::sync::Arc;

use rcsim_uop::copy_loop::{CopyPlan, CopyProgram, EmulatorNames};
use rcsim_uop::guest::MemFault;
use rcsim_uop::op::Access;
use rcsim_uop::port::{
    ArgRegisters, BuildError, BuiltinImage, Container, Convention, ElfIdentity, Externs, Feature, Float32Form,
    Link, Program, SetupError, WordFormat,
};
use rcsim_uop::{Epoch, Guest, Isa, Port};

use super::features::{self, Features};
use super::machine::A64;
use super::{copy_loop, regs, trampolines};

/// `GOARCH=arm64`.
pub struct Arm64;

/// `EM_AARCH64`.
const ELF_MACHINE: u16 = 183;
/// The word that every caller leaves for its own link register, below the outgoing arguments.
const ARGS_ABOVE_SP: u8 = 8;
/// Distance of the goroutine's slot from the thread pointer: after the two words of the thread control block
/// (AAELF64, TLS variant 1).
const TLS_G: u64 = 16;
/// Argument registers of each kind since Go 1.18.
const ARG_REGISTERS: u8 = 16;

impl Port for Arm64 {
    fn goarch(&self) -> &'static str {
        "arm64"
    }

    fn summary(&self) -> &'static str {
        "64-bit Arm (A64), little-endian"
    }

    fn container(&self) -> Container {
        Container::Elf(ElfIdentity { machine: ELF_MACHINE, class_bits: 64, big_endian: false })
    }

    fn word(&self) -> WordFormat {
        WordFormat { bytes: 8, register_bytes: 8, max_align: 8, big_endian: false }
    }

    fn features(&self) -> &'static [Feature] {
        features::LIST
    }

    fn isa(&self, features: &[&str], _program: Program<'_>) -> Result<Arc<dyn Isa>, SetupError> {
        Ok(Arc::new(A64::new(Features::with(features)?)))
    }

    fn convention(&self) -> Convention {
        Convention {
            sp: regs::SP,
            link: Link::Register(regs::LR),
            context: regs::CONTEXT,
            args_above_sp: ARGS_ABOVE_SP,
            stack_align: 16,
            // A function saves its caller's frame pointer just below its own frame. Seen from the function that it
            // calls, that is the word below the stack pointer at entry, as on amd64.
            frame_pointer: Some(regs::x(29)),
            link_at_growth: Some(regs::x(3)),
        }
    }

    /// Until 2018 the frame pointer's register held anything.
    fn convention_in(&self, epoch: Epoch) -> Convention {
        let convention = self.convention();
        let frame_pointer = convention.frame_pointer.filter(|_| trampolines::keeps_frame_pointer(epoch));
        Convention { frame_pointer, ..convention }
    }

    // src/internal/abi/abi_arm64.go; before Go 1.18 the register ABI was on amd64 only.
    fn arg_registers(&self, epoch: Epoch) -> ArgRegisters {
        if epoch < Epoch::Go119 {
            return ArgRegisters::none();
        }
        ArgRegisters {
            ints: (0..ARG_REGISTERS).map(regs::x).collect(),
            floats: (0..ARG_REGISTERS).map(regs::v).collect(),
            float32: Float32Form::Low,
        }
    }

    // The port entered Go's tree in December 2014, after commit df027ac.
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
        // C6.2 NOP, a hint.
        len.is_multiple_of(4).then(|| 0xd503_201f_u32.to_le_bytes().repeat(len as usize / 4))
    }

    fn copy_loop(&self, plan: &CopyPlan) -> CopyProgram {
        copy_loop::program(plan)
    }

    fn emulators(&self) -> EmulatorNames {
        EmulatorNames { qemu_user: Some("aarch64"), unicorn: Some(("ARCH_ARM64", "MODE_ARM")) }
    }

    fn call(&self, guest: &mut dyn Guest, entry: u64, return_to: u64) -> Result<u64, MemFault> {
        guest.set_reg(regs::LR, return_to);
        Ok(entry)
    }

    fn ret(&self, guest: &mut dyn Guest) -> Result<u64, MemFault> {
        Ok(guest.reg(regs::LR))
    }

    fn set_g(&self, guest: &mut dyn Guest, g: u64, tls: u64) -> Result<(), MemFault> {
        guest.set_reg(regs::G, g);
        guest.set_reg(regs::TPIDR_EL0, tls);
        guest.store(tls.wrapping_add(TLS_G), Access::little(3), g)
    }

    /// arm64 has a zero register of its own.
    fn set_constants(&self, _guest: &mut dyn Guest) {}
}
