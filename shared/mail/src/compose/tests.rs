use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn envelope() -> Envelope {
    Envelope {
        from: Mailbox::new("Central de Serviços", "desk@example.com".parse().unwrap()),
        to: Mailbox::new("Maria", "maria@example.com".parse().unwrap()),
        reply_to: Some("reply+abc@reply.example.com".parse().unwrap()),
        date: "2026-01-01T12:00:00Z".parse().unwrap(),
        header_id: "<0190.1@example.com>".into(),
        thread: Thread {
            ticket: "42".parse().unwrap(),
            domain: "example.com".into(),
            earlier: vec!["<a@email.amazonses.com>".into()],
            in_reply_to: Some("<b@client.example>".into()),
        },
        attachments: vec![],
    }
}

fn rendered(text: &str) -> Rendered {
    Rendered {
        subject: format!("Ticket 42: {}", text.chars().take(200).collect::<String>()),
        html: format!("<p>{text}</p>"),
        text: text.to_owned(),
    }
}

/// Names of the message's own headers, in lower case; folded lines belong to the one before.
fn header_names(raw: &[u8]) -> Vec<String> {
    let raw = std::str::from_utf8(raw).unwrap();
    let (head, _) = raw.split_once("\r\n\r\n").unwrap();
    head.split("\r\n")
        .filter(|line| !line.starts_with(' '))
        .map(|line| line.split_once(':').unwrap().0.to_lowercase())
        .collect()
}

const NAMES: [&str; 13] = [
    "date",
    "from",
    "to",
    "reply-to",
    "subject",
    "message-id",
    "in-reply-to",
    "references",
    "list-id",
    "auto-submitted",
    "x-auto-response-suppress",
    "mime-version",
    "content-type",
];

#[test]
fn the_same_input_makes_the_same_bytes() {
    let first = compose(&envelope(), &rendered("Olá")).unwrap();
    assert_eq!(first, compose(&envelope(), &rendered("Olá")).unwrap());
    assert_eq!(first.size, first.raw.len());
    let mut other = envelope();
    other.header_id = "<0190.2@example.com>".into();
    assert_ne!(
        first.sha256,
        compose(&other, &rendered("Olá")).unwrap().sha256
    );
}

#[test]
fn every_header_stands_once() {
    let composed = compose(&envelope(), &rendered("Olá")).unwrap();
    assert_eq!(header_names(&composed.raw), NAMES);
    let mut bare = envelope();
    bare.reply_to = None;
    bare.thread.in_reply_to = None;
    let names = header_names(&compose(&bare, &rendered("Olá")).unwrap().raw);
    let expected: Vec<_> = NAMES
        .into_iter()
        .filter(|n| !["reply-to", "in-reply-to"].contains(n))
        .collect();
    assert_eq!(names, expected);
}

