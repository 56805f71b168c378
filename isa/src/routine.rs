//! Routines of the built-in images: what is stated about each, and how they become an image.
//!
//! A family describes its routines one by one, in terms of its own frame; this file lines them up and links them.

use rcsim_uop::port::{BuildError, BuiltinFunction, BuiltinImage, Externs, FrameMaps, PointerMap};

use crate::assembly::{Code, Encoding, Unencodable, Unlinked};

/// What is stated at the head of a routine.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// Symbol.
    pub name: &'static str,
    /// Bytes of locals and outgoing arguments; `None` for a routine that leaves the stack alone.
    pub frame_bytes: Option<u32>,
    /// Bytes of arguments and results.
    pub args_bytes: u32,
    /// Whether it checks for stack overflow.
    pub splits_stack: bool,
    /// Whether it stands between a deferred function and its panic.
    pub wrapper: bool,
    /// Its stack maps.
    pub maps: FrameMaps,
}

/// What is known about a routine beside its code.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// As stated.
    pub head: Head,
    name: String,
    args: PointerMap,
    sp_deltas: Vec<(u32, i32)>,
}

impl Sheet {
    /// A routine with these argument words.
    #[must_use]
    pub fn new(head: Head, args: PointerMap) -> Self {
        Self { head, name: head.name.to_owned(), args, sp_deltas: vec![(0, 0)] }
    }

    /// Give it another name: trampolines differ in a number.
    pub fn rename(&mut self, name: String) {
        self.name = name;
    }

    /// From the code offset `at` on, the stack pointer is lower by `bytes` than at entry.
    pub fn sp_is_lower_by(&mut self, at: u32, bytes: i32) {
        match self.sp_deltas.last_mut() {
            Some(last) if last.0 == at => last.1 = bytes,
            _ => self.sp_deltas.push((at, bytes)),
        }
    }

    /// The routine with its code.
    ///
    /// # Errors
    /// When something could not be encoded.
    pub fn finish<E: Encoding>(self, code: Code<E>) -> Result<Finished<E>, BuildError> {
        let code = code.finish().map_err(|what| assembly(&self.name, what))?;
        let function = BuiltinFunction {
            name: self.name,
            offset: 0,
            size: code.bytes.len() as u32,
            frame_bytes: self.head.frame_bytes.unwrap_or(0),
            args_bytes: self.head.args_bytes,
            splits_stack: self.head.splits_stack,
            sp_deltas: self.sp_deltas,
            maps: self.head.maps,
            args: self.args,
            relocations: code.relocations(),
        };
        Ok(Finished { function, code })
    }
}

/// A routine that has no place yet.
#[derive(Debug)]
pub struct Finished<E: Encoding> {
    function: BuiltinFunction,
    code: Unlinked<E>,
}

/// Line the routines up from `base` on, each at a multiple of `align`, and link them.
///
/// # Errors
/// When a symbol is out of reach.
pub fn link<E: Encoding>(
    mut routines: Vec<Finished<E>>,
    align: u32,
    base: u64,
    externs: &mut dyn Externs,
) -> Result<BuiltinImage, BuildError> {
    let mut next: u32 = 0;
    for routine in &mut routines {
        routine.function.offset = next.next_multiple_of(align);
        next = routine.function.offset + routine.function.size;
    }
    let place = |f: &Finished<E>| (f.function.name.clone(), base + u64::from(f.function.offset));
    let inside: Vec<(String, u64)> = routines.iter().map(place).collect();
    let mut address = |symbol: &str| {
        let own = inside.iter().find(|(name, _)| name == symbol).map(|(_, address)| *address);
        own.unwrap_or_else(|| externs.address(symbol))
    };
    let mut bytes = Vec::new();
    for Finished { function, code } in &mut routines {
        let start = base + u64::from(function.offset);
        code.link(start, &mut address).map_err(|what| assembly(&function.name, what))?;
        bytes.resize(function.offset as usize, 0);
        bytes.extend(&code.bytes);
    }
    let functions = routines.into_iter().map(|routine| routine.function).collect();
    Ok(BuiltinImage { base, bytes, code_offset: 0, functions })
}

/// An error about a function.
#[must_use]
pub fn assembly(function: &str, what: Unencodable) -> BuildError {
    BuildError::Assembly { function: function.to_owned(), what }
}

/// The argument words of `reflectcall` and the trampolines from their Go prototype since 2020, on machines with 8-byte words:
/// type, function and stack arguments are pointers, then come three 32-bit sizes with padding, then the pointer to the
/// register arguments.
#[must_use]
pub fn reflectcall_args() -> PointerMap {
    PointerMap { words: vec![true, true, true, false, false, true] }
}

/// Bytes of those arguments.
pub const REFLECTCALL_ARGS_BYTES: u32 = 48;
