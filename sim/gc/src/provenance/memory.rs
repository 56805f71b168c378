//! How loads and stores move tags between registers and memory words.
//!
//! A word that is moved whole keeps everything. One that is moved in parts, as a loop over bytes does, keeps its origin and is
//! marked as made of parts: whether the parts are complete and in order, the value must tell. A byte that was never stored
//! makes what is loaded undefined.

use super::{OBJECT, STACK, Tag};

/// The tag of a value of `bytes` bytes, loaded from byte `offset` of the first of these words.
#[inline(always)]
pub(crate) fn load(words: &[Tag], offset: usize, bytes: usize, word_bytes: usize) -> Tag {
    if let [word] = words
        && bytes == word_bytes
    {
        return load_word(*word);
    }
    // Two words at once: a register of two pointers, as where pointers are narrower than registers.
    if let [first, second] = words
        && bytes == 2 * word_bytes
        && offset == 0
    {
        let undefined = first.is_undefined() || second.is_undefined();
        return if undefined { Tag::UNDEFINED } else { Tag::UNRECORDED };
    }
    load_parts(words, offset, bytes, word_bytes)
}

/// The tag of a whole word that is loaded.
#[inline(always)]
pub(crate) fn load_word(word: Tag) -> Tag {
    if word.is_undefined() { Tag::UNDEFINED } else { word }
}

#[inline(never)]
fn load_parts(words: &[Tag], offset: usize, bytes: usize, word_bytes: usize) -> Tag {
    let undefined =
        |(n, word): (usize, &Tag)| word.undefined_mask() & covered(n, offset, bytes, word_bytes) != 0;
    if words.iter().enumerate().any(undefined) {
        return Tag::UNDEFINED;
    }
    match words {
        [word] if !word.is_undefined() => word.part(),
        _ => Tag::UNRECORDED,
    }
}

/// Note that `bytes` bytes of a value with this tag were stored from byte `offset` of the first of these words on.
#[inline(always)]
pub(crate) fn store(words: &mut [Tag], offset: usize, bytes: usize, word_bytes: usize, tag: Tag, step: u64) {
    if let [word] = words
        && bytes == word_bytes
    {
        *word = store_word(tag, step);
        return;
    }
    if let [first, second] = words
        && bytes == 2 * word_bytes
        && offset == 0
        && !tag.is_undefined()
    {
        *first = store_word(Tag::UNRECORDED, step);
        *second = *first;
        return;
    }
    store_parts(words, offset, bytes, word_bytes, tag, step);
}

/// What a word is when a value with this tag is stored to all of it.
#[inline(always)]
pub(crate) fn store_word(tag: Tag, step: u64) -> Tag {
    tag.stored_at(step)
}

#[inline(never)]
fn store_parts(words: &mut [Tag], offset: usize, bytes: usize, word_bytes: usize, tag: Tag, step: u64) {
    // Parts of a pointer that go to several words are in no place of it.
    let tag = if words.len() > 1 && !tag.is_undefined() { Tag::UNRECORDED } else { tag };
    for (n, word) in words.iter_mut().enumerate() {
        let covered = covered(n, offset, bytes, word_bytes);
        *word = stored_part(*word, covered, word_bytes, tag).stored_at(step);
    }
}

/// What a word is after some of its bytes were stored.
fn stored_part(old: Tag, covered: u8, word_bytes: usize, new: Tag) -> Tag {
    let had = old.undefined_mask() & every_byte(word_bytes);
    let undefined = if new.is_undefined() { had | covered } else { had & !covered };
    if undefined != 0 {
        return Tag::undefined_bytes(undefined);
    }
    match new.class() {
        OBJECT | STACK => new.part(),
        _ => Tag::UNRECORDED,
    }
}

/// The bytes that a word has.
const fn every_byte(word_bytes: usize) -> u8 {
    u8::MAX >> (8 - word_bytes)
}

/// Which bytes of word `n` an access of `bytes` bytes at `offset` covers.
fn covered(n: usize, offset: usize, bytes: usize, word_bytes: usize) -> u8 {
    let accessed = ((1_u64 << bytes) - 1) << offset;
    (accessed >> (n * word_bytes)) as u8 & every_byte(word_bytes)
}

#[cfg(test)]
mod tests {
    use super::{load, store};
    use crate::provenance::{Origin, Tag};

    const TAGS: [Tag; 5] = [Tag::UNRECORDED, Tag(0x11), Tag(0x21), Tag(0x12), Tag::UNDEFINED];

    /// Every access of 1 to 8 bytes within two words.
    fn accesses(word_bytes: usize) -> impl Iterator<Item = (usize, usize)> {
        [1, 2, 4, 8]
            .into_iter()
            .flat_map(move |bytes| (0..=2 * word_bytes - bytes).map(move |at| (at, bytes)))
    }

    fn touched(words: &mut [Tag; 2], at: usize, bytes: usize, word_bytes: usize) -> (&mut [Tag], usize) {
        let (first, last) = (at / word_bytes, (at + bytes - 1) / word_bytes);
        (&mut words[first..=last], at - first * word_bytes)
    }

    #[test]
    fn what_is_stored_is_loaded_again() {
        for word_bytes in [4, 8] {
            for (at, bytes) in accesses(word_bytes) {
                for old in TAGS {
                    for new in TAGS {
                        let mut words = [old; 2];
                        let (part, offset) = touched(&mut words, at, bytes, word_bytes);
                        store(part, offset, bytes, word_bytes, new, 5);
                        let found = load(part, offset, bytes, word_bytes);
                        let case = format!("{new:?} over {old:?}, {bytes} bytes at {at} of {word_bytes}");
                        assert_eq!(found.is_undefined(), new.is_undefined(), "{case}: {found:?}");
                        let whole = bytes == word_bytes && part.len() == 1;
                        if whole {
                            assert_eq!(found.origin(), new.origin(), "{case}");
                            assert!(!found.is_part(), "{case}");
                        } else if found.origin() != Origin::Unrecorded && !found.is_undefined() {
                            assert_eq!(found.origin(), new.origin(), "{case}");
                            assert!(found.is_part(), "{case}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn an_undefined_word_is_defined_when_its_last_byte_is_stored() {
        for (size, last) in [4, 8].into_iter().flat_map(|size| (0..size).map(move |last| (size, last))) {
            let mut words = [Tag::UNDEFINED];
            for byte in (0..size).filter(|byte| *byte != last) {
                store(&mut words, byte, 1, size, Tag(0x11), 1);
                assert!(words[0].is_undefined());
                assert!(!load(&words, byte, 1, size).is_undefined());
                assert!(load(&words, last, 1, size).is_undefined());
            }
            store(&mut words, last, 1, size, Tag(0x11), 1);
            assert_eq!((words[0].origin(), words[0].is_part()), (Origin::Object(1), true));
        }
    }

    #[test]
    fn bytes_outside_an_access_keep_what_they_are() {
        for (at, bytes) in accesses(8) {
            let mut words = [Tag::UNDEFINED; 2];
            let (part, offset) = touched(&mut words, at, bytes, 8);
            store(part, offset, bytes, 8, Tag::UNRECORDED, 0);
            for byte in 0..16 {
                let defined = (at..at + bytes).contains(&byte);
                assert_eq!(!load(&words[byte / 8..=byte / 8], byte % 8, 1, 8).is_undefined(), defined);
            }
        }
    }
}
