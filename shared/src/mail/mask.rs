//! Addresses for people who may not read them, and for logs.

/// `maria@example.com` → `m***@example.com`: enough to recognise one's own, too little to write to.
///
/// What is no address becomes `***`; the domain is kept up to 253 characters, without controls.
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

#[cfg(test)]
mod tests {
    use super::mask;

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
