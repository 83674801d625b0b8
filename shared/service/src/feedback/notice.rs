//! News of a mail that will never arrive, or that somebody does not want: in the ticket's conversation, and by mail to those who
//! work on it.

use uuid::Uuid;

use crate::{
    App, Result,
    desk::{
        messages::{self, StoredMessage},
        tickets::TicketRecord,
    },
    entity::{self, Entity as _, Loaded, Wanted},
    texts,
};
use domain::{
    catalog::Language,
    delivery::Delivery,
    id::TicketId,
    message::{Author, Channel, Message, Side, Visibility},
    parameter::Parameters,
    recipients,
};
use mail::ses_event::{BounceType, Happening};
use storage::Write;

/// Name under which this system writes.
const AUTHOR: &str = "Mensageria";

/// What those who work on a ticket have to know of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// The recipient's server refused it for good.
    Refused,
    /// The recipient called it spam.
    Complaint,
}

impl News {
    /// The news in what happened, if it is any.
    pub(super) fn of(happening: &Happening) -> Option<Self> {
        match happening {
            Happening::Bounce {
                bounce: BounceType::Permanent,
                ..
            } => Some(Self::Refused),
            Happening::Complaint { .. } => Some(Self::Complaint),
            _ => None,
        }
    }
}

/// The ticket, the message that the mail was of, and the parameters.
pub(super) type NoticeFacts = (
    Option<Loaded<TicketRecord>>,
    Option<Loaded<StoredMessage>>,
    Parameters,
);

/// What the writes of a notice about this message count on.
pub(super) fn wanted(ticket: &TicketId, message: Uuid) -> impl Wanted<Found = NoticeFacts> {
    (
        entity::Ticket(ticket),
        entity::Message(ticket, message),
        entity::Parameters.or_default(),
    )
}

/// The writes of the notice. None when the mail was a notice itself, or its ticket is gone.
pub(super) async fn writes(
    app: &App,
    delivery: &Delivery,
    news: News,
    said: Option<String>,
    (ticket, original, parameters): NoticeFacts,
) -> Result<Vec<Write>> {
    let (Some(ticket), Some(original)) = (ticket, original) else {
        return Ok(Vec::new());
    };
    if original.value.message.source == Channel::System {
        return Ok(Vec::new());
    }
    let record = ticket.value;
    let senders = messages::senders(app, &parameters);
    let ours = messages::ours(app, &senders);
    let decisions =
        recipients::decide_notice(&record.ticket, &parameters, ours, &delivery.to.key());
    let message = message(app, delivery, news, said.as_deref());
    let stored = StoredMessage::new(message, decisions);
    let appended = messages::append(app, &parameters, &record, ticket.version, stored).await?;
    Ok(appended.writes)
}

fn message(app: &App, delivery: &Delivery, news: News, said: Option<&str>) -> Message {
    let author = Author {
        name: AUTHOR.to_owned(),
        email: None,
        role: Side::Technician,
    };
    let (id, ticket) = (Uuid::now_v7(), &delivery.ticket_id);
    Message {
        text: text(
            delivery,
            news,
            said,
            Language::of(&app.settings.default_locale),
        ),
        // The requester has no use for it, and no business with others' addresses.
        visibility: Visibility::Internal,
        automatic: true,
        ..Message::new(id, ticket, author, Channel::System, app.now())
    }
}

fn text(delivery: &Delivery, news: News, said: Option<&str>, language: Language) -> String {
    let (address, name) = (&delivery.to.address, delivery.to.name.trim());
    let to = if name.is_empty() {
        address.to_string()
    } else {
        format!("{name} <{address}>")
    };
    let said = said.filter(|said| !said.is_empty()).unwrap_or("-");
    let words = match news {
        News::Complaint => texts::notice::MARKED_AS_SPAM.with("to", to),
        News::Refused => texts::notice::REFUSED_PERMANENTLY
            .with("to", to)
            .with("said", said),
    };
    words.get(language)
}
