//! `reflect.Value.assignTo`: a value becomes one of an assignable type, as arguments of `Value.Call` and results of made
//! functions do. Only an interface needs work: the value is packed into one.
//!
//! `callMethod` converts nothing: its caller and the method are both compiled.

use rcsim_machine::Shadow;
use rcsim_workloads::gotype::TypeId;
use rcsim_workloads::value::{interface_methods, same_layout};

use super::barrier::Stores;
use super::marshal::{Target, Val, is_direct};
use crate::abi::{Place, Step};
use crate::deviation::Deviation;
use crate::failure::Failure;
use crate::world::World;

/// Offset in the frame of `assignTo` of the word that says where the interface goes.
const TARGET: u64 = 0;

/// Where the interface goes that a value is packed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scratch {
    /// Into a new object.
    New,
    /// To this address: the slot of the argument or result. Good until the stack moves.
    At(u64),
}

/// What became of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assigned {
    /// It is somewhere in memory.
    Bytes {
        /// Its address: good until the next point, unless somebody else holds what is there.
        at: u64,
        /// Whether a pointer leads there (else it is the pointer).
        indirect: bool,
    },
    /// The nil interface as one pointer, itself nil, with the flag of values that are pointers.
    NilPointer,
}

impl Assigned {
    /// Where its bytes are, unless they are zeros that are nowhere.
    pub(super) const fn address(self) -> Option<u64> {
        match self {
            Self::Bytes { at, .. } => Some(at),
            Self::NilPointer => None,
        }
    }
}

/// Convert a value to a type.
pub(super) fn assign_to<S: Shadow>(
    world: &mut World<'_, S>,
    val: Val,
    want: TypeId,
    scratch: Scratch,
) -> Result<Assigned, Failure> {
    let word = world.core.word_bytes();
    let target = match scratch {
        Scratch::New => 0,
        Scratch::At(addr) => addr,
    };
    // The second word is the interface's data until it is in place.
    let data = TARGET + word;
    world.open_frame(0, 2 * word, vec![TARGET, data], 0)?;
    let slot = world.local(TARGET);
    world.core.store_word(slot, target)?;
    world.calls("reflect.Value.assignTo: stack check")?;
    let assigned = if same_layout(world.layouts.types(), val.ty, want) {
        Assigned::Bytes { at: world.value_addr(val)?, indirect: val.indirect }
    } else {
        convert(world, val, want, data)?
    };
    world.close_frame();
    Ok(assigned)
}

/// Make an interface of type `want` of a value.
fn convert<S: Shadow>(
    world: &mut World<'_, S>,
    val: Val,
    want: TypeId,
    data: u64,
) -> Result<Assigned, Failure> {
    let dynamic = match interface_methods(world.layouts.types(), val.ty) {
        None => pack(world, val, data).map(|()| Some(val.ty))?,
        Some(_) => unpack(world, val, data)?,
    };
    // `assignTo` makes no interface of a nil one of another type, because there is no content to convert.
    let Some(dynamic) = dynamic else { return Ok(Assigned::NilPointer) };
    let target = target(world, want)?;
    world.core.act("reflect.Value.assignTo: store the interface");
    let (word, from) = (world.core.word_bytes(), world.local(data));
    let first = world.type_word(want, dynamic)?;
    world.core.store_word(target, first)?;
    world.pointer_store(target + word, from)?;
    Ok(Assigned::Bytes { at: target, indirect: true })
}

/// `reflect.packEface`: the data word of an interface that holds the value. What is addressable is copied, since an
/// interface's content never changes.
fn pack<S: Shadow>(world: &mut World<'_, S>, val: Val, data: u64) -> Result<(), Failure> {
    let word = world.core.word_bytes();
    if is_direct(&world.layouts, val.ty) {
        world.core.act("reflect.packEface: take the pointer");
        let (to, from) = (world.local(data), world.value_addr(val)?);
        return world.core.copy(to, from, word);
    }
    if !val.addressable {
        world.core.act("reflect.packEface: share the value");
        let (to, from) = (world.local(data), world.slot_addr(val));
        return world.core.copy(to, from, word);
    }
    let (bytes, pointers) = (world.size_of(val.ty)?, world.pointer_map(val.ty)?);
    world.core.act("reflect.packEface: allocate a copy");
    let copy = world.allocate(bytes.max(1), pointers.clone(), "copy of an addressable value")?;
    world.core.act("reflect.packEface: copy an addressable value");
    let from = world.value_addr(val)?;
    match world.deviates(Deviation::WbMissingInReflectCopies) {
        true => world.core.copy(copy, from, bytes)?,
        false => world.typed_move(copy, from, bytes, &pointers)?,
    }
    let slot = world.local(data);
    world.core.store_word(slot, copy)
}

/// Take the content out of an interface: its data word as it is, and its type; nothing when it is nil.
fn unpack<S: Shadow>(world: &mut World<'_, S>, val: Val, data: u64) -> Result<Option<TypeId>, Failure> {
    let word = world.core.word_bytes();
    world.core.act("reflect.valueInterface: take the content out");
    let from = world.value_addr(val)?;
    let first = world.core.load_word(from)?;
    if first == 0 {
        return Ok(None);
    }
    let to = world.local(data);
    world.core.copy(to, from + word, word)?;
    let unknown = || Failure::Unsupported { what: "an interface whose first word names no type".to_owned() };
    world.objects.type_at(first).map(Some).ok_or_else(unknown)
}

/// Where the interface goes: a new object unless a place was given.
fn target<S: Shadow>(world: &mut World<'_, S>, want: TypeId) -> Result<u64, Failure> {
    let slot = world.local(TARGET);
    let given = world.core.load_word(slot)?;
    if given != 0 {
        return Ok(given);
    }
    let (bytes, pointers) = (world.size_of(want)?, world.pointer_map(want)?);
    world.core.act("reflect.Value.assignTo: allocate an interface");
    let target = world.allocate(bytes, pointers, "converted value")?;
    let slot = world.local(TARGET);
    world.core.store_word(slot, target)?;
    Ok(target)
}

/// Leave a nil pointer where the steps of an interface say: every register, but of a place on the stack the first word only.
pub(super) fn put_nil_pointer<S: Shadow>(
    world: &mut World<'_, S>,
    steps: &[Step],
    stack: u64,
    block: Target,
) -> Result<(), Failure> {
    let zero = world.zero_memory(2 * world.core.word_bytes())?;
    for step in steps {
        match step.place {
            Place::Stack(offset) => world.core.store_word(stack + offset, 0)?,
            Place::Int { .. } | Place::Float { .. } => {
                world.put_value(std::slice::from_ref(step), zero, stack, block, true, Stores::Plain)?;
            }
        }
    }
    Ok(())
}
