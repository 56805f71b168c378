//! What the assemblers of the built-in images share: code that grows, labels, places for the linker.
//!
//! Owns: bytes, branch distances, errors until the end. Must not know: instructions. A family states how its branches and
//! references hold distances ([`Encoding`]), and adds its instructions as methods of [`Code`]. What cannot be encoded is
//! remembered and reported when a routine is finished, so that descriptions of routines need no error handling at every line.

use std::fmt::Debug;

use rcsim_uop::port::Relocation;

/// Why a routine could not be assembled: what could not be encoded.
pub type Unencodable = String;

/// How the instructions of a family hold distances and addresses.
pub trait Encoding: Debug + Default {
    /// The field of a branch to a label.
    type Field: Copy + Debug;
    /// What the linker does at a place.
    type Link: Copy + Debug;
    /// Whether words are stored with their most significant byte first.
    fn big_endian(&self) -> bool {
        false
    }
    /// Put the distance in bytes from a branch to its label into the branch; `None` when it does not fit.
    fn settle(field: Self::Field, patch: &mut Patch<'_>, distance: i64) -> Option<()>;
    /// Put the distance to `target`, or its address, into the instructions at `pc`; `None` when it is out of reach.
    fn resolve(link: Self::Link, patch: &mut Patch<'_>, pc: u64, target: u64) -> Option<()>;
    /// The bits that [`Encoding::resolve`] changes, for each word.
    fn mask(link: Self::Link) -> &'static [u32];
}

/// Instructions to be completed, as words.
pub struct Patch<'a> {
    bytes: &'a mut [u8],
    big_endian: bool,
}

impl Patch<'_> {
    /// Set bits of word number `n`.
    pub fn or(&mut self, n: usize, bits: u32) {
        for (byte, bits) in self.bytes[4 * n..].iter_mut().zip(word_bytes(bits, self.big_endian)) {
            *byte |= bits;
        }
    }
}

/// A word as it stands in memory.
#[must_use]
pub const fn word_bytes(word: u32, big_endian: bool) -> [u8; 4] {
    if big_endian { word.to_be_bytes() } else { word.to_le_bytes() }
}

/// A distance as a field of `bits` bits holds it, counted in units of `1 << scale` bytes.
#[must_use]
pub fn signed_field(distance: i64, bits: u32, scale: u32) -> Option<u32> {
    let half = 1_i64 << (bits - 1);
    let units = distance >> scale;
    let fits = units << scale == distance && (-half..half).contains(&units);
    fits.then_some(units as u32 & (u32::MAX >> (32 - bits)))
}

/// A place in a routine to branch to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(usize);

#[derive(Clone, Copy, Debug)]
struct Fixup<F> {
    at: usize,
    label: Label,
    field: F,
}

/// A symbol to be linked.
#[derive(Clone, Debug)]
pub struct Place<L> {
    at: usize,
    link: L,
    target: String,
}

/// A routine being assembled.
#[derive(Debug)]
pub struct Code<E: Encoding> {
    /// What the family keeps beside the bytes.
    pub encoding: E,
    bytes: Vec<u8>,
    labels: Vec<Option<usize>>,
    fixups: Vec<Fixup<E::Field>>,
    places: Vec<Place<E::Link>>,
    error: Option<Unencodable>,
}

impl<E: Encoding> Default for Code<E> {
    fn default() -> Self {
        Self::new(E::default())
    }
}

impl<E: Encoding> Code<E> {
    /// An empty routine.
    #[must_use]
    pub const fn new(encoding: E) -> Self {
        Self {
            encoding,
            bytes: Vec::new(),
            labels: Vec::new(),
            fixups: Vec::new(),
            places: Vec::new(),
            error: None,
        }
    }

    /// Number of bytes so far.
    #[must_use]
    pub const fn position(&self) -> u32 {
        self.bytes.len() as u32
    }

    /// Something cannot be encoded: the first such thing is reported at the end.
    pub fn fail(&mut self, what: impl Into<Unencodable>) {
        self.error.get_or_insert(what.into());
    }

