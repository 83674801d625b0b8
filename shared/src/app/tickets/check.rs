//! What a ticket snapshot must keep to.

use std::collections::BTreeMap;

use super::{MAX_FOLLOWERS, MAX_GROUP_ADDRESSES, is_ticket_id};
use crate::{
    app::{Code, Findings, Result},
    catalog::phrase,
    domain::ticket::{Group, Person, Ticket},
    mail::address::Address,
};

const MAX_SHORT: usize = 255;
const MAX_EXTRA: usize = 50;
const MAX_EXTRA_VALUE: usize = 4000;

/// Holds a snapshot against every rule at once.
pub(super) fn check(id: &str, ticket: &mut Ticket) -> Result<()> {
    let mut findings = Findings::default();
    if ticket.id.is_empty() {
        id.clone_into(&mut ticket.id);
    }
    if !is_ticket_id(id) {
        findings.add(
            "TICKET_ID_INVALID",
            "id",
            phrase(
                "1 a 64 de A-Z a-z 0-9 . _ -",
                "1 to 64 of A-Z a-z 0-9 . _ -",
                "1 a 64 de A-Z a-z 0-9 . _ -",
            ),
        );
    } else if ticket.id != id {
        findings.add(
            "TICKET_ID_MISMATCH",
            "id",
            phrase(
                "o id do corpo difere do id do caminho",
                "the id in the body differs from the one in the path",
                "el id del cuerpo difiere del de la ruta",
            ),
        );
    }
    let short = [
        ("type", &ticket.kind),
        ("status", &ticket.status),
        ("priority", &ticket.priority),
        ("urgency", &ticket.urgency),
        ("impact", &ticket.impact),
        ("portfolio", &ticket.portfolio),
        ("service", &ticket.service),
        ("activity", &ticket.activity),
        ("demand", &ticket.demand),
        ("contract", &ticket.contract),
        ("phase", &ticket.phase),
        ("related_id", &ticket.related_id),
    ];
    for (field, text) in short {
        findings.max_chars(field, text, MAX_SHORT);
    }
    check_person(&mut findings, "requester", &ticket.requester);
    for (field, person) in [
        ("contact", &ticket.contact),
        ("responsible", &ticket.responsible),
        ("owner", &ticket.owner),
    ] {
        if let Some(person) = person {
            check_person(&mut findings, field, person);
        }
    }
    if ticket.followers.len() > MAX_FOLLOWERS {
        findings.add(
            "TOO_MANY",
            "followers",
            phrase("no máximo {max}", "at most {max}", "{max} como máximo")
                .with("max", MAX_FOLLOWERS),
        );
    }
    for (at, follower) in ticket.followers.iter().enumerate().take(MAX_FOLLOWERS) {
        check_person(&mut findings, &format!("followers[{at}]"), follower);
    }
    let groups = [
        ("group", &ticket.group),
        ("level1_group", &ticket.level1_group),
        ("executor_group", &ticket.executor_group),
    ];
    for (field, group) in groups {
        if let Some(group) = group {
            check_group(&mut findings, field, group);
        }
    }
    check_extra(&mut findings, &ticket.extra);
    findings.finish(Code::Invalid)
}

fn check_person(findings: &mut Findings, field: &str, person: &Person) {
    findings.max_chars(&format!("{field}.name"), &person.name, MAX_SHORT);
    findings.max_chars(&format!("{field}.phone"), &person.phone, MAX_SHORT);
    findings.max_chars(
        &format!("{field}.department"),
        &person.department,
        MAX_SHORT,
    );
    if !person.email.trim().is_empty()
        && let Err(error) = Address::parse(&person.email)
    {
        findings.add(
            "ADDRESS_INVALID",
            &format!("{field}.email"),
            error.to_string(),
        );
    }
    if let Some(zone) = &person.time_zone
        && jiff::tz::TimeZone::get(zone).is_err()
    {
        findings.add(
            "TIME_ZONE_UNKNOWN",
            &format!("{field}.time_zone"),
            phrase(
                "não é um fuso horário IANA como America/Sao_Paulo",
                "not an IANA time zone such as America/Sao_Paulo",
                "no es una zona horaria IANA como America/Sao_Paulo",
            ),
        );
    }
}

fn check_group(findings: &mut Findings, field: &str, group: &Group) {
    findings.max_chars(&format!("{field}.name"), &group.name, MAX_SHORT);
    if group.addresses.len() > MAX_GROUP_ADDRESSES {
        findings.add(
            "TOO_MANY",
            &format!("{field}.addresses"),
            phrase("no máximo {max}", "at most {max}", "{max} como máximo")
                .with("max", MAX_GROUP_ADDRESSES),
        );
    }
    for (at, address) in group.addresses.iter().enumerate().take(MAX_GROUP_ADDRESSES) {
        if let Err(error) = Address::parse(address) {
            findings.add(
                "ADDRESS_INVALID",
                &format!("{field}.addresses[{at}]"),
                error.to_string(),
            );
        }
    }
}

fn check_extra(findings: &mut Findings, extra: &BTreeMap<String, String>) {
    if extra.len() > MAX_EXTRA {
        findings.add(
            "TOO_MANY",
            "extra",
            phrase(
                "no máximo {max} chaves",
                "at most {max} keys",
                "{max} claves como máximo",
            )
            .with("max", MAX_EXTRA),
        );
    }
    for (key, value) in extra.iter().take(MAX_EXTRA) {
        let fits = (1..=64).contains(&key.len())
            && key.starts_with(|c: char| c.is_ascii_uppercase())
            && key
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if !fits {
            findings.add(
                "KEY_INVALID",
                "extra",
                phrase(
                    "uma chave tem 1 a 64 de A-Z 0-9 _ e começa com letra",
                    "a key is 1 to 64 of A-Z 0-9 _ and starts with a letter",
                    "una clave tiene 1 a 64 de A-Z 0-9 _ y empieza con una letra",
                ),
            );
        }
        findings.max_chars("extra", value, MAX_EXTRA_VALUE);
    }
}
