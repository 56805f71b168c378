//! Where things are in a guest's address space.

use rcsim_uop::port::{Container, Port};

/// The plan of an address space. Images bring their own addresses; the rest is laid out around them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// First byte of a built-in image, and the base of position-independent files. For wasm, where the module is mapped.
    /// ELF images built in stand near the services, so that calls reach them.
    pub code: u64,
    /// Where position-independent files are placed.
    pub file_base: u64,
    /// Structures of the runtime: the goroutine, thread-local storage, type descriptors.
    pub runtime: u64,
    /// Bytes of those.
    pub runtime_bytes: u64,
    /// The heap.
    pub heap: u64,
    /// Bytes that the heap may grow to.
    pub heap_bytes: u64,
    /// Goroutine stacks.
    pub stacks: u64,
    /// Bytes that stacks may use.
    pub stacks_bytes: u64,
}

/// Whether stacks have higher or lower addresses than the heap. In a process of Go both come from the same arenas, in the
/// order in which memory was asked for, so that an object may stand on either side of the goroutine's stack. `memmove` asks:
/// it copies downwards where its destination is higher and upwards where it is lower.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arrangement {
    /// Stacks above the heap.
    #[default]
    StacksAbove,
    /// Stacks below the heap.
    StacksBelow,
}

const MIB: u64 = 1 << 20;
/// 16 MiB above where ports put services.
const BUILT_IN: u64 = 0x1900_0000;
const FILE_BASE: u64 = 0x1000_0000;

impl Places {
    /// The plan for a port: 64-bit processors get an address where Go's heap may be, the others fit into 4 GiB. The lower half of
    /// an address of heap or stack is no plausible size, so that who takes one for the other is found out.
    #[must_use]
    pub fn of(port: &dyn Port) -> Self {
        let wasm = port.container() == Container::Wasm;
        if port.word().bytes == 8 && !wasm {
            return Self {
                code: BUILT_IN,
                file_base: FILE_BASE,
                runtime: 0xb0_0000_0000,
                runtime_bytes: 64 * MIB,
                heap: 0xc0_8000_0000,
                heap_bytes: 16 << 30,
                stacks: 0xd0_8000_0000,
                stacks_bytes: 16 << 30,
            };
        }
        Self {
            code: if wasm { 1 << 40 } else { BUILT_IN },
            file_base: FILE_BASE,
            runtime: 0x2000_0000,
            runtime_bytes: 64 * MIB,
            heap: 0x3000_0000,
            heap_bytes: 0x5000_0000,
            stacks: 0x8000_0000,
            stacks_bytes: 0x7000_0000,
        }
    }

    /// The same with heap and stacks on these sides of each other.
    #[must_use]
    pub const fn arranged(self, arrangement: Arrangement) -> Self {
        match arrangement {
            Arrangement::StacksAbove => self,
            Arrangement::StacksBelow => Self {
                heap: self.stacks,
                heap_bytes: self.stacks_bytes,
                stacks: self.heap,
                stacks_bytes: self.heap_bytes,
                ..self
            },
        }
    }
}
