//! The list: newest first, and behind it what is held for all mail alike, where that is asked for.

use super::{
    held,
    rows::{self, AttentionRow},
};
use crate::{
    App, Code, Error, Result,
    access::{Caller, Role},
    desk::tickets::visible_to_desk,
    entity,
    error::foreign_cursor,
    outgoing::deliveries::Attention,
    pages::{self, Rows},
};
use domain::{catalog::Language, delivery::DeliveryStatus, id::TicketId, reason::Reason};
use storage::{
    Position, Query, Range, Source,
    keys::{self, Due},
};

/// Most entries that one call looks at; a cursor goes on from there.
const WINDOW: usize = 500;
/// Entries that are looked at together.
const LOOKED_AT: usize = 100;

/// Which deliveries a list takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttentionFilter {
    /// Only those in this state.
    pub status: Option<DeliveryStatus>,
    /// Only those with this reason.
    pub reason: Option<Reason>,
    /// Only those of this ticket.
    pub ticket_id: Option<TicketId>,
}

impl AttentionFilter {
    fn takes(&self, entry: &Attention) -> bool {
        let ticket = self.ticket_id.as_ref();
        self.status.is_none_or(|status| status == entry.status)
            && self
                .reason
                .is_none_or(|reason| entry.reason == Some(reason.into()))
            && ticket.is_none_or(|ticket| *ticket == entry.ticket_id)
    }

    /// Partitions of what the sender holds, if that is asked for by state or reason: those of the ticket,
    /// or all.
    fn held_in(&self) -> Vec<u32> {
        let held = match self.status {
            Some(status) => status == DeliveryStatus::Held,
            None => self.reason.is_some_and(Reason::holds_all_alike),
        };
        match (held, &self.ticket_id) {
            (true, Some(id)) => keys::due_shards(id.as_str()).collect(),
            (true, None) => (0..keys::DUE_SHARDS).collect(),
            (false, _) => Vec::new(),
        }
    }
}

/// The deliveries on the caller's tickets that need somebody, newest first; with the state `held`
/// also those that wait for something that holds all mail alike, by what that is. A page may be short,
/// or empty, while there is a next one: it looks at a bounded number of them.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`] for a ticket that the caller does not work on,
/// [`Code::CursorInvalid`], storage.
pub async fn list(
    app: &App,
    caller: &Caller,
    filter: &AttentionFilter,
    limit: usize,
    after: Option<Position>,
    language: Language,
) -> Result<Rows<AttentionRow>> {
    caller.require(&[Role::Technician, Role::Admin])?;
    if let Some(id) = &filter.ticket_id {
        visible_to_desk(caller, app.read(entity::Ticket(id)).await?)?;
    }
    let mut sources = vec![Part::Listed];
    sources.extend(filter.held_in().into_iter().map(Part::Held));
    let (mut from, mut next) = match after {
        None => (0, None),
        Some(position) => {
            let (part, position) = Part::unmark(position);
            let at = sources.iter().position(|known| *known == part);
            let foreign = || Error::new(Code::CursorInvalid, foreign_cursor());
            (at.ok_or_else(foreign)?, position)
        }
    };
    let (mut shown, mut seen) = (Vec::new(), 0);
    while let Some(part) = sources.get(from).copied() {
        let (found, further) = part.page(app, filter, next).await?;
        seen += found.len();
        let wanted: Vec<_> = found.iter().filter(|(one, _)| filter.takes(one)).collect();
        let entries: Vec<Attention> = wanted.iter().map(|(one, _)| one.clone()).collect();
        for (at, row) in rows::read(app, caller, &entries, language).await? {
            let place = part.mark(wanted[at].1.clone());
            shown.push((row, place.clone()));
            if shown.len() == limit {
                return Ok(Rows {
                    rows: shown,
                    next: Some(place),
                });
            }
        }
        next = further;
        if next.is_none() {
            from += 1;
        }
        if seen >= WINDOW {
            break;
        }
    }
    let next = match (sources.get(from), next) {
        (Some(part), Some(next)) => Some(part.mark(next)),
        (Some(part), None) => Some(part.start()),
        (None, _) => None,
    };
    Ok(Rows { rows: shown, next })
}

/// A part of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Those with an entry of their own, newest first.
    Listed,
    /// What the sender holds, in this shard.
    Held(u32),
}

impl Part {
    async fn page(
        self,
        app: &App,
        filter: &AttentionFilter,
        after: Option<Position>,
    ) -> Result<(Vec<(Attention, Position)>, Option<Position>)> {
        let mut found = Vec::new();
        let next = match (self, &filter.ticket_id) {
            // Those of one ticket are together, and few.
            (Self::Listed, Some(ticket)) => {
                let source = Source::Partition(keys::ticket_partition(ticket));
                let query = Query::of(source.clone(), LOOKED_AT)
                    .range(Range::Prefix(keys::ATTENTION.to_owned()))
                    .descending()
                    .after(after);
                let page = app.store.query(query).await?;
                for item in &page.items {
                    found.push((item.decode()?, source.position(item)));
                }
                page.next
            }
            (Self::Listed, None) => {
                let partitions: Vec<String> = (0..keys::SHARDS).map(keys::all_attention).collect();
                let place = |_: &str, position| position;
                let query = Query::of(Source::Index(String::new()), LOOKED_AT).after(after);
                let (items, next) = pages::newest(app, &partitions, &query, place).await?;
                for (partition, item) in &items {
                    let source = Source::Index(partition.clone());
                    found.push((item.decode()?, source.position(item)));
                }
                next
            }
            (Self::Held(shard), _) => {
                let source = Source::Index(keys::due(Due::Held, shard));
                let query = Query::of(source.clone(), LOOKED_AT).after(after);
                let page = app.store.query(query).await?;
                for item in &page.items {
                    if let Some(entry) = held(item)? {
                        found.push((entry, source.position(item)));
                    }
                }
                page.next
            }
        };
        Ok((found, next))
    }

    /// The position with the part that it is in, for a cursor.
    fn mark(self, mut position: Position) -> Position {
        let sort = position.sort.take();
        position.sort = Some(match (self, sort) {
            (Self::Listed, None) => "ticket".to_owned(),
            (Self::Listed, Some(sort)) => format!("listed|{sort}"),
            (Self::Held(shard), sort) => format!("{shard}|{}", sort.unwrap_or_default()),
        });
        position
    }

    /// Where the part begins, for a cursor.
    fn start(self) -> Position {
        let key = storage::Key::new("", "");
        self.mark(Position { key, sort: None })
    }

    /// The part of a cursor's position, and the position in it; none at its beginning.
    fn unmark(mut position: Position) -> (Self, Option<Position>) {
        let sort = position.sort.take().unwrap_or_default();
        let (part, sort) = match sort.split_once('|') {
            None => (Self::Listed, None),
            Some(("listed", sort)) => (Self::Listed, Some(sort.to_owned())),
            Some((shard, sort)) => {
                let shard = shard.parse().unwrap_or(keys::DUE_SHARDS);
                (Self::Held(shard), Some(sort.to_owned()))
            }
        };
        let begins = position.key.pk.is_empty();
        position.sort = sort;
        (part, (!begins).then_some(position))
    }
}
