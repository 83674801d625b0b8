//! Whether lines that a mail marks as quotation stand in what we sent about its ticket.

use crate::{App, Result, desk::messages::StoredMessage, pages};
use domain::ticket::Ticket;
use mail::reply::quotes;
use storage::{Query, Range, Source, keys};

/// How many of the last messages are looked at.
const RECENT: usize = 50;

/// Whether these lines quote the ticket or one of its last messages.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn is_ours(app: &App, ticket: &Ticket, quoted: &str) -> Result<bool> {
    let texts = [&ticket.description, &ticket.response, &ticket.observation];
    if texts.into_iter().any(|text| quotes(quoted, text)) {
        return Ok(true);
    }
    let source = Source::Partition(keys::ticket_partition(&ticket.id));
    let query = Query::of(source, RECENT)
        .range(Range::Prefix(keys::MESSAGES.to_owned()))
        .descending();
    for item in pages::items(app, query).await? {
        let StoredMessage { message, .. } = item.decode()?;
        if quotes(quoted, &message.text) {
            return Ok(true);
        }
    }
    Ok(false)
}
