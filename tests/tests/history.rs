//! History as deviations: what each epoch's Go code got wrong is found in that epoch and gone when it is fixed; what a later or
//! earlier defect would do to correct code is found when it is switched on, and only then.
//!
//! One row a deviation and workload. The defects of the images themselves are not here.

use rcsim_diag::Source;
use rcsim_gc::barrier::Protocol;
use rcsim_gc::{Checker, Finding, Mode, Rule};
use rcsim_go::deviation::Deviation;
use rcsim_go::run::{CodeChoice, Report, Request, run_with};
use rcsim_isa::ports;
use rcsim_tests::proof::{all_workloads, is_built_in, is_lost};
use rcsim_uop::{Epoch, Port};
use rcsim_workloads::Workload;

/// What shows that a deviation is there.
#[derive(Clone, Copy, Debug)]
enum Sign {
    /// A finding of this rule at a step whose name begins so.
    Finding(Rule, &'static str),
    /// A result that is not the expected one.
    WrongResult,
}

/// One deviation in one epoch.
struct Row {
    deviation: Deviation,
    epoch: Epoch,
    protocol: Protocol,
    sign: Sign,
    workload: &'static str,
    /// Another one of the epoch that shows in the same way: it is fixed throughout.
    beside: &'static [Deviation],
}

impl Row {
    const fn beside(self, others: &'static [Deviation]) -> Self {
        Self { beside: others, ..self }
    }
}

const fn row(
    deviation: Deviation,
    epoch: Epoch,
    protocol: Protocol,
    sign: Sign,
    workload: &'static str,
) -> Row {
    Row { deviation, epoch, protocol, sign, workload, beside: &[] }
}

const CALL: &str = r#"
name = "pointers, on the stack in every epoch"
call = "value-call"
types = "type Node struct { next *Node; id int }"
func = "func([2]*Node) [2]*Node"
callee = "return-args"
"#;
const CALL_WITHOUT_RESULTS: &str = r#"
name = "pointers, on the stack in every epoch, no results"
call = "value-call"
func = "func([2]*int)"
callee = "drop-args"
"#;
const CALL_DROPPING: &str = r#"
name = "a pointer that does not come back"
call = "value-call"
func = "func([2]*int) int"
callee = "drop-args"
"#;
const CALL_STRING: &str = r#"
name = "an aggregate with a pointer, in registers where there are any"
call = "value-call"
func = "func(string) string"
callee = "return-args"
"#;
const MADE: &str = r#"
name = "pointers to and from a made function"
call = "make-func"
func = "func([2]*int, *int) ([2]*int, *int)"
callee = "return-args"
"#;
const METHOD: &str = r#"
name = "pointers to and from a method"
call = "method-value"
types = """
type Host struct { value int }
func (h *Host) Give(p [2]*int, q *int) ([2]*int, *int)
"""
receiver = "*Host"
method = "Give"
callee = "return-args"
"#;
const METHOD_OF_VALUE: &str = r#"
name = "a method whose receiver is a copy on the heap"
call = "method-value"
types = """
type Host struct { value int; next *int }
func (h Host) Give(p *int) *int
"""
receiver = "Host"
method = "Give"
callee = "return-args"
"#;
/// On the machine with nine integer registers the pointer is a stack argument of the method, and a result in a register.
const METHOD_LAST: &str = r#"
name = "a method whose last argument falls off the registers"
call = "method-value"
types = """
type Host struct { value int }
func (h *Host) Give(a, b, c, d, e, f, g, i int, p *int) (int, int, int, int, int, int, int, int, *int)
"""
receiver = "*Host"
method = "Give"
callee = "return-args"
"#;
const METHOD_CALL: &str = r#"
name = "reflect calls a method whose receiver is a copy on the heap"
call = "method-call"
types = """
type Host struct { value int; next *int }
func (h Host) Give(p *int) *int
"""
receiver = "Host"
method = "Give"
callee = "return-args"
"#;
const METHOD_NEW: &str = r#"
name = "a method that returns a new object, on the stack"
call = "method-value"
types = """
type Host struct { value int }
func (h *Host) Make() [2]*int
"""
receiver = "*Host"
method = "Make"
callee = { return = ["[2]*int{new(int), nil}"] }
"#;
const METHOD_NEW_IN_REGISTER: &str = r#"
name = "a method that returns a new object, in a register where there are any"
call = "method-value"
types = """
type Host struct { value int }
func (h *Host) Make() *int
"""
receiver = "*Host"
method = "Make"
callee = { return = ["new(int)"] }
"#;
const DEFERRED: &str = r#"
name = "a deferred call without arguments"
call = "defer"
func = "func()"
callee = "drop-args"
"#;
const EMPTY_LAST: &str = r#"
name = "an argument and a result of size zero, at the ends"
call = "value-call"
types = "type Nothing struct {}"
func = "func(int, Nothing) (int, Nothing)"
callee = "return-args"
"#;
const EMPTY_ARGUMENT: &str = r#"
name = "an argument of size zero, at the end of the frame"
call = "value-call"
types = "type Nothing struct {}"
func = "func(*int, Nothing)"
callee = "drop-args"
"#;
const METHOD_NOTHING: &str = r#"
name = "a method without arguments and results"
call = "method-value"
types = """
type Host struct { value int }
func (h *Host) Do()
"""
receiver = "*Host"
method = "Do"
callee = "drop-args"
"#;
const METHOD_OF_INTERFACE: &str = r#"
name = "a method of an interface, pointers and numbers on the stack"
call = "method-value"
types = """
type Host interface { Both(a [3]*int, n [3]int) ([3]*int, [3]int) }
type Guest struct { value int }
func (g *Guest) Both(a [3]*int, n [3]int) ([3]*int, [3]int)
"""
receiver = "Host"
method = "Both"
callee = "return-args"
"#;
const SMALL: &str = r#"
name = "values smaller than a register"
call = "value-call"
func = "func(int8, uint16, int32, bool) (int8, uint16, int32, bool)"
callee = "return-args"
"#;
const FLOATS: &str = r#"
name = "short floating-point numbers"
call = "value-call"
func = "func(float32, float32) (float32, float32)"
args = [1.5, -0.25]
callee = "return-args"
"#;

const HYBRID: Protocol = Protocol::Hybrid;
const DIJKSTRA: Protocol = Protocol::Dijkstra;
const STORE_ARGUMENT: &str = "reflect.Value.call: store an argument";
const TAKE_ARGUMENT: &str = "reflect.callReflect: make a value of an argument";
const STORE_RESULT: &str = "reflect.callReflect: store a result";
const COPY_ARGUMENTS: &str = "reflect.callMethod: copy the arguments";
const COPY_RESULTS: &str = "reflect.callMethod: copy stack results";
const RESULTS_BACK: &str = "runtime.reflectcallmove: copy stack results";
const CLEAR: &str = "reflect.Value.call: clear the frame";
const CLEAR_METHOD: &str = "reflect.callMethod: clear the frame";

/// What epochs contain.
fn history() -> Vec<Row> {
    use Deviation as D;
    use Epoch::{Y2014, Y2014Before, Y2016, Y2018, Y2020, Y2021};
    use Rule::{HiddenPointer, LateBarrier, MisplacedBarrier, MissingBarrier, PastTheEnd};
    use Sign::Finding;
    let bare = D::WbMissingInReflectCopies;
    let mut rows = vec![
        row(D::ReceiverOnlyInIntsCall, Y2020, HYBRID, Finding(HiddenPointer, "callee"), METHOD_CALL),
        row(D::ReceiverOnlyInIntsCall, Y2021, HYBRID, Finding(HiddenPointer, "callee"), METHOD_CALL),
        row(bare, Y2014Before, DIJKSTRA, Finding(MissingBarrier, STORE_ARGUMENT), CALL),
        row(bare, Y2014Before, DIJKSTRA, Finding(MissingBarrier, TAKE_ARGUMENT), MADE),
        row(bare, Y2014Before, DIJKSTRA, Finding(MissingBarrier, COPY_ARGUMENTS), METHOD),
        row(D::BarrierAfterStore, Y2014, HYBRID, Finding(LateBarrier, STORE_ARGUMENT), CALL),
        row(D::BarrierAfterStore, Y2016, HYBRID, Finding(LateBarrier, STORE_ARGUMENT), CALL),
        row(D::ReflectcallmoveMemmoveFirst, Y2016, HYBRID, Finding(LateBarrier, RESULTS_BACK), CALL),
        row(
            D::UntypedClearWithoutResults,
            Y2016,
            HYBRID,
            Finding(MissingBarrier, CLEAR),
            CALL_WITHOUT_RESULTS,
        ),
        row(D::UntypedClearOfArguments, Y2016, HYBRID, Finding(MissingBarrier, CLEAR), CALL_DROPPING),
        row(D::UntypedClearInCallMethod, Y2016, HYBRID, Finding(MissingBarrier, CLEAR_METHOD), METHOD),
        row(D::MakefuncimplDiesUnderStub, Y2016, HYBRID, Finding(HiddenPointer, ""), METHOD),
        row(D::AggregateArgNotInPtrs, Y2020, HYBRID, Finding(HiddenPointer, ""), CALL_STRING),
        row(D::AggregateArgNotInPtrs, Y2021, HYBRID, Finding(HiddenPointer, ""), CALL_STRING),
        row(
            D::CallMethodReturnIsPtrMissing,
            Y2021,
            HYBRID,
            Finding(HiddenPointer, ""),
            METHOD_NEW_IN_REGISTER,
        )
        .beside(&[D::CallMethodBlockNotKeptAlive]),
        row(D::CallMethodReturnIsPtrMissing, Y2021, HYBRID, Finding(HiddenPointer, ""), METHOD_LAST)
            .beside(&[D::CallMethodBlockNotKeptAlive]),
        row(D::CallMethodBlockNotKeptAlive, Y2021, HYBRID, Finding(HiddenPointer, ""), METHOD_OF_VALUE)
            .beside(&[D::CallMethodReturnIsPtrMissing]),
    ];
    for epoch in [Y2014Before, Y2014, Y2016] {
        rows.push(row(D::ZeroSizeResultPtr, epoch, HYBRID, Finding(PastTheEnd, ""), EMPTY_LAST));
        rows.push(row(D::UnsafeAddAudit, epoch, HYBRID, Finding(PastTheEnd, ""), EMPTY_ARGUMENT));
    }
    for epoch in [Y2014, Y2016] {
        rows.push(row(D::CallMethodOobPtrs, epoch, HYBRID, Finding(PastTheEnd, ""), METHOD_NOTHING));
    }
    rows.push(row(D::DeferArgsPastEnd, Y2014Before, HYBRID, Finding(PastTheEnd, ""), DEFERRED));
    for epoch in [Y2014, Y2016] {
        let sign = Finding(MisplacedBarrier, COPY_RESULTS);
        rows.push(row(D::BarrierOnStackResultCopy, epoch, HYBRID, sign, METHOD));
    }
    for epoch in [Y2014, Y2016, Y2018] {
        let sign = Finding(MisplacedBarrier, STORE_RESULT);
        rows.push(row(D::MakefuncResultBarrier, epoch, HYBRID, sign, MADE));
    }
    rows
}

/// What correct code would become.
fn mutants() -> Vec<Row> {
    use Deviation as D;
    use Epoch::{Go119, Go127, Y2014, Y2018};
    use Rule::{
        Clobbered, HiddenPointer, LateBarrier, MisplacedBarrier, MissingBarrier, WrongBarrierRange,
        WrongPointerMap,
    };
    use Sign::{Finding, WrongResult};
    let late = Finding(LateBarrier, RESULTS_BACK);
    let missing = Finding(MissingBarrier, RESULTS_BACK);
    let elsewhere = Finding(WrongBarrierRange, RESULTS_BACK);
    vec![
        row(
            D::CallwritebarrierOverrun,
            Y2014,
            DIJKSTRA,
            Finding(WrongBarrierRange, "runtime.callwritebarrier"),
            CALL,
        ),
        row(D::ReflectcallmoveMemmoveFirst, Go127, HYBRID, late, CALL),
        row(D::ReflectcallmoveNoBarrier, Go127, HYBRID, missing, CALL),
        row(D::ReflectcallmoveNewPointersFromDst, Go127, HYBRID, missing, CALL),
        row(D::ReflectcallmoveBitmapOfSrc, Go127, HYBRID, elsewhere, CALL),
        row(D::WbMissingInReflectCopies, Go127, HYBRID, Finding(MissingBarrier, STORE_ARGUMENT), CALL),
        row(D::UntypedClearOfArguments, Go127, HYBRID, Finding(MissingBarrier, CLEAR), CALL_DROPPING),
        row(D::UntypedClearInCallMethod, Go127, HYBRID, Finding(MissingBarrier, CLEAR_METHOD), METHOD),
        row(D::BarrierOnStackResultCopy, Go127, HYBRID, Finding(MisplacedBarrier, COPY_RESULTS), METHOD),
        row(D::MakefuncResultBarrier, Go127, HYBRID, Finding(MisplacedBarrier, STORE_RESULT), MADE),
        row(D::ArgsHiddenAsUintptr, Y2018, HYBRID, Finding(HiddenPointer, ""), CALL),
        row(D::ArgsAsBytes, Y2018, HYBRID, Finding(HiddenPointer, ""), CALL),
        row(D::ArgsAsBytes, Go127, HYBRID, Finding(HiddenPointer, ""), CALL),
        row(D::RetvalidMissing, Go127, HYBRID, Finding(HiddenPointer, ""), METHOD_NEW),
        row(D::RetvalidAfterClear, Go127, HYBRID, Finding(HiddenPointer, ""), METHOD_NEW),
        row(
            D::CallMethodReturnIsPtrMissing,
            Go127,
            HYBRID,
            Finding(HiddenPointer, ""),
            METHOD_NEW_IN_REGISTER,
        ),
        row(
            D::CallMethodBlockNotKeptAlive,
            Go127,
            HYBRID,
            Finding(HiddenPointer, ""),
            METHOD_NEW_IN_REGISTER,
        ),
        row(D::CopyBackOfArguments, Y2014, HYBRID, Finding(Clobbered, ""), CALL),
        row(D::InterfaceReceiverLayout, Y2018, HYBRID, Finding(WrongPointerMap, ""), METHOD_OF_INTERFACE),
        row(D::SubwordBigendian, Go119, HYBRID, WrongResult, SMALL),
        row(D::Float32InRegister, Go119, HYBRID, WrongResult, FLOATS),
    ]
}

fn parse(text: &'static str) -> Workload {
    Workload::parse(&Source::new("a row", text)).expect("the workload of a row is right")
}

fn check(request: &Request<'_>, protocol: Protocol) -> (Report, Vec<Finding>) {
    let word = request.port.word();
    let checker = Checker::new(Mode::AllPoints, u64::from(word.bytes)).with_barriers(protocol, word);
    run_with(request, checker, |world| world.core.shadow.findings()).expect("it can be run")
}

fn shows(row: &Row, port: &'static dyn Port, deviations: &[Deviation], fixes: &[Deviation]) -> bool {
    let workload = parse(row.workload);
    let request =
        Request { deviations, fixes, ..Request::new(&workload, port, row.epoch, CodeChoice::BuiltIn) };
    let (report, findings) = check(&request, row.protocol);
    match row.sign {
        Sign::WrongResult => !report.passed,
        Sign::Finding(rule, place) => {
            findings.iter().any(|found| found.rule == rule && found.site.place.starts_with(place))
        }
    }
}

/// The ports on which a row may show: those with its epoch built in.
fn ports_of(row: &Row) -> impl Iterator<Item = &'static dyn Port> {
    let epoch = row.epoch;
    ports().into_iter().filter(move |port| is_built_in(*port, epoch))
}

