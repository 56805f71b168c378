//! Moving values between memory, argument registers, `RegArgs` blocks and stack arguments, step by step.

use rcsim_machine::Shadow;
use rcsim_uop::Guest;
use rcsim_uop::port::Float32Form;
use rcsim_workloads::gotype::{Basic, GoType, TypeId};
use rcsim_workloads::layout::Layouts;

use super::barrier::Stores;
use crate::abi::{Place, Step};
use crate::deviation::Deviation;
use crate::failure::Failure;
use crate::world::World;

/// A `reflect.Value` as far as a call needs it: a type, and a slot of a service's frame with its pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Val {
    /// The type.
    pub ty: TypeId,
    /// Index of the service frame whose locals hold the pointer word.
    pub frame: usize,
    /// Offset of the pointer word in those locals.
    pub slot: u64,
    /// Whether the pointer leads to the value (else it is the value).
    pub indirect: bool,
    /// Whether it is the content of a variable, which others may change.
    pub addressable: bool,
}

/// Where a call's register arguments or results are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// In the machine's argument registers.
    Registers,
    /// In a `RegArgs` block at this offset of the innermost service frame's locals.
    Block(u64),
    /// In a `RegArgs` block at this address: the stub's. Good until the stack moves.
    BlockAt(u64),
}

/// Whether a value of the type is its own pointer word inside an interface (the opposite of `reflect.ifaceIndir`).
#[must_use]
pub fn is_direct(layouts: &Layouts<'_>, id: TypeId) -> bool {
    match layouts.types().shape(id) {
        GoType::Pointer(_) | GoType::Map { .. } | GoType::Chan { .. } | GoType::Func(_) => true,
        GoType::Basic(basic) => *basic == Basic::UnsafePointer,
        GoType::Array { elem, len: 1 } => is_direct(layouts, *elem),
        GoType::Struct(fields) => matches!(&fields[..], [only] if is_direct(layouts, only.ty)),
        _ => false,
    }
}

