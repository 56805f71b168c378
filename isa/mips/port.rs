//! How Go uses the family.

use std::sync::Arc;

use rcsim_uop::copy_loop::{CopyPlan, CopyProgram, EmulatorNames};
use rcsim_uop::guest::MemFault;
use rcsim_uop::op::Access;
use rcsim_uop::port::{
    ArgRegisters, BuildError, BuiltinImage, Container, Convention, ElfIdentity, Externs, Link, Program, SetupError,
    WordFormat,
};
use rcsim_uop::{Epoch, Guest, Isa, Port};

use super::machine::Mips;
use super::mode::Mode;
use super::{copy_loop, regs, trampolines};

/// One port of the family.
pub struct MipsPort {
    mode: Mode,
    goarch: &'static str,
    summary: &'static str,
    first_epoch: Epoch,
    /// What other emulators call it: qemu-user, and unicorn's constants.
    emulators: EmulatorNames,
}

const fn mode(wide: bool, big_endian: bool) -> Mode {
    Mode { wide, big_endian }
}

/// `GOARCH=mips64le`.
pub static MIPS64LE: MipsPort = MipsPort {
    mode: mode(true, false),
    goarch: "mips64le",
    summary: "MIPS III to V, 64-bit, little-endian, hardware floating point",
    first_epoch: Epoch::Y2016,
    emulators: EmulatorNames { qemu_user: Some("mips64el"), unicorn: Some(("ARCH_MIPS", "MODE_MIPS64")) },
};

/// `GOARCH=mips64`.
pub static MIPS64: MipsPort = MipsPort {
    mode: mode(true, true),
    goarch: "mips64",
    summary: "MIPS III to V, 64-bit, big-endian, hardware floating point",
    first_epoch: Epoch::Y2016,
    emulators: EmulatorNames {
        qemu_user: Some("mips64"),
        unicorn: Some(("ARCH_MIPS", "MODE_MIPS64 | MODE_BIG_ENDIAN")),
    },
};

// The 32-bit ports entered Go's tree in November 2016, after commit 79561a8.
/// `GOARCH=mipsle`.
pub static MIPSLE: MipsPort = MipsPort {
    mode: mode(false, false),
    goarch: "mipsle",
    summary: "MIPS32, little-endian, hardware floating point",
    first_epoch: Epoch::Y2018,
    emulators: EmulatorNames { qemu_user: Some("mipsel"), unicorn: Some(("ARCH_MIPS", "MODE_MIPS32")) },
};

/// `GOARCH=mips`.
pub static MIPS: MipsPort = MipsPort {
    mode: mode(false, true),
    goarch: "mips",
    summary: "MIPS32, big-endian, hardware floating point",
    first_epoch: Epoch::Y2018,
    emulators: EmulatorNames {
        qemu_user: Some("mips"),
        unicorn: Some(("ARCH_MIPS", "MODE_MIPS32 | MODE_BIG_ENDIAN")),
    },
};

/// `EM_MIPS`.
const ELF_MACHINE: u16 = 8;
/// How far the thread pointer stands behind the thread-local block (`TLS_TP_OFFSET` of the C library).
const TP_OFFSET: u64 = 0x7000;

impl MipsPort {
    const fn word_access(&self) -> Access {
        self.mode.access(if self.mode.wide { 3 } else { 2 })
    }
}

impl Port for MipsPort {
    fn goarch(&self) -> &'static str {
        self.goarch
    }

    fn summary(&self) -> &'static str {
        self.summary
    }

    fn container(&self) -> Container {
        let class_bits = 8 * self.mode.word_bytes();
        Container::Elf(ElfIdentity { machine: ELF_MACHINE, class_bits, big_endian: self.mode.big_endian })
    }

    fn word(&self) -> WordFormat {
        let bytes = self.mode.word_bytes();
        WordFormat { bytes, register_bytes: bytes, max_align: bytes, big_endian: self.mode.big_endian }
    }

    /// Nothing can be switched: Go asks only for MSA, which is not modelled and never there.
    fn isa(&self, features: &[&str], _program: Program<'_>) -> Result<Arc<dyn Isa>, SetupError> {
        match features.first() {
            Some(unknown) => Err(SetupError::UnknownFeature((*unknown).to_owned())),
            None => Ok(Arc::new(Mips::new(self.mode))),
        }
    }

    fn convention(&self) -> Convention {
        Convention {
            sp: regs::SP,
            link: Link::Register(regs::LINK),
            context: regs::CONTEXT,
            // The word that every caller leaves for its own link register, below the outgoing arguments.
            args_above_sp: self.mode.word_bytes(),
            // Go's frames here are multiples of a word only.
            stack_align: self.mode.word_bytes(),
            frame_pointer: None,
            link_at_growth: Some(regs::LINK_AT_GROWTH),
        }
    }

    /// There never were any.
    fn arg_registers(&self, _epoch: Epoch) -> ArgRegisters {
        ArgRegisters::none()
    }

    fn first_epoch(&self) -> Epoch {
        self.first_epoch
    }

    fn builtin(&self, epoch: Epoch, base: u64, externs: &mut dyn Externs) -> Result<BuiltinImage, BuildError> {
        if epoch < self.first_epoch() {
            return Err(BuildError::NoSuchEpoch { port: self.goarch(), epoch, first: self.first_epoch() });
        }
        trampolines::image(epoch, base, self.mode, externs)
    }

    fn nop(&self, len: u64) -> Option<Vec<u8>> {
        (len.is_multiple_of(4)).then(|| vec![0; len as usize])
    }

    fn copy_loop(&self, plan: &CopyPlan) -> CopyProgram {
        copy_loop::program(plan, self.mode)
    }

    fn emulators(&self) -> EmulatorNames {
        self.emulators
    }

    fn call(&self, guest: &mut dyn Guest, entry: u64, return_to: u64) -> Result<u64, MemFault> {
        guest.set_reg(regs::LINK, return_to);
        Ok(entry)
    }

    fn ret(&self, guest: &mut dyn Guest) -> Result<u64, MemFault> {
        Ok(guest.reg(regs::LINK))
    }

    /// Without cgo the goroutine lives in its register alone; the slot is what `runtime.load_g` would read.
    fn set_g(&self, guest: &mut dyn Guest, g: u64, tls: u64) -> Result<(), MemFault> {
        guest.set_reg(regs::G, g);
        guest.set_reg(regs::USER_LOCAL, tls.wrapping_add(TP_OFFSET));
        guest.store(tls, self.word_access(), g)
    }

    /// On 64-bit machines the program's entry sets the static base to the upper half of its own address, which is zero:
    /// Go links programs below two gibibytes.
    fn set_constants(&self, guest: &mut dyn Guest) {
        if self.mode.wide {
            guest.set_reg(regs::STATIC_BASE, 0);
        }
    }
}
