//! From values to memory.

use rcsim_machine::Shadow;
use rcsim_workloads::gotype::{Basic, GoType, TypeId};
use rcsim_workloads::value::{Content, InterfaceValue, ObjectId, SliceValue, Value};

use super::Objects;
use crate::failure::Failure;
use crate::services::{descriptor, func_value, is_direct};
use crate::world::World;

/// Bytes that stand for a map or a channel: what is inside is the business of functions that do not run here.
const OPAQUE_BYTES: u64 = 96;

impl Objects {
    /// Write a value of type `id` at `addr`.
    ///
    /// # Errors
    /// When memory ends.
    pub fn write<S: Shadow>(
        &mut self,
        world: &mut World<'_, S>,
        id: TypeId,
        value: &Value,
        addr: u64,
    ) -> Result<(), Failure> {
        let word = world.core.word_bytes();
        match value {
            Value::Bool(b) => world.core.store(addr, 1, u64::from(*b)),
            Value::Int(n) => self.number(world, id, addr, n.cast_unsigned()),
            Value::Uint(n) => self.number(world, id, addr, *n),
            Value::Float32(bits) => world.core.store(addr, 4, u64::from(*bits)),
            Value::Float64(bits) => world.core.store(addr, 8, *bits),
            Value::Complex64(re, im) => {
                world.core.store(addr, 4, u64::from(*re))?;
                world.core.store(addr + 4, 4, u64::from(*im))
            }
            Value::Complex128(re, im) => {
                world.core.store(addr, 8, *re)?;
                world.core.store(addr + 8, 8, *im)
            }
            Value::String(bytes) => self.string(world, bytes, addr),
            Value::Pointer(object)
            | Value::Map(object)
            | Value::Chan(object)
            | Value::Func(object)
            | Value::UnsafePointer(object) => {
                let pointer = object.map_or(Ok(0), |object| self.place(world, object))?;
                world.core.store_word(addr, pointer)
            }
            Value::Slice(slice) => self.slice(world, *slice, addr),
            Value::Interface(None) => world.core.clear(addr, 2 * word),
            Value::Interface(Some(inner)) => self.interface(world, id, inner, addr),
            Value::Array(elements) => self.array(world, id, elements, addr),
            Value::Struct(fields) => self.structure(world, id, fields, addr),
            Value::Stray(pointer) => world.core.store_word(addr, *pointer),
        }
    }

    fn number<S: Shadow>(
        &self,
        world: &mut World<'_, S>,
        id: TypeId,
        addr: u64,
        value: u64,
    ) -> Result<(), Failure> {
        let bytes = world.size_of(id)? as u8;
        world.core.store(addr, bytes, value)
    }

    fn string<S: Shadow>(&self, world: &mut World<'_, S>, bytes: &[u8], addr: u64) -> Result<(), Failure> {
        let word = world.core.word_bytes();
        let data = if bytes.is_empty() {
            0
        } else {
            let data = world.allocate(bytes.len() as u64, Vec::new(), "string")?;
            world.core.mem.write_bytes(data, bytes).map_err(|fault| world.core.fault(fault))?;
            data
        };
        world.core.store_word(addr, data)?;
        world.core.store_word(addr + word, bytes.len() as u64)
    }

    fn slice<S: Shadow>(
        &mut self,
        world: &mut World<'_, S>,
        slice: Option<SliceValue>,
        addr: u64,
    ) -> Result<(), Failure> {
        let word = world.core.word_bytes();
        let (data, len, cap) = match slice {
            Some(slice) => (self.place(world, slice.object)?, slice.len, slice.cap),
            None => (0, 0, 0),
        };
        world.core.store_word(addr, data)?;
        world.core.store_word(addr + word, len)?;
        world.core.store_word(addr + 2 * word, cap)
    }

    fn array<S: Shadow>(
        &mut self,
        world: &mut World<'_, S>,
        id: TypeId,
        elements: &[Value],
        addr: u64,
    ) -> Result<(), Failure> {
        let GoType::Array { elem, .. } = *world.layouts.types().shape(id) else { return Ok(()) };
        let stride = world.size_of(elem)?;
        for (n, element) in elements.iter().enumerate() {
            self.write(world, elem, element, addr + n as u64 * stride)?;
        }
        Ok(())
    }

    fn structure<S: Shadow>(
        &mut self,
        world: &mut World<'_, S>,
        id: TypeId,
        values: &[Value],
        addr: u64,
    ) -> Result<(), Failure> {
        for (n, value) in values.iter().enumerate() {
            let (ty, offset) = world.field(id, n)?;
            self.write(world, ty, value, addr + offset)?;
        }
        Ok(())
    }

