//! The ELF container against another reader of ELF files (the `object` crate), and relocations against `llvm-readelf`.

use crate::toolchain::{Build, Go, installed, output};
use object::{Object, ObjectSection, ObjectSegment};
use rcsim_go::image::{ByteOrder, Container, ElfClass, ElfPlacement, Image, ImageOptions};
use std::process::Command;

#[test]
fn headers_segments_and_sections_are_those_of_another_reader() {
    for (go, goarch) in
        Go::pair().iter().flat_map(|go| ["amd64", "386", "s390x", "ppc64", "mips"].map(|goarch| (go, goarch)))
    {
        let program = go.build(Build::linux(goarch));
        let (image, file) = (Image::load(&program).unwrap(), std::fs::read(&program).unwrap());
        let other = object::File::parse(&*file).unwrap();
        let identity = image.elf_identity().expect("an ELF image");
        assert_eq!(
            (identity.class == ElfClass::Elf64, identity.data == ByteOrder::Little),
            (other.is_64(), other.is_little_endian())
        );
        assert_eq!(image.entry().unwrap().0, other.entry());
        let ours: Vec<_> = image
            .memory()
            .segments()
            .map(|segment| (segment.address.0, segment.size_bytes, segment.bytes))
            .collect();
        let theirs: Vec<_> = other
            .segments()
            .map(|segment| (segment.address(), segment.size(), segment.data().unwrap()))
            .collect();
        assert_eq!(ours, theirs, "{goarch} {}", go.version());
        let Container::Elf(elf) = image.container() else { panic!("an ELF image") };
        let ours: Vec<_> =
            elf.sections().iter().skip(1).map(|section| (section.name.clone(), section.address.0)).collect();
        let theirs: Vec<_> =
            other.sections().map(|section| (section.name().unwrap().to_owned(), section.address())).collect();
        assert_eq!(ours, theirs, "{goarch} {}", go.version());
    }
}

/// Places and addends of the relocations whose type is called relative.
fn relative_relocations(program: &std::path::Path) -> Vec<(u64, u64)> {
    let text = output(Command::new("llvm-readelf-19").args(["-rW"]).arg(program));
    let relative = text.lines().filter(|line| line.contains("_RELATIVE"));
    let number = |text: &str| u64::from_str_radix(text, 16).unwrap();
    relative
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .map(|words| (number(words[0]), number(words[3])))
        .collect()
}

#[test]
fn every_relative_relocation_of_a_position_independent_image_is_applied() {
    if !installed("llvm-readelf-19") {
        return;
    }
    for (go, goarch) in Go::pair().iter().flat_map(|go| ["amd64", "arm64"].map(|goarch| (go, goarch))) {
        let program = go.build(Build::linux(goarch).with(&["-buildmode=pie"]));
        let base = 0x5555_0000;
        let image = Image::parse(std::fs::read(&program).unwrap(), ImageOptions { base }).unwrap();
        let relocations = relative_relocations(&program);
        assert!(relocations.len() > 1000, "{goarch} {}", go.version());
        for (place, addend) in relocations {
            assert_eq!(image.memory().word(rcsim_go::image::Addr(place + base)), Some(addend + base));
        }
        let Container::Elf(elf) = image.container() else { panic!("an ELF image") };
        assert_eq!(elf.placement(), ElfPlacement::PositionIndependent { base });
        let left = output(Command::new("llvm-readelf-19").args(["-rW"]).arg(&program));
        let left = left.lines().filter(|line| line.contains(" R_") && !line.contains("_RELATIVE")).count();
        assert_eq!(elf.unapplied_relocations().len(), left);
    }
}
