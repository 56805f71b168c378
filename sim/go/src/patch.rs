//! Applying the patches of a workload to the code of a run, before any of it is lifted.
//!
//! Owns: finding the instruction that a patch means, and telling why it cannot be applied. Must not know: instruction sets; what
//! no-operation looks like is asked of the port. Start reading at [`apply`].

use std::collections::BTreeSet;
use std::sync::Arc;

use rcsim_diag::{Diagnostic, Diagnostics, Located, Span, nearest};
use rcsim_machine::{Memory, Shadow};
use rcsim_uop::edit::Lifted;
use rcsim_uop::isa::Isa;
use rcsim_uop::port::{BuiltinFunction, Container, Program};
use rcsim_workloads::patch::{Change, CodeChange, FrameChange, FrameFact, Where, With};

use crate::code::{Code, CodeFunction, Source};
use crate::deviation::Deviation;
use crate::loading::Loaded;
use crate::mutation::Mutation;
use crate::places::Places;
use crate::run::{CodeChoice, Request};
use crate::services::Service;

/// How many instructions are named where a patch meant another.
const MAX_NAMED: usize = 5;

/// Applies every patch of the workload that is for this run. What is no change of bytes goes into `mutation`.
///
/// # Errors
/// Every patch that cannot be applied, or that would change nothing.
pub(crate) fn apply<S: Shadow>(
    request: &Request<'_>,
    loaded: &mut Loaded<S>,
    mutation: &mut Mutation,
) -> Result<(), Diagnostics> {
    let mut errors = Diagnostics::new();
    let (mut written, mut changed) = (Vec::new(), Changed::default());
    let (arch, epoch) = (request.port.goarch(), request.epoch.name());
    for patch in request.workload.patches.iter().filter(|patch| patch.applies(arch, epoch)) {
        let done = match &patch.change {
            Change::Code(change) => code(request, loaded, mutation, change, (&mut written, &mut changed)),
            Change::Frame(change) => frame(&mut loaded.code, request.port.word().bytes, change),
            Change::SkipStep(step) => changed.once(step).map(|()| mutation.steps.push(step.value.clone())),
            Change::Deviation(name) => deviation(request, name, true).and_then(|()| changed.once(name)),
            Change::Fix(name) => deviation(request, name, false).and_then(|()| changed.once(name)),
        };
        if let Err(error) = done {
            errors.push(*error);
        }
    }
    if !written.is_empty() && request.port.container() == Container::Wasm {
        errors.absorb(reread(request, loaded, &written));
    }
    errors.into_result(())
}

/// The deviations that the workload's patches switch on, and those that they switch off.
pub(crate) fn deviations(request: &Request<'_>) -> (Vec<Deviation>, Vec<Deviation>) {
    let (arch, epoch) = (request.port.goarch(), request.epoch.name());
    let (mut on, mut off) = (Vec::new(), Vec::new());
    for patch in request.workload.patches.iter().filter(|patch| patch.applies(arch, epoch)) {
        match &patch.change {
            Change::Deviation(name) => on.extend(Deviation::by_name(&name.value)),
            Change::Fix(name) => off.extend(Deviation::by_name(&name.value)),
            Change::Code(_) | Change::Frame(_) | Change::SkipStep(_) => {}
        }
    }
    (on, off)
}

/// A deviation must exist, and the epoch must not have it already or, for a fix, must have it.
fn deviation(request: &Request<'_>, name: &Located<String>, on: bool) -> Result<(), Failed> {
    let Some(deviation) = Deviation::by_name(&name.value) else {
        let error = Diagnostic::input(format!("unknown deviation `{}`", name.value));
        return Err(fail(error.with_primary(&name.span, "the services do not deviate in this way")));
    };
    let has = match (deviation.concerns(request.epoch), deviation.in_epoch(request.epoch)) {
        (false, _) => "has no code that it concerns",
        (true, has) if has != on => return Ok(()),
        (true, true) => "has it already",
        (true, false) => "is free of it",
    };
    let why = format!("epoch {} {has}", request.epoch);
    let mut error = unchanged(name.clone(), &why);
    *error = error.with_help("say with `epochs` where the patch is for");
    Err(error)
}

