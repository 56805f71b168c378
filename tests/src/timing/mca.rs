//! llvm-mca: a scheduler model by somebody else, for straight pieces of code.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;

use rcsim_machine::RetiredBlock;
use rcsim_timing::shape::{InsnShape, Registers, Shape};
use rcsim_timing::{Core, Model, OpClass, Parts};
use rcsim_uop::op::{Edge, Op};
use rcsim_uop::port::{BuiltinImage, Externs, Program};
use rcsim_uop::{Block, Epoch, Isa, Port, build_block};
use serde_json::Value;

use crate::oracle::arch::ArchOracle;
use crate::oracle::run::{Limits, run_with_input};
use crate::oracle::{OracleError, find_program};

/// Instructions of the shortest piece that is compared.
const FEWEST: usize = 4;
/// Where the image is linked.
const BASE: u64 = 0x1000_0000;

/// A straight piece of code: a block of a trampoline or stub.
pub struct Piece {
    /// Function and offset.
    pub name: String,
    /// The block.
    pub block: Block,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

struct Nearby;

impl Externs for Nearby {
    fn address(&mut self, _: &str) -> u64 {
        BASE - 0x1_0000
    }
}

struct Code<'a>(&'a BuiltinImage);

impl rcsim_uop::CodeView for Code<'_> {
    fn fetch(&self, pc: u64, out: &mut [u8]) -> usize {
        let Some(rest) =
            usize::try_from(pc.wrapping_sub(self.0.base)).ok().and_then(|at| self.0.bytes.get(at..))
        else {
            return 0;
        };
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        count
    }

    fn hook(&self, _: u64) -> Option<u32> {
        None
    }
}

/// Every straight piece of the built-in machinery of the newest epoch that has some length, up to the instruction that transfers
/// control, each once, whatever its constants.
///
/// # Panics
/// When the image cannot be assembled.
#[must_use]
pub fn pieces(port: &dyn Port, core: &Core) -> (Vec<Piece>, Arc<dyn Isa>) {
    let image = port.builtin(Epoch::Go127, BASE, &mut Nearby).expect("the newest epoch is built in");
    let isa = port.isa(&[], Program { base: BASE, file: &image.bytes }).expect("the baseline");
    let mut pieces: Vec<Piece> = Vec::new();
    for function in &image.functions {
        let start = BASE + u64::from(image.code_offset + function.offset);
        let inside = start..start + u64::from(function.size);
        let (mut reached, mut seen) = (vec![start], BTreeSet::new());
        while let Some(pc) = reached.pop() {
            if !inside.contains(&pc) || !seen.insert(pc) {
                continue;
            }
            let Ok(block) = build_block(&*isa, &Code(&image), pc, usize::MAX) else { continue };
            reached.extend(&block.exits);
            if let Some(Op::Goto { edge: Edge::Call } | Op::GotoReg { edge: Edge::Call, .. }) =
                block.ops.last()
            {
                reached.push(block.end());
            }
            if block.insns.len() <= FEWEST {
                continue;
            }
            // Calls and returns have placeholder costs in most of LLVM's models.
            let pushes = pushes(&block, &*isa, core);
            let straight =
                build_block(&*isa, &Code(&image), block.insns[pushes].pc, block.insns.len() - 1 - pushes);
            let straight = straight.expect("a part of what was built");
            let from = (straight.pc - BASE) as usize;
            let name = format!("{}+{:#x}", function.name, straight.pc - start);
            let bytes = image.bytes[from..(straight.end() - BASE) as usize].to_vec();
            let shape = |block: &Block| block.ops.iter().map(std::mem::discriminant).collect::<Vec<_>>();
            if !pieces.iter().any(|piece| shape(&piece.block) == shape(&straight)) {
                pieces.push(Piece { name, block: straight, bytes });
            }
        }
    }
    (pieces, isa)
}

/// Instructions at the start of a block that push. Decoders that change the stack pointer for nothing belong to the front
/// end, which is left out, and llvm-mca has none: it would change it on a port.
fn pushes(block: &Block, isa: &dyn Isa, core: &Core) -> usize {
    if core.cost(OpClass::AddressUpdate).ports != 0 {
        return 0;
    }
    let shape = Shape::of(block, isa, &Registers::of(isa));
    let updates = |insn: &&InsnShape| insn.parts.iter().any(|part| part.class == OpClass::AddressUpdate);
    shape.insns.iter().take_while(updates).count()
}

/// Cycles of so many rounds of a piece by the scheduler of this project's model.
#[must_use]
pub fn own_cycles(piece: &Piece, isa: &Arc<dyn Isa>, core: &Arc<Core>, parts: Parts, rounds: u32) -> f64 {
    let mut model = Model::new(Arc::clone(core), parts);
    model.begin(isa);
    let run = RetiredBlock {
        block: &piece.block,
        insns: piece.block.insns.len(),
        accesses: &[],
        first_access: &[],
    };
    for _ in 0..rounds {
        model.retired(0, &run);
    }
    model.outcome().cycles as f64
}

/// The same of each text by llvm-mca.
///
/// # Errors
/// When LLVM is missing or does not understand a text.
pub fn llvm_cycles(
    texts: &[String],
    arch: &ArchOracle,
    cpu: &str,
    rounds: u32,
) -> Result<Vec<f64>, OracleError> {
    let mut text = String::new();
    for (n, one) in texts.iter().enumerate() {
        text += &format!("# LLVM-MCA-BEGIN piece{n}\n{one}# LLVM-MCA-END\n");
    }
    let mut command = Command::new(find_program("llvm-mca-19")?);
    // It knows no calls: left alone, each takes a hundred cycles.
    let calls = "--call-latency=1";
    command.args([
        "-mtriple",
        &arch.triple,
        "-mcpu",
        cpu,
        "--json",
        calls,
        &format!("--iterations={rounds}"),
    ]);
    let output = run_with_input(command, "llvm-mca-19", text.into_bytes(), Limits::default())?;
    let output = output.success("llvm-mca")?;
    let json: Value = serde_json::from_str(&output)
        .map_err(|error| OracleError::protocol(format!("llvm-mca writes JSON: {error}")))?;
    let regions = json["CodeRegions"].as_array().cloned().unwrap_or_default();
    Ok(regions.iter().filter_map(|region| region["SummaryView"]["TotalCycles"].as_f64()).collect())
}

/// Machine code as LLVM writes it, an instruction a line.
///
/// # Errors
/// When LLVM is missing.
pub fn assembly(code: &[u8], arch: &ArchOracle, cpu: &str) -> Result<String, OracleError> {
    let bytes: Vec<String> = code.iter().map(|byte| format!("{byte:#04x}")).collect();
    let mut command = Command::new(find_program("llvm-mc-19")?);
    command.args(["--disassemble", "-mcpu", cpu, "-triple", &arch.triple]);
    let output = run_with_input(command, "llvm-mc-19", bytes.join(" ").into_bytes(), Limits::default())?;
    let lines =
        output.stdout.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('.'));
    Ok(lines.map(|line| format!("{line}\n")).collect())
}
