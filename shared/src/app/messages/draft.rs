//! From what somebody writes to the message that is stored.

use uuid::Uuid;

use super::{
    NewMessage, Posted, StoredMessage,
    append::{Appended, append, ours, senders},
    delivery_view,
    posting::{ByMail, Ground},
};
use crate::{
    app::{
        App, Code, Error, Findings, Result,
        access::{Caller, Role, View},
        idempotency::Once,
        tickets::Record,
    },
    domain::{
        message::{Author, Channel, Message, Role as Side, Visibility},
        parameter::{self as numbers, Parameters},
        recipients,
    },
    mail::{address::Address, redact::redact},
    render::RichText,
    store::Write,
};

/// Longest message, in characters, as plain text or as HTML.
pub const MAX_MESSAGE: usize = 100_000;
const MAX_SHORT: usize = 255;

/// A message on its way into the store.
pub(super) struct Draft<'a> {
    pub(super) app: &'a App,
    pub(super) caller: &'a Caller,
    pub(super) view: View,
    pub(super) channel: Channel,
    pub(super) mail: Option<&'a ByMail<'a>>,
    pub(super) parameters: &'a Parameters,
}

impl Draft<'_> {
    pub(super) fn message(&self, ticket_id: &str, new: &NewMessage) -> Result<Message> {
        let mut findings = Findings::default();
        let author = self.author(new, &mut findings);
        let portal = author.role == Side::Requester;
        self.switched_on(portal)?;
        let channel = if portal && self.channel == Channel::Desk {
            Channel::Portal
        } else {
            self.channel
        };
        // A link or a reply address of a mail of ours belongs to its recipient alone.
        let (text, html) = body(new, &mut findings);
        let (text, html) = (
            redact(&text).into_owned(),
            html.map(|html| redact(&html).into_owned()),
        );
        if portal && new.visibility == Visibility::Internal {
            findings.add(
                "INTERNAL_NOT_ALLOWED",
                "visibility",
                "only the desk writes internal messages",
            );
        }
        if new.automatic && !self.caller.is(Role::Integration) {
            findings.add(
                "AUTOMATIC_NOT_ALLOWED",
                "automatic",
                "only the integration posts what no person wrote",
            );
        }
        let fallback = |number| {
            if portal {
                self.parameters.value(number).unwrap_or_default().to_owned()
            } else {
                String::new()
            }
        };
        let category = new
            .category
            .clone()
            .unwrap_or_else(|| fallback(numbers::PORTAL_CATEGORY));
        let origin = new
            .origin
            .clone()
            .unwrap_or_else(|| fallback(numbers::PORTAL_ORIGIN));
        findings.max_chars("category", &category, MAX_SHORT);
        findings.max_chars("origin", &origin, MAX_SHORT);
        if let Some(spent) = &new.time_spent
            && !is_duration(&spent.hours)
        {
            findings.add(
                "TIME_SPENT_INVALID",
                "time_spent.hours",
                "hours and minutes such as 01:30",
            );
        }
        findings.finish(Code::Invalid)?;
        Ok(Message {
            id: Uuid::now_v7(),
            ticket_id: ticket_id.to_owned(),
            text,
            html,
            full_text: self.mail.and_then(|mail| mail.full_text).map(str::to_owned),
            author,
            visibility: new.visibility,
            notify: new.notify.unwrap_or(true),
            automatic: new.automatic,
            category,
            origin,
            time_spent: new.time_spent.clone(),
            attachments: self
                .mail
                .map(|mail| mail.attachments.to_vec())
                .unwrap_or_default(),
            source: channel,
            created_at: self.app.now(),
        })
    }

    fn author(&self, new: &NewMessage, findings: &mut Findings) -> Author {
        let side = if self.view == View::Desk {
            Side::Technician
        } else {
            Side::Requester
        };
        let own = Author {
            name: self.caller.name.clone(),
            email: self.caller.email.clone(),
            role: side,
        };
        match (&new.author, self.caller.is(Role::Integration)) {
            (None, false) => own,
            (Some(author), true) => {
                let mut author = author.clone();
                findings.max_chars("author.name", &author.name, MAX_SHORT);
                match author
                    .email
                    .as_deref()
                    .filter(|email| !email.trim().is_empty())
                    .map(Address::parse)
                {
                    None => author.email = None,
                    Some(Ok(address)) => author.email = Some(address.key().to_owned()),
                    Some(Err(error)) => {
                        findings.add("ADDRESS_INVALID", "author.email", error.to_string())
                    }
                }
                author
            }
            (None, true) => {
                findings.add(
                    "AUTHOR_MISSING",
                    "author",
                    "the integration says who wrote it: {name, email, role}",
                );
                own
            }
            (Some(_), false) => {
                findings.add(
                    "AUTHOR_NOT_ALLOWED",
                    "author",
                    "only the integration writes for others",
                );
                own
            }
        }
    }

    fn switched_on(&self, portal: bool) -> Result<()> {
        exchange_is_on(self.parameters)?;
        if portal
            && self.channel == Channel::Desk
            && !self.parameters.is_on(numbers::PORTAL_MESSAGES)
        {
            return Err(Error::new(
                Code::PortalWritingOff,
                "Writing from the portal is switched off (parameter 252).",
            ));
        }
        Ok(())
    }

    pub(super) async fn commit(
        &self,
        ground: &Ground,
        message: Message,
        once: Option<&Once>,
    ) -> Result<(Vec<Write>, Posted)> {
        let senders = senders(self.app, self.parameters);
        let decisions = recipients::decide(
            &ground.record.ticket,
            &message,
            self.parameters,
            ours(self.app, &senders),
        );
        let stored = StoredMessage::new(message, decisions);
        let mut record = ground.record.clone();
        let version = ground.version.clone();
        match self.mail {
            Some(mail) => hear(&mut record, &stored.message, mail),
            // Somebody wrote by hand: whoever answers by mail answers a person.
            None if matches!(self.channel, Channel::Desk) => record.heard.clear(),
            None => {}
        }
        let (id, created_at) = (stored.message.id, stored.message.created_at);
        let Appended {
            mut writes,
            deliveries,
        } = append(self.app, self.parameters, &record, version, stored).await?;
        let posted = Posted {
            id,
            ticket_id: record.ticket.id.clone(),
            created_at,
            deliveries: deliveries
                .iter()
                .map(|delivery| delivery_view(delivery, self.view))
                .collect(),
        };
        if let Some(once) = once {
            writes.push(once.record(self.app, &posted)?);
        }
        if let Some(mail) = self.mail {
            writes.extend((mail.writes)(posted.id)?);
        }
        Ok((writes, posted))
    }
}

