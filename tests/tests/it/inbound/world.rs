//! A desk that mail comes to: tickets, tokens, storage, and a clock that is moved by hand.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};
use mail::token::{Keyring, reply::ReplyAudience};
use serde_json::{Value, json};
use service::{
    App,
    inbound::{self, Arrival, Received, Trust},
    settings::Settings,
};
use storage::files::folder::Folder;
use tempfile::TempDir;
use tests::memory::Memory;

use crate::http::{self, Desk};
use domain::id::TicketId;

/// Domain of the reply addresses.
pub(crate) const DOMAIN: &str = "reply.example.org";
/// The ticket of the tests: Maria's, followed by Fabio, worked on by Bia of the group N1.
pub(crate) const TICKET: &str = "4711";
/// The same, as use cases take it.
pub(crate) static NUMBER: TicketId = TicketId::from_static(TICKET);

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) desk: Desk,
    pub(crate) store: Arc<Memory>,
    clock: Arc<Mutex<Timestamp>>,
    mails: AtomicUsize,
    folder: TempDir,
}

impl World {
    /// One ticket, nothing else.
    pub(crate) async fn new() -> Self {
        let world = Self::without_tickets();
        world.desk.ticket(TICKET).await;
        world
    }

    pub(crate) fn without_tickets() -> Self {
        let keys = ["a", "b"]
            .map(|id| format!("{id}:{}", BASE64.encode(&[id.as_bytes()[0]; 32])))
            .join(",");
        let settings = Settings::read(|name| match name {
            "MAIL_FROM" => Some("desk@example.org".to_owned()),
            "REPLY_DOMAIN" => Some(DOMAIN.to_owned()),
            "REPLY_TOKEN_KEYS" => Some(keys.clone()),
            _ => None,
        });
        let folder = tempfile::tempdir().unwrap();
        let files = Folder::open(folder.path()).unwrap();
        let clock = Arc::new(Mutex::new("2026-01-01T10:00:00Z".parse().unwrap()));
        let hand = clock.clone();
        let store = Arc::new(Memory::default());
        let app = App::new(store.clone(), settings.unwrap())
            .with_files(Arc::new(files))
            .with_clock(move || *hand.lock().unwrap_or_else(PoisonError::into_inner));
        Self {
            desk: Desk::of(app.clone()),
            app,
            store,
            clock,
            mails: AtomicUsize::new(0),
            folder,
        }
    }

    /// Where its files are.
    pub(crate) fn files_folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn later(&self, by: SignedDuration) {
        let mut now = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        *now += by;
    }

    /// The token with which somebody answers on a ticket.
    pub(crate) fn token(&self, ticket: &str, who: &str) -> String {
        self.token_of(ticket, who, ReplyAudience::Requester)
    }

    /// The same for somebody who stood there.
    pub(crate) fn token_of(&self, ticket: &str, who: &str, seat: ReplyAudience) -> String {
        let keys = Keyring::new(&self.app.settings.reply_token_keys).unwrap();
        let until = self.app.now() + SignedDuration::from_hours(24 * 30);
        keys.reply_token(&ticket.parse().unwrap(), &who.parse().unwrap(), until, seat)
            .token
    }

    /// The reply address of somebody.
    pub(crate) fn reply_to(&self, who: &str) -> String {
        format!("reply+{}@{DOMAIN}", self.token(TICKET, who))
    }

    /// A mail that SES proved.
    pub(crate) async fn take(&self, mail: impl AsRef<[u8]>) -> Received {
        let raw = [SEAL.as_bytes(), mail.as_ref()].concat();
        self.take_raw(&self.next_id(), raw).await
    }

    pub(crate) async fn take_raw(&self, id: &str, raw: Vec<u8>) -> Received {
        let arrival = Arrival {
            id: id.parse().unwrap(),
            raw,
            envelope: Vec::new(),
            trust: Trust::Ses,
        };
        inbound::keep_and_receive(&self.app, arrival).await.unwrap()
    }

    pub(crate) fn next_id(&self) -> String {
        format!("mail-{}", self.mails.fetch_add(1, Ordering::Relaxed))
    }

    /// A short reply of somebody, under their own token.
    pub(crate) async fn reply(&self, who: &str, text: &str) -> Received {
        let to = self.reply_to(who);
        self.take(mail(who, &to, "", text)).await
    }

    /// The conversation as the desk reads it.
    pub(crate) async fn conversation(&self, claims: &Value) -> Vec<Value> {
        let path = format!("/tickets/{TICKET}/messages?limit=100");
        let answer = self.desk.call(claims, "GET", &path, None).await;
        answer.expect(200)["items"].as_array().unwrap().clone()
    }

    pub(crate) async fn set(&self, number: u16, value: &str) {
        let body = json!({ "value": value });
        let path = format!("/parameters/{number}");
        let admin = http::admin();
        self.desk
            .call(&admin, "PUT", &path, Some(body))
            .await
            .expect(200);
    }

    /// Names of the stored files.
    pub(crate) fn stored(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.folder.path().join("attachments"))
            .map(|found| {
                found
                    .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                    .collect()
            })
            .unwrap_or_default();
        names.sort();
        names
    }
}

/// What SES puts on top of a mail that it found to be in order.
pub(crate) const SEAL: &str = "X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n\
    Authentication-Results: amazonses.com; spf=pass; dkim=pass; dmarc=pass\r\nX-SES-RECEIPT: x\r\n";

/// A mail with these further header lines, each with its line end.
pub(crate) fn mail(from: &str, to: &str, headers: &str, text: &str) -> String {
    let id = domain::id::MailId::fresh();
    format!(
        "From: {from}\r\nTo: {to}\r\nSubject: RES: Impressora\r\nMessage-ID: <{id}@example.com>\r\n\
         {headers}\r\n{text}\r\n"
    )
}

/// The reason of a mail that was not let in.
pub(crate) fn quarantined(received: Received) -> &'static str {
    match received {
        Received::Quarantined(reason) => reason.code(),
        other => panic!("{other:?}"),
    }
}

/// The reason of a mail that is no conversation.
pub(crate) fn ignored(received: Received) -> &'static str {
    match received {
        Received::Ignored(reason) => reason.code(),
        other => panic!("{other:?}"),
    }
}

/// Demands that it became a message.
pub(crate) fn accepted(received: Received) -> uuid::Uuid {
    match received {
        Received::Message { message_id, .. } => message_id,
        other => panic!("{other:?}"),
    }
}
