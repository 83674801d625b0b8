//! Deliveries as stored: where each state is found again.

use super::Result;
use crate::{
    domain::delivery::{Delivery, DeliveryStatus},
    store::{Item, keys},
};

/// The item of a delivery, placed in the index by what it waits for.
///
/// # Errors
/// When it cannot be stored.
pub fn item(delivery: &Delivery) -> Result<Item> {
    let key = keys::delivery(&delivery.ticket_id, delivery.message_id, delivery.id);
    let item = Item::new(key, "delivery", delivery)?;
    Ok(match delivery.status {
        DeliveryStatus::Queued => {
            let id = delivery.id.to_string();
            item.indexed(
                keys::due("QUEUED", keys::shard(&id)),
                keys::by_time(delivery.updated_at, &id),
            )
        }
        _ => item,
    })
}
