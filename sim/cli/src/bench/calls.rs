//! Whole reflective calls on the built-in machinery of the newest epoch: a world is set up, the machinery lifted, the call
//! made, its results checked.

use std::time::Duration;

use rcsim_diag::Source;
use rcsim_go::run::{CodeChoice, Report, Request, run, run_with};
use rcsim_uop::{Epoch, Port};
use rcsim_workloads::Workload;

use super::error::BenchError;
use super::measure::Contestant;
use super::{checked, clock};

/// Calls in one turn.
const CALLS: u64 = 200;

const WORKLOADS: [&str; 3] = [
    r#"
name = "reflectcall, 64 bytes"
call = "reflectcall"
frame-bytes = 64
ret-offset = 32
callee = "return-args"
"#,
    r#"
name = "reflectcall, 1024 bytes"
call = "reflectcall"
frame-bytes = 1024
ret-offset = 512
callee = "return-args"
"#,
    r#"
name = "Value.Call of func(int) int"
call = "value-call"
func = "func(a int) int"
callee = "return-args"
"#,
];

/// One workload on one port, many times, under the checker or not.
pub struct Calls {
    workload: Workload,
    port: &'static dyn Port,
    checked: bool,
    instructions: u64,
}

impl Calls {
    /// All that are measured, each tried once: each unchecked and checked.
    ///
    /// # Errors
    /// When one of them does not return what it should.
    pub fn all(port: &'static dyn Port) -> Result<Vec<[Self; 2]>, BenchError> {
        let both = |text| Ok([Self::new(port, text, false)?, Self::new(port, text, true)?]);
        WORKLOADS.iter().map(|text| both(text)).collect()
    }

    fn new(port: &'static dyn Port, text: &str, checked: bool) -> Result<Self, BenchError> {
        let source = Source::new("rcsim bench", text);
        let workload = Workload::parse(&source).map_err(BenchError::Workload)?;
        let mut calls = Self { workload, port, checked, instructions: 0 };
        calls.instructions = calls.call()?.instructions;
        Ok(calls)
    }

    /// Guest instructions of one call.
    pub fn instructions(&self) -> u64 {
        self.instructions
    }

    fn call(&self) -> Result<Report, BenchError> {
        let request = Request::new(&self.workload, self.port, Epoch::Go127, CodeChoice::BuiltIn);
        let report = if self.checked {
            run_with(&request, checked::checker(self.port), |_| ()).map(|(report, ())| report)
        } else {
            run(&request)
        };
        let report = report.map_err(|error| BenchError::Run(Box::new(error)))?;
        if report.passed {
            return Ok(report);
        }
        Err(BenchError::Call { workload: self.name(), end: format!("{:?}", report.end) })
    }
}

impl Contestant for Calls {
    fn name(&self) -> String {
        let name = &self.workload.name.value;
        if self.checked { format!("{name}, checked") } else { name.clone() }
    }

    fn run(&mut self) -> Result<(u64, Duration), BenchError> {
        let (_, time) = clock::own(|| (0..CALLS).try_for_each(|_| self.call().map(drop)))?;
        Ok((CALLS, time))
    }
}
