//! Operators as text, in the words of the WebAssembly text format.

use wasmparser::{BlockType, MemArg, Operator, for_each_operator};

use super::module::Module;

/// Text of an operator; calls name what they call.
pub fn text(op: &Operator<'_>, module: &Module) -> String {
    let name = mnemonic(op);
    match immediates(op, module) {
        Some(immediates) => format!("{name} {immediates}"),
        None => name,
    }
}

macro_rules! visit_names {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        fn visit_name(op: &Operator<'_>) -> &'static str {
            match op {
                $(Operator::$op { .. } => stringify!($visit),)*
                _ => "visit_unknown",
            }
        }
    };
}
for_each_operator!(visit_names);

/// The part of a name that a dot follows.
const FAMILIES: [&str; 12] =
    ["i32", "i64", "f32", "f64", "local", "global", "memory", "table", "elem", "data", "ref", "v128"];

/// The text format's name, made from the decoder's: a dot after the family, underscores as they are.
pub fn mnemonic(op: &Operator<'_>) -> String {
    let name = visit_name(op).trim_start_matches("visit_");
    match name.split_once('_') {
        Some((family, rest)) if FAMILIES.contains(&family) => format!("{family}.{rest}"),
        _ => name.to_owned(),
    }
}

fn immediates(op: &Operator<'_>, module: &Module) -> Option<String> {
    if let Some(arg) = memarg(op) {
        return (arg.offset != 0).then(|| format!("offset={}", arg.offset));
    }
    Some(match op {
        Operator::LocalGet { local_index } | Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
            local_index.to_string()
        }
        Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index } => global_index.to_string(),
        Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => {
            return block_type(*blockty);
        }
        Operator::I32Const { value } => value.to_string(),
        Operator::I64Const { value } => value.to_string(),
        Operator::F32Const { value } => f32::from_bits(value.bits()).to_string(),
        Operator::F64Const { value } => f64::from_bits(value.bits()).to_string(),
        Operator::Call { function_index } => format!("{function_index} ({})", module.name(*function_index)),
        Operator::CallIndirect { type_index, .. } => format!("(type {type_index})"),
        Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => relative_depth.to_string(),
        Operator::BrTable { targets } => {
            let labels: Vec<String> = targets.targets().flatten().map(|label| label.to_string()).collect();
            format!("{} {}", labels.join(" "), targets.default())
        }
        _ => return None,
    })
}

fn block_type(kind: BlockType) -> Option<String> {
    match kind {
        BlockType::Empty => None,
        BlockType::Type(result) => Some(format!("(result {result})")),
        BlockType::FuncType(index) => Some(format!("(type {index})")),
    }
}

fn memarg(op: &Operator<'_>) -> Option<MemArg> {
    Some(match *op {
        Operator::I32Load { memarg }
        | Operator::I64Load { memarg }
        | Operator::F32Load { memarg }
        | Operator::F64Load { memarg }
        | Operator::I32Load8S { memarg }
        | Operator::I32Load8U { memarg }
        | Operator::I32Load16S { memarg }
        | Operator::I32Load16U { memarg }
        | Operator::I64Load8S { memarg }
        | Operator::I64Load8U { memarg }
        | Operator::I64Load16S { memarg }
        | Operator::I64Load16U { memarg }
        | Operator::I64Load32S { memarg }
        | Operator::I64Load32U { memarg }
        | Operator::I32Store { memarg }
        | Operator::I64Store { memarg }
        | Operator::F32Store { memarg }
        | Operator::F64Store { memarg }
        | Operator::I32Store8 { memarg }
        | Operator::I32Store16 { memarg }
        | Operator::I64Store8 { memarg }
        | Operator::I64Store16 { memarg }
        | Operator::I64Store32 { memarg } => memarg,
        _ => return None,
    })
}
