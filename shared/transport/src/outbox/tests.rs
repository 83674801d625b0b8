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
        names.retain(|name| name != ".lock");
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
        from: "desk@example.com".into(),
        to: "maria@example.com".into(),
        raw: b"Subject: x\r\n\r\nbody\r\n".to_vec(),
        delivery_id: Uuid::now_v7(),
        attempt,
        ticket_id: "INC_2024.1".into(),
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
    let entry = outbox.entry(1).unwrap();
    assert_eq!((entry.delivery_id, entry.attempt), (first.delivery_id, 1));
    assert_eq!(
        (entry.kind.as_str(), entry.ticket_id.as_str()),
        ("message", "INC_2024.1")
    );
    assert_eq!(outbox.list(1, 10).len(), 1);
    assert_eq!(outbox.list(0, 1), [entry]);
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
async fn no_id_leaves_the_folder() {
    let folder = Folder::new();
    let outbox = Outbox::open(&folder.0).unwrap();
    let mut hostile = mail(1);
    hostile.ticket_id = "../../../etc/passwd\0é".into();
    assert_eq!(outbox.send(&hostile).await, accepted(1));
    assert!(folder.files()[0].ends_with("_message_..-..-..-etc-passwd--.eml"));
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
