//! Operands: registers whole and in part, immediates, addresses.
//!
//! A 32-bit result fills its 64-bit register with zeros, which is what a micro-op of 32 bits does anyway. A result of 8
//! or 16 bits leaves the rest of its register alone and so is deposited from a temporary.

use iced_x86::{OpKind, Register};
use rcsim_uop::Reg;
use rcsim_uop::op::{Mem, Op, Scale, Width};
use rcsim_uop::reg::ZERO;

use super::context::{Lift, NotModelled, width};
use crate::x86::regs;

/// Where a result goes: compute it into `reg`, then call [`Lift::finish`].
#[derive(Clone, Copy, Debug)]
pub struct Dest {
    /// The slot to compute into.
    pub reg: Reg,
    fate: Fate,
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    /// The slot is the register itself.
    Done,
    /// Part of a register.
    Deposit { into: Reg, lsb: u8, len: u8 },
    /// Memory.
    Store { mem: Mem, bytes: u32 },
}

/// The slot of an integer register of any size.
pub fn int_slot(register: Register) -> Result<Reg, NotModelled> {
    if register.is_gpr() { Ok(regs::gpr(register.full_register().number() as u8)) } else { Err(NotModelled) }
}

/// Whether the register is the second byte of another.
fn is_high_byte(register: Register) -> bool {
    matches!(register, Register::AH | Register::CH | Register::DH | Register::BH)
}

