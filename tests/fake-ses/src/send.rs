//! `SendEmail`.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use hyper::body::{Bytes, Incoming};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    answer::{Answer, Cut, bytes, error, half, json as json_answer},
    script::Behaviour,
    server::whole,
    state::{Inner, Mail, State},
};

/// Largest message, as SES counts it.
const MAX_MESSAGE: usize = 40 * 1024 * 1024;
/// Headers that may stand once (RFC 5322, 3.6): SES refuses a mail that repeats one.
const ONCE: [&str; 12] = [
    "bcc",
    "cc",
    "content-type",
    "date",
    "from",
    "in-reply-to",
    "message-id",
    "mime-version",
    "references",
    "reply-to",
    "subject",
    "to",
];

/// An error of SES: status, code, message.
type Refusal = (u16, &'static str, String);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    #[serde(default)]
    from_email_address: String,
    #[serde(default)]
    destination: Destination,
    content: Content,
    #[serde(default)]
    email_tags: Vec<Tag>,
    configuration_set_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Destination {
    to_addresses: Vec<String>,
    cc_addresses: Vec<String>,
    bcc_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    raw: Option<Raw>,
    simple: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Raw {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    name: String,
    value: String,
}

/// Counts a send while it is there, also when its connection breaks.
struct Present<'a>(&'a State);

impl<'a> Present<'a> {
    fn new(state: &'a State) -> Self {
        state.with(|inner| {
            let counts = &mut inner.counts;
            counts.sends += 1;
            counts.at_once += 1;
            counts.most_at_once = counts.most_at_once.max(counts.at_once);
        });
        Self(state)
    }
}
impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.0
            .with(|inner| inner.counts.at_once = inner.counts.at_once.saturating_sub(1));
    }
}

pub(crate) async fn send(state: &State, body: Incoming) -> Answer {
    let _present = Present::new(state);
    let (behaviour, latency) = state.with(|inner| (inner.script.take(), inner.settings.latency_ms));
    if behaviour == Behaviour::DropEarly {
        return cut(state, Cut::Close);
    }
    let body = whole(body).await?;
    wait(latency).await;
    match behaviour {
        Behaviour::DropEarly | Behaviour::Drop => cut(state, Cut::Close),
        Behaviour::Stall => stall(state).await,
        Behaviour::Throttle => refuse(state, too_fast()),
        Behaviour::Error {
            status,
            code,
            message,
        } => {
            state.with(|inner| inner.counts.refused += 1);
            error(status, &code, &message)
        }
        Behaviour::Delay { ms } => {
            wait(ms).await;
            accepted(state, &body)
        }
        Behaviour::Accept => accepted(state, &body),
        then => match state.with(|inner| take(inner, &body)) {
            Err(refusal) => refuse(state, refusal),
            Ok(id) => after(state, &then, &id).await,
        },
    }
}

/// What follows an acceptance that its sender does not learn of.
async fn after(state: &State, behaviour: &Behaviour, id: &str) -> Answer {
    state.with(|inner| inner.counts.unanswered += 1);
    match behaviour {
        Behaviour::AcceptThenReset => Err(Cut::Reset),
        Behaviour::AcceptThenHalf => half(success(id)),
        Behaviour::AcceptThenStall => std::future::pending().await,
        Behaviour::AcceptThenFail { status } => error(*status, "InternalFailure", ""),
        Behaviour::AcceptThenGarbage => bytes(200, "text/html", "<h1>Welcome</h1>"),
        _ => Err(Cut::Close),
    }
}

fn accepted(state: &State, body: &Bytes) -> Answer {
    match state.with(|inner| take(inner, body)) {
        Ok(id) => success(&id),
        Err(refusal) => refuse(state, refusal),
    }
}

fn success(id: &str) -> Answer {
    json_answer(200, &json!({ "MessageId": id }))
}

fn cut(state: &State, how: Cut) -> Answer {
    state.with(|inner| inner.counts.unanswered += 1);
    Err(how)
}

async fn stall(state: &State) -> Answer {
    state.with(|inner| inner.counts.unanswered += 1);
    std::future::pending().await
}

