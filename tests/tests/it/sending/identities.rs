//! Who mail is from, and how it is signed, by the contract of its ticket.

use serde_json::json;
use service::{
    access::Role,
    api::PersonFields,
    desk::tickets::{self, TicketFields},
};

use super::feedback::SES;
use crate::desk::{Desk, admin, bia, caller};

async fn ticket(desk: &Desk, id: &str, contract: &str) {
    let person = |email: &str| PersonFields {
        email: email.into(),
        ..PersonFields::default()
    };
    let ticket = TicketFields {
        id: id.to_owned(),
        requester: person("rui@example.com"),
        responsible: Some(person("bia@example.com")),
        contract: contract.to_owned(),
        ..TicketFields::default()
    };
    let integration = caller(Role::Integration);
    let put = tickets::put(&desk.app, &integration, id, ticket);
    put.await.unwrap();
}

/// The mail of a message on this ticket, as it left.
async fn mail(desk: &Desk, ticket: &str) -> String {
    let posted = desk.post_on(ticket, "Olá").await;
    desk.sender.send_queued(desk.items(&posted).await).await;
    let mails = desk.transport.mails();
    String::from_utf8_lossy(&mails.last().expect("a mail").raw).into_owned()
}

#[tokio::test]
async fn a_contract_has_its_own_sender_and_signature_and_else_those_of_all() {
    for (syntax, html) in [
        ("keys", "<p>${ASSINATURA}</p>"),
        ("tera", "<p>{{ ASSINATURA }}</p>"),
    ] {
        let desk = Desk::unconfigured(&[]).await;
        let template = json!({
            "identifier": "m", "title": "${IDSOLICITACAOSERVICO}", "html": html, "syntax": syntax,
        });
        let template = match syntax {
            "tera" => {
                let mut template = template;
                template["title"] = json!("{{ IDSOLICITACAOSERVICO }}");
                template
            }
            _ => template,
        };
        let made = desk
            .call(&admin(), "POST", "/templates", Some(template))
            .await
            .expect(201);
        desk.set(417, &made["id"].to_string()).await;
        ticket(&desk, "1", " ACME  ltda ").await;
        ticket(&desk, "2", "Outro").await;
        let first = mail(&desk, "1").await;
        assert!(first.contains("desk@mensageria.example"), "{first}");
        let own = json!({"from": "Acme <acme@mensageria.example>", "signature": "Acme & Filhos\n<b>Rua 1</b>"});
        desk.call(&admin(), "PUT", "/identities/Acme%20Ltda", Some(own))
            .await
            .expect(201);
        desk.call(
            &admin(),
            "PUT",
            "/identities/*",
            Some(json!({"signature": "Central"})),
        )
        .await
        .expect(201);
        let own = mail(&desk, "1").await;
        assert!(own.contains("<acme@mensageria.example>"), "{own}");
        assert!(!own.contains("<desk@mensageria.example>"), "{own}");
        let asked = json!({"template_id": made["id"], "ticket_id": "1"});
        let preview = desk
            .call(&admin(), "POST", "/templates/preview", Some(asked))
            .await
            .expect(200);
        let (html, text) = (
            preview["html"].as_str().unwrap(),
            preview["text"].as_str().unwrap(),
        );
        let escaped = "Acme &amp; Filhos<br>&lt;b&gt;Rua 1&lt;/b&gt;";
        assert!(
            html.replace("<br />", "<br>")
                .replace("<br>\n", "<br>")
                .contains(escaped),
            "{syntax}: {html}"
        );
        assert!(
            text.contains("Acme & Filhos\n<b>Rua 1</b>"),
            "{syntax}: {text}"
        );
        let other = mail(&desk, "2").await;
        assert!(
            other.contains("desk@mensageria.example") && other.contains("Central"),
            "{other}"
        );
    }
}

#[tokio::test]
async fn identities_are_checked_kept_from_lost_updates_and_looked_at_by_the_doctor() {
    let desk = Desk::sending_with(SES).await;
    for (body, code) in [
        (json!({}), "IDENTITY_EMPTY"),
        (json!({"from": "no address"}), "ADDRESS_INVALID"),
        (
            json!({"from": "a@example.com\nBcc: b@example.com"}),
            "ADDRESS_INVALID",
        ),
        (json!({"signature": "x".repeat(1001)}), "TOO_LONG"),
        (json!({"signature": "a\u{0}b"}), "CONTROL_CHARACTER"),
    ] {
        let refused = desk
            .call(&admin(), "PUT", "/identities/A", Some(body.clone()))
            .await
            .expect(422);
        assert_eq!(refused["errors"][0]["code"], code, "{body}");
    }
    let caller = admin();
    let empty = desk
        .call(&caller, "PUT", "/identities/A", Some(json!({})))
        .await;
    let empty = empty.expect(422);
    let told = empty["errors"][0]["message"].as_str().unwrap();
    for field in ["from", "reply_domain", "signature"] {
        assert!(told.contains(field), "{told}");
    }
    assert_eq!(
        desk.call(&bia(), "GET", "/identities", None).await.status,
        403
    );
    let body = json!({"from": "a@example.com"});
    let made = desk
        .call(&admin(), "PUT", "/identities/A", Some(body.clone()))
        .await;
    let mark = made.header("etag").to_owned();
    assert_eq!(made.expect(201)["updated_by_name"], "admin");
    assert_eq!(
        desk.call(&admin(), "PUT", "/identities/a", Some(body.clone()))
            .await
            .status,
        428
    );
    let headers = [("if-match", mark.as_str())];
    desk.call_with(&admin(), "PUT", "/identities/a", &headers, Some(body))
        .await
        .expect(200);
    assert_eq!(
        desk.call_with(&admin(), "DELETE", "/identities/a", &headers, None)
            .await
            .status,
        412
    );
    let page = desk
        .call(&admin(), "GET", "/identities", None)
        .await
        .expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 1, "{page}");
    // A setting of parameters does not lose them.
    desk.set(297, "N").await;
    let any = [("if-match", "*")];
    assert_eq!(
        desk.call_with(&admin(), "DELETE", "/identities/A", &any, None)
            .await
            .status,
        204
    );
    assert_eq!(
        desk.call(&admin(), "GET", "/identities/A", None)
            .await
            .status,
        404
    );
}

