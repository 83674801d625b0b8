//! What mails of one ticket say of each other, from the first to the five hundredth; and the files
//! that go with them.

use std::{fmt::Write, sync::Arc};

use jiff::SignedDuration;
use mail::token::reply::ReplyAudience;
use service::{
    access::Role,
    desk::messages::{self, NewMessage},
    inbound::{self, Arrival, Received, Trust},
    outgoing::sending::Sender,
};
use storage::files::folder::Folder;
use transport::OutgoingMail;

use crate::desk::{Desk, MARIA, NUMBER, caller};

const KEYS: &str = "a:AAAAAAAAAAAAAAAAAAAAAA==";
const SETTINGS: [(&str, &str); 5] = [
    ("MAIL_TRANSPORT", "ses"),
    ("AWS_REGION", "sa-east-1"),
    ("REPLY_DOMAIN", "reply.example.com"),
    ("REPLY_TOKEN_KEYS", KEYS),
    ("API_URL", "https://api.example.com/"),
];

/// A reply of somebody, as a raw mail.
fn reply(desk: &Desk, who: &str, id: &str, rest: &str) -> Arrival {
    let keys = desk.app.settings.reply_token_keys.clone().unwrap();
    let until = desk.now() + SignedDuration::from_hours(24);
    let token = keys
        .reply_token(
            &NUMBER,
            &who.parse().unwrap(),
            until,
            ReplyAudience::Requester,
        )
        .token;
    let raw = format!(
        "From: {who}\r\nTo: reply+{token}@reply.example.com\r\nSubject: RES: Senha\r\n\
         Message-ID: <{id}@mail.example.com>\r\n{rest}"
    );
    Arrival {
        id: id.parse().unwrap(),
        raw: raw.into_bytes(),
        envelope: Vec::new(),
        trust: Trust::ThisMachine,
    }
}

/// The headers by which mail programs group, unfolded.
fn thread_of(mail: &OutgoingMail) -> String {
    let raw = String::from_utf8(mail.raw.clone()).unwrap();
    let (head, _) = raw.split_once("\r\n\r\n").unwrap();
    let unfolded = head.replace("\r\n ", " ");
    let mut shown = String::new();
    for name in [
        "To",
        "Subject",
        "In-Reply-To",
        "References",
        "List-Id",
        "Auto-Submitted",
    ] {
        let lines: Vec<_> = unfolded
            .lines()
            .filter(|line| line.starts_with(&format!("{name}: ")))
            .collect();
        assert!(lines.len() <= 1, "{name} stands twice");
        for line in lines {
            assert!(line.len() <= name.len() + 2 + 900, "{name} is too long");
            writeln!(shown, "{line}").unwrap();
        }
    }
    shown
}

#[tokio::test]
async fn golden_mails_of_a_long_ticket() {
    let desk = Desk::sending_with(&SETTINGS).await;
    let mut shown = String::new();
    for number in 1..=500 {
        desk.send(&format!("Mensagem {number}.")).await;
        if [1, 79, 300].contains(&number) {
            let text = format!("\r\nResposta depois de {number}.\r\n");
            let arrival = reply(&desk, MARIA, &format!("resposta-{number}"), &text);
            let received = inbound::receive(&desk.app, arrival).await.unwrap();
            assert!(matches!(received, Received::Message { .. }), "{received:?}");
        }
        desk.wait(SignedDuration::from_hours(1));
        if [1, 2, 80, 500].contains(&number) {
            let mail = desk.transport.mails().pop().unwrap();
            writeln!(shown, "Message {number}\n{}", thread_of(&mail)).unwrap();
        }
    }
    insta::assert_snapshot!(shown);
}

