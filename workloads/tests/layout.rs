//! Sizes, alignments, offsets, pointer bitmaps and texts of types, compared with what real Go toolchains say about them.

use std::fmt::Write as _;
use std::path::Path;

use rcsim_workloads::gotype::{
    Field, GoType, Named, TypeId, TypeNames, TypeSpace, Types, go_text, reflect_text,
};
use rcsim_workloads::layout::{LayoutRules, Layouts, TypeWords};
use rcsim_workloads::random::Random;
use rcsim_workloads::snippet::Snippet;

mod go;

use go::{native, toolchain};

const DECLARATIONS: &str = "
type Empty struct{}
type Words struct { A, B uintptr }
type Tail struct { p *int; b byte; end struct{} }
type Small int8
type Text string
type Shape interface { Area() float64; private(x ...Small) }
type Handler func(a int, rest ...string) (*Tail, error)
type Ring struct { next *Ring; value any; table map[Text]*Ring }
type Alias = struct { x, y float32 }
type Embeds struct { Words; *Ring; Shape; error; Alias; byte }
func (e Embeds) Method(x Small) (Alias, error)
";

/// Types with something special about their text or their layout.
const SPECIAL: [&str; 24] = [
    "any",
    "error",
    "interface{ M(int) string; n(...int) }",
    "chan (<-chan int)",
    "chan<- chan<- int",
    "<-chan (chan<- (chan int))",
    "func()",
    "func(int, ...string) (int, error)",
    "func(func(a, b int) (x, y string)) chan<- struct{}",
    "[0]*int",
    "[1][2][3]uint16",
    "struct{}",
    "struct{ a int8; _ int64; b int8 }",
    "struct{ p *int; end struct{} }",
    "struct{ a int32; end [0]int64 }",
    "struct { Words; x struct { *Ring } }",
    "map[struct{ a, b int }][4]*Empty",
    "complex64",
    "struct{ b bool; c complex64; d complex128; e complex64 }",
    "unsafe.Pointer",
    "struct{ s string; i any; f func(); n uintptr }",
    "[3]struct{ n int; p unsafe.Pointer; m uint8 }",
    "*[]*map[rune]byte",
    "[5]Embeds",
];

/// Declared types for random types to use.
const NAMED: [&str; 5] = ["Words", "Tail", "Empty", "Embeds", "Shape"];

/// The seed of the random types; change it to look at others.
const SEED: u64 = 0x5eed;

struct PlainNames;

impl TypeNames for PlainNames {
    fn declared(&self, named: &Named) -> String {
        named.name.clone()
    }

    fn embedded(&self, types: &Types, field: &Field) -> String {
        let star = if matches!(types.get(field.ty), GoType::Pointer(_)) { "*" } else { "" };
        format!("{star}{}", field.name)
    }

    fn field_name(&self, _types: &Types, field: &Field) -> String {
        field.name.clone()
    }
}

fn types() -> (TypeSpace, Vec<TypeId>) {
    let mut space = TypeSpace::declare(&Snippet::alone("declarations", DECLARATIONS)).expect("correct Go");
    let mut random = Random::new(SEED);
    let texts =
        SPECIAL.iter().map(|text| (*text).to_owned()).chain((0..300).map(|_| random.type_text(&NAMED, 0)));
    let texts: Vec<String> = texts.collect();
    let parsed = texts.iter().map(|text| match space.parse_type(&Snippet::alone("type", text)) {
        Ok(id) => id,
        Err(errors) => panic!("{text}:\n{errors}"),
    });
    let mut ids: Vec<TypeId> = parsed.collect();
    ids.extend(space.types().declared().map(|(id, _)| space.types().type_of(id)).collect::<Vec<_>>());
    (space, ids)
}

