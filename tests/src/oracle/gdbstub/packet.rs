//! Frames of the GDB remote serial protocol over a Unix socket (GDB manual, appendix E).
//!
//! Owns checksums, acknowledgements and hexadecimal; knows no command.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use crate::oracle::OracleError;

/// qemu 7.2 takes what it reads from the socket in pieces of this size.
const QEMU_READ_BYTES: usize = 256;

/// No reply of qemu is longer; its packets hold 4096 characters.
const REPLY_LIMIT: usize = 1 << 16;

/// One end of a debug connection.
pub(super) struct Connection {
    stream: UnixStream,
    received: Vec<u8>,
    taken: usize,
    /// An acknowledgement that goes out with the next command: qemu waits for both, and is woken once.
    owed: bool,
}

impl Connection {
    pub(super) fn new(stream: UnixStream) -> Self {
        Self { stream, received: Vec::new(), taken: 0, owed: false }
    }

    /// Sends one command and returns its reply.
    pub(super) fn ask(&mut self, command: &str) -> Result<String, OracleError> {
        self.send(command)?;
        self.reply(true)
    }

    /// Sends many commands that do not resume the guest, and returns their replies in order.
    ///
    /// qemu 7.2 cannot switch acknowledgements off, and reads each one with a call of its own, past what it has
    /// buffered. So commands fill exactly one of its reads, padded with acknowledgements that it ignores there, and the
    /// acknowledgements of the replies follow at once: one write, and no waiting between replies.
    pub(super) fn ask_all(&mut self, commands: &[String]) -> Result<Vec<String>, OracleError> {
        let mut replies = Vec::with_capacity(commands.len());
        let mut rest = commands;
        while !rest.is_empty() {
            let mut batch = Vec::with_capacity(2 * QEMU_READ_BYTES);
            let mut count = 0;
            for command in rest {
                if batch.len() + command.len() + 4 > QEMU_READ_BYTES {
                    break;
                }
                frame(command, &mut batch);
                count += 1;
            }
            if count == 0 {
                return Err(OracleError::protocol(format!("command too long to be batched: {}", rest[0])));
            }
            batch.resize(QEMU_READ_BYTES + count, b'+');
            self.pay(&mut batch);
            self.write(&batch)?;
            for _ in 0..count {
                replies.push(self.reply(false)?);
            }
            rest = &rest[count..];
        }
        Ok(replies)
    }

    /// The next packet from qemu; `acknowledge` unless that was done in advance.
    pub(super) fn reply(&mut self, acknowledge: bool) -> Result<String, OracleError> {
        while self.next_byte()? != b'$' {}
        let mut content = Vec::new();
        loop {
            match self.next_byte()? {
                b'#' => break,
                byte => content.push(byte),
            }
            if content.len() > REPLY_LIMIT {
                return Err(OracleError::protocol("a reply without end"));
            }
        }
        let sum = [self.next_byte()?, self.next_byte()?];
        if hex_byte(sum) != Some(checksum(&content)) {
            return Err(OracleError::protocol("a reply with a wrong checksum"));
        }
        self.owed |= acknowledge;
        String::from_utf8(content).map_err(|_| OracleError::protocol("a reply that is not text"))
    }

    fn next_byte(&mut self) -> Result<u8, OracleError> {
        if self.taken == self.received.len() {
            self.received.resize(8192, 0);
            let count = self.stream.read(&mut self.received).map_err(OracleError::io("read from qemu"))?;
            self.received.truncate(count);
            self.taken = 0;
            if count == 0 {
                return Err(OracleError::GuestEnded { how: "qemu closed the debug connection".to_owned() });
            }
        }
        self.taken += 1;
        Ok(self.received[self.taken - 1])
    }

    fn send(&mut self, command: &str) -> Result<(), OracleError> {
        let mut bytes = Vec::with_capacity(command.len() + 5);
        self.pay(&mut bytes);
        frame(command, &mut bytes);
        self.write(&bytes)
    }

    /// Put the owed acknowledgement in front.
    fn pay(&mut self, bytes: &mut Vec<u8>) {
        if std::mem::take(&mut self.owed) {
            bytes.insert(0, b'+');
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), OracleError> {
        self.stream.write_all(bytes).map_err(OracleError::io("write to qemu"))
    }
}

fn frame(command: &str, into: &mut Vec<u8>) {
    into.push(b'$');
    into.extend_from_slice(command.as_bytes());
    into.push(b'#');
    into.extend_from_slice(format!("{:02x}", checksum(command.as_bytes())).as_bytes());
}

fn checksum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

fn hex_byte(digits: [u8; 2]) -> Option<u8> {
    let high = char::from(digits[0]).to_digit(16)?;
    let low = char::from(digits[1]).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}

/// Bytes from their hexadecimal text.
pub(crate) fn from_hex(text: &str) -> Result<Vec<u8>, OracleError> {
    let wrong = || OracleError::protocol(format!("not hexadecimal: {text}"));
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return Err(wrong());
    }
    pairs.iter().map(|pair| hex_byte(*pair).ok_or_else(wrong)).collect()
}

/// Hexadecimal text of bytes, in memory order.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_carries_the_sum_of_its_bytes() {
        let mut bytes = Vec::new();
        frame("g", &mut bytes);
        assert_eq!(bytes, b"$g#67");
    }

    #[test]
    fn hexadecimal_goes_there_and_back() {
        assert_eq!(from_hex("00ff7a").expect("digits"), [0, 0xff, 0x7a]);
        assert_eq!(to_hex(&[0, 0xff, 0x7a]), "00ff7a");
        assert!(from_hex("0").is_err());
        assert!(from_hex("0g").is_err());
    }
}
