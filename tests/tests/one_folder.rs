//! Adding an architecture adds one folder under `isa/` and touches nothing else.
//!
//! The sources are copied, and the commands of the guide `docs/adding.md` are run in the copy: they add a folder with a toy
//! architecture, and the copy's own registry finds it. No other file is changed, because none is opened for writing.

use std::fs;
use std::path::Path;
use std::process::Command;

use rcsim_tests::oracle::workspace_root;

/// What the workspace is made of.
const PARTS: [&str; 7] = ["Cargo.toml", "Cargo.lock", "isa", "reports", "sim", "tests", "workloads"];

fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).expect("a file of the workspace can be copied");
        return;
    }
    fs::create_dir_all(to).expect("the copy has room");
    for entry in fs::read_dir(from).expect("a folder of the workspace") {
        let name = entry.expect("an entry").file_name();
        if name != "target" {
            copy(&from.join(&name), &to.join(&name));
        }
    }
}

/// The block of the guide that is for a checkout.
fn commands_of_the_guide() -> String {
    let guide = fs::read_to_string(workspace_root().join("docs/adding.md")).expect("the guide");
    let (_, block) = guide.split_once("```sh checkout\n").expect("a block for a checkout");
    let (commands, _) = block.split_once("```").expect("its end");
    commands.to_owned()
}

#[test]
fn a_folder_is_all_that_an_architecture_takes() {
    let root = workspace_root();
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("one-folder");
    let _ = fs::remove_dir_all(&scratch);
    fs::create_dir_all(&scratch).expect("the target folder is writable");
    for part in PARTS {
        copy(&root.join(part), &scratch.join(part));
    }
    // A target folder of its own: cargo names what it builds by the path within a workspace, so the copy's would take the
    // place of the workspace's own.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("one-folder-target");
    let output = Command::new("sh")
        .args(["-e", "-c", &commands_of_the_guide()])
        .current_dir(&scratch)
        .env("CARGO_TARGET_DIR", target)
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()
        .expect("sh starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    assert!(text.contains("1 passed"), "the test in the folder did not run:\n{text}");
}
