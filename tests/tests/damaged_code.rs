//! Programs whose machinery is damaged: rcsim runs what is left to a precise end, and never panics or hangs.
//!
//! A few bits are flipped in the code on the path of a reflective call of a real program. What then happens is up to the
//! bits; a run may even pass. It must end in one of the ways in which runs end, soon.

use std::collections::BTreeSet;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use object::{Object, ObjectSection, ObjectSymbol};
use rcsim_go::run::{CodeChoice, End, Request, run};
use rcsim_isa::port;
use rcsim_isa::wasm::WasmIsa;
use rcsim_tests::oracle::go::Toolchain;
use rcsim_tests::oracle::require;
use rcsim_tests::proof::{GoProgram, Variant, all_workloads};
use rcsim_uop::{Epoch, Port};
use rcsim_workloads::random::Random;
use rcsim_workloads::{Workload, gogen};

/// The seed of the damage; change it to look at other damage.
const SEED: u64 = 0xb17;

/// Damaged programs a port and release.
const PROGRAMS: u64 = 60;

/// More than any of the undamaged runs needs.
const MAX_STEPS: u64 = 300_000;

/// Far more than so many steps take on a busy machine.
const MAX_TIME: Duration = Duration::from_secs(60);

/// What runs: each kind of call, with values in registers and on the stack, and with a stack that moves.
const WORKLOADS: [&str; 4] = [
    "struct with a pointer, by value, in registers",
    "call: busy callee",
    "makefunc: busy callee",
    "method value: pointers in registers and on the stack",
];

/// Functions on the path whatever the workload.
const MACHINERY: [&str; 8] = [
    "runtime.reflectcall",
    "callRet",
    "runtime.spillArgs",
    "runtime.unspillArgs",
    "runtime.reflectcallmove",
    "reflect.makeFuncStub",
    "reflect.methodValueCall",
    "reflect.moveMakeFuncArgPtrs",
];

/// Base of modules in memory: any that the port takes.
const WASM_BASE: u64 = 0x10_0000_0000;

/// The functions that run: the machinery, the trampolines that the undamaged program takes, callees and callers.
fn path_of(workloads: &[Workload], port: &'static dyn Port, epoch: Epoch, file: &[u8]) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = MACHINERY.map(str::to_owned).into();
    for workload in workloads {
        let request = Request::new(workload, port, epoch, CodeChoice::File(file));
        let report = run(&request).expect("the undamaged program runs");
        assert!(report.passed, "{}: {:?}", workload.name.value, report.end);
        names.extend(report.trampolines);
        names.extend([gogen::callee_symbol(workload), gogen::caller_symbol(workload)]);
    }
    names
}

/// Whether a symbol is one of the functions, in the ABI of assembly or that of the compiler.
fn is_on(path: &BTreeSet<String>, symbol: &str) -> bool {
    path.contains(symbol.strip_suffix(".abi0").unwrap_or(symbol))
}

/// Where the code on the path is in an ELF file.
fn elf_code(file: &[u8], path: &BTreeSet<String>) -> Vec<Range<usize>> {
    let elf = object::File::parse(file).expect("the toolchain makes ELF files");
    let functions = elf.symbols().filter(|symbol| symbol.name().is_ok_and(|name| is_on(path, name)));
    let ranges = functions.filter_map(|symbol| {
        let section = elf.section_by_index(symbol.section_index()?).ok()?;
        let (offset, _) = section.file_range()?;
        let start = (offset + symbol.address() - section.address()) as usize;
        Some(start..start + symbol.size() as usize)
    });
    ranges.filter(|range| !range.is_empty()).collect()
}

/// Where the code on the path is in a module.
fn wasm_code(file: &[u8], path: &BTreeSet<String>) -> Vec<Range<usize>> {
    let isa = WasmIsa::new(WASM_BASE, file).expect("Go makes modules that can be read");
    let module = isa.module();
    let imports = module.imports.len() as u32;
    let functions =
        (0..).zip(&module.functions).filter(|(index, _)| is_on(path, &module.name(imports + index)));
    functions.map(|(_, function)| function.entry as usize..function.body.end as usize).collect()
}

/// Finds the code of functions in a file.
type CodeOf = fn(&[u8], &BTreeSet<String>) -> Vec<Range<usize>>;

/// Flips one to four bits of the code.
fn damage(random: &mut Random, file: &mut [u8], code: &[Range<usize>]) {
    for _ in 0..=random.below(4) {
        let range = &code[random.below(code.len() as u64) as usize];
        let at = range.start + random.below(range.len() as u64) as usize;
        file[at] ^= 1 << random.below(8);
    }
}

/// Runs a workload; says how it ended in one word, or what went wrong.
fn end_of(workload: &Workload, port: &'static dyn Port, epoch: Epoch, file: &[u8]) -> Result<String, String> {
    let request = Request::new(workload, port, epoch, CodeChoice::File(file));
    let started = Instant::now();
    let ended = catch_unwind(AssertUnwindSafe(|| run(&request)));
    let took = started.elapsed();
    let word = match ended {
        Err(_) => return Err("rcsim panics".to_owned()),
        Ok(Err(_)) => "refused",
        Ok(Ok(report)) if report.passed => "passed",
        Ok(Ok(report)) => match report.end {
            End::Returned(_) => "wrong",
            End::Failed(_) => "failed",
        },
    };
    if took > MAX_TIME {
        return Err(format!("takes {} s", took.as_secs()));
    }
    Ok(word.to_owned())
}

fn check(goarch: &str, toolchain: Toolchain, code_of: CodeOf) {
    let port = port(goarch).expect("the port exists");
    let epoch = Epoch::by_name(toolchain.release()).expect("toolchains are named as epochs are");
    let all = all_workloads();
    let program = require(GoProgram::build(toolchain, port, Variant::Plain, &all));
    let mut chosen: Vec<Workload> =
        all.into_iter().filter(|workload| WORKLOADS.contains(&workload.name.value.as_str())).collect();
    assert_eq!(chosen.len(), WORKLOADS.len(), "every workload exists");
    chosen.iter_mut().for_each(|workload| workload.limits.steps = Some(MAX_STEPS));
    let path = path_of(&chosen, port, epoch, program.file());
    let code = code_of(program.file(), &path);
    assert!(code.len() > 8, "{} functions are damaged", code.len());
    let (mut wrong, mut ends) = (Vec::new(), Vec::new());
    for number in 0..PROGRAMS {
        let mut file = program.file().to_vec();
        damage(&mut Random::nth(SEED, number), &mut file, &code);
        for workload in &chosen {
            match end_of(workload, port, epoch, &file) {
                Ok(word) => ends.push(word),
                Err(what) => {
                    wrong.push(format!("damage {number} of seed {SEED:#x}, {}: {what}", workload.name.value))
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{goarch} {toolchain}:\n{}", wrong.join("\n"));
    let count = |word: &str| ends.iter().filter(|end| *end == word).count();
    println!(
        "{goarch} {toolchain}: {} passed, {} failed, {} wrong, {} refused",
        count("passed"),
        count("failed"),
        count("wrong"),
        count("refused")
    );
    assert!(count("failed") * 10 > ends.len(), "the damage is hardly noticed: it is not where code runs");
}

#[test]
fn damaged_amd64_programs_end_soon() {
    check("amd64", Toolchain::Go1_27, elf_code);
}

#[test]
fn damaged_arm64_programs_end_soon() {
    check("arm64", Toolchain::Go1_27, elf_code);
}

#[test]
fn damaged_wasm_modules_end_soon() {
    check("wasm", Toolchain::Go1_27, wasm_code);
}
