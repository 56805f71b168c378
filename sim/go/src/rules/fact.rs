//! What an image says about one of its functions, as far as the rules about frames ask.

use rcsim_uop::port::FrameMaps;

use crate::code::{Code, CodeFunction, Source};
use crate::image::{ArgsSize, Pc};
use crate::phases::is_machinery;

/// A function, as its image describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its place in the list of the code's functions.
    pub index: usize,
    /// Address of its first instruction.
    pub entry: u64,
    /// Address behind it.
    pub end: u64,
    /// The largest distance of its stack pointer from that at its entry, in bytes.
    pub frame_bytes: u64,
    /// Bytes of its stack arguments and results, with the space to spill register arguments to; `None` when nobody says.
    pub args_bytes: Option<u64>,
    /// Written by hand: it gets at other frames only through addresses that it was given.
    pub by_hand: bool,
    /// Part of the machinery of reflective calls: its loads are judged as its stores are.
    pub machinery: bool,
    /// The runtime finds its argument map through the closure context in its first outgoing argument word.
    pub finds_map_by_context: bool,
    /// Its tables say that it checks the stack: whoever adds up frames that do not begins anew below it.
    pub claims_check: bool,
    /// Words of its argument map.
    pub map_words: u64,
    /// It sets the stack pointer in a way that the tables do not follow.
    pub writes_sp: bool,
}

impl Fact {
    /// What the code says about function number `index`. `go_pc` is the table's address of its entry.
    pub fn of(code: &Code, index: usize, go_pc: u64) -> Self {
        let function = &code.functions()[index];
        match code.source() {
            Source::BuiltIn { .. } => Self::built_in(code, index, function),
            Source::File(_) => Self::of_file(code, index, function, go_pc),
        }
    }

    fn bare(index: usize, function: &CodeFunction) -> Self {
        Self {
            index,
            entry: function.entry,
            end: function.end,
            frame_bytes: 0,
            args_bytes: None,
            by_hand: false,
            machinery: is_machinery(&function.name),
            finds_map_by_context: false,
            claims_check: false,
            map_words: 0,
            writes_sp: false,
        }
    }

    fn built_in(code: &Code, index: usize, function: &CodeFunction) -> Self {
        let bare = Self { by_hand: true, machinery: true, ..Self::bare(index, function) };
        let Some((described, _)) = code.built_in_at(function.entry) else { return bare };
        let deepest = described.sp_deltas.iter().map(|(_, delta)| *delta).max().unwrap_or(0);
        let prototype = described.maps == FrameMaps::Prototype;
        Self {
            frame_bytes: u64::try_from(deepest).unwrap_or(0),
            args_bytes: Some(u64::from(described.args_bytes)),
            finds_map_by_context: described.maps == FrameMaps::Context,
            claims_check: described.splits_stack,
            map_words: if prototype { described.args.words.len() as u64 } else { 0 },
            ..bare
        }
    }

    fn of_file(code: &Code, index: usize, function: &CodeFunction, go_pc: u64) -> Self {
        let bare = Self::bare(index, function);
        let Some(described) = code.file_function_at(go_pc) else { return bare };
        let args_bytes = match described.args_size() {
            ArgsSize::Bytes(bytes) => Some(u64::from(bytes)),
            ArgsSize::Unknown => None,
        };
        let maps = described.args_pointer_maps().ok().flatten();
        Self {
            frame_bytes: described.frame_size_bytes().map_or(0, u64::from),
            args_bytes,
            by_hand: described.flags().assembly,
            finds_map_by_context: matches!(
                described.name(),
                "reflect.makeFuncStub" | "reflect.methodValueCall"
            ) && described.flags().assembly,
            map_words: maps.map_or(0, |maps| u64::from(maps.words())),
            writes_sp: described.flags().sp_write,
            ..bare
        }
    }
}

/// How far the stack pointer is below that of the entry just before the return address `go_pc`, by the image's table.
/// `None` when the image has no answer.
pub fn sp_delta(code: &Code, pc: u64, go_pc: u64) -> Option<i64> {
    if let Source::BuiltIn { .. } = code.source() {
        let (function, offset) = code.built_in_at(pc)?;
        let before = offset.saturating_sub(1);
        let known = function.sp_deltas.iter().rev().find(|(from, _)| *from <= before);
        return known.map(|(_, delta)| i64::from(*delta));
    }
    let function = code.file_function_at(go_pc)?;
    let before = Pc(if go_pc > function.entry().0 { go_pc - 1 } else { go_pc });
    function.sp_deltas()?.value_at(before).ok().flatten().map(i64::from)
}