async fn wait(ms: u64) {
    if ms > 0 {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

fn refuse(state: &State, (status, code, message): Refusal) -> Answer {
    let throttled = ["TooManyRequestsException", "ThrottlingException"].contains(&code);
    state.with(|inner| {
        if throttled {
            inner.counts.throttled += 1;
        } else {
            inner.counts.refused += 1;
        }
    });
    error(status, code, &message)
}

fn too_fast() -> Refusal {
    (
        400,
        "ThrottlingException",
        "Maximum sending rate exceeded.".into(),
    )
}

fn bad(message: impl Into<String>) -> Refusal {
    (400, "BadRequestException", message.into())
}

fn rejected(message: String) -> Refusal {
    (400, "MessageRejected", message)
}

/// Checks a request as SES does, and keeps its mail.
fn take(inner: &mut Inner, body: &Bytes) -> Result<String, Refusal> {
    let request: Request = serde_json::from_slice(body)
        .map_err(|_| (400, "SerializationException", "not a request".to_owned()))?;
    let (mail, configuration_set) = checked(request)?;
    let settings = &inner.settings;
    if !settings.sending_enabled {
        return Err((
            400,
            "SendingPausedException",
            "Sending is paused for this account.".into(),
        ));
    }
    let unknown = |set: &&String| {
        settings
            .configuration_sets
            .as_ref()
            .is_some_and(|known| !known.contains(set))
    };
    if let Some(set) = configuration_set.as_ref().filter(unknown) {
        let message = format!("Configuration set <{set}> does not exist.");
        return Err((404, "NotFoundException", message));
    }
    if !may_send(settings.verified.as_deref(), &mail.from) {
        return Err(rejected(format!(
            "Email address is not verified. The following identities failed the check in region \
             US-EAST-1: {}",
            mail.from
        )));
    }
    let sent = inner.counts.accepted;
    if inner
        .settings
        .max_24_hour_send
        .is_some_and(|most| sent >= most)
    {
        return Err((
            400,
            "ThrottlingException",
            "Daily message quota exceeded.".into(),
        ));
    }
    if !inner.within_rate(Instant::now()) {
        return Err(too_fast());
    }
    Ok(inner.accept(mail))
}

/// Whether the address or its domain is verified.
fn may_send(verified: Option<&[String]>, from: &str) -> bool {
    let domain = from.rsplit_once('@').map_or("", |(_, domain)| domain);
    verified.is_none_or(|known| {
        known
            .iter()
            .any(|one| one.eq_ignore_ascii_case(from) || one.eq_ignore_ascii_case(domain))
    })
}

/// The mail of a request that is well-formed.
fn checked(request: Request) -> Result<(Mail, Option<String>), Refusal> {
    let destination = request.destination;
    let to = [
        destination.to_addresses,
        destination.cc_addresses,
        destination.bcc_addresses,
    ]
    .concat();
    if to.is_empty() || to.len() > 50 {
        return Err(bad("Recipient count must be between 1 and 50."));
    }
    for address in to.iter().chain([&request.from_email_address]) {
        let local = address.rsplit_once('@').map(|(local, _)| local);
        match local {
            None | Some("") => return Err(bad("Missing final '@domain'")),
            Some(_) if address.chars().any(|c| c.is_control() || c.is_whitespace()) => {
                return Err(bad("Local address contains control or whitespace"));
            }
            Some(_) if !address.is_ascii() => {
                return Err(bad("Local address contains a non-ASCII character"));
            }
            Some(_) => {}
        }
    }
    for tag in &request.email_tags {
        for text in [&tag.name, &tag.value] {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
            if text.is_empty() || text.len() > 256 || !text.bytes().all(allowed) {
                return Err(bad(format!(
                    "Invalid tag <{text}>, only alphanumeric ASCII characters, '_', and '-' are allowed."
                )));
            }
        }
    }
    let raw = content(request.content)?;
    let configuration_set = request.configuration_set_name;
    let mail = Mail {
        number: 0,
        message_id: String::new(),
        at: Timestamp::now(),
        from: request.from_email_address,
        to,
        raw,
        tags: request
            .email_tags
            .into_iter()
            .map(|tag| (tag.name, tag.value))
            .collect(),
        configuration_set: configuration_set.clone(),
    };
    Ok((mail, configuration_set))
}

fn content(content: Content) -> Result<Vec<u8>, Refusal> {
    let raw = match (content.raw, content.simple) {
        (Some(raw), None) => data_encoding::BASE64
            .decode(raw.data.as_bytes())
            .map_err(|_| bad("Raw message is not base64"))?,
        (None, Some(simple)) if simple.pointer("/Subject/Data").is_some() => {
            return Ok(simple.to_string().into_bytes());
        }
        _ => return Err(bad("Content must be either raw or simple")),
    };
    if raw.len() > MAX_MESSAGE {
        return Err(bad(format!(
            "Message length is more than {MAX_MESSAGE} bytes long"
        )));
    }
    match repeated_header(&raw) {
        Some(name) => Err(rejected(format!(
            "Transaction failed: Duplicate header '{name}'."
        ))),
        None => Ok(raw),
    }
}

/// The first header that stands twice and may not.
fn repeated_header(raw: &[u8]) -> Option<String> {
    let mut seen = BTreeSet::new();
    raw.split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.starts_with(b" ") && !line.starts_with(b"\t"))
        .filter_map(|line| line.split(|byte| *byte == b':').next())
        .map(|name| String::from_utf8_lossy(name).to_ascii_lowercase())
        .find(|name| ONCE.contains(&name.as_str()) && !seen.insert(name.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(change: impl FnOnce(&mut Value)) -> Bytes {
        let mut request = json!({
            "FromEmailAddress": "desk@example.com",
            "Destination": { "ToAddresses": ["maria@example.com"] },
            "Content": { "Raw": { "Data": data_encoding::BASE64.encode(b"Subject: x\r\n\r\ny") } },
            "EmailTags": [{ "Name": "kind", "Value": "message" }],
            "ConfigurationSetName": "set",
        });
        change(&mut request);
        request.to_string().into()
    }

    #[test]
    fn keeps_a_mail_byte_for_byte() {
        let mut inner = Inner::default();
        let id = take(&mut inner, &request(|_| {})).unwrap();
        assert_eq!(inner.mails[0].raw, b"Subject: x\r\n\r\ny");
        assert_eq!(inner.mails[0].message_id, id);
        assert_eq!(inner.mails[0].tag("kind"), Some("message"));
        assert_eq!(inner.events.len(), 2);
    }

    #[test]
    fn refuses_what_ses_refuses() {
        let raw = |text: &str| json!({ "Raw": { "Data": data_encoding::BASE64.encode(text.as_bytes()) } });
        for (pointer, value, code) in [
            ("/Destination", json!({}), "BadRequestException"),
            (
                "/Destination/ToAddresses/0",
                json!("maria"),
                "BadRequestException",
            ),
            (
                "/Destination/ToAddresses/0",
                json!("ma ria@x.com"),
                "BadRequestException",
            ),
            (
                "/Destination/ToAddresses/0",
                json!("joão@x.com"),
                "BadRequestException",
            ),
            ("/FromEmailAddress", json!(""), "BadRequestException"),
            ("/EmailTags/0/Value", json!("a@b"), "BadRequestException"),
            ("/Content", json!({}), "BadRequestException"),
            (
                "/Content",
                json!({ "Raw": { "Data": "%" } }),
                "BadRequestException",
            ),
            (
                "/Content",
                raw("To: a\r\nSubject: x\r\nsubject: y\r\n\r\n"),
                "MessageRejected",
            ),
            ("/Content", json!(7), "SerializationException"),
        ] {
            let body = request(|request| *request.pointer_mut(pointer).unwrap() = value.clone());
            let mut inner = Inner::default();
            assert_eq!(
                take(&mut inner, &body).unwrap_err().1,
                code,
                "{pointer} {value}"
            );
            assert!(inner.mails.is_empty());
        }
    }

    #[test]
    fn refuses_what_the_account_may_not() {
        for (change, code) in [
            (
                (|s| s.sending_enabled = false) as fn(&mut crate::Settings),
                "SendingPausedException",
            ),
            (|s| s.configuration_sets = Some(vec![]), "NotFoundException"),
            (
                |s| s.verified = Some(vec!["other.com".into()]),
                "MessageRejected",
            ),
            (|s| s.max_24_hour_send = Some(0), "ThrottlingException"),
            (|s| s.max_send_rate = Some(0.0), "ThrottlingException"),
        ] {
            let mut inner = Inner::default();
            change(&mut inner.settings);
            assert_eq!(take(&mut inner, &request(|_| {})).unwrap_err().1, code);
        }
        let mut inner = Inner::default();
        inner.settings.verified = Some(vec!["Example.com".into()]);
        assert!(take(&mut inner, &request(|_| {})).is_ok());
    }

    #[test]
    fn no_configuration_set_no_event() {
        let mut inner = Inner::default();
        take(
            &mut inner,
            &request(|request| request["ConfigurationSetName"] = Value::Null),
        )
        .unwrap();
        assert!(inner.events.is_empty());
    }
}
