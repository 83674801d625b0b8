//! Deliveries that need somebody: in the list while they do, and no longer.

use domain::{
    delivery::{Delivery, DeliveryStatus},
    reason::Reason,
};
use jiff::SignedDuration;
use mail::ses_event::{BounceType, Happening};
use serde_json::{Value, json};
use service::feedback::Applied;
use storage::{Storage, keys};
use transport::Outcome;

use super::feedback::SES;
use super::feedback::bounce;
use super::feedback::complaint;
use super::feedback::delivered;
use super::feedback::tell;
use super::transport::Act;
use crate::desk::{Desk, MARIA, NUMBER, TICKET, admin, bia, maria, person};

async fn listed(desk: &Desk, claims: &Value, query: &str) -> Vec<Value> {
    let path = format!("/deliveries{query}");
    let page = desk.call(claims, "GET", &path, None).await.expect(200);
    page["items"].as_array().expect("items").clone()
}

/// State and reason of each.
async fn states(desk: &Desk, claims: &Value, query: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = listed(desk, claims, query).await;
    let pair = |row: &Value| (text(&row["status"]), text(&row["reason"]));
    rows.iter().map(pair).collect()
}

async fn reject(desk: &Desk, delivery: &Delivery) {
    let reason = "Bad content".to_owned();
    tell(desk, delivery, &Happening::Reject { reason }).await;
}

