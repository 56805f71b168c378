//! Constants of the basic types.

use super::model::Value;
use super::parse::{Parsed, ValueParser};
use crate::gotype::{Basic, TsNode, TypeId, children, constant_integer};

/// A constant of a basic type.
pub(super) fn scalar<'a>(
    parser: &ValueParser<'a>,
    node: TsNode<'a>,
    id: TypeId,
    basic: Basic,
) -> Parsed<Value> {
    match basic {
        Basic::Bool => match node.kind() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => parser.mismatch(node, id),
        },
        Basic::Int | Basic::Int64 => signed(parser, node, 64),
        Basic::Int8 => signed(parser, node, 8),
        Basic::Int16 => signed(parser, node, 16),
        Basic::Int32 => signed(parser, node, 32),
        Basic::Uint | Basic::Uint64 | Basic::Uintptr => unsigned(parser, node, 64),
        Basic::Uint8 => unsigned(parser, node, 8),
        Basic::Uint16 => unsigned(parser, node, 16),
        Basic::Uint32 => unsigned(parser, node, 32),
        Basic::Float32 => Ok(Value::Float32(float32(parser, node)?)),
        Basic::Float64 => Ok(Value::Float64(float64(parser, node)?)),
        Basic::Complex64 if node.kind() == "imaginary_literal" => {
            Ok(Value::Complex64(0, number::<f32>(parser, node)?.to_bits()))
        }
        Basic::Complex64 => Ok(Value::Complex64(float32(parser, node)?, 0)),
        Basic::Complex128 if node.kind() == "imaginary_literal" => {
            Ok(Value::Complex128(0, number::<f64>(parser, node)?.to_bits()))
        }
        Basic::Complex128 => Ok(Value::Complex128(float64(parser, node)?, 0)),
        Basic::String => string(parser, node, id),
        Basic::UnsafePointer => parser.mismatch(node, id),
    }
}

/// A constant integer.
pub(super) fn integer<'a>(parser: &ValueParser<'a>, node: TsNode<'a>) -> Parsed<i128> {
    if node.kind() == "rune_literal" {
        let text = parser.syntax.text(node);
        let bytes = unquote(&text[1..text.len() - 1]);
        let letter = bytes
            .as_deref()
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .and_then(|text| text.chars().next());
        return letter
            .map_or_else(|| parser.fail(node, "invalid rune", ""), |letter| Ok(u32::from(letter).into()));
    }
    constant_integer(parser.syntax, node).or_else(|why| parser.fail(node, "expected an integer", why))
}

fn signed<'a>(parser: &ValueParser<'a>, node: TsNode<'a>, bits: u32) -> Parsed<Value> {
    let value = integer(parser, node)?;
    let limit = 1_i128 << (bits - 1);
    match i64::try_from(value) {
        Ok(fits) if (-limit..limit).contains(&value) => Ok(Value::Int(fits)),
        _ => parser.fail(node, "the integer is out of range", format!("{bits} bits with sign")),
    }
}

fn unsigned<'a>(parser: &ValueParser<'a>, node: TsNode<'a>, bits: u32) -> Parsed<Value> {
    let value = integer(parser, node)?;
    match u64::try_from(value) {
        Ok(fits) if value < 1_i128 << bits => Ok(Value::Uint(fits)),
        _ => parser.fail(node, "the integer is out of range", format!("{bits} bits without sign")),
    }
}

fn float32<'a>(parser: &ValueParser<'a>, node: TsNode<'a>) -> Parsed<u32> {
    match bits_call(parser, node, "math.Float32frombits") {
        Some(bits) => {
            u32::try_from(integer(parser, bits)?).or_else(|_| parser.fail(bits, "more than 32 bits", ""))
        }
        None => Ok(number::<f32>(parser, node)?.to_bits()),
    }
}

fn float64<'a>(parser: &ValueParser<'a>, node: TsNode<'a>) -> Parsed<u64> {
    match bits_call(parser, node, "math.Float64frombits") {
        Some(bits) => {
            u64::try_from(integer(parser, bits)?).or_else(|_| parser.fail(bits, "more than 64 bits", ""))
        }
        None => Ok(number::<f64>(parser, node)?.to_bits()),
    }
}

/// The argument of a call of `function`.
fn bits_call<'a>(parser: &ValueParser<'a>, node: TsNode<'a>, function: &str) -> Option<TsNode<'a>> {
    let called = node.child_by_field_name("function")?;
    (parser.syntax.text(called) == function).then_some(())?;
    node.child_by_field_name("arguments")?.named_child(0)
}

/// `math.FloatNNfrombits(bits)`
pub(super) fn from_bits<'a>(
    parser: &ValueParser<'a>,
    bits: TsNode<'a>,
    id: TypeId,
    float: Basic,
) -> Parsed<Value> {
    let types = parser.space.types();
    if *types.shape(id) != crate::gotype::GoType::Basic(float) {
        return parser.mismatch(bits, id);
    }
    let value = integer(parser, bits)?;
    match float {
        Basic::Float32 => {
            u32::try_from(value).map(Value::Float32).or_else(|_| parser.fail(bits, "more than 32 bits", ""))
        }
        _ => u64::try_from(value).map(Value::Float64).or_else(|_| parser.fail(bits, "more than 64 bits", "")),
    }
}

