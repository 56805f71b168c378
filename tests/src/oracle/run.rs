//! Runs a built program to its end: natively, under qemu-user or under node.
//!
//! Owns time limits and captured output. Which way a program runs follows from what it was built for.

use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::arch::ArchOracle;
use super::go::{Go, GoBuild};
use super::{OracleError, find_program, find_program_named, workspace_root};

/// Where a run is cut off.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Wall-clock time, after which the program is killed.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(120) }
    }
}

/// How a program ended and what it wrote.
#[derive(Clone, Debug)]
pub struct Output {
    /// Exit status.
    pub status: ExitStatus,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Output {
    /// Standard output of a program that succeeded.
    pub fn success(self, what: &str) -> Result<String, OracleError> {
        if self.status.success() {
            return Ok(self.stdout);
        }
        let output = format!("{}{}", self.stdout, self.stderr);
        Err(OracleError::Failed { what: what.to_owned(), status: self.status, output })
    }
}

/// Builds the program with `go` and runs it with `arguments`, on the machine that it was built for.
pub fn build_and_run(go: &Go, build: &GoBuild, arguments: &[&str]) -> Result<Output, OracleError> {
    let program = go.build(build)?;
    run(go, build, &program, arguments, Limits::default())
}

/// Runs `program`, which `go` built as `build` says.
pub fn run(
    go: &Go,
    build: &GoBuild,
    program: &Path,
    arguments: &[&str],
    limits: Limits,
) -> Result<Output, OracleError> {
    let mut command = match build.goos.as_str() {
        "js" => node(go, program)?,
        _ => machine(&ArchOracle::load(&build.goarch)?, program)?,
    };
    command.args(arguments);
    run_command(command, &program.display().to_string(), limits)
}

fn node(go: &Go, program: &Path) -> Result<Command, OracleError> {
    let mut command = Command::new(find_program("node")?);
    let preload = workspace_root().join("tests/oracles/writable_crypto.cjs");
    // The script hands the environment to the guest, whose area for it is limited.
    command
        .env_clear()
        .arg("--require")
        .arg(preload)
        .arg("--stack-size=8192")
        .arg(go.wasm_exec()?)
        .arg(program);
    Ok(command)
}

/// A command that runs a Linux executable of `arch`: itself where the machine can, else under qemu-user.
pub fn machine(arch: &ArchOracle, program: &Path) -> Result<Command, OracleError> {
    if arch.is_native() {
        return Ok(Command::new(program));
    }
    emulated(arch, program)
}

/// A command that runs a Linux executable of `arch` under qemu-user, even where the machine could do it itself.
pub fn emulated(arch: &ArchOracle, program: &Path) -> Result<Command, OracleError> {
    let mut command = Command::new(find_program_named(&arch.emulator)?);
    command.args(["-cpu", &arch.cpu]).arg(program);
    Ok(command)
}

/// Runs a command to its end, or kills it at the limit.
pub fn run_command(command: Command, what: &str, limits: Limits) -> Result<Output, OracleError> {
    run_with_input(command, what, Vec::new(), limits)
}

/// As [`run_command`], with `input` on standard input.
pub fn run_with_input(
    mut command: Command,
    what: &str,
    input: Vec<u8>,
    limits: Limits,
) -> Result<Output, OracleError> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        ErrorKind::NotFound => OracleError::Missing { what: what.to_owned() },
        _ => OracleError::io(format!("start {what}"))(error),
    })?;
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends without reading its input is judged by its status alone.
        thread::spawn(move || stdin.write_all(&input));
    }
    let status = wait(&mut child, what, limits)?;
    Ok(Output { status, stdout: text(stdout), stderr: text(stderr) })
}

/// Reads a pipe beside the program, which would stop at a full one.
fn collect<R: Read + Send + 'static>(pipe: Option<R>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before an error is still worth showing.
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

fn text(reader: JoinHandle<Vec<u8>>) -> String {
    String::from_utf8_lossy(&reader.join().unwrap_or_default()).into_owned()
}

fn wait(child: &mut Child, what: &str, limits: Limits) -> Result<ExitStatus, OracleError> {
    let started = Instant::now();
    let mut pause = Duration::from_micros(200);
    loop {
        if let Some(status) = child.try_wait().map_err(OracleError::io(format!("wait for {what}")))? {
            return Ok(status);
        }
        if started.elapsed() > limits.time {
            kill(child);
            return Err(OracleError::TimedOut { what: what.to_owned(), limit: limits.time });
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}

/// Ends a program and waits for it, so that nothing is left behind.
pub(crate) fn kill(child: &mut Child) {
    // Both fail only when it has ended already.
    let _ = child.kill();
    let _ = child.wait();
}
