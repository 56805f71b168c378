//! A whole workload.

use std::sync::Arc;

use rcsim_diag::table::{Reader, quoted, suggest};
use rcsim_diag::{Diagnostic, Diagnostics, Located, Source, Span};
use toml::de::DeTable;

use super::given::{self, Giver, Purpose};
use super::snippets::ReadSnippet;
use super::words::{CALLS, CallWord};
use super::{callee, expect, finalizer, patch, stack_left};
use crate::given::Given;
use crate::gotype::{Basic, GoType, Signature, TypeId, TypeSpace, Types, is_exported, reflect_text};
use crate::layout::{LayoutRules, Layouts, MAX_SIZE_BYTES, align_up};
use crate::patch::Patch;
use crate::value::Heap;
use crate::workload::{Call, Expect, Frame, Receiver, RuntimeCaller, Workload};

/// A list of names; nothing means all.
type Names = Option<Vec<Located<String>>>;

/// The longest workload file, in bytes.
const MAX_FILE_BYTES: usize = 1 << 20;

/// The longest `name`, in bytes.
const MAX_NAME_BYTES: usize = 200;

/// The keys of a workload.
pub(crate) const KEYS: [&str; 19] = [
    "name",
    "call",
    "types",
    "func",
    "receiver",
    "method",
    "args",
    "callee",
    "symbol",
    "frame-bytes",
    "ret-offset",
    "reserve-bytes",
    "stack-left",
    "epochs",
    "archs",
    "gc",
    "expect",
    "limits",
    "patch",
];

/// Reads a workload.
pub(crate) fn read(source: &Arc<Source>) -> Result<Workload, Diagnostics> {
    if source.text().len() > MAX_FILE_BYTES {
        let error = Diagnostic::input(format!("the workload is longer than {MAX_FILE_BYTES} bytes"));
        return Err(error.with_place(source.name()).into());
    }
    let document = DeTable::parse(source.text()).map_err(|error| toml_error(source, "workload", &error))?;
    let mut reader = Reader::new(source);
    let workload = workload(&mut reader, document.get_ref());
    match workload {
        Some(workload) => reader.errors.into_result(workload),
        None if reader.errors.has_errors() => Err(reader.errors),
        None => {
            Err(Diagnostic::bug("a workload was refused without a reason").with_place(source.name()).into())
        }
    }
}

pub(super) fn toml_error(source: &Arc<Source>, what: &str, error: &toml::de::Error) -> Diagnostics {
    let span = Span::new(source, error.span().unwrap_or(0..0));
    Diagnostic::input(format!("the {what} is not TOML")).with_primary(&span, error.message().trim()).into()
}

fn workload(reader: &mut Reader<'_>, root: &DeTable<'_>) -> Option<Workload> {
    reader.check_keys(root, &KEYS, "a workload");
    let name = name(reader, root);
    let space = types(reader, root);
    let callee = callee::read(reader, root);
    let symbol = symbol(reader, root);
    let epochs = names(reader, root, "epochs");
    let archs = names(reader, root, "archs");
    let gc = expect::gc(reader, root);
    let limits = expect::limits(reader, root);
    let patches = patch::patches(reader, root);
    let call_word = call_word(reader, root);
    // Everything after this needs the types; their errors come first.
    let mut space = space?;
    let called = call_word.and_then(|word| called(reader, root, &mut space, word));
    let signature = called.as_ref().and_then(|called| space.types().signature(called.func).cloned());
    let params = signature.as_ref().map(|signature| signature.params.clone());
    let results = signature.as_ref().map(|signature| signature.results.clone());
    let written_args = params.as_ref().and_then(|params| args(reader, root, &mut space, call_word, params));
    let heap = written_args.as_ref().map(|given| given.value.heap.clone()).unwrap_or_default();
    let ends = results.as_deref();
    let returned = ends.and_then(|ends| returned(reader, root, &mut space, call_word, ends, heap));
    if call_word == Some(CallWord::Runtime(RuntimeCaller::Finalizer)) {
        finalizer::check(reader, &called, space.types(), written_args.as_ref());
    }
    let drops = matches!(call_word, Some(CallWord::Runtime(caller)) if caller.drops_results());
    let expect = expect::expect(reader, root, &mut space, if drops { params.as_deref() } else { ends });
    check_run(reader, &epochs, &archs, &expect, &patches);
    let reserve_bytes = reserved(reader, root, call_word);
    let stack_left = stack_left::read(reader, root, call_word);
    let called = called?;
    if let (Some(callee), Some(signature)) = (&callee, &signature) {
        callee::check_actions(reader, callee, signature);
        match called.call {
            Call::Reflectcall(frame) => callee::check_frame(reader, callee, frame),
            Call::ValueCall
            | Call::MakeFunc
            | Call::MethodValue(_)
            | Call::MethodCall(_)
            | Call::Runtime(_) => {
                let converts = called.call == Call::MakeFunc;
                callee::check_return(reader, callee, space.types(), signature, converts);
            }
        }
    }
    check_frame(reader, &called, space.types(), &signature?);
    Some(Workload {
        source: Arc::clone(reader.source),
        name: name?,
        call: called.call,
        space,
        func: called.func,
        func_span: called.span,
        callee: callee?.value,
        reserve_bytes: reserve_bytes?,
        stack_left: stack_left?,
        symbol,
        written_args,
        returned,
        epochs,
        archs,
        gc,
        expect,
        limits,
        patches,
    })
}

