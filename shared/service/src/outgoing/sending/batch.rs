//! What the deliveries of a batch need, read once for all of them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use tokio::{task::JoinSet, time::Instant};
use uuid::Uuid;

use super::{
    circuit::SendingState,
    joined,
    templates::{CachedTemplate, Templates},
    wanted::{Guess, ReadItems, wanted},
};
use crate::{
    App, Result,
    entity::{self, Entity as _, Loaded},
    outgoing::thread::{ThreadPosition, ThreadState},
    outgoing::{
        attachments::{self, Attachments},
        mailing,
    },
};
use domain::{
    address::{AddressKey, Mailbox},
    delivery::{Delivery, Recipient},
    id::{TemplateId, TicketId},
    message::Message,
    parameter::Parameters,
    preferences::Preferences,
    template::Summary,
    ticket::Ticket,
};
use render::ValuesContext;
use storage::{Item, Key, MAX_GET, Version, keys};

/// Most deliveries of a batch: what they need is one read of at most [`MAX_GET`] keys.
pub(super) const MAX_BATCH: usize = 15;

/// The published version of a template, and its compiled forms when it could be read.
type Published = (Summary, Option<Arc<CachedTemplate>>);

/// The shared part of a batch.
pub(super) struct Batch {
    /// The parameters, read once for all mails of the batch.
    pub(super) parameters: Parameters,
    /// Whether anything may be sent, as it was when the batch began.
    pub(super) state: SendingState,
    /// The schedule of the provider's rate, as it was read.
    pub(super) pace: Option<Item>,
    /// Whether automatic mails wait for the account's reputation.
    pub(super) at_risk: bool,
    /// Sender of mail about each ticket.
    senders: HashMap<TicketId, Mailbox>,
    tickets: HashMap<TicketId, Arc<Ticket>>,
    messages: HashMap<Uuid, Arc<Message>>,
    /// Id of the last mail that came in, by ticket.
    last_mails: HashMap<TicketId, String>,
    /// Ids of the mails so far, by ticket and address.
    threads: HashMap<Key, ThreadState>,
    attachments: HashMap<Uuid, Attachments>,
    /// What recipients wish, by address.
    preferences: HashMap<AddressKey, Preferences>,
    /// Recipients as they wish to be written to, by delivery.
    recipients: HashMap<Uuid, Recipient>,
    /// Messages with those that travel along, by delivery.
    together: HashMap<Uuid, Message>,
    suppressed: HashMap<AddressKey, Version>,
    /// The mails before those of the batch, by delivery.
    before: HashMap<Uuid, Delivery>,
    templates: HashMap<TemplateId, Option<Published>>,
}

impl Batch {
    /// Reads what these deliveries need, and the files that travel along.
    pub(super) async fn load(
        app: &App,
        cache: &Templates,
        deliveries: &[&Delivery],
        end: Instant,
    ) -> Result<Self> {
        let mut batch = Self::read(app, cache, deliveries).await?;
        batch.take_attachments(app, end).await;
        Ok(batch)
    }

    /// The same without the files: one read, and two or three more when the parameters name other
    /// templates than when the deliveries were queued.
    pub(super) async fn read(
        app: &App,
        cache: &Templates,
        deliveries: &[&Delivery],
    ) -> Result<Self> {
        let guess = Guess::new(cache, deliveries);
        let found = ReadItems::load(app, wanted(deliveries, &guess)).await?;
        let (parameters, _) = Loaded::or_default(found.read(entity::Parameters)?);
        let (state, _) = Loaded::or_default(found.read(entity::SendingState)?);
        let mut batch = Self {
            senders: HashMap::new(),
            parameters,
            state,
            at_risk: found
                .read(entity::Pace)
                .is_ok_and(|pace| pace.is_some_and(|pace| pace.value.breaker.is_some())),
            pace: found.item(&keys::pace()).cloned(),
            tickets: HashMap::new(),
            messages: HashMap::new(),
            last_mails: HashMap::new(),
            threads: HashMap::new(),
            attachments: HashMap::new(),
            preferences: HashMap::new(),
            recipients: HashMap::new(),
            together: HashMap::new(),
            suppressed: HashMap::new(),
            before: HashMap::new(),
            templates: HashMap::new(),
        };
        batch.take_deliveries(app, &found, deliveries)?;
        batch
            .take_templates(app, cache, &found, &guess, deliveries)
            .await?;
        let joined = joined_messages(app, deliveries).await?;
        for delivery in deliveries {
            batch.take_joined(app, delivery, &joined);
        }
        Ok(batch)
    }

