//! An instruction behind a CPU feature that the guest does not report is refused by name: the error says which instruction
//! it is and which feature it belongs to. `isa/FAMILY/oracle/GOARCH.gaps` lists some for each port.

use std::fs;

use rcsim_tests::oracle::workspace_root;
use rcsim_uop::port::Program;
use rcsim_uop::{BlockBuilder, CodeView, Isa, LiftError, Port};

/// One instruction of a list.
struct Gap {
    bytes: Vec<u8>,
    feature: String,
    opening: String,
}

struct Code(Vec<u8>);

impl CodeView for Code {
    fn fetch(&self, pc: u64, out: &mut [u8]) -> usize {
        let rest = self.0.get(pc as usize..).unwrap_or_default();
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        count
    }

    fn hook(&self, _pc: u64) -> Option<u32> {
        None
    }
}

/// The list of a port: bytes in hexadecimal, the feature, how the text begins.
fn gaps(goarch: &str) -> Vec<Gap> {
    let families = fs::read_dir(workspace_root().join("isa")).expect("the project has this folder");
    let lists = families.filter_map(|family| {
        let folder = family.expect("a readable folder").path().join("oracle");
        fs::read_to_string(folder.join(format!("{goarch}.gaps"))).ok()
    });
    let lines: Vec<String> =
        lists.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    lines.iter().filter(|line| !line.starts_with('#') && !line.is_empty()).map(|line| parse(line)).collect()
}

fn parse(line: &str) -> Gap {
    let mut words = line.splitn(3, ' ');
    let mut next = || words.next().unwrap_or_else(|| panic!("`{line}` has three parts"));
    let digits = next();
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("bytes are in hexadecimal");
    let bytes = (0..digits.len()).step_by(2).map(byte).collect();
    Gap { bytes, feature: next().to_owned(), opening: next().to_owned() }
}

fn problem(isa: &dyn Isa, gap: &Gap) -> Option<String> {
    let mut out = BlockBuilder::new(0, isa.regs().temps());
    let error = isa.lift(&Code(gap.bytes.clone()), 0, &mut out);
    let Err(error) = error else { return Some("is lifted".to_owned()) };
    let LiftError::Unsupported { text, feature, .. } = &error else { return Some(error.to_string()) };
    let named = *feature == Some(gap.feature.as_str()) && text.starts_with(&gap.opening);
    let said = error.to_string();
    (!named || !said.contains(&gap.opening) || !said.contains(&gap.feature)).then_some(said)
}

fn problems(port: &dyn Port) -> (usize, Vec<String>) {
    let gaps = gaps(port.goarch());
    if gaps.is_empty() {
        return (0, Vec::new());
    }
    let isa = port.isa(&[], Program { base: 0, file: &[] }).expect("the baseline exists");
    let told =
        |gap: &Gap| problem(&*isa, gap).map(|said| format!("{} {}: {said}", port.goarch(), gap.opening));
    (gaps.len(), gaps.iter().filter_map(told).collect())
}

#[test]
fn instruction_and_feature_are_named() {
    let mut listed = 0;
    let mut wrong = Vec::new();
    for port in rcsim_isa::ports() {
        let (count, problems) = problems(port);
        listed += count;
        wrong.extend(problems);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(listed > 0, "no port has a list");
}
