//! Subjects: the tag of a ticket.

use domain::id::TicketId;

/// The ticket that a subject of ours names: `… [#4711]`, the last such tag; else `[4711]`, as titles
/// of templates write it. It proves nothing: anybody can write it.
pub fn ticket_tag(subject: &str) -> Option<TicketId> {
    let tag = |mark: &'static str| {
        subject.rmatch_indices(mark).find_map(move |(at, _)| {
            let (ticket, _) = subject[at + mark.len()..].split_once(']')?;
            // `[EXTERNAL]` is not a number of a ticket, nor is the counter of `RE[2]:`.
            let stands_alone = subject[..at].ends_with(char::is_whitespace) || at == 0;
            let counts = subject[at + mark.len() + ticket.len()..].starts_with("]:");
            let digit = ticket.bytes().any(|b| b.is_ascii_digit());
            let named = mark == "[#" || (digit && stands_alone && !counts);
            named.then(|| TicketId::parse(ticket).ok())?
        })
    };
    tag("[#").or_else(|| tag("["))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_named_by_its_tag() {
        for (subject, ticket) in [
            ("RES: Impressora [#4711]", Some("4711")),
            ("RES: [4711] Acesso à VPN", Some("4711")),
            ("[EXTERNAL] RES: [INC-12] VPN", Some("INC-12")),
            ("[1] antes de [#4711] e [2]", Some("4711")),
            ("[EXTERNAL] VPN", None),
            ("RE[2]: VPN", None),
            ("Re [2]: VPN", None),
            ("4711", None),
            ("[47 11] [] [#] [4711", None),
        ] {
            let found = ticket_tag(subject);
            let found = found.as_ref().map(TicketId::as_str);
            assert_eq!(found, ticket, "{subject}");
        }
    }

    #[test]
    fn the_tag_names_the_ticket() {
        for (subject, ticket) in [
            ("RES: Impressora [#4711]", "4711"),
            ("[#1] x [#INC-2.b]", "INC-2.b"),
        ] {
            assert_eq!(ticket_tag(subject), Some(ticket.parse().unwrap()));
        }
        for subject in ["Chamado 4711", "[#]", "[#a b]", "[#12", "#12]"] {
            assert_eq!(ticket_tag(subject), None, "{subject}");
        }
    }
}
