//! A guest thread as helpers, services and calling conventions see it.

use rcsim_uop::flags::LazyFlags;
use rcsim_uop::guest::{AccessKind, Guest, MemFault};
use rcsim_uop::op::Access;
use rcsim_uop::reg::Reg;

use crate::cpu::Cpu;
use crate::memory::Memory;
use crate::shadow::Shadow;

/// Registers, memory and shadow of one thread, together.
pub struct GuestThread<'a, S: Shadow> {
    cpu: &'a mut Cpu<S>,
    mem: &'a mut Memory<S>,
    shadow: &'a mut S,
    keeps_provenance: bool,
    muted: bool,
    /// Who is told of accesses: address, bytes, whether it writes.
    told: Option<&'a mut dyn FnMut(u64, u64, bool)>,
}

impl<'a, S: Shadow> GuestThread<'a, S> {
    /// Put the parts together. With `keeps_provenance` off, everything written is no pointer.
    pub fn new(
        cpu: &'a mut Cpu<S>,
        mem: &'a mut Memory<S>,
        shadow: &'a mut S,
        keeps_provenance: bool,
    ) -> Self {
        Self { cpu, mem, shadow, keeps_provenance, muted: false, told: None }
    }

    /// The same thread, that tells of what it copies, loads into registers and stores: address, bytes, whether it writes.
    /// Other loads are not told: some only ask whether memory is there.
    #[must_use]
    pub fn telling(self, told: &'a mut dyn FnMut(u64, u64, bool)) -> Self {
        Self { told: Some(told), ..self }
    }

    fn tell(&mut self, addr: u64, acc: Access, write: bool) {
        if let Some(told) = &mut self.told {
            told(addr, acc.bytes(), write);
        }
    }

    /// The same thread, none of whose registers and memory change: what is done to it has no effect.
    #[must_use]
    pub fn muted(self) -> Self {
        Self { muted: true, ..self }
    }

    fn set(&mut self, reg: Reg, value: u64, tag: S::Tag) {
        if !self.muted {
            self.cpu.set(reg, value, tag);
        }
    }

    /// The tag of a value that host code made: a helper that says so drops what was known of it.
    fn outside(&mut self, value: u64) -> S::Tag {
        if self.keeps_provenance { self.shadow.host(value) } else { self.shadow.constant(value) }
    }

    fn kept(&self, tag: S::Tag) -> S::Tag {
        if self.keeps_provenance { tag } else { S::Tag::default() }
    }

    fn put(&mut self, addr: u64, acc: Access, value: u64, tag: S::Tag) -> Result<(), MemFault> {
        if self.muted {
            return Ok(());
        }
        self.mem.store_shadowed(self.shadow, addr, acc, (value, tag))?;
        self.tell(addr, acc, true);
        Ok(())
    }

    fn get(&mut self, addr: u64, acc: Access) -> Result<(u64, S::Tag), MemFault> {
        self.mem.load_shadowed(self.shadow, addr, acc)
    }

    /// Copy one access's worth of memory.
    fn move_one(&mut self, dst: u64, src: u64, acc: Access) -> Result<(), MemFault> {
        let (value, tag) = self.get(src, acc)?;
        self.tell(src, acc, false);
        let tag = self.kept(tag);
        self.put(dst, acc, value, tag)
    }
}

impl<S: Shadow> Guest for GuestThread<'_, S> {
    fn reg(&self, reg: Reg) -> u64 {
        self.cpu.reg(reg)
    }

    fn set_reg(&mut self, reg: Reg, value: u64) {
        let tag = self.outside(value);
        self.set(reg, value, tag);
    }

    fn copy_reg(&mut self, dst: Reg, src: Reg) {
        let tag = self.kept(self.cpu.tag(src));
        let value = self.cpu.reg(src);
        self.set(dst, value, tag);
    }

    fn flags(&self) -> u64 {
        self.cpu.flags.pack()
    }

    fn set_flags(&mut self, packed: u64) {
        self.cpu.flags = LazyFlags::packed(packed);
    }

    fn load(&mut self, addr: u64, acc: Access) -> Result<u64, MemFault> {
        let (value, tag) = self.get(addr, acc)?;
        if S::ACTIVE {
            self.shadow.host_read(tag, value);
        }
        Ok(value)
    }

    fn store(&mut self, addr: u64, acc: Access, value: u64) -> Result<(), MemFault> {
        let tag = self.outside(value);
        self.put(addr, acc, value, tag)
    }

    fn load_reg(&mut self, reg: Reg, addr: u64, acc: Access) -> Result<(), MemFault> {
        let (value, tag) = self.get(addr, acc)?;
        self.tell(addr, acc, false);
        let tag = self.kept(tag);
        self.set(reg, value, tag);
        Ok(())
    }

    fn store_reg(&mut self, addr: u64, acc: Access, reg: Reg) -> Result<(), MemFault> {
        let tag = self.kept(self.cpu.tag(reg));
        self.put(addr, acc, self.cpu.reg(reg), tag)
    }

    fn copy_memory(&mut self, dst: u64, src: u64, bytes: u64) -> Result<(), MemFault> {
        self.mem.check(src, bytes, AccessKind::Read)?;
        self.mem.check(dst, bytes, AccessKind::Write)?;
        let backwards = dst > src;
        let (word, byte) = (Access::little(self.mem.granule_log2() as u8), Access::little(0));
        let size = word.bytes();
        let words = bytes / size;
        let tail = words * size..bytes;
        if backwards {
            for at in tail.rev() {
                self.move_one(dst + at, src + at, byte)?;
            }
            for n in (0..words).rev() {
                self.move_one(dst + size * n, src + size * n, word)?;
            }
        } else {
            for n in 0..words {
                self.move_one(dst + size * n, src + size * n, word)?;
            }
            for at in tail {
                self.move_one(dst + at, src + at, byte)?;
            }
        }
        Ok(())
    }

    fn pop_window(&mut self, result: u64) -> Option<u64> {
        let tag = self.outside(result);
        self.cpu.pop_window(result, tag)
    }

    fn push_window(&mut self, first: Reg, count: u8, args: &[u64], result: Reg, return_to: u64) -> bool {
        let args: Vec<(u64, S::Tag)> = args.iter().map(|value| (*value, self.outside(*value))).collect();
        self.cpu.push_window(first, count, &args, result, return_to)
    }
}
