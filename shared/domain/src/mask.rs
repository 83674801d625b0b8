//! Addresses for people who may not read them, and for logs.

/// `maria@example.com` → `m***@example.com`: enough to recognise one's own, too little to write to.
///
/// What is not an address becomes `***`; the domain is kept up to 253 characters, without controls.
pub fn mask(address: &str) -> String {
    let Some((local, domain)) = address.trim().rsplit_once('@') else {
        return "***".to_owned();
    };
    let first = local.chars().next().filter(|c| !c.is_control());
    let domain = domain.chars().filter(|c| !c.is_control()).take(253);
    first
        .into_iter()
        .chain("***@".chars())
        .chain(domain)
        .collect()
}

/// The text with every address in it masked but those of `keep`: what servers and
/// providers answer quotes addresses.
pub fn mask_within(text: &str, keep: &[&str]) -> String {
    let outside = |c: char| c.is_whitespace() || c.is_control() || "<>()[]\"',;:".contains(c);
    let mut masked = String::with_capacity(text.len());
    for piece in text.split_inclusive(outside) {
        let word = piece.trim_end_matches(outside);
        let address = word.trim_end_matches('.');
        if address.contains('@') && !keep.iter().any(|kept| kept.eq_ignore_ascii_case(address)) {
            masked.push_str(&mask(address));
        } else {
            masked.push_str(address);
        }
        masked.push_str(&piece[address.len()..]);
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_within_a_text() {
        for (input, expected) in [
            (
                "550 5.1.1 <maria@x.com>: unknown",
                "550 5.1.1 <m***@x.com>: unknown",
            ),
            ("to maria@x.com.", "to m***@x.com."),
            (
                "a@x.com,b@y.com;c@z.com",
                "a***@x.com,b***@y.com;c***@z.com",
            ),
            ("Desk@x.com ok", "Desk@x.com ok"),
            ("mailto:maria@x.com'", "mailto:m***@x.com'"),
            ("@ é@ç \u{2028}", "***@ é***@ç \u{2028}"),
            ("nothing here.", "nothing here."),
            ("", ""),
        ] {
            assert_eq!(mask_within(input, &["desk@x.com"]), expected);
        }
    }

    #[test]
    fn keeps_the_first_letter_and_the_domain() {
        for (input, expected) in [
            ("maria@example.com", "m***@example.com"),
            ("m@example.com", "m***@example.com"),
            (" Ana.Lima@x.br ", "A***@x.br"),
            ("@example.com", "***@example.com"),
            ("not an address", "***"),
            ("", "***"),
            ("a@b\r\nc", "a***@bc"),
            ("é@ç.br", "é***@ç.br"),
        ] {
            assert_eq!(mask(input), expected);
        }
    }
}
