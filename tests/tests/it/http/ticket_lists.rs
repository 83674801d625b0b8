//! Lists of tickets: what stands in them, for whom, and what changed since.

use std::sync::Arc;

use serde_json::{Value, json};
use storage::{Expect, Item, Storage, Write, embedded::Embedded, keys};

use super::pages::{all, say};
use crate::desk::{Desk, admin, bia, integration, maria};

fn ids(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().expect("items").iter();
    items
        .map(|one| one["id"].as_str().expect("an id"))
        .collect()
}

async fn put(desk: &Desk, id: &str, snapshot: Value) {
    let path = format!("/tickets/{id}");
    let put = desk
        .call(&integration(), "PUT", &path, Some(snapshot))
        .await;
    assert!(put.status.is_success(), "{}", put.text);
}

#[tokio::test]
async fn a_list_of_tickets_is_slim_and_filtered() {
    let desk = Desk::new();
    let group = json!({ "name": "N1" });
    let maria_ = json!({ "name": "Maria Conceição", "email": "maria@example.com" });
    let rui = json!({ "name": "Rui", "email": "rui@example.com" });
    let bia_ = json!({ "name": "Bia", "email": "bia@example.com" });
    put(
        &desk,
        "4711",
        json!({ "requester": maria_, "responsible": bia_, "status": "Em andamento",
        "activity": "VPN", "description": "<p>longo</p>", "extra": { "SALA": "1" } }),
    )
    .await;
    put(
        &desk,
        "4712",
        json!({ "requester": rui, "responsible": bia_, "status": "Encerrado" }),
    )
    .await;
    put(
        &desk,
        "9001",
        json!({ "requester": maria_, "group": group, "status": "Em andamento" }),
    )
    .await;
    put(
        &desk,
        "9002",
        json!({ "requester": rui, "status": "Em andamento" }),
    )
    .await;
    let technician = crate::desk::person("technician", "bia@example.com", &["N1"]);
    let list = async |caller: &Value, query: &str| {
        let path = format!("/tickets?{query}");
        desk.call(caller, "GET", &path, None).await.expect(200)
    };
    for (caller, query, expected) in [
        (&technician, "", vec!["9001", "4712", "4711"]),
        (&technician, "of=me", vec!["4712", "4711"]),
        (&technician, "of=group", vec!["9001"]),
        (&technician, "status=em%20andamento", vec!["9001", "4711"]),
        (&technician, "q=471", vec!["4712", "4711"]),
        (&technician, "q=4711", vec!["4711"]),
        (&technician, "q=MARIA@example.com", vec!["9001", "4711"]),
        (&technician, "q=concei%C3%A7%C3%A3o", vec!["9001", "4711"]),
        (&technician, "q=vpn&of=me", vec!["4711"]),
        (&technician, "q=9002", vec![]),
        (&admin(), "q=9002", vec!["9002"]),
        (&admin(), "of=me", vec![]),
        (&maria(), "q=maria@example.com", vec!["9001", "4711"]),
        (&maria(), "q=bia@example.com", vec![]),
    ] {
        assert_eq!(ids(&list(caller, query).await), expected, "{query}");
    }
    let message = json!({ "text": "Olá,\n\nMaria", "notify": false });
    let secret = json!({ "text": "só nós", "visibility": "internal" });
    for message in [message, secret] {
        let posted = desk
            .call(&technician, "POST", "/tickets/4711/messages", Some(message))
            .await;
        posted.expect(202);
    }
    let of_maria = list(&maria(), "unread=true").await;
    assert_eq!(ids(&of_maria), ["4711"]);
    let row = &of_maria["items"][0];
    assert_eq!(row["unread"], 1);
    assert_eq!(row["last_message"]["excerpt"], "Olá, Maria");
    assert_eq!(row["last_message"]["author"], "Bia");
    for long in ["description", "extra", "response"] {
        assert_eq!(row.get(long), None, "{long}");
    }
    let of_the_desk = list(&admin(), "q=4711").await;
    assert_eq!(
        of_the_desk["items"][0]["last_message"]["visibility"],
        "internal"
    );
    for wrong in ["of=us", "unread=maybe"] {
        let path = format!("/tickets?{wrong}");
        desk.call(&admin(), "GET", &path, None).await.expect(400);
    }
}

