//! The findings that this version reports.

use rcsim_diag::Code;

/// A kind of finding.
pub struct Finding {
    /// Its stable code.
    pub code: Code,
    /// What it means, in one line.
    pub title: &'static str,
}

/// A value is not where, or not what, the calling convention says.
pub const WRONG_VALUE: Finding =
    Finding { code: Code::new(201), title: "argument or result in the wrong place or with the wrong value" };

/// Every finding, by code.
pub const ALL: [Finding; 1] = [WRONG_VALUE];
