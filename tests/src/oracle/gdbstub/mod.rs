//! A client of the debugger inside qemu-user: one guest program, stopped, looked at, stepped.
//!
//! Works for every architecture that qemu has, since the registers come from qemu's own description or the architecture's. One thread is
//! followed; the others run freely while it steps, because Go's start-up waits for them. Start reading at
//! [`Session::start`] and [`Session::step`].
//!
//! Speed, measured on one 2-core cloud machine with qemu 7.2 by the example `oracle_speed`: 7,000 steps a second, 4,700
//! when the general registers are read after each (amd64's vector registers are among them), 1,900 when arm64's 34
//! vector registers are read as well. qemu throws its translations away at every stop, so a faster client gains little.
//!
//! A step over a system call executes the instruction behind it too: qemu looks at the step request only when it
//! returns to translated code.

mod layout;
mod packet;

use std::fs::{self, File};
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

pub use layout::{Layout, Register, RegisterFile};
use packet::Connection;
pub(crate) use packet::{from_hex, to_hex};

use super::arch::{ArchOracle, Registers};
use super::run::{emulated, kill};
use super::{OracleError, oracles_dir};

/// How long qemu may take to answer; a blocked guest thread is reported after it.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
const SOCKET: &str = "gdb.sock";
/// Memory is moved in pieces that fit a packet of qemu: 4096 characters.
const MEMORY_PIECE_BYTES: usize = 1024;
/// Signal number of a finished step or a breakpoint, as GDB numbers signals.
const TRAP: u8 = 5;

/// Why the guest stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The followed thread finished its step or met a breakpoint.
    Trap,
    /// The guest is about to receive a signal, in GDB's numbering.
    Signal(u8),
    /// The guest exited with this status.
    Exited(u8),
    /// The guest was killed by this signal.
    Killed(u8),
}

/// A guest under qemu's debugger. It ends with this value.
pub struct Session {
    child: Child,
    connection: Connection,
    layout: Layout,
    thread: String,
    folder: PathBuf,
    program_counter: Register,
    big_endian: bool,
}

impl Session {
    /// Starts `program` and stops it before its first instruction.
    ///
    /// Go's asynchronous preemption is switched off in the guest: its signals would stop threads that nobody follows.
    /// The working folder of the guest is one of its own.
    pub fn start(arch: &ArchOracle, program: &Path, arguments: &[&str]) -> Result<Self, OracleError> {
        let folder = new_folder()?;
        let program =
            fs::canonicalize(program).map_err(OracleError::io(format!("find {}", program.display())))?;
        let big_endian = is_big_endian(&program)?;
        let mut child = spawn(arch, &program, arguments, &folder)?;
        let connection = connect(&folder, &mut child).inspect_err(|_| kill(&mut child))?;
        let mut session = Self {
            child,
            connection,
            layout: Layout::default(),
            thread: String::new(),
            folder,
            program_counter: Register { name: String::new(), bytes: 0, number: 0, offset: 0 },
            big_endian,
        };
        session.introduce(arch)?;
        Ok(session)
    }

    fn introduce(&mut self, arch: &ArchOracle) -> Result<(), OracleError> {
        self.connection.ask("qSupported:multiprocess+;vContSupported+")?;
        let stop = self.connection.ask("?")?;
        self.thread = thread_of(&stop)
            .ok_or_else(|| OracleError::protocol(format!("no thread in the first stop: {stop}")))?
            .to_owned();
        self.layout = self.read_layout(&arch.debugger_registers)?;
        self.program_counter = self.layout.register(&arch.program_counter)?.clone();
        Ok(())
    }

    fn read_layout(&mut self, listed: &[Registers]) -> Result<Layout, OracleError> {
        let mut layout = Layout::default();
        if listed.is_empty() {
            self.read_descriptions(&mut layout)?;
        } else {
            layout.add_listed(listed.iter().flat_map(Registers::each));
            // Where qemu has a description, even one that names files it lacks, it gives single registers only to somebody who
            // has asked for it; elsewhere it has none to give.
            self.connection.ask("qXfer:features:read:target.xml:0,7f0")?;
        }
        let general = self.connection.ask("g")?;
        layout.measure_general_packet(general.len() / 2)?;
        Ok(layout)
    }

