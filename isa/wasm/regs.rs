//! The register file of WebAssembly.
//!
//! The machine has no registers, only globals and, per function, locals and an operand stack. Globals get fixed slots;
//! locals and operand-stack places of the function that runs share the *window*: local `n` is slot `n` of it, the
//! operand at height `h` follows after the locals. Calls save and restore windows. An `i32` is kept zero-extended, an
//! `f32` stands in the low 32 bits.

use rcsim_uop::reg::{FIRST_FREE, Reg, RegClass, RegFile, RegInfo};

/// Most globals that a module may have.
pub const MAX_GLOBALS: u32 = 16;
/// Slot of global 0.
const FIRST_GLOBAL: u8 = FIRST_FREE;
/// Go's stack pointer, an `i32`: global 0 of every Go module (as stated in Go's assembler, `cmd/internal/obj/wasm`).
pub const SP: Reg = global(0);
/// The closure context: global 1.
pub const CTXT: Reg = global(1);
/// The current goroutine: global 2.
pub const G: Reg = global(2);

/// In a program of Go 1.11 or 1.12: the block to go on at, which later came as a parameter, and the number of its function.
/// Go's first globals then; they have the last slots here, so that all others are where they are today.
pub const PC_B: Reg = global(MAX_GLOBALS as u8 - 1);
/// See [`PC_B`].
pub const PC_F: Reg = global(MAX_GLOBALS as u8 - 2);

/// Result of the outermost function that the host called: 0 after a return, 1 when the stack unwinds.
pub const HOST_RESULT: Reg = Reg(FIRST_GLOBAL + MAX_GLOBALS as u8);
/// Size of the linear memory in pages of 64 KiB. Whoever maps the memory sets it, at first to what the module asks for.
pub const MEMORY_PAGES: Reg = HOST_RESULT.plus(1);

const FIRST_TEMP: u8 = MEMORY_PAGES.0 + 1;
const TEMPS: u8 = 6;
/// First slot of the window.
pub const WINDOW: Reg = Reg(FIRST_TEMP + TEMPS);
/// Slots of the window: most locals and operands that a function may have at a time.
pub const WINDOW_SLOTS: u16 = 256 - WINDOW.0 as u16;

/// Names that Go gives to its globals.
const GLOBAL_NAMES: [&str; 8] = ["sp", "ctxt", "g", "ret0", "ret1", "ret2", "ret3", "pause"];

/// The slot of a global below [`MAX_GLOBALS`].
#[must_use]
pub const fn global(index: u8) -> Reg {
    Reg(FIRST_GLOBAL + index)
}

/// The slot of the window at `place`, below [`WINDOW_SLOTS`].
#[must_use]
pub const fn window(place: u16) -> Reg {
    debug_assert!(place < WINDOW_SLOTS);
    WINDOW.plus(place as u8)
}

/// The register file that all modules share.
#[must_use]
pub fn file() -> RegFile {
    let one = |name: String, reg, class| RegInfo { name, reg, words: 1, class };
    let mut named = Vec::new();
    for index in 0..MAX_GLOBALS as u8 {
        let name = match global(index) {
            PC_F => "pc_f".into(),
            PC_B => "pc_b".into(),
            _ => GLOBAL_NAMES.get(usize::from(index)).map_or(format!("global{index}"), |name| (*name).into()),
        };
        named.push(one(name, global(index), RegClass::Int));
    }
    named.push(one("host_result".into(), HOST_RESULT, RegClass::Hidden));
    named.push(one("memory_pages".into(), MEMORY_PAGES, RegClass::Hidden));
    for place in 0..WINDOW_SLOTS {
        named.push(one(format!("w{place}"), window(place), RegClass::Int));
    }
    RegFile::new(named, FIRST_TEMP..FIRST_TEMP + TEMPS)
}
