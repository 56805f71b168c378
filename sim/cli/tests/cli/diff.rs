//! `rcsim diff` as people use it.

use std::path::Path;

use crate::cases;

const WORKLOAD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../workloads/abi/reflectcall-4k.toml");

fn rcsim(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = cases::rcsim(folder).args(arguments).output().expect("rcsim starts");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

fn result(folder: &Path, core: &str, epoch: &str, out: &str) {
    let (code, text) = rcsim(folder, &["run", "--core", core, "--epoch", epoch, "--out", out, WORKLOAD]);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn two_epochs_are_compared_phase_by_phase_and_the_differences_add_up() {
    let folder = cases::scratch("diff-epochs");
    result(&folder, "skylake", "go1.19", "a");
    result(&folder, "skylake", "go1.27", "b");
    let (code, text) = rcsim(&folder, &["diff", "a", "b", "--format", "json"]);
    assert_eq!(code, Some(0), "{text}");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let pair = &json["pairs"][0];
    assert_eq!((pair["a"]["epoch"].as_str(), pair["b"]["epoch"].as_str()), (Some("go1.19"), Some("go1.27")));
    let more = |change: &serde_json::Value| {
        let cycles = |n: usize| change["cycles"][n].as_i64().expect("cycles");
        cycles(1) - cycles(0)
    };
    let sum = |list: &serde_json::Value| list.as_array().expect("a list").iter().map(more).sum::<i64>();
    let total = pair["phases"].as_array().and_then(|phases| phases.last()).expect("a total");
    assert_eq!(total["name"], "total");
    assert_eq!(2 * more(total), sum(&pair["phases"]), "phases add up");
    assert_eq!(more(total), sum(&pair["causes"]), "causes add up");
    assert_eq!(more(total), sum(&pair["instructions"]), "instructions add up");
    let (code, text) = rcsim(&folder, &["diff", "a", "b"]);
    assert_eq!(code, Some(0));
    assert!(
        text.contains("A  amd64, epoch go1.19, skylake") && text.contains("1 compared, 0 without"),
        "{text}"
    );
}

#[test]
fn a_result_equals_itself() {
    let folder = cases::scratch("diff-itself");
    result(&folder, "zen4", "go1.27", "a");
    let (code, text) = rcsim(&folder, &["diff", "--cold", "a", "a/report.json"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("cold call") && !text.contains("causes") && text.contains("+0\n"), "{text}");
}

#[test]
fn what_is_no_result_is_refused_and_both_are_named() {
    let folder = cases::scratch("diff-bad");
    std::fs::write(folder.join("x.json"), "{\"schema\": 1}").expect("a writable folder");
    let (code, text) = rcsim(&folder, &["diff", "x.json", "missing"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("x.json cannot be compared") && text.contains("cannot read missing"), "{text}");
}

#[test]
fn results_without_cycles_cannot_be_compared() {
    let folder = cases::scratch("diff-without");
    let (code, text) = rcsim(&folder, &["run", "--arch", "amd64", "--out", "a", WORKLOAD]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = rcsim(&folder, &["diff", "a", "a"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("no workload has cycles in both"), "{text}");
}
