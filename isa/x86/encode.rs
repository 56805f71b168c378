//! The assembler for the built-in images: the few instruction forms that Go's hand-written routines use, in the
//! encodings that Go's own assembler chooses.
//!
//! Where an instruction has a 32-bit and a 64-bit form, the one of a pointer is meant, unless its name says otherwise.
//! Its choices, read off real binaries: displacements and constants take one byte where they fit; a branch is short where
//! it reaches, long elsewhere, found by growing branches from all short until nothing changes; `mov r, r` stores
//! (opcode 89). Code is position-independent until relocations are applied.

use rcsim_uop::port::Relocation;

use super::mode::Mode;

/// A place in the code that branches name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(usize);

/// An integer register by its number in the encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gpr(pub u8);

/// The integer registers by Go's names for them.
#[allow(missing_docs, reason = "the names say it")]
impl Gpr {
    pub const AX: Self = Self(0);
    pub const CX: Self = Self(1);
    pub const DX: Self = Self(2);
    pub const BX: Self = Self(3);
    pub const SP: Self = Self(4);
    pub const BP: Self = Self(5);
    pub const SI: Self = Self(6);
    pub const DI: Self = Self(7);
    pub const R8: Self = Self(8);
    pub const R9: Self = Self(9);
    pub const R10: Self = Self(10);
    pub const R11: Self = Self(11);
    pub const R12: Self = Self(12);
    pub const R13: Self = Self(13);
    pub const R14: Self = Self(14);
}

/// A condition by its number in the encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition(u8);

impl Condition {
    /// Unsigned below.
    pub const BELOW: Self = Self(2);
    /// Equal.
    pub const EQUAL: Self = Self(4);
    /// Not equal.
    pub const NOT_EQUAL: Self = Self(5);
    /// Unsigned below or equal.
    pub const BELOW_OR_EQUAL: Self = Self(6);
    /// Unsigned above.
    pub const ABOVE: Self = Self(7);
}

/// An address: base register and displacement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At(pub Gpr, pub i32);

/// Pieces of code in order; only branches change their size.
#[derive(Clone, Debug)]
enum Piece {
    Bytes(Vec<u8>),
    Branch { condition: Option<Condition>, to: Label, long: bool },
    Place(Label),
    /// From here on the stack pointer is this far below its value at entry.
    SpDelta(i32),
    /// Four bytes that the linker fills in.
    Symbol(String, Reference),
}

/// How a symbol is referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// By the distance from the end of the field, which is the end of the instruction.
    Distance,
    /// By its address.
    Address,
}

impl Piece {
    fn size(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Branch { long: false, .. } => 2,
            Self::Branch { condition: None, .. } => 5,
            Self::Branch { .. } => 6,
            Self::Place(_) | Self::SpDelta(_) => 0,
            Self::Symbol(..) => 4,
        }
    }
}

/// The code of one function before linking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The bytes, zero where the linker fills in.
    pub bytes: Vec<u8>,
    /// Stack pointer distances from each offset on.
    pub sp_deltas: Vec<(u32, i32)>,
    /// Where the linker fills in, and with what.
    pub relocations: Vec<(Relocation, Reference)>,
}

/// A branch names a label that was never placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingLabel(pub Label);

/// Collects the instructions of one function.
#[derive(Debug)]
pub struct Assembler {
    mode: Mode,
    pieces: Vec<Piece>,
    labels: usize,
    sp_delta: i32,
}

impl Assembler {
    /// An assembler for a machine, at the start of a function.
    pub fn new(mode: Mode) -> Self {
        Self { mode, pieces: vec![Piece::SpDelta(0)], labels: 0, sp_delta: 0 }
    }

    /// The machine that the code is for.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether operations on pointers need the prefix for 64 bits.
    const fn wide(&self) -> bool {
        self.mode.has_wide_pointers()
    }

