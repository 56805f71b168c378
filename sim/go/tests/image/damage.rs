//! Damaged images: cut off anywhere, bits flipped anywhere, counts made huge. Nothing may panic, hang, or take much memory, and
//! what loads must still answer every question. The changes come from a generator with a fixed, printed seed.

use crate::toolchain::{Build, Go};
use rcsim_go::image::{FuncData, Image, ImageOptions, Pc, PcData};

const SEED: u64 = 0x5eed_0f1a_9e00_0001;

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

/// Asks everything of every `stride`-th function, and drops the answers: only panics and hangs count here.
fn use_everything(image: &Image, stride: usize) {
    for function in image.functions().step_by(stride).flatten() {
        let _ =
            (function.frame_size_bytes(), function.stack_objects(), function.defer_return(), function.kind());
        for maps in
            [function.args_pointer_maps(), function.locals_pointer_maps()].into_iter().flatten().flatten()
        {
            let _ = maps.map(maps.count().wrapping_sub(1));
        }
        for table in [PcData::UnsafePoint, PcData::StackMapIndex, PcData::PanicBounds] {
            let _ = function.pcdata(table).map(|table| table.max());
        }
        let middle = Pc(function.entry().0 + function.end().0.saturating_sub(function.entry().0) / 2);
        let _ = (
            function.source_frames(middle),
            function.funcdata(FuncData::WrapInfo),
            image.function_at(middle),
        );
    }
    for name in ["runtime.reflectcall", "reflect.makeFuncStub", "main.main"] {
        let _: Vec<_> = image.functions_named(name).iter().map(|function| function.abi()).collect();
        let _ = image.symbol_named(name);
    }
    let _ = (image.data_pointers(), image.bss_pointers(), image.symbols().count());
    if let Some(module) = image.wasm() {
        let _: usize = module.functions().iter().map(|function| module.body(function).len()).sum();
    }
}

fn programs() -> Vec<Vec<u8>> {
    let builds = [
        Build::linux("amd64").with(&["-buildmode=pie", "-ldflags=-w"]),
        Build::linux("mips").with(&["-ldflags=-s -w"]),
        Build { goos: "js", ..Build::linux("wasm") },
    ];
    let all = Go::pair();
    all.iter().flat_map(|go| builds.iter().map(|build| std::fs::read(go.build(*build)).unwrap())).collect()
}

#[test]
fn a_file_cut_off_anywhere_is_an_error() {
    println!("seed {SEED:#x}");
    let mut random = Random(SEED);
    for file in programs() {
        let headers = 0..300;
        let anywhere = (0..100).map(|_| random.below(file.len()));
        for len in headers.chain(anywhere).collect::<Vec<_>>() {
            // The linker pads some files behind everything that their headers name.
            let padding = file[len..].iter().all(|&byte| byte == 0);
            assert!(padding || Image::parse(&file[..len], ImageOptions::default()).is_err(), "cut at {len}");
        }
    }
}

/// Where damage does most: headers, and the places of Go's tables.
fn interesting(file: &[u8]) -> Vec<usize> {
    let image = Image::parse(file, ImageOptions::default()).expect("a real Go program loads");
    let mut places = vec![0, 64];
    let magics: [&[u8]; 4] =
        [b"\xf0\xff\xff\xff\0\0", b"\xf1\xff\xff\xff\0\0", b"\xff\xff\xff\xf0\0\0", b"\xff\xff\xff\xf1\0\0"];
    places.extend((0..file.len()).filter(|&at| magics.iter().any(|magic| file[at..].starts_with(magic))));
    places.push(file.len() - file.len().min(4096));
    // In ELF the record lies at the same distance from its segment's start in file and memory.
    let module = image.module_data().address;
    let segment = image
        .memory()
        .segments()
        .find(|segment| segment.bytes.len() as u64 > module.0 - segment.address.0.min(module.0));
    if let Some(segment) = segment.filter(|_| image.elf_identity().is_some()) {
        places.extend(
            file.windows(64)
                .position(|window| window == &segment.bytes[..64])
                .map(|at| at + (module.0 - segment.address.0) as usize),
        );
    }
    places
}

fn flip(file: &mut [u8], places: &[usize], random: &mut Random) {
    for _ in 0..1 + random.below(8) {
        let anywhere = random.below(file.len());
        let near = places[random.below(places.len())] + random.below(512);
        let at = if random.below(2) == 0 { anywhere } else { near.min(file.len() - 1) };
        // Single bits, and all ones for huge counts.
        file[at] = if random.below(3) == 0 { 0xff } else { file[at] ^ (1 << random.below(8)) };
    }
}

#[test]
fn flipped_bits_never_do_more_than_cause_errors() {
    println!("seed {SEED:#x}");
    let mut random = Random(SEED);
    let mut loaded = 0;
    for original in programs() {
        let places = interesting(&original);
        for _ in 0..60 {
            let mut file = original.clone();
            flip(&mut file, &places, &mut random);
            if let Ok(image) = Image::parse(file, ImageOptions::default()) {
                loaded += 1;
                use_everything(&image, 7);
            }
        }
    }
    assert!(
        loaded > 20 || Go::pair().is_empty(),
        "damage that is always fatal tests nothing: {loaded} loaded"
    );
}

#[test]
fn every_word_of_the_function_table_header_and_of_the_module_record_may_be_anything() {
    let Some(go) = Go::find("1.27") else { return };
    let original = std::fs::read(go.build(Build::linux("amd64").with(&["-ldflags=-s -w"]))).unwrap();
    let places: Vec<usize> = interesting(&original).split_off(2);
    for place in places {
        for word in 0..60 {
            for value in [0, 1, u64::from(u32::MAX), u64::MAX, 1 << 63, 0x40_0000] {
                let mut file = original.clone();
                let at = place + 8 * word;
                let Some(target) = file.get_mut(at..at + 8) else { continue };
                target.copy_from_slice(&value.to_le_bytes());
                if let Ok(image) = Image::parse(file, ImageOptions::default()) {
                    use_everything(&image, 301);
                }
            }
        }
    }
}
