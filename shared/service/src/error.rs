//! The one error of the use cases: a stable code, words for the caller, and what to log.

use std::{fmt, sync::Arc};

use domain::{
    catalog::{Language, Phrase, Texts},
    characters::is_one_line,
    diagnostic::Diagnostic,
};
use storage::StorageError;

use crate::texts;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:ident;)*) => {
        /// Stable codes of what is refused, whoever asks: part of the contract of the API, which gives each
        /// its status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in the order of the table: the OpenAPI document lists them.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];
            /// The code as it stands in an answer.
            pub fn as_str(self) -> &'static str { match self { $(Code::$variant => stringify!($text),)* } }
            /// Short title, the same for every occurrence.
            pub fn title(self) -> Texts { match self { $(Code::$variant => texts::codes::$text,)* } }
        }
    };
}

codes! {
    /// The body is not JSON, or a field has the wrong type.
    BodyInvalid = BODY_INVALID;
    /// A query parameter, header or path segment cannot be read.
    RequestInvalid = REQUEST_INVALID;
    /// A cursor that this list did not give.
    CursorInvalid = CURSOR_INVALID;
    /// No token, or a bad one.
    Unauthenticated = UNAUTHENTICATED;
    /// The caller's role may not do this.
    Forbidden = FORBIDDEN;
    /// Parameter 252 is off.
    PortalWritingOff = PORTAL_WRITING_OFF;
    /// Parameter 299 is off.
    MessagesOff = MESSAGES_OFF;
    /// No such thing, or none that the caller may see.
    NotFound = NOT_FOUND;
    /// The template is named by a parameter.
    TemplateInUse = TEMPLATE_IN_USE;
    /// The state of the thing does not allow this.
    StateConflict = STATE_CONFLICT;
    /// Somebody wrote after the message that the author has seen.
    NewerMessage = NEWER_MESSAGE;
    /// The same idempotency key is being worked on.
    IdempotencyInProgress = IDEMPOTENCY_IN_PROGRESS;
    /// The change was made for an older state.
    Stale = STALE;
    /// The body is over the limit.
    TooLarge = TOO_LARGE;
    /// Understood, and not acceptable: see `errors`.
    Invalid = INVALID;
    /// The template has errors: see `errors`.
    TemplateInvalid = TEMPLATE_INVALID;
    /// A parameter, draft or test mail names a template that is not there.
    TemplateNotFound = TEMPLATE_NOT_FOUND;
    /// The template is inactive.
    TemplateInactive = TEMPLATE_INACTIVE;
    /// The identifier is too long, empty or has spaces.
    IdentifierInvalid = IDENTIFIER_INVALID;
    /// Another template has the identifier.
    IdentifierTaken = IDENTIFIER_TAKEN;
    /// The parameter is kept elsewhere, or nowhere.
    ParameterNotStored = PARAMETER_NOT_STORED;
    /// The value does not fit the parameter.
    ValueInvalid = VALUE_INVALID;
    /// A test mail may go to the allow-list only.
    RecipientNotAllowed = RECIPIENT_NOT_ALLOWED;
    /// The idempotency key was used with another body.
    IdempotencyMismatch = IDEMPOTENCY_MISMATCH;
    /// The change of an existing thing does not say which state it was made for.
    PreconditionRequired = PRECONDITION_REQUIRED;
    /// A fault on our side; the log has it under the request id.
    Internal = INTERNAL;
    /// Storage is busy or away: asking again may succeed.
    Unavailable = UNAVAILABLE;
}

/// Why a use case did not do what was asked.
#[derive(Clone, Debug)]
pub struct Error {
    /// What kind of refusal it is: part of the API's contract.
    pub code: Code,
    /// What is wrong and what to do, for the caller; no personal data of others, no internals.
    pub detail: Phrase,
    /// Every single thing that is wrong, where more than the code can be said.
    pub errors: Vec<Finding>,
    /// Seconds after which asking again makes sense.
    pub retry_after: Option<u32>,
    /// Where it came from, for the log alone.
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// One thing that is wrong with what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Code of the rule that was broken: part of the API's contract.
    pub code: String,
    /// Field that it is about, by its path in the body.
    pub field: Option<String>,
    /// What is wrong and what would be right.
    pub message: Phrase,
    /// Parameter that it is about.
    pub parameter: Option<u16>,
    /// Where in a template it is.
    pub diagnostic: Option<Diagnostic>,
    /// In which language of the template.
    pub locale: Option<String>,
}

