//! Function bounds and names against the symbol table as `go tool nm` lists it; ABIs with and without symbols.

use crate::toolchain::{Build, Go, output};
use rcsim_go::image::{Abi, Addr, Function, Image, ImageOptions};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

struct NmSymbol {
    address: u64,
    size: u64,
    kind: String,
    name: String,
}

fn nm(go: &Go, program: &Path) -> Vec<NmSymbol> {
    let text = output(go.command().args(["tool", "nm", "-n", "-size"]).arg(program));
    let parse = |line: &str| {
        let mut words = line.split_whitespace();
        let (address, size, kind) = (words.next()?, words.next()?, words.next()?);
        Some(NmSymbol {
            address: u64::from_str_radix(address, 16).ok()?,
            size: size.parse().ok()?,
            kind: kind.to_owned(),
            name: words.collect::<Vec<_>>().join(" "),
        })
    };
    text.lines().filter_map(parse).collect()
}

/// Markers of the linker in text that are no functions.
fn is_function(symbol: &NmSymbol) -> bool {
    let marker =
        ["runtime.text", "runtime.etext", "go:textfipsstart", "go:textfipsend", "go.buildid", "go:buildid"];
    symbol.kind.eq_ignore_ascii_case("t") && symbol.size > 0 && !marker.contains(&symbol.name.as_str())
}

/// A name without its type arguments, which the function table replaces by dots, and without its ABI ending.
fn plain(name: &str) -> String {
    let name = name.strip_suffix(".abi0").unwrap_or(name);
    match (name.find('['), name.rfind(']')) {
        (Some(open), Some(close)) if open < close => format!("{}[...]{}", &name[..open], &name[close + 1..]),
        _ => name.to_owned(),
    }
}

fn compare(go: &Go, goarch: &str) {
    let program = go.build(Build::linux(goarch));
    let image = Image::load(&program).expect("a real Go program loads");
    let by_entry: BTreeMap<u64, Function<'_>> =
        image.functions().map(Result::unwrap).map(|function| (function.entry().0, function)).collect();
    let mut compared = 0;
    for symbol in nm(go, &program).iter().filter(|symbol| is_function(symbol)) {
        let function = by_entry.get(&symbol.address);
        let function =
            function.unwrap_or_else(|| panic!("{goarch} {}: nothing at {:#x}", go.version(), symbol.address));
        assert!(function.end().0 >= symbol.address + symbol.size, "{} ends too early", symbol.name);
        assert!(
            function.end().0 - (symbol.address + symbol.size) < 64,
            "{} has too much padding",
            symbol.name
        );
        assert_eq!(plain(function.name()), plain(&symbol.name));
        compared += 1;
    }
    assert!(compared > 1000, "only {compared} functions");
}

#[test]
fn functions_are_where_nm_says_on_every_kind_of_machine() {
    for go in Go::pair() {
        for goarch in ["amd64", "arm64", "386", "s390x", "ppc64", "mips"] {
            compare(&go, goarch);
        }
    }
}

#[test]
fn symbols_are_those_of_nm() {
    for go in Go::pair() {
        let program = go.build(Build::linux("arm64"));
        let image = Image::load(&program).expect("a real Go program loads");
        let ours: BTreeSet<(u64, u64, &str)> =
            image.symbols().map(|symbol| (symbol.address.0, symbol.size_bytes, symbol.name)).collect();
        let listed = nm(&go, &program);
        assert!(listed.len() > 2000);
        for symbol in &listed {
            let key = (symbol.address, symbol.size, symbol.name.as_str());
            assert!(ours.contains(&key), "{} at {:#x} is missing", symbol.name, symbol.address);
            let named = image.symbol_named(&symbol.name).expect("found by its name");
            assert_eq!(named.name, symbol.name);
            assert!(image.symbols_at(Addr(symbol.address)).any(|other| other.name == symbol.name));
        }
    }
}

#[test]
fn a_function_is_found_by_each_of_its_pcs_and_by_its_name() {
    for go in Go::pair() {
        let image = Image::load(&go.build(Build::linux("amd64"))).expect("a real Go program loads");
        let at = |pc| image.function_at(pc).expect("a real function record").map(|function| function.index());
        for function in image.functions().map(Result::unwrap) {
            let last = rcsim_go::image::Pc(function.end().0 - 1);
            assert_eq!((at(function.entry()), at(last)), (Some(function.index()), Some(function.index())));
            let named = image.functions_named(function.name());
            assert!(named.iter().any(|other| other.index() == function.index()), "{}", function.name());
        }
        assert_eq!(at(rcsim_go::image::Pc(image.module_data().text - 1)), None);
        assert_eq!(at(rcsim_go::image::Pc(image.module_data().max_pc + 64)), None);
        assert!(image.functions_named("main.nothing").is_empty());
    }
}

