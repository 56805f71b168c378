//! Pointer maps, PCDATA and sizes against the listing that the compiler itself prints (`-gcflags=-S`), instruction by instruction.

use crate::toolchain::Go;
use rcsim_go::image::{ArgsSize, Function, Image, Pc, PcData, StackMaps};
use std::collections::BTreeMap;

/// What the listing says of one function.
#[derive(Default)]
struct Listed {
    args_bytes: u32,
    /// The values of PCDATA 0 and 1 that hold at each instruction, by its offset; marks without code give way to what follows.
    instructions: BTreeMap<u64, [i32; 2]>,
    /// Symbols of FUNCDATA 0 and 1.
    maps: [Option<String>; 2],
}

#[derive(Default)]
struct Listing {
    functions: BTreeMap<String, Listed>,
    data: BTreeMap<String, Vec<u8>>,
}

/// A line without indentation starts a symbol: `main.keep STEXT size=206 args=0x10 ...` or `gclocals·x SRODATA ...`.
fn parse(text: &str) -> Listing {
    let mut listing = Listing::default();
    let (mut name, mut code, mut values) = (String::new(), false, [-1; 2]);
    for line in text.lines() {
        // On arm64 the listing names the number zero after the register.
        let line = &line.replace("\tZR,", "\t$0,").replace(", ZR", ", $0");
        let words: Vec<&str> = line.split_whitespace().collect();
        if !line.starts_with('\t') {
            // Wrappers share the name of what they wrap.
            code = words.get(1) == Some(&"STEXT") && !words.contains(&"dupok");
            name = words.first().map_or(String::new(), |word| (*word).to_owned());
            values = [-1; 2];
            if code {
                let args = words.iter().find_map(|word| word.strip_prefix("args=0x")).unwrap_or("0");
                let args_bytes = u32::from_str_radix(args, 16).unwrap_or(0);
                listing.functions.insert(name.clone(), Listed { args_bytes, ..Listed::default() });
            }
            continue;
        }
        if let (true, Some(function)) = (code, listing.functions.get_mut(&name)) {
            instruction(function, &words, &mut values);
        } else if let Some(offset) = words.first().filter(|word| word.starts_with("0x")) {
            // 16 bytes a line, then the same as text.
            let bytes = line.trim_start().trim_start_matches(offset).trim_start();
            let hex = bytes.get(..48.min(bytes.len())).unwrap_or(bytes);
            let bytes = hex
                .split(' ')
                .map_while(|word| u8::from_str_radix(word, 16).ok().filter(|_| word.len() == 2));
            listing.data.entry(name.clone()).or_default().extend(bytes);
        }
    }
    listing
}

/// `0x0086 00134 (file:line) PCDATA $1, $1`
fn instruction(function: &mut Listed, words: &[&str], values: &mut [i32; 2]) {
    let [offset, decimal, position, operation, operands @ ..] = words else { return };
    if !position.starts_with('(') || decimal.len() < 5 {
        return;
    }
    let offset = u64::from_str_radix(offset.trim_start_matches("0x"), 16).expect("an offset");
    match (*operation, operands) {
        ("PCDATA", [table, value]) => {
            let table = ["$0,", "$1,"].iter().position(|known| known == table);
            if let Some(slot) = table.and_then(|table| values.get_mut(table)) {
                *slot = value.trim_start_matches('$').parse().expect("a number");
            }
        }
        ("FUNCDATA", [table, symbol]) => {
            let symbol = symbol.trim_end_matches("(SB)").to_owned();
            match *table {
                "$0," => function.maps[0] = Some(symbol),
                "$1," => function.maps[1] = Some(symbol),
                _ => {}
            }
        }
        ("TEXT" | "NOP" | "UNDEF", _) => {}
        _ => {
            function.instructions.insert(offset, *values);
        }
    }
}

fn check_maps(ours: Option<StackMaps<'_>>, listed: Option<&Vec<u8>>, little: bool, context: &str) {
    let Some(bytes) = listed else { return assert!(ours.is_none(), "{context}") };
    let ours = ours.unwrap_or_else(|| panic!("{context}: no maps"));
    let raw = |at: usize| bytes[at..at + 4].try_into().expect("four bytes");
    let number = |at| if little { u32::from_le_bytes(raw(at)) } else { u32::from_be_bytes(raw(at)) };
    assert_eq!((ours.count(), ours.words()), (number(0), number(4)), "{context}");
    let width = ours.words().div_ceil(8) as usize;
    for index in 0..ours.count() {
        let mask = ours.map(index).expect("below the count");
        let map = &bytes[8 + index as usize * width..];
        let listed = (0..u64::from(ours.words())).filter(|bit| map[(bit / 8) as usize] >> (bit % 8) & 1 == 1);
        assert_eq!(mask.pointers().collect::<Vec<_>>(), listed.collect::<Vec<_>>(), "{context} map {index}");
    }
}

fn check(function: &Function<'_>, listed: &Listed, listing: &Listing, little: bool, context: &str) {
    assert_eq!(function.args_size(), ArgsSize::Bytes(listed.args_bytes), "{context}");
    let bytes = |index: usize| listed.maps[index].as_ref().and_then(|symbol| listing.data.get(symbol));
    check_maps(function.args_pointer_maps().unwrap(), bytes(0), little, &format!("{context} args"));
    check_maps(function.locals_pointer_maps().unwrap(), bytes(1), little, &format!("{context} locals"));
    for (offset, values) in &listed.instructions {
        let pc = Pc(function.entry().0 + offset);
        let at = |table| {
            function.pcdata(table).map_or(-1, |table| table.value_at(pc).unwrap().expect("in the function"))
        };
        let ours = [at(PcData::UnsafePoint), at(PcData::StackMapIndex)];
        // Where an instruction becomes several, the assembler marks them as unsafe or restartable after the listing.
        let marked = values[0] == -1 && ours[0] < -1 && !context.contains("amd64");
        assert!(
            ours[1] == values[1] && (ours[0] == values[0] || marked),
            "{context} at {offset:#x}: {ours:?} {values:?}"
        );
    }
}

#[test]
fn maps_and_pcdata_are_those_of_the_compilers_listing() {
    for (go, goarch, little) in Go::pair().iter().flat_map(|go| {
        [("amd64", true), ("arm64", true), ("s390x", false)].map(|(arch, little)| (go, arch, little))
    }) {
        let (program, text) = go.build_with_listing(goarch);
        let (image, listing) = (Image::load(&program).unwrap(), parse(&text));
        let (mut functions, mut instructions, mut maps) = (0, 0, 0);
        for (name, listed) in &listing.functions {
            let entries = image.functions_named(name);
            // Inlined everywhere, or one of several with this name.
            let [function] = entries.as_slice() else { continue };
            check(function, listed, &listing, little, &format!("{} {goarch} {name}", go.version()));
            functions += 1;
            instructions += listed.instructions.len();
            maps += listed.maps.iter().flatten().filter(|symbol| listing.data.contains_key(*symbol)).count();
        }
        assert!(functions >= 6 && instructions > 500 && maps >= 12, "{functions} {instructions} {maps}");
    }
}
