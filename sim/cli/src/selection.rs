//! From names on the command line to architectures, epochs and CPU features.

use std::ops::Range;

use rcsim_diag::{Diagnostic, Diagnostics, Located, Source, Span, nearest};
use rcsim_go::deviation::Deviation;
use rcsim_uop::{Epoch, Port};
use rcsim_workloads::{unknown_arch, unknown_epoch};

use crate::host;

/// Things chosen from a closed list.
#[derive(Clone, Default)]
pub enum Choice<T> {
    /// Nothing was said.
    #[default]
    Default,
    /// `all`
    All,
    /// These, by name. A combination with one of them that cannot be is an error, where otherwise it is left out.
    Named(Vec<T>),
}

/// An architecture by name.
pub type Arch = &'static dyn Port;

impl<T: PartialEq> Choice<T> {
    /// Whether this one was asked for by name.
    pub fn names(&self, one: &T) -> bool {
        matches!(self, Self::Named(list) if list.contains(one))
    }
}

/// The word that stands for everything.
pub const ALL: &str = "all";

/// Words of one flag of the command line, with places for error messages.
struct Flag<'a> {
    name: &'a str,
    words: &'a [String],
}

impl Flag<'_> {
    /// The word number `n`, in the flag as it could have been typed.
    fn word(&self, n: usize) -> Located<String> {
        let (text, range) = self.typed(n);
        let source = Source::new("command line", text);
        Located::new(self.words[n].clone(), Span::new(&source, range))
    }

    fn typed(&self, n: usize) -> (String, Range<usize>) {
        let before = format!(
            "{} {}",
            self.name,
            self.words[..n].iter().map(|word| format!("{word},")).collect::<String>()
        );
        let start = before.len();
        let text = format!("{} {}", self.name, self.words.join(","));
        (text, start..start + self.words[n].len())
    }

    /// What the words choose, each found by `find` or reported by `unknown`.
    fn choose<T: PartialEq>(
        &self,
        find: impl Fn(&str) -> Option<T>,
        unknown: impl Fn(&Located<String>) -> Diagnostic,
    ) -> Result<Choice<T>, Diagnostics> {
        let mut errors = Diagnostics::new();
        let mut found: Vec<T> = Vec::new();
        for (n, word) in self.words.iter().enumerate().filter(|(_, word)| *word != ALL) {
            match find(word) {
                Some(one) if !found.contains(&one) => found.push(one),
                Some(_) => {}
                None => errors.push(unknown(&self.word(n))),
            }
        }
        let choice = match () {
            () if self.words.iter().any(|word| word == ALL) => Choice::All,
            () if self.words.is_empty() => Choice::Default,
            () => Choice::Named(found),
        };
        errors.into_result(choice)
    }
}

/// The names of all architectures.
pub fn arch_names() -> Vec<&'static str> {
    rcsim_isa::ports().iter().map(|port| port.goarch()).collect()
}

/// The names of all epochs, oldest first.
pub fn epoch_names() -> Vec<&'static str> {
    Epoch::ALL.iter().map(|epoch| epoch.name()).collect()
}

/// The names of all deviations.
pub fn deviation_names() -> Vec<&'static str> {
    Deviation::ALL.iter().map(|deviation| deviation.name()).collect()
}

/// What `--arch` says, by name.
///
/// # Errors
/// One for each unknown name.
pub fn archs(words: &[String]) -> Result<Choice<&'static str>, Diagnostics> {
    let flag = Flag { name: "--arch", words };
    let known = arch_names();
    flag.choose(|word| rcsim_isa::port(word).map(|port| port.goarch()), |word| unknown_arch(word, &known))
}

/// What `--epoch` says.
///
/// # Errors
/// One for each unknown name.
pub fn epochs(words: &[String]) -> Result<Choice<Epoch>, Diagnostics> {
    let flag = Flag { name: "--epoch", words };
    let known = epoch_names();
    flag.choose(Epoch::by_name, |word| unknown_epoch(word, &known))
}

/// The ports that a choice of architectures means: by default this machine's, where there is one, else all.
pub fn ports(choice: &Choice<&'static str>) -> Vec<Arch> {
    let all = rcsim_isa::ports();
    match choice {
        Choice::Named(names) => names.iter().filter_map(|name| rcsim_isa::port(name)).collect(),
        Choice::All => all,
        Choice::Default => host::port().map_or(all, |port| vec![port]),
    }
}

/// Checks that every port knows these CPU features.
///
/// # Errors
/// One for each unknown name.
pub fn check_features(words: &[String], ports: &[Arch]) -> Result<(), Diagnostics> {
    let flag = Flag { name: "--cpu-feature", words };
    let mut errors = Diagnostics::new();
    for (n, word) in words.iter().enumerate() {
        let lacking = |port: &&Arch| !port.features().iter().any(|feature| feature.name == word);
        if let Some(port) = ports.iter().find(lacking) {
            errors.push(unknown_feature(&flag.word(n), *port));
        }
    }
    errors.into_result(())
}

fn unknown_feature(word: &Located<String>, port: Arch) -> Diagnostic {
    let known: Vec<&str> = port.features().iter().map(|feature| feature.name).collect();
    let goarch = port.goarch();
    let label = if known.is_empty() {
        format!("{goarch} has none that can be switched")
    } else {
        format!("{goarch} knows {}", known.join(", "))
    };
    let error = Diagnostic::input(format!("unknown CPU feature `{}` of {goarch}", word.value))
        .with_primary(&word.span, label);
    match nearest(&word.value, known) {
        Some(near) => error.with_help(format!("did you mean `{near}`?")),
        None => error.with_help("`rcsim list features` says more"),
    }
}

#[cfg(test)]
mod tests {
    use rcsim_diag::Colour;
    use rcsim_uop::Epoch;

    use super::{Choice, epochs};

    fn words(text: &str) -> Vec<String> {
        text.split_terminator(',').map(str::to_owned).collect()
    }

    #[test]
    fn names_are_chosen_once_and_all_means_all() {
        assert!(matches!(epochs(&words("")), Ok(Choice::Default)));
        assert!(matches!(epochs(&words("go1.19,all")), Ok(Choice::All)));
        let twice = epochs(&words("go1.27,go1.27"));
        assert!(matches!(twice, Ok(Choice::Named(list)) if list == [Epoch::Go127]));
    }

    #[test]
    fn unknown_name_is_shown_where_it_was_typed() {
        let error = epochs(&words("go1.19,go1.72")).err().expect("an unknown epoch").render(Colour::Never);
        assert!(error.contains("1 | --epoch go1.19,go1.72\n  |                ^^^^^^ known are"), "{error}");
    }
}
