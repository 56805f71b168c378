//! `rcsim plot` as people use it, and what it does with bad input.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use crate::cases;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Writes what a run prints into a folder.
fn results(folder: &Path, arguments: &str) {
    let run = cases::rcsim(root()).args(arguments.split(' ')).output().expect("rcsim starts");
    fs::write(folder.join("results.json"), run.stdout).expect("a writable folder");
}

fn plot(folder: &Path, arguments: &str) -> Output {
    cases::rcsim(folder).args(arguments.split(' ')).output().expect("rcsim starts")
}

const RUNS: &str = "run --format json --arch all --epoch go1.19,go1.27 workloads/quickstart.toml workloads/abi/reflectcall-64.toml workloads/abi/reflectcall-4k.toml";

#[test]
fn pictures_are_the_same_each_time_and_well_formed() {
    let folder = cases::scratch("plots");
    results(&folder, RUNS);
    let drawn = ["one", "two"].map(|name| {
        for arguments in ["--format svg", "--only copying"] {
            let output = plot(&folder, &format!("plot results.json -o {name} {arguments}"));
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let files =
            fs::read_dir(folder.join(name)).expect("a folder").map(|entry| entry.expect("an entry").path());
        let named =
            files.map(|path| (path.file_name().map(ToOwned::to_owned), fs::read(&path).expect("a file")));
        named.collect::<BTreeMap<_, _>>()
    });
    assert_eq!(drawn[0], drawn[1]);
    let names: Vec<String> =
        drawn[0].keys().flatten().map(|name| name.to_string_lossy().into_owned()).collect();
    let plots = [
        "by-size-go1.27.svg",
        "by-phase-go1.27.svg",
        "by-epoch-arm64.svg",
        "per-byte.svg",
        "per-byte.png",
        "coverage-by-epoch.svg",
    ];
    for plot in plots {
        assert!(names.iter().any(|name| name.ends_with(plot)), "{plot}: {names:?}");
    }
    for bytes in drawn[0].values() {
        let whole = bytes.ends_with(b"</svg>\n") || bytes.ends_with(b"IEND\xaeB`\x82");
        assert!(whole, "every picture is whole");
    }
}

#[test]
fn cycles_are_drawn_where_the_results_have_them() {
    let folder = cases::scratch("plots-of-cycles");
    results(
        &folder,
        "run --format json --core skylake,zen4 workloads/quickstart.toml workloads/abi/reflectcall-64.toml workloads/abi/reflectcall-4k.toml",
    );
    let output = plot(&folder, "plot results.json -o plots --only size --unit cycles --format svg");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(folder.join("plots/cycles-by-size-go1.27.svg")).expect("a picture");
    assert!(
        text.contains("warm cycles per call")
            && text.contains("skylake (amd64)")
            && text.contains("zen4 (amd64)")
    );
}

#[test]
fn first_calls_are_drawn_apart_from_warm_ones() {
    let folder = cases::scratch("plots-of-cold-cycles");
    results(
        &folder,
        "run --format json --core skylake workloads/abi/reflectcall-64.toml workloads/abi/reflectcall-4k.toml",
    );
    let output =
        plot(&folder, "plot results.json -o plots --only size,copying --unit cold-cycles --format svg");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = |name: &str| fs::read_to_string(folder.join("plots").join(name)).expect("a picture");
    assert!(read("cold-cycles-by-size-go1.27.svg").contains("cold cycles per call"));
    assert!(read("cold-cycles-per-byte.svg").contains("cold cycles per byte of frame"));
    let document: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("results.json")).expect("results")).expect("JSON");
    let cycles = |call: &str| document["runs"][0]["timing"][0][call]["cycles"].as_u64();
    assert!(cycles("cold") > cycles("warm"), "there is a difference to be seen");
}

#[test]
fn cost_models_share_no_picture_with_processors() {
    let folder = cases::scratch("plots-of-cost-models");
    let sizes = "workloads/abi/reflectcall-64.toml workloads/abi/reflectcall-4k.toml";
    let cores = "--arch wasm,amd64 --core interpreter,baseline-compiler,skylake";
    results(&folder, &format!("run --format json {cores} {sizes}"));
    let output = plot(&folder, "plot results.json -o plots --only size --format svg");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = |name: &str| fs::read_to_string(folder.join("plots").join(name)).expect("a picture");
    let (models, warm) = (read("model-cycles-by-size-go1.27.svg"), read("cycles-by-size-go1.27.svg"));
    assert!(models.contains("interpreter (wasm)") && models.contains("cycles of cost models per call"));
    assert!(!models.contains("skylake"));
    assert!(warm.contains("skylake (amd64)") && !warm.contains("interpreter"));
}

