//! The built-in machinery of every epoch at work on WebAssembly: `reflectcall` with services around it, the stack
//! that is too small, and functions that are entered in their middle.

use rcsim_isa::wasm::{WasmIsa, go_pc, regs};
use rcsim_machine::{CodeCache, Cpu, Exit, GuestThread, Limits, Memory, NoObserver, NoShadow, Perms, run};
use rcsim_uop::guest::Guest;
use rcsim_uop::op::Access;
use rcsim_uop::port::{BuiltinImage, Externs};
use rcsim_uop::{Epoch, Port};

const BASE: u64 = 0x10_0000_0000;
const EPOCHS: [Epoch; 5] = [Epoch::Y2018, Epoch::Y2020, Epoch::Y2021, Epoch::Go119, Epoch::Go127];
const WORD: Access = Access::little(3);
/// The goroutine, and the offset of the guard that prologues look at.
const G: u64 = 0x1_0000;
const STACK_GUARD: u64 = G + 16;
const STACK_LOW: u64 = 0x10_0000;
const STACK_HIGH: u64 = 0x20_0000;
/// The memory of the arguments, outside of the stack, and a function value.
const ARGS: u64 = 0x3_0000;
const CLOSURE: u64 = 0x4_0000;

fn port() -> &'static dyn Port {
    rcsim_isa::port("wasm").expect("the port exists")
}

/// Service addresses by symbol.
struct Services {
    symbols: Vec<String>,
}

impl Externs for Services {
    fn address(&mut self, symbol: &str) -> u64 {
        self.symbols.push(symbol.to_owned());
        port().service_address(self.symbols.len() as u32 - 1).expect("there is room for a few")
    }
}

/// The machinery with a goroutine.
struct Rig {
    epoch: Epoch,
    image: BuiltinImage,
    isa: WasmIsa,
    cpu: Cpu<NoShadow>,
    mem: Memory<NoShadow>,
    code: CodeCache,
    shadow: NoShadow,
    services: Vec<String>,
}

impl Rig {
    fn new(epoch: Epoch) -> Self {
        let mut externs = Services { symbols: Vec::new() };
        let image = port().builtin(epoch, BASE, &mut externs).expect("the epoch is described");
        let isa = WasmIsa::new(BASE, &image.bytes).expect("the built-in module can be read");
        let mut mem = Memory::new(8, 1 << 24);
        mem.map(0x1_0000, STACK_HIGH, Perms::DATA);
        let mut services = externs.symbols;
        services.extend(["callee".to_owned(), "caller".to_owned()]);
        for number in 0..services.len() as u32 {
            mem.set_hook(port().service_address(number).expect("there is room for a few"), number);
        }
        let (cpu, code) = (Cpu::default(), CodeCache::new());
        let mut rig = Self { epoch, image, isa, cpu, mem, code, shadow: NoShadow, services };
        rig.guest().set_reg(regs::SP, STACK_HIGH);
        port().set_g(&mut rig.guest(), G, 0).expect("a register is enough");
        rig.put(STACK_GUARD, STACK_LOW);
        rig.put(CLOSURE, rig.service("callee"));
        rig
    }

    fn service(&self, symbol: &str) -> u64 {
        let number = self.services.iter().position(|other| other == symbol).expect("a known service");
        port().service_address(number as u32).expect("there is room for a few")
    }

