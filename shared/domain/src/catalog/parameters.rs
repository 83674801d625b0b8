//! Parameters, by the numbers that CITSmart gave them. Stored values are strings.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::language::Texts;

mod table;
mod validate;

pub use table::PARAMETERS;
pub use validate::ParameterError;

/// What a parameter's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ParameterType {
    /// Id of an e-mail template.
    Template,
    /// A switch, stored as CITSmart writes it: `S` (yes) or `N` (no).
    Flag,
    /// One e-mail address, maybe with a name: `Name <address>`.
    Email,
    /// E-mail addresses, stored separated by `; `.
    Emails,
    /// Base of links: https, without a trailing slash.
    Url,
    /// The name of a mail domain, in its ASCII form and without `@`.
    Domain,
    /// Text of one line.
    Text,
    /// A number of bytes.
    Number,
    /// File extensions, stored as `exe;bat`.
    Extensions,
    /// Recognised, but not stored here.
    Refused,
}

/// Where a recognised parameter that is not stored here lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterRefusal {
    /// The SMTP account: the stack's transport settings and its secret.
    Smtp,
    /// A password: it belongs in a secret and is never stored as a parameter.
    Password,
}

/// A parameter of CITSmart 8 that this system recognises, or one of our own (from 1001).
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The number on CITSmart's page of parameters, by which the API names it.
    pub number: u16,
    /// The title that people see, as CITSmart has it where it is theirs.
    pub names: Texts,
    /// What it does, and what its absence means.
    pub descriptions: Texts,
    /// What its value is.
    pub kind: ParameterType,
    /// Value when none is set.
    pub default: Option<&'static str>,
    /// Why it is not stored here, for those of type `Refused`.
    pub refusal: Option<ParameterRefusal>,
}

impl Parameter {
    /// The value as it is stored, from the value as a person writes it.
    ///
    /// # Errors
    /// [`ParameterError`] when the value does not fit the type, or when the parameter is one that
    /// is never stored here; the message says where it lives. Whether a template exists and may be
    /// used is not known here.
    pub fn validate_and_normalise(&self, value: &str) -> Result<String, ParameterError> {
        validate::normalise(self, value)
    }

    /// Whether the parameter may be set at all.
    pub fn is_stored(&self) -> bool {
        self.refusal.is_none()
    }
}

/// The parameter with this number.
pub fn find(number: u16) -> Option<&'static Parameter> {
    PARAMETERS
        .iter()
        .find(|parameter| parameter.number == number)
}

/// Whether a stored flag says yes.
pub fn is_on(value: &str) -> bool {
    value == "S"
}
