//! Deliveries that need somebody: listed, counted, and taken off the list by people.
//!
//! The entries are written with the deliveries themselves, see [`crate::outgoing::deliveries`]. What waits for
//! something that holds all mail alike has none: it is read where the sender looks for it.

mod counts;
mod dismiss;
mod list;
mod rows;

pub use self::counts::{DeliveryCounts, ReasonCount, StatusCounts, counts};
pub use self::dismiss::{
    Dismiss, DismissMany, DismissedMany, DismissedOne, MAX_DISMISSED, dismiss, dismiss_many,
};
pub use self::list::{AttentionFilter, list};
pub(crate) use self::rows::of_tickets;
pub use self::rows::{AttentionRow, DeliveryRef, TicketAttention};
use crate::outgoing::deliveries::Attention;
use domain::{
    delivery::{Delivery, DeliveryStatus},
    reason::Reason,
};
use storage::{Item, StorageError};

/// The entry of a delivery that the sender holds, if people can do something about it.
fn held(item: &Item) -> Result<Option<Attention>, StorageError> {
    let delivery: Delivery = item.decode()?;
    let ends = delivery.known_reason().is_some_and(Reason::ends_by_itself);
    let waits = delivery.status == DeliveryStatus::Held && delivery.dismissed.is_none();
    Ok((waits && !ends).then(|| Attention::of(&delivery)))
}
