//! Go modules for WebAssembly: the built-in machinery against what real toolchains make, and the lift over all their
//! code.

use std::fs;

use rcsim_isa::wasm::plan::{Plan, Step};
use rcsim_isa::wasm::{WasmIsa, go_pc};
use rcsim_machine::{Memory, NoShadow};
use rcsim_tests::oracle::go::{Go, GoBuild, Toolchain};
use rcsim_tests::oracle::{require, workspace_root};
use rcsim_uop::port::{BuildError, BuiltinFunction, BuiltinImage, Externs};
use rcsim_uop::{Epoch, Isa, Port, build_block};
use wasmparser::{BinaryReader, Operator, OperatorsReader};

const BASE: u64 = 0x10_0000_0000;

fn port() -> &'static dyn Port {
    rcsim_isa::port("wasm").expect("the port exists")
}

/// The sample program as a toolchain builds it.
fn real(toolchain: Toolchain) -> WasmIsa {
    let go = require(Go::find(toolchain));
    let program = require(go.build(&GoBuild::js_wasm(workspace_root().join("tests/go/sample"))));
    let file = fs::read(program).expect("the program has been built");
    WasmIsa::new(BASE, &file).expect("Go makes modules that can be read")
}

/// Services at the addresses that the port has for them.
struct Services {
    symbols: Vec<String>,
}

impl Externs for Services {
    fn address(&mut self, symbol: &str) -> u64 {
        self.symbols.push(symbol.to_owned());
        port().service_address(self.symbols.len() as u32).expect("there is room for a few")
    }
}

fn built_in(epoch: Epoch) -> (BuiltinImage, WasmIsa, Vec<String>) {
    let mut services = Services { symbols: Vec::new() };
    let image = port().builtin(epoch, BASE, &mut services).expect("the epoch is described");
    let isa = WasmIsa::new(BASE, &image.bytes).expect("the built-in module can be read");
    (image, isa, services.symbols)
}

/// The own function called `name`.
fn function(isa: &WasmIsa, name: &str) -> u32 {
    let module = isa.module();
    let imports = module.imports.len() as u32;
    let mut own = 0..module.functions.len() as u32;
    own.find(|index| module.name(imports + index) == name)
        .unwrap_or_else(|| panic!("the module has no {name}"))
}

fn plan(isa: &WasmIsa, index: u32) -> &Plan {
    isa.plan(&isa.module().functions[index as usize]).expect("Go's functions have plans")
}

fn bytes_of<'a>(isa: &'a WasmIsa, plan: &Plan, at: usize) -> &'a [u8] {
    let next = plan.steps.get(at + 1).map_or(plan.end, |step| step.offset);
    &isa.module().file[plan.steps[at].offset as usize..next as usize]
}

/// `i64.store` at offset 0, which follows each return address.
const STORE: &[u8] = &[0x37, 3, 0];

/// An operator with what a linker fills in made comparable: calls by name, return addresses by block.
fn comparable(isa: &WasmIsa, index: u32, plan: &Plan, at: usize) -> Vec<u8> {
    let entry = go_pc::entry(index) as i64;
    let is_stored = at + 1 < plan.steps.len() && bytes_of(isa, plan, at + 1) == STORE;
    let bytes = bytes_of(isa, plan, at);
    match OperatorsReader::new(BinaryReader::new(bytes, 0)).read() {
        Ok(Operator::Call { function_index }) => {
            format!("call {}", isa.module().name(function_index)).into_bytes()
        }
        Ok(Operator::I64Const { value }) if is_stored && value & !0xffff == entry => {
            format!("return address, block {}", value & 0xffff).into_bytes()
        }
        _ => bytes.to_vec(),
    }
}

