//! Mails that a place knows: one that was sent, and a reply that came in.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::{address::Mailbox, delivery::Delivery};
use jiff::{SignedDuration, Timestamp};
use mail::token::reply::ReplyAudience;
use serde_json::{Value, json};
use service::{App, outgoing::sending::Sender, settings::Settings};
use storage::{Key, SharedStorage};
use transport::{Outcome, OutgoingMail, Transport, simulator};
use uuid::Uuid;

use crate::Failure;

/// Sender of the mails.
pub const MAIL_FROM: &str = "desk@mensageria.example";
/// Domain that answers go to.
pub const REPLY_DOMAIN: &str = "reply.mensageria.example";
/// Keys of its tokens.
pub const REPLY_TOKEN_KEYS: &str = "a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// Bucket of the mails that come in.
pub const FILES_BUCKET: &str = "mensageria-files";

/// What SES puts on top of a mail that it received and found to be in order.
const SEAL: &str = "Return-Path: <{sender}>\r\n\
    Received: from mail.example.com (mail.example.com [203.0.113.9])\r\n \
    by inbound-smtp.us-east-1.amazonaws.com with SMTP id 1\r\n \
    for {to}; Sun, 18 Oct 2026 12:00:00 +0000 (UTC)\r\n\
    X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n\
    Authentication-Results: amazonses.com; spf=pass; dkim=pass; dmarc=pass header.from=example.com\r\n\
    X-SES-RECEIPT: AEFBQUFBQUFBQUFF\r\n";

/// Takes every mail, as SES does.
struct Taking;

#[async_trait]
impl Transport for Taking {
    async fn send(&self, mail: &OutgoingMail) -> Outcome {
        Outcome::Accepted {
            id: format!("0100{}-000000", mail.delivery_id),
        }
    }

    fn longest_call(&self) -> Duration {
        Duration::ZERO
    }
}

/// Sends a queued delivery and gives the event with which SES tells that it arrived.
///
/// # Errors
/// When storage refuses, or it was not sent.
pub async fn arrived(storage: &SharedStorage, delivery: &Key) -> Result<Value, Failure> {
    let app = App::new(Arc::clone(storage), settings()?);
    let sender = Sender::new(app, Arc::new(Taking));
    let read = async || -> Result<_, Failure> {
        let found = storage.get(std::slice::from_ref(delivery)).await?;
        Ok(found.into_iter().flatten().next())
    };
    let sent = sender
        .send_queued(read().await?.into_iter().collect())
        .await;
    let item = read().await?.ok_or("the delivery is gone")?;
    let record: Delivery = item.decode()?;
    let id = record.mail.and_then(|mail| mail.provider_id);
    let Some(id) = id else {
        return Err(format!("the delivery was not sent: {sent:?}").into());
    };
    let mail = OutgoingMail {
        from: Mailbox::parse(MAIL_FROM)?.address,
        to: record.to.address.parsed()?.clone(),
        raw: Vec::new(),
        delivery_id: record.id,
        attempt: record.attempts,
        ticket_id: record.ticket_id,
        message_id: record.message_id,
        kind: "message",
    };
    let mut events = simulator::results(&mail, &id, Timestamp::now()).into_iter();
    let arrived = events.find(|event| event["detail"]["eventType"] == "Delivery");
    arrived.ok_or_else(|| "the mail did not arrive".into())
}

fn settings() -> Result<Settings, Failure> {
    Ok(Settings::read(|name| {
        let value = match name {
            "MAIL_FROM" => MAIL_FROM,
            "MAIL_TRANSPORT" => "ses",
            "REPLY_DOMAIN" => REPLY_DOMAIN,
            "REPLY_TOKEN_KEYS" => REPLY_TOKEN_KEYS,
            _ => return None,
        };
        Some(value.to_owned())
    })?)
}

/// An answer to a mail about a ticket, as SES stores it: text and HTML, a signature, a long
/// quotation; 20 KB, each with an id of its own.
///
/// # Errors
/// When `sender` is not an address.
pub fn reply(ticket: &str, sender: &str) -> Result<Vec<u8>, Failure> {
    let id = Uuid::now_v7();
    let keys = settings()?.reply_token_keys;
    let keys = keys.ok_or("no key signs the answer")?;
    let until = Timestamp::now() + SignedDuration::from_hours(24);
    let token = keys.reply_token(
        &ticket.parse()?,
        &sender.parse()?,
        until,
        ReplyAudience::Requester,
    );
    let to = token.address(REPLY_DOMAIN)?;
    let quoted = "Prezada Maria, a solicitação foi atendida pela equipe de suporte. ".repeat(3);
    let text = format!(
        "Bom dia,\r\n\r\nAgora funciona ({id}), obrigada!\r\n\r\nAtenciosamente,\r\nMaria Conceição\r\n\r\n\
         De: Central <{MAIL_FROM}>\r\nEnviada em: domingo, 18 de outubro de 2026 09:00\r\nPara: Maria\r\n\
         Assunto: Solicitação {ticket}\r\n\r\n{}",
        format!("{quoted}\r\n").repeat(48)
    );
    let html = format!("<p>{}</p>", text.replace("\r\n", "<br>\r\n"));
    let seal = SEAL
        .replace("{sender}", sender)
        .replace("{to}", to.as_str());
    let mail = format!(
        "{seal}From: Maria <{sender}>\r\nTo: {to}\r\nSubject: RES: [{ticket}] Rede corporativa\r\n\
         Message-ID: <{id}@mail.example.com>\r\nReferences: <t.{ticket}@{REPLY_DOMAIN}>\r\n\
         Date: Sun, 18 Oct 2026 09:00:00 -0300\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/alternative; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n\
         --b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{html}\r\n--b--\r\n"
    );
    Ok(mail.into_bytes())
}

/// How the bucket tells of a new object.
pub fn object_created(key: &str, size: usize) -> Value {
    json!({
        "version": "0", "id": Uuid::now_v7(), "detail-type": "Object Created",
        "source": "aws.s3", "account": "000000000000", "time": "2026-10-18T12:00:00Z",
        "region": "us-east-1", "resources": [format!("arn:aws:s3:::{FILES_BUCKET}")],
        "detail": {
            "version": "0", "bucket": { "name": FILES_BUCKET },
            "object": { "key": key, "size": size, "etag": "0", "sequencer": "0" },
            "request-id": "1", "requester": "ses.amazonaws.com",
            "source-ip-address": "203.0.113.20", "reason": "PutObject",
        },
    })
}
