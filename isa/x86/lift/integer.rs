//! Dispatch of the integer and control instructions.

use iced_x86::{ConditionCode, Mnemonic, OpKind, Register};
use rcsim_uop::op::{Shift, Unary};
use rcsim_uop::{Cond, FlagOp, flags};

use super::bits::{Change, LowestBit};
use super::context::{Lift, Lifted};
use super::string::StringOp;
use super::{alu, atomic, bits, branch, mov, muldiv, shift, stack, string, system};

/// Lift the instruction if it belongs here.
pub fn dispatch(l: &mut Lift<'_>) -> Option<Lifted> {
    if let Some((op, bytes)) = string_op(l) {
        return Some(string::string(l, op, bytes));
    }
    moving(l).or_else(|| arithmetic(l)).or_else(|| control(l)).or_else(|| conditional(l)).or_else(|| machine(l))
}

fn moving(l: &mut Lift<'_>) -> Option<Lifted> {
    Some(match l.insn.mnemonic() {
        Mnemonic::Mov if l.insn.op0_register() == Register::GS => system::load_gs(l),
        Mnemonic::Mov => mov::mov(l),
        Mnemonic::Lea => mov::lea(l),
        Mnemonic::Movzx => mov::movzx(l),
        Mnemonic::Movsx | Mnemonic::Movsxd => mov::movsx(l),
        Mnemonic::Push => stack::push(l),
        Mnemonic::Pop => stack::pop(l),
        Mnemonic::Pushad => stack::push_all(l),
        Mnemonic::Popad => stack::pop_all(l),
        Mnemonic::Leave => stack::leave(l),
        Mnemonic::Pushfq | Mnemonic::Pushfd => stack::push_flags(l),
        Mnemonic::Popfq | Mnemonic::Popfd => stack::pop_flags(l),
        Mnemonic::Xchg => mov::xchg(l),
        Mnemonic::Bswap => mov::bswap(l),
        Mnemonic::Movbe => mov::movbe(l),
        Mnemonic::Movnti => mov::mov(l),
        Mnemonic::Cbw | Mnemonic::Cwde | Mnemonic::Cdqe => mov::extend_accumulator(l),
        Mnemonic::Cwd | Mnemonic::Cdq | Mnemonic::Cqo => mov::sign_into_rdx(l),
        _ => return None,
    })
}

fn arithmetic(l: &mut Lift<'_>) -> Option<Lifted> {
    Some(match l.insn.mnemonic() {
        Mnemonic::Add => alu::binary(l, FlagOp::Add),
        Mnemonic::Sub => alu::binary(l, FlagOp::SubBorrow),
        Mnemonic::And => alu::binary(l, FlagOp::And),
        Mnemonic::Or => alu::binary(l, FlagOp::Or),
        Mnemonic::Xor => alu::binary(l, FlagOp::Xor),
        Mnemonic::Adc => alu::binary(l, FlagOp::AddCarry),
        Mnemonic::Adcx => alu::add_through(l, flags::C.trailing_zeros() as u8),
        Mnemonic::Adox => alu::add_through(l, flags::V.trailing_zeros() as u8),
        Mnemonic::Sbb => alu::binary(l, FlagOp::SubCarryBorrow),
        Mnemonic::Cmp => alu::compare(l, FlagOp::SubBorrow),
        Mnemonic::Test => alu::compare(l, FlagOp::And),
        Mnemonic::Inc => alu::step(l, FlagOp::Inc),
        Mnemonic::Dec => alu::step(l, FlagOp::Dec),
        Mnemonic::Neg => alu::neg(l),
        Mnemonic::Not => alu::not(l),
        Mnemonic::Shl | Mnemonic::Sal => shift::shift(l, FlagOp::Shl),
        Mnemonic::Shr => shift::shift(l, FlagOp::Shr),
        Mnemonic::Sar => shift::shift(l, FlagOp::Sar),
        Mnemonic::Rol => shift::shift(l, FlagOp::Rol),
        Mnemonic::Ror => shift::shift(l, FlagOp::Ror),
        Mnemonic::Rcl => shift::shift(l, FlagOp::Rcl),
        Mnemonic::Rcr => shift::shift(l, FlagOp::Rcr),
        Mnemonic::Shld => shift::double(l, true),
        Mnemonic::Shrd => shift::double(l, false),
        Mnemonic::Shlx => shift::shift_without_flags(l, Shift::Left),
        Mnemonic::Shrx => shift::shift_without_flags(l, Shift::Right),
        Mnemonic::Sarx => shift::shift_without_flags(l, Shift::RightSigned),
        Mnemonic::Rorx => shift::rorx(l),
        Mnemonic::Mul => muldiv::wide(l, false),
        Mnemonic::Imul => muldiv::imul(l),
        Mnemonic::Mulx => muldiv::mulx(l),
        Mnemonic::Div => muldiv::divide(l, false),
        Mnemonic::Idiv => muldiv::divide(l, true),
        Mnemonic::Bt => bits::bit_test(l, Change::None),
        Mnemonic::Bts => bits::bit_test(l, Change::Set),
        Mnemonic::Btr => bits::bit_test(l, Change::Reset),
        Mnemonic::Btc => bits::bit_test(l, Change::Complement),
        Mnemonic::Bsf => bits::bit_scan(l, false),
        Mnemonic::Bsr => bits::bit_scan(l, true),
        Mnemonic::Tzcnt => bits::count_zeros(l, Unary::TrailingZeros),
        Mnemonic::Lzcnt => bits::count_zeros(l, Unary::LeadingZeros),
        Mnemonic::Popcnt => bits::popcnt(l),
        Mnemonic::Andn => bits::andn(l),
        Mnemonic::Blsr => bits::lowest_bit(l, LowestBit::Reset),
        Mnemonic::Blsi => bits::lowest_bit(l, LowestBit::Isolate),
        Mnemonic::Blsmsk => bits::lowest_bit(l, LowestBit::Mask),
        Mnemonic::Cmpxchg => atomic::cmpxchg(l),
        Mnemonic::Cmpxchg8b => atomic::cmpxchg8b(l),
        Mnemonic::Xadd => atomic::xadd(l),
        _ => return None,
    })
}

