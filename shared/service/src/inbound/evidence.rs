//! Which ticket a mail is on, and who its sender is there. What a mail says is only a lead: a token
//! counts for the one it was made for, everything else for those who take part in the ticket.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    App, Result,
    access::View,
    desk::{messages::TicketContext, tickets::TicketReference},
    entity::{self, Entity, Loaded},
    outgoing::{deliveries::MailRecord, thread::ThreadState},
};
use domain::{
    address::Address,
    id::TicketId,
    message::{Side, Visibility},
    parameter::Parameters,
    reason::MailReason,
    ticket::Ticket,
};
use mail::{
    inbound::{Candidate, Domains, InboundMail, candidates},
    token::{
        Keyring, TokenError,
        reply::{ReplyAudience, TicketRef},
    },
};
use storage::{Expect, Item, Key, MAX_GET, keys};

/// Most leads that are followed; the surest come first.
const MAX_LEADS: usize = 40;
/// Most tickets that one mail reaches besides the first.
const MAX_FURTHER: usize = 4;

/// What a sender may do.
pub(super) enum Standing {
    /// Write on this ticket.
    Granted(Box<Grant>),
    /// Write nowhere: the mail does not become a message by itself.
    Refused {
        /// What was missing or wrong, for the quarantine.
        reason: MailReason,
        /// The ticket that the mail names, where there is one.
        ticket: Option<TicketId>,
    },
}

/// Who writes, and on which ticket.
pub(super) struct Grant {
    /// The ticket as it was read.
    pub(super) context: TicketContext,
    /// The mails between us and the sender.
    pub(super) thread: ThreadLead,
    /// On which side of it the sender stands.
    pub(super) side: Side,
    /// Name under which the ticket knows the sender.
    pub(super) name: Option<String>,
    /// Whether the mail answers an internal message.
    pub(super) internal: bool,
}

/// The mails between us and somebody, as they were read.
pub(super) struct ThreadLead {
    pub(super) state: ThreadState,
    /// What must still be stored of them when one is added.
    pub(super) expect: Expect,
}

/// Something in a mail that leads to a ticket.
enum Lead {
    Token {
        ticket: Way,
        to_sender: bool,
        audience: ReplyAudience,
    },
    BadToken {
        reason: MailReason,
        ticket: Option<Way>,
    },
    Other(Way),
}

/// How a ticket is found.
enum Way {
    Id(TicketId),
    Reference(Key),
    Mail(Key),
}

/// What a mail says about its ticket, the surest first, and who says so.
pub(super) struct Leads {
    sender: Option<Address>,
    leads: Vec<Lead>,
}

impl Leads {
    /// The leads of a mail.
    pub(super) fn of(
        keys: Option<&Keyring>,
        domains: Domains<'_>,
        now: Timestamp,
        mail: &InboundMail,
        envelope: &[Address],
    ) -> Self {
        let sender = mail.sender().map(|sender| sender.address.clone());
        let leads = match &sender {
            None => Vec::new(),
            Some(sender) => candidates(mail, envelope, domains)
                .into_iter()
                .filter_map(|candidate| lead(candidate, keys, sender, domains, now))
                .take(MAX_LEADS)
                .collect(),
        };
        Self { sender, leads }
    }

