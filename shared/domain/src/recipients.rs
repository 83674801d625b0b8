//! Who gets mail about a message: every person considered, with the rule that decided.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    delivery::{Capacity, Recipient},
    message::{Message, Side, Visibility},
    parameter::{self, Parameters},
    ticket::{Group, Participant, Ticket},
};
use crate::{
    address::{AddressError, AddressKey, WrittenAddress},
    system::{self, Ours},
};

/// The rule that decided about one person. Stable codes: `explain` shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RecipientRule {
    /// They get a mail.
    Mail,
    /// The message is internal.
    Internal,
    /// It was written without "send e-mail".
    NotifyOff,
    /// Parameter 300: the responsible is not told of a requester's message.
    ResponsibleNoticeOff,
    /// Nobody is told of their own message.
    Author,
    /// The same address is on the list already.
    Duplicate,
    /// The ticket has no address for them.
    NoAddress,
    /// Mail cannot be sent to the address.
    InvalidAddress,
    /// It is an address of this system or of a mail robot.
    SystemAddress,
    /// The news is about mail to this very address.
    BouncedAddress,
    /// An automatic message, which travels in the mail of one before it.
    Coalesced,
}

/// What was decided about one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Whom it is about; or, when that is not valid, the address as the ticket has it.
    pub to: Recipient,
    /// The rule that decided: the first that applies.
    pub rule: RecipientRule,
    /// The message in whose mail this one travels.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub within: Option<Uuid>,
}

impl Decision {
    /// What a rule decided about somebody.
    pub fn new(to: Recipient, rule: RecipientRule) -> Self {
        Self {
            to,
            rule,
            within: None,
        }
    }
}

/// Decides about everyone whom the message concerns, in order. `ours` are the system's
/// own addresses and domains.
pub fn decide(
    ticket: &Ticket,
    message: &Message,
    parameters: &Parameters,
    ours: Ours<'_>,
) -> Vec<Decision> {
    let candidates = match message.author.role {
        Side::Technician => {
            let all = ticket
                .participants()
                .filter(|one| one.capacity.is_requester_side());
            all.map(Recipient::from).collect()
        }
        Side::Requester => {
            let author = message.author.email.as_ref();
            desk_side(ticket, parameters, ours, author)
        }
    };
    let mut taken = BTreeSet::new();
    candidates
        .into_iter()
        .map(|to| decide_one(to, message, parameters, ours, &mut taken))
        .collect()
}

/// Decides who is told that mail to `about` does not arrive: the responsible technician, or when
/// they cannot be reached, everyone else who would get a requester's message.
pub fn decide_notice(
    ticket: &Ticket,
    parameters: &Parameters,
    ours: Ours<'_>,
    about: &AddressKey,
) -> Vec<Decision> {
    let mut taken = BTreeSet::new();
    let mut decisions: Vec<Decision> = Vec::new();
    for mut to in desk_side(ticket, parameters, ours, Some(about)) {
        let told = |decision: &Decision| {
            decision.rule == RecipientRule::Mail && decision.to.capacity == Capacity::Responsible
        };
        if decisions.iter().any(told) {
            break;
        }
        let rule = match address_rule(&mut to, ours) {
            Err(rule) => rule,
            Ok(key) if key == *about => RecipientRule::BouncedAddress,
            Ok(key) if !taken.insert(key.clone()) => RecipientRule::Duplicate,
            Ok(_) => RecipientRule::Mail,
        };
        decisions.push(Decision::new(to, rule));
    }
    decisions
}

fn decide_one(
    mut to: Recipient,
    message: &Message,
    parameters: &Parameters,
    ours: Ours<'_>,
    taken: &mut BTreeSet<AddressKey>,
) -> Decision {
    let rule = if message.visibility == Visibility::Internal {
        RecipientRule::Internal
    } else if !message.notify {
        RecipientRule::NotifyOff
    } else if message.author.role == Side::Requester
        && !parameters.is_on(parameter::NOTIFY_RESPONSIBLE)
    {
        RecipientRule::ResponsibleNoticeOff
    } else {
        match address_rule(&mut to, ours) {
            Err(rule) => rule,
            Ok(key) if message.author.email.as_ref() == Some(&key) => RecipientRule::Author,
            Ok(key) if !taken.insert(key.clone()) => RecipientRule::Duplicate,
            Ok(_) => RecipientRule::Mail,
        }
    };
    Decision::new(to, rule)
}

/// Normalises the address in its place; by what it is compared, or why mail cannot go there.
fn address_rule(to: &mut Recipient, ours: Ours<'_>) -> Result<AddressKey, RecipientRule> {
    let address = match to.address.parsed() {
        Ok(address) => address.clone(),
        Err(AddressError::Empty) => return Err(RecipientRule::NoAddress),
        Err(_) => return Err(RecipientRule::InvalidAddress),
    };
    let (key, system) = (address.key().clone(), system::is_system(&address, ours));
    to.address = address.into();
    match system {
        Some(_) => Err(RecipientRule::SystemAddress),
        None => Ok(key),
    }
}

/// The responsible technician and the current group; when neither can get mail, the level-1 group,
/// then the executor group, then the group of last resort (parameter 9). `except`, who wrote it or
/// whose mail it is about, is not somebody who is told by it.
fn desk_side(
    ticket: &Ticket,
    parameters: &Parameters,
    ours: Ours<'_>,
    except: Option<&AddressKey>,
) -> Vec<Recipient> {
    let responsible = ticket.participants();
    let responsible = responsible.filter(|one| one.capacity == Capacity::Responsible);
    let mut considered: Vec<Participant<'_>> = responsible.collect();
    considered.extend(members(&ticket.group));
    let is_reachable = |one: &Participant<'_>| {
        one.address.address().is_some_and(|address| {
            system::is_system(address, ours).is_none() && Some(address.key()) != except
        })
    };
    let fallbacks: [Vec<Participant<'_>>; 3] = [
        members(&ticket.level1_group),
        members(&ticket.executor_group),
        parameters.last_resort().collect(),
    ];
    for fallback in fallbacks {
        if considered.iter().any(&is_reachable) {
            break;
        }
        considered.extend(fallback);
    }
    if considered.is_empty() {
        // That nobody is told is a decision, too, and one that can be looked up.
        return vec![Recipient {
            name: String::new(),
            address: WrittenAddress::default(),
            capacity: Capacity::Responsible,
            locale: None,
            time_zone: None,
        }];
    }
    considered.into_iter().map(Recipient::from).collect()
}

fn members(group: &Option<Group>) -> Vec<Participant<'_>> {
    group.iter().flat_map(Group::members).collect()
}

impl From<Participant<'_>> for Recipient {
    fn from(one: Participant<'_>) -> Self {
        Self {
            name: one.name.to_owned(),
            address: one.address.into_owned(),
            capacity: one.capacity,
            locale: one.person.and_then(|person| person.locale.clone()),
            time_zone: one.person.and_then(|person| person.time_zone.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_key_of_who_gets_mail_is_that_of_their_address(
            local in "[A-Za-z0-9.+_-]{1,12}",
            domain in "[A-Za-zçãÜß0-9-]{1,12}\\.(com|COM|com\\.br|网络)",
        ) {
            let written = format!("  {local}@{domain} ");
            let mut to = Recipient::from(Participant::member("", Cow::Owned(written.into())));
            let ours = Ours::default();
            if let Ok(key) = address_rule(&mut to, ours) {
                prop_assert_eq!(&to.key(), &key);
                prop_assert_eq!(to.address.as_str().parse(), Ok(key));
            }
        }
    }
}
