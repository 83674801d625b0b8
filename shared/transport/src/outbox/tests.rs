use domain::address::Address;

use super::*;

/// A folder of its own, gone when the test is.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("mensageria-outbox-{}", Uuid::now_v7())))
    }
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.retain(|name| name != ".lock" && name != index::FILE);
        names.sort();
        names
    }
}
impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn mail(attempt: u32) -> OutgoingMail {
    OutgoingMail {
        from: Address::parse("desk@example.com").unwrap(),
        to: Address::parse("maria@example.com").unwrap(),
        raw: b"Subject: x\r\n\r\nbody\r\n".to_vec(),
        delivery_id: Uuid::now_v7(),
        attempt,
        ticket_id: "INC_2024.1".parse().unwrap(),
        message_id: Uuid::nil(),
        kind: "message",
    }
}

fn accepted(number: u64) -> Outcome {
    Outcome::Accepted {
        id: number.to_string(),
    }
}

#[tokio::test]
async fn keeps_what_it_got() {
    let folder = Folder::new();
    let outbox = Outbox::open(&folder.0).unwrap();
    assert!(outbox.is_empty());
    let first = mail(1);
    assert_eq!(outbox.send(&first).await, accepted(1));
    assert_eq!(outbox.send(&mail(1)).await, accepted(2));
    let (raw, at) = outbox.read(1).unwrap().unwrap();
    assert_eq!(raw, first.raw);
    assert!(Timestamp::now().duration_since(at).as_secs() < 3600);
    let entry = outbox.entry(1).unwrap().unwrap();
    assert_eq!((entry.delivery_id, entry.attempt), (first.delivery_id, 1));
    assert_eq!(
        (entry.kind.as_str(), entry.ticket_id.as_str()),
        ("message", "INC_2024.1")
    );
    assert_eq!(outbox.list(1, 10).unwrap().len(), 1);
    assert_eq!(outbox.list(0, 1).unwrap(), [entry]);
    assert_eq!(outbox.read(3).unwrap(), None);
}

#[tokio::test]
async fn an_attempt_is_taken_once_also_after_reopening() {
    let folder = Folder::new();
    let first = mail(1);
    let outbox = Outbox::open(&folder.0).unwrap();
    assert_eq!(outbox.trace(first.delivery_id, 1).await, Trace::NotAccepted);
    assert_eq!(outbox.send(&first).await, accepted(1));
    assert_eq!(outbox.send(&first).await, accepted(1));
    drop(outbox);
    let outbox = Outbox::open(&folder.0).unwrap();
    assert_eq!(
        outbox.trace(first.delivery_id, 1).await,
        Trace::Accepted { id: "1".into() }
    );
    assert_eq!(outbox.send(&first).await, accepted(1));
    let again = OutgoingMail {
        attempt: 2,
        ..first
    };
    assert_eq!(outbox.send(&again).await, accepted(2));
    assert_eq!(folder.files().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_are_numbered_without_a_gap() {
    let folder = Folder::new();
    let outbox = Outbox::open(&folder.0).unwrap();
    let twice = mail(1);
    let sends: Vec<_> = (0..40)
        .map(|n| {
            let (outbox, mail) = (
                outbox.clone(),
                if n % 4 == 0 { twice.clone() } else { mail(1) },
            );
            tokio::spawn(async move { outbox.send(&mail).await })
        })
        .collect();
    for send in sends {
        assert!(matches!(send.await.unwrap(), Outcome::Accepted { .. }));
    }
    let numbers: Vec<u64> = outbox
        .list(0, 100)
        .unwrap()
        .iter()
        .map(|entry| entry.number)
        .collect();
    assert_eq!(numbers, (1..=31).collect::<Vec<u64>>());
    assert_eq!(folder.files().len(), 31);
}

#[tokio::test]
async fn what_a_killed_process_left_is_cleared_and_other_files_stay() {
    let folder = Folder::new();
    fs::create_dir_all(&folder.0).unwrap();
    let torn = folder.0.join(name::temporary());
    fs::write(&torn, b"half a ma").unwrap();
    for other in [
        "notes.txt",
        "000007.eml",
        "x_y_z.eml",
        "000009_x_1_message_1.eml",
    ] {
        fs::write(folder.0.join(other), b"").unwrap();
    }
    let outbox = Outbox::open(&folder.0).unwrap();
    assert!(!torn.exists());
    assert_eq!(outbox.send(&mail(1)).await, accepted(1));
    assert_eq!(folder.files().len(), 5);
}

#[test]
fn two_processes_cannot_share_it() {
    let folder = Folder::new();
    let first = Outbox::open(&folder.0).unwrap();
    assert!(matches!(
        Outbox::open(&folder.0),
        Err(OutboxError::InUse(_))
    ));
    drop(first);
    assert!(Outbox::open(&folder.0).is_ok());
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    let folder = Folder::new();
    fs::write(&folder.0, b"a file").unwrap();
    assert!(matches!(
        Outbox::open(&folder.0),
        Err(OutboxError::Io { .. })
    ));
    fs::remove_file(&folder.0).unwrap();
}

#[tokio::test]
async fn no_name_leaves_the_folder() {
    let folder = Folder::new();
    let outbox = Outbox::open(&folder.0).unwrap();
    let mut hostile = mail(1);
    hostile.kind = "../../../etc/passwd\0é";
    hostile.ticket_id = "..".parse().unwrap();
    assert_eq!(outbox.send(&hostile).await, accepted(1));
    assert!(folder.files()[0].ends_with("_..-..-..-etc-passwd--_...eml"));
    drop(outbox);
    assert_eq!(Outbox::open(&folder.0).unwrap().len(), 1);
}

#[tokio::test]
async fn a_mail_that_cannot_be_written_was_not_sent() {
    let folder = Folder::new();
    let outbox = Outbox::open(&folder.0).unwrap();
    fs::remove_dir_all(&folder.0).unwrap();
    let outcome = outbox.send(&mail(1)).await;
    assert!(
        matches!(outcome, Outcome::Retry { counts: true, .. }),
        "{outcome:?}"
    );
    assert!(outbox.is_empty());
}

fn name_of(number: u64) -> FileName {
    let mail = OutgoingMail {
        // Told apart by the number, for the tests alone.
        delivery_id: Uuid::from_u128(u128::from(number)),
        ticket_id: format!("INC_{number}").parse().unwrap(),
        ..mail(1)
    };
    FileName::new(number, &mail)
}

/// A folder with these mails, as an outbox of an earlier version left it.
fn filled(numbers: impl IntoIterator<Item = u64>) -> Folder {
    let folder = Folder::new();
    fs::create_dir_all(&folder.0).unwrap();
    for number in numbers {
        fs::write(folder.0.join(name_of(number).to_string()), b"x").unwrap();
    }
    folder
}

/// The folder as a kill leaves it now.
fn killed(folder: &Folder) -> Folder {
    let copy = Folder::new();
    fs::create_dir_all(&copy.0).unwrap();
    for entry in fs::read_dir(&folder.0).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.0.join(entry.file_name())).unwrap();
    }
    let changed = fs::metadata(&folder.0).unwrap().modified().unwrap();
    File::open(&copy.0).unwrap().set_modified(changed).unwrap();
    copy
}

