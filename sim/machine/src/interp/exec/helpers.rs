//! Helpers and wasm call frames.

use rcsim_uop::Block;
use rcsim_uop::isa::{HelperArgs, HelperMemory, HelperProvenance, HelperTrap};
use rcsim_uop::reg::Reg;

use super::super::Exec;
use crate::guest::GuestThread;
use crate::observer::Observer;
use crate::shadow::Shadow;
use crate::trap::TrapKind;

/// Helpers and wasm frames.
impl<S: Shadow, O: Observer> Exec<'_, S, O> {
    pub(in crate::interp) fn helper(&mut self, id: u16, regs: [Reg; 4], imm: u32) -> Result<(), HelperTrap> {
        let decl = &self.isa.helpers()[usize::from(id)];
        let keeps = decl.provenance != HelperProvenance::Drops;
        if S::ACTIVE && decl.memory != HelperMemory::None {
            for reg in regs {
                self.shadow.address(self.cpu.tag(reg), S::Tag::default(), self.cpu.reg(reg));
            }
        }
        let observer = &mut *self.observer;
        let mut told = |addr, bytes, write| observer.helper_memory(addr, bytes, write);
        let guest = GuestThread::new(self.cpu, self.mem, self.shadow, keeps);
        let mut guest = if O::HELPER_MEMORY { guest.telling(&mut told) } else { guest };
        (decl.body)(&mut guest, HelperArgs { regs, imm })
    }

    pub(in crate::interp) fn window_push(
        &mut self,
        block: &Block,
        first: Reg,
        count: u8,
        (args_first, args): (Reg, u8),
        result: Reg,
    ) -> Result<(), TrapKind> {
        let values: Vec<(u64, S::Tag)> =
            (0..args).map(|n| (self.r(args_first.plus(n)), self.cpu.tag(args_first.plus(n)))).collect();
        let return_to = block.exits.last().copied().unwrap_or(block.pc);
        if self.cpu.push_window(first, count, &values, result, return_to) {
            Ok(())
        } else {
            Err(TrapKind::WindowOverflow)
        }
    }

    pub(in crate::interp) fn window_pop(&mut self, src: Reg) -> Result<u64, TrapKind> {
        let (value, tag) = (self.r(src), self.cpu.tag(src));
        self.cpu.pop_window(value, tag).ok_or(TrapKind::WindowUnderflow)
    }
}
