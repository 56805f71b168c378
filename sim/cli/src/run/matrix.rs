//! Which combinations of workload, architecture, epoch and code are run, and which are left out.
//!
//! A combination that cannot be is an error when the command line names every part of it; otherwise it is left out, and a
//! line says so.

use rcsim_diag::{Diagnostic, Diagnostics, Located};
use rcsim_go::services::{absent_in, reserve_absent_in};
use rcsim_reports::records::Skipped;
use rcsim_reports::text;
use rcsim_uop::Epoch;
use rcsim_workloads::Call;

use super::settings::Settings;
use crate::availability::{self, Availability};
use crate::image_file::ImageFile;
use crate::selection::{Arch, Choice};
use crate::workload_files::WorkloadFile;

/// One run to be.
#[derive(Clone, Copy)]
pub struct Combination<'s> {
    /// The workload.
    pub file: &'s WorkloadFile,
    /// The architecture.
    pub port: Arch,
    /// The epoch.
    pub epoch: Epoch,
    /// The program; nothing for built-in code.
    pub image: Option<&'s ImageFile>,
}

/// Everything to be run, in order, and what is left out.
#[derive(Default)]
pub struct Matrix<'s> {
    /// The runs.
    pub runs: Vec<Combination<'s>>,
    /// The rest.
    pub skipped: Vec<Skipped>,
    errors: Diagnostics,
}

/// Lays out the runs.
///
/// # Errors
/// When a combination that was asked for by name cannot be, or nothing is left to run.
pub fn lay_out(settings: &Settings) -> Result<Matrix<'_>, Diagnostics> {
    let mut matrix = Matrix::default();
    let codes = matrix.codes(settings);
    for file in &settings.workloads {
        for code in &codes {
            matrix.add(settings, file, code);
        }
    }
    if matrix.runs.is_empty() && matrix.errors.is_empty() {
        let error = Diagnostic::input("nothing is left to run")
            .with_help("choose other architectures or epochs; `rcsim list archs` shows what there is");
        let reasons = matrix.skipped.iter().map(text::skipped);
        matrix.errors.push(reasons.fold(error, Diagnostic::with_note));
    }
    std::mem::take(&mut matrix.errors).into_result(matrix)
}

/// A port with the epochs that can be run on it, oldest first.
struct CodeOf<'s> {
    port: Arch,
    epochs: Vec<Epoch>,
    image: Option<&'s ImageFile>,
}

impl<'s> Matrix<'s> {
    fn codes(&mut self, settings: &'s Settings) -> Vec<CodeOf<'s>> {
        if !settings.images.is_empty() {
            let of_image = |image: &'s ImageFile| CodeOf {
                port: image.port,
                epochs: vec![image.epoch],
                image: Some(image),
            };
            return settings.images.iter().map(of_image).collect();
        }
        let ports = settings.ports.iter();
        ports
            .map(|port| CodeOf { port: *port, epochs: self.epochs_of(settings, *port), image: None })
            .collect()
    }

    /// The epochs in question that have this port built in.
    fn epochs_of(&mut self, settings: &Settings, port: Arch) -> Vec<Epoch> {
        let wanted = match &settings.epochs {
            Choice::Named(list) => list.clone(),
            Choice::All | Choice::Default => Epoch::ALL.to_vec(),
        };
        let mut epochs = Vec::new();
        for epoch in wanted {
            let (why, error) = match availability::of(port, epoch) {
                Availability::BuiltIn => {
                    epochs.push(epoch);
                    continue;
                }
                Availability::Never { first, last } => {
                    let why = format!("rcsim has it from {first} to {last}");
                    let message = format!("there is no {} in epoch {epoch}", port.goarch());
                    (why.clone(), Diagnostic::input(message).with_note(why))
                }
                Availability::Lacking(what) => {
                    let message = format!("{} is not built in for epoch {epoch}", port.goarch());
                    (format!("not built in: {what}"), Diagnostic::unsupported(message).with_note(what))
                }
            };
            if settings.archs.names(&port.goarch()) && settings.epochs.names(&epoch) {
                self.errors.push(error.with_help("`rcsim list archs` shows which epochs there are"));
            } else if !matches!(settings.epochs, Choice::Default) {
                let arch = port.goarch().to_owned();
                self.skipped.push(Skipped { workload: None, arch, epoch: Some(epoch.to_string()), why });
            }
        }
        epochs
    }

