//! Reading workloads: what is understood.

use rcsim_diag::{Colour, Source};
use rcsim_workloads::gotype::reflect_text;
use rcsim_workloads::value::{Content, Heap, InterfaceValue, Printer, SliceValue, Value};
use rcsim_workloads::{Action, Barrier, Call, ExpectedText, Frame, Outcome, Points, Workload, gogen};

fn read(text: &str) -> Workload {
    match Workload::parse(&Source::new("w.toml", text)) {
        Ok(workload) => workload,
        Err(errors) => panic!("{}", errors.render(Colour::Never)),
    }
}

fn expected(workload: &Workload, word_bytes: u64) -> ExpectedText {
    let arguments = workload.arguments(word_bytes).expect("small values");
    workload.expected(&arguments).expect("small values")
}

#[test]
fn the_quickstart_comes_back_as_it_went_in() {
    let text = "{next:#1=&{next:#2=&{next:#3=&{next:nil id:-2152535657050944081} id:7960286522194355700} \
                id:487617019471545679} id:-537132696929009172} #4=&{next:#5=&{next:#6=&{next:nil \
                id:1961750202426094747} id:6038094601263162090} id:3207296026000306913}";
    let workload = read(include_str!("../quickstart.toml"));
    assert_eq!(expected(&workload, 8), ExpectedText::AfterArguments(text.into()));
}

#[test]
fn every_key_is_read() {
    let workload = read(
        r#"
name = "all keys"
call = "method-value"
types = """
type T struct { n int }
func (t *T) M(a int, b string) (int, string)
"""
receiver = "*T"
method = "M"
func = "func(a int, b string) (int, string)"
args = [7, '"x"']
callee = ["gc", { store-to-heap = 1 }, { panic = "no" }]
symbol = "main.(*T).M"
epochs = ["go1.19"]
archs = ["arm64", "wasm"]
[gc]
barrier = "hybrid"
points = "every"
[expect]
results = [8, '"y"']
findings = [{ code = "RC0101", epochs = ["go1.19"] }, { code = "RC0001", archs = ["wasm"] }]
[limits]
steps = 1000
"#,
    );
    let Call::MethodValue(receiver) = &workload.call else { panic!("{:?}", workload.call) };
    assert_eq!(reflect_text(workload.space.types(), receiver.ty), "*main.T");
    assert!(receiver.pointer_receiver);
    assert_eq!(reflect_text(workload.space.types(), workload.func), "func(int, string) (int, string)");
    assert_eq!(workload.callee.actions, [Action::Gc, Action::StoreToHeap { arg: 1 }]);
    assert_eq!(workload.callee.outcome, Outcome::Panic("no".into()));
    assert_eq!((workload.gc.barrier, workload.gc.points), (Barrier::Hybrid, Points::Every));
    assert_eq!(workload.limits.steps, Some(1000));
    assert!(workload.applies("wasm", "go1.19"));
    assert!(!workload.applies("wasm", "go1.27") && !workload.applies("amd64", "go1.19"));
    let applies: Vec<bool> =
        workload.expect.findings.iter().map(|finding| finding.applies("arm64", "go1.19")).collect();
    assert_eq!(applies, [true, false]);
    assert_eq!(expected(&workload, 8), ExpectedText::Fresh("8 \"y\"".into()));
}

#[test]
fn a_bare_frame_gives_back_what_fits_its_results() {
    let workload =
        read("name = 'f'\ncall = 'reflectcall'\nframe-bytes = 24\nret-offset = 16\ncallee = 'return-args'\n");
    assert_eq!(workload.call, Call::Reflectcall(Frame { frame_bytes: 24, ret_offset: 16 }));
    assert_eq!(reflect_text(workload.space.types(), workload.func), "func([4]uint32) [2]uint32");
    let arguments = workload.arguments(8).expect("small values");
    let [Value::Array(words)] = arguments.args.as_slice() else { panic!("{:?}", arguments.args) };
    let [Value::Uint(first), Value::Uint(second), ..] = words.as_slice() else { panic!("{words:?}") };
    assert_eq!(expected(&workload, 8), ExpectedText::AfterArguments(format!("[{first} {second}]")));
}

#[test]
fn integers_fit_the_guest() {
    let workload = read("name = 'i'\ncall = 'value-call'\nfunc = 'func(int, uint)'\ncallee = 'drop-args'\n");
    let values = workload.arguments(4).expect("small values").args;
    assert!(matches!(values[0], Value::Int(value) if i32::try_from(value).is_ok()), "{values:?}");
    assert!(matches!(values[1], Value::Uint(value) if u32::try_from(value).is_ok()), "{values:?}");
    assert_ne!(values, workload.arguments(8).expect("small values").args);
}

#[test]
fn symbols_are_those_of_the_go_program() {
    let symbol = |rest: &str| {
        let workload = read(&format!("name = 'a: b, c!'\ncallee = 'drop-args'\n{rest}"));
        (gogen::callee_symbol(&workload), gogen::caller_symbol(&workload))
    };
    let plain = symbol("call = 'value-call'\nfunc = 'func()'\n");
    assert_eq!(plain, ("main.callee_a_b_c".into(), "main.caller_a_b_c".into()));
    let named = symbol("call = 'value-call'\nfunc = 'func()'\nsymbol = 'main.callInt'\n");
    assert_eq!(named.0, "main.callInt");
    let method = symbol(
        "call = 'method-value'\nreceiver = '*T'\nmethod = 'M'\ntypes = 'type T int; func (t *T) M()'\n",
    );
    assert_eq!(method.0, "main.(*T_a_b_c__T).M");
}

