//! The Go version that an ELF image states in its build information.
//!
//! Owns: the record at `\xff Go buildinf:` (`debug/buildinfo`: 16-byte aligned; at byte 15 a flag; since Go 1.18 the version
//! follows the 32-byte header with its length before it, earlier the header held pointers).

use super::bytes::varint32;
use super::memory::{Addr, Memory};
use super::version::GoVersion;

const MAGIC: &[u8; 14] = b"\xff Go buildinf:";
const ALIGNMENT: usize = 16;
const HEADER_BYTES: usize = 32;
const FLAG_INLINE: u8 = 2;
const LONGEST_VERSION_BYTES: usize = 1024;

/// What the build information says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BuildInfo {
    /// There is none, or it cannot be read.
    Absent,
    /// It has the form of Go 1.17 and older.
    Old,
    /// The version.
    Version(GoVersion),
}

/// Looks at `hint` (the section `.go.buildinfo`) first, then through all writable segments, where the linker puts the record.
pub(super) fn find(memory: &Memory, hint: Option<Addr>) -> BuildInfo {
    if let Some(found) =
        hint.map(|address| read(memory.tail(address))).filter(|found| *found != BuildInfo::Absent)
    {
        return found;
    }
    for segment in memory.segments().filter(|segment| segment.permissions.write) {
        let skew = (segment.address.0 as usize).wrapping_neg() % ALIGNMENT;
        let records = (skew..segment.bytes.len()).step_by(ALIGNMENT).map(|at| &segment.bytes[at..]);
        if let Some(record) = records.into_iter().find(|bytes| bytes.starts_with(MAGIC)) {
            return read(record);
        }
    }
    BuildInfo::Absent
}

fn read(record: &[u8]) -> BuildInfo {
    if record.len() < HEADER_BYTES || !record.starts_with(MAGIC) {
        return BuildInfo::Absent;
    }
    if record[15] & FLAG_INLINE == 0 {
        return BuildInfo::Old;
    }
    let body = &record[HEADER_BYTES..];
    let text = varint32(body)
        .and_then(|(len, width)| body.get(width..width + (len as usize).min(LONGEST_VERSION_BYTES)));
    let version = text.and_then(|text| std::str::from_utf8(text).ok()).and_then(GoVersion::parse);
    version.map_or(BuildInfo::Absent, BuildInfo::Version)
}

#[cfg(test)]
mod tests {
    use super::{BuildInfo, read};

    fn record(flags: u8, body: &[u8]) -> Vec<u8> {
        let mut record = b"\xff Go buildinf:\x08".to_vec();
        record.push(flags);
        record.resize(32, 0);
        record.extend_from_slice(body);
        record
    }

    #[test]
    fn the_version_follows_the_header_since_go_1_18() {
        let BuildInfo::Version(version) = read(&record(2, b"\x08go1.19.8rest")) else { panic!("no version") };
        assert_eq!((version.text(), version.minor()), ("go1.19.8", 19));
    }

    #[test]
    fn older_forms_and_damaged_records_are_told_apart() {
        assert_eq!(read(&record(0, b"")), BuildInfo::Old);
        assert_eq!(read(&record(2, b"\x7fgo1.19.8")), BuildInfo::Absent);
        assert_eq!(read(b"\xff Go buildinf:"), BuildInfo::Absent);
    }
}
