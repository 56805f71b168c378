//! Instructions about the machine itself: identification, counters, traps, control registers of SSE.

use rcsim_uop::flags;
use rcsim_uop::op::{Op, Shift, Stop, Width};
use rcsim_uop::reg::ZERO;

use super::context::{Lift, Lifted, NotModelled};
use crate::x86::helpers::HelperId;
use crate::x86::regs::{GS_BASE, MXCSR, RAX, RCX, RDX, TLS_SEGMENT, TSC, gpr};

/// How far the time-stamp counter moves with each reading. The guest's clock is a count of its own: time does not enter
/// functional simulation, but two readings must differ.
const TSC_STEP: i64 = 100;

/// NOP, PAUSE, PREFETCH, ENDBR: nothing.
pub const fn nothing(_: &mut Lift<'_>) -> Lifted {
    Ok(())
}

/// CPUID.
pub fn cpuid(l: &mut Lift<'_>) -> Lifted {
    let bits = l.features.bits();
    l.helper(HelperId::Cpuid, [ZERO; 4], bits);
    Ok(())
}

/// XGETBV of register 0: which register states the system saves: x87 and SSE always, AVX when it is on.
pub fn xgetbv(l: &mut Lift<'_>) -> Lifted {
    let avx = l.features.has("avx");
    l.constant(RAX, if avx { 7 } else { 3 });
    l.constant(RDX, 0);
    Ok(())
}

/// RDTSC.
pub fn rdtsc(l: &mut Lift<'_>) -> Lifted {
    l.emit(Op::AddImm { width: Width::W64, dst: TSC, a: TSC, imm: TSC_STEP });
    l.zero_extend(Width::W32, RAX, TSC);
    l.emit(Op::ShiftImm { op: Shift::Right, width: Width::W64, dst: RDX, a: TSC, amount: 32 });
    Ok(())
}

/// RDTSCP: also the number of the processor, which is 0.
pub fn rdtscp(l: &mut Lift<'_>) -> Lifted {
    rdtsc(l)?;
    l.constant(RCX, 0);
    Ok(())
}

/// MOV to gs: its base becomes that of the segment which the system has described for thread-local storage, the only one
/// that Go has made.
pub fn load_gs(l: &mut Lift<'_>) -> Lifted {
    if l.bits != 32 {
        return Err(NotModelled);
    }
    l.copy(GS_BASE, TLS_SEGMENT);
    Ok(())
}

/// SYSCALL: leaves the return address in rcx and the flags in r11. 32-bit programs for Linux use INT.
pub fn syscall(l: &mut Lift<'_>) -> Lifted {
    if l.bits == 32 {
        return Err(NotModelled);
    }
    let next = l.insn.next_ip();
    l.constant(RCX, next);
    l.helper(HelperId::ReadFlags, [gpr(11), ZERO, ZERO, ZERO], 0);
    l.stop(Stop::Syscall, 0);
    Ok(())
}

/// INT3.
pub fn int3(l: &mut Lift<'_>) -> Lifted {
    l.stop(Stop::Breakpoint, 0);
    Ok(())
}

/// INT: only the system call gate of 32-bit Linux and the two-byte form of INT3.
pub fn int(l: &mut Lift<'_>) -> Lifted {
    match l.immediate(0) {
        Some(0x80) => l.stop(Stop::Syscall, 0x80),
        Some(3) => l.stop(Stop::Breakpoint, 0),
        _ => return Err(NotModelled),
    }
    Ok(())
}

/// UD0, UD1, UD2.
pub fn undefined(l: &mut Lift<'_>) -> Lifted {
    l.stop(Stop::Undefined, 0);
    Ok(())
}

/// CLC, STC, CMC.
pub fn carry(l: &mut Lift<'_>) -> Lifted {
    use iced_x86::Mnemonic;
    let packed = l.temp()?;
    l.emit(Op::GetFlags { dst: packed });
    l.emit(match l.insn.mnemonic() {
        Mnemonic::Clc => Op::AndImm { width: Width::W64, dst: packed, a: packed, imm: !flags::C },
        Mnemonic::Stc => Op::OrImm { width: Width::W64, dst: packed, a: packed, imm: flags::C },
        _ => Op::XorImm { width: Width::W64, dst: packed, a: packed, imm: flags::C },
    });
    l.emit(Op::SetFlags { src: packed });
    Ok(())
}

/// LDMXCSR.
pub fn load_mxcsr(l: &mut Lift<'_>) -> Lifted {
    let mem = l.address()?;
    l.load(MXCSR, mem, 4);
    Ok(())
}

/// STMXCSR. Exception flags are never raised in it, so it reads as it was loaded.
pub fn store_mxcsr(l: &mut Lift<'_>) -> Lifted {
    let mem = l.address()?;
    l.store(mem, MXCSR, 4);
    Ok(())
}