    /// Append a word.
    pub fn word(&mut self, word: u32) {
        self.bytes.extend(word_bytes(word, self.encoding.big_endian()));
    }

    /// Append bytes.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// A label that is not placed yet.
    pub fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    /// Place a label here.
    pub fn bind(&mut self, label: Label) {
        self.labels[label.0] = Some(self.bytes.len());
    }

    /// A label placed here.
    pub fn here(&mut self) -> Label {
        let label = self.label();
        self.bind(label);
        label
    }

    /// The instruction that comes next branches to a label.
    pub fn branches_to(&mut self, label: Label, field: E::Field) {
        self.fixups.push(Fixup { at: self.bytes.len(), label, field });
    }

    /// The instructions that come next refer to a symbol.
    pub fn refers_to(&mut self, target: &str, link: E::Link) {
        self.places.push(Place { at: self.bytes.len(), link, target: target.to_owned() });
    }

    /// Settle the labels and give the code away.
    ///
    /// # Errors
    /// What could not be encoded first.
    pub fn finish(mut self) -> Result<Unlinked<E>, Unencodable> {
        for fixup in std::mem::take(&mut self.fixups) {
            self.settle(fixup);
        }
        match self.error {
            Some(what) => Err(what),
            None => {
                let big_endian = self.encoding.big_endian();
                Ok(Unlinked { bytes: self.bytes, places: self.places, big_endian })
            }
        }
    }

    fn settle(&mut self, fixup: Fixup<E::Field>) {
        let Some(target) = self.labels[fixup.label.0] else {
            self.fail("a branch to a label that was never placed");
            return;
        };
        let distance = target as i64 - fixup.at as i64;
        let big_endian = self.encoding.big_endian();
        let mut patch = Patch { bytes: &mut self.bytes[fixup.at..], big_endian };
        if E::settle(fixup.field, &mut patch, distance).is_none() {
            self.fail(format!("a branch over {distance} bytes"));
        }
    }
}

/// Code that refers to symbols whose addresses are not known yet.
#[derive(Debug)]
pub struct Unlinked<E: Encoding> {
    /// The code; what the linker fills in is zero.
    pub bytes: Vec<u8>,
    places: Vec<Place<E::Link>>,
    big_endian: bool,
}

impl<E: Encoding> Unlinked<E> {
    /// Fill in every place, given the address of the first byte.
    ///
    /// # Errors
    /// When a symbol is out of reach.
    pub fn link(&mut self, start: u64, address: &mut dyn FnMut(&str) -> u64) -> Result<(), Unencodable> {
        for place in &self.places {
            let (pc, target) = (start + place.at as u64, address(&place.target));
            let mut patch = Patch { bytes: &mut self.bytes[place.at..], big_endian: self.big_endian };
            E::resolve(place.link, &mut patch, pc, target)
                .ok_or_else(|| format!("{} at {target:#x} is out of reach from {pc:#x}", place.target))?;
        }
        Ok(())
    }

    /// What a comparison with other code must leave aside.
    #[must_use]
    pub fn relocations(&self) -> Vec<Relocation> {
        let relocation = |place: &Place<E::Link>| {
            let words = E::mask(place.link).iter();
            let mask: Vec<u8> = words.flat_map(|word| word_bytes(*word, self.big_endian)).collect();
            Relocation { offset: place.at as u32, len: mask.len() as u8, mask, target: place.target.clone() }
        };
        self.places.iter().map(relocation).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::signed_field;

    #[test]
    fn distances_fit_a_field_or_not() {
        assert_eq!(signed_field(8, 19, 2), Some(2));
        assert_eq!(signed_field(-4, 19, 2), Some(0x7_ffff));
        assert_eq!(signed_field(6, 19, 2), None);
        assert_eq!(signed_field(1 << 20, 19, 2), None);
        assert_eq!(signed_field(-(1 << 20), 19, 2), Some(1 << 18));
    }
}
