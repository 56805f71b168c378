//! qemu's emulation of processes, without a plugin.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::time::Duration;

use rcsim_uop::Port;
use rcsim_uop::port::Container;

use super::elf;
use crate::bench::error::BenchError;
use crate::bench::measure::Contestant;
use crate::bench::{clock, copy};

const NAME: &str = "qemu-user";

/// A folder of its own that goes when it is done with.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stays in the system's folder for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// qemu with the loop as two programs: a long one, and one of a single round, whose time is that of starting.
pub struct QemuUser {
    folder: Folder,
    emulator: String,
    instructions: u64,
}

impl QemuUser {
    /// qemu for a port.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub fn find(port: &dyn Port, rounds: u32) -> Result<Self, String> {
        let suffix = port.emulators().qemu_user.ok_or("qemu has no such architecture")?;
        let emulator = format!("qemu-{suffix}");
        let version =
            Command::new(&emulator).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !version.is_ok_and(|status| status.success()) {
            return Err(format!("{emulator} is not installed (Debian: qemu-user)"));
        }
        let folder = std::env::temp_dir().join(format!("rcsim-bench-{}-{suffix}", process::id()));
        let folder = Folder(folder);
        let instructions =
            prepare(port, &folder.0, rounds).map_err(|error| format!("no program for it: {error}"))?;
        Ok(Self { folder, emulator, instructions })
    }

    fn time(&self, program: &str) -> Result<Duration, BenchError> {
        let mut command = Command::new(&self.emulator);
        command.arg(self.folder.0.join(program)).stdin(Stdio::null());
        let (output, time) = clock::children(|| Ok::<_, BenchError>(command.output()?))?;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(BenchError::Peer { peer: NAME, status: output.status, stderr });
        }
        Ok(time)
    }
}

/// Write both programs; tells how many instructions the long one has more.
fn prepare(port: &dyn Port, folder: &Path, rounds: u32) -> io::Result<u64> {
    fs::create_dir_all(folder)?;
    let long = write(port, &folder.join("long"), rounds)?;
    let short = write(port, &folder.join("short"), 1)?;
    Ok(long - short)
}

fn write(port: &dyn Port, path: &Path, rounds: u32) -> io::Result<u64> {
    let Container::Elf(identity) = port.container() else {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "its programs are no ELF files"));
    };
    let plan = copy::plan(port, rounds);
    let program = port.copy_loop(&plan);
    fs::write(path, elf::executable(identity, plan.base, &program.bytes))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    Ok(program.instructions)
}

impl Contestant for QemuUser {
    fn name(&self) -> String {
        NAME.into()
    }

    fn run(&mut self) -> Result<(u64, Duration), BenchError> {
        let start = self.time("short")?;
        let whole = self.time("long")?;
        Ok((self.instructions, whole.saturating_sub(start)))
    }
}
