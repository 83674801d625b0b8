//! Checks a new message and builds what is stored.

use jiff::SignedDuration;
use serde_json::Value;
use uuid::Uuid;

use super::{
    NewMessage, PostWarning, Posted, StoredMessage,
    append::{Appended, append, ours, senders},
    delivery_view,
};
use crate::{
    App, Code, Error, Findings, Result,
    access::{Caller, Role, View, clean_name, same_name, shown_name},
    desk::{tickets::TicketRecord, uploads::Taken},
    idempotency::{self, Once},
    json::convert_fields,
    texts,
};
use domain::{
    address::{Address, AddressError, AddressKey, WrittenAddress},
    characters::{is_blank, on_one_line, written_text},
    id::TicketId,
    legacy,
    loops::ReplyDigest,
    message::{Author, Channel, File, LetIn, Message, Side, Visibility},
    parameter::{self as numbers, Parameters},
    recipients,
    ticket::Ticket,
};
use mail::{inbound::pasted, redact::redact};
use render::RichText;
use storage::{Expect, MAX_WRITES, Version, Write};

/// What a message that came by mail brings along.
pub(crate) struct ByMail<'a> {
    /// The id that the message gets: the record of its mail names it.
    pub(crate) id: Uuid,
    /// Its files, stored already.
    pub(crate) attachments: &'a [File],
    /// All of its text, where that is more than what its author wrote for it.
    pub(crate) full_text: Option<&'a str>,
    /// `Message-ID` of the mail.
    pub(crate) header_id: Option<&'a str>,
    /// What it says, as loops are told by it.
    pub(crate) reply_digest: &'a ReplyDigest,
    /// Who let it in, where a person did.
    pub(crate) let_in: Option<&'a LetIn>,
    /// Further writes of the same commit.
    pub(crate) writes: &'a [Write],
}

/// A ticket as it was read, and the side from which the caller writes on it.
pub(crate) struct TicketContext {
    /// The ticket with its conversation's counters, as stored.
    pub(crate) record: TicketRecord,
    /// The version that the write expects: another message in between makes it fail.
    pub(crate) version: Version,
    /// The side from which the caller writes, which decides what they may do.
    pub(crate) view: View,
}

/// Longest message, in characters, as plain text or as HTML.
pub const MAX_MESSAGE: usize = 100_000;
const MAX_SHORT: usize = 255;

/// Makes a message of what somebody wrote, once it keeps every rule.
pub(super) struct MessageBuilder<'a> {
    pub(super) app: &'a App,
    pub(super) caller: &'a Caller,
    pub(super) view: View,
    pub(super) channel: Channel,
    pub(super) mail: Option<&'a ByMail<'a>>,
    pub(super) uploads: &'a Taken,
    pub(super) parameters: &'a Parameters,
}

