//! What ties the mails of a ticket together in the reader's mail program.
//!
//! SES overwrites `Message-ID`, so threading rests on an anchor of ours that no mail has as its
//! id and every mail of the ticket refers to first.

use domain::id::TicketId;
use uuid::Uuid;

/// Longest value of `References` that we write, in characters.
pub const MAX_REFERENCES: usize = 900;
/// Longest message id that is repeated: a longer one is nobody's, and would push the others out.
const MAX_MESSAGE_ID: usize = 250;

/// The place of a mail in its ticket's conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The ticket whose mails are one thread.
    pub ticket: TicketId,
    /// Domain of the anchor. It must not change while a ticket lives.
    pub domain: String,
    /// Ids of the ticket's mails so far in both directions, oldest first, `<…>` as on the wire.
    pub earlier: Vec<String>,
    /// Id of the last inbound mail, if there is one.
    pub in_reply_to: Option<String>,
}

/// The anchor of a ticket: `<t.{ticket}@{domain}>`. Where the dots of a ticket's id could not stand in
/// a message id (RFC 5322, 3.6.4: none at either end, no two together), each is written `=2E`.
pub fn anchor(ticket: &TicketId, domain: &str) -> String {
    let atoms = ticket.as_str().split('.').all(|atom| !atom.is_empty());
    if atoms {
        format!("<t.{ticket}@{domain}>")
    } else {
        format!("<t.{}@{domain}>", ticket.as_str().replace('.', DOT))
    }
}

/// A dot of a ticket's id, where it cannot be written as one. No id holds an equals sign.
const DOT: &str = "=2E";

/// The ticket of an anchor of this domain; `None` for every other message id.
pub fn ticket_of_anchor(header_id: &str, domain: &str) -> Option<TicketId> {
    let inner = header_id.trim().strip_prefix('<')?.strip_suffix('>')?;
    let (local, of) = inner.rsplit_once('@')?;
    let written = local.strip_prefix("t.")?;
    if !of.eq_ignore_ascii_case(domain) {
        return None;
    }
    let ticket = written.replace(DOT, ".");
    TicketId::parse(ticket.replace(&DOT.to_ascii_lowercase(), ".")).ok()
}

/// Our own id of one attempt to send. SES replaces it; SMTP servers and the outbox keep it.
pub fn header_id(delivery: Uuid, attempt: u32, domain: &str) -> String {
    format!("<{}.{attempt}@{domain}>", delivery.simple())
}

/// The delivery and attempt of a message id that [`header_id`] made for this domain.
pub fn delivery_of_header_id(header_id: &str, domain: &str) -> Option<(Uuid, u32)> {
    let inner = header_id.trim().strip_prefix('<')?.strip_suffix('>')?;
    let (local, of) = inner.rsplit_once('@')?;
    let (delivery, attempt) = local.split_once('.')?;
    let found = (delivery.parse().ok()?, attempt.parse().ok()?);
    of.eq_ignore_ascii_case(domain).then_some(found)
}

/// The forms in which a mail that SES took under `id` shows its `Message-ID` on the wire:
/// us-east-1 writes the first, every other region the second.
pub fn ses_message_ids(id: &str, region: &str) -> [String; 2] {
    [
        format!("<{id}@email.amazonses.com>"),
        format!("<{id}@{region}.amazonses.com>"),
    ]
}

/// Whether the text is one message id that may stand in a header: `<left@right>`, printable
/// ASCII, no space and no further angle bracket.
pub fn is_header_id(id: &str) -> bool {
    id.len() <= MAX_MESSAGE_ID
        && id
            .strip_prefix('<')
            .and_then(|rest| rest.strip_suffix('>'))
            .and_then(|inner| inner.split_once('@'))
            .is_some_and(|(left, right)| !left.is_empty() && !right.is_empty())
        && id[1..id.len() - 1]
            .bytes()
            .all(|b| (0x21..0x7f).contains(&b) && b != b'<' && b != b'>')
}

impl Thread {
    /// Values of `References`: the anchor, then as many of the newest ids as fit, in order; what
    /// is not a message id is left out, and each id stands once.
    pub fn references(&self) -> Vec<String> {
        let anchor = anchor(&self.ticket, &self.domain);
        let mut room = MAX_REFERENCES.saturating_sub(anchor.len());
        let mut newest_first: Vec<&str> = Vec::new();
        let newest = self.in_reply_to.iter().chain(self.earlier.iter().rev());
        for id in newest.map(String::as_str) {
            if !is_header_id(id) || id == anchor || newest_first.contains(&id) {
                continue;
            }
            let Some(left) = room.checked_sub(id.len() + 1) else {
                break;
            };
            room = left;
            newest_first.push(id);
        }
        let rest = newest_first.into_iter().rev().map(str::to_owned);
        std::iter::once(anchor).chain(rest).collect()
    }

    /// Value of `In-Reply-To`, when it is a message id.
    pub fn in_reply_to(&self) -> Option<&str> {
        self.in_reply_to.as_deref().filter(|id| is_header_id(id))
    }

