//! What an operation of the unit does, apart from its accesses to memory, which are micro-ops of their own.

use std::cmp::Ordering;

use rcsim_uop::Reg;
use rcsim_uop::flags::{C, P, Z};

use super::arithmetic;
use super::number::{Binary, Number};
use super::round::Rounding;
use super::unit::{C0, C2, C3, Unit};

/// An operation, with those of its three parameters that its kind has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// What it does.
    pub kind: Kind,
    /// Which arithmetic.
    pub arithmetic: Arithmetic,
    /// How the value in memory stands there.
    pub format: Format,
    /// The register that stands so far below the top; or how many registers are meant.
    pub register: u8,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Push the input, in the format.
    Push,
    /// The output is the top in the format.
    Convert,
    /// Push a copy of the register.
    PushRegister,
    /// Copy the top to the register.
    CopyTo,
    /// Push one.
    PushOne,
    /// Push zero.
    PushZero,
    /// The top becomes what arithmetic makes of it and the input, in the format.
    WithInput,
    /// The top becomes what arithmetic makes of it and the register.
    WithRegister,
    /// The register becomes what arithmetic makes of it and the top.
    OnRegister,
    /// Compare the top with the input, in the format: condition codes.
    CompareInput,
    /// Compare the top with the register: condition codes.
    CompareRegister,
    /// Compare the top with zero: condition codes.
    CompareZero,
    /// Compare the top with the register: flags.
    CompareFlags,
    /// The top and the register change places.
    Exchange,
    /// Change the sign of the top.
    Negate,
    /// Clear the sign of the top.
    Absolute,
    /// The square root of the top.
    SquareRoot,
    /// Round the top to an integral value.
    Integral,
    /// Take the top off the stack.
    Pop,
    /// Move the top by so many registers.
    Turn,
    /// Mark the register as empty.
    Free,
    /// The output is the status word.
    Status,
    /// As at the start of a process.
    Initialise,
}

const KINDS: [Kind; 23] = [
    Kind::Push,
    Kind::Convert,
    Kind::PushRegister,
    Kind::CopyTo,
    Kind::PushOne,
    Kind::PushZero,
    Kind::WithInput,
    Kind::WithRegister,
    Kind::OnRegister,
    Kind::CompareInput,
    Kind::CompareRegister,
    Kind::CompareZero,
    Kind::CompareFlags,
    Kind::Exchange,
    Kind::Negate,
    Kind::Absolute,
    Kind::SquareRoot,
    Kind::Integral,
    Kind::Pop,
    Kind::Turn,
    Kind::Free,
    Kind::Status,
    Kind::Initialise,
];

/// How a value stands in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Format {
    /// 32 bits, binary.
    Single,
    /// 64 bits, binary.
    Double,
    /// 80 bits, as in a register.
    Extended,
    /// An integer of 16 bits.
    Int16,
    /// An integer of 32 bits.
    Int32,
    /// An integer of 64 bits.
    Int64,
}

const FORMATS: [Format; 6] =
    [Format::Single, Format::Double, Format::Extended, Format::Int16, Format::Int32, Format::Int64];

/// An operation on two values: what is operated on comes first, unless it is reversed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Arithmetic {
    /// Sum.
    Add,
    /// Product.
    Multiply,
    /// Difference.
    Subtract,
    /// Difference, reversed.
    SubtractReversed,
    /// Quotient.
    Divide,
    /// Quotient, reversed.
    DivideReversed,
}

const ARITHMETIC: [Arithmetic; 6] = [
    Arithmetic::Add,
    Arithmetic::Multiply,
    Arithmetic::Subtract,
    Arithmetic::SubtractReversed,
    Arithmetic::Divide,
    Arithmetic::DivideReversed,
];

/// The slots of an operation: two for an input, two for an output; the low 64 bits, and the rest of 80.
#[derive(Clone, Copy, Debug)]
pub struct Slots {
    /// What comes in.
    pub input: [Reg; 2],
    /// What goes out.
    pub output: [Reg; 2],
}

impl Format {
    /// Bytes in memory.
    pub const fn bytes(self) -> u32 {
        match self {
            Self::Int16 => 2,
            Self::Single | Self::Int32 => 4,
            Self::Double | Self::Int64 => 8,
            Self::Extended => 10,
        }
    }

    /// The number that stands in so many bits.
    const fn decode(self, low: u64, rest: u64) -> Number {
        match self {
            Self::Single => Number::from_binary(low & u32::MAX as u64, Binary::Single),
            Self::Double => Number::from_binary(low, Binary::Double),
            Self::Extended => Number::from_slots(low, rest),
            Self::Int16 => Number::from_int(low as i16 as i64),
            Self::Int32 => Number::from_int(low as i32 as i64),
            Self::Int64 => Number::from_int(low as i64),
        }
    }

    /// The bits in which a number stands.
    fn encode(self, number: Number, rounding: Rounding) -> [u64; 2] {
        let low = match self {
            Self::Single => number.to_binary(Binary::Single, rounding),
            Self::Double => number.to_binary(Binary::Double, rounding),
            Self::Extended => return [number.significand, number.rest()],
            Self::Int16 | Self::Int32 | Self::Int64 => number.to_int(8 * self.bytes(), rounding) as u64,
        };
        [low, 0]
    }
}