    /// Follows them all; `also` is read with what they lead to first, `of` for every ticket among it.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub(super) async fn follow(
        &self,
        app: &App,
        also: impl IntoIterator<Item = Key>,
        of: impl Fn(&TicketId) -> Option<Key>,
    ) -> Result<FoundLeads> {
        let mut known = FoundLeads::default();
        let Some(sender) = &self.sender else {
            return Ok(known);
        };
        let ways = || self.leads.iter().filter_map(Lead::way);
        let mut wanted: BTreeSet<Key> = ways().filter_map(Way::key).cloned().collect();
        for way in ways() {
            if let Way::Id(id) = way {
                wanted.extend(of_ticket(id, sender).into_iter().chain(of(id)));
            }
        }
        wanted.extend(also);
        known.load(app, &wanted).await?;
        let mut more = BTreeSet::new();
        for (ticket, message) in known.places()?.values() {
            more.extend(of_ticket(ticket, sender).into_iter().chain(of(ticket)));
            more.extend(message.map(|message| keys::message(ticket, message)));
        }
        more.retain(|key| !wanted.contains(key));
        known.load(app, &more).await?;
        Ok(known)
    }

    /// Whether the mail answers an internal message: its token or the mail that it answers says so.
    ///
    /// # Errors
    /// When an item cannot be read.
    pub(super) fn answer_internal(&self, known: &FoundLeads) -> Result<bool> {
        let inside = ReplyAudience::DeskInternal;
        let is_internal =
            |lead: &Lead| matches!(lead, Lead::Token { audience, .. } if *audience == inside);
        if self.leads.iter().any(is_internal) {
            return Ok(true);
        }
        let places = known.places()?;
        let mut answered = self.leads.iter().filter_map(|lead| lead.place(&places));
        match answered.find(|(_, message)| message.is_some()) {
            Some(place) => known.is_internal(&place),
            None => Ok(false),
        }
    }

    /// What the sender may do, by what was found; `on` counts what leads to this ticket alone.
    ///
    /// # Errors
    /// When an item cannot be read.
    pub(super) fn weigh(
        &self,
        known: &FoundLeads,
        parameters: &Parameters,
        on: Option<&TicketId>,
    ) -> Result<Standing> {
        match &self.sender {
            None => Ok(Standing::Refused {
                reason: MailReason::SenderUnclear,
                ticket: None,
            }),
            Some(sender) => self.decide(known, parameters, sender, on),
        }
    }

    /// The tickets besides the first one to whose reply addresses the mail is addressed as well.
    ///
    /// # Errors
    /// When an item cannot be read.
    pub(super) fn further(
        &self,
        known: &FoundLeads,
        parameters: &Parameters,
    ) -> Result<Vec<TicketId>> {
        let places = known.places()?;
        let tokens = self
            .leads
            .iter()
            .filter(|lead| matches!(lead, Lead::Token { .. }));
        let mut named: Vec<TicketId> = Vec::new();
        for (ticket, _) in tokens.filter_map(|lead| lead.place(&places)) {
            let granted = matches!(
                self.weigh(known, parameters, Some(&ticket))?,
                Standing::Granted(_)
            );
            if granted && !named.contains(&ticket) {
                named.push(ticket);
            }
        }
        Ok(named.into_iter().skip(1).take(MAX_FURTHER).collect())
    }

    /// The first lead that grants decides; otherwise the first that was refused says why. Where a token
    /// is not good, no lesser lead counts.
    fn decide(
        &self,
        known: &FoundLeads,
        parameters: &Parameters,
        sender: &Address,
        on: Option<&TicketId>,
    ) -> Result<Standing> {
        let places = known.places()?;
        let mut refused: Option<(MailReason, Option<TicketId>)> = None;
        let mut bad = false;
        for lead in &self.leads {
            let place = lead.place(&places);
            if let (Some(on), Some((id, _))) = (on, &place)
                && on != id
            {
                continue;
            }
            let context = match place {
                Some((id, _)) => known.context(&id)?,
                None => None,
            };
            let named = context
                .as_ref()
                .map(|context| context.record.ticket.id.clone());
            let audience = match lead {
                Lead::BadToken { reason, .. } => {
                    bad = true;
                    refused.get_or_insert((*reason, named));
                    continue;
                }
                Lead::Other(_) if bad => continue,
                Lead::Token {
                    to_sender: true,
                    audience,
                    ..
                } => Some(*audience),
                Lead::Other(_) | Lead::Token { .. } => None,
            };
            let Some(context) = context else {
                refused.get_or_insert((MailReason::TicketUnknown, None));
                continue;
            };
            let part = part(&context.record.ticket, parameters, sender);
            let (side, name) = match (part, audience) {
                (Some((side, name)), _) => (side, name),
                // Whom we wrote to may answer, though they have left the ticket since.
                (None, Some(ReplyAudience::Requester)) => (Side::Requester, None),
                (None, Some(ReplyAudience::Desk | ReplyAudience::DeskInternal)) => {
                    (Side::Technician, None)
                }
                (None, None) => {
                    refused.get_or_insert((MailReason::SenderNotKnown, named));
                    continue;
                }
            };
            return Ok(Standing::Granted(Box::new(Grant {
                thread: known.thread(&context.record.ticket.id, sender)?,
                context,
                side,
                name,
                internal: side == Side::Technician && self.answer_internal(known)?,
            })));
        }
        let (reason, ticket) = refused.unwrap_or((MailReason::NoTicket, None));
        Ok(Standing::Refused { reason, ticket })
    }
}

/// What a mail on a ticket is judged by and threaded with.
pub(super) fn of_ticket(ticket: &TicketId, sender: &Address) -> [Key; 2] {
    [keys::ticket(ticket), keys::thread(ticket, sender.key())]
}

