//! RC0207: functions that do not check the stack need more of it than every check leaves.
//!
//! A prologue's check guarantees a fixed number of bytes below the frame that it makes room for. Functions without a check live
//! on that, one below the other, until one checks again. Go's linker adds them up (`cmd/link/internal/ld/stackcheck.go`, before
//! Go 1.19 `lib.go`); so does this file: for a built-in image by its tables before it runs, and for all code while it runs, where a
//! function that checks is known by what it does.

use std::collections::BTreeMap;

use rcsim_machine::shadow::FrameRule;
use rcsim_uop::Epoch;
use rcsim_uop::port::{BuiltinFunction, BuiltinImage, Convention, Link};

use super::chain::{Activation, Level};
use super::{FrameWatch, Told, Watching};

/// Bytes below the guard that no frame reaches after a check (`StackSmall` in the files below): one that is no larger needs
/// only compare the stack pointer itself, which has to be above the guard.
pub(crate) const SMALL_BYTES: u64 = 128;

/// Bytes that a check leaves below the lowest point of the function that made it: the distance of the guard from the stack's
/// end, less what small frames may use below the guard (`StackGuard` and `StackSmall`; `runtime/stack.h` in the tree of early
/// 2015, `runtime/stack.go` of Go 1.8 and 1.12, `cmd/internal/objabi/stack.go` of Go 1.17 to 1.19, `internal/abi/stack.go` today).
#[must_use]
pub const fn budget_bytes(epoch: Epoch) -> u64 {
    let guard = match epoch {
        Epoch::Y2014Before | Epoch::Y2014 => 640,
        Epoch::Y2016 => 720,
        Epoch::Y2018 => 880,
        Epoch::Y2020 | Epoch::Y2021 | Epoch::Go119 | Epoch::Go127 => 928,
    };
    guard - SMALL_BYTES
}

/// The budget where a function saves its caller's frame pointer below its own frame: that word is counted, too.
fn usable_bytes(epoch: Epoch, convention: &Convention, word: u64) -> u64 {
    let below = matches!(convention.link, Link::Register(_)) && convention.frame_pointer.is_some();
    budget_bytes(epoch) - if below { word } else { 0 }
}

/// A chain of functions without checks that needs too much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excess {
    /// The functions, each called by the one before.
    pub chain: Vec<String>,
    /// What they need in bytes.
    pub needed: u64,
    /// What there is.
    pub usable: u64,
}

impl Excess {
    fn told(&self) -> Told {
        let Self { chain, needed, usable } = self;
        let first = chain.first().map_or("", String::as_str);
        let told = Told::new(
            FrameRule::NosplitBudget,
            format!(
                "nosplit budget exceeded: {first} needs {needed} bytes of stack without a check, there are {usable}"
            ),
            "runs without a stack check",
        );
        let told =
            if chain.len() > 1 { told.note(format!("the chain: {}", chain.join(" calls "))) } else { told };
        told.note("a prologue's check leaves that much below its frame for functions that do not check")
    }
}

/// Functions of a built-in image whose chains need too much, by the image's own tables.
#[must_use]
pub fn excesses(image: &BuiltinImage, epoch: Epoch, convention: &Convention, word: u64) -> Vec<Excess> {
    let pushed = if matches!(convention.link, Link::Stack) { word } else { 0 };
    let usable = usable_bytes(epoch, convention, word) - pushed;
    let mut heights = Heights { image, pushed, known: BTreeMap::new() };
    let nosplit = image.functions.iter().filter(|function| !function.splits_stack);
    let needs = nosplit.map(|function| (function, heights.of(&function.name)));
    let too_much = needs.filter(|(_, height)| height.bytes > usable);
    too_much.map(|(_, height)| Excess { chain: height.chain, needed: height.bytes, usable }).collect()
}

/// How much stack functions need until somebody checks.
struct Heights<'a> {
    image: &'a BuiltinImage,
    pushed: u64,
    known: BTreeMap<String, Height>,
}

