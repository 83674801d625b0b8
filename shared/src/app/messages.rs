//! Post and read messages. A message, its deliveries and its place in every list are one commit:
//! when the call is answered, the mail cannot be lost.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    App, Code, Error, Findings, RACES, Result,
    access::{Caller, Role, View, address_key},
    deliveries,
    idempotency::{Once, Outcome},
    parameters::{self, busy},
    tickets::{self, ReadMark, Record, is_ticket_id},
};
use crate::{
    domain::{
        delivery::{Delivery, DeliveryStatus},
        message::{Author, Channel, File, Message, Role as Side, TimeSpent, Visibility},
        parameter::{self as numbers, Parameters},
        reason::Reason,
        recipients::{self, Decision, Rule},
        storm::Slot,
    },
    mail::{
        address::{Address, Mailbox},
        mask::mask,
        system::Ours,
    },
    render::RichText,
    store::{Item, Position, Query, Range, Source, StorageError, Version, Write, keys},
    telemetry::{Metric, emit},
};

/// Longest message, in characters, as plain text or as HTML.
pub const MAX_MESSAGE: usize = 100_000;
const MAX_SHORT: usize = 255;
/// How many of the last messages are looked at for public ones.
const RECENT: usize = 50;

/// What somebody writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewMessage {
    /// The message as plain text. Either this or `html`.
    #[serde(default)]
    pub text: Option<String>,
    /// The message as HTML; it is sanitised. Either this or `text`.
    #[serde(default)]
    pub html: Option<String>,
    /// Who may read it.
    #[serde(default)]
    pub visibility: Visibility,
    /// Whether mail is sent; yes when absent.
    #[serde(default)]
    pub notify: Option<bool>,
    /// Category of the occurrence; parameter 262 for a portal message without one.
    #[serde(default)]
    pub category: Option<String>,
    /// Origin of the occurrence; parameter 263 for a portal message without one.
    #[serde(default)]
    pub origin: Option<String>,
    /// Hours posted with it.
    #[serde(default)]
    pub time_spent: Option<TimeSpent>,
    /// Who wrote it: needed from the integration, refused from everyone else.
    #[serde(default)]
    pub author: Option<Author>,
}

/// What became of one recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeliveryView {
    /// Delivery.
    pub id: Uuid,
    /// Address; masked for requesters.
    pub to: String,
    /// State.
    pub status: DeliveryStatus,
    /// Why it is held, failed or unknown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// Answer to a posted message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Posted {
    /// The message.
    pub id: Uuid,
    /// Its ticket.
    pub ticket_id: String,
    /// When it was stored.
    pub created_at: Timestamp,
    /// The mails it makes, one a recipient.
    pub deliveries: Vec<DeliveryView>,
}

/// A message as stored, with what was decided about everyone whom it concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMessage {
    /// The message.
    #[serde(flatten)]
    pub message: Message,
    /// Who was considered, in order.
    #[serde(default)]
    pub decisions: Vec<Decision>,
}

/// Posts a message on a ticket.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], [`Code::PortalWritingOff`], [`Code::MessagesOff`],
/// [`Code::Invalid`] with every finding, [`Code::IdempotencyMismatch`], storage.
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
    post_with(app, caller, ticket_id, new, once, channel, None).await
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
    let channel = Channel::Email;
    post_with(app, caller, ticket_id, new, once, channel, Some(mail)).await
}

