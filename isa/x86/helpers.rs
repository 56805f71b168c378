//! Operations too odd for a micro-op: what each touches, and what it does.

pub mod aes;
mod block;
mod crc;
mod divide;
mod identify;
pub mod lanes;
pub mod sha;
mod shuffle;
mod status;
mod text;
mod x87;

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
    /// `a` = 32-bit lanes of `b` chosen by the immediate (PSHUFD).
    ShuffleAll32,
    /// `a` = `b` with its low four 16-bit lanes chosen by the immediate (PSHUFLW).
    ShuffleLow16,
    /// `a` = `b` with its high four 16-bit lanes chosen by the immediate (PSHUFHW).
    ShuffleHigh16,
    /// `a` = two 32-bit lanes of `b`, then two of `c`, chosen by the immediate (SHUFPS).
    ShuffleTwo32,
    /// `a` = one 64-bit lane of `b`, then one of `c`, chosen by the immediate (SHUFPD).
    ShuffleTwo64,
    /// `a` = the 16 bytes of `b` above those of `c`, from the byte in the immediate on (PALIGNR).
    AlignBytes,
    /// `a` = lanes of `b` shifted by the low 64 bits of `c`; the immediate is a [`lanes::LaneShift`].
    ShiftLanes,
    /// `a` = an operation on lanes of `b` and `c`; the immediate is a [`lanes::LaneOp`].
    Lanes,
    /// `a` = a round of AES on `b` with the key `c`; the immediate is an [`aes::AesRound`].
    AesRound,
    /// `a` = the key generation step of AES on `b`; the immediate is the round constant.
    AesKey,
    /// `a` = the carry-less product of a half of `b` and one of `c`; the immediate selects.
    CarrylessMultiply,
    /// `a` = the CRC-32C of `a` and `b`; the immediate is the width of `b` in bits.
    Crc32,
    /// `a` = the columns of `b` unmixed, as AES needs its keys for decryption.
    AesUnmix,
    /// rcx and flags = the comparison of the texts `a` and `b` of lengths rax and rdx; the immediate is the control byte,
    /// plus 256 when the lengths have 64 bits (PCMPESTRI).
    CompareStrings,
    /// `a` = an operation of SHA on `b` and `c`; the immediate is a [`sha::ShaOp`].
    Sha,
    /// `a` = two rounds of SHA-256 on `b` and `c` with xmm0.
    Sha256Rounds,
    /// An operation of the x87 unit with `a` and `b` coming in, `c` and `d` going out; the immediate is an
    /// [`crate::x86::x87::operation::Operation`].
    X87,
    /// Flags = a comparison by the x87 unit.
    X87Compare,
}

/// The declarations, in the order of [`HelperId`].
pub static HELPERS: [HelperDecl; 23] = [
    identify::CPUID,
    status::READ_FLAGS,
    status::WRITE_FLAGS,
    divide::DIVIDE,
    divide::DOUBLE_SHIFT,
    shuffle::ALL_32,
    shuffle::LOW_16,
    shuffle::HIGH_16,
    shuffle::TWO_32,
    shuffle::TWO_64,
    shuffle::ALIGN_BYTES,
    lanes::SHIFT_LANES,
    lanes::LANES,
    aes::ROUND,
    aes::KEY,
    crc::CARRYLESS_MULTIPLY,
    crc::CRC32,
    aes::UNMIX,
    text::COMPARE_STRINGS,
    sha::SHA,
    sha::SHA256_ROUNDS,
    x87::OPERATE,
    x87::COMPARE,
];
