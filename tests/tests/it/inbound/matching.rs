//! Where a mail belongs: `tests/inbound/matching.tsv`, row by row, against tickets with their
//! participants. None may come to a wrong ticket.

use std::{fs, path::PathBuf};

use domain::{address::Address, id::TicketId};
use jiff::Timestamp;
use mail::{
    inbound::{Candidate, Domains, candidates, parse},
    token::{
        Keyring, TokenKey,
        reply::{ReplyAudience, TicketRef, reference},
    },
};

const DOMAIN: &str = "reply.example.org";
/// Tickets and who takes part in them.
const TICKETS: [(&str, &[&str]); 4] = [
    ("4711", &["ana@example.com", "bruno@example.org"]),
    ("4712", &["ana@example.com"]),
    ("REQ.7_b", &["ana@example.com"]),
    ("INC-2025-000000000000-long", &["ana@example.com"]),
];

fn ring(ids: &str) -> Keyring {
    let key = |id: char| TokenKey {
        id,
        secret: vec![id as u8; 32],
    };
    Keyring::new(&ids.chars().map(key).collect::<Vec<_>>()).unwrap()
}

fn now() -> Timestamp {
    "2026-01-01T10:00:00Z".parse().unwrap()
}

/// Puts tokens in the place of `{kind:ticket:recipient}`.
fn with_tokens(text: &str) -> String {
    let Some((before, rest)) = text.split_once('{') else {
        return text.to_owned();
    };
    let (inner, after) = rest.split_once('}').unwrap();
    let fields: Vec<_> = inner.split(':').collect();
    let [kind, ticket, recipient] = fields.as_slice() else {
        panic!("{inner}")
    };
    let keys = match *kind {
        "oldtoken" => "b",
        "foreign" => "z",
        _ => "ab",
    };
    let recipient: Address = recipient.parse().unwrap();
    let later = "2026-06-01T00:00:00Z".parse().unwrap();
    let token = ring(keys)
        .reply_token(
            &ticket.parse().unwrap(),
            &recipient,
            later,
            ReplyAudience::Requester,
        )
        .token;
    let address = match *kind {
        "token" | "oldtoken" | "foreign" => format!("reply+{token}@{DOMAIN}"),
        "TOKEN" => format!("REPLY+{}@{DOMAIN}", token.to_uppercase()),
        "token-upper-domain" => format!("reply+{token}@{}", DOMAIN.to_uppercase()),
        "token-foreign-domain" => format!("reply+{token}@reply.example.net"),
        "altered" => {
            let other = if token.as_bytes()[9] == b'a' {
                "b"
            } else {
                "a"
            };
            format!("reply+{}{other}{}@{DOMAIN}", &token[..9], &token[10..])
        }
        other => panic!("{other}"),
    };
    format!("{before}{address}{}", with_tokens(after))
}

/// The ticket that a candidate proves for this sender.
fn proven(candidate: &Candidate, sender: &Address) -> Option<TicketId> {
    let takes_part = |ticket: &TicketId| {
        let known = TICKETS.iter().find(|(id, _)| ticket == id);
        known.is_some_and(|(_, people)| people.contains(&sender.key().as_str()))
    };
    let ticket = match candidate {
        Candidate::Token { token, .. } => {
            let keys = ring("ab");
            let claims = keys.verify_reply(token, now()).ok()?;
            if !keys.is_recipient(&claims, sender) {
                return None;
            }
            match claims.ticket {
                TicketRef::Id(ticket) => ticket,
                TicketRef::Reference(stored) => {
                    let mut known = TICKETS.iter().filter_map(|(id, _)| id.parse().ok());
                    known.find(|id| reference(id) == stored)?
                }
            }
        }
        Candidate::Anchor { ticket } | Candidate::Subject { ticket } => ticket.clone(),
        Candidate::SesId { id } if id == "0100018f1a2b3c4d-aaaa-000000" => {
            TicketId::from_static("4711")
        }
        Candidate::SesId { id } if id == "0100018f1a2b3c4d-bbbb-000000" => {
            TicketId::from_static("4712")
        }
        Candidate::SesId { .. } => return None,
        Candidate::Delivery { id, .. } => {
            assert_eq!(id.to_string(), "01974000-0000-7000-8000-00000000aaaa");
            TicketId::from_static("4711")
        }
    };
    takes_part(&ticket).then_some(ticket)
}

/// The raw mail of a row, and the recipients of its envelope.
pub(super) fn mail_of(columns: &[&str]) -> (String, Vec<Address>) {
    let names = [
        "From",
        "To",
        "Cc",
        "Delivered-To",
        "",
        "In-Reply-To",
        "References",
        "Subject",
    ];
    let mut raw = String::new();
    for (name, value) in names.iter().zip(&columns[2..]) {
        if !name.is_empty() && !value.is_empty() {
            let value = with_tokens(value).replace("\\n", "\r\n");
            raw.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    raw.push_str("\r\nSim.\r\n");
    let envelope = with_tokens(columns[6]);
    let envelope = Address::parse(&envelope).into_iter().collect();
    (raw, envelope)
}

#[test]
fn every_mail_comes_to_its_ticket_and_none_to_a_wrong_one() {
    let table = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("inbound/matching.tsv");
    let table = fs::read_to_string(table).unwrap();
    let domains = Domains {
        further: &[],
        reply: DOMAIN,
        anchor: DOMAIN,
    };
    let mut rows = 0;
    for row in table.lines().filter(|row| !row.starts_with('#')) {
        rows += 1;
        let columns: Vec<_> = row.split('\t').collect();
        let (raw, envelope) = mail_of(&columns);
        let mail = parse(raw.as_bytes()).unwrap();
        let sender = &mail.sender().unwrap().address;
        let found = candidates(&mail, &envelope, domains)
            .iter()
            .find_map(|candidate| proven(candidate, sender));
        let expected = (columns[1] != "-").then(|| columns[1].parse().unwrap());
        assert_eq!(found, expected, "{}", columns[0]);
    }
    assert!(rows >= 60, "only {rows} rows");
}
