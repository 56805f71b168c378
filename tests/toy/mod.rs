//! An architecture that exists for one test: it shows that a folder is all that an architecture takes.

use std::sync::{Arc, LazyLock};

use rcsim_uop::build::BlockBuilder;
use rcsim_uop::copy_loop::{CopyPlan, CopyProgram, EmulatorNames};
use rcsim_uop::fp::{FpRules, IntRule, NanRule};
use rcsim_uop::guest::{Guest, MemFault};
use rcsim_uop::isa::{CodeView, Disasm, LiftError};
use rcsim_uop::op::{Op, Width};
use rcsim_uop::port::{
    ArgRegisters, BuildError, BuiltinImage, Container, Convention, ElfIdentity, Externs, Link, Program,
    SetupError, WordFormat,
};
use rcsim_uop::reg::{RegClass, RegInfo};
use rcsim_uop::{Epoch, Isa, Port, Reg, RegFile};

const A: Reg = Reg(2);
const SP: Reg = Reg(3);
const LINK: Reg = Reg(4);

/// The ports of this family.
pub fn ports() -> Vec<&'static dyn Port> {
    vec![&Toy]
}

/// Every byte is an instruction that adds itself to register a.
struct Toy;

static REGS: LazyLock<RegFile> = LazyLock::new(|| {
    let info = |(name, reg): (&str, Reg)| RegInfo { name: name.into(), reg, words: 1, class: RegClass::Int };
    RegFile::new([("a", A), ("sp", SP), ("link", LINK)].map(info).into(), 10..12)
});

impl Isa for Toy {
    fn regs(&self) -> &RegFile {
        &REGS
    }

    fn lift(&self, code: &dyn CodeView, pc: u64, out: &mut BlockBuilder) -> Result<(), LiftError> {
        let mut byte = [0];
        if code.fetch(pc, &mut byte) == 0 {
            return Err(LiftError::Fetch { pc });
        }
        out.insn(pc, 1);
        out.emit(Op::AddImm { width: Width::W64, dst: A, a: A, imm: i64::from(byte[0]) });
        Ok(())
    }

    fn disasm(&self, _code: &dyn CodeView, _pc: u64) -> Result<Disasm, LiftError> {
        Ok(Disasm { len: 1, text: "add a, byte".into() })
    }

    fn fp_rules(&self) -> FpRules {
        FpRules { nan: NanRule::Default, default_nan_negative: false, to_int: IntRule::SaturateNanZero }
    }
}

impl Port for Toy {
    fn goarch(&self) -> &'static str {
        "toy64"
    }

    fn summary(&self) -> &'static str {
        "a toy"
    }

    fn container(&self) -> Container {
        Container::Elf(ElfIdentity { machine: 0xfff0, class_bits: 64, big_endian: false })
    }

    fn word(&self) -> WordFormat {
        WordFormat { bytes: 8, register_bytes: 8, max_align: 8, big_endian: false }
    }

    fn isa(&self, _features: &[&str], _program: Program<'_>) -> Result<Arc<dyn Isa>, SetupError> {
        Ok(Arc::new(Toy))
    }

    fn convention(&self) -> Convention {
        Convention {
            sp: SP,
            link: Link::Register(LINK),
            context: A,
            args_above_sp: 8,
            stack_align: 8,
            frame_pointer: None,
            link_at_growth: None,
        }
    }

    fn arg_registers(&self, _epoch: Epoch) -> ArgRegisters {
        ArgRegisters::none()
    }

    fn first_epoch(&self) -> Epoch {
        Epoch::Go127
    }

    fn builtin(&self, _: Epoch, _: u64, _: &mut dyn Externs) -> Result<BuiltinImage, BuildError> {
        Err(BuildError::Assembly { function: "runtime.reflectcall".into(), what: "a toy has none".into() })
    }

    fn call(&self, guest: &mut dyn Guest, entry: u64, return_to: u64) -> Result<u64, MemFault> {
        guest.set_reg(LINK, return_to);
        Ok(entry)
    }

    fn copy_loop(&self, _: &CopyPlan) -> CopyProgram {
        CopyProgram { bytes: vec![1], entry: 0, end: 1, instructions: 1 }
    }

    fn emulators(&self) -> EmulatorNames {
        EmulatorNames::default()
    }

    fn ret(&self, guest: &mut dyn Guest) -> Result<u64, MemFault> {
        Ok(guest.reg(LINK))
    }

    fn set_g(&self, _: &mut dyn Guest, _: u64, _: u64) -> Result<(), MemFault> {
        Ok(())
    }

    fn set_constants(&self, _: &mut dyn Guest) {}
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_toy_is_among_the_ports() {
        assert_eq!(crate::port("toy64").map(rcsim_uop::Port::goarch), Some("toy64"));
        assert!(crate::ports().len() > 1, "the other ports are still there");
    }
}
