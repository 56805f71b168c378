//! Variants of an instruction: small changes of what it does, as a slip of whoever wrote it would make.
//!
//! A variant is made from the micro-ops that an instruction was lifted to, so that it is the same for every architecture and
//! needs no encoder. It covers the micro-ops that hand-written code consists of; what it does not know it leaves alone, except
//! that any instruction can be left out or change places with its neighbour.

use crate::edit::Lifted;
use crate::effects::{FlagUse, ends_block, flag_use, may_access_memory, mem_use, touches};
use crate::isa::Isa;
use crate::op::{Access, Edge, Mem, Op, Pred, Writeback};
use crate::reg::{Reg, RegClass, SINK, ZERO};

/// The kinds of variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slip {
    /// The instruction is missing, or part of what it does.
    Drop,
    /// It changed places with the next one.
    Swap,
    /// It jumps elsewhere, or under another condition.
    Retarget,
    /// It moves fewer or more bytes.
    Resize,
    /// Its address is off by a word.
    Displace,
    /// Its constant is another.
    Immediate,
    /// It reads or writes the register beside.
    Register,
}

impl Slip {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Drop,
        Self::Swap,
        Self::Retarget,
        Self::Resize,
        Self::Displace,
        Self::Immediate,
        Self::Register,
    ];

    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Swap => "swap",
            Self::Retarget => "retarget",
            Self::Resize => "resize",
            Self::Displace => "displace",
            Self::Immediate => "immediate",
            Self::Register => "register",
        }
    }
}

/// A changed instruction.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// What kind of slip.
    pub slip: Slip,
    /// What is other, in a few words that tell the variants of an instruction apart.
    pub what: String,
    /// What the instruction does now.
    pub lifted: Lifted,
}

/// The variants of one instruction by itself. `word` is the size of a pointer; `after` gives the address behind the
/// instruction at an address, where there is one.
#[must_use]
pub fn variants(
    lifted: &Lifted,
    isa: &dyn Isa,
    word: u8,
    after: &dyn Fn(u64) -> Option<u64>,
) -> Vec<Variant> {
    let mut out = Variants { lifted, out: Vec::new() };
    if !lifted.ops.is_empty() {
        out.add(Slip::Drop, "all", lifted.nothing());
    }
    for at in 0..lifted.ops.len() {
        out.part(at);
        out.sizes(at);
        out.displacements(at, i32::from(word));
        out.constants(at, i64::from(word));
        out.registers(at, isa);
    }
    out.targets(after);
    out.out.retain(|variant| variant.lifted != *lifted);
    out.out
}

struct Variants<'l> {
    lifted: &'l Lifted,
    out: Vec<Variant>,
}

