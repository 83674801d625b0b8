//! Files that come with mails.

use jiff::SignedDuration;
use mail::token::{file::FileClaims, reply::ReplyAudience};
use serde_json::json;
use service::inbound::Received;

use crate::desk;
use crate::desk::{DOMAIN, Desk, NUMBER, SEAL, TICKET, accepted, mail, quarantined};

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
    let desk = Desk::receiving().await;
    desk.set(278, "10").await;
    desk.set(318, "exe;bat").await;
    let files: [(&str, &str, &[u8]); 4] = [
        ("../../tela não abre.png", "image/png", b"0123456789"),
        ("fatura.pdf.exe", "application/pdf", b"MZ"),
        ("grande.txt", "text/plain", b"0123456789a"),
        ("nota.html", "text/html", b"<script>"),
    ];
    let to = desk.reply_to(MARIA);
    let id = accepted(desk.take(with_files(MARIA, &to, "Segue.", &files)).await);
    let found = desk.conversation(&desk::bia()).await;
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
    assert_eq!(desk.stored(), ["mail-0.0", "mail-0.3"]);
    let path = |number: usize| format!("/tickets/{TICKET}/messages/{id}/attachments/{number}");
    for number in [1, 2] {
        desk.call(&desk::bia(), "GET", &path(number), None)
            .await
            .expect(409);
    }
    desk.call(&desk::bia(), "GET", &path(4), None)
        .await
        .expect(404);
}

#[tokio::test]
async fn an_answer_to_an_invitation_says_its_subject_and_another_file_its_name() {
    let desk = Desk::receiving().await;
    let to = desk.reply_to(MARIA);
    let calendar: &[u8] = b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n";
    let answer = ("convite.ics", "text/calendar", calendar);
    let picture = ("tela.png", "image/png", &b"0123456789"[..]);
    for (files, subject, text) in [
        (
            vec![answer],
            "Aceito: visita técnica",
            "Aceito: visita técnica",
        ),
        (vec![answer], "", "[convite.ics]"),
        (vec![picture], "Tela", "[tela.png]"),
        (vec![answer, picture], "Tela", "[convite.ics]\n[tela.png]"),
    ] {
        let raw = with_files(MARIA, &to, "", &files);
        let own = raw
            .lines()
            .filter(|line| !line.starts_with("Subject:"))
            .collect::<Vec<_>>()
            .join("\r\n");
        accepted(desk.take(format!("Subject: {subject}\r\n{own}")).await);
        let found = desk.conversation(&desk::bia()).await;
        let texts: Vec<_> = found.iter().map(|message| &message["text"]).collect();
        assert!(texts.contains(&&json!(text)), "{texts:?}");
    }
}

#[tokio::test]
async fn a_mail_of_ours_is_taken_by_who_attached_it_and_by_administrators() {
    let desk = Desk::receiving().await;
    let link = desk.approval();
    let html = format!("<a href=\"https://desk.example.org/links/{link}\">Aprovar</a>");
    let encoded = data_encoding::BASE64.encode(html.as_bytes());
    let headers = "Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n";
    let ours = mail("central@example.org", MARIA, headers, &encoded);
    let files: [(&str, &str, &[u8]); 3] = [
        ("chamado.eml", "application/octet-stream", ours.as_bytes()),
        ("chamado.txt", "text/plain", html.as_bytes()),
        ("nota.pdf", "application/pdf", b"%PDF-"),
    ];
    let to = desk.reply_to(MARIA);
    let id = accepted(desk.take(with_files(MARIA, &to, "Segue.", &files)).await);
    for (number, withheld) in [(0, true), (1, true), (2, false)] {
        let path = format!("/tickets/{TICKET}/messages/{id}/attachments/{number}");
        for (who, refused) in [
            (desk::bia(), withheld),
            (desk::maria(), false),
            (desk::admin(), false),
        ] {
            let answer = desk.call(&who, "GET", &path, None).await;
            let found = answer.expect(if refused { 403 } else { 200 });
            if !refused {
                assert_eq!(found["withheld"].as_bool().unwrap_or_default(), withheld);
            }
        }
    }
}

