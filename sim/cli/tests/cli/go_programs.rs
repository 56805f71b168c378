//! Programs that Go built: damaged, foreign, contradicting the command line, and with functions that misbehave.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cases;
use crate::toolchain::Go;

/// The program of `programs/misbehaving` for three architectures.
struct Programs {
    files: Vec<(&'static str, PathBuf)>,
}

impl Programs {
    fn build(go: &Go) -> Self {
        let targets = [("arm64", "linux"), ("amd64", "linux"), ("wasm", "js")];
        Self { files: targets.map(|(arch, system)| (arch, go.build(system, arch))).to_vec() }
    }

    /// Puts the programs, and damaged copies of one, into a folder.
    fn put_into(&self, folder: &Path) {
        for (arch, program) in &self.files {
            std::os::unix::fs::symlink(program, folder.join(arch)).expect("a writable target folder");
        }
        let whole = fs::read(&self.files[0].1).expect("a program that was just built");
        let write = |name: &str, bytes: &[u8]| {
            fs::write(folder.join(name), bytes).expect("a writable target folder");
        };
        write("truncated-header", &whole[..40]);
        write("truncated-middle", &whole[..whole.len() / 2]);
        // e_machine: a number that nobody has.
        let mut unknown = whole;
        unknown[18..20].copy_from_slice(&[0xfe, 0xca]);
        write("unknown-machine", &unknown);
    }
}

#[test]
fn image_tells_what_is_in_a_program() {
    let Some(go) = Go::find("1.27") else { return };
    let programs = Programs::build(&go);
    for (arch, program) in &programs.files {
        let output = cases::rcsim(Path::new(".")).arg("image").arg(program).output().expect("rcsim starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let has =
            |start: &str, end: &str| text.lines().any(|line| line.starts_with(start) && line.contains(end));
        assert!(has("arch", &format!("{arch}: ")), "{text}");
        assert!(has("go ", "go1.27") && has("sha-256", ""), "{text}");
        for function in
            ["runtime.reflectcall ", "runtime.call64 ", "runtime.callRet ", "reflect.makeFuncStub "]
        {
            let function = function.trim_end();
            let named =
                |line: &str| line.split_whitespace().nth(1).is_some_and(|name| function.ends_with(name));
            assert!(text.lines().any(named), "{arch} {function}: {text}");
        }
        assert!(has("  ", "reflect.callReflect"), "{text}");
    }
}

#[test]
fn listing_of_a_program_names_its_source_lines() {
    let Some(go) = Go::find("1.27") else { return };
    for (arch, program) in &Programs::build(&go).files {
        for command in ["disasm", "lift"] {
            let mut rcsim = cases::rcsim(Path::new("."));
            let output = rcsim
                .arg(command)
                .arg("--image")
                .arg(program)
                .arg("main.Loop")
                .output()
                .expect("rcsim starts");
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success() && text.contains("misbehaving/main.go:"), "{arch}: {text}");
        }
    }
}

#[test]
fn go_programs() {
    let Some(go) = Go::find("1.27") else { return };
    let programs = Programs::build(&go);
    let mask = |text: &str| any_toolchain(&cases::messages_only(text));
    cases::check("go_programs.txt", |folder| programs.put_into(folder), mask);
}

/// What differs between toolchains of one release: hexadecimal numbers and file sizes become `N`, patch releases go.
pub fn any_toolchain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("0x") {
        let (before, tail) = rest.split_at(at + 2);
        let end = tail.find(|letter: char| !letter.is_ascii_hexdigit()).unwrap_or(tail.len());
        out += before;
        out += "N";
        rest = &tail[end..];
    }
    out += rest;
    patchless(&without_sizes(&out), "go1.27")
}

fn patchless(text: &str, release: &str) -> String {
    let mut parts = text.split(release);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let patch = part
            .strip_prefix('.')
            .map(|rest| rest.trim_start_matches(|letter: char| letter.is_ascii_digit()));
        out += release;
        out += patch.filter(|rest| rest.len() + 1 < part.len()).unwrap_or(part);
    }
    out
}

/// Numbers of seven digits and more become `N`.
fn without_sizes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let (before, tail) = rest.split_at(at);
        let digits = tail.len() - tail.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
        out += before;
        out += if digits < 7 { &tail[..digits] } else { "N" };
        rest = &tail[digits..];
    }
    out + rest
}
