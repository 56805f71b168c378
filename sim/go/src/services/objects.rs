//! Structures of the runtime in guest memory: type descriptors, bitmaps, function values, contexts of made functions.

use rcsim_machine::Shadow;
use rcsim_uop::Epoch;

use crate::failure::Failure;
use crate::image::MASK_LIMIT_WORDS;
use crate::world::World;

/// Write a bitmap, eight words a byte, and return its address.
fn bitmap<S: Shadow>(world: &mut World<'_, S>, bits: &[bool]) -> Result<u64, Failure> {
    let addr = world.runtime_alloc(bits.len().div_ceil(8).max(1) as u64, 8)?;
    for (n, byte) in bits.chunks(8).enumerate() {
        let packed = byte.iter().enumerate().fold(0, |packed, (bit, set)| packed | u64::from(*set) << bit);
        world.core.store(addr + n as u64, 1, packed)?;
    }
    Ok(addr)
}

/// A `reflect.bitVector` of these bits.
fn bit_vector<S: Shadow>(world: &mut World<'_, S>, bits: &[bool]) -> Result<u64, Failure> {
    let data = bitmap(world, bits)?;
    let word = world.core.word_bytes();
    let addr = world.runtime_alloc(2 * word, 8)?;
    world.core.store(addr, 4, bits.len() as u64)?;
    world.core.store_word(addr + word, data)?;
    Ok(addr)
}

/// A type descriptor with what the collector reads of it (`internal/abi.Type`: size, bytes with pointers, hash, flags and
/// alignments, equality function, bitmap, name, pointer type): of a call frame, or of a workload's type.
///
/// # Errors
/// When there is no memory for it.
pub fn descriptor<S: Shadow>(world: &mut World<'_, S>, size: u64, pointers: &[bool]) -> Result<u64, Failure> {
    let word = world.core.word_bytes();
    world.core.act("make a type descriptor");
    let data = bitmap(world, pointers)?;
    let addr = world.runtime_alloc(4 * word + 16, 8)?;
    let ptr_words = pointers.iter().rposition(|set| *set).map_or(0, |last| last as u64 + 1);
    world.core.store_word(addr, size)?;
    world.core.store_word(addr + word, ptr_words * word)?;
    world.core.store(addr + 2 * word + 5, 1, word)?;
    world.core.store(addr + 2 * word + 6, 1, word)?;
    world.core.store_word(addr + 3 * word + 8, data)?;
    Ok(addr)
}

/// Whether the type that a descriptor describes has pointers.
pub(super) fn has_pointers<S: Shadow>(world: &mut World<'_, S>, typ: u64) -> Result<bool, Failure> {
    Ok(world.core.load_word(typ + world.core.word_bytes())? != 0)
}

/// Which words of `bytes` bytes of elements are pointers, by the descriptor of their type.
pub(super) fn descriptor_pointers<S: Shadow>(
    world: &mut World<'_, S>,
    typ: u64,
    bytes: u64,
) -> Result<Vec<bool>, Failure> {
    let word = world.core.word_bytes();
    let size = world.core.load_word(typ)?;
    let ptr_words = world.core.load_word(typ + word)? / word;
    let words = bytes / word;
    if size < word || words > MASK_LIMIT_WORDS || ptr_words > size / word {
        return Ok(Vec::new());
    }
    let data = world.core.load_word(typ + 3 * word + 8)?;
    let mut one = Vec::new();
    for n in 0..ptr_words {
        // Since Go 1.24 the bitmap of a large type is made when it is first needed; all words count until then.
        let byte = world.core.load(data + n / 8, 1).unwrap_or(0xff);
        one.push(byte >> (n % 8) & 1 == 1);
    }
    Ok((0..words).map(|n| one.get((n % (size / word)) as usize).copied().unwrap_or(false)).collect())
}

/// A function value whose code is at `entry`.
///
/// # Errors
/// When the architecture has no function value for that address.
pub fn func_value<S: Shadow>(world: &mut World<'_, S>, entry: u64) -> Result<u64, Failure> {
    let addr = world.runtime_alloc(world.core.word_bytes(), 8)?;
    let code = code_pointer(world, entry)?;
    world.core.act("make a function value");
    world.core.store_word(addr, code)?;
    Ok(addr)
}

