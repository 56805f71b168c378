//! `rcsim schema`: the formats as JSON Schema. Those of records and sweeps are made from the types that read and write them.

use rcsim_diag::Diagnostics;
use rcsim_reports::baseline::Baseline;
use rcsim_reports::records::Document;
use rcsim_reports::sweep::Line;
use schemars::{JsonSchema, schema_for};
use serde_json::Value;

use crate::args::{Described, SchemaArgs};
use crate::console::Console;
use crate::exit::Exit;
use crate::sweep::Spec;

/// Writes the schema.
///
/// # Errors
/// When standard output cannot be written.
pub fn command(args: &SchemaArgs, console: &mut Console) -> Result<Exit, Diagnostics> {
    let schema = match args.of {
        Described::Workload => rcsim_workloads::schema::workload(),
        Described::Sweep => of::<Spec>(),
        Described::Core => rcsim_timing::core_file::schema::core(),
        Described::Results => of::<Document>(),
        Described::SweepLine => of::<Line>(),
        Described::Baseline => of::<Baseline>(),
    };
    let text = serde_json::to_string_pretty(&schema).expect("a schema has string keys only");
    console.print(&(text + "\n"))?;
    Ok(Exit::Clean)
}

fn of<T: JsonSchema>() -> Value {
    schema_for!(T).to_value()
}
