//! The smallest executable for Linux: code, and room for data.

use rcsim_uop::port::ElfIdentity;

use crate::bench::copy;

/// Flags of a segment (System V ABI, "Program Header").
const READ_EXECUTE: u32 = 5;
const READ_WRITE: u32 = 6;
const PAGE: u64 = 0x1_0000;

/// Writes numbers in the byte order and word size of a port.
struct Writer {
    identity: ElfIdentity,
    out: Vec<u8>,
}

impl Writer {
    fn number(&mut self, value: u64, bytes: usize) {
        let little = value.to_le_bytes();
        if self.identity.big_endian {
            self.out.extend(little[..bytes].iter().rev());
        } else {
            self.out.extend(&little[..bytes]);
        }
    }

    fn half(&mut self, value: u16) {
        self.number(u64::from(value), 2);
    }

    fn word(&mut self, value: u32) {
        self.number(u64::from(value), 4);
    }

    fn address(&mut self, value: u64) {
        self.number(value, self.address_bytes());
    }

    fn address_bytes(&self) -> usize {
        usize::from(self.identity.class_bits / 8)
    }

    fn is_wide(&self) -> bool {
        self.identity.class_bits == 64
    }

    fn header_bytes(&self) -> usize {
        if self.is_wide() { 64 } else { 52 }
    }

    fn segment_bytes(&self) -> usize {
        if self.is_wide() { 56 } else { 32 }
    }

    fn header(&mut self, entry: u64, segments: u16) {
        let class = if self.is_wide() { 2 } else { 1 };
        let data = if self.identity.big_endian { 2 } else { 1 };
        self.out.extend([0x7f, b'E', b'L', b'F', class, data, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        self.half(2); // an executable
        self.half(self.identity.machine);
        self.word(1);
        self.address(entry);
        self.address(self.header_bytes() as u64);
        self.address(0); // no sections
        self.word(0);
        self.half(self.header_bytes() as u16);
        self.half(self.segment_bytes() as u16);
        self.half(segments);
        for _ in 0..3 {
            self.half(0);
        }
    }

    fn segment(&mut self, flags: u32, offset: u64, addr: u64, (file, memory): (u64, u64)) {
        self.word(1); // to be loaded
        if self.is_wide() {
            self.word(flags);
        }
        for value in [offset, addr, addr, file, memory] {
            self.address(value);
        }
        if !self.is_wide() {
            self.word(flags);
        }
        self.address(PAGE);
    }
}

/// An executable with `code` at `base`, entered at its first byte, and the copy loop's data, all zero.
pub fn executable(identity: ElfIdentity, base: u64, code: &[u8]) -> Vec<u8> {
    let mut writer = Writer { identity, out: Vec::new() };
    let bytes = code.len() as u64;
    writer.header(base, 2);
    writer.segment(READ_EXECUTE, PAGE, base, (bytes, bytes));
    writer.segment(READ_WRITE, 0, copy::DATA.0, (0, copy::DATA.1));
    let mut out = writer.out;
    out.resize(PAGE as usize, 0);
    out.extend_from_slice(code);
    out
}

#[cfg(test)]
mod tests {
    use rcsim_uop::port::ElfIdentity;

    use super::executable;

    #[test]
    fn headers_have_the_sizes_that_the_abi_states() {
        for (class_bits, header, segment) in [(32, 52, 32), (64, 64, 56)] {
            for big_endian in [false, true] {
                let identity = ElfIdentity { machine: 0x1234, class_bits, big_endian };
                let file = executable(identity, 0x10_0000, b"code");
                let machine = if big_endian { [0x12, 0x34] } else { [0x34, 0x12] };
                assert_eq!(file[18..20], machine);
                assert_eq!(file[header + 2 * segment..0x1_0000].iter().find(|byte| **byte != 0), None);
                assert_ne!(
                    file[header + 2 * segment - usize::from(class_bits) / 8..header + 2 * segment],
                    vec![0; usize::from(class_bits) / 8],
                    "the alignment ends it"
                );
                assert_eq!(&file[0x1_0000..], b"code");
            }
        }
    }
}
