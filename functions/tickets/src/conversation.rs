//! Routes that read a conversation and say how far it was read.

use axum::{Json, extract::State};

use serde::{Deserialize, Serialize};
use service::{
    App, cursor,
    desk::messages::{self, ListedMessage, Marked, Reading},
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use web::{
    body::Body,
    caller::{Only, People},
    headers::Headers,
    page::{Page, PageParameters, PageRequest},
    path::Segments,
    problem::HttpError,
    query::{RuledQuery, Rules, Wrong},
};

use crate::texts;
use domain::id::TicketId;

/// Which part of a conversation is read: one of these at most.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ConversationQuery {
    /// In which order; `asc`, as it was written, when absent.
    #[param(inline)]
    order: Option<Order>,
    /// What was written after this message.
    after: Option<Uuid>,
    /// This message, and what was written around it, as it was written.
    around: Option<Uuid>,
}

impl Rules for ConversationQuery {
    fn check(&self, wrong: &mut Wrong) {
        let parameters = [
            ("order", self.order.is_some()),
            ("after", self.after.is_some()),
            ("around", self.around.is_some()),
        ];
        let given = || parameters.iter().filter(|(_, given)| *given);
        if given().count() > 1 {
            let one = texts::conversation::CHOOSE_ONE_OF_ORDER_AFTER_AND_AROUND;
            given().for_each(|(name, _)| wrong.add(name, one.phrase()));
        }
    }
}

/// An order of messages.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// As they were written.
    Asc,
    /// The newest first, as a screen shows its end.
    Desc,
}

/// A part of a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationPage {
    /// The messages with a cursor for the next page; their fields stand beside the other.
    #[serde(flatten)]
    page: Page<ListedMessage>,
    /// Of `around`: give it back as `cursor`, with `order=desc` and without `around`, to read
    /// what was written before.
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_cursor: Option<String>,
}

/// A part of the conversation; the desk sees what became of each mail. It marks nothing as read.
#[utoipa::path(get, path = "/tickets/{id}/messages", operation_id = "messages_list", tag = "messages",
    params(("id" = String, Path), ConversationQuery, PageParameters, ("accept-language" = Option<String>, Header)),
    responses((status = 200, body = ConversationPage)))]
pub(crate) async fn list(
    State(app): State<App>,
    Only { caller, .. }: Only<People>,
    Segments(id): Segments<TicketId>,
    RuledQuery(wanted): RuledQuery<ConversationQuery>,
    page: PageRequest,
    headers: Headers,
) -> Result<Json<ConversationPage>, HttpError> {
    let reading = match (wanted.after, wanted.around, wanted.order) {
        (Some(message), _, _) => Reading::After(message),
        (_, Some(message), _) => Reading::Around(message),
        (_, _, Some(Order::Desc)) => Reading::All(storage::Order::Descending),
        (_, _, None | Some(Order::Asc)) => Reading::All(storage::Order::Ascending),
    };
    // What follows a message is a part of the whole in its order: their cursors are the same.
    let scope = |newest_first| {
        let order = if newest_first { "desc" } else { "asc" };
        ["messages", id.as_str(), order]
    };
    let own = scope(reading == Reading::All(storage::Order::Descending));
    let after = page.after(&own)?;
    let language = headers.language();
    let part = messages::list(&app, &caller, &id, reading, page.limit, after, language).await?;
    Ok(Json(ConversationPage {
        previous_cursor: part
            .previous
            .and_then(|place| cursor::written(&scope(true), &place)),
        page: page.page(&own, part.rows),
    }))
}

/// How far somebody has read.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ReadUpTo {
    /// The newest message that they have seen.
    message_id: Uuid,
}

/// Marks the ticket as read by the caller, up to a message and with it. What was read stays read.
#[utoipa::path(put, path = "/tickets/{id}/read", operation_id = "tickets_mark_read", tag = "tickets",
    request_body = ReadUpTo, params(("id" = String, Path)), responses((status = 200, body = Marked)))]
pub(crate) async fn mark_read(
    State(app): State<App>,
    Only { caller, .. }: Only<People>,
    Segments(id): Segments<TicketId>,
    body: Body<ReadUpTo>,
) -> Result<Json<Marked>, HttpError> {
    let marked = messages::mark_read(&app, &caller, &id, body.value.message_id).await?;
    Ok(Json(marked))
}