impl Variants<'_> {
    fn add(&mut self, slip: Slip, what: impl Into<String>, lifted: Lifted) {
        self.out.push(Variant { slip, what: what.into(), lifted });
    }

    /// The same instruction with another micro-op in one place.
    fn with_op(&mut self, slip: Slip, what: impl Into<String>, at: usize, op: Op) {
        let mut lifted = self.lifted.clone();
        lifted.ops[at] = op;
        self.add(slip, what, lifted);
    }

    /// Without one of several micro-ops. Skips count micro-ops, so an instruction with one keeps all.
    fn part(&mut self, at: usize) {
        let ops = &self.lifted.ops;
        let skips =
            |op: &Op| matches!(op, Op::SkipIfZero { .. } | Op::SkipIfNonZero { .. } | Op::SkipUnless { .. });
        let delay_slot = self.lifted.insns.len() > 1;
        if ops.len() < 2 || ends_block(&ops[at]) || ops.iter().any(skips) || delay_slot {
            return;
        }
        let mut lifted = self.lifted.clone();
        lifted.ops.remove(at);
        self.add(Slip::Drop, format!("part {at}"), lifted);
    }

    fn sizes(&mut self, at: usize) {
        let op = self.lifted.ops[at];
        if let Some(acc) = access(&op) {
            for log2 in [acc.log2().checked_sub(1), Some(acc.log2() + 1).filter(|log2| *log2 <= 3)]
                .into_iter()
                .flatten()
            {
                let mut new = op;
                set_access(&mut new, acc.resized(log2));
                self.with_op(Slip::Resize, format!("{} bytes", 1 << log2), at, new);
            }
        }
        let mut fewer = op;
        if let Op::VecLoad { words, .. } | Op::VecStore { words, .. } = &mut fewer
            && *words > 1
        {
            *words /= 2;
            let bytes = 8 * u32::from(*words);
            self.with_op(Slip::Resize, format!("{bytes} bytes"), at, fewer);
        }
    }

    fn displacements(&mut self, at: usize, word: i32) {
        let op = self.lifted.ops[at];
        for by in [-word, word] {
            let mut new = op;
            if displace(&mut new, by) {
                self.with_op(Slip::Displace, format!("{by:+}"), at, new);
            }
        }
    }

    fn constants(&mut self, at: usize, word: i64) {
        let op = self.lifted.ops[at];
        for sign in [1, -1] {
            let mut new = op;
            if let Some(by) = increase(&mut new, sign, word) {
                self.with_op(Slip::Immediate, format!("{by:+}"), at, new);
            }
        }
    }

    fn registers(&mut self, at: usize, isa: &dyn Isa) {
        let op = self.lifted.ops[at];
        let mut probe = op;
        for n in 0..operands(&mut probe).len() {
            let mut new = op;
            let mut places = operands(&mut new);
            let Some(beside) = beside(isa, *places[n]) else { continue };
            let what = format!("{} for {}", isa.regs().name(beside), isa.regs().name(*places[n]));
            *places[n] = beside;
            drop(places);
            self.with_op(Slip::Register, what, at, new);
        }
    }

    fn targets(&mut self, after: &dyn Fn(u64) -> Option<u64>) {
        let Some(last) = self.lifted.ops.last().copied() else { return };
        let end = self.lifted.end();
        match last {
            Op::BranchCmp { .. } | Op::BranchCmpImm { .. } | Op::BranchCond { .. } | Op::BranchBit { .. } => {
                let mut inverted = self.lifted.clone();
                inverted.exits.swap(0, 1);
                self.add(Slip::Retarget, "condition inverted", inverted);
                let mut always = self.lifted.clone();
                always.exits[1] = always.exits[0];
                self.add(Slip::Retarget, "always", always);
                self.boundaries(last);
                self.elsewhere(0, after);
            }
            Op::Goto { edge: Edge::Jump } if self.lifted.exits[0] == end => {}
            Op::Goto { .. } => self.elsewhere(0, after),
            _ => {}
        }
    }

    /// To the instruction behind the one that is meant.
    fn elsewhere(&mut self, exit: usize, after: &dyn Fn(u64) -> Option<u64>) {
        if let Some(next) = after(self.lifted.exits[exit]) {
            let mut lifted = self.lifted.clone();
            lifted.exits[exit] = next;
            self.add(Slip::Retarget, "to the next instruction", lifted);
        }
    }

    /// A comparison that is wrong where both sides are equal.
    fn boundaries(&mut self, op: Op) {
        let at = self.lifted.ops.len() - 1;
        let mut new = op;
        if let Op::BranchCmp { pred, .. } | Op::BranchCmpImm { pred, .. } = &mut new
            && let Some(near) = near(*pred)
        {
            *pred = near;
            self.with_op(Slip::Retarget, "boundary", at, new);
        }
    }
}

/// The comparison that differs where both sides are equal.
const fn near(pred: Pred) -> Option<Pred> {
    Some(match pred {
        Pred::Eq | Pred::Ne => return None,
        Pred::LtU => Pred::LeU,
        Pred::LeU => Pred::LtU,
        Pred::GeU => Pred::GtU,
        Pred::GtU => Pred::GeU,
        Pred::LtS => Pred::LeS,
        Pred::LeS => Pred::LtS,
        Pred::GeS => Pred::GtS,
        Pred::GtS => Pred::GeS,
    })
}

fn access(op: &Op) -> Option<Access> {
    match *op {
        Op::Load { acc, .. }
        | Op::Store { acc, .. }
        | Op::StoreImm { acc, .. }
        | Op::LoadUpdate { acc, .. }
        | Op::StoreUpdate { acc, .. }
        | Op::LoadPair { acc, .. }
        | Op::StorePair { acc, .. } => Some(acc),
        _ => None,
    }
}

