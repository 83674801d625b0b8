//! A person's data is erased: everywhere, to the end, with a record, and once.

use domain::{
    delivery::{Delivery, DeliveryStatus, SentMail},
    id::TemplateId,
    suppression::{Cause, Suppression},
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use storage::{Item, Storage, Write, keys};
use tests::memory::Memory;

use crate::desk::{
    Answer, DOMAIN, Desk, TICKET, accepted, admin, bia, integration, mail, maria, quarantined,
};

const MARIA: &str = "maria@example.com";

async fn erase(desk: &Desk<Memory>, address: &str) -> Answer {
    let body = json!({ "address": address, "reason": "pedido de maria@example.com, protocolo 7" });
    desk.call(&admin(), "POST", "/erasures", Some(body)).await
}

async fn put(desk: &Desk<Memory>, ticket: &str, snapshot: Value) {
    let path = format!("/tickets/{ticket}");
    let put = desk
        .call(&integration(), "PUT", &path, Some(snapshot))
        .await;
    assert!(put.status.is_success(), "{}", put.text);
}

/// Maria everywhere: on her ticket, on one that she left, in mails, lists and marks.
async fn full() -> Desk<Memory> {
    let desk = Desk::receiving().await;
    let headers = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
    let parts = "--b\r\nContent-Type: text/plain\r\n\r\nMinha senha e GIRASSOL, alguem me ajuda?\r\n--b\r\n\
        Content-Type: text/plain\r\nContent-Disposition: attachment; filename=\"cpf.txt\"\r\n\r\nGIRASSOL\r\n--b--";
    let to = desk.reply_to(MARIA);
    accepted(
        desk.take(mail("Maria Souza <maria@example.com>", &to, headers, parts))
            .await,
    );
    let forged = format!("reply+xxxx@{DOMAIN}");
    quarantined(
        desk.take(mail(
            "Maria Souza <Maria@example.com>",
            &forged,
            "",
            "GIRASSOL 2",
        ))
        .await,
    );
    let text = "Liguei para maria@example.com e para ana.maria@example.com.";
    let path = format!("/tickets/{TICKET}/messages");
    let message = json!({ "text": text });
    desk.call(&bia(), "POST", &path, Some(message))
        .await
        .expect(202);
    let newest = desk.conversation(&maria()).await.pop().unwrap();
    let mark = json!({ "message_id": newest["id"] });
    let path = format!("/tickets/{TICKET}/read");
    desk.call(&maria(), "PUT", &path, Some(mark))
        .await
        .expect(200);
    let wishes = json!({ "locale": "es", "mute_automatic": true });
    desk.call(&maria(), "PUT", "/me/preferences", Some(wishes))
        .await
        .expect(200);
    // She wrote on another one, and is not on it any more.
    put(
        &desk,
        "4712",
        json!({ "requester": { "name": "Maria Souza", "email": MARIA },
        "contact_details": "ramal da Maria", "description": "GIRASSOL 3",
        "responsible": { "email": "bia@example.com" }, "extra": { "CHEFE": "Maria Souza" } }),
    )
    .await;
    let message = json!({ "text": "GIRASSOL 4" });
    let path = "/tickets/4712/messages";
    desk.call(&maria(), "POST", path, Some(message))
        .await
        .expect(202);
    put(
        &desk,
        "4712",
        json!({ "requester": { "name": "Joana", "email": "joana@example.com" },
        "responsible": { "email": "bia@example.com" } }),
    )
    .await;
    desk
}

fn left(desk: &Desk<Memory>, words: &[&str]) -> Vec<String> {
    let lines = desk.store.items().into_iter().map(|item| {
        format!(
            "{}/{} {} {:?}",
            item.key.pk, item.key.sk, item.data, item.index
        )
    });
    lines
        .filter(|line| words.iter().any(|word| line.to_lowercase().contains(word)))
        .filter(|line| !line.starts_with("I#"))
        .collect()
}

#[tokio::test]
async fn nothing_of_a_person_is_left() {
    let desk = full().await;
    assert_eq!(desk.stored().len(), 1);
    let before = left(&desk, &["girassol", MARIA]);
    assert!(before.len() > 8, "{before:#?}");
    let answer = erase(&desk, "Maria@Example.com").await;
    let record = answer.expect(200);
    assert_eq!(record["status"], "done");
    assert_eq!(record["address"], "m***@example.com");
    assert_eq!(record["reason"], "pedido de m***@example.com, protocolo 7");
    let counts = &record["erased"];
    assert_eq!(
        (
            &counts["tickets"],
            &counts["messages"],
            &counts["files"],
            &counts["mails"]
        ),
        (&json!(2), &json!(2), &json!(1), &json!(2)),
        "{counts}"
    );
    // The address of somebody else holds hers.
    let found: Vec<_> = left(&desk, &["girassol", MARIA, "souza", "ramal"])
        .into_iter()
        .filter(|line| line.replace("ana.maria@", "").contains(MARIA) || !line.contains(MARIA))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
    assert_eq!(desk.stored(), Vec::<String>::new());
    let raw = desk
        .app
        .files
        .as_ref()
        .unwrap()
        .get("inbound/mail-0", 1_000_000)
        .await;
    assert_eq!(raw.unwrap(), None);
    // The conversation goes on without her; others keep what is theirs.
    let conversation = desk.conversation(&bia()).await;
    assert_eq!(conversation.len(), 2);
    assert_eq!(conversation[0]["author"]["name"], "***");
    assert_eq!(
        conversation[0]["text"],
        "[apagada a pedido de quem a escreveu]"
    );
    assert_eq!(
        conversation[1]["text"],
        "Liguei para *** e para ana.maria@example.com."
    );
    let statuses: Vec<_> = conversation[1]["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["to"].as_str().unwrap().ends_with("@erased.invalid"),
                one["reason"].as_str(),
            )
        })
        .collect();
    assert!(statuses.contains(&(true, Some("ERASED"))), "{statuses:?}");
    let path = format!("/tickets/{TICKET}");
    desk.call(&maria(), "GET", &path, None).await.expect(404);
    desk.call(&bia(), "GET", &path, None).await.expect(200);
}

