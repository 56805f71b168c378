//! Every instruction in the text of real Go programs is decoded as llvm-objdump decodes it: same length, same text.
//!
//! The ports are those with a file `isa/FAMILY/oracle/GOARCH.aliases`, which lists where both say the same in other words.
//! LLVM's decoder shares nothing with rcsim's.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use rcsim_tests::oracle::go::{Go, GoBuild, Toolchain};
use rcsim_tests::oracle::run::{Limits, run_command};
use rcsim_tests::oracle::{require, workspace_root};
use rcsim_uop::port::Program;
use rcsim_uop::{CodeView, Isa, Port};

/// One line of llvm-objdump.
struct Line {
    address: u64,
    bytes: Vec<u8>,
    text: String,
}

impl CodeView for Line {
    fn fetch(&self, pc: u64, out: &mut [u8]) -> usize {
        let from =
            pc.checked_sub(self.address).and_then(|at| self.bytes.get(at as usize..)).unwrap_or_default();
        let count = from.len().min(out.len());
        out[..count].copy_from_slice(&from[..count]);
        count
    }

    fn hook(&self, _pc: u64) -> Option<u32> {
        None
    }
}

/// What both may call by other words.
#[derive(Default)]
struct Aliases {
    options: Vec<String>,
    openings: Vec<(String, String)>,
    by_first_word: Vec<(String, String)>,
    /// Bits of a number that count, where constants are compared in any base.
    number_bits: Option<u32>,
    words: Vec<(String, String)>,
    replaced: Vec<(String, String)>,
}

fn pair(text: &str) -> (String, String) {
    let (first, second) = text.split_once(' ').unwrap_or((text, text));
    (first.to_owned(), second.to_owned())
}

impl Aliases {
    fn of(goarch: &str) -> Option<Self> {
        let families = fs::read_dir(workspace_root().join("isa")).expect("the project has this folder");
        let text = families
            .filter_map(|family| {
                let folder = family.expect("a readable folder").path().join("oracle");
                fs::read_to_string(folder.join(format!("{goarch}.aliases"))).ok()
            })
            .next()?;
        let mut aliases = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(option) = line.strip_prefix("option ") {
                aliases.options.push(option.to_owned());
            } else if let Some(bits) = line.strip_prefix("numbers ") {
                aliases.number_bits = Some(bits.parse().expect("a number of bits"));
            } else if let Some(words) = line.strip_prefix("word ") {
                aliases.words.push(pair(words));
            } else if let Some(pieces) = line.strip_prefix("replace ") {
                aliases.replaced.push(pair(pieces));
            } else if let Some(words) = line.strip_prefix("~ ") {
                aliases.by_first_word.push(pair(words));
            } else if let Some((ours, theirs)) = line.split_once(" => ") {
                aliases.openings.push((ours.replace('_', " "), theirs.replace('_', " ")));
            }
        }
        Some(aliases)
    }

    fn agree(&self, ours: &str, theirs: &str) -> bool {
        let first_word = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
        let translated =
            |(from, to): &(String, String)| Some(format!("{to}{}", ours.strip_prefix(from.as_str())?));
        ours == theirs
            || self.openings.iter().filter_map(translated).any(|ours| ours == theirs)
            || self.by_first_word.contains(&(first_word(ours), first_word(theirs)))
    }

    /// A text in the form that both are brought to before they are compared.
    fn plain(&self, text: &str) -> String {
        let Some(bits) = self.number_bits else { return text.to_owned() };
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            out.push_str(&rest[..start]);
            rest = &rest[start..];
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            self.put(&mut out, &rest[..end], bits);
            rest = &rest[end..];
        }
        let out = (out + rest).replace(", ", ",").replace('#', "");
        self.replaced.iter().fold(out, |text, (from, to)| text.replace(from, to))
    }

    /// Append a word: a number without its sign and base, a register by one of its names.
    fn put(&self, out: &mut String, word: &str, bits: u32) {
        let Some(value) = number(word) else {
            let alias = self.words.iter().find(|(from, _)| from == word);
            return out.push_str(alias.map_or(word, |(_, to)| to));
        };
        let negative = out.ends_with('-');
        if negative {
            out.pop();
        }
        let value = if negative { value.wrapping_neg() } else { value };
        out.push_str(&(value & (u64::MAX >> (64 - bits))).to_string());
    }
}

fn number(word: &str) -> Option<u64> {
    match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => word.parse().ok(),
    }
}

/// Without comments, names of symbols and repeated blanks, and with constants in one form.
fn normal(text: &str) -> String {
    let text = text.split("# ").next().unwrap_or_default();
    let text = text.split("//").next().unwrap_or_default();
    let text = text.split(" @ ").next().unwrap_or_default();
    let text = text.split(" <").next().unwrap_or_default();
    let words: Vec<String> = text.split_whitespace().map(constant).collect();
    words.join(" ").replace("{ ", "{").replace(" }", "}")
}

