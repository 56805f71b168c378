//! Every workload file of the project reads.

use std::path::{Path, PathBuf};

use rcsim_diag::{Colour, Source};
use rcsim_workloads::Workload;

/// Every workload file below this crate, in the order of names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder of the workloads");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a directory entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    files
}

#[test]
fn every_workload_file_reads_and_has_arguments_on_both_word_sizes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = files(&root.join("abi"));
    assert!(paths.len() > 100, "only {} workloads found", paths.len());
    paths.push(root.join("quickstart.toml"));
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let source = Source::new(path.display().to_string(), text);
        let read = Workload::parse(&source).and_then(|workload| {
            for word_bytes in [4, 8] {
                workload.expected(&workload.arguments(word_bytes)?)?;
            }
            Ok(())
        });
        if let Err(errors) = read {
            panic!("{}", errors.render(Colour::Never));
        }
    }
}