/// What a function needs below its caller, and through whom.
#[derive(Clone, Debug, Default)]
struct Height {
    bytes: u64,
    chain: Vec<String>,
}

impl Heights<'_> {
    fn of(&mut self, name: &str) -> Height {
        if let Some(height) = self.known.get(name) {
            return height.clone();
        }
        // Whoever comes back here is recursive; the linker refuses that, and nothing of ours does it.
        self.known.insert(name.to_owned(), Height::default());
        let function = self.image.functions.iter().find(|function| function.name == name);
        let height = function.map_or_else(Height::default, |function| self.sum(function));
        self.known.insert(name.to_owned(), height.clone());
        height
    }

    fn sum(&mut self, function: &BuiltinFunction) -> Height {
        let own = |bytes| Height { bytes, chain: vec![function.name.clone()] };
        if function.splits_stack {
            return own(self.pushed);
        }
        let deltas = function.sp_deltas.iter().map(|(_, delta)| u64::try_from(*delta).unwrap_or(0));
        let mut highest = own(deltas.max().unwrap_or(0));
        for call in &function.relocations {
            let before = function.sp_deltas.iter().rev().find(|(from, _)| *from <= call.offset);
            let here = before.map_or(0, |(_, delta)| u64::try_from(*delta).unwrap_or(0));
            let target = self.of(call.target.trim_end_matches("<ABIInternal>"));
            let bytes = here + self.pushed + target.bytes;
            if bytes > highest.bytes {
                highest = Height { bytes, chain: [vec![function.name.clone()], target.chain].concat() };
            }
        }
        highest
    }
}

impl FrameWatch {
    /// Judge a built-in image by its tables.
    pub fn judge_image(&mut self, image: &BuiltinImage, epoch: Epoch) {
        for excess in excesses(image, epoch, &self.convention, self.word()) {
            let entry = image.functions.iter().find(|function| Some(&function.name) == excess.chain.first());
            let start = image.base + u64::from(image.code_offset);
            self.pc = entry.map_or(start, |function| start + u64::from(function.offset));
            self.report(excess.told());
        }
    }

    /// The stack pointer below which nobody has checked, for a function that the one on top calls with stack pointer `sp`.
    pub(super) fn checked_down_to(&self, sp: u64) -> u64 {
        match self.chain.last() {
            Some(Level::Guest(caller)) if !caller.checked => caller.checked_down_to,
            _ => sp,
        }
    }

    /// The word that prologues compare the stack pointer with is at `addr`.
    pub fn guard_is(&mut self, addr: u64) {
        self.guard = addr;
    }

    /// The function on top looks at the guard.
    #[cold]
    pub(super) fn checks_stack(&mut self) {
        if let Some(Level::Guest(frame)) = self.chain.last_mut() {
            frame.checked = true;
        }
    }
}

