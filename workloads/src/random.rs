//! Random types and workloads, the same for the same seed: input for comparisons with real toolchains.
//!
//! The types lean towards what decides how arguments travel: small structs, arrays of zero and one element, more values
//! than there are registers.

use crate::workload::Workload;
use rcsim_diag::{Diagnostics, Source};

/// Declared types that a random workload may use, and the methods that it may call.
const DECLARED: &str = "\
type Node struct { next *Node; id int; Few }
type Few struct { a float32; b []string }
type Kind uint8
type Ref struct { node *Node }
type Shape interface { Area() Kind }
func (f *Few) Area() Kind
";

const NAMED: [&str; 5] = ["Node", "Few", "Shape", "Kind", "Ref"];

/// Receivers of random methods: a pointer, structs that do and do not fit a word, a scalar.
const RECEIVERS: [&str; 4] = ["*Node", "Few", "Ref", "Kind"];

const LEAVES: [&str; 17] = [
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "int",
    "uint8",
    "uint16",
    "uintptr",
    "float32",
    "float64",
    "complex64",
    "complex128",
    "string",
    "unsafe.Pointer",
    "any",
    "error",
];

/// What happens in a callee before it returns, and how often it is nothing.
const ACTIONS: [&str; 5] = [
    "{ grow-stack = 6000 }, ",
    "{ grow-stack = 40000 }, ",
    "\"clobber-registers\", ",
    "{ allocate = 100 }, ",
    "\"clobber-registers\", { grow-stack = 9000 }, ",
];

/// Random numbers and type texts.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The sequence of this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Sequence number `number` of this seed; different numbers have nothing in common.
    #[must_use]
    pub const fn nth(seed: u64, number: u64) -> Self {
        // The finaliser of the SplitMix64 generator spreads neighbouring numbers.
        let mut z = seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self(z ^ (z >> 31))
    }

    /// A number below a limit, which is not 0.
    pub const fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// One of a list that is not empty.
    fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len() as u64) as usize]
    }

    /// The text of a type, which may use declared types by name. At `depth` 4 it has no parts.
    pub fn type_text(&mut self, named: &[&str], depth: u32) -> String {
        let deeper = depth + 1;
        match if depth > 3 { 0 } else { self.below(10) } {
            0..3 => {
                let index = self.below((LEAVES.len() + named.len()) as u64) as usize;
                let name = LEAVES.get(index).or_else(|| named.get(index - LEAVES.len()));
                name.copied().unwrap_or("int").to_owned()
            }
            3 => format!("*{}", self.type_text(named, deeper)),
            4 => format!("[]{}", self.type_text(named, deeper)),
            5 => format!("[{}]{}", self.below(4), self.type_text(named, deeper)),
            6 => format!("map[string]{}", self.type_text(named, deeper)),
            7 => format!(
                "func({}, ...{}) {}",
                self.type_text(named, deeper),
                self.type_text(named, deeper),
                self.type_text(named, deeper)
            ),
            _ => {
                let fields: Vec<String> = (0..self.below(6))
                    .map(|index| format!("f{index} {}", self.type_text(named, deeper)))
                    .collect();
                format!("struct {{ {} }}", fields.join("; "))
            }
        }
    }

    /// The types of parameters: of any kind, or many of a kind, so that registers run out.
    fn params(&mut self) -> Vec<String> {
        match self.below(4) {
            0 => (0..self.below(24)).map(|_| self.one_of(&LEAVES).to_owned()).collect(),
            1 => (0..self.below(12)).map(|_| self.flat_struct()).collect(),
            _ => (0..self.below(9)).map(|_| self.type_text(&NAMED, 0)).collect(),
        }
    }

    /// A struct of one to four scalars, the kind that fits registers as long as there are some.
    fn flat_struct(&mut self) -> String {
        let fields = (0..=self.below(4)).map(|index| format!("f{index} {}", self.one_of(&LEAVES)));
        format!("struct {{ {} }}", fields.collect::<Vec<_>>().join("; "))
    }
}

/// The text of random workload `number` of a seed: called in any of the three ways of `reflect`, by a callee that mostly
/// returns its arguments.
#[must_use]
pub fn workload_text(seed: u64, number: u64) -> String {
    let mut random = Random::nth(seed, number);
    let mut params = random.params();
    let count = random.below(params.len() as u64 + 1) as usize;
    let results = params[..count].join(", ");
    if random.below(4) == 0 {
        params.push(format!("...{}", random.type_text(&NAMED, 2)));
    }
    let params = params.join(", ");
    let receiver = random.one_of(&RECEIVERS);
    let call = match random.below(4) {
        0 => format!("call = 'make-func'\nfunc = 'func({params}) ({results})'"),
        1 => format!("call = 'method-value'\nreceiver = '{receiver}'\nmethod = 'Random'"),
        _ => format!("call = 'value-call'\nfunc = 'func({params}) ({results})'"),
    };
    let actions = if random.below(6) == 0 { random.one_of(&ACTIONS) } else { "" };
    let outcome = if random.below(10) == 0 { "drop-args" } else { "return-args" };
    format!(
        "name = 'random {number}'\n{call}\ncallee = [{actions}\"{outcome}\"]\ntypes = \"\"\"\n\
         {DECLARED}func (r {receiver}) Random({params}) ({results})\n\"\"\"\n"
    )
}

/// Random workload `number` of a seed.
///
/// # Errors
/// When the text is wrong, which is a mistake here.
pub fn workload(seed: u64, number: u64) -> Result<Workload, Diagnostics> {
    Workload::parse(&Source::new(
        format!("random workload {number} of seed {seed:#x}"),
        workload_text(seed, number),
    ))
}
