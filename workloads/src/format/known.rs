//! The words and keys of the format, gathered from where they are read, for whoever describes it.

#[cfg(test)]
pub(crate) use super::break_off::BREAK_KEYS;
pub(crate) use super::callee::PLAIN as ACTIONS;
#[cfg(test)]
pub(crate) use super::callee::WITH_VALUE as ACTIONS_WITH_VALUE;
#[cfg(test)]
pub(crate) use super::expect::{EXPECT_KEYS, FINDING_KEYS, GC_KEYS, LIMITS_KEYS};
#[cfg(test)]
pub(crate) use super::given::KEYS as VALUE_KEYS;
pub(crate) use super::patch::KINDS as PATCH_KINDS;
#[cfg(test)]
pub(crate) use super::read::KEYS;

use super::words::{BARRIERS, BREAKS, CALLS, POINTS, STACK_LEFT};

/// What the key `call` may say.
pub(crate) fn calls() -> Vec<&'static str> {
    CALLS.iter().map(|(word, _)| *word).collect()
}

/// What `barrier` may say.
pub(crate) fn barriers() -> Vec<&'static str> {
    BARRIERS.iter().map(|(word, _)| *word).collect()
}

/// What `points` may say.
pub(crate) fn points() -> Vec<&'static str> {
    POINTS.iter().map(|(word, _)| *word).collect()
}

/// What `stack-left` may say other than a number.
pub(crate) fn stack_left() -> Vec<&'static str> {
    STACK_LEFT.iter().map(|(word, _)| *word).collect()
}

/// What `kind` of a run that breaks off may say.
pub(crate) fn breaks() -> Vec<&'static str> {
    BREAKS.iter().map(|(word, _)| *word).collect()
}

/// The keys of all kinds of patches.
#[cfg(test)]
pub(crate) fn patch_keys() -> Vec<&'static str> {
    use super::patch::{BESIDE, COMMON, KINDS, OF_SYMBOL};
    [&KINDS[..], &OF_SYMBOL[..], &BESIDE[..], &COMMON[..]].concat()
}
