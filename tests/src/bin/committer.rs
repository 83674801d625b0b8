//! Commits to an embedded store as fast as it can until it is killed, and prints what was
//! acknowledged: `committer FOLDER WRITERS`. The crash test reads it, and knows what must be there.

use std::{error::Error, io::Write as _, sync::Arc};

use serde_json::json;
use storage::{Item, Key, Query, Source, Storage, StorageError, Write, embedded::Embedded};
use tokio::task::JoinSet;

/// Items that every commit of a writer puts anew.
const PARTS: usize = 5;

/// Makes commit number `n` of a writer: its parts, each moving in the index, and a line of its log.
async fn commit(store: &Embedded, writer: usize, n: usize) -> Result<(), StorageError> {
    let sort = format!("{n:08}");
    let data = json!({ "n": n, "padding": "x".repeat(n % 1000) });
    let mut writes = Vec::new();
    for part in 0..PARTS {
        let key = Key::new(format!("W{writer}"), part.to_string());
        let item = Item::new(key, "part", &data)?.indexed(format!("I{writer}"), &sort);
        writes.push(Write::put(item));
    }
    let line = Item::new(Key::new(format!("L{writer}"), &sort), "line", &data)?;
    writes.push(Write::create(line));
    store.commit(writes).await
}

/// Goes on where the log of this writer ends.
async fn work(store: &Embedded, writer: usize) -> Result<(), Box<dyn Error + Send + Sync>> {
    let log = Query::of(Source::Partition(format!("L{writer}")), 1).descending();
    let mut n = match store.query(log).await?.items.pop() {
        Some(last) => last.key.sk.parse::<usize>()? + 1,
        None => 0,
    };
    loop {
        commit(store, writer, n).await?;
        // One line in one write, straight to the pipe.
        let line = format!("{writer} {n}\n");
        std::io::stdout().lock().write_all(line.as_bytes())?;
        n += 1;
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("no folder")?;
    let writers: usize = arguments.next().ok_or("no writers")?.parse()?;
    let store = Arc::new(Embedded::open(folder)?);
    let mut tasks = JoinSet::new();
    for writer in 0..writers {
        let store = Arc::clone(&store);
        tasks.spawn(async move { work(&store, writer).await });
    }
    tasks.join_next().await.ok_or("no writers")??
}
