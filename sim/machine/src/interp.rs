//! The one interpreter.
//!
//! [`run`] goes from block to block; `Exec::block` dispatches the micro-ops of one. The dispatcher only dispatches: what
//! an operation computes is in `alu`, `vector` and `float`, how it moves data and what the shadow sees of it in
//! `exec`.

use rcsim_uop::Block;
use rcsim_uop::build::build_edited_block;
use rcsim_uop::edit::Edits;
use rcsim_uop::fp::FpRules;
use rcsim_uop::isa::Isa;
use rcsim_uop::op::{Access, Op, Stop};
use rcsim_uop::reg::Reg;

use crate::cache::CodeCache;
use crate::cpu::Cpu;
use crate::memory::Memory;
use crate::observer::{Observer, Sight};
use crate::shadow::Shadow;
use crate::trap::{Exit, Trap, TrapKind};

mod exec;

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Stop before the instruction with this number, counted from the thread's first.
    pub until_step: u64,
}

impl Limits {
    /// No limit.
    pub const NONE: Self = Self { until_step: u64::MAX };
}

/// Where a block went.
pub(crate) enum Flow {
    /// To an exit of the block.
    Exit(usize),
    /// To a computed address.
    To(u64),
    /// Out of the guest.
    Stop(Stop, u32),
}

/// A trap inside a block: the micro-op that failed, and how.
pub(crate) struct BlockTrap {
    op: usize,
    kind: TrapKind,
}

/// Everything that a micro-op may touch.
pub(crate) struct Exec<'a, S: Shadow, O: Observer> {
    pub cpu: &'a mut Cpu<S>,
    pub mem: &'a mut Memory<S>,
    pub shadow: &'a mut S,
    pub observer: &'a mut O,
    pub isa: &'a dyn Isa,
    pub rules: FpRules,
}

/// What an observer may look at.
struct State<'a, S: Shadow> {
    cpu: &'a Cpu<S>,
    mem: &'a Memory<S>,
}

impl<S: Shadow> Sight for State<'_, S> {
    #[inline(always)]
    fn reg(&self, reg: Reg) -> u64 {
        self.cpu.reg(reg)
    }

    fn peek(&self, addr: u64, acc: Access) -> Option<u64> {
        self.mem.peek(addr, acc)
    }

    fn steps(&self) -> u64 {
        self.cpu.steps
    }
}

/// Run a guest thread until it stops, traps, or reaches the limit.
pub fn run<S: Shadow, O: Observer>(
    cpu: &mut Cpu<S>,
    mem: &mut Memory<S>,
    code: &mut CodeCache,
    isa: &dyn Isa,
    shadow: &mut S,
    observer: &mut O,
    limits: Limits,
) -> Exit {
    let rules = isa.fp_rules();
    let mut exec = Exec { cpu, mem, shadow, observer, isa, rules };
    let mut next = code.at(isa, exec.mem, exec.cpu.pc);
    loop {
        let id = match next {
            Ok(id) => id,
            // That instruction is not wanted.
            Err(_) if exec.cpu.steps >= limits.until_step => return Exit::StepLimit,
            Err(error) => return trap(error.pc(), TrapKind::Lift(error)),
        };
        let block = code.block(id);
        let insns = block.insns.len() as u64;
        if insns > limits.until_step.saturating_sub(exec.cpu.steps) {
            exec.cpu.pc = block.pc;
            return run_tail(&mut exec, code.edits(), limits);
        }
        let flow = match exec.whole_block(block) {
            Ok(flow) => flow,
            Err(exit) => return exit,
        };
        next = match flow {
            Flow::Exit(exit) => {
                exec.cpu.pc = block.exits[exit];
                if S::ACTIVE && exec.shadow.stop_requested() {
                    return Exit::Shadow;
                }
                code.follow(isa, exec.mem, id, exit)
            }
            Flow::To(pc) => {
                exec.cpu.pc = pc;
                if S::ACTIVE && exec.shadow.stop_requested() {
                    return Exit::Shadow;
                }
                code.at(isa, exec.mem, pc)
            }
            Flow::Stop(why, code) => return exec.stop(block, why, code),
        };
    }
}

