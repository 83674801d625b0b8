//! A data folder with many messages and their mails. One ticket is made by the use cases: its messages
//! are posted and sent. Its records are then stored under other ids as often as it takes, and its mail
//! gets as many names (links, so that no disk is filled with copies of one text).

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::Value;
use service::outgoing::sending::Sender;
use storage::{
    Item, Key, MAX_WRITES, SharedStorage, Write,
    embedded::{Copy, Embedded},
    keys,
};
use tests::memory::Memory;
use tokio::task::JoinSet;
use transport::outbox::{Entry, Outbox};
use uuid::Uuid;

use crate::{Failure, desk::SeededDesk};

/// Messages of each ticket.
const MESSAGES: usize = 10;
/// Id of the ticket that the others are copies of.
const TICKET: &str = "the-one-that-is-copied";
/// Characters of a UUID.
const UUID: usize = 36;
/// Commits under way at once.
const COMMITS: usize = 64;

/// Fills this folder with at least so many messages and as many mails.
pub(super) async fn fill(data: &Path, messages: usize) -> Result<(), Failure> {
    let pattern = Pattern::make().await?;
    let store = Embedded::open_marked(data.join("store"), data.join("store.mark"), Copy::Report)?;
    let store: SharedStorage = Arc::new(store);
    for part in pattern.shared.chunks(MAX_WRITES) {
        let writes = part.iter().cloned().map(Write::put);
        store.commit(writes.collect()).await?;
    }
    let mut mails = Mails::in_folder(data.join("outbox"), pattern.mail.clone())?;
    let mut commits: JoinSet<Result<(), storage::StorageError>> = JoinSet::new();
    for ticket in 0..messages.div_ceil(MESSAGES) {
        let copy = pattern.copy(&format!("t{ticket}"))?;
        for entry in copy.mails {
            mails.add(&entry)?;
        }
        for part in copy.items.chunks(MAX_WRITES) {
            if commits.len() == COMMITS
                && let Some(committed) = commits.join_next().await
            {
                committed??;
            }
            let writes = part.iter().cloned().map(Write::put).collect();
            let store = store.clone();
            commits.spawn(async move { store.commit(writes).await });
        }
    }
    while let Some(committed) = commits.join_next().await {
        committed??;
    }
    Ok(())
}

/// The items of one ticket, which are written again under other ids.
struct Pattern {
    /// What all tickets need: templates, parameters.
    shared: Vec<Item>,
    /// The records of the ticket.
    items: Vec<Pieces>,
    /// Its mails: the delivery among [`Pattern::ids`].
    deliveries: Vec<usize>,
    /// The ids in it.
    ids: Vec<String>,
    /// One of its mails.
    mail: Vec<u8>,
}

/// The records and mails of one more ticket.
struct Copied {
    items: Vec<Item>,
    mails: Vec<Entry>,
}

impl Pattern {
    async fn make() -> Result<Self, Failure> {
        let memory = Arc::new(Memory::default());
        let desk = SeededDesk::seed(memory.clone()).await?;
        let shared = memory.items();
        desk.put_ticket(TICKET).await?;
        let folder = tempfile::tempdir()?;
        let outbox = Outbox::open(folder.path())?;
        let sender = Sender::new(desk.app.clone(), Arc::new(outbox.clone()));
        for _ in 0..MESSAGES {
            let posted = desk.post_message(TICKET).await?;
            let id = |value: &Value| Uuid::parse_str(value.as_str().unwrap_or_default());
            let message = id(&posted["id"])?;
            let delivery = id(&posted["deliveries"][0]["id"])?;
            let key = keys::delivery(&TICKET.parse()?, message, delivery);
            let queued = memory.items().into_iter().find(|item| item.key == key);
            sender.send_queued(queued.into_iter().collect()).await;
        }
        let entries = outbox.list(0, usize::MAX)?;
        if entries.len() != MESSAGES {
            return Err(format!("{} of {MESSAGES} mails left", entries.len()).into());
        }
        let (mail, _) = outbox.read(1)?.ok_or("no mail")?;
        let known: BTreeSet<Key> = shared.iter().map(|item| item.key.clone()).collect();
        let mut ids = Vec::new();
        let items = memory.items();
        let items = items.iter().filter(|item| !known.contains(&item.key));
        let items = items.map(|item| Pieces::of(item, &mut ids)).collect();
        let place = |entry: &Entry| {
            let id = entry.delivery_id.to_string();
            ids.iter().position(|known| *known == id)
        };
        let deliveries: Option<_> = entries.iter().map(place).collect();
        Ok(Self {
            shared,
            items,
            deliveries: deliveries.ok_or("a mail of no delivery")?,
            ids,
            mail,
        })
    }

