//! Post a message.

use uuid::Uuid;

use super::{
    NewMessage, Posted,
    builder::{ByMail, MessageBuilder, TicketContext, channel_of},
    pasted,
};
use crate::{
    App, Result, Retrying,
    access::{Caller, Role, View},
    committed,
    desk::{
        attachments::MAX_FILES,
        tickets::{self, TicketRecord},
        uploads::{self, Taken},
    },
    entity::{self, Entity as _, Loaded},
    idempotency::{self, Once, Replayable},
};
use domain::{id::TicketId, message::Channel, parameter::Parameters};
use platform::telemetry::{Metric, emit};
use storage::{Write, keys};

/// Posts a message on a ticket.
///
/// # Errors
/// [`Code::Forbidden`](crate::Code::Forbidden), [`Code::NotFound`](crate::Code::NotFound), [`Code::PortalWritingOff`](crate::Code::PortalWritingOff), [`Code::MessagesOff`](crate::Code::MessagesOff),
/// [`Code::Invalid`](crate::Code::Invalid) with every finding, [`Code::IdempotencyMismatch`](crate::Code::IdempotencyMismatch), storage.
pub async fn post(
    app: &App,
    caller: &Caller,
    ticket_id: &TicketId,
    new: &NewMessage,
    once: Option<&Once>,
) -> Result<Replayable<Posted>> {
    caller.require(&[Role::Requester, Role::Technician, Role::Integration])?;
    post_from(app, caller, ticket_id, new, once, channel_of(caller)).await
}

/// As [`post`], for a message that came another way, which `channel` names: an event of the ITSM
/// system, a link of a mail.
///
/// # Errors
/// As [`post`].
pub async fn post_from(
    app: &App,
    caller: &Caller,
    ticket_id: &TicketId,
    new: &NewMessage,
    once: Option<&Once>,
    channel: Channel,
) -> Result<Replayable<Posted>> {
    let mut retrying = Retrying::over(app, &keys::ticket(ticket_id)).await;
    let pictures = Uuid::now_v7();
    loop {
        retrying.round().await?;
        let named = new.attachments.iter().take(MAX_FILES);
        let uploads = named.map(|id| entity::Upload(ticket_id, *id));
        let (ticket, parameters, answered, offers) = app
            .read((
                entity::Ticket(ticket_id),
                entity::Parameters.or_default(),
                once.map(Once::entity),
                uploads.collect::<Vec<_>>(),
            ))
            .await?;
        let context = writable(caller, ticket)?;
        if let Some(earlier) = idempotency::earlier(once, answered)? {
            return Ok(earlier);
        }
        let uploads = uploads::take(app, caller, ticket_id, &new.attachments, offers).await?;
        let builder = MessageBuilder {
            app,
            caller,
            view: context.view,
            channel,
            mail: None,
            uploads: &uploads,
            parameters: &parameters,
        };
        let mut message = builder.message(&context.record.ticket, new)?;
        let warnings = pasted::keep(app, &parameters, new, pictures, &mut message).await?;
        let made = builder.commit(&context, message, new, once, warnings);
        if let Some(posted) = store(app, made.await?).await? {
            return Ok(Replayable::Fresh(posted));
        }
    }
}

/// Posts a mail on the ticket as it was read, in one attempt: `None` when another writer was faster,
/// and everything that was judged by is to be read again.
///
/// # Errors
/// As [`post`].
pub(crate) async fn post_mail(
    app: &App,
    caller: &Caller,
    context: &TicketContext,
    parameters: &Parameters,
    new: &NewMessage,
    once: Option<&Once>,
    mail: &ByMail<'_>,
) -> Result<Option<Posted>> {
    let builder = MessageBuilder {
        app,
        caller,
        view: context.view,
        channel: Channel::Email,
        mail: Some(mail),
        uploads: &Taken::default(),
        parameters,
    };
    let message = builder.message(&context.record.ticket, new)?;
    let made = builder.commit(context, message, new, once, Vec::new());
    store(app, made.await?).await
}

/// Stores a message with all that follows from it, unless the ticket has changed since it was read.
async fn store(app: &App, made: (Vec<Write>, Posted)) -> Result<Option<Posted>> {
    let (writes, posted) = made;
    if !committed(app, writes).await? {
        return Ok(None);
    }
    tracing::info!(ticket_id = %posted.ticket_id, message_id = %posted.id, deliveries = posted.deliveries.len(), "message accepted");
    emit(Metric::MessagesAccepted, 1.0, posted.created_at);
    Ok(Some(posted))
}

/// The ticket, when the caller may write on it.
pub(crate) fn writable(
    caller: &Caller,
    ticket: Option<Loaded<TicketRecord>>,
) -> Result<TicketContext> {
    let ticket = ticket.ok_or_else(tickets::not_found)?;
    let version = ticket.version.clone();
    let (record, view) = match caller.is(Role::Integration) {
        true => (ticket.value, View::Desk),
        false => tickets::visible(caller, Some(ticket))?,
    };
    Ok(TicketContext {
        record,
        version,
        view,
    })
}
