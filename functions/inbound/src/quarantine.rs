//! Mails that were not let in.

use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use shared::{
    app::{
        App, Error,
        inbound::{self, Accept, Accepted, Mail, MailStatus},
    },
    catalog::Language,
    http::{
        body::{self, Unread},
        caller::{DeskPeople, Only},
        page::{Page, PageParameters, PageRequest},
        path::Segments,
        precondition::Headers,
        query::Query,
        respond::Answer,
    },
};
use utoipa::{IntoParams, ToSchema};

/// Which mails are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Status; `quarantined` when absent.
    status: Option<MailStatus>,
}

/// A mail as it is listed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listed {
    /// The mail.
    #[serde(flatten)]
    mail: Mail,
    /// What the reason means and what to do, in the caller's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_text: Option<&'static str>,
}

impl Listed {
    fn new(mail: Mail, language: Language) -> Self {
        let words = mail.reason.as_deref().and_then(inbound::reason_words);
        Self {
            reason_text: words.map(|words| words.get(language)),
            mail,
        }
    }
}

/// Replies that were not let in, newest first; with `status` what is no conversation, or what was
/// let in. A technician sees those of their tickets.
#[utoipa::path(get, path = "/quarantine", tag = "quarantine", params(Wanted, PageParameters, ("accept-language" = Option<String>, Header)),
    responses((status = 200, body = Page<Listed>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Only { caller, .. }: Only<DeskPeople>,
    headers: Headers,
    Query(wanted): Query<Wanted>,
    page: PageRequest,
) -> Result<Json<Page<Listed>>, Error> {
    let status = wanted.status.unwrap_or(MailStatus::Quarantined);
    let scope = ["quarantine", status.name()];
    let after = page.after(&scope)?;
    let rows = inbound::list(&app, &caller, status, page.limit, after).await?;
    let rows = rows.map(|mail| Listed::new(mail, headers.language()));
    Ok(Json(page.page(&scope, rows)))
}

/// Lets a mail in as a message of its sender. Doing it again answers the same.
#[utoipa::path(post, path = "/quarantine/{mail}/accept", tag = "quarantine", request_body = Option<Accept>,
    params(("mail" = String, Path)), responses((status = 202, body = Accepted, headers(("location" = String)))))]
pub(crate) async fn accept(
    State(app): State<App>,
    Only { caller, .. }: Only<DeskPeople>,
    Segments(mail): Segments<String>,
    Unread(bytes): Unread,
) -> Result<Answer<Accepted>, Error> {
    let wanted = if bytes.trim_ascii().is_empty() {
        Accept::default()
    } else {
        body::parse(&bytes)?
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