impl Arithmetic {
    fn of(self, a: Number, b: Number, rounding: Rounding) -> Number {
        match self {
            Self::Add => arithmetic::add(a, b, rounding),
            Self::Multiply => arithmetic::multiply(a, b, rounding),
            Self::Subtract => arithmetic::subtract(a, b, rounding),
            Self::SubtractReversed => arithmetic::subtract(b, a, rounding),
            Self::Divide => arithmetic::divide(a, b, rounding),
            Self::DivideReversed => arithmetic::divide(b, a, rounding),
        }
    }
}

impl Operation {
    /// An operation without parameters.
    pub const fn plain(kind: Kind) -> Self {
        Self::on(kind, 0)
    }

    /// An operation on a register.
    pub const fn on(kind: Kind, register: u8) -> Self {
        Self { kind, arithmetic: Arithmetic::Add, format: Format::Extended, register }
    }

    /// An operation on a value in memory.
    pub const fn in_format(kind: Kind, format: Format) -> Self {
        Self { kind, arithmetic: Arithmetic::Add, format, register: 0 }
    }

    /// As the immediate of a helper.
    pub const fn encoded(self) -> u32 {
        let Self { kind, arithmetic, format, register } = self;
        u32::from_le_bytes([kind as u8, arithmetic as u8, format as u8, register])
    }

    /// From the immediate of a helper; anything else than what [`Operation::encoded`] gives means nothing.
    pub fn decoded(imm: u32) -> Option<Self> {
        let [kind, arithmetic, format, register] = imm.to_le_bytes();
        Some(Self {
            kind: *KINDS.get(usize::from(kind))?,
            arithmetic: *ARITHMETIC.get(usize::from(arithmetic))?,
            format: *FORMATS.get(usize::from(format))?,
            register,
        })
    }

    /// Do it.
    pub fn perform(self, unit: &mut Unit<'_>, slots: Slots) {
        let rounding = unit.rounding();
        match self.kind {
            Kind::Push => unit.push(self.input(unit, slots)),
            Kind::PushRegister => unit.push(unit.get(self.register)),
            Kind::PushOne => unit.push(Number::ONE),
            Kind::PushZero => unit.push(Number::zero(false)),
            Kind::CopyTo => unit.set(self.register, unit.get(0)),
            Kind::Exchange => self.exchange(unit),
            Kind::WithInput | Kind::WithRegister | Kind::OnRegister => self.compute(unit, slots),
            Kind::Negate => unit.set(0, arithmetic::negate(unit.get(0))),
            Kind::Absolute => unit.set(0, Number { negative: false, ..unit.get(0) }),
            Kind::SquareRoot => unit.set(0, arithmetic::square_root(unit.get(0), rounding)),
            Kind::Integral => unit.set(0, unit.get(0).integral(rounding)),
            Kind::CompareInput | Kind::CompareRegister | Kind::CompareZero => self.set_codes(unit, slots),
            Kind::CompareFlags => {
                let order = arithmetic::compare(unit.get(0), unit.get(self.register));
                unit.0.set_flags(by_order(order, C, Z, Z | P | C));
            }
            Kind::Pop => unit.pop(),
            Kind::Turn => unit.turn(self.register),
            Kind::Free => unit.free(self.register),
            Kind::Initialise => unit.initialise(),
            Kind::Convert => {
                let [low, rest] = self.format.encode(unit.get(0), rounding);
                unit.give(slots.output[0], low);
                unit.give(slots.output[1], rest);
            }
            Kind::Status => unit.give(slots.output[0], unit.status()),
        }
    }

    fn input(self, unit: &Unit<'_>, slots: Slots) -> Number {
        let [low, rest] = slots.input.map(|reg| unit.0.reg(reg));
        self.format.decode(low, rest)
    }

    fn exchange(self, unit: &mut Unit<'_>) {
        let (top, other) = (unit.get(0), unit.get(self.register));
        unit.set(0, other);
        unit.set(self.register, top);
    }

    fn compute(self, unit: &mut Unit<'_>, slots: Slots) {
        let (place, other) = match self.kind {
            Kind::WithInput => (0, self.input(unit, slots)),
            Kind::OnRegister => (self.register, unit.get(0)),
            _ => (0, unit.get(self.register)),
        };
        let result = self.arithmetic.of(unit.get(place), other, unit.rounding());
        unit.set(place, result);
    }

    fn set_codes(self, unit: &mut Unit<'_>, slots: Slots) {
        let other = match self.kind {
            Kind::CompareInput => self.input(unit, slots),
            Kind::CompareZero => Number::zero(false),
            _ => unit.get(self.register),
        };
        let order = arithmetic::compare(unit.get(0), other);
        unit.set_codes(by_order(order, C0, C3, C0 | C2 | C3));
    }
}

/// What stands for each outcome of a comparison; greater is nothing.
const fn by_order(order: Option<Ordering>, less: u64, equal: u64, unordered: u64) -> u64 {
    match order {
        Some(Ordering::Less) => less,
        Some(Ordering::Equal) => equal,
        Some(Ordering::Greater) => 0,
        None => unordered,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_survives_its_encoding() {
        for (index, kind) in KINDS.into_iter().enumerate() {
            assert_eq!(kind as usize, index);
            for (arithmetic, format) in ARITHMETIC.into_iter().zip(FORMATS) {
                let operation = Operation { kind, arithmetic, format, register: index as u8 & 7 };
                assert_eq!(Operation::decoded(operation.encoded()), Some(operation));
            }
        }
        assert_eq!(Operation::decoded(u32::MAX), None);
    }
}
