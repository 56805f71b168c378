//! The shadow: a second machine that runs beside the first and knows something about every value.
//!
//! The interpreter asks it for a tag whenever a slot is written and shows it every memory word that moves. With
//! [`NoShadow`] all of this compiles to nothing.

use rcsim_uop::op::Access;

/// How a result came from its operands, as far as a shadow may care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derive {
    /// Sum: keeps a pointer plus an offset.
    Add,
    /// Difference: keeps a pointer minus an offset; the difference of two pointers is none.
    Sub,
    /// And with a mask: aligning a pointer.
    And,
    /// Or, exclusive or: tagging a pointer, merging parts.
    Or,
    /// A field of the operand, or a field put into it.
    Part,
    /// One operand or the other, by a condition.
    Choose,
    /// Anything else: the result is no pointer.
    Other,
}

/// What runs beside the interpreter.
pub trait Shadow {
    /// What is known of a slot.
    type Tag: Copy + Default;
    /// What is known of a granule of memory, one pointer wide.
    type Word: Copy + Default;
    /// Whether there is anything to do; `false` removes every call.
    const ACTIVE: bool;

    /// The tag of a constant.
    fn constant(&mut self, value: u64) -> Self::Tag;
    /// The tag of a result computed from two operands. A missing operand is passed as the tag of a constant.
    fn derive(&mut self, how: Derive, a: Self::Tag, b: Self::Tag, result: u64) -> Self::Tag;
    /// The tag of a loaded value. `words` are the granules that the access overlaps; the first byte of the access is
    /// byte `offset` of the first of them.
    fn load(&mut self, addr: u64, acc: Access, words: &[Self::Word], offset: usize, value: u64) -> Self::Tag;
    /// Note a store in the granules that it overlaps, as in [`Shadow::load`].
    fn store(
        &mut self,
        addr: u64,
        acc: Access,
        words: &mut [Self::Word],
        offset: usize,
        tag: Self::Tag,
        value: u64,
    );
    /// An instruction is about to begin. `step` counts instructions from the start of the run.
    fn begin_insn(&mut self, pc: u64, step: u64);
}

/// No shadow at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoShadow;

impl Shadow for NoShadow {
    type Tag = ();
    type Word = ();
    const ACTIVE: bool = false;

    #[inline(always)]
    fn constant(&mut self, _value: u64) {}
    #[inline(always)]
    fn derive(&mut self, _how: Derive, (): (), (): (), _result: u64) {}
    #[inline(always)]
    fn load(&mut self, _addr: u64, _acc: Access, _words: &[()], _offset: usize, _value: u64) {}
    #[inline(always)]
    fn store(&mut self, _: u64, _: Access, _: &mut [()], _: usize, (): (), _: u64) {}
    #[inline(always)]
    fn begin_insn(&mut self, _pc: u64, _step: u64) {}
}
