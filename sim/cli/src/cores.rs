//! Cores that the cycle model knows: those built in, and files of the user's own.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use rcsim_diag::{Diagnostic, Diagnostics, Source, nearest};
use rcsim_timing::{Core, Trust};

use crate::files;
use crate::selection::ALL;

/// The longest core file that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// All built-in cores, by name.
///
/// # Errors
/// When one of them is broken, which a test rules out.
pub fn built_in() -> Result<Vec<Core>, Diagnostics> {
    let mut errors = Diagnostics::new();
    let files = rcsim_isa::core_files().into_iter();
    let read = files.map(|file| Core::parse(&Source::new(file.path, file.text)));
    let mut cores: Vec<Core> = read.filter_map(|core| errors.absorb(core)).collect();
    cores.sort_by(|a, b| a.name.cmp(&b.name));
    errors.into_result(cores)
}

/// The cores that `--core` names: built-in ones by name or as `all`, others by the path of their file.
///
/// # Errors
/// One for each that does not exist or is broken.
pub fn select(words: &[String]) -> Result<Vec<Arc<Core>>, Diagnostics> {
    let mut errors = Diagnostics::new();
    let known = if words.is_empty() { Vec::new() } else { built_in()? };
    let mut cores: Vec<Arc<Core>> = Vec::new();
    for word in words {
        let chosen = match word.as_str() {
            ALL => known.iter().cloned().map(Arc::new).collect(),
            _ => errors.absorb(one(word, &known)).into_iter().collect::<Vec<_>>(),
        };
        for core in chosen {
            if !cores.contains(&core) {
                cores.push(core);
            }
        }
    }
    errors.into_result(cores)
}

/// What who asks for cores and for no architecture means: the one that each core lists first, for which it was made; for `all` cores
/// everything that they execute.
pub fn implied_archs(words: &[String], cores: &[Arc<Core>]) -> Vec<String> {
    let all = words.iter().any(|word| word == ALL);
    cores.iter().flat_map(|core| core.archs.iter().take(if all { usize::MAX } else { 1 })).cloned().collect()
}

fn one(word: &str, known: &[Core]) -> Result<Arc<Core>, Diagnostics> {
    if let Some(core) = known.iter().find(|core| core.name == word) {
        return Ok(Arc::new(core.clone()));
    }
    let path = Path::new(word);
    if path.extension().is_some_and(|extension| extension == "toml") || path.is_file() {
        return file(path).map(Arc::new);
    }
    let names = || known.iter().map(|core| core.name.as_str());
    let error = Diagnostic::input(format!("unknown core `{word}`"));
    Err(match nearest(word, names()) {
        Some(near) => error.with_help(format!("did you mean `{near}`?")),
        None => {
            error.with_help(format!("the cores are {}; a file of your own ends in .toml", list_of(names())))
        }
    }
    .into())
}

fn file(path: &Path) -> Result<Core, Diagnostics> {
    let bytes = files::read(path, MAX_BYTES)?;
    let name = path.display().to_string();
    let text = String::from_utf8(bytes).map_err(|_| {
        Diagnostics::from(Diagnostic::input("a core file must be UTF-8 text").with_place(name.clone()))
    })?;
    Core::parse(&Source::new(name, text))
}

/// Reports cores that execute none of these architectures.
///
/// # Errors
/// One for each such core, with those that would fit.
pub fn check_archs(cores: &[Arc<Core>], archs: &[&str]) -> Result<(), Diagnostics> {
    let mut errors = Diagnostics::new();
    for core in cores {
        if archs.iter().any(|arch| fits(core, arch)) {
            continue;
        }
        let known = built_in()?;
        let fitting = known.iter().filter(|core| archs.iter().any(|arch| fits(core, arch)));
        let fitting = list_of(fitting.map(|core| core.name.as_str()));
        let message =
            format!("core `{}` executes {}, not {}", core.name, core.archs.join(", "), archs.join(" or "));
        let help = if fitting.is_empty() {
            "there is no core file for it; `rcsim list cores` shows what there is".to_owned()
        } else {
            format!("cores that fit: {fitting}")
        };
        errors.push(Diagnostic::input(message).with_help(help));
    }
    errors.into_result(())
}

/// Whether a core executes an architecture.
pub fn fits(core: &Core, arch: &str) -> bool {
    core.archs.iter().any(|own| own == arch)
}

fn list_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// `rcsim list cores`: each core, and how far its numbers are to be trusted.
///
/// # Errors
/// As [`built_in`].
pub fn list() -> Result<String, Diagnostics> {
    let cores = built_in()?;
    let archs = |core: &Core| core.archs.join(",");
    let width = cores.iter().map(|core| archs(core).len()).max().unwrap_or(0);
    let mut out = format!("{:<18} {:<width$} {:<13}", "core", "arch", "kind");
    for trust in Trust::ALL {
        let _ = write!(out, " {:>8}", trust.name());
    }
    let mut lines = vec![out];
    for core in &cores {
        let mut line = format!("{:<18} {:<width$} {:<13}", core.name, archs(core), core.kind.name());
        for trust in Trust::ALL {
            let _ = write!(line, " {:>8}", core.trust.of(trust));
        }
        lines.push(line);
    }
    lines.push(String::new());
    lines.extend(cores.iter().map(|core| format!("{:<18} {}", core.name, core.summary)));
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::{built_in, check_archs, implied_archs, select};

    #[test]
    fn every_built_in_core_is_read_and_executes_something_that_exists() {
        let cores =
            built_in().unwrap_or_else(|errors| panic!("{}", errors.render(rcsim_diag::Colour::Never)));
        for core in &cores {
            assert!(core.archs.iter().all(|arch| rcsim_isa::port(arch).is_some()), "{}", core.name);
        }
        for port in rcsim_isa::ports() {
            assert!(
                cores.iter().any(|core| super::fits(core, port.goarch())),
                "a core for {}",
                port.goarch()
            );
        }
    }

    #[test]
    fn a_core_of_another_architecture_is_refused_with_those_that_fit() {
        let cores = select(&["zen4".to_owned()]).expect("it is built in");
        let errors = check_archs(&cores, &["arm64"]).expect_err("another architecture");
        let text = errors.render(rcsim_diag::Colour::Never);
        assert!(
            text.contains("core `zen4` executes amd64, 386, amd64p32, not arm64")
                && text.contains("`neoverse-n1`"),
            "{text}"
        );
    }

    #[test]
    fn a_core_that_is_named_runs_what_it_was_made_for() {
        let implied =
            |word: &str| implied_archs(&[word.to_owned()], &select(&[word.to_owned()]).expect("known"));
        assert_eq!(implied("zen4"), ["amd64"]);
        assert_eq!(implied("cortex-a53"), ["arm64"]);
        assert!(implied("all").iter().any(|arch| arch == "386"));
    }

    #[test]
    fn all_means_every_built_in_core_once() {
        let words = ["zen4".to_owned(), "all".to_owned()];
        let cores = select(&words).expect("they are built in");
        assert_eq!(cores.len(), built_in().expect("they can be read").len());
        assert_eq!(cores[0].name, "zen4");
    }

    #[test]
    fn a_core_that_does_not_exist_is_refused_with_the_nearest() {
        let text = select(&["zen5".to_owned()]).expect_err("unknown").render(rcsim_diag::Colour::Never);
        assert!(text.contains("unknown core `zen5`") && text.contains("did you mean `zen4`?"), "{text}");
    }
}
