//! What is kept of an erasure: its record, and how far it came.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Result,
    entity::{self, Entity as _},
};
use domain::id::TicketId;
use storage::{Item, Position};

/// The request of an administrator to erase a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewErasure {
    /// The address of the person, by which everything of theirs is found.
    pub address: String,
    /// On which ground, for the record; addresses in it are masked.
    pub reason: String,
}

/// How far an erasure came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ErasureStatus)]
pub enum Status {
    /// There is more: send the same request again.
    Running,
    /// Everything was looked through.
    Done,
}

/// What was erased so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Tickets on which something was.
    pub tickets: u64,
    /// Messages that the person wrote: their texts are gone.
    pub messages: u64,
    /// Files that were the person's: nobody can take them any more.
    pub files: u64,
    /// Deliveries to them. What still waited will not be sent.
    pub deliveries: u64,
    /// Mails of theirs that came in, raw bytes included.
    pub mails: u64,
    /// Suppressions, bounces and records of lifted suppressions.
    pub suppressions: u64,
}

/// The record of an erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// UUIDv7: the list of erasures is in the order of their beginnings.
    pub id: Uuid,
    /// SHA-256 of the address in lower case, 64 hexadecimal digits: who knows the address can tell
    /// that it was erased.
    pub digest: String,
    /// The address masked as in logs, for whoever reads the list.
    pub address: String,
    /// Who did it: a digest of the subject of their token, as logs have it.
    pub by: String,
    /// Their address, masked; none when their token had none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by_address: Option<String>,
    /// The ground that was given, with addresses masked.
    pub reason: String,
    /// How far it came.
    pub status: Status,
    /// When it was asked for; it may take several calls to be done.
    pub begun_at: Timestamp,
    /// When it was done.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub finished_at: Option<Timestamp>,
    /// What was erased so far, by kind.
    pub erased: Counts,
    /// Whether the address stays on the suppression list: its owner complained of our mail, and without
    /// it they might get some again. Nothing but the address and the complaint is kept.
    #[serde(default)]
    pub suppression_kept: bool,
}

/// What is looked through, in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stage {
    /// The tickets that the person is on.
    #[default]
    Own,
    /// All tickets, by shard.
    Tickets(u32),
    /// Tickets on which a mail to the person was under way.
    UnderWay,
    /// Mails that came in, by status.
    Mails(usize),
    /// Tickets on which something was written since the erasure began, by shard.
    Since(u32),
    /// What is stored under the address itself.
    Rest,
    /// Everything was looked through.
    Done,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    pub(super) stage: Stage,
    /// Where the list of the stage goes on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) after: Option<Position>,
    /// Tickets that were read of it.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub(super) tickets: BTreeSet<TicketId>,
    /// Where the first of them goes on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) inside: Option<Position>,
    /// Whether something of it was erased.
    #[serde(default)]
    pub(super) changed: bool,
    /// Tickets to look at again.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub(super) under_way: BTreeSet<TicketId>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    #[serde(flatten)]
    pub(crate) erasure: Erasure,
    pub(super) progress: Progress,
}

/// That a call works on an erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Working {
    /// When the turn is over, also where the call never ended.
    pub(super) until: Timestamp,
}

impl Stored {
    pub(super) fn item(&self) -> Result<Item> {
        let Erasure { digest, id, .. } = &self.erasure;
        Ok(entity::Erasure(digest, *id).item(self)?)
    }
}
