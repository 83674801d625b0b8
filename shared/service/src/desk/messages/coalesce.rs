//! Automatic messages of one ticket to one recipient: what follows a mail too soon waits, and takes
//! along what follows it. See [`domain::coalesce`].

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::StoredMessage;
use crate::{
    App, Result,
    desk::tickets::TicketRecord,
    entity::{self, Loaded},
    outgoing::deliveries,
};
use domain::{
    address::AddressKey,
    coalesce::{Automatic, MAX_JOINED, Waiting},
    delivery::{Delivery, DeliveryStatus},
    message::Message,
    recipients::RecipientRule,
};
use storage::Write;

/// Lets a message travel in mails that wait already: the writes of those, and the decisions about
/// their recipients changed. Each is written at the version that was read, so a mail that a sender
/// takes in the meantime takes nothing along that it does not know of.
pub(super) async fn join(
    app: &App,
    record: &mut TicketRecord,
    stored: &mut StoredMessage,
) -> Result<Vec<Write>> {
    let message = &stored.message;
    if !message.is_automatic() || app.settings.coalesce.is_zero() {
        return Ok(Vec::new());
    }
    let ticket = &record.ticket.id;
    let mailed = stored
        .decisions
        .iter()
        .filter(|one| one.rule == RecipientRule::Mail);
    let waiting = mailed.filter_map(|decision| {
        let address = decision.to.key();
        let waiting = record.automatic.get(&address)?.waiting?;
        Some((address, waiting))
    });
    let waiting: Vec<(AddressKey, Waiting)> = waiting.collect();
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = waiting
        .iter()
        .map(|(_, one)| entity::Delivery(ticket, one.message, one.delivery));
    let found = app.read(wanted.collect::<Vec<_>>()).await?;
    let mut writes = Vec::new();
    let mut joined = BTreeSet::new();
    for ((address, one), carrier) in waiting.into_iter().zip(found) {
        let carrier = carrier.map(|carrier| takes_along(carrier, message));
        match carrier.transpose()?.flatten() {
            Some(write) => {
                writes.push(write);
                joined.insert((address, one.message));
            }
            // It left, or it is full.
            None => {
                if let Some(entry) = record.automatic.get_mut(&address) {
                    entry.waiting = None;
                }
            }
        }
    }
    for decision in &mut stored.decisions {
        let address = decision.to.key();
        let carrier = joined.iter().find(|(known, _)| *known == address);
        if let (RecipientRule::Mail, Some((_, carrier))) = (decision.rule, carrier) {
            decision.rule = RecipientRule::Coalesced;
            decision.within = Some(*carrier);
        }
    }
    Ok(writes)
}

/// The write by which a waiting mail takes a message along, while it still waits.
fn takes_along(carrier: Loaded<Delivery>, message: &Message) -> Result<Option<Write>> {
    let (mut carrier, version) = carrier.into_parts();
    if carrier.status != DeliveryStatus::Held || carrier.joined.len() >= MAX_JOINED {
        return Ok(None);
    }
    carrier.joined.push(message.id);
    Ok(Some(Write::replace(deliveries::item(&carrier)?, version)))
}

/// When the mail of an automatic message may leave, if it follows another one too soon. It is the
/// one from now on that takes along what follows.
pub(super) fn coalesce(
    app: &App,
    record: &mut TicketRecord,
    message: &Message,
    address: &AddressKey,
    delivery: &Delivery,
) -> Option<Timestamp> {
    let (window, now) = (app.settings.coalesce, message.created_at);
    if !message.is_automatic() || window.is_zero() {
        return None;
    }
    let before = record.automatic.get(address);
    let later = before.and_then(|before| before.later(window, now));
    let newest = Automatic {
        at: later.unwrap_or(now),
        waiting: later.map(|_| Waiting {
            message: message.id,
            delivery: delivery.id,
        }),
    };
    record.automatic.insert(address.clone(), newest);
    later
}