/// Changes what functions of the built-in image say about their frames.
pub(crate) fn state(code: &mut Code, facts: &[(String, FrameFact)]) {
    for (name, fact) in facts {
        if let Some(function) = code.built_in_mut(name) {
            set(function, *fact);
        }
    }
}

/// Reports patches that leave out a step which there never was.
///
/// # Errors
/// One for each such patch.
pub(crate) fn check_steps(request: &Request<'_>, seen: &BTreeSet<String>) -> Result<(), Diagnostics> {
    let (arch, epoch) = (request.port.goarch(), request.epoch.name());
    let patches = request.workload.patches.iter().filter(|patch| patch.applies(arch, epoch));
    let steps = patches.filter_map(|patch| match &patch.change {
        Change::SkipStep(step) => Some(step),
        _ => None,
    });
    let missing = steps.filter(|step| !seen.contains(&step.value));
    missing.map(|step| no_step(step, seen)).collect::<Diagnostics>().into_result(())
}

fn no_step(step: &Located<String>, seen: &BTreeSet<String>) -> Diagnostic {
    let error = Diagnostic::input(format!("no service took the step `{}`", step.value))
        .with_primary(&step.span, "so leaving it out changes nothing");
    match nearest(&step.value, seen.iter().map(String::as_str)) {
        Some(near) => error.with_help(format!("did you mean `{near}`?")),
        None => {
            let of_go = |step: &&String| step.starts_with("reflect.") || step.starts_with("runtime.");
            let known: Vec<&str> = seen.iter().filter(of_go).map(String::as_str).collect();
            error.with_note(format!("steps of this run: {}", known.join("; ")))
        }
    }
}

/// What patches have changed so far: each thing is changed once, or the order of patches would tell which counts.
#[derive(Default)]
struct Changed {
    /// Addresses of instructions.
    insns: BTreeSet<u64>,
    /// Steps of services, and deviations.
    names: BTreeSet<String>,
}

impl Changed {
    fn once(&mut self, name: &Located<String>) -> Result<(), Failed> {
        if self.names.insert(name.value.clone()) {
            return Ok(());
        }
        Err(unchanged(name.clone(), "another patch of this run does that already"))
    }

    fn instructions(&mut self, function: &CodeFunction, insns: &[Insn], place: &Span) -> Result<(), Failed> {
        let Some(twice) = insns.iter().find(|insn| !self.insns.insert(insn.pc)) else { return Ok(()) };
        let error = Diagnostic::input("an instruction that two patches change");
        let offset = twice.pc - function.entry;
        let label = format!("the one at offset {offset:#x} of {} has been changed before", function.name);
        Err(fail(error.with_primary(place, label).with_help("say in one patch what it becomes")))
    }
}

/// Bytes that a patch wrote, and where.
type Written = (u64, Vec<u8>);

/// One instruction of a function.
struct Insn {
    pc: u64,
    len: u64,
    text: String,
}

type Failed = Box<Diagnostic>;

fn fail(diagnostic: Diagnostic) -> Failed {
    Box::new(diagnostic)
}

