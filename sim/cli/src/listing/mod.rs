//! `rcsim disasm` and `rcsim lift`: the code of a function, without and with its micro-ops.
//!
//! `program.rs` opens what is listed, `view.rs` holds its bytes.

mod program;
mod view;

use std::fmt::Write as _;

use rcsim_diag::Diagnostics;
use rcsim_go::code::CodeFunction;
use rcsim_uop::block::Block;
use rcsim_uop::display::op_text;
use rcsim_uop::{LiftError, build_block};

use crate::args::ListingArgs;
use crate::console::Console;
use crate::exit::Exit;

pub use program::Program;

/// What a listing shows of each instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Address, bytes and disassembly.
    Instructions,
    /// Its micro-ops as well.
    MicroOps,
}

/// Instructions of a block in a listing, at most; longer runs of code are listed as several blocks.
const BLOCK_INSNS: usize = 64;

/// Lists a function, or the names of all.
///
/// # Errors
/// When the code cannot be opened, or there is no such function.
pub fn command(args: &ListingArgs, detail: Detail, console: &mut Console) -> Result<Exit, Diagnostics> {
    let program = Program::open(args)?;
    let Some(name) = &args.function else {
        console.print(&names(&program))?;
        return Ok(Exit::Clean);
    };
    for function in program.named(name)? {
        console.print(&listing(&program, function, detail))?;
    }
    Ok(Exit::Clean)
}

fn names(program: &Program) -> String {
    let mut out = format!("{}\n", program.title);
    for function in program.code.functions() {
        let _ = writeln!(out, "{:#12x}  {}", function.entry, function.name);
    }
    out
}

fn listing(program: &Program, function: &CodeFunction, detail: Detail) -> String {
    let mut out = format!("{}  ({})\n{}\n", function.name, program.frame(function), program.title);
    let mut lines = Lines { program, source: None, out: &mut out };
    let mut pc = function.entry;
    while pc < function.end {
        let next = match detail {
            Detail::Instructions => lines.instruction(pc),
            Detail::MicroOps => lines.block(pc, function.end),
        };
        match next {
            Some(next) => pc = next,
            None => break,
        }
    }
    out
}

/// Writes lines, and remembers which source line it is at.
struct Lines<'a> {
    program: &'a Program,
    source: Option<String>,
    out: &'a mut String,
}

impl Lines<'_> {
    /// The instruction at `pc`. Returns where the next one is; nothing at the end of the code.
    fn instruction(&mut self, pc: u64) -> Option<u64> {
        let (len, text) = match self.program.isa.disasm(&self.program.view, pc) {
            Ok(disasm) => (u64::from(disasm.len), disasm.text),
            Err(LiftError::Fetch { .. }) => return None,
            // Constants behind a function's code, or padding: the listing goes on behind them.
            Err(error) => (undefined_len(&error), "(data)".to_owned()),
        };
        self.source_line(pc);
        let bytes = self.program.view.bytes(pc, len as usize);
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let _ = writeln!(self.out, "{pc:#12x}  {:<32} {text}", hex.join(" "));
        Some(pc + len)
    }

    /// The block at `pc`, every instruction with its micro-ops.
    fn block(&mut self, pc: u64, end: u64) -> Option<u64> {
        let block = match build_block(&*self.program.isa, &self.program.view, pc, BLOCK_INSNS) {
            Ok(block) => block,
            Err(error) => {
                let next = self.instruction(pc)?;
                let _ = writeln!(self.out, "{:14}; {error}", "");
                return Some(next);
            }
        };
        for (index, mark) in block.insns.iter().enumerate().filter(|(_, mark)| mark.pc < end) {
            self.instruction(mark.pc)?;
            self.micro_ops(&block, index);
        }
        (block.end() > pc).then(|| block.end())
    }

    fn micro_ops(&mut self, block: &Block, index: usize) {
        for op in block.ops_of(index) {
            let _ = writeln!(self.out, "{:14}| {}", "", op_text(op, &*self.program.isa));
        }
    }

    /// A line of its own wherever the source line changes.
    fn source_line(&mut self, pc: u64) {
        let line = self.program.source_line(pc);
        if line != self.source {
            if let Some(text) = &line {
                let _ = writeln!(self.out, "{:14}; {text}", "");
            }
            self.source = line;
        }
    }
}

fn undefined_len(error: &LiftError) -> u64 {
    match error {
        LiftError::Undefined { bytes, .. } | LiftError::Unsupported { bytes, .. } => {
            bytes.len().max(1) as u64
        }
        LiftError::Fetch { .. } | LiftError::Malformed { .. } => 1,
    }
}
