//! The protocols of write barriers.

use rcsim_uop::Epoch;

/// What a store into the heap must shade while the collector marks.
///
/// | protocol | wants shaded | the stack |
/// |---|---|---|
/// | `None` | nothing: the world is stopped while the collector marks | scanned in the stop |
/// | `Dijkstra` | the pointer that is stored | scanned again when marking ends |
/// | `Hybrid` | the pointer that is overwritten and the one that is stored (Go proposal 17503) | scanned once |
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// No barrier.
    None,
    /// As until Go 1.7.
    Dijkstra,
    /// As since Go 1.8.
    Hybrid,
}

impl Protocol {
    /// The protocol that Go had, or was being given, in an epoch. In 2014 the concurrent collector of Go 1.5 was being
    /// written; commit 79561a8 of 2016 prepares the hybrid barrier of Go 1.8.
    #[must_use]
    pub fn of_epoch(epoch: Epoch) -> Self {
        if epoch < Epoch::Y2016 { Self::Dijkstra } else { Self::Hybrid }
    }

    /// Whether the overwritten pointer must be shaded.
    #[must_use]
    pub const fn shades_old(self) -> bool {
        matches!(self, Self::Hybrid)
    }

    /// Whether the stack is scanned again, in a stop, when marking ends.
    #[must_use]
    pub const fn scans_stack_again(self) -> bool {
        matches!(self, Self::Dijkstra)
    }

    /// Its name, as workloads write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Dijkstra => "dijkstra",
            Self::Hybrid => "hybrid",
        }
    }
}
