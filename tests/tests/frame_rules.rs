//! The rules about frames and values: each is triggered by a change of the machinery, and stays silent on its near miss.

use std::collections::BTreeSet;

use rcsim_diag::Source;
use rcsim_gc::{Checker, Mode};
use rcsim_go::run::{CodeChoice, Request, run_with};
use rcsim_uop::Epoch;
use rcsim_workloads::Workload;

/// A change, where it is made, and what is found.
struct Case {
    what: &'static str,
    arch: &'static str,
    epoch: Epoch,
    /// The call: `value-call` or `make-func`, the function type, what the callee does.
    call: (&'static str, &'static str, &'static str),
    /// The patch, as a workload writes it; empty for none.
    patch: &'static str,
    codes: &'static [&'static str],
}

const VALUES: (&str, &str, &str) =
    ("value-call", "func(a, b, c, d, e, f, g, h, i int) (p, q, r, s, t, u, v, w, x int)", "return-args");
const DROPPED: (&str, &str, &str) =
    ("value-call", "func(a, b, c, d, e, f, g, h, i int) (p, q, r, s, t, u, v, w, x int)", "drop-args");
const NOTHING: (&str, &str, &str) = ("value-call", "func()", "return-args");
const MADE: (&str, &str, &str) = ("make-func", "func(a, b, c int, p *int) *int", "drop-args");

const CASES: &[Case] = &[
    Case {
        what: "nothing is changed",
        arch: "amd64",
        epoch: Epoch::Go127,
        call: VALUES,
        patch: "",
        codes: &[],
    },
    // RC0202.
    Case {
        what: "a register is spilled to another place of the block",
        arch: "amd64",
        epoch: Epoch::Go127,
        call: DROPPED,
        patch: "symbol = 'runtime.spillArgs'\ninstruction = 'movq %r8, 0x28(%r12)'\nwith = '4d 89 44 24 7f'\n",
        codes: &["RC0201"],
    },
    Case {
        what: "a register is spilled just below the block",
        arch: "amd64",
        epoch: Epoch::Go127,
        call: DROPPED,
        patch: "symbol = 'runtime.spillArgs'\ninstruction = 'movq %r8, 0x28(%r12)'\nwith = '4d 89 44 24 f8'\n",
        codes: &["RC0201", "RC0202"],
    },
    Case {
        what: "a trampoline stores below its frame",
        arch: "arm64",
        epoch: Epoch::Go127,
        call: VALUES,
        // str x20, [sp, #-24]. So reflectcallmove is not told where the register block is, either.
        patch: "symbol = 'callRet'\ninstruction = 'str x20, [sp, #0x28]'\nwith = 'f4 83 1e f8'\n",
        codes: &["RC0201", "RC0202"],
    },
    Case {
        what: "a stub keeps its flag in another byte of its frame",
        arch: "amd64",
        epoch: Epoch::Go127,
        call: MADE,
        patch: "symbol = 'reflect.makeFuncStub'\ninstruction = 'movb $0x0, 0x20(%rsp)'\nwith = 'c6 44 24 21 00'\n",
        codes: &[],
    },
    // RC0203.
    Case {
        what: "the frame pointer is not restored",
        arch: "amd64",
        epoch: Epoch::Go127,
        call: VALUES,
        // popq %rcx.
        patch: "symbol = 'runtime.call128'\ninstruction = 'popq %rbp'\nwith = '59'\n",
        codes: &["RC0203"],
    },
    Case {
        what: "another trampoline does not restore the frame pointer",
        arch: "amd64",
        epoch: Epoch::Go127,
        call: VALUES,
        patch: "symbol = 'runtime.call64'\ninstruction = 'popq %rbp'\nwith = '59'\n",
        codes: &[],
    },
    Case {
        what: "the stub does not store the context again",
        arch: "amd64",
        epoch: Epoch::Go127,
        call: MADE,
        patch: "symbol = 'reflect.makeFuncStub'\ninstruction = 'movq %rdx, (%rsp)'\nnth = 2\nwith = 'nop'\n",
        codes: &["RC0203"],
    },
    Case {
        what: "the context is looked for in the other word that moveMakeFuncArgPtrs has",
        arch: "amd64",
        epoch: Epoch::Go127,
        call: MADE,
        patch: "symbol = 'reflect.makeFuncStub'\ninstruction = 'movq 0x18(%rsp), %rdx'\nwith = '48 8b 54 24 08'\n",
        codes: &["RC0203", "RC0206"],
    },
    // RC0204.
    Case {
        what: "a pointer result has the kind of the function",
        arch: "arm64",
        epoch: Epoch::Go127,
        call: ("value-call", "func(p *int) *int", "return-args"),
        patch: "deviation = 'kind-from-func-type'\n",
        codes: &["RC0204"],
    },
    Case {
        what: "a result that is no pointer is made from its own type",
        arch: "arm64",
        epoch: Epoch::Go127,
        call: ("value-call", "func(n int) int", "return-args"),
        patch: "deviation = 'kind-from-func-type'\n",
        codes: &[],
    },
    // RC0205 and RC0206.
    Case {
        what: "a frame is not rounded to what the convention wants",
        arch: "arm64",
        epoch: Epoch::Go127,
        call: VALUES,
        // str x30, [sp, #-0x38]! and ldr x30, [sp], #0x38.
        patch: "symbol = 'callRet'\ninstruction = 'str x30, [sp, #-0x40]!'\nwith = 'fe 8f 1c f8'\n\
                [[patch]]\nsymbol = 'callRet'\ninstruction = 'ldr x30, [sp], #0x40'\nwith = 'fe 87 43 f8'\n",
        codes: &["RC0205", "RC0206"],
    },
    Case {
        what: "a frame is larger than its table says, and as aligned as before",
        arch: "arm64",
        epoch: Epoch::Go127,
        call: VALUES,
        patch: "symbol = 'callRet'\ninstruction = 'str x30, [sp, #-0x40]!'\nwith = 'fe 0f 1b f8'\n\
                [[patch]]\nsymbol = 'callRet'\ninstruction = 'ldr x30, [sp], #0x40'\nwith = 'fe 07 45 f8'\n",
        codes: &["RC0202", "RC0206"],
    },
    Case {
        what: "a trampoline declares fewer arguments than it uses",
        arch: "riscv64",
        epoch: Epoch::Go127,
        call: NOTHING,
        patch: "symbol = 'runtime.call16'\nargs-bytes = 24\n",
        codes: &["RC0206"],
    },
    Case {
        what: "a trampoline declares more arguments than it uses",
        arch: "riscv64",
        epoch: Epoch::Go127,
        call: NOTHING,
        patch: "symbol = 'runtime.call16'\nargs-bytes = 56\n",
        codes: &[],
    },
    // RC0207.
    Case {
        what: "a large trampoline goes without a stack check",
        arch: "wasm",
        epoch: Epoch::Go127,
        call: NOTHING,
        patch: "symbol = 'runtime.call1024'\nnosplit = true\n",
        codes: &["RC0207"],
    },
    Case {
        what: "a small trampoline goes without a stack check",
        arch: "wasm",
        epoch: Epoch::Go127,
        call: NOTHING,
        patch: "symbol = 'runtime.call512'\nnosplit = true\n",
        codes: &[],
    },
    Case {
        what: "a large trampoline's check is taken out of its code",
        arch: "amd64",
        epoch: Epoch::Go127,
        call: ("value-call", "func(a [128]int)", "return-args"),
        patch: "symbol = 'runtime.call1024'\ninstruction = 'cmpq 0x10(%r14), %r12'\nwith = 'nop'\n\
                [[patch]]\nsymbol = 'runtime.call1024'\nbytes = '76 7f'\nwith = 'nop'\n",
        codes: &["RC0207"],
    },
    Case {
        what: "a small trampoline's check is taken out of its code",
        arch: "amd64",
        epoch: Epoch::Go127,
        call: ("value-call", "func(a [64]int)", "return-args"),
        patch: "symbol = 'runtime.call512'\ninstruction = 'cmpq 0x10(%r14), %r12'\nwith = 'nop'\n\
                [[patch]]\nsymbol = 'runtime.call512'\nbytes = '76 7f'\nwith = 'nop'\n",
        codes: &["RC0207"],
    },
    Case {
        what: "a small trampoline's check is taken out of its code, and it says so",
        arch: "amd64",
        epoch: Epoch::Go127,
        call: ("value-call", "func(a [64]int)", "return-args"),
        patch: "symbol = 'runtime.call512'\ninstruction = 'cmpq 0x10(%r14), %r12'\nwith = 'nop'\n\
                [[patch]]\nsymbol = 'runtime.call512'\nbytes = '76 7f'\nwith = 'nop'\n\
                [[patch]]\nsymbol = 'runtime.call512'\nnosplit = true\n",
        codes: &[],
    },
];

