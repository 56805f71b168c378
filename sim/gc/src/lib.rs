//! The shadow heap: what the collector can see of a run, and what it cannot.
//!
//! Owns: provenance and definedness of every value, the life of every heap object as the collector would know it, the decision
//! at each point where the collector may stop the goroutine, and the findings. Must not know: instruction sets, timing, Go's
//! types (objects come with their pointer words).
//!
//! The idea (start at [`Checker`]): at a point the checker works out which objects a scan from the roots reaches. One that
//! is not reached would be freed there: it is *condemned*, and the run goes on. If the program touches a condemned object
//! later, a collection at that point would have freed memory in use. Since addresses are never used twice, every touch is
//! known by its address alone, and one run answers for all points. In the same way every pointer into the stack knows which
//! points have adjusted it, and every word of memory whether its frame has stored it.

pub mod barrier;
mod checker;
mod explain;
mod finding;
mod heap;
mod life;
mod provenance;
mod rules;
mod scan;

pub use checker::{Checker, Mode};
pub use explain::Explanation;
pub use finding::{Event, Finding, Rule, Site};
pub use heap::{Condemned, Fate, Located, NewRecord, SeenAgain, ShadowHeap, ShadowObject, Use};
pub use life::{Event as LifeEvent, State};
pub use provenance::{Origin, Tag};
pub use rules::excluded::Remark;
