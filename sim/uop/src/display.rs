//! Listings of blocks: `rcsim lift`.

use std::fmt::Write;

use crate::block::Block;
use crate::effects::touches;
use crate::isa::Isa;
use crate::op::Op;

/// One micro-op as text: its fields as they are declared, registers by name, and what it touches.
#[must_use]
pub fn op_text(op: &Op, isa: &dyn Isa) -> String {
    let file = isa.regs();
    let debug = format!("{op:?}");
    let mut text = String::with_capacity(debug.len());
    let mut rest = debug.as_str();
    while let Some(at) = rest.find("Reg(") {
        let (before, tail) = rest.split_at(at);
        let end = tail.find(')').unwrap_or(tail.len() - 1);
        let name = tail[4..end].parse().map(|slot| file.name(crate::reg::Reg(slot)));
        text.push_str(before);
        text.push_str(&name.unwrap_or_default());
        rest = &tail[end + 1..];
    }
    text.push_str(rest);
    if let Some(decl) = isa.helper(op) {
        let _ = write!(text, " ; {}", decl.name);
    }
    text
}

/// A block as text, one micro-op a line, each instruction's address before its first.
#[must_use]
pub fn block_text(block: &Block, isa: &dyn Isa) -> String {
    let mut text = String::new();
    for (index, mark) in block.insns.iter().enumerate() {
        let _ = writeln!(text, "{:#x}:", mark.pc);
        for op in block.ops_of(index) {
            let _ = writeln!(text, "    {}", op_text(op, isa));
        }
    }
    let exits: Vec<String> = block.exits.iter().map(|exit| format!("{exit:#x}")).collect();
    if !exits.is_empty() {
        let _ = writeln!(text, "  exits: {}", exits.join(", "));
    }
    text
}

/// The slots that a micro-op reads and writes, by name: `(reads, writes)`.
#[must_use]
pub fn touched_names(op: &Op, isa: &dyn Isa) -> (Vec<String>, Vec<String>) {
    let mut names = (Vec::new(), Vec::new());
    touches(op, isa, &mut |touch| {
        for word in 0..touch.words {
            let name = isa.regs().name(touch.reg.plus(word));
            if touch.write { names.1.push(name) } else { names.0.push(name) }
        }
    });
    names
}
