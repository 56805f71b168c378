//! SRST: searches for a byte.

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperTrap};
use rcsim_uop::op::Access;

use super::{CC, regs};

/// The CPU decides how many bytes to look at before it stops with condition code 3, to be asked again; QEMU takes 8 KiB too.
const AT_ONCE: u64 = 0x2000;

/// See [`super::SEARCH`].
pub fn search(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [end, start, ..] = args.regs;
    let wanted = guest.reg(regs::r(0)) & 0xff;
    let (limit, first) = (guest.reg(end), guest.reg(start));
    for at in (0..AT_ONCE).map(|n| first.wrapping_add(n)) {
        if at == limit {
            guest.set_reg(CC, 2);
            return Ok(());
        }
        if guest.load(at, Access::big(0))? == wanted {
            guest.set_reg(end, at);
            guest.set_reg(CC, 1);
            return Ok(());
        }
    }
    guest.set_reg(start, first.wrapping_add(AT_ONCE));
    guest.set_reg(CC, 3);
    Ok(())
}
