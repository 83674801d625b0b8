//! Figures of an hour: what was written, what became of its mails, and how long they took.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    delivery::{Delivery, DeliveryStatus, Step},
    id::TemplateId,
    message::{Channel, Message, Side, Visibility},
};

/// Upper ends of the times that are told apart, in seconds: a median is one of them.
const TIMES: [i64; 16] = [
    1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 28_800, 86_400,
];

/// What was counted, as it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Messages, all kinds together.
    pub messages: u64,
    /// Those of the requester's side.
    pub of_requesters: u64,
    /// Those that technicians wrote.
    pub of_technicians: u64,
    /// Those that no person wrote.
    pub automatic: u64,
    /// Those that only the desk reads.
    pub internal: u64,
    /// Those that came as replies by mail.
    pub replies: u64,
    /// Mails that came in, became no message by themselves, and had not been let in when
    /// their hour was counted.
    pub quarantined: u64,
    /// Mails of these messages by their state when the hour was counted, an hour or two after it.
    pub mails: BTreeMap<DeliveryStatus, u64>,
    /// Mails that were not sent because their recipient wants none that no person wrote, or was
    /// erased; not among `mails`.
    pub unwanted: u64,
}

/// What was counted, as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    /// The counts that are told as they are.
    #[serde(flatten)]
    pub counts: Counts,
    /// Mails that left, by template.
    pub templates: BTreeMap<TemplateId, u64>,
    /// Delivered mails, by the place of their time in a fixed list.
    pub times: BTreeMap<usize, u64>,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        let Self {
            messages,
            of_requesters,
            of_technicians,
            automatic,
            internal,
            replies,
            quarantined,
            mails,
            unwanted,
        } = other;
        self.messages += messages;
        self.of_requesters += of_requesters;
        self.of_technicians += of_technicians;
        self.automatic += automatic;
        self.internal += internal;
        self.replies += replies;
        self.quarantined += quarantined;
        self.unwanted += unwanted;
        merge(&mut self.mails, mails);
    }
}

impl Figures {
    /// Adds a message as it was posted; its deliveries are counted by [`Figures::delivery`].
    pub fn message(&mut self, message: &Message) {
        let counts = &mut self.counts;
        counts.messages += 1;
        counts.internal += u64::from(message.visibility == Visibility::Internal);
        counts.replies += u64::from(message.source == Channel::Email);
        let author = match message.author.role {
            _ if message.is_automatic() => &mut counts.automatic,
            Side::Requester => &mut counts.of_requesters,
            Side::Technician => &mut counts.of_technicians,
        };
        *author += 1;
    }

    /// Counts a delivery as it is now.
    pub fn delivery(&mut self, delivery: &Delivery) {
        if delivery.is_unwanted() {
            self.counts.unwanted += 1;
            return;
        }
        *self.counts.mails.entry(delivery.status).or_default() += 1;
        let left = |entry: &crate::delivery::Entry| {
            matches!(entry.step, Step::Accepted | Step::Sent | Step::Delivered)
        };
        if let Some(mail) = &delivery.mail
            && delivery.timeline.iter().any(left)
        {
            *self.templates.entry(mail.template).or_default() += 1;
        }
        let mut steps = delivery.timeline.iter();
        if let Some(arrived) = steps.find(|entry| entry.step == Step::Delivered) {
            let took = arrived.at.duration_since(delivery.created_at);
            *self.times.entry(place(took)).or_default() += 1;
        }
    }

    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.counts.add(&other.counts);
        merge(&mut self.templates, &other.templates);
        merge(&mut self.times, &other.times);
    }

    /// Whether nothing was counted, so that a day or shard needs no record.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Within how many seconds half of the delivered mails arrived, rounded up to one of a fixed list;
    /// `None` when none did, or when it is more than a day.
    pub fn median_seconds(&self) -> Option<i64> {
        let all: u64 = self.times.values().sum();
        let mut seen = 0;
        let place = self.times.iter().find(|(_, count)| {
            seen += **count;
            seen * 2 >= all
        });
        place.and_then(|(place, _)| TIMES.get(*place).copied())
    }
}

fn place(took: SignedDuration) -> usize {
    let seconds = took.as_secs() + i64::from(took.subsec_nanos() > 0);
    TIMES.partition_point(|end| *end < seconds)
}

fn merge<K: Ord + Copy>(into: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, count) in from {
        *into.entry(*key).or_default() += count;
    }
}

/// An hour, counted from the epoch, as a moment.
pub fn hour_start(hour: i64) -> Timestamp {
    Timestamp::from_second(hour.saturating_mul(3600)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_end_of_the_place_in_which_half_of_them_are() {
        let mut figures = Figures::default();
        assert_eq!(figures.median_seconds(), None);
        for millis in [900, 1000, 1001, 45_000, 90_000_000] {
            let place = place(SignedDuration::from_millis(millis));
            *figures.times.entry(place).or_default() += 1;
        }
        assert_eq!(figures.median_seconds(), Some(2));
        let late = Figures {
            times: BTreeMap::from([(TIMES.len(), 7)]),
            ..Figures::default()
        };
        figures.add(&late);
        assert_eq!(figures.median_seconds(), None);
    }

    #[test]
    fn what_is_added_is_the_sum_of_every_figure() {
        let one = Figures {
            counts: Counts {
                messages: 1,
                of_requesters: 2,
                of_technicians: 3,
                automatic: 4,
                internal: 5,
                replies: 6,
                quarantined: 7,
                mails: BTreeMap::from([(DeliveryStatus::Bounced, 8)]),
                unwanted: 9,
            },
            templates: BTreeMap::from([(TemplateId::FIRST, 10)]),
            times: BTreeMap::from([(2, 11)]),
        };
        let mut sum = one.clone();
        sum.add(&one);
        // What is stored is read as it was.
        let stored = serde_json::to_vec(&sum).unwrap();
        assert_eq!(serde_json::from_slice::<Figures>(&stored).unwrap(), sum);
        let (one, sum) = (
            serde_json::to_string(&one).unwrap(),
            serde_json::to_value(&sum).unwrap(),
        );
        let numbers = |text: &str| -> u64 {
            let digits = text.split(|c: char| !c.is_ascii_digit());
            digits.filter_map(|part| part.parse::<u64>().ok()).sum()
        };
        // The keys of the two maps are numbers, too.
        assert_eq!(numbers(&sum.to_string()) - 3, 2 * (numbers(&one) - 3));
    }
}
