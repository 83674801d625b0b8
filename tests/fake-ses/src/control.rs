//! Commands over HTTP, for senders in other processes. All below `/fake/`:
//!
//! | route | what |
//! |---|---|
//! | `PUT /fake/script` | what sends meet: a [`Script`](crate::Script) as JSON, for example `{"next": [{"do": "accept_then_drop"}], "then": {"do": "accept"}}` |
//! | `PUT /fake/settings` | what the account may do: [`Settings`](crate::Settings) as JSON; what is left out is the default |
//! | `GET /fake/counts` | [`Counts`](crate::Counts) |
//! | `GET /fake/mails?from=1` | accepted mails from this number on: number, id, time, addresses, tags, configuration set, size, SHA-256 |
//! | `GET /fake/mails/{n}.eml` | one as it was handed over, byte for byte |
//! | `GET /fake/mails/{n}/wire.eml` | one as its recipient gets it |
//! | `POST /fake/mails/{n}/events` | makes events as the simulator would: `{"like": "bounce"}` |
//! | `GET /fake/events?from=0` | the events from this one on, `{"events": […], "next": n}` |
//! | `DELETE /fake` | forgets everything |

use http::Method;
use mail::ses_event::build::simulated;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    answer::{Answer, bytes, error, json as answer},
    state::{Inner, Mail, State},
};

const EML: &str = "message/rfc822";

pub(crate) fn route(
    state: &State,
    method: &Method,
    parts: &[&str],
    query: &str,
    body: &[u8],
) -> Answer {
    let from = query
        .strip_prefix("from=")
        .and_then(|from| from.parse().ok())
        .unwrap_or(0);
    state.with(|inner| match (method.as_str(), parts) {
        ("PUT", ["script"]) => set(&mut inner.script, body),
        ("PUT", ["settings"]) => set(&mut inner.settings, body),
        ("GET", ["counts"]) => answer(200, &json!(inner.counts)),
        ("GET", ["mails"]) => {
            let mails = inner
                .mails
                .iter()
                .skip_while(|mail| mail.number < from as u64);
            answer(200, &mails.map(summary).collect())
        }
        ("GET", ["mails", name]) => match found(inner, name.trim_end_matches(".eml")) {
            Some(mail) => bytes(200, EML, mail.raw.clone()),
            None => missing(),
        },
        ("GET", ["mails", number, "wire.eml"]) => match found(inner, number) {
            Some(mail) => bytes(200, EML, mail.on_the_wire()),
            None => missing(),
        },
        ("POST", ["mails", number, "events"]) => emit(inner, number, body),
        ("GET", ["events"]) => {
            let events = inner.events.get(from..).unwrap_or_default();
            answer(
                200,
                &json!({ "events": events, "next": inner.events.len() }),
            )
        }
        ("DELETE", [] | [""]) => {
            *inner = Inner::default();
            answer(200, &json!({}))
        }
        _ => missing(),
    })
}

fn missing() -> Answer {
    error(404, "NotFound", "no such command or mail")
}

fn set<T: serde::de::DeserializeOwned>(target: &mut T, body: &[u8]) -> Answer {
    match serde_json::from_slice(body) {
        Ok(value) => {
            *target = value;
            answer(200, &json!({}))
        }
        Err(fault) => error(400, "BadCommand", &fault.to_string()),
    }
}

fn found<'a>(inner: &'a Inner, number: &str) -> Option<&'a Mail> {
    let number: u64 = number.parse().ok()?;
    inner.mails.iter().find(|mail| mail.number == number)
}

fn summary(mail: &Mail) -> Value {
    let tags: serde_json::Map<String, Value> = mail
        .tags
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    json!({
        "number": mail.number,
        "message_id": mail.message_id,
        "at": mail.at,
        "from": mail.from,
        "to": mail.to,
        "tags": tags,
        "configuration_set": mail.configuration_set,
        "size": mail.raw.len(),
        "sha256": data_encoding::HEXLOWER.encode(&Sha256::digest(&mail.raw)),
    })
}

fn emit(inner: &mut Inner, number: &str, body: &[u8]) -> Answer {
    let command: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(like) = command["like"].as_str() else {
        return error(400, "BadCommand", "like is needed");
    };
    let Some((number, at)) = found(inner, number).map(|mail| (mail.number, mail.at)) else {
        return missing();
    };
    let happenings = simulated(&format!("{like}@simulator.fake"), at);
    let events: Option<Vec<Value>> = happenings
        .iter()
        .map(|happening| inner.emit(number, happening))
        .collect();
    match events {
        Some(events) => answer(200, &json!({ "events": events })),
        None => error(
            409,
            "NoConfigurationSet",
            "SES sends no events about this mail",
        ),
    }
}
