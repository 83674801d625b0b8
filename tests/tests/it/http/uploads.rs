//! Files of people who write: offered, put, named in a message, taken.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::desk::{Answer, Desk, admin, bia, integration, maria, person};

const PATH: &str = "/tickets/1/messages";
const OFFERS: &str = "/tickets/1/uploads";

/// A desk with a folder for files.
async fn desk() -> Desk {
    let desk = Desk::with_files(&[("REPLY_TOKEN_KEYS", "a:AAAAAAAAAAAAAAAAAAAAAA==")]);
    desk.ticket("1").await;
    desk
}

fn offered(name: &str, content: &[u8]) -> Value {
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(content));
    json!({ "name": name, "media_type": "image/png", "size": content.len(), "sha256": digest })
}

async fn offer(desk: &Desk, caller: &Value, name: &str, content: &[u8]) -> Value {
    let body = Some(offered(name, content));
    desk.call(caller, "POST", OFFERS, body).await.expect(201)
}

/// Puts the bytes without a token: the address is the right.
async fn put(desk: &Desk, offer: &Value, content: &[u8]) -> Answer {
    let url = offer["url"].as_str().expect("an address");
    let request = Request::builder().method("PUT").uri(url);
    let request = request.body(Body::from(content.to_vec()));
    desk.request(request.expect("a request")).await
}

async fn post(desk: &Desk, caller: &Value, ids: &[&Value]) -> Answer {
    let message = json!({ "text": "segue", "attachments": ids });
    desk.call(caller, "POST", PATH, Some(message)).await
}

#[tokio::test]
async fn a_file_goes_with_a_message_and_the_other_side_takes_it() {
    let desk = desk().await;
    let content = b"uma imagem, ou quase";
    let made = offer(&desk, &maria(), "tela do erro.png", content).await;
    assert_eq!(made["method"], "PUT");
    assert_eq!(made["scanned"], false);
    for _ in 0..2 {
        put(&desk, &made, content).await.expect(204);
    }
    let posted = post(&desk, &maria(), &[&made["id"]]).await.expect(202);
    let path = format!("{PATH}/{}", posted["id"].as_str().expect("an id"));
    let message = desk.call(&bia(), "GET", &path, None).await.expect(200);
    let file = &message["attachments"][0];
    assert_eq!(file["name"], "tela do erro.png");
    assert_eq!(file["not_scanned"], true);
    let path = format!("{path}/attachments/0");
    let link = desk.call(&bia(), "GET", &path, None).await.expect(200);
    let taken = Request::get(link["url"].as_str().expect("a link")).body(Body::empty());
    let taken = desk.request(taken.expect("a request")).await;
    assert_eq!(taken.text.as_bytes(), content);
    let again = post(&desk, &maria(), &[&made["id"]]).await;
    assert_eq!(
        again.body["errors"][0]["code"], "UPLOAD_UNKNOWN",
        "used once"
    );
}

#[tokio::test]
async fn as_many_files_and_people_as_are_allowed_are_one_message() {
    let desk = desk().await;
    let person =
        |n: usize| json!({ "name": format!("P{n}"), "email": format!("p{n}@example.com") });
    let addresses: Vec<_> = (0..20).map(|n| format!("g{n}@example.com")).collect();
    let snapshot = json!({
        "requester": { "name": "Maria", "email": "maria@example.com" },
        "followers": (0..30).map(person).collect::<Vec<_>>(),
        "responsible": { "name": "Bia", "email": "bia@example.com" },
        "group": { "addresses": addresses },
    });
    desk.call(&integration(), "PUT", "/tickets/1", Some(snapshot))
        .await
        .expect(200);
    let mut ids = Vec::new();
    for n in 0..50 {
        let content = format!("arquivo {n}");
        let name = format!("{n}.txt");
        let made = offer(&desk, &bia(), &name, content.as_bytes()).await;
        put(&desk, &made, content.as_bytes()).await.expect(204);
        ids.push(made["id"].clone());
    }
    let message = json!({ "text": "segue", "attachments": ids });
    let key = [("idempotency-key", "uma-vez")];
    for _ in 0..2 {
        let posted = desk
            .call_with(&bia(), "POST", PATH, &key, Some(message.clone()))
            .await;
        let posted = posted.expect(202);
        assert!(posted["deliveries"].as_array().expect("deliveries").len() > 30);
    }
    let listed = desk.call(&bia(), "GET", PATH, None).await.expect(200);
    let items = listed["items"].as_array().expect("items");
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["attachments"].as_array().map(Vec::len), Some(50));
    // Everybody leaves at once.
    let nobody = json!({ "requester": { "name": "Zoe", "email": "zoe@example.com" } });
    desk.call(&integration(), "PUT", "/tickets/1", Some(nobody))
        .await
        .expect(200);
}

