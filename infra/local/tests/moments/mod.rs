//! `kill -9` of the server at every single moment at which a message and its mail are written: before
//! and after each write and each flush of the store and each step of the outbox. A library that is
//! loaded into the server (`killer.c`) ends it there. Whatever was answered is there after a restart,
//! whatever was not can be said again, and one mail goes out.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::process::{Runner, until};

/// More steps than a message and its mail have.
const MANY: usize = 1000;
const MESSAGES: &str = "/tickets/4711/messages";

/// The library, built; `None` where there is nothing to build it with.
fn killer(folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/moments/killer.c");
    let library = folder.join("killer.so");
    let mut build = Command::new("cc");
    build.args(["-shared", "-fPIC", "-O1", "-o"]);
    let built = build.arg(&library).arg(source).arg("-ldl").status();
    // Rust links with it, too.
    assert!(built.expect("a C compiler").success());
    library
}

/// Posts the message; the id of its delivery when that was answered.
fn post(runner: &Runner) -> Option<String> {
    let body = r#"{"text": "Pode testar?"}"#;
    let key = "Idempotency-Key: only-once\r\n";
    let token = runner.token("TECHNICIAN");
    let (status, posted) = runner.try_call("POST", MESSAGES, &token, key, body)?;
    assert_eq!(status, 202);
    Some(posted["deliveries"][0]["id"].as_str()?.to_owned())
}

fn read(runner: &Runner, path: &str) -> Option<Value> {
    let token = runner.token("TECHNICIAN");
    runner
        .try_call("GET", path, &token, "", "")
        .map(|(_, body)| body)
}

fn is_sent(message: &Value) -> bool {
    let status = message["deliveries"][0]["status"].as_str();
    matches!(status, Some("accepted" | "delivered"))
}

/// Whether the server died at this moment. Either way one message and one mail remain.
fn killed_at(library: &Path, nth: usize, after: bool) -> bool {
    let place = format!("{} step {nth}", if after { "after" } else { "before" });
    let nth = nth.to_string();
    let environment = [
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("KILLER_NTH", nth.as_str()),
        ("KILLER_AFTER", if after { "1" } else { "0" }),
    ];
    let mut runner = Runner::preloaded(&environment);
    let answered = post(&runner);
    if let Some(list) = read(&runner, MESSAGES) {
        let id = list["items"][0]["id"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let path = format!("{MESSAGES}/{id}");
        until("an end", || {
            read(&runner, &path).is_none_or(|message| is_sent(&message))
        });
    }
    let died = runner.dies_soon();
    runner = runner.kill_and_restart();
    let again = post(&runner).expect("an answer");
    if let Some(answered) = answered {
        assert_eq!(answered, again, "{place}: the same request is one request");
    }
    let list = read(&runner, MESSAGES).unwrap();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{place}: one message");
    let path = format!("{MESSAGES}/{}", items[0]["id"].as_str().unwrap());
    until("the mail", || is_sent(&read(&runner, &path).unwrap()));
    let (_, outbox) = runner.call("GET", "/local/outbox", Some(&runner.token("ADMIN")), "");
    let mails = outbox["items"].as_array().unwrap();
    let sent: Vec<_> = mails.iter().map(|mail| &mail["delivery_id"]).collect();
    assert_eq!(sent, [again.as_str()], "{place}: one mail");
    died
}

#[test]
fn at_whichever_moment_the_server_is_killed_one_mail_goes_out() {
    let folder = tempfile::tempdir().unwrap();
    let library = killer(folder.path());
    let moments = (1..MANY).flat_map(|nth| [(nth, false), (nth, true)]);
    let killed = moments
        .take_while(|(nth, after)| killed_at(&library, *nth, *after))
        .count();
    println!("killed at {killed} moments; each time one message, one mail");
    assert!(
        killed > 20,
        "a message and its mail take more steps than that"
    );
}
