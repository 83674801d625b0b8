//! What the server knows.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use jiff::Timestamp;
use mail::ses_event::{
    Happening,
    build::{SentMail, event, simulated},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::script::Script;

/// A mail that was accepted.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Number of the mail, from 1.
    pub number: u64,
    /// Id that was answered, or would have been.
    pub message_id: String,
    /// When it was accepted.
    pub at: Timestamp,
    /// `FromEmailAddress`.
    pub from: String,
    /// Addresses of every destination.
    pub to: Vec<String>,
    /// The raw message, byte for byte; a simple one as the JSON of its content.
    pub raw: Vec<u8>,
    /// Tags in their order.
    pub tags: Vec<(String, String)>,
    /// Configuration set.
    pub configuration_set: Option<String>,
}

impl Mail {
    /// The value of a tag.
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.tags
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The mail as its recipient gets it: SES writes its own `Message-ID` and `Date` over ours.
    pub fn on_the_wire(&self) -> Vec<u8> {
        let id = format!("<{}@email.amazonses.com>", self.message_id);
        let date = self.at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
        let mut wire = Vec::with_capacity(self.raw.len() + 64);
        let mut in_head = true;
        let mut skipping = false;
        for line in self.raw.split_inclusive(|byte| *byte == b'\n') {
            let folded = line.starts_with(b" ") || line.starts_with(b"\t");
            if in_head && !folded {
                let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
                skipping = false;
                let value = match name.to_ascii_lowercase().as_slice() {
                    b"message-id" => Some(format!("Message-ID: {id}\r\n")),
                    b"date" => Some(format!("Date: {date}\r\n")),
                    _ => None,
                };
                if let Some(value) = value {
                    wire.extend_from_slice(value.as_bytes());
                    skipping = true;
                }
            }
            in_head &= !line.iter().all(u8::is_ascii_whitespace);
            if !(in_head && skipping) {
                wire.extend_from_slice(line);
            }
        }
        wire
    }
}

/// What the account may do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Mails a second; beyond it sends are throttled. None, no limit.
    pub max_send_rate: Option<f64>,
    /// Mails a day; beyond it sends are refused. None, no limit.
    pub max_24_hour_send: Option<u64>,
    /// When off, sends are refused with `SendingPausedException`.
    pub sending_enabled: bool,
    /// Out of the sandbox.
    pub production_access: bool,
    /// Addresses and domains that may send; none, all may.
    pub verified: Option<Vec<String>>,
    /// Identities that exist and are not verified yet.
    pub pending: Vec<String>,
    /// Configuration sets that exist; none, all do.
    pub configuration_sets: Option<Vec<String>>,
    /// Whether sending is switched on for them.
    pub configuration_sets_send: bool,
    /// Time before every answer to a send, in milliseconds.
    pub latency_ms: u64,
    /// Whether accepted mails have events by themselves.
    pub events: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_send_rate: None,
            max_24_hour_send: None,
            sending_enabled: true,
            production_access: true,
            verified: None,
            pending: Vec::new(),
            configuration_sets: None,
            configuration_sets_send: true,
            latency_ms: 0,
            events: true,
        }
    }
}

/// What was asked and answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Sends that reached the server.
    pub sends: u64,
    /// Mails that were accepted, answered or not.
    pub accepted: u64,
    /// Sends that were refused as too fast or over quota.
    pub throttled: u64,
    /// Sends that were refused otherwise.
    pub refused: u64,
    /// Sends that got no answer.
    pub unanswered: u64,
    /// Most sends that were there at once.
    pub most_at_once: u64,
    /// Sends that are there now.
    pub at_once: u64,
}

/// An entry of the suppression list.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Suppressed {
    /// The address.
    pub email_address: String,
    /// `BOUNCE` or `COMPLAINT`.
    pub reason: String,
    /// Seconds since 1970.
    pub last_update_time: f64,
}

/// Everything, behind one lock.
#[derive(Debug, Default)]
pub struct State(Mutex<Inner>);