    /// A form of an operation on pointers with an address.
    const fn pointer_form<'a>(&self, opcode: &'a [u8]) -> MemForm<'a> {
        MemForm { prefix: &[], wide: self.wide(), opcode }
    }

    /// A label, to be placed once.
    pub fn label(&mut self) -> Label {
        self.labels += 1;
        Label(self.labels - 1)
    }

    /// Place a label here.
    pub fn place(&mut self, label: Label) {
        self.pieces.push(Piece::Place(label));
    }

    /// State the distance of the stack pointer from its value at entry.
    pub fn set_sp_delta(&mut self, delta: i32) {
        self.sp_delta = delta;
        self.pieces.push(Piece::SpDelta(delta));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.pieces.push(Piece::Bytes(bytes.to_vec()));
    }

    /// `opcode` with a register and another register in its ModRM byte.
    fn modrm_reg(&mut self, wide: bool, opcode: &[u8], reg: u8, rm: Gpr) {
        let mut bytes = rex(wide, reg, rm.0);
        bytes.extend_from_slice(opcode);
        bytes.push(0xc0 | (reg & 7) << 3 | rm.0 & 7);
        self.bytes(&bytes);
    }

    /// `prefix`, REX, `opcode`, then a register and an address; `tail` is a constant after it.
    fn modrm_mem(&mut self, form: MemForm<'_>, reg: u8, at: At, tail: &[u8]) {
        let mut bytes = form.prefix.to_vec();
        bytes.extend(rex(form.wide, reg, at.0.0));
        bytes.extend_from_slice(form.opcode);
        bytes.extend(address(reg, at));
        bytes.extend_from_slice(tail);
        self.bytes(&bytes);
    }

    /// `mov dst, [at]`.
    pub fn load(&mut self, dst: Gpr, at: At) {
        self.modrm_mem(self.pointer_form(&[0x8b]), dst.0, at, &[]);
    }

    /// `mov dst, [at]`, 32 bits, zero-extended.
    pub fn load32(&mut self, dst: Gpr, at: At) {
        self.modrm_mem(MemForm::narrow(&[0x8b]), dst.0, at, &[]);
    }

    /// `mov [at], src`.
    pub fn store(&mut self, at: At, src: Gpr) {
        self.modrm_mem(self.pointer_form(&[0x89]), src.0, at, &[]);
    }

    /// `mov dword [at], imm`.
    pub fn store_imm32(&mut self, at: At, imm: u32) {
        self.modrm_mem(MemForm::narrow(&[0xc7]), 0, at, &imm.to_le_bytes());
    }

    /// `mov byte [at], imm`.
    pub fn store_byte(&mut self, at: At, imm: u8) {
        self.modrm_mem(MemForm::narrow(&[0xc6]), 0, at, &[imm]);
    }

    /// `lea dst, [at]`.
    pub fn lea(&mut self, dst: Gpr, at: At) {
        self.modrm_mem(self.pointer_form(&[0x8d]), dst.0, at, &[]);
    }

    /// `cmp reg, [at]`.
    pub fn cmp_mem(&mut self, reg: Gpr, at: At) {
        self.modrm_mem(self.pointer_form(&[0x3b]), reg.0, at, &[]);
    }

    /// `cmp [at], reg`.
    pub fn cmp_to_mem(&mut self, at: At, reg: Gpr) {
        self.modrm_mem(self.pointer_form(&[0x39]), reg.0, at, &[]);
    }

    /// `movq [at], xmm`.
    pub fn store_xmm_low(&mut self, at: At, xmm: u8) {
        self.modrm_mem(MemForm { prefix: &[0x66], wide: false, opcode: &[0x0f, 0xd6] }, xmm, at, &[]);
    }

    /// `movq xmm, [at]`.
    pub fn load_xmm_low(&mut self, xmm: u8, at: At) {
        self.modrm_mem(MemForm { prefix: &[0xf3], wide: false, opcode: &[0x0f, 0x7e] }, xmm, at, &[]);
    }

    /// `mov dst, fs:[disp]`: a word of thread-local storage.
    pub fn load_thread_local(&mut self, dst: Gpr, disp: i32) {
        let mut bytes = vec![0x64];
        bytes.extend(rex(true, dst.0, 0));
        // No base and no index: ModRM and SIB say "displacement only".
        bytes.extend([0x8b, (dst.0 & 7) << 3 | 4, 0x25]);
        bytes.extend(disp.to_le_bytes());
        self.bytes(&bytes);
    }

    /// `mov dst, gs:[0]`: the thread pointer of a 32-bit program.
    pub fn load_thread_pointer(&mut self, dst: Gpr) {
        self.bytes(&[0x65, 0x8b, dst.0 << 3 | 5, 0, 0, 0, 0]);
    }

    /// `mov dst, [base + disp]` with a displacement of four bytes, whatever it is.
    pub fn load_far(&mut self, dst: Gpr, At(base, disp): At) {
        self.bytes(&[0x8b, 0x80 | dst.0 << 3 | base.0]);
        self.bytes(&disp.to_le_bytes());
    }

    /// `mov dst, src`.
    pub fn mov(&mut self, dst: Gpr, src: Gpr) {
        self.modrm_reg(self.wide(), &[0x89], src.0, dst);
    }

    /// `add dst, src`.
    pub fn add(&mut self, dst: Gpr, src: Gpr) {
        self.modrm_reg(self.wide(), &[0x01], src.0, dst);
    }

    /// `sub dst, src`.
    pub fn sub(&mut self, dst: Gpr, src: Gpr) {
        self.modrm_reg(self.wide(), &[0x29], src.0, dst);
    }

    /// `test a, a`.
    pub fn test(&mut self, a: Gpr) {
        self.modrm_reg(self.wide(), &[0x85], a.0, a);
    }

    /// `cmp reg, imm`.
    pub fn cmp_imm(&mut self, reg: Gpr, imm: i32) {
        self.group1(7, reg, imm);
    }

    /// `sub reg, imm`.
    pub fn sub_imm(&mut self, reg: Gpr, imm: i32) {
        self.group1(5, reg, imm);
    }

    /// The arithmetic with a constant: short form for constants of one byte.
    fn group1(&mut self, operation: u8, reg: Gpr, imm: i32) {
        match i8::try_from(imm) {
            Ok(short) => {
                self.modrm_reg(self.wide(), &[0x83], operation, reg);
                self.bytes(&short.to_le_bytes());
            }
            Err(_) if reg == Gpr::AX => {
                // A form of its own, one byte shorter.
                let mut bytes = rex(self.wide(), 0, 0);
                bytes.push(0x05 | operation << 3);
                self.bytes(&bytes);
                self.bytes(&imm.to_le_bytes());
            }
            Err(_) => {
                self.modrm_reg(self.wide(), &[0x81], operation, reg);
                self.bytes(&imm.to_le_bytes());
            }
        }
    }

    /// Lower the stack pointer by `bytes` (negative: raise it). A constant of 128 is written as the opposite operation
    /// with -128, which is shorter.
    pub fn adjust_sp(&mut self, bytes: i32) {
        const ADD: u8 = 0;
        const SUB: u8 = 5;
        match bytes {
            128 => self.group1(ADD, Gpr::SP, -128),
            -128 => self.group1(SUB, Gpr::SP, -128),
            _ if bytes >= 0 => self.group1(SUB, Gpr::SP, bytes),
            _ => self.group1(ADD, Gpr::SP, -bytes),
        }
        self.set_sp_delta(self.sp_delta + bytes);
    }

    /// `push reg`, for the registers that need no prefix.
    pub fn push(&mut self, reg: Gpr) {
        self.bytes(&[0x50 | reg.0 & 7]);
        self.set_sp_delta(self.sp_delta + i32::from(self.mode.push_bytes()));
    }

    /// `pop reg`, for the registers that need no prefix.
    pub fn pop(&mut self, reg: Gpr) {
        self.bytes(&[0x58 | reg.0 & 7]);
        self.set_sp_delta(self.sp_delta - i32::from(self.mode.push_bytes()));
    }

    /// `rep movsb`.
    pub fn rep_movsb(&mut self) {
        self.bytes(&[0xf3, 0xa4]);
    }

    /// `call symbol`.
    pub fn call(&mut self, symbol: &str) {
        self.bytes(&[0xe8]);
        self.pieces.push(Piece::Symbol(symbol.into(), Reference::Distance));
    }

    /// `call reg`.
    pub fn call_reg(&mut self, reg: Gpr) {
        self.modrm_reg(false, &[0xff], 2, reg);
    }

    /// `call [reg]`: to the address in memory, for a register that needs no SIB byte.
    pub fn call_mem(&mut self, reg: Gpr) {
        self.modrm_mem(MemForm { prefix: &[], wide: false, opcode: &[0xff] }, 2, At(reg, 0), &[]);
    }

    /// `jmp symbol`.
    pub fn jmp_symbol(&mut self, symbol: &str) {
        self.bytes(&[0xe9]);
        self.pieces.push(Piece::Symbol(symbol.into(), Reference::Distance));
    }

    /// `jmp reg`.
    pub fn jmp_reg(&mut self, reg: Gpr) {
        self.modrm_reg(false, &[0xff], 4, reg);
    }

    /// `lea dst, [rip + symbol]`.
    pub fn lea_symbol(&mut self, dst: Gpr, symbol: &str) {
        let mut bytes = rex(true, dst.0, 0);
        bytes.extend([0x8d, (dst.0 & 7) << 3 | 5]);
        self.bytes(&bytes);
        self.pieces.push(Piece::Symbol(symbol.into(), Reference::Distance));
    }

    /// `mov dst, symbol`: its address, which fits into 32 bits.
    pub fn mov_symbol(&mut self, dst: Gpr, symbol: &str) {
        self.bytes(&[0xb8 | dst.0]);
        self.pieces.push(Piece::Symbol(symbol.into(), Reference::Address));
    }

    /// `ret`.
    pub fn ret(&mut self) {
        self.bytes(&[0xc3]);
    }

    /// Branch to a label when the condition holds.
    pub fn branch(&mut self, condition: Condition, to: Label) {
        self.pieces.push(Piece::Branch { condition: Some(condition), to, long: false });
    }

    /// Jump to a label.
    pub fn jump(&mut self, to: Label) {
        self.pieces.push(Piece::Branch { condition: None, to, long: false });
    }

    /// The finished code.
    ///
    /// # Errors
    /// When a branch names a label that was never placed.
    pub fn finish(mut self) -> Result<Code, MissingLabel> {
        while self.grow_branches()? {}
        let places = self.places()?;
        let mut code = Code { bytes: Vec::new(), sp_deltas: Vec::new(), relocations: Vec::new() };
        for piece in &self.pieces {
            emit(piece, &places, &mut code);
        }
        Ok(code)
    }

    /// Offset of each label.
    fn places(&self) -> Result<Vec<usize>, MissingLabel> {
        let mut places = vec![None; self.labels];
        let mut offset = 0;
        for piece in &self.pieces {
            if let Piece::Place(label) = piece {
                places[label.0] = Some(offset);
            }
            offset += piece.size();
        }
        places.iter().enumerate().map(|(label, place)| place.ok_or(MissingLabel(Label(label)))).collect()
    }

    /// Make each short branch that does not reach long; whether there was one.
    fn grow_branches(&mut self) -> Result<bool, MissingLabel> {
        let places = self.places()?;
        let mut offset = 0;
        let mut grown = false;
        for piece in &mut self.pieces {
            offset += piece.size();
            if let Piece::Branch { to, long: long @ false, .. } = piece {
                let distance = places[to.0] as i64 - offset as i64;
                *long = i8::try_from(distance).is_err();
                grown |= *long;
            }
        }
        Ok(grown)
    }
}