/// The first difference between a built-in function and the real one.
fn difference(ours: &WasmIsa, real: &WasmIsa, name: &str) -> Option<String> {
    let (a, b) = (function(ours, name), function(real, name));
    let locals = |isa: &WasmIsa, index: u32| {
        let function = &isa.module().functions[index as usize];
        isa.module().file[function.body.start as usize..function.entry as usize].to_vec()
    };
    if locals(ours, a) != locals(real, b) {
        return Some(format!("{name}: locals {:?}, really {:?}", locals(ours, a), locals(real, b)));
    }
    let (ours_plan, real_plan) = (plan(ours, a), plan(real, b));
    for at in 0..ours_plan.steps.len().max(real_plan.steps.len()) {
        let side = |isa: &WasmIsa, plan: &Plan, index| {
            (at < plan.steps.len()).then(|| comparable(isa, index, plan, at))
        };
        let (x, y) = (side(ours, ours_plan, a), side(real, real_plan, b));
        if x != y {
            return Some(format!("{name}: operator {at} is {x:x?}, really {y:x?}"));
        }
    }
    None
}

fn assert_equal_to_real(epoch: Epoch, toolchain: Toolchain) {
    let (image, ours, _) = built_in(epoch);
    let real = real(toolchain);
    let names: Vec<&str> = image.functions.iter().map(|function| function.name.as_str()).collect();
    assert!(names.len() >= 31, "reflectcall, 27 callN, callRet and two stubs at least: {names:?}");
    let differences: Vec<String> = names.iter().filter_map(|name| difference(&ours, &real, name)).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn built_in_machinery_of_go_1_19_is_what_go_1_19_makes() {
    assert_equal_to_real(Epoch::Go119, Toolchain::Go1_19);
}

#[test]
fn built_in_machinery_of_go_1_27_is_what_go_1_27_makes() {
    assert_equal_to_real(Epoch::Go127, Toolchain::Go1_27);
}

#[test]
fn a_changed_trampoline_is_noticed() {
    let (_, of_1_19, _) = built_in(Epoch::Go119);
    let (_, of_1_27, _) = built_in(Epoch::Go127);
    assert!(difference(&of_1_19, &of_1_27, "runtime.call64").is_some());
    assert!(difference(&of_1_19, &of_1_27, "callRet").is_none(), "it has not changed");
}

#[test]
fn the_stubs_pass_registers_since_2021() {
    let frame = |epoch| {
        let (image, ..) = built_in(epoch);
        image.functions.iter().find(|f| f.name == "reflect.makeFuncStub").map(|f| f.frame_bytes)
    };
    assert_eq!([Epoch::Y2018, Epoch::Y2020, Epoch::Y2021].map(frame), [Some(16), Some(32), Some(40)]);
}

#[test]
fn every_epoch_before_the_port_is_refused() {
    for epoch in [Epoch::Y2014Before, Epoch::Y2014, Epoch::Y2016] {
        let built = port().builtin(epoch, BASE, &mut Services { symbols: Vec::new() });
        assert!(
            matches!(built, Err(BuildError::NoSuchEpoch { first: Epoch::Y2018, .. })),
            "{epoch}: {built:?}"
        );
    }
}

#[test]
fn the_built_in_machinery_needs_only_these_services() {
    let (.., symbols) = built_in(Epoch::Go127);
    let expected = [
        "runtime.sigpanic",
        "runtime.badreflectcall",
        "runtime.morestack_noctxt",
        "runtime.reflectcallmove",
        "reflect.callReflect",
        "reflect.callMethod",
    ];
    assert_eq!(symbols, expected);
}

/// The stack pointer's depth at an offset of a function.
fn depth_at(function: &BuiltinFunction, offset: u32) -> i32 {
    function.sp_deltas.iter().rev().find(|(from, _)| *from <= offset).map_or(0, |(_, delta)| *delta)
}

#[test]
fn a_built_in_frame_lies_above_the_stack_pointer_wherever_a_call_returns() {
    for epoch in [Epoch::Y2018, Epoch::Go127] {
        frames_lie_above_the_stack_pointer(epoch);
    }
}

fn frames_lie_above_the_stack_pointer(epoch: Epoch) {
    let (image, isa, _) = built_in(epoch);
    for function in &image.functions {
        let start = image.base + u64::from(image.code_offset + function.offset);
        let blocks = plan(&isa, isa.function_at(start).expect("a function starts there")).steps.len();
        let entry = port().go_pc(&isa, start).expect("it has a Go PC");
        for block in 1..blocks as u64 {
            let resume = port().machine_pc(&isa, entry + block).expect("every block has an address");
            if resume != start {
                let depth = depth_at(function, (resume - start) as u32 - 1);
                assert_eq!(depth, function.frame_bytes as i32, "{} block {block}", function.name);
            }
        }
    }
}

/// Lifts every block of a module in order; returns operators and micro-ops.
fn lift_all(isa: &WasmIsa) -> (usize, usize) {
    let mem = Memory::<NoShadow>::new(8, 1 << 20);
    let (mut insns, mut ops) = (0, 0);
    for function in &isa.module().functions {
        let plan = isa.plan(function).unwrap_or_else(|error| panic!("{error}"));
        let mut next = Some(function.entry);
        while let Some(offset) = next {
            let pc = isa.space().file(offset);
            let block = build_block(isa, &mem, pc, usize::MAX).unwrap_or_else(|error| panic!("{error}"));
            insns += block.insns.len();
            ops += block.ops.len();
            next = after(plan, &block.insns.last().map(|mark| (mark.pc - BASE) as u32));
        }
    }
    (insns, ops)
}

fn after(plan: &Plan, last: &Option<u32>) -> Option<u32> {
    let last = (*last)?;
    let at = plan.steps.partition_point(|step: &Step| step.offset <= last);
    plan.steps.get(at).map(|step| step.offset)
}

#[test]
fn every_operator_of_real_go_modules_lifts_to_few_micro_ops() {
    for toolchain in Toolchain::ALL {
        let isa = real(toolchain);
        let (insns, ops) = lift_all(&isa);
        assert!(insns > 500_000, "{insns} operators");
        let ratio = ops as f64 / insns as f64;
        println!("{toolchain}: {insns} operators, {ops} micro-ops, {ratio:.3} each");
        assert!(ratio <= 1.4, "{toolchain}: {ratio}");
    }
}

#[test]
fn every_operator_of_real_go_modules_has_a_text() {
    let mem = Memory::<NoShadow>::new(8, 1 << 20);
    for toolchain in Toolchain::ALL {
        let isa = real(toolchain);
        for function in &isa.module().functions {
            for step in &isa.plan(function).expect("Go's functions have plans").steps {
                let pc = isa.space().file(step.offset);
                let text = isa.disasm(&mem, pc).unwrap_or_else(|error| panic!("{error}")).text;
                assert!(!text.is_empty() && !text.starts_with("unknown"), "{text}");
            }
        }
    }
}

#[test]
fn go_pcs_of_real_functions_lead_there_and_back() {
    let isa = real(Toolchain::Go1_27);
    for name in ["runtime.call64", "reflect.makeFuncStub", "reflect.Value.Call", "main.main"] {
        let index = function(&isa, name);
        let entry = isa.space().file(isa.module().functions[index as usize].entry);
        assert_eq!(port().go_pc(&isa, entry), Some(go_pc::entry(index)), "{name}");
        assert_eq!(port().machine_pc(&isa, go_pc::entry(index)), Some(entry), "{name}");
        for block in 1..8 {
            let resume =
                port().machine_pc(&isa, go_pc::entry(index) + block).expect("an address in the function");
            assert_eq!(isa.function_at(resume), Some(index), "{name} block {block}");
            let back = port().go_pc(&isa, resume).expect("a Go PC");
            assert_eq!(port().machine_pc(&isa, back), Some(resume), "{name} block {block}");
        }
    }
}
