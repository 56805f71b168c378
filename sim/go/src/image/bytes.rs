//! Bounded reading of integers in a stated byte order.
//!
//! Owns: the one way in which this loader turns bytes into numbers. Every read is checked; out of range is `None`, which the
//! caller turns into an error that knows which part of the image was being read.

/// Order of the bytes of a multi-byte integer, as the image states it (`EI_DATA` in ELF; wasm is always little).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

/// Width of Go's `uintptr` in the image, as the header of the function table states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WordSize {
    /// 4 bytes.
    Four,
    /// 8 bytes.
    Eight,
}

impl WordSize {
    /// The width in bytes.
    pub fn bytes(self) -> u64 {
        match self {
            WordSize::Four => 4,
            WordSize::Eight => 8,
        }
    }
}

/// A slice of bytes read in one byte order.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    order: ByteOrder,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8], order: ByteOrder) -> Reader<'a> {
        Reader { bytes, order }
    }

    /// `len` bytes from `offset`, if all of them exist.
    pub fn slice(&self, offset: u64, len: u64) -> Option<&'a [u8]> {
        let start = usize::try_from(offset).ok()?;
        let end = usize::try_from(offset.checked_add(len)?).ok()?;
        self.bytes.get(start..end)
    }

    fn array<const N: usize>(&self, offset: u64) -> Option<[u8; N]> {
        self.slice(offset, N as u64)?.try_into().ok()
    }

    pub fn u8(&self, offset: u64) -> Option<u8> {
        self.array(offset).map(|[byte]| byte)
    }

    pub fn u16(&self, offset: u64) -> Option<u16> {
        let raw = self.array(offset)?;
        Some(match self.order {
            ByteOrder::Little => u16::from_le_bytes(raw),
            ByteOrder::Big => u16::from_be_bytes(raw),
        })
    }

    pub fn u32(&self, offset: u64) -> Option<u32> {
        let raw = self.array(offset)?;
        Some(match self.order {
            ByteOrder::Little => u32::from_le_bytes(raw),
            ByteOrder::Big => u32::from_be_bytes(raw),
        })
    }

    pub fn u64(&self, offset: u64) -> Option<u64> {
        let raw = self.array(offset)?;
        Some(match self.order {
            ByteOrder::Little => u64::from_le_bytes(raw),
            ByteOrder::Big => u64::from_be_bytes(raw),
        })
    }

    pub fn i32(&self, offset: u64) -> Option<i32> {
        self.u32(offset).map(u32::cast_signed)
    }

    pub fn word(&self, offset: u64, size: WordSize) -> Option<u64> {
        match size {
            WordSize::Four => self.u32(offset).map(u64::from),
            WordSize::Eight => self.u64(offset),
        }
    }
}

/// An unsigned LEB128 number (also Go's varint) of at most 32 significant bits at the start of `bytes`: the value and its length.
pub(super) fn varint32(bytes: &[u8]) -> Option<(u32, usize)> {
    let mut value = 0u64;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((u32::try_from(value).ok()?, index + 1));
        }
    }
    None
}

/// The bytes of a NUL-terminated string at the start of `bytes`, without the NUL.
pub(super) fn until_nul(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.iter().position(|&byte| byte == 0)?;
    Some(&bytes[..end])
}

#[cfg(test)]
mod tests {
    use super::{ByteOrder, Reader, WordSize, until_nul, varint32};

    #[test]
    fn numbers_follow_the_stated_byte_order() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(Reader::new(&bytes, ByteOrder::Little).u32(0), Some(0x0403_0201));
        assert_eq!(Reader::new(&bytes, ByteOrder::Big).u16(1), Some(0x0203));
        assert_eq!(Reader::new(&bytes, ByteOrder::Big).word(0, WordSize::Eight), Some(0x0102_0304_0506_0708));
    }

    #[test]
    fn a_read_that_leaves_the_bytes_is_none() {
        let reader = Reader::new(&[0; 8], ByteOrder::Little);
        assert_eq!(reader.u32(5), None);
        assert_eq!(reader.u64(u64::MAX - 3), None);
        assert_eq!(reader.slice(4, u64::MAX), None);
    }

    #[test]
    fn varints_longer_than_32_bits_are_refused() {
        assert_eq!(varint32(&[0xe5, 0x8e, 0x26]), Some((624_485, 3)));
        assert_eq!(varint32(&[0xff, 0xff, 0xff, 0xff, 0x0f]), Some((u32::MAX, 5)));
        assert_eq!(varint32(&[0xff, 0xff, 0xff, 0xff, 0x1f]), None);
        assert_eq!(varint32(&[0x80]), None);
    }

    #[test]
    fn a_string_without_a_nul_is_none() {
        assert_eq!(until_nul(b"go\0x"), Some(&b"go"[..]));
        assert_eq!(until_nul(b"go"), None);
    }
}
