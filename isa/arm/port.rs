//! How Go uses arm.

use std::sync::Arc;

use rcsim_uop::copy_loop::{CopyPlan, CopyProgram, EmulatorNames};
use rcsim_uop::guest::MemFault;
use rcsim_uop::op::Access;
use rcsim_uop::port::{
    ArgRegisters, BuildError, BuiltinImage, Container, Convention, ElfIdentity, Externs, Feature, Link, Program,
    SetupError, WordFormat,
};
use rcsim_uop::{Epoch, Guest, Isa, Port};

use super::features::{self, Features};
use super::machine::A32;
use super::{copy_loop, regs, trampolines};

/// `GOARCH=arm`.
pub struct Arm;

/// `EM_ARM`.
const ELF_MACHINE: u16 = 40;
const WORD_BYTES: u8 = 4;
/// Distance of the goroutine's slot from the thread pointer: after the two words of the thread control block (Arm's
/// procedure call standard, TLS variant 1).
const TLS_G: u64 = 8;
/// `mov r0, r0`, the instruction that does nothing of all Arm processors.
const NOP: u32 = 0xe1a0_0000;

impl Port for Arm {
    fn goarch(&self) -> &'static str {
        "arm"
    }

    fn summary(&self) -> &'static str {
        "32-bit Arm (A32, Armv5 to Armv7-A with VFP), little-endian"
    }

    fn container(&self) -> Container {
        Container::Elf(ElfIdentity { machine: ELF_MACHINE, class_bits: 32, big_endian: false })
    }

    fn word(&self) -> WordFormat {
        WordFormat { bytes: WORD_BYTES, register_bytes: WORD_BYTES, max_align: WORD_BYTES, big_endian: false }
    }

    fn features(&self) -> &'static [Feature] {
        features::LIST
    }

    fn isa(&self, features: &[&str], _program: Program<'_>) -> Result<Arc<dyn Isa>, SetupError> {
        Ok(Arc::new(A32::new(Features::with(features)?)))
    }

    fn convention(&self) -> Convention {
        Convention {
            sp: regs::SP,
            link: Link::Register(regs::LINK),
            context: regs::CONTEXT,
            // The word that every caller leaves for its own link register, below the outgoing arguments.
            args_above_sp: WORD_BYTES,
            stack_align: WORD_BYTES,
            frame_pointer: None,
            link_at_growth: Some(regs::LINK_AT_GROWTH),
        }
    }

    /// There never were any.
    fn arg_registers(&self, _epoch: Epoch) -> ArgRegisters {
        ArgRegisters::none()
    }

    /// One of the ports of Go's first release.
    fn first_epoch(&self) -> Epoch {
        Epoch::Y2014Before
    }

    fn builtin(&self, epoch: Epoch, base: u64, externs: &mut dyn Externs) -> Result<BuiltinImage, BuildError> {
        trampolines::image(epoch, base, externs)
    }

    fn nop(&self, len: u64) -> Option<Vec<u8>> {
        len.is_multiple_of(4).then(|| NOP.to_le_bytes().repeat(len as usize / 4))
    }

    fn copy_loop(&self, plan: &CopyPlan) -> CopyProgram {
        copy_loop::program(plan)
    }

    fn emulators(&self) -> EmulatorNames {
        EmulatorNames { qemu_user: Some("arm"), unicorn: Some(("ARCH_ARM", "MODE_ARM")) }
    }

    fn call(&self, guest: &mut dyn Guest, entry: u64, return_to: u64) -> Result<u64, MemFault> {
        guest.set_reg(regs::LINK, return_to);
        Ok(entry)
    }

    fn ret(&self, guest: &mut dyn Guest) -> Result<u64, MemFault> {
        Ok(guest.reg(regs::LINK))
    }

    fn set_g(&self, guest: &mut dyn Guest, g: u64, tls: u64) -> Result<(), MemFault> {
        guest.set_reg(regs::G, g);
        guest.set_reg(regs::TPIDRURO, tls);
        guest.store(tls.wrapping_add(TLS_G), Access::little(2), g)
    }

    /// No register holds a constant.
    fn set_constants(&self, _guest: &mut dyn Guest) {}
}