    fn add(&mut self, settings: &Settings, file: &'s WorkloadFile, code: &CodeOf<'s>) {
        let goarch = code.port.goarch();
        if let Some(list) = excluding(&file.workload.archs, goarch) {
            let by_name = settings.archs.names(&goarch) || code.image.is_some();
            self.leave_out(file, by_name, list, (goarch, None), &format!("architecture {goarch}"));
            return;
        }
        let fits = |epoch: &Epoch| {
            excluding(&file.workload.epochs, epoch.name()).is_none() && absent(file, *epoch).is_none()
        };
        let mut epochs: Vec<Epoch> = code.epochs.clone();
        if matches!(settings.epochs, Choice::Default)
            && let Some(newest) = code.epochs.iter().rfind(|epoch| fits(epoch))
        {
            epochs = vec![*newest];
        }
        for epoch in epochs {
            match excluding(&file.workload.epochs, epoch.name()) {
                Some(list) => {
                    let by_name = settings.epochs.names(&epoch) || code.image.is_some();
                    let what = format!("epoch {epoch}");
                    self.leave_out(file, by_name, list, (goarch, Some(epoch)), &what);
                }
                None => match absent(file, epoch) {
                    Some(why) => self.absent(settings, file, (goarch, epoch), why),
                    None => self.runs.push(Combination { file, port: code.port, epoch, image: code.image }),
                },
            }
        }
    }

    /// An epoch that has no calls as the workload makes them.
    fn absent(
        &mut self,
        settings: &Settings,
        file: &WorkloadFile,
        (arch, epoch): (&str, Epoch),
        why: &'static str,
    ) {
        if file.named && settings.epochs.names(&epoch) {
            let word = file.workload.call.word();
            let error = Diagnostic::input(format!("there is no `{word}` in epoch {epoch}"));
            self.errors.push(error.with_place(&*file.path).with_note(why));
            return;
        }
        self.skipped.push(Skipped {
            workload: Some(file.path.clone()),
            arch: arch.to_owned(),
            epoch: Some(epoch.to_string()),
            why: why.to_owned(),
        });
    }

    /// A workload that does not have what was chosen.
    fn leave_out(
        &mut self,
        file: &WorkloadFile,
        by_name: bool,
        list: &[Located<String>],
        (arch, epoch): (&str, Option<Epoch>),
        what: &str,
    ) {
        if file.named && by_name {
            self.errors.push(excluded(list, what, &file.path));
            return;
        }
        self.skipped.push(Skipped {
            workload: Some(file.path.clone()),
            arch: arch.to_owned(),
            epoch: epoch.map(|epoch| epoch.to_string()),
            why: format!("the workload is not for {what}"),
        });
    }
}

/// Why an epoch has no calls as the workload makes them.
fn absent(file: &WorkloadFile, epoch: Epoch) -> Option<&'static str> {
    match file.workload.call {
        Call::Runtime(caller) => absent_in(caller, epoch),
        Call::ValueCall
        | Call::MakeFunc
        | Call::MethodValue(_)
        | Call::MethodCall(_)
        | Call::Reflectcall(_) => file.workload.reserve_bytes.and_then(|_| reserve_absent_in(epoch)),
    }
}

/// The list of a workload, when it leaves `name` out.
fn excluding<'w>(list: &'w Option<Vec<Located<String>>>, name: &str) -> Option<&'w [Located<String>]> {
    list.as_deref().filter(|list| list.iter().all(|known| known.value != name))
}

fn excluded(list: &[Located<String>], what: &str, path: &str) -> Diagnostic {
    let error = Diagnostic::input(format!("the workload is not for {what}"));
    let error = match list.first() {
        Some(first) => error.with_primary(&first.span, "it is for these only"),
        None => error.with_place(path),
    };
    error.with_help("choose another, or change the list in the workload")
}
