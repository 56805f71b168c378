//! Bad input never panics: workloads with random damage are read, and never blamed on rcsim.

use std::path::Path;

use rcsim_diag::{Class, Colour, Source};
use rcsim_workloads::Workload;

/// The seed of the damage; change it to look at other damage.
const SEED: u64 = 0xdead;

/// How often each text is damaged.
const ROUNDS: usize = 150;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }

    /// The text with one to four pieces removed, doubled, or replaced.
    fn damage(&mut self, text: &str) -> String {
        const PIECES: [&str; 24] = [
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "*",
            "func",
            "type",
            "struct",
            "interface",
            "...",
            "=",
            "\"",
            "\"\"\"",
            "\\u00e9",
            "é",
            "9999999999999999999999",
            "-",
            "<-",
            "chan",
            "map",
            "int",
            ".",
        ];
        let mut letters: Vec<char> = text.chars().collect();
        for _ in 0..=self.below(4) {
            let at = self.below(letters.len() + 1);
            let end = (at + self.below(9)).min(letters.len());
            let piece: Vec<char> = match self.below(3) {
                0 => Vec::new(),
                1 => letters[at..end].iter().chain(&letters[at..end]).copied().collect(),
                _ => PIECES[self.below(PIECES.len())].chars().collect(),
            };
            letters.splice(at..end, piece);
        }
        letters.into_iter().collect()
    }
}

/// Reads everything that a run would read of a workload.
fn read(text: &str) {
    let result = Workload::parse(&Source::new("w.toml", text))
        .and_then(|workload| workload.expected(&workload.arguments(4)?).map(|_| ()));
    if let Err(errors) = result {
        let report = errors.render(Colour::Never);
        assert_ne!(errors.class(), Some(Class::Bug), "{text}\n{report}");
        assert!(report.contains("w.toml"), "a report without a place:\n{text}\n{report}");
    }
}

fn texts() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    let mut paths: Vec<_> = std::fs::read_dir(root.join("abi"))
        .expect("the folder of the workloads")
        .map(|entry| entry.expect("a directory entry").path())
        .collect();
    paths.sort();
    for path in paths {
        texts.push(std::fs::read_to_string(path).expect("a readable file"));
    }
    for file in ["types.txt", "calls.txt", "values.txt", "toml.txt"] {
        let cases = std::fs::read_to_string(root.join("tests/errors").join(file)).expect("a readable file");
        let head = "name = \"x\"\ncall = \"value-call\"\ncallee = \"drop-args\"\n";
        let inputs =
            cases.split("=== ").skip(1).filter_map(|case| case.split_once('\n')?.1.split_once("---\n"));
        texts.extend(inputs.map(|(workload, _)| workload.replace("#rest\n", head)));
    }
    texts
}

#[test]
fn damaged_workloads_are_reported_and_nothing_panics() {
    let mut random = Random(SEED);
    let texts = texts();
    assert!(texts.len() > 200, "only {} texts", texts.len());
    for text in texts {
        for _ in 0..ROUNDS {
            read(&random.damage(&text));
        }
    }
}

#[test]
fn texts_made_to_be_expensive_end_soon() {
    let head = "name = \"x\"\ncall = \"value-call\"\ncallee = \"drop-args\"\n";
    let doubling: String = (0..60).map(|n| format!("type E{n} struct {{ a, b E{} }}\n", n + 1)).collect();
    let chain: String = (0..900).map(|n| format!("type C{n} struct {{ c C{} }}\n", n + 1)).collect();
    let aliases: String = (0..900).map(|n| format!("type A{n} = A{}\n", n + 1)).collect();
    for (types, func) in [
        (format!("{doubling}type E60 struct {{}}\n"), "func(E0)"),
        (format!("{chain}type C900 int\n"), "func(C0)"),
        (format!("{aliases}type A900 int\n"), "func(A0)"),
        (String::new(), "func([1<<40]struct{})"),
        (String::new(), "func([1<<62][1<<62][1<<62]int)"),
        (String::new(), "func([1<<28]*int)"),
    ] {
        read(&format!("{head}types = \"\"\"\n{types}\"\"\"\nfunc = \"{func}\"\n"));
    }
    let brackets = "[".repeat(100_000);
    read(&format!("{head}func = \"func({brackets})\"\n"));
    read(&format!("{head}func = \"func(int)\"\nargs = [\"{}1\"]\n", "-".repeat(100_000)));
    read(&format!(
        "{head}func = \"func(int)\"\nargs = [\"{}1{}\"]\n",
        "(".repeat(50_000),
        ")".repeat(50_000)
    ));
    read(&format!("a = {}", "[".repeat(100_000)));
}
