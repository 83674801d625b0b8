//! What a ticket snapshot must keep to.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::Timestamp;

use super::{MAX_FOLLOWERS, MAX_GROUP_ADDRESSES, TicketFields, not_found, snapshot::AHEAD};
use crate::{
    App, Code, Finding, Findings, Result,
    api::{GroupFields, PersonFields},
    texts,
};
use domain::{
    address::{AddressError, WrittenAddress},
    characters::on_one_line,
    id::TicketId,
    ticket::Ticket,
};
use mail::{inbound::pasted, redact::redact};

const MAX_SHORT: usize = 255;
const MAX_EXTRA: usize = 50;
const MAX_EXTRA_VALUE: usize = 4000;

/// Holds a snapshot against every rule at once. What keeps a single person from getting mail does not
/// keep the snapshot out: it is answered as a warning.
pub(super) fn check(
    app: &App,
    id: &str,
    mut ticket: TicketFields,
    now: Timestamp,
) -> Result<(Ticket, Vec<Finding>)> {
    let (mut findings, mut warnings) = (app.findings(), Findings::default());
    let parsed = TicketId::parse(id);
    if parsed.is_err() {
        findings.add(
            "TICKET_ID_INVALID",
            "id",
            texts::check::TICKET_ID_CHARACTERS.phrase(),
        );
    } else if !ticket.id.is_empty() && ticket.id != id {
        findings.add(
            "TICKET_ID_MISMATCH",
            "id",
            texts::check::THE_ID_IN_THE_BODY_DIFFERS.phrase(),
        );
    }
    let short = [
        ("type", &mut ticket.kind),
        ("status", &mut ticket.status),
        ("priority", &mut ticket.priority),
        ("urgency", &mut ticket.urgency),
        ("impact", &mut ticket.impact),
        ("portfolio", &mut ticket.portfolio),
        ("service", &mut ticket.service),
        ("activity", &mut ticket.activity),
        ("demand", &mut ticket.demand),
        ("contract", &mut ticket.contract),
        ("phase", &mut ticket.phase),
        ("related_id", &mut ticket.related_id),
    ];
    for (field, text) in short {
        short_text(&mut findings, field, text);
    }
    if ticket.updated_at.is_some_and(|at| at > now + AHEAD) {
        findings.add(
            "UPDATED_AT_IN_FUTURE",
            "updated_at",
            texts::check::MORE_THAN_FIVE_MINUTES_AHEAD.phrase(),
        );
    }
    for (field, html) in [
        ("description", &mut ticket.description),
        ("response", &mut ticket.response),
        ("observation", &mut ticket.observation),
    ] {
        // Somebody may have opened the ticket with a mail of ours, links and all.
        if let Cow::Owned(clean) = redact(html) {
            *html = clean;
        }
        let pictures = pasted(html);
        if pictures.files.len() + pictures.named.len() + pictures.elsewhere > 0 {
            let message = texts::check::PICTURES_THAT_WERE_PASTED_HERE.phrase();
            warnings.add("PICTURE_NOT_SHOWN", field, message);
        }
    }
    let mut people = People {
        findings: &mut findings,
        warnings: &mut warnings,
    };
    people.person("requester", &mut ticket.requester);
    for (field, person) in [
        ("contact", &mut ticket.contact),
        ("responsible", &mut ticket.responsible),
        ("owner", &mut ticket.owner),
    ] {
        if let Some(person) = person {
            people.person(field, person);
        }
    }
    let many = ticket.followers.len() > MAX_FOLLOWERS;
    for (at, follower) in ticket.followers.iter_mut().enumerate().take(MAX_FOLLOWERS) {
        people.person(&format!("followers[{at}]"), follower);
    }
    let groups = [
        ("group", &mut ticket.group),
        ("level1_group", &mut ticket.level1_group),
        ("executor_group", &mut ticket.executor_group),
    ];
    for (field, group) in groups {
        if let Some(group) = group {
            people.group(field, group);
        }
    }
    if many {
        findings.add(
            "TOO_MANY",
            "followers",
            texts::check::AT_MOST_MAX.with("max", MAX_FOLLOWERS),
        );
    }
    check_extra(&mut findings, &ticket.extra);
    findings.finish(Code::Invalid)?;
    let id = parsed.map_err(|_| not_found())?;
    Ok((ticket.into_ticket(id), warnings.into_values()))
}

