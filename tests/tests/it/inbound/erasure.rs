//! A person's data is erased: everywhere, to the end, with a record, and once.

use domain::{
    delivery::{Delivery, DeliveryStatus, SentMail},
    id::TemplateId,
    suppression::{Cause, Suppression},
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use storage::{Item, Storage, Write, keys};

use super::world::{DOMAIN, TICKET, World, accepted, mail, quarantined};
use crate::http::{Answer, admin, bia, integration, maria};

const MARIA: &str = "maria@example.com";

async fn erase(world: &World, address: &str) -> Answer {
    let body = json!({ "address": address, "reason": "pedido de maria@example.com, protocolo 7" });
    world
        .desk
        .call(&admin(), "POST", "/erasures", Some(body))
        .await
}

async fn put(world: &World, ticket: &str, snapshot: Value) {
    let path = format!("/tickets/{ticket}");
    let put = world
        .desk
        .call(&integration(), "PUT", &path, Some(snapshot))
        .await;
    assert!(put.status.is_success(), "{}", put.text);
}

/// Maria everywhere: on her ticket, on one that she left, in mails, lists and marks.
async fn full() -> World {
    let world = World::new().await;
    let headers = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
    let parts = "--b\r\nContent-Type: text/plain\r\n\r\nMinha senha e GIRASSOL, alguem me ajuda?\r\n--b\r\n\
        Content-Type: text/plain\r\nContent-Disposition: attachment; filename=\"cpf.txt\"\r\n\r\nGIRASSOL\r\n--b--";
    let to = world.reply_to(MARIA);
    accepted(
        world
            .take(mail("Maria Souza <maria@example.com>", &to, headers, parts))
            .await,
    );
    let forged = format!("reply+xxxx@{DOMAIN}");
    quarantined(
        world
            .take(mail(
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
    world
        .desk
        .call(&bia(), "POST", &path, Some(message))
        .await
        .expect(202);
    let newest = world.conversation(&maria()).await.pop().unwrap();
    let mark = json!({ "message_id": newest["id"] });
    let path = format!("/tickets/{TICKET}/read");
    world
        .desk
        .call(&maria(), "PUT", &path, Some(mark))
        .await
        .expect(200);
    let wishes = json!({ "locale": "es", "mute_automatic": true });
    world
        .desk
        .call(&maria(), "PUT", "/me/preferences", Some(wishes))
        .await
        .expect(200);
    // She wrote on another one, and is not on it any more.
    put(
        &world,
        "4712",
        json!({ "requester": { "name": "Maria Souza", "email": MARIA },
        "contact_details": "ramal da Maria", "description": "GIRASSOL 3",
        "responsible": { "email": "bia@example.com" }, "extra": { "CHEFE": "Maria Souza" } }),
    )
    .await;
    let message = json!({ "text": "GIRASSOL 4" });
    let path = "/tickets/4712/messages";
    world
        .desk
        .call(&maria(), "POST", path, Some(message))
        .await
        .expect(202);
    put(
        &world,
        "4712",
        json!({ "requester": { "name": "Joana", "email": "joana@example.com" },
        "responsible": { "email": "bia@example.com" } }),
    )
    .await;
    world
}

fn left(world: &World, words: &[&str]) -> Vec<String> {
    let lines = world.store.items().into_iter().map(|item| {
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
    let world = full().await;
    assert_eq!(world.stored().len(), 1);
    let before = left(&world, &["girassol", MARIA]);
    assert!(before.len() > 8, "{before:#?}");
    let answer = erase(&world, "Maria@Example.com").await;
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
    let found: Vec<_> = left(&world, &["girassol", MARIA, "souza", "ramal"])
        .into_iter()
        .filter(|line| line.replace("ana.maria@", "").contains(MARIA) || !line.contains(MARIA))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
    assert_eq!(world.stored(), Vec::<String>::new());
    let raw = world
        .app
        .files
        .as_ref()
        .unwrap()
        .get("inbound/mail-0", 1_000_000)
        .await;
    assert_eq!(raw.unwrap(), None);
    // The conversation goes on without her; others keep what is theirs.
    let conversation = world.conversation(&bia()).await;
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
    world
        .desk
        .call(&maria(), "GET", &path, None)
        .await
        .expect(404);
    world
        .desk
        .call(&bia(), "GET", &path, None)
        .await
        .expect(200);
}

#[tokio::test]
async fn once_more_finds_nothing_and_each_has_its_record() {
    let world = full().await;
    let first = erase(&world, MARIA).await.expect(200);
    let items = world.store.items();
    world.later(SignedDuration::from_mins(1));
    let second = erase(&world, MARIA).await.expect(200);
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
        world.store.items().len(),
        items.len() + 1,
        "its record alone"
    );
    let list = world.desk.call(&admin(), "GET", "/erasures", None).await;
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
    let world = full().await;
    let now = world.app.now();
    let mut claimed = None;
    for item in world.store.items() {
        let Ok(mut delivery) = item.decode::<Delivery>() else {
            continue;
        };
        if delivery.to.address == MARIA && claimed.is_none() {
            let mail = SentMail {
                attempt: 1,
                sha256: String::new(),
                size: 1,
                template: TemplateId::FIRST,
                template_version: 1,
                provider_id: None,
            };
            delivery.claim(now, now + SignedDuration::from_secs(90), mail);
            let item = service::outgoing::deliveries::item(&delivery).unwrap();
            world.store.commit(vec![Write::put(item)]).await.unwrap();
            claimed = Some(delivery);
        }
    }
    let mut delivery = claimed.expect("a delivery to Maria");
    for _ in 0..2 {
        let record = erase(&world, MARIA).await.expect(202);
        assert_eq!(
            (&record["status"], &record["finished_at"]),
            (&json!("running"), &Value::Null)
        );
    }
    // Others go on writing meanwhile, on tickets that were looked through already.
    let path = format!("/tickets/{TICKET}/messages");
    let author = json!({ "name": "Maria Souza", "email": MARIA, "role": "technician" });
    let message = json!({ "text": "GIRASSOL 3", "author": author, "notify": false });
    let posted = world
        .desk
        .call(&integration(), "POST", &path, Some(message))
        .await;
    posted.expect(202);
    put(
        &world,
        "4799",
        json!({ "requester": { "name": "Maria Souza", "email": MARIA }, "description": "GIRASSOL 4" }),
    )
    .await;
    delivery.fail(domain::reason::Reason::Rejected, None, now);
    assert_eq!(delivery.status, DeliveryStatus::Failed);
    let item = service::outgoing::deliveries::item(&delivery).unwrap();
    world.store.commit(vec![Write::put(item)]).await.unwrap();
    let record = erase(&world, MARIA).await.expect(200);
    assert_eq!(record["status"], "done");
    let found: Vec<_> = left(&world, &[MARIA, "girassol 3", "girassol 4"])
        .into_iter()
        .filter(|line| line.contains("GIRASSOL") || line.replace("ana.maria@", "").contains(MARIA))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
    let list = world
        .desk
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
        let world = full().await;
        let detail = Some("550 maria@example.com".to_owned());
        let known = Suppression::new("Maria@example.com", cause, None, detail, world.app.now());
        let item = Item::new(keys::suppression(MARIA), "suppression", &known).unwrap();
        world.store.commit(vec![Write::put(item)]).await.unwrap();
        let record = erase(&world, MARIA).await.expect(200);
        assert_eq!(record["suppression_kept"], kept);
        let list = world
            .desk
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
    let world = World::new().await;
    for (address, code) in [
        ("desk@example.org", "SYSTEM_ADDRESS"),
        ("reply+x@reply.example.org", "SYSTEM_ADDRESS"),
        ("maria", "ADDRESS_INVALID"),
    ] {
        let refused = erase(&world, address).await;
        assert_eq!(refused.body["errors"][0]["code"], code, "{}", refused.text);
        refused.expect(422);
    }
    let body = json!({ "address": MARIA, "reason": " " });
    let refused = world
        .desk
        .call(&admin(), "POST", "/erasures", Some(body))
        .await;
    assert_eq!(refused.body["errors"][0]["code"], "REASON_MISSING");
}
