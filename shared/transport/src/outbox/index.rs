//! The names of mails in a file (redb) beside them, so that neither the start of an outbox nor its
//! memory grows with what is in it. All of it can be read from the folder again.

use std::{fs, io, path::Path, time::UNIX_EPOCH};

use redb::{
    AccessGuard, Builder, Database, ReadableDatabase, ReadableTable, ReadableTableMetadata,
    TableDefinition,
};
use uuid::Uuid;

use super::name::FileName;

/// Name of the file. A point hides it, and mail programs open `.eml` alone.
pub(super) const FILE: &str = ".index";
/// Memory for pages of the file.
const CACHE_BYTES: usize = 4 * 1024 * 1024;

/// By number: delivery, attempt, kind, ticket.
const MAILS: TableDefinition<'_, u64, Parts> = TableDefinition::new("mails");
/// Numbers by delivery and attempt.
const ATTEMPTS: TableDefinition<'_, (u128, u32), u64> = TableDefinition::new("attempts");
/// Under [`WHOLE`]: the time at which the folder was changed last, while this holds all of it.
const STATE: TableDefinition<'_, &str, i64> = TableDefinition::new("state");
const WHOLE: &str = "whole";

type Parts = (u128, u32, &'static str, &'static str);

pub(super) struct Index(Database);

impl Index {
    /// Opens the file in this folder, and makes it when it is not there.
    pub(super) fn open(dir: &Path) -> Result<Self, redb::Error> {
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE_BYTES);
        let index = Self(builder.create(dir.join(FILE))?);
        if index.0.begin_read()?.open_table(STATE).is_err() {
            let tx = index.0.begin_write()?;
            tx.open_table(MAILS)?;
            tx.open_table(ATTEMPTS)?;
            tx.open_table(STATE)?;
            tx.commit()?;
        }
        Ok(index)
    }

    /// How many mails it holds, and the last number.
    pub(super) fn size(&self) -> Result<(u64, u64), redb::Error> {
        let mails = self.0.begin_read()?.open_table(MAILS)?;
        let last = mails.last()?.map_or(0, |(number, _)| number.value());
        Ok((mails.len()?, last))
    }

    /// All numbers, in order.
    pub(super) fn numbers(&self) -> Result<Vec<u64>, redb::Error> {
        let mails = self.0.begin_read()?.open_table(MAILS)?;
        let rows = mails.iter()?.map(|row| Ok(row?.0.value()));
        rows.collect()
    }

    pub(super) fn name(&self, number: u64) -> Result<Option<FileName>, redb::Error> {
        let mails = self.0.begin_read()?.open_table(MAILS)?;
        let found = mails.get(number)?;
        Ok(found.map(|parts| name(number, &parts)))
    }

    pub(super) fn number(&self, attempt: (Uuid, u32)) -> Result<Option<u64>, redb::Error> {
        let attempts = self.0.begin_read()?.open_table(ATTEMPTS)?;
        let found = attempts.get((attempt.0.as_u128(), attempt.1))?;
        Ok(found.map(|number| number.value()))
    }

    /// Up to `limit` names after this number, in order.
    pub(super) fn after(&self, after: u64, limit: usize) -> Result<Vec<FileName>, redb::Error> {
        let mails = self.0.begin_read()?.open_table(MAILS)?;
        let rows = mails.range(after.saturating_add(1)..)?.take(limit);
        rows.map(|row| row.map(|(number, parts)| name(number.value(), &parts)))
            .map(|name| Ok(name?))
            .collect()
    }

    /// Up to `limit` names before this number, the last first.
    pub(super) fn before(&self, before: u64, limit: usize) -> Result<Vec<FileName>, redb::Error> {
        let mails = self.0.begin_read()?.open_table(MAILS)?;
        let rows = mails.range(..before)?.rev().take(limit);
        rows.map(|row| row.map(|(number, parts)| name(number.value(), &parts)))
            .map(|name| Ok(name?))
            .collect()
    }

    /// Adds and removes. From then on it does not say that it is whole.
    pub(super) fn change<'a>(
        &self,
        add: impl IntoIterator<Item = &'a FileName>,
        remove: &[u64],
    ) -> Result<(), redb::Error> {
        let tx = self.0.begin_write()?;
        {
            tx.open_table(STATE)?.remove(WHOLE)?;
            let mut mails = tx.open_table(MAILS)?;
            let mut attempts = tx.open_table(ATTEMPTS)?;
            for number in remove {
                if let Some(parts) = mails.remove(number)? {
                    let (delivery, attempt, ..) = parts.value();
                    attempts.remove((delivery, attempt))?;
                }
            }
            for name in add {
                let delivery = name.delivery_id.as_u128();
                let parts = (
                    delivery,
                    name.attempt,
                    name.kind.as_str(),
                    name.ticket_id.as_str(),
                );
                mails.insert(name.number, parts)?;
                attempts.insert((delivery, name.attempt), name.number)?;
            }
        }
        tx.commit()?;
        Ok(())
    }

    /// Whether it holds all mails of the folder.
    pub(super) fn is_whole(&self, dir: &Path) -> Result<bool, redb::Error> {
        let state = self.0.begin_read()?.open_table(STATE)?;
        let whole = state.get(WHOLE)?.map(|at| at.value());
        Ok(whole.is_some() && whole == changed(dir)?)
    }

    /// Says that it holds all mails of the folder, in a way that outlives a kill: the next opening
    /// does not check the file.
    pub(super) fn say_whole(&self, dir: &Path) -> Result<(), redb::Error> {
        let mut tx = self.0.begin_write()?;
        tx.set_quick_repair(true);
        if let Some(at) = changed(dir)? {
            tx.open_table(STATE)?.insert(WHOLE, at)?;
        }
        tx.commit()?;
        Ok(())
    }
}

fn name(number: u64, parts: &AccessGuard<'_, Parts>) -> FileName {
    let (delivery, attempt, kind, ticket) = parts.value();
    FileName {
        number,
        delivery_id: Uuid::from_u128(delivery),
        attempt,
        kind: kind.to_owned(),
        ticket_id: ticket.to_owned(),
    }
}

/// When a file was last added to the folder or removed, nanoseconds since the epoch.
fn changed(dir: &Path) -> io::Result<Option<i64>> {
    let at = fs::metadata(dir)?.modified()?;
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(i64::try_from(since.as_nanos()).ok())
}
