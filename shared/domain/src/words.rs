//! States, steps and rules in words for people.

use super::{
    delivery::{DeliveryStatus, Step},
    recipients::RecipientRule,
};
use crate::{catalog::language::Texts, texts};

impl DeliveryStatus {
    /// All of them, in the order of a mail's life.
    pub const ALL: [Self; 12] = [
        Self::Queued,
        Self::Held,
        Self::Sending,
        Self::Accepted,
        Self::Delayed,
        Self::Delivered,
        Self::Bounced,
        Self::Complained,
        Self::Rejected,
        Self::Failed,
        Self::Unknown,
        Self::Unconfirmed,
    ];

    /// What the state means for the person who reads it.
    pub fn words(self) -> Texts {
        match self {
            Self::Queued => texts::status::DELIVERY_STATUS_QUEUED,
            Self::Sending => texts::status::DELIVERY_STATUS_SENDING,
            Self::Accepted => texts::status::DELIVERY_STATUS_ACCEPTED,
            Self::Delivered => texts::status::DELIVERY_STATUS_DELIVERED,
            Self::Delayed => texts::status::DELIVERY_STATUS_DELAYED,
            Self::Bounced => texts::status::DELIVERY_STATUS_BOUNCED,
            Self::Complained => texts::status::DELIVERY_STATUS_COMPLAINED,
            Self::Rejected => texts::status::DELIVERY_STATUS_REJECTED,
            Self::Held => texts::status::DELIVERY_STATUS_HELD,
            Self::Failed => texts::status::DELIVERY_STATUS_FAILED,
            Self::Unknown => texts::status::DELIVERY_STATUS_UNKNOWN,
            Self::Unconfirmed => texts::status::DELIVERY_STATUS_UNCONFIRMED,
        }
    }
}

impl Step {
    /// Every step, in the order of the enum; tests and the contract walk it.
    pub const ALL: [Self; 14] = [
        Self::Held,
        Self::Retry,
        Self::Accepted,
        Self::Failed,
        Self::Unknown,
        Self::Resent,
        Self::Sent,
        Self::Delayed,
        Self::Delivered,
        Self::Rejected,
        Self::Bounced,
        Self::Complained,
        Self::Unconfirmed,
        Self::Dismissed,
    ];

    /// What happened, for the person who reads the timeline.
    pub fn words(self) -> Texts {
        match self {
            Self::Held => texts::status::STEP_HELD,
            Self::Retry => texts::status::STEP_RETRY,
            Self::Accepted => texts::status::STEP_ACCEPTED,
            Self::Failed => texts::status::STEP_FAILED,
            Self::Unknown => texts::status::STEP_UNKNOWN,
            Self::Resent => texts::status::STEP_RESENT,
            Self::Sent => texts::status::STEP_SENT,
            Self::Delayed => texts::status::STEP_DELAYED,
            Self::Delivered => texts::status::STEP_DELIVERED,
            Self::Rejected => texts::status::STEP_REJECTED,
            Self::Bounced => texts::status::STEP_BOUNCED,
            Self::Complained => texts::status::STEP_COMPLAINED,
            Self::Unconfirmed => texts::status::STEP_UNCONFIRMED,
            Self::Dismissed => texts::status::STEP_DISMISSED,
        }
    }
}

impl RecipientRule {
    /// Every rule, in the order of the enum; tests and the contract walk it.
    pub const ALL: [Self; 11] = [
        Self::Mail,
        Self::Internal,
        Self::NotifyOff,
        Self::ResponsibleNoticeOff,
        Self::Author,
        Self::Duplicate,
        Self::NoAddress,
        Self::InvalidAddress,
        Self::SystemAddress,
        Self::BouncedAddress,
        Self::Coalesced,
    ];

    /// The code in answers; part of the API's contract.
    pub fn code(self) -> &'static str {
        match self {
            Self::Mail => "MAIL",
            Self::Internal => "INTERNAL",
            Self::NotifyOff => "NOTIFY_OFF",
            Self::ResponsibleNoticeOff => "RESPONSIBLE_NOTICE_OFF",
            Self::Author => "AUTHOR",
            Self::Duplicate => "DUPLICATE",
            Self::NoAddress => "NO_ADDRESS",
            Self::InvalidAddress => "INVALID_ADDRESS",
            Self::SystemAddress => "SYSTEM_ADDRESS",
            Self::BouncedAddress => "BOUNCED_ADDRESS",
            Self::Coalesced => "COALESCED",
        }
    }

    /// Why they get mail, or none.
    pub fn words(self) -> Texts {
        match self {
            Self::Mail => texts::status::RULE_MAIL,
            Self::Internal => texts::status::RULE_INTERNAL,
            Self::NotifyOff => texts::status::RULE_NOTIFY_OFF,
            Self::ResponsibleNoticeOff => texts::status::RULE_RESPONSIBLE_NOTICE_OFF,
            Self::Author => texts::status::RULE_AUTHOR,
            Self::Duplicate => texts::status::RULE_DUPLICATE,
            Self::NoAddress => texts::status::RULE_NO_ADDRESS,
            Self::InvalidAddress => texts::status::RULE_INVALID_ADDRESS,
            Self::SystemAddress => texts::status::RULE_SYSTEM_ADDRESS,
            Self::BouncedAddress => texts::status::RULE_BOUNCED_ADDRESS,
            Self::Coalesced => texts::status::RULE_COALESCED,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalog::Language;

    #[test]
    fn every_state_step_and_rule_has_words_of_its_own_in_every_language() {
        for language in Language::ALL {
            for all in [
                DeliveryStatus::ALL
                    .map(|status| status.words().get(language))
                    .to_vec(),
                Step::ALL.map(|step| step.words().get(language)).to_vec(),
                RecipientRule::ALL
                    .map(|rule| rule.words().get(language))
                    .to_vec(),
            ] {
                let distinct: BTreeSet<_> = all.iter().filter(|words| !words.is_empty()).collect();
                assert_eq!(distinct.len(), all.len(), "{language:?}");
            }
        }
    }

    #[test]
    fn the_lists_are_whole_and_codes_are_what_is_stored() {
        for rule in RecipientRule::ALL {
            assert_eq!(serde_json::to_value(rule).unwrap(), rule.code());
        }
        let text = |value: serde_json::Result<serde_json::Value>| value.unwrap().to_string();
        let states: BTreeSet<_> = DeliveryStatus::ALL
            .map(|s| text(serde_json::to_value(s)))
            .into();
        let steps: BTreeSet<_> = Step::ALL.map(|s| text(serde_json::to_value(s))).into();
        assert_eq!((states.len(), steps.len()), (12, 14));
    }
}