    /// The subject with a tag of the ticket, the same in every mail: as it is when it names the
    /// ticket already, else with ` [#ticket]` behind it.
    pub fn tagged_subject(&self, subject: &str) -> String {
        if names(subject, self.ticket.as_str()) {
            subject.to_owned()
        } else {
            format!("{subject} [#{}]", self.ticket)
                .trim_start()
                .to_owned()
        }
    }
}

/// Whether the ticket stands in the subject as a word of its own.
fn names(subject: &str, ticket: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric();
    subject.match_indices(ticket).any(|(at, found)| {
        let before = subject[..at].chars().next_back();
        let after = subject[at + found.len()..].chars().next();
        !before.is_some_and(inside) && !after.is_some_and(inside)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn thread(earlier: Vec<String>, in_reply_to: Option<&str>) -> Thread {
        Thread {
            ticket: TicketId::from_static("4211"),
            domain: "desk.example.com".into(),
            earlier,
            in_reply_to: in_reply_to.map(Into::into),
        }
    }

    #[test]
    fn the_first_mail_refers_to_the_anchor_alone() {
        assert_eq!(
            thread(vec![], None).references(),
            ["<t.4211@desk.example.com>"]
        );
    }

    #[test]
    fn a_long_ticket_keeps_the_anchor_and_the_newest() {
        let ids: Vec<String> = (0..500)
            .map(|n| format!("<{n:060}@email.amazonses.com>"))
            .collect();
        let references = thread(ids.clone(), Some("<reply@client.example>")).references();
        assert_eq!(references[0], "<t.4211@desk.example.com>");
        assert_eq!(references.last().unwrap(), "<reply@client.example>");
        assert_eq!(references[references.len() - 2], ids[499]);
        let length: usize = references.iter().map(|id| id.len() + 1).sum::<usize>() - 1;
        assert!((800..=MAX_REFERENCES).contains(&length), "{length}");
    }

    #[test]
    fn what_is_no_message_id_is_left_out() {
        let long = format!("<{}@x>", "a".repeat(300));
        for bad in [
            "",
            "<>",
            "<a>",
            "a@b",
            "<a@b> <c@d>",
            "<a@b>\r\nBcc: x",
            "<a b@c>",
            "<@b>",
            "<a@>",
            "<é@b>",
            &long,
        ] {
            assert_eq!(
                thread(vec![bad.to_owned()], None).references().len(),
                1,
                "{bad}"
            );
            assert_eq!(thread(vec![], Some(bad)).in_reply_to(), None, "{bad}");
        }
    }

    #[test]
    fn anchors_come_back() {
        for ticket in [
            "1",
            "INC-2024.0001",
            "a_b",
            ".",
            "A..B",
            ".A",
            "A.",
            &"9".repeat(64),
        ] {
            let ticket: TicketId = ticket.parse().unwrap();
            let anchor = anchor(&ticket, "d.com");
            assert_eq!(ticket_of_anchor(&anchor, "D.com"), Some(ticket));
            let (left, _) = anchor[1..].split_once('@').unwrap();
            assert!(left.split('.').all(|atom| !atom.is_empty()), "{anchor}");
        }
        // As mails before this one carry it.
        assert_eq!(
            ticket_of_anchor("<t.A..B@d.com>", "d.com"),
            Some(TicketId::from_static("A..B"))
        );
        for other in [
            "<t.1@other.com>",
            "<t.@d.com>",
            "<x.1@d.com>",
            "t.1@d.com",
            "<t.1 2@d.com>",
            "<t.a@b@d.com>",
            "",
        ] {
            assert_eq!(ticket_of_anchor(other, "d.com"), None, "{other}");
        }
    }

    #[test]
    fn message_ids_come_back() {
        let delivery = Uuid::now_v7();
        let id = header_id(delivery, 3, "d.com");
        assert!(is_header_id(&id));
        assert_eq!(delivery_of_header_id(&id, "D.com"), Some((delivery, 3)));
        for other in [
            id.replace("d.com", "e.com"),
            id.replace(".3@", "@"),
            anchor(&TicketId::from_static("1"), "d.com"),
        ] {
            assert_eq!(delivery_of_header_id(&other, "d.com"), None, "{other}");
        }
    }

    #[test]
    fn subjects_carry_the_ticket_once() {
        for (subject, expected) in [
            ("Nova ocorrência", "Nova ocorrência [#4211]"),
            (
                "Solicitação 4211: nova ocorrência",
                "Solicitação 4211: nova ocorrência",
            ),
            ("[#4211] Olá", "[#4211] Olá"),
            ("Pedido 42110", "Pedido 42110 [#4211]"),
            ("Pedido 14211 e nº4211.", "Pedido 14211 e nº4211. [#4211]"),
            ("", "[#4211]"),
        ] {
            assert_eq!(thread(vec![], None).tagged_subject(subject), expected);
        }
    }

    proptest! {
        #[test]
        fn references_stay_within_their_limit(ids in proptest::collection::vec("<[a-z]{1,260}@[a-z]{1,30}>|\\PC{0,20}", 0..60)) {
            let references = thread(ids, None).references().join(" ");
            prop_assert!(references.len() <= MAX_REFERENCES);
            prop_assert!(references.starts_with("<t.4211@desk.example.com>"));
        }
    }
}
