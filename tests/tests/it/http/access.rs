//! Who sees what: every route, every role, tickets of theirs and of others.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Desk, admin, bia, integration, maria, nobody, person};

/// Routes about one ticket, with a body where they take one.
const TICKET_ROUTES: [(&str, &str); 12] = [
    ("GET", "/tickets/{t}"),
    ("PUT", "/tickets/{t}"),
    ("PUT", "/tickets/{t}/read"),
    ("GET", "/tickets/{t}/messages"),
    ("POST", "/tickets/{t}/messages"),
    ("POST", "/tickets/{t}/messages/preview"),
    ("POST", "/tickets/{t}/uploads"),
    ("GET", "/tickets/{t}/messages/{m}"),
    ("DELETE", "/tickets/{t}/messages/{m}"),
    ("GET", "/tickets/{t}/messages/{m}/attachments/0"),
    ("GET", "/tickets/{t}/messages/{m}/explain"),
    ("POST", "/tickets/{t}/messages/{m}/deliveries/{m}/resend"),
];
/// Routes for administrators alone.
const ADMIN_ROUTES: [(&str, &str); 14] = [
    ("GET", "/health/config"),
    ("GET", "/parameters"),
    ("GET", "/parameters/417"),
    ("PUT", "/parameters/297"),
    ("DELETE", "/parameters/297"),
    ("GET", "/parameters/417/history"),
    ("GET", "/templates"),
    ("POST", "/templates"),
    ("GET", "/templates/1"),
    ("DELETE", "/templates/1"),
    ("POST", "/templates/validate"),
    ("POST", "/templates/1/rollback"),
    ("GET", "/suppressions"),
    ("DELETE", "/suppressions/maria@example.com"),
];

fn body(method: &str, path: &str) -> Option<Value> {
    match (method, path) {
        ("POST", "/tickets/{t}/uploads") => {
            Some(json!({ "name": "a.txt", "size": 1, "sha256": "0".repeat(64) }))
        }
        ("POST", "/tickets/{t}/messages" | "/tickets/{t}/messages/preview") => {
            Some(json!({ "text": "oi" }))
        }
        ("PUT", "/tickets/{t}/read") => {
            Some(json!({ "message_id": "0193a0b0-0000-7000-8000-000000000000" }))
        }
        ("PUT", "/tickets/{t}") => Some(json!({ "requester": { "email": "maria@example.com" } })),
        ("PUT", _) => Some(json!({ "value": "N" })),
        ("POST", "/templates") => Some(
            json!({ "identifier": "x", "title": "t", "html": "<p>${IDSOLICITACAOSERVICO}</p>" }),
        ),
        ("POST", "/templates/1/rollback") => Some(json!({ "version": 1 })),
        ("DELETE", "/suppressions/maria@example.com") => Some(json!({ "reason": "x" })),
        ("POST", _) => Some(json!({})),
        _ => None,
    }
}

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
    let posted = desk
        .call(
            &bia(),
            "POST",
            &format!("/tickets/{id}/messages"),
            Some(message),
        )
        .await
        .expect(202);
    posted["id"].as_str().expect("an id").to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A stranger of any role but admin gets the same answer for a ticket that exists as for one
    /// that does not, on every route, and no word of it. On a route that is not for their role that
    /// answer is the role.
    #[test]
    fn a_stranger_learns_nothing(
        route in prop::sample::select(&TICKET_ROUTES[..]),
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
            let (method, path) = route;
            let path = path.replace("{m}", &message);
            let there = desk.call(&stranger, method, &path.replace("{t}", &id), body(method, route.1)).await;
            let absent = desk.call(&stranger, method, &path.replace("{t}", &format!("{id}-")), body(method, route.1)).await;
            let desk_alone = ["explain", "resend"].iter().any(|end| path.ends_with(end));
            let no_role = route == ("PUT", "/tickets/{t}") || (role == "requester" && desk_alone);
            prop_assert_eq!(there.status, if no_role { 403 } else { 404 });
            prop_assert_eq!(there.status, absent.status);
            prop_assert_eq!(there.code(), absent.code());
            prop_assert_eq!(&there.body["detail"], &absent.body["detail"]);
            prop_assert!(!there.text.contains("SECRETA") && !there.text.contains("maria"));
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn every_route_needs_a_token_and_its_role() {
    let desk = Desk::new();
    let message = secret(&desk, "1").await;
    for (method, route) in TICKET_ROUTES.iter().chain(&ADMIN_ROUTES) {
        let path = route.replace("{t}", "1").replace("{m}", &message);
        let answer = desk
            .call(&nobody(), method, &path, body(method, route))
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (401, "UNAUTHENTICATED"),
            "{method} {path}"
        );
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    for (method, route) in ADMIN_ROUTES {
        for caller in [
            maria(),
            bia(),
            integration(),
            person("stranger", "x@example.com", &[]),
        ] {
            let answer = desk.call(&caller, method, route, body(method, route)).await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (403, "FORBIDDEN"),
                "{method} {route} {caller}"
            );
        }
    }
    for caller in [maria(), bia()] {
        desk.call(&caller, "PUT", "/tickets/9", Some(json!({})))
            .await
            .expect(403);
    }
    desk.call(
        &admin(),
        "POST",
        "/tickets/1/messages",
        Some(json!({ "text": "x" })),
    )
    .await
    .expect(403);
    let explain = format!("/tickets/1/messages/{message}/explain");
    for path in ["/tickets/1", "/tickets/1/messages", explain.as_str()] {
        desk.call(&integration(), "GET", path, None)
            .await
            .expect(403);
    }
}

/// Whoever has no role learns that, and not what is wrong with what they sent.
#[tokio::test]
async fn the_role_is_asked_before_the_request_is_read() {
    let document: Value =
        serde_json::from_str(include_str!("../../../../infra/openapi.json")).expect("JSON");
    let open = [
        "/health",
        "/keys",
        "/me",
        "/files/{token}",
        "/links/{token}",
        "/uploads/{token}",
    ];
    let desk = Desk::new();
    let stranger = person("stranger", "x@example.com", &[]);
    let mut seen = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("operations").keys() {
            if open.contains(&path.as_str()) {
                continue;
            }
            // Nothing of it can be read: path, query, If-Match, body.
            let unreadable = path.replace('{', "%20").replace('}', "");
            let request = super::request(
                &stranger,
                &method.to_uppercase(),
                &format!("{unreadable}?limit=x&status=x"),
                &[("idempotency-key", ""), ("if-match", "x")],
                axum::body::Body::from("{".repeat(2 * 1024 * 1024)),
            );
            let answer = desk.send(request).await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (403, "FORBIDDEN"),
                "{method} {path}: {}",
                answer.text
            );
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
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