/// Where what is wrong with people goes.
struct People<'a> {
    findings: &'a mut Findings,
    warnings: &'a mut Findings,
}

impl People<'_> {
    fn person(&mut self, field: &str, person: &mut PersonFields) {
        for (name, text) in [
            ("name", &mut person.name),
            ("phone", &mut person.phone),
            ("department", &mut person.department),
        ] {
            short_text(self.findings, &format!("{field}.{name}"), text);
        }
        if person.email.parsed().err() != Some(AddressError::Empty) {
            self.address(&format!("{field}.email"), &mut person.email);
        }
        if let Some(zone) = &person.time_zone
            && jiff::tz::TimeZone::get(zone).is_err()
        {
            if !zone.trim().is_empty() {
                self.warnings.add(
                    "TIME_ZONE_UNKNOWN",
                    &format!("{field}.time_zone"),
                    texts::check::NOT_AN_IANA_TIME_ZONE_SUCH_AS_AMERICA.phrase(),
                );
            }
            person.time_zone = None;
        }
    }

    fn group(&mut self, field: &str, group: &mut GroupFields) {
        short_text(self.findings, &format!("{field}.name"), &mut group.name);
        if group.addresses.len() > MAX_GROUP_ADDRESSES {
            self.findings.add(
                "TOO_MANY",
                &format!("{field}.addresses"),
                texts::check::AT_MOST_MAX.with("max", MAX_GROUP_ADDRESSES),
            );
        }
        let addresses = group.addresses.iter_mut().take(MAX_GROUP_ADDRESSES);
        for (at, address) in addresses.enumerate() {
            self.address(&format!("{field}.addresses[{at}]"), address);
        }
    }

    /// An address that no mail reaches stays as it is, as far as a field is long: whoever
    /// asks why finds it.
    fn address(&mut self, field: &str, address: &mut WrittenAddress) {
        if let Some((end, _)) = address.as_str().char_indices().nth(MAX_SHORT) {
            *address = address.as_str()[..end].into();
        }
        if let Err(error) = address.parsed() {
            let message = texts::check::NO_MAIL_GOES_TO_THIS_ADDRESS.phrase();
            let message = message.with_phrase("error", error.words());
            self.warnings.add("ADDRESS_INVALID", field, message);
        }
    }
}

/// A text that stands on one line. What another system keeps with line ends is no reason to refuse its
/// ticket.
fn short_text(findings: &mut Findings, field: &str, text: &mut String) {
    if let Cow::Owned(line) = on_one_line(text) {
        *text = line;
    }
    findings.max_chars(field, text, MAX_SHORT);
}

fn check_extra(findings: &mut Findings, extra: &BTreeMap<String, String>) {
    if extra.len() > MAX_EXTRA {
        findings.add(
            "TOO_MANY",
            "extra",
            texts::check::AT_MOST_KEYS.with("max", MAX_EXTRA),
        );
    }
    for (key, value) in extra.iter().take(MAX_EXTRA) {
        let named: String = key.chars().take(MAX_SHORT).collect();
        let field = format!("extra.{named}");
        let fits = (1..=64).contains(&key.len())
            && key.starts_with(|c: char| c.is_ascii_uppercase())
            && key
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if !fits {
            let message = texts::check::KEY_CHARACTERS.phrase();
            findings.add("KEY_INVALID", &field, message);
        }
        findings.max_chars(&field, value, MAX_EXTRA_VALUE);
    }
}
