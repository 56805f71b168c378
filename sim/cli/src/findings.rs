//! The findings that this version reports.

use rcsim_diag::Code;

/// A kind of finding.
pub struct Finding {
    /// Its stable code.
    pub code: Code,
    /// What it means, in one line.
    pub title: &'static str,
}

/// The collector would free what is still in use.
pub const HIDDEN_POINTER: Finding = Finding {
    code: Code::new(101),
    title: "hidden pointer: a live object reachable only through unscanned words at a GC point (premature free)",
};

/// A value is not where, or not what, the calling convention says.
pub const WRONG_VALUE: Finding =
    Finding { code: Code::new(201), title: "argument or result in the wrong place or with the wrong value" };

/// Every finding, by code.
pub const ALL: [Finding; 2] = [HIDDEN_POINTER, WRONG_VALUE];
