//! The built-in images of releases consist of the very bytes that Go's toolchain makes.
//!
//! For every ELF port and every toolchain, a real program is built, and each routine of the built-in image is compared with
//! the symbol of the same name. The image is linked at the address where the routine stands in the program, with the
//! program's own addresses for everything outside the image, so references that leave the image must agree too;
//! those to the image's own routines, which lie elsewhere in the program, are left aside.

use std::collections::HashMap;

use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};
use rcsim_tests::oracle::go::{Go, GoBuild, Toolchain};
use rcsim_tests::oracle::{require, workspace_root};
use rcsim_uop::port::{BuiltinFunction, BuiltinImage, Container, Externs};
use rcsim_uop::{Epoch, Port};

/// Most bytes that the linker may put between two functions.
const MAX_PADDING: usize = 63;

/// Symbols of a program.
struct Program {
    /// Functions: address and code.
    symbols: HashMap<String, (u64, Vec<u8>)>,
    /// Variables: address.
    variables: HashMap<String, u64>,
}

impl Program {
    fn build(toolchain: Toolchain, goarch: &str) -> Self {
        let go = require(Go::find(toolchain));
        let sample = workspace_root().join("tests").join("go").join("sample");
        let path = require(go.build(&GoBuild::linux(goarch, sample)));
        Self::read(&std::fs::read(path).expect("the program was just built"))
    }

    fn read(file: &[u8]) -> Self {
        let elf = object::File::parse(file).expect("the toolchain makes ELF files");
        let mut symbols = HashMap::new();
        for symbol in elf.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text) {
            let section = symbol.section_index().expect("a function stands in a section");
            let section = elf.section_by_index(section).expect("the section exists");
            let code = section.data_range(symbol.address(), symbol.size()).expect("the section has bytes");
            let name = symbol.name().expect("Go's names are UTF-8").to_owned();
            symbols.insert(name, (symbol.address(), code.unwrap_or_default().to_vec()));
        }
        let variables = elf.symbols().filter(|symbol| symbol.kind() == SymbolKind::Data);
        let variables = variables
            .map(|symbol| (symbol.name().expect("Go's names are UTF-8").to_owned(), symbol.address()))
            .collect();
        Self { symbols, variables }
    }

    /// The function of that name. Where both exist, Go marks the one of ABI0, which assembly means unless it says
    /// otherwise.
    fn find(&self, name: &str) -> Option<&(u64, Vec<u8>)> {
        match name.strip_suffix("<ABIInternal>") {
            Some(internal) => self.symbols.get(internal),
            None => self.symbols.get(&format!("{name}.abi0")).or_else(|| self.symbols.get(name)),
        }
    }
}

impl Externs for &Program {
    fn address(&mut self, symbol: &str) -> u64 {
        self.find(symbol).unwrap_or_else(|| panic!("the program has no {symbol}")).0
    }

    fn variable(&mut self, symbol: &str) -> Option<u64> {
        self.variables.get(symbol).copied()
    }
}

/// The image linked so that `function` stands where the program has it.
fn linked_for(port: &dyn Port, epoch: Epoch, program: &Program, function: &BuiltinFunction) -> BuiltinImage {
    let (address, _) = program.find(&function.name).expect("looked up before");
    let base = address - u64::from(function.offset);
    port.builtin(epoch, base, &mut &*program).expect("the port has the epoch")
}

/// The routine's own bytes, with references inside the image cleared.
fn comparable(code: &[u8], function: &BuiltinFunction, image: &BuiltinImage) -> Vec<u8> {
    let mut code = code.to_vec();
    let inside = |target: &str| image.functions.iter().any(|other| other.name == target);
    for relocation in function.relocations.iter().filter(|relocation| inside(&relocation.target)) {
        let at = relocation.offset as usize;
        for (byte, mask) in code[at..].iter_mut().zip(&relocation.mask) {
            *byte &= !mask;
        }
    }
    code
}

