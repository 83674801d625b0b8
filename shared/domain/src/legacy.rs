//! CITSmart's own field names on input, so that an existing integration needs no rewrite: those of its
//! pages, and those of its web services (`CtRequest`, `CtOccurrence`) with the objects around them.
//!
//! A name of the tables is moved to its place in the snapshot unless that place is filled already.
//! Source: CITSmart 7, "Real-world examples of using web services to integrate with service
//! management".

mod fields;
mod names;
#[cfg(test)]
mod tests;

use jiff::{Timestamp, Zoned, civil::Date};
use serde_json::{Map, Value, json};

pub use self::fields::without_nulls;
use self::{
    fields::{fill, find, rename, take, to_text, unwrap},
    names::{MESSAGE, NAMED, NEEDLESS, OCCURRENCE, PEOPLE, PERSON, REQUEST, TASK, TICKET},
};

/// Renames legacy fields of a ticket snapshot.
pub fn ticket(snapshot: &mut Value) {
    unwrap(snapshot, &REQUEST);
    let Value::Object(fields) = snapshot else {
        return;
    };
    let is_request = find(fields, "userID").is_some();
    match take(fields, TASK) {
        Some(Value::Object(task)) => {
            for (name, place) in [("name", &["phase"][..]), ("groupId", &["group", "name"])] {
                if let Some(value) = find(&task, name).and_then(|name| task.get(&name)) {
                    fill(fields, place, value.clone());
                }
            }
        }
        None | Some(Value::Null) => {}
        // Some programs write an empty text for none.
        Some(Value::String(text)) if text.is_empty() => {}
        Some(other) => drop(fields.insert(TASK.to_owned(), other)),
    }
    rename(fields, TICKET);
    for name in NAMED.into_iter().chain(["id"]) {
        if let Some(value) = fields.get_mut(name) {
            to_text(value);
        }
    }
    for name in PEOPLE {
        if let Some(Value::Object(person)) = fields.get_mut(name) {
            rename(person, PERSON);
        }
    }
    // A null within is what has no value. At the top it may empty a field: see `without_nulls`.
    fields.values_mut().for_each(without_nulls);
    // A request names its requester by their login, and gives their data as the contact.
    if is_request
        && !fields.contains_key("requester")
        && let Some(contact) = fields.get("contact").cloned()
    {
        fields.insert("requester".to_owned(), contact);
    }
    drop_needless(fields);
}

/// Renames legacy fields of an occurrence, and answers with the number of the ticket that it names, where it
/// names one. `now` says the day of hours that are posted without one.
///
/// `date` and `hour` say when the occurrence was registered there, which this system knows itself;
/// only `elapsedTime` is time spent, in minutes or as `HH:MM`.
pub fn message(message: &mut Value, now: &Zoned) -> Option<String> {
    unwrap(message, &OCCURRENCE);
    without_nulls(message);
    let Value::Object(fields) = message else {
        return None;
    };
    let mut ticket = take(fields, "requestNumber").unwrap_or_default();
    to_text(&mut ticket);
    let date = take(fields, "date");
    take(fields, "hour");
    let spent = take(fields, "elapsedTime").and_then(|elapsed| hours(&elapsed));
    if let Some(hours) = spent
        && fields.get("time_spent").is_none_or(Value::is_null)
    {
        let date = match date {
            // No text is no day: it is refused as it is.
            Some(date) if !date.is_string() => date,
            date => {
                let day = date.and_then(|date| day(&date, now));
                day.unwrap_or_else(|| now.date()).to_string().into()
            }
        };
        let spent = json!({ "date": date, "hours": hours });
        fields.insert("time_spent".to_owned(), spent);
    }
    if let Some(user) = take(fields, "userID") {
        fill(fields, &["author", "name"], user);
        // Occurrences are written where tickets are worked on.
        fill(fields, &["author", "role"], json!("technician"));
    }
    // Where occurrences are written there is an editor: what comes as HTML goes on as HTML.
    for (name, _) in MESSAGE.iter().filter(|(_, place)| *place == ["text"]) {
        let name = find(fields, name).filter(|_| !fields.contains_key("html"));
        if let Some(name) = name.filter(|name| fields[name].as_str().is_some_and(is_html))
            && let Some(html) = fields.remove(&name)
        {
            fields.insert("html".to_owned(), html);
        }
    }
    rename(fields, MESSAGE);
    for name in ["category", "origin"] {
        if let Some(value) = fields.get_mut(name) {
            to_text(value);
        }
    }
    drop_needless(fields);
    // What can be no number is none of this ticket's either.
    let number = match &ticket {
        Value::String(number) => number.trim().to_owned(),
        other => other.to_string(),
    };
    (!number.is_empty()).then_some(number)
}

