//! Which values may be assigned to which types without a conversion, and what they are then: the rules by which `reflect`
//! takes arguments and results (`directlyAssignable` and `implements` in its `type.go`).

use super::generate::implements;
use super::model::{InterfaceValue, Value};
use crate::gotype::{ChanDir, GoType, InterfaceMethod, TypeId, Types};

/// Whether `reflect` accepts a value of type `from` where the type is `to`.
#[must_use]
pub fn assignable(types: &Types, from: TypeId, to: TypeId) -> bool {
    same_layout(types, from, to) || holds(types, to, from)
}

/// Whether a value of one type is a value of the other as it is: the same type, or the same underlying type with at most
/// one name between them.
#[must_use]
pub fn same_layout(types: &Types, from: TypeId, to: TypeId) -> bool {
    if from == to {
        return true;
    }
    if has_name(types, from) && has_name(types, to) {
        return false;
    }
    let (left, right) = (types.underlying(from), types.underlying(to));
    left == right || loses_a_direction(types, left, right)
}

/// A channel of both directions becomes one of either.
fn loses_a_direction(types: &Types, from: TypeId, to: TypeId) -> bool {
    match (types.get(from), types.get(to)) {
        (GoType::Chan { dir: ChanDir::Both, elem: left }, GoType::Chan { elem: right, .. }) => left == right,
        _ => false,
    }
}

fn has_name(types: &Types, id: TypeId) -> bool {
    matches!(types.get(id), GoType::Named(_) | GoType::Basic(_))
}

/// Whether `interface` is an interface type that can hold a value of type `id`.
fn holds(types: &Types, interface: TypeId, id: TypeId) -> bool {
    let GoType::Interface(wanted) = types.shape(interface) else { return false };
    match types.shape(id) {
        GoType::Interface(methods) => wanted.iter().all(|method| methods.contains(method)),
        _ => implements(types, id, wanted),
    }
}

/// The methods of an interface type.
#[must_use]
pub fn interface_methods(types: &Types, id: TypeId) -> Option<&[InterfaceMethod]> {
    match types.shape(id) {
        GoType::Interface(methods) => Some(methods),
        _ => None,
    }
}

/// What an assignable value is after the assignment.
#[must_use]
pub fn assigned(types: &Types, from: TypeId, to: TypeId, value: Value) -> Value {
    let is_interface = |id| interface_methods(types, id).is_some();
    if is_interface(to) && !is_interface(from) {
        return Value::Interface(Some(Box::new(InterfaceValue { ty: from, value })));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::{assignable, same_layout};
    use crate::gotype::{TypeId, TypeSpace};
    use crate::snippet::Snippet;

    const DECLARED: &str = "
        type List []int
        type Other []int
        type Both chan int
        type Shape interface { Area() int }
        type Named interface { Area() int; Name() int }
        type Square struct { side int }
        func (s Square) Area() int
        func (s *Square) Name() int
    ";

    fn id(space: &mut TypeSpace, text: &str) -> TypeId {
        space.parse_type(&Snippet::alone("type", text)).unwrap_or_else(|errors| panic!("{errors}"))
    }

    fn may(from: &str, to: &str) -> bool {
        let mut space = TypeSpace::declare(&Snippet::alone("types", DECLARED)).expect("the types are right");
        let (from, to) = (id(&mut space, from), id(&mut space, to));
        assignable(space.types(), from, to)
    }

    #[test]
    fn a_name_is_lost_or_won_but_not_exchanged() {
        assert!(may("List", "[]int") && may("[]int", "List") && may("List", "List"));
        assert!(!may("List", "Other") && !may("int", "int64") && !may("uint8", "int8"));
    }

    #[test]
    fn a_channel_loses_a_direction_and_wins_none() {
        assert!(may("chan int", "<-chan int") && may("Both", "chan<- int"));
        assert!(!may("<-chan int", "chan int") && !may("chan int", "<-chan string"));
    }

    #[test]
    fn interfaces_take_what_has_their_methods() {
        assert!(may("Square", "Shape") && may("*Square", "Named") && may("int", "any"));
        assert!(may("Named", "Shape") && may("Named", "any"));
        assert!(!may("Square", "Named") && !may("Shape", "Named") && !may("any", "Shape"));
    }

    #[test]
    fn an_interface_is_another_layout() {
        let mut space = TypeSpace::declare(&Snippet::alone("types", DECLARED)).expect("the types are right");
        let (square, any) = (id(&mut space, "Square"), id(&mut space, "any"));
        assert!(!same_layout(space.types(), square, any));
    }
}
