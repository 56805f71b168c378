//! The assembler of the built-in modules.
//!
//! [`source`] is the language that trampolines are written in: operators and the few pseudo-instructions of Go's assembler
//! (call, return, jump to a function). [`lower`] expands them as Go's conventions demand, [`bytes`] encodes operators,
//! [`image`] puts functions, imports and the function table into a module.

pub mod bytes;
pub mod image;
pub mod lower;
pub mod source;
