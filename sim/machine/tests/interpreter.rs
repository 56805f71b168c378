//! The interpreter on a toy architecture whose instructions are micro-ops written down in a table.

use rcsim_machine::shadow::Derive;
use rcsim_machine::{
    CodeCache, Cpu, Exit, Limits, Memory, NoObserver, NoShadow, Observer, Perms, Shadow, TrapKind, run,
};
use rcsim_uop::build::BlockBuilder;
use rcsim_uop::fp::{FpRules, IntRule, NanRule};
use rcsim_uop::guest::{AccessKind, FaultCause, MemFault};
use rcsim_uop::isa::{CodeView, Disasm, Isa, LiftError};
use rcsim_uop::op::{Access, Edge, Mem, Op, Pred, Rmw, Stop, Width, Writeback};
use rcsim_uop::reg::{Reg, RegClass, RegFile, RegInfo, ZERO};
use rcsim_uop::{Block, flags::Cond};

/// One toy instruction: what it emits, or how it ends the block.
#[derive(Clone)]
enum Insn {
    Ops(Vec<Op>),
    End(Op, Vec<u64>),
}

/// Instruction `n` of the table stands at `CODE + 4 n`.
struct Toy {
    regs: RegFile,
    table: Vec<Insn>,
}

const CODE: u64 = 0x1000;
const DATA: u64 = 0x10_0000;
const A: Reg = Reg(2);
const B: Reg = Reg(3);
const N: Reg = Reg(4);
const T: Reg = Reg(5);

fn at(n: usize) -> u64 {
    CODE + 4 * n as u64
}

impl Toy {
    fn new(table: Vec<Insn>) -> Self {
        let named = ["a", "b", "n", "t"].iter().zip(2..).map(|(name, slot)| RegInfo {
            name: (*name).into(),
            reg: Reg(slot),
            words: 1,
            class: RegClass::Int,
        });
        Self { regs: RegFile::new(named.collect(), 100..110), table }
    }
}

impl Isa for Toy {
    fn regs(&self) -> &RegFile {
        &self.regs
    }

    fn lift(&self, code: &dyn CodeView, pc: u64, out: &mut BlockBuilder) -> Result<(), LiftError> {
        if code.fetch(pc, &mut [0; 4]) < 4 {
            return Err(LiftError::Fetch { pc });
        }
        let insn = self.table.get(((pc - CODE) / 4) as usize);
        let insn = insn.ok_or(LiftError::Undefined { pc, bytes: vec![0; 4] })?;
        out.insn(pc, 4);
        match insn {
            Insn::Ops(ops) => ops.iter().for_each(|op| out.emit(*op)),
            Insn::End(op, exits) => out.end(*op, exits),
        }
        Ok(())
    }

    fn disasm(&self, _code: &dyn CodeView, _pc: u64) -> Result<Disasm, LiftError> {
        Ok(Disasm { len: 4, text: "toy".into() })
    }

    fn fp_rules(&self) -> FpRules {
        FpRules { nan: NanRule::Default, default_nan_negative: false, to_int: IntRule::SaturateNanZero }
    }
}

fn memory<S: Shadow>() -> Memory<S> {
    let mut mem = Memory::new(8, 1 << 24);
    mem.map(CODE, 0x1000, Perms::CODE);
    mem.map(DATA, 0x4000, Perms::DATA);
    mem
}

fn go(toy: &Toy, cpu: &mut Cpu<NoShadow>, mem: &mut Memory<NoShadow>, until_step: u64) -> Exit {
    run(cpu, mem, &mut CodeCache::new(), toy, &mut NoShadow, &mut NoObserver, Limits { until_step })
}

/// Copies `n` words from `a` to `b`, then stops.
fn copy_loop() -> Toy {
    let acc = Access::little(3);
    Toy::new(vec![
        Insn::Ops(vec![Op::LoadUpdate {
            acc,
            dst: T,
            base: A,
            disp: 8,
            update: Writeback::Post,
            wrap: false,
        }]),
        Insn::Ops(vec![Op::StoreUpdate {
            acc,
            src: T,
            base: B,
            disp: 8,
            update: Writeback::Post,
            wrap: false,
        }]),
        Insn::Ops(vec![Op::SubFImm { width: Width::W64, borrow: true, dst: N, a: N, imm: 1 }]),
        Insn::End(Op::BranchCond { cond: Cond::Ne }, vec![at(0), at(4)]),
        Insn::End(Op::Stop { why: Stop::Syscall, code: 7 }, vec![at(5)]),
    ])
}

