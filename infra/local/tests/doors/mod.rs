//! Who gets in: tokens, pages of other sites, programs of other protocols, clients that hold on.

use std::io::{Read, Write};

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

use crate::process::Runner;

fn signature<M: Mac + KeyInit>(key: &[u8], signed: &str) -> String {
    let mac = <M as KeyInit>::new_from_slice(key).unwrap();
    let signature = mac.chain_update(signed.as_bytes()).finalize().into_bytes();
    BASE64URL_NOPAD.encode(&signature)
}

/// The parts of a token that are signed.
fn unsigned(header: &str, claims: &Value) -> String {
    let parts = [header.to_owned(), claims.to_string()];
    parts
        .map(|part| BASE64URL_NOPAD.encode(part.as_bytes()))
        .join(".")
}

/// A token that this key signed.
fn token(key: &[u8], header: &str, claims: &Value) -> String {
    let signed = unsigned(header, claims);
    let signature = match header.contains("HS384") {
        true => signature::<Hmac<sha2::Sha384>>(key, &signed),
        false => signature::<Hmac<sha2::Sha256>>(key, &signed),
    };
    format!("{signed}.{signature}")
}

const HS256: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

fn claims(changes: Value) -> Value {
    let mut claims = json!({ "sub": "x", "iss": "mensageria-local", "aud": "mensageria",
        "exp": 9_999_999_999_i64, "groups": ["admin"] });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

#[test]
fn only_a_good_token_opens_the_door() {
    let runner = Runner::start();
    let key = runner.secret();
    let good = token(&key, HS256, &claims(json!({})));
    let (status, _) = runner.call("GET", "/parameters", Some(&good), "");
    assert_eq!(status, 200);
    let mut altered = good.clone().into_bytes();
    let middle = good.find('.').unwrap() + 5;
    altered[middle] = if altered[middle] == b'A' { b'B' } else { b'A' };
    let none = r#"{"alg":"none","typ":"JWT"}"#;
    let bad = [
        format!("{}.", unsigned(none, &claims(json!({})))),
        format!("{}.", unsigned(HS256, &claims(json!({})))),
        token(&key, none, &claims(json!({}))),
        String::from_utf8(altered).unwrap(),
        token(&key, r#"{"alg":"HS384"}"#, &claims(json!({}))),
        token(&key, r#"{"alg":"RS256"}"#, &claims(json!({}))),
        token(
            &key,
            r#"{"alg":"HS256","crit":["exp"]}"#,
            &claims(json!({})),
        ),
        token(
            b"another key of another server 123",
            HS256,
            &claims(json!({})),
        ),
        token(&key, HS256, &claims(json!({ "exp": 1 }))),
        token(&key, HS256, &claims(json!({ "exp": 9_999_999_999.5 }))),
        token(&key, HS256, &claims(json!({ "exp": 9_999_999_999.0 }))),
        token(&key, HS256, &claims(json!({ "nbf": 9_999_999_999_i64 }))),
        token(&key, HS256, &claims(json!({ "aud": "elsewhere" }))),
        token(&key, HS256, &claims(json!({ "iss": "elsewhere" }))),
        token(&key, HS256, &claims(json!({ "sub": "" }))),
        String::new(),
        "x.y.z".to_owned(),
    ];
    for token in bad {
        let (status, problem) = runner.call("GET", "/parameters", Some(&token), "");
        assert_eq!(
            (status, &problem["code"]),
            (401, &json!("UNAUTHENTICATED")),
            "{token}"
        );
    }
    let (status, problem) = runner.call_as_host("evil.example", "/health");
    assert_eq!((status, &problem["code"]), (400, &json!("REQUEST_INVALID")));
    runner.end();
}

const LOCAL: [(&str, &str); 8] = [
    ("GET", "/local/outbox"),
    ("GET", "/local/outbox/latest"),
    ("GET", "/local/outbox/1.eml"),
    ("POST", "/local/inbound"),
    ("POST", "/local/events"),
    ("POST", "/local/ses-events"),
    ("GET", "/local/people"),
    ("POST", "/local/sign-in"),
];

#[test]
fn the_page_of_another_site_uses_no_local_route() {
    let runner = Runner::start();
    let admin = runner.token("ADMIN");
    let mail = "From: carla@example.net\r\nSubject: x\r\n\r\nOi\r\n";
    for (method, path) in LOCAL {
        for header in [
            "Origin: https://evil.example\r\n",
            "Origin: null\r\n",
            "Origin: http://localhost:3000\r\n",
            "Sec-Fetch-Site: cross-site\r\n",
            "Sec-Fetch-Site: same-site\r\n",
        ] {
            for token in [None, Some(admin.as_str())] {
                let (status, problem) = runner.call_with(method, path, token, header, mail);
                assert_eq!(
                    (status, &problem["code"]),
                    (403, &json!("FORBIDDEN")),
                    "{method} {path} {header}"
                );
            }
        }
    }
    let (_, kept) = runner.call("GET", "/quarantine", Some(&admin), "");
    assert_eq!(kept["items"], json!([]), "nothing came in");
    // The console's own page, and programs that are not a browser.
    let own = format!(
        "Origin: {}\r\nSec-Fetch-Site: same-origin\r\n",
        runner.url()
    );
    for headers in [own.as_str(), "Sec-Fetch-Site: none\r\n", ""] {
        let (status, _) = runner.call_with("GET", "/local/outbox", Some(&admin), headers, "");
        assert_eq!(status, 200, "{headers}");
        let (status, _) = runner.call_with("POST", "/local/inbound", None, headers, mail);
        assert_eq!(status, 202, "{headers}");
    }
    runner.end();
}

#[test]
fn the_mails_need_a_token_of_any_role() {
    let runner = Runner::start();
    let nobody = token(
        &runner.secret(),
        HS256,
        &claims(json!({ "groups": ["N1"] })),
    );
    for (path, found) in [
        ("/local/outbox", 200),
        ("/local/outbox/1", 404),
        ("/local/outbox/1.eml", 404),
    ] {
        assert_eq!(runner.call("GET", path, None, "").0, 401, "{path}");
        assert_eq!(runner.call("GET", path, Some(&nobody), "").0, 403, "{path}");
        for role in ["REQUESTER", "TECHNICIAN", "ADMIN", "INTEGRATION"] {
            let (status, _) = runner.call("GET", path, Some(&runner.token(role)), "");
            assert_eq!(status, found, "{path} {role}");
        }
    }
    runner.end();
}

#[test]
fn the_people_of_the_demo_sign_in_by_a_click() {
    let runner = Runner::start();
    let (status, people) = runner.call("GET", "/local/people", None, "");
    assert_eq!(status, 200, "{people}");
    let people = people["items"].as_array().unwrap();
    let roles: Vec<_> = people.iter().map(|p| p["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["requester", "technician", "admin"]);
    for (person, path) in people
        .iter()
        .zip(["/tickets/4711", "/tickets/4711", "/parameters"])
    {
        let body = json!({ "person": person["id"] }).to_string();
        let (status, signed_in) = runner.call("POST", "/local/sign-in", None, &body);
        assert_eq!((status, &signed_in["person"]), (200, person), "{signed_in}");
        assert!(
            signed_in["expires_at"].as_str().unwrap().ends_with('Z'),
            "{signed_in}"
        );
        let token = signed_in["token"].as_str().unwrap();
        assert_eq!(runner.call("GET", path, Some(token), "").0, 200, "{person}");
    }
    for (body, refused) in [
        (r#"{"person": "root"}"#, 422),
        ("{}", 400),
        (r#"{"person": "bia", "role": "admin"}"#, 422),
    ] {
        assert_eq!(
            runner.call("POST", "/local/sign-in", None, body).0,
            refused,
            "{body}"
        );
    }
    runner.end();
}

#[test]
fn the_newest_mails_can_come_first() {
    let runner = Runner::start();
    let token = runner.token("TECHNICIAN");
    for n in 0..3 {
        let body = format!(r#"{{"text": "mensagem {n}"}}"#);
        runner.call("POST", crate::MESSAGES, Some(&token), &body);
    }
    crate::until("the mails", || crate::mails(&runner).len() == 3);
    let numbers = |path: &str| -> (Vec<u64>, Value) {
        let (status, page) = runner.call("GET", path, Some(&token), "");
        assert_eq!(status, 200, "{page}");
        let items = page["items"].as_array().unwrap();
        let numbers = items.iter().map(|mail| mail["number"].as_u64().unwrap());
        (numbers.collect(), page["next_cursor"].clone())
    };
    let (first, next) = numbers("/local/outbox?order=desc&limit=2");
    assert_eq!(first, [3, 2]);
    let cursor = next.as_str().unwrap();
    let (rest, end) = numbers(&format!("/local/outbox?order=desc&limit=2&cursor={cursor}"));
    assert_eq!((rest, end), (vec![1], Value::Null));
    assert_eq!(numbers("/local/outbox?order=asc").0, [1, 2, 3]);
    for path in [
        "/local/outbox?order=up",
        &format!("/local/outbox?cursor={cursor}"),
    ] {
        assert_eq!(runner.call("GET", path, Some(&token), "").0, 400, "{path}");
    }
    runner.end();
}

#[test]
fn a_web_request_to_the_smtp_port_becomes_no_mail() {
    let runner = Runner::with(&["--smtp-port", "0"]);
    let body = "EHLO x\r\nMAIL FROM:<maria@example.com>\r\nRCPT TO:<a@example.com>\r\nDATA\r\nFrom: maria@example.com\r\n\r\nOi\r\n.\r\nQUIT\r\n";
    for head in [
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\r\n",
        "Host: 127.0.0.1\r\n",
    ] {
        let mut stream = runner.connect_smtp();
        stream
            .write_all(format!("{head}{body}").as_bytes())
            .unwrap();
        let mut said = Vec::new();
        // What was not read any more may end the connection hard.
        let _ = stream.read_to_end(&mut said);
        let said = String::from_utf8_lossy(&said);
        assert!(!said.contains("250"), "{head}{said}");
    }
    let (_, kept) = runner.call("GET", "/quarantine", Some(&runner.token("ADMIN")), "");
    assert_eq!(kept["items"], json!([]), "no mail came in");
    runner.end();
}

/// The next line that a server says.
fn line(stream: &mut impl Read) -> String {
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        line.push(byte[0]);
    }
    String::from_utf8(line).unwrap()
}

#[test]
fn silent_mail_programs_hold_up_nobody() {
    let runner = Runner::with(&["--smtp-port", "0"]);
    let mut silent: Vec<_> = (0..40).map(|_| runner.connect_smtp()).collect();
    for stream in &mut silent {
        // Who has to make room may not even be greeted.
        let mut first = [0; 4];
        if stream.read_exact(&mut first).is_ok() {
            assert!([b"220 ", b"421 "].contains(&&first));
        }
    }
    let mut talking = runner.connect_smtp();
    assert!(line(&mut talking).starts_with("220 "));
    talking.write_all(b"NOOP\r\n").unwrap();
    assert!(line(&mut talking).starts_with("250 "));
    runner.end();
}

#[test]
fn silent_clients_hold_up_neither_others_nor_the_end() {
    let runner = Runner::start();
    let halves = [
        "",
        "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        "POST /local/inbound HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nFrom: ",
    ];
    let silent: Vec<_> = (0..600)
        .map(|n| {
            let mut stream = runner.connect();
            // The server may hang up in the middle.
            let _ = stream.write_all(halves[n % 3].as_bytes());
            stream
        })
        .collect();
    assert_eq!(runner.call("GET", "/health", None, "").0, 200);
    let log = runner.end();
    assert!(!log.contains("did not end in time"), "{log}");
    drop(silent);
}
