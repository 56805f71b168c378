//! Types, methods and callees in the Go program.

use std::fmt::Write as _;

use super::names::Names;
use crate::gotype::{GoType, NamedId, Signature, TypeId, Types, go_text};
use crate::value::go_string;
use crate::workload::{Action, Call, Outcome, Workload};

/// Types with their methods, the callee and the caller.
pub(super) fn declarations(workload: &Workload, names: &Names<'_>) -> String {
    let types = workload.space.types();
    let mut out = String::new();
    let declared: Vec<NamedId> = types.declared().map(|(id, _)| id).collect();
    for id in declared {
        let named = types.named(id);
        let name = format!("{}{}", names.prefix(), named.name);
        let underlying = types.underlying(types.type_of(id));
        let _ = writeln!(out, "\ntype {name} {}", go_text(types, underlying, names));
        for method in &named.methods {
            let Some(signature) = types.signature(method.func) else { continue };
            let star = if method.pointer_receiver { "*" } else { "" };
            let head = format!("func (r {star}{name}) {}", method.name);
            let called = is_called(workload, &method.name, method.func);
            let body = if called { body(workload, names, signature) } else { "\treturn\n".to_owned() };
            out.push_str(&function(types, names, &head, signature, &body));
        }
    }
    for alias in workload.space.aliases() {
        let target = go_text(types, alias.target, names);
        let _ = writeln!(out, "\ntype {}{} = {target}", names.prefix(), alias.name);
    }
    if workload.returned.is_some() {
        let _ = writeln!(out, "\nvar {} func() []reflect.Value", names.returned());
    }
    out.push_str(&callee(workload, names));
    out
}

/// Statements that keep the functions of a workload in the binary.
pub(super) fn kept(workload: &Workload, names: &Names<'_>) -> String {
    let mut values = Vec::new();
    match &workload.call {
        Call::ValueCall | Call::Runtime(_) | Call::Reflectcall(_) => values.push(names.callee()),
        Call::MakeFunc => values.extend([names.callee(), names.caller()]),
        Call::MethodValue(receiver) => {
            let ty = go_text(workload.space.types(), receiver.ty, names);
            values.extend([format!("new({ty})"), names.caller()]);
        }
        Call::MethodCall(receiver) => {
            values.push(format!("new({})", go_text(workload.space.types(), receiver.ty, names)));
        }
    }
    values.iter().map(|value| format!("\trcsimKeep({value})\n")).collect()
}

/// Whether a method is the one that the workload calls: by name and type, since an interface may hold any of several.
fn is_called(workload: &Workload, method: &str, func: TypeId) -> bool {
    workload.call.receiver().is_some_and(|receiver| receiver.method == method && workload.func == func)
}

fn callee(workload: &Workload, names: &Names<'_>) -> String {
    let types = workload.space.types();
    let signature = workload.signature();
    let direct = || {
        function(
            types,
            names,
            &format!("func {}", names.callee()),
            signature,
            &body(workload, names, signature),
        )
    };
    match &workload.call {
        Call::ValueCall | Call::Runtime(_) | Call::Reflectcall(_) => direct(),
        Call::MakeFunc => handler(workload, names) + &caller(workload, names),
        Call::MethodValue(_) => caller(workload, names),
        // The method stands with its type.
        Call::MethodCall(_) => String::new(),
    }
}

/// A function with the parameters a0, a1, … and the results r0, r1, …
pub(super) fn function(
    types: &Types,
    names: &Names<'_>,
    head: &str,
    signature: &Signature,
    body: &str,
) -> String {
    let params = params(types, names, signature);
    format!("\n//go:noinline\n{head}({params}){} {{\n{body}}}\n", results(types, names, signature))
}

fn params(types: &Types, names: &Names<'_>, signature: &Signature) -> String {
    let last = signature.params.len();
    let texts = signature.params.iter().enumerate().map(|(index, id)| match types.get(*id) {
        GoType::Slice(elem) if signature.variadic && index + 1 == last => {
            format!("a{index} ...{}", go_text(types, *elem, names))
        }
        _ => format!("a{index} {}", go_text(types, *id, names)),
    });
    texts.collect::<Vec<_>>().join(", ")
}

fn results(types: &Types, names: &Names<'_>, signature: &Signature) -> String {
    if signature.results.is_empty() {
        return String::new();
    }
    let texts = signature.results.iter().enumerate();
    let texts: Vec<String> =
        texts.map(|(index, id)| format!("r{index} {}", go_text(types, *id, names))).collect();
    format!(" ({})", texts.join(", "))
}

