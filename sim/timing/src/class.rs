//! Operation classes: what a core's operation is, as far as its cost goes.
//!
//! The set is closed, and a core file must say what each class costs; see `core_file`.

macro_rules! classes {
    ($($variant:ident $name:literal $summary:literal,)*) => {
        /// What kind of operation a core performs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum OpClass {
            $(#[doc = $summary] $variant,)*
        }

        impl OpClass {
            /// All classes, cheapest first: of several micro-ops in one operation, the last decides.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name in core files and reports.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// One line of what belongs to it.
            #[must_use]
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary,)* }
            }
        }
    };
}

classes! {
    Nop "nop" "an instruction without effect",
    Zero "zero" "a register set to zero by an idiom that needs no operand",
    Move "move" "an integer register copied",
    VectorMove "vector-move" "a vector or floating-point register copied",
    Constant "constant" "a constant put into a register",
    AddressUpdate "address-update" "the base register of a load or store moved on",
    Alu "alu" "addition, comparison, bitwise logic",
    SetCondition "set-condition" "a condition put into a register",
    Lea "lea" "an address of up to two parts",
    LeaComplex "lea-complex" "an address of three parts",
    Bitfield "bitfield" "a part of a register extracted, extended or inserted",
    Select "select" "one of two registers by a condition",
    AluShifted "alu-shifted" "arithmetic or logic with a shifted or extended operand",
    Shift "shift" "a shift by a constant",
    ShiftVariable "shift-variable" "a shift by a register",
    SwapBytes "swap-bytes" "bytes or bits reversed",
    BitCount "bit-count" "bits counted or searched",
    Status "status" "flags moved from or to a register",
    Multiply "multiply" "the low half of a product",
    MultiplyAdd "multiply-add" "a product added to a register",
    MultiplyHigh "multiply-high" "the high half of a product",
    VectorLogic "vector-logic" "bitwise logic on vectors",
    VectorAlu "vector-alu" "lane-wise integer arithmetic and comparison",
    VectorShift "vector-shift" "lane-wise shifts",
    VectorShuffle "vector-shuffle" "lanes or bytes rearranged",
    IntToVector "int-to-vector" "an integer register moved to a vector register",
    VectorToInt "vector-to-int" "a vector register, or a mask of it, moved to an integer register",
    VectorMultiply "vector-multiply" "lane-wise products",
    FpSimple "fp-simple" "negation, absolute value, minimum, maximum",
    FpCompare "fp-compare" "a floating-point comparison",
    FpAdd "fp-add" "a floating-point sum or difference",
    FpMultiply "fp-multiply" "a floating-point product",
    FpMultiplyAdd "fp-multiply-add" "a fused product and sum",
    FpConvert "fp-convert" "between floating-point formats, or rounded to an integer in place",
    FpInt "fp-int" "between integers and floating point",
    Divide32 "divide-32" "a 32-bit division",
    Divide64 "divide-64" "a 64-bit division",
    FpDivide32 "fp-divide-32" "a 32-bit floating-point quotient",
    FpDivide64 "fp-divide-64" "a 64-bit floating-point quotient",
    FpSqrt32 "fp-sqrt-32" "a 32-bit square root",
    FpSqrt64 "fp-sqrt-64" "a 64-bit square root",
    Fence "fence" "an ordering instruction",
    Branch "branch" "a conditional branch",
    Jump "jump" "a jump to a known address",
    Call "call" "a call of a known address",
    JumpIndirect "jump-indirect" "a jump to an address in a register",
    CallIndirect "call-indirect" "a call of an address in a register",
    Return "return" "a return",
    Load "load" "a load of an integer register",
    LoadPair "load-pair" "a load of two registers",
    LoadVector "load-vector" "a load of a vector or floating-point register",
    StoreAddress "store-address" "the address of a store",
    StorePairAddress "store-pair-address" "the address of a store of two registers",
    StoreData "store-data" "the data of a store from an integer register",
    StorePairData "store-pair-data" "the data of a store from two registers",
    StoreVectorData "store-vector-data" "the data of a store from a vector or floating-point register",
    Atomic "atomic" "an atomic update of memory, without the load that is part of it",
    Window "window" "a call frame of WebAssembly set up or taken down",
    Helper "helper" "an instruction without a micro-op of its own",
}

impl OpClass {
    /// Whether it is integer arithmetic, or decides by its outcome.
    #[must_use]
    pub fn is_integer(self) -> bool {
        (Self::Zero..=Self::MultiplyHigh).contains(&self) && self != Self::VectorMove || self == Self::Branch
    }

    /// Its place in tables by class.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The class of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|class| class.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::OpClass;

    #[test]
    fn every_name_leads_back_to_its_class() {
        for (n, class) in OpClass::ALL.iter().enumerate() {
            assert_eq!(class.index(), n);
            assert_eq!(OpClass::named(class.name()), Some(*class));
        }
    }
}