fn start(n: u64) -> Cpu<NoShadow> {
    let mut cpu = Cpu::at(CODE);
    cpu.set(A, DATA, ());
    cpu.set(B, DATA + 0x2000, ());
    cpu.set(N, n, ());
    cpu
}

#[test]
fn a_loop_copies_memory_and_counts_its_steps() {
    let (toy, mut mem, mut cpu) = (copy_loop(), memory(), start(100));
    for word in 0..100_u64 {
        mem.store(DATA + 8 * word, Access::little(3), word * 0x0101_0101).unwrap();
    }
    assert_eq!(go(&toy, &mut cpu, &mut mem, u64::MAX), Exit::Syscall(7));
    assert_eq!((cpu.steps, cpu.pc), (401, at(5)));
    for word in 0..100_u64 {
        let copied = mem.load(DATA + 0x2000 + 8 * word, Access::little(3)).unwrap();
        assert_eq!(copied, word * 0x0101_0101);
    }
}

#[test]
fn every_step_limit_stops_exactly_there() {
    let toy = copy_loop();
    for limit in 0..30 {
        let (mut mem, mut cpu) = (memory(), start(5));
        let exit = go(&toy, &mut cpu, &mut mem, limit);
        if limit > 20 {
            assert_eq!((exit, cpu.steps), (Exit::Syscall(7), 21));
            continue;
        }
        assert_eq!((exit, cpu.steps), (Exit::StepLimit, limit));
        assert_eq!(cpu.pc, if limit == 20 { at(4) } else { at(limit as usize % 4) });
        let mut stepped = start(5);
        let mut other = memory();
        for _ in 0..limit {
            let next = stepped.steps + 1;
            go(&toy, &mut stepped, &mut other, next);
        }
        assert_eq!((stepped.reg(A), stepped.reg(B), stepped.reg(N)), (cpu.reg(A), cpu.reg(B), cpu.reg(N)));
    }
}

#[test]
fn a_trap_names_its_instruction_and_leaves_the_state_before_it() {
    let (toy, mut mem, mut cpu) = (copy_loop(), memory(), start(5000));
    mem.map(DATA + 0x4000, 0x1000, Perms::CONST);
    let Exit::Trap(trap) = go(&toy, &mut cpu, &mut mem, u64::MAX) else { panic!("no trap") };
    let addr = DATA + 0x4000;
    let fault = MemFault { addr, bytes: 8, kind: AccessKind::Write, cause: FaultCause::Protected };
    assert_eq!((trap.pc, trap.kind), (at(1), TrapKind::Memory(fault)));
    assert_eq!((cpu.reg(B), cpu.steps), (addr, 4 * 0x400 + 1));
}

#[test]
fn jumping_into_data_is_a_precise_trap() {
    let toy = Toy::new(vec![Insn::End(Op::GotoReg { edge: Edge::Jump, addr: A }, vec![])]);
    let (mut mem, mut cpu) = (memory(), start(1));
    let exit = go(&toy, &mut cpu, &mut mem, u64::MAX);
    let Exit::Trap(trap) = exit else { panic!("{exit:?}") };
    assert_eq!((trap.pc, trap.kind), (DATA, TrapKind::Lift(LiftError::Fetch { pc: DATA })));
}

#[test]
fn a_hook_stops_before_the_instruction_there() {
    let (toy, mut mem, mut cpu) = (copy_loop(), memory(), start(5));
    mem.set_hook(at(4), 42);
    assert_eq!(go(&toy, &mut cpu, &mut mem, u64::MAX), Exit::Hook(42));
    assert_eq!((cpu.pc, cpu.steps), (at(4), 20));
}

