//! The one error of the use cases: a stable code, words for the caller, and what to log.

use std::fmt;

use serde_json::Value;

use crate::store::StorageError;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal, $title:literal;)*) => {
        /// Stable error codes of the HTTP API. Each has one status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in the order of the table: the OpenAPI document lists them.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];
            /// The code as it stands in an answer.
            pub fn as_str(self) -> &'static str { match self { $(Code::$variant => $text,)* } }
            /// HTTP status.
            pub fn status(self) -> u16 { match self { $(Code::$variant => $status,)* } }
            /// Short title, the same for every occurrence.
            pub fn title(self) -> &'static str { match self { $(Code::$variant => $title,)* } }
        }
    };
}

codes! {
    /// The body is not JSON, or a field has the wrong type.
    BodyInvalid = "BODY_INVALID", 400, "The body cannot be read";
    /// A query parameter, header or path segment cannot be read.
    RequestInvalid = "REQUEST_INVALID", 400, "The request cannot be read";
    /// A cursor that this list did not give.
    CursorInvalid = "CURSOR_INVALID", 400, "The cursor does not belong to this list";
    /// No token, or a bad one.
    Unauthenticated = "UNAUTHENTICATED", 401, "A valid token is required";
    /// The caller's role may not do this.
    Forbidden = "FORBIDDEN", 403, "Your role may not do this";
    /// Parameter 252 is off.
    PortalWritingOff = "PORTAL_WRITING_OFF", 403, "Writing from the portal is switched off";
    /// Parameter 299 is off.
    MessagesOff = "MESSAGES_OFF", 403, "Message exchange is switched off";
    /// No such thing, or none that the caller may see.
    NotFound = "NOT_FOUND", 404, "Not found";
    /// The method is not one of this route.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", 405, "Method not allowed";
    /// The template is named by a parameter.
    TemplateInUse = "TEMPLATE_IN_USE", 409, "The template is in use";
    /// The state of the thing does not allow this.
    StateConflict = "STATE_CONFLICT", 409, "The present state does not allow this";
    /// The same idempotency key is being worked on.
    IdempotencyInProgress = "IDEMPOTENCY_IN_PROGRESS", 409, "The same request is in progress";
    /// `If-Match` names an older state.
    Stale = "STALE", 412, "Somebody changed it in the meantime";
    /// The body is over the limit.
    TooLarge = "TOO_LARGE", 413, "The body is too large";
    /// Understood, and not acceptable: see `errors`.
    Invalid = "INVALID", 422, "Not acceptable";
    /// The template has errors: see `errors`.
    TemplateInvalid = "TEMPLATE_INVALID", 422, "The template has errors";
    /// No such template.
    TemplateNotFound = "TEMPLATE_NOT_FOUND", 422, "There is no such template";
    /// The template is inactive.
    TemplateInactive = "TEMPLATE_INACTIVE", 422, "The template is inactive";
    /// The identifier is too long, empty or has spaces.
    IdentifierInvalid = "IDENTIFIER_INVALID", 422, "The identifier is not acceptable";
    /// Another template has the identifier.
    IdentifierTaken = "IDENTIFIER_TAKEN", 422, "The identifier is taken";
    /// The parameter is kept elsewhere, or nowhere.
    ParameterNotStored = "PARAMETER_NOT_STORED", 422, "This parameter is not stored here";
    /// The value does not fit the parameter.
    ValueInvalid = "VALUE_INVALID", 422, "The value is not acceptable";
    /// A test mail may go to the allow-list only.
    RecipientNotAllowed = "RECIPIENT_NOT_ALLOWED", 422, "Test mail may not go to this address";
    /// The idempotency key was used with another body.
    IdempotencyMismatch = "IDEMPOTENCY_MISMATCH", 422, "The idempotency key was used for another request";
    /// A change of an existing thing needs `If-Match`.
    PreconditionRequired = "PRECONDITION_REQUIRED", 428, "If-Match is required";
    /// A fault on our side; the log has it under the request id.
    Internal = "INTERNAL", 500, "Something failed on our side";
    /// Storage is busy or away: asking again may succeed.
    Unavailable = "UNAVAILABLE", 503, "Try again shortly";
}

/// Why a use case did not do what was asked.
#[derive(Clone, Debug)]
pub struct Error {
    /// Stable code.
    pub code: Code,
    /// What is wrong and what to do, for the caller; no personal data of others, no internals.
    pub detail: String,
    /// Every finding, each an object with `code` and `message` at least.
    pub errors: Vec<Value>,
    /// Seconds after which asking again makes sense.
    pub retry_after: Option<u32>,
    /// For the log alone.
    pub cause: Option<String>,
}

/// Result of a use case.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with words for the caller.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            cause: None,
        }
    }

    /// The same with its findings.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<Value>) -> Self {
        self.errors = errors;
        self
    }

    /// A thing that does not exist, or that the caller may not see: the two answer alike.
    pub fn not_found(what: &str) -> Self {
        Self::new(
            Code::NotFound,
            format!("There is no such {what}, or you may not see it."),
        )
    }

    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self.code, Code::Unavailable | Code::IdempotencyInProgress)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl std::error::Error for Error {}

impl From<StorageError> for Error {
    fn from(error: StorageError) -> Self {
        let (code, detail) = match &error {
            StorageError::TooLarge { .. } => (
                Code::Invalid,
                "It is too large to be stored: shorten it (about 380 KB are stored at most).",
            ),
            StorageError::Busy(_) | StorageError::Unknown(_) | StorageError::Conflict { .. } => (
                Code::Unavailable,
                "Storage is busy. Send the same request again.",
            ),
            StorageError::Position => (
                Code::CursorInvalid,
                "Use the next_cursor of this very list, or none to start again.",
            ),
            StorageError::Limit(_) | StorageError::Corrupt { .. } | StorageError::Unusable(_) => (
                Code::Internal,
                "The request could not be completed. The log has the reason under the request id.",
            ),
        };
        let mut converted = Self::new(code, detail);
        converted.retry_after = converted.is_retryable().then_some(1);
        converted.cause = Some(error.to_string());
        converted
    }
}

/// Findings collected before anything is refused, so that the caller sees all of them at once.
#[derive(Debug, Default)]
pub struct Findings(Vec<Value>);

impl Findings {
    /// Adds a finding about a field, named by its path in the body.
    pub fn add(&mut self, code: &str, field: &str, message: impl Into<String>) {
        self.0
            .push(serde_json::json!({ "code": code, "field": field, "message": message.into() }));
    }

    /// Adds a finding when the text is longer than `max` characters.
    pub fn max_chars(&mut self, field: &str, text: &str, max: usize) {
        if text.chars().count() > max {
            self.add("TOO_LONG", field, format!("at most {max} characters"));
        }
    }

    /// Code of the first finding.
    pub fn first_code(&self) -> Option<&str> {
        self.0.first().map(|finding| text(finding, "code"))
    }

    /// The findings alone.
    pub fn into_values(self) -> Vec<Value> {
        self.0
    }

    /// Ends the check: an error of `code` when there is any finding.
    ///
    /// # Errors
    /// When something was found.
    pub fn finish(self, code: Code) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let detail = match self.0.as_slice() {
            [one] => format!("{}: {}", text(one, "field"), text(one, "message")),
            many => format!("{} findings, see errors.", many.len()),
        };
        Err(Error::new(code, detail).with_errors(self.0))
    }
}

fn text<'a>(finding: &'a Value, name: &str) -> &'a str {
    finding
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}
