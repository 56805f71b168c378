//! Assigning one list of values, arguments or results, to registers and stack.

use rcsim_workloads::gotype::{Basic, GoType, TypeId};
use rcsim_workloads::layout::{LayoutError, Layouts, align_up};

use super::{AbiRules, RegCounts};

/// Where a part of a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On the stack, at this offset from the start of the argument area. The part is the whole value.
    Stack(u64),
    /// In integer register number `reg`.
    Int {
        /// Number in the order of the convention.
        reg: usize,
        /// Whether the part is a pointer.
        pointer: bool,
    },
    /// In floating-point register number `reg`.
    Float {
        /// Number in the order of the convention.
        reg: usize,
    },
}

/// One part of a value and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Offset of the part in the value, in bytes.
    pub offset: u64,
    /// Size of the part in bytes.
    pub size: u64,
    /// Where it is.
    pub place: Place,
}

/// The values assigned so far.
pub struct Sequence<'a> {
    layouts: &'a Layouts<'a>,
    rules: AbiRules,
    limit: RegCounts,
    used: RegCounts,
    stack: u64,
}

impl<'a> Sequence<'a> {
    /// No values yet; stack offsets begin at `stack_start`.
    #[must_use]
    pub fn new(layouts: &'a Layouts<'a>, rules: AbiRules, limit: RegCounts, stack_start: u64) -> Self {
        Self { layouts, rules, limit, used: RegCounts::default(), stack: stack_start }
    }

    /// End of the stack values: an offset from the start of the argument area.
    #[must_use]
    pub fn stack_bytes(&self) -> u64 {
        self.stack
    }

    /// Registers taken.
    #[must_use]
    pub fn registers_used(&self) -> RegCounts {
        self.used
    }

    /// Assign the receiver of a method called through an interface: one pointer word.
    pub fn add_receiver(&mut self) -> Vec<Step> {
        let word = self.layouts.rules().word_bytes;
        let mut steps = Vec::new();
        if self.ints(0, word, &[true], &mut steps) { steps } else { vec![self.on_stack(word, word)] }
    }

    /// Assign a value. A value of size zero has no steps.
    ///
    /// # Errors
    /// When the type is too large to be laid out.
    pub fn add(&mut self, id: TypeId) -> Result<Vec<Step>, LayoutError> {
        let layout = self.layouts.layout(id)?;
        if layout.size == 0 {
            if self.rules.aligns_zero_size {
                self.stack = align_up(self.stack, layout.align);
            }
            return Ok(Vec::new());
        }
        let before = self.used;
        let mut steps = Vec::new();
        if self.in_registers(id, 0, &mut steps)? {
            return Ok(steps);
        }
        if self.rules.rolls_back {
            self.used = before;
        }
        Ok(vec![self.on_stack(layout.size, layout.align)])
    }

    fn on_stack(&mut self, size: u64, align: u64) -> Step {
        let at = align_up(self.stack, align);
        self.stack = at + size;
        Step { offset: 0, size, place: Place::Stack(at) }
    }

    /// Try to put the part of type `id` at `offset` into registers. Steps and registers taken before a failure stay.
    fn in_registers(&mut self, id: TypeId, offset: u64, steps: &mut Vec<Step>) -> Result<bool, LayoutError> {
        let layouts = self.layouts;
        let word = layouts.rules().word_bytes;
        Ok(match layouts.types().shape(id) {
            GoType::Basic(basic) => self.basic(*basic, offset, steps),
            GoType::Pointer(_) | GoType::Map { .. } | GoType::Chan { .. } | GoType::Func(_) => {
                self.ints(offset, word, &[true], steps)
            }
            GoType::Slice(_) => self.ints(offset, word, &[true, false, false], steps),
            // Both words count as pointers' places, but only the data word is one (reflect marks the second).
            GoType::Interface(_) | GoType::Named(_) => self.ints(offset, word, &[false, true], steps),
            GoType::Array { len: 0, .. } => true,
            GoType::Array { elem, len: 1 } => self.in_registers(*elem, offset, steps)?,
            GoType::Array { .. } => false,
            GoType::Struct(fields) => {
                let layout = layouts.layout(id)?;
                for (field, at) in fields.iter().zip(&layout.field_offsets) {
                    // An array of several empty values keeps its struct off the registers, though it needs none itself.
                    if !self.in_registers(field.ty, offset + at, steps)? {
                        return Ok(false);
                    }
                }
                true
            }
        })
    }

    fn basic(&mut self, basic: Basic, offset: u64, steps: &mut Vec<Step>) -> bool {
        let word = self.layouts.rules().word_bytes;
        match basic {
            Basic::Bool | Basic::Int8 | Basic::Uint8 => self.ints(offset, 1, &[false], steps),
            Basic::Int16 | Basic::Uint16 => self.ints(offset, 2, &[false], steps),
            Basic::Int32 | Basic::Uint32 => self.ints(offset, 4, &[false], steps),
            Basic::Int64 | Basic::Uint64 if word == 4 => self.ints(offset, 4, &[false, false], steps),
            Basic::Int64 | Basic::Uint64 => self.ints(offset, 8, &[false], steps),
            Basic::Int | Basic::Uint | Basic::Uintptr => self.ints(offset, word, &[false], steps),
            Basic::UnsafePointer => self.ints(offset, word, &[true], steps),
            Basic::String => self.ints(offset, word, &[true, false], steps),
            Basic::Float32 => self.floats(offset, 4, 1, steps),
            Basic::Float64 => self.floats(offset, 8, 1, steps),
            Basic::Complex64 => self.floats(offset, 4, 2, steps),
            Basic::Complex128 => self.floats(offset, 8, 2, steps),
        }
    }

    /// Take one integer register for each of `pointers`, all or none.
    fn ints(&mut self, offset: u64, size: u64, pointers: &[bool], steps: &mut Vec<Step>) -> bool {
        if self.used.ints + pointers.len() > self.limit.ints {
            return false;
        }
        for (n, pointer) in pointers.iter().enumerate() {
            let place = Place::Int { reg: self.used.ints, pointer: *pointer };
            steps.push(Step { offset: offset + n as u64 * size, size, place });
            self.used.ints += 1;
        }
        true
    }

    /// Take `count` floating-point registers, all or none.
    fn floats(&mut self, offset: u64, size: u64, count: usize, steps: &mut Vec<Step>) -> bool {
        if self.used.floats + count > self.limit.floats {
            return false;
        }
        for n in 0..count {
            let place = Place::Float { reg: self.used.floats };
            steps.push(Step { offset: offset + n as u64 * size, size, place });
            self.used.floats += 1;
        }
        true
    }
}
