//! Code into memory: what rcsim assembles itself, or the segments of a file.

use std::sync::Arc;

use rcsim_machine::{Memory, Perms, Shadow};
use rcsim_uop::Epoch;
use rcsim_uop::port::{Container, Port, Program};

use crate::code::Code;
use crate::failure::Failure;
use crate::image::{ByteOrder, Image, ImageOptions};
use crate::places::Places;
use crate::run::{CodeChoice, Request, RunError};
use crate::world::{MAX_MEMORY_BYTES, ServiceAddresses};

/// The epoch whose rules a file of this Go minor release follows.
#[must_use]
pub fn epoch_of_release(minor: u16) -> Epoch {
    if minor < 20 { Epoch::Go119 } else { Epoch::Go127 }
}

/// Whether a file is of this port.
#[must_use]
pub fn is_of_port(image: &Image, port: &dyn Port) -> bool {
    match (port.container(), image.elf_identity()) {
        (Container::Wasm, None) => true,
        (Container::Elf(own), Some(found)) => {
            let bits = found.class.word_size().bytes() * 8;
            let big = found.data == ByteOrder::Big;
            (own.machine, u64::from(own.class_bits), own.big_endian) == (found.machine, bits, big)
        }
        _ => false,
    }
}

/// The code of a run, in memory.
pub(crate) struct Loaded<S: Shadow> {
    pub code: Code,
    pub mem: Memory<S>,
    pub isa: Arc<dyn rcsim_uop::Isa>,
}

pub(crate) fn load<S: Shadow>(
    request: &Request<'_>,
    services: &mut ServiceAddresses,
) -> Result<Loaded<S>, RunError> {
    let mut mem = Memory::new(request.port.word().bytes, MAX_MEMORY_BYTES);
    match request.code {
        CodeChoice::BuiltIn => load_built_in(request, services, &mut mem),
        CodeChoice::File(bytes) => load_file(request, bytes, &mut mem),
    }
    .map(|(code, isa)| Loaded { code, mem, isa })
}

type CodeAndIsa = (Code, Arc<dyn rcsim_uop::Isa>);

fn load_built_in<S: Shadow>(
    request: &Request<'_>,
    services: &mut ServiceAddresses,
    mem: &mut Memory<S>,
) -> Result<CodeAndIsa, RunError> {
    let places = Places::of(request.port);
    let image = request.port.builtin(request.epoch, places.code, services).map_err(RunError::Build)?;
    map_bytes(mem, image.base, &image.bytes, image.bytes.len() as u64, Perms::CODE)?;
    let program = Program { base: image.base, file: &image.bytes };
    let isa = request.port.isa(request.features, program).map_err(RunError::Setup)?;
    Ok((Code::built_in(request.epoch, image), isa))
}

fn load_file<S: Shadow>(
    request: &Request<'_>,
    bytes: &[u8],
    mem: &mut Memory<S>,
) -> Result<CodeAndIsa, RunError> {
    let places = Places::of(request.port);
    let image = Image::parse(bytes, ImageOptions { base: places.file_base }).map_err(RunError::Image)?;
    for segment in image.memory().segments() {
        let permissions = segment.permissions;
        let perms = Perms { read: permissions.read, write: permissions.write, execute: permissions.execute };
        map_bytes(mem, segment.address.0, segment.bytes, segment.size_bytes, perms)?;
    }
    let program = Program { base: places.code, file: bytes };
    if request.port.container() == Container::Wasm {
        map_bytes(mem, places.code, bytes, bytes.len() as u64, Perms::CODE)?;
    }
    let isa = request.port.isa(request.features, program).map_err(RunError::Setup)?;
    let machine_pc = |go_pc| request.port.machine_pc(&*isa, go_pc);
    Ok((Code::file(image, machine_pc), Arc::clone(&isa)))
}

/// Map a segment, rounded to pages, and fill it.
fn map_bytes<S: Shadow>(
    mem: &mut Memory<S>,
    start: u64,
    bytes: &[u8],
    size: u64,
    perms: Perms,
) -> Result<(), RunError> {
    const PAGE: u64 = rcsim_machine::memory::PAGE_BYTES;
    let low = start & !(PAGE - 1);
    let high = (start + size.max(bytes.len() as u64)).next_multiple_of(PAGE);
    if high > low {
        mem.map(low, high - low, perms);
    }
    let action = "load the image".to_owned();
    mem.load_image(start, bytes).map_err(|fault| RunError::World(Failure::Service { action, fault }))
}
