//! What a person wishes of the mail that they get: stored under their address, whatever ticket it is
//! about.

use serde::{Deserialize, Serialize};

use crate::delivery::Recipient;

/// The wishes of one person. What is not said is taken from the ticket, then from the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// Language of their mail, a BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub locale: Option<String>,
    /// IANA time zone of their mail.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub time_zone: Option<String>,
    /// Whether they want no mail that a system wrote. What people write arrives all the same.
    #[serde(default)]
    pub mute_automatic: bool,
}

impl Preferences {
    /// The recipient as they wish to be written to.
    pub fn applied_to(&self, to: &Recipient) -> Recipient {
        Recipient {
            locale: self.locale.clone().or_else(|| to.locale.clone()),
            time_zone: self.time_zone.clone().or_else(|| to.time_zone.clone()),
            ..to.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Capacity;

    #[test]
    fn what_a_person_wishes_goes_before_what_the_ticket_says_and_what_they_leave_open_does_not() {
        let to = Recipient {
            name: "Maria".to_owned(),
            address: "maria@example.com".into(),
            capacity: Capacity::Requester,
            locale: Some("pt-BR".to_owned()),
            time_zone: Some("America/Manaus".to_owned()),
        };
        let wishes = Preferences {
            locale: Some("es".to_owned()),
            ..Preferences::default()
        };
        let written = wishes.applied_to(&to);
        assert_eq!(written.locale.as_deref(), Some("es"));
        assert_eq!(written.time_zone, to.time_zone);
        assert_eq!(Preferences::default().applied_to(&to), to);
    }
}
