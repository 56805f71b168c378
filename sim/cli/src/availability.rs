//! Which port has its machinery built in, in which epoch.

use rcsim_go::places::Places;
use rcsim_go::world::ServiceAddresses;
use rcsim_uop::Epoch;
use rcsim_uop::port::BuildError;

use crate::selection::Arch;

/// What there is of a port in an epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// rcsim assembles its machinery.
    BuiltIn,
    /// Go had the port, but rcsim cannot assemble its machinery.
    Lacking(String),
    /// Go did not have the port then, or rcsim does not know that it had.
    Never {
        /// The first epoch with the port.
        first: Epoch,
        /// The last.
        last: Epoch,
    },
}

/// What there is: asked of the port itself, by assembling.
pub fn of(port: Arch, epoch: Epoch) -> Availability {
    let (first, last) = (port.first_epoch(), port.last_epoch());
    if epoch < first || last < epoch {
        return Availability::Never { first, last };
    }
    let mut services = ServiceAddresses::new(port);
    match port.builtin(epoch, Places::of(port).code, &mut services) {
        Ok(_) => Availability::BuiltIn,
        Err(BuildError::NoSuchEpoch { first, .. }) => Availability::Never { first, last },
        Err(BuildError::Assembly { what, .. }) => Availability::Lacking(what),
    }
}