fn set_access(op: &mut Op, new: Access) {
    match op {
        Op::Load { acc, .. }
        | Op::Store { acc, .. }
        | Op::StoreImm { acc, .. }
        | Op::LoadUpdate { acc, .. }
        | Op::StoreUpdate { acc, .. }
        | Op::LoadPair { acc, .. }
        | Op::StorePair { acc, .. } => *acc = new,
        _ => {}
    }
}

fn displace(op: &mut Op, by: i32) -> bool {
    match op {
        Op::Load { mem: Mem { disp, .. }, .. }
        | Op::Store { mem: Mem { disp, .. }, .. }
        | Op::StoreImm { mem: Mem { disp, .. }, .. }
        | Op::VecLoad { mem: Mem { disp, .. }, .. }
        | Op::VecStore { mem: Mem { disp, .. }, .. }
        | Op::Lea { mem: Mem { disp, .. }, .. }
        | Op::LoadUpdate { disp, .. }
        | Op::StoreUpdate { disp, .. }
        | Op::LoadPair { disp, .. }
        | Op::StorePair { disp, .. } => {
            *disp = disp.wrapping_add(by);
            true
        }
        _ => false,
    }
}

/// Another constant: off by a word where it is a number of words, else by one. Returns by how much.
fn increase(op: &mut Op, sign: i64, word: i64) -> Option<i64> {
    let step = |value: i64| sign * if value != 0 && value % word == 0 { word } else { 1 };
    match op {
        Op::Const { value, .. } => {
            let by = step(*value as i64);
            *value = value.wrapping_add_signed(by);
            Some(by)
        }
        Op::AddImm { imm, .. }
        | Op::AddImmTrap { imm, .. }
        | Op::AddFImm { imm, .. }
        | Op::SubFImm { imm, .. }
        | Op::AluFImm { imm, .. }
        | Op::SetCmpImm { imm, .. }
        | Op::BranchCmpImm { imm, .. } => {
            let by = step(*imm);
            *imm = imm.wrapping_add(by);
            Some(by)
        }
        Op::StoreImm { imm, .. } => {
            *imm = imm.wrapping_add(sign as i32);
            Some(sign)
        }
        Op::ShiftImm { amount, width, .. } => {
            let new = i64::from(*amount) + sign;
            let fits = u8::try_from(new).ok().filter(|new| u32::from(*new) < width.bits())?;
            *amount = fits;
            Some(sign)
        }
        _ => None,
    }
}

/// The registers of a micro-op, those that it writes first.
fn operands(op: &mut Op) -> Vec<&mut Reg> {
    match op {
        Op::Const { dst, .. } | Op::VecZero { dst, .. } => vec![dst],
        Op::Copy { dst, src }
        | Op::Extract { dst, src, .. }
        | Op::VecCopy { dst, src, .. }
        | Op::Unary { dst, src, .. } => vec![dst, src],
        Op::Add { dst, a, b, .. }
        | Op::AddTrap { dst, a, b, .. }
        | Op::SubTrap { dst, a, b, .. }
        | Op::Sub { dst, a, b, .. }
        | Op::And { dst, a, b, .. }
        | Op::Or { dst, a, b, .. }
        | Op::Xor { dst, a, b, .. }
        | Op::AddF { dst, a, b, .. }
        | Op::SubF { dst, a, b, .. }
        | Op::AluF { dst, a, b, .. }
        | Op::SetCmp { dst, a, b, .. } => vec![dst, a, b],
        Op::AddImm { dst, a, .. }
        | Op::AddImmTrap { dst, a, .. }
        | Op::AndImm { dst, a, .. }
        | Op::OrImm { dst, a, .. }
        | Op::XorImm { dst, a, .. }
        | Op::ShiftImm { dst, a, .. }
        | Op::AddFImm { dst, a, .. }
        | Op::SubFImm { dst, a, .. }
        | Op::AluFImm { dst, a, .. }
        | Op::SetCmpImm { dst, a, .. } => vec![dst, a],
        Op::Lea { dst, mem, .. } | Op::Load { dst, mem, .. } | Op::VecLoad { dst, mem, .. } => {
            vec![dst, &mut mem.base, &mut mem.index]
        }
        Op::Store { src, mem, .. } | Op::VecStore { src, mem, .. } => {
            vec![src, &mut mem.base, &mut mem.index]
        }
        Op::StoreImm { mem, .. } => vec![&mut mem.base, &mut mem.index],
        Op::LoadUpdate { dst, base, .. } => vec![dst, base],
        Op::StoreUpdate { src, base, .. } => vec![src, base],
        Op::LoadPair { dst, dst2, base, .. } => vec![dst, dst2, base],
        Op::StorePair { src, src2, base, .. } => vec![src, src2, base],
        Op::GotoReg { addr, .. } => vec![addr],
        Op::BranchCmp { a, b, .. } => vec![a, b],
        Op::BranchCmpImm { a, .. } | Op::BranchBit { a, .. } => vec![a],
        _ => Vec::new(),
    }
}

