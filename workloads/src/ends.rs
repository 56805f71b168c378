//! Both ends of a call: the values that go in, and the text of what is expected to come out.

use rcsim_diag::{Diagnostic, Diagnostics};

use crate::given::Given;
use crate::gotype::{Basic, GoType, TypeId, Types};
use crate::value::{
    Content, GenerateError, Heap, MAX_LEAVES, Printer, Value, assigned, generate, quoted, zero,
};
use crate::workload::{Call, ExpectedEnd, Outcome, Workload};

/// What goes into a call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arguments {
    /// The objects that receiver and arguments refer to.
    pub heap: Heap,
    /// The receiver of a method value.
    pub receiver: Option<Value>,
    /// One value for each parameter, of the types [`Workload::arg_types`].
    pub args: Vec<Value>,
    /// What a made function returns under `{ return = […] }`, of the types [`Workload::returned_types`].
    pub returned: Vec<Value>,
}

/// The canonical text of what is expected to come out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedText {
    /// A section of results that the printer of the actual results prints after the section of the arguments.
    AfterArguments(String),
    /// A section of results that a fresh printer prints.
    Fresh(String),
    /// The text of a panic.
    Panic(String),
}

impl ExpectedText {
    /// What a generated Go program prints after the workload's name and a tab.
    pub fn line(&self) -> String {
        match self {
            Self::AfterArguments(text) | Self::Fresh(text) => text.clone(),
            Self::Panic(text) => format!("panic {}", quoted(text.as_bytes())),
        }
    }
}

impl Workload {
    /// The receiver and the arguments, for a guest whose `int` has `word_bytes` bytes: those of `args`, or generated ones.
    ///
    /// # Errors
    /// When a written integer does not fit the guest's `int`, or the values get too large.
    pub fn arguments(&self, word_bytes: u64) -> Result<Arguments, Diagnostics> {
        let types = self.space.types();
        let receiver_type = self.call.receiver().map(|receiver| receiver.ty);
        let params = &self.signature().params;
        let written = self.written_args.as_ref().map(|written| &written.value);
        let returned = self.returned.as_ref().map(|returned| &returned.value);
        // The heap of what is returned holds the objects of the arguments, too.
        let mut heap = returned.or(written).map_or_else(Heap::new, |given| given.heap.clone());
        let mut wanted: Vec<TypeId> = receiver_type.into_iter().collect();
        match written {
            Some(written) => wanted.extend(written.missing()),
            None => wanted.extend(params),
        }
        wanted.extend(returned.into_iter().flat_map(Given::missing));
        let generated = generate(types, &wanted, word_bytes, &mut heap);
        let mut values = generated.map_err(|error| self.cannot_generate(error))?.into_iter();
        let receiver = receiver_type.and_then(|_| values.next());
        let args = match written {
            Some(written) => written.filled(&mut values),
            None => values.by_ref().take(params.len()).collect(),
        };
        let returned = returned.map_or_else(Vec::new, |returned| returned.filled(&mut values));
        let arguments = Arguments { heap, receiver, args, returned };
        self.check_receiver(&arguments)?;
        self.check_words(&arguments, word_bytes)?;
        Ok(arguments)
    }

    fn cannot_generate(&self, error: GenerateError) -> Diagnostics {
        match error {
            GenerateError::TooManyLeaves => {
                let message = format!("arguments with more than {MAX_LEAVES} parts");
                let error = Diagnostic::unsupported(message)
                    .with_primary(&self.func_span, "each part would be a value");
                error.with_help("use smaller arrays").into()
            }
        }
    }

    fn check_receiver(&self, arguments: &Arguments) -> Result<(), Diagnostics> {
        match arguments.receiver {
            Some(Value::Interface(None)) => {
                let error = Diagnostic::input("no declared type has the methods of the receiver's interface")
                    .with_primary(&self.func_span, "called on nil")
                    .with_help("declare a type with these methods under `types`");
                Err(error.into())
            }
            _ => Ok(()),
        }
    }

    fn check_words(&self, arguments: &Arguments, word_bytes: u64) -> Result<(), Diagnostics> {
        let (Some(written), 4) = (self.written_args.as_ref().or(self.returned.as_ref()), word_bytes) else {
            return Ok(());
        };
        let types = self.space.types();
        let (args, results) = (self.arg_types(), self.returned_types());
        let mut values = args.iter().zip(&arguments.args).chain(results.iter().zip(&arguments.returned));
        let objects =
            arguments.heap.iter().all(|(_, object)| match (&object.content, types.shape(object.ty)) {
                (Content::Cell(value), _) => fits32(types, object.ty, value),
                (Content::Array(values), _) => values.iter().all(|value| fits32(types, object.ty, value)),
                (Content::Map(entries), GoType::Map { key, value }) => entries
                    .iter()
                    .all(|(left, right)| fits32(types, *key, left) && fits32(types, *value, right)),
                (Content::Map(_) | Content::Chan | Content::Func, _) => true,
            });
        if objects && values.all(|(id, value)| fits32(types, *id, value)) {
            return Ok(());
        }
        let error = Diagnostic::input("a value does not fit a guest with 32-bit int")
            .with_primary(&written.span, "an int, uint or uintptr here needs 64 bits")
            .with_help("name the 64-bit architectures in `archs`, or use int64");
        Err(error.into())
    }

