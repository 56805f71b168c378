//! One guest with everything that executes it, and the accesses that services make.

use std::borrow::Cow;
use std::sync::Arc;

use rcsim_machine::shadow::{BarrierEvent, FrameRule, Violation};
use rcsim_machine::{Both, CodeCache, Cpu, Exit, GuestThread, Limits, Memory, Shadow, run};
use rcsim_uop::epoch::Epoch;
use rcsim_uop::guest::{Guest, MemFault};
use rcsim_uop::isa::Isa;
use rcsim_uop::op::Access;
use rcsim_uop::port::{ArgRegisters, Convention, Link, Port, WordFormat};
use rcsim_uop::reg::Reg;

use crate::code::Code;
use crate::failure::Failure;
use crate::follow::{Followed, Following};
use crate::phases::PhaseMeter;
use crate::rules::{FrameWatch, Watching};
use crate::steps::Steps;
use crate::timeline::Timeline;
use crate::unwind::Spare;

/// A guest thread with its memory, code, instruction set, shadow and meter.
pub struct Core<S: Shadow> {
    /// How Go uses the architecture.
    pub port: &'static dyn Port,
    /// The epoch whose rules are in force.
    pub epoch: Epoch,
    /// The instruction set.
    pub isa: Arc<dyn Isa>,
    /// Registers.
    pub cpu: Cpu<S>,
    /// Memory.
    pub mem: Memory<S>,
    /// Lifted blocks.
    pub code: CodeCache,
    /// The shadow.
    pub shadow: S,
    /// Counts instructions and traffic by phase.
    pub meter: PhaseMeter,
    /// Who follows the retired stream, if anybody does; frames are not watched then.
    pub following: Option<Following>,
    /// Watches frames, where there is a shadow to tell.
    pub watch: FrameWatch,
    /// Facts of the calling convention.
    pub convention: Convention,
    /// Argument registers of the epoch.
    pub registers: ArgRegisters,
    /// Sizes and byte order.
    pub word: WordFormat,
    /// What the service at work is doing, for error messages.
    pub action: Cow<'static, str>,
    /// Atomic actions that services have done.
    pub service_steps: u64,
    /// Which actions have no effect.
    pub steps: Steps,
    /// What has happened so far, where that is recorded.
    pub timeline: Option<Box<Timeline>>,
    /// What walks of the stack have left to use again.
    pub(crate) spare: Spare,
}

