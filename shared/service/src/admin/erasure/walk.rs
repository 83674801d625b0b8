//! What an erasure looks through, a piece at a time.

use super::{
    item,
    record::{Counts, Stage, Stored},
    scrub::Subject,
    ticket,
};
use crate::{
    App, Result,
    desk::attachments,
    entity::{self, Entity as _, Loaded},
    inbound::{Mail, MailStatus},
};
use domain::{
    id::TicketId,
    suppression::{Cause, Suppression},
};
use storage::{Expect, Item, Key, Query, Range, Source, Write, files, keys};

/// Tickets that are read of a list at once.
const TICKETS: usize = 50;
/// Mails that are read at once.
const MAILS: usize = 50;

/// The next piece of the work.
pub(super) async fn step(app: &App, subject: &Subject, stored: &mut Stored) -> Result<()> {
    let (progress, counts) = (&mut stored.progress, &mut stored.erasure.erased);
    if let Some(id) = progress.tickets.first().cloned() {
        let page = ticket::page(app, subject, &id, progress.inside.clone(), counts).await?;
        progress.changed |= page.changed;
        if page.under_way {
            progress.under_way.insert(id.clone());
        }
        progress.inside = page.next;
        if progress.inside.is_none() {
            progress.tickets.remove(&id);
            counts.tickets += u64::from(std::mem::take(&mut progress.changed));
        }
        return Ok(());
    }
    match progress.stage {
        Stage::Own => {
            let own = Source::Partition(keys::person(&subject.key));
            let page = app.store.query(Query::of(own, TICKETS)).await?;
            if page.items.is_empty() {
                progress.stage = Stage::Tickets(0);
                return Ok(());
            }
            // The rows themselves go first: all tickets are looked through after these, anyway.
            progress.tickets = page.items.iter().filter_map(ticket_of).collect();
            let rows = page.items.into_iter().map(|item| item.key);
            for key in rows {
                delete(app, key).await?;
            }
        }
        Stage::Tickets(shard) => {
            let all = Source::Index(keys::all_tickets(shard));
            let query = Query::of(all, TICKETS).after(progress.after.take());
            let page = app.store.query(query).await?;
            progress.tickets = page.items.iter().filter_map(ticket_of).collect();
            progress.after = page.next;
            if progress.after.is_none() {
                progress.stage = match shard + 1 {
                    keys::SHARDS => Stage::UnderWay,
                    next => Stage::Tickets(next),
                };
            }
        }
        Stage::UnderWay => match progress.under_way.is_empty() {
            true => progress.stage = Stage::Mails(0),
            false => progress.tickets = std::mem::take(&mut progress.under_way),
        },
        Stage::Mails(at) => {
            let statuses = MailStatus::ALL.iter();
            let mut lists = statuses.flat_map(|status| keys::inbound_lists(status.name()));
            let Some(list) = lists.nth(at) else {
                progress.stage = Stage::Since(0);
                return Ok(());
            };
            let all = Source::Index(list);
            let query = Query::of(all, MAILS).after(progress.after.take());
            let page = app.store.query(query).await?;
            for item in page.items {
                mail(app, subject, item, counts).await?;
            }
            progress.after = page.next;
            if progress.after.is_none() {
                progress.stage = Stage::Mails(at + 1);
            }
        }
        Stage::Since(shard) => {
            let all = Source::Index(keys::all_tickets(shard));
            let began = keys::by_time(stored.erasure.begun_at, "");
            // A ticket that moves meanwhile goes to the end of what is read.
            let query = Query::of(all, TICKETS)
                .range(Range::Between(began, keys::LAST.to_owned()))
                .after(progress.after.take());
            let page = app.store.query(query).await?;
            progress.tickets = page.items.iter().filter_map(ticket_of).collect();
            progress.after = page.next;
            if progress.after.is_none() {
                progress.stage = match shard + 1 {
                    keys::SHARDS => Stage::Rest,
                    next => Stage::Since(next),
                };
            }
        }
        Stage::Rest => {
            // What was written meanwhile may have put the person on a ticket again.
            let own = Source::Partition(keys::person(&subject.key));
            let rows = app.store.query(Query::of(own, TICKETS)).await?.items;
            if !rows.is_empty() {
                progress.tickets = rows.iter().filter_map(ticket_of).collect();
                for row in rows {
                    delete(app, row.key).await?;
                }
                return Ok(());
            }
            stored.erasure.suppression_kept = rest(app, subject, counts).await?;
            progress.stage = Stage::Done;
        }
        Stage::Done => {}
    }
    Ok(())
}

/// The ticket of a row in a list of tickets.
fn ticket_of(item: &Item) -> Option<TicketId> {
    let key = &item.key;
    keys::ticket_of(&key.pk).or_else(|| keys::ticket_of(&key.sk))
}

/// A mail of the person goes with its files; out of others the address is taken.
async fn mail(app: &App, subject: &Subject, item: Item, counts: &mut Counts) -> Result<()> {
    let mail: Mail = item.decode()?;
    let is_theirs = mail
        .from
        .as_ref()
        .is_some_and(|from| subject.is(&from.email));
    if is_theirs {
        let mut names = vec![mail.raw_name()];
        let files =
            (0..mail.files.len()).map(|at| format!("{}{}.{at}", files::QUARANTINE, mail.id));
        names.extend(files);
        remove(app, &names).await?;
        counts.mails += 1;
        return delete(app, item.key).await;
    }
    item::settle(app, subject, item, counts).await?;
    Ok(())
}

/// What is stored under the address itself; whether the suppression stays.
async fn rest(app: &App, subject: &Subject, counts: &mut Counts) -> Result<bool> {
    let suppression = entity::Suppression(&subject.key);
    let bounces = entity::TransientBounces(&subject.key);
    let (suppressed, bounced) = app.read((suppression, bounces)).await?;
    let mut kept = false;
    if let Some((known, version)) = suppressed.map(Loaded::into_parts) {
        kept = known.cause == Cause::Complaint && known.is_active(app.now());
        if kept {
            let sent_to = subject.key.clone().into();
            let mut bare = Suppression::new(&sent_to, known.cause, None, None, known.since);
            bare.until = known.until;
            let write = Write::replace(suppression.item(&bare)?, version);
            app.store.commit(vec![write]).await?;
        } else {
            delete(app, suppression.key()).await?;
            counts.suppressions += 1;
        }
    }
    if bounced.is_some() {
        delete(app, bounces.key()).await?;
        counts.suppressions += 1;
    }
    counts.suppressions += empty(app, keys::lifted(&subject.key)).await?;
    empty(app, keys::canned_answers_of_person(subject.key.as_str())).await?;
    delete(app, keys::preferences(&subject.key)).await?;
    Ok(kept)
}

/// Deletes all of a partition; how much that was.
async fn empty(app: &App, partition: String) -> Result<u64> {
    let mut deleted = 0;
    loop {
        let query = Query::of(Source::Partition(partition.clone()), 100);
        let page = app.store.query(query).await?;
        if page.items.is_empty() {
            return Ok(deleted);
        }
        for item in page.items {
            delete(app, item.key).await?;
            deleted += 1;
        }
    }
}

pub(super) async fn delete(app: &App, key: Key) -> Result<()> {
    let write = Write::delete(key, Expect::Anything);
    Ok(app.store.commit(vec![write]).await?)
}

/// Removes files; how many there were.
pub(super) async fn remove(app: &App, names: &[String]) -> Result<u64> {
    let mut removed = 0;
    for name in names {
        removed += u64::from(attachments::storage(app)?.remove(name).await?);
    }
    Ok(removed)
}
