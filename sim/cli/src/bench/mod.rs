//! `rcsim bench`: rcsim's own speed, beside other emulators on the same guest instructions. `BENCH.md` says what the
//! figures mean.
//!
//! | file | idea |
//! |---|---|
//! | `copy.rs`, `calls.rs`, `checked.rs`, `following.rs`, `lifting.rs` | what is measured |
//! | `peers/` | the same in other emulators |
//! | `measure.rs`, `clock.rs` | repetition, and the clock |
//! | `table.rs` | how the figures are told |
//!
//! Start reading at [`command`].

mod calls;
mod checked;
mod clock;
mod copy;
mod error;
mod following;
mod lifting;
mod measure;
mod peers;
mod table;

use std::io::{self, IsTerminal, Write};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcsim_diag::Diagnostics;
use rcsim_go::phases::PhaseMeter;
use rcsim_timing::Core;
use rcsim_uop::Port;

use crate::args::{BenchArgs, Format};
use crate::console::Console;
use crate::cores;
use crate::exit::Exit;
use crate::image_file::ImageFile;
use crate::selection;
use calls::Calls;
use checked::Points;
use copy::Interpreter;
use error::BenchError;
use following::Modelled;
use lifting::Lifter;
use measure::{Contestant, take_turns};
use peers::{LlvmMca, Node, Peer, QemuUser, Unicorn};
use table::{Row, Table};

/// Rounds of the copy loop: 4 KiB each, some tenths of a second in all at the speed of whoever runs it.
const ROUNDS: u32 = 10_000;
const MODEL_ROUNDS: u32 = ROUNDS / 10;
const QEMU_ROUNDS: u32 = 10 * ROUNDS;
const UNICORN_ROUNDS: u32 = ROUNDS;
const NODE_ROUNDS: u32 = 20 * ROUNDS;

/// Measure and report.
///
/// # Errors
/// When what was typed makes no sense, or a measurement failed.
pub fn command(args: &BenchArgs, console: &mut Console) -> Result<Exit, Diagnostics> {
    let ports = selection::ports(&selection::archs(&args.archs)?);
    let images: Vec<ImageFile> =
        args.images.iter().map(|path| ImageFile::open(path)).collect::<Result<_, _>>()?;
    let cores: Vec<Arc<Core>> = cores::built_in()?.into_iter().map(Arc::new).collect();
    let mut bench = Bench { repetitions: usize::from(args.repetitions), progress: Progress::new() };
    let tables = bench.all(&ports, &cores, images, !args.no_peers);
    bench.progress.clear();
    let tables = tables?;
    match args.format {
        Format::Text => console.print(&table::text(&tables))?,
        Format::Json => console.print(&table::json(&tables))?,
    }
    Ok(Exit::Clean)
}

struct Bench {
    repetitions: usize,
    progress: Progress,
}

