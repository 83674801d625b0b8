//! Any bytes as a mail that came in, over the whole path: no panic, nothing dropped, nobody let in
//! without proof, no secret of ours kept.
//!
//! The first byte says how the mail is sent: bit 0, SES proved it; bit 1, it is addressed to the ticket.
//! `{LINK}` and `{FILE}` stand for tokens of ours, `{REPLY}` for the local part of a reply address. Seeds: `fuzz/seeds/inbound`.

#![no_main]

use std::{cell::RefCell, sync::Arc, time::Duration};

use async_trait::async_trait;
use libfuzzer_sys::fuzz_target;
use service::{App, access::{Caller, Role}, api::PersonFields, desk::{messages::StoredMessage, tickets::{self, TicketFields}}, inbound::{Arrival, Mail, Received, Trust, receive}, settings::Settings};
use domain::id::{MailId, TicketId};
use storage::{embedded::Embedded, files::{Files, FilesError, Listing}, keys};
use mail::token::{file::FileClaims, link::Action, reply::ReplyAudience};
use tokio::runtime::Runtime;

/// What SES puts on top of a mail that it found to be in order.
const SEAL: &str = "X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n\
    Authentication-Results: amazonses.com; spf=pass; dkim=pass; dmarc=pass\r\nX-SES-RECEIPT: x\r\n";
/// How many mails one store sees.
const MAILS: usize = 500;

/// Files that nobody asks for again.
struct Nowhere;

#[async_trait]
impl Files for Nowhere {
    async fn put(&self, name: &str, _: Vec<u8>) -> Result<(), FilesError> {
        assert!(storage::files::is_name(name), "{name}");
        Ok(())
    }
    async fn get(&self, _: &str, _: u64) -> Result<Option<Vec<u8>>, FilesError> {
        Ok(None)
    }
    async fn remove(&self, _: &str) -> Result<bool, FilesError> {
        Ok(false)
    }
    async fn list(&self, _: &str, _: Option<&str>) -> Result<Listing, FilesError> {
        Ok(Listing::default())
    }
    async fn link(&self, _: &str, _: &str, _: Duration) -> Result<Option<String>, FilesError> {
        Ok(None)
    }
}

struct MailTaker {
    runtime: Runtime,
    app: App,
    reply_to: String,
    /// What stands for a token in the input, and the token.
    tokens: [(&'static str, String); 3],
    mails: usize,
}

impl MailTaker {
    fn new() -> Self {
        let settings = Settings::read(|name| {
            let value = match name {
                "MAIL_FROM" => "desk@example.org",
                "REPLY_DOMAIN" => "reply.example.org",
                "REPLY_TOKEN_KEYS" => "a:AAAAAAAAAAAAAAAAAAAAAA==",
                _ => return None,
            };
            Some(value.to_owned())
        });
        let store = Arc::new(Embedded::in_memory().expect("a store"));
        let app = App::new(store, settings.expect("settings")).with_files(Arc::new(Nowhere));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let ticket = TicketFields {
            id: "4711".to_owned(),
            requester: PersonFields {
                email: "ana@example.com".into(),
                ..PersonFields::default()
            },
            ..TicketFields::default()
        };
        let caller = Caller {
            sub: "itsm".to_owned(),
            email: None,
            name: "itsm".to_owned(),
            roles: vec![Role::Integration],
            groups: Vec::new(),
        };
        runtime
            .block_on(tickets::put(&app, &caller, "4711", ticket))
            .expect("a ticket");
        let keys = app.settings.reply_token_keys.clone().expect("keys");
        let ana = "ana@example.com".parse().expect("an address");
        let later = "2080-01-01T00:00:00Z".parse().expect("a time");
        let token = keys.reply_token(&TicketId::from_static("4711"), &ana, later, ReplyAudience::Requester).token;
        let file = FileClaims {
            ticket: TicketId::from_static("4711"),
            message: uuid::Uuid::nil(),
            number: 1,
            holder: None,
            expires: later,
        };
        let tokens = [
            ("{LINK}", keys.link_token(&TicketId::from_static("4711"), &ana, Action::Approve, later, [9; 8])),
            ("{FILE}", keys.file_token(&file)),
            ("{REPLY}", format!("reply+{token}")),
        ];
        Self {
            tokens,
            runtime,
            app,
            reply_to: format!("reply+{token}@reply.example.org"),
            mails: 0,
        }
    }
}

thread_local! {
    static DESK: RefCell<MailTaker> = RefCell::new(MailTaker::new());
}

/// The input with tokens of ours in the places that it names.
fn with_tokens(input: &[u8], tokens: &[(&str, String)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len());
    let mut at = 0;
    while at < input.len() {
        match tokens.iter().find(|(mark, _)| input[at..].starts_with(mark.as_bytes())) {
            Some((mark, token)) => {
                out.extend_from_slice(token.as_bytes());
                at += mark.len();
            }
            None => {
                out.push(input[at]);
                at += 1;
            }
        }
    }
    out
}

fuzz_target!(|input: &[u8]| {
    let Some((flags, rest)) = input.split_first() else {
        return;
    };
    DESK.with_borrow_mut(|desk| {
        desk.mails += 1;
        if desk.mails > MAILS {
            *desk = MailTaker::new();
        }
        let sealed = flags & 1 == 1;
        let addressed = flags & 2 == 2;
        let mut raw = Vec::new();
        if sealed {
            raw.extend_from_slice(SEAL.as_bytes());
        }
        if addressed {
            let head = format!("From: ana@example.com\r\nTo: {}\r\n", desk.reply_to);
            raw.extend_from_slice(head.as_bytes());
        }
        raw.extend(with_tokens(rest, &desk.tokens));
        let id = MailId::fresh();
        let proof = raw.to_ascii_lowercase().windows(13).any(|w| w == b"x-ses-receipt");
        let arrival = Arrival {
            id: id.clone(),
            raw,
            envelope: Vec::new(),
            trust: Trust::Ses,
        };
        let (app, runtime) = (&desk.app, &desk.runtime);
        let received = runtime.block_on(receive(app, arrival)).expect("storage does not fail");
        if received != Received::Duplicate {
            let found = runtime.block_on(app.store.get(&[keys::inbound(&id)])).expect("a read");
            let item = found[0].as_ref().expect("a mail was dropped");
            let mail: Mail = item.decode().expect("a record");
            let mut kept = format!("{} {}", mail.subject, mail.text);
            if let Some(message) = mail.message_id {
                let key = keys::message(&mail.ticket_id.expect("a ticket"), message);
                let found = runtime.block_on(app.store.get(&[key])).expect("a read");
                let stored: StoredMessage = found[0].as_ref().expect("a message").decode().expect("a message");
                kept.push_str(&stored.message.text);
                kept.push_str(stored.message.full_text.as_deref().unwrap_or_default());
            }
            for (name, token) in &desk.tokens {
                assert!(!kept.contains(token.as_str()), "{name} was kept");
            }
        }
        assert!(proof || !matches!(received, Received::Message { .. }), "let in without proof");
    });
});