#[test]
fn byte_orders_are_each_others_mirror_at_every_size_and_place() {
    let mut mem: Memory<NoShadow> = memory();
    // Places inside a page, and across the border of two.
    for place in [DATA, DATA + 3, DATA + 0xffc, DATA + 0xffd, DATA + 0xfff] {
        for log2 in 0..4 {
            let bytes = 1_u32 << log2;
            let value = 0x8182_8384_8586_8788_u64 >> (64 - 8 * bytes);
            mem.store(place, Access::big(log2), value).unwrap();
            assert_eq!(mem.load(place, Access::big(log2)).unwrap(), value);
            let mirrored = value.swap_bytes() >> (64 - 8 * bytes);
            assert_eq!(mem.load(place, Access::little(log2)).unwrap(), mirrored);
            let signed = mem.load(place, Access::big(log2).signed()).unwrap();
            assert_eq!(signed, ((value << (64 - 8 * bytes)) as i64 >> (64 - 8 * bytes)) as u64);
        }
    }
}

#[test]
fn a_store_across_pages_that_traps_writes_nothing() {
    let mut mem: Memory<NoShadow> = memory();
    mem.map(DATA + 0x1000, 0x1000, Perms::CONST);
    let place = DATA + 0xffc;
    let fault = mem.store(place, Access::little(3), u64::MAX).unwrap_err();
    assert_eq!((fault.addr, fault.cause), (DATA + 0x1000, FaultCause::Protected));
    assert_eq!(mem.load(place, Access::little(2)).unwrap(), 0);
}

#[test]
fn an_address_space_of_gigabytes_costs_what_is_touched() {
    let mut mem: Memory<NoShadow> = Memory::new(8, 1 << 20);
    mem.map(1 << 40, 1 << 36, Perms::DATA);
    for n in 0..100_u64 {
        mem.store((1 << 40) + n * (1 << 29), Access::little(3), n).unwrap();
    }
    assert_eq!(mem.touched_bytes(), 100 * 4096);
    let refused =
        (100..300_u64).find_map(|n| mem.store((1 << 40) + n * 8192 + 4096, Access::little(0), 1).err());
    assert_eq!(refused.map(|fault| fault.cause), Some(FaultCause::Exhausted));
}

#[test]
fn what_is_unmapped_can_be_used_again_and_is_empty() {
    let mut mem: Memory<NoShadow> = Memory::new(8, 1 << 20);
    for n in 0..1000_u64 {
        let place = DATA + n * 4096;
        mem.map(place, 4096, Perms::DATA);
        assert_eq!(mem.load(place, Access::little(3)).unwrap(), 0);
        mem.store(place, Access::little(3), u64::MAX).unwrap();
        mem.unmap(place, 4096);
        assert_eq!(mem.touched_bytes(), 0);
    }
}

#[test]
fn a_step_limit_comes_before_what_is_no_code_behind_it() {
    let toy = Toy::new(vec![Insn::Ops(vec![Op::AddImm { width: Width::W64, dst: A, a: A, imm: 1 }])]);
    let (mut mem, mut cpu) = (memory(), start(0));
    let before = cpu.reg(A);
    assert_eq!(go(&toy, &mut cpu, &mut mem, 1), Exit::StepLimit);
    assert_eq!((cpu.pc, cpu.steps, cpu.reg(A)), (at(1), 1, before + 1));
    assert!(matches!(go(&toy, &mut cpu, &mut mem, 2), Exit::Trap(trap) if trap.pc == at(1)));
}

#[test]
fn two_threads_take_turns_on_one_memory() {
    let toy = copy_loop();
    let (mut mem, mut code) = (memory(), CodeCache::new());
    let mut threads = [start(50), start(50)];
    threads[1].set(A, DATA + 0x1000, ());
    threads[1].set(B, DATA + 0x3000, ());
    mem.store(DATA + 8 * 49, Access::little(3), 1).unwrap();
    mem.store(DATA + 0x1000 + 8 * 49, Access::little(3), 2).unwrap();
    let mut done = 0;
    while done < 2 {
        done = 0;
        for cpu in &mut threads {
            let limits = Limits { until_step: cpu.steps + 7 };
            let exit = run(cpu, &mut mem, &mut code, &toy, &mut NoShadow, &mut NoObserver, limits);
            done += usize::from(exit != Exit::StepLimit);
            if exit != Exit::StepLimit {
                cpu.pc = at(4);
            }
        }
    }
    assert_eq!(mem.load(DATA + 0x2000 + 8 * 49, Access::little(3)).unwrap(), 1);
    assert_eq!(mem.load(DATA + 0x3000 + 8 * 49, Access::little(3)).unwrap(), 2);
}

