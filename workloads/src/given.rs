//! Values as `reflect` is given them: each with a type of its own, and perhaps addressable.

use crate::gotype::TypeId;
use crate::value::{Heap, Value};

/// One value that goes into `reflect`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenValue {
    /// The type of the `reflect.Value`: that of the parameter or result, or one that is assignable to it.
    pub ty: TypeId,
    /// Whether it is the content of a variable, as `reflect.New(T).Elem()` is.
    pub addressable: bool,
    /// The value, or nothing when it is to be generated.
    pub value: Option<Value>,
}

/// A list of them with the objects that they refer to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Given {
    /// The objects.
    pub heap: Heap,
    /// The values.
    pub values: Vec<GivenValue>,
}

impl Given {
    /// The types of the values.
    #[must_use]
    pub fn types(&self) -> Vec<TypeId> {
        self.values.iter().map(|given| given.ty).collect()
    }

    /// The types of the values that are to be generated.
    pub(crate) fn missing(&self) -> impl Iterator<Item = TypeId> + '_ {
        self.values.iter().filter(|given| given.value.is_none()).map(|given| given.ty)
    }

    /// The values, with generated ones where none was written.
    pub(crate) fn filled(&self, generated: &mut impl Iterator<Item = Value>) -> Vec<Value> {
        self.values.iter().filter_map(|given| given.value.clone().or_else(|| generated.next())).collect()
    }
}
