//! What a signed link of a mail does (`{TOKEN(…)}`). Looking at one never acts; acting on an approval
//! or refusal happens once, and is a message of the recipient on the ticket, so that the desk is told
//! in the way that it is told of everything else.

use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::{
    App, Code, Error,
    access::{Caller, Role, shown_name},
    desk::messages::{self, NewMessage, Posted},
    entity::{self, Entity as _},
    idempotency::{Once, Replayable},
    texts,
};
use domain::{
    address::AddressKey,
    catalog::Language,
    id::TicketId,
    message::{Author, Channel, Message},
    parameter::Parameters,
    ticket::Ticket,
};
use mail::token::{
    Keyring, TokenError,
    link::{Action, LinkClaims},
};

/// How long it is remembered that a link was used, beyond its own life: a clock may be wrong.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// What a link offers.
#[derive(Clone, Debug)]
pub struct Offer {
    /// What happens when the person confirms.
    pub action: Action,
    /// The ticket as it is now, not as it was when the mail left.
    pub ticket: Ticket,
    /// When the link stops to work.
    pub expires: Timestamp,
    /// For whom it was made, as the ticket has them now.
    pub person: Author,
}

/// What a confirmed link did.
#[derive(Clone, Debug)]
pub enum Done {
    /// Nothing was changed: here is the ticket with the public messages, oldest first.
    Shown(Box<Offer>, Vec<Message>),
    /// The decision is on the ticket.
    Decided(Box<Offer>),
}

/// Who opens a link, as far as the request says. The link is the right; whoever is signed in as
/// somebody else has it from a mail that was not theirs, and decides nothing with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visitor {
    /// Nobody is signed in: a browser that comes from a mail program.
    Unknown,
    /// The bearer of a token with this normalised address, or with none.
    Person(Option<AddressKey>),
    /// A browser in which the console is open for the person with this [`person_mark`].
    Mark(String),
}

impl Visitor {
    fn is_other_than(&self, person: &Author) -> bool {
        let theirs = &person.email;
        match self {
            Self::Unknown => false,
            Self::Person(address) => address.is_none() || address != theirs,
            Self::Mark(mark) => theirs
                .as_ref()
                .is_none_or(|theirs| *mark != person_mark(theirs)),
        }
    }
}

/// What the console leaves for the pages of links in place of the address of who is signed in.
pub fn person_mark(address: &AddressKey) -> String {
    HEXLOWER.encode(&Sha256::digest(address.as_str()))
}

/// Why a link does nothing.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LinkRefusal {
    /// It is not one of ours, or it was changed.
    #[error("not a valid link")]
    Invalid,
    /// It was genuine until then.
    #[error("expired")]
    Expired {
        /// The ticket, so that the page can name it.
        ticket: TicketId,
        /// When the link stopped to work.
        at: Timestamp,
    },
    /// The decision was taken already, with this link or another one of the same mail.
    #[error("used")]
    Used {
        /// The ticket, so that the page can name it.
        ticket: TicketId,
    },
    /// The ticket is gone, or the person is not on it any more.
    #[error("not on the ticket")]
    NotOnTicket,
    /// Whoever opens it is signed in as somebody else than it was made for.
    #[error("signed in as somebody else")]
    SomebodyElse {
        /// The ticket, so that the page can name it.
        ticket: TicketId,
    },
    /// Nothing may be written on tickets now.
    #[error("switched off")]
    Off,
    /// Something failed on our side.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// Says what a link offers, without doing it.
///
/// # Errors
/// [`LinkRefusal`].
pub async fn look(app: &App, token: &str, visitor: &Visitor) -> Result<Offer, LinkRefusal> {
    let claims = verify(app, token)?;
    let once = once(app, &claims)?;
    let (record, parameters, used) = app
        .read((
            entity::Ticket(&claims.ticket),
            entity::Parameters.or_default(),
            once.entity(),
        ))
        .await?;
    let record = record.ok_or(LinkRefusal::NotOnTicket)?.value;
    let person = recipient(app, &claims, &record.ticket, &parameters)?;
    let ticket = claims.ticket;
    if claims.action != Action::View && visitor.is_other_than(&person) {
        return Err(LinkRefusal::SomebodyElse { ticket });
    }
    if claims.action != Action::View && used.is_some() {
        return Err(LinkRefusal::Used { ticket });
    }
    Ok(Offer {
        action: claims.action,
        ticket: record.ticket,
        expires: claims.expires,
        person,
    })
}

