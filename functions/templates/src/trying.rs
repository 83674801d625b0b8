//! Routes that try a template and store nothing: validation, preview, test mails.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use domain::{diagnostic::Severity, id::TemplateId, source::Syntax, template::Status};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::{
    App,
    admin::templates::{self, Draft, Strictness},
    api::{DiagnosticView, SourceFields, TemplateFields, VariantFields},
    outgoing::{
        previews::{self, Preview},
        test_mails::{self, TestMail, TestMails},
    },
};
use utoipa::ToSchema;
use web::{
    body::{Fields, MAX_TEMPLATE_BODY, TemplateBody},
    caller::{Administrators, Agents, Only},
    headers::Headers,
    path::Segments,
    problem::HttpError,
    respond::Answer,
};

/// Body of a validation: what a save would take fits here too.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Unchecked {
    /// Short name; whether it is free is found when the template is saved.
    #[serde(default)]
    identifier: String,
    /// Whether it may be used.
    #[serde(default)]
    status: Status,
    /// Why it is changed.
    #[serde(default)]
    comment: String,
    /// Subject of the mail, keys allowed.
    #[serde(default)]
    title: String,
    /// HTML body, with keys.
    #[serde(default)]
    html: String,
    /// Text body; derived from the HTML when absent.
    #[serde(default)]
    text: Option<String>,
    /// In which language it is written.
    #[serde(default)]
    syntax: Syntax,
    /// Other languages by BCP 47 tag.
    #[serde(default)]
    locales: BTreeMap<String, VariantFields>,
}

/// Answer of a validation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Validation {
    /// Whether it could be saved.
    valid: bool,
    /// Everything that was found, errors and warnings.
    diagnostics: Vec<DiagnosticView>,
}

/// Everything that is wrong with a template, without saving it.
#[utoipa::path(post, path = "/templates/validate", tag = "templates", request_body = Unchecked,
    responses((status = 200, body = Validation)))]
pub(crate) async fn validate(
    _admin: Only<Administrators>,
    headers: Headers,
    body: TemplateBody<Unchecked>,
) -> Result<Json<Validation>, HttpError> {
    let Unchecked {
        identifier,
        status,
        title,
        html,
        text,
        syntax,
        locales,
        comment,
    } = body.value;
    let draft = Draft::from(TemplateFields {
        identifier,
        status,
        source: SourceFields {
            syntax,
            title,
            html,
            text,
        },
        locales,
        comment,
        id: None,
    });
    templates::acceptable_locales(&draft)?;
    let diagnostics: Vec<_> = templates::diagnose(&draft, Strictness::Strict)
        .into_iter()
        .map(|(_, found)| found.in_language(headers.language()).into())
        .collect();
    let valid = diagnostics
        .iter()
        .all(|found: &DiagnosticView| found.severity != Severity::Error);
    Ok(Json(Validation { valid, diagnostics }))
}

/// The mail that a template makes of a ticket or of sample values, byte for byte; nothing is sent.
#[utoipa::path(post, path = "/templates/preview", tag = "templates", request_body = previews::Request,
    responses((status = 200, body = Preview)))]
pub(crate) async fn preview(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    headers: Headers,
    body: Fields<previews::Request, MAX_TEMPLATE_BODY>,
) -> Result<Json<Preview>, HttpError> {
    let app = app.having(body.unknown);
    let preview = previews::preview(&app, &caller, &body.value, headers.language()).await?;
    Ok(Json(preview))
}

/// Sends the template, or a draft of it, filled with sample values or those of a ticket, to the
/// caller's own address or one of `TEST_RECIPIENTS`.
#[utoipa::path(post, path = "/templates/{id}/test", tag = "templates", request_body = test_mails::Request,
    params(("id" = u64, Path), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = TestMail)))]
pub(crate) async fn send_test(
    State(mails): State<TestMails>,
    Only { caller, .. }: Only<Administrators>,
    Segments(id): Segments<TemplateId>,
    headers: Headers,
    body: TemplateBody<test_mails::Request>,
) -> Result<Answer<TestMail>, HttpError> {
    let route = format!("POST /templates/{id}/test");
    let once = headers.once(&caller, &route, &body.bytes)?;
    let sent = mails
        .send(&caller, Some(id), &body.value, once.as_ref())
        .await?;
    let (mail, replayed) = sent.into_parts();
    Ok(Answer::new(StatusCode::OK, mail).replayed(replayed))
}

/// Sends a template that is not stored yet, as `POST /templates/{id}/test` does.
#[utoipa::path(post, path = "/templates/test", tag = "templates", request_body = test_mails::Request,
    params(("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = TestMail)))]
pub(crate) async fn send_draft(
    State(mails): State<TestMails>,
    Only { caller, .. }: Only<Administrators>,
    headers: Headers,
    body: TemplateBody<test_mails::Request>,
) -> Result<Answer<TestMail>, HttpError> {
    let once = headers.once(&caller, "POST /templates/test", &body.bytes)?;
    let sent = mails
        .send(&caller, None, &body.value, once.as_ref())
        .await?;
    let (mail, replayed) = sent.into_parts();
    Ok(Answer::new(StatusCode::OK, mail).replayed(replayed))
}