impl MessageBuilder<'_> {
    /// The message that `new` becomes on this ticket, in the caller's name.
    ///
    /// # Errors
    /// Everything that is wrong with it at once, and what its author may not do.
    pub(super) fn message(&self, ticket: &Ticket, new: &NewMessage) -> Result<Message> {
        let mut findings = self.app.findings();
        let author = self.author(ticket, new, &mut findings);
        let portal = author.role == Side::Requester;
        switched_on(self.parameters, self.channel, self.view)?;
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
                texts::draft::ONLY_THE_DESK_WRITES_INTERNAL_MESSAGES.phrase(),
            );
        }
        if new.automatic && !self.caller.is(Role::Integration) {
            findings.add(
                "AUTOMATIC_NOT_ALLOWED",
                "automatic",
                texts::draft::ONLY_THE_INTEGRATION_POSTS_WHAT.phrase(),
            );
        }
        // What a form sends empty was not chosen.
        let mut chosen = |field, given: &Option<String>, number| {
            let given = given.as_deref().filter(|text| !text.trim().is_empty());
            // Nobody waits for the answer to an event, and the message is there.
            if let Some(given) = given.filter(|_| self.channel != Channel::Event) {
                findings.one_line(field, given);
            }
            let default = || self.parameters.value(number).filter(|_| portal);
            let chosen = on_one_line(given.or_else(default).unwrap_or_default());
            findings.max_chars(field, &chosen, MAX_SHORT);
            chosen.into_owned()
        };
        let category = chosen("category", &new.category, numbers::PORTAL_CATEGORY);
        let origin = chosen("origin", &new.origin, numbers::PORTAL_ORIGIN);
        if let Some(spent) = &new.time_spent
            && !is_duration(&spent.hours)
        {
            findings.add(
                "TIME_SPENT_INVALID",
                "time_spent.hours",
                texts::draft::HOURS_AND_MINUTES.phrase(),
            );
        }
        delay(new, &mut findings);
        findings.extend(&self.uploads.findings);
        findings.finish(Code::Invalid)?;
        Ok(Message {
            id: self.mail.map_or_else(Uuid::now_v7, |mail| mail.id),
            ticket_id: ticket.id.clone(),
            text,
            html,
            full_text: self.mail.and_then(|mail| mail.full_text).map(str::to_owned),
            author,
            visibility: new.visibility,
            notify: new.notify.unwrap_or(true),
            automatic: new.automatic,
            category,
            origin,
            time_spent: new.time_spent.clone().map(Into::into),
            attachments: match self.mail {
                Some(mail) => mail.attachments.to_vec(),
                None => self.uploads.files.clone(),
            },
            source: channel,
            let_in: self.mail.and_then(|mail| mail.let_in).cloned(),
            created_at: self.app.now(),
        })
    }

    fn author(&self, ticket: &Ticket, new: &NewMessage, findings: &mut Findings) -> Author {
        let side = if self.view == View::Desk {
            Side::Technician
        } else {
            Side::Requester
        };
        let own = Author {
            name: self.own_name(ticket),
            email: self.caller.email.clone(),
            role: side,
        };
        match (&new.author, self.caller.is(Role::Integration)) {
            (None, false) => own,
            (Some(author), true) => {
                findings.max_chars("author.name", &author.name, MAX_SHORT);
                let mut name = clean_name(&author.name);
                let event = self.channel == Channel::Event;
                let nothing = Err(AddressError::Empty);
                let written = author.email.as_ref();
                let email = written.map_or(nothing, WrittenAddress::parsed);
                let email = email.map(Address::key);
                match email {
                    // Nobody waits for the answer to an event, and the message is there.
                    Err(error) if error != AddressError::Empty && !event => {
                        findings.add("ADDRESS_INVALID", "author.email", error.words().phrase())
                    }
                    _ if !name.is_empty() => {}
                    Ok(email) => {
                        name = shown_name(name_on(ticket, email), "", email.as_str());
                    }
                    Err(_) if event => name = own.name,
                    Err(_) => findings.add(
                        "AUTHOR_NAMELESS",
                        "author.name",
                        texts::draft::GIVE_THE_NAME_OR_THE_ADDRESS_OF_WHO_WROTE.phrase(),
                    ),
                }
                Author {
                    name,
                    email: email.ok().cloned(),
                    role: author.role,
                }
            }
            (None, true) => {
                findings.add(
                    "AUTHOR_MISSING",
                    "author",
                    texts::draft::THE_INTEGRATION_SAYS_WHO_WROTE.phrase(),
                );
                own
            }
            (Some(_), false) => {
                findings.add(
                    "AUTHOR_NOT_ALLOWED",
                    "author",
                    texts::draft::ONLY_THE_INTEGRATION_WRITES_FOR_OTHERS.phrase(),
                );
                own
            }
        }
    }

    /// The name under which the caller writes: the ticket knows people better than their tokens do,
    /// and nobody writes under the name of somebody else on it.
    fn own_name(&self, ticket: &Ticket) -> String {
        let caller = self.caller;
        let people = ticket.people();
        let mut others = people.filter(|person| !caller.is_at(&person.email));
        let own = match others.any(|other| same_name(&other.name, &caller.name)) {
            true => "",
            false => caller.name.as_str(),
        };
        match &caller.email {
            Some(email) => shown_name(name_on(ticket, email), own, email.as_str()),
            None => shown_name(Some(own), &caller.sub, &caller.sub),
        }
    }

    pub(super) async fn commit(
        &self,
        context: &TicketContext,
        message: Message,
        new: &NewMessage,
        once: Option<&Once>,
        warnings: Vec<PostWarning>,
    ) -> Result<(Vec<Write>, Posted)> {
        self.nothing_newer(context, new)?;
        let senders = senders(self.app, self.parameters);
        let decisions = recipients::decide(
            &context.record.ticket,
            &message,
            self.parameters,
            ours(self.app, &senders),
        );
        let mut stored = StoredMessage::new(message, decisions);
        let delay = new.delay_s.filter(|seconds| *seconds > 0);
        let undo_until = delay.map(|seconds| {
            stored.message.created_at + SignedDuration::from_secs(i64::from(seconds))
        });
        stored.undo_until = undo_until;
        let mut record = context.record.clone();
        let version = context.version.clone();
        match self.mail {
            Some(mail) => remember_reply(&mut record, &stored.message, mail),
            // Somebody wrote by hand: whoever answers by mail answers a person.
            None if matches!(self.channel, Channel::Desk) => record.reply_history.clear(),
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
            undo_until,
            warnings,
            deliveries: deliveries
                .iter()
                .map(|delivery| delivery_view(delivery, self.view))
                .collect(),
        };
        writes.extend(idempotency::record(self.app, once, &posted)?);
        if let Some(mail) = self.mail {
            writes.extend(mail.writes.iter().cloned());
        }
        // An offer that has no room in the commit ends by itself.
        let together = writes
            .iter()
            .filter(|write| !matches!(write.expect, Expect::Alone(_)));
        let room = MAX_WRITES.saturating_sub(together.count());
        writes.extend(self.uploads.writes.iter().take(room).cloned());
        Ok((writes, posted))
    }

    /// Whether the author has seen everything that they may read.
    fn nothing_newer(&self, context: &TicketContext, new: &NewMessage) -> Result<()> {
        let newest = match self.view {
            View::Desk => &context.record.last_message,
            View::Requester => &context.record.last_public_message,
        };
        match (newest, new.if_seen) {
            (Some(newest), Some(seen)) if newest.id > seen => Err(Error::new(
                Code::NewerMessage,
                texts::draft::WROTE_IN_THE_MEANTIME
                    .with("author", &newest.author)
                    .with("id", newest.id),
            )),
            _ => Ok(()),
        }
    }
}