#[tokio::test]
async fn once_more_finds_nothing_and_each_has_its_record() {
    let desk = full().await;
    let first = erase(&desk, MARIA).await.expect(200);
    let items = desk.store.items();
    desk.wait(SignedDuration::from_mins(1));
    let second = erase(&desk, MARIA).await.expect(200);
    assert_eq!(second["digest"], first["digest"]);
    assert!(
        second["erased"]
            .as_object()
            .unwrap()
            .values()
            .all(|count| count == 0),
        "{second}"
    );
    assert_eq!(
        desk.store.items().len(),
        items.len() + 1,
        "its record alone"
    );
    let list = desk.call(&admin(), "GET", "/erasures", None).await;
    assert!(!list.text.contains("maria@"), "{}", list.text);
    let list = list.expect(200);
    let ids: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(ids, [&second["id"], &first["id"]]);
    assert!(list["items"][0]["by"].as_str().unwrap().len() == 12);
}

/// A mail that is on its way cannot be called back: it is looked at again when it has left.
#[tokio::test]
async fn a_mail_under_way_is_erased_when_it_has_left() {
    let desk = full().await;
    let now = desk.app.now();
    let mut delivery = lease(&desk).await;
    for _ in 0..2 {
        let record = erase(&desk, MARIA).await.expect(202);
        assert_eq!(
            (&record["status"], &record["finished_at"]),
            (&json!("running"), &Value::Null)
        );
    }
    // Others go on writing meanwhile, on tickets that were looked through already.
    let path = format!("/tickets/{TICKET}/messages");
    let author = json!({ "name": "Maria Souza", "email": MARIA, "role": "technician" });
    let message = json!({ "text": "GIRASSOL 3", "author": author, "notify": false });
    let posted = desk
        .call(&integration(), "POST", &path, Some(message))
        .await;
    posted.expect(202);
    put(
        &desk,
        "4799",
        json!({ "requester": { "name": "Maria Souza", "email": MARIA }, "description": "GIRASSOL 4" }),
    )
    .await;
    delivery.fail(domain::reason::Reason::Rejected, None, now);
    assert_eq!(delivery.status, DeliveryStatus::Failed);
    let item = service::outgoing::deliveries::item(&delivery).unwrap();
    desk.store.commit(vec![Write::put(item)]).await.unwrap();
    let record = erase(&desk, MARIA).await.expect(200);
    assert_eq!(record["status"], "done");
    let found: Vec<_> = left(&desk, &[MARIA, "girassol 3", "girassol 4"])
        .into_iter()
        .filter(|line| line.contains("GIRASSOL") || line.replace("ana.maria@", "").contains(MARIA))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
    let list = desk
        .call(&admin(), "GET", "/erasures", None)
        .await
        .expect(200);
    assert_eq!(
        list["items"].as_array().unwrap().len(),
        1,
        "one erasure, one record"
    );
}

