//! The outbox under `kill -9`.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use transport::{Trace, Transport, outbox::Outbox};
use uuid::Uuid;

/// How often the writer is killed.
const KILLS: usize = 60;

#[tokio::test]
async fn a_killed_writer_leaves_whole_mails_and_loses_none_that_it_accepted() {
    let folder = std::env::temp_dir().join(format!("mensageria-outbox-{}", Uuid::now_v7()));
    let mut accepted: BTreeMap<u64, Uuid> = BTreeMap::new();
    for kill in 0..KILLS {
        let mut writer = Command::new(env!("CARGO_BIN_EXE_outbox-writer"))
            .arg(&folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        // Killed at another moment each time, from its first mail on.
        let mut deadline = None;
        for line in lines.map_while(Result::ok) {
            let Some((number, delivery)) = line.split_once(' ') else {
                continue;
            };
            // A line that was cut by the kill is not a promise.
            if let (Ok(number), Ok(delivery)) = (number.parse(), delivery.parse()) {
                let before = accepted.insert(number, delivery);
                assert_eq!(before, None, "number {number} was given twice");
            }
            let end = *deadline
                .get_or_insert_with(|| Instant::now() + Duration::from_micros(kill as u64 * 600));
            if Instant::now() >= end {
                writer.kill().unwrap();
            }
        }
        writer.wait().unwrap();

        let outbox = Outbox::open(&folder).unwrap();
        let entries = outbox.list(0, usize::MAX).unwrap();
        let numbers: Vec<u64> = entries.iter().map(|entry| entry.number).collect();
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
        for entry in &entries {
            let (raw, _) = outbox.read(entry.number).unwrap().unwrap();
            let text = String::from_utf8(raw).unwrap();
            assert!(
                text.ends_with(&entry.delivery_id.to_string()),
                "torn: {}",
                entry.number
            );
        }
        for (number, delivery) in &accepted {
            let expected = Trace::Accepted {
                id: number.to_string(),
            };
            assert_eq!(outbox.trace(*delivery, 1).await, expected);
        }
        let left = fs::read_dir(&folder).unwrap().count();
        assert_eq!(left, entries.len() + 1, "nothing but mails and the lock");
    }
    println!("{KILLS} kills, {} mails accepted", accepted.len());
    fs::remove_dir_all(&folder).unwrap();
}