/// What a compiled callee does.
fn body(workload: &Workload, names: &Names<'_>, signature: &Signature) -> String {
    let mut out = String::new();
    if workload.drops_results() {
        let values: Vec<String> =
            (0..signature.params.len()).map(|index| format!("reflect.ValueOf(&a{index}).Elem()")).collect();
        let _ = writeln!(out, "\trcsimReceived = []reflect.Value{{{}}}", values.join(", "));
    }
    for action in &workload.callee.actions {
        let _ = match action {
            Action::StoreToHeap { arg } => writeln!(out, "\tp{arg} := a{arg}\n\trcsimKeep(&p{arg})"),
            other => writeln!(out, "\t{}", simple_action(*other)),
        };
    }
    let _ = match &workload.callee.outcome {
        Outcome::Panic(text) => writeln!(out, "\tpanic({})", go_string(text.as_bytes())),
        Outcome::Return => write!(out, "{}", made_results(workload, names, signature)),
        Outcome::DropArgs => writeln!(out, "\treturn"),
        Outcome::ReturnArgs if matches!(workload.call, Call::Reflectcall(_)) => {
            let copies = if signature.results.is_empty() { "" } else { "\tcopy(r0[:], a0[:])\n" };
            writeln!(out, "{copies}\treturn")
        }
        Outcome::ReturnArgs => {
            let returned: Vec<String> =
                (0..signature.results.len()).map(|index| format!("a{index}")).collect();
            writeln!(out, "\treturn {}", returned.join(", "))
        }
    };
    out
}

/// The end of a callee that makes its results.
fn made_results(workload: &Workload, names: &Names<'_>, signature: &Signature) -> String {
    let mut out = format!("\tv := {}()\n", names.returned());
    for (index, id) in signature.results.iter().enumerate() {
        let ty = go_text(workload.space.types(), *id, names);
        // The second value only keeps a nil interface from being a panic.
        let _ = writeln!(out, "\tr{index}, _ = v[{index}].Interface().({ty})");
    }
    out.push_str("\treturn\n");
    out
}

fn simple_action(action: Action) -> String {
    match action {
        Action::StoreToHeap { arg } => format!("rcsimKeep(&a{arg})"),
        Action::Allocate { bytes } => format!("rcsimAllocate({bytes})"),
        Action::GrowStack { bytes } => format!("rcsimGrowStack({bytes})"),
        Action::CallBack => "rcsimCallBack()".to_owned(),
        Action::ClobberRegisters => "rcsimClobberRegisters()".to_owned(),
        Action::Gc => "runtime.GC()".to_owned(),
    }
}

/// The function behind `reflect.MakeFunc`.
fn handler(workload: &Workload, names: &Names<'_>) -> String {
    let signature = workload.signature();
    let mut out = String::new();
    let _ =
        writeln!(out, "\n//go:noinline\nfunc {}(args []reflect.Value) []reflect.Value {{", names.callee());
    for action in &workload.callee.actions {
        let _ = match action {
            Action::StoreToHeap { arg } => {
                let stored = format!("p{arg} := reflect.New(args[{arg}].Type())");
                writeln!(out, "\t{stored}\n\tp{arg}.Elem().Set(args[{arg}])\n\trcsimKeep(p{arg}.Interface())")
            }
            other => writeln!(out, "\t{}", simple_action(*other)),
        };
    }
    let count = signature.results.len();
    let _ = match &workload.callee.outcome {
        Outcome::Panic(text) => writeln!(out, "\tpanic({})", go_string(text.as_bytes())),
        Outcome::ReturnArgs => writeln!(out, "\treturn args[:{count}]"),
        Outcome::Return => writeln!(out, "\treturn {}()", names.returned()),
        Outcome::DropArgs => {
            let types = workload.space.types();
            let zeros = signature.results.iter().map(|id| {
                format!("reflect.Zero(reflect.TypeOf((*{})(nil)).Elem())", go_text(types, *id, names))
            });
            let zeros: Vec<String> = zeros.collect();
            writeln!(out, "\treturn []reflect.Value{{{}}}", zeros.join(", "))
        }
    };
    out.push_str("}\n");
    out
}

/// The compiled function that calls the made function or the method value.
fn caller(workload: &Workload, names: &Names<'_>) -> String {
    let types = workload.space.types();
    let signature = workload.signature();
    let func = go_text(types, workload.func, names);
    let separator = if signature.params.is_empty() { "" } else { ", " };
    let params = params(types, names, signature);
    let results = results(types, names, signature);
    let verb = if signature.results.is_empty() { "" } else { "return " };
    let call = arguments(signature);
    format!(
        "\n//go:noinline\nfunc {}(f {func}{separator}{params}){results} {{\n\t{verb}f({call})\n}}\n",
        names.caller()
    )
}

/// `a0, a1, a2...`
pub(super) fn arguments(signature: &Signature) -> String {
    let last = signature.params.len();
    let texts = (0..last).map(|index| match signature.variadic && index + 1 == last {
        true => format!("a{index}..."),
        false => format!("a{index}"),
    });
    texts.collect::<Vec<_>>().join(", ")
}