impl Finding {
    /// A finding about no field.
    pub fn new(code: &str, message: Phrase) -> Self {
        Self {
            code: code.to_owned(),
            field: None,
            message,
            parameter: None,
            diagnostic: None,
            locale: None,
        }
    }

    /// What is wrong in a template, and in which of its languages.
    pub fn of_template(diagnostic: &Diagnostic, locale: Option<&str>) -> Self {
        Self {
            diagnostic: Some(diagnostic.clone()),
            locale: locale.map(str::to_owned),
            ..Self::new(&diagnostic.code, diagnostic.phrase())
        }
    }
}

/// What was not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// A ticket.
    Ticket,
    /// A message of a ticket.
    Message,
    /// A mail to one recipient.
    Delivery,
    /// An e-mail template.
    Template,
    /// A file of a message.
    File,
    /// A mail that came in.
    Mail,
    /// A suppressed address.
    Suppression,
    /// The identity of a contract.
    Identity,
    /// A text that agents write again and again.
    CannedAnswer,
    /// A file that is offered for a message.
    Upload,
}

impl Noun {
    fn phrase(self) -> Phrase {
        let noun = match self {
            Self::Ticket => texts::error::TICKET,
            Self::Message => texts::error::MESSAGE,
            Self::Delivery => texts::error::DELIVERY,
            Self::Template => texts::error::TEMPLATE,
            Self::File => texts::error::FILE,
            Self::Mail => texts::error::MAIL,
            Self::Suppression => texts::error::SUPPRESSION,
            Self::Identity => texts::error::IDENTITY,
            Self::CannedAnswer => texts::error::CANNED_ANSWER,
            Self::Upload => texts::error::UPLOAD,
        };
        noun.phrase()
    }
}