fn emit(piece: &Piece, places: &[usize], code: &mut Code) {
    let end = code.bytes.len() + piece.size();
    match piece {
        Piece::Bytes(bytes) => code.bytes.extend_from_slice(bytes),
        Piece::Place(_) => {}
        Piece::SpDelta(delta) => note_sp_delta(code, *delta),
        Piece::Symbol(target, reference) => {
            let offset = code.bytes.len() as u32;
            code.bytes.extend([0; 4]);
            let relocation = Relocation { offset, len: 4, mask: vec![0xff; 4], target: target.clone() };
            code.relocations.push((relocation, *reference));
        }
        Piece::Branch { condition, to, long } => {
            let distance = places[to.0] as i64 - end as i64;
            match (condition, long) {
                (Some(condition), false) => code.bytes.extend([0x70 | condition.0, distance as u8]),
                (Some(condition), true) => code.bytes.extend([0x0f, 0x80 | condition.0]),
                (None, false) => code.bytes.extend([0xeb, distance as u8]),
                (None, true) => code.bytes.push(0xe9),
            }
            if *long {
                code.bytes.extend((distance as i32).to_le_bytes());
            }
        }
    }
}

/// Record the distance from here on; of two at one offset the later holds, and one that repeats is no change.
fn note_sp_delta(code: &mut Code, delta: i32) {
    let offset = code.bytes.len() as u32;
    code.sp_deltas.retain(|(at, _)| *at != offset);
    if code.sp_deltas.last().is_none_or(|(_, last)| *last != delta) {
        code.sp_deltas.push((offset, delta));
    }
}

