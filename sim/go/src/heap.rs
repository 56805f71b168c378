//! The heap: objects with a number, an address, a size and pointer words.
//!
//! Allocation is a bump of a pointer, so that addresses are the same in every run; nothing is reused unless a collection
//! says so.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use crate::failure::{Failure, Limit};

/// One heap object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Number in order of allocation, from 1; findings call it `#12`.
    pub number: u32,
    /// Address of its first byte.
    pub addr: u64,
    /// Size in bytes, as asked for.
    pub bytes: u64,
    /// Which of its words are pointers.
    pub pointers: Arc<[bool]>,
    /// What it is for, in words.
    pub what: Arc<str>,
}

/// All objects of a run.
#[derive(Clone, Debug)]
pub struct Heap {
    start: u64,
    limit: u64,
    next: u64,
    /// In order of address.
    objects: Vec<Object>,
    /// Pointer words and purposes, each kept once: a long run allocates the same few kinds again and again.
    shapes: HashSet<Arc<[bool]>>,
    purposes: HashSet<Arc<str>>,
}

/// Distance between objects: no object's end is another's start, so past-the-end pointers name nobody.
const GAP: u64 = 16;
const ALIGN: u64 = 16;

impl Heap {
    /// An empty heap of at most `bytes` bytes at `start`.
    #[must_use]
    pub fn new(start: u64, bytes: u64) -> Self {
        Self {
            start,
            limit: start + bytes,
            next: start,
            objects: Vec::new(),
            shapes: HashSet::new(),
            purposes: HashSet::new(),
        }
    }

    /// Allocate an object. The memory is zero, because it was never used.
    ///
    /// # Errors
    /// When the heap is full.
    pub fn allocate(&mut self, bytes: u64, pointers: &[bool], what: &str) -> Result<u64, Failure> {
        let addr = self.next;
        let end = addr.checked_add(bytes).and_then(|end| end.checked_next_multiple_of(ALIGN));
        let next = end.map(|end| end + GAP).filter(|next| *next <= self.limit);
        self.next = next.ok_or(Failure::Limit(Limit::Heap(self.limit - self.start)))?;
        let number = self.objects.len() as u32 + 1;
        let (pointers, what) = (shared(&mut self.shapes, pointers), shared(&mut self.purposes, what));
        self.objects.push(Object { number, addr, bytes, pointers, what });
        Ok(addr)
    }

    /// The object that holds `addr`.
    #[must_use]
    pub fn find(&self, addr: u64) -> Option<&Object> {
        let after = self.objects.partition_point(|object| object.addr <= addr);
        let object = &self.objects[after.checked_sub(1)?];
        (addr - object.addr < object.bytes.max(1)).then_some(object)
    }

    /// All objects in order of address, which is that of allocation.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.objects.iter()
    }

    /// Bytes allocated so far.
    #[must_use]
    pub fn used_bytes(&self) -> u64 {
        self.next - self.start
    }
}

/// The one that is kept of all equal ones.
fn shared<T: ?Sized + Eq + Hash>(known: &mut HashSet<Arc<T>>, one: &T) -> Arc<T>
where
    Arc<T>: for<'a> From<&'a T>,
{
    if let Some(known) = known.get(one) {
        return Arc::clone(known);
    }
    let new: Arc<T> = one.into();
    known.insert(Arc::clone(&new));
    new
}
