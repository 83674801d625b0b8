//! Erase a person: what is stored under an address, on the order of an administrator.
//!
//! One call works for a few seconds and says how far it came; the next one goes on there, until it is
//! done. Everything is looked through: whoever was taken off a ticket long ago wrote on it all the same.
//! Doing it again finds nothing more. The record of it holds a digest and a mask in place of the
//! address.

mod item;
mod scrub;
mod ticket;

use std::{collections::BTreeSet, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use utoipa::ToSchema;
use uuid::Uuid;

use self::scrub::Subject;
use crate::{
    App, Code, Error, Findings, Result, Retrying,
    access::{Caller, Role},
    admin::parameters,
    api::ErasureView,
    committed,
    desk::{
        attachments,
        messages::{ours, senders},
    },
    entity::{self, Entity as _, Loaded},
    idempotency::{self, Once, Replayable},
    inbound::{Mail, MailStatus},
    pages::{self, Bounds, Rows},
    texts,
};
use domain::{
    address::Address,
    id::TicketId,
    mask::{mask, mask_within},
    suppression::{Cause, Suppression},
    system::{SystemAddress as S, is_system},
};
use storage::{
    Expect, Item, Key, Order, Position, Query, Range, Source, Version, Write, files, keys,
};

/// How long one call works: an answer of API Gateway has 30 seconds.
const BUDGET: Duration = Duration::from_secs(8);
/// How long a call has the turn: longer than any call lives. After one that broke off, the next begins
/// when it is over.
const TURN: SignedDuration = SignedDuration::from_secs(60);
/// Tickets that are read of a list at once.
const TICKETS: usize = 50;
/// Mails that are read at once.
const MAILS: usize = 50;
/// Longest reason, in characters.
const MAX_REASON: usize = 500;

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
enum Stage {
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
struct Progress {
    stage: Stage,
    /// Where the list of the stage goes on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    after: Option<Position>,
    /// Tickets that were read of it.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    tickets: BTreeSet<TicketId>,
    /// Where the first of them goes on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    inside: Option<Position>,
    /// Whether something of it was erased.
    #[serde(default)]
    changed: bool,
    /// Tickets to look at again.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    under_way: BTreeSet<TicketId>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    #[serde(flatten)]
    pub(crate) erasure: Erasure,
    progress: Progress,
}

/// That a call works on an erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Working {
    /// When the turn is over, also where the call never ended.
    until: Timestamp,
}

impl Stored {
    fn item(&self) -> Result<Item> {
        let Erasure { digest, id, .. } = &self.erasure;
        Ok(entity::Erasure(digest, *id).item(self)?)
    }
}

/// The records of erasures, newest first.
///
/// # Errors
/// [`Code::Forbidden`], storage.
pub async fn list(
    app: &App,
    caller: &Caller,
    limit: usize,
    after: Option<Position>,
) -> Result<Rows<ErasureView>> {
    caller.require(&[Role::Admin])?;
    let query = Query::of(Source::Index(keys::ERASURES.to_owned()), limit)
        .descending()
        .after(after);
    pages::read(app, query, Bounds::of(limit), |item| {
        let stored: Stored = item.decode()?;
        Ok(Some(stored.erasure.into()))
    })
    .await
}

/// Erases a person, or goes on with it. Until it is done the same request is sent again. One call works
/// on it at a time: another one says how far it was.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::Invalid`], [`Code::IdempotencyMismatch`], storage.
pub async fn erase(
    app: &App,
    caller: &Caller,
    new: &NewErasure,
    once: Option<&Once>,
) -> Result<Replayable<ErasureView>> {
    caller.require(&[Role::Admin])?;
    let subject = checked(app, new).await?;
    let Work {
        mut stored,
        version,
        turn,
    } = match begin(app, caller, &subject, &new.reason, once).await? {
        Begun::Here(work) => *work,
        Begun::Elsewhere(erasure) => return Ok(Replayable::Fresh(erasure.into())),
        Begun::Before(erasure) => return Ok(Replayable::Replayed(erasure.into())),
    };
    let until = Instant::now() + BUDGET;
    let mut worked = Ok(());
    while stored.progress.stage != Stage::Done && worked.is_ok() && Instant::now() < until {
        let stage = stored.progress.stage;
        worked = step(app, &subject, &mut stored).await;
        // What is under way ends by itself; the next call looks again.
        if stage == Stage::UnderWay && !stored.progress.under_way.is_empty() {
            break;
        }
    }
    if stored.progress.stage == Stage::Done {
        stored.erasure.status = Status::Done;
        stored.erasure.finished_at = Some(app.now());
    }
    let over = keys::erasure_turn(&subject.digest);
    let writes = vec![
        Write::replace(stored.item()?, version),
        Write::delete(over, Expect::Version(turn)),
    ];
    let saved = committed(app, writes).await;
    match worked {
        // Others write what is to be erased: the next call goes on there.
        Err(error) if !error.is_retryable() => return Err(error),
        _ => {}
    }
    if !saved? {
        return Err(Error::busy());
    }
    tracing::info!(
        erasure_id = %stored.erasure.id,
        by = stored.erasure.by,
        status = ?stored.erasure.status,
        erased = ?stored.erasure.erased,
        "a person is erased"
    );
    Ok(Replayable::Fresh(stored.erasure.into()))
}

async fn checked(app: &App, new: &NewErasure) -> Result<Subject> {
    let mut findings = Findings::default();
    findings.max_chars("reason", &new.reason, MAX_REASON);
    if new.reason.trim().is_empty() {
        let message = texts::erasure::ON_WHICH_GROUND_THE_DATA_IS_ERASED.phrase();
        findings.add("REASON_MISSING", "reason", message);
    }
    let address = Address::parse(&new.address);
    match &address {
        Err(error) => findings.add("ADDRESS_INVALID", "address", error.words().phrase()),
        Ok(address) => {
            let parameters = parameters::load(app).await?;
            let senders = senders(app, &parameters);
            let system = is_system(address, ours(app, &senders));
            if system.is_some_and(|kind| [S::OwnSender, S::OwnReplyDomain].contains(&kind)) {
                let message = texts::erasure::THIS_ADDRESS_IS_THE_SYSTEMS_OWN.phrase();
                findings.add("SYSTEM_ADDRESS", "address", message);
            }
        }
    }
    findings.finish(Code::Invalid)?;
    address
        .map(|address| Subject::new(&address))
        .map_err(|error| Error::new(Code::Invalid, error.words().phrase()))
}

/// An erasure that this call works on.
struct Work {
    stored: Stored,
    /// Version of its record.
    version: Version,
    /// Version of the turn.
    turn: Version,
}

/// What a call finds.
enum Begun {
    /// It works on it.
    Here(Box<Work>),
    /// Another call does.
    Elsewhere(Erasure),
    /// Its idempotency key is that of an erasure which is done.
    Before(Erasure),
}

/// Takes the turn at the erasure of this person that is not done, or at a new one. An idempotency key is
/// remembered with its erasure, so that the same request goes on with it until it is done.
async fn begin(
    app: &App,
    caller: &Caller,
    subject: &Subject,
    reason: &str,
    once: Option<&Once>,
) -> Result<Begun> {
    let place = entity::ErasureTurn(&subject.digest);
    let mut retrying = Retrying::over(app, &place.key()).await;
    loop {
        retrying.round().await?;
        let (turn, answered) = app.read((place, once.map(Once::entity))).await?;
        let known: Option<Replayable<Uuid>> = idempotency::earlier(once, answered)?;
        let known = known.map(|known| known.into_parts().0);
        if let Some(id) = known
            && let Some(Loaded { value: stored, .. }) =
                app.read(entity::Erasure(&subject.digest, id)).await?
            && stored.erasure.status == Status::Done
        {
            return Ok(Begun::Before(stored.erasure));
        }
        let remembered = |erasure: &Erasure| match known {
            Some(_) => Ok(None),
            None => idempotency::record(app, once, &erasure.id),
        };
        let running = running(app, subject).await?;
        let is_taken = turn
            .as_ref()
            .is_some_and(|turn| turn.value.until > app.now());
        if let (true, Some((stored, _))) = (is_taken, &running) {
            let record = remembered(&stored.erasure)?;
            if record.is_none() || retrying.commit(record.into_iter().collect()).await? {
                return Ok(Begun::Elsewhere(stored.erasure.clone()));
            }
            continue;
        }
        let until = app.now() + TURN;
        let item = place.item(&Working { until })?;
        let turn_version = item.version.clone();
        let mut writes = vec![Write::store(item, Loaded::expect(turn.as_ref()))];
        let (stored, version) = match running {
            Some(running) => running,
            None => {
                let stored = new_record(app, caller, subject, reason);
                let item = stored.item()?;
                let version = item.version.clone();
                writes.push(Write::create(item));
                (stored, version)
            }
        };
        writes.extend(remembered(&stored.erasure)?);
        if retrying.commit(writes).await? {
            return Ok(Begun::Here(Box::new(Work {
                stored,
                version,
                turn: turn_version,
            })));
        }
    }
}

/// The erasure of this person that is not done.
async fn running(app: &App, subject: &Subject) -> Result<Option<(Stored, Version)>> {
    let query = Query {
        order: Order::Descending,
        ..Query::of(Source::Partition(keys::ERASURES.to_owned()), 1)
            .range(Range::Prefix(keys::erasures_of(&subject.digest)))
    };
    let Some(item) = app.store.query(query).await?.items.pop() else {
        return Ok(None);
    };
    let stored: Stored = item.decode()?;
    let is_running = stored.erasure.status == Status::Running;
    Ok(is_running.then_some((stored, item.version)))
}

fn new_record(app: &App, caller: &Caller, subject: &Subject, reason: &str) -> Stored {
    Stored {
        erasure: Erasure {
            id: Uuid::now_v7(),
            digest: subject.digest.clone(),
            address: mask(&subject.key),
            by: caller.log_id(),
            by_address: caller.email.as_deref().map(mask),
            reason: mask_within(reason.trim(), &[]),
            status: Status::Running,
            begun_at: app.now(),
            finished_at: None,
            erased: Counts::default(),
            suppression_kept: false,
        },
        progress: Progress::default(),
    }
}

/// The next piece of the work.
async fn step(app: &App, subject: &Subject, stored: &mut Stored) -> Result<()> {
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
            let mut bare = Suppression::new(&subject.key, known.cause, None, None, known.since);
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
    empty(app, keys::canned_answers_of_person(&subject.key)).await?;
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

async fn delete(app: &App, key: Key) -> Result<()> {
    let write = Write::delete(key, Expect::Anything);
    Ok(app.store.commit(vec![write]).await?)
}

/// Removes files; how many there were.
async fn remove(app: &App, names: &[String]) -> Result<u64> {
    let mut removed = 0;
    for name in names {
        removed += u64::from(attachments::storage(app)?.remove(name).await?);
    }
    Ok(removed)
}