    fn read_descriptions(&mut self, layout: &mut Layout) -> Result<(), OracleError> {
        let target = self.read_description("target.xml")?;
        let mut next_number = 0;
        layout.add(&target, &mut next_number)?;
        for file in layout::includes(&target) {
            let description = self.read_description(file)?;
            layout.add(&description, &mut next_number)?;
        }
        Ok(())
    }

    fn read_description(&mut self, file: &str) -> Result<String, OracleError> {
        let mut text = String::new();
        loop {
            let piece = self.connection.ask(&format!("qXfer:features:read:{file}:{:x},7f0", text.len()))?;
            match (piece.chars().next(), piece.get(1..)) {
                (Some('m'), Some(part)) if !part.is_empty() => text.push_str(part),
                (Some('l'), Some(part)) => return Ok(text + part),
                _ => return Err(OracleError::protocol(format!("no target description {file}: {piece}"))),
            }
        }
    }

    /// The registers of this guest.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What the guest wrote to standard output so far.
    pub fn output(&self) -> Result<String, OracleError> {
        let file = self.folder.join("stdout");
        fs::read_to_string(&file).map_err(OracleError::io(format!("read {}", file.display())))
    }

    /// Reads every register of the followed thread.
    pub fn read_registers(&mut self) -> Result<RegisterFile, OracleError> {
        let mut file = RegisterFile { bytes: vec![0; self.layout.size_bytes()] };
        self.read_general(&mut file)?;
        self.read_others(&mut file)?;
        Ok(file)
    }

    /// Reads the registers that come in one packet (core registers, usually) into `file`; leaves the others.
    pub fn read_general(&mut self, file: &mut RegisterFile) -> Result<(), OracleError> {
        let general = from_hex(&self.connection.ask("g")?)?;
        if general.len() != self.layout.general_bytes() {
            return Err(OracleError::protocol("a general packet of another length"));
        }
        file.bytes[..general.len()].copy_from_slice(&general);
        Ok(())
    }

    /// Reads the registers that [`Session::read_general`] leaves.
    pub fn read_others(&mut self, file: &mut RegisterFile) -> Result<(), OracleError> {
        let others = self.layout.others();
        let commands: Vec<String> = others.iter().map(|register| format!("p{:x}", register.number)).collect();
        let replies = self.connection.ask_all(&commands)?;
        for (register, reply) in others.iter().zip(replies) {
            let value = sized(register, from_hex(&reply)?)?;
            file.set_value(register, &value);
        }
        Ok(())
    }

    /// Reads one register, in the byte order of the guest.
    pub fn read_register(&mut self, name: &str) -> Result<Vec<u8>, OracleError> {
        let register = self.layout.register(name)?.clone();
        let reply = self.connection.ask(&format!("p{:x}", register.number))?;
        sized(&register, from_hex(&reply)?)
    }

    /// Writes one register, in the byte order of the guest.
    pub fn write_register(&mut self, name: &str, value: &[u8]) -> Result<(), OracleError> {
        let register = self.layout.register(name)?.clone();
        let value = to_hex(&sized(&register, value.to_vec())?);
        match self.connection.ask(&format!("P{:x}={value}", register.number))?.as_str() {
            "OK" => Ok(()),
            reply => Err(OracleError::protocol(format!("writing {name}: {reply}"))),
        }
    }

    /// Writes every register that the debugger lets be written.
    pub fn write_registers(&mut self, file: &RegisterFile) -> Result<(), OracleError> {
        let general = to_hex(&file.bytes[..self.layout.general_bytes()]);
        let reply = self.connection.ask(&format!("G{general}"))?;
        if reply != "OK" {
            return Err(OracleError::protocol(format!("writing the general registers: {reply}")));
        }
        for register in self.layout.others().to_vec() {
            self.write_register(&register.name, file.value(&register))?;
        }
        Ok(())
    }