/// `complex(re, im)`
pub(super) fn complex<'a>(
    parser: &ValueParser<'a>,
    node: TsNode<'a>,
    id: TypeId,
    re: TsNode<'a>,
    im: TsNode<'a>,
) -> Parsed<Value> {
    match parser.space.types().shape(id) {
        crate::gotype::GoType::Basic(Basic::Complex64) => {
            Ok(Value::Complex64(float32(parser, re)?, float32(parser, im)?))
        }
        crate::gotype::GoType::Basic(Basic::Complex128) => {
            Ok(Value::Complex128(float64(parser, re)?, float64(parser, im)?))
        }
        _ => parser.mismatch(node, id),
    }
}

trait Float: std::str::FromStr + std::ops::Neg<Output = Self> {
    fn of_integer(value: i128) -> Self;
    fn is_finite(&self) -> bool;
}

impl Float for f32 {
    fn of_integer(value: i128) -> Self {
        value as Self
    }

    fn is_finite(&self) -> bool {
        Self::is_finite(*self)
    }
}

impl Float for f64 {
    fn of_integer(value: i128) -> Self {
        value as Self
    }

    fn is_finite(&self) -> bool {
        Self::is_finite(*self)
    }
}

/// A float constant: a decimal literal, an integer constant, or minus one of them. A minus makes no negative zero, as in Go.
fn number<'a, F: Float>(parser: &ValueParser<'a>, node: TsNode<'a>) -> Parsed<F> {
    match node.kind() {
        "float_literal" | "imaginary_literal" => {
            let text = parser.syntax.text(node).replace('_', "");
            match text.trim_end_matches('i').parse::<F>() {
                Ok(value) if value.is_finite() => Ok(value),
                Ok(_) => parser.fail(node, "the number is too large for its type", ""),
                Err(_) => parser.fail(
                    node,
                    "hexadecimal floats are not supported",
                    "write the bits: math.Float64frombits(…)",
                ),
            }
        }
        "parenthesized_expression" if node.named_child(0).is_some() => {
            number(parser, node.named_child(0).unwrap_or(node))
        }
        "unary_expression" if parser.operator(node) == "+" && holds_float(node) => {
            number(parser, node.child_by_field_name("operand").unwrap_or(node))
        }
        "unary_expression" if parser.operator(node) == "-" && holds_float(node) => {
            let operand = node.child_by_field_name("operand").unwrap_or(node);
            let value: F = number(parser, operand)?;
            let text = parser.syntax.text(operand);
            let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'_'));
            Ok(if is_zero { value } else { -value })
        }
        _ => {
            let value = integer(parser, node).or_else(|_| parser.fail(node, "expected a number", ""))?;
            Ok(F::of_integer(value))
        }
    }
}

fn holds_float(node: TsNode<'_>) -> bool {
    node.child_by_field_name("operand").is_some_and(|operand| operand.kind() == "float_literal")
}

fn string<'a>(parser: &ValueParser<'a>, node: TsNode<'a>, id: TypeId) -> Parsed<Value> {
    let text = parser.syntax.text(node);
    match node.kind() {
        "raw_string_literal" => Ok(Value::String(text[1..text.len() - 1].replace('\r', "").into_bytes())),
        "interpreted_string_literal" => match unquote(&text[1..text.len() - 1]) {
            Some(bytes) => Ok(Value::String(bytes)),
            None => {
                let wrong =
                    children(node).into_iter().find(|part| unquote(parser.syntax.text(*part)).is_none());
                parser.fail(wrong.unwrap_or(node), "invalid escape in a string", "")
            }
        },
        _ => parser.mismatch(node, id),
    }
}

/// The bytes of the inside of a Go string or rune literal.
fn unquote(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        if letter != '\\' {
            bytes.extend(letter.encode_utf8(&mut [0; 4]).bytes());
            continue;
        }
        let escape = rest.chars().next()?;
        let digits = match escape {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            '0'..='7' => 3,
            _ => {
                bytes.push(simple_escape(escape)?);
                rest = &rest[escape.len_utf8()..];
                continue;
            }
        };
        let (skip, radix) = if escape.is_ascii_digit() { (0, 8) } else { (1, 16) };
        let number = u32::from_str_radix(rest.get(skip..skip + digits)?, radix).ok()?;
        rest = &rest[skip + digits..];
        match escape {
            'u' | 'U' => bytes.extend(char::from_u32(number)?.encode_utf8(&mut [0; 4]).bytes()),
            _ => bytes.push(u8::try_from(number).ok()?),
        }
    }
    Some(bytes)
}

fn simple_escape(letter: char) -> Option<u8> {
    Some(match letter {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 11,
        '\\' => b'\\',
        '\'' => b'\'',
        '"' => b'"',
        _ => return None,
    })
}