/// The word by which a function value names code.
fn code_pointer<S: Shadow>(world: &World<'_, S>, entry: u64) -> Result<u64, Failure> {
    let pointer = world.core.port.go_pc(&*world.core.isa, entry);
    let what = || format!("a function value for {}", world.code.place(entry));
    pointer.ok_or_else(|| Failure::Unsupported { what: what() })
}

/// Whether the pointer maps of contexts cover results: since Go 1.12, whose runtime asks whether they are valid.
pub(crate) const fn maps_cover_results(epoch: Epoch) -> bool {
    match epoch {
        Epoch::Y2014Before | Epoch::Y2014 | Epoch::Y2016 | Epoch::Y2018 => false,
        Epoch::Y2020 | Epoch::Y2021 | Epoch::Go119 | Epoch::Go127 => true,
    }
}

/// Offset of the first word behind the part of a context that assembly knows: code, pointer map of the stack arguments
/// and results, bytes of stack arguments, bitmap of pointer registers.
fn context_tail<S: Shadow>(world: &World<'_, S>) -> u64 {
    let word = world.core.word_bytes();
    // The bytes of stack arguments tell where the map's results begin.
    let fixed = if maps_cover_results(world.core.epoch) { 3 * word } else { 2 * word };
    fixed + world.reg_args().bitmap_bytes().next_multiple_of(word)
}

/// Offset of the receiver's pointer word in the context of a method value: behind the method number and the type.
pub(super) fn receiver_offset<S: Shadow>(world: &World<'_, S>) -> u64 {
    context_tail(world) + 2 * world.core.word_bytes()
}

/// A word that `reflect` keeps in a context behind the part that assembly knows.
#[derive(Clone, Copy, Debug)]
pub(super) enum ContextWord {
    /// No pointer, and zero.
    Scalar,
    /// A pointer, and nil.
    Nil,
    /// The pointer in this local of the innermost frame.
    Local(u64),
}

/// The context of a made function or method value, as a heap object.
pub(super) fn context<S: Shadow>(
    world: &mut World<'_, S>,
    stub: &str,
    extra: &[ContextWord],
    what: &str,
) -> Result<u64, Failure> {
    let missing = || Failure::Unsupported { what: format!("an image without {stub}") };
    let entry = world.code.own(stub).ok_or_else(missing)?.entry;
    let code = code_pointer(world, entry)?;
    let (word, tail) = (world.core.word_bytes(), context_tail(world));
    let abi = world.plan.reflect_value_abi.clone();
    world.core.act("make the context");
    let with_results = maps_cover_results(world.core.epoch);
    let args = (abi.stack_args_bytes / word) as usize;
    let mapped = if with_results { abi.frame_pointers.len() } else { args.min(abi.frame_pointers.len()) };
    let stack = bit_vector(world, &abi.frame_pointers[..mapped])?;
    let mut pointers = vec![false; (tail / word) as usize + extra.len()];
    pointers[1] = true;
    for (pointer, kept) in pointers[(tail / word) as usize..].iter_mut().zip(extra) {
        *pointer = !matches!(kept, ContextWord::Scalar);
    }
    let addr = world.allocate(tail + extra.len() as u64 * word, pointers, what)?;
    world.core.store_word(addr, code)?;
    world.core.store_word(addr + word, stack)?;
    if with_results {
        world.core.store_word(addr + 2 * word, abi.stack_args_bytes)?;
    }
    for reg in &abi.arg_pointers {
        let at = addr + 3 * word + *reg as u64 / 8;
        let old = world.core.load(at, 1)?;
        world.core.store(at, 1, old | 1 << (reg % 8))?;
    }
    for (n, value) in extra.iter().enumerate() {
        if let ContextWord::Local(offset) = value {
            let from = world.local(*offset);
            world.pointer_store(addr + tail + n as u64 * word, from)?;
        }
    }
    Ok(addr)
}
