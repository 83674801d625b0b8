//! Mails as other programs read them: golden files, and Python's `email` as a second parser.

mod golden;
mod parser;
mod starters;
mod threading;

use domain::{address::Mailbox, source::Rendered};
use mail::{
    compose::{Composed, Envelope, compose},
    thread::Thread,
};

/// An envelope in which everything is fixed, so that a mail is the same in every run.
pub(crate) fn envelope() -> Envelope {
    Envelope {
        from: mailbox("Central de Serviços", "desk@example.com"),
        to: mailbox("Maria da Silva", "maria@example.com"),
        reply_to: Some(
            "reply+aabcdefghijklmnopqrstuvwxyz234567@reply.example.com"
                .parse()
                .unwrap(),
        ),
        date: "2026-01-02T13:14:15Z".parse().unwrap(),
        header_id: "<0191234567897abc8def0123456789ab.1@example.com>".into(),
        thread: Thread {
            ticket: "4211".parse().unwrap(),
            domain: "example.com".into(),
            earlier: vec![],
            in_reply_to: None,
        },
        attachments: vec![],
    }
}

fn mailbox(name: &str, address: &str) -> Mailbox {
    Mailbox::new(name, address.parse().unwrap())
}

pub(crate) fn rendered(subject: &str, html: &str, text: &str) -> Rendered {
    Rendered {
        subject: subject.into(),
        html: html.into(),
        text: text.into(),
    }
}

/// The mail, with the limits that hold for every mail checked on its bytes.
pub(crate) fn composed(envelope: &Envelope, rendered: &Rendered) -> Composed {
    let composed = compose(envelope, rendered).unwrap();
    let raw = std::str::from_utf8(&composed.raw).unwrap();
    assert!(raw.is_ascii());
    for line in raw.split("\r\n") {
        assert!(line.len() < 998, "{line}");
        assert!(!line.contains(['\r', '\n', '\0']), "{line:?}");
    }
    composed
}