#[tokio::test]
async fn changes_are_told_since_and_only_to_those_who_may_see_them() {
    let desk = Desk::at("2027-01-15T08:00:00Z".parse().expect("a time"), &[]);
    let wait = |seconds| desk.wait(jiff::SignedDuration::from_secs(seconds));
    desk.ticket("1").await;
    desk.ticket("2").await;
    wait(60);
    let asked = async |caller: &Value, since: &str| {
        let path = format!("/tickets/changes?since={since}");
        desk.call(caller, "GET", &path, None).await.expect(200)
    };
    for caller in [bia(), maria(), admin()] {
        let start = desk
            .call(&caller, "GET", "/tickets/changes", None)
            .await
            .expect(200);
        assert_eq!(ids(&start), [""; 0]);
        let since = start["next"].as_str().expect("a place").to_owned();
        assert_eq!(ids(&asked(&caller, &since).await), [""; 0]);
        wait(60);
        say(&desk, "oi", "public").await;
        let told = asked(&caller, &since).await;
        assert_eq!(ids(&told), ["1"], "{caller}");
        assert_eq!(told["more"], false);
        wait(60);
        let next = asked(&caller, &since).await["next"]
            .as_str()
            .expect("next")
            .to_owned();
        assert_eq!(ids(&asked(&caller, &next).await), [""; 0], "told once");
        say(&desk, "nota", "internal").await;
        let of_theirs = ids(&asked(&caller, &next).await).len();
        assert_eq!(of_theirs, usize::from(caller != maria()));
        wait(60);
    }
    for wrong in [
        "now",
        "00000000000000000000%23%01",
        "00000000000000000000%23a%23b",
        "0000000000000000000%23",
        // The last but one in base64url, and a time without its end.
        "MDAwMDAwMDAwMDAwMDAwMDAwMDAjYSNi",
        "MDAwMDAwMDAwMDAwMDAwMDAwMDA",
        "%FF",
    ] {
        let path = format!("/tickets/changes?since={wrong}");
        let refused = desk.call(&bia(), "GET", &path, None).await;
        assert_eq!(refused.code(), "CURSOR_INVALID", "{wrong}");
    }
}

/// A desk whose store is looked into.
fn stored() -> (Desk, Arc<Embedded>) {
    let store = Arc::new(Embedded::in_memory().expect("an empty store"));
    (Desk::over(Arc::clone(&store) as _), store)
}

fn by_address(name: &str, addresses: &[&str]) -> Value {
    json!({
        "requester": { "name": "Maria", "email": "maria@example.com" },
        "group": { "name": name, "addresses": addresses },
    })
}

async fn tickets_of(desk: &Desk, caller: &Value, query: &str) -> Vec<String> {
    let found = all(desk, caller, &format!("/tickets?limit=2&{query}")).await;
    let id = |ticket: &Value| ticket["id"].as_str().expect("an id").to_owned();
    found.iter().map(id).collect()
}

#[tokio::test]
async fn people_of_a_group_find_its_tickets_by_the_list_of_the_group() {
    let (desk, store) = stored();
    let both = &["rui@example.com", "Bia@example.com"];
    put(&desk, "1", by_address("N1", both)).await;
    for id in ["2", "3", "4", "5"] {
        put(&desk, id, by_address("N1", &["rui@example.com"])).await;
    }
    put(&desk, "6", by_address("", &["bia@example.com"])).await;
    put(&desk, "7", by_address("Redes", both)).await;
    let member = crate::desk::person("technician", "bia@example.com", &["N1"]);
    for (caller, query, expected) in [
        // What the group works on without her is passed over, and a page is filled all the same.
        (&bia(), "", "7 6 1"),
        (&bia(), "of=me", "7 6 1"),
        (&bia(), "of=group", ""),
        (&member, "", "7 6 5 4 3 2 1"),
        (&member, "of=me", "7 6 1"),
        (&member, "of=group", "5 4 3 2 1"),
    ] {
        let found = tickets_of(&desk, caller, query).await.join(" ");
        assert_eq!(found, expected, "{query}");
    }
    let message = json!({ "text": "Olá", "notify": false });
    let path = "/tickets/1/messages";
    let posted = desk.call(&maria(), "POST", path, Some(message)).await;
    posted.expect(202);
    assert_eq!(tickets_of(&desk, &bia(), "").await, ["1", "7", "6"]);
    let own = keys::person(&"bia@example.com".parse().unwrap());
    let row = |id: &str| keys::membership(&own, &id.parse().unwrap());
    let rows = store.get(&[row("1"), row("6")]).await.expect("rows");
    assert!(
        rows[0].is_none(),
        "one row for the group, none for each of its people"
    );
    assert!(rows[1].is_some(), "a group without a name has no list");
    // Who leaves the group has its tickets no longer, on the list and otherwise.
    put(&desk, "1", by_address("N1", &["rui@example.com"])).await;
    assert_eq!(tickets_of(&desk, &bia(), "").await, ["7", "6"]);
}

