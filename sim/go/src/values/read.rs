//! From memory to values.

use rcsim_machine::Shadow;
use rcsim_workloads::gotype::{Basic, GoType, TypeId};
use rcsim_workloads::value::{Content, InterfaceValue, ObjectId, SliceValue, Value};

use super::Objects;
use crate::failure::Failure;
use crate::services::is_direct;
use crate::world::World;

/// Longest string or slice that is read, in elements: a corrupted length must not exhaust the host.
const MAX_ELEMENTS: u64 = 1 << 22;
/// How many references deep a value is followed.
const MAX_DEPTH: u32 = 64;

impl Objects {
    /// Read a value of type `id` at `addr`.
    ///
    /// # Errors
    /// When the guest has no memory there.
    pub fn read<S: Shadow>(
        &mut self,
        world: &mut World<'_, S>,
        id: TypeId,
        addr: u64,
    ) -> Result<Value, Failure> {
        self.value(world, id, addr, 0)
    }

    fn value<S: Shadow>(
        &mut self,
        world: &mut World<'_, S>,
        id: TypeId,
        addr: u64,
        depth: u32,
    ) -> Result<Value, Failure> {
        let types = world.layouts.types();
        Ok(match types.shape(id).clone() {
            GoType::Basic(basic) => self.basic(world, basic, id, addr)?,
            GoType::Pointer(elem) => match world.core.load_word(addr)? {
                0 => Value::Pointer(None),
                pointer => self
                    .pointee(world, pointer, elem, depth)?
                    .map_or(Value::Stray(pointer), |o| Value::Pointer(Some(o))),
            },
            GoType::Map { .. } => self.opaque(world, addr, Value::Map)?,
            GoType::Chan { .. } => self.opaque(world, addr, Value::Chan)?,
            GoType::Func(_) => self.opaque(world, addr, Value::Func)?,
            GoType::Slice(elem) => self.read_slice(world, elem, addr, depth)?,
            GoType::Interface(_) | GoType::Named(_) => self.read_interface(world, addr, depth)?,
            GoType::Array { elem, len } => {
                let stride = world.size_of(elem)?;
                let elements = (0..len).map(|n| self.value(world, elem, addr + n * stride, depth));
                Value::Array(elements.collect::<Result<_, _>>()?)
            }
            GoType::Struct(fields) => {
                let mut values = Vec::new();
                for n in 0..fields.len() {
                    let (ty, offset) = world.field(id, n)?;
                    values.push(self.value(world, ty, addr + offset, depth)?);
                }
                Value::Struct(values)
            }
        })
    }

    fn basic<S: Shadow>(
        &mut self,
        world: &mut World<'_, S>,
        basic: Basic,
        id: TypeId,
        addr: u64,
    ) -> Result<Value, Failure> {
        let bytes = world.size_of(id)?;
        Ok(match basic {
            Basic::Bool => Value::Bool(world.core.load(addr, 1)? != 0),
            Basic::Float32 => Value::Float32(world.core.load(addr, 4)? as u32),
            Basic::Float64 => Value::Float64(world.core.load(addr, 8)?),
            Basic::Complex64 => {
                Value::Complex64(world.core.load(addr, 4)? as u32, world.core.load(addr + 4, 4)? as u32)
            }
            Basic::Complex128 => Value::Complex128(world.core.load(addr, 8)?, world.core.load(addr + 8, 8)?),
            Basic::String => self.read_string(world, addr)?,
            Basic::UnsafePointer => self.opaque(world, addr, Value::UnsafePointer)?,
            _ => {
                let raw = world.core.load(addr, bytes as u8)?;
                if World::<S>::is_signed(basic) {
                    let unused = 64 - 8 * bytes as u32;
                    Value::Int(((raw << unused) as i64) >> unused)
                } else {
                    Value::Uint(raw)
                }
            }
        })
    }

    fn read_string<S: Shadow>(&self, world: &mut World<'_, S>, addr: u64) -> Result<Value, Failure> {
        let word = world.core.word_bytes();
        let (data, len) = (world.core.load_word(addr)?, world.core.load_word(addr + word)?);
        if len > MAX_ELEMENTS {
            return Ok(Value::Stray(data));
        }
        let mut bytes = vec![0; len as usize];
        match world.core.read_bytes(data, &mut bytes) {
            Ok(()) => Ok(Value::String(bytes)),
            Err(_) => Ok(Value::Stray(data)),
        }
    }

