//! What ties a ticket's mails together: the header ids of those that went between us and one
//! person, and of the last that came in; and when the last ones left. One small item for each person
//! on a ticket, read and written with what a mail needs anyway.
//!
//! Two mails to one person at the same moment may lose one of their ids: the anchor of the ticket
//! stands in every mail, so they stay together all the same.

use serde::{Deserialize, Serialize};

use crate::{
    App, Result,
    entity::{self, Entity as _},
    settings::Settings,
};
use domain::{address::AddressKey, id::TicketId};
use mail::thread::ses_message_ids;
use storage::Item;

/// Most ids that are kept of the mails between us and a person: more than `References` has room for.
const MAX_IDS: usize = 16;
/// How long they are kept after the last mail, seconds.
const KEPT: i64 = 400 * 24 * 3600;

/// Header ids of the mails between us and a person, oldest first, `<…>`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadState {
    /// The newest of them.
    pub ids: Vec<String>,
    /// When the newest of ours left, seconds since the epoch, ascending: for the storm rules.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub times: Vec<i64>,
}

/// Place of the next mail to a person in their thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadPosition {
    /// Ids of the mails so far, oldest first.
    pub earlier: Vec<String>,
    /// Id of the last mail that came in on the ticket.
    pub last_mail: Option<String>,
}

impl ThreadState {
    /// The item with the ids of one more mail.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub(crate) fn with(
        &self,
        app: &App,
        ticket: &TicketId,
        address: &AddressKey,
        more: impl IntoIterator<Item = String>,
    ) -> Result<Item> {
        let mut ids = self.ids.clone();
        for id in more {
            ids.retain(|known| *known != id);
            ids.push(id);
        }
        ids.drain(..ids.len().saturating_sub(MAX_IDS));
        let times = self.times.clone();
        let thread = Self { ids, times };
        let item = entity::Thread(ticket, address).item(&thread)?;
        Ok(item.expiring(app.now().as_second() + KEPT))
    }
}

/// The forms in which a mail that was accepted may show its `Message-ID`: one that the
/// provider assigned, or ours.
pub(crate) fn accepted_header_ids(
    settings: &Settings,
    assigned: bool,
    provider_id: &str,
    header_id: &str,
) -> Vec<String> {
    if !assigned {
        return vec![header_id.to_owned()];
    }
    let region = settings.region.as_deref().unwrap_or("us-east-1");
    ses_message_ids(provider_id, region).into()
}