    /// The program counter in `file`.
    pub fn program_counter(&self, file: &RegisterFile) -> u64 {
        self.number(file.value(&self.program_counter))
    }

    /// Reads guest memory.
    pub fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), OracleError> {
        let mut at = address;
        for piece in into.chunks_mut(MEMORY_PIECE_BYTES) {
            let reply = self.connection.ask(&format!("m{at:x},{:x}", piece.len()))?;
            let missing = OracleError::GuestMemory { address: at, bytes: piece.len() };
            if reply.starts_with('E') {
                return Err(missing);
            }
            let bytes = from_hex(&reply)?;
            if bytes.len() != piece.len() {
                return Err(missing);
            }
            piece.copy_from_slice(&bytes);
            at = at.wrapping_add(piece.len() as u64);
        }
        Ok(())
    }

    /// Writes guest memory, code included.
    pub fn write_memory(&mut self, address: u64, bytes: &[u8]) -> Result<(), OracleError> {
        let mut at = address;
        for piece in bytes.chunks(MEMORY_PIECE_BYTES) {
            let command = format!("M{at:x},{:x}:{}", piece.len(), to_hex(piece));
            if self.connection.ask(&command)? != "OK" {
                return Err(OracleError::GuestMemory { address: at, bytes: piece.len() });
            }
            at = at.wrapping_add(piece.len() as u64);
        }
        Ok(())
    }

    /// Executes one instruction of the followed thread while the others run freely.
    pub fn step(&mut self) -> Result<Stop, OracleError> {
        let command = format!("vCont;s:{}", self.thread);
        self.resume(&command)
    }

    /// Lets every thread run until the next stop.
    pub fn run(&mut self) -> Result<Stop, OracleError> {
        self.resume("vCont;c")
    }

    /// Runs until a thread is about to execute the instruction at `address`, and follows that thread from then on: Go
    /// moves goroutines between threads.
    pub fn run_to(&mut self, address: u64) -> Result<Stop, OracleError> {
        self.insert_breakpoint(address)?;
        let stop = self.resume_any("vCont;c").map(|(stop, thread)| {
            if let (Stop::Trap, Some(thread)) = (stop, thread) {
                self.thread = thread;
            }
            stop
        });
        if !matches!(stop, Ok(Stop::Exited(_) | Stop::Killed(_))) {
            self.remove_breakpoint(address)?;
        }
        stop
    }

    /// Makes the guest stop before it executes the instruction at `address`.
    pub fn insert_breakpoint(&mut self, address: u64) -> Result<(), OracleError> {
        self.breakpoint('Z', address)
    }

    /// Removes a breakpoint.
    pub fn remove_breakpoint(&mut self, address: u64) -> Result<(), OracleError> {
        self.breakpoint('z', address)
    }

    fn breakpoint(&mut self, command: char, address: u64) -> Result<(), OracleError> {
        match self.connection.ask(&format!("{command}0,{address:x},1"))?.as_str() {
            "OK" => Ok(()),
            reply => Err(OracleError::protocol(format!("breakpoint at {address:#x}: {reply}"))),
        }
    }

    /// Resumes, and waits for the followed thread: a signal of another thread is passed on to it.
    fn resume(&mut self, command: &str) -> Result<Stop, OracleError> {
        match self.resume_any(command)? {
            (Stop::Trap, Some(thread)) if thread != self.thread => {
                Err(OracleError::protocol(format!("thread {thread} stopped, not {}", self.thread)))
            }
            (stop, _) => Ok(stop),
        }
    }

    /// Resumes, and waits for a stop of any thread, and a signal only of the followed one.
    fn resume_any(&mut self, command: &str) -> Result<(Stop, Option<String>), OracleError> {
        let mut reply = self.connection.ask(command)?;
        loop {
            let stop = parse_stop(&reply)?;
            match (stop, thread_of(&reply)) {
                (Stop::Signal(signal), Some(thread)) if thread != self.thread => {
                    let pass_on = format!("vCont;C{signal:02x}:{thread};c");
                    reply = self.connection.ask(&pass_on)?;
                }
                (stop, thread) => return Ok((stop, thread.map(str::to_owned))),
            }
        }
    }

    /// The number that the bytes of a register or of memory mean in this guest.
    pub fn number(&self, bytes: &[u8]) -> u64 {
        let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        if self.big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        kill(&mut self.child);
        // Left behind at worst: a small folder below target/.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn sized(register: &Register, value: Vec<u8>) -> Result<Vec<u8>, OracleError> {
    if value.len() == register.bytes {
        return Ok(value);
    }
    Err(OracleError::protocol(format!("{} has {} bytes, not {}", register.name, register.bytes, value.len())))
}

