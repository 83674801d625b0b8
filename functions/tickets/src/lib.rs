//! HTTP edge of the tickets: snapshots, the conversation, delivery results; the page behind the
//! links of a mail.

mod deliveries;
mod links;
mod suppressions;
mod words;

use axum::{
    Json, Router,
    extract::State,
    routing::{delete, get, post},
};
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use shared::{
    app::{
        App, Error,
        explain::DeliveryReport,
        messages::{self, NewMessage, Posted},
        tickets::{self, Put, TicketView},
    },
    domain::{delivery::Delivery, legacy, message::Message, ticket::Ticket},
    http::{
        body::{self, Body},
        caller::{Anyone, Keepers, Only},
        page::{Page, PageParameters, PageRequest},
        path::Segments,
        precondition::Headers,
        respond::Answer,
    },
};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

/// The routes of this function.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/tickets", get(list))
        .route("/tickets/{id}", get(read).put(put))
        .route(
            "/tickets/{id}/messages",
            get(list_messages).post(post_message),
        )
        .route("/tickets/{id}/messages/{message}", get(read_message))
        .route(
            "/tickets/{id}/messages/{message}/explain",
            get(deliveries::explain),
        )
        .route(
            "/tickets/{id}/messages/{message}/deliveries/{delivery}/resend",
            post(deliveries::resend),
        )
        .route("/suppressions", get(suppressions::list))
        .route("/suppressions/{address}", delete(suppressions::lift))
        .route("/links/{token}", get(links::show).post(links::act))
        .with_state(app)
}

/// What this function adds to the OpenAPI document.
#[derive(Debug, OpenApi)]
#[openapi(paths(
    list,
    read,
    put,
    list_messages,
    post_message,
    read_message,
    deliveries::explain,
    deliveries::resend,
    suppressions::list,
    suppressions::lift,
    links::show,
    links::act
))]
pub struct Document;

/// The caller's tickets, newest activity first.
#[utoipa::path(get, path = "/tickets", tag = "tickets", params(PageParameters),
    responses((status = 200, body = Page<TicketView>)))]
async fn list(
    State(app): State<App>,
    Only { caller, .. }: Only<Anyone>,
    page: PageRequest,
) -> Result<Json<Page<TicketView>>, Error> {
    let scope = ["tickets", caller.sub.as_str()];
    let (items, next) = tickets::list(&app, &caller, page.limit, page.after(&scope)?).await?;
    Ok(Json(page.page(&scope, items, next)))
}

/// One ticket.
#[utoipa::path(get, path = "/tickets/{id}", tag = "tickets", params(("id" = String, Path)),
    responses((status = 200, body = TicketView)))]
async fn read(
    State(app): State<App>,
    Only { caller, .. }: Only<Anyone>,
    Segments(id): Segments<String>,
) -> Result<Json<TicketView>, Error> {
    Ok(Json(tickets::read(&app, &caller, &id).await?))
}

/// Stores a snapshot; an older one never overwrites a newer one. CITSmart's field names are taken.
#[utoipa::path(put, path = "/tickets/{id}", tag = "tickets", request_body = Ticket, params(("id" = String, Path)),
    responses((status = 200, body = TicketView), (status = 201, body = TicketView, headers(("location" = String)))))]
async fn put(
    State(app): State<App>,
    Only { caller, .. }: Only<Keepers>,
    Segments(id): Segments<String>,
    body: Body<Value>,
) -> Result<Answer<TicketView>, Error> {
    let mut snapshot = body.value;
    legacy::ticket(&mut snapshot);
    let ticket: Ticket = body::convert(snapshot)?;
    Ok(match tickets::put(&app, &caller, &id, ticket).await? {
        Put::Created(view) => {
            Answer::new(StatusCode::CREATED, view).location(format!("/tickets/{id}"))
        }
        Put::Updated(view) => Answer::new(StatusCode::OK, view),
    })
}

/// Posts a message; its mails leave on their own.
#[utoipa::path(post, path = "/tickets/{id}/messages", tag = "messages", request_body = NewMessage,
    params(("id" = String, Path), ("idempotency-key" = Option<String>, Header)),
    responses((status = 202, body = Posted, headers(("location" = String)))))]
async fn post_message(
    State(app): State<App>,
    Only { caller, .. }: Only<Anyone>,
    Segments(id): Segments<String>,
    headers: Headers,
    body: Body<Value>,
) -> Result<Answer<Posted>, Error> {
    let once = headers.once(
        &caller,
        &format!("POST /tickets/{id}/messages"),
        &body.bytes,
    )?;
    let mut message = body.value;
    legacy::message(&mut message);
    messages::spelt(&message)?;
    let new: NewMessage = body::convert(message)?;
    let (posted, replayed) = messages::post(&app, &caller, &id, &new, once.as_ref())
        .await?
        .into_parts();
    let location = format!("/tickets/{id}/messages/{}", posted.id);
    Ok(Answer::new(StatusCode::ACCEPTED, posted)
        .location(location)
        .replayed(replayed))
}

/// The conversation in the order it was written.
#[utoipa::path(get, path = "/tickets/{id}/messages", tag = "messages",
    params(("id" = String, Path), PageParameters), responses((status = 200, body = Page<Message>)))]
async fn list_messages(
    State(app): State<App>,
    Only { caller, .. }: Only<Anyone>,
    Segments(id): Segments<String>,
    page: PageRequest,
) -> Result<Json<Page<Message>>, Error> {
    let scope = ["messages", id.as_str()];
    let (items, next) = messages::list(&app, &caller, &id, page.limit, page.after(&scope)?).await?;
    Ok(Json(page.page(&scope, items, next)))
}

/// A message with its deliveries.
#[derive(Debug, Serialize, ToSchema)]
struct MessageDetail {
    /// The message.
    #[serde(flatten)]
    message: Message,
    /// Its deliveries; technicians and administrators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    deliveries: Option<Vec<DeliveryReport>>,
}

/// One message; the desk sees its deliveries too.
#[utoipa::path(get, path = "/tickets/{id}/messages/{message}", tag = "messages",
    params(("id" = String, Path), ("message" = Uuid, Path)), responses((status = 200, body = MessageDetail)))]
async fn read_message(
    State(app): State<App>,
    Only { caller, .. }: Only<Anyone>,
    Segments((id, message)): Segments<(String, Uuid)>,
    headers: Headers,
) -> Result<Json<MessageDetail>, Error> {
    let (message, deliveries) = messages::read(&app, &caller, &id, message).await?;
    let language = headers.language();
    let report = |delivery: &Delivery| DeliveryReport::new(delivery, language);
    let deliveries = deliveries.map(|list: Vec<Delivery>| list.iter().map(report).collect());
    Ok(Json(MessageDetail {
        message,
        deliveries,
    }))
}
