//! The commands of README and guides are run exactly as they are printed.
//!
//! A fenced block is read by the words behind its backquotes: a language and a name (`toml mine.toml`) are a file of that name;
//! `sh` are commands that must succeed; `console` are commands behind `$ `, each followed by what it prints. The blocks of a page
//! are followed in order, in one fresh folder in which `rcsim` and `go` are found and the folders of the project can be named.
//! With `RCSIM_BLESS=1` the outputs are written anew; what differs between patch releases of Go stays as it is.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cases;
use crate::check::root;
use crate::go_programs::any_toolchain;
use crate::toolchain::Go;

/// Folders and files of the project that pages name.
const NAMED: [&str; 4] = ["docs", "isa", "sweeps", "workloads"];

/// A fenced block: what stands behind the backquotes, and what is in it.
struct Block<'p> {
    info: &'p str,
    text: &'p str,
}

/// The text of a page cut at its fenced blocks, so that prose and blocks take turns; the page begins and ends with prose.
fn cut(page: &str) -> (Vec<&str>, Vec<Block<'_>>) {
    let (mut prose, mut blocks, mut rest) = (Vec::new(), Vec::new(), page);
    while let Some(at) = rest.find("```") {
        let (before, opened) = rest.split_at(at + 3);
        let (info, body) = opened.split_once('\n').expect("a line with backquotes ends");
        let end = body.find("```\n").expect("a block that was opened is closed");
        prose.push(before);
        blocks.push(Block { info, text: &body[..end] });
        rest = &body[end..];
        let (fence, after) = rest.split_at(3);
        prose.push(fence);
        rest = after;
    }
    prose.push(rest);
    (prose, blocks)
}

/// What differs between toolchains of one release, the bytes of a program included, is hidden.
fn masked(text: &str) -> String {
    let mut parts = any_toolchain(text);
    let mut out = String::new();
    while let Some(at) = parts.find("sha-256 ") {
        let rest = parts.split_off(at + "sha-256 ".len());
        out += &parts;
        parts =
            rest.trim_start_matches(|letter: char| letter.is_ascii_hexdigit() || letter == 'N').to_owned();
    }
    out + &parts
}

/// Where the commands of a page run.
struct Shell {
    folder: PathBuf,
    path: OsString,
    go: Option<Go>,
}

impl Shell {
    fn new(name: &str, go: Option<Go>) -> Self {
        let folder = cases::scratch(name);
        for part in NAMED {
            symlink(root().join(part), folder.join(part)).expect("a writable target folder");
        }
        let mut places = vec![Path::new(env!("CARGO_BIN_EXE_rcsim")).parent().expect("a folder").to_owned()];
        places.extend(go.as_ref().map(Go::bin));
        places.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        let path = env::join_paths(places).expect("folders without colons");
        Self { folder, path, go }
    }