impl<S: Shadow> World<'_, S> {
    /// Address of a value's pointer slot.
    #[must_use]
    pub fn slot_addr(&self, val: Val) -> u64 {
        let frame = &self.frames[val.frame];
        self.stack.hi - frame.low_from_hi + frame.locals + val.slot
    }

    /// Address of a value's bytes. Good until the stack moves.
    ///
    /// # Errors
    /// When the frame cannot be read.
    pub fn value_addr(&mut self, val: Val) -> Result<u64, Failure> {
        let slot = self.slot_addr(val);
        if val.indirect { self.core.load_word(slot) } else { Ok(slot) }
    }

    fn block(&self, target: Target) -> Option<u64> {
        match target {
            Target::Registers => None,
            Target::Block(offset) => Some(self.local(offset)),
            Target::BlockAt(addr) => Some(addr),
        }
    }

    /// Put the value at `from` where its steps say; `stack` is the address of the stack arguments. With `mirror`, pointers
    /// also go to the block's scanned part. `how` is for the stack
    /// arguments, which may be a frame on the heap.
    ///
    /// # Errors
    /// When memory cannot be accessed.
    pub fn put_value(
        &mut self,
        steps: &[Step],
        from: u64,
        stack: u64,
        target: Target,
        mirror: bool,
        how: Stores<'_>,
    ) -> Result<(), Failure> {
        for step in steps {
            let at = from + step.offset;
            match step.place {
                Place::Stack(offset) => self.store_value(stack + offset, at, step.size, how)?,
                Place::Int { reg, pointer } => self.put_int(reg, at, step.size, target, mirror && pointer)?,
                Place::Float { reg } => self.put_float(reg, at, step.size, target)?,
            }
        }
        Ok(())
    }

    fn put_int(
        &mut self,
        reg: usize,
        at: u64,
        size: u64,
        target: Target,
        mirror: bool,
    ) -> Result<(), Failure> {
        let layout = self.reg_args();
        let Some(block) = self.block(target) else {
            let (reg, acc) = (self.core.registers.ints[reg], self.core.word.access_of(size as u8));
            return self.core.load_reg(reg, at, acc);
        };
        let part = self.int_part(reg, size);
        self.core.copy(block + part, at, size)?;
        if mirror { self.core.copy(block + layout.pointer(reg), at, size) } else { Ok(()) }
    }

    /// Offset in a block of a part of `size` bytes in an integer register, as `reflect` sees it.
    fn int_part(&self, reg: usize, size: u64) -> u64 {
        let layout = self.reg_args();
        if self.deviates(Deviation::SubwordBigendian) { layout.int(reg) } else { layout.int_part(reg, size) }
    }

    /// Whether `reflect` copies a `float32` as it is, which is right only where the register's low half counts.
    fn copies_float32(&self) -> bool {
        self.reg_args().float32() == Float32Form::Low || self.deviates(Deviation::Float32InRegister)
    }

    fn put_float(&mut self, reg: usize, at: u64, size: u64, target: Target) -> Result<(), Failure> {
        let layout = self.reg_args();
        let value = self.core.load(at, size as u8)?;
        let slot = if size == 4 { layout.float32_to_slot(value as u32) } else { value };
        match self.block(target) {
            None => {
                let reg = self.core.registers.floats[reg];
                self.core.guest().set_reg(reg, slot);
                Ok(())
            }
            Some(block) if size == 4 && self.copies_float32() => {
                self.core.store(block + layout.float(reg), 4, value)
            }
            Some(block) => self.core.store(block + layout.float(reg), 8, slot),
        }
    }

    /// Get a value from where its steps say to `to`. Pointers come from the block's scanned part when `mirrored`.
    /// `how` is for `to`, which may be on the heap.
    ///
    /// # Errors
    /// When memory cannot be accessed.
    pub fn get_value(
        &mut self,
        steps: &[Step],
        to: u64,
        stack: u64,
        target: Target,
        mirrored: bool,
        how: Stores<'_>,
    ) -> Result<(), Failure> {
        for step in steps {
            let at = to + step.offset;
            match step.place {
                Place::Stack(offset) => self.store_value(at, stack + offset, step.size, how)?,
                Place::Int { reg, pointer: true } if !matches!(how, Stores::Plain) => {
                    self.get_pointer(reg, at, target)?;
                }
                Place::Int { reg, pointer } => {
                    self.get_int(reg, at, step.size, target, mirrored && pointer)?;
                }
                Place::Float { reg } => self.get_float(reg, at, step.size, target)?,
            }
        }
        Ok(())
    }

    /// Store a pointer from a register, or from the block's scanned part, with its barrier.
    fn get_pointer(&mut self, reg: usize, at: u64, target: Target) -> Result<(), Failure> {
        let from = self.reg_args().pointer(reg);
        match self.block(target) {
            None => {
                let reg = self.core.registers.ints[reg];
                self.register_store(at, reg)
            }
            Some(block) => self.pointer_store(at, block + from),
        }
    }

    fn get_int(
        &mut self,
        reg: usize,
        at: u64,
        size: u64,
        target: Target,
        mirrored: bool,
    ) -> Result<(), Failure> {
        let layout = self.reg_args();
        match self.block(target) {
            None => {
                let (reg, acc) = (self.core.registers.ints[reg], self.core.word.access_of(size as u8));
                self.core.store_reg(at, acc, reg)
            }
            Some(block) if mirrored => self.core.copy(at, block + layout.pointer(reg), size),
            Some(block) => {
                let part = self.int_part(reg, size);
                self.core.copy(at, block + part, size)
            }
        }
    }

    fn get_float(&mut self, reg: usize, at: u64, size: u64, target: Target) -> Result<(), Failure> {
        let layout = self.reg_args();
        let slot = match self.block(target) {
            None => self.core.cpu.reg(self.core.registers.floats[reg]),
            Some(block) if size == 4 && self.copies_float32() => {
                return self.core.copy(at, block + layout.float(reg), 4);
            }
            Some(block) => self.core.load(block + layout.float(reg), 8)?,
        };
        let value = if size == 4 { u64::from(layout.float32_from_slot(slot)) } else { slot };
        self.core.store(at, size as u8, value)
    }
}
