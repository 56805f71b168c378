//! The few functions that Go's runtime imports from JavaScript. Each takes Go's stack pointer; arguments and results lie
//! above the return address.

use super::program::{Answer, Host, Program, random_bytes};

/// Where the arguments of the program go, as `wasm_exec.js` does it.
const ARGS: u64 = 4096;

/// The system of `GOOS=js`, for programs that use nothing but the runtime.
pub struct Js;

impl Host for Js {
    const ENTRY: &'static str = "run";

    fn start(&mut self, program: &mut Program) -> Vec<u64> {
        // The name; then its address, the end of the arguments, the end of the environment.
        program.put_bytes(ARGS, b"program\0");
        program.put(ARGS + 8, 3, ARGS);
        program.put(ARGS + 16, 3, 0);
        program.put(ARGS + 24, 3, 0);
        vec![1, ARGS + 8]
    }

    fn call(&mut self, program: &mut Program, name: &str) -> Answer {
        let args = program.arg(0) + 8;
        match name {
            "runtime.wasmExit" => return Answer::Exit(program.get(args, 2)),
            "runtime.wasmWrite" => {
                let (descriptor, at, len) =
                    (program.get(args, 3), program.get(args + 8, 3), program.get(args + 16, 2));
                program.take(descriptor, at, len);
            }
            "runtime.resetMemoryDataView" => {}
            // A nanosecond for each step.
            "runtime.nanotime1" => program.put(args, 3, program.cpu.steps),
            "runtime.walltime" => {
                program.put(args, 3, 1_600_000_000);
                program.put(args + 8, 2, program.cpu.steps % 1_000_000_000);
            }
            "runtime.getRandomData" => {
                let (at, len) = (program.get(args, 3), program.get(args + 8, 3));
                random_bytes(program, at, len);
            }
            other => panic!("the program calls {other}"),
        }
        Answer::Result(0)
    }
}
