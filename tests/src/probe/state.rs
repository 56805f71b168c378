//! The register state of a probe: which registers, where, and their values.

use std::fmt;

use crate::oracle::OracleError;
use crate::oracle::arch::ProbeDescription;
use crate::oracle::gdbstub::to_hex;

/// Where each register lies in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateLayout {
    registers: Vec<Place>,
    size_bytes: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    name: String,
    offset: usize,
    bytes: usize,
}

/// Values of all registers, each in the byte order of the guest.
#[derive(Clone, PartialEq, Eq)]
pub struct State {
    bytes: Vec<u8>,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "State({})", to_hex(&self.bytes))
    }
}

impl StateLayout {
    pub(super) fn new(description: &ProbeDescription) -> Self {
        let mut registers = Vec::new();
        let mut offset = 0_usize;
        for kind in &description.registers {
            offset = offset.next_multiple_of(kind.align);
            for index in 0..kind.count.unwrap_or(1) {
                let name = kind.name.replace("{}", &index.to_string());
                registers.push(Place { name, offset, bytes: kind.bytes });
                offset += kind.bytes;
            }
        }
        Self { registers, size_bytes: offset }
    }

    /// Names and sizes in bytes.
    pub fn registers(&self) -> impl Iterator<Item = (&str, usize)> {
        self.registers.iter().map(|place| (place.name.as_str(), place.bytes))
    }

    /// A state of zeros.
    pub fn zero(&self) -> State {
        State { bytes: vec![0; self.size_bytes] }
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    fn place(&self, name: &str) -> Result<&Place, OracleError> {
        self.registers
            .iter()
            .find(|place| place.name == name)
            .ok_or_else(|| OracleError::NoSuchRegister { name: name.to_owned() })
    }
}

impl State {
    pub(super) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    pub(super) fn bytes(&self, layout: &StateLayout) -> Result<&[u8], OracleError> {
        if self.bytes.len() == layout.size_bytes {
            return Ok(&self.bytes);
        }
        Err(OracleError::protocol("a state of another architecture"))
    }

    /// Name and both values of each register that differs.
    pub fn differences(&self, other: &Self, layout: &StateLayout) -> Vec<String> {
        let value =
            |state: &Self, place: &Place| to_hex(&state.bytes[place.offset..place.offset + place.bytes]);
        let compare = |place: &Place| {
            let (left, right) = (value(self, place), value(other, place));
            (left != right).then(|| format!("{}: {left} | {right}", place.name))
        };
        layout.registers.iter().filter_map(compare).collect()
    }

    /// The value of a register.
    pub fn get(&self, layout: &StateLayout, name: &str) -> Result<&[u8], OracleError> {
        let place = layout.place(name)?;
        Ok(&self.bytes[place.offset..place.offset + place.bytes])
    }

    /// Sets a register; the value must have its size.
    pub fn set(&mut self, layout: &StateLayout, name: &str, value: &[u8]) -> Result<(), OracleError> {
        let place = layout.place(name)?;
        if value.len() != place.bytes {
            return Err(OracleError::protocol(format!(
                "{name} has {} bytes, not {}",
                place.bytes,
                value.len()
            )));
        }
        self.bytes[place.offset..place.offset + place.bytes].copy_from_slice(value);
        Ok(())
    }
}
