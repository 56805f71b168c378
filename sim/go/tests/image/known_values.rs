//! Values of the standard library's own functions in Go 1.27.3 for amd64, read once by another reader of the same tables.

use crate::toolchain::{Build, Go};
use rcsim_go::image::{ArgsSize, Function, Image, PcData};

/// Number of runs of the stack map index.
fn stack_map_steps(function: &Function<'_>) -> usize {
    function.pcdata(PcData::StackMapIndex).map_or(0, |table| table.runs().map(Result::unwrap).count())
}

#[test]
fn the_reflect_call_path_has_the_known_frames_and_maps() {
    let Some(go) = Go::find("1.27") else { return };
    if go.version() != "go1.27.3" {
        return crate::toolchain::missing("Go 1.27.3, whose values are known,");
    }
    let image = Image::load(&go.build(Build::linux("amd64").with(&["-ldflags=-s -w"]))).unwrap();
    let call = image.functions_named("reflect.Value.call")[0];
    assert_eq!((call.end().0 - call.entry().0, call.args_size()), (7104, ArgsSize::Bytes(64)));
    assert_eq!((call.frame_size_bytes().unwrap(), stack_map_steps(&call)), (1360, 37));
    let (args, locals) =
        (call.args_pointer_maps().unwrap().unwrap(), call.locals_pointer_maps().unwrap().unwrap());
    assert_eq!((args.count(), args.words(), locals.count(), locals.words()), (29, 6, 29, 120));
    assert_eq!(call.stack_objects().unwrap().len(), 4);

    let trampoline = image.functions_named("runtime.call64")[0];
    let args = trampoline.args_pointer_maps().unwrap().unwrap();
    assert_eq!((trampoline.frame_size_bytes().unwrap(), args.count(), args.words()), (72, 1, 6));
    assert_eq!(args.map(0).unwrap().pointers().collect::<Vec<_>>(), [0, 1, 2, 5]);

    assert_eq!(image.functions_named("reflect.makeFuncStub")[0].args_size(), ArgsSize::Unknown);
}

#[test]
fn pointers_of_variables_and_stack_objects_are_those_of_their_types() {
    for (go, goarch) in
        Go::pair().iter().flat_map(|go| ["amd64", "arm64", "386", "mips"].map(|goarch| (go, goarch)))
    {
        let image = Image::load(&go.build(Build::linux(goarch))).unwrap();
        let word = image.memory().word_size().bytes();
        // Node is two pointers and two integers, in turn.
        let pointers_at = |name: &str, nodes: u64| {
            let symbol = image.symbol_named(name).unwrap();
            let module = image.module_data();
            let (range, mask) = match module.bss.contains(symbol.address) {
                true => (module.bss, image.bss_pointers().unwrap()),
                false => (module.data, image.data_pointers().unwrap()),
            };
            let first = (symbol.address.0 - range.start.0) / word;
            (0..4 * nodes).filter(|index| mask.is_pointer(first + index)).collect::<Vec<_>>()
        };
        assert_eq!(pointers_at("main.zeroed", 3), [0, 2, 4, 6, 8, 10], "{goarch} {}", go.version());
        assert_eq!(pointers_at("main.initial", 1), [0, 2], "{goarch} {}", go.version());
        let objects = image.functions_named("main.keep")[0].stack_objects().unwrap();
        let nodes =
            objects.iter().find(|object| u64::from(object.size_bytes) == 16 * word).expect("four nodes");
        assert_eq!(nodes.pointers.pointers().collect::<Vec<_>>(), [0, 2, 4, 6, 8, 10, 12, 14]);
        assert!(nodes.offset < 0, "a local lies below varp");
        let deferred = image.functions_named("main.deferred")[0];
        assert!(deferred.contains(deferred.defer_return().expect("it recovers")));
    }
}
