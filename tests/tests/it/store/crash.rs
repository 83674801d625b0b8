//! `kill -9` while commits are under way: nothing torn, nothing acknowledged lost.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use storage::{Query, Source, Storage, embedded::Embedded};
use tempfile::TempDir;

const WRITERS: usize = 4;
const ROUNDS: usize = 25;

/// Runs the committer, kills it after a while, and gives the last commit of each writer that it
/// acknowledged.
fn run_and_kill(folder: &Path, after: Duration) -> Vec<Option<usize>> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_committer"))
        .arg(folder)
        .arg(WRITERS.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = child.stdout.take().unwrap();
    let reader = thread::spawn(move || {
        let mut last = vec![None; WRITERS];
        for line in BufReader::new(output).lines() {
            // The last line may be half there.
            let line = line.unwrap();
            let mut numbers = line.split(' ').map(str::parse::<usize>);
            if let (Some(Ok(writer)), Some(Ok(n))) = (numbers.next(), numbers.next()) {
                last[writer] = last[writer].max(Some(n));
            }
        }
        last
    });
    thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

/// What is there of a writer: the number of its last commit, once all of it is seen to be whole.
async fn whole(store: &Embedded, writer: usize) -> Option<usize> {
    let read = async |source| {
        let mut query = Query::of(source, 1000);
        let mut items = Vec::new();
        loop {
            let page = store.query(query.clone()).await.unwrap();
            items.extend(page.items);
            let Some(next) = page.next else { return items };
            query.after = Some(next);
        }
    };
    let number = |item: &storage::Item| item.data["n"].as_u64().unwrap() as usize;
    let log = read(Source::Partition(format!("L{writer}"))).await;
    let parts = read(Source::Partition(format!("W{writer}"))).await;
    let index = read(Source::Index(format!("I{writer}"))).await;
    let lines: Vec<_> = log.iter().map(number).collect();
    assert_eq!(
        lines,
        (0..lines.len()).collect::<Vec<_>>(),
        "a commit is missing"
    );
    let last = lines.last().copied();
    let wanted = vec![last; if last.is_some() { 5 } else { 0 }];
    let found: Vec<_> = parts.iter().map(|item| Some(number(item))).collect();
    assert_eq!(found, wanted, "a commit is torn");
    assert_eq!(index, parts, "the index is torn");
    last
}

#[tokio::test]
async fn a_killed_process_leaves_whole_commits_and_all_acknowledged_ones() {
    let dir = TempDir::new().unwrap();
    let mut before = vec![None; WRITERS];
    let mut progress = 0;
    for round in 0..ROUNDS {
        // Some are killed while they open the file.
        let after = Duration::from_micros(fastrand::u64(1_000..150_000));
        let acknowledged = run_and_kill(dir.path(), after);
        let store = Embedded::open(dir.path()).unwrap();
        for writer in 0..WRITERS {
            let found = whole(&store, writer).await;
            let least = acknowledged[writer].max(before[writer]);
            assert!(
                found >= least,
                "round {round}: {found:?} after {least:?} was acknowledged"
            );
            // At most the one commit that was under way was not acknowledged.
            let most = least.map_or(0, |n| n + 1);
            assert!(
                found.is_none_or(|n| n <= most),
                "round {round}: {found:?}, {least:?}"
            );
            progress += usize::from(found > before[writer]);
            before[writer] = found;
        }
    }
    assert!(
        progress > ROUNDS,
        "hardly anything was committed: {before:?}"
    );
    println!("killed {ROUNDS} times; commits by writer: {before:?}");
}
