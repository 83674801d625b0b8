//! `/local/…`: the mails that left, and what the world outside would bring.

use std::{io, sync::Arc};

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};

use http::{StatusCode, header};
use mail_parser::{Addr, MessageParser, MimeHeaders};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::{
    App, Code, Error,
    feedback::{self, Applied},
    pages::Rows,
};
use storage::{Key, Position};
use transport::outbox::{Entry, Outbox};
use uuid::Uuid;
use web::{
    body::Body,
    caller::{AnyRole, HasApp, Only},
    page::{Page, PageRequest},
    path::Segments,
    problem::HttpError,
    query::Query,
    respond::Answer,
};

use crate::texts;

#[derive(Clone)]
struct Local {
    outbox: Arc<Outbox>,
    app: App,
}

impl HasApp for Local {
    fn app(&self) -> &App {
        &self.app
    }
}

/// Where the mails of the outbox are read.
pub(crate) fn router(outbox: Arc<Outbox>, app: App) -> Router {
    Router::new()
        .route("/local/outbox", get(list))
        .route("/local/outbox/{mail}", get(read))
        .route("/local/events", post(event))
        .route("/local/ses-events", post(ses_event))
        .with_state(Local { outbox, app })
}

/// A mail in the list.
#[derive(Debug, Serialize)]
struct Listed {
    number: u64,
    ticket_id: String,
    delivery_id: Uuid,
    attempt: u32,
    kind: String,
    sent_at: jiff::Timestamp,
    #[serde(flatten)]
    headers: Headers,
}

/// What a person looks at first.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Headers {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) reply_to: Option<String>,
    pub(crate) subject: String,
}

/// A mail of the outbox in parts, for people and tests.
#[derive(Debug, Serialize)]
struct Parsed {
    #[serde(flatten)]
    listed: Listed,
    message_id: Option<String>,
    references: Vec<String>,
    headers: Vec<(String, String)>,
    text: Option<String>,
    html: Option<String>,
    attachments: Vec<String>,
    size: usize,
}

/// `?order=`: which mails come first.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// The oldest first, as they left.
    #[default]
    Asc,
    /// The newest first, as the console shows them.
    Desc,
}

#[derive(Debug, Deserialize)]
struct Sorting {
    #[serde(default)]
    order: Order,
}

async fn list(
    State(local): State<Local>,
    _: Only<AnyRole>,
    Query(Sorting { order }): Query<Sorting>,
    page: PageRequest,
) -> Result<Json<Page<Listed>>, HttpError> {
    let scope = match order {
        Order::Asc => ["outbox", "asc"],
        Order::Desc => ["outbox", "desc"],
    };
    let after: Option<u64> = page
        .after(&scope)?
        .and_then(|position| position.key.sk.parse().ok());
    let entries = match order {
        Order::Asc => local.outbox.list(after.unwrap_or(0), page.limit),
        Order::Desc => local.outbox.list_before(after, page.limit),
    };
    let entries = entries.map_err(unreadable)?;
    let more = entries.len() == page.limit;
    let next = entries.last().filter(|_| more).map(|last| Position {
        key: Key::new("outbox", last.number.to_string()),
        sort: None,
    });
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        let (raw, sent_at) = raw(&local.outbox, entry.number)?;
        let place = Position {
            key: Key::new("outbox", entry.number.to_string()),
            sort: None,
        };
        rows.push((listed(entry, sent_at, &raw), place));
    }
    Ok(Json(page.page(&scope, Rows { rows, next })))
}

/// `…/3` is the mail parsed, `…/3.eml` as it was sent; `latest` stands for the newest number.
async fn read(
    State(local): State<Local>,
    _: Only<AnyRole>,
    Segments(name): Segments<String>,
) -> Result<Response, HttpError> {
    let (number, as_sent) = match name.strip_suffix(".eml") {
        Some(number) => (number, true),
        None => (name.as_str(), false),
    };
    let number = match number {
        "latest" => None,
        digits => Some(digits.parse().map_err(|_| missing())?),
    };
    let entry = match number {
        None => local.outbox.list_before(None, 1).map(|mut last| last.pop()),
        Some(number) => local.outbox.entry(number),
    };
    let entry = entry.map_err(unreadable)?.ok_or_else(missing)?;
    let (bytes, sent_at) = raw(&local.outbox, entry.number)?;
    if as_sent {
        return Ok(([(header::CONTENT_TYPE, "message/rfc822")], bytes).into_response());
    }
    Ok(Json(parsed(entry, sent_at, &bytes)).into_response())
}

