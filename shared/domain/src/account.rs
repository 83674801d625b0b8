//! What the mail provider says of the account that mail leaves through.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::times::is_ahead;

/// How long an answer is taken as known while all is well.
const LASTS: SignedDuration = SignedDuration::from_hours(1);
/// How long it is while something stands in the way, which people may be fixing right now.
const TROUBLE_LASTS: SignedDuration = SignedDuration::from_mins(5);

/// How something at the provider stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Mail leaves with it.
    Ready,
    /// It is there, and no mail leaves with it: an identity that is not verified, a configuration
    /// set that is switched off.
    NotReady,
    /// The provider does not have it.
    Absent,
    /// Nobody asked, or there was no answer.
    #[default]
    Unknown,
}

/// What the provider answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Mails a second that it takes; none, it does not say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rate: Option<f64>,
    /// Whether it sends at all.
    pub sending: bool,
    /// Whether it sends to addresses that are not verified. SES calls the opposite its sandbox.
    pub production: bool,
    /// The identity that mail is sent as.
    #[serde(default)]
    pub identity: Standing,
    /// The configuration set of our mail.
    #[serde(default)]
    pub configuration_set: Standing,
}

/// The answer as it is kept for everybody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// The last answer that could be read; the questions since may have failed.
    #[serde(flatten)]
    pub account: Account,
    /// The identity that was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub identity_name: Option<String>,
    /// When it was asked for. An answer that has grown old is asked for again.
    pub asked_at: Timestamp,
}

impl Account {
    /// Whether nothing at the provider keeps mail from anybody.
    pub fn is_well(&self) -> bool {
        self.sending
            && self.production
            && self.identity == Standing::Ready
            && self.configuration_set == Standing::Ready
    }
}

impl Seen {
    /// Whether it is time to ask again.
    pub fn is_old(&self, now: Timestamp) -> bool {
        let lasts = if self.account.is_well() {
            LASTS
        } else {
            TROUBLE_LASTS
        };
        now.duration_since(self.asked_at) > lasts || is_ahead(self.asked_at, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_looked_at_again_sooner() {
        let well = Account {
            rate: None,
            sending: true,
            production: true,
            identity: Standing::Ready,
            configuration_set: Standing::Ready,
        };
        let troubles = [
            Account {
                sending: false,
                ..well.clone()
            },
            Account {
                production: false,
                ..well.clone()
            },
            Account {
                identity: Standing::NotReady,
                ..well.clone()
            },
            Account {
                configuration_set: Standing::Unknown,
                ..well.clone()
            },
        ];
        let asked_at = Timestamp::UNIX_EPOCH;
        let early = Seen {
            account: well.clone(),
            identity_name: None,
            asked_at: asked_at + SignedDuration::from_hours(3),
        };
        assert!(early.is_old(asked_at), "asked by a clock that was ahead");
        let old_after = |account: &Account, minutes| {
            let seen = Seen {
                account: account.clone(),
                identity_name: None,
                asked_at,
            };
            seen.is_old(asked_at + SignedDuration::from_mins(minutes))
        };
        assert_eq!(
            [6, 60, 61].map(|at| old_after(&well, at)),
            [false, false, true]
        );
        for trouble in &troubles {
            assert_eq!(
                [5, 6].map(|at| old_after(trouble, at)),
                [false, true],
                "{trouble:?}"
            );
        }
    }
}