/// Result of a use case.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with words for the caller.
    pub fn new(code: Code, detail: Phrase) -> Self {
        Self {
            code,
            detail,
            errors: Vec::new(),
            retry_after: None,
            source: None,
        }
    }

    /// The same with its findings.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<Finding>) -> Self {
        self.errors = errors;
        self
    }

    /// The same, come from another error or for a reason that the caller is not told.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// What the log gets of where it came from.
    pub fn cause(&self) -> Option<String> {
        self.source.as_ref().map(ToString::to_string)
    }

    /// A thing that does not exist, or that the caller may not see: the two answer alike.
    pub fn not_found(what: Noun) -> Self {
        Self::new(
            Code::NotFound,
            texts::error::THERE_IS_NO_SUCH_OR_YOU_MAY.with_phrase("what", what.phrase()),
        )
    }

    /// Others changed the same at once, for longer than it is worth to wait.
    pub(crate) fn busy() -> Self {
        let mut error = Self::new(
            Code::Unavailable,
            texts::error::TOO_MANY_CHANGES_AT_ONCE.phrase(),
        );
        error.retry_after = Some(1);
        error
    }

    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self.code, Code::Unavailable | Code::IdempotencyInProgress)
    }

    /// The detail in this language.
    pub fn detail(&self, language: Language) -> String {
        self.detail.get(language)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<StorageError> for Error {
    fn from(error: StorageError) -> Self {
        let (code, detail) = match &error {
            StorageError::TooLarge { .. } => (
                Code::Invalid,
                texts::error::IT_IS_TOO_LARGE_TO_BE_STORED.phrase(),
            ),
            StorageError::Busy(_)
            | StorageError::Contended(_)
            | StorageError::Unknown(_)
            | StorageError::Conflict { .. } => {
                (Code::Unavailable, texts::error::STORAGE_IS_BUSY.phrase())
            }
            StorageError::Position => (Code::CursorInvalid, foreign_cursor()),
            StorageError::Limit(_)
            | StorageError::Corrupt { .. }
            | StorageError::Unusable(_)
            | StorageError::Unopened { .. } => (
                Code::Internal,
                texts::error::THE_REQUEST_COULD_NOT_BE_COMPLETED.phrase(),
            ),
        };
        let mut converted = Self::new(code, detail);
        converted.retry_after = converted.is_retryable().then_some(1);
        converted.because(error)
    }
}

/// What is said of a cursor that is not of the list it was given to.
pub fn foreign_cursor() -> Phrase {
    texts::error::USE_THE_NEXT_CURSOR_OF_THIS_VERY_LIST.phrase()
}

/// Most unknown fields of a body, and most other findings in reading it, that are told.
pub(crate) const MAX_FINDINGS: usize = 50;

/// Findings collected before anything is refused, so that the caller sees all of them at once.
#[derive(Clone, Debug, Default)]
pub struct Findings(Vec<Finding>);

impl From<Vec<Finding>> for Findings {
    fn from(found: Vec<Finding>) -> Self {
        Self(found)
    }
}

impl Findings {
    /// Adds a finding about a field, named by its path in the body.
    pub fn add(&mut self, code: &str, field: &str, message: Phrase) {
        self.0.push(Finding {
            field: Some(field.to_owned()),
            ..Finding::new(code, message)
        });
    }

    /// Adds a finding when the text is longer than `max` characters.
    pub fn max_chars(&mut self, field: &str, text: &str, max: usize) {
        if text.chars().count() > max {
            let message = texts::error::AT_MOST_CHARACTERS.phrase();
            self.add("TOO_LONG", field, message.with("max", max));
        }
    }

    /// Adds a finding when a text that stands on one line has more, or a control character.
    pub fn one_line(&mut self, field: &str, text: &str) {
        if !is_one_line(text) {
            let message = texts::error::ONE_LINE.phrase();
            self.add("CONTROL_CHARACTER", field, message);
        }
    }

    /// Adds what another check found.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Code of the first finding.
    pub fn first_code(&self) -> Option<&str> {
        self.0.first().map(|finding| finding.code.as_str())
    }

    /// The findings, for an answer that is not an error.
    pub fn into_values(self) -> Vec<Finding> {
        self.0
    }

    /// Ends the check: an error of `code` when there is any finding.
    ///
    /// # Errors
    /// When something was found.
    pub fn finish(self, code: Code) -> Result<()> {
        let detail = match self.0.as_slice() {
            [] => return Ok(()),
            [one] => texts::error::FIELD_AND_MESSAGE
                .with("field", one.field.as_deref().unwrap_or_default())
                .with_phrase("message", one.message.clone()),
            many => see_errors(many.len(), many.len() < MAX_FINDINGS),
        };
        Err(Error::new(code, detail).with_errors(self.0))
    }
}

/// How many findings there are; `all` when there can be no more.
pub(crate) fn see_errors(count: usize, all: bool) -> Phrase {
    let text = match all {
        true => texts::error::FINDINGS_SEE_ERRORS,
        false => texts::error::SOME_FINDINGS_SEE_ERRORS,
    };
    text.with("count", count)
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn where_an_error_came_from_is_kept_for_the_log_and_not_told() {
        let error = Error::from(StorageError::Limit("a rule of storage".to_owned()));
        let source = error.source().and_then(|source| source.downcast_ref());
        assert!(matches!(source, Some(StorageError::Limit(_))));
        assert_eq!(error.cause(), source.map(ToString::to_string));
        assert!(!error.to_string().contains("rule"));
    }

    #[test]
    fn every_code_has_a_title_in_every_language() {
        for code in Code::ALL {
            let titles = Language::ALL.map(|language| code.title().get(language));
            assert!(titles.iter().all(|title| !title.is_empty()), "{code:?}");
            assert_ne!(titles[0], titles[1], "{code:?}");
            assert_ne!(titles[2], titles[1], "{code:?}");
        }
    }
}