    /// What is expected to come out of a call with these arguments.
    ///
    /// # Errors
    /// When the zero values of the results are too large.
    pub fn expected(&self, arguments: &Arguments) -> Result<ExpectedText, Diagnostics> {
        let types = self.space.types();
        let signature = self.signature();
        match (&self.expect.end, &self.callee.outcome) {
            (ExpectedEnd::Panic(text), _) => Ok(ExpectedText::Panic(text.clone())),
            (ExpectedEnd::Results(results), _) => {
                let mut printer = Printer::new(types, &results.heap);
                Ok(ExpectedText::Fresh(printer.section(self.end_types(), &results.values)))
            }
            (ExpectedEnd::ByCallee, Outcome::Panic(text)) => Ok(ExpectedText::Panic(text.clone())),
            (ExpectedEnd::ByCallee, _) if self.drops_results() => {
                Ok(self.after_arguments(arguments, &self.assigned(&self.arg_types(), &arguments.args)))
            }
            (ExpectedEnd::ByCallee, Outcome::ReturnArgs) if self.is_frame() => self.expected_frame(arguments),
            (ExpectedEnd::ByCallee, Outcome::ReturnArgs) => {
                Ok(self.after_arguments(arguments, &self.assigned(&self.arg_types(), &arguments.args)))
            }
            (ExpectedEnd::ByCallee, Outcome::Return) => {
                let results = self.assigned(&self.returned_types(), &arguments.returned);
                Ok(self.after_arguments(arguments, &results))
            }
            (ExpectedEnd::ByCallee, Outcome::DropArgs) => {
                let zeros = signature.results.iter().map(|id| zero(types, *id, MAX_LEAVES));
                match zeros.collect::<Option<Vec<Value>>>() {
                    Some(zeros) => Ok(self.after_arguments(arguments, &zeros)),
                    None => Err(self.cannot_generate(GenerateError::TooManyLeaves)),
                }
            }
        }
    }

    fn is_frame(&self) -> bool {
        matches!(self.call, Call::Reflectcall(_))
    }

    /// A bare frame gives back as many of its argument bytes as fit its result area.
    fn expected_frame(&self, arguments: &Arguments) -> Result<ExpectedText, Diagnostics> {
        let results = &self.signature().results;
        let lens = results.iter().map(|id| match self.space.types().shape(*id) {
            GoType::Array { len, .. } => *len as usize,
            _ => 0,
        });
        let values = lens.zip(&arguments.args).filter_map(|(len, value)| match value {
            Value::Array(words) => Some(Value::Array(words.iter().take(len).cloned().collect())),
            _ => None,
        });
        let values: Vec<Value> = values.collect();
        Ok(self.after_arguments(arguments, &values))
    }

    /// What values are when they have become what is compared in the end.
    fn assigned(&self, ids: &[TypeId], values: &[Value]) -> Vec<Value> {
        let types = self.space.types();
        let results = ids.iter().zip(self.end_types()).zip(values);
        results.map(|((from, to), value)| assigned(types, *from, *to, value.clone())).collect()
    }

    fn after_arguments(&self, arguments: &Arguments, results: &[Value]) -> ExpectedText {
        let mut printer = Printer::new(self.space.types(), &arguments.heap);
        printer.section(&self.arg_types(), &arguments.args);
        ExpectedText::AfterArguments(printer.section(self.end_types(), results))
    }
}

/// Whether every int, uint and uintptr in a value fits 32 bits.
fn fits32(types: &Types, id: TypeId, value: &Value) -> bool {
    match (types.shape(id), value) {
        (GoType::Basic(Basic::Int), Value::Int(value)) => i32::try_from(*value).is_ok(),
        (GoType::Basic(Basic::Uint | Basic::Uintptr), Value::Uint(value)) => u32::try_from(*value).is_ok(),
        (GoType::Array { elem, .. }, Value::Array(values)) => {
            values.iter().all(|value| fits32(types, *elem, value))
        }
        (GoType::Struct(fields), Value::Struct(values)) => {
            fields.iter().zip(values).all(|(field, value)| fits32(types, field.ty, value))
        }
        (GoType::Interface(_), Value::Interface(Some(content))) => fits32(types, content.ty, &content.value),
        _ => true,
    }
}
