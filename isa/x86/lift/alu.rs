//! Integer arithmetic and logic that sets the flags, with its locked forms.

use iced_x86::OpKind;
use rcsim_uop::op::{Op, Rmw, Width};
use rcsim_uop::reg::{SINK, ZERO};
use rcsim_uop::{FlagOp, Reg};

use super::context::{Lift, Lifted, NotModelled, access};

/// `dst = op(a, b)` with flags, as the micro-op that the interpreter does fastest.
pub fn flagged(op: FlagOp, width: Width, dst: Reg, a: Reg, b: Reg) -> Op {
    match op {
        FlagOp::Add => Op::AddF { width, dst, a, b },
        FlagOp::SubBorrow => Op::SubF { width, borrow: true, dst, a, b },
        _ => Op::AluF { op, width, dst, a, b },
    }
}

/// The same with a constant.
pub fn flagged_imm(op: FlagOp, width: Width, dst: Reg, a: Reg, imm: i64) -> Op {
    match op {
        FlagOp::Add => Op::AddFImm { width, dst, a, imm },
        FlagOp::SubBorrow => Op::SubFImm { width, borrow: true, dst, a, imm },
        _ => Op::AluFImm { op, width, dst, a, imm },
    }
}

/// ADD, SUB, AND, OR, XOR, ADC, SBB: the first operand is read and written.
pub fn binary(l: &mut Lift<'_>, op: FlagOp) -> Lifted {
    let width = l.operand_width(0)?;
    if l.is_memory(0) && l.insn.has_lock_prefix() {
        return locked(l, op);
    }
    if is_zero_idiom(l, op) {
        let dest = l.dest(0)?;
        l.emit(flagged(op, width, dest.reg, ZERO, ZERO));
        l.finish(dest);
        return Ok(());
    }
    let source = Source::of(l, 1)?;
    let (a, dest) = l.read_write(0)?;
    l.emit(source.apply(op, width, dest.reg, a));
    l.finish(dest);
    Ok(())
}

/// `xor r, r` and `sub r, r`: the result depends on nothing.
fn is_zero_idiom(l: &Lift<'_>, op: FlagOp) -> bool {
    matches!(op, FlagOp::Xor | FlagOp::SubBorrow)
        && l.insn.op0_kind() == OpKind::Register
        && l.insn.op1_kind() == OpKind::Register
        && l.insn.op0_register() == l.insn.op1_register()
}

/// CMP, TEST: only the flags are kept.
pub fn compare(l: &mut Lift<'_>, op: FlagOp) -> Lifted {
    let width = l.operand_width(0)?;
    let a = l.read(0)?;
    let source = Source::of(l, 1)?;
    l.emit(source.apply(op, width, SINK, a));
    Ok(())
}

/// INC, DEC: C stays.
pub fn step(l: &mut Lift<'_>, op: FlagOp) -> Lifted {
    if l.is_memory(0) && l.insn.has_lock_prefix() {
        return locked_step(l, op);
    }
    let width = l.operand_width(0)?;
    let (a, dest) = l.read_write(0)?;
    l.emit(flagged(op, width, dest.reg, a, ZERO));
    l.finish(dest);
    Ok(())
}

/// NEG.
pub fn neg(l: &mut Lift<'_>) -> Lifted {
    unlocked(l)?;
    let width = l.operand_width(0)?;
    let (a, dest) = l.read_write(0)?;
    l.emit(flagged(FlagOp::SubBorrow, width, dest.reg, ZERO, a));
    l.finish(dest);
    Ok(())
}

/// NOT: no flags.
pub fn not(l: &mut Lift<'_>) -> Lifted {
    unlocked(l)?;
    let width = l.operand_width(0)?;
    let (a, dest) = l.read_write(0)?;
    l.emit(Op::XorImm { width, dst: dest.reg, a, imm: u64::MAX });
    l.finish(dest);
    Ok(())
}

/// Refuse the locked forms that have no micro-op.
pub fn unlocked(l: &Lift<'_>) -> Lifted {
    if l.insn.has_lock_prefix() { Err(NotModelled) } else { Ok(()) }
}

/// ADCX, ADOX: an addition whose carry goes in and out through one flag, C or V, and that leaves the others alone.
pub fn add_through(l: &mut Lift<'_>, flag_bit: u8) -> Lifted {
    let width = l.operand_width(0)?;
    let src = l.read(1)?;
    let dst = l.read(0)?;
    let (flags, carry) = (l.temp()?, l.temp()?);
    l.emit(Op::GetFlags { dst: flags });
    l.emit(Op::Extract { width: Width::W64, dst: carry, src: flags, lsb: flag_bit, len: 1, signed: false });
    l.emit(Op::SetFlags { src: carry });
    l.emit(flagged(FlagOp::AddCarry, width, dst, dst, src));
    l.emit(Op::GetFlags { dst: carry });
    l.emit(Op::Deposit { dst: flags, base: flags, src: carry, lsb: flag_bit, len: 1 });
    l.emit(Op::SetFlags { src: flags });
    Ok(())
}

/// A second operand: a slot, or a constant that the micro-op carries.
#[derive(Clone, Copy)]
enum Source {
    Slot(Reg),
    Constant(i64),
}

impl Source {
    fn of(l: &mut Lift<'_>, operand: u32) -> Result<Self, NotModelled> {
        match l.immediate(operand) {
            Some(imm) => Ok(Self::Constant(imm)),
            None => l.read(operand).map(Self::Slot),
        }
    }

    fn apply(self, op: FlagOp, width: Width, dst: Reg, a: Reg) -> Op {
        match self {
            Self::Slot(b) => flagged(op, width, dst, a, b),
            Self::Constant(imm) => flagged_imm(op, width, dst, a, imm),
        }
    }
}

/// A locked read-modify-write: the memory changes as one action, then the flags follow from the old value.
fn locked(l: &mut Lift<'_>, op: FlagOp) -> Lifted {
    let width = l.operand_width(0)?;
    let src = l.read(1)?;
    let (rmw, operand) = match op {
        FlagOp::Add => (Rmw::Add, src),
        FlagOp::And => (Rmw::And, src),
        FlagOp::Or => (Rmw::Or, src),
        FlagOp::Xor => (Rmw::Xor, src),
        FlagOp::SubBorrow => (Rmw::Add, negated(l, src)?),
        _ => return Err(NotModelled),
    };
    let old = atomic(l, rmw, width, operand)?;
    l.emit(flagged(op, width, SINK, old, src));
    Ok(())
}

fn negated(l: &mut Lift<'_>, src: Reg) -> Result<Reg, NotModelled> {
    let temp = l.temp()?;
    l.emit(Op::Sub { width: Width::W64, dst: temp, a: ZERO, b: src });
    Ok(temp)
}

fn locked_step(l: &mut Lift<'_>, op: FlagOp) -> Lifted {
    let width = l.operand_width(0)?;
    let by = if op == FlagOp::Inc { 1 } else { u64::MAX };
    let operand = l.constant_temp(by)?;
    let old = atomic(l, Rmw::Add, width, operand)?;
    l.emit(flagged(op, width, SINK, old, ZERO));
    Ok(())
}

fn atomic(l: &mut Lift<'_>, op: Rmw, width: Width, src: Reg) -> Result<Reg, NotModelled> {
    let base = l.address_slot()?;
    let old = l.temp()?;
    l.emit(Op::AtomicRmw { op, acc: access(width.bits() / 8), dst: old, base, src });
    Ok(old)
}