/// Names that were read from the folder at opening, and names in memory.
fn effort(outbox: &Outbox) -> (usize, usize) {
    let names = outbox.names();
    (names.read, names.in_memory())
}

async fn has(outbox: &Outbox, number: u64) -> bool {
    let found = outbox.trace(Uuid::from_u128(u128::from(number)), 1).await;
    let entry = outbox.entry(number).unwrap();
    let is_listed = outbox.list(number - 1, 1).unwrap().first() == entry.as_ref();
    match found {
        Trace::Accepted { id } => {
            assert!(is_listed, "{number}");
            assert_eq!(entry, Some(name_of(number).into()));
            id == number.to_string()
        }
        _ => {
            assert_eq!(entry, None);
            false
        }
    }
}

#[tokio::test]
async fn neither_start_nor_memory_grow_with_the_mails() {
    let most = names::RECENT;
    for mails in [1, most as u64, 5 * most as u64] {
        let folder = filled(1..=mails);
        let outbox = Outbox::open(&folder.0).unwrap();
        assert_eq!(effort(&outbox).0 as u64, mails, "the first start reads all");
        assert!(effort(&outbox).1 <= most);
        drop(outbox);
        let outbox = Outbox::open(&folder.0).unwrap();
        let (read, in_memory) = effort(&outbox);
        assert!(read <= most && in_memory <= most, "{read}, {in_memory}");
        assert_eq!(outbox.len() as u64, mails);
        for number in [1, mails / 2 + 1, mails] {
            assert!(has(&outbox, number).await, "{number} of {mails}");
        }
        assert!(!has(&outbox, mails + 1).await);
        let next = mail(1);
        assert_eq!(outbox.send(&next).await, accepted(mails + 1));
        assert_eq!(outbox.send(&next).await, accepted(mails + 1));
    }
}

#[tokio::test]
async fn pages_go_from_the_index_into_memory() {
    let folder = filled(1..=200);
    let outbox = Outbox::open(&folder.0).unwrap();
    for number in 201..=203 {
        assert_eq!(outbox.send(&mail(1)).await, accepted(number));
    }
    let numbers =
        |entries: Vec<Entry>| -> Vec<u64> { entries.into_iter().map(|e| e.number).collect() };
    let list = |after, limit| numbers(outbox.list(after, limit).unwrap());
    assert_eq!(list(0, usize::MAX), (1..=203).collect::<Vec<_>>());
    assert_eq!(list(198, 4), [199, 200, 201, 202]);
    assert_eq!(list(198, 1), [199]);
    assert_eq!(list(201, 9), [202, 203]);
    assert!(list(u64::MAX, 9).is_empty());
    let before = |before, limit| numbers(outbox.list_before(before, limit).unwrap());
    assert_eq!(before(None, 5), [203, 202, 201, 200, 199]);
    assert_eq!(before(Some(202), 1), [201]);
    assert_eq!(before(Some(3), 9), [2, 1]);
    assert_eq!(outbox.len(), 203);
    assert!(outbox.read(7).unwrap().is_some());
}

