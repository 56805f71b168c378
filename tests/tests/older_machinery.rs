//! The machinery of the epochs before 2020 at work on every port that had them: each instruction can be lifted,
//! `reflectcall` copies and calls, results go back as the epoch has it, and the stubs pass what the epoch passes.

use std::sync::Arc;

use rcsim_go::places::Places;
use rcsim_isa::ports;
use rcsim_machine::{CodeCache, Cpu, Exit, GuestThread, Limits, Memory, NoObserver, NoShadow, Perms, run};
use rcsim_tests::proof::is_lost;
use rcsim_uop::guest::Guest;
use rcsim_uop::op::{Edge, Op};
use rcsim_uop::port::{BuiltinFunction, BuiltinImage, Container, Convention, Externs, Program};
use rcsim_uop::{Epoch, Isa, Port, build_block};

const MIB: u64 = 1 << 20;
/// Offsets from the runtime's place: the goroutine, thread-local storage, the memory of the arguments, a function value.
const G: u64 = 0x1000;
const TLS: u64 = 0x2000;
const ARGS: u64 = 0x10_0000;
const CLOSURE: u64 = 0x3000;
/// Offset of the stack guard in the goroutine, in words.
const STACK_GUARD_WORDS: u64 = 2;
const TYPE: u64 = 0x7770;
const RESULT: u64 = 4242;

/// Service addresses by symbol.
struct Services<'a> {
    port: &'a dyn Port,
    symbols: Vec<String>,
}

impl Services<'_> {
    fn add(&mut self, symbol: &str) -> u64 {
        self.symbols.push(symbol.to_owned());
        self.port.service_address(self.symbols.len() as u32 - 1).expect("there is room for a few")
    }
}

impl Externs for Services<'_> {
    fn address(&mut self, symbol: &str) -> u64 {
        match self.symbols.iter().position(|known| known == symbol) {
            Some(number) => self.port.service_address(number as u32).expect("it has one"),
            None => self.add(symbol),
        }
    }
}

/// The machinery of an epoch with a goroutine.
struct Rig {
    port: &'static dyn Port,
    epoch: Epoch,
    image: BuiltinImage,
    isa: Arc<dyn Isa>,
    cpu: Cpu<NoShadow>,
    mem: Memory<NoShadow>,
    code: CodeCache,
    shadow: NoShadow,
    services: Vec<String>,
    places: Places,
    /// The stack pointer of whoever calls in.
    top: u64,
}

/// Every port with every epoch before 2020 that it has built in.
fn for_all(mut check: impl FnMut(&mut Rig)) {
    let mut checked = Vec::new();
    for port in ports() {
        for epoch in Epoch::ALL.into_iter().filter(|epoch| *epoch < Epoch::Y2020) {
            if let Some(mut rig) = Rig::new(port, epoch) {
                check(&mut rig);
                checked.push(format!("{} {epoch}", port.goarch()));
            }
        }
    }
    for expected in ["amd64 2014-before", "amd64 2014-df027ac", "arm64 2016-79561a8", "wasm 2018-e35a412"] {
        assert!(checked.iter().any(|seen| seen == expected), "{expected} is not among {checked:?}");
    }
}

impl Rig {
    fn new(port: &'static dyn Port, epoch: Epoch) -> Option<Self> {
        let places = Places::of(port);
        let mut services = Services { port, symbols: Vec::new() };
        let image = port.builtin(epoch, places.code, &mut services).ok()?;
        for own in ["the callee", "the caller"] {
            services.add(own);
        }
        let program = Program { base: image.base, file: &image.bytes };
        let isa = port.isa(&[], program).expect("built-in code can be set up");
        let mut mem = Memory::new(port.word().bytes, 1 << 26);
        mem.map(places.runtime, 2 * MIB, Perms::DATA);
        mem.map(places.stacks, 2 * MIB, Perms::DATA);
        mem.map(image.base, (image.bytes.len() as u64).next_multiple_of(MIB), Perms::CODE);
        mem.load_image(image.base, &image.bytes).expect("the memory is mapped");
        for number in 0..services.symbols.len() as u32 {
            mem.set_hook(port.service_address(number).expect("it has one"), number);
        }
        let top = places.stacks + 2 * MIB - 256;
        let mut rig = Self {
            port,
            epoch,
            image,
            isa,
            cpu: Cpu::default(),
            mem,
            code: CodeCache::new(),
            shadow: NoShadow,
            services: services.symbols,
            places,
            top,
        };
        rig.start();
        Some(rig)
    }