fn lead(
    candidate: Candidate,
    keys: Option<&Keyring>,
    sender: &Address,
    domains: Domains<'_>,
    now: Timestamp,
) -> Option<Lead> {
    let way = |ticket: TicketRef| match ticket {
        TicketRef::Id(id) => Way::Id(id),
        TicketRef::Reference(reference) => Way::Reference(keys::ticket_reference(&reference)),
    };
    Some(match candidate {
        Candidate::Token { token, .. } => match keys?.verify_reply(&token, now) {
            Ok(claims) => Lead::Token {
                to_sender: keys?.is_recipient(&claims, sender),
                audience: claims.audience,
                ticket: way(claims.ticket),
            },
            Err(error) => Lead::BadToken {
                reason: error.reason(),
                ticket: match error {
                    TokenError::Expired(claims) => Some(way(claims.ticket)),
                    _ => None,
                },
            },
        },
        Candidate::Anchor { ticket } | Candidate::Subject { ticket } => {
            Lead::Other(Way::Id(ticket))
        }
        Candidate::SesId { id } => Lead::Other(Way::Mail(keys::mail(&id))),
        Candidate::Delivery { id, attempt } => {
            let id = format!("{}.{attempt}@{}", id.simple(), domains.anchor);
            Lead::Other(Way::Mail(keys::mail(&id)))
        }
    })
}

/// What storage knows about the leads.
#[derive(Default)]
pub(super) struct FoundLeads {
    items: BTreeMap<Key, Item>,
}

/// A ticket's id, and the message that was answered.
type TicketMessage = (TicketId, Option<Uuid>);
type TicketMessages<'a> = BTreeMap<&'a Key, TicketMessage>;

impl FoundLeads {
    async fn load(&mut self, app: &App, wanted: &BTreeSet<Key>) -> Result<()> {
        let wanted: Vec<Key> = wanted.iter().cloned().collect();
        for some in wanted.chunks(MAX_GET) {
            let found = app.store.get(some).await?;
            let found = some.iter().cloned().zip(found);
            self.items
                .extend(found.filter_map(|(key, item)| Some((key, item?))));
        }
        Ok(())
    }

    /// The messages by what leads to them.
    fn places(&self) -> Result<TicketMessages<'_>> {
        let mut places = BTreeMap::new();
        for (key, item) in &self.items {
            if key.pk.starts_with(keys::MAILS) {
                let record: MailRecord = item.decode()?;
                places.insert(key, (record.ticket_id, Some(record.message_id)));
            } else if key.pk.starts_with(keys::REFERENCES) {
                let record: TicketReference = item.decode()?;
                places.insert(key, (record.ticket_id, None));
            }
        }
        Ok(places)
    }

    /// What was found under a key.
    pub(super) fn item(&self, key: &Key) -> Option<&Item> {
        self.items.get(key)
    }

    /// The same, by its type.
    pub(super) fn read<E: Entity>(&self, entity: E) -> Result<Option<Loaded<E::Document>>> {
        Ok(self.item(&entity.key()).map(Loaded::of).transpose()?)
    }

    fn is_internal(&self, (ticket, message): &TicketMessage) -> Result<bool> {
        let Some(message) = message else {
            return Ok(false);
        };
        let stored = self.read(entity::Message(ticket, *message))?;
        Ok(stored.is_some_and(|one| one.value.message.visibility == Visibility::Internal))
    }

    /// The mails between us and somebody.
    pub(super) fn thread(&self, ticket: &TicketId, sender: &Address) -> Result<ThreadLead> {
        let thread = self.read(entity::Thread(ticket, sender.key()))?;
        let (state, expect) = Loaded::or_default(thread);
        Ok(ThreadLead { state, expect })
    }

    /// The ticket as it was read.
    pub(super) fn context(&self, id: &TicketId) -> Result<Option<TicketContext>> {
        let ticket = self.read(entity::Ticket(id))?;
        Ok(ticket.map(|ticket| TicketContext {
            record: ticket.value,
            version: ticket.version,
            view: View::Desk,
        }))
    }
}

impl Lead {
    fn way(&self) -> Option<&Way> {
        match self {
            Self::Token { ticket, .. } => Some(ticket),
            Self::BadToken { ticket, .. } => ticket.as_ref(),
            Self::Other(way) => Some(way),
        }
    }

    fn place(&self, places: &TicketMessages<'_>) -> Option<TicketMessage> {
        match self.way()? {
            Way::Id(id) => Some((id.clone(), None)),
            Way::Reference(key) | Way::Mail(key) => places.get(key).cloned(),
        }
    }
}

impl Way {
    fn key(&self) -> Option<&Key> {
        match self {
            Self::Id(_) => None,
            Self::Reference(key) | Self::Mail(key) => Some(key),
        }
    }
}

/// On which side of a ticket an address stands, and the name it has there.
pub(super) fn part(
    ticket: &Ticket,
    parameters: &Parameters,
    address: &Address,
) -> Option<(Side, Option<String>)> {
    let mut all = ticket.participants().chain(parameters.last_resort());
    let found = all.find(|one| one.is(address.key()))?;
    let name = Some(found.name.to_owned()).filter(|name| !name.is_empty());
    Some((found.side(), name))
}
