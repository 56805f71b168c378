//! `stack-left`: stack checks at their limit, on every port, in every epoch and for every trampoline up to 128 KiB; and what the
//! checker says of one that lets too much through.

use rcsim_diag::Source;
use rcsim_gc::{Checker, Mode};
use rcsim_go::run::{CodeChoice, Report, Request, run_with};
use rcsim_tests::proof::is_lost;
use rcsim_uop::Epoch;
use rcsim_uop::port::Port;
use rcsim_workloads::Workload;

/// Frames that the trampolines from 16 bytes to 128 KiB are for.
fn sizes() -> impl Iterator<Item = u32> {
    (4..=17).map(|log2| 1 << log2)
}

fn workload(frame_bytes: u32, left: &str, patch: &str) -> Workload {
    let text = format!(
        "name = 'x'\ncall = 'reflectcall'\nframe-bytes = {frame_bytes}\nret-offset = 8\ncallee = 'drop-args'\n\
         stack-left = {left}\n{patch}"
    );
    Workload::parse(&Source::new("w.toml", text)).expect("the workload is right")
}

fn checked(workload: &Workload, port: &'static dyn Port, epoch: Epoch) -> (Report, Vec<String>) {
    let request = Request::new(workload, port, epoch, CodeChoice::BuiltIn);
    let checker = Checker::new(Mode::AllPoints, u64::from(port.word().bytes));
    let (report, findings) =
        run_with(&request, checker, |world| world.core.shadow.findings()).expect("a run starts");
    let texts = findings.iter().map(|finding| format!("RC{:04}: {}", finding.rule.number(), finding.message));
    (report, texts.collect())
}

/// How often a trampoline began, where every frame is at the limit.
fn beginnings(port: &'static dyn Port, epoch: Epoch, left: &str) -> Vec<(u32, usize)> {
    sizes()
        .map(|bytes| {
            let (report, findings) = checked(&workload(bytes, left, ""), port, epoch);
            assert!(report.passed, "{} {epoch}, {bytes} bytes, {left}: {:?}", port.goarch(), report.end);
            let told: Vec<&String> = findings.iter().filter(|text| text.starts_with("RC0207")).collect();
            assert!(told.is_empty(), "{} {epoch}, {bytes} bytes, {left}: {told:?}", port.goarch());
            (bytes, report.trampolines.len())
        })
        .collect()
}

fn runs(port: &dyn Port, epoch: Epoch) -> bool {
    port.first_epoch() <= epoch && epoch <= port.last_epoch() && !is_lost(port, epoch)
}

/// Until Go 1.8 the checks of ppc64 asked for the whole of a frame between 128 and 4,096 bytes (`stacksplit` in
/// `cmd/internal/obj/ppc64` of the time): 128 bytes more than they had to.
fn asks_for_more(port: &dyn Port, epoch: Epoch, bytes: u32) -> bool {
    port.goarch().starts_with("ppc64") && epoch <= Epoch::Y2016 && (128..4096).contains(&bytes)
}

/// Too little by one word is refused, and the trampoline begins anew on a larger stack; one word more is let through.
#[test]
fn checks_are_exact() {
    for port in rcsim_isa::ports() {
        for epoch in Epoch::ALL.into_iter().filter(|epoch| runs(port, *epoch)) {
            let refused = beginnings(port, epoch, "'too-little'");
            assert!(refused.iter().all(|(_, began)| *began == 2), "{} {epoch}: {refused:?}", port.goarch());
            let mut allowed = beginnings(port, epoch, "'just-enough'");
            allowed.retain(|(bytes, began)| *began != 1 + usize::from(asks_for_more(port, epoch, *bytes)));
            assert!(allowed.is_empty(), "{} {epoch}: {allowed:?}", port.goarch());
        }
    }
}

/// `leaq -0x388(%rsp), %r12`, and the same with a word less: what the check of a frame of 1,032 bytes compares with.
const ONE_WORD_LESS: &str = "[[patch]]\nsymbol = 'runtime.call1024'\n\
                             instruction = 'leaq -0x388(%rsp), %r12'\nwith = '4c 8d a4 24 80 fc ff ff'\n";

fn with_one_word_less(left: &str) -> Vec<String> {
    let amd64 =
        rcsim_isa::ports().into_iter().find(|port| port.goarch() == "amd64").expect("the port exists");
    checked(&workload(1024, left, ONE_WORD_LESS), amd64, Epoch::Go127).1
}

#[test]
fn a_check_that_lets_one_word_too_much_through_is_found_where_the_stack_is_that_full() {
    let wanted = "RC0207: nosplit budget exceeded: the stack check of runtime.call1024 lets it go 128 bytes below the \
                  guard, where 127 are allowed";
    assert_eq!(with_one_word_less("'too-little'"), [wanted]);
    assert_eq!(with_one_word_less("'just-enough'"), [""; 0]);
    assert_eq!(with_one_word_less("4096"), [""; 0]);
}