fn text(case: &Case) -> String {
    let (call, func, callee) = case.call;
    let head = format!("name = 'case'\ncall = '{call}'\nfunc = '{func}'\ncallee = '{callee}'\n");
    if case.patch.is_empty() { head } else { format!("{head}[[patch]]\n{}", case.patch) }
}

fn found(case: &Case) -> BTreeSet<String> {
    let source = Source::new(case.what, text(case));
    let workload = Workload::parse(&source).unwrap_or_else(|errors| panic!("{errors}"));
    let port =
        rcsim_isa::ports().into_iter().find(|port| port.goarch() == case.arch).expect("the port exists");
    let request = Request::new(&workload, port, case.epoch, CodeChoice::BuiltIn);
    let checker = Checker::new(Mode::AllPoints, u64::from(port.word().bytes));
    let (_, findings) = run_with(&request, checker, |world| world.core.shadow.findings())
        .unwrap_or_else(|error| panic!("{}: {error:?}", case.what));
    for finding in &findings {
        println!("{}: RC{:04} {}", case.what, finding.rule.number(), finding.message);
    }
    findings.iter().map(|finding| format!("RC{:04}", finding.rule.number())).collect()
}

#[test]
fn each_rule_finds_its_defect_and_spares_the_near_miss() {
    let wrong: Vec<String> = CASES
        .iter()
        .filter_map(|case| {
            let found = found(case);
            let wanted: BTreeSet<String> = case.codes.iter().map(|code| (*code).to_owned()).collect();
            (found != wanted).then(|| format!("{}: found {found:?}, wanted {wanted:?}", case.what))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