    /// Runs commands: whether all of them succeeded, and everything that was printed.
    fn run(&self, commands: &str) -> (bool, String) {
        let mut sh = Command::new("sh");
        if let Some(go) = &self.go {
            go.settle(&mut sh);
        }
        sh.args(["-e", "-c", &format!("exec 2>&1\n{commands}")]).current_dir(&self.folder);
        let output = sh.env("PATH", &self.path).env_remove("NO_COLOR").output().expect("sh starts");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Follows a block, and returns it with the outputs that it really has.
    fn follow(&self, block: &Block<'_>) -> String {
        match block.info.split_once(' ') {
            Some((_, name)) if name.contains('.') => {
                fs::write(self.folder.join(name), block.text).expect("a writable target folder");
                block.text.to_owned()
            }
            None if block.info == "sh" => {
                let (succeeded, said) = self.run(block.text);
                assert!(succeeded, "{}\n{said}", block.text);
                block.text.to_owned()
            }
            None if block.info == "console" => self.console(block.text),
            _ => block.text.to_owned(),
        }
    }

    fn console(&self, text: &str) -> String {
        let mut now = String::new();
        let first = text.strip_prefix("$ ").expect("a console begins with a command");
        let mut parts = first.split("\n$ ").peekable();
        while let Some(part) = parts.next() {
            let part = if parts.peek().is_some() { format!("{part}\n") } else { part.to_owned() };
            let (command, shown) = part.split_once('\n').expect("a command is a line");
            // Progress and complaints go to standard error; what is shown is what the command is for.
            let (_, said) = self.run(&format!("exec 2>/dev/null\n{command}"));
            let same = masked(&said) == masked(shown);
            now += &format!("$ {command}\n{}", if same { shown } else { &said });
        }
        now
    }
}

/// Follows a page to its end.
fn follow(page: &str, go: Option<Go>) {
    let path = root().join(page);
    let text = fs::read_to_string(&path).expect("a page of the project");
    let (prose, blocks) = cut(&text);
    let shell = Shell::new(&format!("follow-{}", page.replace('/', "-")), go);
    let followed: Vec<String> = blocks.iter().map(|block| shell.follow(block)).collect();
    assert!(followed.len() > 3, "{page} has blocks");
    let mut now = String::new();
    // Each block stands behind the prose that opens it, and before the backquotes that close it.
    let mut followed = followed.iter().zip(&blocks);
    for (n, part) in prose.iter().enumerate() {
        now += part;
        if n % 2 == 0
            && let Some((block, Block { info, .. })) = followed.next()
        {
            now += &format!("{info}\n{block}");
        }
    }
    if env::var_os("RCSIM_BLESS").is_some() {
        fs::write(&path, &now).expect("a writable page");
        return;
    }
    assert!(now == text, "{page} shows other outputs; with RCSIM_BLESS=1 they are written anew\n{now}");
}

#[test]
fn readme() {
    if let Some(go) = Go::find("1.27") {
        follow("README.md", Some(go));
    }
}

#[test]
fn guide_from_changed_assembly_to_a_verdict() {
    if let Some(go) = Go::find("1.27") {
        follow("docs/changed-assembly.md", Some(go));
    }
}

#[test]
fn guide_that_adds_things() {
    follow("docs/adding.md", None);
}

/// The workflow is an example: its commands are run here with a program that is built already, and one shard of the matrix.
#[test]
fn commands_of_the_example_of_a_workflow() {
    let Some(go) = Go::find("1.27") else { return };
    let workflow = fs::read_to_string(root().join("docs/ci-example.yml")).expect("the workflow");
    let shell = Shell::new("follow-workflow", Some(go));
    let commands = workflow.lines().filter_map(|line| line.trim_start().strip_prefix("- run: "));
    let commands: Vec<&str> =
        commands.filter(|command| !command.starts_with("cargo ") && !command.starts_with("tests/")).collect();
    assert!(commands.len() >= 5, "{commands:?}");
    for command in commands {
        let command = command.replace("target/release/rcsim", "rcsim").replace("${{ matrix.shard }}", "1/4");
        let (succeeded, said) = shell.run(&command);
        assert!(succeeded, "{command}\n{said}");
    }
    for file in ["junit.xml", "findings.sarif", "report.html"] {
        assert!(workflow.contains(file) && shell.folder.join(file).is_file(), "{file}");
    }
}

/// The two commands that the README begins with are too large for a test: CI runs them as they are printed.
#[test]
fn first_commands_of_the_readme_are_those_of_ci() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("a file of the project");
    let readme = read("README.md");
    let (_, blocks) = cut(&readme);
    let first: Vec<&str> = blocks[0].text.lines().collect();
    let [run, all] = first[..] else { panic!("two commands: {first:?}") };
    assert!(read("tests/run-all.sh").lines().any(|line| line == format!("stage quickstart {run}")), "{run}");
    assert!(read(".ci/run").lines().any(|line| line == format!("exec {all}")), "{all}");
}