/// Does what a link offers: the person confirmed it.
///
/// # Errors
/// [`LinkRefusal`].
pub async fn act(app: &App, token: &str, visitor: &Visitor) -> Result<Done, LinkRefusal> {
    let claims = verify(app, token)?;
    let offer = look(app, token, visitor).await?;
    if offer.action == Action::View {
        let messages = messages::recent_public(app, &claims.ticket).await?;
        return Ok(Done::Shown(Box::new(offer), messages));
    }
    let caller = acting(&offer.person.name);
    let language = Language::of(locale(&offer).unwrap_or(&app.settings.default_locale));
    let new = NewMessage {
        text: Some(words(offer.action, language).to_owned()),
        author: Some(offer.person.clone().into()),
        ..NewMessage::default()
    };
    let once = once(app, &claims)?;
    let ticket = &claims.ticket;
    match messages::post_from(app, &caller, ticket, &new, Some(&once), Channel::Email).await {
        Ok(Replayable::Fresh(_)) => {
            tracing::info!(ticket_id = ticket.as_str(), action = ?offer.action, "link used");
            Ok(Done::Decided(Box::new(offer)))
        }
        Ok(Replayable::Replayed(Posted { .. })) => Err(LinkRefusal::Used {
            ticket: claims.ticket,
        }),
        Err(error) => Err(match error.code {
            Code::IdempotencyMismatch => LinkRefusal::Used {
                ticket: claims.ticket,
            },
            Code::MessagesOff => LinkRefusal::Off,
            Code::NotFound => LinkRefusal::NotOnTicket,
            _ => LinkRefusal::Failed(error),
        }),
    }
}

fn verify(app: &App, token: &str) -> Result<LinkClaims, LinkRefusal> {
    match keyring(app)?.verify_link(token, app.now()) {
        Ok(claims) => Ok(claims),
        Err(TokenError::Expired(claims)) => Err(LinkRefusal::Expired {
            ticket: claims.ticket,
            at: claims.expires,
        }),
        Err(_) => Err(LinkRefusal::Invalid),
    }
}

fn keyring(app: &App) -> Result<&Keyring, LinkRefusal> {
    let keys = app.settings.reply_token_keys.as_ref();
    keys.ok_or(LinkRefusal::Invalid)
}

/// Who writes what a link decides: the system, in the recipient's name.
fn acting(name: &str) -> Caller {
    Caller {
        sub: "link".to_owned(),
        email: None,
        name: name.to_owned(),
        roles: vec![Role::Integration],
        groups: Vec::new(),
    }
}

/// The links of one mail share a nonce, so one decision is taken once, whichever link is used.
fn once(app: &App, claims: &LinkClaims) -> Result<Once, Error> {
    let key = format!("{} {}", claims.ticket, HEXLOWER.encode(&claims.nonce));
    let action = format!("{:?}", claims.action);
    let left = claims.expires.duration_since(app.now()) + REMEMBERED;
    let once = Once::new(&acting(""), "link", &key, action.as_bytes())?;
    Ok(once.kept(left.as_secs()))
}

/// The person on the ticket for whom the link was made.
fn recipient(
    app: &App,
    claims: &LinkClaims,
    ticket: &Ticket,
    parameters: &Parameters,
) -> Result<Author, LinkRefusal> {
    let ring = keyring(app)?;
    let mut all = ticket.participants().chain(parameters.last_resort());
    let found = all.find_map(|one| {
        let address = one.address.address()?;
        let is_theirs = ring.is_link_recipient(claims, address);
        is_theirs.then(|| Author {
            name: shown_name(Some(one.name), "", one.address.as_str()),
            email: Some(address.key().clone()),
            role: one.side(),
        })
    });
    found.ok_or(LinkRefusal::NotOnTicket)
}

/// The language of the person's mail, when the ticket says it.
fn locale(offer: &Offer) -> Option<&str> {
    let mut people = offer.ticket.participants().filter_map(|one| one.person);
    people
        .find(|person| person.email.key() == offer.person.email.as_ref())
        .and_then(|person| person.locale.as_deref())
}

/// The message that a decision leaves on the ticket.
fn words(action: Action, language: Language) -> &'static str {
    let words = match action {
        Action::Reject => texts::links::REJECTED_WITH_THE_LINK,
        _ => texts::links::APPROVED_WITH_THE_LINK,
    };
    words.get(language)
}
