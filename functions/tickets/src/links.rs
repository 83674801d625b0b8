//! The page behind a signed link of a mail. It needs no token of a caller: the link is the right.
//!
//! A GET shows what the link offers and a button, and does nothing: mail scanners open every link.
//! Only the button's POST acts.

use std::collections::BTreeMap;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{
    catalog::{Language, Texts},
    id::TicketId,
    message::Message,
};
use html::escape;
use http::{HeaderValue, StatusCode, header};
use jiff::{Timestamp, tz::TimeZone};
use mail::token::link::Action;
use render::format_date_time;
use service::{
    App,
    desk::links::{self, Done, LinkRefusal, Offer},
};
use utoipa::{
    IntoResponses, PartialSchema as _,
    openapi::{self, Content, RefOr},
};
use web::{caller::Visiting, headers::Headers, path::Segments, problem::HttpError};

use crate::texts;

/// Nothing but the page itself: no script, no picture, no frame around it, and no address
/// of it to others.
const HEADERS: [(header::HeaderName, &str); 6] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (
        header::HeaderName::from_static("x-robots-tag"),
        "noindex, nofollow",
    ),
];

const STYLE: &str = "body{font:16px/1.5 sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color:#222}\
h1{font-size:1.4rem}button{font:inherit;padding:.6rem 1.4rem;border:0;border-radius:.3rem;background:#0b5fa5;color:#fff}\
dt{color:#666}dd{margin:0 0 .6rem}article{border-top:1px solid #ddd;padding:.6rem 0;white-space:pre-wrap}small{color:#666}";

/// The pages of links that offer nothing, for the OpenAPI document.
struct Misuse;

impl IntoResponses for Misuse {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let pages = [
            (
                "403",
                "Message exchange is off, or the caller is signed in as somebody else",
            ),
            ("404", "No valid link"),
            ("409", "Used already"),
            (
                "410",
                "Expired, or the person is not on the ticket any more",
            ),
        ];
        let response = |description| {
            openapi::Response::builder()
                .description(description)
                .content("text/html", Content::new(Some(String::schema())))
                .build()
        };
        pages
            .map(|(status, description)| (status.to_owned(), response(description).into()))
            .into()
    }
}

/// What the link offers, with a button that does it.
#[utoipa::path(get, path = "/links/{token}", tag = "links", params(("token" = String, Path)), security(()),
    responses((status = 200, body = String, content_type = "text/html", description = "What the link offers, and a button"), Misuse))]
pub(crate) async fn show(
    State(app): State<App>,
    Visiting(visitor): Visiting,
    Segments(token): Segments<String>,
    headers: Headers,
) -> Response {
    let page = Page::new(&app, &headers);
    match links::look(&app, &token, &visitor).await {
        Ok(offer) => page.offer(&offer),
        Err(refusal) => page.refusal(&refusal),
    }
}

/// Does what the link offers.
#[utoipa::path(post, path = "/links/{token}", tag = "links", params(("token" = String, Path)), security(()),
    responses((status = 200, body = String, content_type = "text/html", description = "What was done"), Misuse))]
pub(crate) async fn act(
    State(app): State<App>,
    Visiting(visitor): Visiting,
    Segments(token): Segments<String>,
    headers: Headers,
) -> Response {
    let page = Page::new(&app, &headers);
    match links::act(&app, &token, &visitor).await {
        Ok(Done::Decided(offer)) => page.decided(&offer),
        Ok(Done::Shown(offer, messages)) => page.ticket(&offer, &messages),
        Err(refusal) => page.refusal(&refusal),
    }
}

/// How a page speaks.
struct Page {
    language: Language,
    zone: TimeZone,
}

impl Page {
    fn new(app: &App, headers: &Headers) -> Self {
        let language = headers.language();
        Self {
            language,
            zone: TimeZone::get(&app.settings.default_time_zone).unwrap_or(TimeZone::UTC),
        }
    }

