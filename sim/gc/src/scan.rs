//! One scan: from the roots through the pointer words of every object that is reached.
//!
//! It follows what it reads, as a collector does, and keeps what is suspicious about it for the rules. Nearly every word is not.

use rcsim_machine::shadow::{GcPoint, Root, RootKind};

use crate::heap::{Located, ShadowHeap};
use crate::provenance::{Origin, Tag};

/// Go refuses to adjust a stack pointer slot that holds a number below this (`minLegalPointer` in runtime/malloc.go).
const MIN_LEGAL_POINTER: u64 = 4096;

/// A range of addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Range {
    /// First address.
    pub low: u64,
    /// Address behind it.
    pub high: u64,
}

impl Range {
    /// Whether an address is in it.
    #[inline(always)]
    pub(crate) const fn contains(self, addr: u64) -> bool {
        addr.wrapping_sub(self.low) < self.high.wrapping_sub(self.low)
    }
}

/// Who holds a word that the scan has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The root with this index.
    Root(usize),
    /// The word at this offset of the object with this index.
    Word(usize, u64),
}

/// A word that no sound program has where the scan reads pointers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Suspect {
    /// Who holds it.
    pub holder: Holder,
    /// What it is.
    pub value: u64,
    /// What is known of it.
    pub tag: Tag,
    /// Where it points.
    pub located: Located,
}

/// What a scan has come upon.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Words to judge.
    pub suspects: Vec<Suspect>,
    /// Doomed objects that were reached, and through whom.
    pub doomed: Vec<(usize, Holder)>,
    /// Words of scratch memory that were passed over.
    pub passed_over: Vec<(Holder, u64)>,
}

impl Seen {
    fn clear(&mut self) {
        self.suspects.clear();
        self.doomed.clear();
        self.passed_over.clear();
    }
}

/// A scan at work.
pub(crate) struct Scan<'a> {
    /// The objects.
    pub heap: &'a mut ShadowHeap,
    /// Where objects are.
    pub arena: Range,
    /// Memory whose words are passed over.
    pub scratch: &'a [Range],
    /// What comes of it.
    pub seen: &'a mut Seen,
}

impl Scan<'_> {
    /// Scan everything.
    pub(crate) fn run(&mut self, point: &GcPoint<'_, Tag>) {
        self.seen.clear();
        self.heap.begin_scan();
        for (n, root) in point.roots.iter().enumerate() {
            self.root(n, root);
        }
        self.finish(point);
    }

    /// Follow what was passed over, now. When nothing else has reached the object there: its index, and how many objects are
    /// reached through it only, itself included.
    pub(crate) fn follow(&mut self, point: &GcPoint<'_, Tag>, value: u64) -> Option<(usize, usize)> {
        let Located::In(first) = self.heap.locate(value) else { return None };
        if !self.heap.reach(first) {
            return None;
        }
        Some((first, self.finish(point)))
    }

    fn finish(&mut self, point: &GcPoint<'_, Tag>) -> usize {
        let mut count = 0;
        while let Some(index) = self.heap.next_reached() {
            self.object(point, index);
            count += 1;
        }
        count
    }

    fn root(&mut self, n: usize, root: &Root<Tag>) {
        let small = root.kind == RootKind::Stack && root.value.wrapping_sub(1) < MIN_LEGAL_POINTER - 1;
        if small && !root.word.is_undefined() {
            let (value, tag, located) = (root.value, root.word, Located::Nowhere);
            self.seen.suspects.push(Suspect { holder: Holder::Root(n), value, tag, located });
        }
        self.word(Holder::Root(n), root.value, root.word);
    }

    /// Read the pointer words of an object.
    fn object(&mut self, point: &GcPoint<'_, Tag>, index: usize) {
        let (addr, words) = (self.heap.object(index).addr, self.heap.object(index).pointers.len());
        for n in 0..words {
            let offset = self.heap.object(index).pointers[n];
            let Some((value, tag)) = (point.word)(addr + offset) else { continue };
            let holder = Holder::Word(index, offset);
            if self.scratch.iter().any(|range| range.contains(addr + offset)) {
                self.seen.passed_over.push((holder, value));
            } else {
                self.word(holder, value, tag);
            }
        }
    }

    #[inline(always)]
    fn word(&mut self, holder: Holder, value: u64, tag: Tag) {
        // Most words are null, or point elsewhere.
        if self.arena.contains(value) || tag.is_undefined() {
            self.word_of_note(holder, value, tag);
        }
    }

    fn word_of_note(&mut self, holder: Holder, value: u64, tag: Tag) {
        if tag.is_undefined() {
            self.seen.suspects.push(Suspect { holder, value, tag, located: Located::Nowhere });
        }
        if !self.arena.contains(value) {
            return;
        }
        let located = self.heap.locate(value);
        let Located::In(index) = located else {
            if !tag.is_undefined() {
                self.seen.suspects.push(Suspect { holder, value, tag, located });
            }
            return;
        };
        if let Origin::Object(number) = tag.origin()
            && number as usize != index + 1
            && !tag.is_part()
        {
            self.seen.suspects.push(Suspect { holder, value, tag, located });
        }
        if self.heap.reach(index) && self.heap.object(index).state.is_doomed() {
            self.seen.doomed.push((index, holder));
        }
    }
}
