//! Whether lines that a mail marks as quotation stand in what we sent about its ticket.

use crate::{
    App, Result,
    desk::messages::{self, StoredMessage},
    pages,
};
use domain::{address::WrittenAddress, parameter::Parameters, system::is_system, ticket::Ticket};
use mail::reply::{Passage, Unproven, quotes};
use storage::{Query, Range, Source, keys};

/// How many of the last messages are looked at.
const RECENT: usize = 50;

/// Which of these passages are the author's own: those that quote neither a mail of ours, nor the
/// ticket, nor one of its last messages.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn own(
    app: &App,
    parameters: &Parameters,
    ticket: &Ticket,
    unproven: &Unproven,
) -> Result<Vec<bool>> {
    let senders = messages::senders(app, parameters);
    // A block of headers says who wrote what is below it.
    let sent = |passage: &Passage| {
        let from = passage.from.as_ref().and_then(WrittenAddress::address);
        from.is_some_and(|from| is_system(from, messages::ours(app, &senders)).is_some())
    };
    let texts = [&ticket.description, &ticket.response, &ticket.observation];
    let passages = unproven.passages.iter();
    let mut own: Vec<bool> = passages
        .map(|passage| !sent(passage) && !texts.iter().any(|text| quotes(&passage.quoted, text)))
        .collect();
    if !own.contains(&true) {
        return Ok(own);
    }
    let source = Source::Partition(keys::ticket_partition(&ticket.id));
    let query = Query::of(source, RECENT)
        .range(Range::Prefix(keys::MESSAGES.to_owned()))
        .descending();
    for item in pages::items(app, query).await? {
        let StoredMessage { message, .. } = item.decode()?;
        for (own, passage) in own.iter_mut().zip(&unproven.passages) {
            *own = *own && !quotes(&passage.quoted, &message.text);
        }
    }
    Ok(own)
}