impl Lift<'_> {
    /// Size of an operand in bytes.
    pub fn operand_bytes(&self, operand: u32) -> u32 {
        match self.insn.op_kind(operand) {
            OpKind::Register => self.insn.op_register(operand).size() as u32,
            _ => self.insn.memory_size().size() as u32,
        }
    }

    /// Width of an integer operand.
    pub fn operand_width(&self, operand: u32) -> Result<Width, NotModelled> {
        width(self.operand_bytes(operand))
    }

    /// Whether the operand is in memory.
    pub fn is_memory(&self, operand: u32) -> bool {
        self.insn.op_kind(operand) == OpKind::Memory
    }

    /// Whether the operand is a register.
    pub fn is_register(&self, operand: u32) -> bool {
        self.insn.op_kind(operand) == OpKind::Register
    }

    /// The value of an immediate operand, sign-extended where the instruction does.
    pub fn immediate(&self, operand: u32) -> Option<i64> {
        match self.insn.op_kind(operand) {
            OpKind::Register
            | OpKind::Memory
            | OpKind::NearBranch16
            | OpKind::NearBranch32
            | OpKind::NearBranch64 => None,
            _ => self.insn.try_immediate(operand).ok().map(|value| value as i64),
        }
    }

    /// A slot whose low bits are the integer operand; the bits above its width are anything.
    pub fn read(&mut self, operand: u32) -> Result<Reg, NotModelled> {
        match self.insn.op_kind(operand) {
            OpKind::Register => self.read_register(self.insn.op_register(operand)),
            OpKind::Memory => {
                let mem = self.address()?;
                let temp = self.temp()?;
                let bytes = self.operand_bytes(operand);
                width(bytes)?;
                self.load(temp, mem, bytes);
                Ok(temp)
            }
            _ => {
                let value = self.immediate(operand).ok_or(NotModelled)?;
                self.constant_temp(value as u64)
            }
        }
    }

    fn read_register(&mut self, register: Register) -> Result<Reg, NotModelled> {
        let slot = int_slot(register)?;
        if !is_high_byte(register) {
            return Ok(slot);
        }
        let temp = self.temp()?;
        self.emit(Op::Extract { width: Width::W64, dst: temp, src: slot, lsb: 8, len: 8, signed: false });
        Ok(temp)
    }

    /// Where the result for an integer operand goes.
    pub fn dest(&mut self, operand: u32) -> Result<Dest, NotModelled> {
        match self.insn.op_kind(operand) {
            OpKind::Register => self.dest_register(self.insn.op_register(operand)),
            OpKind::Memory => {
                let mem = self.address()?;
                self.dest_memory(mem, self.operand_bytes(operand))
            }
            _ => Err(NotModelled),
        }
    }

    /// A result that goes to an address worked out before.
    pub fn dest_memory(&mut self, mem: Mem, bytes: u32) -> Result<Dest, NotModelled> {
        width(bytes)?;
        Ok(Dest { reg: self.temp()?, fate: Fate::Store { mem, bytes } })
    }

    /// A result that goes to a register.
    pub fn dest_register(&mut self, register: Register) -> Result<Dest, NotModelled> {
        let slot = int_slot(register)?;
        let (lsb, len) = match (register.size(), is_high_byte(register)) {
            (1, true) => (8, 8),
            (1, false) => (0, 8),
            (2, _) => (0, 16),
            _ => return Ok(Dest { reg: slot, fate: Fate::Done }),
        };
        Ok(Dest { reg: self.temp()?, fate: Fate::Deposit { into: slot, lsb, len } })
    }

    /// Bring a computed result where it goes.
    pub fn finish(&mut self, dest: Dest) {
        match dest.fate {
            Fate::Done => {}
            Fate::Deposit { into, lsb, len } => {
                self.emit(Op::Deposit { dst: into, base: into, src: dest.reg, lsb, len });
            }
            Fate::Store { mem, bytes } => self.store(mem, dest.reg, bytes),
        }
    }

    /// Read an operand that is also written: its value and where the result goes. The address is worked out once.
    pub fn read_write(&mut self, operand: u32) -> Result<(Reg, Dest), NotModelled> {
        if !self.is_memory(operand) {
            let value = self.read(operand)?;
            return Ok((value, self.dest(operand)?));
        }
        let mem = self.address()?;
        let bytes = self.operand_bytes(operand);
        let dest = self.dest_memory(mem, bytes)?;
        let value = self.temp()?;
        self.load(value, mem, bytes);
        Ok((value, dest))
    }

    /// The address of the memory operand.
    pub fn address(&mut self) -> Result<Mem, NotModelled> {
        let (base, index) = (self.insn.memory_base(), self.insn.memory_index());
        let plain = self.plain_address(base, index)?;
        match self.insn.memory_segment() {
            Register::FS => self.in_segment(regs::FS_BASE, plain),
            Register::GS => self.in_segment(regs::GS_BASE, plain),
            _ => Ok(plain),
        }
    }

    /// The address without its segment, which is what LEA computes.
    pub fn plain_address(&mut self, base: Register, index: Register) -> Result<Mem, NotModelled> {
        if matches!(base, Register::RIP | Register::EIP) || (base, index) == (Register::None, Register::None) {
            return self.absolute(self.insn.memory_displacement64());
        }
        let base = self.address_part(base)?;
        let index = self.address_part(index)?;
        let shift = self.insn.memory_index_scale().trailing_zeros() as u8;
        let disp = self.insn.memory_displacement64() as i32;
        let mem = Mem { base, index, scale: Scale::shift(shift), disp };
        Ok(if self.address_bytes() == 4 { mem.wrap_32() } else { mem })
    }

    /// The register's slot, the zero slot for none. 16-bit addressing is not modelled.
    fn address_part(&self, register: Register) -> Result<Reg, NotModelled> {
        match register {
            Register::None => Ok(ZERO),
            _ if register.is_gpr32() || register.is_gpr64() => int_slot(register),
            _ => Err(NotModelled),
        }
    }

    fn address_bytes(&self) -> usize {
        let (base, index) = (self.insn.memory_base(), self.insn.memory_index());
        if base != Register::None { base.size() } else { index.size() }
    }

    /// A constant address: a displacement where it fits, else a temporary.
    pub fn absolute(&mut self, address: u64) -> Result<Mem, NotModelled> {
        if self.bits == 32 {
            return Ok(Mem::at(ZERO, address as u32 as i32).wrap_32());
        }
        if let Ok(disp) = i32::try_from(address as i64) {
            return Ok(Mem::at(ZERO, disp));
        }
        Ok(Mem::at(self.constant_temp(address)?, 0))
    }

    fn in_segment(&mut self, segment: Reg, plain: Mem) -> Result<Mem, NotModelled> {
        let wraps = self.bits == 32;
        let mem = if plain.index == ZERO && plain.base == ZERO {
            Mem::at(segment, plain.disp)
        } else {
            let temp = self.temp()?;
            let width = if plain.scale.wraps() { Width::W32 } else { Width::W64 };
            self.emit(Op::Lea { width, dst: temp, mem: plain });
            Mem::indexed(segment, temp, 0, 0)
        };
        Ok(if wraps { mem.wrap_32() } else { mem })
    }

    /// A slot that holds the address of the memory operand, for micro-ops that take no displacement.
    pub fn address_slot(&mut self) -> Result<Reg, NotModelled> {
        let mem = self.address()?;
        if mem.index == ZERO && mem.disp == 0 && mem.base != ZERO {
            return Ok(mem.base);
        }
        let temp = self.temp()?;
        let width = if mem.scale.wraps() { Width::W32 } else { Width::W64 };
        self.emit(Op::Lea { width, dst: temp, mem });
        Ok(temp)
    }
}