#[tokio::test]
async fn each_person_has_a_thread_of_their_own_and_a_mail_costs_one_read_and_two_writes() {
    let desk = Desk::sending_with(&SETTINGS).await;
    desk.send("Para Maria.").await;
    let arrival = reply(&desk, MARIA, "um", "\r\nSim.\r\n");
    inbound::receive(&desk.app, arrival).await.unwrap();
    desk.sender.sweep().await.unwrap();
    let mails = desk.transport.mails();
    let to_bia = mails
        .iter()
        .find(|mail| mail.to.as_str() == "bia@example.com")
        .unwrap();
    let thread = thread_of(to_bia);
    assert!(
        thread.contains("In-Reply-To: <um@mail.example.com>"),
        "{thread}"
    );
    assert!(
        !thread.contains("<mail-1@"),
        "Bia never saw that mail: {thread}"
    );
    desk.send("De novo.").await;
    let thread = thread_of(desk.transport.mails().last().unwrap());
    for id in [
        "<t.4711@reply.example.com>",
        "<mail-1@email.amazonses.com>",
        "<mail-1@sa-east-1.amazonses.com>",
        "<um@mail.example.com>",
    ] {
        assert!(thread.contains(id), "{id}: {thread}");
    }
}

/// A mail with these files behind its text, each of so many letters.
fn with_files(files: &[(&str, usize)]) -> String {
    let files: Vec<_> = files
        .iter()
        .map(|(name, size)| (*name, "x".repeat(*size)))
        .collect();
    with_contents(&files)
}

fn with_contents(files: &[(&str, String)]) -> String {
    let mut body = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/plain\r\n\r\nSegue.\r\n"
        .to_owned();
    for (name, content) in files {
        write!(
            body,
            "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\r\n{content}\r\n",
        )
        .unwrap();
    }
    body + "--b--\r\n"
}

/// The mail to Bia about this mail of Maria.
async fn told(desk: &Desk, id: &str, mail: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let app = desk
        .app
        .clone()
        .with_files(Arc::new(Folder::open(folder.path()).unwrap()));
    let sender = Sender::new(app.clone(), desk.transport.clone());
    let arrival = reply(desk, MARIA, id, mail);
    let received = inbound::receive(&app, arrival).await.unwrap();
    assert!(matches!(received, Received::Message { .. }), "{received:?}");
    sender.sweep().await.unwrap();
    desk.wait(SignedDuration::from_hours(1));
    let mails = desk.transport.mails();
    let mail = mails
        .iter()
        .rev()
        .find(|mail| mail.to.as_str() == "bia@example.com");
    // As plain text: soft line ends taken out.
    let raw = String::from_utf8(mail.unwrap().raw.clone()).unwrap();
    raw.replace("=\r\n", "").replace("=3D", "=")
}

#[tokio::test]
async fn files_are_linked_or_travel_along() {
    let desk = Desk::sending_with(&SETTINGS).await;
    desk.set(318, "exe").await;
    let files = [("nota <1>.pdf", 1500), ("virus.exe", 2)];
    let linked = told(&desk, "um", &with_files(&files)).await;
    assert!(
        linked.contains("- nota _1_.pdf (2 kB)\r\n  https://api.example.com/files/a"),
        "{linked}"
    );
    assert!(
        linked.contains("<a href=\"https://api.example.com/files/a"),
        "{linked}"
    );
    // Each link is for whom the mail is for.
    let token = linked.split("/files/").nth(1).unwrap();
    let token = token.split(|c: char| c.is_whitespace() || c == '"').next();
    let keys = desk.app.settings.reply_token_keys.clone().unwrap();
    let claims = keys.verify_file(token.unwrap(), desk.app.now()).unwrap();
    let is_for = |address: &str| keys.is_holder(claims.holder.unwrap(), &address.parse().unwrap());
    assert!(is_for("bia@example.com") && !is_for(MARIA));
    assert!(linked.contains("virus.exe (recusado"), "{linked}");
    assert!(!linked.contains("filename"), "{linked}");
    desk.set(446, "S").await;
    let along = told(&desk, "dois", &with_files(&files)).await;
    assert!(along.contains("filename=\"nota _1_.pdf\""), "{along}");
    assert!(!along.contains("/files/"), "{along}");
    assert!(
        along.contains("virus.exe (recusado") && !along.contains("filename=\"virus.exe\""),
        "{along}"
    );
    // Too much for one mail: linked again.
    let many = [("a.pdf", 2_000_000), ("b.pdf", 2_000_000)];
    let linked = told(&desk, "tres", &with_files(&many)).await;
    assert!(linked.contains("- b.pdf (2 MB)\r\n  https://") && !linked.contains("filename"));
}