/// The register after this one among those of its class, the first after the last. None for what is no register of the
/// architecture: temporaries, the zero slot.
fn beside(isa: &dyn Isa, reg: Reg) -> Option<Reg> {
    if reg == ZERO || reg == SINK {
        return None;
    }
    let own = isa.regs().named().iter().find(|info| info.reg == reg)?;
    if !matches!(own.class, RegClass::Int | RegClass::Vector) {
        return None;
    }
    let class: Vec<Reg> = isa
        .regs()
        .named()
        .iter()
        .filter(|info| (info.class, info.words) == (own.class, own.words))
        .map(|info| info.reg)
        .collect();
    let at = class.iter().position(|other| *other == reg)?;
    Some(class[(at + 1) % class.len()]).filter(|other| *other != reg)
}

/// Two neighbours in the other order: the second in the place of the first, and the first in that of the second.
#[must_use]
pub fn swapped(first: &Lifted, second: &Lifted) -> Option<[Lifted; 2]> {
    let single = first.insns.len() == 1 && second.insns.len() == 1;
    // Behind an instruction that always goes elsewhere the second would not be next.
    let straight =
        |lifted: &Lifted| !lifted.ends_block() || lifted.exits.contains(&lifted.end()) || calls(lifted);
    if !single || !straight(first) || first.ops == second.ops {
        return None;
    }
    let (mut early, mut late) = (second.clone(), first.clone());
    // The second now begins where the first did; what it names as behind itself is behind the place that it stands at.
    early = early.moved_to(first);
    late = late.moved_to(second);
    Some([early, late])
}

fn calls(lifted: &Lifted) -> bool {
    lifted
        .ops
        .iter()
        .any(|op| matches!(op, Op::Goto { edge: Edge::Call } | Op::GotoReg { edge: Edge::Call, .. }))
}

/// Whether two neighbours do the same in either order, whatever registers and memory hold: neither reads or writes what the
/// other writes.
#[must_use]
pub fn independent(first: &Lifted, second: &Lifted, isa: &dyn Isa) -> bool {
    if first.ends_block() || second.ends_block() {
        return false;
    }
    let (one, other) = (Footprint::of(first, isa), Footprint::of(second, isa));
    !one.disturbs(&other) && !other.disturbs(&one) && !memory_conflict(first, second, isa, &one, &other)
}

/// Registers and flags that an instruction touches.
#[derive(Default)]
struct Footprint {
    reads: Vec<Reg>,
    writes: Vec<Reg>,
    reads_flags: bool,
    writes_flags: bool,
}

impl Footprint {
    fn of(lifted: &Lifted, isa: &dyn Isa) -> Self {
        let mut footprint = Self::default();
        let temps = isa.regs().temps();
        for op in &lifted.ops {
            touches(op, isa, &mut |touch| {
                let slots = (0..touch.words).map(|n| Reg(touch.reg.0 + n));
                let own = slots.filter(|reg| !temps.contains(&reg.0));
                if touch.write { footprint.writes.extend(own) } else { footprint.reads.extend(own) }
            });
            match flag_use(op, isa) {
                FlagUse::None => {}
                FlagUse::Reads => footprint.reads_flags = true,
                FlagUse::Writes => footprint.writes_flags = true,
                FlagUse::ReadsAndWrites => (footprint.reads_flags, footprint.writes_flags) = (true, true),
            }
        }
        footprint
    }

    fn disturbs(&self, other: &Self) -> bool {
        let hit = |reg: &Reg| other.reads.contains(reg) || other.writes.contains(reg);
        self.writes.iter().any(hit) || self.writes_flags && (other.reads_flags || other.writes_flags)
    }
}

