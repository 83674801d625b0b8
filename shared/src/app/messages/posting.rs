//! Post a message.

use uuid::Uuid;

use super::{NewMessage, Posted, draft::Draft};
use crate::{
    app::{
        App, RACES, Result,
        access::{Caller, Role, View},
        idempotency::{Once, Outcome},
        parameters::{self, busy},
        tickets::{self, Record, is_ticket_id},
    },
    domain::message::{Channel, File},
    store::{Item, StorageError, Write, keys},
    telemetry::{Metric, emit},
};

/// Posts a message on a ticket.
///
/// # Errors
/// [`Code::Forbidden`](crate::app::Code::Forbidden), [`Code::NotFound`](crate::app::Code::NotFound), [`Code::PortalWritingOff`](crate::app::Code::PortalWritingOff), [`Code::MessagesOff`](crate::app::Code::MessagesOff),
/// [`Code::Invalid`](crate::app::Code::Invalid) with every finding, [`Code::IdempotencyMismatch`](crate::app::Code::IdempotencyMismatch), storage.
pub async fn post(
    app: &App,
    caller: &Caller,
    ticket_id: &str,
    new: &NewMessage,
    once: Option<&Once>,
) -> Result<Outcome<Posted>> {
    caller.require(&[Role::Requester, Role::Technician, Role::Integration])?;
    let channel = if caller.is(Role::Integration) {
        Channel::Api
    } else {
        Channel::Desk
    };
    post_from(app, caller, ticket_id, new, once, channel).await
}

/// As [`post`], for a message that came another way (an event, a mail): the caller is the
/// integration and `channel` says which.
///
/// # Errors
/// As [`post`].
pub async fn post_from(
    app: &App,
    caller: &Caller,
    ticket_id: &str,
    new: &NewMessage,
    once: Option<&Once>,
    channel: Channel,
) -> Result<Outcome<Posted>> {
    let posting = Posting {
        caller,
        ticket_id,
        new,
        once,
        channel,
        mail: None,
    };
    posting.commit(app).await
}

/// What a message that came by mail brings along.
pub(crate) struct ByMail<'a> {
    /// Its files, stored already.
    pub(crate) attachments: &'a [File],
    /// All of its text, where that is more than what its author wrote for it.
    pub(crate) full_text: Option<&'a str>,
    /// `Message-ID` of the mail.
    pub(crate) wire_id: Option<&'a str>,
    /// Further writes of the same commit, for the message of this id.
    pub(crate) writes: &'a (dyn Fn(Uuid) -> Result<Vec<Write>> + Send + Sync),
}

/// As [`post_from`], for a mail.
///
/// # Errors
/// As [`post`].
pub(crate) async fn post_mail(
    app: &App,
    caller: &Caller,
    ticket_id: &str,
    new: &NewMessage,
    once: Option<&Once>,
    mail: &ByMail<'_>,
) -> Result<Outcome<Posted>> {
    let posting = Posting {
        caller,
        ticket_id,
        new,
        once,
        channel: Channel::Email,
        mail: Some(mail),
    };
    posting.commit(app).await
}

/// What is posted, by whom, and how it came.
struct Posting<'a> {
    caller: &'a Caller,
    ticket_id: &'a str,
    new: &'a NewMessage,
    once: Option<&'a Once>,
    channel: Channel,
    mail: Option<&'a ByMail<'a>>,
}

impl Posting<'_> {
    async fn commit(self, app: &App) -> Result<Outcome<Posted>> {
        let Self {
            caller,
            ticket_id,
            new,
            once,
            channel,
            mail,
        } = self;
        if !is_ticket_id(ticket_id) {
            return Err(tickets::not_found());
        }
        for _ in 0..RACES {
            let mut wanted = vec![keys::ticket(ticket_id), keys::parameters()];
            wanted.extend(once.map(Once::key));
            let found = app.store.get(&wanted).await?;
            let (record, view) = writable(caller, found[0].as_ref())?;
            if let Some(once) = once
                && let Some(earlier) = once.earlier(found[2].as_ref())?
            {
                return Ok(earlier);
            }
            let (parameters, _) = parameters::decode(found[1].as_ref())?;
            let draft = Draft {
                app,
                caller,
                view,
                channel,
                mail,
                parameters: &parameters,
            };
            let message = draft.message(ticket_id, new)?;
            let (writes, posted) = draft
                .commit(&record, found[0].as_ref(), message, once)
                .await?;
            match app.store.commit(writes).await {
                Ok(()) => {
                    tracing::info!(ticket_id, message_id = %posted.id, deliveries = posted.deliveries.len(), "message accepted");
                    emit(Metric::MessagesAccepted, 1.0, posted.created_at);
                    return Ok(Outcome::Fresh(posted));
                }
                Err(StorageError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(busy())
    }
}

/// The ticket, when the caller may write on it.
fn writable(caller: &Caller, item: Option<&Item>) -> Result<(Record, View)> {
    if caller.is(Role::Integration) {
        let record: Record = item.ok_or_else(tickets::not_found)?.decode()?;
        return Ok((record, View::Desk));
    }
    tickets::visible(caller, item)
}