    /// Reads the files that travel along, those of all messages at the same time.
    async fn take_attachments(&mut self, app: &App, end: Instant) {
        let with_files = self
            .messages
            .values()
            .filter(|one| !one.attachments.is_empty());
        let mut loading = JoinSet::new();
        for message in with_files.cloned() {
            let (app, parameters) = (app.clone(), self.parameters.clone());
            loading.spawn(async move {
                // Storage that hangs must not outlast the sender: the mail links to the files then.
                let loaded = attachments::load(&app, &parameters, &message);
                let loaded = tokio::time::timeout_at(end, loaded).await;
                (message.id, loaded.unwrap_or_default())
            });
        }
        self.attachments.extend(loading.join_all().await);
    }

    fn take_deliveries(
        &mut self,
        app: &App,
        found: &ReadItems,
        deliveries: &[&Delivery],
    ) -> Result<()> {
        let now = app.now();
        for delivery in deliveries {
            let ticket = &delivery.ticket_id;
            if !self.tickets.contains_key(ticket)
                && let Some(Loaded { value: record, .. }) = found.read(entity::Ticket(ticket))?
            {
                let contract = &record.ticket.contract;
                let sender = mailing::sender_of(&app.settings, &self.parameters, contract);
                self.senders
                    .extend(sender.map(|sender| (ticket.clone(), sender)));
                self.tickets.insert(ticket.clone(), Arc::new(record.ticket));
                self.last_mails
                    .extend(record.last_mail.map(|id| (ticket.clone(), id)));
            }
            if !self.messages.contains_key(&delivery.message_id)
                && let Some(stored) = found.read(entity::Message(ticket, delivery.message_id))?
            {
                self.messages
                    .insert(delivery.message_id, Arc::new(stored.value.message));
            }
            if let Some(earlier) = &delivery.after {
                let mut batch = deliveries.iter();
                let before = match batch.find(|one| one.id == earlier.delivery) {
                    Some(before) => Some(Delivery::clone(before)),
                    // One that cannot be read keeps nobody waiting.
                    None => {
                        let wanted = entity::Delivery(ticket, earlier.message, earlier.delivery);
                        found.read(wanted).ok().flatten().map(|one| one.value)
                    }
                };
                self.before.extend(before.map(|before| (before.id, before)));
            }
            let address = delivery.to.key();
            let thread = entity::Thread(ticket, &address);
            if let Some(stored) = found.read(thread)? {
                self.threads.insert(thread.key(), stored.value);
            }
            if let Some(wishes) = found.read(entity::Preferences(&address))? {
                self.recipients
                    .insert(delivery.id, wishes.value.applied_to(&delivery.to));
                self.preferences.insert(address.clone(), wishes.value);
            }
            let suppression = found.read(entity::Suppression(&address))?;
            if let Some(suppression) = suppression.filter(|one| one.value.is_active(now)) {
                self.suppressed.insert(address, suppression.version);
            }
        }
        Ok(())
    }

    /// Joins the messages that travel along with a delivery's own: automatic ones have them alone.
    fn take_joined(&mut self, app: &App, delivery: &Delivery, read: &HashMap<Key, Message>) {
        let Some(first) = self.messages.get(&delivery.message_id) else {
            return;
        };
        if delivery.joined.is_empty() {
            return;
        }
        let joined = joined_of(delivery).filter_map(|one| read.get(&one.key()).cloned());
        let rest: Vec<Message> = joined.collect();
        let settings = &app.settings;
        let to = self.recipient(delivery);
        let wanted = mailing::locale(settings, to);
        let template = self
            .template_of(delivery)
            .and_then(|id| self.template(id))
            .and_then(|(_, loaded)| loaded.as_deref());
        let tag = template.map_or(wanted, |template| {
            template.tag_sent(wanted, &settings.default_locale)
        });
        let zone = to.time_zone.as_deref();
        let context = ValuesContext::new(tag, zone.unwrap_or(&settings.default_time_zone), None);
        let whole = joined::together(first, &rest, context.locale, &context.time_zone);
        self.together.insert(delivery.id, whole);
    }