#[tokio::test]
async fn a_file_with_links_in_its_senders_name_goes_to_nobody_else() {
    let desk = Desk::sending_with(&SETTINGS).await;
    let link = desk.approval();
    let ours = format!("From: central@example.com\r\n\r\nhttps://api.example.com/links/{link}");
    let mail = with_contents(&[("chamado.eml", ours), ("nota.pdf", "x".to_owned())]);
    for (id, forwarded) in [("um", "N"), ("dois", "S")] {
        desk.set(446, forwarded).await;
        let told = told(&desk, id, &mail).await;
        assert!(
            told.contains("chamado.eml (n=C3=A3o =C3=A9 entregue"),
            "{told}"
        );
        assert!(!told.contains(&link[..40]), "{told}");
        let others = [
            told.matches("/files/").count(),
            told.matches("filename=").count(),
        ];
        // The other file alone: twice as a link, or along with the mail.
        assert_eq!(
            others,
            if forwarded == "N" { [2, 0] } else { [0, 1] },
            "{told}"
        );
    }
}

/// The mail to Maria about a message of the desk in this HTML.
async fn shown(desk: &Desk, html: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let app = desk
        .app
        .clone()
        .with_files(Arc::new(Folder::open(folder.path()).unwrap()));
    let new = NewMessage {
        html: Some(html.to_owned()),
        ..NewMessage::default()
    };
    messages::post(&app, &caller(Role::Technician), &NUMBER, &new, None)
        .await
        .unwrap();
    let sender = Sender::new(app.clone(), desk.transport.clone());
    sender.sweep().await.unwrap();
    desk.wait(SignedDuration::from_hours(1));
    let mails = desk.transport.mails();
    let mail = mails.iter().rev().find(|mail| mail.to.as_str() == MARIA);
    let raw = String::from_utf8(mail.unwrap().raw.clone()).unwrap();
    raw.replace("=\r\n", "").replace("=3D", "=")
}

#[tokio::test]
async fn pasted_pictures_stand_in_the_text_of_the_mail() {
    let desk = Desk::sending_with(&SETTINGS).await;
    let picture = |bytes: usize| {
        let content = data_encoding::BASE64.encode(&vec![7; bytes]);
        format!("<img src=\"data:image/png;base64,{content}\">")
    };
    for forwarded in ["N", "S"] {
        desk.set(446, forwarded).await;
        let html = format!("<p>Veja {} e {}.</p>", picture(600), picture(700));
        let mail = shown(&desk, &html).await;
        for number in 1..=2 {
            let (_, id) = mail
                .split_once(&format!("Content-ID: <{number}."))
                .unwrap_or_else(|| panic!("{mail}"));
            let id = id.split('>').next().unwrap();
            let tag = format!("<img src=\"cid:{number}.{id}\" alt=\"image{number}.png\"");
            assert!(mail.contains(&tag), "{mail}");
        }
        assert!(mail.contains("multipart/related"), "{mail}");
        assert!(mail.contains("Veja [image1.png] e [image2.png]."), "{mail}");
        assert!(!mail.contains("multipart/mixed"), "{mail}");
    }
    // Too much for one mail: the names stay, and lead to the files.
    desk.set(446, "N").await;
    let html = format!("<p>Veja {}.</p>", picture(3_200_000));
    let mail = shown(&desk, &html).await;
    assert!(!mail.contains("cid:") && !mail.contains("multipart/related"));
    assert!(mail.contains("- image1.png (4 MB)\r\n  https://"), "{mail}");
    // Whoever writes the name of a file that is not there writes its name.
    let mail = shown(
        &desk,
        "<p>Veja [image9.png] <img src='cid:image8.png@x'>.</p>",
    )
    .await;
    assert!(mail.contains("Veja [image9.png] [image8.png]."), "{mail}");
}