    /// A pointer to something that is known by its address alone.
    fn opaque<S: Shadow>(
        &self,
        world: &mut World<'_, S>,
        addr: u64,
        value: fn(Option<ObjectId>) -> Value,
    ) -> Result<Value, Failure> {
        let pointer = world.core.load_word(addr)?;
        Ok(match (pointer, self.at.get(&pointer)) {
            (0, _) => value(None),
            (_, Some(object)) => value(Some(*object)),
            (_, None) => Value::Stray(pointer),
        })
    }

    /// The object at a pointer, its content as it is in memory now; `None` when no object is there.
    fn pointee<S: Shadow>(
        &mut self,
        world: &mut World<'_, S>,
        pointer: u64,
        elem: TypeId,
        depth: u32,
    ) -> Result<Option<ObjectId>, Failure> {
        if let Some(known) = self.at.get(&pointer).copied() {
            if self.heap.get(known).ty == elem && depth < MAX_DEPTH {
                self.refresh(world, known, pointer, elem, depth)?;
            }
            return Ok(Some(known));
        }
        if world.heap.find(pointer).is_none_or(|object| object.addr != pointer) || depth >= MAX_DEPTH {
            return Ok(None);
        }
        let content = Content::Cell(self.value(world, elem, pointer, depth + 1)?);
        let id = self.heap.add(elem, content);
        self.note(id, pointer);
        Ok(Some(id))
    }

    /// Read an object's content again: the call may have changed it.
    fn refresh<S: Shadow>(
        &mut self,
        world: &mut World<'_, S>,
        id: ObjectId,
        addr: u64,
        elem: TypeId,
        depth: u32,
    ) -> Result<(), Failure> {
        let content = match &self.heap.get(id).content {
            Content::Cell(_) => Content::Cell(self.value(world, elem, addr, depth + 1)?),
            Content::Array(old) => {
                let (count, stride) = (old.len() as u64, world.size_of(elem)?);
                let values = (0..count).map(|n| self.value(world, elem, addr + n * stride, depth + 1));
                Content::Array(values.collect::<Result<_, _>>()?)
            }
            Content::Map(_) | Content::Chan | Content::Func => return Ok(()),
        };
        self.heap.get_mut(id).content = content;
        Ok(())
    }

    fn read_slice<S: Shadow>(
        &mut self,
        world: &mut World<'_, S>,
        elem: TypeId,
        addr: u64,
        depth: u32,
    ) -> Result<Value, Failure> {
        let word = world.core.word_bytes();
        let data = world.core.load_word(addr)?;
        let (len, cap) = (world.core.load_word(addr + word)?, world.core.load_word(addr + 2 * word)?);
        if data == 0 && len == 0 && cap == 0 {
            return Ok(Value::Slice(None));
        }
        if len > cap || cap > MAX_ELEMENTS {
            return Ok(Value::Stray(data));
        }
        if let Some(known) = self.at.get(&data).copied() {
            if self.heap.get(known).ty == elem && depth < MAX_DEPTH {
                self.refresh(world, known, data, elem, depth)?;
            }
            return Ok(Value::Slice(Some(SliceValue { object: known, len, cap })));
        }
        if world.heap.find(data).is_none_or(|object| object.addr != data) || depth >= MAX_DEPTH {
            return Ok(Value::Stray(data));
        }
        let stride = world.size_of(elem)?;
        let values = (0..cap).map(|n| self.value(world, elem, data + n * stride, depth + 1));
        let content = Content::Array(values.collect::<Result<_, _>>()?);
        let object = self.heap.add(elem, content);
        self.note(object, data);
        Ok(Value::Slice(Some(SliceValue { object, len, cap })))
    }

    fn read_interface<S: Shadow>(
        &mut self,
        world: &mut World<'_, S>,
        addr: u64,
        depth: u32,
    ) -> Result<Value, Failure> {
        let word = world.core.word_bytes();
        let first = world.core.load_word(addr)?;
        if first == 0 {
            return Ok(Value::Interface(None));
        }
        let Some(ty) = self.type_at.get(&first).copied() else { return Ok(Value::Stray(first)) };
        let at =
            if is_direct(&world.layouts, ty) { addr + word } else { world.core.load_word(addr + word)? };
        if depth >= MAX_DEPTH {
            return Ok(Value::Stray(first));
        }
        let value = self.value(world, ty, at, depth + 1)?;
        Ok(Value::Interface(Some(Box::new(InterfaceValue { ty, value }))))
    }
}
