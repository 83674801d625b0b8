//! Subjects: what mail programs put in front, and the tag of a ticket.

/// Prefixes of answers and forwards in the languages of mail programs, in lower case; a colon
/// follows, sometimes a counter before it (`RE[2]:`, `Re(3):`, `RE^2:`).
const PREFIXES: &[&str] = &[
    "re",
    "res",
    "resp",
    "enc",
    "fw",
    "fwd",
    "rv",
    "aw",
    "wg",
    "antw",
    "sv",
    "vs",
    "vb",
    "vl",
    "tr",
    "rif",
    "i",
    "r",
    "odp",
    "pd",
    "ynt",
    "ilt",
    "doorst",
    "ref",
    "bls",
    "trs",
    "fs",
    "vá",
    "továbbítás",
    "ответ",
    "отв",
    "пересл",
    "σχετ",
    "πρθ",
    "回复",
    "答复",
    "转发",
    "回覆",
    "轉寄",
    "答覆",
];

/// Most prefixes that are taken off.
const MAX_PREFIXES: usize = 50;

/// A subject without the prefixes in front: `RES: ENC: RE[2]: Impressora` is `Impressora`.
pub fn strip_prefixes(subject: &str) -> &str {
    let mut rest = subject.trim();
    for _ in 0..MAX_PREFIXES {
        match without_prefix(rest) {
            Some(shorter) => rest = shorter.trim_start(),
            None => break,
        }
    }
    rest
}

fn without_prefix(subject: &str) -> Option<&str> {
    let head = &subject[..subject.floor_char_boundary(40)];
    let colon = head.find([':', '：'])?;
    let after = subject[colon..].chars().next().map_or(0, char::len_utf8);
    let prefix = head[..colon].trim().to_lowercase();
    let word = prefix
        .trim_end_matches([']', ')'])
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .trim_end_matches(['[', '(', '^'])
        .trim_end();
    PREFIXES.contains(&word).then(|| &subject[colon + after..])
}

/// The ticket that a subject of ours names: `… [#4711]`, the last such tag; else `[4711]`, as titles
/// of templates write it. It proves nothing: anybody can write it.
pub fn ticket_tag(subject: &str) -> Option<&str> {
    let tag = |mark: &'static str| {
        subject.rmatch_indices(mark).find_map(move |(at, _)| {
            let (ticket, _) = subject[at + mark.len()..].split_once(']')?;
            let valid = (1..=64).contains(&ticket.len())
                && ticket
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
            // `[EXTERNAL]` is none.
            let named = mark == "[#" || ticket.bytes().any(|b| b.is_ascii_digit());
            (valid && named).then_some(ticket)
        })
    };
    tag("[#").or_else(|| tag("["))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_many_languages_go() {
        for subject in [
            "RES: Impressora",
            "ENC: Impressora",
            "AW: Impressora",
            "RE[2]: Impressora",
            "Re(3): Impressora",
            "RE^2: Impressora",
            "Re: RES: ENC: FW: Fwd: Impressora",
            "RV: SV: VS: TR: Antw: Impressora",
            "R: I: Impressora",
            "回复：Impressora",
            "Re : Impressora",
            "  RES:Impressora ",
        ] {
            assert_eq!(strip_prefixes(subject), "Impressora", "{subject}");
        }
    }

    #[test]
    fn a_ticket_is_named_by_its_tag() {
        for (subject, ticket) in [
            ("RES: Impressora [#4711]", Some("4711")),
            ("RES: [4711] Acesso à VPN", Some("4711")),
            ("[EXTERNAL] RES: [INC-12] VPN", Some("INC-12")),
            ("[1] antes de [#4711] e [2]", Some("4711")),
            ("[EXTERNAL] VPN", None),
            ("4711", None),
            ("[47 11] [] [#] [4711", None),
        ] {
            assert_eq!(ticket_tag(subject), ticket, "{subject}");
        }
    }

    #[test]
    fn words_of_the_subject_stay() {
        for subject in [
            "Erro: sem acesso",
            "Resumo: x",
            "12:30 reunião",
            "",
            "::",
            "Re",
        ] {
            assert_eq!(strip_prefixes(subject), subject, "{subject}");
        }
    }

    #[test]
    fn the_tag_names_the_ticket() {
        assert_eq!(ticket_tag("RES: Impressora [#4711]"), Some("4711"));
        assert_eq!(ticket_tag("[#1] x [#INC-2.b]"), Some("INC-2.b"));
        for subject in ["Chamado 4711", "[#]", "[#a b]", "[#12", "#12]"] {
            assert_eq!(ticket_tag(subject), None, "{subject}");
        }
    }
}