/// What `reflectcall` is told to reserve at least; absent when that is wrong.
fn reserved(reader: &mut Reader<'_>, root: &DeTable<'_>, word: Option<CallWord>) -> Option<Option<u32>> {
    if !root.contains_key("reserve-bytes") {
        return Some(None);
    }
    if matches!(word, Some(CallWord::MakeFunc | CallWord::Runtime(_))) {
        reader.unwanted(root, "reserve-bytes", "only calls that `reflect` makes reserve what they are told");
    }
    frame_offset(reader, root, "reserve-bytes").map(Some)
}

/// Reports names in findings and patches that the workload itself leaves out: they would say nothing.
fn check_run(reader: &mut Reader<'_>, epochs: &Names, archs: &Names, expect: &Expect, patches: &[Patch]) {
    let findings = expect.findings.iter().map(|finding| (&finding.epochs, &finding.archs));
    let breaks = expect.breaks_off.iter().map(|one| (&one.epochs, &one.archs));
    let lists = findings.chain(breaks).chain(patches.iter().map(|patch| (&patch.epochs, &patch.archs)));
    for (of_epochs, of_archs) in lists {
        check_subset(reader, "epoch", of_epochs, epochs);
        check_subset(reader, "architecture", of_archs, archs);
    }
}

fn check_subset(reader: &mut Reader<'_>, what: &str, part: &Names, whole: &Names) {
    let Some(whole) = whole else { return };
    for name in part.iter().flatten() {
        if whole.iter().all(|known| known.value != name.value) {
            let known: Vec<&str> = whole.iter().map(|known| known.value.as_str()).collect();
            let message = format!("the workload does not run in {what} `{}`", name.value);
            let message = if what == "epoch" { message } else { message.replace(" in ", " on ") };
            let error = Diagnostic::input(message).with_primary(
                &name.span,
                format!("it runs {} {} only", if what == "epoch" { "in" } else { "on" }, quoted(&known)),
            );
            reader.errors.push(suggest(error, &name.value, &known));
        }
    }
}

fn name(reader: &mut Reader<'_>, root: &DeTable<'_>) -> Option<Located<String>> {
    if !root.contains_key("name") {
        return reader.missing("name", "a workload", "write name = \"what this workload shows\"");
    }
    let name = reader.string(root, "name")?;
    let text = &name.value;
    if text.is_empty() || text.len() > MAX_NAME_BYTES || text.chars().any(char::is_control) {
        let label = format!("must be 1 to {MAX_NAME_BYTES} bytes without control characters");
        return reader.fail(&name.span, "invalid name of a workload", label);
    }
    Some(name)
}

fn types(reader: &mut Reader<'_>, root: &DeTable<'_>) -> Option<TypeSpace> {
    if !root.contains_key("types") {
        return Some(TypeSpace::new());
    }
    let snippet = reader.snippet(root, "types")?;
    reader.errors.absorb(TypeSpace::declare(&snippet))
}

/// A function of the image: a package and a name.
fn symbol(reader: &mut Reader<'_>, root: &DeTable<'_>) -> Option<Located<String>> {
    let symbol = reader.string(root, "symbol")?;
    let qualified =
        symbol.value.split_once('.').is_some_and(|(package, name)| !package.is_empty() && !name.is_empty());
    if !qualified || symbol.value.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        let error = Diagnostic::input("invalid symbol")
            .with_primary(&symbol.span, "not a function of a package")
            .with_help("write it as the linker does: \"main.callInt\"");
        reader.errors.push(error);
        return None;
    }
    Some(symbol)
}

fn names(reader: &mut Reader<'_>, root: &DeTable<'_>, key: &str) -> Option<Vec<Located<String>>> {
    let names = reader.strings(root, key)?;
    if names.is_empty() {
        let span = reader.span_of(root.get(key)?);
        let label = "leave the key out to mean all";
        return reader.fail(&span, format!("`{key}` is empty, so nothing would run"), label);
    }
    Some(names)
}

