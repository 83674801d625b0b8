//! Mails in the bucket whose event never came: once a day somebody has to look, since nobody else would.

use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{KEPT_DAYS, MAX_RAW_MAIL, Received, fetch_and_receive, too_large};
use crate::{
    App, Result,
    desk::attachments,
    entity::{self, Entity as _},
};
use domain::id::MailId;
use storage::{
    Expect, MAX_GET, Write,
    files::{self, StoredFile},
    keys,
};

/// Longest look back: the record of a mail and its raw bytes end on the same day, each by itself, and a
/// mail whose record ended first must not be taken in twice.
const MAX_LOOKED_BACK: SignedDuration = SignedDuration::from_hours(24 * (KEPT_DAYS - 10));

/// Of which age the mails are that are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    /// At least so old: events come late.
    pub least: SignedDuration,
    /// At most so old: what is older was looked at before.
    pub most: SignedDuration,
}

/// What a look found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Mails of that age.
    pub seen: usize,
    /// Those of them that nobody had taken in, and that are now.
    pub taken: usize,
    /// Those that could not be taken in.
    pub failed: usize,
    /// Whether time was up: the next look goes on from there.
    pub cut_short: bool,
}

/// Where a look ended that had no time left.
#[derive(Serialize, Deserialize)]
pub(crate) struct Reached {
    name: String,
}

/// Takes in the mails of the bucket that have no record, as far as the time goes.
///
/// # Errors
/// When the bucket or the table cannot be read. What was taken in stays so.
pub async fn look(app: &App, age: Age, time: Duration) -> Result<Look> {
    let end = Instant::now() + time;
    let files = attachments::storage(app)?;
    let now = app.now();
    let (from, until) = (now - age.most.min(MAX_LOOKED_BACK), now - age.least);
    let of_that_age = |file: &StoredFile| (from..=until).contains(&file.written_at);
    let mut reached = app.read(entity::InboundLook).await?.map(|at| at.value.name);
    let began = reached.is_some();
    let mut look = Look::default();
    loop {
        let listing = files.list(files::INBOUND, reached.as_deref()).await?;
        let mails: Vec<&StoredFile> = listing
            .files
            .iter()
            .filter(|one| of_that_age(one))
            .collect();
        for part in mails.chunks(MAX_GET) {
            take_overlooked(app, part, &mut look).await?;
            reached = part.last().map(|file| file.name.clone());
            look.cut_short = Instant::now() >= end;
            if look.cut_short {
                break;
            }
        }
        if look.cut_short {
            break;
        }
        reached = listing
            .files
            .last()
            .filter(|_| listing.more)
            .map(|file| file.name.clone());
        look.cut_short = reached.is_some() && Instant::now() >= end;
        if look.cut_short || reached.is_none() {
            break;
        }
    }
    remember(app, began, reached).await?;
    tracing::info!(
        seen = look.seen,
        taken = look.taken,
        failed = look.failed,
        cut_short = look.cut_short,
        "looked for mails whose event never came"
    );
    Ok(look)
}

/// Takes in those of them that have no record.
async fn take_overlooked(app: &App, part: &[&StoredFile], look: &mut Look) -> Result<()> {
    let id = |file: &StoredFile| {
        let id = file.name.strip_prefix(files::INBOUND)?;
        id.parse().ok()
    };
    let mails: Vec<(MailId, u64)> = part
        .iter()
        .filter_map(|file| Some((id(file)?, file.size)))
        .filter(|(id, _)| *id != super::SETUP)
        .collect();
    let wanted: Vec<_> = mails.iter().map(|(id, _)| keys::inbound(id)).collect();
    let known = app.store.get(&wanted).await?;
    look.seen += mails.len();
    for ((id, size), known) in mails.iter().zip(known) {
        if known.is_some() {
            continue;
        }
        let taken = match *size > MAX_RAW_MAIL {
            true => too_large(app, id, *size).await.map(Some),
            false => fetch_and_receive(app, id).await,
        };
        match taken {
            // It came before, under another id.
            Ok(Some(Received::Duplicate)) => {}
            Ok(Some(_)) => {
                look.taken += 1;
                tracing::warn!(mail_id = %id, "a mail was taken in whose event never came");
            }
            // Somebody took it away meanwhile.
            Ok(None) => {}
            Err(error) => {
                look.failed += 1;
                tracing::error!(
                    mail_id = %id,
                    code = error.code.as_str(),
                    cause = error.cause(),
                    "a mail whose event never came cannot be taken in"
                );
            }
        }
    }
    Ok(())
}

/// Keeps where the next look goes on; from the beginning, when this one came to the end.
async fn remember(app: &App, began: bool, reached: Option<String>) -> Result<()> {
    let write = match reached {
        Some(name) => entity::InboundLook.put(&Reached { name })?,
        None if began => Write::delete(entity::InboundLook.key(), Expect::Anything),
        None => return Ok(()),
    };
    app.store.commit(vec![write]).await?;
    Ok(())
}
