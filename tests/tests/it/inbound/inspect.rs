//! The quarantine for those who decide: a mail as a whole, its files, what letting it in would do, and
//! taking it off the list.

use serde_json::{Value, json};
use service::desk::attachments::{self, Opened};
use tests::memory::Memory;

use crate::desk;
use crate::desk::{Desk, SEAL, TICKET, mail, quarantined};

const MARIA: &str = "maria@example.com";
const CARLA: &str = "Carla <carla@example.net>";

async fn get(desk: &Desk<Memory>, who: &Value, path: &str) -> desk::Answer {
    desk.call(who, "GET", path, None).await
}

/// A stranger's mail on the ticket, with two files.
async fn stranger(desk: &Desk<Memory>) -> String {
    let headers = "Content-Type: multipart/mixed; boundary=b\r\n";
    let long = "Não imprime. ".repeat(300);
    let body = format!(
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{long}\r\n\r\nEm 05/06/2025 14:03, Central escreveu:\r\n> E agora?\r\n--b\r\nContent-Type: application/pdf; name=nota.pdf\r\n\r\nPDF\r\n--b\r\nContent-Type: application/octet-stream; name=a.exe\r\n\r\nMZ\r\n--b--"
    );
    let id = desk.next_id();
    let whole = mail(CARLA, &desk.reply_to(MARIA), headers, &body);
    let raw = [SEAL, &whole].concat().into_bytes();
    assert_eq!(
        quarantined(desk.take_raw(&id, raw).await),
        "SENDER_NOT_KNOWN"
    );
    id
}

/// The bytes behind a link that an answer gave.
async fn taken(desk: &Desk<Memory>, link: &Value) -> (String, Vec<u8>) {
    let url = link["url"].as_str().unwrap();
    let token = url.rsplit('/').next().unwrap();
    match attachments::open(&desk.app, token).await.unwrap() {
        Opened::Here { name, content } => (name, content),
        Opened::Elsewhere(link) => panic!("{link}"),
    }
}