/// A Go program that prints a line for each type. Its pointer maps are those of the type descriptors: size, bytes with
/// pointers and, four words and eight bytes further on, the address of the map are fields of Go's `abi.Type`.
fn program(space: &TypeSpace, ids: &[TypeId]) -> String {
    let mut out = String::from(
        "package main\n\nimport (\n\t\"os\"\n\t\"reflect\"\n\t\"strconv\"\n\t\"unsafe\"\n)\n\n\
         type descriptor struct { size, ptrBytes uintptr; hash uint32; small [4]uint8; equal func(); gcData *[64]byte }\n\n\
         func show(t reflect.Type) {\n\
         \td := *(**descriptor)(unsafe.Add(unsafe.Pointer(&t), unsafe.Sizeof(uintptr(0))))\n\
         \tline := t.String() + \" \" + strconv.Itoa(int(t.Size())) + \" \" + strconv.Itoa(t.Align()) + \" \"\n\
         \twords := d.ptrBytes / unsafe.Sizeof(uintptr(0))\n\
         \tif words < 512 {\n\
         \t\tfor i := uintptr(0); i < words; i++ {\n\
         \t\t\tline += string(\"01\"[d.gcData[i/8]>>(i%8)&1])\n\t\t}\n\t}\n\
         \tif t.Kind() == reflect.Struct {\n\
         \t\tfor i := 0; i < t.NumField(); i++ {\n\
         \t\t\tline += \" \" + strconv.Itoa(int(t.Field(i).Offset))\n\t\t}\n\t}\n\
         \tos.Stdout.WriteString(line + \"\\n\")\n}\n\n",
    );
    let types = space.types();
    for (id, named) in types.declared() {
        let underlying = types.underlying(types.type_of(id));
        let _ = writeln!(out, "type {} {}", named.name, go_text(types, underlying, &PlainNames));
    }
    for alias in space.aliases() {
        let _ = writeln!(out, "type {} = {}", alias.name, go_text(types, alias.target, &PlainNames));
    }
    out.push_str("\nfunc main() {\n");
    for id in ids {
        let _ = writeln!(out, "\tshow(reflect.TypeOf((*{})(nil)).Elem())", go_text(types, *id, &PlainNames));
    }
    out.push_str("}\n");
    out
}

fn expected(space: &TypeSpace, ids: &[TypeId], rules: LayoutRules) -> String {
    let layouts = Layouts::new(space.types(), rules);
    let mut out = String::new();
    for id in ids {
        let layout = layouts.layout(*id).expect("a small type");
        let _ = write!(out, "{} {} {} ", reflect_text(space.types(), *id), layout.size, layout.align);
        if layout.ptrdata / rules.word_bytes < 512 {
            let bits = layouts.pointer_bitmap(*id, TypeWords::Scalars).expect("a small type");
            assert_eq!(bits.len() as u64 * rules.word_bytes, layout.ptrdata);
            out.extend(bits.iter().map(|bit| if *bit { '1' } else { '0' }));
        }
        for offset in &layout.field_offsets {
            let _ = write!(out, " {offset}");
        }
        out.push('\n');
    }
    out
}

fn check(toolchain: &Path, arch: &str, rules: LayoutRules) {
    let (space, ids) = types();
    let program = go::build(toolchain, arch, "layout", &program(&space, &ids));
    go::compare(&go::run(&program), &expected(&space, &ids, rules));
}

#[test]
fn go_119_lays_types_out_alike() {
    if let Some(go) = toolchain("1.19") {
        check(&go, native(), LayoutRules::WORD64);
    }
}

#[test]
fn go_127_lays_types_out_alike() {
    if let Some(go) = toolchain("1.27") {
        check(&go, native(), LayoutRules::WORD64);
    }
}

#[test]
fn a_32_bit_port_lays_types_out_alike() {
    if native() != "amd64" {
        return eprintln!("NOT TESTED: only an amd64 host runs 386 programs");
    }
    if let Some(go) = toolchain("1.19") {
        check(&go, "386", LayoutRules::WORD32);
    }
}