impl Bench {
    fn all(
        &mut self,
        ports: &[&'static dyn Port],
        cores: &[Arc<Core>],
        images: Vec<ImageFile>,
        with_peers: bool,
    ) -> Result<Vec<Table>, BenchError> {
        let mut copying = Table::new("copy loop", "M instructions/s", 1e6);
        let mut calling = Table::new("reflective calls, each in a world of its own", "calls/s", 1.0);
        let mut following = Table::new("cycles of a recorded Value.Call", "M instructions/s", 1e6);
        let mut points = Table::new("GC points examined", "points/s", 1.0);
        let mut lifting = Table::new("lifting", "M instructions/s", 1e6);
        for port in ports {
            let fitting: Vec<Arc<Core>> =
                cores.iter().filter(|core| cores::fits(core, port.goarch())).cloned().collect();
            self.copy(*port, &fitting, with_peers, &mut copying)?;
            self.calls(*port, &mut calling)?;
            self.follow(*port, &fitting, with_peers, &mut following)?;
            self.fill(*port, &mut [Box::new(Points::new(*port)?)], &mut points)?;
            self.lift(*port, Lifter::built_in(*port)?, &mut lifting)?;
        }
        for image in images {
            self.lift(image.port, Lifter::program(image)?, &mut lifting)?;
        }
        Ok(vec![copying, calling, following, points, lifting])
    }

    fn copy(
        &mut self,
        port: &'static dyn Port,
        cores: &[Arc<Core>],
        with_peers: bool,
        table: &mut Table,
    ) -> Result<(), BenchError> {
        let mut contestants: Vec<Box<dyn Contestant>> = vec![
            Box::new(Interpreter::bare(port, ROUNDS)?),
            Box::new(Interpreter::new(
                "rcsim, counting phases",
                port,
                ROUNDS,
                Box::new(|_| PhaseMeter::default()),
            )?),
            Box::new(checked::to_the_stack(port, ROUNDS)?),
            Box::new(checked::within_the_heap(port, ROUNDS)?),
        ];
        for core in cores {
            contestants.push(Box::new(Interpreter::modelled(port, MODEL_ROUNDS, core)?));
        }
        for peer in if with_peers { peers_of(port) } else { Vec::new() } {
            match peer {
                Peer::Present(contestant) => contestants.push(contestant),
                Peer::Missing(name, why) => table.missing(port.goarch(), &name, &why),
            }
        }
        let first = table.len();
        self.fill(port, &mut contestants, table)?;
        table.compare(first, "rcsim");
        Ok(())
    }

    /// Cycle models on a recorded call, each beside llvm-mca on the same instructions.
    fn follow(
        &mut self,
        port: &'static dyn Port,
        cores: &[Arc<Core>],
        with_peers: bool,
        table: &mut Table,
    ) -> Result<(), BenchError> {
        let stream = Rc::new(following::record(port)?);
        for core in cores {
            let mut contestants: Vec<Box<dyn Contestant>> = vec![Box::new(Modelled::new(&stream, core))];
            match LlvmMca::find(core, &stream.code, stream.instructions) {
                Ok(peer) if with_peers => contestants.push(Box::new(peer)),
                Err(why) if with_peers => {
                    table.missing(port.goarch(), &format!("llvm-mca, {}", core.name), &why)
                }
                Ok(_) | Err(_) => {}
            }
            let first = table.len();
            self.fill(port, &mut contestants, table)?;
            table.compare(first, "rcsim");
        }
        Ok(())
    }

    fn calls(&mut self, port: &'static dyn Port, table: &mut Table) -> Result<(), BenchError> {
        for pair in Calls::all(port)? {
            let note = format!("{} instructions a call", pair[0].instructions());
            let mut contestants = pair.map(|call| Box::new(call) as Box<dyn Contestant>);
            let first = table.len();
            self.fill(port, &mut contestants, table)?;
            table.compare(first, "unchecked");
            table.note(first, note);
        }
        Ok(())
    }

    fn lift(&mut self, port: &dyn Port, lifter: Lifter, table: &mut Table) -> Result<(), BenchError> {
        let lifted = lifter.lift();
        let row = table.len();
        self.fill(port, &mut [Box::new(lifter)], table)?;
        let ratio = lifted.micro_ops as f64 / lifted.instructions.max(1) as f64;
        let lifted_of = format!("{} instructions, {} left out", lifted.instructions, lifted.failed);
        table.note(row, format!("{ratio:.3} micro-ops an instruction; {lifted_of}"));
        Ok(())
    }

    /// Let the contestants take turns, a row for each.
    fn fill(
        &mut self,
        port: &dyn Port,
        contestants: &mut [Box<dyn Contestant>],
        table: &mut Table,
    ) -> Result<(), BenchError> {
        let (goarch, title) = (port.goarch(), table.title());
        let progress = &mut self.progress;
        let rates = take_turns(contestants, self.repetitions, |what| {
            progress.say(&format!("{title}, {goarch}: {what}"));
        })?;
        for (contestant, rates) in contestants.iter().zip(rates) {
            table.push(Row::new(goarch, contestant.name(), rates));
        }
        Ok(())
    }
}

fn peers_of(port: &'static dyn Port) -> Vec<Peer> {
    let mut peers = vec![
        Peer::new("qemu-user", QemuUser::find(port, QEMU_ROUNDS)),
        Peer::new("unicorn", Unicorn::find(port, UNICORN_ROUNDS)),
    ];
    if Node::runs(port) {
        peers.push(Peer::new("node", Node::find(port, NODE_ROUNDS)));
    }
    peers
}

/// One line on a terminal that says what is being measured, once that takes longer than a moment.
struct Progress {
    started: Instant,
    terminal: bool,
}

impl Progress {
    const QUIET: Duration = Duration::from_secs(1);

    fn new() -> Self {
        Self { started: Instant::now(), terminal: io::stderr().is_terminal() }
    }

    /// Who cannot be told need not be.
    fn say(&mut self, what: &str) {
        if self.terminal && self.started.elapsed() > Self::QUIET {
            let _ = write!(io::stderr(), "\r\x1b[K{what}");
        }
    }

    fn clear(&mut self) {
        if self.terminal {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
