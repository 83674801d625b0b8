//! Loops end: machines that answer each other without saying that they are machines.
//!
//! They give themselves away by speed and by saying the same again. Two desks that answer each other
//! get one mail of each through; the next one is the same text again. Those that count up (a new
//! number in every answer) end at the limit.

use jiff::SignedDuration;

use crate::{
    app::{App, Result, messages::StoredMessage},
    domain::message::Channel,
    mail::{address::Address, inbound::InboundMail},
    store::{Query, Range, Source, keys},
};

/// How long the same text of the same sender counts as said already.
const SAME_TEXT: SignedDuration = SignedDuration::from_mins(15);
/// In this time …
const WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// … a sender writes at most so many messages on a ticket by mail.
const MOST: usize = 5;
/// How many messages are looked back at.
const BACK: usize = 12;

/// Why a mail ends a loop, if it does.
pub(super) async fn check(
    app: &App,
    ticket_id: &str,
    sender: &Address,
    mail: &InboundMail,
) -> Result<Option<&'static str>> {
    let query = Query::of(Source::Partition(keys::ticket_partition(ticket_id)), BACK)
        .range(Range::Prefix(keys::MESSAGES.to_owned()))
        .descending();
    let now = app.now();
    let mut recent = 0;
    for item in app.store.query(query).await?.items {
        let StoredMessage { message, .. } = item.decode()?;
        let age = now.duration_since(message.created_at);
        let by_sender = message.author.email.as_deref() == Some(sender.key());
        if message.source != Channel::Email || !by_sender {
            continue;
        }
        if age <= SAME_TEXT && words(&message.text).eq(words(&mail.reply.text)) {
            return Ok(Some("REPEATED"));
        }
        recent += usize::from(age <= WINDOW);
    }
    Ok((recent >= MOST).then_some("LOOP_LIMIT"))
}

/// What a text says, however it is broken into lines.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
}
