//! The instruction probe executes what it is given, changes nothing else, and survives traps.

use rcsim_tests::oracle::arch::ArchOracle;
use rcsim_tests::oracle::llvm::assemble;
use rcsim_tests::oracle::require;
use rcsim_tests::probe::{Case, End, Executor, Probe, SCRATCH, SCRATCH_BYTES, State, code_address};

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// Registers whose bits are not all free: a mask of those that are, and the others' values.
fn restricted(name: &str) -> Option<(u64, u64)> {
    match name {
        "cpsr" => Some((0xf000_0000, 0)),
        "fpcr" => Some((0x03c0_0000, 0)),
        "fpsr" => Some((0x0800_009f, 0)),
        "eflags" => Some((0xcd5, 0)),
        "mxcsr" => Some((0xe03f, 0x1f80)),
        _ => None,
    }
}

struct Bench {
    arch: ArchOracle,
    probe: Probe,
}

impl Bench {
    fn new(goarch: &str, executor: Executor) -> Self {
        let arch = require(ArchOracle::load(goarch));
        let probe = require(Probe::start(&arch, executor));
        Self { arch, probe }
    }

    fn code(&self, assembly: &str) -> Vec<u8> {
        let prefix = if self.arch.goarch == "amd64" { ".intel_syntax noprefix\n" } else { "" };
        require(assemble(&self.arch, &format!("{prefix}{assembly}\n")))
    }

    fn case(&self, assembly: &str) -> Case {
        let state = self.probe.layout().zero();
        let mut case = Case { code: self.code(assembly), state, memory: Box::new([0; SCRATCH_BYTES]) };
        if self.arch.goarch == "amd64" {
            self.set(&mut case.state, "mxcsr", 0x1f80);
        }
        case
    }

    fn random_state(&self, random: &mut Random) -> State {
        let mut state = self.probe.layout().zero();
        let registers: Vec<(String, usize)> =
            self.probe.layout().registers().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
        for (name, bytes) in registers {
            let value: Vec<u8> = (0..bytes).step_by(8).flat_map(|_| random.next().to_le_bytes()).collect();
            require(state.set(self.probe.layout(), &name, &value));
            if let Some((free, fixed)) = restricted(&name) {
                self.set(&mut state, &name, random.next() & free | fixed);
            }
        }
        state
    }

    fn set(&self, state: &mut State, name: &str, value: u64) {
        require(state.set(self.probe.layout(), name, &value.to_le_bytes()));
    }

    fn get(&self, state: &State, name: &str) -> u64 {
        let bytes = require(state.get(self.probe.layout(), name));
        u64::from_le_bytes(bytes.try_into().expect("a register of 8 bytes"))
    }

    fn finished(&mut self, case: &Case) -> (State, Box<[u8; SCRATCH_BYTES]>) {
        let outcome = require(self.probe.run_one(case));
        match outcome.end {
            End::Finished(state) => (state, outcome.memory),
            End::Trapped { signal, address } => panic!("signal {signal} at {address:#x}"),
        }
    }
}

fn executors() -> Vec<(&'static str, Executor)> {
    let mut all = vec![("arm64", Executor::Emulator), ("amd64", Executor::Emulator)];
    for goarch in ["arm64", "amd64"] {
        if require(ArchOracle::load(goarch)).is_native() {
            all.push((goarch, Executor::Native));
        }
    }
    all
}

#[test]
fn code_without_effect_changes_no_register_and_no_memory() {
    for (goarch, executor) in executors() {
        let mut bench = Bench::new(goarch, executor);
        let mut random = Random(SEED);
        for _ in 0..3 {
            let mut case = bench.case("nop");
            case.state = bench.random_state(&mut random);
            case.memory.fill_with(|| random.next() as u8);
            let (state, memory) = bench.finished(&case);
            let changed = case.state.differences(&state, bench.probe.layout());
            assert!(changed.is_empty(), "{goarch} {executor:?} seed {SEED:#x}: {changed:?}");
            assert!(memory == case.memory, "{goarch} {executor:?} seed {SEED:#x}: memory changed");
        }
    }
}

#[test]
fn addition_sets_result_and_flags() {
    for (goarch, executor) in executors() {
        let mut bench = Bench::new(goarch, executor);
        let (code, left, right, result, flags, expected) = match goarch {
            "arm64" => ("adds x30, x29, x28", "x29", "x28", "x30", "cpsr", 0x6000_0000),
            _ => ("add rsp, rbx", "rsp", "rbx", "rsp", "eflags", 0x55),
        };
        let mut case = bench.case(code);
        bench.set(&mut case.state, left, u64::MAX);
        bench.set(&mut case.state, right, 1);
        let (state, _) = bench.finished(&case);
        assert_eq!(bench.get(&state, result), 0, "{goarch} {executor:?}");
        assert_eq!(bench.get(&state, flags), expected, "{goarch} {executor:?}");
    }
}