#[tokio::test]
async fn a_ticket_of_an_earlier_release_is_listed_once_and_moves() {
    let (desk, store) = stored();
    for id in ["1", "2"] {
        put(&desk, id, by_address("N1", &["bia@example.com"])).await;
    }
    // As that release left them: each member has a row of each ticket.
    let email = "bia@example.com".parse().unwrap();
    let person = keys::person(&email);
    let listing = keys::listing(&email, &keys::group("n1"));
    for id in ["1", "2"] {
        let id = id.parse().unwrap();
        let key = keys::ticket(&id);
        let mut ticket = store.get(&[key]).await.expect("a ticket").remove(0);
        let ticket = ticket.as_mut().expect("a ticket");
        let gone = ticket.data.as_object_mut().expect("data");
        assert_eq!(gone.remove("group_listed"), Some(json!(true)));
        let place = ticket.index.clone().expect("a place").sort;
        let row = Item::new(keys::membership(&person, &id), "membership", &json!({}))
            .expect("a row")
            .indexed(keys::listed(&person, keys::list_shard(&id)), place);
        let writes = [Write::put(ticket.clone()), Write::put(row)];
        store.commit(writes.into()).await.expect("stored");
    }
    let gone = Write::delete(listing.clone(), Expect::Anything);
    store.commit(vec![gone]).await.expect("deleted");
    assert_eq!(tickets_of(&desk, &bia(), "").await, ["2", "1"]);
    let message = json!({ "text": "Olá", "notify": false });
    let path = "/tickets/1/messages";
    let posted = desk.call(&maria(), "POST", path, Some(message)).await;
    posted.expect(202);
    assert_eq!(tickets_of(&desk, &bia(), "").await, ["1", "2"]);
    put(&desk, "2", by_address("N1", &["bia@example.com"])).await;
    assert_eq!(tickets_of(&desk, &bia(), "").await, ["2", "1"]);
    let rows = ["1", "2"].map(|id| keys::membership(&person, &id.parse().unwrap()));
    let found = store.get(&[&rows[..], &[listing]].concat()).await;
    let there: Vec<bool> = found.expect("rows").iter().map(Option::is_some).collect();
    assert_eq!(there, [false, false, true]);
}

#[tokio::test]
async fn whoever_wrote_has_read_what_they_wrote_however_many_write() {
    let desk = Desk::new();
    put(&desk, "1", by_address("N1", &[])).await;
    let authors: Vec<Value> = (0..12)
        .map(|n| crate::desk::person("technician", &format!("t{n}@example.com"), &["N1"]))
        .collect();
    let unread = async |caller: &Value| {
        let ticket = desk
            .call(caller, "GET", "/tickets/1", None)
            .await
            .expect(200);
        let list = desk.call(caller, "GET", "/tickets", None).await.expect(200);
        assert_eq!(ticket["unread"], list["items"][0]["unread"]);
        ticket["unread"].as_u64().expect("a number")
    };
    for (n, author) in (0_u64..).zip(&authors) {
        let message = json!({ "text": n.to_string(), "notify": false });
        let path = "/tickets/1/messages";
        let posted = desk
            .call(author, "POST", path, Some(message))
            .await
            .expect(202);
        assert_eq!(unread(author).await, 0);
        if n == 4 {
            // The first one looks again: that is kept beside what they wrote.
            let body = Some(json!({ "message_id": posted["id"] }));
            let marked = desk.call(&authors[0], "PUT", "/tickets/1/read", body).await;
            assert_eq!(marked.expect(200)["unread"], 0);
        }
    }
    for (n, author) in (0_u64..).zip(&authors) {
        let seen = if n == 0 { 4 } else { n };
        assert_eq!(unread(author).await, 11 - seen, "author {n}");
    }
}
