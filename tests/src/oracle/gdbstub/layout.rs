//! Which registers the guest has: read from the target description that qemu sends (GDB manual, appendix G), or from the
//! architecture's own where qemu sends none.
//!
//! Owns names, numbers, sizes and the order in which values are kept; knows no architecture.

use crate::oracle::OracleError;

/// One register of the guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    /// Its name in the target description.
    pub name: String,
    /// Its size in bytes.
    pub bytes: usize,
    /// Its number in the protocol.
    pub(super) number: usize,
    /// Where its value starts in a [`RegisterFile`].
    pub(super) offset: usize,
}

/// The registers of a guest in the order of their numbers, those of the operating system left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    registers: Vec<Register>,
    /// So many of them, from the first, come in one `g` packet.
    in_general_packet: usize,
}

/// The values of all registers of one [`Layout`], each in the byte order of the guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterFile {
    pub(super) bytes: Vec<u8>,
}

impl Layout {
    /// All registers.
    pub fn registers(&self) -> &[Register] {
        &self.registers
    }

    /// So many registers, from the first, come in qemu's general packet and are quick to read.
    pub fn in_general_packet(&self) -> usize {
        self.in_general_packet
    }

    /// The registers that do not.
    pub(super) fn others(&self) -> &[Register] {
        &self.registers[self.in_general_packet..]
    }

    /// The register of that name.
    pub fn register(&self, name: &str) -> Result<&Register, OracleError> {
        self.registers
            .iter()
            .find(|register| register.name == name)
            .ok_or_else(|| OracleError::NoSuchRegister { name: name.to_owned() })
    }

    /// Bytes in a [`RegisterFile`].
    pub(super) fn size_bytes(&self) -> usize {
        self.registers.last().map_or(0, |last| last.offset + last.bytes)
    }

    /// Adds the registers of one description file; numbers go on where the file before ended.
    pub(super) fn add(&mut self, description: &str, next_number: &mut usize) -> Result<(), OracleError> {
        for tag in tags(&without_comments(description), "reg") {
            let wrong = || OracleError::protocol(format!("target description: <reg {tag}>"));
            let name = attribute(tag, "name").ok_or_else(wrong)?;
            let bits: usize =
                attribute(tag, "bitsize").and_then(|text| text.parse().ok()).ok_or_else(wrong)?;
            let number = match attribute(tag, "regnum") {
                Some(text) => text.parse().map_err(|_| wrong())?,
                None => *next_number,
            };
            *next_number = number + 1;
            if attribute(tag, "group") == Some("cp_regs") {
                continue;
            }
            let offset = self.size_bytes();
            self.registers.push(Register { name: name.to_owned(), bytes: bits.div_ceil(8), number, offset });
        }
        Ok(())
    }

    /// Adds registers that a description of the architecture lists: those whose numbers come next.
    pub(super) fn add_listed(&mut self, listed: impl Iterator<Item = (String, usize)>) {
        for (number, (name, bytes)) in listed.enumerate() {
            let offset = self.size_bytes();
            self.registers.push(Register { name, bytes, number, offset });
        }
    }

    /// Finds how many registers a `g` packet of that length holds.
    pub(super) fn measure_general_packet(&mut self, bytes: usize) -> Result<(), OracleError> {
        self.in_general_packet =
            self.registers.iter().take_while(|register| register.offset + register.bytes <= bytes).count();
        let covered = self.general_bytes();
        if covered == bytes {
            return Ok(());
        }
        Err(OracleError::protocol(format!("registers of {covered} bytes in a general packet of {bytes}")))
    }

    pub(super) fn general_bytes(&self) -> usize {
        self.registers[..self.in_general_packet].last().map_or(0, |last| last.offset + last.bytes)
    }
}

impl RegisterFile {
    /// The value of a register of the same guest, in the byte order of the guest.
    pub fn value(&self, register: &Register) -> &[u8] {
        &self.bytes[register.offset..register.offset + register.bytes]
    }

    /// Replaces the value of a register.
    ///
    /// # Panics
    /// When `value` does not have the size of the register.
    pub fn set_value(&mut self, register: &Register, value: &[u8]) {
        self.bytes[register.offset..register.offset + register.bytes].copy_from_slice(value);
    }
}

/// The files that a description includes.
pub(super) fn includes(description: &str) -> Vec<&str> {
    tags(description, "xi:include").filter_map(|tag| attribute(tag, "href")).collect()
}

/// qemu's descriptions comment out registers that it does not have.
fn without_comments(xml: &str) -> String {
    let mut kept = String::new();
    let mut rest = xml;
    while let Some((before, comment)) = rest.split_once("<!--") {
        kept.push_str(before);
        rest = comment.split_once("-->").map_or("", |(_, after)| after);
    }
    kept + rest
}

/// The attribute texts of every `<name …>` in machine-written XML.
fn tags<'a>(xml: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let open = format!("<{name} ");
    let pieces: Vec<&str> = xml.split(open.as_str()).skip(1).collect();
    pieces.into_iter().filter_map(|piece| piece.split_once('>').map(|(attributes, _)| attributes))
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = tag.match_indices(name).find_map(|(at, _)| {
        let begins_word = tag[..at].chars().next_back().is_none_or(char::is_whitespace);
        let value = tag[at + name.len()..].strip_prefix("=\"")?;
        begins_word.then_some(value)
    })?;
    start.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESCRIPTION: &str = r#"<feature name="core">
        <reg name="r0" bitsize="64"/><reg name="flags" bitsize="20" type="flags"/>
        <!--reg name="base0" bitsize="64"/>
        <reg name="base1" bitsize="64"/-->
        <reg name="CLOCK" bitsize="64" group="cp_regs"/>
        <reg name="v0" regnum="9" bitsize="128"/></feature>"#;

    #[test]
    fn numbers_follow_the_description_without_system_registers_and_comments() {
        let mut layout = Layout::default();
        let mut next = 0;
        layout.add(DESCRIPTION, &mut next).expect("well formed");
        let seen: Vec<_> =
            layout.registers().iter().map(|r| (r.name.as_str(), r.number, r.offset, r.bytes)).collect();
        assert_eq!(seen, [("r0", 0, 0, 8), ("flags", 1, 8, 3), ("v0", 9, 11, 16)]);
        assert_eq!(next, 10);
    }

    #[test]
    fn listed_registers_are_numbered_in_order() {
        let mut layout = Layout::default();
        layout.add_listed([("r0".to_owned(), 4), ("f0".to_owned(), 8)].into_iter());
        let seen: Vec<_> = layout.registers().iter().map(|r| (r.name.as_str(), r.number, r.offset)).collect();
        assert_eq!(seen, [("r0", 0, 0), ("f0", 1, 4)]);
    }

    #[test]
    fn general_packet_ends_between_two_registers() {
        let mut layout = Layout::default();
        layout.add(DESCRIPTION, &mut 0).expect("well formed");
        layout.measure_general_packet(11).expect("after flags");
        assert_eq!(layout.in_general_packet, 2);
        assert!(layout.measure_general_packet(12).is_err());
    }

    #[test]
    fn register_without_size_is_refused() {
        assert!(Layout::default().add(r#"<reg name="r0"/>"#, &mut 0).is_err());
    }
}