/// Who complained of our mail gets none again for having been forgotten.
#[tokio::test]
async fn a_complaint_stays_and_a_bounce_goes() {
    for (cause, kept) in [(Cause::Complaint, true), (Cause::Bounce, false)] {
        let desk = full().await;
        let detail = Some("550 maria@example.com".to_owned());
        let known = Suppression::new(
            &"Maria@example.com".into(),
            cause,
            None,
            detail,
            desk.app.now(),
        );
        let item = Item::new(keys::suppression(&known.address), "suppression", &known).unwrap();
        desk.store.commit(vec![Write::put(item)]).await.unwrap();
        let record = erase(&desk, MARIA).await.expect(200);
        assert_eq!(record["suppression_kept"], kept);
        let list = desk
            .call(&admin(), "GET", "/suppressions", None)
            .await
            .expect(200);
        let list = list["items"].as_array().unwrap();
        assert_eq!(list.len(), usize::from(kept));
        assert!(
            list.iter()
                .all(|one| one.get("detail").is_none() && one.get("spellings").is_none())
        );
    }
}

#[tokio::test]
async fn the_systems_own_address_is_not_erased() {
    let desk = Desk::receiving().await;
    for (address, code) in [
        ("desk@example.org", "SYSTEM_ADDRESS"),
        ("reply+x@reply.example.org", "SYSTEM_ADDRESS"),
        ("maria", "ADDRESS_INVALID"),
    ] {
        let refused = erase(&desk, address).await;
        assert_eq!(refused.body["errors"][0]["code"], code, "{}", refused.text);
        refused.expect(422);
    }
    let body = json!({ "address": MARIA, "reason": " " });
    let refused = desk.call(&admin(), "POST", "/erasures", Some(body)).await;
    assert_eq!(refused.body["errors"][0]["code"], "REASON_MISSING");
}

/// The first delivery to Maria, put under way.
async fn lease(desk: &Desk<Memory>) -> Delivery {
    let now = desk.app.now();
    let deliveries = desk.store.items();
    let mut deliveries = deliveries
        .iter()
        .filter_map(|item| item.decode::<Delivery>().ok());
    let mut delivery = deliveries
        .find(|delivery| delivery.to.address.as_str() == MARIA)
        .expect("a delivery to Maria");
    let mail = SentMail {
        attempt: 1,
        sha256: String::new(),
        size: 1,
        template: TemplateId::FIRST,
        template_version: 1,
        provider_id: None,
    };
    delivery.take_lease(now, now + SignedDuration::from_secs(90), mail);
    let item = service::outgoing::deliveries::item(&delivery).unwrap();
    desk.store.commit(vec![Write::put(item)]).await.unwrap();
    delivery
}

