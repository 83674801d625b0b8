//! What the ITSM system says of a ticket: a whole snapshot, or what has changed.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::{
    ReadMark, TicketFields, TicketRecord, TicketView, check::check, list_by_group, members,
    memberships, not_found, partitions, view,
};
use crate::{
    App, Finding, Result, Retrying,
    access::{Caller, Role, View},
    entity::{self, Entity as _, Loaded},
    idempotency::{self, Once, Replayable},
    json::convert,
};
use domain::{id::TicketId, ticket::Ticket};
use storage::{Expect, Write, keys};

/// How far the clock of the ITSM system may be ahead of ours.
pub(super) const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// What became of a snapshot.
#[derive(Clone, Debug)]
pub struct Put {
    /// The ticket as it is now.
    pub ticket: TicketView,
    /// Whether the snapshot was taken; no, when it is older than what is known.
    pub applied: bool,
    /// What of it cannot be used: people whom no mail can reach, time zones that do not exist.
    pub warnings: Vec<Finding>,
    /// Whether the ticket is new.
    pub created: bool,
}

/// What is to be stored.
struct Next {
    ticket: Ticket,
    warnings: Vec<Finding>,
    outdated: bool,
}

/// Stores a snapshot, which says everything: what it does not name is empty afterwards. One with an
/// older `updated_at` never overwrites a newer one.
///
/// # Errors
/// [`Code::Forbidden`](crate::Code::Forbidden), [`Code::Invalid`](crate::Code::Invalid)
/// with every finding, storage.
pub async fn put(app: &App, caller: &Caller, id: &str, fields: TicketFields) -> Result<Put> {
    caller.require(&[Role::Integration, Role::Admin])?;
    let now = app.now();
    let (mut ticket, warnings) = check(app, id, fields, now)?;
    let id = ticket.id.clone();
    let updated_at = *ticket.updated_at.get_or_insert(now);
    let next = |old: Option<&Ticket>| {
        Ok(Next {
            ticket: ticket.clone(),
            warnings: warnings.clone(),
            outdated: known_at(old, now) > Some(updated_at),
        })
    };
    Ok(store(app, caller, &id, None, &next).await?.into_parts().0)
}

/// Takes over what an event says of a ticket, once. Fields that it does not name stay; one that it
/// names is replaced whole, and emptied by `null`. Without `updated_at` the time of the event says
/// what is newer: EventBridge delivers in no order, and more than once.
///
/// # Errors
/// As [`put`]; [`Code::BodyInvalid`](crate::Code::BodyInvalid).
pub(crate) async fn update(
    app: &App,
    caller: &Caller,
    id: &str,
    fields: &Map<String, Value>,
    sent_at: Option<Timestamp>,
    once: &Once,
) -> Result<Replayable<Put>> {
    caller.require(&[Role::Integration, Role::Admin])?;
    let now = app.now();
    let sent_at = sent_at.map_or(now, |at| at.min(now));
    let Ok(id) = TicketId::parse(id) else {
        // Whatever else is wrong is said along.
        check(app, id, merged(None, fields)?, now)?;
        return Err(not_found());
    };
    let next = |old: Option<&Ticket>| {
        let known_at = known_at(old, now);
        let (mut ticket, warnings) = check(app, id.as_str(), merged(old, fields)?, now)?;
        let outdated = match ticket.updated_at {
            Some(updated_at) => known_at > Some(updated_at),
            // The time of an event is told in whole seconds.
            None => known_at.map(Timestamp::as_second) > Some(sent_at.as_second()),
        };
        let latest = known_at.map_or(sent_at, |known_at| known_at.max(sent_at));
        ticket.updated_at.get_or_insert(latest);
        Ok(Next {
            ticket,
            warnings,
            outdated,
        })
    };
    store(app, caller, &id, Some(once), &next).await
}

/// When what is known of a ticket was said. A time that has not come yet, as earlier versions took
/// it, would shut out everything after it.
fn known_at(old: Option<&Ticket>, now: Timestamp) -> Option<Timestamp> {
    old?.updated_at.filter(|at| *at <= now + AHEAD)
}

/// The ticket with the fields that were named.
fn merged(old: Option<&Ticket>, fields: &Map<String, Value>) -> Result<TicketFields> {
    let old = old.cloned().map(TicketFields::from).unwrap_or_default();
    let mut value = serde_json::to_value(TicketFields {
        updated_at: None,
        ..old
    })
    .unwrap_or_default();
    if let Value::Object(all) = &mut value {
        all.extend(
            fields
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        all.retain(|_, value| !value.is_null());
    }
    convert(value)
}

/// Writes what `next` makes of the ticket as it is, with its place in every list.
async fn store(
    app: &App,
    caller: &Caller,
    id: &TicketId,
    once: Option<&Once>,
    next: &(dyn Fn(Option<&Ticket>) -> Result<Next> + Send + Sync),
) -> Result<Replayable<Put>> {
    let mut retrying = Retrying::over(app, &keys::ticket(id)).await;
    loop {
        retrying.round().await?;
        let wanted = (entity::Ticket(id), once.map(Once::entity));
        let (old, answered) = app.read(wanted).await?;
        let expect = Loaded::expect(old.as_ref());
        let old = old.map(|old| old.value);
        let known = idempotency::earlier::<Value>(once, answered)?;
        let next = next(old.as_ref().map(|old| &old.ticket))?;
        if let Some(old) = &old
            && (next.outdated || known.is_some())
        {
            let put = Put {
                ticket: view(old, ReadMark::default(), View::Desk, caller),
                applied: false,
                warnings: next.warnings,
                created: false,
            };
            return Ok(match known {
                Some(_) => Replayable::Replayed(put),
                None => Replayable::Fresh(put),
            });
        }
        let same_group =
            |old: &TicketRecord| old.ticket.assigned_group() == next.ticket.assigned_group();
        let group_listed = old
            .as_ref()
            .is_some_and(|old| old.group_listed && same_group(old));
        let mut record = match &old {
            Some(old) => TicketRecord {
                group_listed,
                ticket: next.ticket,
                activity_at: app.now(),
                public_activity_at: None,
                ..old.clone()
            },
            None => TicketRecord::new(next.ticket, app.now()),
        };
        let had_rows = old.as_ref().is_some_and(|old| !old.group_listed);
        list_by_group(app, &mut record, had_rows).await?;
        let mut writes = vec![entity::Ticket(id).store(&record, expect)?];
        writes.extend(memberships(&record)?);
        if let Some(old) = &old {
            let present = partitions(&record.ticket);
            let mut gone = partitions(&old.ticket);
            if had_rows {
                let members = members(&old.ticket).into_iter();
                gone.extend(members.map(|address| (keys::person(address), View::Desk)));
            }
            let gone = gone.into_keys().filter(|p| !present.contains_key(p));
            writes.extend(gone.map(|p| Write::delete(keys::membership(&p, id), Expect::Anything)));
        }
        if let Some(once) = once
            && known.is_none()
        {
            writes.push(once.record(app, &Value::Null)?);
        }
        if retrying.commit(writes).await? {
            return Ok(Replayable::Fresh(Put {
                ticket: view(&record, ReadMark::default(), View::Desk, caller),
                applied: true,
                warnings: next.warnings,
                created: old.is_none(),
            }));
        }
    }
}