/// Run the last few instructions before the limit, fewer than the block at hand has.
fn run_tail<S: Shadow, O: Observer>(exec: &mut Exec<'_, S, O>, edits: &Edits, limits: Limits) -> Exit {
    while exec.cpu.steps < limits.until_step {
        let left = (limits.until_step - exec.cpu.steps).min(usize::MAX as u64) as usize;
        let block = match build_edited_block(exec.isa, exec.mem, edits, exec.cpu.pc, left) {
            Ok(block) => block,
            Err(error) => return trap(error.pc(), TrapKind::Lift(error)),
        };
        match exec.whole_block(&block) {
            Ok(Flow::Exit(exit)) => exec.cpu.pc = block.exits[exit],
            Ok(Flow::To(pc)) => exec.cpu.pc = pc,
            Ok(Flow::Stop(why, code)) => return exec.stop(&block, why, code),
            Err(exit) => return exit,
        }
    }
    Exit::StepLimit
}

fn trap(pc: u64, kind: TrapKind) -> Exit {
    Exit::Trap(Trap { pc, kind })
}

impl<S: Shadow, O: Observer> Exec<'_, S, O> {
    /// Run a block to its end and count its instructions.
    #[inline(always)]
    fn whole_block(&mut self, block: &Block) -> Result<Flow, Exit> {
        if O::BLOCKS {
            self.observer.block(block);
        }
        if O::STATE {
            self.observer.state(block, &State { cpu: self.cpu, mem: self.mem });
        }
        let flow = match self.block(block) {
            Ok(flow) => flow,
            Err(failed) => return Err(self.fail(block, failed)),
        };
        self.tell_place(block, block.ops.len() - 1);
        // A hook is no instruction of the guest's.
        let insns = block.insns.len() as u64 - u64::from(matches!(flow, Flow::Stop(Stop::Hook, _)));
        self.cpu.steps += insns;
        if O::BLOCKS {
            self.observer.retired(block, insns as usize);
        }
        Ok(flow)
    }

    #[cold]
    fn fail(&mut self, block: &Block, failed: BlockTrap) -> Exit {
        self.tell_place(block, failed.op);
        let insn = block.insn_of(failed.op);
        self.cpu.pc = block.insns[insn].pc;
        self.cpu.steps += insn as u64;
        if O::BLOCKS {
            self.observer.retired(block, insn);
        }
        trap(self.cpu.pc, failed.kind)
    }

    #[cold]
    fn stop(&mut self, block: &Block, why: Stop, code: u32) -> Exit {
        let at = block.insns.last().map_or(block.pc, |mark| mark.pc);
        self.cpu.pc = at;
        match why {
            Stop::Hook => Exit::Hook(code),
            Stop::Syscall => {
                self.cpu.pc = block.exits[0];
                Exit::Syscall(code)
            }
            Stop::Breakpoint => trap(at, TrapKind::Breakpoint),
            Stop::Undefined => trap(at, TrapKind::Undefined),
            Stop::Trap => trap(at, TrapKind::Arithmetic),
        }
    }

    /// Dispatch the micro-ops of a block.
    #[inline(always)]
    fn block(&mut self, block: &Block) -> Result<Flow, BlockTrap> {
        let ops = &block.ops[..];
        let mut at = 0;
        let mut insn = 0;
        let insns_wanted = S::EVERY_INSN || O::INSNS && self.observer.wants_insns(block);
        loop {
            if (S::EVERY_INSN || O::INSNS) && insns_wanted {
                insn = self.begin_insns(block, insn, at);
            }
            macro_rules! checked {
                ($result:expr) => {
                    match $result {
                        Ok(value) => value,
                        Err(kind) => return Err(BlockTrap { op: at, kind: kind.into() }),
                    }
                };
            }
            // Memory is looked at: the shadow must know by which instruction.
            macro_rules! accessed {
                ($result:expr) => {{
                    self.tell_place(block, at);
                    checked!($result)
                }};
            }
            match ops[at] {
                Op::Const { dst, value } => self.constant(dst, value),
                Op::Copy { dst, src } => self.copy(dst, src),
                Op::Extract { width, dst, src, lsb, len, signed } => {
                    self.extract(width, dst, src, lsb, len, signed);
                }
                Op::Deposit { dst, base, src, lsb, len } => self.deposit(dst, base, src, lsb, len),

                Op::Add { width, dst, a, b } => self.add(width, dst, a, b),
                Op::Sub { width, dst, a, b } => self.sub(width, dst, a, b),
                Op::And { width, dst, a, b } => self.and(width, dst, a, b),
                Op::Or { width, dst, a, b } => self.or(width, dst, a, b),
                Op::Xor { width, dst, a, b } => self.xor(width, dst, a, b),
                Op::AndNot { width, dst, a, b } => self.and_not(width, dst, a, b),
                Op::Logic { op, width, dst, a, b } => self.logic(op, width, dst, a, b),
                Op::AddImm { width, dst, a, imm } => self.add_imm(width, dst, a, imm),
                Op::AndImm { width, dst, a, imm } => self.and_imm(width, dst, a, imm),
                Op::OrImm { width, dst, a, imm } => self.or_imm(width, dst, a, imm),
                Op::XorImm { width, dst, a, imm } => self.xor_imm(width, dst, a, imm),
                Op::AddTrap { width, dst, a, b } => checked!(self.add_trap(width, dst, a, b)),
                Op::SubTrap { width, dst, a, b } => checked!(self.sub_trap(width, dst, a, b)),
                Op::AddImmTrap { width, dst, a, imm } => checked!(self.add_imm_trap(width, dst, a, imm)),
                Op::Lea { width, dst, mem } => self.lea(width, dst, mem),
                Op::SubShifted { width, dst, a, b, shift, amount } => {
                    self.sub_shifted(width, dst, a, b, shift, amount);
                }
                Op::Shift { op, width, dst, a, b } => self.shift(op, width, dst, a, b),
                Op::ShiftImm { op, width, dst, a, amount } => self.shift_imm(op, width, dst, a, amount),
                Op::ShiftFar { op, width, dst, a, b, count_bits } => {
                    self.shift_far(op, width, dst, a, b, count_bits);
                }
                Op::Mul { width, dst, a, b } => self.mul(width, dst, a, b),
                Op::MulHigh { kind, width, dst, a, b } => self.mul_high(kind, width, dst, a, b),
                Op::MulAdd { width, dst, a, b, c, subtract } => self.mul_add(width, dst, a, b, c, subtract),
                Op::Divide { op, rule, width, dst, a, b } => {
                    checked!(self.divide(op, rule, width, dst, a, b));
                }
                Op::Unary { op, width, dst, src } => self.unary(op, width, dst, src),

                Op::SetCmp { pred, width, dst, a, b } => self.set_cmp(pred, width, dst, a, b),
                Op::SetCmpImm { pred, width, dst, a, imm } => self.set_cmp_imm(pred, width, dst, a, imm),
                Op::Compare3 { width, signed, dst, a, b, less, equal, greater } => {
                    self.compare3(width, signed, dst, a, b, [less, equal, greater]);
                }
                Op::Select { dst, test, a, b } => self.select(dst, self.cpu.reg(test) != 0, a, b),

                Op::AddF { width, dst, a, b } => self.add_f(width, dst, a, b),
                Op::SubF { width, borrow, dst, a, b } => self.sub_f(width, borrow, dst, a, b),
                Op::AddFImm { width, dst, a, imm } => self.add_f_imm(width, dst, a, imm),
                Op::SubFImm { width, borrow, dst, a, imm } => self.sub_f_imm(width, borrow, dst, a, imm),
                Op::AluF { op, width, dst, a, b } => self.alu_f(op, width, dst, a, b),
                Op::AluFImm { op, width, dst, a, imm } => self.alu_f_imm(op, width, dst, a, imm),
                Op::CondAluF { cond, op, width, a, b, otherwise } => {
                    self.cond_alu_f(cond, op, width, a, b, otherwise);
                }
                Op::SetFlags { src } => self.set_flags(src),
                Op::GetFlags { dst } => self.constant(dst, self.cpu.flags.pack()),
                Op::SetCond { cond, dst } => self.constant(dst, u64::from(self.cpu.flags.test(cond))),
                Op::SelectCond { cond, dst, a, b } => self.select(dst, self.cpu.flags.test(cond), a, b),

                Op::Load { acc, dst, mem } => accessed!(self.load(acc, dst, mem)),
                Op::Store { acc, src, mem } => accessed!(self.store(acc, src, mem)),
                Op::StoreImm { acc, mem, imm } => accessed!(self.store_imm(acc, mem, imm)),
                Op::LoadUpdate { acc, dst, base, disp, update, wrap } => {
                    accessed!(self.load_update(acc, dst, base, disp, update, wrap));
                }
                Op::StoreUpdate { acc, src, base, disp, update, wrap } => {
                    accessed!(self.store_update(acc, src, base, disp, update, wrap));
                }
                Op::LoadPair { acc, dst, dst2, base, disp, update } => {
                    accessed!(self.load_pair(acc, [dst, dst2], base, disp, update));
                }
                Op::StorePair { acc, src, src2, base, disp, update } => {
                    accessed!(self.store_pair(acc, [src, src2], base, disp, update));
                }
                Op::PushConst { acc, base, value, wrap } => {
                    accessed!(self.push_const(acc, base, value, wrap));
                }
                Op::AtomicRmw { op, acc, dst, base, src } => {
                    accessed!(self.atomic_rmw(op, acc, dst, base, src));
                }
                Op::CompareSwap { acc, dst, base, expected, new } => {
                    accessed!(self.compare_swap(acc, dst, base, expected, new));
                }
                Op::LoadLinked { acc, dst, base } => accessed!(self.load_linked(acc, dst, base)),
                Op::StoreConditional { acc, status, base, src } => {
                    accessed!(self.store_conditional(acc, status, base, src));
                }
                Op::Fence => {}

                Op::VecLoad { acc, words, dst, mem } => accessed!(self.vec_load(acc, words, dst, mem)),
                Op::VecStore { acc, words, src, mem } => accessed!(self.vec_store(acc, words, src, mem)),
                Op::VecCopy { words, dst, src } => self.vec_copy(words, dst, src),
                Op::VecZero { words, dst } => self.vec_zero(words, dst),
                Op::VecAlu { op, lane, words, dst, a, b } => self.vec_alu(op, lane, words, dst, a, b),
                Op::VecShift { op, lane, words, dst, a, amount } => {
                    self.vec_shift(op, lane, words, dst, a, amount);
                }
                Op::VecSplat { lane, words, dst, src } => self.vec_splat(lane, words, dst, src),
                Op::VecTopBits { lane, words, dst, src } => self.vec_top_bits(lane, words, dst, src),

                Op::FpAlu { op, format, dst, a, b, .. } => self.fp_alu(op, format, dst, a, b),
                Op::FpUnary { op, format, round, dst, src } => self.fp_unary(op, format, round, dst, src),
                Op::FpMulAdd { format, dst, a, b, c, negate_product, negate_c, .. } => {
                    self.fp_mul_add(format, dst, [a, b, c], negate_product, negate_c);
                }
                Op::FpCompare { format, dst, a, b, less, equal, greater, unordered } => {
                    self.fp_compare(format, dst, a, b, [less, equal, greater, unordered]);
                }
                Op::FpToInt { format, round, width, signed, dst, src } => {
                    self.fp_to_int(format, round, width, signed, dst, src);
                }
                Op::IntToFp { format, width, signed, dst, src, .. } => {
                    self.int_to_fp(format, width, signed, dst, src);
                }
                Op::FpConvert { from, to, dst, src, .. } => self.fp_convert(from, to, dst, src),

                Op::SkipIfZero { test, count } => at += self.skip(self.cpu.reg(test) == 0, count),
                Op::SkipIfNonZero { test, count } => at += self.skip(self.cpu.reg(test) != 0, count),
                Op::SkipUnless { cond, count } => at += self.skip(!self.cpu.flags.test(cond), count),

                Op::Goto { .. } => return Ok(Flow::Exit(0)),
                Op::GotoReg { addr, .. } => return Ok(Flow::To(self.cpu.reg(addr))),
                Op::BranchCmp { pred, width, a, b } => {
                    return Ok(branch(pred.holds(width, self.cpu.reg(a), self.cpu.reg(b))));
                }
                Op::BranchCmpImm { pred, width, a, imm } => {
                    return Ok(branch(pred.holds(width, self.cpu.reg(a), imm as u64)));
                }
                Op::BranchCond { cond } => return Ok(branch(self.cpu.flags.test(cond))),
                Op::BranchBit { a, bit, set } => {
                    return Ok(branch(((self.cpu.reg(a) >> bit) & 1 != 0) == set));
                }
                Op::Switch { index } => return Ok(self.switch(block, index)),
                Op::Stop { why, code } => return Ok(Flow::Stop(why, code)),

                Op::Helper { id, a, b, c, d, imm } => accessed!(self.helper(id, [a, b, c, d], imm)),
                Op::WindowPush { first, count, args_first, args, result } => {
                    accessed!(self.window_push(block, first, count, (args_first, args), result));
                }
                Op::WindowPop { src } => return Ok(Flow::To(checked!(self.window_pop(src)))),
            }
            at += 1;
        }
    }
}

/// The exit of a conditional branch.
#[inline(always)]
fn branch(taken: bool) -> Flow {
    Flow::Exit(usize::from(!taken))
}
