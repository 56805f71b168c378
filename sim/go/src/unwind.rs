//! Walking the frames of a goroutine, and moving its stack.
//!
//! Frames are walked by the image's own metadata: stack-pointer distances and pointer maps of each function. Frames of
//! services are on the same stack; the world keeps them in a list, and a return address that is the host's marks where one
//! begins.

use rcsim_machine::Shadow;
use rcsim_machine::shadow::FrameRule;
use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, Link};

use crate::code::{Code, Source};
use crate::core::Core;
use crate::failure::Failure;
use crate::image::{Pc, PcData};
use crate::services::objects::maps_cover_results;
use crate::world::ServiceFrame;

/// One frame of guest code on the stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Go PC in it: the return address for all but the innermost.
    pub go_pc: u64,
    /// Stack pointer at its entry: on machines that push the return address, the place of that.
    pub entry_sp: u64,
    /// Its stack pointer now.
    pub sp: u64,
    /// Address of its first stack argument.
    pub args: u64,
    /// Where words are that the function's maps call pointers.
    pub pointer_words: Vec<u64>,
    /// Its argument words, and what its declaration says of each, where that is its map.
    pub declared: Vec<(u64, bool)>,
}

/// The words of frames that are told no more, for frames to come: the stack is walked at every point.
#[derive(Debug, Default)]
pub struct Spare {
    pointer_words: Vec<Vec<u64>>,
    declared: Vec<Vec<(u64, bool)>>,
}

impl Spare {
    /// Take a list of frames apart; returns the list, empty.
    pub(crate) fn take_back(&mut self, mut levels: Vec<Level>) -> Vec<Level> {
        for level in levels.drain(..) {
            let Level::Guest(Frame { mut pointer_words, mut declared, .. }) = level else { continue };
            pointer_words.clear();
            declared.clear();
            self.pointer_words.push(pointer_words);
            self.declared.push(declared);
        }
        levels
    }

    fn buffers(&mut self) -> (Vec<u64>, Vec<(u64, bool)>) {
        (self.pointer_words.pop().unwrap_or_default(), self.declared.pop().unwrap_or_default())
    }
}

/// What is on the stack, innermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Level {
    /// A guest function.
    Guest(Frame),
    /// A service; the index is into the world's list.
    Service(usize),
}

/// Where a walk begins.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// Go PC of the innermost guest frame.
    pub go_pc: u64,
    /// Its stack pointer.
    pub sp: u64,
    /// The return address of that frame, when it is still in a register.
    pub link: Option<u64>,
}

/// Frames of more levels than this are a loop.
const MAX_LEVELS: usize = 1 << 20;

/// Walk from `start` to the outermost service; `levels` is an empty list to fill.
///
/// # Errors
/// When a frame cannot be unwound: no function there, no table, or an unreadable return address.
pub fn walk<S: Shadow>(
    core: &mut Core<S>,
    code: &Code,
    services: &[ServiceFrame],
    stack_hi: u64,
    host_return: u64,
    start: Start,
    mut levels: Vec<Level>,
) -> Result<Vec<Level>, Failure> {
    let mut left = services.len();
    let Start { mut go_pc, mut sp, mut link } = start;
    while levels.len() < MAX_LEVELS {
        if go_pc == host_return {
            let Some(service) = left.checked_sub(1) else { break };
            left = service;
            levels.push(Level::Service(service));
            let frame = &services[service];
            go_pc = frame.return_to;
            sp = stack_hi - frame.entry_from_hi + core.pushed_bytes();
            link = None;
            if service == 0 {
                break;
            }
            continue;
        }
        let frame = frame_at(core, code, go_pc, sp)?;
        let (return_to, caller_sp) = caller(core, &frame, link.take())?;
        levels.push(Level::Guest(frame));
        go_pc = return_to;
        sp = caller_sp;
    }
    Ok(levels)
}

/// The return address of a frame, and its caller's stack pointer.
fn caller<S: Shadow>(core: &mut Core<S>, frame: &Frame, link: Option<u64>) -> Result<(u64, u64), Failure> {
    let caller_sp = frame.entry_sp + core.pushed_bytes();
    if let Some(link) = link {
        return Ok((link, caller_sp));
    }
    core.action = "unwind: load the return address".into();
    let place = match core.convention.link {
        Link::Stack => frame.entry_sp,
        Link::Register(_) => frame.sp,
    };
    Ok((core.load(place, core.word.register_bytes)?, caller_sp))
}

fn cannot(code: &Code, go_pc: u64, why: &str) -> Failure {
    Failure::CannotUnwind { function: code.place(go_pc), why: why.to_owned() }
}

/// The frame of a guest function.
///
/// # Errors
/// When there is no function or its tables are damaged.
pub(crate) fn frame_at<S: Shadow>(
    core: &mut Core<S>,
    code: &Code,
    go_pc: u64,
    sp: u64,
) -> Result<Frame, Failure> {
    match code.source() {
        Source::BuiltIn { .. } => built_in_frame(core, code, go_pc, sp),
        Source::File(_) => file_frame(core, code, go_pc, sp),
    }
}

