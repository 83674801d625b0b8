//! HTTP edge of the tickets: snapshots, the conversation, delivery results; the page behind the
//! links of a mail.

mod attention;
mod canned_answers;
mod conversation;
mod deliveries;
mod links;
mod me;
mod statistics;
mod suppressions;
mod texts;
mod uploads;

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post, put},
};
use domain::{delivery::Delivery, id::TicketId, legacy};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::{
    App,
    api::MessageView,
    desk::{
        explain::DeliveryReport,
        messages::{self, MessagePreview, NewMessage, Posted},
        tickets::{self, Filter, Of, TicketChanges, TicketFields, TicketRow, TicketView},
    },
    json,
};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;
use web::{
    body::Body,
    caller::{Only, People, SnapshotWriters, Writers},
    headers::Headers,
    page::{Page, PageParameters, PageRequest},
    path::Segments,
    problem::{HttpError, ProblemFinding},
    query::{Query, documented},
    respond::Answer,
};

/// The routes of this function.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/me", get(me::me))
        .route(
            "/me/preferences",
            get(me::preferences).put(me::set_preferences),
        )
        .route("/statistics", get(statistics::read))
        .route("/tickets", get(list))
        .route("/tickets/changes", get(changes))
        .route("/tickets/{id}", get(read).put(store))
        .route(
            "/tickets/{id}/messages",
            get(conversation::list).post(post_message),
        )
        .route("/tickets/{id}/read", put(conversation::mark_read))
        .route("/tickets/{id}/uploads", post(uploads::offer))
        .route("/uploads/{token}", put(uploads::receive))
        .route("/tickets/{id}/messages/preview", post(preview_message))
        .route(
            "/tickets/{id}/messages/{message}",
            get(read_message).delete(withdraw_message),
        )
        .route(
            "/tickets/{id}/messages/{message}/explain",
            get(deliveries::explain),
        )
        .route(
            "/tickets/{id}/messages/{message}/deliveries/{delivery}/resend",
            post(deliveries::resend),
        )
        .route(
            "/tickets/{id}/messages/{message}/deliveries/{delivery}/dismiss",
            post(attention::dismiss),
        )
        .route("/deliveries", get(attention::list))
        .route("/deliveries/counts", get(attention::counts))
        .route("/deliveries/dismiss", post(attention::dismiss_many))
        .route(
            "/snippets",
            get(canned_answers::list).post(canned_answers::create),
        )
        .route(
            "/snippets/{snippet}",
            get(canned_answers::read)
                .put(canned_answers::update)
                .delete(canned_answers::remove),
        )
        .route("/deliveries/resend", post(deliveries::resend_many))
        .route(
            "/suppressions",
            get(suppressions::list).post(suppressions::add),
        )
        .route(
            "/suppressions/{address}",
            get(suppressions::read).delete(suppressions::lift),
        )
        .route("/links/{token}", get(links::show).post(links::act))
        .layer(documented::<Document>())
        .with_state(app)
}

/// What this function adds to the OpenAPI document.
#[derive(Debug, OpenApi)]
#[openapi(paths(
    list,
    changes,
    read,
    store,
    me::me,
    me::preferences,
    me::set_preferences,
    statistics::read,
    conversation::list,
    conversation::mark_read,
    post_message,
    read_message,
    preview_message,
    withdraw_message,
    uploads::offer,
    uploads::receive,
    deliveries::explain,
    deliveries::resend,
    attention::dismiss,
    attention::list,
    attention::counts,
    attention::dismiss_many,
    canned_answers::list,
    canned_answers::create,
    canned_answers::read,
    canned_answers::update,
    canned_answers::remove,
    deliveries::resend_many,
    suppressions::list,
    suppressions::read,
    suppressions::add,
    suppressions::lift,
    links::show,
    links::act
))]
pub struct Document;

/// Which tickets a list takes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// A number, the beginning of one, the requester's address, or a part of their name, of the
    /// service or of the activity. Words of messages and descriptions are not searched.
    q: Option<String>,
    /// Only those of this status.
    status: Option<String>,
    /// Only those with messages that the caller has not read (`true`), or without.
    unread: Option<bool>,
    /// `me`: those that the caller takes part in; `group`: those of their groups.
    #[param(inline)]
    of: Option<Of>,
}

