//! What ties the mails of a ticket together: the 1st, 2nd, 80th and 500th of one ticket.

use mail::thread::{ses_message_ids, ticket_of_anchor};

use super::{composed, envelope, parser::parse, rendered};
use domain::id::TicketId;

/// The mail that is the `n`th of its ticket: every fifth one before it is an answer of the requester.
fn nth(n: usize) -> Vec<u8> {
    let is_answer = |n: usize| n.is_multiple_of(5);
    let id = |n: usize| {
        if is_answer(n) {
            format!("<CAF{n:04}xyz+answer=of.maria@mail.client.example>")
        } else {
            let id = format!("0100018d5f1a2b3c-{n:08x}-1234-5678-9abc-def012345678-000000");
            ses_message_ids(&id, "us-east-1")[0].clone()
        }
    };
    let mut envelope = envelope();
    envelope.thread.earlier = (1..n).map(id).collect();
    envelope.thread.in_reply_to = (1..n).rfind(|n| is_answer(*n)).map(id);
    composed(
        &envelope,
        &rendered("Solicitação 4211: impressora", "<p>Olá</p>", "Olá"),
    )
    .raw
}

#[test]
fn every_mail_of_a_ticket_belongs_to_its_thread() {
    let places = [1, 2, 80, 500];
    let mails = places.map(nth);
    let mut subjects = Vec::new();
    for ((place, raw), parsed) in places.iter().zip(&mails).zip(parse(&mails)) {
        assert_eq!(parsed.defects, [""; 0]);
        let references = parsed.header("References");
        assert!(references.len() <= 900, "{place}: {}", references.len());
        let ids: Vec<&str> = references.split_whitespace().collect();
        // The anchor comes first in every one: readers group by the first reference they share.
        assert_eq!(
            ticket_of_anchor(ids[0], "example.com")
                .as_ref()
                .map(TicketId::as_str),
            Some("4211")
        );
        assert_ne!(parsed.header("Message-ID"), ids[0]);
        let last_answer = (place - 1) / 5 * 5;
        if last_answer > 0 {
            let answer = format!("<CAF{last_answer:04}xyz+answer=of.maria@mail.client.example>");
            assert_eq!(parsed.header("In-Reply-To"), answer);
            assert_eq!(*ids.last().unwrap(), answer);
        } else {
            assert!(!parsed.headers.iter().any(|(name, _)| name == "In-Reply-To"));
        }
        assert_eq!(
            ids.len(),
            [1, 2, 12, 12][subjects.len()],
            "{place}: {ids:?}"
        );
        subjects.push(parsed.header("Subject").to_owned());
        let head = String::from_utf8(raw.clone()).unwrap();
        let head = head.split_once("\r\n\r\n").unwrap().0;
        insta::with_settings!({ snapshot_suffix => place.to_string(), prepend_module_to_snapshot => false }, {
            insta::assert_binary_snapshot!("thread.eml", head.as_bytes().to_vec());
        });
    }
    subjects.dedup();
    assert_eq!(subjects, ["Solicitação 4211: impressora"]);
}
