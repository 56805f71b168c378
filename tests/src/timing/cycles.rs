//! The Go program that measures reflective calls on this machine: `tests/go/cycles`.

use std::path::PathBuf;

use object::{Object as _, ObjectSymbol as _};
use rcsim_uop::Epoch;

use crate::oracle::go::{Go, GoBuild, Toolchain};
use crate::oracle::{require, run, workspace_root};

/// How often a program that measures is run.
const TIMES: u32 = 5;

/// The program, built by one toolchain.
pub struct Program {
    /// Its file.
    pub path: PathBuf,
    toolchain: Toolchain,
    go: Go,
    build: GoBuild,
}

impl Program {
    /// Builds it.
    ///
    /// # Panics
    /// When the toolchain is missing.
    #[must_use]
    pub fn build(toolchain: Toolchain, goarch: &str) -> Self {
        let go = require(Go::find(toolchain));
        let mut build = GoBuild::linux(goarch, workspace_root().join("tests").join("go").join("cycles"));
        // The program calls the runtime's own function.
        build.ldflags = (toolchain == Toolchain::Go1_27).then(|| "-checklinkname=0".to_owned());
        let path = require(go.build(&build));
        Self { path, toolchain, go, build }
    }

    /// The epoch whose code it has.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        match self.toolchain {
            Toolchain::Go1_19 => Epoch::Go119,
            Toolchain::Go1_27 => Epoch::Go127,
        }
    }

    /// What it prints for these arguments: names, and the fewest cycles of one call of each, of several times that it was run: what
    /// else a machine does only adds to them.
    ///
    /// # Panics
    /// When it fails.
    #[must_use]
    pub fn measured(&self, arguments: &[String]) -> Vec<(String, f64)> {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut fewest = self.printed(&arguments);
        for _ in 1..TIMES {
            for (best, (name, cycles)) in fewest.iter_mut().zip(self.printed(&arguments)) {
                assert_eq!(best.0, name, "it prints the same calls each time");
                best.1 = best.1.min(cycles);
            }
        }
        fewest
    }

    fn printed(&self, arguments: &[&str]) -> Vec<(String, f64)> {
        let output = require(run::run(&self.go, &self.build, &self.path, arguments, run::Limits::default()));
        let text = require(output.success("measuring"));
        let line = |line: &str| {
            let (name, cycles) = line.split_once('\t')?;
            Some((name.to_owned(), cycles.parse().ok()?))
        };
        text.lines().filter_map(line).collect()
    }

    /// The address of a function.
    ///
    /// # Panics
    /// When it has none of this name.
    #[must_use]
    pub fn address(&self, symbol: &str) -> u64 {
        let file = std::fs::read(&self.path).expect("it was built");
        let elf = object::File::parse(&*file).expect("the toolchain makes ELF files");
        let found = elf.symbols().find(|candidate| candidate.name() == Ok(symbol));
        found.unwrap_or_else(|| panic!("no symbol {symbol}")).address()
    }
}
