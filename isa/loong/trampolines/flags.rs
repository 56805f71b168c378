//! The variable in which Go's runtime notes what the CPU can do, as far as the routines read it.
//!
//! Linked into a program, they read the program's own. A built-in image brings one that says no: its CPU has no vectors.

use rcsim_uop::port::{Externs, FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::Routine;
use crate::routine::Head;

/// The flag that there are 128-bit vectors: how the routines refer to it.
pub const HAS_LSX: &str = "internal/cpu.Loong64.HasLSX";
/// The variable that holds it in a program.
const VARIABLE: &str = "internal/cpu.Loong64";
/// Where in the variable: behind what keeps it off other cache lines (`internal/cpu`, `CacheLinePad`).
const OFFSET: u64 = 64;

/// The symbols outside the image, the flag among them where the program has it.
pub struct Program<'a> {
    outside: &'a mut dyn Externs,
    flag: Option<u64>,
}

impl<'a> Program<'a> {
    /// Ask for the flag.
    pub fn new(outside: &'a mut dyn Externs) -> Self {
        let flag = outside.variable(VARIABLE).map(|address| address + OFFSET);
        Self { outside, flag }
    }

    /// Whether there is no program whose flag could be read.
    pub const fn lacks_flags(&self) -> bool {
        self.flag.is_none()
    }
}

impl Externs for Program<'_> {
    fn address(&mut self, symbol: &str) -> u64 {
        match self.flag {
            Some(address) if symbol == HAS_LSX => address,
            _ => self.outside.address(symbol),
        }
    }
}

/// The flag that says no, and what fills it up to a word.
pub fn variable() -> Routine {
    let head = Head {
        name: HAS_LSX,
        frame_bytes: None,
        args_bytes: 0,
        splits_stack: false,
        wrapper: false,
        maps: FrameMaps::None,
    };
    let mut routine = Routine::new(Assembler::Go127, head, PointerMap::default());
    routine.asm.raw(&[0; 8]);
    routine
}
