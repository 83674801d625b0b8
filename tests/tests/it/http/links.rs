//! The page behind `{TOKEN(…)}`: a GET never acts, a decision is taken once, and every misuse is
//! told from the others.

use axum::body::Body;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use service::desk::links::person_mark;
use storage::keys;

use crate::desk::{Answer, Desk, admin, bia, integration, maria, request};

const KEYS: (&str, &str) = ("REPLY_TOKEN_KEYS", "a:AAAAAAAAAAAAAAAAAAAAAA==");
const HTML: &str = "<p>${COMMENTTEXT}</p>\
    <a href=\"{TOKEN(s, ${IDSOLICITACAOSERVICO}, VIEW, 60)}\">ver</a>\
    <a href=\"{TOKEN(s, ${IDSOLICITACAOSERVICO}, APPROVE, 60)}\">sim</a>\
    <a href=\"{TOKEN(s, ${IDSOLICITACAOSERVICO}, REJECT, 60)}\">não</a>";

/// A desk whose one mail, to Maria, holds a link of each kind.
struct Linked {
    desk: Desk,
    message: String,
    delivery: String,
    view: String,
    approve: String,
    reject: String,
}

async fn linked() -> Linked {
    let desk = Desk::at(Timestamp::now(), &[KEYS]);
    desk.ticket("4711").await;
    let draft = json!({ "identifier": "m", "title": "[#${IDSOLICITACAOSERVICO}]", "html": HTML });
    desk.call(&admin(), "POST", "/templates", Some(draft))
        .await
        .expect(201);
    for (number, value) in [(417, "1"), (33, "https://desk.example.com/")] {
        let path = format!("/parameters/{number}");
        desk.call(&admin(), "PUT", &path, Some(json!({ "value": value })))
            .await
            .expect(200);
    }
    let posted = desk
        .call(
            &bia(),
            "POST",
            "/tickets/4711/messages",
            Some(json!({ "text": "Aprova a compra? <b>" })),
        )
        .await
        .expect(202);
    let maria = &posted["deliveries"][0]["id"];
    let id = |value: &serde_json::Value| value.as_str().unwrap().parse().unwrap();
    let key = keys::delivery(&"4711".parse().unwrap(), id(&posted["id"]), id(maria));
    let item = desk.app.store.get(&[key]).await.unwrap().remove(0).unwrap();
    let sender = desk.sender.clone();
    sender.send_queued(vec![item]).await;
    let raw = String::from_utf8(desk.transport.mails().remove(0).raw).unwrap();
    let plain = raw.replace("=\r\n", "").replace("=3D", "=");
    let mut links = plain
        .split("href=\"https://desk.example.com")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned());
    let mut next = || links.next().expect("a link in the mail");
    let (view, approve, reject) = (next(), next(), next());
    Linked {
        message: posted["id"].as_str().unwrap().to_owned(),
        delivery: maria.as_str().unwrap().to_owned(),
        desk,
        view,
        approve,
        reject,
    }
}

