//! RC0201, a value in the wrong place or with the wrong content, and RC0204, a reflected value whose flags belie its type.
//!
//! Owns: what the arguments were when the call began and the results when the callee left them. A value is compared where it
//! arrives, part by part, so that a finding can name the part, the register or stack slot that it came from, where the other
//! side had put it, and where it is now.

use rcsim_machine::Shadow;
use rcsim_machine::shadow::FrameRule;
use rcsim_workloads::gotype::{TypeId, reflect_text};

use crate::abi::{Place, Step};
use crate::failure::Failure;
use crate::services::Val;
use crate::world::World;

/// What was passed: type and bytes of each argument and of each result.
#[derive(Clone, Debug, Default)]
pub struct Passed {
    args: Vec<(TypeId, Vec<u8>)>,
    results: Vec<(TypeId, Vec<u8>)>,
}

/// Which value of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Argument number so and so, from 0.
    Argument(usize),
    /// Result number so and so, from 0.
    Result(usize),
}

impl Which {
    fn text(self) -> String {
        match self {
            Self::Argument(n) => format!("argument {n}"),
            Self::Result(n) => format!("result {n}"),
        }
    }
}

/// A value that has arrived.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Which one.
    pub which: Which,
    /// Its type.
    pub ty: TypeId,
    /// Where its bytes are now.
    pub at: u64,
    /// Where they were taken from.
    pub taken: &'a [Step],
    /// Where the other side had put them.
    pub put: &'a [Step],
    /// Who took them, and who had put them.
    pub between: (&'a str, &'a str),
}

/// Most stack words that are searched for a value that went astray.
const SEARCHED_WORDS: u64 = 32;

