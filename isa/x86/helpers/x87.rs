//! The x87 unit as a helper: values come from memory and go there by micro-ops around it.

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperDecl, HelperMemory, HelperOperand, HelperProvenance, HelperTrap};

use crate::x86::regs::{X87, X87_SLOTS};
use crate::x86::x87::operation::{Operation, Slots};
use crate::x86::x87::unit::Unit;

/// See [`super::HelperId::X87`].
pub const OPERATE: HelperDecl = HelperDecl {
    name: "x87",
    reads: &[HelperOperand::Arg(0, 1), HelperOperand::Arg(1, 1), HelperOperand::Fixed(X87, X87_SLOTS)],
    writes: &[HelperOperand::Arg(2, 1), HelperOperand::Arg(3, 1), HelperOperand::Fixed(X87, X87_SLOTS)],
    memory: HelperMemory::None,
    provenance: HelperProvenance::Drops,
    body: operate,
};

/// See [`super::HelperId::X87Compare`].
pub const COMPARE: HelperDecl = HelperDecl {
    name: "x87_compare",
    reads: &[HelperOperand::Fixed(X87, X87_SLOTS)],
    writes: &[HelperOperand::Flags],
    memory: HelperMemory::None,
    provenance: HelperProvenance::Drops,
    body: operate,
};

fn operate(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [input, input_rest, output, output_rest] = args.regs;
    if let Some(operation) = Operation::decoded(args.imm) {
        let slots = Slots { input: [input, input_rest], output: [output, output_rest] };
        operation.perform(&mut Unit(guest), slots);
    }
    Ok(())
}
