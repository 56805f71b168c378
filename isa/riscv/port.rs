//! How Go uses riscv64.

use std::sync::Arc;

use rcsim_uop::copy_loop::{CopyPlan, CopyProgram, EmulatorNames};
use rcsim_uop::guest::MemFault;
use rcsim_uop::op::Access;
use rcsim_uop::port::{
    ArgRegisters, BuildError, BuiltinImage, Container, Convention, ElfIdentity, Externs, Feature, Float32Form, Link,
    Program, SetupError, WordFormat,
};
use rcsim_uop::{Epoch, Guest, Isa, Port, Reg};

use super::features::{self, Features};
use super::machine::Rv64;
use super::{copy_loop, regs, trampolines};

/// `GOARCH=riscv64`.
pub struct Riscv64;

/// `EM_RISCV`.
const ELF_MACHINE: u16 = 243;
/// The word that every caller leaves for its own link register, below the outgoing arguments.
const ARGS_ABOVE_SP: u8 = 8;
/// Where services stand: behind the built-in image, which is far smaller than half of what a call can reach.
const SERVICES: u64 = 0x1908_0000;
/// So many that the last one is still in reach.
const MAX_SERVICES: u32 = 0x4000;
/// Numbers of the argument registers of each kind since Go 1.19, in the order in which arguments take them: those of the
/// C convention first, then the other ones that compressed instructions reach, then saved ones.
pub const ARG_REGISTERS: [u8; 16] = [10, 11, 12, 13, 14, 15, 16, 17, 8, 9, 18, 19, 20, 21, 22, 23];

/// The closure context register. It moved out of the argument registers with Go 1.19.
pub fn context(epoch: Epoch) -> u8 {
    if epoch >= Epoch::Go119 { 26 } else { 20 }
}

fn context_register(epoch: Epoch) -> Reg {
    regs::x(context(epoch))
}

impl Port for Riscv64 {
    fn goarch(&self) -> &'static str {
        "riscv64"
    }

    fn summary(&self) -> &'static str {
        "64-bit RISC-V (RV64GC), little-endian"
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
        Ok(Arc::new(Rv64::new(Features::with(features)?)))
    }

    fn convention(&self) -> Convention {
        Convention {
            sp: regs::SP,
            link: Link::Register(regs::RA),
            context: context_register(Epoch::Go127),
            args_above_sp: ARGS_ABOVE_SP,
            // Go's frames here are multiples of a word only.
            stack_align: 8,
            frame_pointer: None,
            // It stays where it is: the prologue calls with another register.
            link_at_growth: Some(regs::RA),
        }
    }

    fn convention_in(&self, epoch: Epoch) -> Convention {
        Convention { context: context_register(epoch), ..self.convention() }
    }

    // src/internal/abi/abi_riscv64.go and the compiler's register tables; from Go 1.19 on.
    fn arg_registers(&self, epoch: Epoch) -> ArgRegisters {
        if epoch < Epoch::Go119 {
            return ArgRegisters::none();
        }
        ArgRegisters {
            ints: ARG_REGISTERS.into_iter().map(regs::x).collect(),
            floats: ARG_REGISTERS.into_iter().map(regs::f).collect(),
            float32: Float32Form::Boxed,
        }
    }

    // The port entered Go's tree in November 2019, for Go 1.14.
    fn first_epoch(&self) -> Epoch {
        Epoch::Y2020
    }

    fn builtin(&self, epoch: Epoch, base: u64, externs: &mut dyn Externs) -> Result<BuiltinImage, BuildError> {
        if epoch < self.first_epoch() {
            return Err(BuildError::NoSuchEpoch { port: self.goarch(), epoch, first: self.first_epoch() });
        }
        trampolines::image(epoch, base, externs)
    }

    fn nop(&self, len: u64) -> Option<Vec<u8>> {
        // addi x0, x0, 0; the rest of two bytes is c.nop.
        let (whole, rest) = (len as usize / 4, len as usize % 4);
        let compressed = [1, 0].repeat(rest / 2);
        (rest % 2 == 0).then(|| [0x13_u32.to_le_bytes().repeat(whole), compressed].concat())
    }

    fn copy_loop(&self, plan: &CopyPlan) -> CopyProgram {
        copy_loop::program(plan)
    }

    fn emulators(&self) -> EmulatorNames {
        EmulatorNames { qemu_user: Some("riscv64"), unicorn: Some(("ARCH_RISCV", "MODE_RISCV64")) }
    }

    fn call(&self, guest: &mut dyn Guest, entry: u64, return_to: u64) -> Result<u64, MemFault> {
        guest.set_reg(regs::RA, return_to);
        Ok(entry)
    }

    fn ret(&self, guest: &mut dyn Guest) -> Result<u64, MemFault> {
        Ok(guest.reg(regs::RA))
    }

    /// So the link register keeps its value meanwhile.
    fn growth_link(&self) -> Option<Reg> {
        Some(regs::GROWTH_LINK)
    }

    /// Close to the built-in images: one instruction calls over a mebibyte only.
    fn service_address(&self, number: u32) -> Option<u64> {
        (number < MAX_SERVICES).then(|| SERVICES + 16 * u64::from(number))
    }

    fn set_g(&self, guest: &mut dyn Guest, g: u64, tls: u64) -> Result<(), MemFault> {
        guest.set_reg(regs::G, g);
        guest.set_reg(regs::TP, tls);
        // The slot is the first word of the thread-local block (runtime/tls_riscv64.s).
        guest.store(tls, Access::little(3), g)
    }

    /// riscv64 has a zero register of its own.
    fn set_constants(&self, _guest: &mut dyn Guest) {}
}