#[test]
fn a_store_conditional_fails_when_the_word_changed() {
    let acc = Access::little(3);
    let toy = Toy::new(vec![
        Insn::Ops(vec![Op::LoadLinked { acc, dst: T, base: A }]),
        Insn::Ops(vec![Op::StoreConditional { acc, status: N, base: A, src: B }]),
        Insn::End(Op::Stop { why: Stop::Syscall, code: 0 }, vec![at(3)]),
    ]);
    for (interfere, status) in [(false, 1), (true, 0)] {
        let (mut mem, mut cpu) = (memory(), start(9));
        go(&toy, &mut cpu, &mut mem, 1);
        if interfere {
            mem.store(DATA, acc, 5).unwrap();
        }
        go(&toy, &mut cpu, &mut mem, u64::MAX);
        assert_eq!(cpu.reg(N), status);
    }
}

#[test]
fn a_store_conditional_succeeds_on_a_word_that_was_loaded_with_its_sign() {
    let acc = Access::little(2);
    let toy = Toy::new(vec![
        Insn::Ops(vec![Op::LoadLinked { acc: acc.signed(), dst: T, base: A }]),
        Insn::Ops(vec![Op::StoreConditional { acc, status: N, base: A, src: B }]),
        Insn::End(Op::Stop { why: Stop::Syscall, code: 0 }, vec![at(3)]),
    ]);
    let (mut mem, mut cpu) = (memory(), start(9));
    mem.store(DATA, acc, 0x8000_0000).unwrap();
    go(&toy, &mut cpu, &mut mem, u64::MAX);
    assert_eq!(cpu.reg(N), 1);
}

/// Marks what came from one address and follows it.
#[derive(Default)]
struct Taint {
    steps: Vec<u64>,
}

impl Shadow for Taint {
    type Tag = bool;
    type Word = bool;
    const ACTIVE: bool = true;

    fn constant(&mut self, _value: u64) -> bool {
        false
    }

    fn derive(&mut self, _how: Derive, a: bool, b: bool, _result: u64) -> bool {
        a || b
    }

    fn load(&mut self, _addr: u64, _acc: Access, words: &[bool], _offset: usize, _value: u64) -> bool {
        words.contains(&true)
    }

    fn store(&mut self, _: u64, _: Access, words: &mut [bool], _: usize, tag: bool, _: u64) {
        words.fill(tag);
    }

    fn begin_insn(&mut self, pc: u64, _step: u64) {
        self.steps.push(pc);
    }
}

#[test]
fn a_shadow_follows_values_through_registers_and_memory() {
    let acc = Access::little(3);
    let toy = Toy::new(vec![
        Insn::Ops(vec![Op::Load { acc, dst: T, mem: Mem::at(A, 0) }]),
        Insn::Ops(vec![Op::AddImm { width: Width::W64, dst: T, a: T, imm: 16 }]),
        Insn::Ops(vec![Op::Store { acc, src: T, mem: Mem::at(B, 8) }]),
        Insn::Ops(vec![]),
        Insn::Ops(vec![Op::Const { dst: T, value: 1 }]),
        Insn::End(Op::BranchCmp { pred: Pred::Eq, width: Width::W64, a: T, b: ZERO }, vec![at(0), at(6)]),
        Insn::End(Op::Stop { why: Stop::Syscall, code: 0 }, vec![at(7)]),
    ]);
    let (mut mem, mut shadow) = (memory::<Taint>(), Taint::default());
    let mut cpu: Cpu<Taint> = Cpu::at(CODE);
    cpu.set(A, DATA, false);
    cpu.set(B, DATA + 0x2000, false);
    mem.store(DATA, acc, 99).unwrap();
    mem.scatter_words(DATA, &[true]);
    run(&mut cpu, &mut mem, &mut CodeCache::new(), &toy, &mut shadow, &mut NoObserver, Limits::NONE);
    assert!(mem.word(DATA + 0x2008), "the sum derived from the marked word is marked");
    assert!(!mem.word(DATA + 0x2000) && !cpu.tag(T));
    assert_eq!(
        shadow.steps,
        (0..7).map(at).collect::<Vec<_>>(),
        "each instruction begins once, also an empty one"
    );
}