#[test]
fn a_text_cannot_close_its_part() {
    let composed = compose(&envelope(), &rendered("x")).unwrap();
    let raw = String::from_utf8(composed.raw).unwrap();
    let boundary = raw
        .split("boundary=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let hostile = format!("a\r\n--{boundary}--\r\n\r\n--{boundary}\r\nContent-Type: text/html\r\n");
    let raw = String::from_utf8(compose(&envelope(), &rendered(&hostile)).unwrap().raw).unwrap();
    assert_eq!(
        raw.matches(&format!("\r\n--{boundary}")).count(),
        3,
        "{raw}"
    );
}

#[test]
fn a_message_id_must_be_one() {
    let mut bad = envelope();
    bad.header_id = "<a@b>\r\nBcc: <x@y>".into();
    let error = compose(&bad, &rendered("x")).unwrap_err();
    assert_eq!(
        (error, error.reason()),
        (ComposeError::MessageId, Reason::MailNotMade)
    );
}

#[test]
fn a_mail_that_no_transport_takes_is_refused() {
    let mut large = envelope();
    large.attachments.push(Attachment {
        content_id: None,
        name: "a.bin".into(),
        media_type: "application/octet-stream".into(),
        content: vec![0; 31_000_000],
    });
    assert!(matches!(
        compose(&large, &rendered("x")),
        Err(ComposeError::TooLarge { .. })
    ));
}

/// A file is base64, which parts made of other parts may not be, and its type says nothing of a name.
#[test]
fn a_file_leaves_as_bytes_of_a_type_without_parameters() {
    for (given, sent) in [
        ("message/rfc822", "application/octet-stream"),
        ("Message/RFC822; x=y", "application/octet-stream"),
        ("message/partial", "application/octet-stream"),
        ("message/external-body", "application/octet-stream"),
        ("multipart/digest", "application/octet-stream"),
        ("nothing", "application/octet-stream"),
        ("text/plain; name=\"evil.exe\"", "text/plain"),
        ("application/pdf;name*=utf-8''evil.exe", "application/pdf"),
        ("IMAGE/png", "image/png"),
    ] {
        for content_id in [None, Some("1.x@example.com".to_owned())] {
            let mut with_file = envelope();
            with_file.attachments.push(Attachment {
                content_id,
                name: "m.eml".into(),
                media_type: given.into(),
                content: b"Subject: a\n\nb".to_vec(),
            });
            let raw = compose(&with_file, &rendered("x")).unwrap().raw;
            let raw = String::from_utf8(raw).unwrap();
            let (_, part) = raw.rsplit_once("Content-Disposition").unwrap();
            assert!(
                raw.contains(&format!("\r\nContent-Type: {sent}\r\n")),
                "{raw}"
            );
            assert!(part.contains("m.eml") && !raw.contains("evil"), "{raw}");
            assert!(!raw.to_lowercase().contains("message/"), "{raw}");
        }
    }
}

#[test]
fn files_go_beside_the_text() {
    let mut with_files = envelope();
    for (name, media_type) in [
        ("relatório.pdf", "application/pdf"),
        ("x\r\nBcc: y\".txt", "text/plain\r\nBcc: z"),
        ("m.eml", "multipart/mixed; boundary=x"),
    ] {
        with_files.attachments.push(Attachment {
            content_id: None,
            name: name.into(),
            media_type: media_type.into(),
            content: b"a\nb".to_vec(),
        });
    }
    let composed = compose(&with_files, &rendered("x")).unwrap();
    assert_eq!(header_names(&composed.raw), NAMES);
    let raw = String::from_utf8(composed.raw).unwrap();
    assert!(raw.contains("Content-Type: multipart/mixed;"));
    assert_eq!(raw.matches("multipart/").count(), 2, "{raw}");
    assert_eq!(
        raw.matches("Content-Type: application/octet-stream")
            .count(),
        2
    );
    assert!(!raw.lines().any(|line| line.starts_with("Bcc")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_data_gains_a_header_or_breaks_a_line(
        texts in proptest::collection::vec("(\\PC|\r|\n|\0|[ =?:\"<>@a-z.-]){0,120}", 6),
        repeat in 1usize..20,
    ) {
        let mut envelope = envelope();
        envelope.from.name = texts[0].clone();
        envelope.to.name = texts[1].clone();
        envelope.thread.earlier = vec![texts[2].clone(), format!("<{}@x>", texts[2])];
        envelope.thread.in_reply_to = Some("<ok@x>".into());
        let rendered = Rendered {
            subject: texts[3].clone(),
            html: texts[4].repeat(repeat),
            text: texts[5].repeat(repeat),
        };
        let composed = compose(&envelope, &rendered).unwrap();
        prop_assert_eq!(header_names(&composed.raw), NAMES);
        let raw = String::from_utf8(composed.raw).unwrap();
        prop_assert!(raw.is_ascii() && !raw.contains('\0'));
        for line in raw.split("\r\n") {
            prop_assert!(line.len() <= 78, "{}: {line}", line.len());
            prop_assert!(!line.contains(['\r', '\n']));
        }
        let mut counts = BTreeMap::new();
        for line in raw.split("\r\n").filter(|line| line.starts_with("--=_")) {
            *counts.entry(line.trim_end_matches('-').to_owned()).or_insert(0) += 1;
        }
        prop_assert_eq!(counts.values().copied().collect::<Vec<_>>(), [3]);
    }
}

#[test]
fn a_picture_that_the_html_shows_stands_beside_it() {
    let (mut envelope, rendered) = (envelope(), rendered("x"));
    let file = |name: &str, content_id: Option<&str>| Attachment {
        name: name.to_owned(),
        media_type: "image/png".to_owned(),
        content: vec![1, 2, 3],
        content_id: content_id.map(str::to_owned),
    };
    envelope.attachments = vec![file("a.png", Some("1.x@example.com")), file("b.png", None)];
    let raw = String::from_utf8(compose(&envelope, &rendered).unwrap().raw).unwrap();
    let order = [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "Content-ID: <1.x@example.com>",
        "Content-Disposition: inline; filename=\"a.png\"",
        "Content-Disposition: attachment; filename=\"b.png\"",
    ];
    let places: Vec<_> = order.iter().map(|part| raw.find(part)).collect();
    assert!(places.iter().all(Option::is_some), "{places:?}\n{raw}");
    assert!(places[..5].is_sorted(), "{places:?}");
    envelope.attachments.pop();
    let raw = String::from_utf8(compose(&envelope, &rendered).unwrap().raw).unwrap();
    assert!(!raw.contains("multipart/mixed"));
}
