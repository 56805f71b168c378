//! Instructions of the x87 unit, and the few of MMX that Go has.

use iced_x86::{MemorySize, Mnemonic, Register};
use rcsim_uop::Reg;
use rcsim_uop::op::{Mem, Op};
use rcsim_uop::reg::{SINK, ZERO};

use super::context::{Lift, Lifted, NotModelled};
use crate::x86::helpers::HelperId;
use crate::x86::regs::{RAX, X87, X87_CONTROL, X87_RESTS, X87_STATUS, X87_TAGS, X87_TOP};
use crate::x86::x87::operation::{Arithmetic, Format, Kind, Operation};

/// Bits of the status word that FNCLEX clears: exceptions and what follows from them.
const EXCEPTIONS: u64 = 0x80ff;
/// What MMX makes of the exponent and sign of a register that it writes, and of the tags.
const MMX_REST: u64 = 0xffff;
const MMX_TAGS: u64 = 0xff;

/// Lift the instruction if it belongs here.
pub fn dispatch(l: &mut Lift<'_>) -> Option<Lifted> {
    if uses_mmx(l) {
        return mmx(l);
    }
    moving(l).or_else(|| computing(l)).or_else(|| comparing(l)).or_else(|| controlling(l))
}

fn moving(l: &mut Lift<'_>) -> Option<Lifted> {
    Some(match l.insn.mnemonic() {
        Mnemonic::Fld | Mnemonic::Fild => load(l),
        Mnemonic::Fst | Mnemonic::Fist => store(l, 0),
        Mnemonic::Fstp | Mnemonic::Fistp => store(l, 1),
        Mnemonic::Fld1 => plain(l, Kind::PushOne),
        Mnemonic::Fldz => plain(l, Kind::PushZero),
        Mnemonic::Fxch => on_register(l, Kind::Exchange, 0),
        _ => return None,
    })
}

fn computing(l: &mut Lift<'_>) -> Option<Lifted> {
    use Arithmetic::{Add, Divide, DivideReversed, Multiply, Subtract, SubtractReversed};
    Some(match l.insn.mnemonic() {
        Mnemonic::Fadd | Mnemonic::Fiadd => compute(l, Add, 0),
        Mnemonic::Faddp => compute(l, Add, 1),
        Mnemonic::Fmul | Mnemonic::Fimul => compute(l, Multiply, 0),
        Mnemonic::Fmulp => compute(l, Multiply, 1),
        Mnemonic::Fsub | Mnemonic::Fisub => compute(l, Subtract, 0),
        Mnemonic::Fsubp => compute(l, Subtract, 1),
        Mnemonic::Fsubr | Mnemonic::Fisubr => compute(l, SubtractReversed, 0),
        Mnemonic::Fsubrp => compute(l, SubtractReversed, 1),
        Mnemonic::Fdiv | Mnemonic::Fidiv => compute(l, Divide, 0),
        Mnemonic::Fdivp => compute(l, Divide, 1),
        Mnemonic::Fdivr | Mnemonic::Fidivr => compute(l, DivideReversed, 0),
        Mnemonic::Fdivrp => compute(l, DivideReversed, 1),
        Mnemonic::Fchs => plain(l, Kind::Negate),
        Mnemonic::Fabs => plain(l, Kind::Absolute),
        Mnemonic::Fsqrt => plain(l, Kind::SquareRoot),
        Mnemonic::Frndint => plain(l, Kind::Integral),
        _ => return None,
    })
}

fn comparing(l: &mut Lift<'_>) -> Option<Lifted> {
    Some(match l.insn.mnemonic() {
        Mnemonic::Fcom | Mnemonic::Fucom | Mnemonic::Ficom => compare(l, 0),
        Mnemonic::Fcomp | Mnemonic::Fucomp | Mnemonic::Ficomp => compare(l, 1),
        Mnemonic::Fcompp | Mnemonic::Fucompp => {
            operate(l, Operation::on(Kind::CompareRegister, 1));
            pop(l, 2);
            Ok(())
        }
        Mnemonic::Fcomi | Mnemonic::Fucomi => compare_flags(l, 0),
        Mnemonic::Fcomip | Mnemonic::Fucomip => compare_flags(l, 1),
        Mnemonic::Ftst => plain(l, Kind::CompareZero),
        _ => return None,
    })
}