/// The caller's tickets, newest activity first, without their long texts.
#[utoipa::path(get, path = "/tickets", operation_id = "tickets_list", tag = "tickets", params(ListQuery, PageParameters),
    responses((status = 200, body = Page<TicketRow>)))]
async fn list(
    State(app): State<App>,
    Only { caller, .. }: Only<People>,
    Query(wanted): Query<ListQuery>,
    page: PageRequest,
) -> Result<Json<Page<TicketRow>>, HttpError> {
    let trimmed = |text: Option<String>| text.map(|text| text.trim().to_owned());
    let filter = Filter {
        q: trimmed(wanted.q),
        status: trimmed(wanted.status),
        unread: wanted.unread,
        of: wanted.of,
    };
    let text = format!("{filter:?}");
    let scope = ["tickets", caller.sub.as_str(), text.as_str()];
    let rows = tickets::list(&app, &caller, &filter, page.limit, page.after(&scope)?).await?;
    Ok(Json(page.page(&scope, rows)))
}

/// Only changes after this moment.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Since {
    /// `next` of the answer before; absent, nothing is told but where to start.
    since: Option<String>,
}

/// The caller's tickets on which something happened since: what a list asks for again and again.
/// Ask once without `since` before the list is read.
#[utoipa::path(get, path = "/tickets/changes", operation_id = "tickets_changes", tag = "tickets", params(Since),
    responses((status = 200, body = TicketChanges)))]
async fn changes(
    State(app): State<App>,
    Only { caller, .. }: Only<People>,
    Query(wanted): Query<Since>,
) -> Result<Json<TicketChanges>, HttpError> {
    let since = wanted.since.as_deref();
    Ok(Json(tickets::changes(&app, &caller, since).await?))
}

/// One ticket, as its caller may see it.
#[utoipa::path(get, path = "/tickets/{id}", tag = "tickets", params(("id" = String, Path)),
    responses((status = 200, body = TicketView)))]
async fn read(
    State(app): State<App>,
    Only { caller, .. }: Only<People>,
    Segments(id): Segments<TicketId>,
) -> Result<Json<TicketView>, HttpError> {
    Ok(Json(tickets::read(&app, &caller, &id).await?))
}

/// A ticket as it is after a snapshot.
#[derive(Debug, Serialize, ToSchema)]
struct Stored {
    /// The ticket as it is now; its fields stand beside the other.
    #[serde(flatten)]
    ticket: TicketView,
    /// Whether the snapshot was taken; no, when it is older than what is known.
    applied: bool,
    /// What of it cannot be used: people whom no mail can reach, time zones that do not exist.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<ProblemFinding>,
}

/// Stores a snapshot, which replaces what was known: a field that it does not name is empty afterwards.
/// One whose `updated_at` is older never overwrites a newer one, and is answered with `applied: false`;
/// one more than five minutes ahead is refused. CITSmart's field names are taken.
#[utoipa::path(put, path = "/tickets/{id}", operation_id = "tickets_put", tag = "tickets", request_body = TicketFields, params(("id" = String, Path)),
    responses((status = 200, body = Stored), (status = 201, body = Stored, headers(("location" = String)))))]
async fn store(
    State(app): State<App>,
    Only { caller, .. }: Only<SnapshotWriters>,
    Segments(id): Segments<String>,
    headers: Headers,
    body: Body<Value>,
) -> Result<Answer<Stored>, HttpError> {
    let mut snapshot = body.value;
    legacy::ticket(&mut snapshot);
    legacy::without_nulls(&mut snapshot);
    let (ticket, unknown) = json::convert_fields::<TicketFields>(snapshot)?;
    let app = app.having(unknown);
    let put = tickets::put(&app, &caller, &id, ticket).await?;
    let warned = |finding| ProblemFinding::new(finding, headers.language());
    let stored = Stored {
        warnings: put.warnings.iter().map(warned).collect(),
        applied: put.applied,
        ticket: put.ticket,
    };
    Ok(match put.created {
        true => Answer::new(StatusCode::CREATED, stored).location(format!("/tickets/{id}")),
        false => Answer::new(StatusCode::OK, stored),
    })
}

