//! The function that makes one workload's call and prints its line.

use std::fmt::Write as _;

use rcsim_diag::Diagnostics;

use super::declare;
use super::names::Names;
use crate::ends::Arguments;
use crate::given::GivenValue;
use crate::gotype::{GoType, Types, go_text};
use crate::value::{Content, GoLiterals, go_string};
use crate::workload::{Call, Receiver, RuntimeCaller, Workload};

/// The function, and the functions that stand for function values among the arguments.
pub(super) fn function(
    workload: &Workload,
    names: &Names<'_>,
    word_bytes: u64,
) -> Result<String, Diagnostics> {
    let arguments = workload.arguments(word_bytes)?;
    let types = workload.space.types();
    let mut out = function_values(types, &arguments, names);
    let name = go_string(workload.name.value.as_bytes());
    let _ = writeln!(out, "\nfunc {}() {{\n\trcsimReport({name}, func() string {{", names.run());
    let literals = GoLiterals::new(types, &arguments.heap, names);
    out.push_str(&literals.objects(&|object| names.function(object)));
    out.push_str(&returned(workload, names, &literals, &arguments));
    for (index, (id, value)) in workload.arg_types().iter().zip(&arguments.args).enumerate() {
        let ty = go_text(types, *id, names);
        let _ = writeln!(out, "var a{index} {ty} = {}", literals.expression(*id, value));
    }
    if let (Some(receiver), Some(value)) = (workload.call.receiver(), &arguments.receiver) {
        let ty = go_text(types, receiver.ty, names);
        let _ = writeln!(out, "var receiver {ty} = {}", literals.expression(receiver.ty, value));
    }
    out.push_str(&printed(workload, names));
    out.push_str("\t})\n}\n");
    Ok(out)
}

/// The assignment of the function that makes the values which a made function returns.
fn returned(
    workload: &Workload,
    names: &Names<'_>,
    literals: &GoLiterals<'_>,
    arguments: &Arguments,
) -> String {
    let Some(given) = &workload.returned else { return String::new() };
    let types = workload.space.types();
    let mut out = format!("{} = func() []reflect.Value {{\n", names.returned());
    for (index, (id, value)) in given.value.types().iter().zip(&arguments.returned).enumerate() {
        let ty = go_text(types, *id, names);
        let _ = writeln!(out, "var v{index} {ty} = {}", literals.expression(*id, value));
    }
    let values: Vec<String> = given
        .value
        .values
        .iter()
        .enumerate()
        .map(|(index, given)| given_value(types, given, &format!("v{index}")))
        .collect();
    let _ = writeln!(out, "return []reflect.Value{{{}}}\n}}", values.join(", "));
    out
}

/// The `reflect.Value` of a variable. An interface goes in as such, which only an addressable Value can; everything else as
/// a plain Value unless it is to be addressable.
fn given_value(types: &Types, given: &GivenValue, variable: &str) -> String {
    match types.shape(given.ty) {
        GoType::Interface(_) => format!("reflect.ValueOf(&{variable}).Elem()"),
        _ if given.addressable => format!("reflect.ValueOf(&{variable}).Elem()"),
        _ => format!("reflect.ValueOf({variable})"),
    }
}

fn function_values(types: &Types, arguments: &Arguments, names: &Names<'_>) -> String {
    let functions = arguments.heap.iter().filter(|(_, object)| object.content == Content::Func);
    let texts = functions.filter_map(|(id, object)| {
        let signature = types.signature(object.ty)?;
        let head = format!("func {}", names.function(id));
        Some(declare::function(types, names, &head, signature, "\treturn\n"))
    });
    texts.collect()
}

