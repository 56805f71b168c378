//! Formats beside their schemas: ours, and those that others publish.
//!
//! The validators are Debian's `xmllint` and Python's `jsonschema`; the schemas of others are where `tests/oracles/install.sh`
//! puts them. A test that cannot reach them fails when `CI` is set and says so otherwise.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cases;
use crate::check::{rcsim, root};

/// Checks documents against a schema: `schema document…`. A name that ends in `.toml` is TOML, `.jsonl` JSON lines without the first.
const VALIDATE: &str = r#"
import json, sys, tomllib
from jsonschema import validators
schema = json.load(open(sys.argv[1]))
cls = validators.validator_for(schema)
cls.check_schema(schema)
wrong = 0
for path in sys.argv[2:]:
    text = open(path, "rb").read().decode()
    if path.endswith(".toml"): documents = [tomllib.loads(text)]
    elif path.endswith(".jsonl"): documents = [json.loads(line) for line in text.splitlines()[1:]]
    else: documents = [json.loads(text)]
    for document in documents:
        for error in cls(schema).iter_errors(document):
            wrong += 1
            print(path, list(error.path), error.message[:300])
sys.exit(1 if wrong else 0)
"#;

fn lacking(what: &str) {
    let message = format!("{what} is not there: run tests/oracles/install.sh");
    assert!(env::var_os("CI").is_none(), "{message}");
    eprintln!("NOT TESTED: {message}");
}

/// What a validator says: nothing when it is satisfied.
fn validate(schema: &Path, documents: &[PathBuf]) -> Option<String> {
    let present = Command::new("python3").args(["-c", "import jsonschema, tomllib"]).output();
    if !present.is_ok_and(|output| output.status.success()) {
        lacking("Python's jsonschema");
        return Some(String::new());
    }
    let mut command = Command::new("python3");
    let output = command.args(["-W", "ignore", "-c", VALIDATE]).arg(schema).args(documents).output();
    let output = output.expect("python3 starts");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn valid(schema: &Path, documents: &[PathBuf]) {
    let said = validate(schema, documents).unwrap_or_default();
    assert!(said.is_empty(), "{said}");
}

fn published(name: &str) -> Option<PathBuf> {
    let path = root().join("target/oracles/schemas").join(name);
    if !path.is_file() {
        lacking(name);
        return None;
    }
    Some(path)
}

/// The file of one of our own schemas.
fn own(folder: &Path, name: &str) -> PathBuf {
    let output = rcsim(folder, &format!("schema {name}"));
    assert!(output.status.success());
    let path = folder.join(format!("{name}.schema"));
    fs::write(&path, &output.stdout).expect("a writable target folder");
    path
}

fn workloads(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of workloads") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            workloads(&path, found);
        } else if name.ends_with(".toml") && name != "Cargo.toml" && name != "defects.toml" {
            found.push(path);
        }
    }
}

/// The core files of all families.
fn core_files() -> Vec<PathBuf> {
    let families = fs::read_dir(root().join("isa")).expect("the folder of families");
    let folders =
        families.filter_map(|entry| fs::read_dir(entry.expect("an entry").path().join("cores")).ok());
    folders.flatten().map(|entry| entry.expect("an entry").path()).collect()
}

const WRONG: &str = "name = \"<x> & 'y'\"\ncall = \"value-call\"\nfunc = \"func(int) int\"\nargs = [\"7\"]\n\
    callee = \"return-args\"\n[expect]\nresults = [\"8\"]\n";

