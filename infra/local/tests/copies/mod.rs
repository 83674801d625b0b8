//! What becomes of data folders that were killed, copied, brought back or there before.

use std::{fs, path::Path};

use serde_json::json;
use storage::{
    Item, Key, Storage, Write,
    embedded::{Copy, Embedded},
};

use super::{MESSAGES, Runner, finished, mails, until};

/// Posts so many messages, each on a ticket of its own; their paths.
fn post(runner: &Runner, tickets: std::ops::Range<u32>) -> Vec<String> {
    let (admin, technician) = (runner.token("ADMIN"), runner.token("TECHNICIAN"));
    let snapshot = r#"{"requester": {"name": "Rui", "email": "rui@example.com"},
        "responsible": {"name": "Bia", "email": "bia@example.com"}}"#;
    let post = |ticket: u32| {
        runner.call("PUT", &format!("/tickets/{ticket}"), Some(&admin), snapshot);
        let path = format!("/tickets/{ticket}/messages");
        let (status, posted) = runner.call("POST", &path, Some(&technician), r#"{"text": "Oi"}"#);
        assert_eq!(status, 202, "{posted}");
        format!("{path}/{}", posted["id"].as_str().unwrap())
    };
    tickets.map(post).collect()
}

fn status(runner: &Runner, path: &str) -> String {
    let (_, message) = runner.call("GET", path, Some(&runner.token("TECHNICIAN")), "");
    let status = message["deliveries"][0]["status"].as_str();
    status.unwrap_or_default().to_owned()
}

#[test]
fn the_results_of_mails_survive_a_kill() {
    let runner = Runner::start();
    let messages = post(&runner, 600..620);
    until("the mails", || mails(&runner).len() == messages.len());
    let runner = runner.kill_and_restart();
    until("the results", || {
        messages
            .iter()
            .all(|path| ["delivered", "unknown"].contains(&status(&runner, path).as_str()))
    });
    runner.end();
}

#[test]
fn a_copy_of_the_store_that_was_brought_back_sends_nothing_until_it_is_told_to() {
    let runner = Runner::start();
    let messages = post(&runner, 700..703);
    until("the mails", || mails(&runner).len() == 3);
    let store = |data: &std::path::Path| data.join("store/mensageria.redb");
    let copy = runner.fresh("copy");
    let runner = runner.kill_and_restart_with(&[], |data| {
        fs::copy(store(data), &copy).unwrap();
    });
    post(&runner, 703..704);
    until("the mail", || mails(&runner).len() == 4);
    let runner = runner.kill_and_restart_with(&[], |data| {
        fs::copy(data.parent().unwrap().join("copy"), store(data)).unwrap();
    });
    let greeting = runner.greeting().join("\n");
    assert!(
        greeting.contains("NOTHING IS SENT") && greeting.contains("--send-due"),
        "{greeting}"
    );
    let (_, health) = runner.call("GET", "/health/config", Some(&runner.token("ADMIN")), "");
    assert_eq!(health["ready"], json!(false), "{health}");
    let held = post(&runner, 704..705);
    assert_eq!(status(&runner, &held[0]), "queued");
    let runner = runner.kill_and_restart_with(&["--send-due"], |_| ());
    until("what was held", || status(&runner, &held[0]) == "delivered");
    assert_eq!(mails(&runner).len(), 5, "nothing left twice");
    let (_, health) = runner.call("GET", "/health/config", Some(&runner.token("ADMIN")), "");
    assert_eq!(health["ready"], json!(true), "{health}");
    assert!(
        messages
            .iter()
            .all(|path| status(&runner, path) == "delivered")
    );
    runner.end();
}

#[test]
fn a_store_that_is_gone_or_emptied_beside_its_keys_is_refused_with_advice() {
    let runner = Runner::start();
    let folder = runner.stop();
    let data = folder.path().join("data");
    let path = data.join("store/mensageria.redb");
    fs::write(&path, "").unwrap();
    let why = finished(&["serve", "--port", "0", "--data"], &data);
    assert!(
        why.contains("is empty") && why.contains("bring back a copy"),
        "{why}"
    );
    fs::remove_file(&path).unwrap();
    let why = finished(&["serve", "--port", "0", "--data"], &data);
    assert!(
        why.contains("is missing") && why.contains("bring back a copy"),
        "{why}"
    );
}

#[test]
fn a_store_that_is_gone_with_its_mark_is_missed_beside_its_mails() {
    let runner = Runner::start();
    post(&runner, 850..851);
    until("the mail", || mails(&runner).len() == 1);
    let folder = runner.stop();
    let data = folder.path().join("data");
    fs::remove_dir_all(data.join("store")).unwrap();
    fs::remove_file(data.join("store.mark")).unwrap();
    let why = finished(&["serve", "--port", "0", "--data"], &data);
    assert!(
        why.contains("is missing") && why.contains("bring back a copy"),
        "{why}"
    );
    assert!(!data.join("store/mensageria.redb").exists());
}

/// Makes the store too large to be checked at every start.
fn enlarge(data: &Path) {
    let store = Embedded::open_marked(data.join("store"), data.join("store.mark"), Copy::Report);
    let store = store.unwrap();
    let filler = "filler ".repeat(10_000);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for n in 0..300 {
        let key = Key::new("filler", n.to_string());
        let item = Item::new(key, "filler", &json!({ "text": filler })).unwrap();
        let committed = store.commit(vec![Write::create(item)]);
        runtime.block_on(committed).unwrap();
    }
}

#[test]
fn a_large_store_that_was_ended_in_order_is_opened_without_a_check() {
    let runner = Runner::start().kill_and_restart_with(&[], enlarge);
    post(&runner, 800..801);
    let runner = Runner::again(runner.stop());
    until("the mail", || mails(&runner).len() == 1);
    let log = runner.end();
    assert!(!log.contains("was not closed in order"), "{log}");
}

#[test]
fn damage_that_is_found_beside_the_work_ends_the_server_and_is_remembered() {
    let folder = Runner::start().kill_and_restart_with(&[], enlarge).stop();
    let data = folder.path().join("data");
    let path = data.join("store/mensageria.redb");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    let text = b"filler filler filler";
    let mut windows = bytes[middle..].windows(text.len());
    let place = middle + windows.position(|part| part == text).unwrap();
    bytes[place..place + text.len()].fill(0xff);
    fs::write(&path, bytes).unwrap();
    for _ in 0..2 {
        let why = finished(&["serve", "--port", "0", "--data"], &data);
        assert!(
            why.contains("is damaged (") && why.contains("bring back a copy"),
            "{why}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_was_there_keeps_its_mode_and_what_is_made_in_it_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let runner = Runner::start();
    assert_eq!(mode(&runner.data()), 0o700);
    let runner = runner.kill_and_restart_with(&[], |data| {
        fs::remove_dir_all(data).unwrap();
        fs::create_dir(data).unwrap();
        fs::set_permissions(data, fs::Permissions::from_mode(0o755)).unwrap();
    });
    runner.call(
        "POST",
        MESSAGES,
        Some(&runner.token("TECHNICIAN")),
        r#"{"text": "Oi"}"#,
    );
    assert_eq!(mode(&runner.data()), 0o755);
    for made in ["store", "outbox", "files"] {
        assert_eq!(mode(&runner.data().join(made)), 0o700, "{made}");
    }
    for key in ["token.key", "reply.key"] {
        assert_eq!(mode(&runner.data().join(key)), 0o600, "{key}");
    }
    let log = runner.end();
    assert!(log.contains("chmod 700"), "{log}");
}
