//! RFC 9457 answers. The error of a use case has one way out: here.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::headers::language_of;
use crate::texts;
use domain::{
    catalog::{Language, Phrase, Texts},
    diagnostic::{Part, Severity},
};
use service::{Code, Error, Finding};

/// An error as it is answered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `about:blank`: the code says what it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// Short title of the code.
    pub title: String,
    /// The HTTP status, as the answer's own.
    pub status: u16,
    /// Stable code, see `x-error-codes` in this document.
    pub code: String,
    /// What is wrong and what to do.
    pub detail: String,
    /// Every single thing that is wrong, where there is more to say than the code.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub errors: Vec<ProblemFinding>,
    /// Id of this request in the log.
    pub request_id: String,
}

/// One thing that is wrong with what was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProblemFinding {
    /// Code of the rule that was broken, the same in every language.
    pub code: String,
    /// What is wrong, in the caller's language.
    pub message: String,
    /// Field that it is about, by its path in the body.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
    /// The values in the message by name, for a client that words it itself.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub params: BTreeMap<String, String>,
    /// Number of the parameter that it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parameter: Option<u16>,
    /// Language of the template that it is in; none for the template's own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub locale: Option<String>,
    /// How bad it is, of a template.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub severity: Option<Severity>,
    /// Part of the template that it is in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub part: Option<Part>,
    /// Line in the part, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<usize>,
    /// Column in characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub column: Option<usize>,
    /// Length of the marked text in characters (Unicode scalar values).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub length: Option<usize>,
    /// The text it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub found: Option<String>,
    /// What to write instead.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub suggestion: Option<String>,
}

impl ProblemFinding {
    /// The finding in this language.
    pub fn new(finding: &Finding, language: Language) -> Self {
        let place = finding.diagnostic.as_ref();
        Self {
            code: finding.code.clone(),
            message: finding.message.get(language),
            field: finding.field.clone(),
            params: finding.message.params(language),
            parameter: finding.parameter,
            locale: finding.locale.clone(),
            severity: place.map(|place| place.severity),
            part: place.map(|place| place.part),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            length: place.map(|place| place.length),
            found: place.map(|place| place.found.clone()),
            suggestion: place.and_then(|place| place.suggestion.clone()),
        }
    }
}

/// Id of a request: from API Gateway, or made here.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// A kind of problem: what all of its answers have in common.
#[derive(Clone, Copy, Debug)]
pub struct ProblemKind {
    /// Stable code.
    pub code: &'static str,
    /// Status of the answer.
    pub status: StatusCode,
    /// Short title, the same for every occurrence.
    pub title: Texts,
}

impl ProblemKind {
    /// The method is not one of this route: no use case is asked.
    const METHOD_NOT_ALLOWED: Self = Self {
        code: "METHOD_NOT_ALLOWED",
        status: StatusCode::METHOD_NOT_ALLOWED,
        title: texts::problem::METHOD_NOT_ALLOWED,
    };

    /// Every kind: the OpenAPI document lists them.
    pub fn all() -> impl Iterator<Item = Self> {
        let refusals = Code::ALL.iter().map(|code| Self::of(*code));
        refusals.chain([Self::METHOD_NOT_ALLOWED])
    }

    fn of(code: Code) -> Self {
        Self {
            code: code.as_str(),
            status: status(code),
            title: code.title(),
        }
    }
}

