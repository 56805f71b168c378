//! The code of a run: a built-in image or a file, as one list of functions.

use rcsim_uop::epoch::Epoch;
use rcsim_uop::port::{BuiltinFunction, BuiltinImage};

use crate::image::{Abi, Function, Image, Pc};

/// Where code came from.
pub enum Source {
    /// Assembled by rcsim.
    BuiltIn {
        /// The epoch.
        epoch: Epoch,
        /// What was assembled.
        image: BuiltinImage,
    },
    /// Loaded from a file.
    File(Box<Image>),
}

/// One function of the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeFunction {
    /// Go's name without an ABI ending.
    pub name: String,
    /// Address of its first instruction.
    pub entry: u64,
    /// Address behind it.
    pub end: u64,
    /// Whether the compiler generated it to adapt between ABIs.
    pub wrapper: bool,
    /// Whether it takes arguments in registers where the epoch has them; assembly and its kin do not.
    pub internal_abi: bool,
}

/// All functions in order of address.
pub struct Code {
    source: Source,
    functions: Vec<CodeFunction>,
    /// Where each of the functions is in the list of a built-in image.
    built_in: Vec<usize>,
}

impl Code {
    /// The code of a built-in image.
    #[must_use]
    pub fn built_in(epoch: Epoch, image: BuiltinImage) -> Self {
        let start = image.base + u64::from(image.code_offset);
        let functions = image.functions.iter().map(|function| CodeFunction {
            name: function.name.clone(),
            entry: start + u64::from(function.offset),
            end: start + u64::from(function.offset + function.size),
            wrapper: false,
            internal_abi: false,
        });
        let mut functions: Vec<(usize, CodeFunction)> = functions.enumerate().collect();
        functions.sort_by_key(|(_, function)| function.entry);
        let (built_in, functions) = functions.into_iter().unzip();
        Self { source: Source::BuiltIn { epoch, image }, functions, built_in }
    }

    /// The code of a file. `machine_pc` gives the instruction address of a Go PC; functions without one are left out.
    #[must_use]
    pub fn file(image: Image, machine_pc: impl Fn(u64) -> Option<u64>) -> Self {
        let functions = image.functions().flatten().filter_map(|function| {
            let entry = machine_pc(function.entry().0)?;
            let wrapper = function.is_generated();
            Some(CodeFunction {
                name: function.name().to_owned(),
                entry,
                end: machine_pc(function.end().0).unwrap_or(entry),
                wrapper,
                internal_abi: !function.flags().assembly,
            })
        });
        let mut functions: Vec<CodeFunction> = functions.collect();
        functions.sort_by_key(|function| function.entry);
        // Where the end of one is unknown, the start of the next is as good.
        for n in 0..functions.len() {
            let next = functions.get(n + 1).map_or(u64::MAX, |next| next.entry);
            if functions[n].end <= functions[n].entry || functions[n].end > next {
                functions[n].end = next;
            }
        }
        Self { source: Source::File(Box::new(image)), functions, built_in: Vec::new() }
    }

    /// Where it came from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// All functions in order of address.
    #[must_use]
    pub fn functions(&self) -> &[CodeFunction] {
        &self.functions
    }

    /// The function that holds an instruction address.
    #[must_use]
    pub fn at(&self, pc: u64) -> Option<&CodeFunction> {
        self.index_at(pc).map(|index| &self.functions[index])
    }

    /// Its place in the list of functions.
    #[must_use]
    pub fn index_at(&self, pc: u64) -> Option<usize> {
        let index = self.functions.partition_point(|function| function.entry <= pc).checked_sub(1)?;
        (pc < self.functions[index].end).then_some(index)
    }

    /// `name+0x18` of an instruction address, or the bare address where no function is.
    #[must_use]
    pub fn place(&self, pc: u64) -> String {
        match self.at(pc) {
            Some(function) if function.entry == pc => function.name.clone(),
            Some(function) => format!("{}+{:#x}", function.name, pc - function.entry),
            None => format!("{pc:#x}"),
        }
    }

    /// The functions called `name`.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a CodeFunction> {
        self.functions.iter().filter(move |function| function.name == name)
    }

    /// The function written by hand under this name: for assembly the one that is no wrapper.
    #[must_use]
    pub fn own<'a>(&'a self, name: &'a str) -> Option<&'a CodeFunction> {
        self.named(name).find(|function| !function.wrapper).or_else(|| self.named(name).next())
    }

    /// The entry of a compiled function that takes its arguments as compiled callers pass them.
    #[must_use]
    pub fn internal_entry(&self, name: &str) -> Option<u64> {
        let Source::File(image) = &self.source else { return self.own(name).map(|function| function.entry) };
        let candidates = image.functions_named(name);
        let chosen =
            candidates.iter().find(|function| function.abi() == Abi::Internal).or(candidates.first())?;
        self.named(name).nth(self.nth_of(chosen, &candidates)).map(|function| function.entry)
    }

    fn nth_of(&self, chosen: &Function<'_>, candidates: &[Function<'_>]) -> usize {
        candidates.iter().position(|function| function.index() == chosen.index()).unwrap_or(0)
    }

    /// The built-in function at an instruction address.
    #[must_use]
    pub fn built_in_at(&self, pc: u64) -> Option<(&BuiltinFunction, u32)> {
        let Source::BuiltIn { image, .. } = &self.source else { return None };
        let index = self.index_at(pc)?;
        let function = image.functions.get(*self.built_in.get(index)?)?;
        Some((function, (pc - self.functions[index].entry) as u32))
    }

    /// The built-in function of this name, to be changed.
    pub(crate) fn built_in_mut(&mut self, name: &str) -> Option<&mut BuiltinFunction> {
        let Source::BuiltIn { image, .. } = &mut self.source else { return None };
        image.functions.iter_mut().find(|function| function.name == name)
    }

    /// File and line that the instruction at a Go PC was compiled from, where the code is a file that tells.
    #[must_use]
    pub fn source_line(&self, go_pc: u64) -> Option<(String, u32)> {
        let line = self.file_function_at(go_pc)?.source_line(Pc(go_pc)).ok().flatten()?;
        Some((line.file.to_owned(), line.line))
    }

    /// The file's function at a Go PC.
    #[must_use]
    pub fn file_function_at(&self, go_pc: u64) -> Option<Function<'_>> {
        let Source::File(image) = &self.source else { return None };
        image.function_at(Pc(go_pc)).ok().flatten()
    }
}
