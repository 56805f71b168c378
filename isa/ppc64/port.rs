//! How Go uses ppc64 and ppc64le.

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
use super::machine::Power;
use super::{copy_loop, regs, trampolines};

/// One of the two ports: they differ in byte order.
pub struct Ppc64 {
    goarch: &'static str,
    summary: &'static str,
    big_endian: bool,
}

/// `GOARCH=ppc64le`.
pub static LITTLE: Ppc64 = Ppc64 { goarch: "ppc64le", summary: "64-bit Power, little-endian", big_endian: false };
/// `GOARCH=ppc64`.
pub static BIG: Ppc64 = Ppc64 { goarch: "ppc64", summary: "64-bit Power, big-endian", big_endian: true };

/// `EM_PPC64`.
const ELF_MACHINE: u16 = 21;
/// The thread pointer, R13, stands this far above the start of the block of thread-local storage (ELF ABI supplement of
/// 64-bit PowerPC).
const TP_OFFSET: u64 = 0x7000;

impl Ppc64 {
    const fn doubleword(&self) -> Access {
        if self.big_endian { Access::big(3) } else { Access::little(3) }
    }
}

/// Argument registers since Go 1.18: R3 to R10 and R14 to R17.
fn ints() -> Vec<Reg> {
    (3..=10).chain(14..=17).map(regs::r).collect()
}

impl Port for Ppc64 {
    fn goarch(&self) -> &'static str {
        self.goarch
    }

    fn summary(&self) -> &'static str {
        self.summary
    }

    fn container(&self) -> Container {
        Container::Elf(ElfIdentity { machine: ELF_MACHINE, class_bits: 64, big_endian: self.big_endian })
    }

    fn word(&self) -> WordFormat {
        WordFormat { bytes: 8, register_bytes: 8, max_align: 8, big_endian: self.big_endian }
    }

    fn features(&self) -> &'static [Feature] {
        features::LIST
    }

    fn isa(&self, features: &[&str], _program: Program<'_>) -> Result<Arc<dyn Isa>, SetupError> {
        Ok(Arc::new(Power::new(self.big_endian, Features::with(features)?)))
    }

    fn convention(&self) -> Convention {
        Convention {
            sp: regs::SP,
            link: Link::Register(regs::LR),
            context: regs::CONTEXT,
            args_above_sp: trampolines::args_above_sp(Epoch::Go127),
            // Go's frames are whole words, no more.
            stack_align: 8,
            frame_pointer: None,
            link_at_growth: Some(regs::r(5)),
        }
    }

    /// The fixed part of a frame was smaller before Go 1.6.
    fn convention_in(&self, epoch: Epoch) -> Convention {
        Convention { args_above_sp: trampolines::args_above_sp(epoch), ..self.convention() }
    }

    // 64-bit ELF V2 ABI, 2.3.2.1. Go has kept to it since Go 1.6 (commits 6deb3c0619 and c5856cfdb6), whether or not a program may
    // stand anywhere.
    fn callee_address(&self, epoch: Epoch) -> Option<Reg> {
        (epoch >= Epoch::Y2016).then(|| regs::r(12))
    }

    // src/internal/abi/abi_ppc64x.go; before Go 1.18 the register ABI was on amd64 only.
    fn arg_registers(&self, epoch: Epoch) -> ArgRegisters {
        if epoch < Epoch::Go119 {
            return ArgRegisters::none();
        }
        ArgRegisters {
            ints: ints(),
            floats: (1..=12).map(regs::f).collect(),
            float32: Float32Form::AsFloat64,
        }
    }

    // The port entered Go's main tree in December 2014; commit df027ac of the end of that month changes its trampolines, too.
    fn first_epoch(&self) -> Epoch {
        Epoch::Y2014Before
    }

    fn builtin(&self, epoch: Epoch, base: u64, externs: &mut dyn Externs) -> Result<BuiltinImage, BuildError> {
        trampolines::image(epoch, base, self.big_endian, externs)
    }

    // Indirect calls leave the callee's address in R12: position-independent code finds its table of contents from it.
    fn call(&self, guest: &mut dyn Guest, entry: u64, return_to: u64) -> Result<u64, MemFault> {
        guest.set_reg(regs::LR, return_to);
        guest.set_reg(regs::r(12), entry);
        Ok(entry)
    }

    fn ret(&self, guest: &mut dyn Guest) -> Result<u64, MemFault> {
        Ok(guest.reg(regs::LR))
    }

    // Position-independent functions compute the table of contents from R12 by `addis r2,r12` and `addi r2,r2`; who has the
    // same table enters behind them, at the local entry point (64-bit ELF V2 ABI, 2.3.2.1).
    fn inner_entry(&self, start: [u8; 8]) -> u64 {
        const ADDIS_R2_R12: u32 = 0x3c4c_0000;
        const ADDI_R2_R2: u32 = 0x3842_0000;
        let insn = |n: usize| {
            let bytes = [start[n], start[n + 1], start[n + 2], start[n + 3]];
            if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
        };
        let upper = |word: u32| word & 0xffff_0000;
        if upper(insn(0)) == ADDIS_R2_R12 && upper(insn(4)) == ADDI_R2_R2 { 8 } else { 0 }
    }

    // Without cgo the goroutine lives in its register alone; the slot is what `runtime.load_g` would read with it.
    fn set_g(&self, guest: &mut dyn Guest, g: u64, tls: u64) -> Result<(), MemFault> {
        guest.set_reg(regs::G, g);
        guest.set_reg(regs::r(13), tls.wrapping_add(TP_OFFSET));
        guest.store(tls, self.doubleword(), g)
    }

    /// R0 is zero in Go's code.
    fn set_constants(&self, guest: &mut dyn Guest) {
        guest.set_reg(regs::r(0), 0);
    }

    fn copy_loop(&self, plan: &CopyPlan) -> CopyProgram {
        copy_loop::program(plan, self.big_endian)
    }

    // Unicorn names byte order and width by a sum of modes, and has no little-endian Power.
    fn emulators(&self) -> EmulatorNames {
        EmulatorNames { qemu_user: Some(self.goarch), unicorn: None }
    }
}