impl Linked {
    async fn open(&self, method: &str, path: &str) -> Answer {
        let headers = [("accept-language", "en")];
        let request = request(&json!(null), method, path, &headers, Body::empty());
        let answer = self.desk.request(request).await;
        assert_eq!(
            answer.header("content-type"),
            "text/html; charset=utf-8",
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(
            answer
                .header("content-security-policy")
                .contains("form-action 'self'")
        );
        answer
    }

    async fn says(&self, method: &str, path: &str, status: u16, words: &str) {
        let answer = self.open(method, path).await;
        assert_eq!(
            answer.status.as_u16(),
            status,
            "{method} {path}: {}",
            answer.text
        );
        assert!(answer.text.contains(words), "{words}: {}", answer.text);
    }

    async fn messages(&self) -> Vec<serde_json::Value> {
        let list = self
            .desk
            .call(&admin(), "GET", "/tickets/4711/messages", None)
            .await
            .expect(200);
        list["items"].as_array().unwrap().clone()
    }

    fn wait(&self, time: SignedDuration) {
        self.desk.wait(time);
    }
}

#[tokio::test]
async fn looking_never_acts() {
    let linked = linked().await;
    for path in [&linked.view, &linked.approve, &linked.reject] {
        for method in ["GET", "HEAD", "GET"] {
            let answer = linked.open(method, path).await;
            assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
            if method == "GET" {
                assert!(answer.text.contains("<form method=\"post\"><button>"));
                assert!(answer.text.contains("Ticket 4711"));
                assert!(!answer.text.contains("compra"), "a GET shows no message");
            }
        }
    }
    assert_eq!(linked.messages().await.len(), 1);
}

#[tokio::test]
async fn a_decision_is_taken_once_and_told() {
    let linked = linked().await;
    linked.says("POST", &linked.approve, 200, "Approved").await;
    let messages = linked.messages().await;
    assert_eq!(messages.len(), 2);
    let decision = &messages[1];
    assert_eq!(decision["author"]["email"], "maria@example.com");
    assert_eq!(decision["author"]["role"], "requester");
    assert_eq!(
        (&decision["source"], &decision["visibility"]),
        (&json!("email"), &json!("public"))
    );
    assert!(decision["text"].as_str().unwrap().contains("Aprovado"));
    let id = decision["id"].as_str().unwrap();
    let path = format!("/tickets/4711/messages/{id}");
    let told = linked
        .desk
        .call(&admin(), "GET", &path, None)
        .await
        .expect(200);
    assert!(told["deliveries"].to_string().contains("bia@example.com"));
    for path in [&linked.approve, &linked.reject] {
        for method in ["POST", "GET", "POST"] {
            linked.says(method, path, 409, "used already").await;
        }
    }
    assert_eq!(linked.messages().await.len(), 2);
}

#[tokio::test]
async fn two_at_once_decide_once() {
    let linked = linked().await;
    let (first, second) = tokio::join!(
        linked.open("POST", &linked.approve),
        linked.open("POST", &linked.reject)
    );
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(linked.messages().await.len(), 2);
}

#[tokio::test]
async fn a_view_works_again_and_shows_what_is_public() {
    let linked = linked().await;
    let secret = json!({ "text": "SEGREDO", "visibility": "internal" });
    linked
        .desk
        .call(&bia(), "POST", "/tickets/4711/messages", Some(secret))
        .await
        .expect(202);
    for _ in 0..2 {
        let shown = linked.open("POST", &linked.view).await;
        assert_eq!(shown.status.as_u16(), 200);
        assert!(
            shown.text.contains("Aprova a compra? &lt;b&gt;"),
            "{}",
            shown.text
        );
        assert!(!shown.text.contains("SEGREDO"));
    }
    linked.says("POST", &linked.approve, 200, "Approved").await;
}

#[tokio::test]
async fn misuse_is_told_apart() {
    let linked = linked().await;
    // In the middle, where every bit of a character counts.
    let (start, rest) = linked.approve.split_at(30);
    let other = if rest.starts_with('A') { 'B' } else { 'A' };
    let altered = format!("{start}{other}{}", &rest[1..]);
    let cut = &linked.approve[..linked.approve.len() - 9];
    for method in ["GET", "POST"] {
        for path in ["/links/none", "/links/%00", &altered, cut] {
            linked.says(method, path, 404, "not valid").await;
        }
    }
    // The link of somebody else: Maria is not on the ticket any more.
    let other = json!({ "requester": { "email": "joana@example.com" }, "responsible": { "email": "bia@example.com" } });
    linked
        .desk
        .call(&integration(), "PUT", "/tickets/4711", Some(other))
        .await
        .expect(200);
    linked
        .says("POST", &linked.approve, 410, "not on it any more")
        .await;
    linked
        .desk
        .call(
            &integration(),
            "PUT",
            "/tickets/4711",
            Some(json!({ "requester": { "email": "Maria@EXAMPLE.com" } })),
        )
        .await
        .expect(200);
    linked.says("GET", &linked.approve, 200, "approves").await;
    linked
        .desk
        .call(
            &admin(),
            "PUT",
            "/parameters/299",
            Some(json!({ "value": "N" })),
        )
        .await
        .expect(200);
    linked
        .says("POST", &linked.approve, 403, "switched off")
        .await;
    linked.wait(SignedDuration::from_secs(3601));
    for path in [&linked.view, &linked.approve] {
        for method in ["GET", "POST"] {
            linked.says(method, path, 410, "expired").await;
        }
    }
    assert_eq!(linked.messages().await.len(), 1);
}

#[tokio::test]
async fn the_page_speaks_three_languages() {
    let linked = linked().await;
    for (language, words) in [
        ("pt-BR", "Aprovar"),
        ("en-GB", "Approve"),
        ("es-AR", "Aprobar"),
    ] {
        let headers = [("accept-language", language)];
        let request = request(
            &json!(null),
            "GET",
            &linked.approve,
            &headers,
            Body::empty(),
        );
        let answer = linked.desk.request(request).await;
        assert!(
            answer.text.contains(&format!("<button>{words}</button>")),
            "{}",
            answer.text
        );
    }
}

/// Somebody who is signed in, and got at a link of a mail to Maria, decides nothing with it.
#[tokio::test]
async fn whoever_is_signed_in_as_somebody_else_decides_nothing() {
    let linked = linked().await;
    let unverified = json!({ "sub": "7", "email": "maria@example.com", "email_verified": false });
    let token = |claims: &serde_json::Value| {
        let payload = data_encoding::BASE64URL_NOPAD.encode(claims.to_string().as_bytes());
        format!("Bearer e30.{payload}.c2ln")
    };
    let cookie = |address: &str| {
        format!(
            "a=b; mensageria-person={}",
            person_mark(&address.parse().unwrap())
        )
    };
    let call =
        async |method, path: &str, claims: &serde_json::Value, header: (&str, &str), language| {
            let headers = [("accept-language", language), header];
            linked
                .desk
                .request(request(claims, method, path, &headers, Body::empty()))
                .await
        };
    for (language, words) in [
        ("pt-BR", "como outra pessoa"),
        ("en", "as another person"),
        ("es", "como otra persona"),
    ] {
        for path in [&linked.approve, &linked.reject] {
            for method in ["GET", "POST"] {
                for claims in [bia(), admin(), integration(), unverified.clone()] {
                    // As an authorizer or the local server hands it over, and as API Gateway passes
                    // it on where a route is open.
                    let verified = call(method, path, &claims, ("x", "y"), language).await;
                    let own = token(&claims);
                    let passed = ("authorization", own.as_str());
                    let passed = call(method, path, &json!(null), passed, language).await;
                    for answer in [verified, passed] {
                        assert_eq!(answer.status, 403, "{}", answer.text);
                        assert!(answer.text.contains(words), "{}", answer.text);
                        assert!(!answer.text.contains("<form"));
                    }
                }
                let browser = cookie("bia@example.com");
                let answer = call(method, path, &json!(null), ("cookie", &browser), language).await;
                assert_eq!(answer.status, 403, "{}", answer.text);
            }
        }
    }
    assert_eq!(linked.messages().await.len(), 1);
    // Looking at the ticket decides nothing: the link is enough.
    let seen = call("POST", &linked.view, &bia(), ("x", "y"), "en").await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    // What says nothing of a person is not a sign-in; Maria herself may be signed in.
    for header in [
        ("authorization", "Basic YTpi"),
        ("authorization", "Bearer opaque"),
        ("cookie", "mensageria-role=x"),
        ("cookie", &cookie("maria@example.com")),
        ("authorization", &token(&maria())),
    ] {
        let offered = call("GET", &linked.approve, &json!(null), header, "en").await;
        assert_eq!(offered.status, 200, "{header:?} {}", offered.text);
    }
    // Programs put things behind links.
    let counted = format!("{}?utm_source=mail", linked.approve);
    let done = call("POST", &counted, &maria(), ("x", "y"), "en").await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(linked.messages().await.len(), 2);
}

/// A link decides for the person who got it by mail. So nothing that shows a mail to somebody else, or
/// sends it as a trial, signs one: not for a stored template, not for a draft, not for the caller.
#[tokio::test]
async fn no_preview_and_no_test_mail_holds_a_link_that_decides() {
    let linked = linked().await;
    let desk = &linked.desk;
    let draft = json!({ "identifier": "d", "title": "${IDSOLICITACAOSERVICO}", "html": HTML });
    let (message, delivery) = (&linked.message, &linked.delivery);
    let of_delivery = |template: &str, value: serde_json::Value| {
        let mut body = json!({
            "ticket_id": "4711", "message_id": message, "delivery_id": delivery
        });
        body[template] = value;
        body
    };
    let preview = "/templates/preview";
    for (who, path, body) in [
        (admin(), preview, of_delivery("draft", draft.clone())),
        (admin(), preview, of_delivery("template_id", json!(1))),
        (
            admin(),
            preview,
            json!({ "draft": draft, "ticket_id": "4711" }),
        ),
        (admin(), preview, json!({ "draft": draft, "sample": true })),
        (
            bia(),
            preview,
            json!({ "draft": draft, "ticket_id": "4711" }),
        ),
        (
            bia(),
            preview,
            json!({ "template_id": 1, "ticket_id": "4711", "message_id": message }),
        ),
        (
            bia(),
            "/tickets/4711/messages/preview",
            json!({ "text": "Aprova?" }),
        ),
        (
            admin(),
            "/templates/1/test",
            json!({ "draft": draft, "ticket_id": "4711" }),
        ),
        (admin(), "/templates/1/test", json!({ "ticket_id": "4711" })),
    ] {
        let shown = desk.call(&who, "POST", path, Some(body.clone())).await;
        let shown = shown.expect(200);
        assert!(
            !whole(&shown.to_string()).contains("/links/"),
            "{path} {body}"
        );
        // The links are there, and lead to the ticket.
        if let Some(html) = shown["html"].as_str() {
            assert_eq!(html.matches(".example.com/tickets/").count(), 3, "{html}");
        }
    }
    let mails = desk.transport.mails();
    assert_eq!(mails.len(), 3, "one of the message, two test mails");
    for mail in &mails[1..] {
        let raw = whole(std::str::from_utf8(&mail.raw).unwrap());
        assert!(!raw.contains("/links/"), "{raw}");
        assert!(
            raw.contains("https://desk.example.com/tickets/4711"),
            "{raw}"
        );
    }
    // The decision is still Maria's.
    linked.says("POST", &linked.approve, 200, "Approved").await;
}

/// Text in which no line of quoted-printable is broken.
fn whole(text: &str) -> String {
    text.replace("=\r\n", "").replace("=\\r\\n", "")
}