#[tokio::test]
async fn every_end_that_needs_somebody_is_listed_newest_first_and_counted() {
    let desk = Desk::sending_with(SES).await;
    // One ticket each, so that no suppression of one stands in the way of another.
    let mut sent = Vec::new();
    for number in 0..5 {
        let (ticket, address) = (format!("{number}"), format!("r{number}@example.com"));
        desk.ticket_of(&ticket, &address).await;
        if number == 3 {
            let refused = Outcome::Refused {
                code: Reason::BadRequest,
                reason: String::new(),
            };
            desk.transport.to(&address, Some(refused));
        }
        let posted = desk.post_on(&ticket, "Olá").await;
        desk.sender.send_queued(desk.items(&posted).await).await;
        sent.push(desk.delivery(&posted).await);
        desk.wait(SignedDuration::from_secs(1));
    }
    assert!(listed(&desk, &admin(), "?reason=BOUNCED").await.is_empty());
    tell(&desk, &sent[0], &bounce(BounceType::Permanent)).await;
    desk.wait(SignedDuration::from_secs(1));
    tell(&desk, &sent[1], &complaint()).await;
    desk.wait(SignedDuration::from_secs(1));
    reject(&desk, &sent[2]).await;
    // The fourth failed at once, the fifth stays without news.
    for _ in 0..2 {
        desk.wait(SignedDuration::from_hours(73));
        desk.sender.sweep().await.unwrap();
    }
    let all: Vec<String> = states(&desk, &admin(), "")
        .await
        .into_iter()
        .map(|one| one.0)
        .collect();
    assert_eq!(all[0], "unconfirmed", "{all:?}");
    assert_eq!(
        &all[all.len() - 4..],
        ["rejected", "complained", "bounced", "failed"],
        "{all:?}"
    );
    let counts = desk
        .call(&admin(), "GET", "/deliveries/counts", None)
        .await
        .expect(200);
    for state in ["bounced", "complained", "rejected", "failed"] {
        assert_eq!(counts["by_status"][state], 1, "{counts}");
    }
    assert_eq!(counts["complete"], true);
    assert_eq!(counts["total"], all.len());
    let reasons = counts["by_reason"].as_array().unwrap();
    assert!(
        reasons
            .iter()
            .any(|one| one["reason"] == "BOUNCED" && one["count"] == 1)
    );
    assert_eq!(states(&desk, &admin(), "?status=bounced").await.len(), 1);
    assert_eq!(
        states(&desk, &admin(), "?ticket=1").await[0].0,
        "complained"
    );
    assert_eq!(
        states(&desk, &admin(), "?ticket=1&status=bounced")
            .await
            .len(),
        0
    );
    // The same list, one by one.
    let (mut cursor, mut read) = (String::new(), Vec::new());
    loop {
        let path = format!("/deliveries?limit=1{cursor}");
        let page = desk.call(&admin(), "GET", &path, None).await.expect(200);
        read.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(read, listed(&desk, &admin(), "").await);
    // Whoever works on none of the tickets sees nothing of them, and a requester has no such list.
    let other = person("technician", "otto@example.com", &[]);
    assert!(listed(&desk, &other, "").await.is_empty());
    let none = desk
        .call(&other, "GET", "/deliveries/counts", None)
        .await
        .expect(200);
    assert_eq!(none["total"], 0);
    assert_eq!(
        desk.call(&other, "GET", "/deliveries?ticket=1", None)
            .await
            .status,
        404
    );
    assert_eq!(
        desk.call(&maria(), "GET", "/deliveries", None).await.status,
        403
    );
    assert_eq!(listed(&desk, &bia(), "").await.len(), all.len());
}

#[tokio::test]
async fn an_unknown_one_is_listed_once_its_event_is_late_and_leaves_when_it_is_sent_again() {
    let desk = Desk::sending_with(SES).await;
    desk.transport.then(Act::Answer(Outcome::Unknown {
        reason: "no answer".to_owned(),
    }));
    let (posted, delivery) = desk.send("Olá").await;
    assert_eq!(delivery.status, DeliveryStatus::Unknown);
    assert!(
        listed(&desk, &bia(), "").await.is_empty(),
        "its event may still come"
    );
    desk.wait(SignedDuration::from_mins(16));
    desk.sender.sweep().await.unwrap();
    let rows = listed(&desk, &bia(), "").await;
    assert_eq!((rows.len(), &rows[0]["status"]), (1, &json!("unknown")));
    assert_eq!(rows[0]["send_again"], true);
    assert_eq!(rows[0]["ticket_title"], "Senha");
    let path = format!(
        "/tickets/{TICKET}/messages/{}/deliveries/{}/resend",
        posted.id, delivery.id
    );
    desk.call(&bia(), "POST", &path, None).await.expect(202);
    assert!(listed(&desk, &bia(), "").await.is_empty());
    let key = keys::attention(&NUMBER, delivery.id);
    assert_eq!(desk.store.get(&[key]).await.unwrap(), [None]);
}

#[tokio::test]
async fn one_leaves_the_list_when_news_comes_or_somebody_dismisses_it_until_it_changes() {
    let desk = Desk::sending_with(SES).await;
    let (posted, delivery) = desk.send("Olá").await;
    let path = format!(
        "/tickets/{TICKET}/messages/{}/deliveries/{}/dismiss",
        posted.id, delivery.id
    );
    let early = desk.call(&bia(), "POST", &path, Some(json!({}))).await;
    assert_eq!(
        (early.status.as_u16(), early.code()),
        (409, "STATE_CONFLICT")
    );
    tell(&desk, &delivery, &bounce(BounceType::Permanent)).await;
    let row = listed(&desk, &bia(), "").await.remove(0);
    assert_eq!(
        (&row["id"], &row["to"]),
        (&json!(delivery.id), &json!(MARIA))
    );
    let tickets = desk.call(&bia(), "GET", "/tickets", None).await.expect(200);
    assert_eq!(
        tickets["items"][0]["attention"],
        json!({"count": 1, "worst": "bounced"})
    );
    let requester = desk
        .call(&maria(), "GET", "/tickets", None)
        .await
        .expect(200);
    assert!(
        requester["items"][0].get("attention").is_none(),
        "{requester}"
    );
    let long = desk
        .call(
            &bia(),
            "POST",
            &path,
            Some(json!({"reason": "x".repeat(501)})),
        )
        .await;
    assert_eq!(long.status, 422);
    for _ in 0..2 {
        let body = Some(json!({"reason": " ligou "}));
        let report = desk.call(&bia(), "POST", &path, body).await.expect(200);
        assert_eq!(report["dismissed"]["reason"], "ligou");
        assert_eq!(report["dismissed"]["by_name"], "bia");
        let steps = report["timeline"].as_array().unwrap().iter();
        assert_eq!(steps.filter(|step| step["step"] == "dismissed").count(), 1);
    }
    assert!(listed(&desk, &bia(), "").await.is_empty());
    let tickets = desk.call(&bia(), "GET", "/tickets", None).await.expect(200);
    assert!(tickets["items"][0].get("attention").is_none());
    // The same event again changes nothing; another end is news.
    assert_eq!(
        tell(&desk, &delivery, &bounce(BounceType::Permanent)).await,
        Applied::Known
    );
    assert!(listed(&desk, &bia(), "").await.is_empty());
    tell(&desk, &delivery, &complaint()).await;
    assert_eq!(states(&desk, &bia(), "").await[0].0, "complained");
}

#[tokio::test]
async fn what_arrived_after_all_is_off_the_list() {
    let desk = Desk::sending_with(SES).await;
    let (_, delivery) = desk.send("Olá").await;
    for _ in 0..2 {
        desk.wait(SignedDuration::from_hours(73));
        desk.sender.sweep().await.unwrap();
    }
    assert_eq!(states(&desk, &bia(), "").await[0].0, "unconfirmed");
    tell(&desk, &delivery, &delivered()).await;
    assert!(listed(&desk, &bia(), "").await.is_empty());
}

#[tokio::test]
async fn what_is_held_is_listed_on_request_and_a_suppressed_one_always() {
    let desk = Desk::sending_with(SES).await;
    desk.ticket_of("2", "rui@example.com").await;
    let (_, delivery) = desk.send("Olá").await;
    tell(&desk, &delivery, &complaint()).await;
    desk.send("retido").await;
    desk.set(297, "S").await;
    let stopped = desk.post_on("2", "parado").await;
    desk.sender.send_queued(desk.items(&stopped).await).await;
    let reasons = |pairs: Vec<(String, String)>| -> Vec<String> {
        pairs
            .into_iter()
            .filter(|one| one.0 == "held")
            .map(|one| one.1)
            .collect()
    };
    assert_eq!(reasons(states(&desk, &admin(), "").await), ["SUPPRESSED"]);
    let held = reasons(states(&desk, &admin(), "?status=held").await);
    assert!(held.starts_with(&["SUPPRESSED".to_owned()]), "{held:?}");
    assert!(held.contains(&"KILL_SWITCH".to_owned()), "{held:?}");
    // What holds all mail alike is looked for without its state as well.
    let by_reason = states(&desk, &admin(), "?reason=KILL_SWITCH").await;
    assert_eq!(reasons(by_reason), ["KILL_SWITCH"]);
    let of_ticket = states(&desk, &admin(), "?status=held&ticket=2").await;
    assert_eq!(reasons(of_ticket), ["KILL_SWITCH"]);
    let only = states(&desk, &admin(), "?status=held&reason=KILL_SWITCH&limit=1").await;
    assert_eq!(only.len(), 1);
    // By pages of one, nothing is lost or told twice.
    let (mut cursor, mut read) = (String::new(), 0);
    loop {
        let path = format!("/deliveries?status=held&limit=1{cursor}");
        let page = desk.call(&admin(), "GET", &path, None).await.expect(200);
        read += page["items"].as_array().unwrap().len();
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(read, held.len());
    let counts = desk
        .call(&admin(), "GET", "/deliveries/counts", None)
        .await
        .expect(200);
    assert_eq!(counts["by_status"]["held"], held.len());
}

#[tokio::test]
async fn a_filter_that_the_list_never_shows_is_refused_with_those_that_it_does() {
    let desk = Desk::new();
    for (query, shown) in [
        ("reason=x", "BOUNCED"),
        ("reason=THROTTLED", "SUPPRESSED"),
        ("reason=COALESCED", "KILL_SWITCH"),
        ("status=delivered", "unconfirmed"),
        ("status=queued", "held"),
    ] {
        let path = format!("/deliveries?{query}");
        let told = desk.call(&bia(), "GET", &path, None).await.expect(400);
        let message = told["errors"][0]["message"].as_str().expect("a message");
        assert!(
            message.contains(&format!("`{shown}`")),
            "{query}: {message}"
        );
        assert!(!message.contains("`delivered`, `"), "{query}: {message}");
    }
    for query in ["reason=", "reason=BOUNCED&status=bounced", "ticket="] {
        assert!(listed(&desk, &bia(), &format!("?{query}")).await.is_empty());
    }
}

#[tokio::test]
async fn many_are_dismissed_each_on_its_own() {
    let desk = Desk::sending_with(SES).await;
    let (_, bad) = desk.send("Olá").await;
    let (_, good) = desk.send("de novo").await;
    tell(&desk, &bad, &bounce(BounceType::Transient)).await;
    let which = |delivery: &Delivery| json!({"ticket_id": delivery.ticket_id, "message_id": delivery.message_id, "id": delivery.id});
    let mut foreign = which(&bad);
    foreign["ticket_id"] = json!("none");
    let body = json!({"deliveries": [which(&bad), which(&good), foreign], "reason": "queda"});
    let answer = desk
        .call(&bia(), "POST", "/deliveries/dismiss", Some(body.clone()))
        .await
        .expect(200);
    let items = answer["items"].as_array().unwrap();
    let codes: Vec<_> = items.iter().map(|one| one["code"].as_str()).collect();
    assert_eq!(codes, [None, Some("STATE_CONFLICT"), Some("NOT_FOUND")]);
    assert_eq!(items[0]["dismissed"], true);
    assert!(listed(&desk, &bia(), "").await.is_empty());
    for wrong in [json!([]), json!(vec![which(&bad); 101])] {
        let body = Some(json!({"deliveries": wrong}));
        let refused = desk
            .call(&bia(), "POST", "/deliveries/dismiss", body)
            .await
            .expect(422);
        assert_eq!(refused["errors"][0]["field"], "deliveries");
    }
}

#[tokio::test]
async fn the_list_and_the_counts_cost_a_bounded_number_of_calls() {
    let desk = Desk::sending_with(SES).await;
    for _ in 0..3 {
        let (_, delivery) = desk.send("Olá").await;
        reject(&desk, &delivery).await;
    }
    desk.store.calls();
    assert_eq!(listed(&desk, &bia(), "").await.len(), 3);
    // The partitions of the list, the tickets, the deliveries.
    assert_eq!(desk.store.calls(), keys::SHARDS as usize + 2);
    desk.call(&admin(), "GET", "/deliveries/counts", None)
        .await
        .expect(200);
    assert_eq!(
        desk.store.calls(),
        (keys::SHARDS + keys::DUE_SHARDS) as usize
    );
    // The list of tickets is two more queries for the desk: what of each needs somebody, and which groups
    // list the address.
    desk.call(&maria(), "GET", "/tickets", None)
        .await
        .expect(200);
    let requester = desk.store.calls();
    desk.call(&bia(), "GET", "/tickets", None).await.expect(200);
    assert_eq!(desk.store.calls(), requester + 2);
}

#[tokio::test]
async fn what_is_sent_again_in_bulk_leaves_the_list_and_its_tickets() {
    let desk = Desk::sending_with(SES).await;
    for _ in 0..2 {
        let (_, delivery) = desk.send("Olá").await;
        tell(&desk, &delivery, &bounce(BounceType::Transient)).await;
    }
    assert_eq!(listed(&desk, &admin(), "").await.len(), 2);
    let wanted = json!({"statuses": ["bounced"], "ticket_id": TICKET});
    let done = desk
        .call(&admin(), "POST", "/deliveries/resend", Some(wanted))
        .await;
    assert!(done.status.is_success(), "{}", done.text);
    assert!(listed(&desk, &admin(), "").await.is_empty());
    let tickets = desk.call(&bia(), "GET", "/tickets", None).await.expect(200);
    assert!(tickets["items"][0].get("attention").is_none(), "{tickets}");
}
