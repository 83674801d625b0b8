//! What tells of a mail in the bucket: an event of EventBridge, or a notification of S3 itself.

use std::time::Duration;

use domain::{catalog::Phrase, id::MailId};
use jiff::SignedDuration;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;
use service::{
    App, Code, Error,
    inbound::{self, Age, MAX_RAW_MAIL, SETUP},
};
use storage::files;

/// Time of a look for mails whose event never came: it ends before the function does.
const LOOK: Duration = Duration::from_secs(40);

/// What the schedule asks for: mails of which no event came, of this age.
#[derive(Deserialize)]
struct Asked {
    look: Ages,
}

#[derive(Deserialize)]
struct Ages {
    least_minutes: i32,
    most_days: i32,
}

/// A new object of the bucket.
struct Object {
    key: String,
    size: u64,
}

#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    s3: Entity,
}

#[derive(Deserialize)]
struct Entity {
    object: NewObject,
}

#[derive(Deserialize)]
struct NewObject {
    key: String,
    #[serde(default)]
    size: u64,
}

#[derive(Deserialize)]
struct Event {
    detail: Entity,
}

/// Takes in the mails that an event tells of, or those of which none told. An error makes Lambda deliver it again, and after the
/// last time puts it into the dead-letter queue: the mail stays in the bucket.
///
/// # Errors
/// [`Code::BodyInvalid`] for a payload that tells of no object; storage.
pub async fn handle(app: &App, payload: Value) -> Result<(), Error> {
    if payload.get("look").is_some() {
        let asked = Asked::deserialize(payload).map_err(|_| unreadable("it tells no age"))?;
        return look(app, &asked.look).await;
    }
    for object in objects(payload)? {
        take(app, object).await?;
    }
    Ok(())
}

async fn look(app: &App, ages: &Ages) -> Result<(), Error> {
    let age = Age {
        least: SignedDuration::from_mins(ages.least_minutes.into()),
        most: SignedDuration::from_hours(24 * i64::from(ages.most_days)),
    };
    let looked = inbound::look(app, age, LOOK).await?;
    match looked.failed {
        0 => Ok(()),
        // Each is in the log; the run shows among the failed ones.
        failed => Err(Error::new(
            Code::Unavailable,
            Phrase::verbatim(format!(
                "{failed} mails whose event never came could not be taken in."
            )),
        )),
    }
}

async fn take(app: &App, object: Object) -> Result<(), Error> {
    let Some(id) = object.key.strip_prefix(files::INBOUND) else {
        return Ok(());
    };
    if id == SETUP {
        return Ok(());
    }
    let id =
        &MailId::parse(id).map_err(|_| unreadable("the object's name is not an id of a mail"))?;
    if object.size > MAX_RAW_MAIL {
        inbound::too_large(app, id, object.size).await?;
        return Ok(());
    }
    if inbound::fetch_and_receive(app, id).await?.is_none() {
        // There is nothing left to take in.
        tracing::error!(mail_id = %id, "a mail is gone before it was read");
    }
    Ok(())
}

fn objects(payload: Value) -> Result<Vec<Object>, Error> {
    if payload.get("Records").is_some() {
        let notification =
            Notification::deserialize(payload).map_err(|_| unreadable("a record is incomplete"))?;
        let records = notification.records.into_iter();
        return records
            .map(|record| {
                // In a notification the name is encoded as in a form.
                let key = record.s3.object.key.replace('+', " ");
                let key = percent_decode_str(&key).decode_utf8();
                let key = key.map_err(|_| unreadable("the object's name is not UTF-8"))?;
                Ok(Object {
                    key: key.into_owned(),
                    size: record.s3.object.size,
                })
            })
            .collect();
    }
    let event = Event::deserialize(payload).map_err(|_| unreadable("it tells of no object"))?;
    let NewObject { key, size } = event.detail.object;
    Ok(vec![Object { key, size }])
}

fn unreadable(reason: &str) -> Error {
    Error::new(
        Code::BodyInvalid,
        Phrase::verbatim(format!(
            "This is not an event of a mail in the bucket: {reason}."
        )),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys(payload: Value) -> Option<Vec<String>> {
        let found = objects(payload).ok()?;
        Some(found.into_iter().map(|object| object.key).collect())
    }

    #[test]
    fn both_forms_name_their_objects() {
        let notification =
            json!({"Records": [{"s3": {"object": {"key": "inbound/a%2Bb+c", "size": 3}}}]});
        assert_eq!(keys(notification).unwrap(), ["inbound/a+b c"]);
        let event = json!({"detail": {"bucket": {"name": "x"}, "object": {"key": "inbound/a+b", "size": 3}}});
        assert_eq!(keys(event).unwrap(), ["inbound/a+b"]);
        for other in [
            json!({}),
            json!({"Records": [{}]}),
            json!({"detail": {}}),
            json!({"Records": [{"s3": {"object": {"key": "%ff"}}}]}),
        ] {
            assert!(keys(other.clone()).is_none(), "{other}");
        }
    }
}