impl Watching<'_> {
    /// A function that is said to check the stack has not: the sum of the frames above it stopped at its entry.
    fn judge_claim(&mut self, frame: &Activation) {
        if !frame.fact.claims_check || frame.fact.frame_bytes == 0 {
            return;
        }
        let name = self.name(&frame.fact).to_owned();
        let message =
            format!("nosplit budget unknown: {name} has not compared the stack pointer with the guard");
        let told =
            Told::new(FrameRule::NosplitBudget, message, "runs without the stack check that it declares");
        self.watch.report(
            told.note("its frame counts as checked, in it and in every sum of frames that ends at it")
                .of(&frame.fact),
        );
    }

    /// A check lets through what ends less than [`SMALL_BYTES`] below the guard, whatever the frame's size. Judged where the
    /// function calls with stack pointer `sp`: a prologue that calls for a larger stack has opened no frame yet.
    pub(super) fn judge_check(&mut self, frame: &Activation, sp: u64) {
        let guard = self.watch.stack.guard();
        let opened = sp < frame.entry_sp;
        if !frame.checked || !opened || sp + SMALL_BYTES > guard {
            return;
        }
        let name = self.name(&frame.fact).to_owned();
        let (below, most) = (guard - sp, SMALL_BYTES - 1);
        let message = format!(
            "nosplit budget exceeded: the stack check of {name} lets it go {below} bytes below the guard, where {most} are allowed"
        );
        let told = Told::new(FrameRule::NosplitBudget, message, "runs below what its stack check leaves");
        self.watch.report(
            told.note("what functions without a check may use begins there; the stack ends behind it")
                .of(&frame.fact),
        );
    }

    /// Judge how far a function without a check has gone, its whole frame counted.
    pub(super) fn judge_depth(&mut self, frame: &Activation) {
        if frame.checked {
            return;
        }
        self.judge_claim(frame);
        let lowest = frame.entry_sp.saturating_sub(frame.fact.frame_bytes);
        let needed = frame.checked_down_to.saturating_sub(lowest);
        let usable = usable_bytes(self.watch.epoch, &self.watch.convention, self.watch.word());
        if needed <= usable {
            return;
        }
        // The function at hand may have left the list of frames: it is judged when it returns, too.
        let mut facts = vec![frame.fact];
        facts.extend(self.watch.chain.iter().rev().map_while(|level| match level {
            Level::Guest(frame) if !frame.checked => Some(frame.fact),
            _ => None,
        }));
        facts.dedup();
        let chain = facts.iter().rev().map(|fact| self.name(fact).to_owned()).collect();
        let first = facts[facts.len() - 1];
        self.watch.report(Excess { chain, needed, usable }.told().of(&first));
    }
}

#[cfg(test)]
mod tests {
    use rcsim_uop::port::{FrameMaps, PointerMap, Relocation};
    use rcsim_uop::reg::Reg;

    use super::*;

    const WORD: u64 = 8;
    const CONVENTION: Convention = Convention {
        sp: Reg(4),
        link: Link::Stack,
        context: Reg(5),
        args_above_sp: 8,
        stack_align: 8,
        frame_pointer: None,
        link_at_growth: None,
    };

    fn function(name: &str, frame: i32, splits_stack: bool, calls: &[&str]) -> BuiltinFunction {
        let call = |target: &&str| Relocation {
            offset: 8,
            len: 4,
            mask: vec![0xff; 4],
            target: (*target).to_owned(),
        };
        BuiltinFunction {
            name: name.to_owned(),
            offset: 0,
            size: 16,
            frame_bytes: frame as u32,
            args_bytes: 0,
            splits_stack,
            sp_deltas: vec![(0, 0), (4, frame)],
            maps: FrameMaps::None,
            args: PointerMap::default(),
            relocations: calls.iter().map(call).collect(),
        }
    }

    fn needs(functions: Vec<BuiltinFunction>) -> Vec<(Vec<String>, u64)> {
        let image = BuiltinImage { base: 0, bytes: Vec::new(), code_offset: 0, functions };
        let found = excesses(&image, Epoch::Go127, &CONVENTION, WORD);
        found.into_iter().map(|excess| (excess.chain, excess.needed)).collect()
    }

    #[test]
    fn frames_without_checks_add_up() {
        let chain = |last| vec![function("a", 400, false, &["b"]), function("b", last, false, &[])];
        // The budget is 800 bytes, of which the call of `a` takes 8 and that of `b` as many.
        assert_eq!(needs(chain(384)), []);
        assert_eq!(needs(chain(385)), [(vec!["a".to_owned(), "b".to_owned()], 793)]);
    }

    #[test]
    fn a_check_ends_the_chain() {
        let large = 1 << 20;
        assert_eq!(needs(vec![function("a", 400, false, &["b"]), function("b", large, true, &[])]), []);
        assert_eq!(needs(vec![function("a", large, false, &[])]).len(), 1);
    }

    #[test]
    fn budgets_grew_with_the_releases() {
        let budgets = Epoch::ALL.map(budget_bytes);
        assert_eq!(budgets, [512, 512, 592, 752, 800, 800, 800, 800]);
    }
}
