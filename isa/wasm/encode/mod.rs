//! The assembler of the built-in modules.
//!
//! [`source`] is the language that trampolines are written in: operators and the few pseudo-instructions of Go's assembler
//! (call, return, jump to a function). [`lower`] expands them as Go's conventions demand, [`bytes`] encodes operators,
//! [`image`] puts functions, imports and the function table into a module. [`convention`] holds what Go 1.13 changed.

pub mod bytes;
pub mod convention;
pub mod image;
pub mod lower;
pub mod source;
