//! Deliveries as stored: where each state is found again.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    App, Result,
    entity::{self, Entity as _},
};
use domain::{
    delivery::{Delivery, DeliveryStatus},
    id::TicketId,
    reason::{Reason, Recorded},
};
use storage::{
    Expect, IndexEntry, Item, When, Write,
    keys::{self, Due},
};

/// Name of a delivery as an entity: the stream's filter reads it.
pub const ENTITY: &str = entity::Delivery::NAME;

/// How long a mail's header id leads to its ticket, seconds.
const MAIL_KEPT: i64 = 400 * 24 * 3600;

/// Which delivery a mail is of, by its header id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailRecord {
    /// Ticket of the message: with the other two, the key of the delivery.
    pub ticket_id: TicketId,
    /// The message that the mail carried.
    pub message_id: Uuid,
    /// The delivery that it was an attempt of.
    pub delivery_id: Uuid,
    /// Which attempt of it.
    pub attempt: u32,
}

/// The write that lets a mail's header id lead to its delivery.
///
/// # Errors
/// When it cannot be stored.
pub(crate) fn mail_record(app: &App, delivery: &Delivery, attempt: u32, id: &str) -> Result<Write> {
    let record = MailRecord {
        ticket_id: delivery.ticket_id.clone(),
        message_id: delivery.message_id,
        delivery_id: delivery.id,
        attempt,
    };
    let expires = app.now().as_second() + MAIL_KEPT;
    let item = entity::SentMail(id).item(&record)?.expiring(expires);
    // The provider's events name the delivery themselves, and make good what is missing.
    Ok(Write::alone(item, When::After))
}

/// How long a delivery stays among those that need somebody. After that it is on its ticket alone.
const LISTED: SignedDuration = SignedDuration::from_hours(180 * 24);

/// The entry of a delivery among those that need somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attention {
    pub(crate) ticket_id: TicketId,
    pub(crate) message_id: Uuid,
    pub(crate) id: Uuid,
    /// The state, as it was when the entry was written.
    pub(crate) status: DeliveryStatus,
    /// The reason of that state, where it has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) reason: Option<Recorded<Reason>>,
}

impl Attention {
    /// The entry of a delivery as it is now.
    pub(crate) fn of(delivery: &Delivery) -> Self {
        Self {
            ticket_id: delivery.ticket_id.clone(),
            message_id: delivery.message_id,
            id: delivery.id,
            status: delivery.status,
            reason: delivery.reason.clone(),
        }
    }
}

/// The writes that store a delivery as it is now: the delivery, and its entry among those that need
/// somebody, in one commit.
///
/// # Errors
/// When it cannot be stored.
pub(crate) fn writes(delivery: &mut Delivery, expect: Expect) -> Result<Vec<Write>> {
    let (item, entry) = stored(delivery)?;
    let mut writes = vec![Write::store(item, expect)];
    writes.extend(entry);
    Ok(writes)
}

/// The item of a delivery, and the write that makes or removes its entry among those that need
/// somebody. What else is written is expected of the delivery alone, so that many of one ticket never
/// wait for each other.
///
/// # Errors
/// When it cannot be stored.
pub(crate) fn stored(delivery: &mut Delivery) -> Result<(Item, Option<Write>)> {
    let needed = delivery.needs_somebody();
    let had_one = std::mem::replace(&mut delivery.listed, needed);
    let listed = entity::Attention(&delivery.ticket_id, delivery.id);
    let entry = if needed {
        let since = delivery.updated_at;
        let entry = Attention::of(delivery);
        let until = since + LISTED;
        let until = delivery.kept_until.map_or(until, |kept| kept.min(until));
        let id = delivery.id.to_string();
        let item = listed
            .item(&entry)?
            .indexed(
                keys::all_attention(keys::shard(&id)),
                keys::by_time(since, &id),
            )
            .expiring(until.as_second());
        Some(Write::put(item))
    } else {
        had_one.then(|| Write::delete(listed.key(), Expect::Anything))
    };
    Ok((item(delivery)?, entry))
}

/// The item of a delivery, placed in the index by what it waits for.
///
/// # Errors
/// When it cannot be stored.
pub fn item(delivery: &Delivery) -> Result<Item> {
    let stored = entity::Delivery(&delivery.ticket_id, delivery.message_id, delivery.id);
    let mut item = stored.item(delivery)?;
    item.expires_at = delivery.kept_until.map(Timestamp::as_second);
    Ok(item)
}

/// What a delivery waits for, if it does.
pub(crate) fn place(delivery: &Delivery) -> Option<IndexEntry> {
    let id = delivery.id.to_string();
    // What waits leaves in the order of its conversation. What is under way is looked for by its id.
    let (waiting, under_way) = (
        keys::due_shard(delivery.ticket_id.as_str()),
        keys::due_shard(&id),
    );
    // The key behind the sort value tells them apart.
    let by_time = |at| keys::by_time(at, "");
    let due_or = |other| by_time(delivery.due_at.unwrap_or(other));
    let (partition, sort) = match delivery.status {
        DeliveryStatus::Queued => (keys::due(Due::Queued, waiting), due_or(delivery.updated_at)),
        DeliveryStatus::Sending => (
            keys::due(Due::Sending, under_way),
            due_or(delivery.updated_at),
        ),
        DeliveryStatus::Held if delivery.is_because(Reason::Suppressed) => (
            keys::suppressed(&delivery.to.key()),
            by_time(delivery.created_at),
        ),
        DeliveryStatus::Held => {
            let obstacle = delivery.obstacle.as_deref().unwrap_or_default();
            // One that cannot be read is passed over by its sort value.
            let next = keys::by_time(delivery.due_at.unwrap_or(delivery.created_at), &id);
            (keys::due(Due::Held, waiting), format!("{obstacle}#{next}"))
        }
        DeliveryStatus::Accepted | DeliveryStatus::Delayed | DeliveryStatus::Unknown => {
            let kind = match delivery.stands_at_lease() {
                true => Due::Sending,
                false => Due::Event,
            };
            (keys::due(kind, under_way), by_time(delivery.due_at?))
        }
        _ => return None,
    };
    Some(IndexEntry { partition, sort })
}