#[tokio::test]
async fn a_link_is_for_those_who_may_read_and_ends_soon() {
    let desk = Desk::receiving().await;
    let to = desk.reply_to(MARIA);
    let files: [(&str, &str, &[u8]); 1] =
        [("página <1>.xml", "text/html", b"<script>alert(1)</script>")];
    let id = accepted(desk.take(with_files(MARIA, &to, "Segue.", &files)).await);
    let path = format!("/tickets/{TICKET}/messages/{id}/attachments/0");
    let stranger = desk::person("requester", "carla@example.net", &[]);
    desk.call(&stranger, "GET", &path, None).await.expect(404);
    desk.call(&desk::nobody(), "GET", &path, None)
        .await
        .expect(401);
    let link = desk
        .call(&desk::maria(), "GET", &path, None)
        .await
        .expect(200);
    assert_eq!(link["name"], "página _1_.xml");
    let url = link["url"].as_str().unwrap();
    assert!(!url.contains("html") && !url.contains('@'), "{url}");
    let file = desk.call(&desk::nobody(), "GET", url, None).await;
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
    desk.call(&desk::nobody(), "GET", &format!("{url}x"), None)
        .await
        .expect(404);
    desk.wait(SignedDuration::from_mins(6));
    desk.call(&desk::nobody(), "GET", url, None)
        .await
        .expect(404);
}

/// A link ends when whoever it was made for takes part in the ticket no more: those of the API, which
/// last for minutes, and those of mails, which last for days.
#[tokio::test]
async fn a_link_ends_with_the_membership_of_its_holder() {
    let desk = Desk::receiving().await;
    let to = desk.reply_to(MARIA);
    let files: [(&str, &str, &[u8]); 1] = [("a.txt", "text/plain", b"conteudo")];
    let id = accepted(desk.take(with_files(MARIA, &to, "Segue.", &files)).await);
    let keys = desk.app.settings.reply_token_keys.clone().unwrap();
    let mailed = |address: &str| {
        let claims = FileClaims {
            ticket: NUMBER.clone(),
            message: id,
            number: 0,
            holder: Some(keys.holder(&address.parse().unwrap())),
            expires: desk.app.now() + SignedDuration::from_hours(7 * 24),
        };
        format!("/files/{}", keys.file_token(&claims))
    };
    let path = format!("/tickets/{TICKET}/messages/{id}/attachments/0");
    let asked = async |claims: serde_json::Value| {
        let link = desk.call(&claims, "GET", &path, None).await;
        link.expect(200)["url"].as_str().unwrap().to_owned()
    };
    let by_address = |role, address| desk::person(role, address, &[]);
    let of_people = [
        asked(desk::maria()).await,
        asked(by_address("requester", "Fabio@example.com")).await,
        asked(desk::bia()).await,
        asked(by_address("technician", "n1@example.com")).await,
        mailed("maria@example.com"),
        mailed("FABIO@example.com"),
        mailed("bia@example.com"),
        mailed("n1@example.com"),
    ];
    // Their tokens let them in, whoever is on the ticket.
    let of_tokens = [
        asked(desk::admin()).await,
        asked(desk::person("technician", "carla@example.com", &["N1"])).await,
    ];
    let stranger = mailed("rui@example.com");
    let opens = async |url: &str| {
        let file = desk.call(&desk::nobody(), "GET", url, None).await;
        assert!(matches!(file.status.as_u16(), 200 | 404), "{}", file.text);
        assert_eq!(file.text.contains("conteudo"), file.status == 200);
        file.status == 200
    };
    for url in of_people.iter().chain(&of_tokens) {
        assert!(opens(url).await);
    }
    assert!(!opens(&stranger).await);
    let put = async |snapshot| {
        let (path, itsm) = (format!("/tickets/{TICKET}"), desk::integration());
        let put = desk.call(&itsm, "PUT", &path, Some(snapshot)).await;
        put.expect(200);
    };
    put(json!({ "requester": { "email": "joana@example.com" }, "group": { "name": "N2" } })).await;
    for url in &of_people {
        assert!(!opens(url).await, "{url}");
    }
    for url in &of_tokens {
        assert!(opens(url).await, "{url}");
    }
    // Whoever is on it again may take it again, from the other side too: the message is public.
    put(json!({ "requester": { "email": "bia@example.com" } })).await;
    assert!(opens(&of_people[2]).await && opens(&of_people[6]).await);
    assert!(!opens(&of_people[0]).await);
}

