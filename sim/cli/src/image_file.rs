//! Go programs named on the command line: their bytes, and whose they are.

use std::path::Path;
use std::sync::OnceLock;

use rcsim_diag::{Diagnostic, Diagnostics};
use rcsim_go::image::{Image, ImageError, ImageOptions};
use rcsim_go::marking::BarrierPlaces;
use rcsim_go::places::Places;
use rcsim_go::run::{epoch_of_release, is_of_port};
use rcsim_uop::Epoch;
use sha2::{Digest, Sha256};

use crate::files;
use crate::selection::{Arch, Choice, arch_names};

/// The largest program that is read, in bytes.
const MAX_BYTES: u64 = 1 << 30;

/// A Go program.
pub struct ImageFile {
    /// The path, as it was named.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// SHA-256 of them, in hexadecimal.
    pub sha256: String,
    /// The Go that built it.
    pub go: String,
    /// The architecture.
    pub port: Arch,
    /// The epoch whose rules hold for it.
    pub epoch: Epoch,
    /// What is in it.
    pub image: Image,
    /// Where it keeps what write barriers need, once that was asked for.
    pub barriers: OnceLock<Option<BarrierPlaces>>,
}

impl ImageFile {
    /// Reads a program and recognises its architecture and release.
    ///
    /// # Errors
    /// When it cannot be read, is no Go program, or is one that rcsim does not support.
    pub fn open(path: &Path) -> Result<Self, Diagnostics> {
        let bytes = files::read(path, MAX_BYTES)?;
        let path = path.display().to_string();
        let first = parse(&path, &bytes, ImageOptions::default())?;
        let port = port_of(&path, &first)?;
        // A program that may stand anywhere is put where runs put it, so that addresses agree.
        let image = parse(&path, &bytes, ImageOptions { base: Places::of(port).file_base })?;
        Ok(Self {
            sha256: Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
            go: image.go_release().to_string(),
            epoch: epoch_of_release(image.go_release().minor()),
            path,
            bytes,
            port,
            image,
            barriers: OnceLock::new(),
        })
    }
}

fn parse(path: &str, bytes: &[u8], options: ImageOptions) -> Result<Image, Diagnostics> {
    Image::parse(bytes, options).map_err(|error| wrong_image(path, &error).into())
}

/// The message for a file that is no image.
pub fn wrong_image(path: &str, error: &ImageError) -> Diagnostic {
    let message = error.to_string();
    let diagnostic =
        if error.is_unsupported() { Diagnostic::unsupported(message) } else { Diagnostic::input(message) };
    let place = match error.place() {
        Some(place) => format!("{path}, {place}"),
        None => path.to_owned(),
    };
    diagnostic.with_place(place).with_help(error.remedy())
}

fn port_of(path: &str, image: &Image) -> Result<Arch, Diagnostics> {
    if let Some(port) = rcsim_isa::ports().into_iter().find(|port| is_of_port(image, *port)) {
        return Ok(port);
    }
    let what = match image.elf_identity() {
        Some(found) => format!("ELF machine {} ({:?}, {:?} endian)", found.machine, found.class, found.data),
        None => "a WebAssembly module".to_owned(),
    };
    Err(Diagnostic::unsupported(format!("{what} is not an architecture that rcsim has"))
        .with_place(path)
        .with_help(format!("build for one of {}", arch_names().join(", ")))
        .into())
}

/// Checks that a program is what the command line says that it is.
///
/// # Errors
/// One for each contradiction.
pub fn check_against(
    image: &ImageFile,
    archs: &Choice<&'static str>,
    epochs: &Choice<Epoch>,
) -> Result<(), Diagnostics> {
    let own = image.port.goarch();
    let mut wrong = Vec::new();
    if matches!(archs, Choice::Named(_)) && !archs.names(&own) {
        let message = format!("the program is for {own}, which --arch does not name");
        wrong.push((message, "leave --arch out, or give a program for what it names".to_owned()));
    }
    if matches!(epochs, Choice::Named(_)) && !epochs.names(&image.epoch) {
        let message = format!("the program was built by {}: epoch {}", image.go, image.epoch);
        wrong
            .push((message, "leave --epoch out: a program has the epoch of the Go that built it".to_owned()));
    }
    let errors: Diagnostics = wrong
        .into_iter()
        .map(|(message, help)| Diagnostic::input(message).with_place(&*image.path).with_help(help))
        .collect();
    errors.into_result(())
}
