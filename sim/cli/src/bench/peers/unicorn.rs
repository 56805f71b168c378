//! Unicorn through its Python package, without hooks.

use std::process::{Command, Stdio};
use std::time::Duration;

use rcsim_uop::Port;

use crate::bench::copy;
use crate::bench::error::BenchError;
use crate::bench::measure::Contestant;

const NAME: &str = "unicorn";
/// Runs the loop once, and prints the processor time of the emulation in seconds.
const SCRIPT: &str = include_str!("unicorn.py");

/// Unicorn with the loop.
pub struct Unicorn {
    arguments: Vec<String>,
    instructions: u64,
}

impl Unicorn {
    /// Unicorn for a port.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub fn find(port: &dyn Port, rounds: u32) -> Result<Self, String> {
        let (arch, mode) = port.emulators().unicorn.ok_or("unicorn has no such architecture")?;
        let import = Command::new("python3").args(["-c", "import unicorn"]).stderr(Stdio::null()).status();
        if !import.is_ok_and(|status| status.success()) {
            return Err("python3 has no package unicorn (pip install unicorn)".into());
        }
        let plan = copy::plan(port, rounds);
        let program = port.copy_loop(&plan);
        let code: String = program.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let (start, bytes) = copy::DATA;
        let numbers = [plan.base, plan.base + u64::from(program.end), start, bytes];
        let mut arguments = vec!["-c".into(), SCRIPT.into(), arch.into(), mode.into(), code];
        arguments.extend(numbers.iter().map(u64::to_string));
        Ok(Self { arguments, instructions: program.instructions })
    }
}

impl Contestant for Unicorn {
    fn name(&self) -> String {
        NAME.into()
    }

    fn run(&mut self) -> Result<(u64, Duration), BenchError> {
        let output = Command::new("python3").args(&self.arguments).stdin(Stdio::null()).output()?;
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(BenchError::Peer { peer: NAME, status: output.status, stderr });
        }
        let seconds: Option<f64> = stdout.trim().parse().ok();
        let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let time = time.ok_or(BenchError::PeerOutput { peer: NAME, stdout })?;
        Ok((self.instructions, time))
    }
}
