//! Stores that Go makes with a write barrier: typed moves and clears, and stores of single pointers.
//!
//! Owns: in which order barrier and store come, and what the barrier is told. Must not know: what a barrier is good for; the
//! shadow judges. Services use these functions wherever the compiled function would have a barrier, and the plain ones of
//! [`crate::core::Core`] wherever it has none.

use rcsim_machine::Shadow;
use rcsim_machine::shadow::{BarrierBitmap, BarrierEvent, BarrierKind, BarrierOrder, NewPointers};
use rcsim_uop::{Epoch, Reg};

use super::{HookAbi, word_arg};
use crate::deviation::Deviation;
use crate::failure::Failure;
use crate::world::World;

/// One bulk barrier, apart from its order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bulk<'a> {
    /// First byte of the memory that changes.
    pub dst: u64,
    /// Bytes of it.
    pub bytes: u64,
    /// Where the new pointers are.
    pub new: NewPointers,
    /// Which words count.
    pub bitmap: BarrierBitmap<'a>,
}

/// How a value is stored.
#[derive(Clone, Copy, Debug)]
pub enum Stores<'a> {
    /// As bytes, without a barrier.
    Plain,
    /// As one pointer, with the compiler's barrier.
    Pointer,
    /// As a value of a type with these pointers, with a bulk barrier; its parts from registers as pointers.
    Typed(&'a [bool]),
}

impl<S: Shadow> World<'_, S> {
    /// In which order barriers and stores come in this code.
    fn barrier_order(&self) -> BarrierOrder {
        if self.deviates(Deviation::BarrierAfterStore) { BarrierOrder::After } else { BarrierOrder::Before }
    }

    /// Run a bulk barrier; the store before or after it is the caller's.
    pub(super) fn bulk_barrier(&mut self, order: BarrierOrder, bulk: Bulk<'_>) {
        // Ranges shorter than a word hold no pointer.
        if bulk.bytes < self.core.word_bytes() {
            return;
        }
        let Bulk { dst, bytes, new, bitmap } = bulk;
        let event = BarrierEvent { kind: BarrierKind::Bulk, order, dst, bytes, new, bitmap };
        self.core.announce_barrier(&event);
    }

    /// Store a whole value.
    pub(super) fn store_value(
        &mut self,
        dst: u64,
        src: u64,
        bytes: u64,
        how: Stores<'_>,
    ) -> Result<(), Failure> {
        match how {
            Stores::Plain => self.core.copy(dst, src, bytes),
            Stores::Pointer => self.pointer_store(dst, src),
            Stores::Typed(pointers) => self.typed_move(dst, src, bytes, pointers),
        }
    }

    /// `typedmemmove` and `typedmemmovepartial`: move a value that may hold pointers, with its barrier.
    pub(super) fn typed_move(
        &mut self,
        dst: u64,
        src: u64,
        bytes: u64,
        pointers: &[bool],
    ) -> Result<(), Failure> {
        if !pointers.contains(&true) {
            return self.core.copy(dst, src, bytes);
        }
        let order = self.barrier_order();
        // The first typed moves went by the type, word by word; the heap's own bitmap came into use in 2015.
        let bitmap = match self.core.epoch {
            Epoch::Y2014Before | Epoch::Y2014 => BarrierBitmap::Words(pointers),
            // Off the heap there is only the type to go by.
            _ if self.heap.find(dst).is_none() => BarrierBitmap::Words(pointers),
            _ => BarrierBitmap::Heap(dst),
        };
        if order == BarrierOrder::Before {
            self.bulk_barrier(order, Bulk { dst, bytes, new: NewPointers::At(src), bitmap });
        }
        self.core.copy(dst, src, bytes)?;
        if order == BarrierOrder::After {
            // What is in place now is what the barrier looks at.
            self.bulk_barrier(order, Bulk { dst, bytes, new: NewPointers::At(dst), bitmap });
        }
        Ok(())
    }

    /// `typedmemclr` and `typedmemclrpartial`: clear memory that may hold pointers, with its barrier.
    pub(super) fn typed_clear(&mut self, dst: u64, bytes: u64, pointers: &[bool]) -> Result<(), Failure> {
        if pointers.contains(&true) {
            let (new, bitmap) = (NewPointers::Zero, BarrierBitmap::Heap(dst));
            self.bulk_barrier(BarrierOrder::Before, Bulk { dst, bytes, new, bitmap });
        }
        self.untyped_clear(dst, bytes)
    }

    /// `memclrNoHeapPointers`: clear memory without any barrier.
    pub(super) fn untyped_clear(&mut self, dst: u64, bytes: u64) -> Result<(), Failure> {
        let word = self.core.word_bytes();
        let words = bytes / word;
        for n in 0..words {
            self.core.store_word(dst + n * word, 0)?;
        }
        for at in words * word..bytes {
            self.core.store(dst + at, 1, 0)?;
        }
        Ok(())
    }

    /// The assignment of a pointer that is in a register to memory that may be heap.
    pub(super) fn register_store(&mut self, dst: u64, reg: Reg) -> Result<(), Failure> {
        let (order, value) = (self.barrier_order(), self.core.cpu.reg(reg));
        let acc = self.core.word.access();
        if order == BarrierOrder::Before {
            self.pointer_barrier(order, dst, NewPointers::Value(value));
        }
        self.core.store_reg(dst, acc, reg)?;
        if order == BarrierOrder::After {
            self.pointer_barrier(order, dst, NewPointers::Value(value));
        }
        Ok(())
    }

    fn pointer_barrier(&mut self, order: BarrierOrder, dst: u64, new: NewPointers) {
        let (bytes, bitmap) = (self.core.word_bytes(), BarrierBitmap::Words(&[true]));
        self.core.announce_barrier(&BarrierEvent {
            kind: BarrierKind::Pointer,
            order,
            dst,
            bytes,
            new,
            bitmap,
        });
    }

    /// The assignment of a pointer, which is at `src`, through a pointer `dst` of which the compiler does not know that it
    /// leads to the stack.
    pub(super) fn pointer_store(&mut self, dst: u64, src: u64) -> Result<(), Failure> {
        let (word, order) = (self.core.word_bytes(), self.barrier_order());
        if order == BarrierOrder::Before {
            self.pointer_barrier(order, dst, NewPointers::At(src));
        }
        self.core.copy(dst, src, word)?;
        if order == BarrierOrder::After {
            self.pointer_barrier(order, dst, NewPointers::At(dst));
        }
        Ok(())
    }
}

/// `bulkBarrierPreWrite(dst, src, size)` and its kin, called by compiled code that is about to change memory. It looks the
/// destination up, and has nothing to do where that is no heap memory.
pub(super) fn pre_write<S: Shadow>(world: &mut World<'_, S>, abi: HookAbi) -> Result<(), Failure> {
    let (dst, src, bytes) = (word_arg(world, abi, 0)?, word_arg(world, abi, 1)?, word_arg(world, abi, 2)?);
    world.core.act("runtime.bulkBarrierPreWrite");
    if world.heap.find(dst).is_some() {
        let new = if src == 0 { NewPointers::Zero } else { NewPointers::At(src) };
        let bitmap = BarrierBitmap::Heap(dst);
        world.bulk_barrier(BarrierOrder::Before, Bulk { dst, bytes, new, bitmap });
    }
    Ok(())
}