#[test]
fn places_are_right_in_a_file_with_carriage_returns() {
    let text = "name = 'x'\r\ncall = 'value-call'\r\ncallee = 'drop-args'\r\ntypes = '''\r\ntype A int\r\ntype B Nil\r\n'''\r\nfunc = 'func()'\r\n";
    let errors = Workload::parse(&Source::new("w.toml", text)).expect_err("an undefined type");
    let labels = errors.iter().next().expect("an error").labels();
    assert_eq!((labels[0].span.text(), labels[0].span.start().line), ("Nil", 6));
}

#[test]
fn an_object_keeps_its_number_and_shows_its_content_once_a_section() {
    let workload = read(
        "name = 'p'\ncall = 'value-call'\ncallee = 'return-args'\n\
         func = 'func(*int, *int, []int) (*int, *int, []int)'\n",
    );
    let params = workload.signature().params.clone();
    let (int, mut heap) = (workload.space.types().basic_id(rcsim_workloads::gotype::Basic::Int), Heap::new());
    let object = heap.add(int, Content::Cell(Value::Int(5)));
    let array = heap.add(int, Content::Array(vec![Value::Int(1), Value::Int(2), Value::Int(0)]));
    let pointer = Value::Pointer(Some(object));
    let slice = Value::Slice(Some(SliceValue { object: array, len: 2, cap: 3 }));
    let mut printer = Printer::new(workload.space.types(), &heap);
    let values = [pointer.clone(), pointer.clone(), slice.clone()];
    assert_eq!(printer.section(&params, &values), "#1=&5 #1 #2[2:3]{1 2}");
    let values = [Value::Stray(0xbad), pointer, slice];
    assert_eq!(printer.section(&params, &values), "?0xbad #1=&5 #2[2:3]{1 2}");
}

#[test]
fn maps_print_in_the_order_of_their_keys_and_cycles_end() {
    let workload = read(
        "name = 'm'\ncall = 'value-call'\ncallee = 'drop-args'\ntypes = 'type R struct { r *R; a any }'\n\
         func = 'func(map[string]int, *R)'\n",
    );
    let types = workload.space.types();
    let params = workload.signature().params.clone();
    let mut heap = Heap::new();
    let entry = |key: &str, value| (Value::String(key.into()), Value::Int(value));
    let map = heap.add(params[0], Content::Map(vec![entry("b", 1), entry("a", 2)]));
    let record = workload.space.lookup("R").expect("declared");
    let cell =
        heap.add(record, Content::Cell(Value::Struct(vec![Value::Pointer(None), Value::Interface(None)])));
    let content = InterfaceValue { ty: params[1], value: Value::Pointer(Some(cell)) };
    heap.get_mut(cell).content = Content::Cell(Value::Struct(vec![
        Value::Pointer(Some(cell)),
        Value::Interface(Some(Box::new(content))),
    ]));
    let mut printer = Printer::new(types, &heap);
    let text = printer.section(&params, &[Value::Map(Some(map)), Value::Pointer(Some(cell))]);
    assert_eq!(text, "#1=map{\"a\":2 \"b\":1} #2=&{r:#2 a:*main.R(#2)}");
}

#[test]
fn every_kind_of_patch_is_read() {
    use rcsim_workloads::patch::{Change, CodeChange, FrameFact, Where, With};

    let text = r#"name = "x"
call = "value-call"
callee = "drop-args"
func = "func()"
[[patch]]
symbol = "runtime.call16"
instruction = "movq 8(%rsp), %rdx"
nth = 2
with = "nop"
[[patch]]
symbol = "runtime.call16"
offset = 0x1c
with = "48 89 e7"
[[patch]]
symbol = "runtime.call16"
bytes = "4889e7"
with = "skip"
archs = ["amd64"]
epochs = ["go1.27"]
[[patch]]
symbol = "runtime.call16"
map = "args"
bit = 2
value = false
[[patch]]
symbol = "runtime.call16"
frame-bytes = 24
[[patch]]
symbol = "runtime.call16"
args-bytes = 24
[[patch]]
symbol = "runtime.call16"
nosplit = true
[[patch]]
step = "reflect.Value.call: wrap a result"
with = "skip"
[[patch]]
deviation = "no-rollback"
[[patch]]
fix = "no-rollback"
"#;
    let workload = Workload::parse(&Source::new("w.toml", text)).expect("a workload");
    let changes: Vec<&Change> = workload.patches.iter().map(|patch| &patch.change).collect();
    let places: Vec<(&Where, &With)> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Code(CodeChange { at, with, .. }) => Some((&at.value, &with.value)),
            _ => None,
        })
        .collect();
    let bytes = vec![0x48, 0x89, 0xe7];
    let text = "movq 8(%rsp), %rdx".to_owned();
    assert_eq!(
        places,
        [
            (&Where::Text { text, nth: Some(2) }, &With::Nop),
            (&Where::Offset(0x1c), &With::Bytes(bytes.clone())),
            (&Where::Bytes { bytes, nth: None }, &With::Skip),
        ]
    );
    let facts: Vec<FrameFact> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Frame(frame) => Some(frame.fact.value),
            _ => None,
        })
        .collect();
    let bit = FrameFact::ArgIsPointer { bit: 2, value: false };
    let sizes = [FrameFact::FrameBytes(24), FrameFact::ArgsBytes(24), FrameFact::Nosplit(true)];
    assert_eq!(facts, [&[bit][..], &sizes].concat());
    assert!(matches!(changes[7..], [Change::SkipStep(_), Change::Deviation(_), Change::Fix(_)]));
    let third = &workload.patches[2];
    assert!(third.applies("amd64", "go1.27") && !third.applies("arm64", "go1.27"));
    assert!(!third.applies("amd64", "go1.19") && workload.patches[0].applies("arm64", "go1.19"));
}
