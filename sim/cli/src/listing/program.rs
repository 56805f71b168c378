//! The code that is listed: a built-in image or a Go program.

use std::sync::Arc;

use rcsim_diag::{Diagnostic, Diagnostics, nearest};
use rcsim_go::code::{Code, CodeFunction};
use rcsim_go::image::{ArgsSize, Pc};
use rcsim_go::places::Places;
use rcsim_go::world::ServiceAddresses;
use rcsim_uop::port::{Container, Program as PortProgram};
use rcsim_uop::{Epoch, Isa};

use super::view::View;
use crate::args::ListingArgs;
use crate::availability::{self, Availability};
use crate::image_file::ImageFile;
use crate::selection::{self, Arch, Choice};

/// Code with all that is needed to list it.
pub struct Program {
    /// What it is, in words.
    pub title: String,
    /// The architecture.
    pub port: Arch,
    /// The instruction set.
    pub isa: Arc<dyn Isa>,
    /// The functions.
    pub code: Code,
    /// The bytes.
    pub view: View,
}

impl Program {
    /// Opens what the command line names.
    ///
    /// # Errors
    /// When it does not exist or cannot be read.
    pub fn open(args: &ListingArgs) -> Result<Self, Diagnostics> {
        let archs = selection::archs(args.arch.as_slice())?;
        let epochs = selection::epochs(args.epoch.as_slice())?;
        if let Some(path) = &args.image {
            let file = ImageFile::open(path)?;
            crate::image_file::check_against(&file, &archs, &epochs)?;
            selection::check_features(&args.cpu_features, &[file.port])?;
            return Self::of_file(file, &features(args));
        }
        let port = one_port(&archs)?;
        selection::check_features(&args.cpu_features, &[port])?;
        Self::built_in(port, one_epoch(port, &epochs)?, &features(args))
    }

    /// The built-in image of a port and epoch.
    ///
    /// # Errors
    /// When it cannot be assembled.
    pub fn built_in(port: Arch, epoch: Epoch, features: &[&str]) -> Result<Self, Diagnostics> {
        let title = format!("built in, {}, epoch {epoch}", port.goarch());
        let mut services = ServiceAddresses::new(port);
        let image = port
            .builtin(epoch, Places::of(port).code, &mut services)
            .map_err(|error| Diagnostic::unsupported(error.to_string()).with_place(&*title))?;
        let mut view = View::default();
        view.add(image.base, &image.bytes);
        let isa = instruction_set(port, features, image.base, &image.bytes, &title)?;
        Ok(Self { title, port, isa, code: Code::built_in(epoch, image), view })
    }

    fn of_file(file: ImageFile, features: &[&str]) -> Result<Self, Diagnostics> {
        let port = file.port;
        let title = format!("{}, {}, built by {}", file.path, port.goarch(), file.go);
        let base = Places::of(port).code;
        let mut view = View::default();
        if port.container() == Container::Wasm {
            view.add(base, &file.bytes);
        } else {
            let segments = file.image.memory().segments();
            segments.filter(|one| one.permissions.execute).for_each(|one| view.add(one.address.0, one.bytes));
        }
        let isa = instruction_set(port, features, base, &file.bytes, &title)?;
        let code = Code::file(file.image, |go_pc| port.machine_pc(&*isa, go_pc));
        Ok(Self { title, port, isa, code, view })
    }

    /// The functions of this name; a function and the wrappers around it share one.
    ///
    /// # Errors
    /// When there is none.
    pub fn named(&self, name: &str) -> Result<Vec<&CodeFunction>, Diagnostics> {
        let functions = self.code.functions().iter();
        let found: Vec<&CodeFunction> = functions.filter(|function| function.name == name).collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let error = Diagnostic::input(format!("no function `{name}`")).with_place(&*self.title);
        let names = self.code.functions().iter().map(|function| function.name.as_str());
        let same = |other: &&str| last_part(other) == last_part(name);
        let alike = |other: &&str| nearest(last_part(name), [last_part(other)]).is_some();
        let near = names.clone().find(same).or_else(|| names.clone().find(alike));
        Err(match near {
            Some(near) => error.with_help(format!("did you mean `{near}`?")),
            None => error.with_help("without a function, the names of all are listed"),
        }
        .into())
    }

    /// Frame and arguments of a function, in words.
    pub fn frame(&self, function: &CodeFunction) -> String {
        let (frame, args) = match self.code.built_in_at(function.entry) {
            Some((built, _)) => (u64::from(built.frame_bytes), format!("{} bytes", built.args_bytes)),
            None => self.frame_in_file(function).unwrap_or((0, "unstated".to_owned())),
        };
        let wrapper = if function.wrapper { ", wrapper between ABIs" } else { "" };
        format!("frame {frame} bytes, arguments {args}{wrapper}")
    }

    fn frame_in_file(&self, function: &CodeFunction) -> Option<(u64, String)> {
        let go_pc = self.port.go_pc(&*self.isa, function.entry)?;
        let function = self.code.file_function_at(go_pc)?;
        let args = match function.args_size() {
            ArgsSize::Bytes(bytes) => format!("{bytes} bytes"),
            ArgsSize::Unknown => "unstated".to_owned(),
        };
        Some((u64::from(function.frame_size_bytes().ok()?), args))
    }

    /// File and line of the instruction at an address, where the image has them.
    pub fn source_line(&self, pc: u64) -> Option<String> {
        let go_pc = self.port.go_pc(&*self.isa, pc)?;
        let line = self.code.file_function_at(go_pc)?.source_line(Pc(go_pc)).ok()??;
        Some(format!("{}:{}", line.file, line.line))
    }
}

fn features(args: &ListingArgs) -> Vec<&str> {
    args.cpu_features.iter().map(String::as_str).collect()
}

fn instruction_set(
    port: Arch,
    features: &[&str],
    base: u64,
    file: &[u8],
    title: &str,
) -> Result<Arc<dyn Isa>, Diagnostics> {
    port.isa(features, PortProgram { base, file }).map_err(|error| {
        let error = Diagnostic::input(error.to_string()).with_place(title);
        error.with_help("build the file again; it is damaged or was edited").into()
    })
}

/// A function's name without its package.
fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// The one port that is meant.
fn one_port(archs: &Choice<&'static str>) -> Result<Arch, Diagnostics> {
    match selection::ports(archs)[..] {
        [port] => Ok(port),
        _ => Err(Diagnostic::input("a listing is of one architecture")
            .with_help(format!("name it with --arch: {}", selection::arch_names().join(", ")))
            .into()),
    }
}

/// The one epoch that is meant: by default the newest.
fn one_epoch(port: Arch, epochs: &Choice<Epoch>) -> Result<Epoch, Diagnostics> {
    let there = |epoch: &Epoch| availability::of(port, *epoch) == Availability::BuiltIn;
    let error = |message: String| {
        Diagnostic::input(message).with_help("`rcsim list archs` shows which epochs there are")
    };
    match epochs {
        Choice::Default => Epoch::ALL.into_iter().rfind(there),
        Choice::Named(list) if list.len() == 1 => list.first().copied().filter(there),
        Choice::Named(_) | Choice::All => return Err(error("a listing is of one epoch".to_owned()).into()),
    }
    .ok_or_else(|| error(format!("{} is not built in for this epoch", port.goarch())).into())
}
