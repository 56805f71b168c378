//! From operands to text, in the syntax of the psABI's assembler: constants in decimal, distances of branches as they
//! stand in the instruction; where they lead follows behind `#`.

use super::decode::{Insn, Kind};
use super::features::Features;
use super::regs::{FLOAT_NAMES, INT_NAMES};
use super::table::{Format, Operands, Row};

/// The text of an instruction.
#[must_use]
pub fn text(insn: &Insn) -> String {
    match insn.kind {
        Kind::Known(row) => {
            special(insn, row).unwrap_or_else(|| format!("{} {}", name(insn, row), operands(insn, row.format)))
        }
        Kind::Vector(extension) => {
            let feature = Features::default().missing(extension).unwrap_or_default();
            format!("vector instruction {:#010x} ({feature})", insn.word)
        }
    }
}

fn int(n: u8) -> String {
    format!("${}", INT_NAMES[usize::from(n)])
}

fn float(n: u8) -> String {
    format!("${}", FLOAT_NAMES[usize::from(n)])
}

fn flag(n: u8) -> String {
    format!("$fcc{n}")
}

/// The names of instructions with special operands.
fn special(insn: &Insn, row: &Row) -> Option<String> {
    const NOP: u32 = 0x0340_0000;
    match row.name {
        "andi" if insn.word == NOP => Some("nop".to_owned()),
        "or" if insn.k() == 0 => Some(format!("move {}, {}", int(insn.d()), int(insn.j()))),
        "jirl" if insn.d() == 0 && insn.distance16() == 0 => {
            Some(if insn.j() == 1 { "ret".to_owned() } else { format!("jr {}", int(insn.j())) })
        }
        _ => None,
    }
}

/// The name; that of a comparison has its condition and format in it.
fn name(insn: &Insn, row: &Row) -> String {
    if row.format != Format::FloatCompare {
        return row.name.to_owned();
    }
    let condition = CONDITIONS.get(usize::from(insn.field(15, 5))).copied().unwrap_or("reserved");
    let format = if insn.word >> 20 & 3 == 1 { "s" } else { "d" };
    format!("fcmp.{condition}.{format}")
}

/// Conditions by number (volume 1, table 3-4); those without a name are reserved.
const CONDITIONS: [&str; 26] = [
    "caf", "saf", "clt", "slt", "ceq", "seq", "cle", "sle", "cun", "sun", "cult", "sult", "cueq", "sueq", "cule", "sule",
    "cne", "sne", "reserved", "reserved", "cor", "sor", "reserved", "reserved", "cune", "sune",
];

/// Whether a comparison has such a condition.
#[must_use]
pub fn has_condition(number: u8) -> bool {
    CONDITIONS.get(usize::from(number)).is_some_and(|name| *name != "reserved")
}

fn operands(insn: &Insn, format: Format) -> String {
    let (d, j, k) = (insn.d(), insn.j(), insn.k());
    match format {
        Format::R3 => format!("{}, {}, {}", int(d), int(j), int(k)),
        Format::R2 => format!("{}, {}", int(d), int(j)),
        Format::Atomic => format!("{}, {}, {}", int(d), int(k), int(j)),
        Format::Signed12 => format!("{}, {}, {}", int(d), int(j), insn.si12()),
        Format::Unsigned12 => format!("{}, {}, {}", int(d), int(j), insn.ui12()),
        Format::Signed14 => format!("{}, {}, {}", int(d), int(j), insn.si14_bytes()),
        Format::Signed16 => format!("{}, {}, {}", int(d), int(j), insn.si16()),
        Format::Signed20 => format!("{}, {}", int(d), insn.si20()),
        Format::Unsigned5 => format!("{}, {}, {k}", int(d), int(j)),
        Format::Unsigned6 => format!("{}, {}, {}", int(d), int(j), insn.amount()),
        Format::ShiftAdd => format!("{}, {}, {}, {}", int(d), int(j), int(k), insn.field(15, 2) + 1),
        Format::Pick2 => format!("{}, {}, {}, {}", int(d), int(j), int(k), insn.field(15, 2)),
        Format::Pick3 => format!("{}, {}, {}, {}", int(d), int(j), int(k), insn.field(15, 3)),
        Format::BitsWord => format!("{}, {}, {}, {k}", int(d), int(j), insn.field(16, 5)),
        Format::BitsLong => format!("{}, {}, {}, {}", int(d), int(j), insn.field(16, 6), insn.amount()),
        Format::Compare => format!("{}, {}, {}", int(j), int(d), place(insn, insn.distance16())),
        Format::Zero => format!("{}, {}", int(j), place(insn, insn.distance21())),
        Format::Condition => format!("{}, {}", flag(insn.field(5, 3)), place(insn, insn.distance21())),
        Format::Target => place(insn, insn.distance26()),
        Format::Jirl => format!("{}, {}, {}", int(d), int(j), insn.distance16()),
        Format::Code => (insn.word & 0x7fff).to_string(),
        Format::Assert => format!("{}, {}", int(j), int(k)),
        Format::Preload => format!("{d}, {}, {}", int(j), insn.si12()),
        Format::PreloadIndexed => format!("{d}, {}, {}", int(j), int(k)),
        Format::FloatSigned12 => format!("{}, {}, {}", float(d), int(j), insn.si12()),
        Format::FloatIndexed => format!("{}, {}, {}", float(d), int(j), int(k)),
        Format::Vector(operands) => vector(insn, operands),
        _ => of_floats(insn, format),
    }
}

