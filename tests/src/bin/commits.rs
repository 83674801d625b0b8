//! Prints how many commits a second the embedded store makes, with `fsync`, and how long one takes:
//! `commits [FOLDER]`. Run it in the release profile.

use std::{
    error::Error,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use storage::{Item, Key, Storage, StorageError, Write, embedded::Embedded};
use tokio::task::JoinSet;

/// How long each figure is measured.
const MEASURED: Duration = Duration::from_secs(3);

type Failure = Box<dyn Error + Send + Sync>;

/// A commit as a posted message makes it: `items` new items of about 1 KB, all in the index.
async fn commit(
    store: &Embedded,
    writer: usize,
    n: usize,
    items: usize,
) -> Result<(), StorageError> {
    let text = json!({ "text": "x".repeat(1000) });
    let writes = (0..items)
        .map(|item| {
            let key = Key::new(format!("T#{writer}"), format!("M#{n:08}#{item}"));
            let item = Item::new(key, "message", &text)?.indexed("DUE", format!("{n:08}"));
            Ok(Write::create(item))
        })
        .collect::<Result<_, StorageError>>()?;
    store.commit(writes).await
}

async fn measure(folder: PathBuf, writers: usize, items: usize) -> Result<String, Failure> {
    let store = Arc::new(Embedded::open(folder)?);
    let start = Instant::now();
    let mut tasks: JoinSet<Result<Vec<Duration>, StorageError>> = JoinSet::new();
    for writer in 0..writers {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let mut times = Vec::new();
            while start.elapsed() < MEASURED {
                let begun = Instant::now();
                commit(&store, writer, times.len(), items).await?;
                times.push(begun.elapsed());
            }
            Ok(times)
        });
    }
    let mut times = Vec::new();
    while let Some(some) = tasks.join_next().await {
        times.extend(some??);
    }
    let seconds = start.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    #[expect(clippy::cast_precision_loss, reason = "a few thousands")]
    let a_second = times.len() as f64 / seconds;
    Ok(format!(
        "| {writers} | {items} | {a_second:.0} | {:.2?} | {:.2?} |",
        at(50),
        at(99)
    ))
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let base = std::env::args()
        .nth(1)
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let base = base.join(format!("mensageria-commits-{}", std::process::id()));
    println!("| writers | items of a commit | commits a second | median | 99 % |");
    println!("|---|---|---|---|---|");
    for (writers, items) in [(1, 1), (1, 4), (16, 1), (16, 4), (64, 4)] {
        let folder = base.join(format!("{writers}-{items}"));
        println!("{}", measure(folder, writers, items).await?);
    }
    std::fs::remove_dir_all(base)?;
    Ok(())
}
