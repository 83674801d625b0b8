//! The real binary as a newcomer, an attacker and bad luck meet it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails there"
)]

mod commands;
mod copies;
mod doors;
mod languages;
mod moments;
mod process;
mod readme;
mod replies;

use process::{Runner, finished, until};
use serde_json::{Value, json};

const MESSAGES: &str = "/tickets/4711/messages";

fn mails(runner: &Runner) -> Vec<Value> {
    let requester = runner.token("REQUESTER");
    let (status, page) = runner.call("GET", "/local/outbox?limit=100", Some(&requester), "");
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().cloned().unwrap_or_default()
}

#[test]
fn a_message_becomes_a_mail_that_one_can_read() {
    let runner = Runner::start();
    let (technician, requester) = (runner.token("TECHNICIAN"), runner.token("REQUESTER"));
    let (status, posted) = runner.call(
        "POST",
        MESSAGES,
        Some(&technician),
        r#"{"text": "A VPN voltou: ação concluída 🎉"}"#,
    );
    assert_eq!(
        (status, posted["deliveries"][0]["to"].as_str()),
        (202, Some("maria@example.com"))
    );
    until("the mail", || mails(&runner).len() == 1);
    let (_, mail) = runner.call("GET", "/local/outbox/latest", Some(&requester), "");
    assert_eq!(mail["to"], "Maria Conceição <maria@example.com>");
    assert!(mail["subject"].as_str().unwrap().contains("4711"), "{mail}");
    for part in ["text", "html"] {
        assert!(
            mail[part].as_str().unwrap().contains("ação concluída 🎉"),
            "{mail}"
        );
        assert!(!mail[part].as_str().unwrap().contains("${"), "{mail}");
    }
    runner.call(
        "POST",
        MESSAGES,
        Some(&requester),
        r#"{"text": "Funcionou, obrigada!"}"#,
    );
    until("both mails of the other side", || mails(&runner).len() == 3);
    let (status, _) = runner.call("GET", "/local/outbox/2.eml", Some(&requester), "");
    assert_eq!(status, 200);
    let (status, missing) = runner.call("GET", "/local/outbox/99", Some(&requester), "");
    assert_eq!((status, &missing["code"]), (404, &json!("NOT_FOUND")));
    let log = runner.end();
    for word in ["maria", "bia@", "example.com", "ação", "obrigada", "VPN"] {
        assert!(!log.contains(word), "{word} is in the log:\n{log}");
    }
    assert!(log.contains("delivery_id"), "{log}");
}

#[test]
fn a_killed_server_loses_nothing_and_sends_nothing_twice() {
    let mut runner = Runner::start();
    let technician = runner.token("TECHNICIAN");
    let admin = runner.token("ADMIN");
    let mut messages = Vec::new();
    for round in 0..4 {
        // A ticket for each round: twenty mails to one person on one ticket would be a storm.
        let ticket = format!("/tickets/50{round}");
        let snapshot = r#"{"requester": {"name": "Rui", "email": "rui@example.com"},
            "responsible": {"name": "Bia", "email": "bia@example.com"}}"#;
        let (status, _) = runner.call("PUT", &ticket, Some(&admin), snapshot);
        assert_eq!(status, 201);
        let path = format!("{ticket}/messages");
        for n in 0..5 {
            let body = format!(r#"{{"text": "rodada {round} mensagem {n}"}}"#);
            let (status, posted) = runner.call("POST", &path, Some(&technician), &body);
            assert_eq!(status, 202);
            messages.push(format!("{path}/{}", posted["id"].as_str().unwrap()));
        }
        runner = runner.kill_and_restart();
    }
    // Each delivery ends where a person sees it: with the mail, or as one whose outcome nobody saw.
    let seen = || -> Vec<(String, String)> {
        messages
            .iter()
            .map(|path| {
                let (status, message) = runner.call("GET", path, Some(&technician), "");
                assert_eq!(status, 200, "every answered message is there");
                message
            })
            .map(|m| {
                (
                    m["deliveries"][0]["id"].as_str().unwrap().to_owned(),
                    m["deliveries"][0]["status"].as_str().unwrap().to_owned(),
                )
            })
            .collect()
    };
    until("an end for every delivery", || {
        seen()
            .iter()
            .all(|(_, status)| ["accepted", "delivered", "unknown"].contains(&status.as_str()))
    });
    let mails = mails(&runner);
    for (delivery, status) in seen() {
        let sent = mails
            .iter()
            .filter(|mail| mail["delivery_id"] == delivery.as_str())
            .count();
        assert!(sent <= 1, "{delivery} was sent {sent} times");
        assert!(
            status == "unknown" || sent == 1,
            "{delivery} is {status} and was not sent"
        );
    }
    runner.end();
}