    fn copy(&self, ticket: &str) -> Result<Copied, Failure> {
        let ids: Vec<_> = self.ids.iter().map(|_| Uuid::now_v7()).collect();
        let items = self.items.iter().map(|item| item.with(ticket, &ids));
        let mails = self.deliveries.iter().map(|place| Entry {
            number: 0,
            delivery_id: ids[*place],
            attempt: 1,
            kind: "message".to_owned(),
            ticket_id: ticket.to_owned(),
        });
        Ok(Copied {
            items: items.collect::<Result<_, _>>()?,
            mails: mails.collect(),
        })
    }
}

/// A record as text, cut where ids stand.
struct Pieces {
    item: Item,
    pieces: Vec<Piece>,
}

enum Piece {
    Text(String),
    Ticket,
    Id(usize),
}

impl Pieces {
    fn of(item: &Item, ids: &mut Vec<String>) -> Self {
        let parts = (
            &item.key.pk,
            &item.key.sk,
            &item.data,
            item.index.as_ref().map(|at| (&at.partition, &at.sort)),
        );
        let text = serde_json::json!(parts).to_string();
        let (mut pieces, mut plain, mut rest) = (Vec::new(), String::new(), text.as_str());
        while let Some(next) = rest.chars().next() {
            let id = rest.get(..UUID).filter(|id| Uuid::parse_str(id).is_ok());
            let (piece, length) = if rest.starts_with(TICKET) {
                (Piece::Ticket, TICKET.len())
            } else if let Some(id) = id {
                let place = ids.iter().position(|known| known == id);
                let place = place.unwrap_or_else(|| {
                    ids.push(id.to_owned());
                    ids.len() - 1
                });
                (Piece::Id(place), UUID)
            } else {
                plain.push(next);
                rest = &rest[next.len_utf8()..];
                continue;
            };
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
            pieces.push(piece);
            rest = &rest[length..];
        }
        pieces.push(Piece::Text(plain));
        Self {
            item: item.clone(),
            pieces,
        }
    }

    fn with(&self, ticket: &str, ids: &[Uuid]) -> Result<Item, serde_json::Error> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Ticket => text.push_str(ticket),
                Piece::Id(place) => text.push_str(&ids[*place].to_string()),
            }
        }
        let (pk, sk, data, at): (String, String, Value, Option<(String, String)>) =
            serde_json::from_str(&text)?;
        let mut item = self.item.clone();
        (item.key, item.data) = (Key::new(pk, sk), data);
        if let (Some(entry), Some(at)) = (&mut item.index, at) {
            (entry.partition, entry.sort) = at;
        }
        Ok(item)
    }
}

/// The files of an outbox, as one without an index left them.
struct Mails {
    folder: PathBuf,
    last: u64,
    mail: Vec<u8>,
    /// The file that the others are links to; a file system allows so many of them.
    file: PathBuf,
}

impl Mails {
    fn in_folder(folder: PathBuf, mail: Vec<u8>) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self {
            file: folder.clone(),
            folder,
            last: 0,
            mail,
        })
    }

    fn add(&mut self, entry: &Entry) -> io::Result<()> {
        self.last += 1;
        let Entry {
            delivery_id,
            attempt,
            kind,
            ticket_id,
            ..
        } = entry;
        let name = format!(
            "{:06}_{delivery_id}_{attempt}_{kind}_{ticket_id}.eml",
            self.last
        );
        let place = self.folder.join(name);
        if fs::hard_link(&self.file, &place).is_err() {
            fs::write(&place, &self.mail)?;
            self.file = place;
        }
        Ok(())
    }
}
