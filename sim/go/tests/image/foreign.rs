//! Files that are something else: each gets its own class of error, and a remedy.

use crate::toolchain::{Build, Go};
use rcsim_go::image::{ForeignFormat, Gap, Image, ImageError, ImageOptions, Part, Place};
use std::path::Path;

fn error(file: &[u8]) -> ImageError {
    let error = Image::parse(file, ImageOptions::default()).expect_err("not a Go image");
    assert!(!error.remedy().is_empty() && !error.to_string().is_empty());
    error
}

fn foreign(file: &[u8]) -> ForeignFormat {
    match error(file) {
        ImageError::Foreign(found) => found,
        other => panic!("{other}"),
    }
}

/// A small real program to be changed.
fn program() -> Option<Vec<u8>> {
    let go = Go::find("1.27")?;
    Some(std::fs::read(go.build(Build::linux("amd64").with(&["-ldflags=-s -w"]))).unwrap())
}

#[test]
fn other_formats_are_recognised() {
    assert_eq!(foreign(b""), ForeignFormat::Empty);
    assert_eq!(foreign(b"\xcf\xfa\xed\xfe\x07\x00"), ForeignFormat::MachO);
    assert_eq!(foreign(b"MZ\x90\x00"), ForeignFormat::Pe);
    assert_eq!(foreign(b"#!/bin/sh\n"), ForeignFormat::Script);
    assert_eq!(foreign(b"!<arch>\n__.PKGDEF"), ForeignFormat::Archive);
    assert_eq!(foreign(b"package main\n"), ForeignFormat::Unknown);
    assert_eq!(foreign(b"\0asm\x0d\x00\x01\x00"), ForeignFormat::WasmOther);
}

#[test]
fn a_program_that_go_did_not_build_is_not_go() {
    assert!(matches!(error(&std::fs::read("/bin/true").unwrap()), ImageError::NotGo));
    assert!(matches!(error(b"\0asm\x01\0\0\0"), ImageError::NotGo));
}

#[test]
fn a_file_that_is_not_there_cannot_be_read() {
    let missing = Image::load(Path::new("/nowhere/program")).unwrap_err();
    assert!(matches!(&missing, ImageError::Unreadable { path, .. } if path == Path::new("/nowhere/program")));
}

#[test]
fn an_elf_file_that_is_no_executable_is_named() {
    let Some(file) = program() else { return };
    // Each change is of one field of the file header.
    let changed = |at: usize, value: u8| {
        let mut file = file.clone();
        file[at] = value;
        error(&file)
    };
    assert!(matches!(changed(16, 1), ImageError::Foreign(ForeignFormat::ElfObject)));
    assert!(matches!(changed(16, 4), ImageError::Foreign(ForeignFormat::ElfCore)));
    for (at, value) in [(16, 77), (4, 9), (5, 0), (6, 2)] {
        assert!(matches!(changed(at, value), ImageError::Foreign(ForeignFormat::ElfUndefined)));
    }
    let freebsd = changed(7, 9);
    assert!(matches!(freebsd, ImageError::Unsupported(Gap::OperatingSystem(9))) && freebsd.is_unsupported());
    // A fixed executable declared position independent has nothing to be moved by.
    assert!(matches!(changed(16, 3), ImageError::Unsupported(Gap::PieWithoutRelativeRelocations)));
}

#[test]
fn a_base_between_pages_is_refused() {
    let Some(go) = Go::find("1.27") else { return };
    let file = std::fs::read(go.build(Build::linux("arm64").with(&["-buildmode=pie"]))).unwrap();
    let at = |base| Image::parse(file.clone(), ImageOptions { base });
    assert!(matches!(at(0x4000_0800), Err(ImageError::Malformed { part: Part::ProgramHeaders, .. })));
    assert!(matches!(at(u64::MAX << 16), Err(ImageError::Malformed { part: Part::ProgramHeaders, .. })));
    assert!(at(0x4001_0000).is_ok());
}

#[test]
fn a_machine_that_nobody_knows_is_handed_on_as_a_fact() {
    let Some(mut file) = program() else { return };
    file[18..20].copy_from_slice(&0xbeef_u16.to_le_bytes());
    let image = Image::parse(file, ImageOptions::default()).unwrap();
    assert_eq!(image.elf_identity().unwrap().machine, 0xbeef);
}

/// Replaces every occurrence, which must exist.
fn replace(file: &mut [u8], from: &[u8], to: &[u8]) {
    assert_eq!(from.len(), to.len());
    let places: Vec<_> = (0..file.len() - from.len()).filter(|&at| file[at..].starts_with(from)).collect();
    assert!(!places.is_empty());
    for at in places {
        file[at..at + to.len()].copy_from_slice(to);
    }
}

#[test]
fn releases_outside_the_supported_range_are_named() {
    let Some(file) = program() else { return };
    for version in [b"go1.28.3", b"go1.17.3", b"go1.99.3"] {
        let mut file = file.clone();
        replace(&mut file, b"\x08go1.27.3", &[b"\x08", &version[..]].concat());
        let error = error(&file);
        let expected = std::str::from_utf8(version).unwrap();
        assert!(
            matches!(&error, ImageError::UnsupportedGoVersion { version } if version == expected),
            "{error}"
        );
    }
}

#[test]
fn tables_of_older_releases_are_named() {
    let Some(file) = program() else { return };
    let table = b"\xf1\xff\xff\xff\0\0\x01\x08";
    for (magic, names) in [(0xfa, "Go 1.16 or 1.17"), (0xfb, "Go 1.2 to 1.15")] {
        let mut file = file.clone();
        replace(&mut file, table, &[magic, 0xff, 0xff, 0xff, 0, 0, 1, 8]);
        let error = error(&file);
        assert!(
            matches!(&error, ImageError::UnsupportedGoVersion { version } if version == names),
            "{error}"
        );
    }
    // And a table of the wrong shape for the stated release fits no record.
    let mut wrong = file.clone();
    replace(&mut wrong, table, b"\xf0\xff\xff\xff\0\0\x01\x08");
    assert!(matches!(
        error(&wrong),
        ImageError::Malformed { part: Part::ModuleData, place: Place::Memory(_), .. }
    ));
    let mut none = file;
    replace(&mut none, table, &[0; 8]);
    assert!(matches!(error(&none), ImageError::NotGo));
}

#[test]
fn each_truncation_is_told_by_what_it_cuts_off() {
    let Some(file) = program() else { return };
    let part = |len: usize| match error(&file[..len]) {
        ImageError::Truncated { part, needed_bytes, file_bytes } => {
            assert!(needed_bytes > file_bytes && file_bytes == len as u64);
            part
        }
        other => panic!("{len}: {other}"),
    };
    assert_eq!(part(10), Part::ElfHeader);
    assert_eq!(part(40), Part::ElfHeader);
    assert_eq!(part(80), Part::ProgramHeaders);
    assert_eq!(part(file.len() / 2), Part::ProgramHeaders);
    assert_eq!(part(file.len() - 1), Part::SectionHeaders);
}