/// The status of an answer with this code.
fn status(code: Code) -> StatusCode {
    use Code as C;
    match code {
        C::BodyInvalid | C::RequestInvalid | C::CursorInvalid => StatusCode::BAD_REQUEST,
        C::Unauthenticated => StatusCode::UNAUTHORIZED,
        C::Forbidden | C::PortalWritingOff | C::MessagesOff => StatusCode::FORBIDDEN,
        C::NotFound => StatusCode::NOT_FOUND,
        C::TemplateInUse | C::StateConflict | C::NewerMessage | C::IdempotencyInProgress => {
            StatusCode::CONFLICT
        }
        C::Stale => StatusCode::PRECONDITION_FAILED,
        C::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        C::Invalid
        | C::TemplateInvalid
        | C::TemplateNotFound
        | C::TemplateInactive
        | C::IdentifierInvalid
        | C::IdentifierTaken
        | C::ParameterNotStored
        | C::ValueInvalid
        | C::RecipientNotAllowed
        | C::IdempotencyMismatch => StatusCode::UNPROCESSABLE_ENTITY,
        C::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
        C::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        C::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Why a request was refused, as an answer: the one place where an error of a use case becomes HTTP.
#[derive(Clone, Debug)]
pub enum HttpError {
    /// A use case refused it, or it could not be read.
    Refused(Error),
    /// Its route does not take its method.
    WrongMethod,
}

impl HttpError {
    fn kind(&self) -> ProblemKind {
        match self {
            Self::Refused(error) => ProblemKind::of(error.code),
            Self::WrongMethod => ProblemKind::METHOD_NOT_ALLOWED,
        }
    }

    fn detail(&self) -> Phrase {
        match self {
            Self::Refused(error) => error.detail.clone(),
            Self::WrongMethod => texts::problem::THIS_ROUTE_DOES_NOT_TAKE_THIS_METHOD.phrase(),
        }
    }

    fn refusal(&self) -> Option<&Error> {
        match self {
            Self::Refused(error) => Some(error),
            Self::WrongMethod => None,
        }
    }
}

impl From<Error> for HttpError {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let kind = self.kind();
        let mut response = kind.status.into_response();
        if let Some(seconds) = self.refusal().and_then(|error| error.retry_after) {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if kind.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Gives every request an id, logs what failed, and writes problems in their one form.
pub fn with_problems(router: Router) -> Router {
    router
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn(finish))
}

async fn unknown_route() -> HttpError {
    let detail = texts::problem::THERE_IS_NO_SUCH_ROUTE.phrase();
    Error::new(Code::NotFound, detail).into()
}

async fn wrong_method() -> HttpError {
    HttpError::WrongMethod
}

async fn finish(mut request: Request, next: Next) -> Response {
    let id = match request.extensions().get::<RequestId>() {
        Some(id) => id.clone(),
        None => {
            let id = RequestId(Uuid::now_v7().to_string());
            request.extensions_mut().insert(id.clone());
            id
        }
    };
    let method = request.method().clone();
    let language = language_of(request.headers());
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<Arc<HttpError>>() {
        let kind = error.kind();
        log(kind, error.refusal(), &method, &id);
        let findings = error.refusal().map(|error| error.errors.as_slice());
        let findings = findings.unwrap_or_default().iter();
        let problem = Problem {
            kind: "about:blank".to_owned(),
            title: kind.title.get(language).to_owned(),
            status: kind.status.as_u16(),
            code: kind.code.to_owned(),
            detail: error.detail().get(language),
            errors: findings
                .map(|finding| ProblemFinding::new(finding, language))
                .collect(),
            request_id: id.0.clone(),
        };
        let (mut parts, _) = response.into_parts();
        let (json, body) = Json(problem).into_response().into_parts();
        parts.headers.extend(json.headers);
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.insert(
            header::CONTENT_LANGUAGE,
            HeaderValue::from_static(language.tag()),
        );
        parts.headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response = Response::from_parts(parts, body);
    }
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert("x-request-id", value);
    }
    // Answers hold conversations: no cache on the way keeps them.
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response.headers_mut().insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// Details may quote the caller's own input, so they stay out of the log.
fn log(kind: ProblemKind, refusal: Option<&Error>, method: &http::Method, id: &RequestId) {
    let code = kind.code;
    if kind.status.is_server_error() {
        let cause = refusal.and_then(Error::cause).unwrap_or_default();
        tracing::error!(request_id = %id.0, %method, code, cause, "request failed");
    } else {
        tracing::info!(request_id = %id.0, %method, code, "request refused");
    }
}
