//! Second operands: registers, immediates, memory, each at its width.

use rcsim_uop::op::{Access, Mem, Op, Width};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};

/// Where an operand comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A register as wide as the operation.
    Reg(Reg),
    /// The low bits of a register, extended.
    Low {
        /// The register.
        reg: Reg,
        /// Number of bits.
        bits: u8,
        /// Whether the sign is extended.
        signed: bool,
    },
    /// A constant.
    Imm(i64),
    /// Memory.
    Mem(Mem, Access),
}

impl Operand {
    /// The low 32 bits of a register.
    pub const fn word(reg: Reg, signed: bool) -> Self {
        Self::Low { reg, bits: 32, signed }
    }

    /// `1 << log2` bytes of memory.
    pub const fn memory(mem: Mem, log2: u8, signed: bool) -> Self {
        let acc = Access::big(log2);
        Self::Mem(mem, if signed { acc.signed() } else { acc })
    }

    /// The operand in a register.
    pub fn read(self, out: &mut BlockBuilder) -> Reg {
        match self {
            Self::Reg(reg) => reg,
            Self::Imm(0) => ZERO,
            _ => {
                let dst = out.temp();
                self.read_into(out, dst);
                dst
            }
        }
    }

    /// The operand in this register, all 64 bits.
    pub fn read_into(self, out: &mut BlockBuilder, dst: Reg) {
        match self {
            Self::Reg(reg) => out.copy(dst, reg),
            Self::Low { reg: src, bits, signed } => {
                out.emit(Op::Extract { width: Width::W64, dst, src, lsb: 0, len: bits, signed });
            }
            Self::Imm(value) => out.constant(dst, value as u64),
            Self::Mem(mem, acc) => out.emit(Op::Load { acc, dst, mem }),
        }
    }
}

/// The address itself, in a register.
pub fn address(out: &mut BlockBuilder, mem: Mem) -> Reg {
    if mem.index == ZERO && mem.disp == 0 && mem.base != ZERO {
        return mem.base;
    }
    let dst = out.temp();
    address_into(out, dst, mem);
    dst
}

/// The address in this register.
pub fn address_into(out: &mut BlockBuilder, dst: Reg, mem: Mem) {
    match (mem.base, mem.index) {
        (base, ZERO) => out.add_imm(Width::W64, dst, base, i64::from(mem.disp)),
        (ZERO, index) => out.add_imm(Width::W64, dst, index, i64::from(mem.disp)),
        _ => out.emit(Op::Lea { width: Width::W64, dst, mem }),
    }
}