fn thread_of(stop: &str) -> Option<&str> {
    stop.split_once("thread:")?.1.split(';').next()
}

fn parse_stop(reply: &str) -> Result<Stop, OracleError> {
    let unknown = || OracleError::protocol(format!("not a stop: {reply}"));
    let number =
        reply.get(1..3).and_then(|digits| u8::from_str_radix(digits, 16).ok()).ok_or_else(unknown)?;
    match reply.as_bytes()[0] {
        b'T' | b'S' if number == TRAP => Ok(Stop::Trap),
        b'T' | b'S' => Ok(Stop::Signal(number)),
        b'W' => Ok(Stop::Exited(number)),
        b'X' => Ok(Stop::Killed(number)),
        _ => Err(unknown()),
    }
}

/// A folder of its own for the socket and the output of one guest.
fn new_folder() -> Result<PathBuf, OracleError> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let folder = oracles_dir().join("guests").join(name);
    // One may be left from a process of the same number that was killed.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(OracleError::io(format!("create {}", folder.display())))?;
    Ok(folder)
}

/// Byte 5 of an ELF file says its byte order.
fn is_big_endian(program: &Path) -> Result<bool, OracleError> {
    let mut ident = [0; 6];
    let reading = || OracleError::io(format!("read the ELF header of {}", program.display()));
    File::open(program).and_then(|mut file| file.read_exact(&mut ident)).map_err(reading())?;
    Ok(ident[5] == 2)
}

fn spawn(arch: &ArchOracle, program: &Path, arguments: &[&str], folder: &Path) -> Result<Child, OracleError> {
    let output = |name: &str| {
        let file = folder.join(name);
        File::create(&file).map_err(OracleError::io(format!("create {}", file.display())))
    };
    emulated(arch, program)?
        .args(arguments)
        .env_clear()
        .env("QEMU_GDB", SOCKET)
        .env("QEMU_RAND_SEED", "1")
        .env("GODEBUG", "asyncpreemptoff=1")
        .env("GOMAXPROCS", "1")
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(output("stdout")?)
        .stderr(output("stderr")?)
        .spawn()
        .map_err(OracleError::io(format!("start {}", arch.emulator)))
}

/// Connects as soon as qemu listens. The path goes through a descriptor of the folder, because a socket's path may
/// have no more than 107 characters.
fn connect(folder: &Path, child: &mut Child) -> Result<Connection, OracleError> {
    let folder_file = File::open(folder).map_err(OracleError::io(format!("open {}", folder.display())))?;
    let socket = PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", folder_file.as_raw_fd()));
    let started = Instant::now();
    let stream = loop {
        match UnixStream::connect(&socket) {
            Ok(stream) => break stream,
            Err(_) if started.elapsed() < ANSWER_LIMIT => thread::sleep(Duration::from_millis(1)),
            Err(error) => return Err(OracleError::io("connect to qemu's debugger")(error)),
        }
        if let Some(status) = child.try_wait().map_err(OracleError::io("wait for qemu"))? {
            let said = fs::read_to_string(folder.join("stderr")).unwrap_or_default();
            return Err(OracleError::GuestEnded { how: format!("qemu did not start ({status}): {said}") });
        }
    };
    stream
        .set_read_timeout(Some(ANSWER_LIMIT))
        .map_err(OracleError::io("limit the time of qemu's answers"))?;
    Ok(Connection::new(stream))
}
