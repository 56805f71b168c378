//! Wasm modules: the module's own names against Go's function table, and what a module holds.

use crate::toolchain::{Build, Go};
use rcsim_go::image::{Abi, Container, Image, Part, WasmFunctionIndex};

fn js(go: &Go) -> Image {
    Image::load(&go.build(Build { goos: "js", ..Build::linux("wasm") })).unwrap()
}

/// The names of the name section: everything but letters, digits, `_` and `.` becomes `_`.
fn as_the_linker_writes(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '.' { c } else { '_' }).collect()
}

#[test]
fn functions_of_the_table_are_the_functions_of_the_module() {
    for go in Go::all() {
        let image = js(&go);
        let module = image.wasm().expect("a wasm module");
        let mut equal = 0;
        for function in image.functions().map(Result::unwrap) {
            let index = module.function_of_pc(function.entry()).expect("a function of the module");
            assert_eq!(module.pc_of_function(index), Some(function.entry()));
            assert_eq!(function.end().0 - function.entry().0, 1 << 16, "{function:?}");
            assert!(!module.body(module.function(index).expect("it has a body")).is_empty());
            let name = module.name(index).expect("named");
            // Type arguments and separators of generated names are spelled otherwise in the name section.
            if function.name().contains("[...]")
                || function.name().starts_with("type:")
                || function.name().starts_with("type.")
            {
                continue;
            }
            assert_eq!(as_the_linker_writes(function.name()), name, "{}", go.version());
            equal += 1;
        }
        assert!(equal > 1000, "{}: {equal}", go.version());
        assert_eq!(module.function_of_pc(rcsim_go::image::Pc(0x0fff_0000)), None);
        let beyond = (module.imports().len() + module.functions().len()) as u32;
        assert_eq!(module.pc_of_function(WasmFunctionIndex(beyond)), None);
        assert_eq!(module.pc_of_function(WasmFunctionIndex(0)), None, "an import has no PC");
    }
}

#[test]
fn a_module_holds_what_the_go_linker_puts_there() {
    for go in Go::pair() {
        let image = js(&go);
        let module = image.wasm().unwrap();
        // SP, CTXT, g, four results, PAUSE.
        assert_eq!(module.globals().len(), 8);
        assert!(module.globals().iter().all(|global| global.mutable && global.initial_bits == 0));
        let elements = &module.elements()[0];
        assert_eq!((module.elements().len(), elements.table, elements.offset), (1, 0, 0x1000));
        assert_eq!(elements.functions.len(), module.functions().len());
        assert_eq!(elements.functions[0], WasmFunctionIndex(module.imports().len() as u32));
        assert_eq!(module.tables(), [0x1000 + module.functions().len() as u64]);
        let exports: Vec<_> = module.exports().map(|(name, _)| name).collect();
        assert_eq!(exports, ["run", "resume", "getsp"]);
        assert!(module.imports().iter().any(|import| import.name == "runtime.wasmExit"));
        let run = image.function_at(image.entry().unwrap()).unwrap().unwrap();
        assert_eq!(run.name(), "wasm_export_run");
        let signature = &module.types()[module.functions()[0].type_index as usize];
        assert!(signature.results().len() <= 1);
        assert_eq!(image.memory().segments().count(), 1);
        assert!(image.elf_identity().is_none() && matches!(image.container(), Container::Wasm(_)));
    }
}

#[test]
fn a_wasi_module_and_a_stripped_one_load_too() {
    let Some(go) = Go::find("1.27") else { return };
    let whole = Image::load(&go.build(Build { goos: "wasip1", ..Build::linux("wasm") })).unwrap();
    let flags = &["-ldflags=-s -w"];
    let stripped = Image::load(&go.build(Build { goos: "wasip1", flags, ..Build::linux("wasm") })).unwrap();
    assert!(whole.wasm().unwrap().name(WasmFunctionIndex(100)).is_some());
    assert!(stripped.wasm().unwrap().name(WasmFunctionIndex(100)).is_none());
    assert_eq!(whole.go_release(), stripped.go_release());
    for (a, b) in whole.functions().zip(stripped.functions()) {
        let (a, b) = (a.unwrap(), b.unwrap());
        assert_eq!((a.name(), a.entry(), a.abi()), (b.name(), b.entry(), b.abi()));
    }
    let entry = whole.function_at(whole.entry().unwrap()).unwrap().unwrap();
    assert_eq!(entry.name(), "_rt0_wasm_wasip1");
    let abis: Vec<_> =
        whole.functions_named("reflect.callReflect").iter().map(|function| function.abi()).collect();
    assert!(abis.len() == 1 || (abis.contains(&Abi::Abi0) && abis.contains(&Abi::Internal)), "{abis:?}");
}

#[test]
fn a_truncated_module_is_named_as_such() {
    let Some(go) = Go::find("1.27") else { return };
    let file = std::fs::read(go.build(Build { goos: "js", ..Build::linux("wasm") })).unwrap();
    for len in [8 + 1, 100, file.len() / 2, file.len() - 1] {
        let error = Image::parse(&file[..len], Default::default()).unwrap_err();
        let truncated =
            matches!(error, rcsim_go::image::ImageError::Truncated { part: Part::WasmModule, .. });
        assert!(truncated, "{len}: {error}");
    }
}