/// An event of the ITSM system, in the form of EventBridge.
async fn event(State(local): State<Local>, body: Body<Value>) -> Result<Answer<Value>, HttpError> {
    events::handle(&local.app, body.value).await?;
    Ok(Answer::new(
        StatusCode::ACCEPTED,
        serde_json::json!({ "status": "applied" }),
    ))
}

/// An event of SES, whole or its `detail` alone.
async fn ses_event(
    State(local): State<Local>,
    body: Body<Value>,
) -> Result<Answer<Value>, HttpError> {
    let applied = match feedback::apply(&local.app, &body.value).await? {
        Applied::Changed(status) => serde_json::json!({ "applied": true, "delivery": status }),
        Applied::TestMail => serde_json::json!({ "applied": true }),
        Applied::Known | Applied::Foreign | Applied::Ignored => {
            serde_json::json!({ "applied": false })
        }
    };
    Ok(Answer::new(StatusCode::ACCEPTED, applied))
}

fn missing() -> Error {
    Error::new(
        Code::NotFound,
        texts::outbox::THERE_IS_NO_SUCH_MAIL.phrase(),
    )
}

fn raw(outbox: &Outbox, number: u64) -> Result<(Vec<u8>, jiff::Timestamp), Error> {
    let found = outbox.read(number).map_err(unreadable)?;
    found.ok_or_else(missing)
}

fn unreadable(error: io::Error) -> Error {
    let detail = texts::outbox::THE_MAILS_FILE_CANNOT_BE_READ.phrase();
    Error::new(Code::Internal, detail).because(error)
}

/// What a person looks at first, decoded.
pub(crate) fn headers(raw: &[u8]) -> Headers {
    MessageParser::default()
        .parse_headers(raw)
        .map_or_else(Headers::default, |mail| Headers {
            from: mail
                .from()
                .and_then(|list| list.first())
                .map(mailbox)
                .unwrap_or_default(),
            to: mail
                .to()
                .and_then(|list| list.first())
                .map(mailbox)
                .unwrap_or_default(),
            reply_to: mail.reply_to().and_then(|list| list.first()).map(mailbox),
            subject: mail.subject().unwrap_or_default().to_owned(),
        })
}

fn listed(entry: Entry, sent_at: jiff::Timestamp, raw: &[u8]) -> Listed {
    let Entry {
        number,
        delivery_id,
        attempt,
        kind,
        ticket_id,
    } = entry;
    Listed {
        number,
        ticket_id,
        delivery_id,
        attempt,
        kind,
        sent_at,
        headers: headers(raw),
    }
}

fn parsed(entry: Entry, sent_at: jiff::Timestamp, raw: &[u8]) -> Parsed {
    let listed = listed(entry, sent_at, raw);
    let size = raw.len();
    let Some(mail) = MessageParser::default().parse(raw) else {
        let (text, html) = (Some(String::from_utf8_lossy(raw).into_owned()), None);
        return Parsed {
            listed,
            message_id: None,
            references: Vec::new(),
            headers: Vec::new(),
            text,
            html,
            attachments: Vec::new(),
            size,
        };
    };
    Parsed {
        message_id: mail.message_id().map(str::to_owned),
        references: mail
            .references()
            .as_text_list()
            .unwrap_or_default()
            .iter()
            .map(ToString::to_string)
            .collect(),
        headers: mail
            .headers_raw()
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect(),
        text: mail.body_text(0).map(|text| text.into_owned()),
        html: mail.body_html(0).map(|html| html.into_owned()),
        attachments: mail
            .attachments()
            .map(|part| part.attachment_name().unwrap_or_default().to_owned())
            .collect(),
        listed,
        size,
    }
}

fn mailbox(address: &Addr<'_>) -> String {
    let email = address.address.as_deref().unwrap_or_default();
    match address.name.as_deref() {
        Some(name) if !name.is_empty() => format!("{name} <{email}>"),
        _ => email.to_owned(),
    }
}
