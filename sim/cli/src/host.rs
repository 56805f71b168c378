//! Which port this machine is.

use std::env;
use std::fs::File;
use std::io::Read;

use rcsim_uop::Port;
use rcsim_uop::port::{Container, ElfIdentity};

/// The port of the machine that rcsim runs on, where it has one. rcsim's own executable tells: what identifies a port's
/// programs also identifies this one.
pub fn port() -> Option<&'static dyn Port> {
    let mut header = [0; 20];
    File::open(env::current_exe().ok()?).ok()?.read_exact(&mut header).ok()?;
    let own = Container::Elf(identity(&header)?);
    rcsim_isa::ports().into_iter().find(|port| port.container() == own)
}

/// The fields of an ELF header (System V ABI, "ELF Header") that tell ports apart.
fn identity(header: &[u8; 20]) -> Option<ElfIdentity> {
    let [0x7f, b'E', b'L', b'F', class, data, ..] = *header else { return None };
    let (low, high) = (header[18], header[19]);
    let big_endian = data == 2;
    let machine = if big_endian { u16::from_be_bytes([low, high]) } else { u16::from_le_bytes([low, high]) };
    Some(ElfIdentity { machine, class_bits: 32 * class, big_endian })
}

#[cfg(test)]
mod tests {
    use super::{ElfIdentity, identity};

    #[test]
    fn identity_is_read_in_either_byte_order() {
        let mut header = *b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xb7\0";
        let little = ElfIdentity { machine: 183, class_bits: 64, big_endian: false };
        assert_eq!(identity(&header), Some(little));
        header[4..6].copy_from_slice(&[1, 2]);
        header[18..].copy_from_slice(&[0, 8]);
        assert_eq!(identity(&header), Some(ElfIdentity { machine: 8, class_bits: 32, big_endian: true }));
        header[0] = 0;
        assert_eq!(identity(&header), None);
    }
}