fn call_word(reader: &mut Reader<'_>, root: &DeTable<'_>) -> Option<CallWord> {
    if !root.contains_key("call") {
        return reader.missing("call", "a workload", "write call = \"value-call\"");
    }
    let text = reader.string(root, "call")?;
    reader.word("call", &text, &CALLS)
}

/// `args`
fn args(
    reader: &mut Reader<'_>,
    root: &DeTable<'_>,
    space: &mut TypeSpace,
    call: Option<CallWord>,
    params: &[TypeId],
) -> Option<Located<Given>> {
    let giver = match call {
        Some(CallWord::ValueCall | CallWord::MethodCall) => Giver::Reflect,
        Some(CallWord::Runtime(RuntimeCaller::Finalizer)) => Giver::SetFinalizer,
        _ => Giver::Compiled,
    };
    let purpose = Purpose { key: "args", what: "parameter", giver };
    given::read(reader, root, &purpose, space, params, Heap::new())
}

/// The list of `{ return = […] }`.
fn returned(
    reader: &mut Reader<'_>,
    root: &DeTable<'_>,
    space: &mut TypeSpace,
    call: Option<CallWord>,
    results: &[TypeId],
    heap: Heap,
) -> Option<Located<Given>> {
    let table = callee::table_of_return(root)?;
    let giver = match call? {
        CallWord::MakeFunc => Giver::Reflect,
        CallWord::ValueCall | CallWord::MethodValue | CallWord::MethodCall => Giver::Compiled,
        CallWord::Reflectcall | CallWord::Runtime(_) => {
            reader.unwanted(table, "return", "nobody looks at what this callee returns");
            return None;
        }
    };
    let purpose = Purpose { key: "return", what: "result", giver };
    given::read(reader, table, &purpose, space, results, heap)
}

/// What is called, and where that was written.
pub(super) struct Called {
    call: Call,
    pub func: TypeId,
    pub span: Span,
}

fn called(
    reader: &mut Reader<'_>,
    root: &DeTable<'_>,
    space: &mut TypeSpace,
    word: CallWord,
) -> Option<Called> {
    if !matches!(word, CallWord::MethodValue | CallWord::MethodCall) {
        reader.unwanted(root, "receiver", "only a `method-value` or `method-call` has a receiver");
        reader.unwanted(root, "method", "only a `method-value` or `method-call` has a method");
    }
    if word != CallWord::Reflectcall {
        reader.unwanted(root, "frame-bytes", "the frame of this call follows from `func`");
        reader.unwanted(root, "ret-offset", "the frame of this call follows from `func`");
    }
    match word {
        CallWord::ValueCall => func(reader, root, space, Call::ValueCall),
        CallWord::MakeFunc => func(reader, root, space, Call::MakeFunc),
        CallWord::Runtime(caller) => func(reader, root, space, Call::Runtime(caller)),
        CallWord::MethodValue => method(reader, root, space, Call::MethodValue),
        CallWord::MethodCall => method(reader, root, space, Call::MethodCall),
        CallWord::Reflectcall => reflectcall(reader, root, space),
    }
}

fn func(reader: &mut Reader<'_>, root: &DeTable<'_>, space: &mut TypeSpace, call: Call) -> Option<Called> {
    if !root.contains_key("func") {
        return reader.missing("func", "this call", "write func = \"func(int) int\"");
    }
    let snippet = reader.snippet(root, "func")?;
    let func = reader.errors.absorb(space.parse_func(&snippet))?;
    Some(Called { call, func, span: snippet.whole() })
}

fn method(
    reader: &mut Reader<'_>,
    root: &DeTable<'_>,
    space: &mut TypeSpace,
    call: impl FnOnce(Receiver) -> Call,
) -> Option<Called> {
    if !root.contains_key("receiver") {
        return reader.missing(
            "receiver",
            "the call of a method",
            "write receiver = \"*T\" with a type of `types`",
        );
    }
    if !root.contains_key("method") {
        return reader.missing(
            "method",
            "the call of a method",
            "write method = \"M\" with a method of the receiver",
        );
    }
    let receiver = reader.snippet(root, "receiver")?;
    let ty = reader.errors.absorb(space.parse_type(&receiver))?;
    let method = reader.string(root, "method")?;
    let (func, pointer_receiver) = find_method(reader, space.types(), ty, &method)?;
    if !is_exported(&method.value) {
        return reader.fail(
            &method.span,
            "reflect cannot call an unexported method",
            "must begin with a capital",
        );
    }
    if root.contains_key("func") {
        let snippet = reader.snippet(root, "func")?;
        let written = reader.errors.absorb(space.parse_func(&snippet))?;
        if written != func {
            let label = format!("the method is a `{}`", reflect_text(space.types(), func));
            return reader.fail(&snippet.whole(), "`func` is not the type of the method", label);
        }
    }
    let call = call(Receiver { ty, method: method.value, pointer_receiver });
    Some(Called { call, func, span: method.span })
}

