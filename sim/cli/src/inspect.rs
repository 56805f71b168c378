//! `rcsim image`: what is in a Go program.

use std::fmt::Write as _;

use rcsim_diag::Diagnostics;
use rcsim_go::image::{ArgsSize, Container, ElfPlacement, Function, Image};
use rcsim_go::phases::is_machinery;
use rcsim_go::services::Service;

use crate::args::ImageArgs;
use crate::console::Console;
use crate::exit::Exit;
use crate::image_file::ImageFile;

/// Tells what is in a program.
///
/// # Errors
/// When it is no Go program.
pub fn command(args: &ImageArgs, console: &mut Console) -> Result<Exit, Diagnostics> {
    let file = ImageFile::open(&args.file)?;
    console.print(&describe(&file))?;
    Ok(Exit::Clean)
}

fn describe(file: &ImageFile) -> String {
    let mut out = String::new();
    let mut say = |label: &str, text: &str| {
        let _ = writeln!(out, "{label:<12} {text}");
    };
    say("file", &format!("{}, {} bytes", file.path, file.bytes.len()));
    say("sha-256", &file.sha256);
    say("container", &container(&file.image));
    say("arch", &format!("{}: {}", file.port.goarch(), file.port.summary()));
    say("go", &format!("{}, rules of epoch {}", file.go, file.epoch));
    say("entry", &entry(&file.image));
    say("functions", &file.image.function_count().to_string());
    say("symbols", &symbols(&file.image));
    out + &segments(&file.image) + &machinery(&file.image) + &services(&file.image)
}

fn container(image: &Image) -> String {
    match image.container() {
        Container::Wasm(module) => {
            format!(
                "WebAssembly module, {} functions, {} imports",
                module.functions().len(),
                module.imports().len()
            )
        }
        Container::Elf(elf) => {
            let identity = elf.identity();
            let placement = match elf.placement() {
                ElfPlacement::Fixed => "at fixed addresses".to_owned(),
                ElfPlacement::PositionIndependent { base } => {
                    format!("position independent, placed at {base:#x}")
                }
            };
            let bits = identity.class.word_size().bytes() * 8;
            format!("ELF executable, {bits} bits, machine {}, {placement}", identity.machine)
        }
    }
}

fn entry(image: &Image) -> String {
    let Some(entry) = image.entry() else { return "unstated".to_owned() };
    match image.function_at(entry) {
        Ok(Some(function)) => format!("{entry} {}", function.name()),
        Ok(None) | Err(_) => entry.to_string(),
    }
}

fn symbols(image: &Image) -> String {
    match (image.container(), image.has_symbols()) {
        (_, true) => format!("{}", image.symbols().count()),
        (Container::Wasm(_), false) => "in the module's name section, if anywhere".to_owned(),
        (Container::Elf(_), false) => "stripped; Go's function table has the names".to_owned(),
    }
}

fn segments(image: &Image) -> String {
    let mut out = "\nsegments\n".to_owned();
    for segment in image.memory().segments() {
        let permissions = segment.permissions;
        let flag = |on, letter| if on { letter } else { '-' };
        let text: String =
            [flag(permissions.read, 'r'), flag(permissions.write, 'w'), flag(permissions.execute, 'x')]
                .iter()
                .collect();
        let file = segment.bytes.len();
        let _ = writeln!(
            out,
            "  {:#14x}  {:>10} bytes, {file:>10} of them in the file  {text}",
            segment.address.0, segment.size_bytes
        );
    }
    out
}

fn machinery(image: &Image) -> String {
    let mut out = "\nmachinery, run from the image\n".to_owned();
    for function in image.functions().flatten() {
        if is_machinery(function.name()) && Service::replacing(function.name()).is_none() {
            let _ = writeln!(
                out,
                "  {:>14}  {:<36} {}",
                function.entry().to_string(),
                function.name(),
                frame(&function)
            );
        }
    }
    out
}

fn frame(function: &Function<'_>) -> String {
    let frame = function.frame_size_bytes().map_or("damaged".to_owned(), |bytes| bytes.to_string());
    let args = match function.args_size() {
        ArgsSize::Bytes(bytes) => format!("{bytes}"),
        ArgsSize::Unknown => "unstated".to_owned(),
    };
    let wrapper = if function.is_generated() { ", wrapper between ABIs" } else { "" };
    format!("frame {frame}, arguments {args}{wrapper}")
}

fn services(image: &Image) -> String {
    let mut out = "\nreplaced by services of rcsim\n".to_owned();
    for function in image.functions().flatten() {
        if let Some(service) = Service::replacing(function.name()) {
            let _ = writeln!(
                out,
                "  {:>14}  {:<36} {}",
                function.entry().to_string(),
                function.name(),
                service.name()
            );
        }
    }
    out
}
