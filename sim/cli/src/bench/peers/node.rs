//! node, for WebAssembly: a compiler, which shows how far an interpreter is from the hardware.

use std::process::{Command, Stdio};
use std::time::Duration;

use rcsim_uop::Port;
use rcsim_uop::port::Container;

use crate::bench::copy;
use crate::bench::error::BenchError;
use crate::bench::measure::Contestant;

const NAME: &str = "node";
/// Compiles the module given in hexadecimal, runs it once to have it optimised, then once for the time in microseconds.
const SCRIPT: &str = "const bytes = Buffer.from(process.argv[1], 'hex');\
    const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;\
    run();\
    const before = process.cpuUsage();\
    run();\
    const used = process.cpuUsage(before);\
    console.log(used.user + used.system);";

/// node with the loop.
pub struct Node {
    module: String,
    instructions: u64,
}

impl Node {
    /// Whether the port's programs are what node runs.
    pub fn runs(port: &dyn Port) -> bool {
        port.container() == Container::Wasm
    }

    /// node for a port whose programs it runs.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub fn find(port: &dyn Port, rounds: u32) -> Result<Self, String> {
        let version = Command::new("node").arg("--version").stdout(Stdio::null()).status();
        if !version.is_ok_and(|status| status.success()) {
            return Err("node is not installed".into());
        }
        let program = port.copy_loop(&copy::plan(port, rounds));
        let module = program.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { module, instructions: program.instructions })
    }
}

impl Contestant for Node {
    fn name(&self) -> String {
        NAME.into()
    }

    fn run(&mut self) -> Result<(u64, Duration), BenchError> {
        let output = Command::new("node").args(["-e", SCRIPT, &self.module]).stdin(Stdio::null()).output()?;
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(BenchError::Peer { peer: NAME, status: output.status, stderr });
        }
        let micros: u64 = stdout.trim().parse().map_err(|_| BenchError::PeerOutput { peer: NAME, stdout })?;
        Ok((self.instructions, Duration::from_micros(micros)))
    }
}