    fn start(&mut self) {
        let runtime = self.places.runtime;
        let port = self.port;
        port.set_constants(&mut self.guest());
        port.set_g(&mut self.guest(), runtime + G, runtime + TLS).expect("its memory is mapped");
        let callee = self.service("the callee");
        self.put(runtime + CLOSURE, callee);
        self.guard(self.places.stacks + 4096);
    }

    fn guard(&mut self, guard: u64) {
        self.put(self.places.runtime + G + STACK_GUARD_WORDS * self.word(), guard);
    }

    fn word(&self) -> u64 {
        self.port.word().bytes.into()
    }

    fn what(&self) -> String {
        format!("{} {}", self.port.goarch(), self.epoch)
    }

    fn service(&self, symbol: &str) -> u64 {
        let number = self.services.iter().position(|other| other == symbol).expect("a known service");
        self.port.service_address(number as u32).expect("it has one")
    }

    fn guest(&mut self) -> GuestThread<'_, NoShadow> {
        GuestThread::new(&mut self.cpu, &mut self.mem, &mut self.shadow, self.port.word().bytes == 8)
    }

    fn put(&mut self, at: u64, value: u64) {
        self.mem.store(at, self.port.word().access(), value).expect("the rig's memory is mapped");
    }

    fn put_half(&mut self, at: u64, value: u64) {
        self.mem.store(at, self.port.word().access_of(4), value).expect("the rig's memory is mapped");
    }

    fn get(&mut self, at: u64) -> u64 {
        self.mem.load(at, self.port.word().access()).expect("the rig's memory is mapped")
    }

    fn convention(&self) -> Convention {
        self.port.convention_in(self.epoch)
    }

    fn sp(&self) -> u64 {
        self.cpu.reg(self.convention().sp)
    }

    /// Where the first argument is at the first instruction of a function.
    fn args_at_entry(&self) -> u64 {
        self.sp() + u64::from(self.convention().args_above_sp)
    }

    /// Where a caller leaves the first argument.
    fn outgoing(&self) -> u64 {
        let convention = self.convention();
        let pushed = match convention.link {
            rcsim_uop::port::Link::Stack => self.port.word().register_bytes.into(),
            rcsim_uop::port::Link::Register(_) => 0,
        };
        self.top + u64::from(convention.args_above_sp) - pushed
    }

    fn function(&self, name: &str) -> &BuiltinFunction {
        let found = self.image.functions.iter().find(|function| function.name == name);
        found.unwrap_or_else(|| panic!("{} has no {name}", self.what()))
    }

    fn call(&mut self, name: &str) {
        let entry = self.image.base + u64::from(self.image.code_offset + self.function(name).offset);
        let back = self.service("the caller");
        let (sp, top, port) = (self.convention().sp, self.top, self.port);
        self.guest().set_reg(sp, top);
        self.cpu.pc = port.call(&mut self.guest(), entry, back).expect("the stack is mapped");
    }

    /// Call what `reflect` calls, with arguments of `bytes` bytes whose last word is the result.
    fn reflectcall(&mut self, bytes: u64) {
        let (runtime, word) = (self.places.runtime, self.word());
        for n in 0..bytes / word {
            self.put(runtime + ARGS + n * word, 1000 + n);
        }
        let mut at = self.outgoing();
        let typed = self.epoch > Epoch::Y2014Before;
        let pointers = [TYPE, runtime + CLOSURE, runtime + ARGS];
        for pointer in &pointers[usize::from(!typed)..] {
            self.put(at, *pointer);
            at += word;
        }
        self.put_half(at, bytes);
        self.put_half(at + 4, bytes - word);
        self.call("reflect.call");
    }

    /// Run to the next service; returns its symbol.
    fn next_service(&mut self) -> String {
        let limits = Limits { until_step: 10_000_000 };
        let exit = run(
            &mut self.cpu,
            &mut self.mem,
            &mut self.code,
            &*self.isa,
            &mut self.shadow,
            &mut NoObserver,
            limits,
        );
        match exit {
            Exit::Hook(number) => self.services[number as usize].clone(),
            other => panic!("{}: {other:?}", self.what()),
        }
    }

    fn expect(&mut self, service: &str) {
        let next = self.next_service();
        assert_eq!(next, service, "{}", self.what());
    }

    fn return_from_service(&mut self) {
        let port = self.port;
        self.cpu.pc = port.ret(&mut self.guest()).expect("the service has been called");
    }

    /// The callee's part: checks the arguments, stores a result over the last of them.
    fn serve_callee(&mut self, bytes: u64) {
        self.expect("the callee");
        let (first, word) = (self.args_at_entry(), self.word());
        for n in 0..bytes / word - 1 {
            assert_eq!(self.get(first + n * word), 1000 + n, "{}: argument word {n}", self.what());
        }
        self.put(first + bytes - word, RESULT);
        self.return_from_service();
    }

    fn result(&mut self, bytes: u64) -> u64 {
        self.get(self.places.runtime + ARGS + bytes - self.word())
    }

    /// The part of whatever the epoch calls about the results.
    fn serve_results(&mut self, bytes: u64) {
        let (args, word, what) = (self.places.runtime + ARGS, self.word(), self.what());
        match self.epoch {
            Epoch::Y2014Before => {}
            Epoch::Y2014 => {
                self.expect("runtime.callwritebarrier");
                let first = self.args_at_entry();
                let passed = [0, 1, 2, 3].map(|n| self.get(first + n * word));
                assert_eq!(passed, [TYPE, args, bytes, bytes - word], "{what}");
                assert_eq!(self.result(bytes), RESULT, "{what}: the copy comes first");
                self.return_from_service();
            }
            _ => {
                self.expect("runtime.reflectcallmove");
                let first = self.args_at_entry();
                let [ty, to, from, size] = [0, 1, 2, 3].map(|n| self.get(first + n * word));
                assert_eq!((ty, to, size), (TYPE, args + bytes - word, word), "{what}");
                let result = self.get(from);
                self.put(to, result);
                self.return_from_service();
            }
        }
        self.expect("the caller");
        assert_eq!(self.sp(), self.top, "{what}: the stack is balanced");
        assert_eq!(self.result(bytes), RESULT, "{what}");
    }

    /// Addresses of the instructions of a routine, found by following control; each must be liftable.
    fn lift_all(&self, function: &BuiltinFunction) -> usize {
        let start = self.image.base + u64::from(self.image.code_offset + function.offset);
        let inside = start..start + u64::from(function.size);
        let (mut seen, mut waiting) = (std::collections::BTreeSet::new(), vec![start]);
        while let Some(pc) = waiting.pop() {
            if !inside.contains(&pc) || !seen.insert(pc) {
                continue;
            }
            let block = build_block(&*self.isa, &self.mem, pc, usize::MAX)
                .unwrap_or_else(|error| panic!("{} {}: {error}", self.what(), function.name));
            waiting.extend(block.exits.iter().copied());
            let comes_back = matches!(
                block.ops.last(),
                Some(Op::Goto { edge: Edge::Call } | Op::GotoReg { edge: Edge::Call, .. })
            );
            waiting.extend(comes_back.then(|| block.end()));
            self.isa.disasm(&self.mem, pc).unwrap_or_else(|error| panic!("{}: {error}", function.name));
        }
        seen.len()
    }
}