/// A file of an internal message is for those who stand on the desk's side now.
#[tokio::test]
async fn a_file_of_an_internal_message_is_the_desks_alone() {
    let desk = Desk::receiving().await;
    let to = desk.token_of(TICKET, "bia@example.com", ReplyAudience::DeskInternal);
    let to = format!("reply+{to}@{DOMAIN}");
    let files: [(&str, &str, &[u8]); 1] = [("a.txt", "text/plain", b"conteudo")];
    let mail = with_files("bia@example.com", &to, "Nota.", &files);
    let id = accepted(desk.take(mail).await);
    let path = format!("/tickets/{TICKET}/messages/{id}/attachments/0");
    let link = desk.call(&desk::bia(), "GET", &path, None).await;
    let url = link.expect(200)["url"].as_str().unwrap().to_owned();
    let nobody = desk::nobody();
    let open = || desk.call(&nobody, "GET", &url, None);
    assert_eq!(open().await.text, "conteudo");
    let snapshot = json!({ "requester": { "email": "maria@example.com" },
        "followers": [{ "email": "bia@example.com" }] });
    let (path, itsm) = (format!("/tickets/{TICKET}"), desk::integration());
    let put = desk.call(&itsm, "PUT", &path, Some(snapshot)).await;
    put.expect(200);
    open().await.expect(404);
}

#[tokio::test]
async fn a_mail_of_files_alone_names_them() {
    let desk = Desk::receiving().await;
    let to = desk.reply_to(MARIA);
    let files: [(&str, &str, &[u8]); 2] = [
        ("a.png", "image/png", b"a"),
        ("b.pdf", "application/pdf", b"b"),
    ];
    accepted(desk.take(with_files(MARIA, &to, "", &files)).await);
    let found = desk.conversation(&desk::maria()).await;
    assert_eq!(found[0]["text"], json!("[a.png]\n[b.pdf]"));
    assert_eq!(found[0]["attachments"][1]["media_type"], "application/pdf");
}

#[tokio::test]
async fn what_is_refused_leaves_no_file() {
    let desk = Desk::receiving().await;
    desk.set(299, "N").await;
    let files: [(&str, &str, &[u8]); 1] = [("foto.png", "image/png", b"x")];
    let to = desk.reply_to(MARIA);
    let received = desk.take(with_files(MARIA, &to, "Segue.", &files)).await;
    assert_eq!(quarantined(received), "MESSAGES_OFF");
    assert_eq!(desk.stored(), Vec::<String>::new());
}

#[tokio::test]
async fn a_commit_lost_after_the_files_leaves_one_message_with_them() {
    let desk = Desk::receiving().await;
    let files: [(&str, &str, &[u8]); 2] = [
        ("foto.png", "image/png", b"x"),
        ("nota.txt", "text/plain", b"y"),
    ];
    let whole = with_files(MARIA, &desk.reply_to(MARIA), "Segue.", &files);
    let raw = [SEAL, &whole].concat().into_bytes();
    let before = desk.store.items();
    accepted(desk.take_raw("one", raw.clone()).await);
    let kept = desk.stored();
    assert_eq!(kept.len(), 2);
    // The process ended between the files and the commit; the event comes again.
    desk.store.restore(&before);
    let id = accepted(desk.take_raw("one", raw.clone()).await);
    assert_eq!(desk.take_raw("one", raw).await, Received::Duplicate);
    assert_eq!(desk.stored(), kept, "the same files, no more");
    let found = desk.conversation(&desk::bia()).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["attachments"].as_array().unwrap().len(), 2);
    for number in 0..2 {
        let path = format!("/tickets/{TICKET}/messages/{id}/attachments/{number}");
        let link = desk.call(&desk::bia(), "GET", &path, None).await;
        assert!(
            link.status.is_redirection() || link.status.is_success(),
            "{}",
            link.text
        );
    }
}
