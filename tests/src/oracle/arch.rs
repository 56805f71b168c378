//! What oracles call an architecture: the data in `isa/FAMILY/oracle/GOARCH.toml`.
//!
//! Must not know any architecture by name; a folder that appears under `isa/` is found without a change here.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{OracleError, workspace_root};

/// How the tests reach the oracles of one architecture.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchOracle {
    /// The qemu-user program.
    pub emulator: String,
    /// The `-cpu` that has the baseline of Go's port and no more.
    pub cpu: String,
    /// The `-cpu` that has the optional features too, where lockstep needs them: exclusive stores of arm64 never succeed
    /// in a stepped qemu, but atomic instructions do.
    pub featured_cpu: Option<String>,
    /// The `-cpu` that has every feature that rcsim can switch on, for single instructions.
    pub widest_cpu: Option<String>,
    /// Hosts, as Rust names them, that execute this architecture themselves.
    #[serde(default)]
    pub runs_natively_on: Vec<String>,
    /// The target triple for the LLVM tools.
    pub triple: String,
    /// What the debugger of qemu calls the program counter.
    pub program_counter: String,
    /// The registers as qemu's debugger numbers them, where it does not say so itself.
    #[serde(default)]
    pub debugger_registers: Vec<Registers>,
    /// Pieces of disassembly that mark instructions whose result nobody can foretell: clocks, identification.
    #[serde(default)]
    pub environment: Vec<String>,
    /// Whether a stepped qemu forgets reservations at each stop, so that conditional stores never succeed in it.
    #[serde(default)]
    pub loses_reservations: bool,
    /// In what the emulator differs from processors.
    #[serde(default)]
    pub emulator_differs: Vec<EmulatorDiffers>,
    /// What the instruction probe needs, where there is one.
    pub probe: Option<ProbeDescription>,
    /// GOARCH: the name of the file.
    #[serde(skip)]
    pub goarch: String,
    #[serde(skip)]
    folder: PathBuf,
}

/// What an emulator makes otherwise than processors do.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmulatorDiffers {
    /// The start of the instruction's text, as LLVM has it.
    pub instruction: String,
    /// The one register that differs after it.
    pub register: String,
    /// What the emulator does, and how it is known that processors do not.
    pub why: String,
}

/// The probe's source, and the state that it loads and stores, in the order of its layout.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeDescription {
    /// The assembly beside the description; ports of one family may share it.
    pub source: String,
    /// The templates of instructions to try, beside the description; `GOARCH.cases` where nothing is said.
    pub cases: Option<String>,
    /// One instruction without effect, in hexadecimal; what is left of a slot is filled with it.
    pub nop: String,
    /// The registers.
    pub registers: Vec<Registers>,
}

/// One register, or several of a kind: `{}` in the name stands for the index.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registers {
    /// Name, or pattern of names.
    pub name: String,
    /// How many there are of this kind.
    pub count: Option<usize>,
    /// Size of each in bytes.
    pub bytes: usize,
    /// Alignment of the first within the probe's state.
    #[serde(default = "one")]
    pub align: usize,
}

impl Registers {
    /// Name and size of each.
    pub fn each(&self) -> impl Iterator<Item = (String, usize)> {
        (0..self.count.unwrap_or(1)).map(|n| (self.name.replace("{}", &n.to_string()), self.bytes))
    }
}

fn one() -> usize {
    1
}

impl ArchOracle {
    /// Reads the description of `goarch`.
    pub fn load(goarch: &str) -> Result<Self, OracleError> {
        let problem = |problem: String| OracleError::Description { arch: goarch.to_owned(), problem };
        let file = description_files()
            .into_iter()
            .find(|file| goarch_of(file) == Some(goarch))
            .ok_or_else(|| problem(format!("there is no isa/*/oracle/{goarch}.toml")))?;
        let text = fs::read_to_string(&file).map_err(OracleError::io(format!("read {}", file.display())))?;
        let mut arch: Self = toml::from_str(&text).map_err(|error| problem(error.to_string()))?;
        goarch.clone_into(&mut arch.goarch);
        arch.folder = file.parent().unwrap_or(&file).to_path_buf();
        Ok(arch)
    }

    /// The same architecture with the optional features of its CPU.
    #[must_use]
    pub fn featured(mut self) -> Self {
        if let Some(cpu) = self.featured_cpu.clone() {
            self.cpu = cpu;
        }
        self
    }

    /// The same architecture with every feature that an instruction may need.
    #[must_use]
    pub fn widest(mut self) -> Self {
        if let Some(cpu) = self.widest_cpu.clone() {
            self.cpu = cpu;
        }
        self
    }

    /// Every GOARCH that has a description, sorted.
    pub fn all() -> Vec<String> {
        let mut names: Vec<String> =
            description_files().iter().filter_map(|file| goarch_of(file).map(str::to_owned)).collect();
        names.sort();
        names
    }

    /// Whether this machine executes the architecture itself.
    pub fn is_native(&self) -> bool {
        self.runs_natively_on.iter().any(|host| host == std::env::consts::ARCH)
    }

    /// What the instruction probe needs, and where its source is.
    pub(crate) fn probe(&self) -> Result<(&ProbeDescription, PathBuf), OracleError> {
        let missing = || OracleError::Description {
            arch: self.goarch.clone(),
            problem: "no instruction probe".to_owned(),
        };
        let probe = self.probe.as_ref().ok_or_else(missing)?;
        Ok((probe, self.folder.join(&probe.source)))
    }
}

fn goarch_of(file: &Path) -> Option<&str> {
    file.file_stem()?.to_str()
}

/// All files `isa/FAMILY/oracle/GOARCH.toml`.
fn description_files() -> Vec<PathBuf> {
    let folders = files_in(&workspace_root().join("isa")).into_iter().map(|family| family.join("oracle"));
    let files = folders.flat_map(|folder| files_in(&folder));
    files.filter(|file| file.extension().is_some_and(|extension| extension == "toml")).collect()
}

/// The entries of a folder; none when it is no folder.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_description_can_be_read() {
        let all = ArchOracle::all();
        assert!(!all.is_empty());
        for goarch in all {
            let arch = ArchOracle::load(&goarch).expect("the description is right");
            assert_eq!(arch.goarch, goarch);
        }
    }

    #[test]
    fn unknown_architecture_is_an_error_with_the_missing_file() {
        let error = ArchOracle::load("pdp11").expect_err("Go has no such port").to_string();
        assert!(error.contains("isa/*/oracle/pdp11.toml"), "{error}");
    }
}