fn code<S: Shadow>(
    request: &Request<'_>,
    loaded: &mut Loaded<S>,
    mutation: &mut Mutation,
    change: &CodeChange,
    (written, changed): (&mut Vec<Written>, &mut Changed),
) -> Result<(), Failed> {
    let function = function(&loaded.code, &change.symbol)?.clone();
    let insns = insns(&*loaded.isa, &loaded.mem, &function);
    let at = find(&loaded.mem, &function, &insns, &change.at)?;
    let insn = &insns[at];
    let new = match &change.with.value {
        With::Skip => {
            changed.instructions(&function, &insns[at..=at], &change.at.span)?;
            return skip(&*loaded.isa, &loaded.mem, mutation, insn, change);
        }
        With::Nop => request.port.nop(insn.len).ok_or_else(|| no_nop(request, insn, change))?,
        With::Bytes(bytes) => {
            check_length(&insns[at..], bytes, change)?;
            bytes.clone()
        }
    };
    let end = insn.pc + new.len() as u64;
    let covered = insns[at..].iter().take_while(|insn| insn.pc < end).count();
    changed.instructions(&function, &insns[at..at + covered], &change.at.span)?;
    if fetch(&loaded.mem, insn.pc, new.len()) == new {
        return Err(unchanged(change.with.clone(), &format!("`{}` is there already", insn.text)));
    }
    loaded.mem.load_image(insn.pc, &new).map_err(|_| {
        fail(Diagnostic::bug("code that was read cannot be written").with_primary(&change.with.span, ""))
    })?;
    written.push((insn.pc, new));
    Ok(())
}

fn unchanged<T>(place: Located<T>, why: &str) -> Failed {
    fail(Diagnostic::input("a patch that changes nothing").with_primary(&place.span, why))
}

/// The function of a patch.
fn function<'c>(code: &'c Code, symbol: &'c Located<String>) -> Result<&'c CodeFunction, Failed> {
    let Some(function) = code.own(&symbol.value) else {
        let error = Diagnostic::input(format!("no function `{}` to patch", symbol.value))
            .with_primary(&symbol.span, "the code has none of this name");
        let names = code.functions().iter().map(|function| function.name.as_str());
        return Err(fail(match nearest(&symbol.value, names) {
            Some(near) => error.with_help(format!("did you mean `{near}`?")),
            None => error.with_help("`rcsim disasm` without a function lists the names of all"),
        }));
    };
    let from_file = matches!(code.source(), Source::File(_));
    if from_file && Service::replacing(&function.name).is_some() {
        let message =
            format!("rcsim performs `{}` itself: a patch of its code changes nothing", function.name);
        let error = Diagnostic::input(message).with_primary(&symbol.span, "this code does not run");
        return Err(fail(error.with_help("leave out a `step` of the service instead")));
    }
    Ok(function)
}

fn insns<S: Shadow>(isa: &dyn Isa, mem: &Memory<S>, function: &CodeFunction) -> Vec<Insn> {
    let mut insns = Vec::new();
    let mut pc = function.entry;
    while pc < function.end {
        let Ok(disasm) = isa.disasm(mem, pc) else { break };
        let len = u64::from(disasm.len.max(1));
        insns.push(Insn { pc, len, text: disasm.text });
        pc += len;
    }
    insns
}

fn fetch<S: Shadow>(mem: &Memory<S>, pc: u64, len: usize) -> Vec<u8> {
    use rcsim_uop::CodeView;
    let mut bytes = vec![0; len];
    let found = mem.fetch(pc, &mut bytes);
    bytes.truncate(found);
    bytes
}

/// Text as it is compared: blanks and capitals do not count.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase()
}

/// The index of the instruction that a patch means.
fn find<S: Shadow>(
    mem: &Memory<S>,
    function: &CodeFunction,
    insns: &[Insn],
    at: &Located<Where>,
) -> Result<usize, Failed> {
    let (matching, nth): (Vec<usize>, Option<u64>) = match &at.value {
        Where::Offset(offset) => {
            let starts = |insn: &Insn| insn.pc - function.entry == *offset;
            (positions(insns, starts), None)
        }
        Where::Text { text, nth } => (positions(insns, |insn| plain(&insn.text) == plain(text)), *nth),
        Where::Bytes { bytes, nth } => {
            let same = |insn: &Insn| fetch(mem, insn.pc, insn.len as usize) == *bytes;
            (positions(insns, same), *nth)
        }
    };
    match (&matching[..], nth) {
        ([], _) => Err(no_insn(function, insns, at)),
        ([one], None) => Ok(*one),
        (several, Some(nth)) => {
            let index = usize::try_from(nth - 1).ok().and_then(|n| several.get(n)).copied();
            index.ok_or_else(|| {
                let found = match several.len() {
                    1 => "is 1 such instruction".to_owned(),
                    count => format!("are {count} such instructions"),
                };
                let error = Diagnostic::input(format!("there {found}, not {nth}"));
                fail(error.with_primary(&at.span, format!("in {}", function.name)))
            })
        }
        (several, None) => {
            let offsets: Vec<String> =
                several.iter().map(|n| format!("{:#x}", insns[*n].pc - function.entry)).collect();
            let error = Diagnostic::input(format!("{} instructions are meant", several.len()))
                .with_primary(&at.span, format!("in {} at offsets {}", function.name, offsets.join(", ")));
            Err(fail(error.with_help("say which with `nth`, from 1, or use `offset`")))
        }
    }
}

