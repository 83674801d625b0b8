//! Mails that were not let in.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{catalog::Language, id::MailId};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use service::{
    App,
    access::Caller,
    api::MailView,
    inbound::{self, Accept, Accepted, Dismiss, MailCounts, MailDetails, MailLink, MailStatus},
    json,
};
use utoipa::{IntoParams, ToSchema};
use web::{
    body::Unread,
    caller::{Agents, Only},
    headers::Headers,
    page::{Page, PageParameters, PageRequest},
    path::Segments,
    problem::HttpError,
    query::Query,
    respond::Answer,
};

/// Which mails are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Status; `quarantined` when absent.
    status: Option<MailStatus>,
}

/// A mail as it is listed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listed {
    /// The record of the mail; its fields stand beside the others.
    #[serde(flatten)]
    mail: MailView,
    /// What the reason means and what to do, in the caller's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_text: Option<&'static str>,
}

impl Listed {
    fn new(mail: MailView, language: Language) -> Self {
        let words = mail.reason_words();
        Self {
            reason_text: words.map(|words| words.get(language)),
            mail,
        }
    }
}

/// A mail with everything that helps to decide about it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Detailed {
    /// The mail in full; its fields stand beside the others.
    #[serde(flatten)]
    details: MailDetails,
    /// What the reason means and what to do, in the caller's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_text: Option<&'static str>,
}

/// Replies that were not let in, newest first; with `status` what is not a conversation, what was let
/// in, or what was dismissed. A technician sees those of their tickets.
#[utoipa::path(get, path = "/quarantine", tag = "quarantine", params(ListQuery, PageParameters, ("accept-language" = Option<String>, Header)),
    responses((status = 200, body = Page<Listed>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    headers: Headers,
    Query(wanted): Query<ListQuery>,
    page: PageRequest,
) -> Result<Json<Page<Listed>>, HttpError> {
    let status = wanted.status.unwrap_or(MailStatus::Quarantined);
    let scope = ["quarantine", status.name()];
    let after = page.after(&scope)?;
    let rows = inbound::list(&app, &caller, status, page.limit, after).await?;
    let rows = rows.map(|mail| Listed::new(mail, headers.language()));
    Ok(Json(page.page(&scope, rows)))
}

/// How many replies wait, and why. A technician's are counted up to a thousand.
#[utoipa::path(get, path = "/quarantine/counts", tag = "quarantine", responses((status = 200, body = MailCounts)))]
pub(crate) async fn counts(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
) -> Result<Json<MailCounts>, HttpError> {
    Ok(Json(inbound::counts(&app, &caller).await?))
}

/// One mail, whole: its text, its files, what the receiving server found out, and who would get mail
/// if it were let in.
#[utoipa::path(get, path = "/quarantine/{mail}", tag = "quarantine",
    params(("mail" = String, Path), ("accept-language" = Option<String>, Header)), responses((status = 200, body = Detailed)))]
pub(crate) async fn read(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    Segments(mail): Segments<MailId>,
    headers: Headers,
) -> Result<Json<Detailed>, HttpError> {
    let details = inbound::details(&app, &caller, &mail).await?;
    let words = details.mail.reason_words();
    Ok(Json(Detailed {
        reason_text: words.map(|words| words.get(headers.language())),
        details,
    }))
}

/// A link to the mail as it came, good for five minutes. Never for a mail with a virus; one that holds
/// links of ours an administrator takes.
#[utoipa::path(get, path = "/quarantine/{mail}/original", tag = "quarantine",
    params(("mail" = String, Path)), responses((status = 200, body = MailLink)))]
pub(crate) async fn original(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    Segments(mail): Segments<MailId>,
) -> Result<Response, HttpError> {
    linked(&app, &caller, &mail, inbound::MailFile::Original).await
}

/// A link to a file of the mail, by its place from 0, good for five minutes. Never for a
/// mail with a virus.
#[utoipa::path(get, path = "/quarantine/{mail}/files/{number}", tag = "quarantine",
    params(("mail" = String, Path), ("number" = u16, Path)), responses((status = 200, body = MailLink)))]
pub(crate) async fn file(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    Segments((mail, number)): Segments<(MailId, u16)>,
) -> Result<Response, HttpError> {
    linked(&app, &caller, &mail, inbound::MailFile::File(number)).await
}

async fn linked(
    app: &App,
    caller: &Caller,
    mail: &MailId,
    wanted: inbound::MailFile,
) -> Result<Response, HttpError> {
    let link = inbound::link(app, caller, mail, wanted).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(link)).into_response())
}

/// Takes a mail off the list, with a reason that is kept. Doing it again answers the same.
#[utoipa::path(post, path = "/quarantine/{mail}/dismiss", tag = "quarantine", request_body = Dismiss,
    params(("mail" = String, Path), ("accept-language" = Option<String>, Header)), responses((status = 200, body = Listed)))]
pub(crate) async fn dismiss(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    Segments(mail): Segments<MailId>,
    headers: Headers,
    Unread(bytes): Unread,
) -> Result<Answer<Listed>, HttpError> {
    let (wanted, unknown) = json::parse_fields(&bytes)?;
    let app = app.having(unknown);
    let outcome = inbound::dismiss(&app, &caller, &mail, &wanted).await?;
    let (mail, replayed) = outcome.into_parts();
    Ok(Answer::new(StatusCode::OK, Listed::new(mail, headers.language())).replayed(replayed))
}

/// Lets a mail in as a message of its sender. Doing it again answers the same.
#[utoipa::path(post, path = "/quarantine/{mail}/accept", tag = "quarantine", request_body = Option<Accept>,
    params(("mail" = String, Path)), responses((status = 202, body = Accepted, headers(("location" = String)))))]
pub(crate) async fn accept(
    State(app): State<App>,
    Only { caller, .. }: Only<Agents>,
    Segments(mail): Segments<MailId>,
    Unread(bytes): Unread,
) -> Result<Answer<Accepted>, HttpError> {
    let wanted = if bytes.trim_ascii().is_empty() {
        Accept::default()
    } else {
        json::parse(&bytes)?
    };
    let outcome = inbound::accept(&app, &caller, &mail, &wanted).await?;
    let (accepted, replayed) = outcome.into_parts();
    let location = format!(
        "/tickets/{}/messages/{}",
        accepted.ticket_id, accepted.message_id
    );
    Ok(Answer::new(StatusCode::ACCEPTED, accepted)
        .location(location)
        .replayed(replayed))
}
