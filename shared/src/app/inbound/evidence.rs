//! Which ticket a mail is on, and who its sender is there. What a mail says is only a lead: a token
//! counts for the one it was made for, everything else for those who take part in the ticket.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    app::{
        App, Result,
        access::address_key,
        deliveries::MailRecord,
        messages::StoredMessage,
        sending::TicketReference,
        tickets::{Record, is_ticket_id},
    },
    domain::{
        message::{Role as Side, Visibility},
        parameter::Parameters,
        ticket::{Person, Ticket},
    },
    mail::{
        address::Address,
        inbound::{Candidate, Domains, InboundMail, candidates},
        token::{Keyring, TokenError, reply::TicketRef},
    },
    store::{Item, Key, keys},
};

/// Most leads that are followed; the surest come first.
const MAX_LEADS: usize = 40;

/// What a sender may do.
pub(super) enum Standing {
    /// Write on this ticket.
    Granted(Box<Grant>),
    /// Nothing.
    Refused {
        /// Stable code.
        reason: &'static str,
        /// The ticket that the mail names, where there is one.
        ticket: Option<String>,
    },
}

/// Who writes, and on which ticket.
pub(super) struct Grant {
    /// The ticket.
    pub(super) ticket: Ticket,
    /// On which side of it the sender stands.
    pub(super) side: Side,
    /// Name under which the ticket knows the sender.
    pub(super) name: Option<String>,
    /// Whether the mail answers an internal message.
    pub(super) internal: bool,
}

/// Something in a mail that leads to a ticket.
enum Lead {
    Token {
        ticket: Way,
        to_sender: bool,
    },
    BadToken {
        reason: &'static str,
        ticket: Option<Way>,
    },
    Other(Way),
}

/// How a ticket is found.
enum Way {
    Id(String),
    Reference(Key),
    Mail(Key),
}

/// Follows every lead of a mail.
pub(super) async fn weigh(
    app: &App,
    keys: Option<&Keyring>,
    parameters: &Parameters,
    domains: Domains<'_>,
    mail: &InboundMail,
    envelope: &[Address],
) -> Result<Standing> {
    let Some(sender) = mail.sender().map(|sender| &sender.address) else {
        return Ok(Standing::Refused {
            reason: "SENDER_UNCLEAR",
            ticket: None,
        });
    };
    let leads: Vec<Lead> = candidates(mail, envelope, domains)
        .into_iter()
        .filter_map(|candidate| lead(candidate, keys, sender, domains, app.now()))
        .take(MAX_LEADS)
        .collect();
    let known = Known::read(app, &leads).await?;
    Ok(decide(&leads, &known, parameters, sender))
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
                ticket: way(claims.ticket),
            },
            Err(error) => Lead::BadToken {
                reason: error.code(),
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
struct Known {
    /// Tickets by what leads to them.
    found: BTreeMap<Key, (String, Option<Uuid>)>,
    tickets: BTreeMap<String, Ticket>,
    /// Messages that are internal.
    internal: Vec<Uuid>,
}

impl Known {
    async fn read(app: &App, leads: &[Lead]) -> Result<Self> {
        let ways = || leads.iter().filter_map(Lead::way);
        let mut wanted: Vec<Key> = ways().filter_map(Way::key).cloned().collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut found = BTreeMap::new();
        for (key, item) in read(app, wanted).await? {
            let place = if key.pk.starts_with("MAIL#") {
                let record: MailRecord = item.decode()?;
                (record.ticket_id, Some(record.message_id))
            } else {
                let record: TicketReference = item.decode()?;
                (record.ticket_id, None)
            };
            found.insert(key, place);
        }
        let mut wanted: Vec<Key> = Vec::new();
        for way in ways() {
            match way {
                Way::Id(id) if is_ticket_id(id) => wanted.push(keys::ticket(id)),
                _ => {}
            }
        }
        for (ticket, message) in found.values() {
            wanted.push(keys::ticket(ticket));
            wanted.extend(message.map(|message| keys::message(ticket, message)));
        }
        wanted.sort_unstable();
        wanted.dedup();
        let (mut tickets, mut internal) = (BTreeMap::new(), Vec::new());
        for (key, item) in read(app, wanted).await? {
            if key.sk.starts_with(keys::MESSAGES) {
                let stored: StoredMessage = item.decode()?;
                if stored.message.visibility == Visibility::Internal {
                    internal.push(stored.message.id);
                }
            } else {
                let record: Record = item.decode()?;
                tickets.insert(record.ticket.id.clone(), record.ticket);
            }
        }
        Ok(Self {
            found,
            tickets,
            internal,
        })
    }

    /// The ticket's id, and the message that was answered.
    fn place<'a>(&'a self, way: &'a Way) -> Option<(&'a str, Option<Uuid>)> {
        match way {
            Way::Id(id) => Some((id, None)),
            Way::Reference(key) | Way::Mail(key) => self
                .found
                .get(key)
                .map(|(id, message)| (id.as_str(), *message)),
        }
    }
}