/// The name by which the ticket knows the holder of an address.
fn name_on<'a>(ticket: &'a Ticket, email: &AddressKey) -> Option<&'a str> {
    let mut people = ticket.people();
    let known =
        people.find(|person| person.email.key() == Some(email) && !person.name.trim().is_empty());
    known.map(|person| person.name.as_str())
}

/// Keeps on the ticket what the next mails are threaded and judged by.
fn remember_reply(record: &mut TicketRecord, message: &Message, mail: &ByMail<'_>) {
    if let Some(id) = mail.header_id {
        record.last_mail = Some(id.to_owned());
    }
    let now = message.created_at;
    record
        .reply_history
        .retain(|_, history| !history.is_over(now));
    if let Some(sender) = &message.author.email {
        let history = record.reply_history.entry(sender.clone()).or_default();
        history.remember(mail.reply_digest.clone(), record.messages + 1, now);
    }
}

/// The message as text, and as sanitised HTML when it was written so.
fn body(new: &NewMessage, findings: &mut Findings) -> (String, Option<String>) {
    let given =
        [&new.text, &new.html].map(|field| field.as_deref().filter(|text| !text.trim().is_empty()));
    let (text, html): (String, Option<String>) = match given {
        [Some(text), None] => (written_text(text), None),
        [None, Some(html)] => {
            // Pictures are files, and not of the text's length.
            let html = pasted(html.trim()).html;
            findings.max_chars("html", &html, MAX_MESSAGE);
            let rich = RichText::sanitise(&html);
            (rich.text().to_owned(), Some(rich.html().to_owned()))
        }
        [Some(_), Some(_)] => {
            findings.add(
                "TEXT_AND_HTML",
                "text",
                texts::draft::EITHER_TEXT_OR_HTML_NOT_BOTH.phrase(),
            );
            return Default::default();
        }
        [None, None] => (String::new(), None),
    };
    findings.max_chars("text", &text, MAX_MESSAGE);
    if is_blank(&text) && html.as_deref().is_none_or(|html| !html.contains("<img")) {
        findings.add(
            "MESSAGE_EMPTY",
            "text",
            texts::draft::A_MESSAGE_NEEDS_A_TEXT.phrase(),
        );
    }
    (text, html)
}