/// The call itself, between the sections of arguments and results.
fn printed(workload: &Workload, names: &Names<'_>) -> String {
    let signature = workload.signature();
    let mut out = format!("p := rcsimNewPrinter({})\n", go_string(names.prefix().as_bytes()));
    let _ = writeln!(out, "args := []reflect.Value{{{}}}", elements("a", signature.params.len()));
    out.push_str("p.section(args)\n");
    match &workload.call {
        Call::ValueCall | Call::Reflectcall(_) => {
            let func = format!("reflect.ValueOf({})", names.callee());
            out.push_str(&value_call(workload, &func));
        }
        Call::MethodCall(receiver) => out.push_str(&value_call(workload, &method_of(workload, receiver))),
        Call::Runtime(caller) => out.push_str(&runtime_call(workload, names, *caller)),
        Call::MakeFunc => {
            let func = go_text(workload.space.types(), workload.func, names);
            let _ = writeln!(out, "var t {func}");
            let made = format!("reflect.MakeFunc(reflect.TypeOf(t), {})", names.callee());
            let _ = writeln!(out, "f := {made}.Interface().({func})");
            out.push_str(&compiled_call(workload, names));
        }
        Call::MethodValue(receiver) => {
            out.push_str(&method_value(workload, names, receiver));
            out.push_str(&compiled_call(workload, names));
        }
    }
    out.push_str("text := p.section(results)\nruntime.KeepAlive(args)\nreturn text\n");
    out
}

fn elements(letter: &str, count: usize) -> String {
    let texts: Vec<String> =
        (0..count).map(|index| format!("reflect.ValueOf(&{letter}{index}).Elem()")).collect();
    texts.join(", ")
}

/// `reflect.Value.Call`.
fn value_call(workload: &Workload, func: &str) -> String {
    let types = workload.space.types();
    let signature = workload.signature();
    let values: Vec<String> = workload
        .given_args()
        .iter()
        .enumerate()
        .map(|(index, given)| given_value(types, given, &format!("a{index}")))
        .collect();
    let method = if signature.variadic { "CallSlice" } else { "Call" };
    let list = values.join(", ");
    format!("results := {func}.{method}([]reflect.Value{{{list}}})\n")
}

/// A call that the runtime makes: deferred and run by `runtime.Goexit`. Neither the end of an object nor C code can be had
/// in a program that is to print the same each time: finalizers and callbacks are called as they are.
fn runtime_call(workload: &Workload, names: &Names<'_>, caller: RuntimeCaller) -> String {
    let signature = workload.signature();
    let (callee, list) = (names.callee(), declare::arguments(signature));
    match caller {
        RuntimeCaller::Defer => format!(
            "done := make(chan bool)\ngo func() {{\ndefer close(done)\ndefer {callee}({list})\nruntime.Goexit()\n}}()\n\
             <-done\nresults := rcsimReceived\n"
        ),
        RuntimeCaller::Finalizer => format!("{callee}({list})\nresults := rcsimReceived\n"),
        RuntimeCaller::CgoCallback => {
            let count = signature.results.len();
            let variables: Vec<String> = (0..count).map(|index| format!("r{index}")).collect();
            let assigned = if count == 0 { String::new() } else { format!("{} := ", variables.join(", ")) };
            format!("{assigned}{callee}({list})\nresults := []reflect.Value{{{}}}\n", elements("r", count))
        }
    }
}

fn method_value(workload: &Workload, names: &Names<'_>, receiver: &Receiver) -> String {
    let types = workload.space.types();
    let func = go_text(types, workload.func, names);
    format!("f := {}.Interface().({func})\n", method_of(workload, receiver))
}

/// The `reflect.Value` of the method.
fn method_of(workload: &Workload, receiver: &Receiver) -> String {
    let value = match workload.space.types().shape(receiver.ty) {
        GoType::Interface(_) => "reflect.ValueOf(&receiver).Elem()",
        _ => "reflect.ValueOf(receiver)",
    };
    format!("{value}.MethodByName({})", go_string(receiver.method.as_bytes()))
}

fn compiled_call(workload: &Workload, names: &Names<'_>) -> String {
    let signature = workload.signature();
    let count = signature.results.len();
    let variables: Vec<String> = (0..count).map(|index| format!("r{index}")).collect();
    let assigned = if count == 0 { String::new() } else { format!("{} := ", variables.join(", ")) };
    let separator = if signature.params.is_empty() { "" } else { ", " };
    let call = format!("{}(f{separator}{})", names.caller(), declare::arguments(signature));
    format!("{assigned}{call}\nresults := []reflect.Value{{{}}}\n", elements("r", count))
}
