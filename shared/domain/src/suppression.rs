//! Addresses that no mail is sent to, because one bounced or was called spam.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    address::{AddressKey, WrittenAddress},
    id::TicketId,
};

/// How long a permanent bounce counts: people come back, and mailboxes are made anew.
const BOUNCE_LASTS: SignedDuration = SignedDuration::from_hours(180 * 24);
/// How long transient bounces count.
const TRANSIENT_LASTS: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Within which time transient bounces are counted together.
pub const TRANSIENT_WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How many transient bounces suppress an address.
pub const TRANSIENT_MOST: usize = 3;
/// Most spellings of one address that are remembered: people write it in two or three ways.
const MAX_SPELLINGS: usize = 10;

/// Why an address is suppressed; the later ones weigh more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// Three transient bounces within seven days.
    Transient,
    /// A permanent bounce: one is enough.
    Bounce,
    /// An administrator's decision, which no event lifts.
    Manual,
    /// A complaint: one is enough, and only a person ends it.
    Complaint,
}

/// The delivery that an address was suppressed for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The ticket whose mail bounced or was complained about.
    pub ticket_id: TicketId,
    /// The message that the mail carried.
    pub message_id: Uuid,
    /// The delivery that brought it about, with its timeline.
    pub delivery_id: Uuid,
}

/// That somebody suppressed an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// Who: the `sub` of their token.
    pub by: String,
    /// Name from their token, kept because directories forget people.
    pub by_name: String,
    /// Why, in their words.
    pub reason: String,
}

/// That somebody lifted a suppression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifted {
    /// When mail to the address was allowed again.
    pub at: Timestamp,
    /// Who: the `sub` of their token.
    pub by: String,
    /// Name from their token; empty in records that are older than this field.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub by_name: String,
    /// Why, in their words.
    pub reason: String,
}

/// An address that gets no mail until it expires or is lifted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// The address, as addresses are compared.
    pub address: AddressKey,
    /// Other spellings that mail to it was sent to: the provider's own list tells them apart.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub spellings: Vec<String>,
    /// What it was suppressed for: that decides how long it lasts.
    pub cause: Cause,
    /// Since when no mail goes there.
    pub since: Timestamp,
    /// Until when; none, until it is lifted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<Timestamp>,
    /// What it was suppressed for; none for a test mail.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub origin: Option<Origin>,
    /// What the server said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// Who suppressed it, where a person did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub added: Option<Added>,
    /// Whether the provider's own list holds it no more, once it is over.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub in_step: bool,
    /// The first of what it held, once it is over: the rest follows after its outcome.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first: Option<Origin>,
    /// That it was lifted: what it held is on its way.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lifted: Option<Lifted>,
}

impl Suppression {
    /// A suppression that begins now, of an address as mail was sent to it.
    pub fn new(
        sent_to: &WrittenAddress,
        cause: Cause,
        origin: Option<Origin>,
        detail: Option<String>,
        now: Timestamp,
    ) -> Self {
        let until = match cause {
            Cause::Transient => Some(now + TRANSIENT_LASTS),
            Cause::Bounce => Some(now + BOUNCE_LASTS),
            // They do not want our mail, or somebody decided so: only people can say otherwise.
            Cause::Complaint | Cause::Manual => None,
        };
        let (address, sent_to) = (sent_to.key_or_text(), sent_to.as_str());
        let spellings = Vec::from_iter((sent_to != address.as_str()).then(|| sent_to.to_owned()));
        Self {
            address,
            spellings,
            cause,
            since: now,
            until,
            origin,
            detail,
            added: None,
            in_step: false,
            first: None,
            lifted: None,
        }
    }

    /// Takes over the spellings of another one of the same address. `true` when one was new.
    pub fn add_spellings(&mut self, other: &Self) -> bool {
        let known = self.spellings.len();
        for spelling in &other.spellings {
            if self.spellings.len() < MAX_SPELLINGS && !self.spellings.contains(spelling) {
                self.spellings.push(spelling.clone());
            }
        }
        self.spellings.len() > known
    }