/// Longest time for which the mails of a message wait to be taken back, seconds.
const MAX_DELAY: u32 = 60;

fn delay(new: &NewMessage, findings: &mut Findings) {
    if new.delay_s.is_some_and(|seconds| seconds > MAX_DELAY) {
        let message = texts::draft::AT_MOST_SECONDS.phrase();
        findings.add("DELAY_INVALID", "delay_s", message.with("max", MAX_DELAY));
    }
    if new.automatic && new.delay_s.is_some_and(|seconds| seconds > 0) {
        let message = texts::draft::AUTOMATIC_MESSAGES_HAVE_NO_DELAY.phrase();
        findings.add("DELAY_INVALID", "delay_s", message);
    }
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
            texts::draft::MESSAGE_EXCHANGE_IS_SWITCHED_OFF.phrase(),
        )),
    }
}

/// Whether anything can be written here now: parameter 299, and 252 for requesters in the portal.
///
/// # Errors
/// [`Code::MessagesOff`], [`Code::PortalWritingOff`].
pub(crate) fn switched_on(parameters: &Parameters, channel: Channel, view: View) -> Result<()> {
    exchange_is_on(parameters)?;
    let portal = channel == Channel::Desk && view == View::Requester;
    if portal && !parameters.is_on(numbers::PORTAL_MESSAGES) {
        return Err(Error::new(
            Code::PortalWritingOff,
            texts::draft::WRITING_FROM_THE_PORTAL_IS_SWITCHED_OFF.phrase(),
        ));
    }
    Ok(())
}

/// The way by which a caller of the API writes.
pub(crate) fn channel_of(caller: &Caller) -> Channel {
    match caller.is(Role::Integration) {
        true => Channel::Api,
        false => Channel::Desk,
    }
}

/// Fields that say who reads a message and who is told, and how many typos still mean them.
const WHO_READS: [(&str, usize); 3] = [("visibility", 2), ("notify", 1), ("automatic", 2)];

/// The message that the body of a request is, under the field names of today or those of CITSmart, with what
/// is wrong with its fields: see [`App::having`]. It may name its ticket, which is that of the path.
///
/// # Errors
/// [`Code::BodyInvalid`], with everything that cannot be read.
pub fn given(app: &App, ticket_id: &TicketId, mut body: Value) -> Result<(NewMessage, Findings)> {
    let named = legacy::message(&mut body, &app.local_now());
    let (new, mut findings) = convert_fields(body)?;
    if named.is_some_and(|named| *ticket_id != *named) {
        findings.add(
            "TICKET_ID_MISMATCH",
            "requestNumber",
            texts::check::THE_ID_IN_THE_BODY_DIFFERS.phrase(),
        );
    }
    Ok((new, findings))
}

/// Holds the fields of an event's message against a typo in those that say who reads it: an internal text
/// must not go to everyone for a missing letter. Other fields that are not known are the source's own, and
/// are passed over.
///
/// # Errors
/// [`Code::Invalid`].
pub(crate) fn reject_misspelled_fields(given: &Value) -> Result<()> {
    let mut findings = Findings::default();
    for field in given
        .as_object()
        .into_iter()
        .flat_map(|fields| fields.keys())
    {
        let meant = WHO_READS
            .iter()
            .filter(|(known, _)| known.len().abs_diff(field.len()) <= 2)
            .find(|(known, typos)| (1..=*typos).contains(&strsim::osa_distance(known, field)));
        if let Some((meant, _)) = meant {
            findings.add(
                "FIELD_UNKNOWN",
                field,
                texts::draft::DID_YOU_MEAN.with("meant", meant),
            );
        }
    }
    findings.finish(Code::Invalid)
}