#[test]
fn every_instruction_can_be_lifted_and_listed() {
    for_all(|rig| {
        for function in &rig.image.functions {
            assert!(rig.lift_all(function) > 0, "{} {}", rig.what(), function.name);
        }
    });
}

#[test]
fn reflectcall_copies_calls_and_gives_results_back() {
    for_all(|rig| {
        if is_lost(rig.port, rig.epoch) {
            return;
        }
        for bytes in [16, 24, 40, 128, 1000, 4096, 65536] {
            rig.reflectcall(bytes);
            rig.serve_callee(bytes);
            rig.serve_results(bytes);
        }
    });
}

#[test]
fn after_the_stack_has_grown_the_trampoline_starts_anew() {
    for_all(|rig| {
        if is_lost(rig.port, rig.epoch) {
            return;
        }
        for bytes in [64, 512, 65536] {
            rig.guard(rig.top);
            rig.reflectcall(bytes);
            rig.expect("runtime.morestack_noctxt");
            rig.guard(rig.places.stacks + 4096);
            let (port, isa) = (rig.port, Arc::clone(&rig.isa));
            rig.cpu.pc = port.ret_from_growth(&mut rig.guest(), &*isa).expect("a prologue has called");
            rig.serve_callee(bytes);
            rig.serve_results(bytes);
        }
    });
}

