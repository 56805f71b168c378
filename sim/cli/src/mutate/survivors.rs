//! Survivors that are known: lines of a text file, each of which names a mutant that is missed, with its reason around it.
//!
//! What is missed and not listed fails the command; so does a line that names a mutant which is no longer missed. So the list is
//! neither shorter nor longer than what is true. Lines are recognised by how they begin: architecture, blank, epoch, two blanks.

use std::collections::BTreeSet;
use std::path::Path;

use rcsim_diag::{Diagnostic, Diagnostics};

use super::generate::Mutant;

/// The lines of a file.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    lines: BTreeSet<String>,
}

/// The line that names a mutant of an architecture and epoch.
pub fn line(arch: &str, epoch: &str, mutant: &Mutant) -> String {
    format!("{arch} {epoch}  {}", mutant.line())
}

impl Listed {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(path: &Path) -> Result<Self, Diagnostics> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let error =
                Diagnostic::input(format!("cannot read the survivors of {}: {error}", path.display()));
            Diagnostics::from(error.with_help("name a text file with a line for each survivor"))
        })?;
        Ok(Self::of(&text))
    }

    fn of(text: &str) -> Self {
        Self { lines: text.lines().map(|line| line.trim().to_owned()).collect() }
    }

    /// Whether this line is there.
    pub fn has(&self, line: &str) -> bool {
        self.lines.contains(line.trim())
    }

    /// Lines about this architecture and epoch that are not among `missed`.
    pub fn stale(&self, arch: &str, epoch: &str, missed: &BTreeSet<String>) -> Vec<String> {
        let start = format!("{arch} {epoch}  ");
        let about = self.lines.iter().filter(|line| line.starts_with(&start));
        about.filter(|line| !missed.contains(*line)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Listed;

    const TEXT: &str =
        "# Why\n\n    m1 go1.27  f+0x4  add  drop: all\n    m1 go1.19  f+0x4  add  drop: all\nm1 go1.27\n";

    #[test]
    fn a_line_is_found_whatever_is_around_it() {
        let listed = Listed::of(TEXT);
        assert!(listed.has("m1 go1.27  f+0x4  add  drop: all"));
        assert!(!listed.has("m1 go1.27  f+0x4  add  drop: part 1"));
    }

    #[test]
    fn lines_of_mutants_that_are_found_by_now_are_stale() {
        let listed = Listed::of(TEXT);
        let missed = BTreeSet::from(["m1 go1.19  f+0x4  add  drop: all".to_owned()]);
        assert_eq!(listed.stale("m1", "go1.27", &missed), ["m1 go1.27  f+0x4  add  drop: all"]);
        assert!(listed.stale("m1", "go1.19", &missed).is_empty());
    }
}