#[tokio::test]
async fn what_is_refused_is_refused_before_a_byte_travels() {
    let desk = desk().await;
    let limit = Some(json!({ "value": "10" }));
    desk.call(&admin(), "PUT", "/parameters/278", limit)
        .await
        .expect(200);
    let digest = "0".repeat(64);
    for (name, size, sha256, code) in [
        ("a.txt", 11, &digest[..], "ATTACHMENT_TOO_LARGE"),
        ("a.txt", 0, &digest, "ATTACHMENT_EMPTY"),
        ("fatura.pdf.exe", 5, &digest, "EXTENSION_REFUSED"),
        ("pagina.HTML", 5, &digest, "EXTENSION_REFUSED"),
        (" ", 5, &digest, "NAME_MISSING"),
        ("a.txt", 5, &digest[1..], "DIGEST_INVALID"),
    ] {
        let body = json!({ "name": name, "size": size, "sha256": sha256 });
        let refused = desk.call(&bia(), "POST", OFFERS, Some(body)).await;
        assert_eq!(refused.body["errors"][0]["code"], code, "{name}");
        refused.expect(422);
    }
    // An offer takes the file that it was made for, and no other.
    let made = offer(&desk, &bia(), "a.txt", b"12345").await;
    put(&desk, &made, b"54321").await.expect(422);
    put(&desk, &made, b"123").await.expect(422);
    put(&desk, &made, b"123456789").await.expect(413);
    let forged = json!({ "url": "/uploads/aAAAA" });
    put(&desk, &forged, b"12345").await.expect(404);
    let missing = post(&desk, &bia(), &[&made["id"]]).await;
    assert_eq!(missing.body["errors"][0]["code"], "UPLOAD_MISSING");
    put(&desk, &made, b"12345").await.expect(204);
    // It is of its sender.
    let fabio = person("requester", "fabio@example.com", &[]);
    let refused = post(&desk, &fabio, &[&made["id"]]).await;
    assert_eq!(refused.body["errors"][0]["code"], "UPLOAD_UNKNOWN");
    let twice = post(&desk, &bia(), &[&made["id"], &made["id"]]).await;
    assert_eq!(twice.body["errors"][0]["code"], "UPLOAD_TWICE");
    let list = desk.call(&bia(), "GET", PATH, None).await.expect(200);
    assert_eq!(list["items"], json!([]), "nothing was posted");
    post(&desk, &bia(), &[&made["id"]]).await.expect(202);
}

#[tokio::test]
async fn the_same_key_is_one_offer_and_without_files_there_is_none() {
    let desk = desk().await;
    let key = [("idempotency-key", "k")];
    let body = Some(offered("a.txt", b"1"));
    let first = desk
        .call_with(&bia(), "POST", OFFERS, &key, body.clone())
        .await;
    let again = desk
        .call_with(&bia(), "POST", OFFERS, &key, body.clone())
        .await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(first.expect(201), again.expect(201));
    let me = desk.call(&bia(), "GET", "/me", None).await.expect(200);
    assert_eq!(me["can"]["attach"], true);
    let without = Desk::new();
    without.ticket("1").await;
    let me = without.call(&bia(), "GET", "/me", None).await.expect(200);
    assert_eq!(me["can"]["attach"], false);
    let refused = without.call(&bia(), "POST", OFFERS, body).await;
    refused.expect(409);
}

/// Who may not write may not put files either, and `/me` says the same as both.
#[tokio::test]
async fn where_nobody_may_write_no_file_is_offered() {
    let desk = desk().await;
    let set = async |number: u16, value: &str| {
        let path = format!("/parameters/{number}");
        let body = Some(json!({ "value": value }));
        let any = [("if-match", "*")];
        let set = desk.call_with(&admin(), "PUT", &path, &any, body).await;
        set.expect(200);
    };
    let on_behalf = json!({ "text": "x", "author": { "name": "Ana", "email": "ana@example.com", "role": "technician" } });
    for (messages, portal) in [("S", "S"), ("S", "N"), ("N", "S"), ("N", "N")] {
        set(299, messages).await;
        set(252, portal).await;
        for who in [maria(), bia(), integration()] {
            let text = match who == integration() {
                true => on_behalf.clone(),
                false => json!({ "text": "x" }),
            };
            let posted = desk.call(&who, "POST", PATH, Some(text)).await;
            let offer = Some(offered("a.txt", b"1"));
            let offer = desk.call(&who, "POST", OFFERS, offer).await;
            let case = format!("299 {messages} 252 {portal} {who}: {}", offer.text);
            assert_eq!(offer.code(), posted.code(), "{case}");
            let off = messages == "N" || portal == "N" && who == maria();
            assert_eq!(offer.status.as_u16(), if off { 403 } else { 201 }, "{case}");
            let me = desk.call(&who, "GET", "/me", None).await.expect(200);
            assert_eq!(me["can"]["attach"], !off, "{case}");
            assert_eq!(
                me["can"]["write_reason"].as_str().unwrap_or_default(),
                offer.code()
            );
        }
    }
}
