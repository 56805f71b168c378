//! The chain of frame pointers, which tracebacks that must be fast follow instead of the tables (execution traces and profiles
//! since Go 1.21).
//!
//! A link of the chain is the word below the return address: it holds the frame pointer that the function found at its entry, and
//! while the function makes calls the register points to it. Whether the register comes back unharmed is judged at returns; here
//! it is judged that a call is made with a chain that leads through its caller (RC0206).

use rcsim_machine::Sight;
use rcsim_machine::shadow::FrameRule;
use rcsim_uop::port::Link;

use super::chain::Activation;
use super::{Told, Watching};

impl Watching<'_> {
    /// Judge the frame pointer with which `caller`, whose stack pointer is `sp`, makes a call. Only of functions written by hand:
    /// compilers move the register while they call their own helpers.
    pub(super) fn judge_frame_pointer<V: Sight>(&mut self, caller: &Activation, sp: u64, sight: &V) {
        let Some(register) = self.watch.convention.frame_pointer else { return };
        let open = caller.entry_sp > sp && caller.fact.frame_bytes > 0;
        if !open || !caller.fact.by_hand {
            return;
        }
        let return_place = match self.watch.convention.link {
            Link::Stack => caller.entry_sp,
            Link::Register(_) => sp,
        };
        let link = return_place - u64::from(self.watch.format.register_bytes);
        if sight.reg(register) != link {
            self.broken(caller, "the frame pointer does not point to the link of its frame");
        } else if sight.peek(link, self.watch.register_access()) != Some(caller.frame_pointer) {
            self.broken(caller, "the link of its frame does not hold its caller's frame pointer");
        }
    }

    fn broken(&mut self, caller: &Activation, why: &str) {
        let name = self.name(&caller.fact).to_owned();
        let told = Told::new(
            FrameRule::CannotUnwind,
            format!("cannot unwind {name} by frame pointers: {why}"),
            "makes a call with a broken chain of frame pointers",
        );
        self.watch.report(told.note("traces and profiles leave this frame out, or follow the chain astray"));
    }
}
