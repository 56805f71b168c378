//! Go types: the model, and how it is read from Go syntax.
//!
//! Owns: what a Go type is ([`Types`]), declarations and signatures in Go syntax ([`TypeSpace`]), their text. Must not know:
//! sizes and registers (see `layout.rs` and the simulator), values. Start reading at `model.rs`, then `space.rs`.

mod check;
mod declare;
mod members;
mod model;
mod number;
mod resolve;
mod space;
mod syntax;
mod text;

pub use check::is_pointer_shaped;
pub use model::{
    Basic, ChanDir, Field, GoType, InterfaceMethod, Method, Named, NamedId, Signature, TypeId, Types,
};
pub use space::{Alias, TypeSpace};
pub use text::{TypeNames, go_text, reflect_text};

pub(crate) use number::evaluate as constant_integer;
pub(crate) use syntax::{Syntax, TsNode, children};
pub(crate) use text::is_exported;