/// A form of instruction with an address.
struct MemForm<'a> {
    prefix: &'a [u8],
    wide: bool,
    opcode: &'a [u8],
}

impl<'a> MemForm<'a> {
    const fn narrow(opcode: &'a [u8]) -> Self {
        Self { prefix: &[], wide: false, opcode }
    }
}

/// The REX prefix, when one is needed.
fn rex(wide: bool, reg: u8, rm: u8) -> Vec<u8> {
    let bits = u8::from(wide) << 3 | (reg >> 3) << 2 | rm >> 3;
    if bits == 0 { Vec::new() } else { vec![0x40 | bits] }
}

/// ModRM, SIB and displacement of an address.
fn address(reg: u8, At(base, disp): At) -> Vec<u8> {
    let low = base.0 & 7;
    let needs_sib = low == Gpr::SP.0;
    // Without a displacement this base would mean "relative to the instruction".
    let needs_disp = low == Gpr::BP.0;
    let (mode, displacement) = match i8::try_from(disp) {
        Ok(0) if !needs_disp => (0, Vec::new()),
        Ok(short) => (1, short.to_le_bytes().to_vec()),
        Err(_) => (2, disp.to_le_bytes().to_vec()),
    };
    let mut bytes = vec![mode << 6 | (reg & 7) << 3 | low];
    if needs_sib {
        bytes.push(0x24);
    }
    bytes.extend(displacement);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assembled(write: impl FnOnce(&mut Assembler)) -> Vec<u8> {
        let mut a = Assembler::new(Mode::LONG);
        write(&mut a);
        a.finish().expect("all labels are placed").bytes
    }

    #[test]
    fn addresses_take_the_shortest_displacement() {
        assert_eq!(assembled(|a| a.load(Gpr::AX, At(Gpr::R12, 0))), [0x49, 0x8b, 0x04, 0x24]);
        assert_eq!(assembled(|a| a.store(At(Gpr::SP, 8), Gpr::DI)), [0x48, 0x89, 0x7c, 0x24, 0x08]);
        assert_eq!(assembled(|a| a.load(Gpr::AX, At(Gpr::BP, 0))), [0x48, 0x8b, 0x45, 0x00]);
        assert_eq!(
            assembled(|a| a.store_xmm_low(At(Gpr::R12, 128), 8)),
            [0x66, 0x45, 0x0f, 0xd6, 0x84, 0x24, 0x80, 0, 0, 0]
        );
    }

    #[test]
    fn pointers_of_32_bits_need_no_prefix() {
        let mut a = Assembler::new(Mode::PROTECTED);
        a.load(Gpr::AX, At(Gpr::SP, 4));
        a.cmp_imm(Gpr::AX, 0x460);
        a.store_imm32(At(Gpr::SP, 16), 0);
        let bytes = a.finish().expect("there are no labels").bytes;
        assert_eq!(bytes, [0x8b, 0x44, 0x24, 4, 0x3d, 0x60, 4, 0, 0, 0xc7, 0x44, 0x24, 16, 0, 0, 0, 0]);
    }

    #[test]
    fn a_branch_is_short_where_it_reaches() {
        let with_gap = |gap: usize| {
            assembled(|a| {
                let end = a.label();
                a.jump(end);
                a.bytes(&vec![0x90; gap]);
                a.place(end);
            })
        };
        assert_eq!(with_gap(127).len(), 127 + 2);
        assert_eq!(with_gap(128).len(), 128 + 5);
    }

    #[test]
    fn a_constant_for_the_accumulator_has_a_form_of_its_own() {
        assert_eq!(assembled(|a| a.cmp_imm(Gpr::AX, 0x460)), [0x48, 0x3d, 0x60, 4, 0, 0]);
        assert_eq!(assembled(|a| a.cmp_imm(Gpr::BX, 0x460)), [0x48, 0x81, 0xfb, 0x60, 4, 0, 0]);
        assert_eq!(assembled(|a| a.cmp_imm(Gpr::AX, 100)), [0x48, 0x83, 0xf8, 100]);
    }

    #[test]
    fn a_frame_of_128_bytes_is_made_by_adding() {
        assert_eq!(assembled(|a| a.adjust_sp(128)), [0x48, 0x83, 0xc4, 0x80]);
        assert_eq!(assembled(|a| a.adjust_sp(136)), [0x48, 0x81, 0xec, 0x88, 0, 0, 0]);
    }

    #[test]
    fn a_label_that_is_never_placed_is_an_error() {
        let mut a = Assembler::new(Mode::LONG);
        let label = a.label();
        a.jump(label);
        assert_eq!(a.finish(), Err(MissingLabel(label)));
    }
}
