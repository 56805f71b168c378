//! Result records of rcsim and what is made of them.
//!
//! Owns: what is written down about a run ([`records`]) or a sweep ([`sweep`]), the comparison of two ([`diff`]), and their rendering as
//! text ([`mod@text`], [`table`]) and as other programs want it ([`junit`], [`sarif`], [`trace`]). Must not know: the simulator. Whoever has a
//! record, from a run or from a file of last year, can draw everything from it.
//!
//! Start reading at [`records::Document`].

pub mod baseline;
pub mod check;
pub mod diff;
pub mod diff_text;
pub mod html;
pub mod journal;
pub mod junit;
pub mod load;
pub mod plot;
pub mod records;
pub mod sarif;
pub mod sweep;
pub mod table;
pub mod text;
pub mod timeline;
pub mod timing;
mod timing_text;
pub mod trace;
