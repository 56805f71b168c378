//! Loads, stores and atomic updates.

use rcsim_uop::guest::MemFault;
use rcsim_uop::op::{Access, Mem, Rmw, Width, Writeback};
use rcsim_uop::reg::{Reg, ZERO};

use super::super::Exec;
use crate::alu;
use crate::observer::Observer;
use crate::shadow::{Derive, Shadow};

/// Memory.
impl<S: Shadow, O: Observer> Exec<'_, S, O> {
    #[inline(always)]
    pub(super) fn address(&self, mem: Mem) -> u64 {
        mem.scale.address(self.r(mem.base), self.r(mem.index), mem.disp)
    }

    /// The address that an access goes to.
    #[inline(always)]
    pub(super) fn place(&mut self, mem: Mem) -> u64 {
        let addr = self.address(mem);
        if S::ACTIVE {
            self.shadow.address(self.cpu.tag(mem.base), self.cpu.tag(mem.index), addr);
        }
        addr
    }

    /// The address in a register that an access goes to.
    #[inline(always)]
    fn place_in(&mut self, base: Reg) -> u64 {
        let addr = self.r(base);
        if S::ACTIVE {
            self.shadow.address(self.cpu.tag(base), S::Tag::default(), addr);
        }
        addr
    }

    #[inline(always)]
    pub(super) fn read(&mut self, addr: u64, acc: Access) -> Result<(u64, S::Tag), MemFault> {
        let loaded = self.mem.load_shadowed(self.shadow, addr, acc)?;
        if O::MEMORY {
            self.observer.memory(addr, acc.bytes(), false);
        }
        Ok(loaded)
    }

    #[inline(always)]
    pub(super) fn write(&mut self, addr: u64, acc: Access, value: u64, tag: S::Tag) -> Result<(), MemFault> {
        self.mem.store_shadowed(self.shadow, addr, acc, (value, tag))?;
        if O::MEMORY {
            self.observer.memory(addr, acc.bytes(), true);
        }
        Ok(())
    }

    #[inline(always)]
    pub(super) fn write_reg(&mut self, addr: u64, acc: Access, src: Reg) -> Result<(), MemFault> {
        self.write(addr, acc, self.r(src), self.cpu.tag(src))
    }

    #[inline(always)]
    pub(in crate::interp) fn load(&mut self, acc: Access, dst: Reg, mem: Mem) -> Result<(), MemFault> {
        let addr = self.place(mem);
        let (value, tag) = self.read(addr, acc)?;
        self.cpu.set(dst, value, tag);
        Ok(())
    }

    #[inline(always)]
    pub(in crate::interp) fn store(&mut self, acc: Access, src: Reg, mem: Mem) -> Result<(), MemFault> {
        let addr = self.place(mem);
        self.write_reg(addr, acc, src)
    }

    #[inline(always)]
    pub(in crate::interp) fn store_imm(&mut self, acc: Access, mem: Mem, imm: i32) -> Result<(), MemFault> {
        let value = i64::from(imm) as u64;
        let tag = self.shadow.constant(value);
        let addr = self.place(mem);
        self.write(addr, acc, value, tag)
    }

    /// The addresses of an access that may update its base: where it goes, and what the base becomes.
    #[inline(always)]
    pub(super) fn updated(&mut self, base: Reg, disp: i32, update: Writeback, wrap: bool) -> (u64, u64) {
        let old = self.r(base);
        let new = old.wrapping_add(i64::from(disp) as u64);
        let new = if wrap { u64::from(new as u32) } else { new };
        let addr = if update == Writeback::Post { old } else { new };
        if S::ACTIVE {
            self.shadow.address(self.cpu.tag(base), S::Tag::default(), addr);
        }
        (addr, new)
    }

    #[inline(always)]
    pub(super) fn write_back(&mut self, base: Reg, new: u64, update: Writeback) {
        if update != Writeback::None {
            self.put(base, new, Derive::Add, base, ZERO);
        }
    }

    #[inline(always)]
    pub(in crate::interp) fn load_update(
        &mut self,
        acc: Access,
        dst: Reg,
        base: Reg,
        disp: i32,
        update: Writeback,
        wrap: bool,
    ) -> Result<(), MemFault> {
        let (addr, new) = self.updated(base, disp, update, wrap);
        let (value, tag) = self.read(addr, acc)?;
        self.write_back(base, new, update);
        self.cpu.set(dst, value, tag);
        Ok(())
    }

    #[inline(always)]
    pub(in crate::interp) fn store_update(
        &mut self,
        acc: Access,
        src: Reg,
        base: Reg,
        disp: i32,
        update: Writeback,
        wrap: bool,
    ) -> Result<(), MemFault> {
        let (addr, new) = self.updated(base, disp, update, wrap);
        self.write_reg(addr, acc, src)?;
        self.write_back(base, new, update);
        Ok(())
    }

    #[inline(always)]
    pub(in crate::interp) fn load_pair(
        &mut self,
        acc: Access,
        dst: [Reg; 2],
        base: Reg,
        disp: i32,
        update: Writeback,
    ) -> Result<(), MemFault> {
        let (addr, new) = self.updated(base, disp, update, false);
        let first = self.read(addr, acc)?;
        let second = self.read(addr.wrapping_add(acc.bytes()), acc)?;
        self.write_back(base, new, update);
        self.cpu.set(dst[0], first.0, first.1);
        self.cpu.set(dst[1], second.0, second.1);
        Ok(())
    }

    #[inline(always)]
    pub(in crate::interp) fn store_pair(
        &mut self,
        acc: Access,
        src: [Reg; 2],
        base: Reg,
        disp: i32,
        update: Writeback,
    ) -> Result<(), MemFault> {
        let (addr, new) = self.updated(base, disp, update, false);
        self.write_reg(addr, acc, src[0])?;
        self.write_reg(addr.wrapping_add(acc.bytes()), acc, src[1])?;
        self.write_back(base, new, update);
        Ok(())
    }

    #[inline(always)]
    pub(in crate::interp) fn push_const(
        &mut self,
        acc: Access,
        base: Reg,
        value: u32,
        wrap: bool,
    ) -> Result<(), MemFault> {
        let (addr, new) = self.updated(base, -(acc.bytes() as i32), Writeback::Pre, wrap);
        let tag = self.shadow.constant(u64::from(value));
        self.write(addr, acc, u64::from(value), tag)?;
        self.write_back(base, new, Writeback::Pre);
        Ok(())
    }

    fn access_width(acc: Access) -> Width {
        match acc.log2() {
            0 => Width::W8,
            1 => Width::W16,
            2 => Width::W32,
            _ => Width::W64,
        }
    }

    pub(in crate::interp) fn atomic_rmw(
        &mut self,
        op: Rmw,
        acc: Access,
        dst: Reg,
        base: Reg,
        src: Reg,
    ) -> Result<(), MemFault> {
        let addr = self.place_in(base);
        let (old, old_tag) = self.read(addr, acc)?;
        let new = alu::rmw(op, Self::access_width(acc), old, self.r(src));
        let tag = match op {
            Rmw::Swap => self.cpu.tag(src),
            _ => self.shadow.derive(Derive::Other, old_tag, self.cpu.tag(src), new),
        };
        self.write(addr, acc, new, tag)?;
        self.cpu.set(dst, old, old_tag);
        Ok(())
    }

    pub(in crate::interp) fn compare_swap(
        &mut self,
        acc: Access,
        dst: Reg,
        base: Reg,
        expected: Reg,
        new: Reg,
    ) -> Result<(), MemFault> {
        let addr = self.place_in(base);
        let (old, tag) = self.read(addr, acc)?;
        let width = Self::access_width(acc);
        if width.zero_extend(old) == width.zero_extend(self.r(expected)) {
            self.write_reg(addr, acc, new)?;
        }
        self.cpu.set(dst, old, tag);
        Ok(())
    }

    pub(in crate::interp) fn load_linked(
        &mut self,
        acc: Access,
        dst: Reg,
        base: Reg,
    ) -> Result<(), MemFault> {
        let addr = self.place_in(base);
        let (value, tag) = self.read(addr, acc)?;
        self.cpu.linked = Some((addr, value));
        self.cpu.set(dst, value, tag);
        Ok(())
    }

    /// Threads take turns, so the watched place is untouched exactly when its value is; an unchanged value written by
    /// another thread in between goes unnoticed, which no correct use of these instructions can tell.
    pub(in crate::interp) fn store_conditional(
        &mut self,
        acc: Access,
        status: Reg,
        base: Reg,
        src: Reg,
    ) -> Result<(), MemFault> {
        let addr = self.place_in(base);
        let succeeds = match self.cpu.linked.take() {
            // The load may have extended the value with its sign, this access does not.
            Some((linked, value)) => {
                linked == addr && (self.read(addr, acc)?.0 ^ value) << unused_bits(acc) == 0
            }
            None => false,
        };
        if succeeds {
            self.write_reg(addr, acc, src)?;
        }
        self.constant(status, u64::from(succeeds));
        Ok(())
    }
}

/// Bits of a register beyond what the access takes.
const fn unused_bits(acc: Access) -> u64 {
    64 - 8 * acc.bytes()
}
