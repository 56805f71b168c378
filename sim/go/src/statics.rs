//! Global variables of a loaded program: which of their words the collector scans.
//!
//! The linker writes a pointer mask for initialised variables and one for zeroed ones; the collector reads every word that they
//! name (`runtime.markrootBlock`). When a run begins none of them points into the heap, because there is no object yet. So the
//! shadow remembers the few to which such a pointer is stored, and only those are read at a point.

use rcsim_machine::Shadow;

use crate::code::{Code, Source};
use crate::image::{Addr, AddrRange, ImageError, PointerMask};
use crate::world::World;

/// The scanned words of a program's global variables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statics {
    parts: Vec<(AddrRange, PointerMask)>,
    word_bytes: u64,
}

impl Statics {
    /// Those of a loaded program; a built-in image has none.
    ///
    /// # Errors
    /// When a mask is damaged.
    pub(crate) fn of(code: &Code) -> Result<Self, ImageError> {
        let Source::File(image) = code.source() else { return Ok(Self::default()) };
        let module = image.module_data();
        let parts = vec![(module.data, image.data_pointers()?), (module.bss, image.bss_pointers()?)];
        Ok(Self { parts, word_bytes: image.memory().word_size().bytes() })
    }

    /// From the first to behind the last of them.
    pub(crate) fn hull(&self) -> Option<(u64, u64)> {
        let low = self.parts.iter().map(|(range, _)| range.start.0).min()?;
        let high = self.parts.iter().map(|(range, _)| range.end.0).max()?;
        Some((low, high))
    }

    /// Whether the collector reads the word at `addr`.
    pub(crate) fn is_scanned(&self, addr: u64) -> bool {
        self.parts.iter().any(|(range, mask)| {
            range.contains(Addr(addr)) && mask.is_pointer((addr - range.start.0) / self.word_bytes)
        })
    }
}

impl<S: Shadow> World<'_, S> {
    /// From now on the collector reads the global variables of the program, too.
    ///
    /// # Errors
    /// When their masks are damaged.
    pub(crate) fn scan_statics(&mut self) -> Result<(), ImageError> {
        if S::POINTS {
            self.statics = Statics::of(&self.code)?;
            if let Some((low, high)) = self.statics.hull() {
                self.core.shadow.globals(low, high);
            }
        }
        Ok(())
    }
}