impl<S: Shadow> World<'_, S> {
    /// Remember the arguments of the call that is about to begin.
    ///
    /// # Errors
    /// When a value's slot cannot be read.
    pub fn remember_arguments(&mut self, args: &[Val]) -> Result<(), Failure> {
        if S::POINTS {
            self.passed = Passed::default();
            for val in args {
                let at = self.value_addr(*val)?;
                let bytes = self.bytes_of(val.ty, at)?;
                self.passed.args.push((val.ty, bytes));
            }
        }
        Ok(())
    }

    /// Remember what became of argument `n` when `reflect` converted it to the parameter's type: its bytes, or, when there is
    /// no address, zeros.
    ///
    /// # Errors
    /// When the type cannot be laid out.
    pub fn remember_converted(&mut self, n: usize, ty: TypeId, at: Option<u64>) -> Result<(), Failure> {
        if S::POINTS {
            let bytes = match at {
                Some(at) => self.bytes_of(ty, at)?,
                None => vec![0; self.size_of(ty)? as usize],
            };
            if let Some(passed) = self.passed.args.get_mut(n) {
                *passed = (ty, bytes);
            }
        }
        Ok(())
    }

    /// Remember a result that the callee leaves: its bytes are at `at`.
    ///
    /// # Errors
    /// When its type cannot be laid out.
    pub fn remember_result(&mut self, ty: TypeId, at: u64) -> Result<(), Failure> {
        if S::POINTS {
            let bytes = self.bytes_of(ty, at)?;
            self.passed.results.push((ty, bytes));
        }
        Ok(())
    }

    /// The bytes of a value, seen by nobody.
    fn bytes_of(&self, ty: TypeId, at: u64) -> Result<Vec<u8>, Failure> {
        let (size, byte) = (self.size_of(ty)?, self.core.word.access_of(1));
        Ok((0..size).map(|n| self.core.mem.peek(at + n, byte).unwrap_or(0) as u8).collect())
    }

    /// Judge a value that has arrived: each of its parts is what was passed.
    ///
    /// # Errors
    /// When its type cannot be laid out.
    pub fn judge_arrival(&mut self, arrival: &Arrival<'_>) -> Result<(), Failure> {
        if !S::POINTS {
            return Ok(());
        }
        let wanted = match arrival.which {
            Which::Argument(n) => self.passed.args.get(n),
            Which::Result(n) => self.passed.results.get(n),
        };
        // What was converted on the way arrives as another value.
        let Some((_, wanted)) = wanted.filter(|(ty, _)| *ty == arrival.ty).cloned() else { return Ok(()) };
        let found = self.bytes_of(arrival.ty, arrival.at)?;
        for (n, step) in arrival.taken.iter().enumerate() {
            let part = step.offset as usize..(step.offset + step.size) as usize;
            // A part that only one side has is none of the value's: the steps are those of another type.
            if let (Some(wanted), Some(found)) = (wanted.get(part.clone()), found.get(part))
                && wanted != found
            {
                self.report_wrong(arrival, n, wanted);
                break;
            }
        }
        Ok(())
    }

    fn report_wrong(&mut self, arrival: &Arrival<'_>, n: usize, wanted: &[u8]) {
        let (taker, putter) = arrival.between;
        let step = &arrival.taken[n];
        let name = reflect_text(self.plan.workload.space.types(), arrival.ty);
        let (what, place) = (arrival.which.text(), self.place_text(step));
        let part = match (step.offset, step.size == self.size_of(arrival.ty).unwrap_or(0)) {
            (_, true) => String::new(),
            (offset, false) => format!(" at offset {offset}"),
        };
        let message =
            format!("wrong value: {what} ({name}): {taker} takes its {} bytes{part} from {place}", step.size);
        let mut notes = Vec::new();
        let put = arrival
            .put
            .iter()
            .find(|other| other.offset <= step.offset && step.offset < other.offset + other.size);
        notes.push(match put {
            Some(other) if other.place != step.place => {
                format!(
                    "{putter} had put them in {}: the two sides lay values out differently",
                    self.place_text(other)
                )
            }
            Some(_) => format!("{putter} had put them there, too: they were lost or overwritten on the way"),
            None => format!("{putter} had put nothing anywhere"),
        });
        let seen = self.places_of(wanted);
        if !seen.is_empty() {
            notes.push(format!("what was passed is now in {}", seen.join(", ")));
        }
        self.core.violated(FrameRule::WrongPlace, message, "takes another value than was passed", notes);
    }

    /// A place as the convention names it.
    fn place_text(&self, step: &Step) -> String {
        let register = |reg| {
            let named = self.core.isa.regs().named().iter().find(|info| info.reg == reg);
            named.map_or_else(|| "a register".to_owned(), |info| format!("register {}", info.name))
        };
        match step.place {
            Place::Stack(offset) => format!("the stack arguments at offset {offset}"),
            Place::Int { reg, .. } => {
                self.core.registers.ints.get(reg).copied().map_or_else(|| "a register".to_owned(), register)
            }
            Place::Float { reg } => {
                self.core.registers.floats.get(reg).copied().map_or_else(|| "a register".to_owned(), register)
            }
        }
    }

    /// Where a value of one word that went astray is now: argument registers, then words of the caller's outgoing area.
    fn places_of(&self, wanted: &[u8]) -> Vec<String> {
        const MOST: usize = 3;
        let word = self.core.word_bytes();
        if wanted.len() as u64 != word || wanted.iter().all(|byte| *byte == 0) {
            return Vec::new();
        }
        let value = wanted.iter().enumerate().fold(0, |value, (n, byte)| {
            let shift = if self.core.word.big_endian { wanted.len() - 1 - n } else { n };
            value | u64::from(*byte) << (8 * shift)
        });
        let named = self.core.isa.regs().named().iter();
        let registers = named.filter(|info| self.core.registers.ints.contains(&info.reg));
        let registers = registers.filter(|info| self.core.cpu.reg(info.reg) == value);
        let registers = registers.map(|info| format!("register {}", info.name));
        let stack = if self.frames.is_empty() { 0 } else { self.incoming(0) };
        let words = (0..SEARCHED_WORDS)
            .filter(|n| self.core.mem.peek(stack + n * word, self.core.word.access()) == Some(value));
        let words = words.map(|n| format!("the stack arguments at offset {}", n * word));
        registers.chain(words).take(MOST).collect()
    }

    /// Judge what `reflect` says of a value that it has made: a value of pointer shape that is not behind a pointer is its
    /// own word, every other is behind one, and its kind is that of its type.
    pub fn judge_flags(&mut self, val: Val, kind_of: TypeId) {
        if !S::POINTS {
            return;
        }
        let types = self.plan.workload.space.types();
        let (own, claimed) = (types.shape(val.ty), types.shape(kind_of));
        if std::mem::discriminant(own) != std::mem::discriminant(claimed) {
            let (of, is) = (reflect_text(types, kind_of), reflect_text(types, val.ty));
            let message = format!("wrong kind: a value of type {is} is flagged with the kind of {of}");
            let note = "methods of the value choose by its kind how to read it".to_owned();
            self.core.violated(FrameRule::WrongKind, message, "makes a value with these flags", vec![note]);
        }
        if !val.indirect && !crate::services::is_direct(&self.layouts, val.ty) {
            let is = reflect_text(self.plan.workload.space.types(), val.ty);
            let message = format!("wrong flag: a value of type {is} is flagged as its own pointer word");
            self.core.violated(FrameRule::WrongKind, message, "makes a value with these flags", Vec::new());
        }
    }

    /// Judge what `reflectcall` is told of its frame (RC0205).
    pub fn judge_frame(&mut self, frame_bytes: u64, ret_offset: u64) {
        let word = self.core.word_bytes();
        if ret_offset.is_multiple_of(word) && frame_bytes.is_multiple_of(word) {
            return;
        }
        let message = format!(
            "misaligned offset: results at {ret_offset} of a frame of {frame_bytes} bytes, where words have {word}"
        );
        let note = "barriers and pointer maps count the frame in words".to_owned();
        self.core.violated(FrameRule::Misaligned, message, "passes this frame to reflectcall", vec![note]);
    }
}