/// Counts what an observer is shown.
#[derive(Default)]
struct Count {
    insns: u64,
    retired: u64,
    bytes: [u64; 2],
}

impl Observer for Count {
    const BLOCKS: bool = true;
    const INSNS: bool = true;
    const MEMORY: bool = true;

    fn insn(&mut self, _block: &Block, _index: usize) {
        self.insns += 1;
    }

    fn memory(&mut self, _addr: u64, bytes: u64, write: bool) {
        self.bytes[usize::from(write)] += bytes;
    }

    fn retired(&mut self, _block: &Block, insns: usize) {
        self.retired += insns as u64;
    }
}

#[test]
fn an_observer_sees_every_instruction_and_access_once() {
    let (toy, mut mem, mut cpu, mut count) = (copy_loop(), memory(), start(10), Count::default());
    run(&mut cpu, &mut mem, &mut CodeCache::new(), &toy, &mut NoShadow, &mut count, Limits::NONE);
    assert_eq!((count.insns, count.retired, count.bytes), (41, 41, [80, 80]));
}

/// Counts the accesses before each instruction of a block, and remembers what the block says of them.
#[derive(Default)]
struct Accesses {
    seen: u32,
    counted: Vec<u32>,
    known: Option<Box<[u32]>>,
}

impl Observer for Accesses {
    const BLOCKS: bool = true;
    const INSNS: bool = true;
    const MEMORY: bool = true;

    fn block(&mut self, block: &Block) {
        *self = Self { known: block.first_access.clone(), ..Self::default() };
    }

    fn insn(&mut self, _block: &Block, _index: usize) {
        self.counted.push(self.seen);
    }

    fn memory(&mut self, _addr: u64, _bytes: u64, _write: bool) {
        self.seen += 1;
    }
}

/// The accesses before each of these instructions, as they were counted, and as the block states them.
fn accesses(insns: &[Op]) -> (Vec<u32>, Option<Box<[u32]>>) {
    // Two to an instruction.
    let mut table: Vec<Insn> = insns.chunks(2).map(|ops| Insn::Ops(ops.to_vec())).collect();
    let end = at(table.len() + 1);
    table.push(Insn::End(Op::Stop { why: Stop::Syscall, code: 0 }, vec![end]));
    let (mut mem, mut cpu, mut observer) = (memory(), start(1), Accesses::default());
    let (code, toy) = (&mut CodeCache::new(), Toy::new(table));
    let exit = run(&mut cpu, &mut mem, code, &toy, &mut NoShadow, &mut observer, Limits::NONE);
    assert_eq!(exit, Exit::Syscall(0));
    (observer.counted, observer.known)
}

#[test]
fn what_a_block_says_of_its_accesses_is_what_it_does() {
    let acc = Access::little(3);
    let nothing = Op::Const { dst: T, value: 7 };
    let load = Op::Load { acc, dst: T, mem: Mem::at(A, 0) };
    let store = Op::Store { acc, src: T, mem: Mem::at(A, 8) };
    let none = Writeback::None;
    let always = [
        load,
        Op::LoadPair { acc, dst: T, dst2: N, base: A, disp: 0, update: none },
        nothing,
        Op::StorePair { acc, src: T, src2: N, base: A, disp: 16, update: none },
        Op::SkipIfZero { test: ZERO, count: 1 },
        nothing,
        store,
        Op::StoreImm { acc, mem: Mem::at(A, 8), imm: 3 },
        Op::AtomicRmw { op: Rmw::Add, acc, dst: T, base: A, src: B },
        nothing,
        Op::VecLoad { acc, words: 2, dst: B, mem: Mem::at(A, 0) },
        Op::Fence,
    ];
    let (counted, known) = accesses(&always);
    assert_eq!(counted, [0, 3, 5, 5, 7, 9, 11]);
    assert_eq!(known.as_deref(), Some(&counted[..]));
    let swap = Op::CompareSwap { acc, dst: T, base: A, expected: B, new: N };
    let conditional = Op::StoreConditional { acc, status: N, base: A, src: B };
    let skip = Op::SkipIfZero { test: ZERO, count: 1 };
    for sometimes in [&[swap][..], &[conditional], &[skip, store], &[skip, load]] {
        assert_eq!(accesses(sometimes).1, None, "{sometimes:?}");
    }
}