    fn guest(&mut self) -> GuestThread<'_, NoShadow> {
        GuestThread::new(&mut self.cpu, &mut self.mem, &mut self.shadow, true)
    }

    fn put(&mut self, at: u64, value: u64) {
        self.mem.store(at, WORD, value).expect("the rig's memory is mapped");
    }

    fn get(&mut self, at: u64) -> u64 {
        self.mem.load(at, WORD).expect("the rig's memory is mapped")
    }

    fn sp(&self) -> u64 {
        self.cpu.reg(regs::SP)
    }

    fn function(&self, name: &str) -> u64 {
        let function =
            self.image.functions.iter().find(|function| function.name == name).expect("it is built in");
        self.image.base + u64::from(self.image.code_offset + function.offset)
    }

    /// Call `reflectcall` with arguments of `bytes` bytes, the last eight of them the result, in a frame of that size.
    fn reflectcall(&mut self, bytes: u64) {
        let sp = STACK_HIGH - 64;
        self.guest().set_reg(regs::SP, sp);
        let sizes = bytes | (bytes - 8) << 32;
        for (at, word) in [0x7770, CLOSURE, ARGS, sizes, bytes, 0].into_iter().enumerate() {
            self.put(sp + 8 * at as u64, word);
        }
        let (entry, back) = (self.function("runtime.reflectcall"), self.service("caller"));
        self.cpu.pc = port().call(&mut self.guest(), entry, back).expect("the stack is mapped");
    }

    /// Run to the next service; returns its symbol.
    fn next_service(&mut self) -> String {
        let limits = Limits { until_step: 1_000_000 };
        let exit = run(
            &mut self.cpu,
            &mut self.mem,
            &mut self.code,
            &self.isa,
            &mut self.shadow,
            &mut NoObserver,
            limits,
        );
        match exit {
            Exit::Hook(number) => self.services[number as usize].clone(),
            other => panic!("{other:?}"),
        }
    }

    fn return_from_service(&mut self) {
        self.cpu.pc = port().ret(&mut self.guest()).expect("the service has been called");
    }

    /// The callee's part: checks the arguments, stores a result over the last of them.
    fn serve_callee(&mut self, bytes: u64) {
        assert_eq!(self.next_service(), "callee");
        assert_eq!(self.cpu.reg(regs::CTXT), CLOSURE);
        let first = self.sp() + 8;
        for at in (0..bytes - 8).step_by(8) {
            assert_eq!(self.get(first + at), 1000 + at, "argument word at {at}");
        }
        self.put(first + bytes - 8, 4242);
        self.return_from_service();
    }

    /// `reflectcallmove`'s part: checks what it is told to copy.
    fn serve_move(&mut self, bytes: u64) {
        assert_eq!(self.next_service(), "runtime.reflectcallmove");
        let first = self.sp() + 8;
        let [ty, dst, src, size, registers] = [0, 1, 2, 3, 4].map(|n| self.get(first + 8 * n));
        assert_eq!((ty, dst, size), (0x7770, ARGS + bytes - 8, 8));
        assert!(!self.epoch.has_reg_args() || registers == 0, "nil stands for the registers");
        assert_eq!(self.get(src), 4242, "the source is the result");
        self.return_from_service();
    }

    /// The way back to whoever called `reflectcall`.
    fn assert_back(&mut self) {
        assert_eq!(self.next_service(), "caller");
        assert_eq!(self.sp(), STACK_HIGH - 64, "the stack is balanced");
        assert_eq!(self.cpu.reg(regs::HOST_RESULT), 0, "nothing unwinds");
        assert!(self.cpu.windows().is_empty());
    }
}

fn fill_arguments(rig: &mut Rig, bytes: u64) {
    for at in (0..bytes).step_by(8) {
        rig.put(ARGS + at, 1000 + at);
    }
}

#[test]
fn reflectcall_copies_calls_and_passes_results_on_in_every_epoch() {
    for epoch in EPOCHS {
        for bytes in [16, 24, 128, 1000, 65536] {
            let mut rig = Rig::new(epoch);
            fill_arguments(&mut rig, bytes);
            rig.reflectcall(bytes);
            rig.serve_callee(bytes);
            rig.serve_move(bytes);
            rig.assert_back();
        }
    }
}

#[test]
fn a_nil_function_panics_before_anything_is_copied() {
    for epoch in EPOCHS {
        let mut rig = Rig::new(epoch);
        rig.reflectcall(16);
        rig.put(STACK_HIGH - 64 + 8, 0);
        assert_eq!(rig.next_service(), "runtime.sigpanic");
    }
}

#[test]
fn a_frame_of_more_than_a_gigabyte_is_refused() {
    for epoch in EPOCHS {
        let mut rig = Rig::new(epoch);
        rig.reflectcall(16);
        // The size that counts: until 2018 that of the arguments.
        let size_at = if epoch.has_reg_args() { 32 } else { 24 };
        rig.put(STACK_HIGH - 64 + size_at, (1 << 30) + 1);
        assert_eq!(rig.next_service(), "runtime.badreflectcall");
    }
}

