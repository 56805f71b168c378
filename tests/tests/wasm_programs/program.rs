//! A program loaded and run, whatever system it is for.

use rcsim_isa::wasm::isa::GROW_MEMORY;
use rcsim_isa::wasm::{WasmIsa, regs};
use rcsim_machine::{CodeCache, Cpu, Exit, Limits, Memory, NoObserver, NoShadow, Perms, run};
use rcsim_uop::op::Access;
use rcsim_uop::reg::Reg;
use wasmparser::{DataKind, ExternalKind, Operator, Parser, Payload};

const BASE: u64 = 0x10_0000_0000;
const PAGE_BYTES: u64 = 1 << 16;
const MAX_PAGES: u64 = 4096;
const RETURN: u64 = 0x7000_0000_0000;
const MAX_STEPS: u64 = 2_000_000_000;

/// The functions that a system gives to a program.
pub trait Host {
    /// The export that starts a program.
    const ENTRY: &'static str;

    /// Arguments of the entry, with what they point to put into memory.
    fn start(&mut self, program: &mut Program) -> Vec<u64>;

    /// Perform an imported function.
    fn call(&mut self, program: &mut Program, name: &str) -> Answer;
}

/// What an imported function does.
pub enum Answer {
    /// It returns.
    Result(u64),
    /// The program ends with this code.
    Exit(u64),
}

/// A loaded program.
pub struct Program {
    pub cpu: Cpu<NoShadow>,
    isa: WasmIsa,
    mem: Memory<NoShadow>,
    code: CodeCache,
    entries: Vec<(String, u32)>,
    /// What it wrote, by file descriptor 1 and 2.
    pub written: [Vec<u8>; 2],
}

impl Program {
    pub fn load(file: &[u8]) -> Self {
        let isa = WasmIsa::new(BASE, file).expect("Go makes modules that can be read");
        let mut mem = Memory::new(8, 1 << 30);
        let pages = isa.module().initial_pages;
        mem.map(0, pages * PAGE_BYTES, Perms::DATA);
        mem.set_hook(RETURN, 0);
        let mut entries = Vec::new();
        for payload in Parser::new(0).parse_all(file) {
            match payload.expect("the module has been parsed before") {
                Payload::DataSection(segments) => {
                    for data in segments.into_iter().flatten() {
                        load_segment(&mut mem, &data);
                    }
                }
                Payload::ExportSection(exports) => {
                    let functions =
                        exports.into_iter().flatten().filter(|export| export.kind == ExternalKind::Func);
                    entries.extend(functions.map(|export| (export.name.to_owned(), export.index)));
                }
                _ => {}
            }
        }
        let mut cpu = Cpu::default();
        cpu.set(regs::MEMORY_PAGES, pages, ());
        Self { cpu, isa, mem, code: CodeCache::new(), entries, written: [Vec::new(), Vec::new()] }
    }

    /// Run to the exit; returns the exit code.
    pub fn run<H: Host>(&mut self, host: &mut H) -> u64 {
        let args = host.start(self);
        self.enter(H::ENTRY, &args);
        let limits = Limits { until_step: MAX_STEPS };
        loop {
            let exit = run(
                &mut self.cpu,
                &mut self.mem,
                &mut self.code,
                &self.isa,
                &mut NoShadow,
                &mut NoObserver,
                limits,
            );
            match exit {
                Exit::Syscall(code) if code & 0xffff_ff00 == GROW_MEMORY => self.grow(Reg(code as u8)),
                Exit::Syscall(import) => {
                    let name = self.isa.module().imports[import as usize].name.clone();
                    match host.call(self, &name) {
                        Answer::Exit(code) => return code,
                        Answer::Result(value) => {
                            self.cpu.pc = self.cpu.pop_window(value, ()).expect("an import has been called");
                        }
                    }
                }
                other => panic!("{other:?}\n{}", self.text(2)),
            }
        }
    }

    fn enter(&mut self, name: &str, args: &[u64]) {
        let entry =
            self.entries.iter().find(|(export, _)| export == name).expect("a program starts somewhere");
        let (callee, _) = self.isa.module().callee(entry.1).expect("what is exported exists");
        self.cpu.pc = self.isa.entry(callee);
        let args: Vec<(u64, ())> = args.iter().map(|value| (*value, ())).collect();
        assert!(self.cpu.push_window(regs::WINDOW, args.len() as u8, &args, regs::HOST_RESULT, RETURN));
    }

    fn grow(&mut self, slot: Reg) {
        let old = self.cpu.reg(regs::MEMORY_PAGES);
        let new = old + self.cpu.reg(slot);
        if new > MAX_PAGES {
            return self.cpu.set(slot, u64::from(u32::MAX), ());
        }
        self.mem.map(0, new * PAGE_BYTES, Perms::DATA);
        self.cpu.set(regs::MEMORY_PAGES, new, ());
        self.cpu.set(slot, old, ());
    }

    /// Argument number `n` of an imported function.
    pub fn arg(&self, n: u16) -> u64 {
        self.cpu.reg(regs::window(n))
    }

    /// Store `1 << log2` bytes.
    pub fn put(&mut self, at: u64, log2: u8, value: u64) {
        self.mem.store(at, Access::little(log2), value).expect("the program passes addresses of its own");
    }

    /// Load `1 << log2` bytes.
    pub fn get(&mut self, at: u64, log2: u8) -> u64 {
        self.mem.load(at, Access::little(log2)).expect("the program passes addresses of its own")
    }

    pub fn put_bytes(&mut self, at: u64, bytes: &[u8]) {
        self.mem.write_bytes(at, bytes).expect("the program passes addresses of its own");
    }

    /// Take what the program writes to a file descriptor.
    pub fn take(&mut self, descriptor: u64, at: u64, len: u64) {
        let mut bytes = vec![0; len as usize];
        self.mem.read_bytes(at, &mut bytes).expect("the program passes addresses of its own");
        self.written[usize::from(descriptor != 1)].extend(bytes);
    }

    /// What the program wrote to a file descriptor.
    pub fn text(&self, descriptor: usize) -> String {
        String::from_utf8_lossy(&self.written[descriptor - 1]).into_owned()
    }
}

fn load_segment(mem: &mut Memory<NoShadow>, data: &wasmparser::Data<'_>) {
    let DataKind::Active { offset_expr, .. } = &data.kind else { return };
    match offset_expr.get_operators_reader().read() {
        Ok(Operator::I32Const { value }) => {
            mem.write_bytes(u64::from(value as u32), data.data).expect("segments lie in memory");
        }
        other => panic!("data at {other:?}"),
    }
}

/// Bytes that look random and are the same in every run.
pub fn random_bytes(program: &mut Program, at: u64, len: u64) {
    let mut state = 1_u64;
    for byte in 0..len {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        program.put(at + byte, 0, state >> 56);
    }
}
