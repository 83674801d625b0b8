//! Mail that comes to a desk: reply addresses, mails that SES proved, and what became of them.

use std::{
    path::Path,
    sync::{Arc, atomic::Ordering},
};

use data_encoding::BASE64;
use jiff::SignedDuration;
use mail::token::{link::Action, reply::ReplyAudience};
use serde_json::Value;
use service::inbound::{self, Arrival, Received, Trust};
use storage::Storage;
use tests::memory::Memory;

use super::{Clock, Desk, MARIA, NUMBER, TICKET, folder, read};

/// Domain of the reply addresses.
pub(crate) const DOMAIN: &str = "reply.example.org";

impl Desk<Memory> {
    /// Mails are taken in: one ticket, nothing else. The clock stands still.
    pub(crate) async fn receiving() -> Self {
        let desk = Self::without_tickets();
        desk.ticket(TICKET).await;
        desk
    }

    pub(crate) fn without_tickets() -> Self {
        let keys = ["a", "b"]
            .map(|id| format!("{id}:{}", BASE64.encode(&[id.as_bytes()[0]; 32])))
            .join(",");
        let settings = [
            ("MAIL_FROM", "desk@example.org"),
            ("REPLY_DOMAIN", DOMAIN),
            ("REPLY_TOKEN_KEYS", keys.as_str()),
        ];
        let clock = Clock::at("2026-01-01T10:00:00Z".parse().unwrap());
        let store = Arc::new(Memory::default());
        Self::build(store, read(&settings, &[]), clock, Some(folder()))
    }
}

impl<S: Storage> Desk<S> {
    /// Where its files are.
    pub(crate) fn files_folder(&self) -> &Path {
        self.folder.as_ref().expect("a folder of files").path()
    }

    /// The token with which somebody answers on a ticket.
    pub(crate) fn token(&self, ticket: &str, who: &str) -> String {
        self.token_of(ticket, who, ReplyAudience::Requester)
    }

    /// The same for somebody who stood there.
    pub(crate) fn token_of(&self, ticket: &str, who: &str, audience: ReplyAudience) -> String {
        let keys = self.app.settings.reply_token_keys.clone().unwrap();
        let until = self.app.now() + SignedDuration::from_hours(24 * 30);
        keys.reply_token(
            &ticket.parse().unwrap(),
            &who.parse().unwrap(),
            until,
            audience,
        )
        .token
    }

    /// The token of a link with which Maria approves what is asked on ticket 1, for a day.
    pub(crate) fn approval(&self) -> String {
        let keys = self.app.settings.reply_token_keys.clone().unwrap();
        let (maria, until) = (
            MARIA.parse().unwrap(),
            self.app.now() + SignedDuration::from_hours(24),
        );
        keys.link_token(&NUMBER, &maria, Action::Approve, until, [9; 8])
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
        let answer = self.call(claims, "GET", &path, None).await;
        answer.expect(200)["items"].as_array().unwrap().clone()
    }

    /// Names of the stored files.
    pub(crate) fn stored(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.files_folder().join("attachments"))
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

/// The reason of a mail that is not a conversation.
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
