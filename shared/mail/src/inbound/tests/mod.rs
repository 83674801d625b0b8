mod conversation;
mod fields;
mod parts;
mod texts;
mod verdicts;

use super::*;
use crate::reply::MAX_TEXT;
use domain::{reason::MailReason, system::Ours};

fn mail(headers: &str, body: &str) -> InboundMail {
    let from = if headers.to_ascii_lowercase().contains("from:") {
        ""
    } else {
        "From: Ana Sol <ana@example.com>\r\n"
    };
    parse(format!("{headers}{from}\r\n{body}").as_bytes()).unwrap()
}