    fn say(&self, text: Texts) -> &'static str {
        text.get(self.language)
    }

    fn offer(&self, offer: &Offer) -> Response {
        let (question, button) = match offer.action {
            Action::View => (
                self.say(texts::links::VIEW),
                self.say(texts::links::VIEW_BUTTON),
            ),
            Action::Approve => (
                self.say(texts::links::APPROVE),
                self.say(texts::links::APPROVE_BUTTON),
            ),
            Action::Reject => (
                self.say(texts::links::REJECT),
                self.say(texts::links::REJECT_BUTTON),
            ),
        };
        let body = format!(
            "{}<p>{question}</p><form method=\"post\"><button>{button}</button></form><p><small>{} {}</small></p>",
            self.facts(offer),
            self.say(texts::links::UNTIL),
            self.time(offer.expires),
        );
        self.page(StatusCode::OK, &self.heading(&offer.ticket.id), &body)
    }

    fn decided(&self, offer: &Offer) -> Response {
        let done = match offer.action {
            Action::Reject => self.say(texts::links::REJECTED),
            Action::View | Action::Approve => self.say(texts::links::APPROVED),
        };
        let body = format!("<p>{done}</p>{}", self.facts(offer));
        self.page(StatusCode::OK, &self.heading(&offer.ticket.id), &body)
    }

    fn ticket(&self, offer: &Offer, messages: &[Message]) -> Response {
        let mut body = self.facts(offer);
        for message in messages {
            body.push_str(&format!(
                "<article><small>{} · {}</small>\n{}</article>",
                escape(&message.author.name),
                self.time(message.created_at),
                escape(&message.text),
            ));
        }
        self.page(StatusCode::OK, &self.heading(&offer.ticket.id), &body)
    }

    /// What is said about a ticket, behind its heading.
    fn about(&self, ticket: &TicketId, detail: Texts) -> String {
        format!("{}. {}", self.heading(ticket), self.say(detail))
    }

    fn refusal(&self, refusal: &LinkRefusal) -> Response {
        let (status, title, detail) = match refusal {
            LinkRefusal::Invalid => (
                StatusCode::NOT_FOUND,
                self.say(texts::links::INVALID).to_owned(),
                self.say(texts::links::INVALID_DETAIL).to_owned(),
            ),
            LinkRefusal::Expired { ticket, at } => (
                StatusCode::GONE,
                self.say(texts::links::EXPIRED).to_owned(),
                format!(
                    "{} {}. {}",
                    self.heading(ticket),
                    self.say(texts::links::ENDED),
                    self.time(*at)
                ),
            ),
            LinkRefusal::Used { ticket } => (
                StatusCode::CONFLICT,
                self.say(texts::links::USED).to_owned(),
                self.about(ticket, texts::links::USED_DETAIL),
            ),
            LinkRefusal::NotOnTicket => (
                StatusCode::GONE,
                self.say(texts::links::GONE).to_owned(),
                self.say(texts::links::GONE_DETAIL).to_owned(),
            ),
            LinkRefusal::SomebodyElse { ticket } => (
                StatusCode::FORBIDDEN,
                self.say(texts::links::OTHER).to_owned(),
                self.about(ticket, texts::links::OTHER_DETAIL),
            ),
            LinkRefusal::Off => (
                StatusCode::FORBIDDEN,
                self.say(texts::links::OFF).to_owned(),
                self.say(texts::links::OFF_DETAIL).to_owned(),
            ),
            // The edge logs it and answers as it does everywhere.
            LinkRefusal::Failed(error) => return HttpError::from(error.clone()).into_response(),
        };
        self.page(status, &title, &format!("<p>{detail}</p>"))
    }

    fn heading(&self, ticket: &TicketId) -> String {
        format!(
            "{} {}",
            self.say(texts::links::TICKET),
            escape(ticket.as_str())
        )
    }

    fn facts(&self, offer: &Offer) -> String {
        let ticket = &offer.ticket;
        let rows = [
            (self.say(texts::links::ACTIVITY), ticket.activity.as_str()),
            (self.say(texts::links::SERVICE), &ticket.service),
            (self.say(texts::links::STATUS), &ticket.status),
            (self.say(texts::links::REQUESTER), &ticket.requester.name),
        ];
        let rows = rows.iter().filter(|(_, value)| !value.trim().is_empty());
        let rows: String = rows
            .map(|(label, value)| format!("<dt>{label}</dt><dd>{}</dd>", escape(value)))
            .collect();
        format!("<dl>{rows}</dl>")
    }

    fn time(&self, at: Timestamp) -> String {
        format_date_time(at, self.language, &self.zone)
    }

    fn page(&self, status: StatusCode, title: &str, body: &str) -> Response {
        let tag = self.language.tag();
        let page = format!(
            "<!doctype html><html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title}</title><style>{STYLE}</style></head>\
             <body><main><h1>{title}</h1>{body}</main></body></html>"
        );
        let mut response = (status, page).into_response();
        for (name, value) in HEADERS {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        response
    }
}
