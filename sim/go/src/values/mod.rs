//! Go values in guest memory.
//!
//! [`Objects`] writes the values of a workload to memory and reads them back, keeping track of which object of the
//! workload stands at which address. What it cannot look into (maps, channels, functions) is known by its address alone.

mod read;
mod write;

use std::collections::BTreeMap;

use rcsim_machine::Shadow;
use rcsim_workloads::gotype::TypeId;
use rcsim_workloads::layout::{LayoutError, TypeWords};
use rcsim_workloads::value::{Heap as ValueHeap, ObjectId, Value};

use crate::failure::Failure;
use crate::world::World;

/// Which object of the workload stands where.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    /// The objects that values refer to; those that a run makes are added.
    pub heap: ValueHeap,
    addr_of: BTreeMap<ObjectId, u64>,
    at: BTreeMap<u64, ObjectId>,
    /// Descriptors and method tables that stand for a dynamic type.
    descriptor_of: BTreeMap<TypeId, u64>,
    table_of: BTreeMap<TypeId, u64>,
    type_at: BTreeMap<u64, TypeId>,
}

impl Objects {
    /// The objects of a workload, none in memory yet.
    #[must_use]
    pub fn new(heap: ValueHeap) -> Self {
        Self { heap, ..Self::default() }
    }

    /// The type that the first word of an interface names.
    #[must_use]
    pub fn type_at(&self, word: u64) -> Option<TypeId> {
        self.type_at.get(&word).copied()
    }

    fn note(&mut self, id: ObjectId, addr: u64) {
        self.addr_of.insert(id, addr);
        // Objects of size zero may share an address; the first one keeps it.
        self.at.entry(addr).or_insert(id);
    }
}

fn layout_failure(error: LayoutError) -> Failure {
    let what = match error {
        LayoutError::TooLarge(_) => "a type of 4 GiB or more",
        LayoutError::TooManyPointers(_) => "a type with more pointer words than rcsim tracks",
    };
    Failure::Unsupported { what: what.to_owned() }
}

impl<S: Shadow> World<'_, S> {
    /// Write a value of the workload at an address.
    ///
    /// # Errors
    /// When memory ends.
    pub fn write_value(&mut self, id: TypeId, value: &Value, addr: u64) -> Result<(), Failure> {
        self.with_objects(|objects, world| objects.write(world, id, value, addr))
    }

    /// The first word of an interface of type `interface` that holds a `dynamic`.
    ///
    /// # Errors
    /// When memory ends.
    pub fn type_word(&mut self, interface: TypeId, dynamic: TypeId) -> Result<u64, Failure> {
        self.with_objects(|objects, world| objects.type_word(world, interface, dynamic))
    }

    /// Let the objects, which are a part of the world, work on the world.
    pub(crate) fn with_objects<T>(&mut self, work: impl FnOnce(&mut Objects, &mut Self) -> T) -> T {
        let mut objects = std::mem::take(&mut self.objects);
        let result = work(&mut objects, self);
        self.objects = objects;
        result
    }

    /// Size of a type in bytes.
    ///
    /// # Errors
    /// When it is too large to be laid out.
    pub fn size_of(&self, id: TypeId) -> Result<u64, Failure> {
        self.layouts.layout(id).map(|layout| layout.size).map_err(layout_failure)
    }

    /// Alignment of a type in bytes.
    ///
    /// # Errors
    /// When it is too large to be laid out.
    pub fn align_of(&self, id: TypeId) -> Result<u64, Failure> {
        self.layouts.layout(id).map(|layout| layout.align).map_err(layout_failure)
    }

    /// Which words of a type the collector takes for pointers.
    ///
    /// # Errors
    /// When it has too many.
    pub fn pointer_map(&self, id: TypeId) -> Result<Vec<bool>, Failure> {
        self.layouts.pointer_bitmap(id, self.type_words()).map_err(layout_failure)
    }

    /// What the compiler's maps say of an interface's first word. Until 2018 they called it a pointer.
    fn type_words(&self) -> TypeWords {
        if self.core.epoch.has_reg_args() { TypeWords::Scalars } else { TypeWords::Pointers }
    }

    /// Offsets of the pointer words of several values, each at its own offset.
    ///
    /// # Errors
    /// When there are too many.
    pub fn pointer_slots(
        &self,
        values: impl IntoIterator<Item = (TypeId, u64)>,
    ) -> Result<Vec<u64>, Failure> {
        let mut slots = Vec::new();
        for (id, at) in values {
            let offsets = self.layouts.pointer_offsets(id, self.type_words()).map_err(layout_failure)?;
            slots.extend(offsets.into_iter().map(|offset| at + offset));
        }
        Ok(slots)
    }

    /// Memory that reads as at least `bytes` zeros and is never written.
    ///
    /// # Errors
    /// When there is no memory.
    pub fn zero_memory(&mut self, bytes: u64) -> Result<u64, Failure> {
        if self.zeros.1 < bytes || self.zeros.1 == 0 {
            let bytes = bytes.max(1024);
            self.zeros = (self.runtime_alloc(bytes, 16)?, bytes);
        }
        Ok(self.zeros.0)
    }
}
