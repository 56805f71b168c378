//! What built-in images say of frames and arguments is what Go's own tables say of the real routines, on every port.

use std::collections::BTreeSet;
use std::sync::Arc;

use rcsim_go::image::{ArgsSize, Function, Image, ImageOptions, Pc, StackMaps};
use rcsim_isa::ports;
use rcsim_machine::memory::PAGE_BYTES;
use rcsim_machine::{Memory, NoShadow, Perms};
use rcsim_tests::oracle::go::{Go, GoBuild, Toolchain};
use rcsim_tests::oracle::{require, workspace_root};
use rcsim_uop::op::{Edge, Op};
use rcsim_uop::port::{BuiltinFunction, BuiltinImage, Container, Externs, FrameMaps, Program};
use rcsim_uop::{Epoch, Isa, Port, build_block};

/// Where a port can be linked: some name addresses by 31 bits or within 256 mebibytes, and modules of WebAssembly lie above
/// all memory.
fn base(port: &dyn Port) -> u64 {
    match port.container() {
        Container::Elf(_) => 0x1010_0000,
        Container::Wasm => 0x10_0000_0000,
    }
}

/// Addresses within reach of the code at this base, where nothing is ever executed.
struct Nearby(u64);

impl Externs for Nearby {
    fn address(&mut self, _: &str) -> u64 {
        self.0 - 0x1_0000
    }
}

fn real(toolchain: Toolchain, port: &dyn Port) -> Image {
    let go = require(Go::find(toolchain));
    let source = workspace_root().join("tests/go/sample");
    let build = match port.container() {
        Container::Elf(_) => GoBuild::linux(port.goarch(), source),
        Container::Wasm => GoBuild::js_wasm(source),
    };
    let file = std::fs::read(require(go.build(&build))).expect("the program has been built");
    Image::parse(file, ImageOptions::default()).expect("Go makes images that can be read")
}

/// The routine itself, not what adapts calls to it.
fn routine<'a>(image: &'a Image, name: &'a str) -> Function<'a> {
    let named = image.functions_named(name);
    named.into_iter().find(|f| !f.is_generated()).unwrap_or_else(|| panic!("the program has no {name}"))
}

fn arguments(ours: &BuiltinFunction, real: &Function<'_>) -> Option<String> {
    match real.args_size() {
        ArgsSize::Bytes(bytes) if bytes != ours.args_bytes => {
            Some(format!("{} bytes of arguments, really {bytes}", ours.args_bytes))
        }
        ArgsSize::Unknown if ours.maps != FrameMaps::Context => {
            Some("arguments that really are found through the context".to_owned())
        }
        _ => None,
    }
}

fn pointers(ours: &BuiltinFunction, real: &Function<'_>) -> Option<String> {
    if ours.maps != FrameMaps::Prototype {
        return None;
    }
    let maps: Option<StackMaps<'_>> = real.args_pointer_maps().expect("Go's tables can be read");
    let real: Vec<u64> = maps.and_then(|maps| maps.map(0)).map_or(Vec::new(), |map| map.pointers().collect());
    let words = ours.args.words.iter().enumerate();
    let ours: Vec<u64> = words.filter(|(_, pointer)| **pointer).map(|(at, _)| at as u64).collect();
    (ours != real).then(|| format!("pointer words {ours:?}, really {real:?}"))
}

/// A built-in image that instructions can be looked for in.
struct Linked<'a> {
    port: &'a dyn Port,
    image: BuiltinImage,
    isa: Arc<dyn Isa>,
    mem: Memory<NoShadow>,
}

impl<'a> Linked<'a> {
    fn new(port: &'a dyn Port, epoch: Epoch) -> Self {
        let base = base(port);
        let image = port.builtin(epoch, base, &mut Nearby(base)).expect("the port has the epoch");
        let isa = port.isa(&[], Program { base, file: &image.bytes }).expect("built-in code can be set up");
        let mut mem = Memory::new(8, 1 << 24);
        mem.map(base, (image.bytes.len() as u64).next_multiple_of(PAGE_BYTES), Perms::CODE);
        mem.load_image(base, &image.bytes).expect("the memory is mapped");
        Self { port, image, isa, mem }
    }

    /// Addresses of the instructions of a routine, found by following control: constants may stand behind it.
    fn instructions(&self, start: u64, end: u64) -> BTreeSet<u64> {
        let (mut seen, mut waiting) = (BTreeSet::new(), vec![start]);
        while let Some(pc) = waiting.pop() {
            let Ok(block) = build_block(&*self.isa, &self.mem, pc, usize::MAX) else { continue };
            let fresh = block.insns.iter().filter(|mark| seen.insert(mark.pc)).count() > 0;
            let inside = |pc: &u64| (start..end).contains(pc) && fresh;
            let returns = matches!(
                block.ops.last(),
                Some(Op::Goto { edge: Edge::Call } | Op::GotoReg { edge: Edge::Call, .. })
            );
            waiting.extend(block.exits.iter().copied().filter(inside));
            waiting.extend(returns.then(|| block.end()).filter(inside));
        }
        seen
    }
}

/// Compares the depth of the stack pointer wherever the built-in code has an address that Go's tables know.
fn depths(linked: &Linked<'_>, ours: &BuiltinFunction, real: &Function<'_>) -> Option<String> {
    let Linked { port, image, isa, .. } = linked;
    let isa = &**isa;
    let start = image.base + u64::from(image.code_offset + ours.offset);
    let entry = port.go_pc(isa, start).expect("every address has a Go PC");
    let table = real.sp_deltas();
    let mut compared = 0;
    for pc in linked.instructions(start, start + u64::from(ours.size)) {
        let offset = (pc - start) as u32;
        let go_pc = port.go_pc(isa, pc).filter(|go_pc| port.machine_pc(isa, *go_pc) == Some(pc));
        let Some(go_pc) = go_pc else { continue };
        compared += 1;
        let at = Pc(real.entry().0 + (go_pc - entry));
        let really =
            table.as_ref().map_or(Ok(None), |table| table.value_at(at)).expect("Go's tables can be read");
        let depth =
            ours.sp_deltas.iter().rev().find(|(from, _)| *from <= offset).map_or(0, |(_, depth)| *depth);
        if really.unwrap_or(0) != depth {
            return Some(format!("stack pointer {depth} below its start at +{offset:#x}, really {really:?}"));
        }
    }
    assert!(compared > 0, "{} has no place that Go's tables know", ours.name);
    None
}

fn compare(toolchain: Toolchain) {
    let epoch = Epoch::by_name(toolchain.release()).expect("toolchains are named as epochs are");
    let mut wrong = Vec::new();
    for port in ports().into_iter().filter(|port| port.last_epoch() >= epoch) {
        let program = real(toolchain, port);
        let linked = Linked::new(port, epoch);
        for ours in &linked.image.functions {
            let real = routine(&program, &ours.name);
            let all = [arguments(ours, &real), pointers(ours, &real), depths(&linked, ours, &real)];
            wrong.extend(
                all.into_iter().flatten().map(|what| format!("{} {}: {what}", port.goarch(), ours.name)),
            );
        }
        assert!(linked.image.functions.len() > 25, "{} has a callN for each size", port.goarch());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn of_go_1_19_are_as_its_tables_say() {
    compare(Toolchain::Go1_19);
}

#[test]
fn of_go_1_27_are_as_its_tables_say() {
    compare(Toolchain::Go1_27);
}