fn positions(insns: &[Insn], wanted: impl Fn(&Insn) -> bool) -> Vec<usize> {
    insns.iter().enumerate().filter(|(_, insn)| wanted(insn)).map(|(n, _)| n).collect()
}

fn no_insn(function: &CodeFunction, insns: &[Insn], at: &Located<Where>) -> Failed {
    let label = format!("not in {}", function.name);
    let shown = |insn: &&Insn| format!("`{}` at offset {:#x}", insn.text, insn.pc - function.entry);
    let (message, near): (&str, Vec<&Insn>) = match &at.value {
        Where::Text { text, .. } => {
            let best = nearest(&plain(text), insns.iter().map(|insn| insn.text.as_str())).map(str::to_owned);
            let first = |text: &str| plain(text).split(' ').next().map(str::to_owned);
            let alike = |insn: &&Insn| best.as_deref() == Some(&*insn.text);
            let kin = |insn: &&Insn| first(&insn.text) == first(text);
            let mut near: Vec<&Insn> = insns.iter().filter(alike).collect();
            if near.is_empty() {
                near = insns.iter().filter(kin).collect();
            }
            ("no such instruction", near)
        }
        Where::Bytes { .. } => ("no instruction has these bytes", Vec::new()),
        Where::Offset(offset) => {
            let distance = |insn: &&Insn| (insn.pc - function.entry).abs_diff(*offset);
            let mut near: Vec<&Insn> = insns.iter().collect();
            near.sort_by_key(distance);
            near.truncate(2);
            ("no instruction begins at this offset", near)
        }
    };
    let error = Diagnostic::input(message).with_primary(&at.span, label);
    let named: Vec<String> = near.iter().take(MAX_NAMED).map(shown).collect();
    fail(match named.is_empty() {
        true => error.with_help(format!("`rcsim disasm {}` shows all", function.name)),
        false => error.with_help(format!("nearest: {}", named.join(", "))),
    })
}

fn no_nop(request: &Request<'_>, insn: &Insn, change: &CodeChange) -> Failed {
    let message = format!("{} has no no-operation of {} bytes", request.port.goarch(), insn.len);
    let error = Diagnostic::input(message).with_primary(&change.with.span, format!("for `{}`", insn.text));
    fail(error.with_help("write with = \"skip\": the instruction stays and has no effect"))
}

/// New bytes must end where an instruction ended.
fn check_length(insns: &[Insn], bytes: &[u8], change: &CodeChange) -> Result<(), Failed> {
    let ends = insns.iter().scan(0, |end, insn| {
        *end += insn.len;
        Some(*end)
    });
    let ends: Vec<u64> = ends.take(MAX_NAMED).collect();
    if ends.contains(&(bytes.len() as u64)) {
        return Ok(());
    }
    let named: Vec<String> = ends.iter().map(u64::to_string).collect();
    let error = Diagnostic::input(format!("{} bytes do not end where an instruction ends", bytes.len()))
        .with_primary(&change.with.span, format!("possible from here: {} bytes", named.join(", ")));
    Err(fail(error.with_help("fill up with no-operations, or patch further instructions too")))
}