/// A constant after `#`, which some syntaxes have, in decimal.
fn constant(word: &str) -> String {
    let Some((before, rest)) = word.split_once('#') else { return word.to_owned() };
    let end = rest.find([',', ']', '}', '!']).unwrap_or(rest.len());
    let (number, after) = rest.split_at(end);
    let (negative, digits) = number.strip_prefix('-').map_or((false, number), |digits| (true, digits));
    let value = match digits.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    };
    match (value, digits.parse::<f64>()) {
        (Some(value), _) if negative => format!("{before}#{}{after}", (value as i64).wrapping_neg()),
        (Some(value), _) => format!("{before}#{}{after}", value as i64),
        (None, Ok(value)) => format!("{before}#{}{value:?}{after}", if negative { "-" } else { "" }),
        (None, Err(_)) => word.to_owned(),
    }
}

/// The bytes of an instruction: one by one, or as a little-endian word.
fn code(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for word in text.split_whitespace() {
        let number = u32::from_str_radix(word, 16).ok()?;
        bytes.extend_from_slice(&number.to_le_bytes()[..word.len() / 2]);
    }
    Some(bytes)
}

fn parse(line: &str) -> Option<Line> {
    let (address, rest) = line.split_once(':')?;
    let address = u64::from_str_radix(address.trim(), 16).ok()?;
    let (bytes, text) = rest.trim_start().split_once('\t')?;
    // Constants between functions are no instructions.
    let known = !text.contains("<unknown>");
    known.then_some(Line { address, bytes: code(bytes)?, text: normal(text) })
}

/// The lines of a program; a prefix that stands on a line of its own is put together with what follows.
fn listing(program: &PathBuf, options: &[String]) -> Vec<Line> {
    let mut command = Command::new("llvm-objdump-19");
    command.arg("--disassemble").args(options).arg(program);
    let limits = Limits { time: Duration::from_secs(120) };
    let output = require(run_command(command, "llvm-objdump-19", limits));
    let text = require(output.success("disassembling"));
    let mut lines: Vec<Line> = Vec::new();
    let mut prefix: Option<Line> = None;
    for mut line in text.lines().filter_map(parse) {
        if let Some(Line { address, bytes, text }) = prefix.take() {
            line =
                Line { address, bytes: [bytes, line.bytes].concat(), text: format!("{text} {}", line.text) };
        }
        if line.text == "lock" { prefix = Some(line) } else { lines.push(line) }
    }
    lines
}

/// The kinds of difference: how often, and one example.
fn differences(isa: &dyn Isa, lines: &[Line], aliases: &Aliases) -> BTreeMap<String, (usize, String)> {
    let mut found = BTreeMap::new();
    for line in lines {
        let (len, ours) = match isa.disasm(line, line.address) {
            Ok(disasm) => (usize::from(disasm.len), normal(&disasm.text)),
            Err(error) => (0, error.to_string()),
        };
        if len != line.bytes.len() || !aliases.agree(&aliases.plain(&ours), &aliases.plain(&line.text)) {
            let kind = line.text.split(' ').next().unwrap_or_default().to_owned();
            let example = format!("{:#x}: `{ours}` is `{}` to LLVM", line.address, line.text);
            found.entry(kind).or_insert((0, example)).0 += 1;
        }
    }
    found
}

fn check(port: &dyn Port, toolchain: Toolchain, aliases: &Aliases) -> Vec<String> {
    let go = require(Go::find(toolchain));
    let sample = workspace_root().join("tests").join("go").join("sample");
    let program = require(go.build(&GoBuild::linux(port.goarch(), sample)));
    let isa = port.isa(&[], Program { base: 0, file: &[] }).expect("the baseline exists");
    let lines = listing(&program, &aliases.options);
    assert!(lines.len() > 100_000, "{} {toolchain}: only {} instructions", port.goarch(), lines.len());
    let found = differences(&*isa, &lines, aliases);
    found
        .into_iter()
        .map(|(kind, (count, example))| {
            format!("{} {toolchain}: {kind} {count} times: {example}", port.goarch())
        })
        .collect()
}

#[test]
fn equals_that_of_llvm() {
    let mut found = Vec::new();
    let mut ports = 0;
    for port in rcsim_isa::ports() {
        let Some(aliases) = Aliases::of(port.goarch()) else { continue };
        ports += 1;
        found.extend(Toolchain::ALL.into_iter().flat_map(|toolchain| check(port, toolchain, &aliases)));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(ports > 0, "no port has aliases");
}