/// Whether the order of two memory accesses may matter.
fn memory_conflict(
    first: &Lifted,
    second: &Lifted,
    isa: &dyn Isa,
    one: &Footprint,
    other: &Footprint,
) -> bool {
    let memory = |lifted: &Lifted| lifted.ops.iter().any(|op| may_access_memory(op, isa));
    if !memory(first) || !memory(second) {
        return false;
    }
    let reads_only = |lifted: &Lifted| {
        let known = |op: &Op| !may_access_memory(op, isa) || mem_use(op).is_some_and(|one| !one.write);
        lifted.ops.iter().all(known)
    };
    if reads_only(first) && reads_only(second) {
        return false;
    }
    match (range(first, isa), range(second, isa)) {
        (Some((base, low, high)), Some((other_base, other_low, other_high))) => {
            let moved = one.writes.contains(&base) || other.writes.contains(&base);
            base != other_base || moved || low < other_high && other_low < high
        }
        _ => true,
    }
}

/// Base register and byte range of an instruction's only access, where it is that simple.
fn range(lifted: &Lifted, isa: &dyn Isa) -> Option<(Reg, i64, i64)> {
    let mut accesses = lifted.ops.iter().filter(|op| may_access_memory(op, isa));
    let (op, None) = (accesses.next()?, accesses.next()) else { return None };
    let bytes = mem_use(op)?.bytes as i64;
    let (base, disp) = match *op {
        Op::Load { mem, .. }
        | Op::Store { mem, .. }
        | Op::StoreImm { mem, .. }
        | Op::VecLoad { mem, .. }
        | Op::VecStore { mem, .. }
            if mem.index == ZERO =>
        {
            (mem.base, mem.disp)
        }
        Op::LoadPair { base, disp, update: Writeback::None, .. }
        | Op::StorePair { base, disp, update: Writeback::None, .. } => (base, disp),
        _ => return None,
    };
    Some((base, i64::from(disp), i64::from(disp) + bytes))
}

#[cfg(test)]
mod tests {
    use super::{Slip, Variants, displace, increase, near, operands};
    use crate::block::InsnMark;
    use crate::edit::Lifted;
    use crate::op::{Access, Mem, Op, Pred};
    use crate::reg::Reg;

    const BASE: Reg = Reg(4);

    fn load() -> Op {
        Op::Load { acc: Access::little(3), dst: Reg(5), mem: Mem::at(BASE, 16) }
    }

    fn lifted(ops: &[Op]) -> Lifted {
        Lifted {
            insns: vec![InsnMark { pc: 0x100, len: 4, first_op: 0 }],
            ops: ops.to_vec(),
            exits: Vec::new(),
        }
    }

    #[test]
    fn a_load_of_eight_bytes_can_only_be_smaller() {
        let lifted = lifted(&[load()]);
        let mut variants = Variants { lifted: &lifted, out: Vec::new() };
        variants.sizes(0);
        let what: Vec<(Slip, &str)> =
            variants.out.iter().map(|variant| (variant.slip, variant.what.as_str())).collect();
        assert_eq!(what, [(Slip::Resize, "4 bytes")]);
    }

    #[test]
    fn displacements_and_constants_are_off_by_a_word() {
        let mut op = load();
        assert!(displace(&mut op, -8));
        assert_eq!(op, Op::Load { acc: Access::little(3), dst: Reg(5), mem: Mem::at(BASE, 8) });
        let mut size = Op::Const { dst: BASE, value: 32 };
        assert_eq!(increase(&mut size, 1, 8), Some(8));
        let mut flag = Op::Const { dst: BASE, value: 0 };
        assert_eq!(increase(&mut flag, 1, 8), Some(1));
    }

    #[test]
    fn only_comparisons_with_an_order_have_a_boundary() {
        assert_eq!(near(Pred::LtU), Some(Pred::LeU));
        assert_eq!(near(Pred::Eq), None);
    }

    #[test]
    fn operands_that_are_written_come_first() {
        assert_eq!(*operands(&mut load())[0], Reg(5));
        assert_eq!(*operands(&mut load())[1], BASE);
    }

    #[test]
    fn a_part_is_dropped_only_where_something_is_left() {
        let (one, two) = (lifted(&[load()]), lifted(&[load(), load()]));
        for (lifted, parts) in [(one, 0), (two, 1)] {
            let mut variants = Variants { lifted: &lifted, out: Vec::new() };
            variants.part(0);
            assert_eq!(variants.out.len(), parts);
        }
    }
}