fn skip<S: Shadow>(
    isa: &dyn Isa,
    mem: &Memory<S>,
    mutation: &mut Mutation,
    insn: &Insn,
    change: &CodeChange,
) -> Result<(), Failed> {
    let lifted = Lifted::at(isa, mem, insn.pc).map_err(|error| {
        let error = Diagnostic::input(error.to_string());
        fail(error.with_primary(&change.with.span, "what has no meaning cannot be left out"))
    })?;
    if lifted.ops.is_empty() {
        return Err(unchanged(change.with.clone(), &format!("`{}` does nothing", insn.text)));
    }
    mutation.code.put(lifted.nothing());
    Ok(())
}

fn frame(code: &mut Code, word_bytes: u8, change: &FrameChange) -> Result<(), Failed> {
    let found = function(code, &change.symbol)?;
    let name = found.name.clone();
    let Some(function) = code.built_in_mut(&name) else {
        let error = Diagnostic::unsupported("what a program's own tables say cannot be patched");
        let error = error.with_primary(&change.fact.span, format!("{name} is from a file"));
        return Err(fail(error.with_help("patch the built-in image, or leave --image out")));
    };
    let before = function.clone();
    if let FrameFact::ArgIsPointer { bit, .. } = change.fact.value
        && u64::from(bit) * u64::from(word_bytes) >= u64::from(function.args_bytes)
    {
        let label = format!("{name} has {} bytes of arguments", function.args_bytes);
        let error = Diagnostic::input(format!("no argument word {bit}"));
        return Err(fail(error.with_primary(&change.fact.span, label)));
    }
    set(function, change.fact.value);
    if same(&before, function) {
        return Err(unchanged(change.fact.clone(), &format!("{name} says so already")));
    }
    Ok(())
}

fn same(before: &BuiltinFunction, after: &BuiltinFunction) -> bool {
    before.frame_bytes == after.frame_bytes
        && before.args_bytes == after.args_bytes
        && before.splits_stack == after.splits_stack
        && before.args == after.args
}

fn set(function: &mut BuiltinFunction, fact: FrameFact) {
    match fact {
        FrameFact::FrameBytes(bytes) => {
            let wrong_by = i64::from(bytes) - i64::from(function.frame_bytes);
            for (_, delta) in function.sp_deltas.iter_mut().filter(|(_, delta)| *delta != 0) {
                // Both are below 2^30, so is the sum of an i32.
                *delta = (i64::from(*delta) + wrong_by) as i32;
            }
            function.frame_bytes = bytes;
        }
        FrameFact::ArgsBytes(bytes) => function.args_bytes = bytes,
        FrameFact::Nosplit(nosplit) => function.splits_stack = !nosplit,
        FrameFact::ArgIsPointer { bit, value } => {
            let bit = bit as usize;
            if function.args.words.len() <= bit && value {
                function.args.words.resize(bit + 1, false);
            }
            if let Some(word) = function.args.words.get_mut(bit) {
                *word = value;
            }
        }
    }
}

/// What WebAssembly instructions mean depends on the whole module: it is read again.
fn reread<S: Shadow>(
    request: &Request<'_>,
    loaded: &mut Loaded<S>,
    written: &[Written],
) -> Result<(), Diagnostics> {
    let base = Places::of(request.port).code;
    let mut module = match (request.code, loaded.code.source()) {
        (CodeChoice::File(bytes), _) => bytes.to_vec(),
        (CodeChoice::BuiltIn, Source::BuiltIn { image, .. }) => image.bytes.clone(),
        (CodeChoice::BuiltIn, Source::File(_)) => return Ok(()),
    };
    for (pc, bytes) in written {
        let start = (pc - base) as usize;
        if let Some(place) = module.get_mut(start..start + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }
    let isa = request.port.isa(request.features, Program { base, file: &module }).map_err(|error| {
        Diagnostic::input(format!("the patches break the module: {error}"))
            .with_place(request.workload.source.name())
            .with_help("write with = \"skip\" to leave an instruction out")
    })?;
    loaded.isa = Arc::clone(&isa);
    Ok(())
}
