//! Values of the numbered parameters, as stored: all of them in one document, so that one read has
//! them and every change is ordered.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    delivery::Recipient,
    message::{Channel, Message},
    ticket::Participant,
};
use crate::{catalog::parameters, id::TemplateId, identity::Identity};

/// Group of last resort: addresses.
pub const LAST_RESORT_GROUP: u16 = 9;
/// Sender of all mail.
pub const SENDER: u16 = 10;
/// Base of every link to a ticket.
pub const LINK_BASE: u16 = 33;
/// Template override: to the requester.
pub const TO_REQUESTER: u16 = 251;
/// The portal may write messages.
pub const PORTAL_MESSAGES: u16 = 252;
/// Template override: to the responsible.
pub const TO_RESPONSIBLE: u16 = 253;
/// Default category of portal messages.
pub const PORTAL_CATEGORY: u16 = 262;
/// Default origin of portal messages.
pub const PORTAL_ORIGIN: u16 = 263;
/// Kill switch: no mail leaves.
pub const KILL_SWITCH: u16 = 297;
/// The largest attachment of a message, in bytes.
pub const LARGEST_ATTACHMENT: u16 = 278;
/// Message exchange between requester and technician is on.
pub const MESSAGE_EXCHANGE: u16 = 299;
/// The responsible is told of a requester's message.
pub const NOTIFY_RESPONSIBLE: u16 = 300;
/// Refused extensions of attachments.
pub const REFUSED_EXTENSIONS: u16 = 318;
/// Template of the messaging mail.
pub const MESSAGING_TEMPLATE: u16 = 417;
/// Attachments travel in mail.
pub const FORWARD_ATTACHMENTS: u16 = 446;
/// Template of the notice that a mail did not arrive. CITSmart has none such: numbers from 1001
/// on are our own.
pub const NOTICE_TEMPLATE: u16 = 1001;

/// The parameters that name a template.
pub const TEMPLATES: [u16; 4] = [
    MESSAGING_TEMPLATE,
    TO_REQUESTER,
    TO_RESPONSIBLE,
    NOTICE_TEMPLATE,
];

/// A parameter that somebody set; one without a record has its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The value as the parameter's type normalises it, so that equal values are equal texts.
    pub value: String,
    /// Mark of this change.
    pub etag: String,
    /// When it was set; what was set before stands in the history.
    pub updated_at: Timestamp,
    /// Who: the `sub` of their token.
    pub updated_by: String,
    /// Name from their token; empty in records that are older than this field.
    #[serde(default)]
    pub updated_by_name: String,
}

/// Every parameter that is set: one stored document, read as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameters {
    /// By number; what is absent has its default.
    pub values: BTreeMap<u16, Stored>,
    /// Who mail is from, by contract.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub identities: BTreeMap<String, Identity>,
}

impl Parameters {
    /// The stored value or the default.
    pub fn value(&self, number: u16) -> Option<&str> {
        match self.values.get(&number) {
            Some(stored) => Some(&stored.value),
            None => parameters::find(number).and_then(|p| p.default),
        }
    }

    /// Whether a switch is `S`, set or by default; `false` for a number that is not a switch.
    pub fn is_on(&self, number: u16) -> bool {
        self.value(number).is_some_and(parameters::is_on)
    }

    /// The template that a parameter names; none while it is unset, which keeps
    /// that mail from leaving.
    pub fn template(&self, number: u16) -> Option<TemplateId> {
        self.value(number)?.parse().ok()
    }

    /// The template of a direction: 251 or 253 when set, else 417.
    pub fn messaging_template(&self, to_requester_side: bool) -> Option<TemplateId> {
        let own = if to_requester_side {
            TO_REQUESTER
        } else {
            TO_RESPONSIBLE
        };
        self.template(own)
            .or_else(|| self.template(MESSAGING_TEMPLATE))
    }

    /// The template of a message to somebody. A notice of this system to the desk takes 1001 when
    /// that is set; everything else takes that of its direction.
    pub fn template_of(&self, message: &Message, to: &Recipient) -> Option<TemplateId> {
        let to_requester_side = to.capacity.is_requester_side();
        let notice = message.source == Channel::System && !to_requester_side;
        let own = notice.then(|| self.template(NOTICE_TEMPLATE)).flatten();
        own.or_else(|| self.messaging_template(to_requester_side))
    }

    /// Numbers of the template parameters that name this template.
    pub fn naming(&self, template: TemplateId) -> Vec<u16> {
        TEMPLATES
            .into_iter()
            .filter(|number| self.template(*number) == Some(template))
            .collect()
    }

    /// Addresses of the group of last resort (parameter 9).
    pub fn last_resort(&self) -> impl Iterator<Item = Participant<'_>> {
        self.value(LAST_RESORT_GROUP)
            .unwrap_or_default()
            .split([',', ';'])
            .map(str::trim)
            .filter(|address| !address.is_empty())
            .map(|address| Participant::member("", Cow::Owned(address.into())))
    }
}

/// One change in a parameter's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Number of the parameter.
    pub number: u16,
    /// Value before; absent when it had its default.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<String>,
    /// Value after; absent when it went back to its default.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<String>,
    /// When it was changed, by the clock of the function.
    pub at: Timestamp,
    /// Who: the `sub` of their token.
    pub by: String,
    /// Name from their token; empty in records that are older than this field.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub by_name: String,
}
