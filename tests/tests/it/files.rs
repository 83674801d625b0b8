//! What every file storage keeps: a folder, and S3 on two emulators.

use std::time::Duration;

use platform::aws::Aws;
use storage::files::{Files, FilesError, Listing, folder::Folder, s3::S3};
use tests::emulator::Emulator;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const BUCKET: &str = "mensageria-files";

fn aws(endpoint: &str) -> Aws {
    let environment = |name: &str| match name {
        "AWS_REGION" => Some("us-east-1".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
        "AWS_ENDPOINT_URL_S3" => Some(endpoint.to_owned()),
        _ => None,
    };
    Aws::from_environment(&environment).unwrap()
}

/// The files of a new bucket behind an endpoint.
async fn bucket(endpoint: &str) -> S3 {
    let client = aws(endpoint).s3();
    client.create_bucket().bucket(BUCKET).send().await.unwrap();
    S3::new(client, BUCKET)
}

/// Every case of the contract.
async fn holds(files: &dyn Files) {
    assert!(files.get("inbound/none", 100).await.unwrap().is_none());
    assert_eq!(
        files.list("inbound/", None).await.unwrap(),
        Listing::default()
    );
    let large: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    for content in [&b"one"[..], b"", b"three", &large] {
        files
            .put("inbound/0102abc-def", content.to_vec())
            .await
            .unwrap();
        let found = files.get("inbound/0102abc-def", 20_000_000).await.unwrap();
        assert!(
            found.unwrap() == content,
            "{} bytes came back otherwise",
            content.len()
        );
    }
    let found = files.get("inbound/0102abc-def", 11_999_999).await;
    assert!(
        matches!(
            found,
            Err(FilesError::TooLarge {
                size: 12_000_000,
                most: 11_999_999
            })
        ),
        "{found:?}"
    );
    assert!(files.remove("inbound/0102abc-def").await.unwrap());
    assert!(!files.remove("inbound/0102abc-def").await.unwrap());
    assert_eq!(files.get("inbound/0102abc-def", 100).await.unwrap(), None);
    for name in ["inbound/b", "inbound/c", "inbound/a", "quarantine/a"] {
        files.put(name, name.as_bytes().to_vec()).await.unwrap();
    }
    for (after, expected) in [
        (None, vec!["inbound/a", "inbound/b", "inbound/c"]),
        (Some("inbound/a"), vec!["inbound/b", "inbound/c"]),
        (Some("inbound/bb"), vec!["inbound/c"]),
        (Some("inbound/c"), vec![]),
    ] {
        let listing = files.list("inbound/", after).await.unwrap();
        let names: Vec<&str> = listing.files.iter().map(|one| one.name.as_str()).collect();
        assert_eq!((names, listing.more), (expected, false), "{after:?}");
        for file in listing.files {
            let age = jiff::Timestamp::now().duration_since(file.written_at).abs();
            assert!(file.size == 9 && age.as_secs() < 3600, "{file:?}");
        }
    }
    for name in ["", "../a", "/a", "a b", "inbound/é"] {
        let removed = files.remove(name).await;
        assert!(matches!(removed, Err(FilesError::Name)), "{name}");
        let put = files.put(name, Vec::new()).await;
        assert!(matches!(put, Err(FilesError::Name)), "{name}");
        assert!(
            matches!(files.get(name, 1).await, Err(FilesError::Name)),
            "{name}"
        );
    }
}

/// Whoever has the link takes the file, as a download under its name.
async fn links(files: &dyn Files) {
    files
        .put("attachments/1.0", b"<script>".to_vec())
        .await
        .unwrap();
    let minute = Duration::from_secs(60);
    let link = files.link("attachments/1.0", "página 1.html", minute).await;
    let link = link.unwrap().unwrap();
    assert!(link.contains("X-Amz-Expires=60&"), "{link}");
    let rest = link.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let head = head.to_lowercase();
    assert!(head.starts_with("http/1.1 200"), "{answer}");
    assert!(
        head.contains("content-type: application/octet-stream"),
        "{head}"
    );
    assert!(
        head.contains("content-disposition: attachment; filename="),
        "{head}"
    );
    assert!(body.contains("<script>"));
}

/// Files of messages have the days that they are kept as a tag, whatever way they came, and no others
/// have: by it the bucket's lifecycle knows what ends when.
async fn tags(endpoint: &str) {
    let files = bucket(endpoint).await;
    let days = |days: i64| Some(jiff::SignedDuration::from_hours(24 * days));
    files.put("uploads/1", b"one".to_vec()).await.unwrap();
    let tag = |days: &str| vec![("keep".to_owned(), days.to_owned())];
    for (round, (keep, expected)) in [
        (None, vec![]),
        (days(365), tag("365")),
        // What is put again is kept for another time.
        (days(30), tag("30")),
    ]
    .into_iter()
    .enumerate()
    {
        let files = files.clone().keeping(keep);
        for name in ["attachments/put", "inbound/put", "quarantine/put"] {
            files.put(name, b"two".to_vec()).await.unwrap();
        }
        let copy = format!("attachments/copy.{round}");
        assert!(files.copy("uploads/1", &copy).await.unwrap());
        assert!(!files.copy("uploads/2", "attachments/none").await.unwrap());
        for (name, expected) in [
            ("attachments/put", &expected),
            (&copy, &expected),
            ("inbound/put", &vec![]),
            ("quarantine/put", &vec![]),
        ] {
            let asked = aws(endpoint).s3().get_object_tagging().bucket(BUCKET);
            let found = asked.key(name).send().await.unwrap();
            let found: Vec<_> = found
                .tag_set()
                .iter()
                .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
                .collect();
            assert_eq!(&found, expected, "{name} {keep:?}");
        }
        assert_eq!(files.get(&copy, 3).await.unwrap().unwrap(), b"one");
    }
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn files_of_messages_that_end_are_tagged() {
    tags(&Emulator::moto().endpoint()).await;
    tags(&Emulator::ministack().endpoint()).await;
}

#[tokio::test]
async fn in_a_folder() {
    let scratch = tempfile::tempdir().unwrap();
    let files = Folder::open(scratch.path()).unwrap();
    holds(&files).await;
    let minute = Duration::from_secs(60);
    assert!(files.link("a", "a", minute).await.unwrap().is_none());
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn on_moto() {
    let emulator = Emulator::moto();
    let files = bucket(&emulator.endpoint()).await;
    holds(&files).await;
    links(&files).await;
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn on_ministack() {
    let emulator = Emulator::ministack();
    let files = bucket(&emulator.endpoint()).await;
    holds(&files).await;
    links(&files).await;
}

#[tokio::test]
#[ignore = "needs the emulators: make test"]
async fn s3_out_of_reach_may_be_asked_again() {
    let emulator = Emulator::moto();
    let files = bucket(&emulator.endpoint()).await;
    drop(emulator);
    let error = files.get("inbound/a", 1).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
}

/// Whoever has the place puts one file, and no other; the copy stays when it is gone.
#[tokio::test]
async fn a_place_of_s3_is_signed_for_one_file() {
    let environment = |name: &str| match name {
        "AWS_REGION" => Some("us-east-1".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
        _ => None,
    };
    let files = S3::new(Aws::from_environment(&environment).unwrap().s3(), BUCKET);
    let life = Duration::from_secs(900);
    let place = files.offer("uploads/1", 5, &[7; 32], life).await.unwrap();
    let place = place.unwrap();
    let (_, query) = place.url.split_once('?').unwrap();
    let signed = query
        .split('&')
        .find_map(|field| field.strip_prefix("X-Amz-SignedHeaders="));
    let signed: Vec<_> = signed.unwrap().split("%3B").collect();
    for header in ["content-length", "content-type", "x-amz-checksum-sha256"] {
        let asked = place.headers.contains_key(header);
        let in_query = query.to_lowercase().contains(header);
        assert!(
            signed.contains(&header) || in_query,
            "{header} is not signed: {query}"
        );
        assert!(
            asked || in_query || header == "content-length",
            "{header} is not asked for"
        );
    }
    assert!(query.contains("X-Amz-Expires=900"), "{query}");
    assert!(!place.headers.contains_key("host"));
}
