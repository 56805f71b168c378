//! Finds the architectures: every folder of this crate with a `mod.rs` is one family of ports.
//!
//! So adding an architecture adds a folder and nothing else.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it for build scripts"));
    println!("cargo::rerun-if-changed={}", here.display());
    let families = families(&here);
    let out =
        PathBuf::from(env::var("OUT_DIR").expect("cargo sets it for build scripts")).join("families.rs");
    fs::write(out, registry(&here, &families)).expect("the output folder is writable");
}

/// Names of the family folders, sorted.
fn families(here: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(here)
        .expect("the crate's folder is readable")
        .filter_map(|entry| {
            let path = entry.expect("the crate's folder is readable").path();
            path.join("mod.rs").is_file().then(|| path.file_name()?.to_str().map(str::to_owned))?
        })
        .collect();
    names.sort();
    names
}

/// A module for each family and the list of all ports.
fn registry(here: &Path, families: &[String]) -> String {
    let mut text = String::new();
    for name in families {
        let path = here.join(name).join("mod.rs");
        text += &format!("#[path = {:?}]\npub mod {name};\n", path.display().to_string());
    }
    text += "/// The ports of every family, family by family.\nfn all() -> Vec<&'static dyn Port> {\n    let families: &[Vec<&'static dyn Port>] = &[\n";
    for name in families {
        text += &format!("        {name}::ports(),\n");
    }
    text += "    ];\n    families.concat()\n}\n";
    text + &cores(here, families)
}

/// The core files of every family: path from the crate's folder, and text.
fn cores(here: &Path, families: &[String]) -> String {
    let mut text =
        "/// Path and text of every core file, family by family.\nconst CORES: &[(&str, &str)] = &[\n"
            .to_owned();
    for family in families {
        for file in core_files(&here.join(family).join("cores")) {
            let path = here.join(family).join("cores").join(&file);
            text += &format!("    ({:?}, include_str!({:?})),\n", format!("isa/{family}/cores/{file}"), path);
        }
    }
    text + "];\n"
}

/// Names of the core files in a folder, sorted; a family may have none.
fn core_files(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let names = entries.map(|entry| entry.expect("the folder is readable").file_name());
    let mut names: Vec<String> = names.filter_map(|name| name.into_string().ok()).collect();
    names.retain(|name| name.ends_with(".toml"));
    names.sort();
    names
}
