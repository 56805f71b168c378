//! The figures as a table for people or as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::measure::Rates;

/// One contestant on one architecture.
pub struct Row {
    goarch: &'static str,
    name: String,
    rates: Rates,
    /// How many times faster the first contestant is, and who that is.
    ratio: Option<(&'static str, f64)>,
    note: Option<String>,
}

impl Row {
    /// A row with its rates.
    pub fn new(goarch: &'static str, name: String, rates: Rates) -> Self {
        Self { goarch, name, rates, ratio: None, note: None }
    }
}

/// One kind of measurement.
pub struct Table {
    title: &'static str,
    unit: &'static str,
    per_unit: f64,
    rows: Vec<Row>,
    missing: Vec<(&'static str, String, String)>,
}

impl Table {
    /// An empty table; rates are shown divided by `per_unit`.
    pub fn new(title: &'static str, unit: &'static str, per_unit: f64) -> Self {
        Self { title, unit, per_unit, rows: Vec::new(), missing: Vec::new() }
    }

    /// What it is about.
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Add a row.
    pub fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Say something about a row.
    pub fn note(&mut self, row: usize, note: String) {
        self.rows[row].note = Some(note);
    }

    /// Note a contestant that could not take part.
    pub fn missing(&mut self, goarch: &'static str, name: &str, why: &str) {
        self.missing.push((goarch, name.to_owned(), why.to_owned()));
    }

    /// Relate the rows after `first` to it, which is called `who`.
    pub fn compare(&mut self, first: usize, who: &'static str) {
        let own = self.rows[first].rates.median();
        for row in &mut self.rows[first + 1..] {
            row.ratio = Some((who, own / row.rates.median()));
        }
    }

    fn rate(&self, rate: f64) -> String {
        let digits = if self.per_unit > 1.0 { 1 } else { 0 };
        format!("{:.digits$}", rate / self.per_unit)
    }

    fn text(&self) -> String {
        let repetitions = self.rows.first().map_or(0, |row| row.rates.repetitions());
        let mut out = format!("{} ({}, median of {repetitions})\n", self.title, self.unit);
        let width = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).max(4);
        let _ = writeln!(
            out,
            "  {:<8}  {:<width$}  {:>9}  {:>9}  {:>9}",
            "arch", "who", "median", "slowest", "fastest"
        );
        for row in &self.rows {
            let rates =
                [row.rates.median(), row.rates.lowest(), row.rates.highest()].map(|rate| self.rate(rate));
            let [median, lowest, highest] = rates;
            let _ = write!(
                out,
                "  {:<8}  {:<width$}  {median:>9}  {lowest:>9}  {highest:>9}",
                row.goarch, row.name
            );
            if let Some((who, ratio)) = row.ratio {
                let _ = write!(out, "  {who} is {ratio:.2} times as fast");
            }
            if let Some(note) = &row.note {
                let _ = write!(out, "  {note}");
            }
            out.push('\n');
        }
        for (goarch, name, why) in &self.missing {
            let _ = writeln!(out, "  {goarch:<8}  {name:<width$}    missing: {why}");
        }
        out
    }

    fn json(&self) -> Value {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "arch": row.goarch,
                    "who": row.name,
                    "median_per_second": row.rates.median(),
                    "slowest_per_second": row.rates.lowest(),
                    "fastest_per_second": row.rates.highest(),
                    "repetitions": row.rates.repetitions(),
                    "rcsim_to_this": row.ratio.map(|(_, ratio)| ratio),
                    "note": row.note,
                })
            })
            .collect();
        let missing: Vec<Value> = self
            .missing
            .iter()
            .map(|(goarch, name, why)| json!({ "arch": goarch, "who": name, "why": why }))
            .collect();
        json!({ "measurement": self.title, "unit": self.unit, "rows": rows, "missing": missing })
    }
}

/// Tables for people.
pub fn text(tables: &[Table]) -> String {
    let texts: Vec<String> = tables.iter().map(Table::text).collect();
    texts.join("\n")
}

/// Tables as one JSON document.
pub fn json(tables: &[Table]) -> String {
    let tables: Vec<Value> = tables.iter().map(Table::json).collect();
    format!("{:#}\n", json!({ "rcsim": env!("CARGO_PKG_VERSION"), "tables": tables }))
}
