//! What LLVM's scheduling models suppose of a core and its core file does not: conventions, each with its name.
//!
//! A core with LLVM's conventions agrees with llvm-mca, which shows that the conventions are the whole difference.
//! `sim/timing/CYCLES.md` says of each who is right, and by which source. Start reading at [`of`].

use rcsim_timing::{Core, OpClass, OpCost, Parts};

/// One thing that LLVM supposes.
pub struct Convention {
    /// What.
    pub what: &'static str,
    apply: fn(&mut Supposed),
}

/// A core as LLVM supposes it, and how code is spelled for LLVM.
#[derive(Clone)]
pub struct Supposed {
    /// The core.
    pub core: Core,
    /// The parts of it that are compared.
    pub parts: Parts,
    /// An instruction as LLVM writes it, in words that LLVM does not take for something else.
    pub respelled: fn(&str) -> String,
}

impl Supposed {
    /// A core as its file has it.
    #[must_use]
    pub fn stated(core: &Core) -> Self {
        Self { core: core.clone(), parts: Parts::SCHEDULER, respelled: str::to_owned }
    }

    /// With one more convention.
    pub fn suppose(&mut self, convention: &Convention) {
        (convention.apply)(self);
    }

    fn cost(&mut self, classes: &[OpClass], change: fn(&mut OpCost)) {
        classes.iter().for_each(|class| change(&mut self.core.costs[class.index()]));
    }
}

/// LLVM's conventions for a core; those of the other cores are theirs already.
#[must_use]
pub fn of(core: &str) -> &'static [Convention] {
    match core {
        "cortex-a53" => &CORTEX_A53,
        "cortex-a72" => &CORTEX_A72,
        "bonnell" => &BONNELL,
        "power9" => &POWER9,
        "power10" => &POWER10,
        _ => &[],
    }
}

const WHOLE: Convention = Convention {
    what: "an instruction is one thing: it starts when all is there, and its results come in order",
    apply: |supposed| supposed.parts = Parts::AS_ONE,
};

const STORES: [OpClass; 2] = [OpClass::StoreAddress, OpClass::StorePairAddress];
const PAIRS: [OpClass; 2] = [OpClass::LoadPair, OpClass::LoadVector];

const CORTEX_A53: [Convention; 5] = [
    WHOLE,
    Convention {
        what: "a store has a result, which comes after four cycles",
        apply: |supposed| supposed.cost(&STORES, |cost| cost.latency = 4),
    },
    Convention {
        what: "an updated base is known at once, without a port, and takes a place of its own",
        apply: |supposed| {
            supposed.cost(&[OpClass::AddressUpdate], |cost| {
                (cost.latency, cost.ports, cost.slots) = (0, 0, 1);
            });
        },
    },
    Convention {
        what: "a load of two registers is two operations, whatever the registers",
        apply: |supposed| {
            supposed.cost(&PAIRS, |cost| (cost.latency, cost.busy, cost.slots) = (4, 2, 2));
        },
    },
    Convention {
        what: "constants are arithmetic, and bit fields are shifts",
        apply: |supposed| {
            supposed.cost(&[OpClass::Constant], |cost| (cost.latency, cost.late) = (3, None));
            supposed.cost(&[OpClass::Bitfield], |cost| (cost.latency, cost.late) = (2, None));
        },
    },
];

const CORTEX_A72: [Convention; 3] = [
    Convention {
        what: "it is a Cortex-A57: three operations a cycle enter the window",
        apply: |supposed| supposed.core.window.dispatch = 3,
    },
    WHOLE,
    Convention {
        what: "a load of two registers takes its port twice, and a store of two is two operations",
        apply: |supposed| {
            supposed.cost(&[OpClass::LoadPair], |cost| cost.busy = 2);
            supposed.cost(&[OpClass::StorePairData], |cost| cost.slots = 2);
        },
    },
];

const BONNELL: [Convention; 3] = [
    WHOLE,
    Convention {
        what: "sums are known after a cycle, for addresses too",
        apply: |supposed| {
            supposed.core.window.late_operands = 0;
            supposed.core.costs.iter_mut().filter(|cost| cost.latency == 4).for_each(|cost| cost.latency = 1);
        },
    },
    Convention {
        what: "loads take a cycle",
        apply: |supposed| {
            supposed.cost(&[OpClass::Load, OpClass::LoadVector], |cost| cost.latency = 1);
        },
    },
];

const NO_CONFUSION: Convention = Convention {
    what: "none, but code is spelled so that LLVM takes no 64-bit register for a part of one, and no move for an access",
    apply: |supposed| supposed.respelled = in_full_registers,
};

const POWER9: [Convention; 3] = [
    NO_CONFUSION,
    WHOLE,
    Convention {
        what: "the places of a dispatch group are ports that an instruction takes when it starts, a store in one go with its \
               data; the window has 44 places",
        apply: |supposed| {
            supposed.parts.places = false;
            supposed.core.window.reorder = 44;
            supposed.cost(&[OpClass::StoreData, OpClass::StoreVectorData], |cost| cost.ports = 0);
        },
    },
];

const POWER10: [Convention; 2] = [NO_CONFUSION, WHOLE];

/// A Power instruction in other words: LLVM reads `addi`, `addis` and `lwz` as instructions that write the lower half of a
/// register and leave the rest, and `mflr` as one that reads and writes memory. What stands for them depends on the same, and takes
/// as long.
fn in_full_registers(line: &str) -> String {
    let (name, operands) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let operand = |n: usize| operands.split(',').nth(n).map_or("", str::trim);
    match name {
        "addi" | "addis" => format!("mr {}, {}", operand(0), operand(1)),
        "mflr" => format!("mr {}, 0", operand(0)),
        "lwz" => format!("ld {operands}"),
        _ => line.to_owned(),
    }
}
