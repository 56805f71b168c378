//! llvm-mca: a model of schedulers, without caches, prediction or a program. It repeats straight code.

use std::io::{self, Write as _};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use rcsim_timing::Core;

use crate::bench::clock;
use crate::bench::error::BenchError;
use crate::bench::measure::Contestant;

const NAME: &str = "llvm-mca";
/// Instructions of a turn, about.
const INSTRUCTIONS: u64 = 200_000;

/// llvm-mca with a piece of code, for one core.
pub struct LlvmMca {
    core: String,
    options: Vec<String>,
    assembly: String,
    instructions: u64,
}

impl LlvmMca {
    /// The piece of code on a core.
    ///
    /// # Errors
    /// Why it cannot be, in words.
    pub fn find(core: &Core, code: &[u8], instructions: u64) -> Result<Self, String> {
        let (Some(cpu), Some(triple)) = (&core.llvm, &core.llvm_triple) else {
            return Err("LLVM has no model of this core".to_owned());
        };
        let options = vec![format!("-mtriple={triple}"), format!("-mcpu={cpu}")];
        let bytes: Vec<String> = code.iter().map(|byte| format!("{byte:#04x}")).collect();
        let disassemble =
            ["--disassemble", &format!("-triple={triple}"), &format!("-mcpu={cpu}")].map(str::to_owned);
        let output = fed("llvm-mc-19", &disassemble, &bytes.join(" "))
            .map_err(|error| format!("llvm-mc-19 does not run (Debian: llvm-19): {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('.'));
        let assembly = lines.map(|line| format!("{line}\n")).collect();
        let found = Self { core: core.name.clone(), options, assembly, instructions };
        match found.once(1) {
            Ok(_) => Ok(found),
            Err(BenchError::Peer { status, .. }) => Err(format!("llvm-mca-19 fails on this code: {status}")),
            Err(_) => Err("llvm-mca-19 does not run (Debian: llvm-19)".to_owned()),
        }
    }

    /// The time of so many rounds.
    fn once(&self, rounds: u64) -> Result<Duration, BenchError> {
        let mut options = self.options.clone();
        options.extend(
            ["-all-views=false", "-summary-view", "-skip-unsupported-instructions=any"].map(str::to_owned),
        );
        options.push(format!("-iterations={rounds}"));
        let (output, time) =
            clock::children(|| Ok::<_, BenchError>(fed("llvm-mca-19", &options, &self.assembly)?))?;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(BenchError::Peer { peer: NAME, status: output.status, stderr });
        }
        Ok(time)
    }
}

/// Runs a program with this as its input.
fn fed(program: &str, options: &[String], input: &str) -> io::Result<Output> {
    let mut command = Command::new(program);
    command.args(options).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    child.wait_with_output()
}

impl Contestant for LlvmMca {
    fn name(&self) -> String {
        format!("{NAME}, {}", self.core)
    }

    fn run(&mut self) -> Result<(u64, Duration), BenchError> {
        let rounds = INSTRUCTIONS.div_ceil(self.instructions.max(1));
        let (start, whole) = (self.once(1)?, self.once(1 + rounds)?);
        Ok((rounds * self.instructions, whole.saturating_sub(start)))
    }
}
