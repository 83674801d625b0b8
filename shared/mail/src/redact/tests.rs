use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::token::{Keyring, TokenKey, file::FileClaims, link::Action, reply::ReplyAudience};

fn ring() -> Keyring {
    let secret = vec![7; 32];
    Keyring::new(&[TokenKey { id: 'a', secret }]).unwrap()
}

fn later() -> Timestamp {
    "2026-12-01T10:00:00Z".parse().unwrap()
}

fn link(ticket: &str, action: Action) -> String {
    let maria = "maria@example.com".parse().unwrap();
    ring().link_token(&ticket.parse().unwrap(), &maria, action, later(), [9; 8])
}

fn file(ticket: &str) -> String {
    ring().file_token(&FileClaims {
        ticket: ticket.parse().unwrap(),
        message: Uuid::now_v7(),
        number: 1,
        holder: None,
        expires: later(),
    })
}

fn reply(ticket: &str) -> String {
    let maria = "maria@example.com".parse().unwrap();
    ring()
        .reply_token(
            &ticket.parse().unwrap(),
            &maria,
            later(),
            ReplyAudience::Desk,
        )
        .token
}

/// Whether a stretch of a token is left from which somebody could make it whole again.
fn survives(text: &str, token: &str) -> bool {
    let joined: String = text
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect();
    let joined = joined.to_ascii_lowercase();
    let token = token.to_ascii_lowercase();
    joined.contains(&token[1..17])
}

#[test]
fn every_form_in_which_a_quoted_mail_holds_a_link_is_redacted() {
    let tokens = [
        link("1", Action::Approve),
        link("4711", Action::Reject),
        link(&"x".repeat(64), Action::View),
        file("1"),
        file(&"x".repeat(64)),
    ];
    for token in &tokens {
        for path in ["links", "files"] {
            let plain = format!("https://desk.example.com/{path}/{token}");
            let encoded = plain.replace(':', "%3A").replace('/', "%2F");
            let twice = encoded.replace('%', "%25");
            let (head, tail) = token.split_at(30);
            let defense = plain.replace(':', "-3A").replace('/', "_");
            let standard = data_encoding::BASE64.encode(plain.as_bytes());
            let url = BASE64URL_NOPAD.encode(format!("x{plain}").as_bytes());
            for (form, clean) in [
                (plain.clone(), format!("https://desk.example.com/{path}/…")),
                (
                    format!("<{plain}>,"),
                    format!("<https://desk.example.com/{path}/…>,"),
                ),
                (
                    format!("[Aprovar]({plain})"),
                    format!("[Aprovar](https://desk.example.com/{path}/…)"),
                ),
                (
                    format!("<a href=\"{plain}\">{plain}</a>"),
                    format!(
                        "<a href=\"https://desk.example.com/{path}/…\">https://desk.example.com/{path}/…</a>"
                    ),
                ),
                (
                    format!(
                        "HTTP://DESK.EXAMPLE.COM:8443/sub/{}/{token}?x=1",
                        path.to_uppercase()
                    ),
                    format!(
                        "HTTP://DESK.EXAMPLE.COM:8443/sub/{}/…?x=1",
                        path.to_uppercase()
                    ),
                ),
                (
                    format!(
                        "https://eur01.safelinks.protection.outlook.com/?url={encoded}&data=05%7C01&reserved=0"
                    ),
                    format!(
                        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fdesk.example.com%2F{path}%2F…&data=05%7C01&reserved=0"
                    ),
                ),
                (
                    format!("https://x.example/?u={twice}&c=E"),
                    format!(
                        "https://x.example/?u=https%253A%252F%252Fdesk.example.com%252F{path}%252F…&c=E"
                    ),
                ),
                (
                    format!("https://urldefense.proofpoint.com/v2/url?u={defense}&d=DwMFAg"),
                    format!(
                        "https://urldefense.proofpoint.com/v2/url?u=https-3A__desk.example.com_{path}_…&d=DwMFAg"
                    ),
                ),
                (
                    format!("https://urldefense.com/v3/__{plain}__;!!Abc"),
                    format!("https://urldefense.com/v3/__https://desk.example.com/{path}/…;!!Abc"),
                ),
                (
                    format!("> https://desk.example.com/{path}/{head}\r\n> {tail}\n> Fim"),
                    format!("> https://desk.example.com/{path}/…\n> Fim"),
                ),
                (
                    format!("https://desk.example.com/{path}/{head}=\r\n{tail} fim"),
                    format!("https://desk.example.com/{path}/… fim"),
                ),
                (
                    format!("https://desk.example.com/{path}/\n{token}"),
                    format!("https://desk.example.com/{path}/\n…"),
                ),
                (
                    format!("https://desk.example.com/{path}/{head}\u{200b}{tail}"),
                    format!("https://desk.example.com/{path}/…"),
                ),
                (token.clone(), "…".to_owned()),
                (format!("veja{token} fim"), "veja… fim".to_owned()),
            ] {
                assert_eq!(redact(&form), clean, "{form}");
            }
            for form in [
                format!("https://x.protection.example/?d=desk.example.com&u={standard}&i=1"),
                format!("https://x.protection.example/?u={url}&i=1"),
            ] {
                let clean = redact(&form);
                assert!(
                    clean.contains('…') && clean.ends_with("&i=1"),
                    "{form}: {clean}"
                );
                assert!(
                    !clean.contains(&standard[24..60]) && !clean.contains(&url[24..60]),
                    "{clean}"
                );
            }
        }
        assert!(holds_links(format!("x {token}").as_bytes()));
    }
}

