//! Result records of rcsim and what is made of them.
//!
//! Owns: what is written down about a run ([`records`]), its rendering as text ([`text`]) and the comparison of two ([`diff`]). Must not know: the
//! simulator. Whoever has a record, from a run or from a file of last year, can draw everything from it.
//!
//! Start reading at [`records::Document`].

pub mod diff;
pub mod diff_text;
pub mod records;
pub mod text;
pub mod timing;
mod timing_text;
