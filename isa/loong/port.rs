//! How Go uses loong64.

use std::sync::Arc;

use rcsim_uop::copy_loop::{CopyPlan, CopyProgram, EmulatorNames};
use rcsim_uop::guest::MemFault;
use rcsim_uop::op::Access;
use rcsim_uop::port::{
    ArgRegisters, BuildError, BuiltinImage, Container, Convention, ElfIdentity, Externs, Feature, Float32Form, Link,
    Program, SetupError, WordFormat,
};
use rcsim_uop::{Epoch, Guest, Isa, Port, Reg};

use super::encode::NOP;
use super::features::{self, Features};
use super::machine::La64;
use super::{copy_loop, regs, trampolines};

/// `GOARCH=loong64`.
pub struct Loong64;

/// `EM_LOONGARCH`.
const ELF_MACHINE: u16 = 258;
/// The word that every caller leaves for its own link register, below the outgoing arguments.
const ARGS_ABOVE_SP: u8 = 8;
/// Numbers of the integer argument registers (src/internal/abi/abi_loong64.go and the compiler's register tables).
pub const INT_ARGS: std::ops::RangeInclusive<u8> = 4..=19;
/// Numbers of the floating-point ones.
pub const FLOAT_ARGS: std::ops::RangeInclusive<u8> = 0..=15;
/// `move $rd, $ra`, without the number of the result.
const MOVE_FROM_LINK: u64 = 0x0015_0020;

/// Where a prologue keeps the link register while the stack grows. It moved off the argument registers when there were
/// some.
fn link_at_growth(epoch: Epoch) -> Reg {
    regs::r(if epoch >= Epoch::Go127 { 31 } else { 5 })
}

impl Port for Loong64 {
    fn goarch(&self) -> &'static str {
        "loong64"
    }

    fn summary(&self) -> &'static str {
        "64-bit LoongArch, little-endian"
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
        Ok(Arc::new(La64::new(Features::with(features)?)))
    }

    fn convention(&self) -> Convention {
        Convention {
            sp: regs::SP,
            link: Link::Register(regs::RA),
            context: regs::CONTEXT,
            args_above_sp: ARGS_ABOVE_SP,
            // Go's frames here are multiples of a word only.
            stack_align: 8,
            frame_pointer: None,
            link_at_growth: Some(link_at_growth(Epoch::Go127)),
        }
    }

    fn convention_in(&self, epoch: Epoch) -> Convention {
        Convention { link_at_growth: Some(link_at_growth(epoch)), ..self.convention() }
    }

    fn arg_registers(&self, epoch: Epoch) -> ArgRegisters {
        if epoch < Epoch::Go127 {
            return ArgRegisters::none();
        }
        ArgRegisters {
            ints: INT_ARGS.map(regs::r).collect(),
            floats: FLOAT_ARGS.map(regs::f).collect(),
            float32: Float32Form::Low,
        }
    }

    // The port entered Go's tree in May 2022, for Go 1.19.
    fn first_epoch(&self) -> Epoch {
        Epoch::Go119
    }

    fn builtin(&self, epoch: Epoch, base: u64, externs: &mut dyn Externs) -> Result<BuiltinImage, BuildError> {
        if epoch < self.first_epoch() {
            return Err(BuildError::NoSuchEpoch { port: self.goarch(), epoch, first: self.first_epoch() });
        }
        trampolines::image(epoch, base, externs)
    }

    fn nop(&self, len: u64) -> Option<Vec<u8>> {
        len.is_multiple_of(4).then(|| NOP.to_le_bytes().repeat(len as usize / 4))
    }

    fn copy_loop(&self, plan: &CopyPlan) -> CopyProgram {
        copy_loop::program(plan)
    }

    fn emulators(&self) -> EmulatorNames {
        EmulatorNames { qemu_user: Some("loongarch64"), unicorn: None }
    }

    fn call(&self, guest: &mut dyn Guest, entry: u64, return_to: u64) -> Result<u64, MemFault> {
        guest.set_reg(regs::RA, return_to);
        Ok(entry)
    }

    fn ret(&self, guest: &mut dyn Guest) -> Result<u64, MemFault> {
        Ok(guest.reg(regs::RA))
    }

    /// The register that holds the link meanwhile differs among releases: the instruction in front of the call names it.
    fn ret_from_growth(&self, guest: &mut dyn Guest, _isa: &dyn Isa) -> Result<u64, MemFault> {
        let pc = guest.reg(regs::RA);
        let before_call = guest.load(pc.wrapping_sub(8), Access::little(2))?;
        let saved = match (before_call & !31, (before_call & 31) as u8) {
            (MOVE_FROM_LINK, number) => regs::r(number),
            // A program of somebody else's making: today's register.
            _ => link_at_growth(Epoch::Go127),
        };
        guest.copy_reg(regs::RA, saved);
        Ok(pc)
    }

    fn set_g(&self, guest: &mut dyn Guest, g: u64, tls: u64) -> Result<(), MemFault> {
        guest.set_reg(regs::G, g);
        guest.set_reg(regs::TP, tls);
        // The slot is the first word of the thread-local block (runtime/tls_loong64.s).
        guest.store(tls, Access::little(3), g)
    }

    /// loong64 has a zero register of its own.
    fn set_constants(&self, _guest: &mut dyn Guest) {}
}