#[tokio::test]
async fn names_leave_memory_as_mails_are_added() {
    let folder = filled([]);
    let mut names = Names::open(&folder.0).unwrap();
    for number in 1..=3 * names::RECENT as u64 + 5 {
        assert_eq!(names.next(), number);
        fs::write(folder.0.join(name_of(number).to_string()), b"x").unwrap();
        names.add(name_of(number));
        assert!(names.in_memory() < names::RECENT);
    }
    for number in [1, names::RECENT as u64, 3 * names::RECENT as u64 + 5] {
        assert_eq!(names.name(number).unwrap(), Some(name_of(number)));
        let attempt = (name_of(number).delivery_id, 1);
        assert_eq!(names.number(attempt).unwrap(), Some(number));
    }
}

#[tokio::test]
async fn what_the_index_lacks_after_a_kill_is_read_from_the_folder() {
    let folder = filled(1..=300);
    // Killed before it was ever closed, and when it was opened again after a clean end.
    for first in [301, 304] {
        let outbox = Outbox::open(&folder.0).unwrap();
        let mails: Vec<_> = (0..3).map(|_| mail(1)).collect();
        for (number, mail) in (first..).zip(&mails) {
            assert_eq!(outbox.send(mail).await, accepted(number));
        }
        let left = killed(&folder);
        let after = Outbox::open(&left.0).unwrap();
        assert_eq!(after.len() as u64, first + 2);
        for (number, mail) in (first..).zip(&mails) {
            let trace = after.trace(mail.delivery_id, 1).await;
            let id = number.to_string();
            assert_eq!(trace, Trace::Accepted { id });
            assert_eq!(after.send(mail).await, accepted(number), "taken once");
        }
        assert_eq!(after.send(&mail(1)).await, accepted(first + 3));
        assert!(effort(&after).1 <= names::RECENT);
    }
}

#[tokio::test]
async fn a_settled_outbox_is_not_read_after_a_kill_and_one_that_took_more_is() {
    let folder = filled(1..=200);
    let outbox = Outbox::open(&folder.0).unwrap();
    for round in 0..3 {
        let last = mail(1);
        assert_eq!(outbox.send(&last).await, accepted(201 + 2 * round));
        outbox.settle().await;
        let left = killed(&folder);
        let after = Outbox::open(&left.0).unwrap();
        assert_eq!(effort(&after), (0, 0));
        assert_eq!(after.send(&last).await, accepted(201 + 2 * round));
        drop(after);
        let more = mail(1);
        assert_eq!(outbox.send(&more).await, accepted(202 + 2 * round));
        let left = killed(&folder);
        let after = Outbox::open(&left.0).unwrap();
        assert!(effort(&after).0 > 200);
        assert_eq!(after.send(&more).await, accepted(202 + 2 * round));
    }
}

#[tokio::test]
async fn files_that_were_moved_between_two_starts_are_noticed() {
    let folder = filled(1..=200);
    drop(Outbox::open(&folder.0).unwrap());
    let (place, away) = (folder.0.join(name_of(7).to_string()), folder.0.join("away"));
    for _ in 0..2 {
        fs::rename(&place, &away).unwrap();
        let outbox = Outbox::open(&folder.0).unwrap();
        assert_eq!(outbox.len(), 199);
        assert!(!has(&outbox, 7).await && has(&outbox, 8).await);
        drop(outbox);
        fs::rename(&away, &place).unwrap();
        let outbox = Outbox::open(&folder.0).unwrap();
        assert_eq!(outbox.len(), 200);
        assert!(has(&outbox, 7).await);
    }
}

#[tokio::test]
async fn an_index_that_cannot_be_read_is_made_anew() {
    let folder = filled(1..=200);
    drop(Outbox::open(&folder.0).unwrap());
    let file = folder.0.join(index::FILE);
    let whole = fs::read(&file).unwrap();
    let mut torn = whole.clone();
    torn[..4096].fill(0xff);
    let half = whole[..whole.len() / 2].to_vec();
    for damaged in [b"not an index".to_vec(), vec![0; 8192], vec![], torn, half] {
        fs::write(&file, &damaged).unwrap();
        let outbox = Outbox::open(&folder.0).unwrap();
        assert_eq!(outbox.len(), 200, "{}", damaged.len());
        assert!(has(&outbox, 1).await && has(&outbox, 200).await);
    }
}