/// The method's type, and whether it is declared on the pointer.
fn find_method(
    reader: &mut Reader<'_>,
    types: &Types,
    receiver: TypeId,
    method: &Located<String>,
) -> Option<(TypeId, bool)> {
    if let GoType::Interface(methods) = types.shape(receiver) {
        let found = methods.iter().find(|known| known.name == method.value);
        return match found {
            Some(found) => Some((found.func, false)),
            None => no_method(reader, method, methods.iter().map(|known| known.name.as_str()).collect()),
        };
    }
    let (base, is_pointer) = match types.get(receiver) {
        GoType::Pointer(target) => (*target, true),
        _ => (receiver, false),
    };
    let methods = declared_methods(types, base);
    let Some(found) = methods.iter().find(|known| known.name == method.value) else {
        return no_method(reader, method, methods.iter().map(|known| known.name.as_str()).collect());
    };
    if found.pointer_receiver && !is_pointer {
        let label = format!("declared on `*{}`", reflect_text(types, base));
        return reader.fail(&method.span, "the receiver does not have this method", label);
    }
    Some((found.func, found.pointer_receiver))
}

fn declared_methods(types: &Types, id: TypeId) -> &[crate::gotype::Method] {
    match types.get(id) {
        GoType::Named(named) => &types.named(*named).methods,
        _ => &[],
    }
}

fn no_method<T>(reader: &mut Reader<'_>, method: &Located<String>, known: Vec<&str>) -> Option<T> {
    let error = Diagnostic::input(format!("the receiver has no method `{}`", method.value))
        .with_primary(&method.span, "not declared for it under `types`")
        .with_help(format!("declare it under `types`, without a body: func (r T) {}()", method.value));
    reader.errors.push(suggest(error, &method.value, &known));
    None
}

fn reflectcall(reader: &mut Reader<'_>, root: &DeTable<'_>, space: &mut TypeSpace) -> Option<Called> {
    for key in ["func", "args"] {
        reader.unwanted(root, key, "a bare `reflectcall` has a frame of `frame-bytes`");
    }
    if !root.contains_key("frame-bytes") {
        return reader.missing("frame-bytes", "a `reflectcall`", "write frame-bytes = 64");
    }
    let span = reader.span_of(root.get("frame-bytes")?);
    let frame_bytes = frame_offset(reader, root, "frame-bytes")?;
    let ret_offset = match root.contains_key("ret-offset") {
        true => frame_offset(reader, root, "ret-offset")?,
        false => frame_bytes,
    };
    if ret_offset > frame_bytes {
        let label = format!("the frame has {frame_bytes} bytes");
        return reader.fail(
            &reader.span_of(root.get("ret-offset")?),
            "`ret-offset` is outside the frame",
            label,
        );
    }
    let func = frame_func(space.types_mut(), ret_offset, frame_bytes - ret_offset);
    Some(Called { call: Call::Reflectcall(Frame { frame_bytes, ret_offset }), func, span })
}

fn frame_offset(reader: &mut Reader<'_>, root: &DeTable<'_>, key: &str) -> Option<u32> {
    let bytes = reader.unsigned(root, key)?;
    let Ok(value) = u32::try_from(bytes.value) else {
        return reader.fail(
            &bytes.span,
            "a frame of 4 GiB or more cannot be called",
            "must be below 4294967296",
        );
    };
    if value % 8 != 0 {
        return reader.fail(&bytes.span, format!("`{key}` must be a multiple of 8"), "");
    }
    Some(value)
}

fn frame_func(types: &mut Types, arg_bytes: u32, result_bytes: u32) -> TypeId {
    let word = types.basic(Basic::Uint32);
    let mut area = |bytes: u32| match bytes {
        0 => Vec::new(),
        _ => vec![types.intern(GoType::Array { elem: word, len: u64::from(bytes / 4) })],
    };
    let signature = Signature { params: area(arg_bytes), results: area(result_bytes), variadic: false };
    types.intern(GoType::Func(signature))
}

/// Reports a frame whose size does not fit the uint32 in which reflectcall takes it.
fn check_frame(reader: &mut Reader<'_>, called: &Called, types: &Types, signature: &Signature) {
    let layouts = Layouts::new(types, LayoutRules::WORD64);
    let mut bytes = 0;
    for id in signature.params.iter().chain(&signature.results) {
        bytes = match layouts.layout(*id) {
            Ok(layout) => align_up(bytes, layout.align) + layout.size,
            Err(_) => MAX_SIZE_BYTES + 1,
        };
        if bytes > MAX_SIZE_BYTES {
            let message = "a frame of 4 GiB or more cannot be called";
            let label = "arguments and results do not fit 32 bits of size";
            let _: Option<()> = reader.fail(&called.span, message, label);
            return;
        }
    }
}
