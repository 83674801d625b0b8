//! What a message costs on the embedded store as it grows, on disk with every commit synced; and the
//! first page of a long conversation.

use std::{
    fs, io,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::catalog::Language;
use service::{
    access::{Caller, Role},
    desk::messages::{self, Reading},
    outgoing::sending::Sender,
};
use storage::{Order, embedded::Embedded};

use super::{
    desk, float, post, shared_storage,
    slow::{Accepting, Counts, Slow},
};
use crate::{
    Failure,
    desk::{SeededDesk, TICKET, message},
};

/// Rounds in which the stores are timed in turn, so that what disturbs one disturbs all.
const ROUNDS: usize = 15;
/// Messages of a round.
const TIMED: usize = 100;
/// Messages of a page.
const PAGE: usize = 50;

/// The store at one size.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Messages in it, each with its mail sent.
    pub messages: usize,
    /// Bytes on disk a message.
    pub bytes: f64,
    /// Median time of one more message: posted, sent and recorded.
    pub time: Duration,
}

/// A store with so many messages, and what sends from it.
struct Filled {
    messages: usize,
    bytes: u64,
    desk: SeededDesk,
    sender: Sender,
    transport: Arc<Accepting>,
    times: Vec<Duration>,
    _folder: tempfile::TempDir,
}

impl Filled {
    async fn with(messages: usize) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let desk = desk(shared_storage(Embedded::open(folder.path())?)).await?;
        let transport = Arc::new(Accepting::new(Duration::ZERO, None));
        let sender = Sender::new(desk.app.clone(), transport.clone());
        let empty = bytes(folder.path())?;
        add(&desk, &sender, messages).await?;
        Ok(Self {
            messages,
            bytes: bytes(folder.path())?.saturating_sub(empty),
            desk,
            sender,
            transport,
            times: Vec::with_capacity(ROUNDS),
            _folder: folder,
        })
    }

    fn size(mut self) -> Result<Size, Failure> {
        let (sent, wanted) = (self.transport.accepted(), self.messages + ROUNDS * TIMED);
        if sent != wanted {
            return Err(format!("{sent} of {wanted} mails left").into());
        }
        self.times.sort_unstable();
        Ok(Size {
            messages: self.messages,
            bytes: float(usize::try_from(self.bytes)?) / float(self.messages),
            time: self.times[ROUNDS / 2] / u32::try_from(TIMED)?,
        })
    }
}

/// Fills a store for each of these sizes, then times further messages on all of them in turn.
///
/// # Errors
/// When a message is refused or a mail is not sent.
pub async fn measure(sizes: &[usize]) -> Result<Vec<Size>, Failure> {
    let mut stores = Vec::with_capacity(sizes.len());
    for &messages in sizes {
        stores.push(Filled::with(messages).await?);
    }
    for _ in 0..ROUNDS {
        for store in &mut stores {
            let started = Instant::now();
            add(&store.desk, &store.sender, TIMED).await?;
            store.times.push(started.elapsed());
        }
    }
    stores.into_iter().map(Filled::size).collect()
}

/// Posts so many messages and sends their mails, in parts.
async fn add(desk: &SeededDesk, sender: &Sender, messages: usize) -> Result<(), Failure> {
    // Parts, so that the keys of a million need no memory.
    let mut left = messages;
    while left > 0 {
        let part = left.min(10_000);
        for batch in post(desk, part).await?.chunks(10) {
            sender
                .send_queued(super::items(&desk.app, batch).await?)
                .await;
        }
        left -= part;
    }
    Ok(())
}

fn bytes(folder: &Path) -> io::Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let data = entry?.metadata()?;
        sum += if data.is_file() { data.len() } else { 0 };
    }
    Ok(sum)
}

/// How long a page of a conversation takes.
#[derive(Clone, Copy, Debug)]
pub struct Conversation {
    /// Messages on the ticket.
    pub messages: usize,
    /// Time of the first page.
    pub page: Duration,
    /// Storage calls of it: reads, queries, commits, and those of the rate's schedule.
    pub calls: [usize; 4],
    /// Time of the last message that was posted.
    pub post: Duration,
}

/// Writes conversations of these lengths and reads the first page of each.
///
/// # Errors
/// When a message is refused or the page is not whole.
pub async fn conversations(lengths: &[usize]) -> Result<Vec<Conversation>, Failure> {
    let mut rows = Vec::new();
    for &length in lengths {
        let counts = Counts::default();
        let store = shared_storage(Embedded::in_memory()?);
        let mut desk = desk(store.clone()).await?;
        // Stored, and nobody is told.
        let mut quiet = message();
        quiet["notify"] = false.into();
        let mut post = Duration::ZERO;
        for _ in 0..length {
            let started = Instant::now();
            desk.post(TICKET, &quiet).await?;
            post = started.elapsed();
        }
        desk.app.store = shared_storage(Slow::new(store, Duration::ZERO, counts.clone()));
        let reader = Caller {
            sub: "ada".to_owned(),
            email: None,
            name: "Ada".to_owned(),
            roles: vec![Role::Admin],
            groups: Vec::new(),
        };
        counts.take();
        let started = Instant::now();
        let all = Reading::All(Order::Ascending);
        let part = messages::list(
            &desk.app,
            &reader,
            &TICKET.parse()?,
            all,
            PAGE,
            None,
            Language::En,
        )
        .await?;
        let took = started.elapsed();
        if part.rows.rows.len() != PAGE.min(length) {
            return Err(format!("a page of {}", part.rows.rows.len()).into());
        }
        rows.push(Conversation {
            messages: length,
            page: took,
            calls: counts.take(),
            post,
        });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_message_needs_a_few_kilobytes_in_a_store_of_any_size() {
        let sizes = measure(&[200, 2000]).await.unwrap();
        // A file grows by steps that double: what a message needs is seen within a factor of two.
        assert!(sizes.iter().all(|size| size.bytes < 20_000.0), "{sizes:?}");
    }

    #[tokio::test]
    async fn the_first_page_is_two_queries_however_long_the_conversation() {
        for conversation in conversations(&[10, 500]).await.unwrap() {
            // The messages, and what became of their mails.
            assert_eq!(conversation.calls, [1, 2, 0, 0], "{conversation:?}");
        }
    }
}
