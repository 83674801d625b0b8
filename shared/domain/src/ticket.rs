//! The ticket snapshot: what mail needs to know of a ticket that another system owns.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    address::{AddressKey, WrittenAddress},
    characters::is_blank,
    delivery::Capacity,
    id::TicketId,
    message::Side,
    times,
};

/// A person on a ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// Name as it is shown.
    pub name: String,
    /// E-mail address; empty when there is none.
    #[serde(skip_serializing_if = "WrittenAddress::is_empty")]
    pub email: WrittenAddress,
    /// Telephone, as the ITSM system writes it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// Unit of the organisation.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub department: String,
    /// Language of their mail, BCP 47 (`pt-BR`, `en`, `es`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// IANA time zone of their mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// A support group and the addresses its mail goes to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// Name, compared with the caller's group claims (case and white space do not count).
    pub name: String,
    /// Addresses of the group.
    pub addresses: Vec<WrittenAddress>,
}

/// Somebody who takes part in a ticket, by an address that mail about it may go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant<'a> {
    /// As what they take part, and so on which side.
    pub capacity: Capacity,
    /// Their name, or that of their group; may be empty.
    pub name: &'a str,
    /// The address as the ticket has it; empty when there is none.
    pub address: Cow<'a, WrittenAddress>,
    /// Themselves, where the ticket names them and not only their group.
    pub person: Option<&'a Person>,
}

impl<'a> Participant<'a> {
    fn person(person: &'a Person, capacity: Capacity) -> Self {
        Self {
            capacity,
            name: &person.name,
            address: Cow::Borrowed(&person.email),
            person: Some(person),
        }
    }

    /// Somebody in a group of this name.
    pub fn member(group: &'a str, address: Cow<'a, WrittenAddress>) -> Self {
        Self {
            capacity: Capacity::Group,
            name: group,
            address,
            person: None,
        }
    }

    /// The side that they stand on.
    pub fn side(&self) -> Side {
        match self.capacity.is_requester_side() {
            true => Side::Requester,
            false => Side::Technician,
        }
    }

    /// Whether this is their address.
    pub fn is(&self, key: &AddressKey) -> bool {
        self.address.key() == Some(key)
    }
}

impl Group {
    /// Each of its addresses as a participant by the group's name.
    pub fn members(&self) -> impl Iterator<Item = Participant<'_>> {
        let addresses = self.addresses.iter();
        addresses.map(|address| Participant::member(&self.name, Cow::Borrowed(address)))
    }
}

/// A ticket as the ITSM system told it last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The number that people know it by, and the key of everything about it.
    pub id: TicketId,
    /// Incident, request or what else the ITSM system calls it; only shown.
    #[serde(rename = "type", skip_serializing_if = "String::is_empty", default)]
    pub kind: String,
    /// Status in the ITSM system's words (key `SITUACAO`); nothing here depends on it.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub status: String,
    /// Priority in the ITSM system's words.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub priority: String,
    /// Urgency in the ITSM system's words.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub urgency: String,
    /// Impact in the ITSM system's words.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub impact: String,
    /// For whom it was opened: the other side of the conversation.
    #[serde(default)]
    pub requester: Person,
    /// Whom to speak to; the requester when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub contact: Option<Person>,
    /// Free text on how to reach the contact.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub contact_details: String,
    /// Who else gets public messages.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub followers: Vec<Person>,
    /// The technician to whom it is assigned; none while it waits for one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub responsible: Option<Person>,
    /// Who registered the ticket (key `RESPONSAVEL`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub owner: Option<Person>,
    /// The group that works on it now: its members are told with the responsible technician.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub group: Option<Group>,
    /// The group of level 1, told when nobody nearer can be reached.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub level1_group: Option<Group>,
    /// The group that carries it out, told when neither can be reached.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub executor_group: Option<Group>,
    /// Portfolio that the service belongs to.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub portfolio: String,
    /// The service that it is about (key `SERVICORELACIONADO`: mind the name).
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub service: String,
    /// Activity (key `SERVICO`: mind the name).
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub activity: String,
    /// Activity type (key `DEMANDA`).
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub demand: String,
    /// The contract it falls under: what a sender and signature of its own are chosen by.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub contract: String,
    /// What the requester described, as HTML of strangers: sanitised wherever it is shown.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub description: String,
    /// The closing answer, as HTML of strangers: sanitised wherever it is shown.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub response: String,
    /// Observation of the desk, as plain text.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub observation: String,
    /// Current phase of the workflow.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub phase: String,
    /// Number of the related ticket.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub related_id: String,
    /// Time spent on the ticket, minutes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub time_spent_minutes: Option<u64>,
    /// When it was requested.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "times::time",
        default
    )]
    pub requested_at: Option<Timestamp>,
    /// By when it is to be solved.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "times::time",
        default
    )]
    pub deadline_at: Option<Timestamp>,
    /// When it was solved or closed; none while it is open.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "times::time",
        default
    )]
    pub finished_at: Option<Timestamp>,
    /// The site's own keys: upper-case name to value, escaped like the rest.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub extra: BTreeMap<String, String>,
    /// When the ITSM system made this snapshot; an older one never overwrites a newer one.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "times::time",
        default
    )]
    pub updated_at: Option<Timestamp>,
}