#[test]
fn reports_fit_the_schemas_that_others_publish() {
    let folder = cases::scratch("published-schemas");
    fs::write(folder.join("wrong & more.toml"), WRONG).expect("a writable target folder");
    let unknown = WRONG.replace("results = [\"8\"]", "findings = [{ code = \"RC9999\" }]");
    fs::write(folder.join("unusable.toml"), unknown).expect("a writable target folder");
    let all = root().join("workloads/abi").display().to_string();
    let output = rcsim(
        &folder,
        &format!("check --arch arm64,wasm --epoch go1.27 --junit j.xml --sarif s.json . {all}"),
    );
    assert_eq!(output.status.code(), Some(3), "the gravest is a finding that is not looked for");
    if let Some(schema) = published("sarif-2.1.0.json") {
        valid(&schema, &[folder.join("s.json")]);
    }
    if let Some(schema) = published("junit-10.xsd") {
        let mut command = Command::new("xmllint");
        let output = command.args(["--noout", "--schema"]).arg(schema).arg(folder.join("j.xml")).output();
        let output = output.expect("xmllint starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn results_and_inputs_fit_our_own_schemas() {
    let folder = cases::scratch("own-schemas");
    let mut files = Vec::new();
    workloads(&root().join("workloads"), &mut files);
    assert!(files.len() > 100);
    valid(&own(&folder, "workload"), &files);

    let cores = core_files();
    assert!(cores.len() >= 13);
    valid(&own(&folder, "core"), &cores);

    let sweeps = fs::read_dir(root().join("sweeps")).expect("the folder of sweeps");
    let sweeps: Vec<PathBuf> = sweeps.map(|entry| entry.expect("an entry").path()).collect();
    valid(&own(&folder, "sweep"), &sweeps);
    let frames = root().join("sweeps/frames.toml").display().to_string();
    rcsim(&folder, &format!("sweep {frames} --out r.jsonl"));
    valid(&own(&folder, "sweep-line"), &[folder.join("r.jsonl")]);

    fs::write(folder.join("wrong.toml"), WRONG).expect("a writable target folder");
    let arguments =
        "check --format json --arch arm64 --epoch go1.27 --core neoverse-n1 --bless --baseline b.json";
    let output = rcsim(&folder, &format!("{arguments} wrong.toml"));
    fs::write(folder.join("results.json"), output.stdout).expect("a writable target folder");
    valid(&own(&folder, "results"), &[folder.join("results.json")]);
    valid(&own(&folder, "baseline"), &[folder.join("b.json")]);
}

#[test]
fn our_schemas_refuse_what_the_reader_refuses() {
    let folder = cases::scratch("refused-by-schemas");
    let good = WRONG.replace("\"8\"", "\"7\"");
    let mistakes = [
        good.replace("callee", "calle"),
        good.replace("value-call", "value-cal"),
        good.replace("\"return-args\"", "\"return-arg\""),
        good.replace("[expect]", "[gc]\nbarrier = \"x\"\n[expect]"),
        good.clone() + "findings = [{ code = \"101\" }]\n",
        good.clone() + "[[patch]]\nwith = \"nop\"\n",
        good.replace("name =", "names ="),
    ];
    let schema = own(&folder, "workload");
    for (n, text) in mistakes.iter().enumerate() {
        let file = folder.join(format!("{n}.toml"));
        fs::write(&file, text).expect("a writable target folder");
        assert!(validate(&schema, &[file]).is_some(), "the schema accepts\n{text}");
        assert_eq!(
            rcsim(&folder, &format!("check {n}.toml")).status.code(),
            Some(2),
            "the reader accepts\n{text}"
        );
    }
}

#[test]
fn the_schema_of_cores_refuses_what_the_reader_refuses() {
    let folder = cases::scratch("cores-refused-by-schema");
    let good = fs::read_to_string(root().join("isa/arm64/cores/cortex-a53.toml")).expect("a core file");
    let mistakes = [
        good.replacen("summary =", "sumary =", 1),
        good.replacen("kind = \"in-order\"", "kind = \"sideways\"", 1),
        good.replacen("kind = \"in-order\"", "kind = \"out-of-order\"", 1),
        good.replacen("kind = \"in-order\"", "kind = \"cost-model\"", 1),
        good.replacen("decode = [", "decode = [0, ", 1),
        good.replacen("\"vendor\"", "\"vendors\"", 1),
        good.replacen("\"load\"", "\"lode\"", 1),
        good.replacen("latency = 1\n", "latency = -1\n", 1),
        good.replacen("[front-end]", "[front-ends]", 1),
        good.replacen("[cache.l1d]", "[cache.l4]", 1),
    ];
    let schema = own(&folder, "core");
    for (n, text) in mistakes.iter().enumerate() {
        assert_ne!(text, &good, "mistake {n}");
        let file = folder.join(format!("{n}.toml"));
        fs::write(&file, text).expect("a writable target folder");
        assert!(validate(&schema, &[file]).is_some(), "the schema accepts mistake {n}");
        let workload = root().join("workloads/quickstart.toml").display().to_string();
        let output = rcsim(&folder, &format!("run --core {n}.toml {workload}"));
        assert_eq!(output.status.code(), Some(2), "the reader accepts mistake {n}");
    }
}

#[test]
fn schemas_that_editors_use_are_those_that_are_printed() {
    for name in ["workload", "sweep", "core", "results", "sweep-line", "baseline"] {
        let printed = rcsim(root(), &format!("schema {name}")).stdout;
        let path = root().join(format!("docs/schemas/{name}.schema.json"));
        if env::var_os("RCSIM_BLESS").is_some() {
            fs::write(&path, &printed).expect("a writable page");
        }
        assert!(
            fs::read(&path).is_ok_and(|text| text == printed),
            "{} is not what is printed",
            path.display()
        );
    }
}

#[test]
fn man_pages_are_there_for_every_subcommand() {
    let folder = cases::scratch("man");
    let whole = String::from_utf8(rcsim(&folder, "man").stdout).expect("text");
    assert!(whole.starts_with(".ie") && whole.contains(".TH rcsim 1"), "{whole}");
    rcsim(&folder, "man --out pages");
    for command in ["run", "check", "sweep", "schema"] {
        let page = fs::read_to_string(folder.join(format!("pages/rcsim-{command}.1"))).expect("a page");
        assert_eq!(page, String::from_utf8_lossy(&rcsim(&folder, &format!("man {command}")).stdout));
        assert!(page.contains("SYNOPSIS"), "{page}");
    }
    let unknown = rcsim(&folder, "man swep");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("did you mean `sweep`?"));
}

#[test]
fn version_tells_toolchain_architectures_and_epochs() {
    let text = String::from_utf8(rcsim(root(), "--version").stdout).expect("text");
    assert!(
        text.starts_with(&format!("rcsim {}\ntoolchain      rustc ", env!("CARGO_PKG_VERSION"))),
        "{text}"
    );
    assert!(text.contains("\narchitectures  ") && text.contains(" go1.27\n"), "{text}");
    assert_eq!(String::from_utf8_lossy(&rcsim(root(), "-V").stdout).lines().count(), 1);
}
