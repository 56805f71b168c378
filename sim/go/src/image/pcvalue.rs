//! PC-value tables: SP delta, file, line and PCDATA of a function as runs of PCs.
//!
//! Owns: the encoding (`runtime/symtab.go`, func step; `golang.org/s/go12symtab`): pairs of varints, the first a zigzag
//! difference of the value, starting from -1, the second a difference of the PC in units of the PC quantum; a zero value
//! difference that is not the first ends the table. Each pair takes at least two bytes, so a table is never longer than its bytes.

use super::bytes::varint32;
use super::error::{ImageError, Part};
use super::memory::{Addr, Pc};

/// A run of PCs with one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PcRun {
    /// First PC.
    pub start: Pc,
    /// First PC behind the run.
    pub end: Pc,
    /// The value.
    pub value: i32,
}

/// One table of one function. Iterate over [`PcValues::runs`] or ask for one PC; nothing is stored.
#[derive(Clone, Copy, Debug)]
pub struct PcValues<'a> {
    bytes: &'a [u8],
    address: Addr,
    entry: Pc,
    limit: Pc,
    quantum: u32,
}

impl<'a> PcValues<'a> {
    pub(super) fn new(bytes: &'a [u8], address: Addr, entry: Pc, limit: Pc, quantum: u32) -> PcValues<'a> {
        PcValues { bytes, address, entry, limit, quantum }
    }

    /// The runs in order of PC. A damaged table ends in an error.
    pub fn runs(&self) -> PcRuns<'a> {
        PcRuns { table: *self, rest: self.bytes, pc: self.entry, value: -1, done: false }
    }

    /// The value at `pc`; `None` when the table does not cover it.
    ///
    /// # Errors
    /// When the table is damaged before `pc`.
    pub fn value_at(&self, pc: Pc) -> Result<Option<i32>, ImageError> {
        if pc < self.entry {
            return Ok(None);
        }
        for run in self.runs() {
            let run = run?;
            if pc < run.end {
                return Ok(Some(run.value));
            }
        }
        Ok(None)
    }

    /// The largest value; `None` when the table is empty.
    ///
    /// # Errors
    /// When the table is damaged.
    pub fn max(&self) -> Result<Option<i32>, ImageError> {
        self.runs().try_fold(None, |max, run| Ok(max.max(Some(run?.value))))
    }
}

/// Iterator over the runs of a table.
pub struct PcRuns<'a> {
    table: PcValues<'a>,
    rest: &'a [u8],
    pc: Pc,
    value: i32,
    done: bool,
}

impl PcRuns<'_> {
    /// The next varint, or `None` at the end of the bytes.
    fn number(&mut self) -> Option<u32> {
        let (value, width) = varint32(self.rest)?;
        self.rest = &self.rest[width..];
        Some(value)
    }

    fn step(&mut self) -> Option<Option<PcRun>> {
        let difference = self.number()?;
        if difference == 0 && self.pc != self.table.entry {
            return Some(None);
        }
        let start = self.pc;
        let signed = (difference >> 1).cast_signed() ^ -(difference & 1).cast_signed();
        self.value = self.value.wrapping_add(signed);
        let advance = u64::from(self.number()?) * u64::from(self.table.quantum);
        self.pc = Pc(start.0.checked_add(advance)?);
        (self.pc <= self.table.limit).then_some(Some(PcRun { start, end: self.pc, value: self.value }))
    }
}

impl Iterator for PcRuns<'_> {
    type Item = Result<PcRun, ImageError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let step = self.step();
        self.done = !matches!(step, Some(Some(_)));
        match step {
            Some(run) => run.map(Ok),
            None => Some(Err(ImageError::at(
                Part::PcValueTable,
                self.table.address,
                "pairs of varints within the function",
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::memory::{Addr, Pc};
    use super::PcValues;

    fn table(bytes: &[u8]) -> PcValues<'_> {
        PcValues::new(bytes, Addr(0), Pc(0x100), Pc(0x200), 4)
    }

    #[test]
    fn runs_start_from_minus_one_and_count_in_quanta() {
        // +1 for 2 quanta, +32 for 3 quanta, -32 for 1 quantum, end.
        let runs: Vec<_> = table(&[2, 2, 64, 3, 63, 1, 0]).runs().map(|run| run.unwrap()).collect();
        let facts: Vec<_> = runs.iter().map(|run| (run.start.0, run.end.0, run.value)).collect();
        assert_eq!(facts, [(0x100, 0x108, 0), (0x108, 0x114, 32), (0x114, 0x118, 0)]);
    }

    #[test]
    fn a_zero_difference_at_the_entry_is_a_value_not_the_end() {
        assert_eq!(table(&[0, 1, 0]).value_at(Pc(0x100)).unwrap(), Some(-1));
        assert_eq!(table(&[0, 1, 0]).value_at(Pc(0x104)).unwrap(), None);
    }

    #[test]
    fn a_table_that_runs_out_of_bytes_or_of_the_function_is_an_error() {
        assert!(table(&[2, 2, 64]).max().is_err());
        assert!(table(&[2, 0x7f, 0]).max().is_err());
        assert!(table(&[2, 1]).runs().last().unwrap().is_err());
    }
}