/// Mail about a contract is answered at its own domain, while this installation takes mail in there; a
/// reply to it comes in as any other.
#[tokio::test]
async fn a_contract_has_a_reply_domain_of_its_own_of_those_that_there_are() {
    let key = "a:bG9jYWwta2V5LWZvci10ZXN0cy1vbmx5LWxvY2FsLWs=";
    let desk = Desk::sending_with(&[
        ("REPLY_DOMAIN", "reply.example.com"),
        (
            "FURTHER_REPLY_DOMAINS",
            "reply.example.net, Reply.example.org",
        ),
        ("REPLY_TOKEN_KEYS", key),
    ])
    .await;
    ticket(&desk, "1", "Acme").await;
    ticket(&desk, "2", "Outro").await;
    let set = async |domain: &str| {
        let body = json!({ "reply_domain": domain });
        desk.call(&admin(), "PUT", "/identities/acme", Some(body))
            .await
    };
    let refused = set("reply.example.edu").await.expect(422);
    assert_eq!(refused["errors"][0]["code"], "REPLY_DOMAIN_UNKNOWN");
    let text = refused.to_string();
    assert!(text.contains("reply.example.org"), "{text}");
    let made = set("REPLY.example.org").await;
    assert!(made.status.is_success(), "{}", made.text);
    let reply_to = |mail: &str| {
        let header = mail.split("Reply-To:").nth(1).expect("a header");
        let address = header.trim_start().split(['\r', '>']).next().unwrap();
        address.trim_start_matches('<').to_owned()
    };
    let own = reply_to(&mail(&desk, "1").await);
    assert!(own.ends_with("@reply.example.org"), "{own}");
    let other = reply_to(&mail(&desk, "2").await);
    assert!(other.ends_with("@reply.example.com"), "{other}");
    // A mail to an address of ours is not sent to a person.
    let to = own.parse().unwrap();
    let ours = domain::system::Ours {
        senders: &[],
        reply_domain: Some("reply.example.com"),
        further_reply_domains: &desk.app.settings.further_reply_domains,
    };
    assert!(domain::system::is_system(&to, ours).is_some());
    let raw = format!(
        "From: rui@example.com\r\nTo: {own}\r\nSubject: RES\r\nMessage-ID: <1@example.com>\r\n\r\nFunciona!\r\n"
    );
    let read = mail::inbound::parse(raw.as_bytes()).unwrap();
    let domains = mail::inbound::Domains {
        reply: "reply.example.com",
        further: &desk.app.settings.further_reply_domains,
        anchor: "reply.example.com",
    };
    let found = mail::inbound::candidates(&read, &[], domains);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[tokio::test]
async fn changes_of_an_identity_are_kept_with_what_they_changed() {
    let desk = Desk::unconfigured(&[]).await;
    let path = "/identities/Acme%23x";
    for (signature, headers) in [("um", [].as_slice()), ("dois", &[("if-match", "*")])] {
        let body = json!({ "signature": signature });
        let set = desk
            .call_with(&admin(), "PUT", path, headers, Some(body))
            .await;
        assert!(set.status.is_success(), "{}", set.text);
    }
    let other = json!({ "signature": "outro" });
    desk.call(&admin(), "PUT", "/identities/Acme", Some(other))
        .await
        .expect(201);
    let removed = desk
        .call_with(&admin(), "DELETE", path, &[("if-match", "*")], None)
        .await;
    assert_eq!(removed.status, 204);
    let history = format!("{}/history", path.to_lowercase());
    let found = desk.call(&admin(), "GET", &history, None).await.expect(200);
    let said: Vec<_> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            let of = |state: &str| change[state]["signature"].as_str().map(str::to_owned);
            (of("before"), of("after"))
        })
        .collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        said,
        [
            (text("dois"), None),
            (text("um"), text("dois")),
            (None, text("um")),
        ]
    );
}
