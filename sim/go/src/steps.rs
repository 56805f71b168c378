//! The named steps of services: which are left out, and which there were.
//!
//! A step begins with its name and ends where the next begins, where guest code runs, or where its service returns. A step that
//! is left out still computes, but stores nothing and sets no register: as if its statement were missing.

use std::collections::BTreeSet;

/// Steps of the services of one run.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    left_out: Vec<String>,
    listening: bool,
    seen: BTreeSet<String>,
    silent: bool,
}

impl Steps {
    /// Steps of which those of the given names are left out. Names are kept where some are, and where that is wanted.
    #[must_use]
    pub fn new(left_out: Vec<String>, listen: bool) -> Self {
        Self { listening: listen || !left_out.is_empty(), left_out, ..Self::default() }
    }

    /// A step begins.
    #[inline]
    pub fn begin(&mut self, name: &str) {
        self.silent = false;
        if self.listening {
            self.note(name);
        }
    }

    #[cold]
    fn note(&mut self, name: &str) {
        self.silent = self.left_out.iter().any(|left_out| left_out == name);
        if !self.seen.contains(name) {
            self.seen.insert(name.to_owned());
        }
    }

    /// The step at hand is over.
    #[inline]
    pub fn end(&mut self) {
        self.silent = false;
    }

    /// Whether the step at hand is left out.
    #[inline]
    #[must_use]
    pub const fn is_left_out(&self) -> bool {
        self.silent
    }

    /// Names of the steps that there were, when they were kept.
    #[must_use]
    pub const fn seen(&self) -> &BTreeSet<String> {
        &self.seen
    }
}

#[cfg(test)]
mod tests {
    use super::Steps;

    #[test]
    fn a_step_is_left_out_from_its_beginning_to_the_next() {
        let mut steps = Steps::new(vec!["b".to_owned()], false);
        let mut silent = Vec::new();
        for name in ["a", "b", "c"] {
            steps.begin(name);
            silent.push(steps.is_left_out());
        }
        steps.begin("b");
        steps.end();
        assert_eq!(silent, [false, true, false]);
        assert!(!steps.is_left_out());
        assert!(steps.seen().contains("a"));
    }
}