    async fn take_templates(
        &mut self,
        app: &App,
        cache: &Templates,
        found: &ReadItems,
        guess: &Guess,
        deliveries: &[&Delivery],
    ) -> Result<()> {
        let needed: BTreeSet<TemplateId> = deliveries
            .iter()
            .filter_map(|delivery| self.template_of(delivery))
            .collect();
        let missing: Vec<Key> = needed
            .iter()
            .filter(|id| !guess.ids.contains(id))
            .map(|id| keys::template(*id))
            .collect();
        let more = if missing.is_empty() {
            ReadItems::default()
        } else {
            ReadItems::load(app, missing).await?
        };
        for id in needed {
            let source = if guess.ids.contains(&id) {
                found
            } else {
                &more
            };
            let entry = match source.read(entity::Template(id))? {
                None => None,
                Some(Loaded { value: summary, .. }) => {
                    // Only a copy: one that is older or cannot be read is passed over.
                    let published = found.read(entity::PublishedTemplate(id));
                    let loaded = match published.ok().flatten() {
                        Some(published) if published.value.version == summary.version => {
                            Some(cache.keep(published.value))
                        }
                        _ => cache.load(app, id, summary.version).await?,
                    };
                    Some((summary, loaded))
                }
            };
            self.templates.insert(id, entry);
        }
        Ok(())
    }

    /// Sender of a delivery's mail.
    pub(super) fn sender_of(&self, delivery: &Delivery) -> Option<&Mailbox> {
        self.senders.get(&delivery.ticket_id)
    }

    /// The recipient of a delivery, as they wish to be written to.
    pub(super) fn recipient<'a>(&'a self, delivery: &'a Delivery) -> &'a Recipient {
        self.recipients.get(&delivery.id).unwrap_or(&delivery.to)
    }

    /// Whether the recipient of a delivery wants no automatic mail.
    pub(super) fn is_muted(&self, delivery: &Delivery) -> bool {
        let wishes = self.preferences.get(&delivery.to.key());
        wishes.is_some_and(|wishes| wishes.mute_automatic)
    }

    /// Number of the template of a delivery's direction.
    pub(super) fn template_of(&self, delivery: &Delivery) -> Option<TemplateId> {
        let message = self.messages.get(&delivery.message_id)?;
        self.parameters.template_of(message, &delivery.to)
    }

    /// A template, published version and compiled forms; `None` when there is none.
    pub(super) fn template(&self, id: TemplateId) -> Option<&Published> {
        self.templates.get(&id)?.as_ref()
    }

    /// The ticket and the message of a delivery.
    pub(super) fn content(&self, delivery: &Delivery) -> Option<(&Ticket, &Message)> {
        let ticket = self.tickets.get(&delivery.ticket_id)?;
        let own = || self.messages.get(&delivery.message_id).map(AsRef::as_ref);
        let message = self.together.get(&delivery.id).or_else(own)?;
        Some((ticket, message))
    }

    /// The mails so far between us and a delivery's recipient on its ticket.
    pub(super) fn thread(&self, delivery: &Delivery) -> ThreadState {
        let key = keys::thread(&delivery.ticket_id, &delivery.to.key());
        self.threads.get(&key).cloned().unwrap_or_default()
    }

    /// The mail before a delivery's, as it was read.
    pub(super) fn before(&self, delivery: &Delivery) -> Option<&Delivery> {
        self.before.get(&delivery.after?.delivery)
    }

    /// Place of a delivery's mail in its thread.
    pub(super) fn thread_position(&self, delivery: &Delivery) -> ThreadPosition {
        ThreadPosition {
            earlier: self.thread(delivery).ids,
            last_mail: self.last_mails.get(&delivery.ticket_id).cloned(),
        }
    }

    /// Files that travel with a delivery's mail.
    pub(super) fn attachments(&self, delivery: &Delivery) -> Option<&Attachments> {
        self.attachments.get(&delivery.message_id)
    }

    /// The suppression of the recipient's address, as it was read.
    pub(super) fn suppression(&self, delivery: &Delivery) -> Option<&Version> {
        self.suppressed.get(&delivery.to.key())
    }
}

/// The messages that travel along with a delivery's own.
fn joined_of(delivery: &Delivery) -> impl Iterator<Item = entity::Message<'_>> {
    let joined = delivery.joined.iter().take(MAX_GET);
    joined.map(|id| entity::Message(&delivery.ticket_id, *id))
}

/// Reads the messages that travel along with these deliveries' own, together.
async fn joined_messages(app: &App, deliveries: &[&Delivery]) -> Result<HashMap<Key, Message>> {
    let wanted = deliveries.iter().copied().flat_map(joined_of);
    let wanted: BTreeMap<Key, entity::Message<'_>> = wanted.map(|one| (one.key(), one)).collect();
    let (keys, wanted): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
    let read = keys.into_iter().zip(app.read(wanted).await?);
    let read = read.filter_map(|(key, found)| Some((key, found?.value.message)));
    Ok(read.collect())
}
