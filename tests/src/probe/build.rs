//! Builds the probe's guest program, once, from its assembly.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use super::elf;
use crate::oracle::arch::ArchOracle;
use crate::oracle::go::locked;
use crate::oracle::run::{Limits, run_command};
use crate::oracle::{OracleError, find_program, oracles_dir};

/// The guest program of `arch`, built if that was not done before.
pub fn program(arch: &ArchOracle) -> Result<PathBuf, OracleError> {
    let (_, source) = arch.probe()?;
    let key: String =
        Sha256::digest(read(&source)?).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let folder = oracles_dir().join("bin");
    fs::create_dir_all(&folder).map_err(OracleError::io(format!("create {}", folder.display())))?;
    let program = folder.join(format!("probe-{}-{key}", arch.goarch));
    let _lock = locked(&program.with_extension("lock"))?;
    if !program.is_file() {
        let object = program.with_extension("o");
        assemble(&arch.triple, &source, &object)?;
        let unfinished = program.with_extension("unfinished");
        link(&object, &unfinished)?;
        fs::rename(&unfinished, &program).map_err(OracleError::io(format!("name {}", program.display())))?;
    }
    Ok(program)
}

fn assemble(triple: &str, source: &Path, object: &Path) -> Result<(), OracleError> {
    let mut command = Command::new(find_program("llvm-mc-19")?);
    command.args(["-filetype=obj", "-triple", triple, "-o"]).arg(object).arg(source);
    let what = format!("assembling {}", source.display());
    run_command(command, &what, Limits::default())?.success(&what).map(|_| ())
}

/// Wraps the text of the object file into an executable.
fn link(object: &Path, program: &Path) -> Result<(), OracleError> {
    let text_file = object.with_extension("text");
    let mut command = Command::new(find_program("llvm-objcopy-19")?);
    command.args(["-O", "binary", "--only-section=.text"]).arg(object).arg(&text_file);
    let what = format!("taking the text of {}", object.display());
    run_command(command, &what, Limits::default())?.success(&what)?;
    let text = read(&text_file)?;
    let bytes = elf::executable(&read(object)?, &text)?;
    fs::write(program, bytes).map_err(OracleError::io(format!("write {}", program.display())))?;
    fs::set_permissions(program, fs::Permissions::from_mode(0o755))
        .map_err(OracleError::io(format!("make {} executable", program.display())))
}

fn read(file: &Path) -> Result<Vec<u8>, OracleError> {
    fs::read(file).map_err(OracleError::io(format!("read {}", file.display())))
}