#[test]
fn a_stop_that_is_asked_for_is_noticed_by_every_trampoline() {
    // What the guard is set to then (`StackPreempt`): nearly the largest word, which a check must not wrap around.
    const ASKED: u64 = -1314_i64 as u64;
    for_all(|rig| {
        if rig.port.container() == Container::Wasm {
            // Nothing asks there, for there is one thread, and large frames do not heed it.
            return;
        }
        if is_lost(rig.port, rig.epoch) {
            return;
        }
        for bytes in [64, 512, 65536] {
            rig.guard(ASKED & (u64::MAX >> (64 - 8 * rig.word())));
            rig.reflectcall(bytes);
            rig.expect("runtime.morestack_noctxt");
        }
    });
}

#[test]
fn a_frame_of_more_than_a_gigabyte_is_refused() {
    for_all(|rig| {
        rig.reflectcall(64);
        let pointers = if rig.epoch > Epoch::Y2014Before { 3 } else { 2 };
        let size_at = rig.outgoing() + pointers * rig.word();
        rig.put_half(size_at, (1 << 30) + 1);
        rig.expect("runtime.badreflectcall");
    });
}

#[test]
fn the_stubs_pass_their_context_and_the_arguments_and_no_flag() {
    for_all(|rig| {
        for (stub, target) in [
            ("reflect.makeFuncStub", "reflect.callReflect"),
            ("reflect.methodValueCall", "reflect.callMethod"),
        ] {
            let (context, closure) = (rig.convention().context, rig.places.runtime + CLOSURE);
            let word = rig.word();
            rig.guest().set_reg(context, closure);
            rig.call(stub);
            rig.expect(target);
            let first = rig.args_at_entry();
            let passed = [0, 1].map(|n| rig.get(first + n * word));
            assert_eq!(passed, [closure, rig.outgoing()], "{} {stub}", rig.what());
            rig.return_from_service();
            rig.expect("the caller");
            assert_eq!(rig.sp(), rig.top, "{} {stub}", rig.what());
        }
    });
}

#[test]
fn a_wrapper_adopts_the_panic_of_its_own_frame_and_no_other() {
    // Offset of the innermost panic in a goroutine, in words; its first word is the argument pointer.
    const PANIC_WORDS: u64 = 4;
    const PANIC: u64 = 0x4000;
    for_all(|rig| {
        let (runtime, word) = (rig.places.runtime, rig.word());
        for ours in [true, false] {
            let argument_pointer = if ours { rig.outgoing() } else { 1 };
            rig.put(runtime + G + PANIC_WORDS * word, runtime + PANIC);
            rig.put(runtime + PANIC, argument_pointer);
            rig.reflectcall(64);
            rig.expect("the callee");
            let expected = if ours { rig.args_at_entry() } else { 1 };
            assert_eq!(rig.get(runtime + PANIC), expected, "{}", rig.what());
        }
    });
}
