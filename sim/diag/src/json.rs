//! The JSON form: the same content as on the terminal, with places as file, bytes, line and column.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::diagnostic::{Code, Diagnostic, Label};

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Label {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let range = self.span.range();
        let at = self.span.start();
        let mut label = serializer.serialize_struct("Label", 7)?;
        label.serialize_field("file", self.span.source().name())?;
        label.serialize_field("start", &range.start)?;
        label.serialize_field("end", &range.end)?;
        label.serialize_field("line", &at.line)?;
        label.serialize_field("column", &at.column)?;
        label.serialize_field("text", &self.text)?;
        label.serialize_field("primary", &self.primary)?;
        label.end()
    }
}

impl Serialize for Diagnostic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut diagnostic = serializer.serialize_struct("Diagnostic", 11)?;
        diagnostic.serialize_field("severity", &self.severity)?;
        diagnostic.serialize_field("class", &self.class)?;
        diagnostic.serialize_field("code", &self.code)?;
        diagnostic.serialize_field("message", &self.message)?;
        diagnostic.serialize_field("place", &self.place)?;
        diagnostic.serialize_field("labels", &self.labels)?;
        diagnostic.serialize_field("listing", &self.listing)?;
        diagnostic.serialize_field("notes", &self.notes)?;
        diagnostic.serialize_field("whose", &self.whose)?;
        diagnostic.serialize_field("help", &self.help)?;
        diagnostic.serialize_field("replay", &self.replay)?;
        diagnostic.end()
    }
}
