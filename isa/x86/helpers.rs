//! Operations too odd for a micro-op: what each touches, and what it does.

mod divide;
mod identify;
mod status;

use rcsim_uop::isa::HelperDecl;

/// The helpers by their number in [`HELPERS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum HelperId {
    /// CPUID; the immediate is the feature set.
    Cpuid,
    /// `a` = eflags.
    ReadFlags,
    /// eflags = `a`.
    WriteFlags,
    /// Divide rdx and rax by `a`; the immediate is the width in bits, plus 256 when signed.
    Divide,
    /// `a` = `b` shifted by the count `d`, bits of `c` coming in; the immediate is the width in bits, plus 256 for left.
    DoubleShift,
}

/// The declarations, in the order of [`HelperId`].
pub static HELPERS: [HelperDecl; 5] = [
    identify::CPUID,
    status::READ_FLAGS,
    status::WRITE_FLAGS,
    divide::DIVIDE,
    divide::DOUBLE_SHIFT,
];
