//! What `runtime.SetFinalizer` wants of the function and of the object.

use rcsim_diag::Located;
use rcsim_diag::table::Reader;

use super::read::Called;
use crate::given::Given;
use crate::gotype::{GoType, Types, reflect_text};
use crate::value::Value;

/// Reports a finalizer that is not called with one pointer to an object.
pub(super) fn check(
    reader: &mut Reader<'_>,
    called: &Option<Called>,
    types: &Types,
    args: Option<&Located<Given>>,
) {
    let Some(called) = called else { return };
    let Some(signature) = types.signature(called.func) else { return };
    let [param] = signature.params[..] else {
        let label = "the pointer to the object is the only one";
        let _: Option<()> = reader.fail(&called.span, "a finalizer has one parameter", label);
        return;
    };
    let object = args.and_then(|args| args.value.values.first());
    let ty = object.map_or(param, |object| object.ty);
    let place = args.map_or(&called.span, |args| &args.span);
    if !matches!(types.shape(ty), GoType::Pointer(_)) {
        let message = format!("the object of a finalizer is a pointer, not `{}`", reflect_text(types, ty));
        let _: Option<()> = reader.fail(place, message, "write args = [{ type = \"*T\" }]");
    }
    if object.is_some_and(|object| object.value == Some(Value::Pointer(None))) {
        let _: Option<()> = reader.fail(place, "nil has no finalizer", "write &T{…}");
    }
}