/// Posts a message; its mails leave on their own.
#[utoipa::path(post, path = "/tickets/{id}/messages", operation_id = "messages_post", tag = "messages", request_body = NewMessage,
    params(("id" = String, Path), ("idempotency-key" = Option<String>, Header)),
    responses((status = 202, body = Posted, headers(("location" = String)))))]
async fn post_message(
    State(app): State<App>,
    Only { caller, .. }: Only<Writers>,
    Segments(id): Segments<TicketId>,
    headers: Headers,
    body: Body<Value>,
) -> Result<Answer<Posted>, HttpError> {
    let once = headers.once(
        &caller,
        &format!("POST /tickets/{id}/messages"),
        &body.bytes,
    )?;
    let (new, found) = messages::given(&app, &id, body.value)?;
    let app = app.having(found);
    let (mut posted, replayed) = messages::post(&app, &caller, &id, &new, once.as_ref())
        .await?
        .into_parts();
    for warning in &mut posted.warnings {
        warning.say(headers.language());
    }
    let location = format!("/tickets/{id}/messages/{}", posted.id);
    Ok(Answer::new(StatusCode::ACCEPTED, posted)
        .location(location)
        .replayed(replayed))
}

/// Who would get a message, who would not and why, and the mail itself; nothing is stored.
#[utoipa::path(post, path = "/tickets/{id}/messages/preview", operation_id = "messages_preview", tag = "messages",
    request_body = NewMessage, params(("id" = String, Path), ("accept-language" = Option<String>, Header)),
    responses((status = 200, body = MessagePreview)))]
async fn preview_message(
    State(app): State<App>,
    Only { caller, .. }: Only<Writers>,
    Segments(id): Segments<TicketId>,
    headers: Headers,
    body: Body<Value>,
) -> Result<Json<MessagePreview>, HttpError> {
    let (new, found) = messages::given(&app, &id, body.value)?;
    let app = app.having(found);
    let language = headers.language();
    Ok(Json(
        messages::preview(&app, &caller, &id, &new, language).await?,
    ))
}

/// Takes a message back that was posted with `delay_s`, while none of its mails has left. A mail that
/// was sent cannot be changed, so there is no other way to change or remove a message.
#[utoipa::path(delete, path = "/tickets/{id}/messages/{message}", operation_id = "messages_withdraw", tag = "messages",
    params(("id" = String, Path), ("message" = Uuid, Path)), responses((status = 204)))]
async fn withdraw_message(
    State(app): State<App>,
    Only { caller, .. }: Only<Writers>,
    Segments((id, message)): Segments<(TicketId, Uuid)>,
) -> Result<StatusCode, HttpError> {
    messages::withdraw(&app, &caller, &id, message).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A message with its deliveries.
#[derive(Debug, Serialize, ToSchema)]
struct MessageDetail {
    /// The message; its fields stand beside the other.
    #[serde(flatten)]
    message: MessageView,
    /// Its deliveries; technicians and administrators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    deliveries: Option<Vec<DeliveryReport>>,
}

/// One message; the desk sees its deliveries too.
#[utoipa::path(get, path = "/tickets/{id}/messages/{message}", operation_id = "messages_read", tag = "messages",
    params(("id" = String, Path), ("message" = Uuid, Path)), responses((status = 200, body = MessageDetail)))]
async fn read_message(
    State(app): State<App>,
    Only { caller, .. }: Only<People>,
    Segments((id, message)): Segments<(TicketId, Uuid)>,
    headers: Headers,
) -> Result<Json<MessageDetail>, HttpError> {
    let (message, deliveries) = messages::read(&app, &caller, &id, message).await?;
    let language = headers.language();
    let report = |delivery: &Delivery| DeliveryReport::new(delivery, language);
    let deliveries = deliveries.map(|list: Vec<Delivery>| list.iter().map(report).collect());
    Ok(Json(MessageDetail {
        message: message.into(),
        deliveries,
    }))
}
