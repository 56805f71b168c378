//! Whatever is wrong with the input, rcsim says so in one clear message and ends with the right code.

use std::os::unix::fs::symlink;

use crate::cases;

#[test]
fn workloads() {
    cases::check("workloads.txt", |_| {}, cases::messages_only);
}

#[test]
fn command_line() {
    cases::check("command_line.txt", |_| {}, cases::messages_only);
}

#[test]
fn images() {
    // rcsim's own binary is an executable that Go did not build.
    let prepare = |folder: &std::path::Path| {
        symlink(env!("CARGO_BIN_EXE_rcsim"), folder.join("rcsim")).expect("a writable target folder");
    };
    cases::check("images.txt", prepare, cases::messages_only);
}
