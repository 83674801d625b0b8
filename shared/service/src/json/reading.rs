//! Reads a value into a type, and goes on after what is wrong with it: all of it is told at once.

use std::cell::RefCell;

use domain::catalog::Phrase;
use mail::reply::shortened_to_chars;
use serde::de::DeserializeOwned;
use serde_ignored::Path;
use serde_json::Value;
use serde_path_to_error::{Deserializer, Segment, Track};

use super::{
    at,
    reason::{missing, reason, stand_in},
    strict::Strict,
    strip, unknown,
};
use crate::{
    Code, Error, Finding,
    error::{MAX_FINDINGS, see_errors},
};

/// How often a body is read at most, to find all that is wrong with it,
const MAX_READINGS: usize = 8 * MAX_FINDINGS;
/// and how many values are read for that in all: a large body is read a few times alone.
const MAX_VALUES: usize = 400_000;
/// Longest name of a field that is told whole, in characters.
const LONGEST_NAME: usize = 200;

/// Reads a value, and finds the fields in it that the type does not have. What cannot be read is replaced
/// by something that can, and the value is read again.
///
/// # Errors
/// [`Code::BodyInvalid`] with everything that is wrong, unknown fields too.
pub(super) fn read<T: DeserializeOwned>(mut value: Value) -> Result<(T, Vec<Finding>), Error> {
    let mut wrong = Wrong::default();
    let mut unknown = Vec::new();
    let readings = (MAX_VALUES / values(&value)).clamp(2, MAX_READINGS);
    for _ in 0..readings {
        let read;
        (read, unknown) = once(&value);
        let fault = match read {
            Ok(read) if wrong.findings.is_empty() => return Ok((read, unknown)),
            Ok(_) => return Err(wrong.refusal(unknown, true)),
            Err(fault) => fault,
        };
        wrong.add(&fault);
        let stands_in = stand_in(&fault.text).unwrap_or(Value::Null);
        if wrong.findings.len() == MAX_FINDINGS || !replace(&mut value, &fault, stands_in) {
            break;
        }
    }
    Err(wrong.refusal(unknown, false))
}

/// How many values a document holds, itself one of them.
fn values(document: &Value) -> usize {
    1 + match document {
        Value::Array(items) => items.iter().map(values).sum(),
        Value::Object(fields) => fields.values().map(values).sum(),
        _ => 0,
    }
}

/// The name of a field, cut where it is endless.
fn named(name: &str) -> String {
    shortened_to_chars(name, LONGEST_NAME).into_owned()
}

/// One reading, and the fields that are not known as far as it came.
fn once<T: DeserializeOwned>(from: &Value) -> (Result<T, Fault>, Vec<Finding>) {
    let within = RefCell::new(Vec::new());
    let mut found = Vec::new();
    let mut track = Track::new();
    let tracked = Deserializer::new(Strict::new(from, &within), &mut track);
    let read = serde_ignored::deserialize(tracked, |path| {
        if let Path::Map { key, .. } = &path
            && found.len() < MAX_FINDINGS
        {
            let known = within.borrow().last().copied().unwrap_or_default();
            found.push(Finding {
                field: Some(ignored(&path)),
                ..unknown("FIELD_UNKNOWN", key, known)
            });
        }
    });
    let read = read.map_err(|error| Fault::new(track.path().iter().cloned(), strip(&error)));
    (read, found)
}

/// What ended a reading.
struct Fault {
    /// Where it ended: of a missing field, the object that lacks it.
    path: Vec<Segment>,
    /// The name of the field that is missing.
    missing: Option<String>,
    /// What serde says.
    text: String,
}

impl Fault {
    fn new(path: impl Iterator<Item = Segment>, text: String) -> Self {
        Self {
            path: path.collect(),
            missing: missing(&text).map(str::to_owned),
            text,
        }
    }

    /// The field that it is about.
    fn field(&self) -> String {
        let mut path = self.path.clone();
        path.extend(self.missing.clone().map(|key| Segment::Map { key }));
        shown(&path)
    }
}

/// What is wrong so far.
#[derive(Default)]
struct Wrong {
    findings: Vec<Finding>,
    /// The first of it in words of its own.
    first: Option<Phrase>,
}

impl Wrong {
    /// Adds a fault, unless it is one of what stands in for something that could not be read.
    fn add(&mut self, fault: &Fault) {
        let field = fault.field();
        let mut told = self.findings.iter().filter_map(|one| one.field.as_deref());
        if told.any(|outer| is_within(&field, outer)) {
            return;
        }
        let code = match fault.missing {
            Some(_) => "FIELD_MISSING",
            None => "FIELD_INVALID",
        };
        let said = reason(&fault.text);
        self.first
            .get_or_insert_with(|| at(&shown(&fault.path), said.clone()));
        self.findings.push(Finding {
            field: Some(field),
            ..Finding::new(code, said)
        });
    }

    /// `whole` when the value was read to its end; otherwise more may be wrong with it.
    fn refusal(self, unknown: Vec<Finding>, whole: bool) -> Error {
        let whole = whole && unknown.len() < MAX_FINDINGS;
        let findings: Vec<_> = self.findings.into_iter().chain(unknown).collect();
        let detail = match (findings.as_slice(), self.first) {
            ([_], Some(first)) => first,
            (many, _) => see_errors(many.len(), whole),
        };
        Error::new(Code::BodyInvalid, detail).with_errors(findings)
    }
}

/// Puts something in the place of what cannot be read. `false` when it stands there already, or there is
/// no such place.
fn replace(value: &mut Value, fault: &Fault, stands_in: Value) -> bool {
    let place = fault
        .path
        .iter()
        .try_fold(value, |value, segment| match segment {
            Segment::Seq { index } => value.get_mut(index),
            Segment::Map { key } => value.get_mut(key),
            Segment::Enum { .. } | Segment::Unknown => None,
        });
    match (place, &fault.missing) {
        (Some(Value::Object(fields)), Some(name)) => {
            fields.insert(name.clone(), stands_in).is_none()
        }
        // The body itself is an object, whatever a type says of it as a whole.
        (Some(value), None) if !fault.path.is_empty() && *value != stands_in => {
            *value = stands_in;
            true
        }
        _ => false,
    }
}

/// Whether a field is this one or stands in it.
fn is_within(field: &str, outer: &str) -> bool {
    let rest = field.strip_prefix(outer);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// A path as findings name it, such as `followers[1].name`; `.` for the body itself.
fn shown(path: &[Segment]) -> String {
    let mut text = String::new();
    for segment in path {
        if !text.is_empty() && !matches!(segment, Segment::Seq { .. }) {
            text.push('.');
        }
        text.push_str(&named(&segment.to_string()));
    }
    match text.is_empty() {
        true => ".".to_owned(),
        false => text,
    }
}

/// The same of a field that is not known.
fn ignored(path: &Path<'_>) -> String {
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}[{index}]", ignored(parent)),
        Path::Map { parent, key } => match ignored(parent) {
            outer if outer.is_empty() => named(key),
            outer => format!("{outer}.{}", named(key)),
        },
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => ignored(parent),
    }
}