impl Ticket {
    /// A ticket of which nothing is known but its number.
    pub fn new(id: TicketId) -> Self {
        Self {
            id,
            kind: String::new(),
            status: String::new(),
            priority: String::new(),
            urgency: String::new(),
            impact: String::new(),
            requester: Person::default(),
            contact: None,
            contact_details: String::new(),
            followers: Vec::new(),
            responsible: None,
            owner: None,
            group: None,
            level1_group: None,
            executor_group: None,
            portfolio: String::new(),
            service: String::new(),
            activity: String::new(),
            demand: String::new(),
            contract: String::new(),
            description: String::new(),
            response: String::new(),
            observation: String::new(),
            phase: String::new(),
            related_id: String::new(),
            time_spent_minutes: None,
            requested_at: None,
            deadline_at: None,
            finished_at: None,
            extra: BTreeMap::new(),
            updated_at: None,
        }
    }

    /// Whom to speak to: the contact, or the requester when there is none.
    pub fn contact(&self) -> &Person {
        self.contact.as_ref().unwrap_or(&self.requester)
    }

    /// Everyone on it who has a name of their own.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        std::iter::once(&self.requester)
            .chain(&self.contact)
            .chain(&self.followers)
            .chain(&self.responsible)
            .chain(&self.owner)
    }

    /// Everyone who takes part: the requester, the followers, the responsible technician, and the members
    /// of its groups. Somebody may be there more than once.
    pub fn participants(&self) -> impl Iterator<Item = Participant<'_>> {
        let person = Participant::person;
        let requester = std::iter::once(person(&self.requester, Capacity::Requester));
        let followers = self.followers.iter();
        let responsible = self.responsible.iter();
        let groups = [&self.group, &self.level1_group, &self.executor_group];
        requester
            .chain(followers.map(move |one| person(one, Capacity::Follower)))
            .chain(responsible.map(move |one| person(one, Capacity::Responsible)))
            .chain(groups.into_iter().flatten().flat_map(Group::members))
    }

    /// The same without the groups that do not work on it.
    pub fn assigned(&self) -> impl Iterator<Item = Participant<'_>> {
        let named = self.participants().filter(|one| one.person.is_some());
        named.chain(self.assigned_group().into_iter().flat_map(Group::members))
    }

    /// The group that works on it: the current one, else level 1, else the executor group. A group
    /// without a name and addresses counts as absent.
    pub fn assigned_group(&self) -> Option<&Group> {
        [&self.group, &self.level1_group, &self.executor_group]
            .into_iter()
            .flatten()
            .find(|group| !is_blank(&group.name) || !group.addresses.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_takes_part_once_for_each_thing_that_they_are() {
        let person = |email: &str| Person {
            email: email.into(),
            ..Person::default()
        };
        let group = |name: &str, addresses: &[&str]| Group {
            name: name.to_owned(),
            addresses: addresses.iter().map(|one| (*one).into()).collect(),
        };
        let ticket = Ticket {
            requester: person("maria@example.com"),
            followers: vec![person("rita@example.com"), person("")],
            responsible: Some(person("ana@example.com")),
            owner: Some(person("eva@example.com")),
            group: Some(group(" ", &[])),
            level1_group: Some(group("N1", &["bia@example.com", "ANA@example.com"])),
            executor_group: Some(group("N2", &["leo@example.com"])),
            ..Ticket::new(TicketId::from_static("4711"))
        };
        let told = |one: Participant<'_>| {
            let side = one.side();
            format!("{side:?} {:?} {} {}", one.capacity, one.name, one.address)
        };
        let all: Vec<_> = ticket.participants().map(told).collect();
        let named = [
            "Requester Requester  maria@example.com",
            "Requester Follower  rita@example.com",
            "Requester Follower  ",
            "Technician Responsible  ana@example.com",
            "Technician Group N1 bia@example.com",
            "Technician Group N1 ANA@example.com",
        ];
        assert_eq!(all[..6], named);
        assert_eq!(all[6..], ["Technician Group N2 leo@example.com"]);
        let assigned: Vec<_> = ticket.assigned().map(told).collect();
        assert_eq!(assigned, named);
        let ana = "ana@Example.com".parse().unwrap();
        let hers = ticket.participants().filter(|one| one.is(&ana));
        assert_eq!(hers.count(), 2);
    }
}