#[test]
fn what_is_in_the_way_is_said() {
    let runner = Runner::start();
    let taken = finished(
        &["serve", "--port", &runner.port().to_string(), "--data"],
        &runner.fresh("other"),
    );
    assert!(
        taken.contains("is taken") && taken.contains("--port"),
        "{taken}"
    );
    let in_use = finished(&["serve", "--port", "0", "--data"], &runner.data());
    assert!(
        in_use.contains("in use") || in_use.contains("another process"),
        "{in_use}"
    );
    let broken = runner.fresh("broken");
    std::fs::create_dir_all(broken.join("store")).unwrap();
    for file in std::fs::read_dir(runner.data().join("store")).unwrap() {
        std::fs::write(
            broken.join("store").join(file.unwrap().file_name()),
            "not a store of ours",
        )
        .unwrap();
    }
    let other = finished(&["serve", "--port", "0", "--data"], &broken);
    assert!(
        other.contains("mensageria:") && other.len() > 40 && !other.contains("panicked"),
        "{other}"
    );
    let file = runner.fresh("file");
    std::fs::write(&file, "").unwrap();
    let no_folder = finished(&["serve", "--port", "0", "--data"], &file);
    assert!(no_folder.contains("cannot be used"), "{no_folder}");
    runner.end();
}

#[test]
fn a_bounce_is_seen_explained_and_mended_without_an_account() {
    let runner = Runner::start();
    let (admin, technician) = (runner.token("ADMIN"), runner.token("TECHNICIAN"));
    let snapshot = r#"{"requester": {"name": "Rui", "email": "bounce@simulator.amazonses.com"},
        "responsible": {"name": "Bia", "email": "bia@example.com"}}"#;
    let (status, _) = runner.call("PUT", "/tickets/9001", Some(&admin), snapshot);
    assert_eq!(status, 201);
    let messages = "/tickets/9001/messages";
    let (status, posted) = runner.call("POST", messages, Some(&technician), r#"{"text": "Oi"}"#);
    assert_eq!(status, 202);
    let path = format!("{messages}/{}", posted["id"].as_str().unwrap());
    let state = || {
        let (_, message) = runner.call("GET", &path, Some(&technician), "");
        message["deliveries"][0]["status"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    until("the bounce", || state() == "bounced");
    until("the notice to the technician", || mails(&runner).len() == 2);
    let (_, conversation) = runner.call("GET", messages, Some(&technician), "");
    let notice = &conversation["items"][1];
    assert_eq!(
        (&notice["source"], &notice["visibility"]),
        (&json!("system"), &json!("internal"))
    );
    let (_, explained) = runner.call("GET", &format!("{path}/explain"), Some(&technician), "");
    assert_eq!(explained["recipients"][0]["delivery"]["reason"], "BOUNCED");

    let (_, suppressed) = runner.call("GET", "/suppressions", Some(&admin), "");
    let address = suppressed["items"][0]["address"].as_str().unwrap();
    let (status, _) = runner.call(
        "DELETE",
        &format!("/suppressions/{address}"),
        Some(&admin),
        r#"{"reason": "novo servidor"}"#,
    );
    assert_eq!(status, 204);
    let delivery = posted["deliveries"][0]["id"].as_str().unwrap();
    let again = format!("{path}/deliveries/{delivery}/resend");
    let (status, _) = runner.call("POST", &again, Some(&technician), "");
    assert_eq!(status, 202);
    until("the second attempt", || mails(&runner).len() > 2);
    runner.end();
}