#[test]
fn every_form_of_a_reply_address_is_redacted() {
    for ticket in ["1", "INC-2024-00001", &"x".repeat(64)] {
        let token = reply(ticket);
        let (head, tail) = token.split_at(20);
        for (form, clean) in [
            (
                format!("Central <reply+{token}@reply.example.com> escreveu:"),
                "Central <reply+…@reply.example.com> escreveu:",
            ),
            (
                format!("REPLY+{}@REPLY.EXAMPLE.COM", token.to_uppercase()),
                "REPLY+…@REPLY.EXAMPLE.COM",
            ),
            (
                format!("mailto:reply%2B{token}%40reply.example.com"),
                "mailto:reply%2B…%40reply.example.com",
            ),
            (
                format!("u=mailto%3Areply%252b{token}%2540x"),
                "u=mailto%3Areply%252b…%2540x",
            ),
            (
                format!("<a href=\"mailto:reply+{token}@x.example\">"),
                "<a href=\"mailto:reply+…@x.example\">",
            ),
            (
                format!("> reply+{head}\n> {tail}@reply.example.com"),
                "> reply+…@reply.example.com",
            ),
            (
                format!("reply+\n{token}@reply.example.com"),
                "reply+\n…@reply.example.com",
            ),
            (
                format!("reply=2B{head}=\r\n{tail}@x.example"),
                "reply=2B…@x.example",
            ),
        ] {
            assert_eq!(redact(&form), clean, "{form}");
        }
        assert!(!holds_links(token.as_bytes()));
    }
}

#[test]
fn what_people_write_stays() {
    for text in [
        "",
        "Veja https://example.org/links/como-instalar e https://example.org/files/manual.pdf",
        "https://drive.example.org/files/0B1xYzAbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefgh",
        "reply+maria@example.com e reply+suporte.tecnico@example.com",
        "Responda para reply+abc@reply.example.com",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=",
        "019ac1f2-7e3a-7c11-9d61-0242ac120002",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7vbqajDhA+x1y2z",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ] {
        assert_eq!(redact(text), text);
    }
    let token = link("4711", Action::Approve);
    let text =
        format!("Não aprovo:\nhttps://desk.example.com/links/{token}\nReinicie o 2PC agora.");
    assert_eq!(
        redact(&text),
        "Não aprovo:\nhttps://desk.example.com/links/…\nReinicie o 2PC agora."
    );
}

proptest! {
    #[test]
    fn no_token_survives_wherever_it_is_wrapped(
        at in 1usize..50, also in 1usize..50, mark in prop::sample::select(vec!["\n", "\r\n", "\r\n> ", "\n>> ", "=\r\n", "\n  | ", "\u{200b}"]),
        ticket in "[A-Za-z0-9._-]{1,64}",
    ) {
        for (front, token) in [
            ("https://desk.example.com/links/", link(&ticket, Action::Approve)),
            ("https%3A%2F%2Fdesk.example.com%2Ffiles%2F", file(&ticket)),
            ("<reply+", reply(&ticket)),
        ] {
            let mut wrapped = token.clone();
            let (first, second) = (at.min(also).min(token.len() - 1), at.max(also).min(token.len() - 1));
            if second > first {
                wrapped.insert_str(second, mark);
            }
            wrapped.insert_str(first, mark);
            let text = format!("Oi.\n{front}{wrapped}\n> Fim.");
            let clean = redact(&text);
            prop_assert!(clean.contains('…'), "{text}: {clean}");
            prop_assert!(!survives(&clean, &token), "{text}: {clean}");
            prop_assert!(clean.ends_with("Fim."), "{clean}");
        }
    }

    #[test]
    fn no_text_panics(text in "(\\PC|[aA/%=+>\\n]|links|files|reply|%2F|AUEAAAAA|L2xpbmtzL){0,80}") {
        let clean = redact(&text).into_owned();
        prop_assert_eq!(redact(&clean), clean.as_str());
    }
}
