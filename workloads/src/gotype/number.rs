//! Constant integer expressions: array lengths.

use super::syntax::{Syntax, TsNode};

/// The value of an integer literal of Go (any base, with underscores), up to what fits an i128.
fn parse_integer(text: &str) -> Option<i128> {
    let digits: String = text.chars().filter(|letter| *letter != '_').collect::<String>().to_lowercase();
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        Some(two) if two.starts_with('0') => (8, &digits[1..]),
        _ => (10, digits.as_str()),
    };
    i128::from_str_radix(digits, radix).ok()
}

/// How deeply a constant expression may nest.
const MAX_DEPTH: usize = 64;

/// The value of a constant integer expression, or what is wrong with it.
pub(crate) fn evaluate(syntax: &Syntax, node: TsNode<'_>) -> Result<i128, String> {
    evaluate_at(syntax, node, 0)
}

fn evaluate_at(syntax: &Syntax, node: TsNode<'_>, depth: usize) -> Result<i128, String> {
    if depth > MAX_DEPTH {
        return Err("nested too deeply".to_owned());
    }
    let part = |field: &str| match node.child_by_field_name(field) {
        Some(child) => evaluate_at(syntax, child, depth + 1),
        None => Err("not a constant integer expression".to_owned()),
    };
    let operator = |node: TsNode<'_>| {
        node.child_by_field_name("operator").map_or(String::new(), |sign| syntax.text(sign).to_owned())
    };
    match node.kind() {
        "int_literal" => parse_integer(syntax.text(node)).ok_or_else(|| "too large".to_owned()),
        "parenthesized_expression" => match node.named_child(0) {
            Some(inner) => evaluate_at(syntax, inner, depth + 1),
            None => Err("not a constant integer expression".to_owned()),
        },
        "unary_expression" => unary(&operator(node), part("operand")?),
        "binary_expression" => binary(&operator(node), part("left")?, part("right")?),
        "identifier" => {
            Err(format!("`{}` is not a literal; named constants are not supported", syntax.text(node)))
        }
        _ => Err("not a constant integer expression".to_owned()),
    }
}

fn unary(operator: &str, value: i128) -> Result<i128, String> {
    match operator {
        "+" => Ok(value),
        "-" => value.checked_neg().ok_or_else(|| "too large".to_owned()),
        "^" => Ok(!value),
        _ => Err(format!("operator `{operator}` is not for integers")),
    }
}

fn binary(operator: &str, left: i128, right: i128) -> Result<i128, String> {
    let shift = || u32::try_from(right).ok().filter(|bits| *bits < 100);
    let value = match operator {
        "+" => left.checked_add(right),
        "-" => left.checked_sub(right),
        "*" => left.checked_mul(right),
        "/" | "%" if right == 0 => return Err("division by zero".to_owned()),
        "/" => left.checked_div(right),
        "%" => left.checked_rem(right),
        "<<" => shift().and_then(|bits| left.checked_mul(1 << bits)),
        ">>" => shift().map(|bits| left >> bits),
        "&" => Some(left & right),
        "|" => Some(left | right),
        "^" => Some(left ^ right),
        "&^" => Some(left & !right),
        _ => return Err(format!("operator `{operator}` is not for integers")),
    };
    value.ok_or_else(|| "too large".to_owned())
}