fn own_bytes<'a>(image: &'a BuiltinImage, function: &BuiltinFunction) -> &'a [u8] {
    let start = (image.code_offset + function.offset) as usize;
    &image.bytes[start..start + function.size as usize]
}

/// The first difference in words, or nothing.
fn difference(
    port: &dyn Port,
    epoch: Epoch,
    program: &Program,
    function: &BuiltinFunction,
) -> Option<String> {
    let Some((address, real)) = program.find(&function.name) else {
        return Some("the program has no such function".to_owned());
    };
    let image = linked_for(port, epoch, program, function);
    let ours = own_bytes(&image, function);
    if real.len() < ours.len() {
        return Some(format!("{} bytes, but {} in the program", ours.len(), real.len()));
    }
    let (real, padding) = real.split_at(ours.len());
    let (ours, real) = (comparable(ours, function, &image), comparable(real, function, &image));
    if let Some(at) = ours.iter().zip(&real).position(|(a, b)| a != b) {
        let word = |bytes: &[u8]| {
            let from = at & !3;
            bytes[from..bytes.len().min(from + 8)]
                .iter()
                .map(|byte| format!("{byte:02x} "))
                .collect::<String>()
        };
        return Some(format!(
            "at +{at:#x} ({:#x}): ours {}, real {}",
            address + at as u64,
            word(&ours),
            word(&real)
        ));
    }
    let filler = padding.first().copied().unwrap_or(0);
    let is_padding = padding.len() <= MAX_PADDING && padding.iter().all(|byte| *byte == filler);
    (!is_padding)
        .then(|| format!("ends after {} bytes, where the program goes on: {padding:02x?}", ours.len()))
}

fn elf_ports() -> Vec<&'static dyn Port> {
    rcsim_isa::ports().into_iter().filter(|port| matches!(port.container(), Container::Elf(_))).collect()
}

fn compare(toolchain: Toolchain) {
    let epoch = Epoch::by_name(toolchain.release()).expect("toolchains are named as epochs are");
    let mut wrong = Vec::new();
    let mut compared = 0;
    for port in elf_ports().into_iter().filter(|port| port.last_epoch() >= epoch) {
        let program = Program::build(toolchain, port.goarch());
        let mut nowhere = &program;
        let image = port.builtin(epoch, 0x1_0000, &mut nowhere).expect("the port has the epoch");
        for function in &image.functions {
            compared += 1;
            if let Some(what) = difference(port, epoch, &program, function) {
                wrong.push(format!("{} {}: {what}", port.goarch(), function.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {compared} routines differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared > 0, "there is no ELF port");
}

#[test]
fn of_go_1_19_are_those_of_its_toolchain() {
    compare(Toolchain::Go1_19);
}

#[test]
fn of_go_1_27_are_those_of_its_toolchain() {
    compare(Toolchain::Go1_27);
}

/// The comparison notices a single changed bit, or it would prove nothing.
#[test]
fn a_changed_bit_is_noticed() {
    for port in elf_ports().into_iter().filter(|port| port.last_epoch() == Epoch::Go127) {
        let mut program = Program::build(Toolchain::Go1_27, port.goarch());
        let image = port.builtin(Epoch::Go127, 0x1_0000, &mut &program).expect("the port has the epoch");
        let function =
            image.functions.iter().find(|f| f.name == "runtime.call64").expect("every port has it");
        let relocated = |at: u32| {
            function.relocations.iter().any(|r| (r.offset..r.offset + u32::from(r.len)).contains(&at))
        };
        let at = (0..function.size).find(|at| !relocated(*at)).expect("not everything is relocated") as usize;
        let key = ["runtime.call64.abi0", "runtime.call64"]
            .into_iter()
            .find(|name| program.symbols.contains_key(*name));
        let code = program.symbols.get_mut(key.expect("the program has it")).expect("just found");
        code.1[at] ^= 1;
        assert!(difference(port, Epoch::Go127, &program, function).is_some(), "{}", port.goarch());
    }
}