/// Keeps on the ticket what the next mails are threaded and judged by.
fn hear(record: &mut Record, message: &Message, mail: &ByMail<'_>) {
    if let Some(id) = mail.wire_id {
        record.last_mail = Some(id.to_owned());
    }
    let now = message.created_at;
    record.heard.retain(|_, heard| !heard.is_over(now));
    if let Some(sender) = &message.author.email {
        let heard = record.heard.entry(sender.clone()).or_default();
        heard.hear(mail.saying.clone(), record.messages + 1, now);
    }
}

/// The message as text, and as sanitised HTML when it was written so.
fn body(new: &NewMessage, findings: &mut Findings) -> (String, Option<String>) {
    let given = |field: &Option<String>| {
        field
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let (text, html): (String, Option<String>) = match (given(&new.text), given(&new.html)) {
        (Some(text), None) => (clean(&text), None),
        (None, Some(html)) => {
            findings.max_chars("html", &html, MAX_MESSAGE);
            let rich = RichText::sanitise(&html);
            (rich.text().to_owned(), Some(rich.html().to_owned()))
        }
        (Some(_), Some(_)) => {
            findings.add("TEXT_AND_HTML", "text", "either text or html, not both");
            return Default::default();
        }
        (None, None) => (String::new(), None),
    };
    findings.max_chars("text", &text, MAX_MESSAGE);
    if text.trim().is_empty() && html.as_deref().is_none_or(|html| !html.contains("<img")) {
        findings.add("MESSAGE_EMPTY", "text", "a message needs a text");
    }
    (text, html)
}

/// The text with `\n` line ends and without control characters.
fn clean(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .filter(|c| *c == '\n' || *c == '\t' || !c.is_control())
        .collect()
}

fn is_duration(hours: &str) -> bool {
    hours.split_once(':').is_some_and(|(hours, minutes)| {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        digits(hours) && hours.len() <= 3 && digits(minutes) && minutes.len() == 2 && minutes < "60"
    })
}

/// Whether anybody may write at all.
///
/// # Errors
/// [`Code::MessagesOff`].
pub(crate) fn exchange_is_on(parameters: &Parameters) -> Result<()> {
    match parameters.is_on(numbers::MESSAGE_EXCHANGE) {
        true => Ok(()),
        false => Err(Error::new(
            Code::MessagesOff,
            "Message exchange is switched off (parameter 299).",
        )),
    }
}

/// Fields that say who reads a message and who is told, and how many slips still mean them.
const WHO_READS: [(&str, usize); 3] = [("visibility", 2), ("notify", 1), ("automatic", 2)];

/// Holds the fields of a message as it was given against a slip of the keyboard in those that say who
/// reads it: an internal text must not go to everyone for a missing letter. Other fields that are not
/// known are the caller's own, and are passed over.
///
/// # Errors
/// [`Code::Invalid`].
pub fn spelt(given: &serde_json::Value) -> Result<()> {
    let mut findings = Findings::default();
    for field in given
        .as_object()
        .into_iter()
        .flat_map(|fields| fields.keys())
    {
        let meant = WHO_READS
            .iter()
            .filter(|(known, _)| known.len().abs_diff(field.len()) <= 2)
            .find(|(known, slips)| (1..=*slips).contains(&strsim::osa_distance(known, field)));
        if let Some((meant, _)) = meant {
            findings.add("FIELD_UNKNOWN", field, format!("did you mean {meant}?"));
        }
    }
    findings.finish(Code::Invalid)
}
