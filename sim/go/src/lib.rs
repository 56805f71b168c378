//! The world of Go: images, types, ABI, stack, heap, services.

pub mod image;
