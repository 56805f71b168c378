//! The few functions of the WebAssembly System Interface, preview 1, that Go's runtime needs.

use super::program::{Answer, Host, Program, random_bytes};

/// Error numbers of the interface.
const SUCCESS: u64 = 0;
const BAD_DESCRIPTOR: u64 = 8;

/// The system of `GOOS=wasip1`, with these environment variables.
pub struct Wasi {
    env: Vec<String>,
}

impl Wasi {
    pub fn new(env: &[&str]) -> Self {
        Self { env: env.iter().map(|pair| format!("{pair}\0")).collect() }
    }
}

impl Host for Wasi {
    const ENTRY: &'static str = "_start";

    fn start(&mut self, _: &mut Program) -> Vec<u64> {
        Vec::new()
    }

    fn call(&mut self, program: &mut Program, name: &str) -> Answer {
        let name_of_program = ["program\0".to_owned()];
        let error = match name {
            "proc_exit" => return Answer::Exit(program.arg(0)),
            "args_sizes_get" => sizes(program, &name_of_program),
            "args_get" => strings(program, &name_of_program),
            "environ_sizes_get" => sizes(program, &self.env),
            "environ_get" => strings(program, &self.env),
            "clock_time_get" => {
                // A nanosecond for each step.
                program.put(program.arg(2), 3, program.cpu.steps);
                SUCCESS
            }
            "random_get" => {
                random_bytes(program, program.arg(0), program.arg(1));
                SUCCESS
            }
            "fd_write" => write(program),
            "fd_fdstat_get" => {
                program.put_bytes(program.arg(1), &[0; 24]);
                SUCCESS
            }
            "fd_prestat_get" => BAD_DESCRIPTOR,
            "sched_yield" | "fd_fdstat_set_flags" => SUCCESS,
            "poll_oneoff" => poll(program),
            other => panic!("the program calls {other}"),
        };
        Answer::Result(error)
    }
}

fn sizes(program: &mut Program, texts: &[String]) -> u64 {
    program.put(program.arg(0), 2, texts.len() as u64);
    program.put(program.arg(1), 2, texts.iter().map(|text| text.len() as u64).sum());
    SUCCESS
}

fn strings(program: &mut Program, texts: &[String]) -> u64 {
    let (mut list, mut at) = (program.arg(0), program.arg(1));
    for text in texts {
        program.put(list, 2, at);
        program.put_bytes(at, text.as_bytes());
        (list, at) = (list + 4, at + text.len() as u64);
    }
    SUCCESS
}

fn write(program: &mut Program) -> u64 {
    let [descriptor, list, count, written] = [0, 1, 2, 3].map(|n| program.arg(n));
    let mut bytes = 0;
    for n in 0..count {
        let (at, len) = (program.get(list + 8 * n, 2), program.get(list + 8 * n + 4, 2));
        program.take(descriptor, at, len);
        bytes += len;
    }
    program.put(written, 2, bytes);
    SUCCESS
}

/// Every clock that is waited for has run out.
fn poll(program: &mut Program) -> u64 {
    let [asked, events, count, happened] = [0, 1, 2, 3].map(|n| program.arg(n));
    for n in 0..count {
        let (name, kind) = (program.get(asked + 48 * n, 3), program.get(asked + 48 * n + 8, 0));
        program.put(events + 32 * n, 3, name);
        program.put(events + 32 * n + 8, 1, SUCCESS);
        program.put(events + 32 * n + 10, 0, kind);
    }
    program.put(happened, 2, count);
    SUCCESS
}