fn control(l: &mut Lift<'_>) -> Option<Lifted> {
    Some(match l.insn.mnemonic() {
        Mnemonic::Jmp => branch::jmp(l),
        Mnemonic::Call => branch::call(l),
        Mnemonic::Ret => branch::ret(l),
        Mnemonic::Jrcxz => branch::jump_if_count_zero(l, 8),
        Mnemonic::Jecxz => branch::jump_if_count_zero(l, 4),
        _ => return None,
    })
}

/// Jcc, SETcc and CMOVcc, told apart by iced's condition code and the operands.
fn conditional(l: &mut Lift<'_>) -> Option<Lifted> {
    let cond = condition(l.insn.condition_code())?;
    if l.insn.code().is_jcc_short_or_near() {
        return Some(branch::jcc(l, cond));
    }
    match (l.insn.op_count(), l.insn.op0_kind()) {
        (1, OpKind::Register | OpKind::Memory) => Some(mov::setcc(l, cond)),
        (2, OpKind::Register) => Some(mov::cmov(l, cond)),
        _ => None,
    }
}

fn condition(code: ConditionCode) -> Option<Cond> {
    Some(match code {
        ConditionCode::None => return None,
        ConditionCode::o => Cond::Vs,
        ConditionCode::no => Cond::Vc,
        ConditionCode::b => Cond::Cs,
        ConditionCode::ae => Cond::Cc,
        ConditionCode::e => Cond::Eq,
        ConditionCode::ne => Cond::Ne,
        ConditionCode::be => Cond::CsOrEq,
        ConditionCode::a => Cond::CcAndNe,
        ConditionCode::s => Cond::Mi,
        ConditionCode::ns => Cond::Pl,
        ConditionCode::p => Cond::Ps,
        ConditionCode::np => Cond::Pc,
        ConditionCode::l => Cond::Lt,
        ConditionCode::ge => Cond::Ge,
        ConditionCode::le => Cond::Le,
        ConditionCode::g => Cond::Gt,
    })
}

fn machine(l: &mut Lift<'_>) -> Option<Lifted> {
    Some(match l.insn.mnemonic() {
        Mnemonic::Nop
        | Mnemonic::Pause
        | Mnemonic::Endbr64
        | Mnemonic::Endbr32
        | Mnemonic::Prefetchnta
        | Mnemonic::Prefetcht0
        | Mnemonic::Prefetcht1
        | Mnemonic::Prefetcht2
        | Mnemonic::Prefetchw => system::nothing(l),
        Mnemonic::Mfence | Mnemonic::Lfence | Mnemonic::Sfence => atomic::fence(l),
        Mnemonic::Cpuid => system::cpuid(l),
        Mnemonic::Xgetbv => system::xgetbv(l),
        Mnemonic::Rdtsc => system::rdtsc(l),
        Mnemonic::Rdtscp => system::rdtscp(l),
        Mnemonic::Syscall => system::syscall(l),
        Mnemonic::Int3 => system::int3(l),
        Mnemonic::Int => system::int(l),
        Mnemonic::Ud0 | Mnemonic::Ud1 | Mnemonic::Ud2 => system::undefined(l),
        Mnemonic::Cld => string::set_direction(l, false),
        Mnemonic::Std => string::set_direction(l, true),
        Mnemonic::Clc | Mnemonic::Stc | Mnemonic::Cmc => system::carry(l),
        Mnemonic::Ldmxcsr | Mnemonic::Vldmxcsr => system::load_mxcsr(l),
        Mnemonic::Stmxcsr | Mnemonic::Vstmxcsr => system::store_mxcsr(l),
        _ => return None,
    })
}

/// The string instruction and its element size. MOVSD and CMPSD name SSE instructions too.
fn string_op(l: &Lift<'_>) -> Option<(StringOp, u32)> {
    if !l.insn.is_string_instruction() {
        return None;
    }
    Some(match l.insn.mnemonic() {
        Mnemonic::Movsb => (StringOp::Move, 1),
        Mnemonic::Movsw => (StringOp::Move, 2),
        Mnemonic::Movsd => (StringOp::Move, 4),
        Mnemonic::Movsq => (StringOp::Move, 8),
        Mnemonic::Stosb => (StringOp::Store, 1),
        Mnemonic::Stosw => (StringOp::Store, 2),
        Mnemonic::Stosd => (StringOp::Store, 4),
        Mnemonic::Stosq => (StringOp::Store, 8),
        Mnemonic::Lodsb => (StringOp::Load, 1),
        Mnemonic::Lodsw => (StringOp::Load, 2),
        Mnemonic::Lodsd => (StringOp::Load, 4),
        Mnemonic::Lodsq => (StringOp::Load, 8),
        Mnemonic::Cmpsb => (StringOp::Compare, 1),
        Mnemonic::Cmpsw => (StringOp::Compare, 2),
        Mnemonic::Cmpsd => (StringOp::Compare, 4),
        Mnemonic::Cmpsq => (StringOp::Compare, 8),
        Mnemonic::Scasb => (StringOp::Scan, 1),
        Mnemonic::Scasw => (StringOp::Scan, 2),
        Mnemonic::Scasd => (StringOp::Scan, 4),
        Mnemonic::Scasq => (StringOp::Scan, 8),
        _ => return None,
    })
}