#[test]
fn after_the_stack_has_grown_the_trampoline_starts_anew() {
    for epoch in EPOCHS {
        let mut rig = Rig::new(epoch);
        fill_arguments(&mut rig, 512);
        rig.put(STACK_GUARD, STACK_HIGH);
        rig.reflectcall(512);
        assert_eq!(rig.next_service(), "runtime.morestack_noctxt");
        let (sp, entry) = (rig.sp(), rig.function("runtime.call512"));
        let function = rig.isa.function_at(entry).expect("it is built in");
        assert_eq!(rig.get(sp), go_pc::entry(function), "the return address is the function's start");
        rig.put(STACK_GUARD, STACK_LOW);
        let isa = WasmIsa::new(BASE, &rig.image.bytes).expect("as before");
        rig.cpu.pc = port().ret_from_growth(&mut rig.guest(), &isa).expect("a prologue has called");
        assert_eq!(rig.cpu.pc, entry);
        rig.serve_callee(512);
        rig.serve_move(512);
        rig.assert_back();
    }
}

#[test]
fn a_trampoline_can_be_entered_where_its_call_returns() {
    for epoch in EPOCHS {
        let mut rig = Rig::new(epoch);
        fill_arguments(&mut rig, 64);
        rig.reflectcall(64);
        assert_eq!(rig.next_service(), "callee");
        // WebAssembly's stack is lost and only Go's is left: enter the caller at the block of its return address.
        let sp = rig.sp();
        let return_address = rig.get(sp);
        rig.put(sp + 64, 4242);
        rig.guest().set_reg(regs::SP, sp + 8);
        let mut cpu = Cpu::at(rig.function("runtime.call64"));
        for global in (0..8).map(regs::global) {
            cpu.set(global, rig.cpu.reg(global), ());
        }
        rig.cpu = cpu;
        let (back, block) = (rig.service("caller"), return_address & 0xffff);
        assert!(block > 0);
        assert!(rig.cpu.push_window(regs::WINDOW, 1, &[(block, ())], regs::HOST_RESULT, back));
        // Where a function of Go 1.11 looks for it.
        rig.guest().set_reg(regs::PC_B, block);
        rig.serve_move(64);
        rig.assert_back();
    }
}

#[test]
fn the_stubs_pass_context_and_frame_in_every_epoch() {
    for epoch in EPOCHS {
        for (stub, target) in [
            ("reflect.makeFuncStub", "reflect.callReflect"),
            ("reflect.methodValueCall", "reflect.callMethod"),
        ] {
            let mut rig = Rig::new(epoch);
            let sp = STACK_HIGH - 64;
            rig.guest().set_reg(regs::SP, sp);
            rig.guest().set_reg(regs::CTXT, CLOSURE);
            let (entry, back) = (rig.function(stub), rig.service("caller"));
            rig.cpu.pc = port().call(&mut rig.guest(), entry, back).expect("the stack is mapped");
            assert_eq!(rig.next_service(), target);
            let first = rig.sp() + 8;
            let [context, frame, valid] = [0, 1, 2].map(|n| rig.get(first + 8 * n));
            assert_eq!((context, frame), (CLOSURE, sp), "{epoch} {stub}");
            if epoch >= Epoch::Y2020 {
                assert_eq!(rig.mem.load(valid, Access::little(0)), Ok(0), "no result is valid yet");
                let after_valid = if epoch >= Epoch::Y2021 { 32 } else { 24 };
                assert_eq!(valid, first + after_valid, "{epoch} {stub}");
            }
            rig.return_from_service();
            rig.assert_back();
        }
    }
}

#[test]
fn a_garbage_function_pointer_traps() {
    let mut rig = Rig::new(Epoch::Go127);
    rig.put(CLOSURE, 0xdead_0000_0000);
    rig.reflectcall(16);
    let limits = Limits { until_step: 1_000_000 };
    let exit =
        run(&mut rig.cpu, &mut rig.mem, &mut rig.code, &rig.isa, &mut rig.shadow, &mut NoObserver, limits);
    assert!(matches!(exit, Exit::Trap(_)), "{exit:?}");
}