async fn records(desk: &Desk<Memory>) -> Vec<Value> {
    let list = desk.call(&admin(), "GET", "/erasures", None).await;
    list.expect(200)["items"].as_array().unwrap().clone()
}

/// The sender and everybody else go on writing what is to be erased: what they were faster with is read
/// again, and counted once.
#[tokio::test]
async fn an_erasure_goes_on_beside_those_who_write_meanwhile() {
    let alone = erase(&full().await, MARIA).await.expect(200);
    for lost in [1, 2, 5] {
        let desk = full().await;
        desk.store.lose_commits(lost);
        let record = erase(&desk, MARIA).await.expect(200);
        assert_eq!(record["erased"], alone["erased"], "{lost} lost");
        let found = left(&desk, &["girassol"]);
        assert!(found.is_empty(), "{found:#?}");
    }
}

/// Of several calls at once one works, and the others say how far it is: one record with all counts.
#[tokio::test]
async fn two_calls_at_once_are_one_erasure() {
    let alone = erase(&full().await, MARIA).await.expect(200);
    let desk = full().await;
    // The first waits after races that it lost, so that the second comes meanwhile.
    desk.store.lose_commits(2);
    let (first, second) = tokio::join!(erase(&desk, MARIA), erase(&desk, MARIA));
    let (first, second) = (first.expect(200), second.expect(202));
    assert_eq!(second["status"], "running");
    assert_eq!(second["id"], first["id"]);
    assert_eq!(first["erased"], alone["erased"]);
    assert_eq!(records(&desk).await, [first]);
}

/// A call that broke off leaves the turn to the next one once it is over.
#[tokio::test]
async fn an_erasure_that_broke_off_is_gone_on_with() {
    let desk = full().await;
    desk.store.lose_commits(2);
    let second = tokio::select! {
        biased;
        _ = erase(&desk, MARIA) => panic!("it did not wait"),
        second = erase(&desk, MARIA) => second.expect(202),
    };
    desk.wait(SignedDuration::from_secs(61));
    let done = erase(&desk, MARIA).await.expect(200);
    assert_eq!(done["id"], second["id"]);
    assert_eq!(records(&desk).await, [done]);
}

/// With an idempotency key the same request goes on until it is done, and is then answered again; the
/// key of one erasure is not taken for another.
#[tokio::test]
async fn an_idempotency_key_is_that_of_one_erasure() {
    let desk = full().await;
    let mut delivery = lease(&desk).await;
    let call = async |address: &str| {
        let body = json!({ "address": address, "reason": "protocolo 7" });
        let key = [("idempotency-key", "k")];
        desk.call_with(&admin(), "POST", "/erasures", &key, Some(body))
            .await
    };
    let first = call(MARIA).await;
    assert_eq!(first.header("idempotent-replayed"), "");
    let first = first.expect(202);
    let before = left(&desk, &["ana.maria@example.com"]);
    for address in ["ana.maria@example.com", "joana@example.com"] {
        let other = call(address).await;
        assert_eq!(other.code(), "IDEMPOTENCY_MISMATCH", "{}", other.text);
        other.expect(422);
    }
    assert_eq!(left(&desk, &["ana.maria@example.com"]), before);
    delivery.fail(domain::reason::Reason::Rejected, None, desk.app.now());
    let item = service::outgoing::deliveries::item(&delivery).unwrap();
    desk.store.commit(vec![Write::put(item)]).await.unwrap();
    let done = call(MARIA).await;
    assert_eq!(done.header("idempotent-replayed"), "", "it goes on");
    let done = done.expect(200);
    assert_eq!(done["id"], first["id"]);
    for _ in 0..2 {
        let again = call(MARIA).await;
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.expect(200), done);
    }
    assert_eq!(records(&desk).await, [done]);
}
