//! Files that come with mails.

use jiff::SignedDuration;
use serde_json::json;
use shared::app::inbound::Received;

use super::world::{SEAL, TICKET, World, accepted, mail, quarantined};
use crate::http;

const MARIA: &str = "maria@example.com";

/// A mail with a text and these files: name, type, content.
fn with_files(from: &str, to: &str, text: &str, files: &[(&str, &str, &[u8])]) -> String {
    let mut body = format!("--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n");
    for (name, media_type, content) in files {
        let content = data_encoding::BASE64.encode(content);
        body.push_str(&format!(
            "--b\r\nContent-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n\
             Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n{content}\r\n"
        ));
    }
    let headers = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
    mail(from, to, headers, &format!("{body}--b--"))
}

#[tokio::test]
async fn files_are_kept_under_limits_that_are_told() {
    let world = World::new().await;
    world.set(278, "10").await;
    world.set(318, "exe;bat").await;
    let files: [(&str, &str, &[u8]); 4] = [
        ("../../tela não abre.png", "image/png", b"0123456789"),
        ("fatura.pdf.exe", "application/pdf", b"MZ"),
        ("grande.txt", "text/plain", b"0123456789a"),
        ("nota.html", "text/html", b"<script>"),
    ];
    let to = world.reply_to(MARIA);
    let id = accepted(world.take(with_files(MARIA, &to, "Segue.", &files)).await);
    let found = world.conversation(&http::bia()).await;
    let told: Vec<_> = found[0]["attachments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| {
            (
                file["name"].as_str().unwrap(),
                file["size"].as_u64().unwrap(),
                file["refused"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("tela não abre.png", 10, None),
            ("fatura_pdf.exe", 2, Some("EXTENSION_REFUSED")),
            ("grande.txt", 11, Some("TOO_LARGE")),
            ("nota.html", 8, None),
        ]
    );
    assert_eq!(world.stored(), ["mail-0.0", "mail-0.3"]);
    let path = |number: usize| format!("/tickets/{TICKET}/messages/{id}/attachments/{number}");
    for number in [1, 2] {
        world
            .desk
            .call(&http::bia(), "GET", &path(number), None)
            .await
            .expect(409);
    }
    world
        .desk
        .call(&http::bia(), "GET", &path(4), None)
        .await
        .expect(404);
}

#[tokio::test]
async fn a_link_is_for_those_who_may_read_and_ends_soon() {
    let world = World::new().await;
    let to = world.reply_to(MARIA);
    let files: [(&str, &str, &[u8]); 1] =
        [("página <1>.xml", "text/html", b"<script>alert(1)</script>")];
    let id = accepted(world.take(with_files(MARIA, &to, "Segue.", &files)).await);
    let path = format!("/tickets/{TICKET}/messages/{id}/attachments/0");
    let stranger = http::person("requester", "carla@example.net", &[]);
    world
        .desk
        .call(&stranger, "GET", &path, None)
        .await
        .expect(404);
    world
        .desk
        .call(&http::nobody(), "GET", &path, None)
        .await
        .expect(401);
    let link = world
        .desk
        .call(&http::maria(), "GET", &path, None)
        .await
        .expect(200);
    assert_eq!(link["name"], "página _1_.xml");
    let url = link["url"].as_str().unwrap();
    assert!(!url.contains("html") && !url.contains('@'), "{url}");
    let file = world.desk.call(&http::nobody(), "GET", url, None).await;
    assert_eq!(file.text, "<script>alert(1)</script>");
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "private, no-store"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(file.header(name), value);
    }
    assert!(
        file.header("content-disposition")
            .starts_with("attachment; filename=\"p")
    );
    world
        .desk
        .call(&http::nobody(), "GET", &format!("{url}x"), None)
        .await
        .expect(404);
    world.later(SignedDuration::from_mins(6));
    world
        .desk
        .call(&http::nobody(), "GET", url, None)
        .await
        .expect(404);
}

#[tokio::test]
async fn a_mail_of_files_alone_names_them() {
    let world = World::new().await;
    let to = world.reply_to(MARIA);
    let files: [(&str, &str, &[u8]); 2] = [
        ("a.png", "image/png", b"a"),
        ("b.pdf", "application/pdf", b"b"),
    ];
    accepted(world.take(with_files(MARIA, &to, "", &files)).await);
    let found = world.conversation(&http::maria()).await;
    assert_eq!(found[0]["text"], json!("[a.png]\n[b.pdf]"));
    assert_eq!(found[0]["attachments"][1]["media_type"], "application/pdf");
}

#[tokio::test]
async fn what_is_refused_leaves_no_file() {
    let world = World::new().await;
    world.set(299, "N").await;
    let files: [(&str, &str, &[u8]); 1] = [("foto.png", "image/png", b"x")];
    let to = world.reply_to(MARIA);
    let received = world.take(with_files(MARIA, &to, "Segue.", &files)).await;
    assert_eq!(quarantined(received), "MESSAGES_OFF");
    assert_eq!(world.stored(), Vec::<String>::new());
}

#[tokio::test]
async fn a_commit_lost_after_the_files_leaves_one_message_with_them() {
    let world = World::new().await;
    let files: [(&str, &str, &[u8]); 2] = [
        ("foto.png", "image/png", b"x"),
        ("nota.txt", "text/plain", b"y"),
    ];
    let whole = with_files(MARIA, &world.reply_to(MARIA), "Segue.", &files);
    let raw = [SEAL, &whole].concat().into_bytes();
    let before = world.store.items();
    accepted(world.take_raw("one", raw.clone()).await);
    let kept = world.stored();
    assert_eq!(kept.len(), 2);
    // The process ended between the files and the commit; the event comes again.
    world.store.restore(&before);
    let id = accepted(world.take_raw("one", raw.clone()).await);
    assert_eq!(world.take_raw("one", raw).await, Received::Duplicate);
    assert_eq!(world.stored(), kept, "the same files, no more");
    let found = world.conversation(&http::bia()).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["attachments"].as_array().unwrap().len(), 2);
    for number in 0..2 {
        let path = format!("/tickets/{TICKET}/messages/{id}/attachments/{number}");
        let link = world.desk.call(&http::bia(), "GET", &path, None).await;
        assert!(
            link.status.is_redirection() || link.status.is_success(),
            "{}",
            link.text
        );
    }
}
