//! Every release whose toolchain is at hand: the release is recognised, and every table of every function decodes.
//!
//! Two releases are always tested; `RCSIM_GOROOTS` may list further ones.

use crate::toolchain::{Build, Go};
use rcsim_go::image::{FuncData, FunctionKind, GoRelease, Image, PcData};

const PCDATA: [PcData; 5] = [
    PcData::UnsafePoint,
    PcData::StackMapIndex,
    PcData::InlTreeIndex,
    PcData::ArgLiveIndex,
    PcData::PanicBounds,
];

#[derive(Default, Debug)]
struct Seen {
    functions: usize,
    maps: usize,
    objects: usize,
    inlined: usize,
    lines: usize,
    wrappers: usize,
}

/// Decodes everything; a wrong word in a layout makes some of it fail or vanish.
fn decode_all(image: &Image) -> Seen {
    let mut seen = Seen::default();
    for function in image.functions().map(Result::unwrap) {
        seen.functions += 1;
        function.frame_size_bytes().unwrap();
        seen.wrappers += usize::from(function.kind() == FunctionKind::Wrapper);
        let maps = [function.args_pointer_maps().unwrap(), function.locals_pointer_maps().unwrap()];
        for map in maps.into_iter().flatten() {
            seen.maps += 1;
            let index = function.pcdata(PcData::StackMapIndex).map_or(Ok(None), |table| table.max()).unwrap();
            assert!(
                index.unwrap_or(-1) < i32::try_from(map.count()).unwrap(),
                "{function:?}: no map {index:?}"
            );
        }
        for table in PCDATA.into_iter().filter_map(|which| function.pcdata(which)) {
            assert!(table.runs().all(|run| run.is_ok()), "{function:?}");
        }
        seen.objects += function.stack_objects().unwrap().len();
        let frames = function.source_frames(function.entry()).unwrap();
        seen.lines += usize::from(frames[0].position.is_some());
        for run in function.pcdata(PcData::InlTreeIndex).into_iter().flat_map(|table| table.runs()) {
            let frames = function.source_frames(run.unwrap().start).unwrap();
            seen.inlined += frames.len() - 1;
            assert_eq!(frames.last().map(|frame| frame.function), Some(function.name()));
        }
    }
    seen
}

fn check(go: &Go, build: Build<'_>) {
    let image = Image::load(&go.build(build)).unwrap();
    let context = format!("{} {} {:?}", go.version(), build.goarch, build.flags);
    assert!(
        matches!(image.go_release(), GoRelease::Stated(version) if version.text() == go.version()),
        "{context}"
    );
    let seen = decode_all(&image);
    assert!(seen.functions > 1000 && seen.maps > seen.functions && seen.objects > 100, "{context}: {seen:?}");
    assert!(seen.inlined > 1000 && seen.lines > seen.functions * 9 / 10, "{context}: {seen:?}");
    assert!(seen.wrappers > 10 && seen.wrappers < seen.functions / 4, "{context}: {seen:?}");
    // Both stubs have arguments that only the caller's frame describes.
    let stub = &image.functions_named("reflect.makeFuncStub")[0];
    assert!(stub.flags().assembly && stub.funcdata(FuncData::LocalsPointerMaps).is_some(), "{context}");
    assert!(image.functions_named("runtime.goexit")[0].flags().top_frame, "{context}");
    let module = image.module_data();
    assert!(image.data_pointers().unwrap().pointers().count() > 100, "{context}: {module:?}");
    assert!(image.bss_pointers().unwrap().pointers().count() > 100, "{context}: {module:?}");
    assert!(module.types.size_bytes() > 10_000, "{context}: {module:?}");
}

#[test]
fn every_release_is_recognised_and_every_table_decodes() {
    for go in Go::all() {
        check(&go, Build::linux("amd64"));
        check(&go, Build::linux("amd64").with(&["-ldflags=-s -w"]));
        check(&go, Build { goos: "js", ..Build::linux("wasm") });
    }
}

#[test]
fn every_kind_of_machine_decodes() {
    for go in Go::pair() {
        for goarch in ["arm64", "386", "s390x", "ppc64", "mips"] {
            check(&go, Build::linux(goarch));
        }
    }
}

#[test]
fn the_system_linker_makes_no_difference() {
    for go in Go::pair() {
        let external: [&[&str]; 3] = [
            &["-ldflags=-linkmode=external"],
            &["-buildmode=pie", "-ldflags=-linkmode=external"],
            // Packed relocations (DT_RELR) besides the ordinary ones.
            &["-buildmode=pie", "-ldflags=-linkmode=external -extldflags=-Wl,-z,pack-relative-relocs"],
        ];
        for flags in external {
            check(&go, Build { flags, cgo: true, ..Build::linux("amd64") });
        }
    }
}

#[test]
fn without_a_stated_version_the_shape_of_the_tables_tells_the_release() {
    for go in Go::pair() {
        let mut file = std::fs::read(go.build(Build::linux("amd64"))).unwrap();
        let magic = b"\xff Go buildinf:";
        while let Some(at) = file.windows(magic.len()).position(|window| window == magic) {
            file[at] = 0;
        }
        let image = Image::parse(file, Default::default()).unwrap();
        let minor: u16 = go.release[2..].parse().unwrap();
        assert!(
            matches!(image.go_release(), GoRelease::Shaped { oldest_minor, newest_minor } if (*oldest_minor..=*newest_minor).contains(&minor)),
            "{:?}",
            image.go_release()
        );
        assert!(decode_all(&image).inlined > 1000);
    }
}

#[test]
fn section_headers_are_not_needed() {
    if !crate::toolchain::installed("llvm-objcopy-19") {
        return;
    }
    for go in Go::pair() {
        for flags in [&[][..], &["-buildmode=pie"]] {
            let program = go.build(Build::linux("amd64").with(flags));
            let stripped = program.with_added_extension("nosections");
            let mut objcopy = std::process::Command::new("llvm-objcopy-19");
            crate::toolchain::output(objcopy.arg("--strip-sections").arg(&program).arg(&stripped));
            let (with, without) = (Image::load(&program).unwrap(), Image::load(&stripped).unwrap());
            assert_eq!(with.module_data(), without.module_data());
            assert_eq!(with.go_release(), without.go_release());
            assert!(!without.has_symbols() && without.function_count() == with.function_count());
        }
    }
}
