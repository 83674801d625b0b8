//! Ids that other systems choose: what each may be made of, said once.

/// Whether this can be a ticket's number: `[A-Za-z0-9._-]{1,64}`.
pub fn is_ticket_id(id: &str) -> bool {
    is_made_of(id, b"._-", 64)
}

/// Whether this can be the id of a mail that came in: `[A-Za-z0-9_-]{1,100}`.
pub fn is_mail_id(id: &str) -> bool {
    is_made_of(id, b"_-", 100)
}

/// Whether a text is of ASCII letters, digits and some further characters, and no longer than `max`.
pub fn is_made_of(text: &str, further: &[u8], max: usize) -> bool {
    let mut bytes = text.bytes();
    (1..=max).contains(&text.len())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || further.contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_and_of_plain_characters() {
        for id in ["4711", "INC-12.b_c", ".", &"a".repeat(64)] {
            assert!(is_ticket_id(id), "{id}");
        }
        for id in ["", "a b", "a/b", "a#b", "ção", "a\n", &"a".repeat(65)] {
            assert!(!is_ticket_id(id), "{id}");
        }
        assert!(is_mail_id(&"a".repeat(100)) && is_mail_id("0100018f-aaaa_1"));
        for id in ["", "a.b", "../a", &"a".repeat(101)] {
            assert!(!is_mail_id(id), "{id}");
        }
    }
}
