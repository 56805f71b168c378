//! Random Go types for the tests of this crate.

/// Random numbers and type texts, the same for the same seed.
pub struct Random(pub u64);

impl Random {
    /// A number below a limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// The text of a type, which may use declared types by name.
    pub fn type_text(&mut self, named: &[&str], depth: u32) -> String {
        const LEAVES: [&str; 17] = [
            "bool",
            "int8",
            "int16",
            "int32",
            "int64",
            "int",
            "uint8",
            "uint16",
            "uintptr",
            "float32",
            "float64",
            "complex64",
            "complex128",
            "string",
            "unsafe.Pointer",
            "any",
            "error",
        ];
        let deeper = depth + 1;
        match if depth > 3 { 0 } else { self.below(10) } {
            0..3 => {
                let index = self.below((LEAVES.len() + named.len()) as u64) as usize;
                let name = LEAVES.get(index).or_else(|| named.get(index - LEAVES.len()));
                name.copied().unwrap_or("int").to_owned()
            }
            3 => format!("*{}", self.type_text(named, deeper)),
            4 => format!("[]{}", self.type_text(named, deeper)),
            5 => format!("[{}]{}", self.below(4), self.type_text(named, deeper)),
            6 => format!("map[string]{}", self.type_text(named, deeper)),
            7 => format!(
                "func({}, ...{}) {}",
                self.type_text(named, deeper),
                self.type_text(named, deeper),
                self.type_text(named, deeper)
            ),
            _ => {
                let fields: Vec<String> = (0..self.below(6))
                    .map(|index| format!("f{index} {}", self.type_text(named, deeper)))
                    .collect();
                format!("struct {{ {} }}", fields.join("; "))
            }
        }
    }
}
