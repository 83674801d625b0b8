//! Who sees what of tickets of theirs and of others.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::routes::{ROLES, ROUTES, Right, Route};
use crate::desk::{Desk, admin, bia, integration, maria, person};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A message of Bia on ticket `id` with a word that nobody else may read.
async fn secret(desk: &Desk, id: &str) -> String {
    desk.ticket(id).await;
    let message = json!({ "text": "PALAVRA-SECRETA", "visibility": "internal" });
    let posted = desk.message(&bia(), id, message).await;
    posted["id"].as_str().expect("an id").to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A stranger of any role but admin gets the same answer for a ticket that exists as for one
    /// that does not, on every route, and no word of it. On a route that is not for their role that
    /// answer is the role.
    #[test]
    fn a_stranger_learns_nothing(
        route in prop::sample::select(ROUTES.iter().filter(|route| route.path.starts_with("/tickets/{")).collect::<Vec<_>>()),
        role in prop::sample::select(&["requester", "technician"][..]),
        email in "[a-z]{1,8}@(example\\.com|other\\.example)",
        group in prop::sample::select(&["N2", "n1x", "N 1"][..]),
        id in "[A-Za-z0-9._-]{1,12}",
    ) {
        prop_assume!(!["maria", "fabio", "bia", "n1"].contains(&email.split('@').next().unwrap_or_default()));
        runtime().block_on(async {
            let desk = Desk::new();
            let message = secret(&desk, &id).await;
            let stranger = person(role, &email, &[group]);
            let path = route.path.replace("{message}", &message).replace("{delivery}", &message).replace("{number}", "0");
            let there = desk.call(&stranger, route.method, &path.replace("{ticket}", &id), route.body(&message)).await;
            let absent = desk.call(&stranger, route.method, &path.replace("{ticket}", &format!("{id}-")), route.body(&message)).await;
            let desk_alone = role == "requester" && route.right == Right::DeskOfTicket;
            let no_role = desk_alone || matches!(route.right, Right::Admin | Right::Snapshots);
            prop_assert_eq!(there.status, if no_role { 403 } else { 404 });
            prop_assert_eq!(there.status, absent.status);
            prop_assert_eq!(there.code(), absent.code());
            prop_assert_eq!(&there.body["detail"], &absent.body["detail"]);
            prop_assert!(!there.text.contains("SECRETA") && !there.text.contains("maria"));
            Ok(())
        })?;
    }
}