async fn post_with(
    app: &App,
    caller: &Caller,
    ticket_id: &str,
    new: &NewMessage,
    once: Option<&Once>,
    channel: Channel,
    mail: Option<&ByMail<'_>>,
) -> Result<Outcome<Posted>> {
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
        let (writes, posted) = draft.commit(&record, found[0].as_ref(), message, once)?;
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

/// The conversation in the order it was written; a requester reads what is public. Reading to the
/// end marks it as read.
///
/// # Errors
/// [`Code::NotFound`], storage.
pub async fn list(
    app: &App,
    caller: &Caller,
    ticket_id: &str,
    limit: usize,
    after: Option<Position>,
) -> Result<(Vec<Message>, Option<Position>)> {
    if !is_ticket_id(ticket_id) {
        return Err(tickets::not_found());
    }
    let found = app.store.get(&[keys::ticket(ticket_id)]).await?;
    let (record, view) = tickets::visible(caller, found[0].as_ref())?;
    let mut messages = Vec::new();
    let mut next = after;
    loop {
        let query = Query::of(
            Source::Partition(keys::ticket_partition(ticket_id)),
            limit - messages.len(),
        )
        .range(Range::Prefix(keys::MESSAGES.to_owned()))
        .after(next);
        let page = app.store.query(query).await?;
        for item in &page.items {
            let stored: StoredMessage = item.decode()?;
            messages.extend(shown(stored.message, view, caller));
        }
        next = page.next;
        if next.is_none() || messages.len() >= limit {
            break;
        }
    }
    if next.is_none() {
        mark_read(app, caller, ticket_id, &record).await?;
    }
    Ok((messages, next))
}

/// One message; the desk sees its deliveries too.
///
/// # Errors
/// [`Code::NotFound`], storage.
pub async fn read(
    app: &App,
    caller: &Caller,
    ticket_id: &str,
    id: Uuid,
) -> Result<(Message, Option<Vec<Delivery>>)> {
    if !is_ticket_id(ticket_id) {
        return Err(tickets::not_found());
    }
    let found = app
        .store
        .get(&[keys::ticket(ticket_id), keys::message(ticket_id, id)])
        .await?;
    let (_, view) = tickets::visible(caller, found[0].as_ref())?;
    let stored: StoredMessage = found[1]
        .as_ref()
        .ok_or_else(|| Error::not_found("message"))?
        .decode()?;
    let message = shown(stored.message, view, caller).ok_or_else(|| Error::not_found("message"))?;
    let deliveries = match view {
        View::Requester => None,
        View::Desk => Some(deliveries_of(app, ticket_id, id).await?),
    };
    Ok((message, deliveries))
}

/// The deliveries of a message, in the order they were made.
///
/// # Errors
/// Storage.
pub async fn deliveries_of(app: &App, ticket_id: &str, message: Uuid) -> Result<Vec<Delivery>> {
    let query = Query::of(Source::Partition(keys::ticket_partition(ticket_id)), 100)
        .range(Range::Prefix(keys::deliveries_of(message)));
    let page = app.store.query(query).await?;
    Ok(page
        .items
        .iter()
        .map(Item::decode)
        .collect::<std::result::Result<_, _>>()?)
}

/// The last public messages of a ticket, oldest first; of a long conversation the newest part.
///
/// # Errors
/// Storage.
pub(crate) async fn recent_public(app: &App, ticket_id: &str) -> Result<Vec<Message>> {
    let source = Source::Partition(keys::ticket_partition(ticket_id));
    let query = Query::of(source, RECENT)
        .range(Range::Prefix(keys::MESSAGES.to_owned()))
        .descending();
    let mut messages = Vec::new();
    for item in app.store.query(query).await?.items {
        let StoredMessage { message, .. } = item.decode()?;
        if message.visibility == Visibility::Public {
            messages.push(message);
        }
    }
    messages.reverse();
    Ok(messages)
}

/// The ticket, when the caller may write on it.
fn writable(caller: &Caller, item: Option<&Item>) -> Result<(Record, View)> {
    if caller.is(Role::Integration) {
        let record: Record = item.ok_or_else(tickets::not_found)?.decode()?;
        return Ok((record, View::Desk));
    }
    tickets::visible(caller, item)
}

fn shown(mut message: Message, view: View, caller: &Caller) -> Option<Message> {
    if view == View::Requester {
        if message.visibility == Visibility::Internal {
            return None;
        }
        // It may quote what was never meant for them.
        message.full_text = None;
        if let Some(email) = &mut message.author.email
            && address_key(email) != caller.email
        {
            *email = mask(email);
        }
    }
    Some(message)
}

async fn mark_read(app: &App, caller: &Caller, ticket_id: &str, record: &Record) -> Result<()> {
    let Some(email) = &caller.email else {
        return Ok(());
    };
    let key = keys::read_mark(ticket_id, email);
    let mark = ReadMark {
        messages: record.messages,
        public_messages: record.public_messages,
    };
    let found = app.store.get(std::slice::from_ref(&key)).await?;
    let before: Option<ReadMark> = found[0].as_ref().map(Item::decode).transpose()?;
    if before != Some(mark) && record.messages > 0 {
        app.store
            .commit(vec![Write::put(Item::new(key, "read_mark", &mark)?)])
            .await?;
    }
    Ok(())
}

/// A message on its way into the store.
struct Draft<'a> {
    app: &'a App,
    caller: &'a Caller,
    view: View,
    channel: Channel,
    mail: Option<&'a ByMail<'a>>,
    parameters: &'a Parameters,
}

