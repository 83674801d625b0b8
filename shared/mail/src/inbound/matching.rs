//! Where a mail may belong: everything in it that may name a ticket, the surest first.
//!
//! Nothing here is proof. A token is checked against its key and its recipient, an anchor or an id
//! against the sender, and a tag in the subject alone never lets a stranger in.

use uuid::Uuid;

use super::{InboundMail, subject::ticket_tag};
use crate::{
    thread::{delivery_of_header_id, ticket_of_anchor},
    token::reply::in_address,
};
use domain::{address::Address, id::TicketId};

/// The domains of this installation.
#[derive(Clone, Copy, Debug)]
pub struct Domains<'a> {
    /// Domain of reply addresses.
    pub reply: &'a str,
    /// Further ones, of single contracts.
    pub further: &'a [String],
    /// Domain of anchors and of our own message ids.
    pub anchor: &'a str,
}

/// The field of a mail, or of its envelope, in which a reply token stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecipientField {
    /// In `To`, where a reply has it.
    To,
    /// In `Cc`, as of somebody who answers all.
    Cc,
    /// In `Delivered-To` and its kin.
    DeliveredTo,
    /// Among the recipients of the envelope.
    Envelope,
}

/// Something in a mail that may name its ticket.
#[derive(Clone, PartialEq, Eq)]
pub enum Candidate {
    /// What may be a reply token, by its form.
    Token {
        /// As it was written, unchecked.
        token: String,
        /// Which header it stood in, for people who look into the mail.
        place: RecipientField,
    },
    /// Our anchor in `In-Reply-To` or `References`.
    Anchor {
        /// The ticket that the anchor names.
        ticket: TicketId,
    },
    /// Id that SES gave one of our mails.
    SesId {
        /// The bare id, as SES answered it.
        id: String,
    },
    /// Message id of our own making: SMTP servers and the outbox keep it.
    Delivery {
        /// Id of the delivery in the message id.
        id: Uuid,
        /// Which attempt of it.
        attempt: u32,
    },
    /// The tag of a ticket in the subject: a hint, good only for participants of that ticket.
    Subject {
        /// The ticket of the tag.
        ticket: TicketId,
    },
}

/// Debug output ends in logs, and a token is a key to a ticket.
impl std::fmt::Debug for Candidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Token { place, .. } => f
                .debug_struct("Token")
                .field("place", place)
                .finish_non_exhaustive(),
            Self::Anchor { ticket } => f.debug_struct("Anchor").field("ticket", ticket).finish(),
            Self::SesId { id } => f.debug_struct("SesId").field("id", id).finish(),
            Self::Delivery { id, attempt } => f
                .debug_struct("Delivery")
                .field("id", id)
                .field("attempt", attempt)
                .finish(),
            Self::Subject { ticket } => f.debug_struct("Subject").field("ticket", ticket).finish(),
        }
    }
}

/// All candidates of a mail, each once: tokens in `To`, `Cc`, `Delivered-To` and the envelope,
/// then ids in `In-Reply-To` and `References` from the newest on, then the subject.
pub fn candidates(
    mail: &InboundMail,
    envelope: &[Address],
    domains: Domains<'_>,
) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut add = |candidate: Candidate| {
        let known = found.iter().any(|other| same(other, &candidate));
        if !known {
            found.push(candidate);
        }
    };
    let places = [
        (RecipientField::To, mail.to.as_slice()),
        (RecipientField::Cc, &mail.cc),
        (RecipientField::DeliveredTo, &mail.delivered_to),
        (RecipientField::Envelope, envelope),
        (RecipientField::Envelope, mail.received_for.as_slice()),
    ];
    for (place, addresses) in places {
        let further = || domains.further.iter().map(String::as_str);
        let all = || std::iter::once(domains.reply).chain(further());
        let token = |address| all().find_map(|domain| in_address(address, domain));
        for token in addresses.iter().filter_map(token) {
            add(Candidate::Token {
                token: token.to_owned(),
                place,
            });
        }
    }
    let ids = mail.in_reply_to.iter().chain(mail.references.iter().rev());
    for id in ids {
        if let Some(candidate) = of_header_id(id, domains.anchor) {
            add(candidate);
        }
    }
    if let Some(ticket) = ticket_tag(&mail.subject) {
        add(Candidate::Subject { ticket });
    }
    found
}

/// The same token in another place or another case is not a second candidate.
fn same(a: &Candidate, b: &Candidate) -> bool {
    match (a, b) {
        (Candidate::Token { token: a, .. }, Candidate::Token { token: b, .. }) => {
            a.eq_ignore_ascii_case(b)
        }
        _ => a == b,
    }
}

fn of_header_id(id: &str, domain: &str) -> Option<Candidate> {
    if let Some(ticket) = ticket_of_anchor(id, domain) {
        return Some(Candidate::Anchor { ticket });
    }
    if let Some(id) = ses_id(id) {
        return Some(Candidate::SesId { id: id.to_owned() });
    }
    delivery_of_header_id(id, domain).map(|(id, attempt)| Candidate::Delivery { id, attempt })
}

/// Whether a message id has the form of those of our mails, whatever its domain: those of SES are like ours,
/// whoever sends through it.
pub fn may_be_ours(header_id: &str) -> bool {
    let (_, host) = header_id.rsplit_once('@').unwrap_or_default();
    of_header_id(header_id, host.trim_end_matches('>')).is_some()
}

/// The bare id in a message id that SES wrote: `<id@email.amazonses.com>` from us-east-1,
/// `<id@{region}.amazonses.com>` from everywhere else.
pub fn ses_id(header_id: &str) -> Option<&str> {
    let (id, host) = header_id
        .strip_prefix('<')?
        .strip_suffix('>')?
        .rsplit_once('@')?;
    let (label, domain) = host.split_once('.')?;
    let region = label.split('-').count() >= 3
        && label.ends_with(|c: char| c.is_ascii_digit())
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let ours = domain.eq_ignore_ascii_case("amazonses.com")
        && (label.eq_ignore_ascii_case("email") || region)
        && (1..=100).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    ours.then_some(id)
}
