//! How Go uses the family: calling convention, argument registers, where g lives.

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
use super::mode::Mode;
use super::regs::{FS_BASE, GS_BASE, MXCSR, RAX, RBP, RBX, RCX, RDI, RDX, RSI, RSP, gpr, xmm};
use super::trampolines::Target;
use super::{copy_loop, trampolines, x87};

/// ELF's numbers for x86-64 and for the 386.
const EM_X86_64: u16 = 62;
const EM_386: u16 = 3;
/// g in functions of ABIInternal.
const G: Reg = gpr(14);
/// Zero in functions of ABIInternal.
const ZERO_VECTOR: Reg = xmm(15);
/// MXCSR at the start of a process: all exceptions masked, round to nearest even.
const MXCSR_AT_START: u64 = 0x1f80;

/// One port of the family.
#[derive(Clone, Copy, Debug)]
pub struct X86Port {
    mode: Mode,
    goarch: &'static str,
    summary: &'static str,
    machine: u16,
    last_epoch: Epoch,
    /// What other emulators call it: qemu-user, and unicorn's constants.
    emulators: EmulatorNames,
}

const X86_64: EmulatorNames = EmulatorNames { qemu_user: Some("x86_64"), unicorn: Some(("ARCH_X86", "MODE_64")) };

/// `GOARCH=amd64`.
pub static AMD64: X86Port = X86Port {
    mode: Mode::LONG,
    goarch: "amd64",
    summary: "x86-64, little endian, arguments in registers",
    machine: EM_X86_64,
    last_epoch: Epoch::Go127,
    emulators: X86_64,
};

/// `GOARCH=386`.
pub static I386: X86Port = X86Port {
    mode: Mode::PROTECTED,
    goarch: "386",
    summary: "32-bit x86 with SSE2, little endian, arguments on the stack",
    machine: EM_386,
    last_epoch: Epoch::Go127,
    emulators: EmulatorNames { qemu_user: Some("i386"), unicorn: Some(("ARCH_X86", "MODE_32")) },
};

/// `GOARCH=amd64p32`, which was for NaCl: as amd64 with pointers of 32 bits. NaCl's linker made every access relative to
/// a base register and kept jumps to multiples of 32 bytes; that sandbox is not part of the port here. Go 1.14 dropped it.
pub static AMD64P32: X86Port = X86Port {
    mode: Mode::LONG_SMALL,
    goarch: "amd64p32",
    summary: "x86-64 with 32-bit pointers, little endian, without NaCl's sandbox; until Go 1.13",
    machine: EM_X86_64,
    last_epoch: Epoch::Y2018,
    emulators: EmulatorNames { qemu_user: None, unicorn: None },
};

impl X86Port {
    fn target(&self, epoch: Epoch) -> Target {
        Target { mode: self.mode, epoch }
    }

    /// The access to what a call pushes.
    const fn pushed(&self) -> Access {
        Access::little(self.mode.push_bytes().trailing_zeros() as u8)
    }
}

impl Port for X86Port {
    fn goarch(&self) -> &'static str {
        self.goarch
    }

    fn summary(&self) -> &'static str {
        self.summary
    }

    fn container(&self) -> Container {
        let class_bits = 8 * self.mode.pointer_bytes;
        Container::Elf(ElfIdentity { machine: self.machine, class_bits, big_endian: false })
    }

    fn word(&self) -> WordFormat {
        // Go aligns numbers of 64 bits to 4 bytes on 386.
        WordFormat {
            bytes: self.mode.pointer_bytes,
            register_bytes: self.mode.push_bytes(),
            max_align: self.mode.push_bytes(),
            big_endian: false,
        }
    }

    fn features(&self) -> &'static [Feature] {
        FEATURES
    }

    fn isa(&self, features: &[&str], _program: Program<'_>) -> Result<Arc<dyn Isa>, SetupError> {
        Ok(Arc::new(X86::new(self.mode.bits, FeatureSet::of(features)?)))
    }

    fn convention(&self) -> Convention {
        Convention {
            sp: RSP,
            link: Link::Stack,
            context: RDX,
            args_above_sp: self.mode.push_bytes(),
            stack_align: self.mode.push_bytes(),
            frame_pointer: (self.mode == Mode::LONG).then_some(RBP),
            link_at_growth: None,
        }
    }

    /// Until Go 1.7 the frame pointer's register held anything.
    fn convention_in(&self, epoch: Epoch) -> Convention {
        let convention = self.convention();
        let frame_pointer = convention.frame_pointer.filter(|_| trampolines::keeps_frame_pointer(self.target(epoch)));
        Convention { frame_pointer, ..convention }
    }

    fn arg_registers(&self, epoch: Epoch) -> ArgRegisters {
        if self.mode != Mode::LONG || !epoch.has_reg_args() {
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

    fn last_epoch(&self) -> Epoch {
        self.last_epoch
    }

    fn builtin(
        &self,
        epoch: Epoch,
        base: u64,
        externs: &mut dyn Externs,
    ) -> Result<BuiltinImage, BuildError> {
        trampolines::build(self.target(epoch), base, externs)
    }

    fn nop(&self, len: u64) -> Option<Vec<u8>> {
        Some(vec![0x90; len as usize])
    }

    fn copy_loop(&self, plan: &CopyPlan) -> CopyProgram {
        copy_loop::program(plan, self.mode)
    }

    fn emulators(&self) -> EmulatorNames {
        self.emulators
    }

    fn call(&self, guest: &mut dyn Guest, entry: u64, return_to: u64) -> Result<u64, MemFault> {
        let sp = guest.reg(RSP).wrapping_sub(self.pushed().bytes());
        guest.store(sp, self.pushed(), return_to)?;
        guest.set_reg(RSP, sp);
        Ok(entry)
    }

    fn ret(&self, guest: &mut dyn Guest) -> Result<u64, MemFault> {
        let sp = guest.reg(RSP);
        let return_to = guest.load(sp, self.pushed())?;
        guest.set_reg(RSP, sp.wrapping_add(self.pushed().bytes()));
        Ok(return_to)
    }

    fn set_g(&self, guest: &mut dyn Guest, g: u64, tls: u64) -> Result<(), MemFault> {
        let pointer = self.word().access();
        // In the slot of each epoch.
        for slot in trampolines::g_slots(self.mode) {
            guest.store(tls.wrapping_add_signed(slot.into()), pointer, g)?;
        }
        match self.mode {
            Mode::PROTECTED => {
                guest.store(tls, pointer, tls)?;
                guest.set_reg(GS_BASE, tls);
            }
            Mode::LONG_SMALL => guest.set_reg(RBP, tls),
            _ => {
                guest.set_reg(FS_BASE, tls);
                guest.set_reg(G, g);
            }
        }
        Ok(())
    }

    fn set_constants(&self, guest: &mut dyn Guest) {
        guest.set_reg(MXCSR, MXCSR_AT_START);
        x87::start(guest);
        if self.mode.bits == 64 {
            guest.set_reg(ZERO_VECTOR, 0);
            guest.set_reg(ZERO_VECTOR.plus(1), 0);
        }
    }
}
