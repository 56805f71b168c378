//! Whole Go programs on WebAssembly, from the first instruction of the runtime to the exit: scheduler, garbage
//! collector, stack growth and resumption included. What they print must be what node prints.

use std::fs;

use rcsim_isa::wasm::isa::GROW_MEMORY;
use rcsim_isa::wasm::{WasmIsa, regs};
use rcsim_machine::{CodeCache, Cpu, Exit, Limits, Memory, NoObserver, NoShadow, Perms, run};
use rcsim_tests::oracle::go::{Go, GoBuild, Toolchain};
use rcsim_tests::oracle::run::build_and_run;
use rcsim_tests::oracle::{require, workspace_root};
use rcsim_uop::op::Access;
use rcsim_uop::reg::Reg;
use wasmparser::{DataKind, ExternalKind, Operator, Parser, Payload};

const BASE: u64 = 0x10_0000_0000;
const PAGE_BYTES: u64 = 1 << 16;
const MAX_PAGES: u64 = 4096;
const RETURN: u64 = 0x7000_0000_0000;
const MAX_STEPS: u64 = 2_000_000_000;

/// Error numbers of the WebAssembly System Interface, preview 1.
const SUCCESS: u64 = 0;
const BAD_DESCRIPTOR: u64 = 8;

/// A program under the few functions of the System Interface that such programs need.
struct Program {
    isa: WasmIsa,
    cpu: Cpu<NoShadow>,
    mem: Memory<NoShadow>,
    code: CodeCache,
    env: Vec<String>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    random: u64,
}

impl Program {
    fn load(file: &[u8], env: &[&str]) -> Self {
        let isa = WasmIsa::new(BASE, file).expect("Go makes modules that can be read");
        let mut mem = Memory::new(8, 1 << 30);
        let pages = isa.module().initial_pages;
        mem.map(0, pages * PAGE_BYTES, Perms::DATA);
        mem.set_hook(RETURN, 0);
        let mut entry = None;
        for payload in Parser::new(0).parse_all(file) {
            match payload.expect("the module has been parsed before") {
                Payload::DataSection(segments) => {
                    for data in segments.into_iter().flatten() {
                        load_segment(&mut mem, &data);
                    }
                }
                Payload::ExportSection(exports) => {
                    let start = exports.into_iter().flatten().find(|export| export.name == "_start");
                    entry =
                        start.filter(|export| export.kind == ExternalKind::Func).map(|export| export.index);
                }
                _ => {}
            }
        }
        let (callee, _) = isa.module().callee(entry.expect("a program starts somewhere")).expect("it exists");
        let mut cpu = Cpu::at(isa.entry(callee));
        cpu.set(regs::MEMORY_PAGES, pages, ());
        assert!(cpu.push_window(regs::WINDOW, 0, &[], regs::HOST_RESULT, RETURN));
        let env = env.iter().map(|pair| format!("{pair}\0")).collect();
        Self { isa, cpu, mem, code: CodeCache::new(), env, stdout: Vec::new(), stderr: Vec::new(), random: 1 }
    }