/// Whoever lacks the role of a route learns that, and not what is wrong with what they sent.
#[tokio::test]
async fn the_role_is_asked_before_the_request_is_read() {
    let desk = Desk::new();
    let closed = |route: &&Route| !matches!(route.right, Right::Open | Right::Token);
    let mut wrong = Vec::new();
    for route in ROUTES.iter().filter(closed) {
        let lacks = |role: &&&str| !route.right.roles().contains(*role);
        for role in ROLES.iter().chain(&["stranger"]).filter(lacks) {
            // Nothing of it can be read: path, query, If-Match, body.
            let unreadable = route.path.replace('{', "%20").replace('}', "");
            let request = crate::desk::request(
                &person(role, "x@example.com", &[]),
                route.method,
                &format!("{unreadable}?limit=x&status=x"),
                &[("idempotency-key", ""), ("if-match", "x")],
                axum::body::Body::from("{".repeat(2 * 1024 * 1024)),
            );
            let answer = desk.request(request).await;
            if (answer.status.as_u16(), answer.code()) != (403, "FORBIDDEN") {
                let Route { method, path, .. } = route;
                wrong.push(format!("{method} {path} by {role}: {}", answer.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn participants_see_their_side() {
    let desk = Desk::new();
    let internal = secret(&desk, "1").await;
    let fabio = person("requester", "FABIO@example.com", &[]);
    let of_the_group = person("technician", "carla@example.com", &["n1"]);
    for caller in [&maria(), &fabio] {
        let list = desk
            .call(caller, "GET", "/tickets/1/messages", None)
            .await
            .expect(200);
        assert_eq!(list["items"], json!([]), "{caller}");
        desk.call(
            caller,
            "GET",
            &format!("/tickets/1/messages/{internal}"),
            None,
        )
        .await
        .expect(404);
        let ticket = desk
            .call(caller, "GET", "/tickets/1", None)
            .await
            .expect(200);
        assert_eq!(ticket["group"]["addresses"], json!([]));
        assert_eq!(
            ticket["responsible"]["email"]
                .as_str()
                .map(|email| email.contains("bia")),
            Some(false)
        );
    }
    for caller in [&bia(), &of_the_group, &admin()] {
        let list = desk
            .call(caller, "GET", "/tickets/1/messages", None)
            .await
            .expect(200);
        assert_eq!(list["items"][0]["text"], "PALAVRA-SECRETA");
        let one = desk
            .call(
                caller,
                "GET",
                &format!("/tickets/1/messages/{internal}"),
                None,
            )
            .await
            .expect(200);
        assert_eq!(
            one["deliveries"],
            json!([]),
            "an internal message makes no mail"
        );
    }
}

#[tokio::test]
async fn lists_hold_what_is_theirs_newest_first() {
    let desk = Desk::new();
    for id in ["1", "2", "3"] {
        desk.ticket(id).await;
    }
    let other = json!({ "requester": { "email": "other@example.com" }, "group": { "name": "N2" } });
    desk.call(&integration(), "PUT", "/tickets/4", Some(other))
        .await
        .expect(201);
    desk.call(
        &bia(),
        "POST",
        "/tickets/1/messages",
        Some(json!({ "text": "novo" })),
    )
    .await
    .expect(202);
    let ids = async |caller: &Value| -> Vec<String> {
        let mut ids = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = desk
                .call(
                    caller,
                    "GET",
                    &format!("/tickets?limit=2&cursor={cursor}"),
                    None,
                )
                .await
                .expect(200);
            ids.extend(
                page["items"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|t| t["id"].as_str().map(str::to_owned)),
            );
            match page["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => return ids,
            }
        }
    };
    assert_eq!(ids(&maria()).await, ["1", "3", "2"]);
    assert_eq!(ids(&bia()).await, ["1", "3", "2"]);
    assert_eq!(
        ids(&person("technician", "x@example.com", &["N2", "N1"])).await,
        ["1", "4", "3", "2"]
    );
    assert_eq!(ids(&admin()).await, ["1", "4", "3", "2"]);
    assert_eq!(
        ids(&person("requester", "x@example.com", &[])).await,
        [""; 0]
    );
    let unread = desk
        .call(&maria(), "GET", "/tickets?limit=1", None)
        .await
        .expect(200);
    assert_eq!(unread["items"][0]["unread"], 1);
    let read = desk
        .call(&maria(), "GET", "/tickets/1/messages", None)
        .await
        .expect(200);
    let mark = json!({ "message_id": read["items"][0]["id"] });
    desk.call(&maria(), "PUT", "/tickets/1/read", Some(mark))
        .await
        .expect(200);
    let read = desk
        .call(&maria(), "GET", "/tickets?limit=1", None)
        .await
        .expect(200);
    assert_eq!(read["items"][0]["unread"], 0);
}

#[tokio::test]
async fn who_leaves_a_ticket_sees_it_no_more() {
    let desk = Desk::new();
    desk.ticket("1").await;
    let moved = json!({ "requester": { "email": "other@example.com" }, "group": { "name": "N2" } });
    desk.call(&integration(), "PUT", "/tickets/1", Some(moved))
        .await
        .expect(200);
    for caller in [
        maria(),
        bia(),
        person("requester", "fabio@example.com", &[]),
    ] {
        desk.call(&caller, "GET", "/tickets/1", None)
            .await
            .expect(404);
        assert_eq!(
            desk.call(&caller, "GET", "/tickets", None)
                .await
                .expect(200)["items"],
            json!([])
        );
    }
}

#[tokio::test]
async fn an_internal_message_moves_nothing_that_the_requester_sees() {
    let desk = Desk::new();
    for id in ["1", "2"] {
        desk.ticket(id).await;
    }
    // One who stands on both sides finds each ticket once, in the desk's place.
    let both = json!({ "sub": "f", "email": "fabio@example.com",
        "groups": ["requester", "technician", "N1"] });
    let listed = async |caller: &Value| -> Vec<(String, Value)> {
        let page = desk.call(caller, "GET", "/tickets", None).await.expect(200);
        let items = page["items"].as_array().unwrap().iter();
        let row = |t: &Value| {
            (
                t["id"].as_str().unwrap().to_owned(),
                t["activity_at"].clone(),
            )
        };
        items.map(row).collect()
    };
    let before = listed(&maria()).await;
    let note = json!({ "text": "só nós", "visibility": "internal" });
    let posted = desk
        .call(&bia(), "POST", "/tickets/1/messages", Some(note))
        .await
        .expect(202);
    assert_eq!(listed(&maria()).await, before);
    let ticket = desk.call(&maria(), "GET", "/tickets/1", None).await;
    assert_eq!(ticket.expect(200)["activity_at"], before[1].1);
    for caller in [bia(), admin(), both] {
        let rows = listed(&caller).await;
        let ids: Vec<_> = rows.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["1", "2"], "{caller}");
        assert_eq!(rows[0].1, posted["created_at"]);
    }
    let public = json!({ "text": "para todos" });
    desk.call(&bia(), "POST", "/tickets/1/messages", Some(public))
        .await
        .expect(202);
    assert_eq!(listed(&maria()).await[0].0, "1");
}
