//! Reading results that are complete.

use super::{Header, Line, Results};
use crate::journal::{self, ReadError};

/// Reads results that are complete.
///
/// # Errors
/// When they are not, or are no results of this version.
pub fn read(text: &str) -> Result<Results, ReadError> {
    let (header, mut lines): (Header, Vec<Line>) = journal::read(text)?;
    if lines.len() < header.points as usize || !text.ends_with('\n') {
        return Err(ReadError::Truncated { found: lines.len(), pieces: header.points });
    }
    lines.sort_by_key(|line| line.number);
    Ok(Results { header, lines })
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::journal::{self, Journal, ReadError};
    use crate::records::{Tool, Verdict};
    use crate::sweep::{GcPolicy, Header, Line, Point, Results, SCHEMA, SCHEMA_VERSION};

    fn line(number: u32) -> Line {
        let gc = GcPolicy { barrier: "epoch".into(), points: "go".into(), move_stacks: false };
        let point = Point {
            arch: "arm64".into(),
            epoch: "go1.27".into(),
            workload: "one".into(),
            call: "value-call".into(),
            signature: "func()".into(),
            frame_bytes: None,
            gc,
            cpu_features: Vec::new(),
        };
        let (timing, found, replay) = (Vec::new(), Vec::new(), "rcsim".to_owned());
        Line { number, point, verdict: Verdict::Pass, measured: None, timing, found, replay }
    }

    fn results(numbers: &[u32]) -> Results {
        let header = Header {
            schema: SCHEMA.into(),
            schema_version: SCHEMA_VERSION,
            tool: Tool { name: "rcsim".into(), version: "0".into() },
            name: "a sweep".into(),
            matrix_sha256: "00".into(),
            points: 3,
        };
        Results { header, lines: numbers.iter().map(|number| line(*number)).collect() }
    }

    fn recover(bytes: &[u8]) -> Result<Option<Journal<Header, Line>>, ReadError> {
        journal::recover(bytes)
    }

    #[test]
    fn what_is_read_is_what_was_written_in_order() {
        assert_eq!(read(&results(&[2, 0, 1]).to_text()), Ok(results(&[0, 1, 2])));
    }

    #[test]
    fn missing_and_doubled_points_are_noticed() {
        assert_eq!(read(&results(&[0, 2]).to_text()), Err(ReadError::Truncated { found: 2, pieces: 3 }));
        assert_eq!(read(&results(&[0, 0]).to_text()), Err(ReadError::Number { line: 3, number: 0 }));
        assert_eq!(read(&results(&[7]).to_text()), Err(ReadError::Number { line: 2, number: 7 }));
    }

    #[test]
    fn another_version_and_another_file_are_refused() {
        let other = results(&[]).to_text().replace("\"schema_version\":1", "\"schema_version\":99");
        assert_eq!(read(&other), Err(ReadError::Version { found: 99, read: SCHEMA_VERSION }));
        for foreign in ["", "x", "{}", "{\"schema\":\"other\",\"schema_version\":1}"] {
            assert_eq!(read(foreign), Err(ReadError::Foreign { schema: SCHEMA }), "{foreign}");
        }
    }

    /// A journal is cut off behind each of its bytes in turn.
    #[test]
    fn journal_that_was_cut_off_anywhere_keeps_its_whole_lines() {
        let text = results(&[1, 0, 2]).to_text();
        for end in 0..=text.len() {
            let cut = &text[..end];
            let whole = cut.matches('\n').count();
            let found = recover(cut.as_bytes()).expect("whole lines can be read");
            let Some(journal) = found else {
                assert_eq!(whole, 0);
                continue;
            };
            assert_eq!(journal.pieces, results(&[1, 0, 2]).lines[..whole - 1]);
            assert_eq!(&text[..journal.whole_bytes], &text[..text[..end].rfind('\n').map_or(0, |at| at + 1)]);
        }
    }

    #[test]
    fn damage_in_the_middle_is_not_taken_for_a_torn_line() {
        let text = results(&[1, 0, 2]).to_text();
        let damaged = text.replacen("\"number\":0", "\"number\":", 1);
        assert!(matches!(recover(damaged.as_bytes()), Err(ReadError::Damaged { line: 3, .. })));
        let mut bytes = text.into_bytes();
        let at = bytes.len() - 10;
        bytes[at] = 0xff;
        assert!(matches!(recover(&bytes), Err(ReadError::Damaged { line: 4, .. })));
    }
}