#[test]
fn loads_and_stores_reach_the_page() {
    for (goarch, executor) in executors() {
        let mut bench = Bench::new(goarch, executor);
        let (code, base, result) = match goarch {
            "arm64" => ("ldr x3, [x2, #4088]\nstr x3, [x2, #8]", "x2", "x3"),
            _ => ("mov rdx, [rcx + 4088]\nmov [rcx + 8], rdx", "rcx", "rdx"),
        };
        let mut case = bench.case(code);
        case.memory[4088..].copy_from_slice(b"page end");
        bench.set(&mut case.state, base, SCRATCH);
        let (state, memory) = bench.finished(&case);
        assert_eq!(&bench.get(&state, result).to_le_bytes(), b"page end", "{goarch} {executor:?}");
        assert_eq!(&memory[8..16], b"page end", "{goarch} {executor:?}");
    }
}

#[test]
fn traps_end_a_case_and_not_the_probe() {
    const ILLEGAL_INSTRUCTION: u64 = 4;
    const INVALID_ACCESS: u64 = 11;
    for (goarch, executor) in executors() {
        let mut bench = Bench::new(goarch, executor);
        let (undefined, load, base) = match goarch {
            "arm64" => ("udf #0", "ldr x0, [x1]", "x1"),
            _ => ("ud2", "mov rax, [rcx]", "rcx"),
        };
        let mut outside = bench.case(load);
        let beyond = SCRATCH + SCRATCH_BYTES as u64;
        bench.set(&mut outside.state, base, beyond);
        let cases = [bench.case(undefined), bench.case("nop"), outside, bench.case("nop")];
        let outcomes = require(bench.probe.run(&cases));
        let trap = |signal, address: u64| format!("signal {signal} with address {address:#x}");
        let ends: Vec<String> = outcomes.iter().map(|outcome| outcome.end.summary()).collect();
        let first = trap(ILLEGAL_INSTRUCTION, code_address(0));
        let third = trap(INVALID_ACCESS, beyond);
        assert_eq!(ends, [first.as_str(), "finished", &third, "finished"], "{goarch} {executor:?}");
    }
}

#[test]
fn many_batches_keep_cases_apart_and_tell_their_addresses() {
    for (goarch, executor) in executors() {
        let mut bench = Bench::new(goarch, executor);
        let (code, input, output, pc, own_address) = match goarch {
            "arm64" => ("adr x9, #0\nadd x1, x0, #1", "x0", "x1", "x9", 0),
            _ => ("lea r9, [rip]\nlea rcx, [rax + 1]", "rax", "rcx", "r9", 7),
        };
        let code = bench.code(code);
        let mut cases = vec![Case { code, ..bench.case("nop") }; 300];
        for (number, case) in (0..).zip(&mut cases) {
            bench.set(&mut case.state, input, number);
        }
        for (index, outcome) in require(bench.probe.run(&cases)).iter().enumerate() {
            let End::Finished(state) = &outcome.end else {
                panic!("{goarch} {executor:?}: {}", outcome.end.summary())
            };
            assert_eq!(bench.get(state, output), index as u64 + 1, "{goarch} {executor:?}");
            assert_eq!(bench.get(state, pc), code_address(index) + own_address, "{goarch} {executor:?}");
            assert_eq!(outcome.address, code_address(index));
        }
    }
}

/// Instructions whose flags are all defined, or that leave the flags alone.
const AMD64_CODE: [&str; 10] = [
    "add rax, rcx",
    "adc eax, ecx",
    "sub r8w, r9w",
    "sbb bl, dl",
    "neg rsi",
    "lea rax, [rbx + rcx*4 + 16]",
    "movzx eax, bh",
    "pmuludq xmm1, xmm2",
    "paddq xmm3, xmm4",
    "bswap r11",
];

#[test]
fn emulator_and_this_machine_agree_on_random_operands() {
    if !require(ArchOracle::load("amd64")).is_native() {
        eprintln!("this machine is no amd64: only the emulator can be asked");
        return;
    }
    let mut native = Bench::new("amd64", Executor::Native);
    let mut emulated = Bench::new("amd64", Executor::Emulator);
    let mut random = Random(SEED);
    for assembly in AMD64_CODE {
        let mut cases = vec![native.case(assembly); 40];
        for case in &mut cases {
            case.state = native.random_state(&mut random);
        }
        let by_machine = require(native.probe.run(&cases));
        let by_emulator = require(emulated.probe.run(&cases));
        for (index, (machine, emulator)) in by_machine.iter().zip(&by_emulator).enumerate() {
            let different = machine.differences(emulator, native.probe.layout());
            assert!(different.is_empty(), "{assembly}, case {index}, seed {SEED:#x}: {different:?}");
        }
    }
}

#[test]
fn code_that_does_not_fit_is_refused() {
    let mut bench = Bench::new("amd64", Executor::Emulator);
    let case = Case { code: vec![0x90; 33], ..bench.case("nop") };
    let error = bench.probe.run_one(&case).expect_err("33 bytes do not fit").to_string();
    assert!(error.contains("33 bytes"), "{error}");
}