/// Whether a text is markup and not one that speaks of it: it begins and ends with an element.
fn is_html(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    let begins = HTML.iter().any(|name| {
        text.strip_prefix('<')
            .and_then(|rest| rest.strip_prefix(name))
            .is_some_and(|rest| rest.starts_with(['>', ' ', '/']))
    });
    let breaks = ["<br>", "<br/>", "<br />", "</p>", "</div>"];
    let whole = breaks.iter().any(|tag| text.contains(tag));
    begins && text.ends_with('>') || whole
}

/// Elements with which an editor begins.
const HTML: [&str; 12] = [
    "p", "div", "span", "b", "strong", "i", "em", "ul", "ol", "table", "html", "font",
];

/// The names of CITSmart under which [`ticket`] left what it could not read, such as an object where a text
/// belongs. The API refuses them as it refuses every field that it does not know; an event may have fields of
/// its source's own, but none under these names.
pub fn unreadable_in_ticket(snapshot: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let names = TICKET.iter().map(|(name, _)| *name);
    unreadable(snapshot, names.chain(REQUEST).chain([TASK]))
}

/// The same of [`message`].
pub fn unreadable_in_message(message: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let names = MESSAGE.iter().map(|(name, _)| *name);
    unreadable(message, names.chain(OCCURRENCE))
}

fn unreadable(
    fields: &Map<String, Value>,
    names: impl Iterator<Item = &'static str> + Clone,
) -> impl Iterator<Item = &str> {
    let given = fields
        .iter()
        .filter(|(_, value)| !value.is_null() && *value != "");
    let fields = given.map(|(field, _)| field.as_str());
    fields.filter(move |field| names.clone().any(|name| name.eq_ignore_ascii_case(field)))
}

/// Drops what no mail needs, but for an object where a number belongs: that is refused.
fn drop_needless(fields: &mut Map<String, Value>) {
    let numbers = TICKET.iter().map(|(name, _)| *name);
    fields.retain(|name, value| {
        let needless = NEEDLESS.iter().any(|one| one.eq_ignore_ascii_case(name));
        !needless || value.is_object() && numbers.clone().any(|one| one.eq_ignore_ascii_case(name))
    });
}

/// A day, or the day here of a moment such as `2026-03-14T03:00:00.000Z`.
fn day(date: &Value, now: &Zoned) -> Option<Date> {
    let text = date.as_str()?.trim();
    let moment = || text.parse::<Timestamp>().ok();
    let there = moment().map(|at| at.to_zoned(now.time_zone().clone()).date());
    there.or_else(|| text.parse().ok())
}

/// Time spent as `HH:MM`; what is neither that nor minutes stays, and is refused as it is.
fn hours(elapsed: &Value) -> Option<String> {
    let text = match elapsed {
        Value::String(text) => text.trim().to_owned(),
        Value::Null => return None,
        other => other.to_string(),
    };
    match text.parse::<u64>() {
        Ok(minutes) => Some(format!("{:02}:{:02}", minutes / 60, minutes % 60)),
        Err(_) => Some(text).filter(|text| !text.is_empty()),
    }
}
