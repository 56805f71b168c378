//! How Go uses amd64: calling convention, argument registers, where g lives.

use std::sync::Arc;

use rcsim_uop::copy_loop::{CopyPlan, CopyProgram, EmulatorNames};
use rcsim_uop::guest::MemFault;
use rcsim_uop::op::Access;
use rcsim_uop::port::{
    ArgRegisters, BuildError, BuiltinImage, Container, Convention, ElfIdentity, Externs, Feature,
    Float32Form, Link, Program, SetupError, WordFormat,
};
use rcsim_uop::{Epoch, Guest, Isa, Port, Reg};

use super::features::{FEATURES, FeatureSet};
use super::isa::X86;
use super::regs::{FS_BASE, MXCSR, RAX, RBP, RBX, RCX, RDI, RDX, RSI, RSP, gpr, xmm};
use super::{copy_loop, trampolines};

/// ELF's number for x86-64.
const EM_X86_64: u16 = 62;
/// g in functions of ABIInternal.
const G: Reg = gpr(14);
/// Zero in functions of ABIInternal.
const ZERO_VECTOR: Reg = xmm(15);
/// MXCSR at the start of a process: all exceptions masked, round to nearest even.
const MXCSR_AT_START: u64 = 0x1f80;

const WORD: Access = Access::little(3);
const WORD_BYTES: u64 = 8;

/// The port amd64.
#[derive(Clone, Copy, Debug)]
pub struct Amd64;

impl Port for Amd64 {
    fn goarch(&self) -> &'static str {
        "amd64"
    }

    fn summary(&self) -> &'static str {
        "x86-64, little endian, arguments in registers"
    }

    fn container(&self) -> Container {
        Container::Elf(ElfIdentity { machine: EM_X86_64, class_bits: 64, big_endian: false })
    }

    fn word(&self) -> WordFormat {
        WordFormat { bytes: 8, register_bytes: 8, max_align: 8, big_endian: false }
    }

    fn features(&self) -> &'static [Feature] {
        FEATURES
    }

    fn isa(&self, features: &[&str], _program: Program<'_>) -> Result<Arc<dyn Isa>, SetupError> {
        Ok(Arc::new(X86::new(64, FeatureSet::of(features)?)))
    }

    fn convention(&self) -> Convention {
        Convention {
            sp: RSP,
            link: Link::Stack,
            context: RDX,
            args_above_sp: 8,
            stack_align: 8,
            frame_pointer: Some(RBP),
            link_at_growth: None,
        }
    }

    /// Until Go 1.7 the frame pointer's register held anything.
    fn convention_in(&self, epoch: Epoch) -> Convention {
        let convention = self.convention();
        let frame_pointer = convention.frame_pointer.filter(|_| trampolines::keeps_frame_pointer(epoch));
        Convention { frame_pointer, ..convention }
    }

    fn arg_registers(&self, epoch: Epoch) -> ArgRegisters {
        if !epoch.has_reg_args() {
            return ArgRegisters::none();
        }
        ArgRegisters {
            ints: vec![RAX, RBX, RCX, RDI, RSI, gpr(8), gpr(9), gpr(10), gpr(11)],
            floats: (0..15).map(xmm).collect(),
            float32: Float32Form::Low,
        }
    }

    fn first_epoch(&self) -> Epoch {
        Epoch::Y2014Before
    }

    fn builtin(
        &self,
        epoch: Epoch,
        base: u64,
        externs: &mut dyn Externs,
    ) -> Result<BuiltinImage, BuildError> {
        trampolines::build(epoch, base, externs)
    }

    fn nop(&self, len: u64) -> Option<Vec<u8>> {
        Some(vec![0x90; len as usize])
    }

    fn copy_loop(&self, plan: &CopyPlan) -> CopyProgram {
        copy_loop::program(plan)
    }

    fn emulators(&self) -> EmulatorNames {
        EmulatorNames { qemu_user: Some("x86_64"), unicorn: Some(("ARCH_X86", "MODE_64")) }
    }

    fn call(&self, guest: &mut dyn Guest, entry: u64, return_to: u64) -> Result<u64, MemFault> {
        let sp = guest.reg(RSP).wrapping_sub(WORD_BYTES);
        guest.store(sp, WORD, return_to)?;
        guest.set_reg(RSP, sp);
        Ok(entry)
    }

    fn ret(&self, guest: &mut dyn Guest) -> Result<u64, MemFault> {
        let sp = guest.reg(RSP);
        let return_to = guest.load(sp, WORD)?;
        guest.set_reg(RSP, sp.wrapping_add(WORD_BYTES));
        Ok(return_to)
    }

    fn set_g(&self, guest: &mut dyn Guest, g: u64, tls: u64) -> Result<(), MemFault> {
        // In the slot of each epoch.
        for slot in trampolines::G_FROM_FS {
            guest.store(tls.wrapping_add_signed(slot.into()), WORD, g)?;
        }
        guest.set_reg(FS_BASE, tls);
        guest.set_reg(G, g);
        Ok(())
    }

    fn set_constants(&self, guest: &mut dyn Guest) {
        guest.set_reg(ZERO_VECTOR, 0);
        guest.set_reg(ZERO_VECTOR.plus(1), 0);
        guest.set_reg(MXCSR, MXCSR_AT_START);
    }
}