/// Names, entries, ends and ABIs of all functions.
fn functions(image: &Image) -> BTreeMap<u64, (String, u64, Abi)> {
    let functions = image.functions().map(Result::unwrap);
    functions
        .map(|function| (function.entry().0, (function.name().to_owned(), function.end().0, function.abi())))
        .collect()
}

#[test]
fn a_stripped_image_tells_the_two_entries_of_a_function_apart_as_symbols_do() {
    for go in Go::pair() {
        let whole = Image::load(&go.build(Build::linux("amd64"))).expect("a real Go program loads");
        let stripped = Image::load(&go.build(Build::linux("amd64").with(&["-ldflags=-s -w"])))
            .expect("a stripped one too");
        assert!(whole.has_symbols() && !stripped.has_symbols());
        assert_eq!(stripped.symbols().count(), 0);
        let (mut known, mut contradictions) = (0, Vec::new());
        let (whole, stripped) = (functions(&whole), functions(&stripped));
        for (function, other) in whole.values().zip(stripped.values()) {
            assert_eq!(function.0, other.0);
            known += usize::from(other.2 != Abi::Unstated);
            if function.2 != other.2 && function.2 != Abi::Unstated && other.2 != Abi::Unstated {
                contradictions.push((function, other));
            }
        }
        assert!(contradictions.is_empty(), "{} {contradictions:?}", go.version());
        assert!(known > 40, "{}: only {known} entries told apart", go.version());
    }
}

#[test]
fn the_two_entries_of_the_reflect_call_path_are_told_apart() {
    // Which entry is the real function: assembly for ABI0 wrapped for Go, Go wrapped for assembly.
    let cases = [
        ("runtime.reflectcall", Abi::Abi0),
        ("runtime.reflectcallmove", Abi::Internal),
        ("reflect.callReflect", Abi::Internal),
    ];
    for (go, goarch) in Go::pair().iter().flat_map(|go| ["amd64", "arm64"].map(|goarch| (go, goarch))) {
        for flags in [&[][..], &["-ldflags=-s -w"]] {
            let image =
                Image::load(&go.build(Build::linux(goarch).with(flags))).expect("a real Go program loads");
            for (name, real) in cases {
                let entries = image.functions_named(name);
                let abis: BTreeSet<_> =
                    entries.iter().map(|function| format!("{:?}", function.abi())).collect();
                assert_eq!(
                    abis.into_iter().collect::<Vec<_>>(),
                    ["Abi0", "Internal"],
                    "{name} {goarch} {flags:?}"
                );
                let large =
                    entries.iter().max_by_key(|function| function.end().0 - function.entry().0).expect("two");
                assert!(
                    large.abi() == real || name == "runtime.reflectcallmove",
                    "{name} {goarch} {flags:?}"
                );
            }
            let stub = &image.functions_named("reflect.makeFuncStub")[0];
            assert_eq!(stub.abi(), if flags.is_empty() { Abi::Abi0 } else { Abi::Unstated });
            assert_eq!(image.functions_named("runtime.memmove")[0].abi(), Abi::Unstated);
        }
    }
}

#[test]
fn a_position_independent_image_is_the_same_program_at_its_base() {
    for go in Go::pair() {
        // Until Go 1.22 the system's linker was needed for s390x.
        let goarches =
            if go.release == "1.27" { &["amd64", "arm64", "s390x"][..] } else { &["amd64", "arm64"] };
        for goarch in goarches {
            let program = go.build(Build::linux(goarch).with(&["-buildmode=pie"]));
            let file = std::fs::read(&program).expect("just built");
            let [low, high] = [0x1_0000, 0x7000_0000].map(|base| {
                Image::parse(file.clone(), ImageOptions { base }).expect("a real Go program loads")
            });
            let moved = 0x7000_0000 - 0x1_0000;
            let (low_functions, high_functions) = (functions(&low), functions(&high));
            assert!(low_functions.len() > 1000);
            for (a, b) in low_functions.iter().zip(&high_functions) {
                assert_eq!(
                    (a.0 + moved, &a.1.0, a.1.1 + moved),
                    (*b.0, &b.1.0, b.1.1),
                    "{goarch} {}",
                    go.version()
                );
            }
            assert_eq!(low.module_data().gofunc.0 + moved, high.module_data().gofunc.0);
            assert_eq!(low.entry().unwrap().0 + moved, high.entry().unwrap().0);
            for symbol in nm(&go, &program).iter().filter(|symbol| is_function(symbol)) {
                assert!(high_functions.contains_key(&(symbol.address + 0x7000_0000)), "{}", symbol.name);
            }
        }
    }
}