#[test]
fn what_an_epoch_contains_is_found_there_and_gone_when_fixed() {
    let mut wrong = Vec::new();
    for row in history() {
        assert!(row.deviation.in_epoch(row.epoch), "{} is not in {}", row.deviation.name(), row.epoch);
        let mut seen = false;
        for port in ports_of(&row) {
            seen |= shows(&row, port, &[], row.beside);
            if shows(&row, port, &[], &[row.beside, &[row.deviation]].concat()) {
                wrong.push(format!("{} {} {}: not gone", row.deviation.name(), row.epoch, port.goarch()));
            }
        }
        if !seen {
            wrong.push(format!("{} {}: found nowhere", row.deviation.name(), row.epoch));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The stubs before Go 1.12 had no flag of valid results: that cannot be mended in the services of the epoch.
#[test]
fn results_of_methods_are_lost_before_there_is_a_flag_for_them() {
    for epoch in [Epoch::Y2016, Epoch::Y2018, Epoch::Y2020] {
        let sign = Sign::Finding(Rule::HiddenPointer, "");
        let row = row(Deviation::RetvalidMissing, epoch, HYBRID, sign, METHOD_NEW)
            .beside(&[Deviation::MakefuncimplDiesUnderStub]);
        assert_eq!(row.deviation.in_epoch(epoch), epoch < Epoch::Y2020);
        for port in ports_of(&row) {
            let found = shows(&row, port, &[], row.beside);
            assert_eq!(found, row.deviation.in_epoch(epoch), "{epoch} {}", port.goarch());
        }
    }
}

#[test]
fn what_correct_code_would_become_is_found_and_only_then() {
    let mut wrong = Vec::new();
    for row in mutants() {
        assert!(!row.deviation.in_epoch(row.epoch), "{} is in {}", row.deviation.name(), row.epoch);
        let mut seen = false;
        for port in ports_of(&row).filter(|port| !is_lost(*port, row.epoch)) {
            seen |= shows(&row, port, &[row.deviation], &[]);
            if shows(&row, port, &[], &[]) {
                wrong.push(format!("{} {} {}: without it", row.deviation.name(), row.epoch, port.goarch()));
            }
        }
        if !seen {
            wrong.push(format!("{} {}: found nowhere", row.deviation.name(), row.epoch));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const fn of_barriers(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::MissingBarrier | Rule::LateBarrier | Rule::MisplacedBarrier | Rule::WrongBarrierRange
    )
}

/// No rule about barriers says anything on a release, under the protocol that it has.
#[test]
fn barriers_of_releases_are_right_in_the_abi_workloads() {
    let workloads = all_workloads();
    for port in ports() {
        for epoch in [Epoch::Go119, Epoch::Go127].into_iter().filter(|epoch| is_built_in(port, *epoch)) {
            for workload in workloads.iter().filter(|w| w.applies(port.goarch(), epoch.name())) {
                let request = Request::new(workload, port, epoch, CodeChoice::BuiltIn);
                let (_, mut findings) = check(&request, HYBRID);
                findings.retain(|finding| of_barriers(finding.rule));
                let place = format!("{} {epoch} {}", port.goarch(), workload.name.value);
                assert!(findings.is_empty(), "{place}: {findings:?}");
            }
        }
    }
}