    /// Every spelling that the provider's own list may hold.
    pub fn sent_to(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.address.as_str()).chain(self.spellings.iter().map(String::as_str))
    }

    /// Whether it keeps mail back.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.lifted.is_none() && self.until.is_none_or(|until| until > now)
    }

    /// From when on what it held is looked at: of a lifted one at once, whatever the clock said then.
    pub fn due_at(&self) -> Option<Timestamp> {
        match self.lifted {
            Some(_) => Some(Timestamp::UNIX_EPOCH),
            None => self.until,
        }
    }

    /// When what it held may go: at its end, or at once when it was lifted.
    pub fn ends_at(&self) -> Option<Timestamp> {
        self.lifted.as_ref().map(|lifted| lifted.at).or(self.until)
    }
}

/// The transient bounces of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransientBounces {
    /// Which deliveries bounced, and when.
    pub bounces: Vec<(Uuid, Timestamp)>,
}

impl TransientBounces {
    /// Counts one; the same delivery counts once. `true` when there are too many within the window.
    pub fn count(&mut self, delivery: Uuid, at: Timestamp) -> bool {
        if !self.bounces.iter().any(|(known, _)| *known == delivery) {
            self.bounces.push((delivery, at));
        }
        self.bounces.sort_by_key(|(_, at)| *at);
        let newest = self.bounces.last().map_or(at, |(_, at)| *at);
        self.bounces
            .retain(|(_, at)| newest.duration_since(*at) <= TRANSIENT_WINDOW);
        self.bounces.len() >= TRANSIENT_MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    #[test]
    fn three_within_seven_days_are_too_many_in_any_order() {
        let ids: Vec<_> = (0..4).map(|_| Uuid::now_v7()).collect();
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let mut bounces = TransientBounces::default();
            let results: Vec<_> = order
                .iter()
                .map(|n| bounces.count(ids[*n], at(60 * *n as i64)))
                .collect();
            assert_eq!(results, [false, false, true]);
        }
        let mut bounces = TransientBounces::default();
        for _ in 0..5 {
            assert!(!bounces.count(ids[0], at(1)), "one delivery counts once");
        }
        assert!(!bounces.count(ids[1], at(24 * 6)));
        assert!(
            !bounces.count(ids[2], at(24 * 8)),
            "the first is too long ago"
        );
        assert!(bounces.count(ids[3], at(24 * 9)));
    }

    #[test]
    fn spellings_are_kept_once_each_and_older_items_have_none() {
        let new =
            |sent_to: &str| Suppression::new(&sent_to.into(), Cause::Bounce, None, None, at(0));
        let mut known = new("maria@example.com");
        assert_eq!(Vec::from_iter(known.sent_to()), ["maria@example.com"]);
        let stored = serde_json::to_value(&known).unwrap();
        assert!(stored.get("spellings").is_none());
        assert_eq!(
            serde_json::from_value::<Suppression>(stored).unwrap(),
            known
        );
        assert!(!known.add_spellings(&new("maria@example.com")));
        assert!(known.add_spellings(&new("Maria@example.com")));
        assert!(!known.add_spellings(&new("Maria@example.com")));
        let spellings = ["maria@example.com", "Maria@example.com"];
        assert_eq!(Vec::from_iter(known.sent_to()), spellings);
        for number in 0..100 {
            known.add_spellings(&new(&format!("MARIA{number}@example.com")));
        }
        assert_eq!(known.spellings.len(), MAX_SPELLINGS);
    }

    #[test]
    fn each_cause_has_its_end() {
        let origin = Some(Origin {
            ticket_id: "4711".parse().unwrap(),
            message_id: Uuid::nil(),
            delivery_id: Uuid::nil(),
        });
        for (cause, days) in [
            (Cause::Transient, Some(14)),
            (Cause::Bounce, Some(180)),
            (Cause::Complaint, None),
        ] {
            let sent_to = "a@example.com".into();
            let suppression = Suppression::new(&sent_to, cause, origin.clone(), None, at(0));
            assert_eq!(suppression.ends_at(), days.map(|days| at(24 * days)));
            assert!(suppression.is_active(at(24 * days.unwrap_or(10_000) - 1)));
            assert_eq!(
                suppression.is_active(at(24 * days.unwrap_or(10_000))),
                days.is_none()
            );
        }
    }
}
