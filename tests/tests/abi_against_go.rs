//! Every workload gives in rcsim, on the machine code of a real Go program, what that program prints where it runs:
//! natively, under qemu-user or under node. The callee, and the caller of made functions and method values, are the
//! program's own compiled code.

use std::slice::from_ref;

use rcsim_diag::Source;
use rcsim_isa::ports;
use rcsim_tests::oracle::go::Toolchain;
use rcsim_tests::oracle::require;
use rcsim_tests::proof::{GoProgram, Variant, differences, judge, workloads_of};
use rcsim_uop::port::Container;
use rcsim_uop::{Epoch, Port};
use rcsim_workloads::Workload;

fn wrong(toolchain: Toolchain, port: &'static dyn Port) -> Vec<String> {
    let workloads = workloads_of(toolchain);
    let program = require(GoProgram::build(toolchain, port, Variant::Plain, &workloads));
    let lines = require(program.lines());
    differences(&program, &workloads, &lines)
}

fn compare_all(toolchain: Toolchain) {
    let epoch = Epoch::by_name(toolchain.release()).expect("toolchains are named as epochs are");
    let ports = ports().into_iter().filter(|port| port.last_epoch() >= epoch);
    let found: Vec<String> = ports.flat_map(|port| wrong(toolchain, port)).collect();
    assert!(found.is_empty(), "{} runs differ:\n{}", found.len(), found.join("\n"));
}

#[test]
fn workloads_give_what_programs_of_go_1_19_print() {
    compare_all(Toolchain::Go1_19);
}

#[test]
fn workloads_give_what_programs_of_go_1_27_print() {
    compare_all(Toolchain::Go1_27);
}

/// Every eighth workload on a program built otherwise; its output is that of the plain program, since not every machine
/// can start each variant.
fn compare_variant(toolchain: Toolchain, port: &'static dyn Port, variant: Variant) -> Vec<String> {
    let workloads = workloads_of(toolchain);
    let plain = require(GoProgram::build(toolchain, port, Variant::Plain, &workloads));
    let lines = require(plain.lines());
    let other = require(GoProgram::build(toolchain, port, variant, &workloads));
    assert_ne!(plain.file(), other.file(), "the variant is another program");
    let sample = workloads.iter().cloned().zip(lines).step_by(8);
    let (workloads, lines): (Vec<_>, Vec<_>) = sample.unzip();
    differences(&other, &workloads, &lines)
}

fn compare_variants(variant: Variant, ports: &[&'static dyn Port]) {
    let all =
        Toolchain::ALL.into_iter().flat_map(|toolchain| ports.iter().map(move |port| (toolchain, *port)));
    let found: Vec<String> =
        all.flat_map(|(toolchain, port)| compare_variant(toolchain, port, variant)).collect();
    assert!(found.is_empty(), "{variant:?}: {} runs differ:\n{}", found.len(), found.join("\n"));
}

/// The ports that the newest toolchain still makes programs for.
fn todays_ports() -> Vec<&'static dyn Port> {
    ports().into_iter().filter(|port| port.last_epoch() == Epoch::Go127).collect()
}

/// Go's own linker makes no position-independent programs for these (`InternalLinkPIESupported`): it calls a C toolchain
/// for them, which is not there. The MIPS ports have none at all, nor had loong64 in Go 1.19.
const NEEDS_C_LINKER: [&str; 10] =
    ["386", "arm", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "riscv64", "s390x"];

#[test]
fn position_independent_programs_give_the_same() {
    let elf: Vec<_> = todays_ports()
        .into_iter()
        .filter(|port| matches!(port.container(), Container::Elf(_)))
        .filter(|port| !NEEDS_C_LINKER.contains(&port.goarch()))
        .collect();
    compare_variants(Variant::Pie, &elf);
}

#[test]
fn stripped_programs_give_the_same() {
    compare_variants(Variant::Stripped, &todays_ports());
}

/// Two programs that differ in what the compiled callee does: the comparison must see it, or it would prove nothing.
#[test]
fn another_compiled_callee_is_noticed() {
    let text = |callee: &str| {
        let head = "name = 'noticed'\ncall = 'value-call'\nfunc = 'func(int, string) (int, string)'";
        Source::new("noticed", format!("{head}\ncallee = '{callee}'\n"))
    };
    let parse = |callee| Workload::parse(&text(callee)).unwrap_or_else(|errors| panic!("{errors}"));
    let (returns, drops) = (parse("return-args"), parse("drop-args"));
    for port in todays_ports() {
        let honest = require(GoProgram::build(Toolchain::Go1_27, port, Variant::Plain, from_ref(&returns)));
        let other = require(GoProgram::build(Toolchain::Go1_27, port, Variant::Plain, from_ref(&drops)));
        let line = &require(honest.lines())[0];
        assert_eq!(judge(&honest, &returns).difference(line), None, "{}", honest.label());
        assert!(judge(&other, &returns).difference(line).is_some(), "{}", other.label());
    }
}
