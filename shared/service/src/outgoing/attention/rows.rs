//! Entries as they are answered, for those who may see them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App, Result,
    access::{Caller, View},
    desk::{
        messages::DeliverySummary,
        tickets::{self, TicketRecord},
    },
    entity::{self, Entity as _},
    outgoing::deliveries::Attention,
    pages,
};
use domain::{
    catalog::Language,
    delivery::{Delivery, DeliveryStatus},
    id::TicketId,
};
use storage::{Query, Range, Source, keys};

/// Entries of one ticket that are read for its row.
const OF_TICKET: usize = 100;
/// Deliveries and tickets that are read together.
const READ: usize = 50;

/// A delivery by the ids of its path, as calls about many name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeliveryRef {
    /// Number of the ticket, not checked yet.
    pub ticket_id: String,
    /// The message that it carries.
    pub message_id: Uuid,
    /// Id of the delivery itself.
    pub id: Uuid,
}

/// A delivery that needs somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttentionRow {
    /// The ticket of the message.
    #[schema(value_type = String)]
    pub ticket_id: TicketId,
    /// What the ticket is about: its activity, or its service.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ticket_title: String,
    /// The message that did not reach its recipient.
    pub message_id: Uuid,
    /// What became of its mail.
    #[serde(flatten)]
    pub delivery: DeliverySummary,
    /// What the provider or server said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When the message was posted.
    pub created_at: Timestamp,
}

impl AttentionRow {
    pub(super) fn new(delivery: &Delivery, ticket: &TicketRecord, language: Language) -> Self {
        let ticket = &ticket.ticket;
        let title = match ticket.activity.is_empty() {
            true => &ticket.service,
            false => &ticket.activity,
        };
        Self {
            ticket_id: delivery.ticket_id.clone(),
            ticket_title: title.clone(),
            message_id: delivery.message_id,
            delivery: DeliverySummary::new(delivery, language),
            detail: delivery.detail.clone(),
            created_at: delivery.created_at,
        }
    }
}

/// The tickets of these entries that the caller works on.
pub(super) async fn tickets_of<'a>(
    app: &App,
    caller: &Caller,
    entries: impl Iterator<Item = &'a Attention>,
) -> Result<BTreeMap<TicketId, TicketRecord>> {
    let ids: BTreeSet<&TicketId> = entries.map(|entry| &entry.ticket_id).collect();
    let wanted = ids.into_iter().map(|id| entity::Ticket(id).if_readable());
    let mut seen = BTreeMap::new();
    for ticket in app.read(wanted.collect::<Vec<_>>()).await? {
        if let Ok((record, View::Desk)) = tickets::visible(caller, ticket) {
            seen.insert(record.ticket.id.clone(), record);
        }
    }
    Ok(seen)
}

/// The deliveries of these entries that the caller may see, as they are now: each with the place of
/// its entry among those given.
pub(super) async fn read(
    app: &App,
    caller: &Caller,
    entries: &[Attention],
    language: Language,
) -> Result<Vec<(usize, AttentionRow)>> {
    let mut rows = Vec::new();
    for (round, chunk) in entries.chunks(READ).enumerate() {
        let tickets = tickets_of(app, caller, chunk.iter()).await?;
        let mine: Vec<_> = chunk
            .iter()
            .enumerate()
            .filter(|(_, entry)| tickets.contains_key(&entry.ticket_id))
            .collect();
        let wanted = mine
            .iter()
            .map(|(_, entry)| entity::Delivery(&entry.ticket_id, entry.message_id, entry.id));
        let found = app.read(wanted.collect::<Vec<_>>()).await?;
        for ((at, entry), delivery) in mine.iter().zip(found) {
            // The index may lag behind what was written since.
            let Some(delivery) = delivery.map(|one| one.value) else {
                continue;
            };
            if delivery.status == entry.status
                && delivery.dismissed.is_none()
                && let Some(ticket) = tickets.get(&entry.ticket_id)
            {
                let row = AttentionRow::new(&delivery, ticket, language);
                rows.push((round * READ + at, row));
            }
        }
    }
    Ok(rows)
}

/// The deliveries of a ticket that need somebody, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketAttention {
    /// How many deliveries need somebody.
    pub count: usize,
    /// The worst state of them.
    pub worst: DeliveryStatus,
}

/// What needs somebody on each of these tickets; only those on which something does. Who is not of
/// the desk asks for no ticket.
pub(crate) async fn of_tickets(
    app: &App,
    caller: &Caller,
    ids: &[TicketId],
) -> Result<BTreeMap<TicketId, TicketAttention>> {
    if !caller.is_desk() {
        return Ok(BTreeMap::new());
    }
    let query = |id: &TicketId| {
        let source = Source::Partition(keys::ticket_partition(id));
        Query::of(source, OF_TICKET).range(Range::Prefix(keys::ATTENTION.to_owned()))
    };
    let pages = pages::each(app, ids.iter().map(query).collect()).await?;
    let mut found = BTreeMap::new();
    for (id, page) in ids.iter().zip(pages) {
        let mut statuses = Vec::new();
        for item in &page.items {
            statuses.push(item.decode::<Attention>()?.status);
        }
        if let Some(worst) = statuses.iter().copied().min_by_key(|status| status.rank()) {
            let count = statuses.len();
            found.insert(id.clone(), TicketAttention { count, worst });
        }
    }
    Ok(found)
}