    fn interface<S: Shadow>(
        &mut self,
        world: &mut World<'_, S>,
        id: TypeId,
        inner: &InterfaceValue,
        addr: u64,
    ) -> Result<(), Failure> {
        let word = world.core.word_bytes();
        let first = self.type_word(world, id, inner.ty)?;
        world.core.store_word(addr, first)?;
        if is_direct(&world.layouts, inner.ty) {
            return self.write(world, inner.ty, &inner.value, addr + word);
        }
        let (bytes, pointers) = (world.size_of(inner.ty)?, world.pointer_map(inner.ty)?);
        let boxed = world.allocate(bytes.max(1), pointers, "interface content")?;
        self.write(world, inner.ty, &inner.value, boxed)?;
        world.core.store_word(addr + word, boxed)
    }

    /// The first word of an interface of type `id` that holds a `dynamic`: a type descriptor, or, when the interface has
    /// methods, a method table.
    pub(super) fn type_word<S: Shadow>(
        &mut self,
        world: &mut World<'_, S>,
        id: TypeId,
        dynamic: TypeId,
    ) -> Result<u64, Failure> {
        let descriptor = self.descriptor(world, dynamic)?;
        let GoType::Interface(methods) = world.layouts.types().shape(id) else { return Ok(descriptor) };
        if methods.is_empty() {
            return Ok(descriptor);
        }
        if let Some(table) = self.table_of.get(&dynamic) {
            return Ok(*table);
        }
        let word = world.core.word_bytes();
        let table = world.runtime_alloc(3 * word + 8, 8)?;
        world.core.store_word(table + word, descriptor)?;
        self.table_of.insert(dynamic, table);
        self.type_at.insert(table, dynamic);
        Ok(table)
    }

    fn descriptor<S: Shadow>(&mut self, world: &mut World<'_, S>, id: TypeId) -> Result<u64, Failure> {
        if let Some(addr) = self.descriptor_of.get(&id) {
            return Ok(*addr);
        }
        let (bytes, pointers) = (world.size_of(id)?, world.pointer_map(id)?);
        let addr = descriptor(world, bytes, &pointers)?;
        self.descriptor_of.insert(id, addr);
        self.type_at.insert(addr, id);
        Ok(addr)
    }

    /// Address of an object, which is written when it is first asked for.
    ///
    /// # Errors
    /// When memory ends.
    pub fn place<S: Shadow>(&mut self, world: &mut World<'_, S>, id: ObjectId) -> Result<u64, Failure> {
        if let Some(addr) = self.addr_of.get(&id) {
            return Ok(*addr);
        }
        let object = self.heap.get(id).clone();
        match object.content {
            Content::Cell(value) => self.place_cells(world, id, object.ty, &[value]),
            Content::Array(values) => self.place_cells(world, id, object.ty, &values),
            Content::Map(_) | Content::Chan => {
                let addr = world.allocate(OPAQUE_BYTES, Vec::new(), "map or channel")?;
                self.note(id, addr);
                Ok(addr)
            }
            Content::Func => {
                let entry = world.called_back_service;
                let addr = func_value(world, entry)?;
                self.note(id, addr);
                Ok(addr)
            }
        }
    }

    fn place_cells<S: Shadow>(
        &mut self,
        world: &mut World<'_, S>,
        id: ObjectId,
        ty: TypeId,
        values: &[Value],
    ) -> Result<u64, Failure> {
        let (size, one) = (world.size_of(ty)?, world.pointer_map(ty)?);
        let word = world.core.word_bytes();
        let bytes = size * values.len() as u64;
        let words = (bytes / word) as usize;
        let stride = (size / word).max(1) as usize;
        let pointers = (0..words).map(|n| one.get(n % stride).copied().unwrap_or(false)).collect();
        let addr = world.allocate(bytes.max(1), pointers, "argument object")?;
        // The address is known before the content is written, so that objects may refer to each other.
        self.note(id, addr);
        for (n, value) in values.iter().enumerate() {
            self.write(world, ty, value, addr + n as u64 * size)?;
        }
        Ok(addr)
    }
}

impl<S: Shadow> World<'_, S> {
    /// Type and offset of a field of a struct.
    pub(super) fn field(&self, id: TypeId, n: usize) -> Result<(TypeId, u64), Failure> {
        let layout = self.layouts.layout(id).map_err(super::layout_failure)?;
        let GoType::Struct(fields) = self.layouts.types().shape(id) else {
            return Err(Failure::Unsupported { what: "a field of something that is no struct".to_owned() });
        };
        Ok((fields[n].ty, layout.field_offsets[n]))
    }

    /// Whether values of a basic type are signed.
    pub(super) fn is_signed(basic: Basic) -> bool {
        matches!(basic, Basic::Int | Basic::Int8 | Basic::Int16 | Basic::Int32 | Basic::Int64)
    }
}