    /// Run to the exit; returns the exit code.
    fn run(&mut self) -> u64 {
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
                    if name == "proc_exit" {
                        return self.arg(0);
                    }
                    let result = self.import(&name);
                    self.cpu.pc = self.cpu.pop_window(result, ()).expect("an import has been called");
                }
                Exit::Hook(_) => return 0,
                other => panic!("{other:?}\n{}", String::from_utf8_lossy(&self.stderr)),
            }
        }
    }

    fn arg(&self, n: u16) -> u64 {
        self.cpu.reg(regs::window(n))
    }

    fn put(&mut self, at: u64, log2: u8, value: u64) {
        self.mem.store(at, Access::little(log2), value).expect("the program passes addresses of its own");
    }

    fn get(&mut self, at: u64, log2: u8) -> u64 {
        self.mem.load(at, Access::little(log2)).expect("the program passes addresses of its own")
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

    fn import(&mut self, name: &str) -> u64 {
        match name {
            "args_sizes_get" => self.sizes(&["program\0".to_owned()]),
            "args_get" => self.strings(&["program\0".to_owned()]),
            "environ_sizes_get" => self.sizes(&self.env.clone()),
            "environ_get" => self.strings(&self.env.clone()),
            "clock_time_get" => {
                // A nanosecond for each step.
                self.put(self.arg(2), 3, self.cpu.steps);
                SUCCESS
            }
            "random_get" => self.random(),
            "fd_write" => self.write(),
            "fd_fdstat_get" => {
                for word in 0..3 {
                    self.put(self.arg(1) + 8 * word, 3, 0);
                }
                SUCCESS
            }
            "fd_prestat_get" => BAD_DESCRIPTOR,
            "sched_yield" | "fd_fdstat_set_flags" => SUCCESS,
            "poll_oneoff" => self.poll(),
            other => panic!("the program calls {other}"),
        }
    }

    fn sizes(&mut self, texts: &[String]) -> u64 {
        self.put(self.arg(0), 2, texts.len() as u64);
        self.put(self.arg(1), 2, texts.iter().map(|text| text.len() as u64).sum());
        SUCCESS
    }

    fn strings(&mut self, texts: &[String]) -> u64 {
        let (mut list, mut at) = (self.arg(0), self.arg(1));
        for text in texts {
            self.put(list, 2, at);
            self.mem.write_bytes(at, text.as_bytes()).expect("the program passes addresses of its own");
            (list, at) = (list + 4, at + text.len() as u64);
        }
        SUCCESS
    }

    fn random(&mut self) -> u64 {
        for at in 0..self.arg(1) {
            self.random =
                self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            self.put(self.arg(0) + at, 0, self.random >> 56);
        }
        SUCCESS
    }

    fn write(&mut self) -> u64 {
        let [descriptor, list, count, written] = [0, 1, 2, 3].map(|n| self.arg(n));
        let mut all = Vec::new();
        for n in 0..count {
            let (at, len) = (self.get(list + 8 * n, 2), self.get(list + 8 * n + 4, 2));
            let mut bytes = vec![0; len as usize];
            self.mem.read_bytes(at, &mut bytes).expect("the program passes addresses of its own");
            all.extend(bytes);
        }
        self.put(written, 2, all.len() as u64);
        match descriptor {
            1 => self.stdout.extend(all),
            _ => self.stderr.extend(all),
        }
        SUCCESS
    }

    /// Every clock that is waited for has run out.
    fn poll(&mut self) -> u64 {
        let [asked, events, count, happened] = [0, 1, 2, 3].map(|n| self.arg(n));
        for n in 0..count {
            let (name, kind) = (self.get(asked + 48 * n, 3), self.get(asked + 48 * n + 8, 0));
            self.put(events + 32 * n, 3, name);
            self.put(events + 32 * n + 8, 1, SUCCESS);
            self.put(events + 32 * n + 10, 0, kind);
        }
        self.put(happened, 2, count);
        SUCCESS
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

/// What a program prints here, and what it prints under node.
fn both(source: &str, env: &[&str]) -> (String, String) {
    let go = require(Go::find(Toolchain::Go1_27));
    let source = workspace_root().join(source);
    let build = GoBuild { goos: "wasip1".to_owned(), ..GoBuild::js_wasm(&source) };
    let file = fs::read(require(go.build(&build))).expect("the program has been built");
    let mut program = Program::load(&file, env);
    let code = program.run();
    println!("{} steps, memory of {} pages", program.cpu.steps, program.cpu.reg(regs::MEMORY_PAGES));
    let stderr = String::from_utf8_lossy(&program.stderr).into_owned();
    assert_eq!(code, 0, "{stderr}");
    let node = require(build_and_run(&go, &GoBuild::js_wasm(&source), &[]));
    (String::from_utf8_lossy(&program.stdout).into_owned(), node.stdout)
}

#[test]
fn a_whole_go_program_prints_what_node_prints() {
    let (ours, nodes) = both("tests/go/sample", &[]);
    assert!(!nodes.is_empty());
    assert_eq!(ours, nodes);
}

#[test]
fn it_prints_the_same_while_the_collector_runs_all_the_time() {
    let (ours, nodes) = both("tests/go/sample", &["GOGC=1", "GODEBUG=gccheckmark=1"]);
    assert_eq!(ours, nodes);
}