#[test]
fn results_of_a_sweep_are_drawn_and_reported() {
    let folder = cases::scratch("plots-of-a-sweep");
    let spec = "name = \"x\"\narchs = [\"amd64\", \"arm64\"]\nepochs = [\"2020-e021531\", \"go1.27\"]\n\
        cores = [\"zen4\"]\nrepeat = 2\nframe-bytes = [64, 4096]\n[[signatures]]\n\
        types = \"type N struct { next *N; id int }\"\nfunc = \"func(N, *N) (N, *N)\"\n";
    fs::write(folder.join("s.toml"), spec).expect("a writable folder");
    assert!(plot(&folder, "sweep s.toml --out r.jsonl").status.success());
    let output = plot(&folder, "plot r.jsonl -o plots --format svg");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    let plots = [
        "instructions-by-size-go1.27",
        "cycles-by-size-2020-e021531",
        "cold-cycles-by-size-go1.27",
        "instructions-by-phase-go1.27",
        "cycles-by-epoch-zen4-amd64",
        "instructions-per-byte",
        "coverage-by-architecture",
    ];
    for name in plots {
        assert!(names.contains(&format!("plots/{name}.svg\n")), "{name}: {names}");
    }
    let curve = fs::read_to_string(folder.join("plots/instructions-by-size-go1.27.svg")).expect("a picture");
    assert!(curve.contains("\namd64\n") && curve.contains("\narm64\n"), "{curve}");

    assert!(plot(&folder, "report r.jsonl -o r.html").status.success());
    let page = fs::read_to_string(folder.join("r.html")).expect("a page");
    let at = page.find("error[RC0101]").expect("the finding of that epoch");
    let (_, replay) = page[at..].split_once("= replay: rcsim ").expect("a command");
    let replay = replay.split(['\n', '<']).next().expect("a line");
    let again = plot(&folder, replay);
    assert!(String::from_utf8_lossy(&again.stdout).contains("error[RC0101]"), "{replay}");
}

#[test]
fn what_results_lack_is_named_with_the_command_that_has_it() {
    let folder = cases::scratch("plots-lacking");
    results(&folder, "run --format json --arch arm64 workloads/quickstart.toml");
    for (plot_name, command) in [
        ("--only size", "rcsim run --arch all --format json workloads/abi"),
        ("--only epochs", "rcsim run --arch all --epoch all --format json workloads"),
        ("--unit cycles", "rcsim run --core CORE --format json workloads/abi"),
    ] {
        let output = plot(&folder, &format!("plot results.json -o plots {plot_name}"));
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(errors.contains("the results lack") && errors.contains(command), "{errors}");
        assert!(!folder.join("plots").exists(), "nothing is written");
    }
}

#[test]
fn bad_results_are_refused_and_leave_nothing_behind() {
    let folder = cases::scratch("plots-of-nonsense");
    results(&folder, "run --format json --arch arm64 workloads/quickstart.toml");
    let good = fs::read_to_string(folder.join("results.json")).expect("results");
    let cases = [
        ("truncated", good[..good.len() / 2].to_owned(), "truncated"),
        ("empty", String::new(), "truncated"),
        (
            "newer",
            good.replacen("\"schema_version\": 1", "\"schema_version\": 99", 1),
            "schema version is 99",
        ),
        ("foreign", "{\"schema\": \"other\"}".to_owned(), "no `schema` that rcsim writes"),
        ("text", "pass  workloads/quickstart.toml".to_owned(), "line 1, column"),
        ("damaged", good.replacen("\"runs\": [", "\"runs\": [7,", 1), "expected struct Run"),
    ];
    for (name, text, expected) in &cases {
        fs::write(folder.join("bad.json"), text).expect("a writable folder");
        for command in ["plot bad.json -o out", "report bad.json -o out.html"] {
            let output = plot(&folder, command);
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{name}: {errors}");
            assert!(errors.contains(expected) && errors.contains("bad.json"), "{name}: {errors}");
        }
    }
    fs::write(folder.join("file"), "x").expect("a writable folder");
    for command in [
        "plot results.json -o file/plots",
        "report results.json -o missing/out.html",
        "report results.json -o .",
    ] {
        let output = plot(&folder, command);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(errors.contains("cannot write"), "{errors}");
    }
    let mut left: Vec<_> =
        fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
    left.sort();
    assert_eq!(left, ["bad.json", "file", "results.json"]);
}
