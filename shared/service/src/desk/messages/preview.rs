//! Before a message is sent: who would get it, who would not and why, and the mail itself.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    NewMessage,
    append::{ours, senders},
    builder::{MessageBuilder, channel_of},
    posting::writable,
};
use crate::{
    App, Result,
    access::{Caller, Role, View},
    desk::{explain::Explained, uploads::Taken},
    entity::{self, Entity as _},
    outgoing::previews,
    pages,
};
use domain::{
    catalog::Language,
    characters::is_blank,
    delivery::Capacity,
    id::TicketId,
    mask::mask,
    recipients::{self, Decision, RecipientRule},
    suppression::Cause,
};

/// Somebody whom a message concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PreviewRecipient {
    /// Address; masked for requesters.
    pub to: String,
    /// Name; empty when it is not known.
    pub name: String,
    /// As whom they would get it.
    pub capacity: Capacity,
    /// Whether they would get a mail.
    pub mailed: bool,
    /// The rule that decides.
    pub decision: Explained,
    /// Why mail to the address is held at present.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked: Option<Cause>,
}

/// What would become of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MessagePreview {
    /// Who is considered, in order.
    pub recipients: Vec<PreviewRecipient>,
    /// Subject of the mail to the first who gets one; for the desk, when a text was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// HTML body of that mail; none when there would be no mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// Why there would be no mail: no template, no sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What would become of a message that is posted now. Without a text it says who would get it.
///
/// # Errors
/// As posting it.
pub async fn preview(
    app: &App,
    caller: &Caller,
    ticket_id: &TicketId,
    new: &NewMessage,
    language: Language,
) -> Result<MessagePreview> {
    caller.require(&[Role::Requester, Role::Technician, Role::Integration])?;
    let parameters = entity::Parameters.or_default();
    let (ticket, parameters) = app.read((entity::Ticket(ticket_id), parameters)).await?;
    let context = writable(caller, ticket)?;
    let uploads = Taken::default();
    let builder = MessageBuilder {
        app,
        caller,
        view: context.view,
        channel: channel_of(caller),
        mail: None,
        uploads: &uploads,
        parameters: &parameters,
    };
    let blank = |text: &Option<String>| text.as_deref().is_none_or(is_blank);
    let empty = blank(&new.text) && blank(&new.html);
    let mut written = new.clone();
    if empty {
        written.text = Some("…".to_owned());
    }
    let message = builder.message(&context.record.ticket, &written)?;
    let senders = senders(app, &parameters);
    let ours = ours(app, &senders);
    let decisions = recipients::decide(&context.record.ticket, &message, &parameters, ours);
    let blocked = blocked(app, &decisions).await?;
    let mut shown = MessagePreview {
        recipients: Vec::new(),
        subject: None,
        html: None,
        problem: None,
    };
    let first = decisions.iter().find(|one| one.rule == RecipientRule::Mail);
    if let (Some(first), View::Desk, false) = (first, context.view, empty) {
        match previews::of_message(app, &parameters, &context.record, message, &first.to).await {
            Ok(mail) => {
                shown.subject = Some(mail.composed.subject);
                match pages::fits_an_answer(&mail.rendered.html) {
                    true => shown.html = Some(mail.rendered.html),
                    false => {
                        let problem = previews::too_large_to_show(mail.composed.size);
                        shown.problem = Some(problem.get(language));
                    }
                }
            }
            Err(error) if error.is_retryable() => return Err(error),
            Err(error) => shown.problem = Some(error.detail(language)),
        }
    }
    for (Decision { to, rule, .. }, blocked) in decisions.into_iter().zip(blocked) {
        shown.recipients.push(PreviewRecipient {
            to: match context.view {
                View::Desk => to.address.into(),
                View::Requester => mask(to.address.as_str()),
            },
            name: to.name,
            capacity: to.capacity,
            mailed: rule == RecipientRule::Mail,
            decision: Explained {
                code: rule.code().to_owned(),
                text: rule.words().get(language).to_owned(),
            },
            blocked: blocked.filter(|_| context.view == View::Desk),
        });
    }
    Ok(shown)
}

/// Why mail to each of them is held, if it is.
async fn blocked(app: &App, decisions: &[Decision]) -> Result<Vec<Option<Cause>>> {
    let addresses = decisions.iter().map(|one| one.to.address.key());
    let wanted = addresses.map(|one| one.map(entity::Suppression));
    let found = app.read(wanted.collect::<Vec<_>>()).await?;
    let blocked = found.into_iter().map(|one| {
        let suppression = one.flatten().map(|one| one.value);
        let active = suppression.filter(|one| one.is_active(app.now()));
        active.map(|one| one.cause)
    });
    Ok(blocked.collect())
}
