//! Text of instructions and instructions of text, by LLVM: nobody whose decoding is in question here.

use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use super::arch::ArchOracle;
use super::run::{Limits, run_with_input};
use super::{OracleError, find_program, oracles_dir};

/// The text of the first instruction in `code`; the bytes themselves when LLVM does not know it.
pub fn disassemble(arch: &ArchOracle, code: &[u8]) -> Result<String, OracleError> {
    let bytes: Vec<String> = code.iter().map(|byte| format!("{byte:#04x}")).collect();
    // Bytes after the first instruction need not be code, so the exit status says nothing.
    let output = machine_code(arch, &["--disassemble", "--mattr=+all"], &bytes.join(" "))?;
    let first = output.stdout.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('.'));
    Ok(first.map_or_else(|| format!("{code:02x?}"), |line| line.replace('\t', " ")))
}

/// The code of `assembly`, which must need no relocation. One instruction a line.
pub fn assemble(arch: &ArchOracle, assembly: &str) -> Result<Vec<u8>, OracleError> {
    let output = machine_code(arch, &["--assemble", "--show-encoding", "--mattr=+all"], assembly)?;
    let text = output.success(&format!("assembling `{assembly}`"))?;
    let mut code = Vec::new();
    for line in text.lines() {
        let Some((_, encoding)) = line.split_once("encoding: [") else { continue };
        for byte in encoding.trim_end().trim_end_matches(']').split(',') {
            let digits = byte.strip_prefix("0x").and_then(|digits| u8::from_str_radix(digits, 16).ok());
            code.push(
                digits.ok_or_else(|| OracleError::protocol(format!("encoding with a relocation: {line}")))?,
            );
        }
    }
    Ok(code)
}

/// The object file of `assembly`.
pub fn assemble_object(arch: &ArchOracle, assembly: &str) -> Result<Vec<u8>, OracleError> {
    let folder = oracles_dir().join("objects");
    fs::create_dir_all(&folder).map_err(OracleError::io(format!("create {}", folder.display())))?;
    // Tests of one process run at the same time.
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let file = folder.join(format!("{}-{}-{number}.o", arch.goarch, std::process::id()));
    let mut command = Command::new(find_program("llvm-mc-19")?);
    command.args(["-filetype=obj", "--mattr=+all", "-triple", &arch.triple, "-o"]).arg(&file);
    let limits = Limits::default();
    run_with_input(command, "llvm-mc-19", assembly.as_bytes().to_vec(), limits)?.success("assembling")?;
    let object = fs::read(&file).map_err(OracleError::io(format!("read {}", file.display())));
    fs::remove_file(&file).map_err(OracleError::io(format!("remove {}", file.display())))?;
    object
}

fn machine_code(
    arch: &ArchOracle,
    arguments: &[&str],
    input: &str,
) -> Result<super::run::Output, OracleError> {
    let mut command = Command::new(find_program("llvm-mc-19")?);
    command.args(arguments).args(["-triple", &arch.triple]);
    run_with_input(command, "llvm-mc-19", input.as_bytes().to_vec(), Limits::default())
}