fn of_floats(insn: &Insn, format: Format) -> String {
    let (d, j, k) = (insn.d(), insn.j(), insn.k());
    match format {
        Format::F3 => format!("{}, {}, {}", float(d), float(j), float(k)),
        Format::F4 => format!("{}, {}, {}, {}", float(d), float(j), float(k), float(insn.field(15, 5))),
        Format::FloatCompare => format!("{}, {}, {}", flag(insn.field(0, 3)), float(j), float(k)),
        Format::FloatSelect => format!("{}, {}, {}, {}", float(d), float(j), float(k), flag(insn.field(15, 3))),
        Format::FloatFromInt => format!("{}, {}", float(d), int(j)),
        Format::IntFromFloat => format!("{}, {}", int(d), float(j)),
        Format::ControlFromInt => format!("$fcsr{d}, {}", int(j)),
        Format::IntFromControl => format!("{}, $fcsr{j}", int(d)),
        Format::FlagFromFloat => format!("{}, {}", flag(insn.field(0, 3)), float(j)),
        Format::FloatFromFlag => format!("{}, {}", float(d), flag(insn.field(5, 3))),
        Format::FlagFromInt => format!("{}, {}", flag(insn.field(0, 3)), int(j)),
        Format::IntFromFlag => format!("{}, {}", int(d), flag(insn.field(5, 3))),
        // `operands` has all others.
        _ => format!("{}, {}", float(d), float(j)),
    }
}

/// A distance, and where it leads.
fn place(insn: &Insn, distance: i32) -> String {
    format!("{distance} # {:#x}", insn.target(distance))
}

fn vector(insn: &Insn, operands: Operands) -> String {
    let letter = match insn.kind {
        Kind::Known(row) if row.name.starts_with('x') => 'x',
        _ => 'v',
    };
    let register = |n: u8| format!("${letter}r{n}");
    let (d, j, k) = (insn.d(), insn.j(), insn.k());
    match operands {
        Operands::Three => format!("{}, {}, {}", register(d), register(j), register(k)),
        Operands::Two => format!("{}, {}", register(d), register(j)),
        Operands::Byte => format!("{}, {}, {}", register(d), register(j), insn.field(10, 8)),
        Operands::Shift5 => format!("{}, {}, {k}", register(d), register(j)),
        Operands::Shift6 => format!("{}, {}, {}", register(d), register(j), insn.amount()),
        Operands::Memory => format!("{}, {}, {}", register(d), int(j), insn.si12()),
        Operands::Repeated => format!("{}, {}, {}", register(d), int(j), insn.signed(10, 10) << 2),
        Operands::Insert1 => format!("{}, {}, {}", register(d), int(j), insn.field(10, 1)),
        Operands::Pick1 => format!("{}, {}, {}", int(d), register(j), insn.field(10, 1)),
        Operands::Pick2 => format!("{}, {}, {}", int(d), register(j), insn.field(10, 2)),
        Operands::FromInt => format!("{}, {}", register(d), int(j)),
        Operands::Test => format!("{}, {}", flag(insn.field(0, 3)), register(j)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loong::table;

    fn of(word: u32) -> String {
        let kind = table::find(word).map(Kind::Known);
        let kind = kind.or_else(|| table::vector_region(word).map(Kind::Vector));
        text(&Insn { pc: 0x1000, word, kind: kind.expect("an instruction") })
    }

    #[test]
    fn instructions_read_as_assemblers_write_them() {
        assert_eq!(of(0x28c0_2064), "ld.d $a0, $sp, 8");
        assert_eq!(of(0x0340_0000), "nop");
        assert_eq!(of(0x4c00_0020), "ret");
        assert_eq!(of(0x0c22_0020), "fcmp.ceq.d $fcc0, $fa1, $fa0");
    }

    #[test]
    fn branches_tell_where_they_lead() {
        assert_eq!(of(0x53ff_f3ff), "b -16 # 0xff0");
    }

    #[test]
    fn an_unknown_vector_instruction_names_its_feature() {
        assert_eq!(of(0x7800_0000 - 1), "vector instruction 0x77ffffff (lasx)");
    }
}
