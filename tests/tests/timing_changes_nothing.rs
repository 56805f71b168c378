//! The cycle model follows and changes nothing, and counts the same every time.

use rcsim_go::run::{CodeChoice, Request, run};
use rcsim_tests::timing::calls::{repeated, workload};
use rcsim_tests::timing::{core, cores};
use rcsim_uop::Epoch;
use rcsim_workloads::Workload;

/// Every workload below `workloads/abi` and `workloads/bugs`.
fn workloads() -> Vec<(String, Workload)> {
    let root = rcsim_tests::oracle::workspace_root().join("workloads");
    let mut all = Vec::new();
    for folder in ["abi", "bugs"] {
        let entries = std::fs::read_dir(root.join(folder)).expect("a folder of the project");
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let text = std::fs::read_to_string(&path).expect("text");
                all.push((path.display().to_string(), workload(&text)));
            }
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(all.len() > 100, "{} workloads", all.len());
    all
}

#[test]
fn what_comes_out_is_the_same_with_a_core_following() {
    let workloads = workloads();
    let mut compared = 0;
    for core in cores() {
        let port = rcsim_isa::port(&core.archs[0]).expect("a port");
        let epoch = Epoch::Go127;
        for (path, workload) in &workloads {
            let allowed = |names: &Option<Vec<rcsim_diag::Located<String>>>, own: &str| {
                names.as_ref().is_none_or(|names| names.iter().any(|name| name.value == own))
            };
            if !allowed(&workload.archs, port.goarch()) || !allowed(&workload.epochs, epoch.name()) {
                continue;
            }
            let code = CodeChoice::BuiltIn;
            let request = Request::new(workload, port, epoch, code);
            let Ok(plain) = run(&request) else { continue };
            let (followed, outcome) = repeated(workload, port, epoch, code, &core, 1);
            assert_eq!(plain, followed, "{path} on {}", core.name);
            let by_tag: u64 = outcome.tags.iter().map(|tag| tag.instructions).sum();
            assert_eq!(
                by_tag, followed.instructions,
                "{path} on {}: every instruction is counted",
                core.name
            );
            let cycles: u64 = outcome.tags.iter().map(|tag| tag.stack.total()).sum();
            assert_eq!(cycles, outcome.cycles, "{path} on {}: causes sum up", core.name);
            compared += 1;
        }
    }
    assert!(compared > 1000, "{compared} runs compared");
}

#[test]
fn cycles_are_the_same_every_time() {
    let text = "name = \"a call\"\ncall = \"value-call\"\nfunc = \"func(a string, b [4]int)\"\ncallee = \"drop-args\"\n";
    let workload = workload(text);
    for name in ["zen4", "golden-cove", "skylake"] {
        let core = core(name);
        let port = rcsim_isa::port(&core.archs[0]).expect("a port");
        let once = || repeated(&workload, port, Epoch::Go127, CodeChoice::BuiltIn, &core, 5).1;
        assert_eq!(once(), once(), "{name}");
    }
}