fn built_in_frame<S: Shadow>(core: &mut Core<S>, code: &Code, go_pc: u64, sp: u64) -> Result<Frame, Failure> {
    let pc = core.port.machine_pc(&*core.isa, go_pc).unwrap_or(go_pc);
    let (function, offset) =
        code.built_in_at(pc).ok_or_else(|| cannot(code, go_pc, "no function is there"))?;
    // The table says what holds from an offset on; a return address belongs to the call before it.
    let delta = function
        .sp_deltas
        .iter()
        .rev()
        .find(|(from, _)| *from <= offset.saturating_sub(1))
        .map_or(0, |d| d.1);
    let entry_sp = sp.wrapping_add_signed(i64::from(delta));
    let args = entry_sp + u64::from(core.convention.args_above_sp);
    let (mut pointer_words, mut declared) = core.spare.buffers();
    if function.maps == FrameMaps::Context {
        let entry = go_pc - u64::from(offset);
        let entry = core.port.go_pc(&*core.isa, pc - u64::from(offset)).unwrap_or(entry);
        context_words(core, &function.name, entry, sp, args, &mut pointer_words)?;
    }
    if function.maps == FrameMaps::Prototype {
        let words = function.args.words.iter().enumerate();
        declared.extend(words.map(|(n, pointer)| (args + n as u64 * core.word_bytes(), *pointer)));
        pointer_words.extend(declared.iter().filter(|(_, pointer)| *pointer).map(|(addr, _)| *addr));
    }
    Ok(Frame { go_pc, entry_sp, sp, args, pointer_words, declared })
}

fn file_frame<S: Shadow>(core: &mut Core<S>, code: &Code, go_pc: u64, sp: u64) -> Result<Frame, Failure> {
    let function = code.file_function_at(go_pc).ok_or_else(|| cannot(code, go_pc, "no function is there"))?;
    let damaged = |_| cannot(code, go_pc, "its tables are damaged");
    // A return address belongs to the call before it; the first instruction has none before it.
    let at = Pc(if go_pc > function.entry().0 { go_pc - 1 } else { go_pc });
    let delta = match function.sp_deltas() {
        Some(table) => table.value_at(at).map_err(damaged)?.unwrap_or(0),
        None => 0,
    };
    let entry_sp = sp.wrapping_add_signed(i64::from(delta));
    let args = entry_sp + u64::from(core.convention.args_above_sp);
    let word = core.word_bytes();
    let index = match function.pcdata(PcData::StackMapIndex) {
        Some(table) => table.value_at(at).map_err(damaged)?.unwrap_or(-1),
        None => -1,
    };
    // At the entry there is no index yet; the first map then holds (runtime.getStackMap).
    let index = u32::try_from(index).unwrap_or(0);
    let (mut pointer_words, declared) = core.spare.buffers();
    if delta > 0 && matches!(function.name(), "reflect.makeFuncStub" | "reflect.methodValueCall") {
        context_words(core, function.name(), function.entry().0, sp, args, &mut pointer_words)?;
    }
    if let Some(map) = function.args_pointer_maps().map_err(damaged)?.and_then(|maps| maps.map(index)) {
        pointer_words.extend(map.pointers().map(|n| args + n * word));
    }
    if delta > 0
        && let Some(map) = function.locals_pointer_maps().map_err(damaged)?.and_then(|maps| maps.map(index))
    {
        let saved = if core.convention.frame_pointer.is_some() { word } else { 0 };
        let low = entry_sp - saved - map.len_words() * word;
        pointer_words.extend(map.pointers().map(|n| low + n * word));
    }
    Ok(Frame { go_pc, entry_sp, sp, args, pointer_words, declared })
}

/// Which word of a stub's frame, from the outgoing arguments on, tells that results are valid: the one behind the arguments
/// that it passes, of which there is one more since registers are among them.
pub(crate) const fn valid_word(epoch: Epoch) -> u64 {
    match epoch {
        Epoch::Y2020 => 3,
        _ => 4,
    }
}

/// Argument and result words of a stub's caller that are pointers. The runtime finds the map through the context in the
/// stub's first outgoing argument, and counts the results only once a flag behind the arguments is set
/// (`runtime.getArgInfo`).
fn context_words<S: Shadow>(
    core: &mut Core<S>,
    stub: &str,
    entry: u64,
    sp: u64,
    args: u64,
    places: &mut Vec<u64>,
) -> Result<(), Failure> {
    let word = core.word_bytes();
    let outgoing = sp + u64::from(core.convention.args_above_sp) - core.pushed_bytes();
    core.action = "unwind: find a stub's pointer map".into();
    core.reads_argument_word(outgoing);
    let context = core.load_word(outgoing)?;
    // The runtime reads it, so the shadow must see that.
    if core.load_word(context).ok() != Some(entry) {
        let why = "its first outgoing argument word is not the closure that it was called through";
        return Err(Failure::CannotUnwind { function: stub.to_owned(), why: why.to_owned() });
    }
    let map = core.load_word(context + word)?;
    let mut words = core.load(map, 4)?;
    if maps_cover_results(core.epoch) {
        let flag = core.load(outgoing + valid_word(core.epoch) * word, 1)?;
        if flag > 1 {
            let message = format!("cannot unwind {stub}: the flag of valid results is neither set nor clear");
            let note =
                "any value but 0 lets the runtime scan the result words (runtime.getArgInfo)".to_owned();
            core.violated(FrameRule::CannotUnwind, message, "walks the stack here", vec![note]);
        }
        let results_valid = flag != 0;
        let arg_words = core.load_word(context + 2 * word)? / word;
        words = if results_valid { words } else { words.min(arg_words) };
    }
    let data = core.load_word(map + word)?;
    for n in 0..words {
        if core.load(data + n / 8, 1)? >> (n % 8) & 1 == 1 {
            places.push(args + n * word);
        }
    }
    Ok(())
}