/// What the lock guards.
#[derive(Debug, Default)]
pub struct Inner {
    /// What sends meet.
    pub script: Script,
    /// What the account may do.
    pub settings: Settings,
    /// Accepted mails.
    pub mails: Vec<Mail>,
    /// Events, in order.
    pub events: Vec<Value>,
    /// Sends and mails by what became of them.
    pub counts: Counts,
    /// The suppression list. SES keeps the case of an address and tells spellings apart.
    pub suppressed: BTreeMap<String, Suppressed>,
    bucket: Option<(Instant, f64)>,
}

impl State {
    /// Looks at or changes the state.
    pub fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        // Nothing that panics leaves the state half changed: it is a test's own assertion.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Inner {
    /// Whether one more send is within the rate: a bucket that holds one second's worth.
    pub(crate) fn within_rate(&mut self, now: Instant) -> bool {
        let Some(rate) = self.settings.max_send_rate else {
            return true;
        };
        let (since, left) = self.bucket.unwrap_or((now, rate));
        let left = (left + now.duration_since(since).as_secs_f64() * rate).min(rate.max(1.0));
        let within = left >= 1.0;
        self.bucket = Some((now, if within { left - 1.0 } else { left }));
        within
    }

    /// Keeps a mail and makes its events.
    pub(crate) fn accept(&mut self, mut mail: Mail) -> String {
        mail.number = self.mails.len() as u64 + 1;
        let unique = Uuid::now_v7();
        mail.message_id = format!("0100{unique}-000000");
        let (id, number, at) = (mail.message_id.clone(), mail.number, mail.at);
        let address = mail.to.first().cloned().unwrap_or_default();
        let suppressed = self.suppressed.contains_key(&address);
        self.mails.push(mail);
        self.counts.accepted += 1;
        if self.settings.events {
            let fate = if suppressed {
                "suppressionlist@simulator.fake"
            } else {
                &address
            };
            for happening in simulated(fate, at) {
                self.emit(number, &happening);
            }
        }
        id
    }

    /// Makes an event about an accepted mail, now; see [`crate::FakeSes::emit`].
    pub fn emit(&mut self, number: u64, happening: &Happening) -> Option<Value> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        let mail = self.mails.get(index)?;
        let sent = SentMail {
            provider_id: mail.message_id.clone(),
            from: mail.from.clone(),
            to: mail.to.first()?.clone(),
            tags: mail.tags.clone(),
            configuration_set: mail.configuration_set.clone()?,
            at: mail.at,
        };
        let event = event(&sent, happening, Timestamp::now());
        self.events.push(event.clone());
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_rate_is_kept() {
        let mut inner = Inner::default();
        inner.settings.max_send_rate = Some(14.0);
        let start = Instant::now();
        // 28 tries a second for 10 seconds: the first second's worth, then 14 a second.
        let passed = (0..280)
            .filter(|n| inner.within_rate(start + Duration::from_secs_f64(f64::from(*n) / 28.0)))
            .count();
        assert!((150..=155).contains(&passed), "{passed}");
    }

    #[test]
    fn ses_writes_over_date_and_id_alone() {
        let mail = Mail {
            number: 1,
            message_id: "0100-1".into(),
            at: "2026-01-01T12:00:00Z".parse().unwrap(),
            from: String::new(),
            to: vec![],
            raw: b"Date: x\r\nSubject: a\r\n b\r\nMessage-ID:\r\n <own@x>\r\nTo: y\r\n\r\nDate: z\r\n".to_vec(),
            tags: vec![],
            configuration_set: None,
        };
        assert_eq!(
            String::from_utf8(mail.on_the_wire()).unwrap(),
            "Date: Thu, 01 Jan 2026 12:00:00 +0000\r\nSubject: a\r\n b\r\n\
             Message-ID: <0100-1@email.amazonses.com>\r\nTo: y\r\n\r\nDate: z\r\n"
        );
    }
}