async fn read(app: &App, wanted: Vec<Key>) -> Result<Vec<(Key, Item)>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let items = app.store.get(&wanted).await?;
    Ok(wanted
        .into_iter()
        .zip(items)
        .filter_map(|(key, item)| Some((key, item?)))
        .collect())
}

impl Lead {
    fn way(&self) -> Option<&Way> {
        match self {
            Self::Token { ticket, .. } => Some(ticket),
            Self::BadToken { ticket, .. } => ticket.as_ref(),
            Self::Other(way) => Some(way),
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

/// The first lead that grants decides; otherwise the first that was refused says why. Where a token
/// is not good, no lesser lead counts.
fn decide(leads: &[Lead], known: &Known, parameters: &Parameters, sender: &Address) -> Standing {
    let mut refused: Option<(&'static str, Option<String>)> = None;
    let mut bad = false;
    let internal = leads
        .iter()
        .filter_map(|lead| known.place(lead.way()?)?.1)
        .next()
        .is_some_and(|message| known.internal.contains(&message));
    for lead in leads {
        let place = lead.way().and_then(|way| known.place(way));
        let ticket = place.and_then(|(id, _)| known.tickets.get(id));
        let named = ticket.map(|ticket| ticket.id.clone());
        let to_sender = match lead {
            Lead::BadToken { reason, .. } => {
                bad = true;
                refused.get_or_insert((reason, named));
                continue;
            }
            Lead::Other(_) if bad => continue,
            Lead::Other(_) => false,
            Lead::Token { to_sender, .. } => *to_sender,
        };
        let Some(ticket) = ticket else {
            refused.get_or_insert(("TICKET_UNKNOWN", None));
            continue;
        };
        let (side, name) = match part(ticket, parameters, sender) {
            Some((side, name)) => (side, name),
            // Whom we wrote to may answer, though they have left the ticket since.
            None if to_sender => (Side::Requester, None),
            None => {
                refused.get_or_insert(("SENDER_NOT_KNOWN", named));
                continue;
            }
        };
        return Standing::Granted(Box::new(Grant {
            ticket: ticket.clone(),
            side,
            name,
            internal: internal && side == Side::Technician,
        }));
    }
    let (reason, ticket) = refused.unwrap_or(("NO_TICKET", None));
    Standing::Refused { reason, ticket }
}

/// On which side of a ticket an address stands, and the name it has there.
pub(super) fn part(
    ticket: &Ticket,
    parameters: &Parameters,
    address: &Address,
) -> Option<(Side, Option<String>)> {
    let is = |other: &str| address_key(other).as_deref() == Some(address.key());
    let named = |side, person: &Person| {
        is(&person.email).then(|| (side, Some(person.name.clone()).filter(|n| !n.is_empty())))
    };
    let requester = std::iter::once(&ticket.requester).chain(&ticket.followers);
    let found = requester
        .filter_map(|person| named(Side::Requester, person))
        .next();
    let groups = [&ticket.group, &ticket.level1_group, &ticket.executor_group];
    let mut group_addresses = groups.into_iter().flatten().flat_map(|g| &g.addresses);
    found
        .or_else(|| named(Side::Technician, ticket.responsible.as_ref()?))
        .or_else(|| {
            let member =
                group_addresses.any(|a| is(a)) || parameters.last_resort().iter().any(|a| is(a));
            member.then_some((Side::Technician, None))
        })
}
