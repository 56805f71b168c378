//! Templates of instructions, and what becomes of them with chosen operands.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use object::{Object, ObjectSection, ObjectSymbol};
use rcsim_tests::oracle::arch::ArchOracle;
use rcsim_tests::oracle::llvm::assemble_object;
use rcsim_tests::oracle::{require, workspace_root};

use super::random::Random;

/// The file of one architecture.
#[derive(Default)]
pub struct CaseFile {
    /// Registers that hold an address in the page of memory.
    pub pointers: Vec<String>,
    prelude: String,
    classes: BTreeMap<String, Vec<String>>,
    templates: Vec<Template>,
}

struct Template {
    text: String,
    undefined: Vec<String>,
    features: Vec<String>,
}

/// A template with chosen operands.
pub struct Snippet {
    /// The assembly.
    pub text: String,
    /// Its code.
    pub code: Vec<u8>,
    /// CPU features that it needs.
    pub features: Vec<String>,
    /// Flags that it leaves undefined.
    pub undefined: Vec<String>,
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

impl CaseFile {
    /// The file of an architecture, if it has one.
    pub fn load(arch: &ArchOracle) -> Option<Self> {
        let own = format!("{}.cases", arch.goarch);
        let name = arch.probe.as_ref().and_then(|probe| probe.cases.as_deref()).unwrap_or(&own);
        let mut families = fs::read_dir(workspace_root().join("isa")).expect("the project has this folder");
        let folder = families.find_map(|family| {
            let folder = family.expect("a readable folder").path().join("oracle");
            folder.join(name).is_file().then_some(folder)
        })?;
        let mut file = Self::default();
        file.take(&folder, name);
        Some(file)
    }

    /// Add what a file says; what it includes comes first.
    fn take(&mut self, folder: &Path, name: &str) {
        let path = folder.join(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut features = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.split_once(' ') {
                Some(("include", rest)) => self.take(folder, rest),
                Some(("prelude", rest)) => self.prelude = format!("{rest}\n"),
                Some(("pointer", rest)) => self.pointers = words(rest),
                Some(("feature", rest)) => features = words(rest),
                Some(("class", rest)) => {
                    let mut names = words(rest);
                    let name = names.remove(0);
                    self.classes.insert(name, names);
                }
                _ => {
                    let (text, undefined) = line.split_once(" ! ").unwrap_or((line, ""));
                    self.templates.push(Template {
                        text: text.to_owned(),
                        undefined: words(undefined),
                        features: features.clone(),
                    });
                }
            }
        }
    }

    /// Every template with several choices of operands; one without placeholders once.
    pub fn assembled(&self, arch: &ArchOracle, variants: usize, random: &mut Random) -> Vec<Snippet> {
        let mut snippets = Vec::new();
        for template in &self.templates {
            let variants = if template.text.contains('{') { variants } else { 1 };
            for _ in 0..variants {
                snippets.push(Snippet {
                    text: self.filled(&template.text, random),
                    code: Vec::new(),
                    features: template.features.clone(),
                    undefined: template.undefined.clone(),
                });
            }
        }
        self.assemble(arch, &mut snippets);
        snippets
    }

    fn filled(&self, text: &str, random: &mut Random) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, tail)) = rest.split_once('{') {
            let (name, after) = tail.split_once('}').expect("a placeholder is closed");
            out += before;
            out += &self.operand(name, random);
            rest = after;
        }
        out + rest
    }

    fn operand(&self, name: &str, random: &mut Random) -> String {
        match name {
            "i8" => (random.next() as i8).to_string(),
            "i32" => (random.value() as i32).to_string(),
            "i64" => (random.value() as i64).to_string(),
            "n7" => (random.next() as u8 >> 1).to_string(),
            "n8" => (random.next() as u8).to_string(),
            "d" => (random.below(1024) as i64 - 512).to_string(),
            _ => {
                let class = self.classes.get(name).unwrap_or_else(|| panic!("no class {name}"));
                random.one_of(class).clone()
            }
        }
    }

    /// Assemble all in one go; a symbol marks where each begins.
    fn assemble(&self, arch: &ArchOracle, snippets: &mut [Snippet]) {
        let mut assembly = self.prelude.clone();
        for (index, snippet) in snippets.iter().enumerate() {
            assembly += &format!("case_{index}:\n{}\n", snippet.text.replace(';', "\n"));
        }
        let object = require(assemble_object(arch, &assembly));
        let object = object::File::parse(&*object).expect("the assembler writes object files");
        let section = object.section_by_name(".text").expect("it has code");
        let code = section.data().expect("code has bytes");
        let mut starts: Vec<usize> = vec![code.len(); snippets.len() + 1];
        for symbol in object.symbols() {
            let number =
                symbol.name().ok().and_then(|name| name.strip_prefix("case_")?.parse::<usize>().ok());
            if let Some(number) = number {
                starts[number] = symbol.address() as usize;
            }
        }
        for (snippet, range) in snippets.iter_mut().zip(starts.windows(2)) {
            snippet.code = code[range[0]..range[1]].to_vec();
        }
    }
}