#[tokio::test]
async fn a_mail_is_read_whole_before_somebody_decides() {
    let desk = Desk::receiving().await;
    let id = stranger(&desk).await;
    let path = format!("/quarantine/{id}");
    let found = get(&desk, &desk::bia(), &path).await.expect(200);
    assert_eq!(found["id"], id);
    assert_eq!(found["acceptable"], true);
    assert!(found["text"].as_str().unwrap().len() > 3000);
    assert!(found["full_text"].as_str().unwrap().contains("E agora?"));
    let reason = found["reason_text"].as_str().unwrap();
    assert!(reason.starts_with("Its sender"), "{reason}");
    assert_eq!(found["verdicts"]["dmarc"], "pass");
    assert_eq!(found["files"][0], json!({ "name": "nota.pdf", "size": 3 }));
    assert_eq!(found["would_tell"]["visibility"], "public");
    let told: Vec<_> = found["would_tell"]["recipients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["address"].clone())
        .collect();
    let accepted = desk
        .call(&desk::bia(), "POST", &format!("{path}/accept"), None)
        .await;
    let message = accepted.expect(202)["message_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let shown = get(
        &desk,
        &desk::bia(),
        &format!("/tickets/{TICKET}/messages/{message}"),
    )
    .await;
    let written: Vec<_> = shown.expect(200)["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["to"]["address"].clone())
        .collect();
    assert!(!told.is_empty());
    assert_eq!(told, written, "who would be told is who was told");
    let after = get(&desk, &desk::bia(), &path).await.expect(200);
    assert_eq!(
        (&after["acceptable"], &after["would_tell"]),
        (&json!(false), &Value::Null)
    );
}

#[tokio::test]
async fn its_files_and_the_mail_itself_are_behind_links_that_end() {
    let desk = Desk::receiving().await;
    desk.set(318, "exe").await;
    let id = stranger(&desk).await;
    let file = get(&desk, &desk::bia(), &format!("/quarantine/{id}/files/0")).await;
    assert_eq!(file.header("cache-control"), "no-store");
    let file = file.expect(200);
    assert_eq!(
        (&file["name"], &file["size"]),
        (&json!("nota.pdf"), &json!(3))
    );
    assert_eq!(
        taken(&desk, &file).await,
        ("nota.pdf".to_owned(), b"PDF".to_vec())
    );
    let whole = get(&desk, &desk::bia(), &format!("/quarantine/{id}/original"))
        .await
        .expect(200);
    let (name, content) = taken(&desk, &whole).await;
    assert_eq!(name, format!("{id}.eml"));
    assert!(content.starts_with(b"X-SES-Spam-Verdict"));
    for (file, status) in [("1", 409), ("2", 404), ("x", 400)] {
        let path = format!("/quarantine/{id}/files/{file}");
        get(&desk, &desk::bia(), &path).await.expect(status);
    }
    desk.wait(jiff::SignedDuration::from_mins(6));
    let token = file["url"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    assert!(attachments::open(&desk.app, &token).await.is_err());
}

#[tokio::test]
async fn nothing_of_a_virus_is_handed_out_and_links_of_ours_to_administrators_alone() {
    let desk = Desk::receiving().await;
    let to = desk.reply_to(MARIA);
    let infected =
        SEAL.replace("Virus-Verdict: PASS", "Virus-Verdict: FAIL") + &mail(MARIA, &to, "", "Oi.");
    assert_eq!(
        quarantined(desk.take_raw("infected", infected.into_bytes()).await),
        "VIRUS"
    );
    for what in ["original", "files/0"] {
        let path = format!("/quarantine/infected/{what}");
        get(&desk, &desk::admin(), &path).await.expect(409);
    }
    let found = get(&desk, &desk::admin(), "/quarantine/infected")
        .await
        .expect(200);
    assert_eq!(found["acceptable"], false);

    let link = desk.approval();
    let text = format!("Ok.\r\n\r\n> https://desk.example.org/links/{link}");
    let encoded = data_encoding::BASE64.encode(text.as_bytes());
    for (id, headers, body) in [
        ("plain", "", text.as_str()),
        ("encoded", "Content-Transfer-Encoding: base64\r\n", &encoded),
    ] {
        let raw = [SEAL, &mail(CARLA, &to, headers, body)]
            .concat()
            .into_bytes();
        quarantined(desk.take_raw(id, raw).await);
        let path = format!("/quarantine/{id}/original");
        get(&desk, &desk::bia(), &path).await.expect(403);
        get(&desk, &desk::admin(), &path).await.expect(200);
        let shown = get(&desk, &desk::bia(), &format!("/quarantine/{id}"))
            .await
            .expect(200);
        assert!(!shown.to_string().contains(&link[8..30]), "{shown}");
    }
}

#[tokio::test]
async fn a_mail_is_dismissed_with_a_reason_and_can_still_be_let_in() {
    let desk = Desk::receiving().await;
    let id = stranger(&desk).await;
    let path = format!("/quarantine/{id}/dismiss");
    let bia = desk::bia();
    for body in [
        json!({}),
        json!({ "reason": " " }),
        json!({ "reason": "x".repeat(501) }),
    ] {
        let answer = desk.call(&bia, "POST", &path, Some(body)).await;
        assert!(
            [400, 422].contains(&answer.status.as_u16()),
            "{}",
            answer.text
        );
    }
    let body = json!({ "reason": "Propaganda." });
    let first = desk
        .call(&bia, "POST", &path, Some(body.clone()))
        .await
        .expect(200);
    assert_eq!(first["status"], "dismissed");
    assert_eq!(first["dismissed_because"], "Propaganda.");
    assert_eq!(first["dismissed_by"], "bia@example.com");
    let again = desk.call(&bia, "POST", &path, Some(body)).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(
        get(&desk, &bia, "/quarantine").await.expect(200)["items"],
        json!([])
    );
    let listed = get(&desk, &bia, "/quarantine?status=dismissed")
        .await
        .expect(200);
    assert_eq!(listed["items"][0]["id"], id);
    desk.call(&bia, "POST", &format!("/quarantine/{id}/accept"), None)
        .await
        .expect(202);
    let late = json!({ "reason": "Tarde." });
    desk.call(&bia, "POST", &path, Some(late)).await.expect(409);
}

#[tokio::test]
async fn what_waits_is_counted_for_those_who_may_see_it() {
    let desk = Desk::receiving().await;
    stranger(&desk).await;
    stranger(&desk).await;
    let lost = mail(
        "carla@example.net",
        "desk@example.org",
        "",
        "A quem interessar.",
    );
    assert_eq!(quarantined(desk.take(lost).await), "NO_TICKET");
    let count = async |who: Value| get(&desk, &who, "/quarantine/counts").await.expect(200);
    let reasons = json!({ "SENDER_NOT_KNOWN": 2 });
    let expected = json!({ "quarantined": 2, "reasons": reasons, "more": false });
    assert_eq!(count(desk::bia()).await, expected);
    let all = count(desk::admin()).await;
    assert_eq!(
        (&all["quarantined"], &all["reasons"]["NO_TICKET"]),
        (&json!(3), &json!(1))
    );
    let other = count(desk::person("technician", "rui@example.com", &["N9"])).await;
    assert_eq!(other["quarantined"], 0);
}

#[tokio::test]
async fn others_reach_none_of_it() {
    let desk = Desk::receiving().await;
    let id = stranger(&desk).await;
    let paths = ["", "/original", "/files/0"].map(|end| format!("/quarantine/{id}{end}"));
    let dismiss = format!("/quarantine/{id}/dismiss");
    let body = || Some(json!({ "reason": "x" }));
    for (who, status) in [
        (desk::maria(), 403),
        (desk::integration(), 403),
        (desk::person("technician", "rui@example.com", &["N9"]), 404),
    ] {
        for path in &paths {
            get(&desk, &who, path).await.expect(status);
        }
        desk.call(&who, "POST", &dismiss, body())
            .await
            .expect(status);
    }
    for path in [
        "/quarantine/..%2F1",
        "/quarantine/none",
        "/quarantine/none/original",
    ] {
        get(&desk, &desk::admin(), path).await.expect(404);
    }
    desk.call(&desk::maria(), "GET", "/quarantine/counts", None)
        .await
        .expect(403);
}