impl Draft<'_> {
    fn message(&self, ticket_id: &str, new: &NewMessage) -> Result<Message> {
        let mut findings = Findings::default();
        let author = self.author(new, &mut findings);
        let portal = author.role == Side::Requester;
        self.switched_on(portal)?;
        let channel = if portal && self.channel == Channel::Desk {
            Channel::Portal
        } else {
            self.channel
        };
        let (text, html) = body(new, &mut findings);
        if portal && new.visibility == Visibility::Internal {
            findings.add(
                "INTERNAL_NOT_ALLOWED",
                "visibility",
                "only the desk writes internal messages",
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
        if !self.parameters.is_on(numbers::MESSAGE_EXCHANGE) {
            return Err(Error::new(
                Code::MessagesOff,
                "Message exchange is switched off (parameter 299).",
            ));
        }
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

    fn commit(
        &self,
        record: &Record,
        stored: Option<&Item>,
        message: Message,
        once: Option<&Once>,
    ) -> Result<(Vec<Write>, Posted)> {
        let senders = senders(self.app, self.parameters);
        let decisions = recipients::decide(
            &record.ticket,
            &message,
            self.parameters,
            ours(self.app, &senders),
        );
        let version = stored.ok_or_else(tickets::not_found)?.version.clone();
        let stored = StoredMessage { message, decisions };
        let mut record = record.clone();
        if let Some(id) = self.mail.and_then(|mail| mail.wire_id) {
            record.last_mail = Some(id.to_owned());
        }
        let Appended {
            mut writes,
            deliveries,
        } = append(self.app, &record, version, &stored)?;
        let posted = Posted {
            id: stored.message.id,
            ticket_id: record.ticket.id.clone(),
            created_at: stored.message.created_at,
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

/// A message on its way into a ticket's conversation.
pub(crate) struct Appended {
    /// Everything that must be written, all or nothing.
    pub(crate) writes: Vec<Write>,
    /// Its deliveries.
    pub(crate) deliveries: Vec<Delivery>,
}

/// Adds a message, with what was decided about everyone, to the ticket that was read at `version`.
pub(crate) fn append(
    app: &App,
    record: &Record,
    version: Version,
    stored: &StoredMessage,
) -> Result<Appended> {
    let (id, message) = (&record.ticket.id, &stored.message);
    let public = u64::from(message.visibility == Visibility::Public);
    let mut after = Record {
        activity_at: message.created_at,
        messages: record.messages + 1,
        public_messages: record.public_messages + public,
        ..record.clone()
    };
    let deliveries = deliveries(app, &mut after, stored);
    let mut writes = vec![Write::replace(tickets::item(&after)?, version)];
    writes.extend(tickets::memberships(&after)?);
    if let Some(email) = &message.author.email {
        let mark = ReadMark {
            messages: after.messages,
            public_messages: after.public_messages,
        };
        let key = keys::read_mark(id, email);
        writes.push(Write::put(Item::new(key, "read_mark", &mark)?));
    }
    let key = keys::message(id, message.id);
    writes.push(Write::create(Item::new(key, "message", stored)?));
    for delivery in &deliveries {
        writes.push(Write::create(deliveries::item(delivery)?));
    }
    Ok(Appended { writes, deliveries })
}

/// The deliveries of a message; those that would be a storm are held for a moment of their own.
fn deliveries(app: &App, record: &mut Record, stored: &StoredMessage) -> Vec<Delivery> {
    let (message, now) = (&stored.message, stored.message.created_at);
    let mailed = stored.decisions.iter().filter(|one| one.rule == Rule::Mail);
    let mut made = Vec::new();
    for to in mailed.map(|decision| decision.to.clone()) {
        let times = record
            .mails
            .entry(address_key(&to.address).unwrap_or_default());
        let slot = app
            .settings
            .storm_limits
            .take(times.or_default(), now.as_second());
        let mut delivery = Delivery::queued(message.id, &message.ticket_id, to, now);
        let code = Reason::LoopLimit.code();
        match slot {
            Slot::Now => {}
            Slot::At(at) => {
                let at = Timestamp::from_second(at).ok();
                delivery.hold(code, code.to_owned(), at, None, now);
            }
            Slot::None => delivery.fail(code, None, now),
        }
        if slot != Slot::Now {
            tracing::error!(ticket_id = message.ticket_id, delivery_id = %delivery.id, reason = code, "too much mail");
            emit(Metric::LoopLimited, 1.0, now);
        }
        made.push(delivery);
    }
    let counts = now.as_second() - app.settings.storm_limits.longest();
    record
        .mails
        .retain(|_, times| times.last().is_some_and(|last| *last > counts));
    made
}

/// Every address that this system sends from.
pub(crate) fn senders(app: &App, parameters: &Parameters) -> Vec<Address> {
    let known = [
        parameters.value(numbers::SENDER),
        app.settings.mail_from.as_deref(),
    ];
    let parsed = known
        .into_iter()
        .flatten()
        .filter_map(|sender| Mailbox::parse(sender).ok());
    parsed.map(|mailbox| mailbox.address).collect()
}

/// What is ours among addresses.
pub(crate) fn ours<'a>(app: &'a App, senders: &'a [Address]) -> Ours<'a> {
    Ours {
        senders,
        reply_domain: app.settings.reply_domain.as_deref(),
    }
}

/// A delivery as it is answered to this side.
pub fn delivery_view(delivery: &Delivery, view: View) -> DeliveryView {
    let to = match view {
        View::Desk => delivery.to.address.clone(),
        View::Requester => mask(&delivery.to.address),
    };
    DeliveryView {
        id: delivery.id,
        to,
        status: delivery.status,
        reason: delivery.reason.clone(),
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
