//! Mails that were not let in.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use http::StatusCode;
use serde::Deserialize;
use shared::{
    app::{
        App, Code, Error,
        inbound::{self, Accept, Accepted, Mail, MailStatus},
    },
    http::{
        body::{self, Unread},
        caller::{DeskPeople, Only},
        page::{Page, PageParameters, PageRequest},
        path::Segments,
        respond::Answer,
    },
};
use utoipa::IntoParams;

/// Which mails are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Status; `quarantined` when absent.
    status: Option<MailStatus>,
}

/// Replies that were not let in, newest first; with `status` what is no conversation, or what was
/// let in. A technician sees those of their tickets.
#[utoipa::path(get, path = "/quarantine", tag = "quarantine", params(Wanted, PageParameters),
    responses((status = 200, body = Page<Mail>)))]
pub(crate) async fn list(
    State(app): State<App>,
    Only { caller, .. }: Only<DeskPeople>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    page: PageRequest,
) -> Result<Json<Page<Mail>>, Error> {
    let Query(wanted) = wanted.map_err(|_| {
        Error::new(
            Code::RequestInvalid,
            "status is quarantined, ignored or accepted.",
        )
    })?;
    let status = wanted.status.unwrap_or(MailStatus::Quarantined);
    let scope = ["quarantine", status.name()];
    let after = page.after(&scope)?;
    let (items, next) = inbound::list(&app, &caller, status, page.limit, after).await?;
    Ok(Json(page.page(&scope, items, next)))
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
