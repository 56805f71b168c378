//! RC0201 and RC0204 behind a trampoline: what it hands on after the call is what `reflectcall` was told.
//!
//! A trampoline has its arguments from `reflectcall` and passes them to the code that copies results back: the frame's type, the
//! frame, which part of it holds results, the register block. Another type leaves a barrier out or runs it over the wrong words; another place or
//! size overwrites arguments that the caller still has, or memory behind the frame; through another block the pointers among the
//! result registers are looked for, and shown to the collector, where they are not. None need change a result. This file
//! compares both ends. It must not know how a trampoline gets from one to the other.

use rcsim_machine::Shadow;
use rcsim_machine::shadow::FrameRule;

use crate::world::World;

/// What `reflectcall` was told about the caller's frame, for each call that is under way, innermost last.
#[derive(Clone, Debug, Default)]
pub struct UnderWay(Vec<Told>);

/// The caller's frame as one `reflectcall` was told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its type descriptor, or 0.
    pub frame_type: u64,
    /// Where it is, or 0.
    pub frame: u64,
    /// Its size.
    pub bytes: u64,
    /// Where results begin in it.
    pub ret_offset: u64,
    /// Offset of the register block in the locals of the frame that calls, where there is one.
    pub block: Option<u64>,
}

/// What arrives behind the trampoline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandedOn {
    /// The type descriptor.
    pub typ: u64,
    /// Where results go.
    pub dst: u64,
    /// How many bytes.
    pub bytes: u64,
}

/// In what the two differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Differs {
    Type,
    Place,
    Size,
}

impl Told {
    fn differs(&self, from: HandedOn) -> Vec<Differs> {
        let checks = [
            (Differs::Type, from.typ != self.frame_type),
            (Differs::Place, from.dst != self.frame.wrapping_add(self.ret_offset)),
            (Differs::Size, from.bytes != self.bytes.wrapping_sub(self.ret_offset)),
        ];
        checks.into_iter().filter(|(_, differs)| *differs).map(|(what, _)| what).collect()
    }
}

impl UnderWay {
    /// A call begins.
    pub fn begins(&mut self, told: Told) {
        self.0.push(told);
    }

    /// The innermost call is over.
    pub fn ends(&mut self) {
        self.0.pop();
    }
}

impl<S: Shadow> World<'_, S> {
    /// Judge the register block that a trampoline has handed on to the code that shows result registers to the collector.
    pub fn judge_block_handed_on(&mut self, got: u64) {
        let Some(told) = self.under_way.0.last().and_then(|told| told.block) else { return };
        let wanted = self.local(told);
        if got != wanted {
            let message = format!(
                "the pointers among the result registers are looked for at {got:#x}, the caller's register block is at {wanted:#x}"
            );
            let note =
                "what the block's bitmap marks is copied to where the collector looks for it".to_owned();
            self.core.violated(
                FrameRule::WrongPlace,
                message,
                "looks for result registers that hold pointers",
                vec![note],
            );
        }
    }

    /// Judge what a trampoline has handed on to the code that copies results back.
    pub fn judge_handed_on(&mut self, got: HandedOn) {
        let Some(told) = self.under_way.0.last().copied() else { return };
        // A frame on the goroutine's own stack may have moved since.
        if self.stack.contains(told.frame) {
            return;
        }
        for differs in told.differs(got) {
            let (rule, message, note) = match differs {
                Differs::Type => (
                    FrameRule::WrongKind,
                    format!(
                        "wrong type: results are copied as part of a {}, the frame was passed as a {}",
                        self.type_text(got.typ),
                        self.type_text(told.frame_type)
                    ),
                    "the type tells whether the copy needs a write barrier, and over which words",
                ),
                Differs::Place => (
                    FrameRule::WrongPlace,
                    format!(
                        "results are copied to {:#x}, those of the caller's frame are at {:#x}",
                        got.dst,
                        told.frame.wrapping_add(told.ret_offset)
                    ),
                    "the words before the results are arguments, which the caller still has",
                ),
                Differs::Size => (
                    FrameRule::WrongPlace,
                    format!(
                        "{} bytes of results are copied, the caller's frame has {}",
                        got.bytes,
                        told.bytes.wrapping_sub(told.ret_offset)
                    ),
                    "what is copied beyond the results lands behind the caller's frame",
                ),
            };
            self.core.violated(rule, message, "copies results to the caller's frame", vec![note.to_owned()]);
        }
    }

    /// A type descriptor in words.
    fn type_text(&self, typ: u64) -> String {
        if typ == 0 {
            return "frame without a type".to_owned();
        }
        match self.core.mem.peek(typ, self.core.word.access()) {
            Some(bytes) if bytes < 1 << 32 => format!("type at {typ:#x} of {bytes} bytes"),
            _ => format!("type at {typ:#x}, where none is"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Differs, HandedOn, Told};

    const TOLD: Told = Told { frame_type: 0x100, frame: 0x2000, bytes: 48, ret_offset: 16, block: None };

    fn differs(typ: u64, dst: u64, bytes: u64) -> Vec<Differs> {
        TOLD.differs(HandedOn { typ, dst, bytes })
    }

    #[test]
    fn the_part_behind_the_offset_is_what_was_told() {
        assert_eq!(differs(0x100, 0x2010, 32), []);
    }

    #[test]
    fn each_difference_is_told() {
        assert_eq!(differs(0, 0x2010, 32), [Differs::Type]);
        assert_eq!(differs(0x100, 0x2000, 48), [Differs::Place, Differs::Size]);
        assert_eq!(differs(0x100, 0x2010, 48), [Differs::Size]);
    }
}