impl<S: Shadow> Core<S> {
    /// The guest as helpers and calling conventions see it.
    pub fn guest(&mut self) -> GuestThread<'_, S> {
        let guest = GuestThread::new(&mut self.cpu, &mut self.mem, &mut self.shadow, true);
        if self.steps.is_left_out() { guest.muted() } else { guest }
    }

    /// Run the guest, which executes `code`, until something happens.
    pub fn resume(&mut self, code: &Code, until_step: u64) -> Exit {
        self.steps.end();
        let limits = Limits { until_step };
        let (cpu, mem, cache, isa) = (&mut self.cpu, &mut self.mem, &mut self.code, &*self.isa);
        if let Some(following) = &mut self.following {
            let mut followed = Followed { meter: &mut self.meter, following };
            return run(cpu, mem, cache, isa, &mut self.shadow, &mut followed, limits);
        }
        if !S::POINTS {
            return run(cpu, mem, cache, isa, &mut self.shadow, &mut self.meter, limits);
        }
        self.shadow.service_at("");
        let mut watching = Watching { watch: &mut self.watch, code, port: self.port, isa };
        let mut both = Both(&mut self.meter, &mut watching);
        let exit = run(cpu, mem, cache, isa, &mut self.shadow, &mut both, limits);
        for violation in self.watch.take_found() {
            self.shadow.violated(violation);
        }
        exit
    }

    /// A service, or the unwinder, takes an argument word that the guest has passed on the stack.
    pub fn reads_argument_word(&mut self, addr: u64) {
        if S::POINTS
            && let Some(had) = self.watch.had_by_callee(addr)
        {
            let site = (self.action.clone().into_owned(), self.cpu.steps);
            self.shadow.violated(had.violation(site));
        }
    }

    /// A service has found a rule about frames or values violated.
    pub fn violated(&mut self, rule: FrameRule, message: String, remark: &str, notes: Vec<String>) {
        if S::POINTS {
            self.shadow.violated(Violation {
                rule,
                message,
                pc: None,
                place: self.action.clone().into_owned(),
                step: self.cpu.steps,
                remark: remark.to_owned(),
                events: Vec::new(),
                notes,
            });
        }
    }

    /// Begin an atomic action of a service. Its name is what findings and errors point at.
    pub fn act(&mut self, action: impl Into<Cow<'static, str>>) {
        self.service_steps += 1;
        self.action = action.into();
        self.steps.begin(&self.action);
        if let Some(timeline) = &mut self.timeline {
            timeline.action(&self.action, self.cpu.steps);
        }
        if S::POINTS {
            self.shadow.service_at(&self.action);
        }
    }

    /// A write barrier runs: let the shadow judge it.
    pub fn announce_barrier(&mut self, event: &BarrierEvent<'_>) {
        let (mem, access) = (&self.mem, self.word.access());
        let word = |addr| mem.peek(addr, access).map(|value| (value, mem.word(addr)));
        self.shadow.barrier(event, &word);
    }

    /// The failure of an access that the current action made.
    pub fn fault(&self, fault: MemFault) -> Failure {
        Failure::Service { action: self.action.to_string(), fault }
    }

    /// Bytes of a pointer.
    #[must_use]
    pub fn word_bytes(&self) -> u64 {
        u64::from(self.word.bytes)
    }

    /// The stack pointer.
    #[must_use]
    pub fn sp(&self) -> u64 {
        self.cpu.reg(self.convention.sp)
    }

    /// Set the stack pointer.
    pub fn set_sp(&mut self, sp: u64) {
        let reg = self.convention.sp;
        // Where the stack ends is the host's to know, also in a step that is left out.
        GuestThread::new(&mut self.cpu, &mut self.mem, &mut self.shadow, true).set_reg(reg, sp);
    }

    /// Bytes that a call pushes: the return address on machines that keep it on the stack.
    #[must_use]
    pub fn pushed_bytes(&self) -> u64 {
        match self.convention.link {
            Link::Stack => u64::from(self.word.register_bytes),
            Link::Register(_) => 0,
        }
    }

    /// Address of the first stack argument, seen from a function's first instruction.
    #[must_use]
    pub fn args_base_at_entry(&self) -> u64 {
        self.sp() + u64::from(self.convention.args_above_sp)
    }

    /// Address of the first outgoing stack argument of the frame whose stack pointer is current.
    #[must_use]
    pub fn outgoing_base(&self) -> u64 {
        self.sp() + u64::from(self.convention.args_above_sp) - self.pushed_bytes()
    }

    /// Load a pointer-sized word.
    ///
    /// # Errors
    /// When the guest may not read there.
    pub fn load_word(&mut self, addr: u64) -> Result<u64, Failure> {
        let acc = self.word.access();
        self.guest().load(addr, acc).map_err(|fault| self.fault(fault))
    }

    /// Store a pointer-sized word; its provenance is lost.
    ///
    /// # Errors
    /// When the guest may not write there.
    pub fn store_word(&mut self, addr: u64, value: u64) -> Result<(), Failure> {
        let acc = self.word.access();
        self.guest().store(addr, acc, value).map_err(|fault| self.fault(fault))
    }

    /// Load `bytes` bytes (1, 2, 4 or 8) as an unsigned number.
    ///
    /// # Errors
    /// When the guest may not read there.
    pub fn load(&mut self, addr: u64, bytes: u8) -> Result<u64, Failure> {
        let acc = self.word.access_of(bytes);
        self.guest().load(addr, acc).map_err(|fault| self.fault(fault))
    }

    /// Store the low `bytes` bytes (1, 2, 4 or 8) of a number.
    ///
    /// # Errors
    /// When the guest may not write there.
    pub fn store(&mut self, addr: u64, bytes: u8, value: u64) -> Result<(), Failure> {
        let acc = self.word.access_of(bytes);
        self.guest().store(addr, acc, value).map_err(|fault| self.fault(fault))
    }

    /// Copy memory, provenance included.
    ///
    /// # Errors
    /// When the guest may not read or write there.
    pub fn copy(&mut self, dst: u64, src: u64, bytes: u64) -> Result<(), Failure> {
        self.guest().copy_memory(dst, src, bytes).map_err(|fault| self.fault(fault))
    }

    /// Read bytes one by one, as the shadow must see it.
    ///
    /// # Errors
    /// When the guest may not read there.
    pub fn read_bytes(&mut self, addr: u64, out: &mut [u8]) -> Result<(), Failure> {
        for (n, byte) in out.iter_mut().enumerate() {
            *byte = self.load(addr.wrapping_add(n as u64), 1)? as u8;
        }
        Ok(())
    }

    /// Fill memory with zeros.
    ///
    /// # Errors
    /// When the guest may not write there.
    pub fn clear(&mut self, addr: u64, bytes: u64) -> Result<(), Failure> {
        const ZEROS: [u8; 4096] = [0; 4096];
        if self.steps.is_left_out() {
            return Ok(());
        }
        let mut at = addr;
        while at < addr + bytes {
            let chunk = (addr + bytes - at).min(ZEROS.len() as u64);
            self.mem.write_bytes(at, &ZEROS[..chunk as usize]).map_err(|fault| self.fault(fault))?;
            at += chunk;
        }
        Ok(())
    }

    /// Load a register from memory, provenance included.
    ///
    /// # Errors
    /// When the guest may not read there.
    pub fn load_reg(&mut self, reg: Reg, addr: u64, acc: Access) -> Result<(), Failure> {
        self.guest().load_reg(reg, addr, acc).map_err(|fault| self.fault(fault))
    }

    /// Store a register to memory, provenance included.
    ///
    /// # Errors
    /// When the guest may not write there.
    pub fn store_reg(&mut self, addr: u64, acc: Access, reg: Reg) -> Result<(), Failure> {
        self.guest().store_reg(addr, acc, reg).map_err(|fault| self.fault(fault))
    }
}