fn controlling(l: &mut Lift<'_>) -> Option<Lifted> {
    Some(match l.insn.mnemonic() {
        Mnemonic::Fldcw => load_control(l),
        Mnemonic::Fnstcw | Mnemonic::Fstcw => store_control(l),
        Mnemonic::Fnstsw | Mnemonic::Fstsw => store_status(l),
        Mnemonic::Fninit | Mnemonic::Finit => plain(l, Kind::Initialise),
        Mnemonic::Fnclex | Mnemonic::Fclex => clear_exceptions(l),
        Mnemonic::Ffree => on_register(l, Kind::Free, 0),
        Mnemonic::Fincstp => turn(l, 1),
        Mnemonic::Fdecstp => turn(l, 7),
        Mnemonic::Fnop | Mnemonic::Wait => Ok(()),
        Mnemonic::Emms => {
            l.constant(X87_TAGS, 0);
            l.constant(X87_TOP, 0);
            Ok(())
        }
        _ => return None,
    })
}

/// An operation without operands in memory.
fn operate(l: &mut Lift<'_>, operation: Operation) {
    l.helper(HelperId::X87, [ZERO, ZERO, SINK, SINK], operation.encoded());
}

fn plain(l: &mut Lift<'_>, kind: Kind) -> Lifted {
    operate(l, Operation::plain(kind));
    Ok(())
}

fn pop(l: &mut Lift<'_>, count: u32) {
    for _ in 0..count {
        operate(l, Operation::plain(Kind::Pop));
    }
}

fn turn(l: &mut Lift<'_>, by: u8) -> Lifted {
    operate(l, Operation::on(Kind::Turn, by));
    Ok(())
}

/// How far below the top an operand's register stands.
fn register(l: &Lift<'_>, operand: u32) -> Result<u8, NotModelled> {
    let register = l.insn.op_register(operand);
    if l.is_register(operand) && register.is_st() { Ok(register.number() as u8) } else { Err(NotModelled) }
}

fn last_operand(l: &Lift<'_>) -> Result<u32, NotModelled> {
    l.insn.op_count().checked_sub(1).ok_or(NotModelled)
}

/// An operation on the register of the last operand, and how often the stack is popped then.
fn on_register(l: &mut Lift<'_>, kind: Kind, pops: u32) -> Lifted {
    let register = register(l, last_operand(l)?)?;
    operate(l, Operation::on(kind, register));
    pop(l, pops);
    Ok(())
}

fn format(l: &Lift<'_>) -> Result<Format, NotModelled> {
    Ok(match l.insn.memory_size() {
        MemorySize::Float32 => Format::Single,
        MemorySize::Float64 => Format::Double,
        MemorySize::Float80 => Format::Extended,
        MemorySize::Int16 => Format::Int16,
        MemorySize::Int32 => Format::Int32,
        MemorySize::Int64 => Format::Int64,
        _ => return Err(NotModelled),
    })
}

/// The last two bytes of a number of ten.
fn behind(mem: Mem) -> Result<Mem, NotModelled> {
    Ok(Mem { disp: mem.disp.checked_add(8).ok_or(NotModelled)?, ..mem })
}

/// Operate on the value in memory.
fn with_memory(l: &mut Lift<'_>, operation: Operation) -> Lifted {
    let mem = l.address()?;
    let low = l.temp()?;
    let mut rest = ZERO;
    if operation.format == Format::Extended {
        rest = l.temp()?;
        l.load(rest, behind(mem)?, 2);
    }
    l.load(low, mem, operation.format.bytes().min(8));
    l.helper(HelperId::X87, [low, rest, SINK, SINK], operation.encoded());
    Ok(())
}

/// FLD, FILD.
fn load(l: &mut Lift<'_>) -> Lifted {
    if l.is_memory(0) {
        let format = format(l)?;
        return with_memory(l, Operation::in_format(Kind::Push, format));
    }
    on_register(l, Kind::PushRegister, 0)
}

/// FST, FSTP, FIST, FISTP. The stack is popped after the store has succeeded.
fn store(l: &mut Lift<'_>, pops: u32) -> Lifted {
    if !l.is_memory(0) {
        return on_register(l, Kind::CopyTo, pops);
    }
    let format = format(l)?;
    let mem = l.address()?;
    let (low, rest) = (l.temp()?, l.temp()?);
    let operation = Operation::in_format(Kind::Convert, format);
    l.helper(HelperId::X87, [ZERO, ZERO, low, rest], operation.encoded());
    if format == Format::Extended {
        l.store(behind(mem)?, rest, 2);
    }
    l.store(mem, low, format.bytes().min(8));
    pop(l, pops);
    Ok(())
}

/// FADD and its kin. With two registers, the first operand is operated on; without operands that is st(1).
fn compute(l: &mut Lift<'_>, arithmetic: Arithmetic, pops: u32) -> Lifted {
    if l.insn.op_count() == 1 {
        let format = format(l)?;
        return with_memory(l, Operation { arithmetic, ..Operation::in_format(Kind::WithInput, format) });
    }
    let (to, from) = (register(l, 0)?, register(l, 1)?);
    let (kind, other) = if to == 0 { (Kind::WithRegister, from) } else { (Kind::OnRegister, to) };
    operate(l, Operation { arithmetic, ..Operation::on(kind, other) });
    pop(l, pops);
    Ok(())
}

fn compare(l: &mut Lift<'_>, pops: u32) -> Lifted {
    if l.is_memory(0) {
        let format = format(l)?;
        with_memory(l, Operation::in_format(Kind::CompareInput, format))?;
        pop(l, pops);
        return Ok(());
    }
    on_register(l, Kind::CompareRegister, pops)
}

fn compare_flags(l: &mut Lift<'_>, pops: u32) -> Lifted {
    let register = register(l, last_operand(l)?)?;
    let operation = Operation::on(Kind::CompareFlags, register);
    l.helper(HelperId::X87Compare, [ZERO; 4], operation.encoded());
    pop(l, pops);
    Ok(())
}

fn load_control(l: &mut Lift<'_>) -> Lifted {
    let mem = l.address()?;
    l.load(X87_CONTROL, mem, 2);
    Ok(())
}

fn store_control(l: &mut Lift<'_>) -> Lifted {
    let mem = l.address()?;
    l.store(mem, X87_CONTROL, 2);
    Ok(())
}

fn store_status(l: &mut Lift<'_>) -> Lifted {
    let status = l.temp()?;
    l.helper(HelperId::X87, [ZERO, ZERO, status, SINK], Operation::plain(Kind::Status).encoded());
    if l.is_memory(0) {
        let mem = l.address()?;
        l.store(mem, status, 2);
    } else {
        l.emit(Op::Deposit { dst: RAX, base: RAX, src: status, lsb: 0, len: 16 });
    }
    Ok(())
}

fn clear_exceptions(l: &mut Lift<'_>) -> Lifted {
    let width = rcsim_uop::op::Width::W64;
    l.emit(Op::AndImm { width, dst: X87_STATUS, a: X87_STATUS, imm: !EXCEPTIONS });
    Ok(())
}

fn mmx_slot(register: Register) -> Option<u8> {
    register.is_mm().then(|| register.number() as u8)
}

fn uses_mmx(l: &Lift<'_>) -> bool {
    l.insn.op_count() == 2 && (mmx_slot(l.insn.op0_register()).is_some() || mmx_slot(l.insn.op1_register()).is_some())
}

/// MOVQ between a register and memory or another register, which is how Go moves 64 bits at once on 386.
fn mmx(l: &mut Lift<'_>) -> Option<Lifted> {
    if l.insn.mnemonic() != Mnemonic::Movq {
        return None;
    }
    let (to, from) = (mmx_slot(l.insn.op0_register()), mmx_slot(l.insn.op1_register()));
    Some(move_mmx(l, to, from))
}

fn move_mmx(l: &mut Lift<'_>, to: Option<u8>, from: Option<u8>) -> Lifted {
    match (to, from) {
        (Some(to), Some(from)) => l.copy(X87.plus(to), X87.plus(from)),
        (Some(to), None) if l.is_memory(1) => {
            let mem = l.address()?;
            l.load(X87.plus(to), mem, 8);
        }
        (None, Some(from)) if l.is_memory(0) => {
            let mem = l.address()?;
            l.store(mem, X87.plus(from), 8);
        }
        _ => return Err(NotModelled),
    }
    let rest: Option<Reg> = to.map(|to| X87_RESTS.plus(to));
    if let Some(rest) = rest {
        l.constant(rest, MMX_REST);
    }
    l.constant(X87_TOP, 0);
    l.constant(X87_TAGS, MMX_TAGS);
    Ok(())
}
